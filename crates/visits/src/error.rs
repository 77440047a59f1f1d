//! What can go wrong in the visit log.

use std::io;
use std::path::{Path, PathBuf};

/// Why the visit log could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum VisitsError {
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is not as it was written.
    #[error(
        "{path}: {what}. The file was altered or its disk fails: restore this folder from a backup"
    )]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: &'static str,
    },
    /// Another process writes here.
    #[error("{0}: another process writes visits here; end it first")]
    Locked(PathBuf),
    /// The writer sealed again and again while the log was copied.
    #[error(
        "{0}: visits were sealed each time the log was copied; try again when less is imported"
    )]
    Busy(PathBuf),
    /// No visit log in that folder.
    #[error("{0}: no visits were ever taken here")]
    NotThere(PathBuf),
    /// The folder was made for another offset from UTC, by which its days are cut.
    #[error("{path}: its days are cut {found} minutes east of UTC, not {asked}")]
    OtherOffset {
        /// The folder.
        path: PathBuf,
        /// Minutes east of UTC that it was made with.
        found: i32,
        /// Minutes east of UTC that were asked for.
        asked: i32,
    },
    /// Written by another version of the program.
    #[error("{path}: layout {found}; this program reads layout {expected}")]
    Layout {
        /// The file.
        path: PathBuf,
        /// Layout found.
        found: u32,
        /// Layout that this program reads.
        expected: u32,
    },
    /// A write failed before: what is on the disk is known only after the log is opened again.
    #[error("an earlier write failed; nothing more is taken until the visit log is opened again")]
    Halted,
    /// A batch with visits of days that are dropped already.
    #[error(
        "the batch holds visits of days that are no longer kept; check it against today's bounds"
    )]
    NotKept,
    /// More people or places than four thousand million.
    #[error("more people or places than a visit log can number")]
    Full,
}

impl VisitsError {
    pub(crate) fn io(path: &Path, source: io::Error) -> Self {
        Self::Io {
            path: path.to_owned(),
            source,
        }
    }

    pub(crate) fn corrupt(path: &Path, what: &'static str) -> Self {
        Self::Corrupt {
            path: path.to_owned(),
            what,
        }
    }
}

/// Gives an I/O error the file that it is about.
pub(crate) trait At<T> {
    fn at(self, path: &Path) -> Result<T, VisitsError>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, path: &Path) -> Result<T, VisitsError> {
        self.map_err(|source| VisitsError::io(path, source))
    }
}
