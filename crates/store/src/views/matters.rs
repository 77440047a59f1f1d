//! Matters as they stand.

use std::collections::BTreeSet;

use jiff::Timestamp;
use lianfang_core::access::{Grant, Role};
use lianfang_core::areas::AreaCode;
use lianfang_core::facts::{Fact, MatterActed, MatterEscalated, MatterOpened};
use lianfang_core::ids::{AccountId, CaseId, ContactId, EntrantId, MatterId, OrderId, PersonId};
use lianfang_core::matters::{About, Matter, Owner, Phase};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use super::{FoldError, subjects};
use crate::error::StoreError;

pub(crate) const SCHEMA: &str = "
CREATE TABLE view_matters (
  matter BLOB PRIMARY KEY,
  kind TEXT NOT NULL,
  pack TEXT NOT NULL,
  title TEXT NOT NULL,
  detail TEXT NOT NULL,
  area INTEGER NOT NULL,
  owner_role TEXT,
  owner_account BLOB,
  opened_by BLOB NOT NULL,
  opened_at INTEGER NOT NULL,
  deadline INTEGER NOT NULL,
  state TEXT NOT NULL,
  phase TEXT NOT NULL,
  live INTEGER NOT NULL,
  escalated_to INTEGER,
  escalated_at INTEGER,
  ended_at INTEGER,
  about_kind TEXT,
  about BLOB,
  seq INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX view_matters_about ON view_matters (about) WHERE about IS NOT NULL;
CREATE INDEX view_matters_live ON view_matters (live, deadline);
CREATE INDEX view_matters_area ON view_matters (area, live, deadline);
CREATE TABLE view_matter_doers (
  matter BLOB NOT NULL,
  account BLOB NOT NULL,
  PRIMARY KEY (matter, account)
) WITHOUT ROWID;
";

const COLUMNS: &str = "matter, kind, title, detail, area, owner_role, owner_account, opened_by, opened_at, deadline, \
                       state, phase, escalated_to, escalated_at, ended_at, pack, about_kind, about";

fn about_kind(about: About) -> &'static str {
    match about {
        About::Entrant(_) => "entrant",
        About::Order(_) => "order",
        About::Case(_) => "case",
        About::Contact(_) => "contact",
        About::Holder(_) => "holder",
    }
}

fn moment(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MIN)
}

fn read_row(row: &Row<'_>) -> rusqlite::Result<Matter> {
    let malformed = |index| {
        rusqlite::Error::FromSqlConversionFailure(
            index,
            rusqlite::types::Type::Text,
            "not of its form".into(),
        )
    };
    let area = |index| -> rusqlite::Result<Option<AreaCode>> {
        row.get::<_, Option<i64>>(index)?
            .map(|code| AreaCode::from_u64(code as u64).map_err(|_| malformed(index)))
            .transpose()
    };
    let owner = match (
        row.get::<_, Option<String>>(5)?,
        row.get::<_, Option<[u8; 16]>>(6)?,
    ) {
        (Some(role), _) => Owner::Role(role.parse::<Role>().map_err(|_| malformed(5))?),
        (None, Some(account)) => Owner::Account(AccountId::from_bytes(account)),
        (None, None) => return Err(malformed(6)),
    };
    Ok(Matter {
        matter: MatterId::from_bytes(row.get(0)?),
        kind: row.get(1)?,
        pack: row.get(15)?,
        title: row.get(2)?,
        detail: row.get(3)?,
        area: area(4)?.ok_or_else(|| malformed(4))?,
        owner,
        opened_by: AccountId::from_bytes(row.get(7)?),
        opened_at: moment(row.get(8)?),
        deadline: moment(row.get(9)?),
        state: row.get(10)?,
        phase: row
            .get::<_, String>(11)?
            .parse::<Phase>()
            .map_err(|_| malformed(11))?,
        doers: BTreeSet::new(),
        escalated_to: area(12)?,
        escalated_at: row.get::<_, Option<i64>>(13)?.map(moment),
        ended_at: row.get::<_, Option<i64>>(14)?.map(moment),
        about: match (
            row.get::<_, Option<String>>(16)?.as_deref(),
            row.get::<_, Option<[u8; 16]>>(17)?,
        ) {
            (Some("entrant"), Some(id)) => Some(About::Entrant(EntrantId::from_bytes(id))),
            (Some("order"), Some(id)) => Some(About::Order(OrderId::from_bytes(id))),
            (Some("case"), Some(id)) => Some(About::Case(CaseId::from_bytes(id))),
            (Some("contact"), Some(id)) => Some(About::Contact(ContactId::from_bytes(id))),
            (Some("holder"), Some(id)) => Some(About::Holder(PersonId::from_bytes(id))),
            _ => None,
        },
    })
}

