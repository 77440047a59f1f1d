//! What is known already when a run begins: cases of a line list, isolated or discharged, and their contacts.

use lianfang_core::passes::CaseStanding;

use super::Response;
use crate::start::PlacedCase;

impl Response<'_> {
    /// Takes in what was known before the first morning, and traces those who are cases still.
    pub(crate) fn begin(&mut self, cases: &[PlacedCase]) {
        for case in cases {
            self.begin_with(case);
        }
        for case in cases.iter().filter(|case| case.ended.is_none()) {
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
