//! What an investigation brings: a case's itinerary and samples; and which cases were changed at once.

use jiff::Timestamp;
use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::cases::{SampleKind, TestKind};
use lianfang_core::contacts::Setting;
use lianfang_core::entry::Journey;
use lianfang_core::facts::{CaseResulted, CaseSampled, CaseStayRecorded, CasesEdited, Fact};
use lianfang_core::ids::{AccountId, CaseId, FactId, HouseholdId, SampleId, SiteId, StayId};
use lianfang_core::places::PlaceId;
use lianfang_core::quarantine::SampleResult;
use lianfang_core::text::Text;
use lianfang_core::time::day_number;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::columns::{
    area, area_at, day_at, malformed, maybe_day_at, maybe_moment_at, maybe_word_at, word,
};
use super::places::stored;
use super::surveillance::Delay;
use super::{FoldError, Folder, cases, quarantine, subjects, surveillance};

pub(crate) const SCHEMA: &str = "
CREATE TABLE view_case_samples (
  sample BLOB PRIMARY KEY,
  case_id BLOB NOT NULL,
  day INTEGER NOT NULL,
  kind INTEGER,
  test INTEGER,
  number TEXT,
  laboratory TEXT,
  delivered INTEGER,
  result INTEGER,
  result_day INTEGER,
  actor BLOB NOT NULL,
  seq INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX view_case_samples_case ON view_case_samples (case_id, day);
CREATE INDEX view_case_samples_day ON view_case_samples (day, case_id);
CREATE TABLE view_stays (
  stay BLOB PRIMARY KEY,
  case_id BLOB NOT NULL,
  day INTEGER NOT NULL,
  from_ms INTEGER,
  until_ms INTEGER,
  area INTEGER,
  setting INTEGER,
  site BLOB,
  household BLOB,
  place INTEGER,
  journey TEXT,
  companions INTEGER,
  withdrawn INTEGER NOT NULL,
  actor BLOB NOT NULL,
  seq INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX view_stays_case ON view_stays (case_id, day);
CREATE TABLE view_case_edits (
  edit BLOB NOT NULL,
  case_id BLOB NOT NULL,
  before INTEGER NOT NULL,
  PRIMARY KEY (edit, case_id)
) WITHOUT ROWID;
";

fn unfit(en: &str, zh: &str) -> FoldError {
    FoldError::Unfit(Text::new(en, zh))
}

/// A sample of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseSample {
    /// The sample.
    pub sample: SampleId,
    /// The case.
    pub case: CaseId,
    /// The day on which it was taken.
    pub day: Date,
    /// What it is of.
    pub kind: Option<SampleKind>,
    /// How it is examined.
    pub test: Option<TestKind>,
    /// Its number at the laboratory.
    pub number: Option<String>,
    /// The laboratory.
    pub laboratory: Option<String>,
    /// The day on which the laboratory had it.
    pub delivered: Option<Date>,
    /// Its result.
    pub result: Option<SampleResult>,
    /// The day of the result.
    pub result_day: Option<Date>,
    /// Who wrote it down.
    pub actor: AccountId,
}

const SAMPLE: &str =
    "sample, case_id, day, kind, test, number, laboratory, delivered, result, result_day, actor";

fn read_sample(row: &Row<'_>) -> rusqlite::Result<CaseSample> {
    Ok(CaseSample {
        sample: SampleId::from_bytes(row.get(0)?),
        case: CaseId::from_bytes(row.get(1)?),
        day: day_at(row, 2)?,
        kind: maybe_word_at(row, 3)?,
        test: maybe_word_at(row, 4)?,
        number: row.get(5)?,
        laboratory: row.get(6)?,
        delivered: maybe_day_at(row, 7)?,
        result: maybe_word_at(row, 8)?,
        result_day: maybe_day_at(row, 9)?,
        actor: AccountId::from_bytes(row.get(10)?),
    })
}

/// A sample of a case.
pub fn sample(
    connection: &Connection,
    sample: SampleId,
) -> Result<Option<CaseSample>, rusqlite::Error> {
    connection
        .prepare_cached(&format!(
            "SELECT {SAMPLE} FROM view_case_samples WHERE sample = ?1"
        ))?
        .query_row([sample.to_bytes()], read_sample)
        .optional()
}

/// The samples of a case, oldest first.
pub fn samples_of(
    connection: &Connection,
    case: CaseId,
) -> Result<Vec<CaseSample>, rusqlite::Error> {
    connection
        .prepare_cached(&format!(
            "SELECT {SAMPLE} FROM view_case_samples WHERE case_id = ?1 ORDER BY day, sample LIMIT 500"
        ))?
        .query_map([case.to_bytes()], read_sample)?
        .collect()
}

pub(super) fn sampled(
    connection: &Connection,
    fact: &Fact,
    sampled: &CaseSampled,
) -> Result<(), FoldError> {
    if cases::get(connection, sampled.case)?.is_none() {
        return Err(FoldError::NotThere("case"));
    }
    // One number of a sample is one sample, wherever it was taken.
    if quarantine::sample(connection, sampled.sample)?.is_some() {
        return Err(FoldError::AlreadyThere("sample"));
    }
    let done = connection
        .prepare_cached(
            "INSERT INTO view_case_samples (sample, case_id, day, kind, test, number, laboratory, delivered, actor, seq)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            sampled.sample.to_bytes(),
            sampled.case.to_bytes(),
            day_number(sampled.day),
            sampled.kind.map(word),
            sampled.test.map(word),
            sampled.number,
            sampled.laboratory,
            sampled.delivered.map(day_number),
            fact.actor.to_bytes(),
            fact.seq as i64,
        ])?;
    if done == 0 {
        return Err(FoldError::AlreadyThere("sample"));
    }
    subjects::note(connection, &sampled.case.to_bytes(), fact)
}

