//! Records taken for one, told apart, and settled by word.

use std::cmp::Ordering;

use lianfang_core::access::Right;
use lianfang_core::alike::documents_differ;
use lianfang_core::areas::AreaCode;
use lianfang_core::entry::Stage;
use lianfang_core::facts::{
    Body, EntrantJoined, EntrantNotCome, EntrantParted, EntrantSettled, EntrantsToldApart,
};
use lianfang_core::ids::{EntrantId, FactId, PersonId};
use lianfang_core::text::Text;
use lianfang_store::StoreError;
use lianfang_store::views::entry::{self, EntrantRow};

use crate::Refusal;
use crate::field::taking::{Taking, Written};

/// How far in the process somebody stands: of two records taken for one, the further goes on.
fn progress(row: &EntrantRow) -> u8 {
    match row.stage {
        _ if row.order.is_some() => 6,
        Stage::OnTheWay | Stage::AtClinic => 5,
        Stage::Released | Stage::Case | Stage::HandedOn | Stage::Gone => 4,
        Stage::ToPlace | Stage::Missing | Stage::Watched => 4,
        Stage::ToSend => 3,
        Stage::Passed | Stage::TurnedBack => 2,
        Stage::Arrived => 1,
        Stage::Expected | Stage::NotCome => 0,
    }
}

/// Of two records taken for one, whether `one` goes on: the further; of two as far, the one that a
/// gate decided on later, else the one found first. Who was missed and is seen at a gate since, is
/// found.
fn goes_on(one: &EntrantRow, other: &EntrantRow) -> bool {
    let found = |gate: &EntrantRow, missed: &EntrantRow| {
        missed.stage == Stage::Missing
            && missed.order.is_none()
            && matches!(
                gate.stage,
                Stage::ToSend | Stage::Passed | Stage::TurnedBack
            )
            && gate.stage_since > missed.stage_since
    };
    if found(one, other) || found(other, one) {
        return found(one, other);
    }
    let further = progress(one).cmp(&progress(other));
    let later = match (one.triage, other.triage) {
        (Some(_), Some(_)) => one.stage_since.cmp(&other.stage_since),
        _ => Ordering::Equal,
    };
    let first = other.found_at.cmp(&one.found_at);
    further.then(later).then(first) == Ordering::Greater
}

