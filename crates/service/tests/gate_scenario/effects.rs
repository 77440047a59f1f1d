//! What changes in truth when an entry has arrived.

use jiff::{SignedDuration, Timestamp};
use lianfang_core::entry::{Destination, Receiver, Source, Stage};
use lianfang_core::facts::Body;
use lianfang_core::ids::{EntrantId, OrderId};
use lianfang_core::quarantine::{EndHow, Watch};
use lianfang_service::field::{EntryAnswer, FieldEntry, Happening};

use crate::acts::Act;
use crate::people::{Health, Origin};
use crate::todo::Todo;
use crate::truth::{Hold, Order, at_the_gate, watch_for};
use crate::world::{Who, World, is_village_gate};

impl World {
    pub(crate) fn noticed(
        &mut self,
        entry: &FieldEntry,
        answer: &EntryAnswer,
        what: (usize, Source, bool),
    ) {
        let (who, source, arrived) = what;
        let record = self.record_of(entry, answer);
        self.truth.found(who, source, entry.at, arrived);
        self.recorded(who, entry, record);
        let own = &self.all.journeys[who];
        let watched = watch_for(own, &self.all.people[own.person]);
        let village = own.village;
        let entrant = &mut self.truth.entrants[who];
        let waits = matches!(entrant.stage, Some(Stage::Expected | Stage::Arrived));
        if entrant.main.is_none() || source == Source::Canvass && waits {
            entrant.main = Some(record);
        }
        if source == Source::Canvass && entrant.stage == Some(Stage::Arrived) {
            entrant.hold = Hold::Village(village);
            let soon = SignedDuration::from_mins(90);
            match watched {
                Some((Watch::Site, ..)) => self.todo(soon, Todo::Bring(who)),
                Some(_) => self.todo(soon, Todo::Order(who)),
                None => {}
            }
        }
    }

    pub(crate) fn recorded(&mut self, who: usize, entry: &FieldEntry, record: EntrantId) {
        self.records.push((entry.id, record, who));
        let (Happening::Notice { person, .. }
        | Happening::CheckIn {
            person: Some(person),
            ..
        }) = &entry.what
        else {
            return;
        };
        let own = &self.all.people[self.all.journeys[who].person].document;
        self.truth.entrants[who].documented |= person.document.as_ref() == Some(own);
        self.truth.entrants[who].records.insert(record);
        self.touched.insert(who);
    }

