//! Which facts are about a case, a matter, a person or an account, beyond the first.

use lianfang_core::facts::Fact;
use rusqlite::{Connection, params};

use super::FoldError;
use crate::error::StoreError;
use crate::ledger::{self, FACT_COLUMNS};

pub(crate) const SCHEMA: &str = "
CREATE TABLE view_subjects (
  subject BLOB NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (subject, seq)
) WITHOUT ROWID;
";

pub(super) fn note(
    connection: &Connection,
    subject: &[u8; 16],
    fact: &Fact,
) -> Result<(), FoldError> {
    connection
        .prepare_cached("INSERT INTO view_subjects (subject, seq) VALUES (?1, ?2)")?
        .execute(params![subject, fact.seq as i64])?;
    Ok(())
}

/// The newest facts about a subject, the newest first, at most `limit`.
pub fn newest_facts_about(
    connection: &Connection,
    subject: [u8; 16],
    limit: usize,
) -> Result<Vec<Fact>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {FACT_COLUMNS} FROM facts WHERE seq IN (SELECT seq FROM view_subjects WHERE subject = ?1 ORDER BY seq DESC LIMIT ?2)
         ORDER BY seq DESC"
    ))?;
    let facts = statement
        .query_map(params![subject, limit as i64], ledger::read_fact)?
        .collect::<Result<_, _>>()?;
    Ok(facts)
}

/// The facts about a subject, oldest first, at most `limit`.
pub fn facts_about(
    connection: &Connection,
    subject: [u8; 16],
    limit: usize,
) -> Result<Vec<Fact>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {FACT_COLUMNS} FROM facts WHERE seq IN (SELECT seq FROM view_subjects WHERE subject = ?1)
         ORDER BY seq LIMIT ?2"
    ))?;
    let facts = statement
        .query_map(params![subject, limit as i64], ledger::read_fact)?
        .collect::<Result<_, _>>()?;
    Ok(facts)
}
