//! What an outbreak needs, as it is counted day by day: beds in hospital and at quarantine sites, and samples.

use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::cases::Classification;
use lianfang_core::time::{UtcOffset, day_number};
use rusqlite::{Connection, Row, params};

use super::columns::{day_at, maybe_day_at, span};

/// People who came to stay on one day, and left or are to leave on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StayCount {
    /// Day of entry.
    pub from: Date,
    /// Day on which they left.
    pub left: Option<Date>,
    /// Day on which they are to leave.
    pub planned: Option<Date>,
    /// How many they are.
    pub people: u32,
}

fn stay_at(row: &Row<'_>) -> rusqlite::Result<StayCount> {
    Ok(StayCount {
        from: day_at(row, 0)?,
        left: maybe_day_at(row, 1)?,
        planned: maybe_day_at(row, 2)?,
        people: row.get(3)?,
    })
}

/// Milliseconds to be added to a moment for its day of the place.
fn shift(offset: UtcOffset) -> i64 {
    i64::from(offset.minutes()) * 60_000
}

/// Stays at the quarantine sites of an area, by the days on which their orders were made and ended.
pub fn at_sites(
    connection: &Connection,
    within: AreaCode,
    offset: UtcOffset,
) -> Result<Vec<StayCount>, rusqlite::Error> {
    let (first, last) = span(within);
    connection
        .prepare_cached(
            "SELECT (o.made_at + ?3) / 86400000, (o.ended_at + ?3) / 86400000, o.until, count(*)
             FROM view_sites s CROSS JOIN view_orders o INDEXED BY view_orders_stays ON o.site = s.site
             WHERE s.area BETWEEN ?1 AND ?2 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        )?
        .query_map(params![first, last, shift(offset)], stay_at)?
        .collect()
}

/// Stays in hospital of the cases of an area, by day of admission and of discharge or death. Of a stay that ended on an
/// unknown day nothing is counted, nor of somebody who was found to be no case.
pub fn in_hospital(
    connection: &Connection,
    within: AreaCode,
) -> Result<Vec<StayCount>, rusqlite::Error> {
    let (first, last) = span(within);
    let mut classes = Classification::ALL.iter();
    let excluded = classes.position(|one| *one == Classification::Excluded);
    connection
        .prepare_cached(
            "SELECT hospitalised, CASE WHEN outcome IS NOT NULL THEN outcome_date END, NULL, count(*)
             FROM view_cases INDEXED BY view_cases_stays
             WHERE merged_into IS NULL AND hospitalised IS NOT NULL AND area BETWEEN ?1 AND ?2
               AND (outcome IS NULL OR outcome_date IS NOT NULL) AND classification IS NOT ?3
             GROUP BY 1, 2 ORDER BY 1, 2",
        )?
        .query_map(params![first, last, excluded.map(|at| at as i64)], stay_at)?
        .collect()
}

/// Samples taken within an area in a span of days, both ends among them: of people under quarantine, and of cases.
pub fn samples_taken(
    connection: &Connection,
    within: AreaCode,
    (from, to): (Date, Date),
) -> Result<Vec<(Date, u32)>, rusqlite::Error> {
    let (first, last) = span(within);
    connection
        .prepare_cached(
            "SELECT day, sum(n) FROM (
               SELECT s.day AS day, count(*) AS n FROM view_samples s JOIN view_orders o ON o.order_id = s.order_id
               WHERE s.day BETWEEN ?3 AND ?4 AND o.area BETWEEN ?1 AND ?2 GROUP BY 1
               UNION ALL
               SELECT s.day, count(*) FROM view_case_samples s JOIN view_cases c ON c.case_id = s.case_id
               WHERE s.day BETWEEN ?3 AND ?4 AND c.area BETWEEN ?1 AND ?2 AND c.merged_into IS NULL GROUP BY 1
             ) GROUP BY day ORDER BY day",
        )?
        .query_map(
            params![first, last, day_number(from), day_number(to)],
            |row| Ok((day_at(row, 0)?, row.get(1)?)),
        )?
        .collect()
}
