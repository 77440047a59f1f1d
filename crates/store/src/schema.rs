//! The layout of the database file.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::error::StoreError;
use crate::views;

/// Raised whenever the layout of tables other than views changes.
const LAYOUT: i64 = 1;

const TABLES: &str = "
CREATE TABLE facts (
  seq INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  chain INTEGER NOT NULL,
  chain_seq INTEGER NOT NULL,
  area INTEGER NOT NULL,
  actor BLOB NOT NULL,
  device TEXT NOT NULL,
  happened_at INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  body BLOB NOT NULL,
  prev_hash BLOB NOT NULL,
  hash BLOB NOT NULL
);
CREATE TABLE heads (
  chain INTEGER PRIMARY KEY,
  chain_seq INTEGER NOT NULL,
  hash BLOB NOT NULL,
  signature BLOB NOT NULL
);
CREATE TABLE checkpoints (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  content TEXT NOT NULL,
  signature BLOB NOT NULL
);
CREATE TABLE vault_people (
  id INTEGER PRIMARY KEY,
  person BLOB NOT NULL UNIQUE,
  key BLOB NOT NULL,
  sealed BLOB NOT NULL
);
CREATE TABLE vault_index (
  digest INTEGER NOT NULL,
  id INTEGER NOT NULL,
  PRIMARY KEY (digest, id)
) WITHOUT ROWID;
CREATE TABLE access_credentials (
  account BLOB PRIMARY KEY,
  login TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  password TEXT NOT NULL,
  must_change INTEGER NOT NULL,
  failures INTEGER NOT NULL DEFAULT 0,
  locked_until INTEGER,
  last_seen INTEGER
) WITHOUT ROWID;
CREATE TABLE access_sessions (
  digest BLOB PRIMARY KEY,
  account BLOB NOT NULL,
  csrf TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE access_tokens (
  id TEXT PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE,
  account BLOB NOT NULL,
  name TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE import_reports (
  import BLOB PRIMARY KEY,
  at INTEGER NOT NULL,
  area INTEGER NOT NULL,
  report TEXT NOT NULL,
  refused BLOB NOT NULL
) WITHOUT ROWID;
";

pub(crate) fn create(connection: &mut Connection) -> Result<(), StoreError> {
    let transaction = connection.transaction()?;
    transaction.execute_batch(TABLES)?;
    views::create(&transaction)?;
    transaction.pragma_update(None, "user_version", LAYOUT)?;
    transaction.commit()?;
    Ok(())
}

pub(crate) fn check(connection: &Connection) -> Result<(), StoreError> {
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found == LAYOUT {
        Ok(())
    } else {
        Err(StoreError::Layout {
            found,
            expected: LAYOUT,
        })
    }
}

pub(crate) fn open_writer(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(60))?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "secure_delete", "on")?;
    connection.pragma_update(None, "foreign_keys", "off")?;
    connection.pragma_update(None, "cache_size", -192 * 1024)?;
    // A large import dirties the same pages again and again: written back once in a while, not
    // after each transaction.
    connection.pragma_update(None, "wal_autocheckpoint", 50_000)?;
    settle(&connection)?;
    Ok(connection)
}

pub(crate) fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(Duration::from_secs(60))?;
    connection.pragma_update(None, "cache_size", -8 * 1024)?;
    connection.pragma_update(None, "mmap_size", 1_i64 << 27)?;
    settle(&connection)?;
    Ok(connection)
}

/// A statement is planned once: without this, `SQLite` plans many anew for each value that is bound.
fn settle(connection: &Connection) -> Result<(), StoreError> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(512);
    Ok(())
}
