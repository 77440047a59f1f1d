//! Households, who lives there, and when somebody went to the door.
//!
//! Entries come late and out of order from phones without network, so what is newest is told by
//! when it happened, not by when it came.

mod lists;

use jiff::Timestamp;
use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::facts::{Fact, HouseholdRecorded, HouseholdVisited, ResidentRecorded};
use lianfang_core::households::Dwelling;
use lianfang_core::ids::{HouseholdId, PersonId};
use lianfang_core::time::{UtcOffset, day_number};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::columns::{area, area_at, maybe_day_at, maybe_moment_at, span, word, word_at};
use super::{FoldError, subjects};

pub use lists::{
    Covered, HouseholdCursor, HouseholdFilter, PlaceCovered, VisitDay, count, coverage,
    coverage_of_places, homes_of, list, residents_in, residents_of, visit_days, visits_of,
};

pub(crate) const SCHEMA: &str = "
CREATE TABLE view_households (
  id INTEGER PRIMARY KEY,
  household BLOB NOT NULL UNIQUE,
  area INTEGER NOT NULL,
  dwelling INTEGER NOT NULL,
  walk INTEGER NOT NULL,
  people INTEGER NOT NULL,
  place TEXT,
  living INTEGER NOT NULL,
  visited INTEGER,
  met_on INTEGER,
  met INTEGER NOT NULL,
  seq INTEGER NOT NULL
);
CREATE INDEX view_households_walk ON view_households (area, walk, id);
CREATE INDEX view_households_cover ON view_households (area, dwelling, people, living, met_on, met);
CREATE INDEX view_households_place ON view_households (dwelling, area, place) WHERE place IS NOT NULL;
CREATE TABLE view_residents (
  person BLOB PRIMARY KEY,
  household BLOB NOT NULL,
  living INTEGER NOT NULL,
  since INTEGER NOT NULL,
  seq INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX view_residents_household ON view_residents (household, seq) WHERE living = 1;
CREATE TABLE view_visits (
  household BLOB NOT NULL,
  day INTEGER NOT NULL,
  people INTEGER NOT NULL,
  times INTEGER NOT NULL,
  PRIMARY KEY (household, day)
) WITHOUT ROWID;
CREATE TABLE view_visit_days (
  area INTEGER NOT NULL,
  day INTEGER NOT NULL,
  households INTEGER NOT NULL,
  met INTEGER NOT NULL,
  people INTEGER NOT NULL,
  PRIMARY KEY (area, day)
) WITHOUT ROWID;
";

const COLUMNS: &str =
    "household, area, dwelling, walk, people, place, living, visited, met_on, met, id, seq";

/// A household as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HouseholdRow {
    /// The household; its door is in the vault under the same id.
    pub household: HouseholdId,
    /// Its grid or community.
    pub area: AreaCode,
    /// What kind of place it is.
    pub dwelling: Dwelling,
    /// Its place on the way from door to door.
    pub walk: u32,
    /// People who should be living there, as recorded.
    pub people: u16,
    /// The home, dormitory or hotel that it belongs to.
    pub place: Option<String>,
    /// Residents on record who live there.
    pub living: u16,
    /// When somebody was last at the door.
    pub visited: Option<Timestamp>,
    /// The last day on which anybody was met there, or nobody had to be.
    pub met_on: Option<Date>,
    /// The most people met or accounted for on that day.
    pub met: u16,
    /// The place of the first fact about it.
    pub id: u64,
    /// The place of the newest fact about it.
    pub seq: u64,
}

impl HouseholdRow {
    /// People to be accounted for: those recorded, or the residents if they are more.
    pub fn expected(&self) -> u16 {
        self.people.max(self.living)
    }

    /// Whether the household is covered by a visit on `since` or later.
    pub fn covered(&self, since: Date) -> bool {
        self.met_on.is_some_and(|day| day >= since)
    }

    /// People accounted for since then.
    pub fn accounted(&self, since: Date) -> u16 {
        if self.covered(since) {
            self.met.min(self.expected())
        } else {
            0
        }
    }
}

fn read_row(row: &Row<'_>) -> rusqlite::Result<HouseholdRow> {
    Ok(HouseholdRow {
        household: HouseholdId::from_bytes(row.get(0)?),
        area: area_at(row, 1)?,
        dwelling: word_at(row, 2)?,
        walk: row.get(3)?,
        people: row.get(4)?,
        place: row.get(5)?,
        living: row.get(6)?,
        visited: maybe_moment_at(row, 7)?,
        met_on: maybe_day_at(row, 8)?,
        met: row.get(9)?,
        id: row.get::<_, i64>(10)? as u64,
        seq: row.get::<_, i64>(11)? as u64,
    })
}

/// A household as it stands.
pub fn get(
    connection: &Connection,
    household: HouseholdId,
) -> Result<Option<HouseholdRow>, rusqlite::Error> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM view_households WHERE household = ?1"
        ))?
        .query_row([household.to_bytes()], read_row)
        .optional()
}

/// The household in which somebody lives.
pub fn home_of(
    connection: &Connection,
    person: PersonId,
) -> Result<Option<HouseholdRow>, rusqlite::Error> {
    let household: Option<[u8; 16]> = connection
        .prepare_cached("SELECT household FROM view_residents WHERE person = ?1 AND living = 1")?
        .query_row([person.to_bytes()], |row| row.get(0))
        .optional()?;
    match household {
        Some(household) => get(connection, HouseholdId::from_bytes(household)),
        None => Ok(None),
    }
}

