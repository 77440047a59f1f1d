//! Versions of the policy pack: proposed, approved by another, in force from a moment on.

use jiff::Timestamp;
use lianfang_core::facts::{Fact, PolicyAdopted, PolicyApproved, PolicyDeclined, PolicyProposed};
use lianfang_core::ids::{AccountId, PolicyId};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{FoldError, subjects};
use crate::error::StoreError;

pub(crate) const SCHEMA: &str = "
CREATE TABLE view_policies (
  policy BLOB PRIMARY KEY,
  seq INTEGER NOT NULL,
  pack TEXT NOT NULL,
  version TEXT NOT NULL,
  digest TEXT NOT NULL,
  text TEXT,
  note TEXT NOT NULL,
  starts INTEGER NOT NULL,
  proposed_by BLOB NOT NULL,
  proposed_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  decided_by BLOB,
  decided_at INTEGER,
  decided_note TEXT,
  in_force_from INTEGER
) WITHOUT ROWID;
";

/// How a version stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyState {
    /// Waits for another's approval.
    Proposed,
    /// Approved: in force, to come, or superseded.
    Approved,
    /// Declined or taken back.
    Declined,
}

/// A version of the policy pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRow {
    /// Its id.
    pub policy: PolicyId,
    /// The pack's id.
    pub pack: String,
    /// Its version.
    pub version: String,
    /// BLAKE3 of its file, in hex.
    pub digest: String,
    /// Why it was proposed.
    pub note: String,
    /// From when it was to be in force.
    pub starts: Timestamp,
    /// Who proposed it.
    pub proposed_by: AccountId,
    /// When.
    pub proposed_at: Timestamp,
    /// How it stands.
    pub state: PolicyState,
    /// Who approved or declined it.
    pub decided_by: Option<AccountId>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// Why it was declined.
    pub decided_note: Option<String>,
    /// From when it is in force, once approved.
    pub in_force_from: Option<Timestamp>,
}

const COLUMNS: &str = "policy, pack, version, digest, note, starts, proposed_by, proposed_at, state, decided_by, \
                       decided_at, decided_note, in_force_from";

fn moment(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MIN)
}

fn read_row(row: &Row<'_>) -> rusqlite::Result<PolicyRow> {
    Ok(PolicyRow {
        policy: PolicyId::from_bytes(row.get(0)?),
        pack: row.get(1)?,
        version: row.get(2)?,
        digest: row.get(3)?,
        note: row.get(4)?,
        starts: moment(row.get(5)?),
        proposed_by: AccountId::from_bytes(row.get(6)?),
        proposed_at: moment(row.get(7)?),
        state: match row.get_ref(8)?.as_str()? {
            "approved" => PolicyState::Approved,
            "declined" => PolicyState::Declined,
            _ => PolicyState::Proposed,
        },
        decided_by: row
            .get::<_, Option<[u8; 16]>>(9)?
            .map(AccountId::from_bytes),
        decided_at: row.get::<_, Option<i64>>(10)?.map(moment),
        decided_note: row.get(11)?,
        in_force_from: row.get::<_, Option<i64>>(12)?.map(moment),
    })
}

/// The first pack is in force from the moment it was recorded.
pub(super) fn adopted(
    connection: &Connection,
    fact: &Fact,
    adopted: &PolicyAdopted,
) -> Result<(), FoldError> {
    let at = fact.recorded_at.as_millisecond();
    connection
        .prepare_cached(
            "INSERT INTO view_policies (policy, seq, pack, version, digest, text, note, starts, proposed_by, proposed_at,
             state, decided_by, decided_at, in_force_from)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, '', ?7, ?8, ?7, 'approved', ?8, ?7, ?7)",
        )?
        .execute(params![
            fact.id.to_bytes(),
            fact.seq as i64,
            adopted.pack,
            adopted.version,
            adopted.digest,
            adopted.text,
            at,
            fact.actor.to_bytes(),
        ])?;
    subjects::note(connection, &fact.id.to_bytes(), fact)
}

