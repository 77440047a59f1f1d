//! Records taken for one: an officer who taps yes to everything, somebody who puts right what was
//! missed or wrong, and how good the offers were.

use std::collections::{BTreeMap, BTreeSet};

use lianfang_core::entry::Stage;
use lianfang_core::facts::Body;
use lianfang_core::ids::{EntrantId, FactId};
use lianfang_service::field::{Happening, Taken};
use lianfang_store::views::entry::{self, EntrantRow};

use crate::acts::Act;
use crate::people::at_hour;
use crate::world::{Who, World};

#[derive(Default)]
pub(crate) struct Merging {
    /// Entries that were not accepted.
    pub(crate) refused: BTreeSet<FactId>,
    /// Pairs that were offered and confirmed.
    confirmed: Vec<(EntrantId, EntrantId)>,
    /// Records joined by mistake, to be parted.
    mistakes: Vec<EntrantId>,
    pub(crate) wrong: u64,
    pub(crate) missed: u64,
    /// Whose record each is.
    of: BTreeMap<EntrantId, usize>,
    seen: usize,
}

/// How well the records were put together.
#[derive(Debug)]
pub(crate) struct Quality {
    pub(crate) pairs: u64,
    pub(crate) found: u64,
    pub(crate) right: u64,
    /// Records that were taken into another, and those of them of which it was right.
    pub(crate) merges: u64,
    pub(crate) right_merges: u64,
}

impl Quality {
    /// Of the merges made, the share that was right.
    pub(crate) fn precision(&self) -> f64 {
        self.right_merges as f64 / self.merges as f64
    }

    /// The same by pairs, in which a wrong merge of two that were merged before counts several times.
    pub(crate) fn precision_of_pairs(&self) -> f64 {
        self.right as f64 / self.found as f64
    }

    pub(crate) fn recall(&self) -> f64 {
        self.right as f64 / self.pairs as f64
    }
}

impl World {
    fn row(&self, entrant: EntrantId) -> EntrantRow {
        let store = self.bed.house.store();
        store
            .read(|c| Ok(entry::get(c, entrant)?))
            .unwrap()
            .unwrap()
    }

    pub(crate) fn speaker(&self, entrant: EntrantId) -> EntrantId {
        self.row(entrant).root
    }

    fn learn_records(&mut self) {
        for (id, record, who) in &self.records[self.merging.seen..] {
            self.merging.of.insert(*record, *who);
            self.merging
                .of
                .insert(EntrantId::from_bytes(id.to_bytes()), *who);
        }
        self.merging.seen = self.records.len();
    }

    /// Confirms every pair that is offered; a wrong one is taken apart at once by a second look.
    pub(crate) fn accept_offers(&mut self) {
        self.learn_records();
        loop {
            let officer = &self.phones[&Who::Officer].actor;
            let offers = self.bed.house.alike(officer, None).unwrap();
            if offers.is_empty() {
                return;
            }
            for offer in offers {
                let (one, other) = (offer.one.entrant, offer.other.entrant);
                let (before, against) = (self.speaker(one), self.speaker(other));
                if before == against {
                    continue;
                }
                self.push(
                    Who::Officer,
                    Act::Records,
                    Happening::Join {
                        entrant: one,
                        into: other,
                    },
                );
                self.flush(Who::Officer, false);
                self.merging.confirmed.push((one, other));
                let (a, b) = (self.merging.of[&one], self.merging.of[&other]);
                let joined = self.speaker(one) == self.speaker(other);
                assert!(joined, "{}{}", self.story_of(a), self.story_of(b));
                if a != b {
                    let [a, b] = [one, other].map(|record| self.written(record));
                    println!(
                        "two people offered as one for {:?}:\n  {a}\n  {b}",
                        offer.same
                    );
                    self.merging.wrong += 1;
                    let taken = if self.row(before).parent.is_some() {
                        before
                    } else {
                        against
                    };
                    self.take_apart(taken);
                    self.push(
                        Who::Officer,
                        Act::Records,
                        Happening::TellApart {
                            entrant: one,
                            other,
                        },
                    );
                    self.flush(Who::Officer, false);
                }
            }
        }
    }

    /// A record as it was written down.
    fn written(&self, record: EntrantId) -> String {
        let id = FactId::from_bytes(record.to_bytes());
        let entry = self.sent.iter().find(|(_, entry)| entry.id == id);
        match entry.map(|(_, entry)| &entry.what) {
            Some(
                Happening::Notice { person, coming, .. }
                | Happening::CheckIn {
                    person: Some(person),
                    coming: Some(coming),
                    ..
                },
            ) => format!(
                "{} {:?} {}",
                serde_json::to_string(person).unwrap(),
                coming.journey,
                coming.arrival
            ),
            _ => record.to_string(),
        }
    }

    fn take_apart(&mut self, entrant: EntrantId) {
        let reason = "两人，误并".to_owned();
        self.push(
            Who::Officer,
            Act::Records,
            Happening::Part { entrant, reason },
        );
        self.flush(Who::Officer, false);
    }

    /// Whoever asks the people themselves joins what no offer found.
    pub(crate) fn put_right(&mut self) {
        for who in std::mem::take(&mut self.touched) {
            let main = self.truth.entrants[who].main.unwrap();
            let records: Vec<EntrantId> =
                self.truth.entrants[who].records.iter().copied().collect();
            for record in records {
                if self.speaker(record) != self.speaker(main) {
                    self.merging.missed += 1;
                    self.push(
                        Who::Officer,
                        Act::Records,
                        Happening::Join {
                            entrant: record,
                            into: main,
                        },
                    );
                    self.flush(Who::Officer, false);
                    assert_eq!(
                        self.speaker(record),
                        self.speaker(main),
                        "{}",
                        self.story_of(who)
                    );
                }
            }
            self.truth.entrants[who].main = Some(self.speaker(main));
        }
    }

