//! What orders say of cases: who stayed where at the same time, whose sample was positive, who became a case.

use jiff::Timestamp;
use lianfang_core::areas::AreaCode;
use lianfang_core::cases::Classification;
use lianfang_core::ids::{CaseId, OrderId, PersonId, SiteId};
use lianfang_core::quarantine::SampleResult;
use rusqlite::{Connection, params};

use crate::views::columns::{area, area_at, maybe_moment_at, moment_at, word};

/// Somebody who stayed at a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtSite {
    /// The person.
    pub person: PersonId,
    /// The room: the last one of the order.
    pub room: Option<String>,
    /// From when.
    pub made_at: Timestamp,
    /// Until when, if no longer.
    pub ended_at: Option<Timestamp>,
}

/// The orders of a person, oldest first.
pub fn orders_of_person(
    connection: &Connection,
    person: PersonId,
) -> Result<Vec<OrderId>, rusqlite::Error> {
    connection
        .prepare_cached("SELECT order_id FROM view_orders WHERE person = ?1 ORDER BY id LIMIT 200")?
        .query_map([person.to_bytes()], |row| {
            Ok(OrderId::from_bytes(row.get(0)?))
        })?
        .collect()
}

/// Who stayed at a site of an area at some time between two moments.
pub fn at_site_between(
    connection: &Connection,
    site: SiteId,
    of: AreaCode,
    (from, until): (Timestamp, Timestamp),
    limit: usize,
) -> Result<Vec<AtSite>, rusqlite::Error> {
    connection
        .prepare_cached(
            "SELECT person, room, made_at, ended_at FROM view_orders INDEXED BY view_orders_area
             WHERE area = ?1 AND site = ?2 AND made_at <= ?4 AND (ended_at IS NULL OR ended_at >= ?3)
             ORDER BY id LIMIT ?5",
        )?
        .query_map(
            params![
                area(of),
                site.to_bytes(),
                from.as_millisecond(),
                until.as_millisecond(),
                limit as i64
            ],
            |row| {
                Ok(AtSite {
                    person: PersonId::from_bytes(row.get(0)?),
                    room: row.get(1)?,
                    made_at: moment_at(row, 2)?,
                    ended_at: maybe_moment_at(row, 3)?,
                })
            },
        )?
        .collect()
}

/// Orders in force whose newest result is positive, while the person is no case that was reported since; with the area and when
/// the result was known.
pub fn positive_unreported(
    connection: &Connection,
    limit: usize,
) -> Result<Vec<(OrderId, AreaCode, Timestamp)>, rusqlite::Error> {
    connection
        .prepare_cached(
            "SELECT o.order_id, o.area, (SELECT max(s.result_at) FROM view_samples s
               WHERE s.order_id = o.order_id AND s.result = ?1) AS known
             FROM view_orders o WHERE o.ended_at IS NULL AND o.result = ?1 AND known IS NOT NULL
             AND NOT EXISTS (SELECT 1 FROM view_cases c WHERE c.person = o.person AND c.id > o.id)
             LIMIT ?2",
        )?
        .query_map(params![word(SampleResult::Positive), limit as i64], |row| {
            Ok((
                OrderId::from_bytes(row.get(0)?),
                area_at(row, 1)?,
                moment_at(row, 2)?,
            ))
        })?
        .collect()
}

/// People under an order in force of whom a case was reported since it was made, with the case.
pub fn of_new_cases(
    connection: &Connection,
    limit: usize,
) -> Result<Vec<(PersonId, CaseId)>, rusqlite::Error> {
    let excluded = Classification::ALL
        .iter()
        .position(|one| *one == Classification::Excluded)
        .unwrap_or_default();
    connection
        .prepare_cached(
            "SELECT o.person, c.case_id FROM view_orders o JOIN view_cases c ON c.person = o.person
             WHERE o.ended_at IS NULL AND c.id > o.id AND c.classification <> ?1 AND c.merged_into IS NULL
             ORDER BY o.id, c.id LIMIT ?2",
        )?
        .query_map(params![excluded as i64, limit as i64], |row| {
            Ok((
                PersonId::from_bytes(row.get(0)?),
                CaseId::from_bytes(row.get(1)?),
            ))
        })?
        .collect()
}
