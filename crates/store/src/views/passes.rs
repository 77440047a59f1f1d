//! Passes: who holds one, what is on record of them, and what the policy last made of it.
//!
//! | table | what it holds |
//! | --- | --- |
//! | `view_passes` | each holder: what the ledger says of them, and the newest assessment |
//! | `view_pass_people` | whose records count for which holder |
//! | `view_pass_codes` | the codes by which passes are opened |
//! | `view_health_reports` | daily reports of holders |
//! | `view_pass_certificates` | health certificates from elsewhere |
//! | `view_pass_keys`, `view_signers` | keys that passes and certificates are verified against |
//!
//! What is on record is gathered anew, from the views of the other rooms, whenever a fact is about somebody who holds a pass. So
//! a colour can be computed for millions without asking every room again.

mod folds;
mod gather;
mod keys;
mod lists;

use jiff::Timestamp;
use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::facts::Fact;
use lianfang_core::ids::{FactId, PassCodeId, PersonId};
use lianfang_core::passes::{Colour, PassFor, PassRecord};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::columns::{
    area_at, malformed, maybe_day_at, maybe_moment_at, maybe_word_at, moment_at, span, word,
    word_at,
};
use super::subjects;
use crate::error::StoreError;
use crate::ledger;

pub(super) use folds::{
    asked, assessed, certified, code_ended, confirmed, refresh_after, reported,
};
pub use gather::gather;
pub use keys::{PassKeyRow, SignerRow, pass_keys, signers};
pub(super) use keys::{key_listed, key_revoked, signer_trusted};
pub use lists::{
    ReportRow, Unconfirmed, code_by_staff, count_waiting, counts_by_area, held_by, reports_of,
    unconfirmed,
};

pub(crate) const SCHEMA: &str = "
CREATE TABLE view_passes (
  id INTEGER PRIMARY KEY,
  holder BLOB NOT NULL UNIQUE,
  area INTEGER NOT NULL,
  record TEXT NOT NULL,
  fact BLOB,
  colour INTEGER,
  rule TEXT,
  since INTEGER,
  until INTEGER,
  pack TEXT,
  assessed_on INTEGER,
  assessed_at INTEGER
);
CREATE INDEX view_passes_area ON view_passes (area, colour);
CREATE TABLE view_pass_people (
  person BLOB PRIMARY KEY,
  holder BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX view_pass_people_holder ON view_pass_people (holder);
CREATE TABLE view_pass_codes (
  code BLOB PRIMARY KEY,
  person BLOB NOT NULL,
  area INTEGER NOT NULL,
  asked_by INTEGER NOT NULL,
  guardian BLOB,
  asked_at INTEGER NOT NULL,
  confirmed_at INTEGER,
  ended_at INTEGER
) WITHOUT ROWID;
CREATE INDEX view_pass_codes_person ON view_pass_codes (person);
CREATE INDEX view_pass_codes_guardian ON view_pass_codes (guardian) WHERE guardian IS NOT NULL;
CREATE INDEX view_pass_codes_waiting ON view_pass_codes (area, asked_at) WHERE confirmed_at IS NULL AND ended_at IS NULL;
CREATE INDEX view_pass_codes_unconfirmed ON view_pass_codes (code) WHERE confirmed_at IS NULL;
CREATE TABLE view_health_reports (
  person BLOB NOT NULL,
  day INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  temperature INTEGER,
  symptoms INTEGER NOT NULL,
  made_by INTEGER NOT NULL,
  abnormal INTEGER NOT NULL,
  PRIMARY KEY (person, day, seq)
) WITHOUT ROWID;
CREATE TABLE view_pass_certificates (
  certificate TEXT NOT NULL,
  person BLOB NOT NULL,
  fact BLOB NOT NULL,
  kind INTEGER NOT NULL,
  day INTEGER NOT NULL,
  complete INTEGER NOT NULL,
  issuer TEXT NOT NULL,
  signer TEXT NOT NULL,
  PRIMARY KEY (person, certificate)
) WITHOUT ROWID;
CREATE TABLE view_pass_keys (
  kid TEXT PRIMARY KEY,
  issuer TEXT NOT NULL,
  algorithm TEXT NOT NULL,
  public_key TEXT NOT NULL,
  valid_from INTEGER NOT NULL,
  valid_until INTEGER NOT NULL,
  number INTEGER,
  revoked_at INTEGER,
  reason TEXT
) WITHOUT ROWID;
CREATE TABLE view_signers (
  kid TEXT PRIMARY KEY,
  certificate TEXT NOT NULL,
  trusted INTEGER NOT NULL,
  at INTEGER NOT NULL
) WITHOUT ROWID;
";

/// What the policy last made of a holder's evidence, as recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessed {
    /// The fact.
    pub fact: FactId,
    /// The colour.
    pub colour: Colour,
    /// The rule.
    pub rule: String,
    /// Since which day.
    pub since: Option<Date>,
    /// Until which day.
    pub until: Option<Date>,
    /// The pack and its version.
    pub pack: String,
    /// The day it was asked for.
    pub on: Date,
    /// When.
    pub at: Timestamp,
}

