//! Views of the line list that people keep under a name, each for themselves.

use lianfang_core::cases::CaseView;
use lianfang_core::facts::{Fact, ViewSaved};
use lianfang_core::ids::{AccountId, ViewId};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::FoldError;

pub(super) const SCHEMA: &str = "
CREATE TABLE view_saved (
  view BLOB PRIMARY KEY,
  account BLOB NOT NULL,
  name TEXT NOT NULL,
  filters TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX view_saved_account ON view_saved (account, name);
";

/// A view that somebody keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedRow {
    /// The view.
    pub view: ViewId,
    /// Who keeps it.
    pub account: AccountId,
    /// What they call it.
    pub name: String,
    /// What it shows.
    pub filters: CaseView,
}

fn read_row(row: &Row<'_>) -> rusqlite::Result<SavedRow> {
    let filters: String = row.get(3)?;
    Ok(SavedRow {
        view: ViewId::from_bytes(row.get(0)?),
        account: AccountId::from_bytes(row.get(1)?),
        name: row.get(2)?,
        filters: serde_json::from_str(&filters).map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(
                3,
                rusqlite::types::Type::Text,
                Box::new(error),
            )
        })?,
    })
}

pub(super) fn saved(
    connection: &Connection,
    fact: &Fact,
    saved: &ViewSaved,
) -> Result<(), FoldError> {
    let view = saved.view.to_bytes();
    if let Some(before) = get(connection, saved.view)?
        && before.account != fact.actor
    {
        return Err(FoldError::NotThere("view"));
    }
    if !saved.kept {
        let gone = connection
            .prepare_cached("DELETE FROM view_saved WHERE view = ?1")?
            .execute([view])?;
        return if gone == 0 {
            Err(FoldError::NotThere("view"))
        } else {
            Ok(())
        };
    }
    let filters = serde_json::to_string(&saved.filters)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    connection
        .prepare_cached(
            "INSERT INTO view_saved (view, account, name, filters) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET name = ?3, filters = ?4",
        )?
        .execute(params![view, fact.actor.to_bytes(), saved.name, filters])?;
    Ok(())
}

/// A view.
pub fn get(connection: &Connection, view: ViewId) -> Result<Option<SavedRow>, rusqlite::Error> {
    connection
        .prepare_cached("SELECT view, account, name, filters FROM view_saved WHERE view = ?1")?
        .query_row([view.to_bytes()], read_row)
        .optional()
}

/// The views that somebody keeps, by name.
pub fn of_account(
    connection: &Connection,
    account: AccountId,
) -> Result<Vec<SavedRow>, rusqlite::Error> {
    connection
        .prepare_cached(
            "SELECT view, account, name, filters FROM view_saved WHERE account = ?1 ORDER BY name, view",
        )?
        .query_map([account.to_bytes()], read_row)?
        .collect()
}
