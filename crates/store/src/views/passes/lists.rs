//! Passes as staff look for them: by area, by name, by code; what holders reported; what nobody confirmed.

use jiff::Timestamp;
use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::entry::Symptom;
use lianfang_core::ids::{PassCodeId, PersonId};
use lianfang_core::passes::{Colour, PassFor};
use lianfang_core::quarantine::CheckedBy;
use lianfang_core::words::Words;
use rusqlite::{Connection, params};

use super::{COLUMNS, CodeRow, PassRow, codes_of, read_row};
use crate::views::columns::{area_at, day_at, maybe_word_at, moment_at, span, word_at};
use crate::views::people::ALONE;

/// A daily report of a holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportRow {
    /// The day that it is about.
    pub day: Date,
    /// When it was made.
    pub at: Timestamp,
    /// Temperature, in tenths of a degree.
    pub temperature: Option<u16>,
    /// Symptoms.
    pub symptoms: Words<Symptom>,
    /// Who made it.
    pub by: CheckedBy,
    /// Whether it was abnormal.
    pub abnormal: bool,
}

/// A pass that was asked for and never confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unconfirmed {
    /// The code.
    pub code: PassCodeId,
    /// Who it is about, as they said.
    pub person: PersonId,
    /// Where they live.
    pub area: AreaCode,
    /// Whether the code ended.
    pub ended: bool,
    /// Whether nothing else on record speaks of that person, who is in the vault.
    pub alone: bool,
}

/// How many passes there are in each grid or community of an area, by colour as last assessed.
pub fn counts_by_area(
    connection: &Connection,
    within: AreaCode,
) -> Result<Vec<(AreaCode, Option<Colour>, u64)>, rusqlite::Error> {
    let (first, last) = span(within);
    connection
        .prepare_cached(
            "SELECT area, colour, count(*) FROM view_passes WHERE area BETWEEN ?1 AND ?2 GROUP BY area, colour ORDER BY area, colour",
        )?
        .query_map([first, last], |row| {
            Ok((
                area_at(row, 0)?,
                maybe_word_at(row, 1)?,
                row.get::<_, i64>(2)? as u64,
            ))
        })?
        .collect()
}

/// Codes of an area that wait for somebody to see who it is.
pub fn count_waiting(connection: &Connection, within: AreaCode) -> Result<u64, rusqlite::Error> {
    let (first, last) = span(within);
    connection
        .prepare_cached(
            "SELECT count(*) FROM view_pass_codes WHERE area BETWEEN ?1 AND ?2 AND confirmed_at IS NULL AND ended_at IS NULL",
        )?
        .query_row([first, last], |row| Ok(row.get::<_, i64>(0)? as u64))
}

/// Of some people the passes for which their records count, in an area, in the order of confirmation.
pub fn held_by(
    connection: &Connection,
    within: AreaCode,
    people: &[PersonId],
) -> Result<Vec<PassRow>, rusqlite::Error> {
    let (first, last) = span(within);
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM view_passes WHERE holder = (SELECT holder FROM view_pass_people WHERE person = ?1)
         AND area BETWEEN ?2 AND ?3"
    ))?;
    let mut found: Vec<PassRow> = Vec::new();
    for person in people {
        let mut rows = statement.query(params![person.to_bytes(), first, last])?;
        while let Some(row) = rows.next()? {
            found.push(read_row(row)?);
        }
    }
    found.sort_by_key(|row| row.id);
    found.dedup_by_key(|row| row.id);
    Ok(found)
}

/// The newest code by which staff opened a pass for its holder and that has not ended.
pub fn code_by_staff(
    connection: &Connection,
    holder: PersonId,
) -> Result<Option<CodeRow>, rusqlite::Error> {
    let codes = codes_of(connection, holder)?;
    Ok(codes.into_iter().find(|row| {
        row.by == PassFor::Helper && row.confirmed_at.is_some() && row.ended_at.is_none()
    }))
}

/// The newest daily reports of a holder, the newest first.
pub fn reports_of(
    connection: &Connection,
    holder: PersonId,
    limit: usize,
) -> Result<Vec<ReportRow>, rusqlite::Error> {
    connection
        .prepare_cached(
            "SELECT day, at, temperature, symptoms, made_by, abnormal FROM view_health_reports WHERE person = ?1
             ORDER BY day DESC, seq DESC LIMIT ?2",
        )?
        .query_map(params![holder.to_bytes(), limit as i64], |row| {
            Ok(ReportRow {
                day: day_at(row, 0)?,
                at: moment_at(row, 1)?,
                temperature: row.get(2)?,
                symptoms: Words::from_bits(row.get(3)?),
                by: word_at(row, 4)?,
                abnormal: row.get(5)?,
            })
        })?
        .collect()
}

/// Codes that nobody confirmed, by id, after one: those that ended and are about somebody in the vault, and those that were
/// asked for before a moment.
pub fn unconfirmed(
    connection: &Connection,
    before: Timestamp,
    after: Option<PassCodeId>,
    limit: usize,
) -> Result<Vec<Unconfirmed>, rusqlite::Error> {
    connection
        .prepare_cached(&format!(
            "SELECT p.code, p.person, p.area, p.ended_at IS NOT NULL,
                    EXISTS (SELECT 1 FROM vault_people v WHERE v.person = p.person AND {ALONE})
             FROM view_pass_codes p
             WHERE p.confirmed_at IS NULL AND p.code > ?1
               AND (CASE WHEN p.ended_at IS NULL THEN p.asked_at < ?2
                    ELSE EXISTS (SELECT 1 FROM vault_people v WHERE v.person = p.person) END)
             ORDER BY p.code LIMIT ?3"
        ))?
        .query_map(
            params![
                after.map_or(Vec::new(), |after| after.to_bytes().to_vec()),
                before.as_millisecond(),
                limit as i64
            ],
            |row| {
                Ok(Unconfirmed {
                    code: PassCodeId::from_bytes(row.get(0)?),
                    person: PersonId::from_bytes(row.get(1)?),
                    area: area_at(row, 2)?,
                    ended: row.get(3)?,
                    alone: row.get(4)?,
                })
            },
        )?
        .collect()
}
