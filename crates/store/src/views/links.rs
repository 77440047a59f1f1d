//! Who infected whom, as it was stated. The links that hold never form a loop.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::contacts::{Certainty, Meeting, Setting};
use lianfang_core::facts::{Fact, LinkStated, LinkWithdrawn};
use lianfang_core::ids::{AccountId, CaseId, LinkId};
use lianfang_core::text::Text;
use lianfang_core::time::{day_from_number, day_number};
use lianfang_core::words::Word;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::cases::CaseRow;
use super::columns::{area, area_at, malformed, maybe_day_at, moment_at, span, word, word_at};
use super::sums::{self, Sum};
use super::{FoldError, Folder, cases, subjects};
use crate::error::StoreError;

pub(crate) const SCHEMA: &str = "
CREATE TABLE view_links (
  link BLOB PRIMARY KEY,
  infector BLOB NOT NULL,
  infectee BLOB NOT NULL,
  certainty INTEGER NOT NULL,
  met INTEGER,
  meeting TEXT,
  area INTEGER NOT NULL,
  at INTEGER NOT NULL,
  actor BLOB NOT NULL,
  withdrawn INTEGER NOT NULL,
  reason TEXT,
  suggested INTEGER,
  seq INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX view_links_infector ON view_links (infector) WHERE withdrawn = 0;
CREATE INDEX view_links_infectee ON view_links (infectee) WHERE withdrawn = 0;
CREATE INDEX view_links_area ON view_links (area, seq) WHERE withdrawn = 0;
";

/// A link as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkRow {
    /// The link.
    pub link: LinkId,
    /// Who infected.
    pub infector: CaseId,
    /// Who was infected.
    pub infectee: CaseId,
    /// How sure it is.
    pub certainty: Certainty,
    /// The day of the meeting.
    pub met: Option<Date>,
    /// How they met.
    pub meeting: Meeting,
    /// Where the one infected is.
    pub area: AreaCode,
    /// When it was stated.
    pub at: Timestamp,
    /// By whom.
    pub actor: AccountId,
    /// Whether it does not hold.
    pub withdrawn: bool,
    /// The place of its newest fact.
    pub seq: u64,
    /// Its probability in thousandths when it was suggested, of a link that was adopted from a suggestion.
    pub suggested: Option<u16>,
}

const COLUMNS: &str =
    "link, infector, infectee, certainty, met, meeting, area, at, actor, withdrawn, seq, suggested";

fn read_row(row: &Row<'_>) -> rusqlite::Result<LinkRow> {
    let meeting: Option<String> = row.get(5)?;
    Ok(LinkRow {
        link: LinkId::from_bytes(row.get(0)?),
        infector: CaseId::from_bytes(row.get(1)?),
        infectee: CaseId::from_bytes(row.get(2)?),
        certainty: word_at(row, 3)?,
        met: maybe_day_at(row, 4)?,
        meeting: meeting
            .map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(|_| malformed(5))?
            .unwrap_or_default(),
        area: area_at(row, 6)?,
        at: moment_at(row, 7)?,
        actor: AccountId::from_bytes(row.get(8)?),
        withdrawn: row.get(9)?,
        seq: row.get::<_, i64>(10)? as u64,
        suggested: row.get(11)?,
    })
}

fn unfit(en: &str, zh: &str) -> FoldError {
    FoldError::Unfit(Text::new(en, zh))
}

fn looped() -> FoldError {
    unfit(
        "This would close a loop: the one infected stands among those from whom the infection came.",
        "该关联会形成环路：被感染者已在传染来源链上。",
    )
}

/// A link.
pub fn get(connection: &Connection, link: LinkId) -> Result<Option<LinkRow>, rusqlite::Error> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM view_links WHERE link = ?1"))?
        .query_row([link.to_bytes()], read_row)
        .optional()
}

