//! Hand-overs: people on their way from one hand to the next.

use jiff::Timestamp;
use lianfang_core::areas::AreaCode;
use lianfang_core::entry::{Receiver, Stage};
use lianfang_core::facts::{Fact, HandOverBegun, HandOverReceived};
use lianfang_core::ids::{AccountId, CheckpointId, EntrantId, MatterId, SiteId};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::views::columns::{area, area_at, maybe_moment_at, moment_at, span, word, word_at};
use crate::views::{FoldError, quarantine, subjects};

use super::{place, standing};

pub(crate) const SCHEMA: &str = "
CREATE TABLE view_handovers (
  handover BLOB PRIMARY KEY,
  area INTEGER NOT NULL,
  from_area INTEGER NOT NULL,
  receiver INTEGER NOT NULL,
  site BLOB,
  checkpoint BLOB,
  vehicle TEXT,
  escort TEXT,
  begun_by BLOB NOT NULL,
  begun_at INTEGER NOT NULL,
  expected INTEGER NOT NULL,
  people INTEGER NOT NULL,
  received INTEGER NOT NULL,
  missing INTEGER NOT NULL,
  ended_at INTEGER
) WITHOUT ROWID;
CREATE INDEX view_handovers_area ON view_handovers (area, ended_at, expected);
CREATE INDEX view_handovers_site ON view_handovers (site) WHERE site IS NOT NULL AND ended_at IS NULL;
CREATE INDEX view_handovers_from ON view_handovers (from_area, begun_at);
CREATE TABLE view_handover_people (
  handover BLOB NOT NULL,
  entrant BLOB NOT NULL,
  before INTEGER NOT NULL,
  received_at INTEGER,
  missing INTEGER NOT NULL,
  PRIMARY KEY (handover, entrant)
) WITHOUT ROWID;
";

/// A hand-over as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandOverRow {
    /// The hand-over.
    pub handover: MatterId,
    /// Where it is received.
    pub area: AreaCode,
    /// Where it began.
    pub from_area: AreaCode,
    /// Who receives.
    pub receiver: Receiver,
    /// The site that receives.
    pub site: Option<SiteId>,
    /// The checkpoint that receives.
    pub checkpoint: Option<CheckpointId>,
    /// The vehicle's plate.
    pub vehicle: Option<String>,
    /// Who goes with them.
    pub escort: Option<String>,
    /// Who sent them.
    pub begun_by: AccountId,
    /// When.
    pub begun_at: Timestamp,
    /// When they should be there.
    pub expected: Timestamp,
    /// People sent.
    pub people: u32,
    /// People received.
    pub received: u32,
    /// People who were not there.
    pub missing: u32,
    /// When nobody was awaited any more.
    pub ended_at: Option<Timestamp>,
}

/// Somebody in a hand-over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HandOverPerson {
    /// Who.
    pub entrant: EntrantId,
    /// When they were received.
    pub received_at: Option<Timestamp>,
    /// Whether they were not there.
    pub missing: bool,
    before: Stage,
}

const COLUMNS: &str = "handover, area, from_area, receiver, site, checkpoint, vehicle, escort, begun_by, begun_at, \
                       expected, people, received, missing, ended_at";

fn read_row(row: &Row<'_>) -> rusqlite::Result<HandOverRow> {
    Ok(HandOverRow {
        handover: MatterId::from_bytes(row.get(0)?),
        area: area_at(row, 1)?,
        from_area: area_at(row, 2)?,
        receiver: word_at(row, 3)?,
        site: row.get::<_, Option<[u8; 16]>>(4)?.map(SiteId::from_bytes),
        checkpoint: row
            .get::<_, Option<[u8; 16]>>(5)?
            .map(CheckpointId::from_bytes),
        vehicle: row.get(6)?,
        escort: row.get(7)?,
        begun_by: AccountId::from_bytes(row.get(8)?),
        begun_at: moment_at(row, 9)?,
        expected: moment_at(row, 10)?,
        people: row.get(11)?,
        received: row.get(12)?,
        missing: row.get(13)?,
        ended_at: maybe_moment_at(row, 14)?,
    })
}

