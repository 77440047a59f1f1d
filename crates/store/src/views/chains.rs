//! What chains of transmission are made of, for the cases of an area and a span of days: cases, links, and what became of their
//! contacts. Each is one pass over the cases asked for, whatever else the ledger holds.

use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::cases::Classification;
use lianfang_core::contacts::{Certainty, ContactClass, ContactStatus, Meeting, Setting};
use lianfang_core::ids::CaseId;
use lianfang_core::time::day_number;
use rusqlite::{Connection, Row};

use super::cases::{self, CaseFilter};
use super::columns::{
    area_at, day_at, malformed, maybe_day_at, maybe_word_at, span, word, word_at,
};
use crate::error::StoreError;

/// Cases of an area and a span of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chosen {
    /// The area.
    pub area: AreaCode,
    /// The first curve day.
    pub from: Date,
    /// The last curve day.
    pub to: Date,
    /// So many at most, the newest first.
    pub limit: u32,
}

/// A case, as far as chains need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainCase {
    /// The case.
    pub case: CaseId,
    /// Its number at the reporting institution.
    pub external_id: Option<String>,
    /// Where.
    pub area: AreaCode,
    /// The day it falls on in the epidemic curve.
    pub day: Date,
    /// First symptoms.
    pub onset: Option<Date>,
    /// Classification.
    pub classification: Classification,
}

/// A link to a case, or to a report taken into it; both ends are the cases that count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainLink {
    /// Who infected.
    pub infector: CaseId,
    /// Who was infected.
    pub infectee: CaseId,
    /// How sure it is.
    pub certainty: Certainty,
    /// The day of the meeting.
    pub met: Option<Date>,
    /// Where they met.
    pub setting: Option<Setting>,
}

/// How many close contacts of a case in one setting became cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attacked {
    /// The case.
    pub case: CaseId,
    /// The setting; none where it is not known.
    pub setting: Option<Setting>,
    /// Close contacts.
    pub contacts: u64,
    /// Of these, those who became cases.
    pub became: u64,
}

impl Chosen {
    /// The rows of the line list, under the index that meets them after the fewest others.
    fn rows(&self, connection: &Connection, columns: &str) -> Result<String, StoreError> {
        let filter = CaseFilter {
            area: Some(self.area),
            from: Some(self.from),
            to: Some(self.to),
            ..CaseFilter::default()
        };
        let index = cases::index_of(connection, &filter)?;
        Ok(format!(
            "SELECT {columns} FROM view_cases {index} WHERE merged_into IS NULL AND area BETWEEN ?1 AND ?2
             AND day BETWEEN ?3 AND ?4 AND classification <> ?5 ORDER BY day DESC, id DESC LIMIT ?6"
        ))
    }

    /// The cases, and the reports taken into each.
    fn members(&self, connection: &Connection) -> Result<String, StoreError> {
        Ok(format!(
            "WITH chosen AS MATERIALIZED ({}),
             members(member, root) AS MATERIALIZED (
               SELECT case_id, case_id FROM chosen UNION ALL
               SELECT m.case_id, m.merged_into FROM chosen CROSS JOIN view_cases m ON m.merged_into = chosen.case_id)",
            self.rows(connection, "case_id")?
        ))
    }

    fn values(&self) -> [i64; 6] {
        let (first, last) = span(self.area);
        let excluded = Classification::ALL
            .iter()
            .position(|one| *one == Classification::Excluded)
            .map_or(-1, |place| place as i64);
        [
            first,
            last,
            day_number(self.from).into(),
            day_number(self.to).into(),
            excluded,
            self.limit.into(),
        ]
    }
}

fn read_case(row: &Row<'_>) -> rusqlite::Result<ChainCase> {
    let place: i64 = row.get(5)?;
    Ok(ChainCase {
        case: CaseId::from_bytes(row.get(0)?),
        external_id: row.get(1)?,
        area: area_at(row, 2)?,
        day: day_at(row, 3)?,
        onset: maybe_day_at(row, 4)?,
        classification: usize::try_from(place)
            .ok()
            .and_then(|place| Classification::ALL.get(place).copied())
            .ok_or_else(|| malformed(5))?,
    })
}

/// The cases, the newest first.
pub fn cases_of(connection: &Connection, chosen: &Chosen) -> Result<Vec<ChainCase>, StoreError> {
    let text = chosen.rows(
        connection,
        "case_id, external_id, area, day, onset, classification",
    )?;
    let found = connection
        .prepare_cached(&text)?
        .query_map(chosen.values(), read_case)?
        .collect::<Result<_, _>>()?;
    Ok(found)
}

/// The links that hold to these cases, in the order in which they were stated.
pub fn links_of(connection: &Connection, chosen: &Chosen) -> Result<Vec<ChainLink>, StoreError> {
    let text = format!(
        "{} SELECT coalesce(i.merged_into, l.infector), members.root, l.certainty, l.met, l.meeting, l.seq
         FROM members CROSS JOIN view_links l ON l.infectee = members.member AND l.withdrawn = 0
         LEFT JOIN view_cases i ON i.case_id = l.infector ORDER BY l.seq",
        chosen.members(connection)?
    );
    let found = connection
        .prepare_cached(&text)?
        .query_map(chosen.values(), |row| {
            let meeting: Option<String> = row.get(4)?;
            let meeting: Meeting = meeting
                .map(|text| serde_json::from_str(&text))
                .transpose()
                .map_err(|_| malformed(4))?
                .unwrap_or_default();
            Ok(ChainLink {
                infector: CaseId::from_bytes(row.get(0)?),
                infectee: CaseId::from_bytes(row.get(1)?),
                certainty: word_at(row, 2)?,
                met: maybe_day_at(row, 3)?,
                setting: meeting.setting,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(found)
}

/// Close contacts of these cases by setting, and how many of them became cases.
pub fn attacked(connection: &Connection, chosen: &Chosen) -> Result<Vec<Attacked>, StoreError> {
    let text = format!(
        "{} SELECT members.root, k.setting, count(*), sum(k.status = {}) FROM members
         CROSS JOIN view_contacts k INDEXED BY view_contacts_case ON k.case_id = members.member
         WHERE k.class = {} GROUP BY members.root, k.setting",
        chosen.members(connection)?,
        word(ContactStatus::BecameCase),
        word(ContactClass::Close),
    );
    let found = connection
        .prepare_cached(&text)?
        .query_map(chosen.values(), |row| {
            Ok(Attacked {
                case: CaseId::from_bytes(row.get(0)?),
                setting: maybe_word_at(row, 1)?,
                contacts: row.get::<_, i64>(2)?.max(0) as u64,
                became: row.get::<_, i64>(3)?.max(0) as u64,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(found)
}

/// The cases that stand in some areas' line list on a span of curve days: whoever may have infected somebody there.
pub fn around(
    connection: &Connection,
    area: AreaCode,
    (from, to): (Date, Date),
    limit: u32,
) -> Result<Vec<CaseId>, StoreError> {
    let chosen = Chosen {
        area,
        from,
        to,
        limit,
    };
    let text = chosen.rows(connection, "case_id")?;
    let found = connection
        .prepare_cached(&text)?
        .query_map(chosen.values(), |row| Ok(CaseId::from_bytes(row.get(0)?)))?
        .collect::<Result<_, _>>()?;
    Ok(found)
}
