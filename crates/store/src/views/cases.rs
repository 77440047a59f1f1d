//! The line list: each case as it stands now, and as it stood before each correction.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::cases::{CaseDetails, CaseRecord, Classification, Origin, Outcome, Severity};
use lianfang_core::facts::{Body, CaseFact, Fact};
use lianfang_core::ids::{CaseId, PersonId};
use lianfang_core::people::Sex;
use lianfang_core::time::{day_from_number, day_number};
use rusqlite::types::{ToSqlOutput, Value};
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params, params_from_iter};

use super::columns::{malformed, maybe_moment_at, moment_at};
use super::counts::{Counted, Measure};
use super::sums::Sum;
use super::{FoldError, Folder, contacts, links, subjects, surveillance};
use crate::error::StoreError;

pub(crate) const SCHEMA: &str = "
CREATE TABLE view_cases (
  id INTEGER PRIMARY KEY,
  case_id BLOB NOT NULL UNIQUE,
  area INTEGER NOT NULL,
  day INTEGER NOT NULL,
  known INTEGER NOT NULL,
  person BLOB,
  external_id TEXT,
  sex INTEGER,
  age_years INTEGER,
  place TEXT,
  exposed INTEGER,
  onset INTEGER,
  sampled INTEGER,
  diagnosed INTEGER,
  reported INTEGER,
  hospitalised INTEGER,
  classification INTEGER NOT NULL,
  severity INTEGER,
  outcome INTEGER,
  outcome_date INTEGER,
  origin INTEGER,
  imported_from TEXT,
  cluster TEXT,
  recorded_later INTEGER NOT NULL,
  more TEXT,
  found_at INTEGER NOT NULL,
  was_contact INTEGER NOT NULL,
  merged_into BLOB,
  investigated_at INTEGER,
  seq INTEGER NOT NULL
);
CREATE INDEX view_cases_day ON view_cases (day, area, classification, origin, outcome, severity) WHERE merged_into IS NULL;
CREATE INDEX view_cases_area ON view_cases (area, day, classification, origin, outcome, severity) WHERE merged_into IS NULL;
CREATE INDEX view_cases_merged ON view_cases (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX view_cases_external ON view_cases (external_id) WHERE external_id IS NOT NULL;
CREATE INDEX view_cases_stays ON view_cases (area, hospitalised, outcome, outcome_date, classification) WHERE hospitalised IS NOT NULL AND merged_into IS NULL;
CREATE INDEX view_cases_person ON view_cases (person) WHERE person IS NOT NULL;
";

const COLUMNS: &str = "id, case_id, area, day, known, person, external_id, sex, age_years, place, exposed, onset, \
                       sampled, diagnosed, reported, hospitalised, classification, severity, outcome, outcome_date, \
                       origin, imported_from, cluster, recorded_later, seq, more, found_at, was_contact, merged_into, \
                       investigated_at";

const INSERT: &str = "INSERT INTO view_cases (id, case_id, area, day, known, person, external_id, sex, age_years, \
                      place, exposed, onset, sampled, diagnosed, reported, hospitalised, classification, severity, \
                      outcome, outcome_date, origin, imported_from, cluster, recorded_later, seq, more, found_at, \
                      was_contact) VALUES \
                      (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,?23,?24,?25,?26, \
                      ?27,?28) ON CONFLICT (case_id) DO NOTHING";

/// The row keeps its id and the moment it was found; `?1` is named so that both statements take the same values.
const UPDATE: &str = "UPDATE view_cases SET area=?3, day=?4, known=?5, person=?6, external_id=?7, sex=?8, age_years=?9, \
                      place=?10, exposed=?11, onset=?12, sampled=?13, diagnosed=?14, reported=?15, hospitalised=?16, \
                      classification=?17, severity=?18, outcome=?19, outcome_date=?20, origin=?21, imported_from=?22, \
                      cluster=?23, recorded_later=?24, seq=?25, more=?26, found_at=?27, was_contact=?28 \
                      WHERE case_id = ?2 AND ?1 > 0";

/// A case as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseRow {
    /// The place of the fact that first reported it.
    pub id: u64,
    /// The case.
    pub case: CaseId,
    /// Where.
    pub area: AreaCode,
    /// The day it falls on in the epidemic curve.
    pub day: Date,
    /// From when it was known as it stands now.
    pub known: Date,
    /// What is known of it.
    pub details: CaseDetails,
    /// Whether the ledger took it later than it was published.
    pub recorded_later: bool,
    /// When it was found: reported here, or, of imported history, the beginning of its curve day.
    pub found_at: Timestamp,
    /// Whether the person was known as a contact before.
    pub was_contact: bool,
    /// The case into which it was taken.
    pub merged_into: Option<CaseId>,
    /// When its investigation was complete.
    pub investigated_at: Option<Timestamp>,
    /// The place of the newest fact that says how it stands.
    pub seq: u64,
}