/// The holder of a pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassRow {
    /// Its place among all, in the order of confirmation.
    pub id: u64,
    /// The holder.
    pub holder: PersonId,
    /// Where they live.
    pub area: AreaCode,
    /// What the ledger says of them.
    pub record: PassRecord,
    /// The newest assessment.
    pub assessed: Option<Assessed>,
}

/// A code by which a pass is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeRow {
    /// Its id.
    pub code: PassCodeId,
    /// The person.
    pub person: PersonId,
    /// Where they live.
    pub area: AreaCode,
    /// Who asked.
    pub by: PassFor,
    /// The code of whoever looks after them.
    pub guardian: Option<PassCodeId>,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// When somebody saw who it is.
    pub confirmed_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

const COLUMNS: &str =
    "id, holder, area, record, fact, colour, rule, since, until, pack, assessed_on, assessed_at";

fn read_row(row: &Row<'_>) -> rusqlite::Result<PassRow> {
    let record = row.get_ref(3)?.as_str().map_err(|_| malformed(3))?;
    let assessed = match row.get::<_, Option<[u8; 16]>>(4)? {
        Some(fact) => Some(Assessed {
            fact: FactId::from_bytes(fact),
            colour: maybe_word_at(row, 5)?.ok_or_else(|| malformed(5))?,
            rule: row.get(6)?,
            since: maybe_day_at(row, 7)?,
            until: maybe_day_at(row, 8)?,
            pack: row.get(9)?,
            on: maybe_day_at(row, 10)?.ok_or_else(|| malformed(10))?,
            at: moment_at(row, 11)?,
        }),
        None => None,
    };
    Ok(PassRow {
        id: row.get::<_, i64>(0)? as u64,
        holder: PersonId::from_bytes(row.get(1)?),
        area: area_at(row, 2)?,
        record: serde_json::from_str(record).map_err(|_| malformed(3))?,
        assessed,
    })
}

/// The holder whose pass this person's records count for.
pub fn holder_of(
    connection: &Connection,
    person: PersonId,
) -> Result<Option<PersonId>, rusqlite::Error> {
    connection
        .prepare_cached("SELECT holder FROM view_pass_people WHERE person = ?1")?
        .query_row([person.to_bytes()], |row| {
            Ok(PersonId::from_bytes(row.get(0)?))
        })
        .optional()
}

/// A holder's pass.
pub fn pass(connection: &Connection, holder: PersonId) -> Result<Option<PassRow>, rusqlite::Error> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM view_passes WHERE holder = ?1"
        ))?
        .query_row([holder.to_bytes()], read_row)
        .optional()
}

/// The places of the first and the last holder.
pub fn span_of_ids(connection: &Connection) -> Result<Option<(u64, u64)>, rusqlite::Error> {
    connection
        .prepare_cached("SELECT min(id), max(id) FROM view_passes")?
        .query_row([], |row| {
            let (first, last): (Option<i64>, Option<i64>) = (row.get(0)?, row.get(1)?);
            Ok(first.zip(last).map(|(a, b)| (a as u64, b as u64)))
        })
}

/// Calls `see` with each holder whose place lies from `first` to `last`.
pub fn each(
    connection: &Connection,
    first: u64,
    last: u64,
    mut see: impl FnMut(PassRow),
) -> Result<(), rusqlite::Error> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM view_passes WHERE id BETWEEN ?1 AND ?2 ORDER BY id"
    ))?;
    let mut rows = statement.query(params![first as i64, last as i64])?;
    while let Some(row) = rows.next()? {
        see(read_row(row)?);
    }
    Ok(())
}

/// Passes of an area by colour, as last assessed; those never assessed have none.
pub fn counts(
    connection: &Connection,
    within: AreaCode,
) -> Result<Vec<(Option<Colour>, u64)>, rusqlite::Error> {
    let (first, last) = span(within);
    connection
        .prepare_cached(
            "SELECT colour, count(*) FROM view_passes WHERE area BETWEEN ?1 AND ?2 GROUP BY colour ORDER BY colour",
        )?
        .query_map([first, last], |row| {
            Ok((maybe_word_at(row, 0)?, row.get::<_, i64>(1)? as u64))
        })?
        .collect()
}

