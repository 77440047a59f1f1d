//! Numbers of a day: each a count over rows of the views.

use jiff::Timestamp;
use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::quarantine::{EndHow, Watch};
use lianfang_core::time::day_number;
use lianfang_core::words::Word;
use rusqlite::{Connection, params};

use crate::views::columns::{span, word, word_at};

/// A daily check, and the moment until which it is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// Which check of the day, from 1.
    pub slot: u8,
    /// Until when.
    pub until: Timestamp,
}

/// How an area stood on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchNumbers {
    /// Orders in force at the end, by kind.
    pub watched: Vec<(Watch, u64)>,
    /// Orders made.
    pub made: u64,
    /// Checks that the day asks for.
    pub checks_due: u64,
    /// Of these, made; two of one slot count once.
    pub checks_done: u64,
    /// People with an abnormal check.
    pub abnormal: u64,
    /// Samples that the day asks for.
    pub samples_due: u64,
    /// Samples taken.
    pub samples_done: u64,
    /// Orders whose day of release it is, or was when they were released.
    pub releases_due: u64,
    /// People released.
    pub releases_done: u64,
    /// Orders in force at the end whose day of release was over.
    pub releases_late: u64,
    /// People not where they should be at the end.
    pub absent: u64,
    /// Absences found.
    pub breaches: u64,
}

/// Counts a day of an area: `from` and `until` are its first and last moment (now, for today),
/// `over` is the first day that is not over at `until`.
pub fn numbers(
    connection: &Connection,
    within: AreaCode,
    day: Date,
    (from, until): (Timestamp, Timestamp),
    over: Date,
    slots: &[Slot],
) -> Result<WatchNumbers, rusqlite::Error> {
    let (first, last) = span(within);
    let day = day_number(day);
    let over = day_number(over);
    let (from, until) = (from.as_millisecond(), until.as_millisecond());
    let count = |sql: &str, params: &[&dyn rusqlite::ToSql]| -> Result<u64, rusqlite::Error> {
        connection
            .prepare_cached(sql)?
            .query_row(params, |row| row.get::<_, i64>(0))
            .map(|n| n as u64)
    };
    let in_force =
        "o.area BETWEEN ?1 AND ?2 AND o.made_at < ?3 AND (o.ended_at IS NULL OR o.ended_at >= ?3)";
    let by_kind: Vec<(Watch, u64)> = connection
        .prepare_cached(&format!(
            "SELECT o.watch, count(*) FROM view_orders o WHERE {in_force} GROUP BY o.watch"
        ))?
        .query_map(params![first, last, until], |row| {
            Ok((word_at(row, 0)?, row.get::<_, i64>(1)? as u64))
        })?
        .collect::<Result<_, _>>()?;
    let watched = Watch::ALL
        .iter()
        .filter(|watch| **watch != Watch::None)
        .map(|watch| {
            let found = by_kind.iter().find(|(kind, _)| kind == watch);
            (*watch, found.map_or(0, |(_, n)| *n))
        })
        .collect();
    let mut checks_due = 0;
    let mut checks_done = 0;
    for slot in slots {
        let at = slot.until.as_millisecond();
        checks_due += count(
            &format!("SELECT count(*) FROM view_orders o WHERE {in_force} AND o.until > ?4"),
            params![first, last, at, day],
        )?;
        checks_done += count(
            &format!(
                "SELECT count(*) FROM view_orders o WHERE {in_force} AND o.until > ?4 AND EXISTS (SELECT 1
                 FROM view_checks c WHERE c.order_id = o.order_id AND c.day = ?4 AND c.slot = ?5)"
            ),
            params![first, last, at, day, slot.slot],
        )?;
    }
    let released = word(EndHow::Released);
    Ok(WatchNumbers {
        watched,
        made: count(
            "SELECT count(*) FROM view_orders o WHERE o.area BETWEEN ?1 AND ?2 AND o.made_at >= ?3 AND o.made_at < ?4",
            params![first, last, from, until],
        )?,
        checks_due,
        checks_done,
        abnormal: count(
            "SELECT count(*) FROM view_orders o WHERE o.area BETWEEN ?1 AND ?2 AND EXISTS (SELECT 1 FROM view_checks c
             WHERE c.order_id = o.order_id AND c.day = ?3 AND c.abnormal = 1)",
            params![first, last, day],
        )?,
        samples_due: count(
            "SELECT count(*) FROM view_order_tests t JOIN view_orders o ON o.order_id = t.order_id WHERE t.day = ?3
             AND t.day <= o.until AND o.area BETWEEN ?1 AND ?2 AND o.made_at < ?4
             AND (o.ended_at IS NULL OR o.ended_at >= ?5)",
            params![first, last, day, until, from],
        )?,
        samples_done: count(
            "SELECT count(*) FROM view_samples s JOIN view_orders o ON o.order_id = s.order_id WHERE s.day = ?3
             AND o.area BETWEEN ?1 AND ?2",
            params![first, last, day],
        )?,
        releases_due: count(
            "SELECT count(*) FROM view_orders o WHERE o.until = ?3 AND o.area BETWEEN ?1 AND ?2 AND o.made_at < ?4
             AND (o.ended_at IS NULL OR o.ended_at >= ?5)",
            params![first, last, day, until, from],
        )?,
        releases_done: count(
            "SELECT count(*) FROM view_orders o WHERE o.ended_on = ?3 AND o.how = ?4 AND o.area BETWEEN ?1 AND ?2",
            params![first, last, day, released],
        )?,
        releases_late: count(
            &format!("SELECT count(*) FROM view_orders o WHERE {in_force} AND o.until < ?4"),
            params![first, last, until, over],
        )?,
        absent: count(
            "SELECT count(*) FROM view_orders o WHERE o.area BETWEEN ?1 AND ?2 AND EXISTS (SELECT 1 FROM view_absences a
             WHERE a.order_id = o.order_id AND a.since < ?3 AND (a.ended_at IS NULL OR a.ended_at >= ?3))",
            params![first, last, until],
        )?,
        breaches: count(
            "SELECT count(*) FROM view_absences a JOIN view_orders o ON o.order_id = a.order_id
             WHERE a.since >= ?3 AND a.since < ?4 AND o.area BETWEEN ?1 AND ?2",
            params![first, last, from, until],
        )?,
    })
}
