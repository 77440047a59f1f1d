//! Entry: checkpoints, people who arrive, and their hand-overs, as they stand.

pub(super) mod checkpoints;
pub(super) mod handovers;
mod lists;
mod waves;

use jiff::Timestamp;
use lianfang_core::areas::AreaCode;
use lianfang_core::entry::{Destination, Journey, OriginRisk, Source, Stage, Triage};
use lianfang_core::facts::{
    ClinicAnswered, EntrantChecked, EntrantFound, EntrantJoined, EntrantNotCome, EntrantParted,
    EntrantSettled, EntrantsAlike, EntrantsToldApart, Fact,
};
use lianfang_core::ids::{CheckpointId, EntrantId, MatterId, OrderId, PartyId, PersonId};
use lianfang_core::words::{Word, Words};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::columns::{area, area_at, malformed, maybe_word_at, moment_at, word, word_at};
use super::{FoldError, subjects};

pub use checkpoints::{CheckpointRow, ShiftRow, checkpoint, checkpoints, on_duty, passes_on};
pub(super) use checkpoints::{defined, resident_passed, shift_set};
pub use handovers::{
    HandOverPerson, HandOverRow, handover, handover_people, handovers, on_the_way_to, waiting_at,
};
pub(super) use handovers::{begun, received};
pub use lists::{
    Alike, EntrantCursor, EntrantFilter, GateCheck, Notice, alike_with, anybody, arrivals_by_hour,
    count, first_notices, gate_checks, known_as, likeness, list, members, notices, of_people,
    on_journey, service_seconds, stages_on, told_apart, unsettled, unsettled_count, waiting,
};

pub use waves::{ArrivalCount, GateLoad, arrival_counts, gate_loads, outcomes_between};

pub(crate) const SCHEMA: &str = "
CREATE TABLE view_entrants (
  id INTEGER PRIMARY KEY,
  entrant BLOB NOT NULL UNIQUE,
  person BLOB NOT NULL,
  area INTEGER NOT NULL,
  arrival INTEGER NOT NULL,
  arrived INTEGER NOT NULL,
  journey TEXT NOT NULL,
  destination INTEGER NOT NULL,
  origin INTEGER NOT NULL,
  abroad INTEGER NOT NULL,
  age INTEGER,
  pregnant INTEGER NOT NULL,
  needs_care INTEGER NOT NULL,
  home_suitable INTEGER NOT NULL,
  party BLOB,
  stage INTEGER NOT NULL,
  stage_since INTEGER NOT NULL,
  triage INTEGER,
  rule TEXT,
  checkpoint BLOB,
  handover BLOB,
  order_id BLOB,
  parent BLOB,
  root BLOB NOT NULL,
  source INTEGER NOT NULL,
  found_at INTEGER NOT NULL,
  symptoms INTEGER NOT NULL,
  seq INTEGER NOT NULL
);
CREATE INDEX view_entrants_area ON view_entrants (area, stage, arrival) WHERE parent IS NULL;
CREATE INDEX view_entrants_arrival ON view_entrants (arrival);
CREATE INDEX view_entrants_person ON view_entrants (person);
CREATE INDEX view_entrants_party ON view_entrants (party) WHERE party IS NOT NULL;
CREATE INDEX view_entrants_root ON view_entrants (root);
CREATE TABLE view_notices (
  entrant BLOB NOT NULL,
  seq INTEGER NOT NULL,
  source INTEGER NOT NULL,
  at INTEGER NOT NULL,
  actor BLOB NOT NULL,
  checkpoint BLOB,
  list TEXT,
  PRIMARY KEY (entrant, seq)
) WITHOUT ROWID;
CREATE TABLE view_alike (
  one BLOB NOT NULL,
  other BLOB NOT NULL,
  area INTEGER NOT NULL,
  same TEXT NOT NULL,
  state INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (one, other)
) WITHOUT ROWID;
CREATE INDEX view_alike_open ON view_alike (area) WHERE state = 0;
CREATE INDEX view_alike_other ON view_alike (other);
CREATE TABLE view_gate_checks (
  seq INTEGER PRIMARY KEY,
  entrant BLOB NOT NULL,
  checkpoint BLOB NOT NULL,
  lane INTEGER,
  at INTEGER NOT NULL,
  temperature INTEGER,
  symptoms INTEGER NOT NULL,
  outcome INTEGER NOT NULL,
  rule TEXT NOT NULL,
  pack TEXT NOT NULL,
  shown INTEGER,
  seconds INTEGER
);
CREATE INDEX view_gate_checks_place ON view_gate_checks (checkpoint, at);
CREATE INDEX view_gate_checks_entrant ON view_gate_checks (entrant);
CREATE INDEX view_gate_checks_at ON view_gate_checks (at);
";

