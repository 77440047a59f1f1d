//! Contacts on another system's list: who they are there, before and after it is known of which case.

use lianfang_core::areas::AreaCode;
use lianfang_core::contacts::{ContactDetails, ContactStatus};
use lianfang_core::facts::{ContactListed, Fact};
use lianfang_core::ids::{ListedId, PersonId};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::error::StoreError;
use crate::views::columns::{area, area_at, malformed, maybe_word_at, span, word};
use crate::views::{FoldError, subjects};

pub(crate) const SCHEMA: &str = "
CREATE TABLE view_listed (
  id INTEGER PRIMARY KEY,
  listed BLOB NOT NULL UNIQUE,
  person BLOB NOT NULL,
  area INTEGER NOT NULL,
  details TEXT NOT NULL,
  status INTEGER,
  seq INTEGER NOT NULL
);
CREATE INDEX view_listed_person ON view_listed (person);
";

/// A contact on another system's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedRow {
    /// The place of the fact that first listed it.
    pub id: u64,
    /// The entry of the list.
    pub listed: ListedId,
    /// The person.
    pub person: PersonId,
    /// Where the person is.
    pub area: AreaCode,
    /// What is known of the person.
    pub details: ContactDetails,
    /// How far the work has come there.
    pub status: Option<ContactStatus>,
    /// The place of the newest fact about it.
    pub seq: u64,
}

const COLUMNS: &str = "id, listed, person, area, details, status, seq";

fn read_row(row: &Row<'_>) -> rusqlite::Result<ListedRow> {
    let details: String = row.get(4)?;
    Ok(ListedRow {
        id: row.get::<_, i64>(0)? as u64,
        listed: ListedId::from_bytes(row.get(1)?),
        person: PersonId::from_bytes(row.get(2)?),
        area: area_at(row, 3)?,
        details: serde_json::from_str(&details).map_err(|_| malformed(4))?,
        status: maybe_word_at(row, 5)?,
        seq: row.get::<_, i64>(6)? as u64,
    })
}

/// An entry of a list.
pub fn listed(
    connection: &Connection,
    listed: ListedId,
) -> Result<Option<ListedRow>, rusqlite::Error> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM view_listed WHERE listed = ?1"
        ))?
        .query_row([listed.to_bytes()], read_row)
        .optional()
}

/// The first entry of a person.
pub fn listed_as(
    connection: &Connection,
    person: PersonId,
) -> Result<Option<ListedRow>, rusqlite::Error> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM view_listed WHERE person = ?1 ORDER BY id LIMIT 1"
        ))?
        .query_row([person.to_bytes()], read_row)
        .optional()
}

/// Entries within an area, in the order in which they were listed, after a place, at most `limit`.
pub fn listed_within(
    connection: &Connection,
    within: AreaCode,
    after: u64,
    limit: usize,
) -> Result<Vec<ListedRow>, StoreError> {
    let (first, last) = span(within);
    let rows = connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM view_listed WHERE area BETWEEN ?1 AND ?2 AND id > ?3 ORDER BY id LIMIT ?4"
        ))?
        .query_map(params![first, last, after as i64, limit as i64], read_row)?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

/// An entry as it stands now. What it says of the person holds for the person as a contact of any case.
pub(in crate::views) fn list_up(
    connection: &Connection,
    fact: &Fact,
    entry: &ContactListed,
) -> Result<(), FoldError> {
    let details = serde_json::to_string(&entry.details).map_err(|_| malformed(0))?;
    connection
        .prepare_cached(
            "INSERT INTO view_listed (id, listed, person, area, details, status, seq)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?1)
             ON CONFLICT (listed) DO UPDATE SET area = ?4, details = ?5, status = ?6, seq = ?1",
        )?
        .execute(params![
            fact.seq as i64,
            entry.listed.to_bytes(),
            entry.person.to_bytes(),
            area(fact.area),
            details,
            entry.status.map(word),
        ])?;
    connection
        .prepare_cached("UPDATE view_contacts SET details = ?2 WHERE person = ?1")?
        .execute(params![entry.person.to_bytes(), details])?;
    subjects::note(connection, &entry.listed.to_bytes(), fact)
}