/// Whether somebody in this place of the process can be sent on to this receiver.
fn may_be_sent(stage: Stage, receiver: Receiver) -> bool {
    match stage {
        Stage::Arrived | Stage::ToSend | Stage::ToPlace | Stage::Missing => true,
        // A move between sites, or to the clinic; the order goes on.
        Stage::Watched | Stage::AtClinic => receiver != Receiver::Checkpoint,
        // Home, after release.
        Stage::Released => matches!(receiver, Receiver::Community | Receiver::Elsewhere),
        _ => false,
    }
}

pub(in crate::views) fn begun(
    connection: &Connection,
    fact: &Fact,
    begun: &HandOverBegun,
) -> Result<(), FoldError> {
    let done = connection
        .prepare_cached(&format!(
            "INSERT INTO view_handovers ({COLUMNS}) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,0,0,NULL)
             ON CONFLICT DO NOTHING"
        ))?
        .execute(params![
            begun.handover.to_bytes(),
            area(fact.area),
            area(begun.from),
            word(begun.receiver),
            begun.site.map(SiteId::to_bytes),
            begun.checkpoint.map(CheckpointId::to_bytes),
            begun.vehicle,
            begun.escort,
            fact.actor.to_bytes(),
            fact.happened_at.as_millisecond(),
            begun.expected.as_millisecond(),
            begun.entrants.len() as i64,
        ])?;
    if done == 0 {
        return Err(FoldError::AlreadyThere("hand-over"));
    }
    for entrant in &begun.entrants {
        let before = standing(connection, *entrant)?;
        if !may_be_sent(before.stage, begun.receiver) {
            return Err(FoldError::MovedOn("entrant"));
        }
        connection
            .prepare_cached(
                "INSERT INTO view_handover_people (handover, entrant, before, received_at, missing) VALUES (?1, ?2, ?3, NULL, 0)",
            )?
            .execute(params![
                begun.handover.to_bytes(),
                entrant.to_bytes(),
                word(before.stage)
            ])?;
        connection
            .prepare_cached("UPDATE view_entrants SET handover = ?2 WHERE entrant = ?1")?
            .execute([entrant.to_bytes(), begun.handover.to_bytes()])?;
        place(connection, fact, *entrant, Stage::OnTheWay)?;
        subjects::note(connection, &entrant.to_bytes(), fact)?;
    }
    Ok(())
}

/// Where somebody received stands.
fn after(receiver: Receiver, before: Stage, ordered: bool) -> Stage {
    match receiver {
        Receiver::Clinic => Stage::AtClinic,
        Receiver::Checkpoint => Stage::Arrived,
        Receiver::Elsewhere => Stage::HandedOn,
        Receiver::Community | Receiver::Site => match before {
            Stage::Released => Stage::Released,
            _ if ordered => Stage::Watched,
            _ => Stage::ToPlace,
        },
    }
}

