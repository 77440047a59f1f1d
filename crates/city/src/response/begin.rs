//! What is known already when a run begins: cases of a line list, isolated or discharged, their contacts, and arrivals.

use lianfang_core::passes::CaseStanding;

use super::Response;
use crate::start::{Placed, PlacedCase};

impl Response<'_> {
    /// Takes in what was known before the first morning, and traces those who are cases still and were not traced.
    pub(crate) fn begin(&mut self, placed: &Placed) {
        let cases = &placed.cases;
        for case in cases {
            self.begin_with(case);
        }
        for contact in &placed.contacts {
            self.note_contact(0, contact.person, contact.class, contact.exposed);
        }
        for arrival in &placed.arrivals {
            let known = self.know(0, arrival.person);
            known.origin = arrival.origin;
            known.abroad = arrival.abroad;
            known.entered = Some(arrival.entered);
            known.reports_from = arrival.entered;
            self.review(0, arrival.person);
        }
        let untraced = |case: &&PlacedCase| case.ended.is_none() && !case.traced;
        for case in cases.iter().filter(untraced) {
            self.trace_case(0, case.person);
        }
    }

    fn begin_with(&mut self, case: &PlacedCase) {
        let person = case.person;
        let found = if case.symptomatic {
            CaseStanding::Confirmed
        } else {
            CaseStanding::Asymptomatic
        };
        let known = self.know(0, person);
        known.case = found;
        known.case_since = Some(case.found);
        known.onset = case.onset;
        known.tested = Some(case.found);
        known.reports_from = case.found;
        match case.ended {
            None => {
                known.isolated_since = Some(case.apart);
                self.isolated += 1;
            }
            Some((_, true)) => known.dead = true,
            Some((day, false)) => {
                known.case = CaseStanding::Recovered;
                known.recovered = Some(day);
                known.reports_from = day;
            }
        }
        if case.symptomatic {
            let village = self.city.persons[person as usize].village();
            let area = self.city.part_of(village);
            self.places.confirmed(area, case.found, false);
        }
        self.places.case_at(self.city, person, case.found);
        self.review(0, person);
        self.hold(0, person);
    }
}