impl Taking<'_> {
    /// The record that speaks for somebody, named by its id or by that of the entry that found them:
    /// a phone without network cannot know that they were on record already.
    pub(crate) fn speaker(&self, id: EntrantId) -> Result<EntrantRow, Refusal> {
        if let Some(row) = self.read(|c| Ok(entry::speaker(c, id)?))? {
            return Ok(row);
        }
        let fact = self
            .house
            .store
            .fact_by_id(FactId::from_bytes(id.to_bytes()))?;
        let known = match fact.map(|fact| fact.read_body()) {
            Some(Ok(Body::EntrantFound(found))) => found.entrant,
            _ => return Err(Refusal::NotFound("entrant")),
        };
        self.read(|c| Ok(entry::speaker(c, known)?))?
            .ok_or(Refusal::NotFound("entrant"))
    }

    /// A record that speaks for itself, within the actor's reach.
    pub(crate) fn entrant(&self, id: EntrantId, right: Right) -> Result<EntrantRow, Refusal> {
        let row = self
            .read(|c| Ok(entry::get(c, id)?))?
            .ok_or(Refusal::NotFound("entrant"))?;
        self.within_reach(&row, right)?;
        Ok(row)
    }

    /// Whether somebody is of the actor's area, or was last seen at a checkpoint of theirs.
    pub(crate) fn within_reach(&self, row: &EntrantRow, right: Right) -> Result<(), Refusal> {
        if self.actor.may(right, row.area) {
            return Ok(());
        }
        let gate = match row.checkpoint {
            Some(id) => self.read(|c| Ok(entry::checkpoint(c, id)?))?,
            None => None,
        };
        match gate {
            Some(gate) if self.actor.may(right, gate.area) => Ok(()),
            _ if self.actor.sees(row.area) => Err(Refusal::Forbidden),
            _ => Err(Refusal::NotFound("entrant")),
        }
    }

    /// Two records are of one person on one journey: whichever stands further in the process goes
    /// on, whatever the order in which they are named.
    pub(crate) fn join(&self, one: EntrantId, other: EntrantId) -> Result<Written, Refusal> {
        let one = self.entrant(one, Right::KeepGate)?;
        let other = self.entrant(other, Right::KeepGate)?;
        if one.root == other.root {
            return Err(Refusal::Conflict(Text::new(
                "These two are taken for one already.",
                "这两条记录已合并。",
            )));
        }
        // What was taken into another is joined by the record that speaks for it.
        let speaker = |row: EntrantRow| -> Result<EntrantRow, Refusal> {
            if row.parent.is_none() {
                return Ok(row);
            }
            self.read(|c| Ok(entry::get(c, row.root)?))?
                .ok_or(Refusal::NotFound("entrant"))
        };
        let (one, other) = (speaker(one)?, speaker(other)?);
        if one.order.is_some() && other.order.is_some() {
            return Err(Refusal::Conflict(Text::new(
                "Both are under an order. End the one that was made by mistake, then join them.",
                "两条记录均有隔离令，请先撤销误开的一份再合并。",
            )));
        }
        let (taken, into) = if goes_on(&one, &other) {
            (other, one)
        } else {
            (one, other)
        };
        if taken.stage == Stage::OnTheWay {
            return Err(Refusal::Conflict(Text::new(
                "One of them is on the way. Receive them first, then join the records.",
                "其中一人正在移交途中，请先确认接收再合并。",
            )));
        }
        let same = self
            .read(|c| Ok(entry::likeness(c, taken.entrant, into.entrant)?))?
            .unwrap_or_default();
        let apart = self.set_apart(&taken, &into)?;
        Ok(Written::fact(
            into.area,
            Body::EntrantJoined(EntrantJoined {
                entrant: taken.entrant,
                into: into.entrant,
                same,
                at_once: false,
                said: self.said.clone(),
            }),
        )
        .and(apart))
    }

    /// The documents on record of all who were taken for one.
    pub(super) fn documents_of(&self, root: EntrantId) -> Result<Vec<String>, Refusal> {
        let members = self.read(|c| Ok(entry::members(c, root)?))?;
        let people: Vec<PersonId> = members.iter().map(|row| row.person).collect();
        let opened = self.house.store.open_people(&people)?;
        Ok(opened
            .into_iter()
            .filter_map(|data| data?.document)
            .collect())
    }

    /// What two records taken for one say of others that look like either: with one document on one
    /// side and another on the other they are two people, and nobody need be asked any more.
    fn set_apart(
        &self,
        one: &EntrantRow,
        other: &EntrantRow,
    ) -> Result<Vec<(AreaCode, Body)>, Refusal> {
        let (pairs, roots) = self.read(|c| {
            let mut pairs = entry::alike_with(c, one.root)?;
            pairs.extend(entry::alike_with(c, other.root)?);
            let mut roots = Vec::with_capacity(pairs.len());
            for pair in &pairs {
                let root = |record| Ok(entry::get(c, record)?.map(|row| row.root));
                let both: Result<Vec<_>, StoreError> =
                    [pair.one, pair.other].into_iter().map(root).collect();
                roots.push(both?);
            }
            Ok((pairs, roots))
        })?;
        let mut ours = self.documents_of(one.root)?;
        ours.extend(self.documents_of(other.root)?);
        let mut facts = Vec::new();
        for (pair, roots) in pairs.into_iter().zip(roots) {
            let theirs = roots
                .into_iter()
                .flatten()
                .find(|root| ![one.root, other.root].contains(root));
            let Some(theirs) = theirs else { continue };
            let theirs = self.documents_of(theirs)?;
            let differ = |ours: &String| theirs.iter().any(|theirs| documents_differ(ours, theirs));
            if ours.iter().any(differ) {
                facts.push((
                    one.area,
                    Body::EntrantsToldApart(EntrantsToldApart {
                        entrant: pair.one,
                        other: pair.other,
                        said: String::new(),
                    }),
                ));
            }
        }
        Ok(facts)
    }

    /// A record that was taken into another stands alone again.
    pub(crate) fn part(&self, entrant: EntrantId, reason: &str) -> Result<Written, Refusal> {
        let row = self.entrant(entrant, Right::KeepGate)?;
        let reason = self.text("reason", reason, (3, 200))?;
        let from = row.parent.ok_or_else(|| {
            Refusal::Conflict(Text::new(
                "This record was not taken into another.",
                "该记录未并入其他记录。",
            ))
        })?;
        Ok(Written::fact(
            row.area,
            Body::EntrantParted(EntrantParted {
                entrant,
                from,
                reason,
                said: self.said.clone(),
            }),
        ))
    }

    /// Two records that look alike are of two people.
    pub(crate) fn tell_apart(
        &self,
        entrant: EntrantId,
        other: EntrantId,
    ) -> Result<Written, Refusal> {
        let row = self.entrant(entrant, Right::KeepGate)?;
        self.entrant(other, Right::KeepGate)?;
        if entrant == other {
            return Err(Refusal::invalid(
                "other",
                "Two different records.",
                "须为两条不同的记录。",
            ));
        }
        Ok(Written::fact(
            row.area,
            Body::EntrantsToldApart(EntrantsToldApart {
                entrant,
                other,
                said: self.said.clone(),
            }),
        ))
    }

    /// Somebody announced did not come.
    pub(crate) fn not_come(&self, entrant: EntrantId, reason: &str) -> Result<Written, Refusal> {
        let row = self.entrant(entrant, Right::KeepGate)?;
        let reason = self.text("reason", reason, (3, 200))?;
        if row.stage != Stage::Expected {
            return Err(Refusal::Conflict(Text::new(
                "Only somebody who is still expected can be said not to have come.",
                "仅待抵达人员可登记为未抵达。",
            )));
        }
        Ok(Written::fact(
            row.area,
            Body::EntrantNotCome(EntrantNotCome {
                entrant,
                reason,
                said: self.said.clone(),
            }),
        ))
    }

    /// It is known where somebody stands who was missing, or arrived without a checkpoint. Nobody
    /// is let go by word: to pass, somebody must be checked at a gate.
    pub(crate) fn settle(
        &self,
        entrant: EntrantId,
        stage: Stage,
        reason: &str,
    ) -> Result<Written, Refusal> {
        let row = self.entrant(entrant, Right::WatchOver)?;
        let reason = self.text("reason", reason, (3, 200))?;
        let may = matches!(
            stage,
            Stage::ToSend | Stage::ToPlace | Stage::HandedOn | Stage::Gone | Stage::Missing
        );
        if !may {
            return Err(Refusal::invalid(
                "stage",
                "Takes one of: to_send, to_place, missing, handed_on, gone.",
                "可选：to_send、to_place、missing、handed_on、gone。",
            ));
        }
        if row.order.is_some() {
            return Err(Refusal::Conflict(Text::new(
                "Somebody under an order is found again or ended under the order.",
                "该人员有隔离令，请在隔离令下登记返回或终止。",
            )));
        }
        Ok(Written::fact(
            row.area,
            Body::EntrantSettled(EntrantSettled {
                entrant,
                stage,
                reason,
                said: self.said.clone(),
            }),
        ))
    }
}
