//! What areas report of themselves: cumulative totals and daily reports, each as first known
//! and as corrected later.

use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::facts::{Body, DailyReportFiled, Fact, TotalsReported};
use lianfang_core::time::{day_from_number, day_number};
use rusqlite::{Connection, OptionalExtension, params};

use super::{FoldError, Folder};
use crate::error::StoreError;

pub(crate) const SCHEMA: &str = "
CREATE TABLE view_totals (
  area INTEGER NOT NULL,
  day INTEGER NOT NULL,
  known INTEGER NOT NULL,
  confirmed INTEGER NOT NULL,
  suspected INTEGER,
  cured INTEGER,
  dead INTEGER,
  recorded INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (area, day, known)
) WITHOUT ROWID;
CREATE TABLE view_daily_reports (
  area INTEGER NOT NULL,
  day INTEGER NOT NULL,
  known INTEGER NOT NULL,
  new_cases INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (area, day)
) WITHOUT ROWID;
";

pub(super) fn totals(
    connection: &Connection,
    fact: &Fact,
    body: &Body,
    totals: &TotalsReported,
    folder: &Folder,
) -> Result<(), FoldError> {
    let known = body.known_on(fact.recorded_at, folder.utc_offset);
    connection
        .prepare_cached(
            "INSERT INTO view_totals (area, day, known, confirmed, suspected, cured, dead, recorded, seq)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (area, day, known) DO UPDATE SET confirmed = ?4, suspected = ?5, cured = ?6,
             dead = ?7, recorded = ?8, seq = ?9",
        )?
        .execute(params![
            fact.area.as_u64() as i64,
            day_number(totals.day),
            day_number(known),
            totals.confirmed,
            totals.suspected,
            totals.cured,
            totals.dead,
            day_number(folder.utc_offset.day_of(fact.recorded_at)),
            fact.seq as i64,
        ])?;
    Ok(())
}

pub(super) fn daily(
    connection: &Connection,
    fact: &Fact,
    report: &DailyReportFiled,
    folder: &Folder,
) -> Result<(), FoldError> {
    let known = folder.utc_offset.day_of(fact.recorded_at);
    // The first filing says when the report arrived; a later one corrects the number.
    connection
        .prepare_cached(
            "INSERT INTO view_daily_reports (area, day, known, new_cases, seq) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (area, day) DO UPDATE SET new_cases = ?4, seq = ?5",
        )?
        .execute(params![
            fact.area.as_u64() as i64,
            day_number(report.day),
            day_number(known),
            report.new_cases,
            fact.seq as i64,
        ])?;
    Ok(())
}

/// Cumulative totals of an area on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// The area.
    pub area: AreaCode,
    /// The day they stand for.
    pub day: Date,
    /// The day they became known.
    pub known: Date,
    /// Confirmed so far.
    pub confirmed: u32,
    /// Suspected at present.
    pub suspected: Option<u32>,
    /// Cured so far.
    pub cured: Option<u32>,
    /// Dead so far.
    pub dead: Option<u32>,
    /// Whether the ledger took them later than they were published.
    pub recorded_later: bool,
}

/// All totals of areas within `area` known by the end of `known`, by area, day and known day.
pub fn totals_within(
    connection: &Connection,
    area: AreaCode,
    known: Date,
) -> Result<Vec<Totals>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT area, day, known, confirmed, suspected, cured, dead, recorded > known FROM view_totals
         WHERE area BETWEEN ?1 AND ?2 AND known <= ?3 ORDER BY area, day, known",
    )?;
    let rows = statement.query_map(
        params![
            area.as_u64() as i64,
            area.last().as_u64() as i64,
            day_number(known)
        ],
        |row| {
            Ok((
                row.get::<_, i64>(0)? as u64,
                row.get::<_, i32>(1)?,
                row.get::<_, i32>(2)?,
                (row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?),
                row.get(7)?,
            ))
        },
    )?;
    let mut totals = Vec::new();
    for row in rows {
        let (area, day, known, (confirmed, suspected, cured, dead), recorded_later) = row?;
        let bad = StoreError::Malformed("total");
        let (Ok(area), Some(day), Some(known)) = (
            AreaCode::from_u64(area),
            day_from_number(day),
            day_from_number(known),
        ) else {
            return Err(bad);
        };
        totals.push(Totals {
            area,
            day,
            known,
            confirmed,
            suspected,
            cured,
            dead,
            recorded_later,
        });
    }
    Ok(totals)
}

/// The newest total of an area for a day, whenever known, with the place of its fact.
pub fn total_of(
    connection: &Connection,
    area: AreaCode,
    day: Date,
) -> Result<Option<(TotalsReported, u64)>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT confirmed, suspected, cured, dead, known, seq FROM view_totals
             WHERE area = ?1 AND day = ?2 ORDER BY known DESC LIMIT 1",
        )?
        .query_row(params![area.as_u64() as i64, day_number(day)], |row| {
            let totals = TotalsReported {
                day,
                confirmed: row.get(0)?,
                suspected: row.get(1)?,
                cured: row.get(2)?,
                dead: row.get(3)?,
                published: day_from_number(row.get(4)?),
            };
            Ok((totals, row.get::<_, i64>(5)? as u64))
        })
        .optional()?)
}

/// A daily report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DailyReport {
    /// The area.
    pub area: AreaCode,
    /// The day reported.
    pub day: Date,
    /// When it arrived.
    pub known: Date,
    /// New cases.
    pub new_cases: u32,
}

/// Daily reports of areas within `area` for days from `from`, known by the end of `known`.
pub fn daily_reports_within(
    connection: &Connection,
    area: AreaCode,
    from: Date,
    known: Date,
) -> Result<Vec<DailyReport>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT area, day, known, new_cases FROM view_daily_reports
         WHERE area BETWEEN ?1 AND ?2 AND day >= ?3 AND known <= ?4 ORDER BY area, day",
    )?;
    let rows = statement.query_map(
        params![
            area.as_u64() as i64,
            area.last().as_u64() as i64,
            day_number(from),
            day_number(known)
        ],
        |row| {
            Ok((
                row.get::<_, i64>(0)? as u64,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
            ))
        },
    )?;
    let mut reports = Vec::new();
    for row in rows {
        let (area, day, known, new_cases) = row?;
        let (Ok(area), Some(day), Some(known)) = (
            AreaCode::from_u64(area),
            day_from_number(day),
            day_from_number(known),
        ) else {
            return Err(StoreError::Malformed("daily report"));
        };
        reports.push(DailyReport {
            area,
            day,
            known,
            new_cases,
        });
    }
    Ok(reports)
}
