//! Contacts: one row for a person and a case, as the work with them stands.
//!
//! | table | what it holds |
//! | --- | --- |
//! | `view_contacts` | each contact as it stands |
//! | `view_exposures` | each meeting of a contact with the case, as it was named |
//! | `view_contact_steps` | steps that somebody wrote down |
//! | `view_follows` | follow-up, day by day |
//! | `view_listed` | contacts on another system's list, also of no case yet |
//!
//! What follows from other facts is not typed twice: whether a contact is under watch, tested, released or became a case is told
//! by the orders, samples and cases of the person. [`refresh`] judges all of it anew from these views, whenever any of them
//! changes, so a contact stands as a recount would find it.

mod folds;
mod listed;
mod lists;
mod numbers;

use jiff::Timestamp;
use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::contacts::{
    Channel, ContactClass, ContactDetails, ContactStatus, FollowUp, Setting,
};
use lianfang_core::ids::{CaseId, ContactId, OrderId, PersonId};
use lianfang_core::quarantine::SampleResult;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::columns::{
    area_at, malformed, maybe_day_at, maybe_moment_at, maybe_word_at, moment_at, word_at,
};

pub use listed::{ListedRow, listed, listed_as, listed_within};
pub(super) use listed::{SCHEMA as LISTED, list_up};

pub(super) use folds::{followed, named, refresh, refresh_of_order, stepped};
pub use lists::{
    ContactCursor, ContactFilter, DueCursor, Exposure, Follow, FollowedDay, StepRow, count, due,
    due_count, exposures, followed_day, follows, list, of_case, of_person, steps, untold,
};
pub use numbers::{ByClass, KnownCases, Traced, known_cases, standing, traced};

pub(crate) const SCHEMA: &str = "
CREATE TABLE view_contacts (
  id INTEGER PRIMARY KEY,
  contact BLOB NOT NULL UNIQUE,
  person BLOB NOT NULL,
  case_id BLOB NOT NULL,
  through BLOB,
  area INTEGER NOT NULL,
  class INTEGER NOT NULL,
  setting INTEGER,
  rule TEXT,
  pack TEXT,
  channel INTEGER NOT NULL,
  met INTEGER,
  met_first INTEGER,
  until INTEGER,
  details TEXT,
  exposures INTEGER NOT NULL,
  named_at INTEGER NOT NULL,
  located_at INTEGER,
  notified_at INTEGER,
  watched_at INTEGER,
  order_id BLOB,
  tested_at INTEGER,
  result INTEGER,
  ended_at INTEGER,
  became BLOB,
  told_at INTEGER,
  status INTEGER NOT NULL,
  open INTEGER NOT NULL,
  followed_on INTEGER NOT NULL,
  followed INTEGER,
  seq INTEGER NOT NULL
);
CREATE INDEX view_contacts_kind ON view_contacts (status, class, area);
CREATE INDEX view_contacts_case ON view_contacts (case_id, status, class, setting);
CREATE INDEX view_contacts_person ON view_contacts (person, named_at);
CREATE INDEX view_contacts_status ON view_contacts (status, id, class, area);
CREATE INDEX view_contacts_due ON view_contacts (followed_on, id, area) WHERE open = 1 AND class > 0;
CREATE INDEX view_contacts_due_in ON view_contacts (area, followed_on) WHERE open = 1 AND class > 0;
CREATE INDEX view_contacts_ended ON view_contacts (ended_at, area, named_at) WHERE class > 0;
CREATE TABLE view_exposures (
  contact BLOB NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  channel INTEGER NOT NULL,
  met INTEGER,
  met_first INTEGER,
  meeting TEXT,
  certainty INTEGER,
  class INTEGER NOT NULL,
  rule TEXT,
  pack TEXT,
  evidence TEXT,
  through BLOB,
  actor BLOB NOT NULL,
  PRIMARY KEY (contact, seq)
) WITHOUT ROWID;
CREATE TABLE view_contact_steps (
  contact BLOB NOT NULL,
  seq INTEGER NOT NULL,
  step INTEGER NOT NULL,
  at INTEGER NOT NULL,
  result INTEGER,
  actor BLOB NOT NULL,
  PRIMARY KEY (contact, seq)
) WITHOUT ROWID;
CREATE TABLE view_follows (
  contact BLOB NOT NULL,
  day INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  status INTEGER NOT NULL,
  temperature INTEGER,
  symptoms INTEGER NOT NULL,
  at INTEGER NOT NULL,
  actor BLOB NOT NULL,
  PRIMARY KEY (contact, day, seq)
) WITHOUT ROWID;
";