impl CaseRow {
    /// Whether it stands by itself and counts.
    pub fn stands(&self) -> bool {
        self.merged_into.is_none()
    }

    /// The case that counts: itself, or the one into which it was taken.
    pub fn root(&self) -> CaseId {
        self.merged_into.unwrap_or(self.case)
    }

    /// Whether it is a case at all, and counts.
    pub fn is_case(&self) -> bool {
        self.stands() && self.details.classification != Classification::Excluded
    }

    /// Adds it to, or with -1 takes it from, all that is counted.
    fn count_in(&self, folder: &mut Folder, known: i32, n: i64) {
        if !self.stands() {
            return;
        }
        folder.counts.add(&self.counted(), known, n);
        if self.is_case() {
            let by = [day_number(self.day).into(), self.was_contact.into(), 0];
            folder.sums.add(Sum::Known, self.area, by, n);
        }
        surveillance::sum(self, folder, n);
    }

    fn counted(&self) -> Counted<'_> {
        Counted {
            area: self.area,
            details: &self.details,
            day: day_number(self.day),
            recorded_later: self.recorded_later,
        }
    }
}

struct Coded(Option<i64>);

impl ToSql for Coded {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Owned(
            self.0.map_or(Value::Null, Value::Integer),
        ))
    }
}

fn place_in<T: PartialEq + Copy>(all: &[T], value: Option<T>) -> Coded {
    Coded(
        value
            .and_then(|value| all.iter().position(|v| *v == value))
            .map(|i| i as i64),
    )
}

fn coded_at<T: Copy>(row: &Row<'_>, index: usize, all: &[T]) -> rusqlite::Result<Option<T>> {
    let place: Option<i64> = row.get(index)?;
    Ok(place.and_then(|i| all.get(usize::try_from(i).ok()?).copied()))
}

const SEXES: [Sex; 3] = [Sex::Female, Sex::Male, Sex::Other];