    /// The record that an entry made or added to; who declares is not told.
    pub(crate) fn record_of(&self, entry: &FieldEntry, answer: &EntryAnswer) -> EntrantId {
        if let Some(record) = answer.entrant {
            return record;
        }
        let fact = self.bed.house.store().fact_by_id(entry.id).unwrap();
        match fact.unwrap().read_body().unwrap() {
            Body::EntrantFound(found) => found.entrant,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn checked_in(&mut self, entry: &FieldEntry, answer: &EntryAnswer, act: &Act) {
        let Act::CheckIn {
            who,
            gate,
            health,
            pass,
            shown,
            described,
        } = *act
        else {
            return;
        };
        let record = answer.entrant.unwrap();
        let own = self.all.journeys[who].clone();
        let order = self
            .truth
            .live(who)
            .filter(|order| order.made_at <= entry.at);
        let under = order.map(|order| order.watch);
        let seen = (health, pass, is_village_gate(gate));
        let outcome = at_the_gate(&own, &self.all.people[own.person], seen, under);
        let ruling = answer.decision.as_ref().unwrap();
        assert_eq!(
            ruling.triage,
            Some(outcome),
            "{} {}",
            self.story_of(who),
            ruling.rule
        );
        let differs = shown.is_some_and(|shown| shown != outcome);
        assert_eq!(ruling.differs, differs);
        self.truth.rechecks += u64::from(differs);
        let was = self.truth.entrants[who].stage;
        self.truth.found(who, Source::Checkpoint, entry.at, true);
        if described {
            self.recorded(who, entry, record);
        }
        if self.truth.checked(who, outcome, entry.at) {
            let stage = self.truth.entrants[who].stage;
            let entrant = &mut self.truth.entrants[who];
            entrant.main = Some(record);
            entrant.hold = Hold::Gate(gate);
            entrant.seen_well = health == Health::Well;
            if stage == Some(Stage::ToSend) {
                self.wait_at(Who::Gate(gate), who, record);
            }
            if own.origin == Origin::Medium
                && stage == Some(Stage::Passed)
                && own.destination == Destination::Here
            {
                self.truth.entrants[who].hold = Hold::Village(own.village);
                let hours = self.random.whole(4, 30);
                self.todo(SignedDuration::from_hours(hours), Todo::Order(who));
            }
        } else if matches!(under, Some(Watch::Home | Watch::Site)) && was == Some(Stage::Watched) {
            let order = self.truth.entrants[who].order.unwrap();
            self.absent(order, entry.at);
            self.truth.entrants[who].hold = Hold::Gate(gate);
            self.wait_at(Who::Gate(gate), who, record);
        }
    }

    /// Somebody waits at a gate for a vehicle, unless the gate's phone has put them down already.
    pub(crate) fn wait_at(&mut self, gate: Who, who: usize, record: EntrantId) {
        let waiting = self.waiting.entry(gate).or_default();
        let local = self.truth.entrants[who].handover.is_some_and(|handover| {
            let sent = &self.truth.handovers[handover];
            !sent.delivered
        });
        match waiting.iter_mut().find(|(one, _)| *one == who) {
            Some(known) => known.1 = record,
            None if local => {}
            None => waiting.push((who, record)),
        }
    }

    pub(crate) fn received(
        &mut self,
        handover: usize,
        here: &[usize],
        missing: &[usize],
        at: Timestamp,
    ) {
        for who in missing {
            self.truth.place(*who, Stage::Missing, at);
            self.truth.handovers[handover].awaited.remove(who);
            if self.random.yes(0.9) {
                let hours = self.random.whole(3, 40);
                self.todo(
                    SignedDuration::from_hours(hours),
                    Todo::Found(*who, handover),
                );
            }
        }
        let sent = &mut self.truth.handovers[handover];
        let (receiver, hold) = (sent.receiver, sent.hold);
        for who in here {
            sent.awaited.remove(who);
        }
        sent.ended |= sent.awaited.is_empty();
        for who in here.iter().copied() {
            let ordered = self.truth.live(who).is_some();
            self.truth.entrants[who].hold = hold;
            let minutes = SignedDuration::from_mins(self.random.whole(20, 200));
            match receiver {
                Receiver::Clinic => {
                    self.truth.place(who, Stage::AtClinic, at);
                    let hours = self.random.whole(3, 30);
                    self.todo(SignedDuration::from_hours(hours), Todo::Answer(who));
                }
                Receiver::Elsewhere => self.truth.place(who, Stage::HandedOn, at),
                Receiver::Checkpoint => {
                    self.truth.place(who, Stage::Arrived, at);
                    self.todo(minutes, Todo::Recheck(who));
                }
                Receiver::Community | Receiver::Site if ordered => {
                    self.truth.back(who, at);
                    self.truth.place(who, Stage::Watched, at);
                }
                Receiver::Community | Receiver::Site => {
                    self.truth.place(who, Stage::ToPlace, at);
                    self.todo(minutes, Todo::Order(who));
                }
            }
        }
    }

    pub(crate) fn answered(&mut self, who: usize, case: bool, at: Timestamp) {
        let order = self.truth.entrants[who].order;
        if case {
            if order.is_some() {
                self.truth.ends(who, EndHow::Case, at);
            }
            self.truth.place(who, Stage::Case, at);
        } else if let Some(order) = order {
            self.truth.place(who, Stage::Watched, at);
            self.truth.entrants[who].hold = self.truth.orders[order].hold;
        } else {
            self.truth.place(who, Stage::ToPlace, at);
            self.todo(SignedDuration::from_hours(1), Todo::AfterClinic(who));
        }
    }

    pub(crate) fn ordered(
        &mut self,
        entry: &FieldEntry,
        answer: &EntryAnswer,
        who: usize,
        hold: Hold,
    ) {
        let own = &self.all.journeys[who];
        let (watch, until, tests) = watch_for(own, &self.all.people[own.person]).unwrap();
        let ruling = answer.decision.as_ref().unwrap();
        let said = (ruling.watch, ruling.until);
        assert_eq!(
            said,
            (Some(watch), Some(until)),
            "{} {}",
            self.story_of(who),
            ruling.rule
        );
        let number = self.truth.orders.len();
        self.truth.orders.push(Order {
            id: OrderId::from_bytes(entry.id.to_bytes()),
            watch,
            until,
            made_at: entry.at,
            ended: None,
            checks: std::collections::BTreeSet::new(),
            abnormal: std::collections::BTreeSet::new(),
            tests,
            samples: std::collections::BTreeMap::new(),
            absences: Vec::new(),
            missed: std::collections::BTreeSet::new(),
            hold,
            late: false,
        });
        self.truth.whose.push(who);
        let entrant = &mut self.truth.entrants[who];
        entrant.order = Some(number);
        entrant.orders.push(number);
        entrant.hold = hold;
        self.truth.place(who, Stage::Watched, entry.at);
        if watch != Watch::Monitoring && self.random.yes(0.06) {
            let hours = self.random.whole(6, 8 * 24);
            let todo = if self.random.yes(0.3) {
                Todo::Wander(who)
            } else {
                Todo::Absent(who)
            };
            self.todo(SignedDuration::from_hours(hours), todo);
        }
    }

    pub(crate) fn absent(&mut self, order: usize, at: Timestamp) {
        let who = self.truth.whose[order];
        self.truth.orders[order].absences.push((at, None));
        self.truth.place(who, Stage::Missing, at);
    }
}