    /// Now and then two who have nothing to do with each other are joined by mistake, and taken
    /// apart two hours later.
    pub(crate) fn mistaken(&mut self, hour: i64) {
        if hour == 13 {
            for taken in std::mem::take(&mut self.merging.mistakes) {
                self.take_apart(taken);
            }
        }
        let idle = |world: &Self, who: usize| {
            let entrant = &world.truth.entrants[who];
            let own = &world.all.journeys[who];
            entrant.stage == Some(Stage::Passed)
                && own.is_plain()
                && entrant.planned == 0
                && !world.touched.contains(&who)
        };
        if hour != 11 || self.now < at_hour(24 * 3) {
            return;
        }
        let mut pairs = Vec::new();
        for _ in 0..2_000 {
            let (one, other) = (
                self.random.below(self.all.journeys.len()),
                self.random.below(self.all.journeys.len()),
            );
            let free = |who: usize| pairs.iter().all(|(a, b)| *a != who && *b != who);
            if one != other && free(one) && free(other) && idle(self, one) && idle(self, other) {
                pairs.push((one, other));
            }
            if pairs.len() == 3 {
                break;
            }
        }
        for (one, other) in pairs {
            let main = |who: usize| self.truth.entrants[who].main.unwrap();
            let (entrant, into) = (self.speaker(main(one)), self.speaker(main(other)));
            self.push(
                Who::Officer,
                Act::Records,
                Happening::Join { entrant, into },
            );
            self.flush(Who::Officer, false);
            let taken = if self.row(entrant).parent.is_some() {
                entrant
            } else {
                into
            };
            self.merging.mistakes.push(taken);
        }
    }

    /// Of all pairs of records of one journey: how many were put together by the document at once
    /// or by a confirmed offer, and how many pairs of two journeys were.
    pub(crate) fn quality(&self) -> Quality {
        let mut groups = Groups::default();
        for (one, other) in &self.merging.confirmed {
            groups.join(*one, *other);
        }
        let mut after = 0;
        loop {
            let facts = self.bed.house.store().facts_after(after, 10_000).unwrap();
            let Some(last) = facts.last() else { break };
            after = last.seq;
            for fact in facts
                .iter()
                .filter(|fact| fact.kind.starts_with("entrant.joined"))
            {
                if let Ok(Body::EntrantJoined(joined)) = fact.read_body()
                    && joined.at_once
                {
                    groups.join(joined.entrant, joined.into);
                }
            }
        }
        let mut of_truth: BTreeMap<usize, u64> = BTreeMap::new();
        let mut of_group: BTreeMap<EntrantId, BTreeMap<usize, u64>> = BTreeMap::new();
        for (_, record, who) in &self.records {
            *of_truth.entry(*who).or_default() += 1;
            *of_group
                .entry(groups.root(*record))
                .or_default()
                .entry(*who)
                .or_default() += 1;
        }
        let pairs = |n: u64| n * n.saturating_sub(1) / 2;
        Quality {
            pairs: of_truth.values().map(|n| pairs(*n)).sum(),
            found: of_group
                .values()
                .map(|group| pairs(group.values().sum()))
                .sum(),
            right: of_group
                .values()
                .flat_map(BTreeMap::values)
                .map(|n| pairs(*n))
                .sum(),
            merges: of_group
                .values()
                .map(|group| group.values().sum::<u64>() - 1)
                .sum(),
            right_merges: of_group
                .values()
                .flat_map(BTreeMap::values)
                .map(|n| n - 1)
                .sum(),
        }
    }

    /// Everything that was ever sent, sent once more.
    pub(crate) fn send_all_again(&self) {
        let before = self.bed.seq();
        let mut sent = self.sent.iter().peekable();
        while let Some((who, first)) = sent.next() {
            if self.merging.refused.contains(&first.id) {
                continue;
            }
            if *who == Who::Citizen {
                let (answer, _) = self.bed.house.declare(first).unwrap();
                assert_eq!(answer.result, Taken::Repeated);
                continue;
            }
            let mut batch = vec![first.clone()];
            while let Some((_, entry)) = sent.next_if(|(next, entry)| {
                next == who && batch.len() < 500 && !self.merging.refused.contains(&entry.id)
            }) {
                batch.push(entry.clone());
            }
            let answers = self
                .bed
                .house
                .take_entries(&self.phones[who].actor, &batch)
                .unwrap();
            for (entry, answer) in batch.iter().zip(&answers) {
                self.repeated(entry, answer);
            }
        }
        assert_eq!(self.bed.seq(), before, "sending again changes nothing");
    }
}

/// Records that belong together.
#[derive(Default)]
struct Groups(BTreeMap<EntrantId, EntrantId>);

impl Groups {
    fn root(&self, record: EntrantId) -> EntrantId {
        let mut root = record;
        while let Some(up) = self.0.get(&root) {
            root = *up;
        }
        root
    }

    fn join(&mut self, one: EntrantId, other: EntrantId) {
        let (one, other) = (self.root(one), self.root(other));
        if one != other {
            self.0.insert(one, other);
        }
    }
}
