//! How many cases of what sort fell on which day, as known from which day on; for every area from
//! the grid up to the country, so that a morning over a million cases reads a few hundred rows.
//!
//! A correction takes one away and adds one, both on the day it became known: the sum up to a
//! known day is what was known then.

use std::collections::HashMap;

use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::cases::{CaseDetails, Classification, Origin, Outcome, Severity};
use lianfang_core::time::{day_from_number, day_number};
use rusqlite::{Connection, params};

use crate::error::StoreError;

pub(crate) const SCHEMA: &str = "
CREATE TABLE view_counts (
  area INTEGER NOT NULL,
  measure INTEGER NOT NULL,
  day INTEGER NOT NULL,
  known INTEGER NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (area, measure, day, known)
) WITHOUT ROWID;
CREATE TABLE view_tallies (
  area INTEGER NOT NULL,
  classification INTEGER NOT NULL,
  origin INTEGER NOT NULL,
  outcome INTEGER NOT NULL,
  severity INTEGER NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (area, classification, origin, outcome, severity)
) WITHOUT ROWID;
";

/// A sort of case, counted on a day of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Every record, whatever its classification, on its curve day.
    All,
    /// Confirmed and clinically diagnosed, on their curve day.
    Confirmed,
    /// Suspected, on their curve day.
    Suspected,
    /// Without symptoms, on their curve day.
    Asymptomatic,
    /// Confirmed and infected elsewhere, on their curve day.
    Imported,
    /// Confirmed and part of a cluster, on their curve day.
    Clustered,
    /// Confirmed, on the day of first symptoms, where known.
    Onset,
    /// Confirmed and recovered, on the day of recovery.
    Cured,
    /// Confirmed and died, on the day of death.
    Dead,
    /// Taken by the ledger later than published, on their curve day.
    RecordedLater,
    /// Confirmed, on the day of the first positive sample, where known.
    Sampled,
    /// Confirmed, on the day of report, where known.
    Reported,
}

impl Measure {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::All,
        Self::Confirmed,
        Self::Suspected,
        Self::Asymptomatic,
        Self::Imported,
        Self::Clustered,
        Self::Onset,
        Self::Cured,
        Self::Dead,
        Self::RecordedLater,
        Self::Sampled,
        Self::Reported,
    ];

    pub(super) fn number(self) -> i64 {
        self as i64
    }
}

/// A case as far as it is counted.
pub(crate) struct Counted<'a> {
    pub(crate) area: AreaCode,
    pub(crate) details: &'a CaseDetails,
    /// Its curve day.
    pub(crate) day: i32,
    /// Whether the ledger took it later than it was published.
    pub(crate) recorded_later: bool,
}

impl Counted<'_> {
    /// What it counts for, each with its day.
    fn measures(&self) -> impl Iterator<Item = (Measure, i32)> {
        let (details, day) = (self.details, self.day);
        let counted = details.classification.counts();
        let ended = details.outcome_date.map_or(day, day_number);
        let when = |yes: bool, measure, day| yes.then_some((measure, day));
        let is = |classification| details.classification == classification;
        let ended_as = |outcome| counted && details.outcome == Some(outcome);
        [
            Some((Measure::All, day)),
            when(counted, Measure::Confirmed, day),
            when(is(Classification::Suspected), Measure::Suspected, day),
            when(is(Classification::Asymptomatic), Measure::Asymptomatic, day),
            when(
                counted && details.origin == Some(Origin::Imported),
                Measure::Imported,
                day,
            ),
            when(
                counted && details.cluster.is_some(),
                Measure::Clustered,
                day,
            ),
            details
                .onset
                .filter(|_| counted)
                .map(|onset| (Measure::Onset, day_number(onset))),
            when(ended_as(Outcome::Recovered), Measure::Cured, ended),
            when(ended_as(Outcome::Died), Measure::Dead, ended),
            when(self.recorded_later, Measure::RecordedLater, day),
            details
                .sampled
                .filter(|_| counted)
                .map(|sampled| (Measure::Sampled, day_number(sampled))),
            details
                .reported
                .filter(|_| counted)
                .map(|reported| (Measure::Reported, day_number(reported))),
        ]
        .into_iter()
        .flatten()
    }
}

/// Sums gathered while folding, written when the transaction ends.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    by_day: HashMap<(AreaCode, Measure, i32, i32), i64>,
    /// Cases as they stand by area, classification, origin, outcome and severity, so that a list
    /// knows how many rows a filter lets through without reading them.
    tallies: HashMap<(AreaCode, [i64; 4]), i64>,
}

