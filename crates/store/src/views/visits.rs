//! What the ledger says of the visit log: how many visits of each day were taken, and the digest of
//! what was sealed last.

use jiff::civil::Date;
use lianfang_core::facts::{DayVisits, Fact, VisitsDropped, VisitsSealed, VisitsTaken};
use lianfang_core::time::day_number;
use rusqlite::{Connection, OptionalExtension, params};

use super::FoldError;
use super::columns::{day_at, maybe_day_at};

pub(super) const SCHEMA: &str = "
CREATE TABLE view_visit_log (
  day INTEGER PRIMARY KEY,
  visits INTEGER NOT NULL,
  sum INTEGER NOT NULL
);
CREATE TABLE view_visit_root (
  one INTEGER PRIMARY KEY,
  generation INTEGER NOT NULL,
  blake3 TEXT,
  kept_from INTEGER,
  taken INTEGER NOT NULL,
  seq INTEGER NOT NULL
);
";

/// All that the ledger says of the visit log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogSaid {
    /// How often the log was sealed, merged or dropped from, at the newest fact of it.
    pub generation: u64,
    /// BLAKE3 of its manifest then, in hex; none before the first.
    pub blake3: Option<String>,
    /// The first day that is kept, if any was dropped.
    pub kept_from: Option<Date>,
    /// Batches taken.
    pub batches: u64,
    /// The place of the newest fact about the log.
    pub seq: u64,
    /// Visits of each day taken, of days that are kept.
    pub days: Vec<DayVisits>,
}

pub(super) fn taken(
    connection: &Connection,
    fact: &Fact,
    taken: &VisitsTaken,
) -> Result<(), FoldError> {
    for day in &taken.days {
        let number = day_number(day.day);
        let (visits, sum) = connection
            .prepare_cached("SELECT visits, sum FROM view_visit_log WHERE day = ?1")?
            .query_row([number], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
            })
            .optional()?
            .unwrap_or_default();
        connection
            .prepare_cached(
                "INSERT INTO view_visit_log (day, visits, sum) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET visits = ?2, sum = ?3",
            )?
            .execute(params![
                number,
                visits.wrapping_add(day.visits.cast_signed()),
                sum.wrapping_add(day.sum.cast_signed()),
            ])?;
    }
    connection
        .prepare_cached(
            "INSERT INTO view_visit_root (one, generation, taken, seq) VALUES (1, 0, 1, ?1)
             ON CONFLICT DO UPDATE SET taken = taken + 1, seq = ?1",
        )?
        .execute([fact.seq as i64])?;
    Ok(())
}

pub(super) fn sealed(
    connection: &Connection,
    fact: &Fact,
    sealed: &VisitsSealed,
) -> Result<(), FoldError> {
    connection
        .prepare_cached(
            "INSERT INTO view_visit_root (one, generation, blake3, taken, seq) VALUES (1, ?1, ?2, 0, ?3)
             ON CONFLICT DO UPDATE SET generation = ?1, blake3 = ?2, seq = ?3",
        )?
        .execute(params![
            sealed.generation.cast_signed(),
            sealed.blake3,
            fact.seq as i64
        ])?;
    Ok(())
}

pub(super) fn dropped(
    connection: &Connection,
    fact: &Fact,
    dropped: &VisitsDropped,
) -> Result<(), FoldError> {
    let kept_from = day_number(dropped.kept_from);
    connection
        .prepare_cached("DELETE FROM view_visit_log WHERE day < ?1")?
        .execute([kept_from])?;
    connection
        .prepare_cached(
            "INSERT INTO view_visit_root (one, generation, blake3, kept_from, taken, seq) VALUES (1, ?1, ?2, ?3, 0, ?4)
             ON CONFLICT DO UPDATE SET generation = ?1, blake3 = ?2, kept_from = ?3, seq = ?4",
        )?
        .execute(params![
            dropped.generation.cast_signed(),
            dropped.blake3,
            kept_from,
            fact.seq as i64
        ])?;
    Ok(())
}

/// What the ledger says of the visit log; nothing where there never was a visit.
pub fn said(connection: &Connection) -> Result<LogSaid, rusqlite::Error> {
    let root = connection
        .prepare_cached("SELECT generation, blake3, kept_from, taken, seq FROM view_visit_root")?
        .query_row([], |row| {
            Ok(LogSaid {
                generation: row.get::<_, i64>(0)?.cast_unsigned(),
                blake3: row.get(1)?,
                kept_from: maybe_day_at(row, 2)?,
                batches: row.get::<_, i64>(3)?.cast_unsigned(),
                seq: row.get::<_, i64>(4)?.cast_unsigned(),
                days: Vec::new(),
            })
        })
        .optional()?
        .unwrap_or_default();
    let days = connection
        .prepare_cached("SELECT day, visits, sum FROM view_visit_log ORDER BY day")?
        .query_map([], |row| {
            Ok(DayVisits {
                day: day_at(row, 0)?,
                visits: row.get::<_, i64>(1)?.cast_unsigned(),
                sum: row.get::<_, i64>(2)?.cast_unsigned(),
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(LogSaid { days, ..root })
}