pub(super) fn opened(
    connection: &Connection,
    fact: &Fact,
    opened: &MatterOpened,
) -> Result<(), FoldError> {
    let (role, account) = match opened.owner {
        Owner::Role(role) => (Some(role.word()), None),
        Owner::Account(account) => (None, Some(account.to_bytes())),
    };
    let done = connection
        .prepare_cached(
            "INSERT INTO view_matters (matter, kind, title, detail, area, owner_role, owner_account, opened_by,
             opened_at, deadline, state, phase, live, seq, pack, about_kind, about)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 'open', 1, ?12, ?13, ?14, ?15) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            opened.matter.to_bytes(),
            opened.kind,
            opened.title,
            opened.detail,
            fact.area.as_u64() as i64,
            role,
            account,
            fact.actor.to_bytes(),
            fact.happened_at.as_millisecond(),
            opened.deadline.as_millisecond(),
            opened.state,
            fact.seq as i64,
            opened.pack,
            opened.about.map(about_kind),
            opened.about.map(About::to_bytes),
        ])?;
    if done == 0 {
        return Err(FoldError::AlreadyThere("matter"));
    }
    subjects::note(connection, &opened.matter.to_bytes(), fact)
}

pub(super) fn acted(
    connection: &Connection,
    fact: &Fact,
    acted: &MatterActed,
) -> Result<(), FoldError> {
    let matter = acted.matter.to_bytes();
    let over = acted.phase.is_over();
    let done = connection
        .prepare_cached(
            "UPDATE view_matters SET state = ?3, phase = ?4, live = ?5, ended_at = ?6, seq = ?7
             WHERE matter = ?1 AND state = ?2",
        )?
        .execute(params![
            matter,
            acted.from,
            acted.to,
            acted.phase.word(),
            !over,
            over.then(|| fact.happened_at.as_millisecond()),
            fact.seq as i64,
        ])?;
    if done == 0 {
        return Err(match get(connection, acted.matter)? {
            Some(_) => FoldError::MovedOn("matter"),
            None => FoldError::NotThere("matter"),
        });
    }
    if acted.work {
        connection
            .prepare_cached("INSERT INTO view_matter_doers (matter, account) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
            .execute(params![matter, fact.actor.to_bytes()])?;
    }
    subjects::note(connection, &matter, fact)
}

pub(super) fn escalated(
    connection: &Connection,
    fact: &Fact,
    escalated: &MatterEscalated,
) -> Result<(), FoldError> {
    let matter = escalated.matter.to_bytes();
    let done = connection
        .prepare_cached(
            "UPDATE view_matters SET escalated_to = ?2, escalated_at = ?3, seq = ?4 WHERE matter = ?1 AND live = 1",
        )?
        .execute(params![
            matter,
            escalated.to.as_u64() as i64,
            fact.happened_at.as_millisecond(),
            fact.seq as i64
        ])?;
    if done == 0 {
        return Err(FoldError::MovedOn("matter"));
    }
    subjects::note(connection, &matter, fact)
}

/// A matter as it stands, with those who worked on it.
pub fn get(connection: &Connection, matter: MatterId) -> Result<Option<Matter>, rusqlite::Error> {
    let found = connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM view_matters WHERE matter = ?1"
        ))?
        .query_row([matter.to_bytes()], read_row)
        .optional()?;
    let Some(mut found) = found else {
        return Ok(None);
    };
    let mut statement =
        connection.prepare_cached("SELECT account FROM view_matter_doers WHERE matter = ?1")?;
    found.doers = statement
        .query_map([matter.to_bytes()], |row| {
            Ok(AccountId::from_bytes(row.get(0)?))
        })?
        .collect::<Result<_, _>>()?;
    Ok(Some(found))
}

/// Which matters a list shows.
#[derive(Debug, Clone, Default)]
pub struct MatterFilter {
    /// Within this area, or climbed to it.
    pub area: Option<AreaCode>,
    /// Owned by this account, or by a role of these grants.
    pub owner: Option<(AccountId, Vec<Grant>)>,
    /// Late at this moment.
    pub late_at: Option<Timestamp>,
    /// Not over.
    pub live: Option<bool>,
    /// In this phase.
    pub phase: Option<Phase>,
    /// Of this kind.
    pub kind: Option<String>,
    /// Ended in this span.
    pub ended: Option<(Timestamp, Timestamp)>,
    /// Due in this span.
    pub due: Option<(Timestamp, Timestamp)>,
}