const COLUMNS: &str = "entrant, person, area, arrival, arrived, journey, destination, origin, abroad, age, pregnant, \
                       needs_care, home_suitable, party, stage, stage_since, triage, rule, checkpoint, handover, \
                       order_id, parent, root, source, found_at, symptoms, id, seq";

/// Somebody who arrives, as they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntrantRow {
    /// The person on this journey.
    pub entrant: EntrantId,
    /// The person.
    pub person: PersonId,
    /// Where they belong: bound for, or brought to.
    pub area: AreaCode,
    /// When they arrive or arrived.
    pub arrival: Timestamp,
    /// Whether they are here.
    pub arrived: bool,
    /// The journey.
    pub journey: Journey,
    /// Where they are going.
    pub destination: Destination,
    /// What coming from there meant when they were found.
    pub origin: OriginRisk,
    /// Whether from abroad.
    pub abroad: bool,
    /// Age in years.
    pub age: Option<u8>,
    /// Whether pregnant.
    pub pregnant: bool,
    /// Whether in need of another's care.
    pub needs_care: bool,
    /// Whether there is a home fit for quarantine.
    pub home_suitable: bool,
    /// Those who travel together.
    pub party: Option<PartyId>,
    /// Where in the process they stand.
    pub stage: Stage,
    /// Since when.
    pub stage_since: Timestamp,
    /// What the last gate decided.
    pub triage: Option<Triage>,
    /// By which rule.
    pub rule: Option<String>,
    /// The last checkpoint.
    pub checkpoint: Option<CheckpointId>,
    /// The last hand-over.
    pub handover: Option<MatterId>,
    /// The order in force.
    pub order: Option<OrderId>,
    /// The record that this one was taken into.
    pub parent: Option<EntrantId>,
    /// The record that speaks for all that were taken for one.
    pub root: EntrantId,
    /// The first source.
    pub source: Source,
    /// When that source knew.
    pub found_at: Timestamp,
    /// Symptoms at the last gate.
    pub symptoms: Words<lianfang_core::entry::Symptom>,
    /// The place of the first fact about them.
    pub id: u64,
    /// The place of the newest fact about them.
    pub seq: u64,
}

fn id_at<T>(row: &Row<'_>, index: usize, make: fn([u8; 16]) -> T) -> rusqlite::Result<Option<T>> {
    Ok(row.get::<_, Option<[u8; 16]>>(index)?.map(make))
}

fn read_row(row: &Row<'_>) -> rusqlite::Result<EntrantRow> {
    let journey: String = row.get(5)?;
    Ok(EntrantRow {
        entrant: EntrantId::from_bytes(row.get(0)?),
        person: PersonId::from_bytes(row.get(1)?),
        area: area_at(row, 2)?,
        arrival: moment_at(row, 3)?,
        arrived: row.get(4)?,
        journey: serde_json::from_str(&journey).map_err(|_| malformed(5))?,
        destination: word_at(row, 6)?,
        origin: word_at(row, 7)?,
        abroad: row.get(8)?,
        age: row.get(9)?,
        pregnant: row.get(10)?,
        needs_care: row.get(11)?,
        home_suitable: row.get(12)?,
        party: id_at(row, 13, PartyId::from_bytes)?,
        stage: word_at(row, 14)?,
        stage_since: moment_at(row, 15)?,
        triage: maybe_word_at(row, 16)?,
        rule: row.get(17)?,
        checkpoint: id_at(row, 18, CheckpointId::from_bytes)?,
        handover: id_at(row, 19, MatterId::from_bytes)?,
        order: id_at(row, 20, OrderId::from_bytes)?,
        parent: id_at(row, 21, EntrantId::from_bytes)?,
        root: EntrantId::from_bytes(row.get(22)?),
        source: word_at(row, 23)?,
        found_at: moment_at(row, 24)?,
        symptoms: Words::from_bits(row.get::<_, u32>(25)?),
        id: row.get::<_, i64>(26)? as u64,
        seq: row.get::<_, i64>(27)? as u64,
    })
}

