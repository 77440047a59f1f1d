//! People on their way from one hand to the next.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use lianfang_core::entry::{Receiver, Stage, Triage};
use lianfang_core::ids::EntrantId;
use lianfang_core::words::Word;
use lianfang_service::field::Happening;

use crate::acts::Act;
use crate::people::Health;
use crate::todo::Todo;
use crate::truth::{Hold, at_the_gate};
use crate::world::{GATES, SITES, Who, World};

impl World {
    /// Vehicles leave the gates every second hour by day.
    pub(crate) fn depart(&mut self, hour: i64) {
        if hour % 2 == 1 || hour % 24 < 6 {
            return;
        }
        for gate in (0..GATES).map(Who::Gate) {
            let mut groups: BTreeMap<(u8, Hold), Vec<(usize, EntrantId)>> = BTreeMap::new();
            for (who, record) in self.waiting.remove(&gate).unwrap_or_default() {
                let entrant = &self.truth.entrants[who];
                // The house does not know yet of whom an offline gate put down and sends on.
                let only_here = self.is_offline(gate) && !entrant.records.contains(&record);
                let missed = entrant.stage == Some(Stage::Missing) && entrant.order.is_some();
                if !only_here && !missed && entrant.stage != Some(Stage::ToSend) {
                    continue;
                }
                let (receiver, hold) = self.next_place(gate, who);
                groups
                    .entry((receiver as u8, hold))
                    .or_default()
                    .push((who, record));
            }
            for ((receiver, hold), people) in groups {
                let receiver = receiver_of(receiver);
                for vehicle in people.chunks(20) {
                    self.send_known(gate, vehicle, (receiver, hold), self.now);
                }
            }
        }
    }

    /// Where somebody who is held at a gate is brought.
    pub(crate) fn next_place(&mut self, gate: Who, who: usize) -> (Receiver, Hold) {
        let own = self.all.journeys[who].clone();
        if let Some(order) = self.truth.live(who) {
            let receiver = match order.hold {
                Hold::Site(_) => Receiver::Site,
                _ => Receiver::Community,
            };
            return (receiver, order.hold);
        }
        // After the clinic nobody is brought there again for the same fever.
        let health = if self.truth.entrants[who].seen_well {
            Health::Well
        } else {
            own.health
        };
        let triage = at_the_gate(
            &own,
            &self.all.people[own.person],
            (health, own.pass, false),
            None,
        );
        // A distant airport's arrivals change vehicles at the city's edge.
        let first_leg = gate == Who::Gate(2) && own.party.is_multiple_of(2);
        match triage {
            Triage::FeverClinic => (Receiver::Clinic, Hold::Clinic),
            Triage::HandOver => (Receiver::Elsewhere, Hold::Nowhere),
            _ if first_leg => (Receiver::Checkpoint, Hold::Gate(0)),
            Triage::HomeQuarantine => (Receiver::Community, Hold::Village(own.village)),
            _ => (Receiver::Site, Hold::Site(own.party % SITES)),
        }
    }

    pub(crate) fn receive(&mut self, handover: usize, here: Vec<usize>, missing: Vec<usize>) {
        let sent = &self.truth.handovers[handover];
        let place = match sent.receiver {
            Receiver::Elsewhere => Who::Lists,
            _ => Who::of(sent.hold),
        };
        // Whoever receives can only do so once the house knows of it.
        if !sent.delivered || self.is_offline(place) {
            return self.an_hour_later(Todo::Receive(handover, here, missing));
        }
        let ids = |people: &[usize]| {
            people
                .iter()
                .map(|who| self.truth.entrants[*who].main.unwrap())
                .collect()
        };
        let what = Happening::Receive {
            handover: sent.id,
            entrants: ids(&here),
            missing: ids(&missing),
        };
        self.push(
            place,
            Act::Receive {
                handover,
                here,
                missing,
            },
            what,
        );
    }

    /// People are sent on, as many as a vehicle takes.
    pub(crate) fn send(&mut self, from: Who, people: &[usize], to: (Receiver, Hold)) {
        let known: Vec<_> = people
            .iter()
            .map(|who| (*who, self.truth.entrants[*who].main.unwrap()))
            .collect();
        self.send_known(from, &known, to, self.now);
    }

    pub(crate) fn send_known(
        &mut self,
        from: Who,
        people: &[(usize, lianfang_core::ids::EntrantId)],
        (receiver, hold): (Receiver, Hold),
        at: Timestamp,
    ) {
        let area = match hold {
            Hold::Village(village) => crate::world::village(village),
            Hold::Site(site) => crate::world::site_area(site),
            Hold::Gate(_) => crate::common::area("330683"),
            Hold::Clinic => crate::common::area(crate::common::CITY),
            Hold::Nowhere => crate::common::area("330100"),
        };
        let handover = self.truth.handovers.len();
        let expected = at + SignedDuration::from_hours(2);
        let what = Happening::Send {
            entrants: people.iter().map(|(_, record)| *record).collect(),
            receiver,
            area,
            site: match hold {
                Hold::Site(site) => Some(self.sites[site]),
                _ => None,
            },
            checkpoint: match hold {
                Hold::Gate(gate) => Some(self.gates[gate]),
                _ => None,
            },
            vehicle: Some("浙D10086".into()),
            escort: None,
            expected,
        };
        let id = self.push_at(from, at, Act::Send(handover), what);
        let people: Vec<usize> = people.iter().map(|(who, _)| *who).collect();
        for who in &people {
            self.truth.entrants[*who].handover = Some(handover);
        }
        self.truth.handovers.push(crate::truth::HandOver {
            id: lianfang_core::ids::MatterId::from_bytes(id.to_bytes()),
            receiver,
            hold,
            awaited: people.iter().copied().collect(),
            people: people.clone(),
            expected,
            delivered: false,
            ended: false,
        });
        self.foresee_receipt(handover, &people);
    }

    /// Most are received in time, some late, some in two goes, and some do not come.
    pub(crate) fn foresee_receipt(&mut self, handover: usize, people: &[usize]) {
        let late = self.random.yes(0.08);
        let hours = if late {
            self.random.whole(5, 24)
        } else {
            self.random.whole(1, 2)
        };
        let (mut here, mut rest, mut missing) = (Vec::new(), Vec::new(), Vec::new());
        let split = people.len() > 3 && self.random.yes(0.1);
        for who in people.iter().copied() {
            let may_be_lost = self.truth.live(who).is_none();
            match () {
                () if may_be_lost && self.random.yes(0.03) => missing.push(who),
                () if split && self.random.yes(0.4) => rest.push(who),
                () => here.push(who),
            }
        }
        if here.is_empty() && missing.is_empty() {
            std::mem::swap(&mut here, &mut rest);
        }
        self.todo(
            SignedDuration::from_hours(hours),
            Todo::Receive(handover, here, missing),
        );
        if !rest.is_empty() {
            self.todo(
                SignedDuration::from_hours(hours + 3),
                Todo::Receive(handover, rest, Vec::new()),
            );
        }
    }
}

fn receiver_of(n: u8) -> Receiver {
    *Receiver::ALL
        .iter()
        .find(|receiver| **receiver as u8 == n)
        .unwrap()
}