pub(super) fn resulted(
    connection: &Connection,
    fact: &Fact,
    resulted: &CaseResulted,
    folder: &mut Folder,
) -> Result<(), FoldError> {
    let before = sample(connection, resulted.sample)?.ok_or(FoldError::NotThere("sample"))?;
    if before
        .result
        .is_some_and(|result| result != resulted.result)
    {
        return Err(unfit(
            "This sample has another result already. Take another sample.",
            "该样本已有不同结果，请重新采样。",
        ));
    }
    connection
        .prepare_cached(
            "UPDATE view_case_samples SET result = ?2, result_day = ?3, laboratory = coalesce(?4, laboratory), seq = ?5
             WHERE sample = ?1",
        )?
        .execute(params![
            resulted.sample.to_bytes(),
            word(resulted.result),
            resulted.day.map(day_number),
            resulted.laboratory,
            fact.seq as i64,
        ])?;
    // The first day given is that of the delay.
    if let Some(day) = resulted.day.filter(|_| before.result_day.is_none()) {
        let delay = (before.day, Delay::SampleToResult, before.day, day);
        surveillance::add(fact.area, delay, folder, 1);
    }
    subjects::note(connection, &before.case.to_bytes(), fact)
}

/// A stay on a case's itinerary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stay {
    /// The stay; what it says in words is in the vault under its id.
    pub stay: StayId,
    /// The case.
    pub case: CaseId,
    /// The day.
    pub day: Date,
    /// From when.
    pub from: Option<Timestamp>,
    /// Until when.
    pub until: Option<Timestamp>,
    /// The area in which the place is.
    pub area: Option<AreaCode>,
    /// What kind of place it is.
    pub setting: Option<Setting>,
    /// A quarantine site.
    pub site: Option<SiteId>,
    /// A household.
    pub household: Option<HouseholdId>,
    /// A place of the log of visits.
    pub place: Option<PlaceId>,
    /// A journey.
    pub journey: Option<Journey>,
    /// People who were along.
    pub companions: Option<u16>,
    /// Who wrote it down.
    pub actor: AccountId,
}

fn read_stay(row: &Row<'_>) -> rusqlite::Result<Stay> {
    let journey: Option<String> = row.get(10)?;
    Ok(Stay {
        stay: StayId::from_bytes(row.get(0)?),
        case: CaseId::from_bytes(row.get(1)?),
        day: day_at(row, 2)?,
        from: maybe_moment_at(row, 3)?,
        until: maybe_moment_at(row, 4)?,
        area: match row.get::<_, Option<i64>>(5)? {
            Some(_) => Some(area_at(row, 5)?),
            None => None,
        },
        setting: maybe_word_at(row, 6)?,
        site: row.get::<_, Option<[u8; 16]>>(7)?.map(SiteId::from_bytes),
        household: row
            .get::<_, Option<[u8; 16]>>(8)?
            .map(HouseholdId::from_bytes),
        place: row
            .get::<_, Option<i64>>(9)?
            .map(|place| PlaceId(place.cast_unsigned())),
        journey: journey
            .map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(|_| malformed(10))?,
        companions: row.get(11)?,
        actor: AccountId::from_bytes(row.get(12)?),
    })
}