/// Somebody who arrives, as they stand.
pub fn get(
    connection: &Connection,
    entrant: EntrantId,
) -> Result<Option<EntrantRow>, rusqlite::Error> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM view_entrants WHERE entrant = ?1"
        ))?
        .query_row([entrant.to_bytes()], read_row)
        .optional()
}

/// The record that speaks for `entrant`: itself, or the one it was taken into. What the records
/// taken for one say of origin and person is told together: the worst of origins, and what anybody
/// but the person alone said of age and care.
pub fn speaker(
    connection: &Connection,
    entrant: EntrantId,
) -> Result<Option<EntrantRow>, rusqlite::Error> {
    let speaks = match get(connection, entrant)? {
        Some(row) if row.root != entrant => get(connection, row.root)?,
        found => found,
    };
    speaks.map(|row| together(connection, row)).transpose()
}

/// A record with what those taken into it say.
fn together(connection: &Connection, row: EntrantRow) -> Result<EntrantRow, rusqlite::Error> {
    connection
        .prepare_cached(
            "SELECT max(origin), max(abroad), max(age) FILTER (WHERE source <> ?2),
             coalesce(max(pregnant) FILTER (WHERE source <> ?2), 0), coalesce(max(needs_care) FILTER (WHERE source <> ?2), 0),
             coalesce(max(home_suitable) FILTER (WHERE source <> ?2), 0) FROM view_entrants WHERE root = ?1",
        )?
        .query_row(
            params![row.root.to_bytes(), word(Source::Declared)],
            |all| {
                Ok(EntrantRow {
                    origin: word_at(all, 0)?,
                    abroad: all.get(1)?,
                    age: match row.age {
                        Some(age) => Some(age),
                        None => all.get(2)?,
                    },
                    pregnant: row.pregnant || all.get(3)?,
                    needs_care: row.needs_care || all.get(4)?,
                    home_suitable: row.home_suitable || all.get(5)?,
                    ..row
                })
            },
        )
}

/// The record of `entrant`, if it speaks for itself.
pub(super) fn standing(
    connection: &Connection,
    entrant: EntrantId,
) -> Result<EntrantRow, FoldError> {
    let row = get(connection, entrant)?.ok_or(FoldError::NotThere("entrant"))?;
    if row.parent.is_some() {
        return Err(FoldError::MovedOn("entrant"));
    }
    Ok(row)
}

/// Puts somebody in a place of the process.
pub(super) fn place(
    connection: &Connection,
    fact: &Fact,
    entrant: EntrantId,
    stage: Stage,
) -> Result<(), FoldError> {
    connection
        .prepare_cached(
            "UPDATE view_entrants SET stage = ?2, stage_since = ?3, seq = ?4 WHERE entrant = ?1",
        )?
        .execute(params![
            entrant.to_bytes(),
            word(stage),
            fact.happened_at.as_millisecond(),
            fact.seq as i64
        ])?;
    Ok(())
}

/// Says which order holds somebody, and where they are watched.
pub(super) fn hold(
    connection: &Connection,
    entrant: EntrantId,
    order: Option<OrderId>,
    at: Option<AreaCode>,
) -> Result<(), FoldError> {
    connection
        .prepare_cached(
            "UPDATE view_entrants SET order_id = ?2, area = coalesce(?3, area) WHERE entrant = ?1",
        )?
        .execute(params![
            entrant.to_bytes(),
            order.map(OrderId::to_bytes),
            at.map(area)
        ])?;
    Ok(())
}

