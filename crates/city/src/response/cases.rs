//! Doctors, tests and cases.

use lianfang_core::passes::CaseStanding;

use super::{Due, Response};
use crate::random::{Purpose, Stream};

/// Whole tests or cases of today where so many are done for 100,000 people a day.
pub(super) fn capacity(per_100k: f64, people: u32, day: usize) -> usize {
    let daily = per_100k * f64::from(people) / 100_000.0;
    ((daily * (day + 1) as f64).floor() - (daily * day as f64).floor()) as usize
}

impl Response<'_> {
    /// Sees a doctor: is suspected, isolated and tested.
    pub(super) fn sees_doctor(&mut self, day: usize, person: u32) {
        let known = self.know(day, person);
        if known.is_case() || known.dead || known.recovered.is_some() {
            return;
        }
        let place = self.infection_of[person as usize];
        let ill = self
            .infections
            .get(place as usize)
            .filter(|infection| infection.symptomatic && infection.onset <= day as f32 + 1.0);
        let onset = ill.map(|infection| (infection.onset.max(0.0) as i32).min(day as i32));
        let known = self.know(day, person);
        known.case = CaseStanding::Suspected;
        known.case_since = Some(day as i32);
        known.isolated_since = Some(day as i32);
        known.onset = onset;
        known.last_symptoms = Some(day as i32);
        known.reports_from = day as i32 + 1;
        if !known.waits_for_test {
            known.waits_for_test = true;
            self.samples.push_back(person);
        }
        self.isolated += 1;
        self.review(day, person);
    }

    /// Symptoms since yesterday: the daily report of whoever is watched takes them to a doctor.
    pub(super) fn reports_symptoms(&mut self, day: usize, person: u32) {
        let watched = self
            .known(person)
            .is_some_and(|known| known.watch != lianfang_core::quarantine::Watch::None);
        if watched {
            self.sees_doctor(day, person);
        }
    }

    /// Takes as many samples as the laboratories can examine.
    pub(super) fn take_samples(&mut self, day: usize) {
        let settings = self.settings;
        let most = capacity(settings.tests_per_100k, self.city.people(), day);
        for _ in 0..most {
            let Some(person) = self.samples.pop_front() else {
                break;
            };
            let known = self.know(day, person);
            known.waits_for_test = false;
            if known.is_found() || known.dead {
                continue;
            }
            known.tested = Some(day as i32);
            self.today.tests += 1;
            let mut stream = Stream::new(
                self.seed,
                Purpose::Tests,
                u64::from(person) << 16 | day as u64,
            );
            let positive = if self.detectable(day, person) {
                stream.yes(settings.sensitivity)
            } else {
                !stream.yes(settings.specificity)
            };
            let result = day + settings.result_days as usize;
            if result == day {
                self.result(day, person, positive);
            } else {
                self.due(result, person, Due::Result(positive));
            }
        }
        self.today.waiting_tests = self.samples.len() as u64;
    }

    fn detectable(&self, day: usize, person: u32) -> bool {
        let place = self.infection_of[person as usize];
        self.infections.get(place as usize).is_some_and(|one| {
            let (from, until) = (
                f64::from(one.infectious_from) - self.settings.detectable_before,
                f64::from(one.infectious_until) + self.settings.detectable_after,
            );
            // The sample is taken in the evening.
            (from..=until).contains(&(day as f64 + 1.0))
        })
    }

    /// A result comes in.
    pub(super) fn result(&mut self, day: usize, person: u32, positive: bool) {
        let known = self.know(day, person);
        if known.is_found() || known.dead {
            return;
        }
        if positive {
            self.today.positives += 1;
            self.confirm(day, person);
            return;
        }
        known.negative_tests += 1;
        if known.case == CaseStanding::Suspected {
            known.case = CaseStanding::Excluded;
            known.case_since = Some(day as i32);
            known.isolated_since = None;
            self.isolated -= 1;
        }
        self.review(day, person);
    }

    /// A case is found: isolated, reported and to be traced.
    fn confirm(&mut self, day: usize, person: u32) {
        let place = self.infection_of[person as usize];
        let infection = self.infections.get(place as usize).copied();
        let onset = infection
            .filter(|one| one.symptomatic && one.onset < day as f32 + 1.0)
            .map(|one| one.onset.max(0.0) as i32);
        // A false positive is let go as soon as whoever has no symptoms would be.
        let ends = infection.map_or(day as f32, |one| one.ends);
        let known = self.know(day, person);
        let was_case = known.is_case();
        let linked = known.contact != lianfang_core::contacts::ContactClass::None;
        known.case = if onset.is_some() {
            CaseStanding::Confirmed
        } else {
            CaseStanding::Asymptomatic
        };
        known.case_since = Some(day as i32);
        known.onset = onset;
        if !was_case {
            known.isolated_since = Some(day as i32);
            self.isolated += 1;
        }
        if onset.is_some() {
            self.today.confirmed += 1;
            let part = self
                .city
                .part_of(self.city.persons[person as usize].village());
            self.places.confirmed(part, day as i32, linked);
        } else {
            self.today.asymptomatic += 1;
        }
        self.places.case_at(self.city, person, day as i32);
        self.to_trace
            .push_back((person, day + self.settings.trace_days as usize));
        let end = (ends.max(0.0).ceil() as usize).max(day + 1);
        self.due(end, person, Due::End);
        self.review(day, person);
    }

    /// A case ends in recovery or death.
    pub(super) fn course_ends(&mut self, day: usize, person: u32) {
        let place = self.infection_of[person as usize];
        let fatal = self
            .infections
            .get(place as usize)
            .is_some_and(|one| one.fatal);
        let known = self.know(day, person);
        if !known.is_found() {
            return;
        }
        self.isolated -= 1;
        let known = self.know(day, person);
        if fatal {
            known.dead = true;
            self.hold(day, person);
            return;
        }
        known.case = CaseStanding::Recovered;
        known.recovered = Some(day as i32);
        known.reports_from = day as i32;
        self.review(day, person);
    }
}