fn day_at(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<Date>> {
    Ok(row.get::<_, Option<i32>>(index)?.and_then(day_from_number))
}

fn read_row(row: &Row<'_>) -> rusqlite::Result<CaseRow> {
    Ok(CaseRow {
        id: row.get::<_, i64>(0)? as u64,
        case: CaseId::from_bytes(row.get(1)?),
        area: AreaCode::from_u64(row.get::<_, i64>(2)? as u64).map_err(|_| malformed(2))?,
        day: day_at(row, 3)?.ok_or_else(|| malformed(3))?,
        known: day_at(row, 4)?.ok_or_else(|| malformed(4))?,
        details: CaseDetails {
            person: row.get::<_, Option<[u8; 16]>>(5)?.map(PersonId::from_bytes),
            external_id: row.get(6)?,
            sex: coded_at(row, 7, &SEXES)?,
            age_years: row.get(8)?,
            place: row.get(9)?,
            exposed: day_at(row, 10)?,
            onset: day_at(row, 11)?,
            sampled: day_at(row, 12)?,
            diagnosed: day_at(row, 13)?,
            reported: day_at(row, 14)?,
            hospitalised: day_at(row, 15)?,
            classification: coded_at(row, 16, Classification::ALL)?.ok_or_else(|| malformed(16))?,
            severity: coded_at(row, 17, Severity::ALL)?,
            outcome: coded_at(row, 18, Outcome::ALL)?,
            outcome_date: day_at(row, 19)?,
            origin: coded_at(row, 20, Origin::ALL)?,
            imported_from: row.get(21)?,
            cluster: row.get(22)?,
            ..more_at(row, 25)?
        },
        recorded_later: row.get(23)?,
        seq: row.get::<_, i64>(24)? as u64,
        found_at: moment_at(row, 26)?,
        was_contact: row.get(27)?,
        merged_into: row.get::<_, Option<[u8; 16]>>(28)?.map(CaseId::from_bytes),
        investigated_at: maybe_moment_at(row, 29)?,
    })
}

/// Fields that have no column of their own, by which nothing is searched.
const BESIDE: [&str; 20] = [
    "visual_id",
    "symptoms",
    "onset_approximate",
    "diagnosed_at",
    "reported_by",
    "isolated",
    "isolation_ended",
    "isolation_place",
    "hospital",
    "discharged",
    "was_contact",
    "became_case",
    "last_contact",
    "followed_from",
    "followed_until",
    "pregnancy",
    "occupation",
    "risk",
    "risk_reason",
    "transfer_refused",
];

/// What of a case has no column of its own, as JSON; nothing where there is none of it.
fn more_of(details: &CaseDetails) -> Option<String> {
    let Ok(serde_json::Value::Object(mut fields)) = serde_json::to_value(details) else {
        return None;
    };
    fields.retain(|name, _| BESIDE.contains(&name.as_str()));
    (!fields.is_empty()).then(|| serde_json::Value::Object(fields).to_string())
}

/// A case of which only that is known which has no column of its own.
fn more_at(row: &Row<'_>, index: usize) -> rusqlite::Result<CaseDetails> {
    let plain = CaseDetails::new(Classification::Suspected);
    let Some(text) = row.get::<_, Option<String>>(index)? else {
        return Ok(plain);
    };
    let whole = format!("{{\"classification\":\"suspected\",{}", &text[1..]);
    serde_json::from_str(&whole).map_err(|_| malformed(index))
}

pub(super) fn fold(
    connection: &Connection,
    fact: &Fact,
    body: &Body,
    case: &CaseFact,
    folder: &mut Folder,
) -> Result<(), FoldError> {
    let CaseRecord { case: id, details } = &case.record;
    let recorded = folder.utc_offset.day_of(fact.recorded_at);
    let known = body.known_on(fact.recorded_at, folder.utc_offset);
    let known_day = day_number(known);
    let is_new = matches!(body, Body::CaseReported(_));
    let before = if is_new {
        None
    } else {
        Some(get(connection, *id)?.ok_or(FoldError::NotThere("case"))?)
    };
    if let Some(before) = &before {
        before.count_in(folder, known_day, -1);
        links::sum_settings(connection, before, folder, -1)?;
        subjects::note(connection, &id.to_bytes(), fact)?;
    }
    let day = details.curve_day().unwrap_or(known);
    let found_at = match &before {
        Some(before) => before.found_at,
        None if case.published.is_some() => folder.utc_offset.start_of(day),
        None => fact.happened_at,
    };
    let now = CaseRow {
        id: fact.seq,
        case: *id,
        area: fact.area,
        day,
        known,
        was_contact: known_before(connection, *id, details, found_at)?,
        details: details.clone(),
        recorded_later: recorded > known,
        found_at,
        merged_into: before.as_ref().and_then(|before| before.merged_into),
        investigated_at: None,
        seq: fact.seq,
    };
    let done = write(connection, &now, if is_new { INSERT } else { UPDATE })?;
    if done == 0 {
        return Err(FoldError::AlreadyThere("case"));
    }
    now.count_in(folder, known_day, 1);
    if before.is_some() {
        links::sum_settings(connection, &now, folder, 1)?;
    }
    let mut people = people_of(connection, *id, details)?;
    people.extend(before.and_then(|before| before.details.person));
    refresh_contacts(connection, people, folder)
}

/// Who a case is, and those of the reports taken into it.
fn people_of(
    connection: &Connection,
    case: CaseId,
    details: &CaseDetails,
) -> Result<BTreeSet<PersonId>, rusqlite::Error> {
    let merged = merged_into(connection, case)?;
    let people = merged.iter().filter_map(|row| row.details.person);
    Ok(people.chain(details.person).collect())
}

fn refresh_contacts(
    connection: &Connection,
    people: BTreeSet<PersonId>,
    folder: &mut Folder,
) -> Result<(), FoldError> {
    people
        .into_iter()
        .try_for_each(|person| contacts::refresh(connection, person, folder))
}

fn write(
    connection: &Connection,
    row: &CaseRow,
    statement: &str,
) -> Result<usize, rusqlite::Error> {
    let details = &row.details;
    let number = |date: Option<Date>| date.map(day_number);
    connection.prepare_cached(statement)?.execute(params![
        row.id as i64,
        row.case.to_bytes(),
        row.area.as_u64() as i64,
        day_number(row.day),
        day_number(row.known),
        details.person.map(PersonId::to_bytes),
        details.external_id,
        place_in(&SEXES, details.sex),
        details.age_years,
        details.place,
        number(details.exposed),
        number(details.onset),
        number(details.sampled),
        number(details.diagnosed),
        number(details.reported),
        number(details.hospitalised),
        place_in(Classification::ALL, Some(details.classification)),
        place_in(Severity::ALL, details.severity),
        place_in(Outcome::ALL, details.outcome),
        number(details.outcome_date),
        place_in(Origin::ALL, details.origin),
        details.imported_from,
        details.cluster,
        row.recorded_later,
        row.seq as i64,
        more_of(details),
        row.found_at.as_millisecond(),
        row.was_contact,
    ])
}

/// Whether somebody was known as a contact before they were found to be a case.
fn known_before(
    connection: &Connection,
    case: CaseId,
    details: &CaseDetails,
    found_at: Timestamp,
) -> Result<bool, rusqlite::Error> {
    if details.was_contact == Some(true) {
        return Ok(true);
    }
    for person in people_of(connection, case, details)? {
        if contacts::named_before(connection, person, found_at)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Judges anew whether the cases of a person were known as contacts before: somebody was named.
pub(super) fn recheck_known(
    connection: &Connection,
    person: PersonId,
    folder: &mut Folder,
) -> Result<(), FoldError> {
    for row in all_of_person(connection, person)? {
        recheck(connection, row.case, folder)?;
        if let Some(root) = row.merged_into {
            recheck(connection, root, folder)?;
        }
    }
    Ok(())
}

fn recheck(connection: &Connection, case: CaseId, folder: &mut Folder) -> Result<(), FoldError> {
    let row = get(connection, case)?.ok_or(FoldError::NotThere("case"))?;
    let known = known_before(connection, case, &row.details, row.found_at)?;
    if known == row.was_contact {
        return Ok(());
    }
    connection
        .prepare_cached("UPDATE view_cases SET was_contact = ?2 WHERE case_id = ?1")?
        .execute(params![case.to_bytes(), known])?;
    if row.is_case() {
        let day = i64::from(day_number(row.day));
        let by = |known: bool| [day, known.into(), 0];
        folder
            .sums
            .add(Sum::Known, row.area, by(row.was_contact), -1);
        folder.sums.add(Sum::Known, row.area, by(known), 1);
    }
    Ok(())
}

/// All that was reported of a person, also what was taken into another report, oldest first.
pub fn all_of_person(
    connection: &Connection,
    person: PersonId,
) -> Result<Vec<CaseRow>, rusqlite::Error> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM view_cases WHERE person = ?1 ORDER BY day, id LIMIT 200"
        ))?
        .query_map([person.to_bytes()], read_row)?
        .collect()
}

