//! Backups, taken while the system serves, and put back into an empty folder.
//!
//! A backup holds the database and the checkpoints. The keys are copied only when asked for:
//! whoever has a backup without them can read no personal data.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::error::StoreError;
use crate::keys::Keys;
use crate::{Clock, DATABASE, Store, ledger};

/// What a backup or a restore did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BackupReport {
    /// The folder written.
    pub folder: PathBuf,
    /// The newest fact in it.
    pub seq: u64,
    /// Bytes of the database.
    pub bytes: u64,
    /// Whether the keys are in it.
    pub with_keys: bool,
}

fn copy_checkpoints(from: &Path, to: &Path) -> Result<(), StoreError> {
    let (from, to) = (from.join("checkpoints"), to.join("checkpoints"));
    let Ok(files) = std::fs::read_dir(&from) else {
        return Ok(());
    };
    std::fs::create_dir_all(&to).map_err(|e| StoreError::io(&to, e))?;
    for file in files {
        let file = file.map_err(|e| StoreError::io(&from, e))?;
        std::fs::copy(file.path(), to.join(file.file_name()))
            .map_err(|e| StoreError::io(&file.path(), e))?;
    }
    Ok(())
}

fn copy_keys(from: &Path, to: &Path) -> Result<(), StoreError> {
    let (from, to) = (Keys::path(from), Keys::path(to));
    std::fs::copy(&from, &to).map_err(|e| StoreError::io(&from, e))?;
    Ok(())
}

fn is_empty_or_absent(folder: &Path) -> bool {
    std::fs::read_dir(folder).map_or(true, |mut files| files.next().is_none())
}

fn sync(path: &Path) -> Result<(), StoreError> {
    std::fs::File::open(path)
        .and_then(|file| file.sync_all())
        .map_err(|e| StoreError::io(path, e))
}

impl Store {
    /// Writes a consistent copy of the store into `folder`, which must be empty or absent.
    /// Reading and writing go on meanwhile.
    pub fn backup(&self, folder: &Path, with_keys: bool) -> Result<BackupReport, StoreError> {
        if !is_empty_or_absent(folder) {
            return Err(StoreError::NotEmpty(folder.to_owned()));
        }
        std::fs::create_dir_all(folder).map_err(|e| StoreError::io(folder, e))?;
        let path = folder.join(DATABASE);
        let source = crate::schema::open_reader(&self.folder().join(DATABASE))?;
        source.execute("VACUUM INTO ?1", [path.to_string_lossy()])?;
        copy_checkpoints(self.folder(), folder)?;
        if with_keys {
            copy_keys(self.folder(), folder)?;
        }
        sync(&path)?;
        let copy = crate::schema::open_reader(&path)?;
        let seq = ledger::last_seq(&copy)?;
        let bytes = std::fs::metadata(&path)
            .map_err(|e| StoreError::io(&path, e))?
            .len();
        Ok(BackupReport {
            folder: folder.to_owned(),
            seq,
            bytes,
            with_keys,
        })
    }

    /// Puts a backup back into `folder`, which must be empty or absent, and opens it. `keys` is
    /// the folder that holds `keys.json`; the backup itself where it was taken with keys.
    pub fn restore(
        backup: &Path,
        keys: &Path,
        folder: &Path,
        clock: Clock,
    ) -> Result<(Self, BackupReport), StoreError> {
        if !backup.join(DATABASE).exists() {
            return Err(StoreError::NotThere(backup.to_owned()));
        }
        if !is_empty_or_absent(folder) {
            return Err(StoreError::NotEmpty(folder.to_owned()));
        }
        Keys::open(keys)?;
        std::fs::create_dir_all(folder).map_err(|e| StoreError::io(folder, e))?;
        copy_keys(keys, folder)?;
        copy_checkpoints(backup, folder)?;
        let path = folder.join(DATABASE);
        std::fs::copy(backup.join(DATABASE), &path).map_err(|e| StoreError::io(&path, e))?;
        sync(&path)?;
        let store = Self::open(folder, clock)?;
        let bytes = std::fs::metadata(&path)
            .map_err(|e| StoreError::io(&path, e))?
            .len();
        let report = BackupReport {
            folder: folder.to_owned(),
            seq: store.last_seq()?,
            bytes,
            with_keys: true,
        };
        Ok((store, report))
    }
}
