//! Changes of an order's end, absences, and needs.

use jiff::Timestamp;
use jiff::civil::Date;
use lianfang_core::ids::{AccountId, FactId, MatterId, OrderId};
use lianfang_core::quarantine::{AbsenceHow, ChangeKind, Need};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::views::columns::{day_at, maybe_moment_at, moment_at, word_at};

/// A change of an order's end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRow {
    /// The change.
    pub change: FactId,
    /// The order.
    pub order: OrderId,
    /// Later or earlier.
    pub kind: ChangeKind,
    /// The new day of release.
    pub until: Date,
    /// Why.
    pub reason: String,
    /// The pack whose rule provides for it.
    pub pack: String,
    /// Who proposed it.
    pub proposed_by: AccountId,
    /// When.
    pub proposed_at: Timestamp,
    /// Whether it holds, once decided.
    pub approved: Option<bool>,
    /// Who decided.
    pub decided_by: Option<AccountId>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// A note.
    pub note: Option<String>,
}

const CHANGE: &str = "change, order_id, kind, until, reason, pack, proposed_by, proposed_at, approved, decided_by, \
                      decided_at, note";

fn read_change(row: &Row<'_>) -> rusqlite::Result<ChangeRow> {
    Ok(ChangeRow {
        change: FactId::from_bytes(row.get(0)?),
        order: OrderId::from_bytes(row.get(1)?),
        kind: word_at(row, 2)?,
        until: day_at(row, 3)?,
        reason: row.get(4)?,
        pack: row.get(5)?,
        proposed_by: AccountId::from_bytes(row.get(6)?),
        proposed_at: moment_at(row, 7)?,
        approved: row.get(8)?,
        decided_by: row
            .get::<_, Option<[u8; 16]>>(9)?
            .map(AccountId::from_bytes),
        decided_at: maybe_moment_at(row, 10)?,
        note: row.get(11)?,
    })
}

/// A change of an order's end.
pub fn change(
    connection: &Connection,
    change: FactId,
) -> Result<Option<ChangeRow>, rusqlite::Error> {
    connection
        .prepare_cached(&format!(
            "SELECT {CHANGE} FROM view_order_changes WHERE change = ?1"
        ))?
        .query_row([change.to_bytes()], read_change)
        .optional()
}

/// The changes of an order's end, oldest first.
pub fn changes(connection: &Connection, order: OrderId) -> Result<Vec<ChangeRow>, rusqlite::Error> {
    connection
        .prepare_cached(&format!(
            "SELECT {CHANGE} FROM view_order_changes WHERE order_id = ?1 ORDER BY proposed_at, change LIMIT 200"
        ))?
        .query_map([order.to_bytes()], read_change)?
        .collect()
}

/// A time in which somebody was not where they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Absence {
    /// Since when.
    pub since: Timestamp,
    /// How it was found.
    pub how: AbsenceHow,
    /// When they were back.
    pub ended_at: Option<Timestamp>,
}

/// The absences of an order, oldest first.
pub fn absences(connection: &Connection, order: OrderId) -> Result<Vec<Absence>, rusqlite::Error> {
    connection
        .prepare_cached(
            "SELECT since, how, ended_at FROM view_absences WHERE order_id = ?1 ORDER BY seq LIMIT 200",
        )?
        .query_map([order.to_bytes()], |row| {
            Ok(Absence {
                since: moment_at(row, 0)?,
                how: word_at(row, 1)?,
                ended_at: maybe_moment_at(row, 2)?,
            })
        })?
        .collect()
}

/// What somebody under an order asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NeedRow {
    /// Its matter.
    pub matter: MatterId,
    /// What.
    pub need: Need,
    /// When.
    pub at: Timestamp,
    /// Who wrote it down.
    pub actor: AccountId,
}

/// What was asked for under an order, the newest first.
pub fn needs(connection: &Connection, order: OrderId) -> Result<Vec<NeedRow>, rusqlite::Error> {
    connection
        .prepare_cached(
            "SELECT matter, need, at, actor FROM view_needs WHERE order_id = ?1 ORDER BY at DESC, matter LIMIT 200",
        )?
        .query_map([order.to_bytes()], |row| {
            Ok(NeedRow {
                matter: MatterId::from_bytes(row.get(0)?),
                need: word_at(row, 1)?,
                at: moment_at(row, 2)?,
                actor: AccountId::from_bytes(row.get(3)?),
            })
        })?
        .collect()
}