/// Passes of an area, the strictest first, after the place of another.
pub fn list(
    connection: &Connection,
    within: AreaCode,
    colour: Option<Colour>,
    after: u64,
    limit: usize,
) -> Result<Vec<PassRow>, rusqlite::Error> {
    let (first, last) = span(within);
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM view_passes WHERE area BETWEEN ?1 AND ?2 AND (?3 IS NULL OR colour = ?3) AND id > ?4
             ORDER BY id LIMIT ?5"
        ))?
        .query_map(
            params![first, last, colour.map(word), after as i64, limit as i64],
            read_row,
        )?
        .collect()
}

const CODE_COLUMNS: &str =
    "code, person, area, asked_by, guardian, asked_at, confirmed_at, ended_at";

fn read_code(row: &Row<'_>) -> rusqlite::Result<CodeRow> {
    Ok(CodeRow {
        code: PassCodeId::from_bytes(row.get(0)?),
        person: PersonId::from_bytes(row.get(1)?),
        area: area_at(row, 2)?,
        by: word_at(row, 3)?,
        guardian: row
            .get::<_, Option<[u8; 16]>>(4)?
            .map(PassCodeId::from_bytes),
        asked_at: moment_at(row, 5)?,
        confirmed_at: maybe_moment_at(row, 6)?,
        ended_at: maybe_moment_at(row, 7)?,
    })
}

/// A code.
pub fn code(connection: &Connection, code: PassCodeId) -> Result<Option<CodeRow>, rusqlite::Error> {
    connection
        .prepare_cached(&format!(
            "SELECT {CODE_COLUMNS} FROM view_pass_codes WHERE code = ?1"
        ))?
        .query_row([code.to_bytes()], read_code)
        .optional()
}

/// The codes of those whom the owner of a code looks after, the oldest first.
pub fn cared_for(
    connection: &Connection,
    guardian: PassCodeId,
) -> Result<Vec<CodeRow>, rusqlite::Error> {
    connection
        .prepare_cached(&format!(
            "SELECT {CODE_COLUMNS} FROM view_pass_codes WHERE guardian = ?1 AND ended_at IS NULL ORDER BY asked_at, code LIMIT 50"
        ))?
        .query_map([guardian.to_bytes()], read_code)?
        .collect()
}

/// The codes of a person, the newest first.
pub fn codes_of(
    connection: &Connection,
    person: PersonId,
) -> Result<Vec<CodeRow>, rusqlite::Error> {
    connection
        .prepare_cached(&format!(
            "SELECT {CODE_COLUMNS} FROM view_pass_codes WHERE person = ?1 ORDER BY asked_at DESC LIMIT 50"
        ))?
        .query_map([person.to_bytes()], read_code)?
        .collect()
}

/// Codes of an area that wait for somebody to see who it is, the oldest first.
pub fn waiting(
    connection: &Connection,
    within: AreaCode,
    limit: usize,
) -> Result<Vec<CodeRow>, StoreError> {
    let (first, last) = span(within);
    let rows = connection
        .prepare_cached(&format!(
            "SELECT {CODE_COLUMNS} FROM view_pass_codes WHERE area BETWEEN ?1 AND ?2
             AND confirmed_at IS NULL AND ended_at IS NULL ORDER BY asked_at, code LIMIT ?3"
        ))?
        .query_map(params![first, last, limit as i64], read_code)?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

/// The newest facts about a holder, the newest first.
pub fn newest_facts(
    connection: &Connection,
    holder: PersonId,
    limit: usize,
) -> Result<Vec<Fact>, StoreError> {
    subjects::newest_facts_about(connection, holder.to_bytes(), limit)
}

/// The facts about a case, contact, arrival or order, oldest first.
pub fn evidence_facts(
    connection: &Connection,
    about: [u8; 16],
    limit: usize,
) -> Result<Vec<Fact>, StoreError> {
    let mut facts = subjects::facts_about(connection, about, limit)?;
    let first: Option<i64> = connection
        .prepare_cached(
            "SELECT id FROM view_cases WHERE case_id = ?1 UNION SELECT id FROM view_entrants WHERE entrant = ?1",
        )?
        .query_row([about], |row| row.get(0))
        .optional()?;
    if let Some(first) = first {
        let first = first as u64;
        facts.extend(ledger::facts_after(connection, first.saturating_sub(1), 1)?);
        facts.sort_by_key(|fact| fact.seq);
        facts.dedup_by_key(|fact| fact.seq);
    }
    Ok(facts)
}
