//! Reports of one case: taken for one, taken apart again, told apart.

use lianfang_core::facts::{CaseMerged, CaseParted, CasesToldApart, Fact};
use lianfang_core::ids::CaseId;
use lianfang_core::text::Text;
use rusqlite::{Connection, params};

use super::{FoldError, Folder, cases, links, subjects};

pub(crate) const SCHEMA: &str = "
CREATE TABLE view_case_pairs (
  one BLOB NOT NULL,
  other BLOB NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (one, other)
) WITHOUT ROWID;
";

fn unfit(en: &str, zh: &str) -> FoldError {
    FoldError::Unfit(Text::new(en, zh))
}

fn pair(case: CaseId, other: CaseId) -> ([u8; 16], [u8; 16]) {
    let (one, other) = if case <= other {
        (case, other)
    } else {
        (other, case)
    };
    (one.to_bytes(), other.to_bytes())
}

pub(super) fn merged(
    connection: &Connection,
    fact: &Fact,
    merged: &CaseMerged,
    folder: &mut Folder,
) -> Result<(), FoldError> {
    let row = cases::get(connection, merged.case)?.ok_or(FoldError::NotThere("case"))?;
    let into = cases::get(connection, merged.into)?.ok_or(FoldError::NotThere("case"))?;
    if row.case == into.case {
        return Err(unfit(
            "A report is not merged with itself.",
            "不能与自身合并。",
        ));
    }
    if !row.stands() || !into.stands() {
        return Err(FoldError::MovedOn("case"));
    }
    if !cases::merged_into(connection, row.case)?.is_empty() {
        return Err(unfit(
            "Other reports were merged into this one: merge the other way round, or part them first.",
            "已有其他报告合并到此病例：请反向合并，或先撤销原合并。",
        ));
    }
    if links::leads(connection, row.case, into.case)?
        || links::leads(connection, into.case, row.case)?
    {
        return Err(unfit(
            "By the links on record the one infected the other, if over others: withdraw the link first.",
            "传播关联显示两者之间存在传染关系，请先撤销该关联。",
        ));
    }
    cases::set_merged(connection, fact, &row, Some(into.case), folder)?;
    subjects::note(connection, &row.case.to_bytes(), fact)?;
    subjects::note(connection, &into.case.to_bytes(), fact)
}

pub(super) fn parted(
    connection: &Connection,
    fact: &Fact,
    parted: &CaseParted,
    folder: &mut Folder,
) -> Result<(), FoldError> {
    let row = cases::get(connection, parted.case)?.ok_or(FoldError::NotThere("case"))?;
    if row.merged_into != Some(parted.from) {
        return Err(FoldError::MovedOn("case"));
    }
    cases::set_merged(connection, fact, &row, None, folder)?;
    apart(connection, fact, parted.case, parted.from)
}

pub(super) fn told_apart(
    connection: &Connection,
    fact: &Fact,
    told: &CasesToldApart,
) -> Result<(), FoldError> {
    for case in [told.case, told.other] {
        if cases::get(connection, case)?.is_none() {
            return Err(FoldError::NotThere("case"));
        }
    }
    apart(connection, fact, told.case, told.other)
}

fn apart(
    connection: &Connection,
    fact: &Fact,
    case: CaseId,
    other: CaseId,
) -> Result<(), FoldError> {
    let (one, two) = pair(case, other);
    connection
        .prepare_cached(
            "INSERT INTO view_case_pairs (one, other, seq) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET seq = ?3",
        )?
        .execute(params![one, two, fact.seq as i64])?;
    subjects::note(connection, &case.to_bytes(), fact)?;
    subjects::note(connection, &other.to_bytes(), fact)
}

/// Whether somebody said that these two reports are of two cases.
pub fn are_apart(
    connection: &Connection,
    case: CaseId,
    other: CaseId,
) -> Result<bool, rusqlite::Error> {
    let (one, two) = pair(case, other);
    connection
        .prepare_cached("SELECT 1 FROM view_case_pairs WHERE one = ?1 AND other = ?2")?
        .exists(params![one, two])
}
