//! What can go wrong in the store.

use std::path::{Path, PathBuf};

use lianfang_core::facts::BodyError;
use lianfang_core::ids::FactId;

use crate::ledger::LedgerError;
use crate::views::FoldError;

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No store in that folder.
    #[error("no ledger in {0}: make one with `lianfang init --data-dir {0}`")]
    NotThere(PathBuf),
    /// A store is there already.
    #[error("{0} holds a ledger already; name an empty folder")]
    AlreadyThere(PathBuf),
    /// A folder that should be empty is not.
    #[error("{0} is not empty; name a new or empty folder")]
    NotEmpty(PathBuf),
    /// A file that should not be there is.
    #[error("{0} is there already; name a new file")]
    FileThere(PathBuf),
    /// The ledger has no founding fact.
    #[error("the ledger has no founding fact: it is not whole; restore a backup")]
    NotFounded,
    /// Written by another version of the program.
    #[error("the data folder is of layout {found}, this program reads layout {expected}")]
    Layout {
        /// Layout found.
        found: i64,
        /// Layout that this program reads.
        expected: i64,
    },
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The key file is not as it should be.
    #[error("{0}: not a key file of this program")]
    BadKeys(PathBuf),
    /// The database failed.
    #[error("database: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The ledger refused.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A fact does not fit what is known.
    #[error(transparent)]
    Fold(#[from] FoldError),
    /// A fact's body cannot be read.
    #[error(transparent)]
    Body(#[from] BodyError),
    /// The same id came with another content.
    #[error("fact {0} is in the ledger with another content; a new fact needs a new id")]
    IdReused(FactId),
    /// A login is taken.
    #[error("this login is taken")]
    LoginTaken,
    /// What is sealed does not open: altered, or another key file.
    #[error("a sealed record does not open: it was altered, or the key file is not its own")]
    Unsealable,
    /// The writer has stopped.
    #[error("the ledger's writer has stopped; restart the program")]
    WriterStopped,
    /// The whole group failed and was taken back.
    #[error("the write failed and was taken back: {0}")]
    GroupFailed(String),
    /// A batch beyond the bound.
    #[error("a batch takes at most {0} facts")]
    BatchTooLarge(usize),
    /// A row that this program could not have written.
    #[error("a stored {0} is not of its form: the file was altered outside this program")]
    Malformed(&'static str),
}

impl StoreError {
    pub(crate) fn io(path: &Path, source: std::io::Error) -> Self {
        Self::Io {
            path: path.to_owned(),
            source,
        }
    }
}
