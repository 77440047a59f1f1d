//! What should have been done and was not: one query for all, however many are under watch.

use jiff::Timestamp;
use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::entry::Stage;
use lianfang_core::ids::OrderId;
use lianfang_core::time::{UtcOffset, day_number};
use rusqlite::{Connection, params};

use crate::views::columns::{area_at, day_at, word};

/// Somebody about whom something was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lacking {
    /// The order.
    pub order: OrderId,
    /// Where they are watched.
    pub area: AreaCode,
    /// The day of release.
    pub until: Date,
}

/// Who is where they should be: nobody misses a check at the clinic, on the way, or while sought.
fn in_place() -> String {
    format!(
        "o.absent_since IS NULL AND (o.entrant IS NULL OR EXISTS (SELECT 1 FROM view_entrants e
         WHERE e.entrant = o.entrant AND e.stage = {}))",
        word(Stage::Watched)
    )
}

fn lacking(
    connection: &Connection,
    sql: &str,
    params: &[&dyn rusqlite::ToSql],
) -> Result<Vec<Lacking>, rusqlite::Error> {
    connection
        .prepare_cached(sql)?
        .query_map(params, |row| {
            Ok(Lacking {
                order: OrderId::from_bytes(row.get(0)?),
                area: area_at(row, 1)?,
                until: day_at(row, 2)?,
            })
        })?
        .collect()
}

/// Who was under watch at `due`, lacks the check that was due until then, and about whom no
/// `missed_check` is open or was opened since.
pub fn lacking_check(
    connection: &Connection,
    day: Date,
    slot: u8,
    due: Timestamp,
    limit: usize,
) -> Result<Vec<Lacking>, rusqlite::Error> {
    let sql = format!(
        "SELECT o.order_id, o.area, o.until FROM view_orders o
         WHERE o.ended_at IS NULL AND o.made_at < ?3 AND o.until > ?1 AND {}
         AND NOT EXISTS (SELECT 1 FROM view_checks c WHERE c.order_id = o.order_id AND c.day = ?1 AND c.slot = ?2)
         AND NOT EXISTS (SELECT 1 FROM view_matters m WHERE m.about = o.order_id AND m.kind = 'missed_check'
                         AND (m.live = 1 OR m.opened_at >= ?3))
         ORDER BY o.id LIMIT ?4",
        in_place()
    );
    lacking(
        connection,
        &sql,
        params![day_number(day), slot, due.as_millisecond(), limit as i64],
    )
}

/// Who should have been released before `today`, and about whom no `late_release` is open or was
/// opened since that day ended.
pub fn overdue(
    connection: &Connection,
    today: Date,
    utc_offset: UtcOffset,
    limit: usize,
) -> Result<Vec<Lacking>, rusqlite::Error> {
    let sql = format!(
        "SELECT o.order_id, o.area, o.until FROM view_orders o
         WHERE o.ended_at IS NULL AND o.until < ?1 AND {}
         AND NOT EXISTS (SELECT 1 FROM view_matters m WHERE m.about = o.order_id AND m.kind = 'late_release'
                         AND (m.live = 1 OR m.opened_at >= (o.until + 1) * 86400000 - ?2))
         ORDER BY o.id LIMIT ?3",
        in_place()
    );
    let offset = i64::from(utc_offset.minutes()) * 60_000;
    lacking(
        connection,
        &sql,
        params![day_number(today), offset, limit as i64],
    )
}