/// A case's itinerary, by day and hour.
pub fn stays_of(connection: &Connection, case: CaseId) -> Result<Vec<Stay>, rusqlite::Error> {
    connection
        .prepare_cached(
            "SELECT stay, case_id, day, from_ms, until_ms, area, setting, site, household, place, journey, companions, actor
             FROM view_stays WHERE case_id = ?1 AND withdrawn = 0 ORDER BY day, from_ms, stay LIMIT 1000",
        )?
        .query_map([case.to_bytes()], read_stay)?
        .collect()
}

/// The case that a stay belongs to.
pub fn case_of_stay(
    connection: &Connection,
    stay: StayId,
) -> Result<Option<CaseId>, rusqlite::Error> {
    connection
        .prepare_cached("SELECT case_id FROM view_stays WHERE stay = ?1")?
        .query_row([stay.to_bytes()], |row| Ok(CaseId::from_bytes(row.get(0)?)))
        .optional()
}

pub(super) fn stayed(
    connection: &Connection,
    fact: &Fact,
    stay: &CaseStayRecorded,
) -> Result<(), FoldError> {
    if cases::get(connection, stay.case)?.is_none() {
        return Err(FoldError::NotThere("case"));
    }
    if case_of_stay(connection, stay.stay)?.is_some_and(|case| case != stay.case) {
        return Err(FoldError::AlreadyThere("stay"));
    }
    let journey = stay
        .journey
        .as_ref()
        .map(serde_json::to_string)
        .transpose()
        .map_err(|_| malformed(10))?;
    connection
        .prepare_cached(
            "INSERT INTO view_stays (stay, case_id, day, from_ms, until_ms, area, setting, site, household, place, journey,
             companions, withdrawn, actor, seq) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
             ON CONFLICT DO UPDATE SET day = ?3, from_ms = ?4, until_ms = ?5, area = ?6, setting = ?7, site = ?8,
             household = ?9, place = ?10, journey = ?11, companions = ?12, withdrawn = ?13, actor = ?14, seq = ?15",
        )?
        .execute(params![
            stay.stay.to_bytes(),
            stay.case.to_bytes(),
            day_number(stay.day),
            stay.from.map(Timestamp::as_millisecond),
            stay.until.map(Timestamp::as_millisecond),
            stay.place_area.map(area),
            stay.setting.map(word),
            stay.site.map(SiteId::to_bytes),
            stay.household.map(HouseholdId::to_bytes),
            stay.place.map(stored),
            journey,
            stay.companions,
            stay.withdrawn,
            fact.actor.to_bytes(),
            fact.seq as i64,
        ])?;
    subjects::note(connection, &stay.case.to_bytes(), fact)
}

pub(super) fn edited(
    connection: &Connection,
    fact: &Fact,
    edited: &CasesEdited,
) -> Result<(), FoldError> {
    for case in &edited.cases {
        let row = cases::get(connection, *case)?.ok_or(FoldError::NotThere("case"))?;
        connection
            .prepare_cached(
                "INSERT INTO view_case_edits (edit, case_id, before) VALUES (?1, ?2, ?3)",
            )?
            .execute(params![
                edited.edit.to_bytes(),
                case.to_bytes(),
                row.seq as i64
            ])?;
    }
    subjects::note(connection, &edited.edit.to_bytes(), fact)
}

/// The cases of an edit, each with the place of the fact that said how it stood before.
pub fn edit(connection: &Connection, edit: FactId) -> Result<Vec<(CaseId, u64)>, rusqlite::Error> {
    connection
        .prepare_cached(
            "SELECT case_id, before FROM view_case_edits WHERE edit = ?1 ORDER BY case_id",
        )?
        .query_map([edit.to_bytes()], |row| {
            Ok((
                CaseId::from_bytes(row.get(0)?),
                row.get::<_, i64>(1)? as u64,
            ))
        })?
        .collect()
}

/// The stays of the cases of these people.
pub fn stays_of_people(
    connection: &Connection,
    people: &[lianfang_core::ids::PersonId],
) -> Result<Vec<StayId>, rusqlite::Error> {
    let mut stays = Vec::new();
    for person in people {
        let found = connection
            .prepare_cached(
                "SELECT s.stay FROM view_stays s JOIN view_cases c USING (case_id) WHERE c.person = ?1 ORDER BY s.stay",
            )?
            .query_map([person.to_bytes()], |row| Ok(StayId::from_bytes(row.get(0)?)))?
            .collect::<Result<Vec<_>, _>>()?;
        stays.extend(found);
    }
    Ok(stays)
}
