//! Lists and numbers of people who arrive.

use jiff::Timestamp;
use lianfang_core::areas::AreaCode;
use lianfang_core::entry::{Mode, OriginRisk, Source, Stage, Triage};
use lianfang_core::ids::{AccountId, CheckpointId, EntrantId, PartyId, PersonId};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};

use crate::error::StoreError;
use crate::views::columns::{maybe_word_at, moment_at, span, word, word_at};

use super::{COLUMNS, EntrantRow, read_row, stages};

/// Which people a list shows; those taken into another are left out.
#[derive(Debug, Clone, Default)]
pub struct EntrantFilter {
    /// Within this area.
    pub area: Option<AreaCode>,
    /// In one of these places of the process; anywhere where empty.
    pub stages: Vec<Stage>,
    /// First found by this source.
    pub source: Option<Source>,
    /// Arriving from this moment on.
    pub from: Option<Timestamp>,
    /// Arriving before this moment.
    pub until: Option<Timestamp>,
    /// Last seen at this checkpoint.
    pub checkpoint: Option<CheckpointId>,
    /// Travelling together.
    pub party: Option<PartyId>,
    /// One of these people.
    pub people: Option<Vec<PersonId>>,
    /// Decided so by the last gate.
    pub triage: Option<Triage>,
}

/// Where the next page begins: after this arrival and row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntrantCursor {
    /// Arrival of the last row shown, in milliseconds.
    pub arrival: i64,
    /// Its row.
    pub id: u64,
}

/// One more source that knew of an arrival.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The record it came in under.
    pub entrant: EntrantId,
    /// The place of its fact.
    pub seq: u64,
    /// The source.
    pub source: Source,
    /// When it knew.
    pub at: Timestamp,
    /// Who wrote it down.
    pub actor: AccountId,
    /// At which checkpoint.
    pub checkpoint: Option<CheckpointId>,
    /// With which list.
    pub list: Option<String>,
}

/// A check at a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateCheck {
    /// The place of its fact.
    pub seq: u64,
    /// Where.
    pub checkpoint: CheckpointId,
    /// When.
    pub at: Timestamp,
    /// Temperature in tenths of a degree.
    pub temperature: Option<u16>,
    /// What was decided.
    pub outcome: Triage,
    /// By which rule.
    pub rule: String,
    /// Of which pack.
    pub pack: String,
    /// What the phone had decided.
    pub shown: Option<Triage>,
}

impl EntrantFilter {
    fn conditions(&self) -> (String, Vec<Value>) {
        let mut values: Vec<Value> = Vec::new();
        let mut conditions = vec!["parent IS NULL".to_owned()];
        let mut add = |text: &str, value: Value| {
            values.push(value);
            conditions.push(text.replace('?', &format!("?{}", values.len())));
        };
        if let Some(area) = self.area.filter(|area| *area != AreaCode::COUNTRY) {
            let (first, last) = span(area);
            add("area >= ?", Value::Integer(first));
            add("area <= ?", Value::Integer(last));
        }
        if let Some(source) = self.source {
            add("source = ?", Value::Integer(word(source)));
        }
        if let Some(triage) = self.triage {
            add("triage = ?", Value::Integer(word(triage)));
        }
        if let Some(from) = self.from {
            add("arrival >= ?", Value::Integer(from.as_millisecond()));
        }
        if let Some(until) = self.until {
            add("arrival < ?", Value::Integer(until.as_millisecond()));
        }
        if let Some(checkpoint) = self.checkpoint {
            add(
                "checkpoint = ?",
                Value::Blob(checkpoint.to_bytes().to_vec()),
            );
        }
        if let Some(party) = self.party {
            add("party = ?", Value::Blob(party.to_bytes().to_vec()));
        }
        if !self.stages.is_empty() {
            conditions.push(format!("stage IN ({})", stages(&self.stages)));
        }
        if let Some(people) = &self.people {
            let places: Vec<String> = people
                .iter()
                .map(|person| {
                    values.push(Value::Blob(person.to_bytes().to_vec()));
                    format!("?{}", values.len())
                })
                .collect();
            // Any of the records taken for one may carry the person.
            conditions.push(format!(
                "entrant IN (SELECT root FROM view_entrants WHERE person IN ({}))",
                places.join(",")
            ));
        }
        (conditions.join(" AND "), values)
    }
}

