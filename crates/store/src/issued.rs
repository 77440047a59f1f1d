//! Passes as they were issued: which code belongs to whom, until it expires.
//!
//! A pass is shown as a signed code with a random id. Which holder it was issued to stands here and in no ledger: it is a
//! session of the holder's, found by the hash of the whole code, so a code that is found was issued by this house, unaltered.
//! It is kept for as long as a gate's late scans of it are taken.
//! Only the newest code of a phone counts: an older one is a picture of it.

use std::sync::atomic::{AtomicU32, Ordering};

use jiff::Timestamp;
use lianfang_core::ids::{PassCodeId, PersonId};
use lianfang_core::passes::Colour;
use lianfang_core::words::Word;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::Store;
use crate::error::StoreError;

pub(crate) const TABLES: &str = "
CREATE TABLE IF NOT EXISTS access_passes (
  digest BLOB PRIMARY KEY,
  code BLOB NOT NULL,
  holder BLOB NOT NULL,
  colour INTEGER NOT NULL,
  issued_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  superseded_at INTEGER
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS access_passes_code ON access_passes (code);
CREATE INDEX IF NOT EXISTS access_passes_expires ON access_passes (expires_at);
";

/// A pass that was issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedPass {
    /// The first 16 bytes of BLAKE3 over the code's text.
    pub digest: [u8; 16],
    /// The code by which its holder opened it.
    pub code: PassCodeId,
    /// The holder.
    pub holder: PersonId,
    /// The colour that it says.
    pub colour: Colour,
    /// When.
    pub issued_at: Timestamp,
    /// First moment at which it is no longer valid.
    pub expires_at: Timestamp,
    /// When a newer one was issued.
    pub superseded_at: Option<Timestamp>,
}

/// The digest under which an issued code is found.
pub fn digest_of(text: &str) -> [u8; 16] {
    let mut digest = [0; 16];
    digest.copy_from_slice(&blake3::hash(text.as_bytes()).as_bytes()[..16]);
    digest
}

/// Writes down that a pass was issued; older ones of the same code count no more.
pub(crate) fn put(connection: &Connection, pass: &IssuedPass) -> Result<(), rusqlite::Error> {
    connection
        .prepare_cached(
            "UPDATE access_passes SET superseded_at = ?2 WHERE code = ?1 AND superseded_at IS NULL",
        )?
        .execute(params![
            pass.code.to_bytes(),
            pass.issued_at.as_millisecond()
        ])?;
    connection
        .prepare_cached(
            "INSERT INTO access_passes (digest, code, holder, colour, issued_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            pass.digest,
            pass.code.to_bytes(),
            pass.holder.to_bytes(),
            pass.colour.index() as i64,
            pass.issued_at.as_millisecond(),
            pass.expires_at.as_millisecond(),
        ])?;
    Ok(())
}

/// Forgets the passes that expired before this moment.
pub(crate) fn sweep(connection: &Connection, before: Timestamp) -> Result<(), rusqlite::Error> {
    connection
        .prepare_cached("DELETE FROM access_passes WHERE expires_at < ?1")?
        .execute([before.as_millisecond()])?;
    Ok(())
}

impl Store {
    /// A pass that was issued, found by its code's digest; none where it was not, or long ago.
    pub fn issued_pass(&self, digest: [u8; 16]) -> Result<Option<IssuedPass>, StoreError> {
        let moment = |ms: i64| Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MIN);
        let at = |row: &Row<'_>, column: &str| row.get(column).map(moment);
        self.read(|connection| {
            let found = connection
                .prepare_cached(
                    "SELECT code, holder, colour, issued_at, expires_at, superseded_at FROM access_passes WHERE digest = ?1",
                )?
                .query_row([digest], |row| {
                    let colour: usize = row.get::<_, i64>(2)? as usize;
                    Ok(IssuedPass {
                        digest,
                        code: PassCodeId::from_bytes(row.get(0)?),
                        holder: PersonId::from_bytes(row.get(1)?),
                        colour: Colour::ALL.get(colour).copied().unwrap_or(Colour::Red),
                        issued_at: at(row, "issued_at")?,
                        expires_at: at(row, "expires_at")?,
                        superseded_at: row.get::<_, Option<i64>>(5)?.map(moment),
                    })
                })
                .optional()?;
            Ok(found)
        })
    }
}

/// Marks on how often what is known of holders changed: whoever keeps an answer at hand reads the mark before it reads the
/// store, and drops the answer once the mark is another.
pub struct Marks {
    people: Box<[AtomicU32]>,
    keys: AtomicU32,
}

/// How many marks there are: holders share them.
const MARKS: usize = 1 << 16;

impl Default for Marks {
    fn default() -> Self {
        Self {
            people: (0..MARKS).map(|_| AtomicU32::new(0)).collect(),
            keys: AtomicU32::new(0),
        }
    }
}

impl Marks {
    fn of(&self, key: &[u8]) -> &AtomicU32 {
        let hash = blake3::hash(key);
        let bytes = hash.as_bytes();
        &self.people[usize::from(u16::from_le_bytes([bytes[0], bytes[1]])) % MARKS]
    }

    /// The mark of a holder.
    pub fn holder(&self, holder: PersonId) -> u32 {
        self.of(&holder.to_bytes()).load(Ordering::Acquire)
    }

    /// The mark of a code.
    pub fn code(&self, code: PassCodeId) -> u32 {
        self.of(&code.to_bytes()).load(Ordering::Acquire)
    }

    /// The mark of the keys that passes are verified against.
    pub fn keys(&self) -> u32 {
        self.keys.load(Ordering::Acquire)
    }

    pub(crate) fn touch_keys(&self) {
        self.keys.fetch_add(1, Ordering::AcqRel);
    }

    pub(crate) fn touch_holder(&self, holder: PersonId) {
        self.of(&holder.to_bytes()).fetch_add(1, Ordering::AcqRel);
    }

    pub(crate) fn touch_code(&self, code: PassCodeId) {
        self.of(&code.to_bytes()).fetch_add(1, Ordering::AcqRel);
    }

    /// Every mark changes: another process wrote.
    pub fn touch_all(&self) {
        for mark in &self.people {
            mark.fetch_add(1, Ordering::AcqRel);
        }
        self.touch_keys();
    }
}