/// The links that hold from and to a case, or a report taken into it.
pub fn of_case(connection: &Connection, case: CaseId) -> Result<Vec<LinkRow>, rusqlite::Error> {
    let mut found: Vec<LinkRow> = Vec::new();
    for member in cases::members(connection, case)? {
        for column in ["infector", "infectee"] {
            let rows = connection
                .prepare_cached(&format!(
                    "SELECT {COLUMNS} FROM view_links WHERE {column} = ?1 AND withdrawn = 0 ORDER BY seq LIMIT 2000"
                ))?
                .query_map([member.to_bytes()], read_row)?
                .collect::<Result<Vec<_>, _>>()?;
            found.extend(rows);
        }
    }
    found.sort_by_key(|link| link.seq);
    found.dedup_by_key(|link| link.seq);
    Ok(found)
}

/// The links that hold whose infected case is within an area, in the order in which they were stated, after a place, at most
/// `limit`.
pub fn within(
    connection: &Connection,
    area: AreaCode,
    after: u64,
    limit: usize,
) -> Result<Vec<LinkRow>, StoreError> {
    let (first, last) = span(area);
    let rows = connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM view_links WHERE withdrawn = 0 AND area BETWEEN ?1 AND ?2 AND seq > ?3
             ORDER BY seq LIMIT ?4"
        ))?
        .query_map(params![first, last, after as i64, limit as i64], read_row)?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

/// Whether infection came to `to` from `from`, over links that hold: reports of one case are one.
pub fn leads(connection: &Connection, from: CaseId, to: CaseId) -> Result<bool, rusqlite::Error> {
    let Some(from) = cases::root(connection, from)? else {
        return Ok(false);
    };
    let mut seen = BTreeSet::new();
    let mut ahead = vec![cases::root(connection, to)?.unwrap_or(to)];
    while let Some(next) = ahead.pop() {
        if next == from {
            return Ok(true);
        }
        if !seen.insert(next) {
            continue;
        }
        for member in cases::members(connection, next)? {
            let infectors = connection
                .prepare_cached(
                    "SELECT coalesce(c.merged_into, c.case_id) FROM view_links l JOIN view_cases c ON c.case_id = l.infector
                     WHERE l.infectee = ?1 AND l.withdrawn = 0",
                )?
                .query_map([member.to_bytes()], |row| Ok(CaseId::from_bytes(row.get(0)?)))?
                .collect::<Result<Vec<_>, _>>()?;
            ahead.extend(infectors);
        }
    }
    Ok(false)
}

/// Adds the settings of the links to a report to what is summed for it, or with -1 takes them from it.
pub(super) fn sum_settings(
    connection: &Connection,
    infectee: &CaseRow,
    folder: &mut Folder,
    n: i64,
) -> Result<(), FoldError> {
    if !infectee.is_case() {
        return Ok(());
    }
    let settings = connection
        .prepare_cached("SELECT meeting FROM view_links WHERE infectee = ?1 AND withdrawn = 0 AND meeting IS NOT NULL")?
        .query_map([infectee.case.to_bytes()], |row| {
            let meeting: String = row.get(0)?;
            let meeting: Meeting = serde_json::from_str(&meeting).map_err(|_| malformed(0))?;
            Ok(meeting.setting)
        })?
        .collect::<Result<BTreeSet<_>, _>>()?;
    for setting in settings.into_iter().flatten() {
        let by = [day_number(infectee.day).into(), word(setting), 0];
        folder.sums.add(Sum::Infected, infectee.area, by, n);
    }
    Ok(())
}

/// How many cases of an area were infected in which setting, by curve day, by the links that hold.
pub fn infected_in(
    connection: &Connection,
    area: AreaCode,
    (from, to): (Date, Date),
) -> Result<Vec<(Date, Setting, u64)>, StoreError> {
    let days = (day_number(from).into(), day_number(to).into());
    sums::rows(connection, Sum::Infected, area, days)?
        .into_iter()
        .map(|([day, setting, _], n)| {
            let day = i32::try_from(day).ok().and_then(day_from_number);
            let setting = usize::try_from(setting)
                .ok()
                .and_then(|place| Setting::ALL.get(place));
            day.zip(setting.copied())
                .map(|(day, setting)| (day, setting, n))
                .ok_or(StoreError::Malformed("setting"))
        })
        .collect()
}