/// A page of people, the newest arrival first.
pub fn list(
    connection: &Connection,
    filter: &EntrantFilter,
    after: Option<EntrantCursor>,
    limit: usize,
) -> Result<Vec<EntrantRow>, StoreError> {
    let (mut conditions, mut values) = filter.conditions();
    if let Some(cursor) = after {
        values.push(Value::Integer(cursor.arrival));
        values.push(Value::Integer(cursor.id as i64));
        let n = values.len();
        conditions = format!(
            "{conditions} AND arrival <= ?{} AND (arrival, id) < (?{}, ?{n})",
            n - 1,
            n - 1
        );
    }
    values.push(Value::Integer(limit as i64));
    let found = connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM view_entrants WHERE {conditions} ORDER BY arrival DESC, id DESC LIMIT ?{}",
            values.len()
        ))?
        .query_map(params_from_iter(values), read_row)?
        .collect::<Result<_, _>>()?;
    Ok(found)
}

/// How many people a filter lets through.
pub fn count(connection: &Connection, filter: &EntrantFilter) -> Result<u64, StoreError> {
    let (conditions, values) = filter.conditions();
    let n: i64 = connection
        .prepare_cached(&format!(
            "SELECT count(*) FROM view_entrants WHERE {conditions}"
        ))?
        .query_row(params_from_iter(values), |row| row.get(0))?;
    Ok(n as u64)
}

/// How many people of an area stand in each place of the process now.
pub fn stages_on(
    connection: &Connection,
    within: AreaCode,
) -> Result<Vec<(Stage, u64)>, rusqlite::Error> {
    let (first, last) = span(within);
    connection
        .prepare_cached(
            "SELECT stage, count(*) FROM view_entrants WHERE parent IS NULL AND area BETWEEN ?1 AND ?2
             GROUP BY stage ORDER BY stage",
        )?
        .query_map([first, last], |row| {
            Ok((word_at(row, 0)?, row.get::<_, i64>(1)? as u64))
        })?
        .collect()
}

/// The records taken for one with `root`, itself first.
pub fn members(
    connection: &Connection,
    root: EntrantId,
) -> Result<Vec<EntrantRow>, rusqlite::Error> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM view_entrants WHERE root = ?1 ORDER BY parent IS NOT NULL, id LIMIT 100"
        ))?
        .query_map([root.to_bytes()], read_row)?
        .collect()
}

/// All sources that knew of an arrival, the first on top.
pub fn notices(connection: &Connection, root: EntrantId) -> Result<Vec<Notice>, rusqlite::Error> {
    connection
        .prepare_cached(
            "SELECT n.entrant, n.seq, n.source, n.at, n.actor, n.checkpoint, n.list FROM view_notices n
             JOIN view_entrants e USING (entrant) WHERE e.root = ?1 ORDER BY n.at, n.seq LIMIT 200",
        )?
        .query_map([root.to_bytes()], |row| {
            Ok(Notice {
                entrant: EntrantId::from_bytes(row.get(0)?),
                seq: row.get::<_, i64>(1)? as u64,
                source: word_at(row, 2)?,
                at: moment_at(row, 3)?,
                actor: AccountId::from_bytes(row.get(4)?),
                checkpoint: row
                    .get::<_, Option<[u8; 16]>>(5)?
                    .map(CheckpointId::from_bytes),
                list: row.get(6)?,
            })
        })?
        .collect()
}

/// Checks of somebody at checkpoints, oldest first.
pub fn gate_checks(
    connection: &Connection,
    root: EntrantId,
) -> Result<Vec<GateCheck>, rusqlite::Error> {
    connection
        .prepare_cached(
            "SELECT c.seq, c.checkpoint, c.at, c.temperature, c.outcome, c.rule, c.pack, c.shown FROM view_gate_checks c
             JOIN view_entrants e USING (entrant) WHERE e.root = ?1 ORDER BY c.at, c.seq LIMIT 200",
        )?
        .query_map([root.to_bytes()], |row| {
            Ok(GateCheck {
                seq: row.get::<_, i64>(0)? as u64,
                checkpoint: CheckpointId::from_bytes(row.get(1)?),
                at: moment_at(row, 2)?,
                temperature: row.get(3)?,
                outcome: word_at(row, 4)?,
                rule: row.get(5)?,
                pack: row.get(6)?,
                shown: maybe_word_at(row, 7)?,
            })
        })?
        .collect()
}

/// People arriving in a span who are known under one of these ids, each by the record that speaks
/// for them.
pub fn of_people(
    connection: &Connection,
    people: &[PersonId],
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<EntrantRow>, StoreError> {
    let mut found = Vec::new();
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM view_entrants WHERE person = ?1 AND arrival BETWEEN ?2 AND ?3 ORDER BY arrival DESC"
    ))?;
    for person in people {
        let rows = statement.query_map(
            params![
                person.to_bytes(),
                from.as_millisecond(),
                until.as_millisecond()
            ],
            read_row,
        )?;
        for row in rows {
            found.push(row?);
        }
    }
    Ok(found)
}