pub(in crate::views) fn received(
    connection: &Connection,
    fact: &Fact,
    received: &HandOverReceived,
) -> Result<(), FoldError> {
    let row = handover(connection, received.handover)?.ok_or(FoldError::NotThere("hand-over"))?;
    let at = fact.happened_at.as_millisecond();
    let people = handover_people(connection, received.handover)?;
    for (entrants, missing) in [(&received.entrants, false), (&received.missing, true)] {
        for entrant in entrants {
            let person = people
                .iter()
                .find(|person| person.entrant == *entrant)
                .ok_or(FoldError::NotThere("entrant"))?;
            let stands = standing(connection, *entrant)?;
            let awaited = person.received_at.is_none()
                && matches!(stands.stage, Stage::OnTheWay | Stage::Missing);
            if !awaited {
                return Err(FoldError::MovedOn("hand-over"));
            }
            connection
                .prepare_cached(
                    "UPDATE view_handover_people SET received_at = ?3, missing = ?4 WHERE handover = ?1 AND entrant = ?2",
                )?
                .execute(params![
                    received.handover.to_bytes(),
                    entrant.to_bytes(),
                    (!missing).then_some(at),
                    missing,
                ])?;
            if missing {
                place(connection, fact, *entrant, Stage::Missing)?;
            } else {
                let stage = after(row.receiver, person.before, stands.order.is_some());
                place(connection, fact, *entrant, stage)?;
                if let (Stage::Watched, Some(order)) = (stage, stands.order) {
                    quarantine::present(connection, fact, order)?;
                }
                if !matches!(row.receiver, Receiver::Clinic | Receiver::Elsewhere) {
                    connection
                        .prepare_cached("UPDATE view_entrants SET area = ?2 WHERE entrant = ?1")?
                        .execute(params![entrant.to_bytes(), area(fact.area)])?;
                }
            }
            subjects::note(connection, &entrant.to_bytes(), fact)?;
        }
    }
    connection
        .prepare_cached(
            "UPDATE view_handovers SET received = (SELECT count(*) FROM view_handover_people WHERE handover = ?1
             AND received_at IS NOT NULL), missing = (SELECT count(*) FROM view_handover_people WHERE handover = ?1
             AND missing = 1), ended_at = CASE WHEN ?2 THEN coalesce(ended_at, ?3) ELSE ended_at END WHERE handover = ?1",
        )?
        .execute(params![
            received.handover.to_bytes(),
            received.complete,
            at
        ])?;
    Ok(())
}

/// A hand-over.
pub fn handover(
    connection: &Connection,
    handover: MatterId,
) -> Result<Option<HandOverRow>, rusqlite::Error> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM view_handovers WHERE handover = ?1"
        ))?
        .query_row([handover.to_bytes()], read_row)
        .optional()
}

/// The people of a hand-over.
pub fn handover_people(
    connection: &Connection,
    handover: MatterId,
) -> Result<Vec<HandOverPerson>, rusqlite::Error> {
    connection
        .prepare_cached(
            "SELECT entrant, received_at, missing, before FROM view_handover_people WHERE handover = ?1 ORDER BY entrant",
        )?
        .query_map([handover.to_bytes()], |row| {
            Ok(HandOverPerson {
                entrant: EntrantId::from_bytes(row.get(0)?),
                received_at: maybe_moment_at(row, 1)?,
                missing: row.get(2)?,
                before: word_at(row, 3)?,
            })
        })?
        .collect()
}

/// Hand-overs to or from an area, those not ended first, the most pressing on top.
pub fn handovers(
    connection: &Connection,
    within: AreaCode,
    live: bool,
    skip: usize,
    limit: usize,
) -> Result<Vec<HandOverRow>, rusqlite::Error> {
    let (first, last) = span(within);
    let which = if live { "AND ended_at IS NULL" } else { "" };
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM view_handovers WHERE (area BETWEEN ?1 AND ?2 OR from_area BETWEEN ?1 AND ?2) {which}
             ORDER BY ended_at IS NOT NULL, expected, handover LIMIT ?4 OFFSET ?3"
        ))?
        .query_map(params![first, last, skip as i64, limit as i64], read_row)?
        .collect()
}

/// People who were sent to a site and neither received nor found missing.
pub fn on_the_way_to(connection: &Connection, site: SiteId) -> Result<u64, rusqlite::Error> {
    connection
        .prepare_cached(
            "SELECT coalesce(sum(people - received - missing), 0) FROM view_handovers
             WHERE site = ?1 AND ended_at IS NULL",
        )?
        .query_row([site.to_bytes()], |row| Ok(row.get::<_, i64>(0)? as u64))
}

/// Hand-overs in an area that should have been received before a moment and are not, and those
/// that are on the way in all.
pub fn waiting_at(
    connection: &Connection,
    within: AreaCode,
    before: Timestamp,
) -> Result<(u64, u64), rusqlite::Error> {
    let (first, last) = span(within);
    connection
        .prepare_cached(
            "SELECT coalesce(sum(expected < ?3), 0), count(*) FROM view_handovers
             WHERE area BETWEEN ?1 AND ?2 AND ended_at IS NULL",
        )?
        .query_row(params![first, last, before.as_millisecond()], |row| {
            Ok((row.get::<_, i64>(0)? as u64, row.get::<_, i64>(1)? as u64))
        })
}