pub(super) fn proposed(
    connection: &Connection,
    fact: &Fact,
    proposed: &PolicyProposed,
) -> Result<(), FoldError> {
    let policy = proposed.policy.to_bytes();
    let done = connection
        .prepare_cached(
            "INSERT INTO view_policies (policy, seq, pack, version, digest, text, note, starts, proposed_by, proposed_at,
             state)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'proposed') ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            policy,
            fact.seq as i64,
            proposed.pack,
            proposed.version,
            proposed.digest,
            proposed.text,
            proposed.note,
            proposed.from.as_millisecond(),
            fact.actor.to_bytes(),
            fact.recorded_at.as_millisecond(),
        ])?;
    if done == 0 {
        return Err(FoldError::AlreadyThere("policy"));
    }
    subjects::note(connection, &policy, fact)
}

/// Approved by another than whoever proposed it: in force from the time asked for, at the earliest
/// from now.
pub(super) fn approved(
    connection: &Connection,
    fact: &Fact,
    approved: &PolicyApproved,
) -> Result<(), FoldError> {
    let policy = approved.policy.to_bytes();
    let done = connection
        .prepare_cached(
            "UPDATE view_policies SET state = 'approved', decided_by = ?2, decided_at = ?3, seq = ?4,
             in_force_from = max(starts, ?3)
             WHERE policy = ?1 AND state = 'proposed' AND proposed_by <> ?2",
        )?
        .execute(params![
            policy,
            fact.actor.to_bytes(),
            fact.recorded_at.as_millisecond(),
            fact.seq as i64,
        ])?;
    decided(connection, done, approved.policy, fact)
}

pub(super) fn declined(
    connection: &Connection,
    fact: &Fact,
    declined: &PolicyDeclined,
) -> Result<(), FoldError> {
    let policy = declined.policy.to_bytes();
    let done = connection
        .prepare_cached(
            "UPDATE view_policies SET state = 'declined', decided_by = ?2, decided_at = ?3, seq = ?4, decided_note = ?5
             WHERE policy = ?1 AND state = 'proposed'",
        )?
        .execute(params![
            policy,
            fact.actor.to_bytes(),
            fact.recorded_at.as_millisecond(),
            fact.seq as i64,
            declined.note,
        ])?;
    decided(connection, done, declined.policy, fact)
}

fn decided(
    connection: &Connection,
    done: usize,
    policy: PolicyId,
    fact: &Fact,
) -> Result<(), FoldError> {
    if done == 1 {
        return subjects::note(connection, &policy.to_bytes(), fact);
    }
    let there: bool = connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM view_policies WHERE policy = ?1)")?
        .query_row([policy.to_bytes()], |row| row.get(0))?;
    Err(if there {
        FoldError::MovedOn("policy")
    } else {
        FoldError::NotThere("policy")
    })
}

/// A number that changes whenever a version comes into the list of those approved.
pub fn approvals(connection: &Connection) -> Result<u64, StoreError> {
    let count: i64 = connection
        .prepare_cached("SELECT count(*) FROM view_policies WHERE in_force_from IS NOT NULL")?
        .query_row([], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

/// All versions, newest first.
pub fn list(connection: &Connection) -> Result<Vec<PolicyRow>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM view_policies ORDER BY proposed_at DESC, seq DESC"
    ))?;
    let rows = statement.query_map([], read_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// One version.
pub fn get(connection: &Connection, policy: PolicyId) -> Result<Option<PolicyRow>, StoreError> {
    Ok(connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM view_policies WHERE policy = ?1"
        ))?
        .query_row([policy.to_bytes()], read_row)
        .optional()?)
}

/// A version's file; `None` where the ledger was founded before files stood in it.
pub fn text(connection: &Connection, policy: PolicyId) -> Result<Option<String>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT text FROM view_policies WHERE policy = ?1")?
        .query_row([policy.to_bytes()], |row| row.get(0))
        .optional()?
        .flatten())
}