/// The newest record of a person, whatever the journey.
pub fn known_as(
    connection: &Connection,
    person: PersonId,
) -> Result<Option<EntrantRow>, rusqlite::Error> {
    let mut found: Vec<EntrantRow> = connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM view_entrants WHERE person = ?1 ORDER BY arrival DESC LIMIT 1"
        ))?
        .query_map([person.to_bytes()], read_row)?
        .collect::<Result<_, _>>()?;
    Ok(found.pop())
}

/// Whether somebody has said that these two are two people.
pub fn told_apart(
    connection: &Connection,
    one: EntrantId,
    other: EntrantId,
) -> Result<bool, rusqlite::Error> {
    let (one, other) = (one.min(other), one.max(other));
    connection
        .prepare_cached("SELECT 1 FROM view_alike WHERE one = ?1 AND other = ?2 AND state = 2")?
        .exists([one.to_bytes(), other.to_bytes()])
}

/// What is the same of two records that were offered to be taken for one.
pub fn likeness(
    connection: &Connection,
    one: EntrantId,
    other: EntrantId,
) -> Result<Option<Vec<String>>, rusqlite::Error> {
    let (one, other) = (one.min(other), one.max(other));
    let same: Option<String> = connection
        .prepare_cached("SELECT same FROM view_alike WHERE one = ?1 AND other = ?2")?
        .query_row([one.to_bytes(), other.to_bytes()], |row| row.get(0))
        .optional()?;
    Ok(same.map(|same| split(&same)))
}