/// What was reported of any of these people, newest first.
pub fn of_people(
    connection: &Connection,
    people: &[PersonId],
    limit: usize,
) -> Result<Vec<CaseRow>, rusqlite::Error> {
    let mut found = Vec::new();
    for person in people {
        found.extend(all_of_person(connection, *person)?);
        if found.len() >= limit {
            break;
        }
    }
    found.sort_by_key(|row| std::cmp::Reverse((row.day, row.id)));
    found.truncate(limit);
    Ok(found)
}

/// The reports that were taken into a case.
pub fn merged_into(connection: &Connection, case: CaseId) -> Result<Vec<CaseRow>, rusqlite::Error> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM view_cases WHERE merged_into = ?1 ORDER BY id LIMIT 200"
        ))?
        .query_map([case.to_bytes()], read_row)?
        .collect()
}

/// The case that counts for a report: itself, or the one into which it was taken.
pub fn root(connection: &Connection, case: CaseId) -> Result<Option<CaseId>, rusqlite::Error> {
    connection
        .prepare_cached("SELECT coalesce(merged_into, case_id) FROM view_cases WHERE case_id = ?1")?
        .query_row([case.to_bytes()], |row| Ok(CaseId::from_bytes(row.get(0)?)))
        .optional()
}

/// A case and the reports that were taken into it.
pub fn members(connection: &Connection, case: CaseId) -> Result<Vec<CaseId>, rusqlite::Error> {
    let mut members = vec![case];
    let merged = connection
        .prepare_cached("SELECT case_id FROM view_cases WHERE merged_into = ?1 ORDER BY id")?
        .query_map([case.to_bytes()], |row| Ok(CaseId::from_bytes(row.get(0)?)))?
        .collect::<Result<Vec<_>, _>>()?;
    members.extend(merged);
    Ok(members)
}

