//! Which account holds which role in which area.

use lianfang_core::access::{Grant, Role};
use lianfang_core::areas::AreaCode;
use lianfang_core::facts::{Fact, RoleChange};
use lianfang_core::ids::AccountId;
use rusqlite::{Connection, OptionalExtension, params};

use super::{FoldError, subjects};
use crate::error::StoreError;

pub(crate) const SCHEMA: &str = "
CREATE TABLE view_accounts (
  account BLOB PRIMARY KEY,
  closed INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE view_grants (
  account BLOB NOT NULL,
  role TEXT NOT NULL,
  area INTEGER NOT NULL,
  PRIMARY KEY (account, role, area)
) WITHOUT ROWID;
";

pub(super) fn opened(
    connection: &Connection,
    fact: &Fact,
    account: AccountId,
) -> Result<(), FoldError> {
    let done = connection
        .prepare_cached(
            "INSERT INTO view_accounts (account, closed) VALUES (?1, 0) ON CONFLICT DO NOTHING",
        )?
        .execute([account.to_bytes()])?;
    if done == 0 {
        return Err(FoldError::AlreadyThere("account"));
    }
    subjects::note(connection, &account.to_bytes(), fact)
}

pub(super) fn granted(
    connection: &Connection,
    fact: &Fact,
    change: &RoleChange,
) -> Result<(), FoldError> {
    connection
        .prepare_cached("INSERT INTO view_grants (account, role, area) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?
        .execute(params![change.account.to_bytes(), change.grant.role.word(), change.grant.area.as_u64() as i64])?;
    subjects::note(connection, &change.account.to_bytes(), fact)
}

pub(super) fn withdrawn(
    connection: &Connection,
    fact: &Fact,
    change: &RoleChange,
) -> Result<(), FoldError> {
    connection
        .prepare_cached("DELETE FROM view_grants WHERE account = ?1 AND role = ?2 AND area = ?3")?
        .execute(params![
            change.account.to_bytes(),
            change.grant.role.word(),
            change.grant.area.as_u64() as i64
        ])?;
    subjects::note(connection, &change.account.to_bytes(), fact)
}

pub(super) fn closed(
    connection: &Connection,
    fact: &Fact,
    account: AccountId,
) -> Result<(), FoldError> {
    let done = connection
        .prepare_cached("UPDATE view_accounts SET closed = 1 WHERE account = ?1")?
        .execute([account.to_bytes()])?;
    if done == 0 {
        return Err(FoldError::NotThere("account"));
    }
    subjects::note(connection, &account.to_bytes(), fact)
}

/// An account's roles; `None` where there is no such account or it is closed.
pub fn grants_of(
    connection: &Connection,
    account: AccountId,
) -> Result<Option<Vec<Grant>>, StoreError> {
    let closed: Option<bool> = connection
        .prepare_cached("SELECT closed FROM view_accounts WHERE account = ?1")?
        .query_row([account.to_bytes()], |row| row.get(0))
        .optional()?;
    if closed != Some(false) {
        return Ok(None);
    }
    let mut statement = connection.prepare_cached(
        "SELECT role, area FROM view_grants WHERE account = ?1 ORDER BY area, role",
    )?;
    let rows = statement.query_map([account.to_bytes()], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)? as u64))
    })?;
    let mut grants = Vec::new();
    for row in rows {
        let (role, area) = row?;
        grants.push(Grant {
            role: role
                .parse::<Role>()
                .map_err(|_| StoreError::Malformed("role"))?,
            area: AreaCode::from_u64(area).map_err(|_| StoreError::Malformed("area code"))?,
        });
    }
    Ok(Some(grants))
}

/// Whether any account is there.
pub fn any_account(connection: &Connection) -> Result<bool, StoreError> {
    Ok(
        connection.query_row("SELECT EXISTS (SELECT 1 FROM view_accounts)", [], |row| {
            row.get(0)
        })?,
    )
}
