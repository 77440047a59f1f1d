//! The play, hour by hour.

use std::fmt::Write as _;

use jiff::SignedDuration;
use lianfang_core::ids::{HouseholdId, PersonId};
use lianfang_intake::Kind;
use lianfang_service::field::Happening;

use crate::acts::Act;
use crate::people::{DAYS, HIGH, MEDIUM, at_hour, day_of};
use crate::plan::sightings;
use crate::world::{Who, World};

impl World {
    /// 25 days, hour by hour, with a look at everything at each midnight.
    pub(crate) fn play(&mut self) {
        let all = sightings(&mut self.random, &self.all.journeys);
        for sighting in &all {
            self.truth.entrants[sighting.who].planned += 1;
        }
        let residents = self.settle_residents();
        let mut next = 0;
        for hour in 0..=DAYS * 24 {
            self.set_clock(at_hour(hour));
            if hour % 24 == 0 {
                self.timed("midnights", Self::midnight);
                if hour == DAYS * 24 {
                    break;
                }
                self.report_cases(hour / 24);
            }
            self.networks_fail(hour);
            while let Some(sighting) = all.get(next).filter(|sighting| sighting.at <= self.now) {
                self.truth.entrants[sighting.who].planned -= 1;
                self.sight(*sighting, false);
                next += 1;
            }
            self.timed("entries", |world| world.flush_all(false));
            self.depart(hour);
            self.work_off();
            self.watch_over(hour % 24);
            if hour % 24 == 7 {
                for (gate, person) in &residents {
                    let checkpoint = self.gates[*gate];
                    let what = Happening::ResidentPass {
                        checkpoint,
                        person: *person,
                    };
                    self.push(Who::Gate(*gate), Act::ResidentPass { gate: *gate }, what);
                }
            }
            self.timed("entries", |world| {
                world.flush_all(hour % 24 == 23 && hour > (DAYS - 1) * 24);
            });
            self.timed("sweeps", Self::sweep);
            self.mistaken(hour % 24);
            if [5, 11, 17, 23].contains(&(hour % 24)) {
                self.timed("offers", Self::accept_offers);
            }
            if hour % 24 == 23 {
                self.timed("offers", Self::put_right);
            }
        }
    }

    pub(crate) fn timed(&mut self, what: &'static str, act: impl FnOnce(&mut Self)) {
        let begun = std::time::Instant::now();
        act(self);
        *self.seconds.entry(what).or_default() += begun.elapsed().as_secs_f64();
    }

    /// Yesterday's totals of two counties, such that one stays at high risk and one at medium.
    fn report_cases(&mut self, day: i64) {
        let yesterday = day_of(self.now - SignedDuration::from_hours(12));
        let mut text = "date,province,city,code,confirmed,suspected,cured,dead\n".to_owned();
        for (back, date) in [(1, yesterday.yesterday().unwrap()), (0, yesterday)] {
            for (code, confirmed) in [(HIGH, 60 + day), (MEDIUM, 8 + day)] {
                let confirmed = confirmed - back;
                writeln!(text, "{date},浙江省,绍兴市,{code},{confirmed},0,0,0").unwrap();
            }
        }
        self.bed.take(Kind::CityTotals, &text);
    }

    /// Some gates lose their network for hours, some workers by day.
    fn networks_fail(&mut self, hour: i64) {
        let by_day = (9..15).contains(&(hour % 24));
        let phones: Vec<Who> = self.phones.keys().copied().collect();
        for who in phones {
            let (p, longest) = match who {
                Who::Gate(_) => (0.012, 30),
                Who::Worker(_) | Who::Site(_) if by_day => (0.01, 5),
                _ => continue,
            };
            if !self.is_offline(who) && self.random.yes(p) {
                let until = self.now + SignedDuration::from_hours(self.random.whole(2, longest));
                self.phones.get_mut(&who).unwrap().offline_until = Some(until);
            }
        }
    }

    /// Some of each village live there, and go through its gate each day.
    fn settle_residents(&mut self) -> Vec<(usize, PersonId)> {
        let mut residents = Vec::new();
        for village in 0..crate::people::VILLAGES {
            let worker = Who::Worker(village);
            for n in 0..4_u32 {
                let household = self.push(
                    worker,
                    Act::SetUp,
                    Happening::Household {
                        household: None,
                        area: crate::world::village(village),
                        door: format!("{n}号"),
                        dwelling: lianfang_core::households::Dwelling::Home,
                        walk: n,
                        people: 2,
                        place: None,
                    },
                );
                for m in 0..2 {
                    let given = lianfang_service::field::PersonGiven {
                        name: Some(format!("住户{village}{n}{m}")),
                        ..Default::default()
                    };
                    let what = Happening::Resident {
                        household: HouseholdId::from_bytes(household.to_bytes()),
                        person: None,
                        given: Some(given),
                        living: true,
                    };
                    let id = self.push(worker, Act::SetUp, what);
                    let gate = crate::world::village_gate(village);
                    residents.push((gate, PersonId::from_bytes(id.to_bytes())));
                }
            }
        }
        self.flush_all(true);
        residents
    }
}