/// The place of a coded value among all, and -1 where it is not known.
fn code<T: PartialEq + Copy>(all: &[T], value: Option<T>) -> i64 {
    value
        .and_then(|value| all.iter().position(|v| *v == value))
        .map_or(-1, |place| place as i64)
}

impl Counts {
    /// Adds `n` such cases, known from `known` on, to the areas that contain theirs.
    pub(crate) fn add(&mut self, case: &Counted<'_>, known: i32, n: i64) {
        for (measure, on) in case.measures() {
            for area in case.area.with_ancestors() {
                *self.by_day.entry((area, measure, on, known)).or_default() += n;
            }
        }
        let details = case.details;
        let codes = [
            code(Classification::ALL, Some(details.classification)),
            code(Origin::ALL, details.origin),
            code(Outcome::ALL, details.outcome),
            code(Severity::ALL, details.severity),
        ];
        for area in case.area.with_ancestors() {
            *self.tallies.entry((area, codes)).or_default() += n;
        }
    }

    pub(crate) fn merge(&mut self, other: Self) {
        if self.by_day.is_empty() && self.tallies.is_empty() {
            *self = other;
            return;
        }
        for (key, n) in other.by_day {
            *self.by_day.entry(key).or_default() += n;
        }
        for (key, n) in other.tallies {
            *self.tallies.entry(key).or_default() += n;
        }
    }

    /// Writes the sums; a sum of zero leaves no row, so that the way to it does not show.
    pub(crate) fn flush(&mut self, connection: &Connection) -> Result<(), rusqlite::Error> {
        let mut sums: Vec<_> = self.by_day.drain().filter(|(_, n)| *n != 0).collect();
        sums.sort_unstable_by_key(|(key, _)| *key);
        let mut add = connection.prepare_cached(
            "INSERT INTO view_counts (area, measure, day, known, n) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (area, measure, day, known) DO UPDATE SET n = n + ?5 RETURNING n",
        )?;
        let mut clear = connection.prepare_cached(
            "DELETE FROM view_counts WHERE area = ?1 AND measure = ?2 AND day = ?3 AND known = ?4",
        )?;
        for ((area, measure, day, known), n) in sums {
            let area = area.as_u64() as i64;
            let sum: i64 = add
                .query_row(params![area, measure.number(), day, known, n], |row| {
                    row.get(0)
                })?;
            if sum == 0 {
                clear.execute(params![area, measure.number(), day, known])?;
            }
        }
        self.flush_tallies(connection)
    }

    fn flush_tallies(&mut self, connection: &Connection) -> Result<(), rusqlite::Error> {
        let mut sums: Vec<_> = self.tallies.drain().filter(|(_, n)| *n != 0).collect();
        sums.sort_unstable_by_key(|(key, _)| *key);
        let mut add = connection.prepare_cached(
            "INSERT INTO view_tallies (area, classification, origin, outcome, severity, n)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (area, classification, origin, outcome, severity) DO UPDATE SET n = n + ?6 RETURNING n",
        )?;
        let mut clear = connection.prepare_cached(
            "DELETE FROM view_tallies WHERE area = ?1 AND classification = ?2 AND origin = ?3
             AND outcome = ?4 AND severity = ?5",
        )?;
        for ((area, [a, b, c, d]), n) in sums {
            let area = area.as_u64() as i64;
            let sum: i64 = add.query_row(params![area, a, b, c, d, n], |row| row.get(0))?;
            if sum == 0 {
                clear.execute(params![area, a, b, c, d])?;
            }
        }
        Ok(())
    }
}

/// A number of cases of a sort on a day, known from a day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Count {
    /// The sort.
    pub measure: Measure,
    /// The day they fall on.
    pub day: Date,
    /// The day from which that was known.
    pub known: Date,
    /// How many; negative for what was taken back.
    pub n: i64,
}

/// The counts of an area known by the end of `known`, of the sorts asked for, by day and known
/// day.
pub fn counts_of(
    connection: &Connection,
    area: AreaCode,
    known: Date,
    measures: &[Measure],
) -> Result<Vec<Count>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT day, known, n FROM view_counts WHERE area = ?1 AND measure = ?2 AND known <= ?3
         ORDER BY day, known",
    )?;
    let mut counts = Vec::new();
    for measure in measures {
        let mut rows = statement.query(params![
            area.as_u64() as i64,
            measure.number(),
            day_number(known)
        ])?;
        while let Some(row) = rows.next()? {
            counts.push(Count {
                measure: *measure,
                day: day_from_number(row.get(0)?).ok_or(StoreError::Malformed("day"))?,
                known: day_from_number(row.get(1)?).ok_or(StoreError::Malformed("day"))?,
                n: row.get(2)?,
            });
        }
    }
    Ok(counts)
}
