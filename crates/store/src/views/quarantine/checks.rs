//! Daily checks.

use jiff::Timestamp;
use jiff::civil::Date;
use lianfang_core::entry::Symptom;
use lianfang_core::facts::{CheckMade, Fact};
use lianfang_core::ids::{AccountId, OrderId};
use lianfang_core::quarantine::CheckedBy;
use lianfang_core::time::day_number;
use lianfang_core::words::Words;
use rusqlite::{Connection, Row, params};

use super::{order, unfit};
use crate::views::FoldError;
use crate::views::columns::{day_at, moment_at, word, word_at};

/// A daily check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckRow {
    /// The place of its fact.
    pub seq: u64,
    /// The day.
    pub day: Date,
    /// Which check of that day, from 1.
    pub slot: u8,
    /// When it was made.
    pub at: Timestamp,
    /// Temperature in tenths of a degree.
    pub temperature: Option<u16>,
    /// Symptoms.
    pub symptoms: Words<Symptom>,
    /// Who made it.
    pub by: CheckedBy,
    /// Whether it was abnormal.
    pub abnormal: bool,
    /// Who wrote it down.
    pub actor: AccountId,
}

pub(in crate::views) fn checked(
    connection: &Connection,
    fact: &Fact,
    made: &CheckMade,
) -> Result<(), FoldError> {
    let order = order(connection, made.order)?.ok_or(FoldError::NotThere("order"))?;
    // A check from a phone without network counts where it was made while the order was in force.
    if order
        .ended_at
        .is_some_and(|ended| fact.happened_at >= ended)
    {
        return Err(unfit(
            "This order has ended: nothing is checked any more.",
            "该隔离令已结束，无需再监测。",
        ));
    }
    if fact.happened_at < order.made_at {
        return Err(unfit(
            "This check is older than the order.",
            "该监测记录早于隔离令。",
        ));
    }
    let symptoms: Words<_> = made.symptoms.iter().copied().collect();
    connection
        .prepare_cached(
            "INSERT INTO view_checks (order_id, day, slot, seq, at, temperature, symptoms, made_by, abnormal, actor)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            made.order.to_bytes(),
            day_number(made.day),
            made.slot,
            fact.seq as i64,
            fact.happened_at.as_millisecond(),
            made.temperature,
            symptoms.bits(),
            word(made.by),
            made.abnormal,
            fact.actor.to_bytes(),
        ])?;
    Ok(())
}

fn read_row(row: &Row<'_>) -> rusqlite::Result<CheckRow> {
    Ok(CheckRow {
        seq: row.get::<_, i64>(0)? as u64,
        day: day_at(row, 1)?,
        slot: row.get(2)?,
        at: moment_at(row, 3)?,
        temperature: row.get(4)?,
        symptoms: Words::from_bits(row.get(5)?),
        by: word_at(row, 6)?,
        abnormal: row.get(7)?,
        actor: AccountId::from_bytes(row.get(8)?),
    })
}

/// The checks of an order on a day, by slot, the newest of each first.
pub fn checks_on(
    connection: &Connection,
    order: OrderId,
    day: Date,
) -> Result<Vec<CheckRow>, rusqlite::Error> {
    connection
        .prepare_cached(
            "SELECT seq, day, slot, at, temperature, symptoms, made_by, abnormal, actor FROM view_checks
             WHERE order_id = ?1 AND day = ?2 ORDER BY slot, at DESC, seq DESC LIMIT 200",
        )?
        .query_map(params![order.to_bytes(), day_number(day)], read_row)?
        .collect()
}

/// The checks of an order, the newest first: of two for one slot both.
pub fn checks_of(
    connection: &Connection,
    order: OrderId,
    limit: usize,
) -> Result<Vec<CheckRow>, rusqlite::Error> {
    connection
        .prepare_cached(
            "SELECT seq, day, slot, at, temperature, symptoms, made_by, abnormal, actor FROM view_checks
             WHERE order_id = ?1 ORDER BY day DESC, slot DESC, at DESC, seq DESC LIMIT ?2",
        )?
        .query_map(params![order.to_bytes(), limit as i64], read_row)?
        .collect()
}
