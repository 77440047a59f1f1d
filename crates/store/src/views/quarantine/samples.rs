//! Samples and their results.

use jiff::Timestamp;
use jiff::civil::Date;
use lianfang_core::facts::{Fact, SampleResulted, SampleTaken};
use lianfang_core::ids::{AccountId, OrderId, SampleId};
use lianfang_core::quarantine::SampleResult;
use lianfang_core::time::day_number;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{order, unfit};
use crate::views::FoldError;
use crate::views::columns::{day_at, maybe_moment_at, maybe_word_at, moment_at, word};

/// A sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SampleRow {
    /// The sample.
    pub sample: SampleId,
    /// The order.
    pub order: OrderId,
    /// The day.
    pub day: Date,
    /// When it was taken.
    pub taken_at: Timestamp,
    /// By whom.
    pub taken_by: AccountId,
    /// Its result.
    pub result: Option<SampleResult>,
    /// When that was known.
    pub result_at: Option<Timestamp>,
    /// Who wrote it down.
    pub result_by: Option<AccountId>,
}

const COLUMNS: &str = "sample, order_id, day, taken_at, taken_by, result, result_at, result_by";

fn read_row(row: &Row<'_>) -> rusqlite::Result<SampleRow> {
    Ok(SampleRow {
        sample: SampleId::from_bytes(row.get(0)?),
        order: OrderId::from_bytes(row.get(1)?),
        day: day_at(row, 2)?,
        taken_at: moment_at(row, 3)?,
        taken_by: AccountId::from_bytes(row.get(4)?),
        result: maybe_word_at(row, 5)?,
        result_at: maybe_moment_at(row, 6)?,
        result_by: row
            .get::<_, Option<[u8; 16]>>(7)?
            .map(AccountId::from_bytes),
    })
}

pub(in crate::views) fn sampled(
    connection: &Connection,
    fact: &Fact,
    taken: &SampleTaken,
) -> Result<(), FoldError> {
    let order = order(connection, taken.order)?.ok_or(FoldError::NotThere("order"))?;
    if order
        .ended_at
        .is_some_and(|ended| fact.happened_at >= ended)
    {
        return Err(unfit(
            "This order has ended: no sample is due any more.",
            "该隔离令已结束，无需再采样。",
        ));
    }
    let done = connection
        .prepare_cached(
            "INSERT INTO view_samples (sample, order_id, day, taken_at, taken_by) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            taken.sample.to_bytes(),
            taken.order.to_bytes(),
            day_number(taken.day),
            fact.happened_at.as_millisecond(),
            fact.actor.to_bytes(),
        ])?;
    if done == 0 {
        return Err(FoldError::AlreadyThere("sample"));
    }
    refresh(connection, taken.order)
}

pub(in crate::views) fn resulted(
    connection: &Connection,
    fact: &Fact,
    resulted: &SampleResulted,
) -> Result<(), FoldError> {
    let before = sample(connection, resulted.sample)?.ok_or(FoldError::NotThere("sample"))?;
    match before.result {
        Some(result) if result == resulted.result => return Ok(()),
        Some(_) => {
            return Err(unfit(
                "This sample has another result already. Take another sample.",
                "该样本已有不同结果，请重新采样。",
            ));
        }
        None => {}
    }
    connection
        .prepare_cached(
            "UPDATE view_samples SET result = ?2, result_at = ?3, result_by = ?4 WHERE sample = ?1",
        )?
        .execute(params![
            resulted.sample.to_bytes(),
            word(resulted.result),
            fact.happened_at.as_millisecond(),
            fact.actor.to_bytes(),
        ])?;
    refresh(connection, before.order)
}

/// What an order's samples say: a sample that gave no clear result does not count as taken, and
/// one taken on a day stands for every test due up to it.
pub(super) fn refresh(connection: &Connection, order: OrderId) -> Result<(), FoldError> {
    connection
        .prepare_cached(
            "UPDATE view_orders SET
             next_test = (SELECT min(t.day) FROM view_order_tests t WHERE t.order_id = ?1 AND t.day > coalesce(
               (SELECT max(s.day) FROM view_samples s WHERE s.order_id = ?1 AND coalesce(s.result, -1) <> ?2), -1000000)),
             awaited = (SELECT count(*) FROM view_samples s WHERE s.order_id = ?1 AND s.result IS NULL),
             result = (SELECT s.result FROM view_samples s WHERE s.order_id = ?1 AND s.result IS NOT NULL
               ORDER BY s.taken_at DESC, s.sample DESC LIMIT 1)
             WHERE order_id = ?1",
        )?
        .execute(params![order.to_bytes(), word(SampleResult::Unclear)])?;
    Ok(())
}

/// A sample.
pub fn sample(
    connection: &Connection,
    sample: SampleId,
) -> Result<Option<SampleRow>, rusqlite::Error> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM view_samples WHERE sample = ?1"
        ))?
        .query_row([sample.to_bytes()], read_row)
        .optional()
}

/// The samples of an order, oldest first.
pub fn samples_of(
    connection: &Connection,
    order: OrderId,
) -> Result<Vec<SampleRow>, rusqlite::Error> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM view_samples WHERE order_id = ?1 ORDER BY taken_at, sample LIMIT 500"
        ))?
        .query_map([order.to_bytes()], read_row)?
        .collect()
}

/// The days on which a sample of an order is due.
pub fn tests_of(connection: &Connection, order: OrderId) -> Result<Vec<Date>, rusqlite::Error> {
    connection
        .prepare_cached("SELECT day FROM view_order_tests WHERE order_id = ?1 ORDER BY day")?
        .query_map([order.to_bytes()], |row| day_at(row, 0))?
        .collect()
}