/// Takes a report into another, or lets it stand alone again.
pub(super) fn set_merged(
    connection: &Connection,
    fact: &Fact,
    row: &CaseRow,
    into: Option<CaseId>,
    folder: &mut Folder,
) -> Result<(), FoldError> {
    let known = day_number(folder.utc_offset.day_of(fact.recorded_at));
    row.count_in(folder, known, -1);
    links::sum_settings(connection, row, folder, -1)?;
    connection
        .prepare_cached("UPDATE view_cases SET merged_into = ?2 WHERE case_id = ?1")?
        .execute(params![row.case.to_bytes(), into.map(CaseId::to_bytes)])?;
    let now = CaseRow {
        merged_into: into,
        ..row.clone()
    };
    now.count_in(folder, known, 1);
    links::sum_settings(connection, &now, folder, 1)?;
    // The other speaks for both, or for itself again.
    if let Some(other) = into.or(row.merged_into) {
        recheck(connection, other, folder)?;
    }
    refresh_contacts(connection, row.details.person.into_iter().collect(), folder)
}

/// The investigation of a case is complete, or open again.
pub(super) fn investigated(
    connection: &Connection,
    fact: &Fact,
    case: CaseId,
    complete: bool,
) -> Result<(), FoldError> {
    let at = complete.then(|| fact.happened_at.as_millisecond());
    let done = connection
        .prepare_cached("UPDATE view_cases SET investigated_at = ?2 WHERE case_id = ?1")?
        .execute(params![case.to_bytes(), at])?;
    if done == 0 {
        return Err(FoldError::NotThere("case"));
    }
    subjects::note(connection, &case.to_bytes(), fact)
}

/// A case as it stands.
pub fn get(connection: &Connection, case: CaseId) -> Result<Option<CaseRow>, rusqlite::Error> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM view_cases WHERE case_id = ?1"
        ))?
        .query_row([case.to_bytes()], read_row)
        .optional()
}

/// Which cases a list shows.
#[derive(Debug, Clone, Default)]
pub struct CaseFilter {
    /// Within this area.
    pub area: Option<AreaCode>,
    /// Of this classification.
    pub classification: Option<Classification>,
    /// Of this origin.
    pub origin: Option<Origin>,
    /// Of this outcome.
    pub outcome: Option<Outcome>,
    /// Of this severity.
    pub severity: Option<Severity>,
    /// On or after this curve day.
    pub from: Option<Date>,
    /// On or before this curve day.
    pub to: Option<Date>,
    /// Of this number at the reporting institution.
    pub external_id: Option<String>,
    /// Of one of these people.
    pub people: Option<Vec<PersonId>>,
}

/// In which order a list shows cases: by curve day, newest or oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CaseOrder {
    /// Newest first.
    #[default]
    Newest,
    /// Oldest first.
    Oldest,
}

/// Where the next page of a list begins: after this curve day and row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaseCursor {
    /// Curve day of the last row shown.
    pub day: i32,
    /// Its row.
    pub id: u64,
}

impl CaseFilter {
    /// Whether the tallies tell how many: only area and coded fields are asked about.
    fn is_tallied(&self) -> bool {
        self.from.is_none()
            && self.to.is_none()
            && self.external_id.is_none()
            && self.people.is_none()
    }