impl MatterFilter {
    fn conditions(&self) -> (String, Vec<Value>) {
        let mut conditions = vec!["1".to_owned()];
        let mut values: Vec<Value> = Vec::new();
        let mut place = |value: Value| {
            values.push(value);
            format!("?{}", values.len())
        };
        if let Some(area) = self.area {
            let first = place(Value::Integer(area.as_u64() as i64));
            let last = place(Value::Integer(area.last().as_u64() as i64));
            conditions.push(format!("area BETWEEN {first} AND {last}"));
        }
        if let Some((account, grants)) = &self.owner {
            let mut any = vec![format!(
                "owner_account = {}",
                place(Value::Blob(account.to_bytes().to_vec()))
            )];
            for grant in grants {
                let role = place(Value::Text(grant.role.word().to_owned()));
                let first = place(Value::Integer(grant.area.as_u64() as i64));
                let last = place(Value::Integer(grant.area.last().as_u64() as i64));
                any.push(format!(
                    "(owner_role = {role} AND area BETWEEN {first} AND {last})"
                ));
            }
            conditions.push(format!("({})", any.join(" OR ")));
        }
        if let Some(now) = self.late_at {
            conditions.push(format!(
                "live = 1 AND deadline < {}",
                place(Value::Integer(now.as_millisecond()))
            ));
        }
        if let Some(live) = self.live {
            conditions.push(format!("live = {}", i32::from(live)));
        }
        if let Some(phase) = self.phase {
            conditions.push(format!(
                "phase = {}",
                place(Value::Text(phase.word().to_owned()))
            ));
        }
        if let Some(kind) = &self.kind {
            conditions.push(format!("kind = {}", place(Value::Text(kind.clone()))));
        }
        for (column, span) in [("ended_at", self.ended), ("deadline", self.due)] {
            if let Some((from, to)) = span {
                let from = place(Value::Integer(from.as_millisecond()));
                let to = place(Value::Integer(to.as_millisecond()));
                conditions.push(format!("{column} >= {from} AND {column} < {to}"));
            }
        }
        (conditions.join(" AND "), values)
    }
}

/// A page of matters: those not over first, the most pressing on top.
pub fn list(
    connection: &Connection,
    filter: &MatterFilter,
    skip: usize,
    limit: usize,
) -> Result<Vec<Matter>, StoreError> {
    let (conditions, values) = filter.conditions();
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM view_matters WHERE {conditions}
         ORDER BY live DESC, deadline, matter LIMIT {limit} OFFSET {skip}"
    ))?;
    let found = statement
        .query_map(params_from_iter(values), read_row)?
        .collect::<Result<_, _>>()?;
    Ok(found)
}

/// How many matters a filter lets through.
pub fn count(connection: &Connection, filter: &MatterFilter) -> Result<u64, StoreError> {
    let (conditions, values) = filter.conditions();
    let n: i64 = connection
        .prepare_cached(&format!(
            "SELECT count(*) FROM view_matters WHERE {conditions}"
        ))?
        .query_row(params_from_iter(values), |row| row.get(0))?;
    Ok(n as u64)
}

/// Matters about somebody or something, those not over first.
pub fn about(connection: &Connection, subject: [u8; 16]) -> Result<Vec<Matter>, rusqlite::Error> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM view_matters WHERE about = ?1 ORDER BY live DESC, deadline, matter LIMIT 200"
        ))?
        .query_map([subject], read_row)?
        .collect()
}

/// The matters of a kind that are not over and that nobody has reported as done, the most pressing first.
pub fn undone(
    connection: &Connection,
    kind: &str,
    limit: usize,
) -> Result<Vec<Matter>, rusqlite::Error> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM view_matters WHERE live = 1 AND kind = ?1 AND phase IN ('open', 'doing')
             ORDER BY deadline, matter LIMIT ?2"
        ))?
        .query_map(params![kind, limit as i64], read_row)?
        .collect()
}

/// Whether a matter of that kind about a subject is not over.
pub fn is_open_about(
    connection: &Connection,
    kind: &str,
    subject: [u8; 16],
) -> Result<bool, rusqlite::Error> {
    connection
        .prepare_cached("SELECT 1 FROM view_matters WHERE about = ?1 AND kind = ?2 AND live = 1")?
        .exists(params![subject, kind])
}
