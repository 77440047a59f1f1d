//! Views dropped and folded anew from the ledger, for today or as known on a past day.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use lianfang_core::facts::{Body, Fact};
use lianfang_core::time::UtcOffset;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, TransactionBehavior};
use serde::Serialize;

use crate::error::StoreError;
use crate::ledger::{FACT_COLUMNS, read_fact};
use crate::views::{self, Folder, TABLES};
use crate::{Store, schema};

/// Facts folded between two flushes of shared sums.
const CHUNK: u64 = 10_000;

/// What a rebuild did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RebuildReport {
    /// Facts folded.
    pub facts: u64,
    /// Facts left out: known only after the day asked for.
    pub left_out: u64,
    /// The file that holds the views: the store's own, or that of a past day.
    pub path: PathBuf,
    /// BLAKE3 over all rows of all views, in hex: the same ledger gives the same.
    pub digest: String,
}

impl Store {
    /// Drops the views and folds them anew, in one transaction; readers see the old ones until
    /// it ends.
    pub fn rebuild(&self) -> Result<RebuildReport, StoreError> {
        let path = self.folder().join(crate::DATABASE);
        let mut connection = schema::open_writer(&path)?;
        let (facts, left_out, digest) = rebuild(&mut connection, self.utc_offset())?;
        Ok(RebuildReport {
            facts,
            left_out,
            path,
            digest,
        })
    }

    /// Folds the views as known on `day` into a file of their own.
    pub fn rebuild_as_of(&self, day: Date, out: &Path) -> Result<RebuildReport, StoreError> {
        if out.exists() {
            return Err(StoreError::FileThere(out.to_owned()));
        }
        let mut past = Connection::open(out)?;
        let transaction = past.transaction()?;
        views::create(&transaction)?;
        let (facts, left_out) =
            self.read(|ledger| refold(ledger, &transaction, self.utc_offset(), Some(day)))?;
        let digest = digest(&transaction)?;
        transaction.commit()?;
        Ok(RebuildReport {
            facts,
            left_out,
            path: out.to_owned(),
            digest,
        })
    }
}

impl Store {
    /// Folds the whole ledger again into views of their own, and calls `see` with the views as they stood before each fact of
    /// `kind`: what was computed then can be computed again.
    pub fn replay(
        &self,
        kind: &str,
        mut see: impl FnMut(&Connection, &Fact, &Body) -> Result<(), StoreError>,
    ) -> Result<u64, StoreError> {
        let mut past = Connection::open("")?;
        let transaction = past.transaction()?;
        views::create(&transaction)?;
        let offset = self.utc_offset();
        self.read(|ledger| {
            let mut folder = Folder::new(offset);
            let mut folded = 0;
            let mut statement =
                ledger.prepare(&format!("SELECT {FACT_COLUMNS} FROM facts ORDER BY seq"))?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let fact = read_fact(row)?;
                let body = fact.read_body()?;
                if fact.kind == kind {
                    see(&transaction, &fact, &body)?;
                }
                views::fold(&transaction, &fact, &body, &mut folder)?;
                folded += 1;
                if folded % CHUNK == 0 {
                    folder.flush(&transaction)?;
                }
            }
            Ok(folded)
        })
    }
}

impl Store {
    /// The views as they stood at a moment: folded from the facts recorded until then.
    pub fn replay_until<T>(
        &self,
        at: jiff::Timestamp,
        read: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut past = Connection::open("")?;
        let transaction = past.transaction()?;
        views::create(&transaction)?;
        let mut folder = Folder::new(self.utc_offset());
        self.read(|ledger| {
            let mut statement = ledger.prepare(&format!(
                "SELECT {FACT_COLUMNS} FROM facts WHERE recorded_at <= ?1 ORDER BY seq"
            ))?;
            let mut rows = statement.query([at.as_millisecond()])?;
            while let Some(row) = rows.next()? {
                let fact = read_fact(row)?;
                views::fold(&transaction, &fact, &fact.read_body()?, &mut folder)?;
            }
            Ok(())
        })?;
        folder.flush(&transaction)?;
        read(&transaction)
    }
}

/// Drops the views and folds them anew, in one transaction.
pub(crate) fn rebuild(
    connection: &mut Connection,
    utc_offset: UtcOffset,
) -> Result<(u64, u64, String), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    views::drop_all(&transaction)?;
    views::create(&transaction)?;
    let (facts, left_out) = refold(&transaction, &transaction, utc_offset, None)?;
    let digest = digest(&transaction)?;
    transaction.commit()?;
    Ok((facts, left_out, digest))
}

/// Folds the facts of `ledger` into the empty views of `target`.
pub(crate) fn refold(
    ledger: &Connection,
    target: &Connection,
    utc_offset: UtcOffset,
    as_of: Option<Date>,
) -> Result<(u64, u64), StoreError> {
    let mut folder = Folder::new(utc_offset);
    let (mut folded, mut left_out) = (0, 0);
    let mut statement =
        ledger.prepare(&format!("SELECT {FACT_COLUMNS} FROM facts ORDER BY seq"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let fact = read_fact(row)?;
        let body = fact.read_body()?;
        if as_of.is_some_and(|day| body.known_on(fact.recorded_at, utc_offset) > day) {
            left_out += 1;
            continue;
        }
        views::fold(target, &fact, &body, &mut folder)?;
        folded += 1;
        if folded % CHUNK == 0 {
            folder.flush(target)?;
        }
    }
    folder.flush(target)?;
    Ok((folded, left_out))
}

fn hash_value(hasher: &mut blake3::Hasher, value: ValueRef<'_>) {
    let mut counted = |tag: u8, bytes: &[u8]| {
        hasher.update(&[tag]);
        hasher.update(&(bytes.len() as u64).to_be_bytes());
        hasher.update(bytes);
    };
    match value {
        ValueRef::Null => counted(0, &[]),
        ValueRef::Integer(n) => counted(1, &n.to_be_bytes()),
        ValueRef::Real(x) => counted(2, &x.to_bits().to_be_bytes()),
        ValueRef::Text(text) => counted(3, text),
        ValueRef::Blob(blob) => counted(4, blob),
    }
}

/// BLAKE3 over all rows of one view, in the order of its key.
pub(crate) fn table_digest(
    connection: &Connection,
    table: &str,
    key: &str,
) -> Result<[u8; 32], StoreError> {
    let mut statement = connection.prepare(&format!("SELECT * FROM {table} ORDER BY {key}"))?;
    let columns = statement.column_count();
    let mut rows = statement.query([])?;
    let mut hasher = blake3::Hasher::new();
    while let Some(row) = rows.next()? {
        for column in 0..columns {
            hash_value(&mut hasher, row.get_ref(column)?);
        }
    }
    Ok(*hasher.finalize().as_bytes())
}

/// BLAKE3 over all views, in hex.
pub(crate) fn digest(connection: &Connection) -> Result<String, StoreError> {
    let mut hasher = blake3::Hasher::new();
    for (table, key) in TABLES {
        hasher.update(&table_digest(connection, table, key)?);
    }
    Ok(hasher.finalize().to_hex().to_string())
}