/// Whether somebody lives in a household within an area.
pub fn lives_in(
    connection: &Connection,
    person: PersonId,
    within: AreaCode,
) -> Result<bool, rusqlite::Error> {
    let (first, last) = span(within);
    connection
        .prepare_cached(
            "SELECT 1 FROM view_residents r JOIN view_households h USING (household)
             WHERE r.person = ?1 AND r.living = 1 AND h.area BETWEEN ?2 AND ?3",
        )?
        .exists(params![person.to_bytes(), first, last])
}

pub(super) fn recorded(
    connection: &Connection,
    fact: &Fact,
    recorded: &HouseholdRecorded,
) -> Result<(), FoldError> {
    let household = recorded.household.to_bytes();
    let known = get(connection, recorded.household)?.is_some();
    connection
        .prepare_cached(
            "INSERT INTO view_households (id, household, area, dwelling, walk, people, place, living, met, seq)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, 0, ?1)
             ON CONFLICT (household) DO UPDATE SET area = ?3, dwelling = ?4, walk = ?5, people = ?6, place = ?7, seq = ?1",
        )?
        .execute(params![
            fact.seq as i64,
            household,
            area(fact.area),
            word(recorded.dwelling),
            recorded.walk,
            recorded.people,
            recorded.place,
        ])?;
    if known {
        subjects::note(connection, &household, fact)?;
    }
    Ok(())
}

fn count_living(
    connection: &Connection,
    household: [u8; 16],
    fact: &Fact,
) -> Result<(), rusqlite::Error> {
    connection
        .prepare_cached(
            "UPDATE view_households SET seq = ?2, living =
               (SELECT count(*) FROM view_residents WHERE household = ?1 AND living = 1) WHERE household = ?1",
        )?
        .execute(params![household, fact.seq as i64])?;
    Ok(())
}

/// Somebody lives in one household at a time: who is recorded in another has moved there.
pub(super) fn resident(
    connection: &Connection,
    fact: &Fact,
    recorded: &ResidentRecorded,
) -> Result<(), FoldError> {
    let household = recorded.household.to_bytes();
    if get(connection, recorded.household)?.is_none() {
        return Err(FoldError::NotThere("household"));
    }
    subjects::note(connection, &household, fact)?;
    let at = fact.happened_at.as_millisecond();
    let before: Option<([u8; 16], i64)> = connection
        .prepare_cached("SELECT household, since FROM view_residents WHERE person = ?1")?
        .query_row([recorded.person.to_bytes()], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let overtaken =
        before.is_some_and(|(home, since)| since > at || (!recorded.living && home != household));
    if overtaken {
        return Ok(());
    }
    connection
        .prepare_cached(
            "INSERT INTO view_residents (person, household, living, since, seq) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET household = ?2, living = ?3, since = ?4, seq = ?5",
        )?
        .execute(params![
            recorded.person.to_bytes(),
            household,
            recorded.living,
            at,
            fact.seq as i64,
        ])?;
    if let Some((home, _)) = before.filter(|(home, _)| *home != household) {
        count_living(connection, home, fact)?;
    }
    Ok(count_living(connection, household, fact)?)
}

/// A visit covers a household if anybody is met, or nobody should be living there.
pub(super) fn visited(
    connection: &Connection,
    fact: &Fact,
    visited: &HouseholdVisited,
    offset: UtcOffset,
) -> Result<(), FoldError> {
    let row = get(connection, visited.household)?.ok_or(FoldError::NotThere("household"))?;
    let household = visited.household.to_bytes();
    let today = offset.day_of(fact.happened_at);
    let day = day_number(today);
    let before: Option<u16> = connection
        .prepare_cached("SELECT people FROM view_visits WHERE household = ?1 AND day = ?2")?
        .query_row(params![household, day], |row| row.get(0))
        .optional()?;
    connection
        .prepare_cached(
            "INSERT INTO view_visits (household, day, people, times) VALUES (?1, ?2, ?3, 1)
             ON CONFLICT DO UPDATE SET people = max(people, ?3), times = times + 1",
        )?
        .execute(params![household, day, visited.people])?;
    let most = before.unwrap_or(0).max(visited.people);
    connection
        .prepare_cached(
            "INSERT INTO view_visit_days (area, day, households, met, people) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET households = households + ?3, met = met + ?4, people = people + ?5",
        )?
        .execute(params![
            area(row.area),
            day,
            before.is_none(),
            most > 0 && before.unwrap_or(0) == 0,
            most - before.unwrap_or(0),
        ])?;
    let meets = visited.people > 0 || row.expected() == 0;
    let (met_on, met) = match row.met_on {
        Some(known) if !meets || known > today => (Some(known), row.met),
        Some(known) if known == today => (Some(known), row.met.max(visited.people)),
        _ if meets => (Some(today), visited.people),
        known => (known, row.met),
    };
    connection
        .prepare_cached(
            "UPDATE view_households SET visited = max(coalesce(visited, ?2), ?2), met_on = ?3, met = ?4, seq = ?5
             WHERE household = ?1",
        )?
        .execute(params![
            household,
            fact.happened_at.as_millisecond(),
            met_on.map(day_number),
            met,
            fact.seq as i64,
        ])?;
    Ok(())
}