/// A contact as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactRow {
    /// The place of the fact that first named it.
    pub id: u64,
    /// The contact.
    pub contact: ContactId,
    /// The person.
    pub person: PersonId,
    /// The case.
    pub case: CaseId,
    /// The contact of that case who was met, where it was not the case.
    pub through: Option<ContactId>,
    /// Where the person is.
    pub area: AreaCode,
    /// The closest that any meeting made of it.
    pub class: ContactClass,
    /// The rule of that meeting.
    pub rule: Option<String>,
    /// The pack of that rule.
    pub pack: Option<String>,
    /// How it first became known.
    pub channel: Channel,
    /// The last day on which they met.
    pub met: Option<Date>,
    /// The first day on which they met.
    pub met_first: Option<Date>,
    /// The last day on which the person is followed.
    pub until: Option<Date>,
    /// What is known of the person.
    pub details: ContactDetails,
    /// Meetings on record.
    pub exposures: u32,
    /// When it was first named.
    pub named_at: Timestamp,
    /// When it was known where the person is.
    pub located_at: Option<Timestamp>,
    /// When the person was told.
    pub notified_at: Option<Timestamp>,
    /// When the person came under watch, not before being named.
    pub watched_at: Option<Timestamp>,
    /// The newest order since then.
    pub order: Option<OrderId>,
    /// When the first sample was taken.
    pub tested_at: Option<Timestamp>,
    /// The newest result.
    pub result: Option<SampleResult>,
    /// When the work ended.
    pub ended_at: Option<Timestamp>,
    /// The case that the person became.
    pub became: Option<CaseId>,
    /// When the person was told, put under watch or found to be a case, whichever came first.
    pub told_at: Option<Timestamp>,
    /// How far the work has come.
    pub status: ContactStatus,
    /// The last day on which the person was seen.
    pub followed_on: Option<Date>,
    /// What came of the newest follow-up.
    pub followed: Option<FollowUp>,
    /// The place of the newest fact that names it or brings a step.
    pub seq: u64,
}

impl ContactRow {
    /// Whether the person is to be followed.
    pub fn is_followed(&self) -> bool {
        self.status.is_open() && self.class != ContactClass::None
    }
}

const COLUMNS: &str = "id, contact, person, case_id, through, area, class, rule, pack, channel, met, met_first, until, \
                       details, exposures, named_at, located_at, notified_at, watched_at, order_id, tested_at, result, \
                       ended_at, became, told_at, status, followed_on, followed, seq";

fn read_row(row: &Row<'_>) -> rusqlite::Result<ContactRow> {
    let details: Option<String> = row.get(13)?;
    let seen: i32 = row.get(26)?;
    Ok(ContactRow {
        id: row.get::<_, i64>(0)? as u64,
        contact: ContactId::from_bytes(row.get(1)?),
        person: PersonId::from_bytes(row.get(2)?),
        case: CaseId::from_bytes(row.get(3)?),
        through: row
            .get::<_, Option<[u8; 16]>>(4)?
            .map(ContactId::from_bytes),
        area: area_at(row, 5)?,
        class: word_at(row, 6)?,
        rule: row.get(7)?,
        pack: row.get(8)?,
        channel: word_at(row, 9)?,
        met: maybe_day_at(row, 10)?,
        met_first: maybe_day_at(row, 11)?,
        until: maybe_day_at(row, 12)?,
        details: details
            .map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(|_| malformed(13))?
            .unwrap_or_default(),
        exposures: row.get(14)?,
        named_at: moment_at(row, 15)?,
        located_at: maybe_moment_at(row, 16)?,
        notified_at: maybe_moment_at(row, 17)?,
        watched_at: maybe_moment_at(row, 18)?,
        order: row.get::<_, Option<[u8; 16]>>(19)?.map(OrderId::from_bytes),
        tested_at: maybe_moment_at(row, 20)?,
        result: maybe_word_at(row, 21)?,
        ended_at: maybe_moment_at(row, 22)?,
        became: row.get::<_, Option<[u8; 16]>>(23)?.map(CaseId::from_bytes),
        told_at: maybe_moment_at(row, 24)?,
        status: word_at(row, 25)?,
        followed_on: lianfang_core::time::day_from_number(seen).filter(|_| seen > NEVER),
        followed: maybe_word_at(row, 27)?,
        seq: row.get::<_, i64>(28)? as u64,
    })
}

/// The day on which somebody was seen who was never seen.
const NEVER: i32 = 0;

/// A contact.
pub fn get(
    connection: &Connection,
    contact: ContactId,
) -> Result<Option<ContactRow>, rusqlite::Error> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM view_contacts WHERE contact = ?1"
        ))?
        .query_row([contact.to_bytes()], read_row)
        .optional()
}

/// Where a contact met the case: the setting of the closest meeting that tells one.
pub fn setting(
    connection: &Connection,
    contact: ContactId,
) -> Result<Option<Setting>, rusqlite::Error> {
    let setting = connection
        .prepare_cached("SELECT setting FROM view_contacts WHERE contact = ?1")?
        .query_row([contact.to_bytes()], |row| maybe_word_at(row, 0))
        .optional()?;
    Ok(setting.flatten())
}

/// Whether somebody was named as a contact before a moment.
pub(super) fn named_before(
    connection: &Connection,
    person: PersonId,
    at: Timestamp,
) -> Result<bool, rusqlite::Error> {
    connection
        .prepare_cached(
            "SELECT 1 FROM view_contacts WHERE person = ?1 AND class > 0 AND named_at < ?2",
        )?
        .exists(params![person.to_bytes(), at.as_millisecond()])
}
