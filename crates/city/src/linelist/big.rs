//! A line list of any length, for load tests: cases are drawn one by one, without a story.

use std::io::Write;

use jiff::Span;
use jiff::civil::Date;
use lianfang_core::cases::{Classification, Origin};

use super::row::push_row;
use super::{HEADER, Rows};
use crate::areas::City;
use crate::chance::{Chance, Purpose};
use crate::days::{Calendar, check_year};
use crate::error::{CityError, in_range};
use crate::outbreak::course::{Course, has_symptoms, report_delay};
use crate::outbreak::{CaseTruth, home_address};
use crate::people::{People, Wanted, ages};

/// Cases at most: as many as there are phone numbers.
const CASES: (i64, i64) = (1, 100_000_000);
/// Days of the list: at most ten years.
const DAYS: (i64, i64) = (1, 3_653);
/// Days before the first report on which nobody of the list is unborn.
const BEFORE: i64 = 100;
/// Parts of the cases: exposure known, imported.
const EXPOSURE_KNOWN: f64 = 0.4;
const IMPORTED: f64 = 0.05;

/// What a big list should be like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BigList {
    /// From which everything follows.
    pub seed: u64,
    /// Rows, 1 to 100 million.
    pub cases: u32,
    /// The day of the first report.
    pub first_day: Date,
    /// Days of reports, 1 to 3,653; what happens after the last of them is not in the list.
    pub days: u16,
}

/// Writes a list of `list.cases` cases in order of report, and answers how many. Two waves, fewer
/// reports at weekends, areas as likely as they have people. Memory does not grow with the list.
///
/// # Errors
/// A number out of its range, or that `out` failed.
pub fn big_linelist(city: &City, list: &BigList, out: impl Write) -> Result<u64, CityError> {
    in_range("cases of a big list", list.cases, CASES)?;
    in_range("days of a big list", list.days, DAYS)?;
    check_year("year of a big list's first day", list.first_day)?;
    let born_before = list.first_day.saturating_sub(Span::new().days(BEFORE));
    let mut source = Source {
        city,
        calendar: Calendar::from(list.first_day),
        days: i32::from(list.days),
        chance: Chance::new(list.seed, Purpose::BigList),
        people: People::new(list.seed, born_before)?,
    };
    let last_day = source.calendar.day(source.days - 1);
    let mut rows = Rows::new(out, &HEADER.join(","));
    let mut number = 0;
    for (day, cases) in (0..).zip(source.cases_by_day(list.cases)) {
        for _ in 0..cases {
            number += 1;
            let case = source.case(number, day);
            push_row(&mut rows.buffer, &case, last_day);
            rows.end_row()?;
        }
    }
    rows.finish()?;
    Ok(u64::from(number))
}

struct Source<'a> {
    city: &'a City,
    calendar: Calendar,
    days: i32,
    chance: Chance,
    people: People,
}

impl Source<'_> {
    /// Cases reported on each day; they sum to `cases`.
    fn cases_by_day(&self, cases: u32) -> Vec<u32> {
        let weights: Vec<f64> = (0..self.days).map(|day| self.weight(day)).collect();
        let sum: f64 = weights.iter().sum();
        let mut before = 0.0;
        let mut given = 0;
        let mut by_day: Vec<u32> = weights
            .iter()
            .map(|weight| {
                before += weight;
                let until = (f64::from(cases) * before / sum).floor() as u32;
                let today = until - given;
                given = until;
                today
            })
            .collect();
        if let Some(last) = by_day.last_mut() {
            *last += cases - given;
        }
        by_day
    }

    fn weight(&self, day: i32) -> f64 {
        let part = f64::from(day) / f64::from(self.days);
        let wave = |peak: f64, width: f64| (-((part - peak) / width).powi(2)).exp();
        let weekend = matches!(
            self.calendar.day(day).weekday(),
            jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday
        );
        let curve = 0.03 + wave(0.35, 0.15) + 0.6 * wave(0.75, 0.1);
        curve * if weekend { 0.8 } else { 1.0 }
    }

    /// A case reported on `reported`.
    fn case(&mut self, number: u32, reported: i32) -> CaseTruth {
        let chance = &mut self.chance;
        let village = self.city.any_village(chance);
        let age = ages::infected(chance);
        let symptoms = has_symptoms(chance);
        let delay = report_delay(f64::from(reported) / f64::from(self.days));
        let course = Course::draw(chance, age, symptoms, 0, delay);
        let onset = reported - course.reported;
        let infected = self.calendar.day(onset - chance.whole(2, 9));
        let exposed = chance.yes(EXPOSURE_KNOWN).then_some(infected);
        let imported = chance.yes(IMPORTED);
        let address = home_address(self.city, village, chance);
        let wanted = Wanted {
            age: Some(age),
            ..Wanted::default()
        };
        let day = |from_onset: i32| self.calendar.day(onset + from_onset);
        CaseTruth {
            number,
            external_id: format!("BL-{number:09}"),
            person: self.people.draw(wanted, address),
            area: self.city.village(village).code,
            infected,
            exposed,
            onset: symptoms.then(|| day(0)),
            sampled: day(course.sampled),
            diagnosed: day(course.diagnosed),
            reported: day(course.reported),
            hospitalised: day(course.hospitalised),
            classification: if symptoms {
                Classification::Confirmed
            } else {
                Classification::Asymptomatic
            },
            severity: course.severity,
            outcome: course.outcome,
            outcome_date: day(course.outcome_day),
            origin: if imported {
                Origin::Imported
            } else {
                Origin::Local
            },
            imported_from: imported.then_some("湖北武汉"),
            cluster: None,
        }
    }
}