/// All to whom infection came from a case, over links that hold; and the case itself. At most so many: a chain of more is no
/// chain that people traced.
pub fn below(connection: &Connection, case: CaseId) -> Result<BTreeSet<CaseId>, rusqlite::Error> {
    const MOST: usize = 20_000;
    let mut seen = BTreeSet::new();
    let mut ahead = vec![cases::root(connection, case)?.unwrap_or(case)];
    while let Some(next) = ahead.pop().filter(|_| seen.len() < MOST) {
        if !seen.insert(next) {
            continue;
        }
        for member in cases::members(connection, next)? {
            let infectees = connection
                .prepare_cached(
                    "SELECT coalesce(c.merged_into, c.case_id) FROM view_links l JOIN view_cases c ON c.case_id = l.infectee
                     WHERE l.infector = ?1 AND l.withdrawn = 0",
                )?
                .query_map([member.to_bytes()], |row| Ok(CaseId::from_bytes(row.get(0)?)))?
                .collect::<Result<Vec<_>, _>>()?;
            ahead.extend(infectees);
        }
    }
    Ok(seen)
}

pub(super) fn stated(
    connection: &Connection,
    fact: &Fact,
    stated: &LinkStated,
    folder: &mut Folder,
) -> Result<(), FoldError> {
    let infector = cases::root(connection, stated.infector)?.ok_or(FoldError::NotThere("case"))?;
    let infectee = cases::root(connection, stated.infectee)?.ok_or(FoldError::NotThere("case"))?;
    if infector == infectee {
        return Err(unfit("Nobody infects themselves.", "病例不能感染自己。"));
    }
    if leads(connection, infectee, infector)? {
        return Err(looped());
    }
    let twice = of_case(connection, infectee)?.into_iter().any(|link| {
        link.link != stated.link
            && cases::root(connection, link.infector).ok().flatten() == Some(infector)
    });
    if twice {
        return Err(unfit(
            "There is a link between these two already: withdraw it first.",
            "两病例间已有关联，请先撤销原关联。",
        ));
    }
    let row = cases::get(connection, stated.infectee)?.ok_or(FoldError::NotThere("case"))?;
    sum_settings(connection, &row, folder, -1)?;
    let meeting = (!stated.meeting.is_empty())
        .then(|| serde_json::to_string(&stated.meeting))
        .transpose()
        .map_err(|_| malformed(5))?;
    let done = connection
        .prepare_cached(
            "INSERT INTO view_links (link, infector, infectee, certainty, met, meeting, area, at, actor, withdrawn, seq,
             suggested) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, ?10, ?11) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            stated.link.to_bytes(),
            stated.infector.to_bytes(),
            stated.infectee.to_bytes(),
            word(stated.certainty),
            stated.met.map(day_number),
            meeting,
            area(fact.area),
            fact.happened_at.as_millisecond(),
            fact.actor.to_bytes(),
            fact.seq as i64,
            stated.suggested,
        ])?;
    if done == 0 {
        return Err(FoldError::AlreadyThere("link"));
    }
    sum_settings(connection, &row, folder, 1)?;
    subjects::note(connection, &stated.infector.to_bytes(), fact)?;
    subjects::note(connection, &stated.infectee.to_bytes(), fact)
}

pub(super) fn withdrawn(
    connection: &Connection,
    fact: &Fact,
    withdrawn: &LinkWithdrawn,
    folder: &mut Folder,
) -> Result<(), FoldError> {
    let row = get(connection, withdrawn.link)?.ok_or(FoldError::NotThere("link"))?;
    if row.withdrawn {
        return Err(FoldError::MovedOn("link"));
    }
    let infectee = cases::get(connection, row.infectee)?.ok_or(FoldError::NotThere("case"))?;
    sum_settings(connection, &infectee, folder, -1)?;
    connection
        .prepare_cached(
            "UPDATE view_links SET withdrawn = 1, reason = ?2, seq = ?3 WHERE link = ?1",
        )?
        .execute(params![
            withdrawn.link.to_bytes(),
            withdrawn.reason,
            fact.seq as i64
        ])?;
    sum_settings(connection, &infectee, folder, 1)?;
    subjects::note(connection, &row.infector.to_bytes(), fact)?;
    subjects::note(connection, &row.infectee.to_bytes(), fact)
}
