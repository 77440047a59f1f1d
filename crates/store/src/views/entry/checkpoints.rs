//! Checkpoints and who is on duty there.

use jiff::Timestamp;
use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::entry::CheckpointKind;
use lianfang_core::facts::{CheckpointDefined, Fact, ResidentPassed, ShiftSet};
use lianfang_core::ids::{AccountId, CheckpointId};
use lianfang_core::time::{UtcOffset, day_number};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::views::columns::{area, area_at, moment_at, span, word, word_at};
use crate::views::{FoldError, subjects};

pub(crate) const SCHEMA: &str = "
CREATE TABLE view_checkpoints (
  checkpoint BLOB PRIMARY KEY,
  area INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  name TEXT NOT NULL,
  name_en TEXT,
  lanes INTEGER NOT NULL,
  open INTEGER NOT NULL,
  seq INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX view_checkpoints_area ON view_checkpoints (area);
CREATE TABLE view_shifts (
  checkpoint BLOB NOT NULL,
  from_ms INTEGER NOT NULL,
  until_ms INTEGER NOT NULL,
  staff INTEGER NOT NULL,
  lanes INTEGER NOT NULL,
  lead BLOB,
  PRIMARY KEY (checkpoint, from_ms)
) WITHOUT ROWID;
CREATE TABLE view_resident_passes (
  checkpoint BLOB NOT NULL,
  day INTEGER NOT NULL,
  passes INTEGER NOT NULL,
  PRIMARY KEY (checkpoint, day)
) WITHOUT ROWID;
";

/// A checkpoint as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckpointRow {
    /// The checkpoint.
    pub checkpoint: CheckpointId,
    /// Its area.
    pub area: AreaCode,
    /// Its kind.
    pub kind: CheckpointKind,
    /// Its name.
    pub name: String,
    /// Its English name.
    pub name_en: Option<String>,
    /// Lanes that can be open at once.
    pub lanes: u8,
    /// Whether anybody is checked there.
    pub open: bool,
}

/// Who is on duty from when to when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShiftRow {
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// People on duty.
    pub staff: u16,
    /// Lanes open.
    pub lanes: u8,
}

fn read_row(row: &Row<'_>) -> rusqlite::Result<CheckpointRow> {
    Ok(CheckpointRow {
        checkpoint: CheckpointId::from_bytes(row.get(0)?),
        area: area_at(row, 1)?,
        kind: word_at(row, 2)?,
        name: row.get(3)?,
        name_en: row.get(4)?,
        lanes: row.get(5)?,
        open: row.get(6)?,
    })
}

const COLUMNS: &str = "checkpoint, area, kind, name, name_en, lanes, open";

pub(in crate::views) fn defined(
    connection: &Connection,
    fact: &Fact,
    defined: &CheckpointDefined,
) -> Result<(), FoldError> {
    connection
        .prepare_cached(
            "INSERT INTO view_checkpoints (checkpoint, area, kind, name, name_en, lanes, open, seq)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (checkpoint) DO UPDATE SET area = ?2, kind = ?3,
             name = ?4, name_en = ?5, lanes = ?6, open = ?7, seq = ?8",
        )?
        .execute(params![
            defined.checkpoint.to_bytes(),
            area(fact.area),
            word(defined.kind),
            defined.name,
            defined.name_en,
            defined.lanes,
            defined.open,
            fact.seq as i64,
        ])?;
    subjects::note(connection, &defined.checkpoint.to_bytes(), fact)
}

pub(in crate::views) fn shift_set(
    connection: &Connection,
    fact: &Fact,
    shift: &ShiftSet,
) -> Result<(), FoldError> {
    if checkpoint(connection, shift.checkpoint)?.is_none() {
        return Err(FoldError::NotThere("checkpoint"));
    }
    connection
        .prepare_cached(
            "INSERT INTO view_shifts (checkpoint, from_ms, until_ms, staff, lanes, lead) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT DO UPDATE SET until_ms = ?3, staff = ?4, lanes = ?5, lead = ?6",
        )?
        .execute(params![
            shift.checkpoint.to_bytes(),
            shift.from.as_millisecond(),
            shift.until.as_millisecond(),
            shift.staff,
            shift.lanes,
            shift.lead.map(AccountId::to_bytes),
        ])?;
    subjects::note(connection, &shift.checkpoint.to_bytes(), fact)
}

pub(in crate::views) fn resident_passed(
    connection: &Connection,
    fact: &Fact,
    passed: &ResidentPassed,
    offset: UtcOffset,
) -> Result<(), FoldError> {
    if checkpoint(connection, passed.checkpoint)?.is_none() {
        return Err(FoldError::NotThere("checkpoint"));
    }
    connection
        .prepare_cached(
            "INSERT INTO view_resident_passes (checkpoint, day, passes) VALUES (?1, ?2, 1)
             ON CONFLICT DO UPDATE SET passes = passes + 1",
        )?
        .execute(params![
            passed.checkpoint.to_bytes(),
            day_number(offset.day_of(fact.happened_at)),
        ])?;
    Ok(())
}

/// A checkpoint.
pub fn checkpoint(
    connection: &Connection,
    checkpoint: CheckpointId,
) -> Result<Option<CheckpointRow>, rusqlite::Error> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM view_checkpoints WHERE checkpoint = ?1"
        ))?
        .query_row([checkpoint.to_bytes()], read_row)
        .optional()
}

/// Checkpoints within an area, at most a thousand.
pub fn checkpoints(
    connection: &Connection,
    within: AreaCode,
) -> Result<Vec<CheckpointRow>, rusqlite::Error> {
    let (first, last) = span(within);
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM view_checkpoints WHERE area BETWEEN ?1 AND ?2 ORDER BY area, kind, name LIMIT 1000"
        ))?
        .query_map([first, last], read_row)?
        .collect()
}

/// The shift on duty at a checkpoint at a moment; the one that began last where several are.
pub fn on_duty(
    connection: &Connection,
    checkpoint: CheckpointId,
    at: Timestamp,
) -> Result<Option<ShiftRow>, rusqlite::Error> {
    connection
        .prepare_cached(
            "SELECT from_ms, until_ms, staff, lanes FROM view_shifts
             WHERE checkpoint = ?1 AND from_ms <= ?2 AND until_ms > ?2 ORDER BY from_ms DESC LIMIT 1",
        )?
        .query_row(
            params![checkpoint.to_bytes(), at.as_millisecond()],
            |row| {
                Ok(ShiftRow {
                    from: moment_at(row, 0)?,
                    until: moment_at(row, 1)?,
                    staff: row.get(2)?,
                    lanes: row.get(3)?,
                })
            },
        )
        .optional()
}

/// Residents who went through a gate on a day.
pub fn passes_on(
    connection: &Connection,
    checkpoint: CheckpointId,
    day: Date,
) -> Result<u64, rusqlite::Error> {
    let passes: Option<i64> = connection
        .prepare_cached(
            "SELECT passes FROM view_resident_passes WHERE checkpoint = ?1 AND day = ?2",
        )?
        .query_row(params![checkpoint.to_bytes(), day_number(day)], |row| {
            row.get(0)
        })
        .optional()?;
    Ok(passes.unwrap_or(0) as u64)
}