pub(super) fn found(
    connection: &Connection,
    fact: &Fact,
    found: &EntrantFound,
) -> Result<(), FoldError> {
    let at = fact.happened_at.as_millisecond();
    let entrant = found.entrant.to_bytes();
    let before = get(connection, found.entrant)?;
    match &before {
        None => {
            let stage = if found.arrived {
                Stage::Arrived
            } else {
                Stage::Expected
            };
            let journey = serde_json::to_string(&found.journey).map_err(|_| malformed(5))?;
            connection
                .prepare_cached(&format!(
                    "INSERT INTO view_entrants ({COLUMNS}) VALUES
                     (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,NULL,NULL,?17,NULL,NULL,NULL,?1,?18,?16,0,?19,?19)"
                ))?
                .execute(params![
                    entrant,
                    found.person.to_bytes(),
                    area(fact.area),
                    found.arrival.as_millisecond(),
                    found.arrived,
                    journey,
                    word(found.destination),
                    word(found.origin),
                    found.abroad,
                    found.age,
                    found.pregnant,
                    found.needs_care,
                    found.home_suitable,
                    found.party.map(PartyId::to_bytes),
                    word(stage),
                    at,
                    found.checkpoint.map(CheckpointId::to_bytes),
                    word(found.source),
                    fact.seq as i64,
                ])?;
        }
        Some(before) => {
            if before.person != found.person {
                return Err(FoldError::AlreadyThere("entrant"));
            }
            again(connection, fact, found, before)?;
            subjects::note(connection, &entrant, fact)?;
        }
    }
    connection
        .prepare_cached(
            "INSERT INTO view_notices (entrant, seq, source, at, actor, checkpoint, list)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            entrant,
            fact.seq as i64,
            word(found.source),
            at,
            fact.actor.to_bytes(),
            found.checkpoint.map(CheckpointId::to_bytes),
            found.list,
        ])?;
    Ok(())
}

/// What one more source adds: that the person is here, and what was not known. Whoever announced
/// an arrival is believed about the journey; whoever saw the person, about the moment.
fn again(
    connection: &Connection,
    fact: &Fact,
    found: &EntrantFound,
    before: &EntrantRow,
) -> Result<(), FoldError> {
    let comes = found.arrived && !before.arrived;
    let (arrival, moved) = if comes {
        (found.arrival, true)
    } else {
        (before.arrival, false)
    };
    let earlier = fact.happened_at < before.found_at;
    connection
        .prepare_cached(
            "UPDATE view_entrants SET arrival = ?2, arrived = max(arrived, ?3), age = coalesce(age, ?4),
             pregnant = max(pregnant, ?5), needs_care = max(needs_care, ?6), home_suitable = max(home_suitable, ?7),
             party = coalesce(party, ?8), source = ?9, found_at = ?10, origin = max(origin, ?11),
             abroad = max(abroad, ?12), seq = ?13 WHERE entrant = ?1",
        )?
        .execute(params![
            found.entrant.to_bytes(),
            arrival.as_millisecond(),
            found.arrived,
            found.age,
            found.pregnant,
            found.needs_care,
            found.home_suitable,
            found.party.map(PartyId::to_bytes),
            word(if earlier { found.source } else { before.source }),
            if earlier { fact.happened_at } else { before.found_at }.as_millisecond(),
            word(found.origin),
            found.abroad,
            fact.seq as i64,
        ])?;
    if moved && matches!(before.stage, Stage::Expected | Stage::NotCome) {
        place(connection, fact, found.entrant, Stage::Arrived)?;
    }
    let waits = matches!(
        before.stage,
        Stage::Expected | Stage::NotCome | Stage::Arrived
    );
    if waits && before.area.contains(fact.area) {
        connection
            .prepare_cached("UPDATE view_entrants SET area = ?2 WHERE entrant = ?1")?
            .execute(params![found.entrant.to_bytes(), area(fact.area)])?;
    }
    Ok(())
}

