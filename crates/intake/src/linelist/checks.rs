//! What the fields of one row say of each other: which orders of days cannot be, which are odd.
//!
//! Refused is only what cannot be: an outcome before the first symptoms, a recovery before the first
//! positive sample, exposure, admission or isolation after death, the end of a stay before its begin.
//! Real lists have much that is odd and true: contacts are reported before they fall ill, patients fall
//! ill in hospital, or come back to it after they recovered, samples are taken from the dead.

use jiff::civil::Date;
use lianfang_core::cases::{Classification, Outcome};
use lianfang_core::identifiers::{Document, ResidentId};

use super::LineListRow;
use crate::finding::{Findings, Problem};
use crate::preset::{Binding, Field};

/// Fills sex and age from the identity number where they are missing, and checks the rest.
pub(super) fn agree(
    row: &mut LineListRow,
    binding: &Binding,
    today: Date,
    findings: &mut Findings,
) {
    let mut checks = Checks { binding, findings };
    checks.outcome(row);
    checks.stays(row);
    checks.odd_orders(row);
    if row.classification == Classification::Asymptomatic && row.onset.is_some() {
        checks.warn(Field::Onset, Problem::OnsetWithoutSymptoms);
    }
    if let Some(Document::ResidentId(id)) = row.document {
        checks.identity(row, id, today);
    }
}

struct Checks<'a> {
    binding: &'a Binding,
    findings: &'a mut Findings,
}

impl Checks<'_> {
    fn refuse(&mut self, field: Field, problem: Problem<'_>) {
        self.findings
            .refuse(field.word(), self.binding.header(field), problem);
    }

    fn warn(&mut self, field: Field, problem: Problem<'_>) {
        self.findings
            .warn(field.word(), self.binding.header(field), problem);
    }

    fn outcome(&mut self, row: &mut LineListRow) {
        let Some(day) = row.outcome_date else { return };
        let Some(outcome) = row.outcome else {
            self.warn(Field::OutcomeDate, Problem::OutcomeUnknown);
            row.outcome_date = None;
            return;
        };
        let before = |other: Option<Date>| other.is_some_and(|other| day < other);
        let cannot = |field: Field| Problem::DateOrder {
            earlier: field.word(),
        };
        if before(row.onset) {
            self.refuse(Field::OutcomeDate, cannot(Field::Onset));
        }
        for (field, begin) in [
            (Field::Hospitalised, row.hospitalised),
            (Field::Isolated, row.isolated),
        ] {
            match outcome {
                _ if !before(begin) => {}
                Outcome::Died => self.refuse(Field::OutcomeDate, cannot(field)),
                Outcome::Recovered => self.warn(
                    Field::OutcomeDate,
                    Problem::DateOrderOdd {
                        earlier: field.word(),
                    },
                ),
            }
        }
        if before(row.sampled) {
            match outcome {
                Outcome::Recovered => self.refuse(Field::OutcomeDate, cannot(Field::Sampled)),
                Outcome::Died => self.warn(
                    Field::OutcomeDate,
                    Problem::DateOrderOdd {
                        earlier: Field::Sampled.word(),
                    },
                ),
            }
        }
        if before(row.exposed) && outcome == Outcome::Died {
            self.refuse(Field::OutcomeDate, cannot(Field::Exposed));
        }
    }

    /// Stays that end before they begin.
    fn stays(&mut self, row: &LineListRow) {
        for (field, end, (earlier, begin)) in [
            (
                Field::Discharged,
                row.discharged,
                (Field::Hospitalised, row.hospitalised),
            ),
            (
                Field::IsolationEnded,
                row.isolation_ended,
                (Field::Isolated, row.isolated),
            ),
        ] {
            if end.zip(begin).is_some_and(|(end, begin)| end < begin) {
                let earlier = earlier.word();
                self.refuse(field, Problem::DateOrder { earlier });
            }
        }
    }

    fn odd_orders(&mut self, row: &LineListRow) {
        let confirmed_by_sample = row
            .sampled
            .filter(|_| row.classification == Classification::Confirmed);
        for (field, day, (earlier, bound)) in [
            (Field::Reported, row.reported, (Field::Onset, row.onset)),
            (Field::Diagnosed, row.diagnosed, (Field::Onset, row.onset)),
            (
                Field::Hospitalised,
                row.hospitalised,
                (Field::Onset, row.onset),
            ),
            (Field::Onset, row.onset, (Field::Exposed, row.exposed)),
            (
                Field::Diagnosed,
                row.diagnosed,
                (Field::Sampled, confirmed_by_sample),
            ),
        ] {
            if day.zip(bound).is_some_and(|(day, bound)| day < bound) {
                let earlier = earlier.word();
                self.warn(field, Problem::DateOrderOdd { earlier });
            }
        }
    }

    fn identity(&mut self, row: &mut LineListRow, id: ResidentId, today: Date) {
        let born = id.birth_date();
        for (field, day) in [
            (Field::Onset, row.onset),
            (Field::Sampled, row.sampled),
            (Field::Diagnosed, row.diagnosed),
            (Field::Hospitalised, row.hospitalised),
            (Field::OutcomeDate, row.outcome_date),
        ] {
            if day.is_some_and(|day| day < born) {
                self.refuse(field, Problem::BeforeBirth);
            }
        }
        match row.sex {
            None => row.sex = Some(id.sex()),
            Some(sex) if sex != id.sex() => self.warn(Field::Sex, Problem::SexDisagrees),
            Some(_) => {}
        }
        let day = row
            .onset
            .or(row.diagnosed)
            .or(row.reported)
            .or(row.sampled)
            .unwrap_or(today);
        let years = completed_years(born, day);
        match row.age_years {
            None => row.age_years = u8::try_from(years).ok().filter(|years| *years <= 120),
            Some(age) if (i16::from(age) - years).abs() > 1 => {
                self.warn(Field::Age, Problem::AgeDisagrees);
            }
            Some(_) => {}
        }
    }
}

fn completed_years(born: Date, day: Date) -> i16 {
    let birthday_to_come = (day.month(), day.day()) < (born.month(), born.day());
    day.year() - born.year() - i16::from(birthday_to_come)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_are_completed_on_the_birthday() {
        let born = Date::constant(1990, 3, 15);
        assert_eq!(completed_years(born, Date::constant(2020, 3, 14)), 29);
        assert_eq!(completed_years(born, Date::constant(2020, 3, 15)), 30);
    }
}