    fn conditions(&self) -> (Vec<String>, Vec<Value>) {
        let mut conditions = vec!["merged_into IS NULL".to_owned()];
        let mut values: Vec<Value> = Vec::new();
        let mut add = |text: &str, value: i64| {
            values.push(Value::Integer(value));
            conditions.push(text.replace('?', &format!("?{}", values.len())));
        };
        if let Some(area) = self.area.filter(|area| *area != AreaCode::COUNTRY) {
            add("area >= ?", area.as_u64() as i64);
            add("area <= ?", area.last().as_u64() as i64);
        }
        for (column, Coded(place)) in [
            (
                "classification",
                place_in(Classification::ALL, self.classification),
            ),
            ("origin", place_in(Origin::ALL, self.origin)),
            ("outcome", place_in(Outcome::ALL, self.outcome)),
            ("severity", place_in(Severity::ALL, self.severity)),
        ] {
            if let Some(place) = place {
                add(&format!("{column} = ?"), place);
            }
        }
        if let Some(from) = self.from {
            add("day >= ?", i64::from(day_number(from)));
        }
        if let Some(to) = self.to {
            add("day <= ?", i64::from(day_number(to)));
        }
        if let Some(external_id) = &self.external_id {
            values.push(Value::Text(external_id.clone()));
            conditions.push(format!("external_id = ?{}", values.len()));
        }
        if let Some(people) = &self.people {
            let places: Vec<String> = people
                .iter()
                .map(|person| {
                    values.push(Value::Blob(person.to_bytes().to_vec()));
                    format!("?{}", values.len())
                })
                .collect();
            conditions.push(format!("person IN ({})", places.join(",")));
        }
        (conditions, values)
    }

    /// The index that finds the first `wanted` rows after the fewest others: by area all of the
    /// area's rows are looked at, by day as many as it takes to meet enough that match.
    fn index(&self, connection: &Connection, wanted: u64) -> Result<&'static str, StoreError> {
        if self.external_id.is_some() || self.people.is_some() {
            return Ok("");
        }
        let area = self.area.unwrap_or(AreaCode::COUNTRY);
        let anything = Self::default();
        let in_all = tally(connection, AreaCode::COUNTRY, &anything)?;
        let in_area = tally(connection, area, &anything)?;
        let matching = tally(connection, area, self)?.max(1);
        let by_day = wanted.saturating_mul(in_all) / matching;
        Ok(if in_area < by_day {
            "INDEXED BY view_cases_area"
        } else {
            "INDEXED BY view_cases_day"
        })
    }
}

/// The index by which all rows of a filter are read after the fewest others.
pub(super) fn index_of(
    connection: &Connection,
    filter: &CaseFilter,
) -> Result<&'static str, StoreError> {
    let in_area = tally(
        connection,
        filter.area.unwrap_or(AreaCode::COUNTRY),
        &CaseFilter::default(),
    )?;
    let on_the_days: i64 = connection
        .prepare_cached(
            "SELECT coalesce(sum(n), 0) FROM view_counts WHERE area = ?1 AND measure = ?2
             AND day BETWEEN ?3 AND ?4",
        )?
        .query_row(
            params![
                AreaCode::COUNTRY.as_u64() as i64,
                Measure::All.number(),
                filter.from.map_or(i32::MIN, day_number),
                filter.to.map_or(i32::MAX, day_number),
            ],
            |row| row.get(0),
        )?;
    Ok(if in_area < on_the_days.max(0) as u64 {
        "INDEXED BY view_cases_area"
    } else {
        "INDEXED BY view_cases_day"
    })
}

/// A page of the line list.
pub fn list(
    connection: &Connection,
    filter: &CaseFilter,
    order: CaseOrder,
    after: Option<CaseCursor>,
    limit: usize,
) -> Result<Vec<CaseRow>, StoreError> {
    let (mut conditions, mut values) = filter.conditions();
    let (compare, direction) = match order {
        CaseOrder::Newest => ("<", "DESC"),
        CaseOrder::Oldest => (">", "ASC"),
    };
    if let Some(cursor) = after {
        values.push(Value::Integer(i64::from(cursor.day)));
        values.push(Value::Integer(cursor.id as i64));
        let (day, id) = (values.len() - 1, values.len());
        conditions.push(format!(
            "day {compare}= ?{day} AND (day, id) {compare} (?{day}, ?{id})"
        ));
    }
    values.push(Value::Integer(limit as i64));
    let filter_text = format!("WHERE {}", conditions.join(" AND "));
    let index = filter.index(connection, limit as u64)?;
    let columns = COLUMNS
        .split(", ")
        .map(|c| format!("c.{}", c.trim()))
        .collect::<Vec<_>>()
        .join(", ");
    // The index alone decides which rows; only those on the page are read whole.
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {columns} FROM (SELECT id FROM view_cases {index} {filter_text}
         ORDER BY day {direction}, id {direction} LIMIT ?{}) AS page CROSS JOIN view_cases AS c USING (id)
         ORDER BY c.day {direction}, c.id {direction}",
        values.len()
    ))?;
    let rows = statement
        .query_map(params_from_iter(values), read_row)?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

