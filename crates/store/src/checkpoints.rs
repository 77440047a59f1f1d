//! Checkpoints: the heads of all chains at a moment, signed, written out beside the ledger.
//!
//! Whoever keeps a copy of one can prove that nothing before it was rewritten, even by somebody
//! who holds the keys and the whole database.

use std::collections::BTreeMap;

use ed25519_dalek::Signature;
use jiff::Timestamp;
use lianfang_core::areas::AreaCode;
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::keys::{Keys, hex, unhex};
use crate::{Store, ledger, schema};

const FOLDER: &str = "checkpoints";

/// The heads of all chains at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// The newest fact's place in this node's order.
    pub seq: u64,
    /// When it was made.
    pub at: Timestamp,
    /// For each chain its newest place and hash (hex).
    pub heads: BTreeMap<AreaCode, (u64, String)>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Signed {
    content: String,
    signature: String,
}

impl Signed {
    /// The checkpoint, if the signature is this store's.
    pub(crate) fn open(&self, keys: &Keys) -> Option<Checkpoint> {
        let signature = Signature::from_bytes(&unhex(&self.signature)?);
        keys.verifying_key()
            .verify_strict(&message(&self.content), &signature)
            .ok()?;
        serde_json::from_str(&self.content).ok()
    }
}

fn message(content: &str) -> Vec<u8> {
    [b"lianfang checkpoint 1\0".as_slice(), content.as_bytes()].concat()
}

impl Store {
    /// Makes a checkpoint of the ledger as it stands, keeps it in the database and writes it to
    /// `checkpoints/` in the data folder.
    pub fn checkpoint(&self) -> Result<Checkpoint, StoreError> {
        let (seq, heads) = self.read(|connection| {
            let mut statement =
                connection.prepare("SELECT chain, chain_seq, hash FROM heads ORDER BY chain")?;
            let rows = statement.query_map([], |row| {
                Ok((
                    row.get::<_, i64>(0)? as u64,
                    row.get::<_, i64>(1)? as u64,
                    row.get::<_, [u8; 32]>(2)?,
                ))
            })?;
            let mut heads = BTreeMap::new();
            for row in rows {
                let (chain, chain_seq, hash) = row?;
                let chain =
                    AreaCode::from_u64(chain).map_err(|_| StoreError::Malformed("area code"))?;
                heads.insert(chain, (chain_seq, hex(&hash)));
            }
            Ok((ledger::last_seq(connection)?, heads))
        })?;
        let checkpoint = Checkpoint {
            seq,
            at: self.now(),
            heads,
        };
        let content = serde_json::to_string(&checkpoint).expect("a checkpoint is plain values");
        let signature = self.keys.sign(&message(&content));
        let connection = schema::open_writer(&self.folder.join(crate::DATABASE))?;
        connection.execute(
            "INSERT INTO checkpoints (seq, at, content, signature) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (seq) DO UPDATE SET at = ?2, content = ?3, signature = ?4",
            params![
                seq as i64,
                checkpoint.at.as_millisecond(),
                content,
                signature
            ],
        )?;
        let folder = self.folder.join(FOLDER);
        std::fs::create_dir_all(&folder).map_err(|e| StoreError::io(&folder, e))?;
        let path = folder.join(format!("{seq:012}.json"));
        let signed = Signed {
            content,
            signature: hex(&signature),
        };
        let text = serde_json::to_string_pretty(&signed).expect("two strings serialise");
        std::fs::write(&path, text).map_err(|e| StoreError::io(&path, e))?;
        Ok(checkpoint)
    }

    /// All checkpoints kept in the database, newest first.
    pub fn checkpoints(&self) -> Result<Vec<(Checkpoint, String)>, StoreError> {
        self.read(|connection| {
            let mut statement = connection
                .prepare("SELECT content, signature FROM checkpoints ORDER BY seq DESC")?;
            let rows = statement.query_map([], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?))
            })?;
            let mut checkpoints = Vec::new();
            for row in rows {
                let (content, signature) = row?;
                if let Ok(checkpoint) = serde_json::from_str(&content) {
                    checkpoints.push((checkpoint, hex(&signature)));
                }
            }
            Ok(checkpoints)
        })
    }
}

/// A checkpoint as kept, with the name it goes by; `None` where it is not of its form.
pub(crate) type Kept = (String, Option<Signed>);

/// Every checkpoint kept in the database.
pub(crate) fn kept_within(connection: &Connection) -> Result<Vec<Kept>, StoreError> {
    let mut statement =
        connection.prepare("SELECT seq, content, signature FROM checkpoints ORDER BY seq")?;
    let kept = statement
        .query_map([], |row| {
            let signed = Signed {
                content: row.get(1)?,
                signature: hex(&row.get::<_, Vec<u8>>(2)?),
            };
            Ok((
                format!("database, at {}", row.get::<_, i64>(0)?),
                Some(signed),
            ))
        })?
        .collect::<Result<_, _>>()?;
    Ok(kept)
}

/// Every checkpoint kept in files beside the database.
pub(crate) fn kept_beside(folder: &std::path::Path) -> Vec<Kept> {
    let mut kept = Vec::new();
    if let Ok(files) = std::fs::read_dir(folder.join(FOLDER)) {
        let mut paths: Vec<_> = files.filter_map(|file| Some(file.ok()?.path())).collect();
        paths.sort();
        for path in paths {
            let name = path
                .file_name()
                .map(|n| n.to_string_lossy().into_owned())
                .unwrap_or_default();
            let signed = std::fs::read_to_string(&path)
                .ok()
                .and_then(|text| serde_json::from_str(&text).ok());
            kept.push((name, signed));
        }
    }
    kept
}
