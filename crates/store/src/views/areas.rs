//! The known areas.

use lianfang_core::areas::{Area, AreaCode, AreaTree};
use lianfang_core::facts::{AreaDefined, Fact};
use rusqlite::{Connection, params};

use super::FoldError;
use crate::error::StoreError;

pub(crate) const SCHEMA: &str = "
CREATE TABLE view_areas (
  code INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  name_en TEXT,
  population INTEGER,
  seq INTEGER NOT NULL
);
CREATE INDEX view_areas_seq ON view_areas (seq);
";

pub(super) fn define(
    connection: &Connection,
    fact: &Fact,
    area: &AreaDefined,
) -> Result<(), FoldError> {
    connection
        .prepare_cached(
            "INSERT INTO view_areas (code, name, name_en, population, seq) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (code) DO UPDATE SET name = ?2, name_en = coalesce(?3, name_en),
             population = coalesce(?4, population), seq = ?5",
        )?
        .execute(params![fact.area.as_u64() as i64, area.name, area.name_en, area.population, fact.seq as i64])?;
    Ok(())
}

/// When the tree last changed, as a fact's place; for those who keep a copy.
pub fn tree_version(connection: &Connection) -> Result<u64, StoreError> {
    let seq: i64 = connection
        .prepare_cached("SELECT coalesce(max(seq), 0) FROM view_areas")?
        .query_row([], |row| row.get(0))?;
    Ok(seq as u64)
}

/// All known areas.
pub fn tree(connection: &Connection) -> Result<AreaTree, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT code, name, name_en, population FROM view_areas")?;
    let rows = statement.query_map([], |row| {
        Ok((
            row.get::<_, i64>(0)? as u64,
            row.get(1)?,
            row.get(2)?,
            row.get(3)?,
        ))
    })?;
    let mut tree = AreaTree::default();
    for row in rows {
        let (code, name, name_en, population) = row?;
        let code = AreaCode::from_u64(code).map_err(|_| StoreError::Malformed("area code"))?;
        tree.insert(Area {
            code,
            name,
            name_en,
            level: code.level(),
            population,
        });
    }
    Ok(tree)
}