/// How many cases a filter lets through.
pub fn count(connection: &Connection, filter: &CaseFilter) -> Result<u64, StoreError> {
    let area = filter.area.unwrap_or(AreaCode::COUNTRY);
    if filter.is_tallied() {
        return tally(connection, area, filter);
    }
    let (conditions, values) = filter.conditions();
    let index = filter.index(connection, u64::MAX)?;
    let n: i64 = connection
        .prepare_cached(&format!(
            "SELECT count(*) FROM view_cases {index} WHERE {}",
            conditions.join(" AND ")
        ))?
        .query_row(params_from_iter(values), |row| row.get(0))?;
    Ok(n as u64)
}

fn tally(connection: &Connection, area: AreaCode, filter: &CaseFilter) -> Result<u64, StoreError> {
    let asked = |Coded(place): Coded| place;
    let n: i64 = connection
        .prepare_cached(
            "SELECT coalesce(sum(n), 0) FROM view_tallies WHERE area = ?1
             AND (?2 IS NULL OR classification = ?2) AND (?3 IS NULL OR origin = ?3)
             AND (?4 IS NULL OR outcome = ?4) AND (?5 IS NULL OR severity = ?5)",
        )?
        .query_row(
            params![
                area.as_u64() as i64,
                asked(place_in(Classification::ALL, filter.classification)),
                asked(place_in(Origin::ALL, filter.origin)),
                asked(place_in(Outcome::ALL, filter.outcome)),
                asked(place_in(Severity::ALL, filter.severity)),
            ],
            |row| row.get(0),
        )?;
    Ok(n.max(0) as u64)
}

/// What a case says of the person's standing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PersonCase {
    /// Where.
    pub area: AreaCode,
    /// The day it falls on in the epidemic curve.
    pub day: Date,
    /// First symptoms.
    pub onset: Option<Date>,
    /// Age in completed years.
    pub age_years: Option<u8>,
    /// Classification.
    pub classification: Classification,
    /// Outcome.
    pub outcome: Option<Outcome>,
    /// Day of the outcome.
    pub outcome_date: Option<Date>,
}

const PERSON_COLUMNS: &str =
    "area, day, age_years, classification, outcome, outcome_date, onset, person";

fn read_person_case(row: &Row<'_>) -> Result<PersonCase, StoreError> {
    Ok(PersonCase {
        area: AreaCode::from_u64(row.get::<_, i64>(0)? as u64)
            .map_err(|_| StoreError::Malformed("area code"))?,
        day: day_at(row, 1)?.ok_or(StoreError::Malformed("day"))?,
        age_years: row.get(2)?,
        classification: coded_at(row, 3, Classification::ALL)?
            .ok_or(StoreError::Malformed("classification"))?,
        outcome: coded_at(row, 4, Outcome::ALL)?,
        outcome_date: day_at(row, 5)?,
        onset: day_at(row, 6)?,
    })
}

/// The cases of a person, oldest first.
pub fn of_person(connection: &Connection, person: PersonId) -> Result<Vec<PersonCase>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {PERSON_COLUMNS} FROM view_cases WHERE person = ?1 AND merged_into IS NULL ORDER BY day, id"
    ))?;
    let mut rows = statement.query([person.to_bytes()])?;
    let mut cases = Vec::new();
    while let Some(row) = rows.next()? {
        cases.push(read_person_case(row)?);
    }
    Ok(cases)
}

/// Calls `see` with each person who has cases, and the cases, oldest first.
pub fn each_person(
    connection: &Connection,
    mut see: impl FnMut(PersonId, &[PersonCase]),
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {PERSON_COLUMNS} FROM view_cases WHERE person IS NOT NULL AND merged_into IS NULL
         ORDER BY person, day, id"
    ))?;
    let mut rows = statement.query([])?;
    let mut cases = Vec::new();
    let mut of: Option<[u8; 16]> = None;
    while let Some(row) = rows.next()? {
        let person: [u8; 16] = row.get(7)?;
        if let Some(before) = of.filter(|before| *before != person) {
            see(PersonId::from_bytes(before), &cases);
            cases.clear();
        }
        of = Some(person);
        cases.push(read_person_case(row)?);
    }
    if let Some(last) = of {
        see(PersonId::from_bytes(last), &cases);
    }
    Ok(())
}
