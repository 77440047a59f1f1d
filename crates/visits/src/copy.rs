//! A copy of the whole log, taken while somebody writes it.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::Path;

use serde::Serialize;

use crate::error::{At, VisitsError};
use crate::manifest::{Manifest, NAME, NEW};
use crate::snapshot::Snapshot;

/// The file by which a writer keeps others out. It belongs to its folder.
const LOCK: &str = "LOCK";
/// How often a copy begins anew where the writer sealed meanwhile.
const TRIES: usize = 8;

/// What a copy holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Copied {
    /// Files.
    pub files: usize,
    /// Bytes of them.
    pub bytes: u64,
    /// Visits as they were received, of days that are kept.
    pub visits: u64,
}

/// Copies the log in `from` to `to`, a folder that is not there yet; nothing where there is no log. What was taken before the call
/// is in the copy; a batch that comes meanwhile may be. The copy is read once, so it can be opened.
pub fn copy(from: &Path, to: &Path) -> Result<Option<Copied>, VisitsError> {
    for left in (0..TRIES).rev() {
        let Some(manifest) = Manifest::read(from)? else {
            return Ok(None);
        };
        fs::create_dir(to).at(to)?;
        let done = copy_files(from, to).and_then(|copied| {
            let snapshot = Snapshot::open(to)?;
            let visits = snapshot.days().iter().map(|day| day.tally.visits).sum();
            Ok(Copied { visits, ..copied })
        });
        let same = Manifest::read(from)?.is_some_and(|now| now.generation == manifest.generation);
        match done {
            Ok(copied) if same => return Ok(Some(copied)),
            // A journal that ended while it was copied looks like a damaged one: the next try tells.
            Err(error) if left == 0 => {
                fs::remove_dir_all(to).at(to)?;
                return Err(error);
            }
            _ => fs::remove_dir_all(to).at(to)?,
        }
    }
    Err(VisitsError::Busy(from.to_owned()))
}

fn copy_files(from: &Path, to: &Path) -> Result<Copied, VisitsError> {
    let mut copied = Copied {
        files: 0,
        bytes: 0,
        visits: 0,
    };
    for entry in fs::read_dir(from).at(from)? {
        let name = entry.at(from)?.file_name();
        if [LOCK, NEW, NAME].iter().any(|other| name == *other) {
            continue;
        }
        copied.add(&from.join(&name), &to.join(&name))?;
    }
    // The manifest last: what it names is there before it.
    copied.add(&from.join(NAME), &to.join(NAME))?;
    File::open(to).and_then(|folder| folder.sync_all()).at(to)?;
    Ok(copied)
}

impl Copied {
    fn add(&mut self, from: &Path, to: &Path) -> Result<(), VisitsError> {
        match fs::copy(from, to) {
            Ok(bytes) => {
                File::open(to).and_then(|file| file.sync_all()).at(to)?;
                self.files += 1;
                self.bytes += bytes;
                Ok(())
            }
            // Sealed or dropped meanwhile: the newer manifest names it no more.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error).at(from),
        }
    }
}