pub(super) fn checked(
    connection: &Connection,
    fact: &Fact,
    checked: &EntrantChecked,
) -> Result<(), FoldError> {
    let before = standing(connection, checked.entrant)?;
    let at = fact.happened_at.as_millisecond();
    let symptoms: Words<_> = checked.symptoms.iter().copied().collect();
    connection
        .prepare_cached(
            "INSERT INTO view_gate_checks (seq, entrant, checkpoint, lane, at, temperature, symptoms, outcome, rule, pack,
             shown, seconds) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )?
        .execute(params![
            fact.seq as i64,
            checked.entrant.to_bytes(),
            checked.checkpoint.to_bytes(),
            checked.lane,
            at,
            checked.temperature,
            symptoms.bits(),
            word(checked.outcome),
            checked.rule,
            checked.pack,
            checked.shown.map(word),
            checked.seconds,
        ])?;
    connection
        .prepare_cached(
            "UPDATE view_entrants SET arrived = 1, arrival = CASE WHEN arrived = 1 THEN arrival ELSE ?2 END,
             triage = ?3, rule = ?4, checkpoint = ?5, symptoms = ?6, seq = ?7 WHERE entrant = ?1",
        )?
        .execute(params![
            checked.entrant.to_bytes(),
            at,
            word(checked.outcome),
            checked.rule,
            checked.checkpoint.to_bytes(),
            symptoms.bits(),
            fact.seq as i64,
        ])?;
    // Who is under an order stays under it, wherever they are seen; a gate cannot lift it. A check
    // that comes late from a phone without network does not undo what happened since.
    let overtaken = before.stage_since > fact.happened_at
        && !matches!(
            before.stage,
            Stage::Expected | Stage::NotCome | Stage::Arrived
        );
    // Who is on the way to somebody stays so until that somebody says whether they came.
    let stays = matches!(before.stage, Stage::Case | Stage::OnTheWay);
    if before.order.is_none() && !overtaken && !stays {
        place(
            connection,
            fact,
            checked.entrant,
            Stage::after(checked.outcome),
        )?;
    }
    subjects::note(connection, &checked.entrant.to_bytes(), fact)
}

pub(super) fn not_come(
    connection: &Connection,
    fact: &Fact,
    not_come: &EntrantNotCome,
) -> Result<(), FoldError> {
    let before = standing(connection, not_come.entrant)?;
    if before.stage != Stage::Expected {
        return Err(FoldError::MovedOn("entrant"));
    }
    place(connection, fact, not_come.entrant, Stage::NotCome)?;
    subjects::note(connection, &not_come.entrant.to_bytes(), fact)
}

pub(super) fn settled(
    connection: &Connection,
    fact: &Fact,
    settled: &EntrantSettled,
) -> Result<(), FoldError> {
    let before = standing(connection, settled.entrant)?;
    let may = matches!(
        before.stage,
        Stage::Missing | Stage::Arrived | Stage::ToSend | Stage::ToPlace
    );
    if !may || before.order.is_some() {
        return Err(FoldError::MovedOn("entrant"));
    }
    place(connection, fact, settled.entrant, settled.stage)?;
    subjects::note(connection, &settled.entrant.to_bytes(), fact)
}

pub(super) fn clinic(
    connection: &Connection,
    fact: &Fact,
    answered: &ClinicAnswered,
) -> Result<(), FoldError> {
    let before = standing(connection, answered.entrant)?;
    if before.stage != Stage::AtClinic {
        return Err(FoldError::MovedOn("entrant"));
    }
    let stage = match (answered.case, before.order) {
        (true, _) => Stage::Case,
        (false, Some(_)) => Stage::Watched,
        (false, None) => Stage::ToPlace,
    };
    place(connection, fact, answered.entrant, stage)?;
    subjects::note(connection, &answered.entrant.to_bytes(), fact)
}

fn point(connection: &Connection, from: EntrantId, to: EntrantId) -> Result<(), rusqlite::Error> {
    connection
        .prepare_cached("UPDATE view_entrants SET root = ?2 WHERE root = ?1")?
        .execute([from.to_bytes(), to.to_bytes()])?;
    Ok(())
}