fn split(same: &str) -> Vec<String> {
    same.split(',')
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Two records that look alike and of which nobody has said yet whether they are one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alike {
    /// One.
    pub one: EntrantId,
    /// The other.
    pub other: EntrantId,
    /// What is the same.
    pub same: Vec<String>,
}

/// Pairs within an area that wait for somebody's word; those already taken for one by another way
/// are left out.
pub fn unsettled(
    connection: &Connection,
    within: AreaCode,
    limit: usize,
) -> Result<Vec<Alike>, rusqlite::Error> {
    let (first, last) = span(within);
    connection
        .prepare_cached(
            "SELECT a.one, a.other, a.same FROM view_alike a JOIN view_entrants x ON x.entrant = a.one
             JOIN view_entrants y ON y.entrant = a.other
             WHERE a.state = 0 AND a.area BETWEEN ?1 AND ?2 AND x.root <> y.root ORDER BY a.seq DESC LIMIT ?3",
        )?
        .query_map(params![first, last, limit as i64], read_pair)?
        .collect()
}

/// Pairs of which one is `root` or was taken for it, that wait for somebody's word.
pub fn alike_with(connection: &Connection, root: EntrantId) -> Result<Vec<Alike>, rusqlite::Error> {
    connection
        .prepare_cached(
            "SELECT a.one, a.other, a.same FROM view_alike a JOIN view_entrants x ON x.entrant = a.one
             JOIN view_entrants y ON y.entrant = a.other
             WHERE a.state = 0 AND (x.root = ?1 OR y.root = ?1) AND x.root <> y.root ORDER BY a.seq DESC LIMIT 20",
        )?
        .query_map([root.to_bytes()], read_pair)?
        .collect()
}

/// How many pairs within an area wait for somebody's word.
pub fn unsettled_count(connection: &Connection, within: AreaCode) -> Result<u64, rusqlite::Error> {
    let (first, last) = span(within);
    let pairs: i64 = connection
        .prepare_cached(
            "SELECT count(*) FROM view_alike a JOIN view_entrants x ON x.entrant = a.one
             JOIN view_entrants y ON y.entrant = a.other
             WHERE a.state = 0 AND a.area BETWEEN ?1 AND ?2 AND x.root <> y.root",
        )?
        .query_row([first, last], |row| row.get(0))?;
    Ok(pairs as u64)
}

fn read_pair(row: &rusqlite::Row<'_>) -> rusqlite::Result<Alike> {
    Ok(Alike {
        one: EntrantId::from_bytes(row.get(0)?),
        other: EntrantId::from_bytes(row.get(1)?),
        same: split(&row.get::<_, String>(2)?),
    })
}

/// Of the people of an area who came in a span: which source knew first, and how many
/// milliseconds after arrival (below zero: before).
pub fn first_notices(
    connection: &Connection,
    within: AreaCode,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<(Source, i64)>, rusqlite::Error> {
    let (first, last) = span(within);
    connection
        .prepare_cached(
            "SELECT m.source, m.found_at - e.arrival FROM view_entrants e JOIN view_entrants m ON m.root = e.entrant
             WHERE e.parent IS NULL AND e.arrived = 1 AND e.area BETWEEN ?1 AND ?2 AND e.arrival >= ?3 AND e.arrival < ?4
             AND NOT EXISTS (SELECT 1 FROM view_entrants o WHERE o.root = e.entrant
                             AND (o.found_at, o.id) < (m.found_at, m.id))",
        )?
        .query_map(
            params![first, last, from.as_millisecond(), until.as_millisecond()],
            |row| Ok((word_at(row, 0)?, row.get(1)?)),
        )?
        .collect()
}

/// Seconds that checks took at a checkpoint since a moment, newest first.
pub fn service_seconds(
    connection: &Connection,
    checkpoint: CheckpointId,
    since: Timestamp,
    limit: usize,
) -> Result<Vec<u16>, rusqlite::Error> {
    connection
        .prepare_cached(
            "SELECT seconds FROM view_gate_checks WHERE checkpoint = ?1 AND at >= ?2 AND seconds IS NOT NULL
             ORDER BY at DESC LIMIT ?3",
        )?
        .query_map(
            params![checkpoint.to_bytes(), since.as_millisecond(), limit as i64],
            |row| row.get(0),
        )?
        .collect()
}

/// Checks at a checkpoint from a moment on, by the hour since then.
pub fn arrivals_by_hour(
    connection: &Connection,
    checkpoint: CheckpointId,
    since: Timestamp,
    until: Timestamp,
) -> Result<Vec<(u32, u64)>, rusqlite::Error> {
    connection
        .prepare_cached(
            "SELECT (at - ?2) / 3600000 AS hour, count(*) FROM view_gate_checks
             WHERE checkpoint = ?1 AND at >= ?2 AND at < ?3 GROUP BY hour ORDER BY hour",
        )?
        .query_map(
            params![
                checkpoint.to_bytes(),
                since.as_millisecond(),
                until.as_millisecond()
            ],
            |row| Ok((row.get(0)?, row.get::<_, i64>(1)? as u64)),
        )?
        .collect()
}

/// Whether anybody's arrival was ever recorded.
pub fn anybody(connection: &Connection) -> Result<bool, rusqlite::Error> {
    connection
        .prepare_cached("SELECT 1 FROM view_entrants LIMIT 1")?
        .exists([])
}

/// Of the people of the whole ledger who wait for somebody to decide, send or place them since
/// before a moment; and those who come from where it matters, were announced for before it, and
/// are not here. Matters are looked up by whom they are about, not gone through for each (the +).
pub fn waiting(
    connection: &Connection,
    before: Timestamp,
    limit: usize,
) -> Result<Vec<EntrantRow>, rusqlite::Error> {
    let waits = [
        Stage::Arrived,
        Stage::ToSend,
        Stage::ToPlace,
        Stage::Missing,
    ];
    let risky = [OriginRisk::Medium, OriginRisk::High, OriginRisk::Severe];
    let risky: Vec<String> = risky.iter().map(|risk| word(*risk).to_string()).collect();
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM view_entrants e WHERE parent IS NULL AND order_id IS NULL
             AND (stage IN ({}) AND stage_since < ?1
                  OR stage = {} AND arrival < ?1 AND (abroad = 1 OR origin IN ({})))
             AND NOT EXISTS (SELECT 1 FROM view_matters m WHERE m.about = e.entrant AND +m.live = 1
                             AND m.kind = 'missing_person')
             ORDER BY id LIMIT ?2",
            stages(&waits),
            word(Stage::Expected),
            risky.join(",")
        ))?
        .query_map(params![before.as_millisecond(), limit as i64], read_row)?
        .collect()
}

/// Who arrived, or was to arrive, by this vehicle between two moments.
pub fn on_journey(
    connection: &Connection,
    mode: Mode,
    number: &str,
    (from, until): (Timestamp, Timestamp),
    limit: usize,
) -> Result<Vec<EntrantRow>, StoreError> {
    let named = format!(
        "\"number\":{}",
        serde_json::Value::String(number.to_owned())
    );
    let rows: Vec<EntrantRow> = connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM view_entrants WHERE arrival >= ?1 AND arrival < ?2 AND instr(journey, ?3) > 0
             ORDER BY id LIMIT ?4"
        ))?
        .query_map(
            params![
                from.as_millisecond(),
                until.as_millisecond(),
                named,
                limit as i64
            ],
            read_row,
        )?
        .collect::<Result<_, _>>()?;
    Ok(rows
        .into_iter()
        .filter(|row| row.journey.mode == mode && row.journey.number.as_deref() == Some(number))
        .collect())
}
