//! Arrivals at the checkpoints.
//!
//! Those from places without risk are decided as one: their evidence is the same. Everybody else is decided alone.
//! Travellers are people of the city who come back. Where the pack's table of quarantine asks for less than the
//! checkpoint did, what counts is that table: it has the order's terms.

use lianfang_core::entry::{CheckpointKind, Destination, OriginRisk, Temperature, Triage};
use lianfang_core::passes::{Colour, PassShown};
use lianfang_policy::EntryEvidence;

use super::{About, Response};
use crate::random::{Purpose, Stream};
use crate::scenario::Arrival;

/// The temperature of somebody without fever, in °C.
const NORMAL: f64 = 36.5;

impl Response<'_> {
    /// All arrivals of a morning.
    pub(super) fn arrive(&mut self, day: usize, infected: &[Arrival]) {
        let mut stream = Stream::new(self.seed, Purpose::Travel, day as u64);
        let imports = &self.scenario.imports;
        let (origin, abroad) = (imports.origin, imports.abroad);
        for arrival in infected.iter().filter(|arrival| arrival.travelled) {
            self.one_arrives(day, arrival.person, origin, abroad, &mut stream);
        }
        let people = self.city.people();
        let all = self.city.description().travel.arrivals * f64::from(people) / 1_000.0;
        let from = &self.settings.arrivals_from;
        let whole = |percent: f64| {
            let daily = all * percent / 100.0;
            ((daily * (day + 1) as f64).floor() - (daily * day as f64).floor()) as u32
        };
        let unknown = 100.0 - from.low - from.medium - from.high - from.severe - from.abroad;
        let alike = [
            (OriginRisk::Low, whole(from.low)),
            (OriginRisk::Unknown, whole(unknown.max(0.0))),
        ];
        let alone = [
            (OriginRisk::Medium, false, whole(from.medium)),
            (OriginRisk::High, false, whole(from.high)),
            (OriginRisk::Severe, false, whole(from.severe)),
            (OriginRisk::Unknown, true, whole(from.abroad)),
        ];
        for (origin, count) in alike {
            self.many_arrive(day, origin, count);
        }
        for (origin, abroad, count) in alone {
            for _ in 0..count {
                let person = stream.below(people);
                self.one_arrives(day, person, origin, abroad, &mut stream);
            }
        }
    }

    /// Healthy people with a green pass from places without risk.
    fn many_arrive(&mut self, day: usize, origin: OriginRisk, count: u32) {
        let seen = f64::from(count) * self.settings.seen_at_checkpoints;
        self.today.arrivals += u64::from(count);
        let city = self.city;
        for checkpoint in &city.description().checkpoint {
            let here = (seen * checkpoint.percent / 100.0).round() as u64;
            if here == 0 {
                continue;
            }
            let evidence = EntryEvidence {
                origin,
                pass: PassShown::Green,
                ..healthy(checkpoint.kind)
            };
            let decision = self.decide(day, About::Alike(here), &evidence);
            self.today.stopped[decision.outcome as usize] += here;
        }
    }

    fn one_arrives(
        &mut self,
        day: usize,
        person: u32,
        origin: OriginRisk,
        abroad: bool,
        stream: &mut Stream,
    ) {
        self.today.arrivals += 1;
        let seen = stream.yes(self.settings.seen_at_checkpoints);
        let Some(checkpoint) = self.checkpoint(stream).filter(|_| seen) else {
            return;
        };
        let today = self.date(day as i32);
        let risky = abroad
            || matches!(
                origin,
                OriginRisk::Medium | OriginRisk::High | OriginRisk::Severe
            );
        let mut evidence = EntryEvidence {
            origin,
            abroad,
            left_origin: risky.then_some(today),
            age: Some(u32::from(self.city.persons[person as usize].age())),
            pass: PassShown::Green,
            ..healthy(checkpoint)
        };
        evidence.home_suitable = self.keeps(person).suitable;
        evidence.immune = self.proved_immune(person);
        if let Some(known) = self.known(person) {
            if known.dead {
                return;
            }
            evidence.case = known.case;
            evidence.contact = known.contact;
            evidence.last_exposure = known.last_exposure.map(|day| self.date(day));
            evidence.watch = known.watch;
            evidence.pass = match known.colour {
                Colour::Green => PassShown::Green,
                Colour::Yellow => PassShown::Yellow,
                Colour::Red => PassShown::Red,
            };
        }
        let decision = self.decide(day, About::Person(person), &evidence);
        self.today.stopped[decision.outcome as usize] += 1;
        let known = self.know(day, person);
        if risky {
            known.origin = known.origin.max(origin);
            known.abroad |= abroad;
            known.entered = Some(day as i32);
            known.reports_from = known.reports_from.max(day as i32);
        }
        if decision.outcome == Triage::FeverClinic {
            self.sees_doctor(day, person);
        } else {
            self.review(day, person);
        }
    }

    /// Where somebody arrives; none where the city has no checkpoints.
    fn checkpoint(&self, stream: &mut Stream) -> Option<CheckpointKind> {
        let mut chosen = stream.unit() * 100.0;
        let all = &self.city.description().checkpoint;
        all.iter()
            .find(|checkpoint| {
                chosen -= checkpoint.percent;
                chosen < 0.0
            })
            .or(all.last())
            .map(|checkpoint| checkpoint.kind)
    }
}

/// A resident without fever.
fn healthy(checkpoint: CheckpointKind) -> EntryEvidence {
    EntryEvidence {
        checkpoint,
        resident: true,
        destination: Destination::Here,
        temperature: Temperature::try_from(NORMAL).ok(),
        home_suitable: true,
        ..EntryEvidence::default()
    }
}