pub(super) fn joined(
    connection: &Connection,
    fact: &Fact,
    joined: &EntrantJoined,
) -> Result<(), FoldError> {
    let taken = standing(connection, joined.entrant)?;
    let into = standing(connection, joined.into)?;
    let on_the_way = taken.stage == Stage::OnTheWay;
    if taken.entrant == into.entrant || taken.order.is_some() || on_the_way {
        return Err(FoldError::MovedOn("entrant"));
    }
    connection
        .prepare_cached("UPDATE view_entrants SET parent = ?2 WHERE entrant = ?1")?
        .execute([joined.entrant.to_bytes(), joined.into.to_bytes()])?;
    point(connection, joined.entrant, joined.into)?;
    let both = (joined.entrant, joined.into);
    pair(connection, fact, both, &joined.same, Pair::Joined)?;
    subjects::note(connection, &joined.entrant.to_bytes(), fact)?;
    subjects::note(connection, &joined.into.to_bytes(), fact)
}

pub(super) fn parted(
    connection: &Connection,
    fact: &Fact,
    parted: &EntrantParted,
) -> Result<(), FoldError> {
    let row = get(connection, parted.entrant)?.ok_or(FoldError::NotThere("entrant"))?;
    if row.parent != Some(parted.from) {
        return Err(FoldError::MovedOn("entrant"));
    }
    connection
        .prepare_cached("UPDATE view_entrants SET parent = NULL WHERE entrant = ?1")?
        .execute([parted.entrant.to_bytes()])?;
    // Those that had been taken into this one go with it.
    connection
        .prepare_cached(
            "WITH RECURSIVE below (entrant) AS (
               SELECT ?1 UNION SELECT e.entrant FROM view_entrants e JOIN below b ON e.parent = b.entrant
             ) UPDATE view_entrants SET root = ?1 WHERE root = ?2 AND entrant IN (SELECT entrant FROM below)",
        )?
        .execute([parted.entrant.to_bytes(), row.root.to_bytes()])?;
    let both = (parted.entrant, parted.from);
    pair(connection, fact, both, &[], Pair::Apart)?;
    subjects::note(connection, &parted.entrant.to_bytes(), fact)?;
    subjects::note(connection, &parted.from.to_bytes(), fact)
}

/// How two records that look alike stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pair {
    /// Nobody has said yet.
    Offered = 0,
    /// They were taken for one.
    Joined = 1,
    /// They are two people.
    Apart = 2,
}

fn pair(
    connection: &Connection,
    fact: &Fact,
    (one, other): (EntrantId, EntrantId),
    same: &[String],
    state: Pair,
) -> Result<(), rusqlite::Error> {
    let (one, other) = (one.min(other), one.max(other));
    connection
        .prepare_cached(
            "INSERT INTO view_alike (one, other, area, same, state, seq) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT DO UPDATE SET state = CASE WHEN ?5 = 0 THEN state ELSE ?5 END, seq = ?6",
        )?
        .execute(params![
            one.to_bytes(),
            other.to_bytes(),
            area(fact.area),
            same.join(","),
            state as i64,
            fact.seq as i64,
        ])?;
    Ok(())
}

pub(super) fn alike(
    connection: &Connection,
    fact: &Fact,
    alike: &EntrantsAlike,
) -> Result<(), FoldError> {
    let both = (alike.entrant, alike.other);
    Ok(pair(connection, fact, both, &alike.same, Pair::Offered)?)
}

pub(super) fn apart(
    connection: &Connection,
    fact: &Fact,
    apart: &EntrantsToldApart,
) -> Result<(), FoldError> {
    for entrant in [apart.entrant, apart.other] {
        if get(connection, entrant)?.is_none() {
            return Err(FoldError::NotThere("entrant"));
        }
        subjects::note(connection, &entrant.to_bytes(), fact)?;
    }
    let both = (apart.entrant, apart.other);
    Ok(pair(connection, fact, both, &[], Pair::Apart)?)
}

/// One bit for each stage in a list of them.
fn stages(of: &[Stage]) -> String {
    let places: Vec<String> = of.iter().map(|stage| stage.index().to_string()).collect();
    places.join(",")
}
