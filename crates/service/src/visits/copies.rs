//! The visit log in a backup: copied beside the database, and put back.

use std::path::Path;

use lianfang_store::BackupReport;
use lianfang_visits::Copied;
use serde::Serialize;

use super::log::FOLDER;
use crate::{House, Refusal};

/// What a backup holds.
#[derive(Debug, Clone, Serialize)]
pub struct BackedUp {
    /// The database, checkpoints and, if asked for, the keys.
    #[serde(flatten)]
    pub store: BackupReport,
    /// The visit log; none where no visit was ever taken.
    pub visits: Option<Copied>,
}

impl House {
    /// Copies the database and the visit log into `folder`, which must be empty or absent, while the system serves. The log
    /// is copied last: it may know of a batch that the copied ledger does not, never the other way.
    pub fn backup(&self, folder: &Path, with_keys: bool) -> Result<BackedUp, Refusal> {
        let store = self.store.backup(folder, with_keys)?;
        let visits = lianfang_visits::copy(&self.visits_folder(), &folder.join(FOLDER))?;
        Ok(BackedUp { store, visits })
    }

    /// Puts the visit log of a backup back, and records what the ledger lacks of it. For a data folder that was just restored.
    pub fn restore_visits(&self, backup: &Path) -> Result<Option<Copied>, Refusal> {
        let copied = lianfang_visits::copy(&backup.join(FOLDER), &self.visits_folder())?;
        if copied.is_some() {
            self.hold_visits()?;
        }
        Ok(copied)
    }
}
