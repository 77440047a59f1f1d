//! The visit log, open to write.

use std::fs::{DirBuilder, File, TryLockError};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::thread::JoinHandle;

use jiff::civil::Date;
use lianfang_core::time::{UtcOffset, day_number};

use crate::batch::{Batch, Receipt};
use crate::error::{At, VisitsError};
use crate::ids;
use crate::journal::Journal;
use crate::load::{self, PEOPLE, PLACES, Remembered};
use crate::manifest::{Manifest, Root};
use crate::seal::Books;
use crate::snapshot::Snapshot;
use crate::state::{Names, State, read};

/// How a visit log is kept.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Where days begin. Fixed when the log is made.
    pub offset: UtcOffset,
    /// After so many visits in memory they are sealed, in the background. Each takes about 32
    /// bytes; up to three times as many are in memory while they are being sealed.
    pub seal_at: u64,
}

impl Settings {
    /// Seals at four million visits.
    pub fn new(offset: UtcOffset) -> Self {
        Self {
            offset,
            seal_at: 4_000_000,
        }
    }
}

/// What opening found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened {
    /// Bytes cut from the end of the journal: a write that was never acknowledged.
    pub cut: u64,
    /// Visits that were in the journal only.
    pub unsealed: u64,
}

/// A folder of visits, open to write. There is one writer for a folder; readers take a
/// [`Snapshot`].
pub struct VisitLog {
    inner: Arc<Inner>,
    sealer: Mutex<Option<JoinHandle<Result<(), VisitsError>>>>,
    remover: Mutex<Option<JoinHandle<()>>>,
    opened: Opened,
    in_journal: Vec<Receipt>,
    _lock: File,
}

pub(crate) struct Inner {
    pub(crate) folder: PathBuf,
    pub(crate) settings: Settings,
    pub(crate) names: Arc<Names>,
    pub(crate) state: RwLock<Arc<State>>,
    /// Taken after `books`, where both are.
    pub(crate) writer: Mutex<Writer>,
    pub(crate) books: Mutex<Books>,
}

pub(crate) struct Writer {
    pub(crate) journal: Journal,
    pub(crate) remembered: Remembered,
    /// Visits in runs, without those being sealed.
    pub(crate) unsealed: u64,
    /// A write failed; what the disk holds is not known.
    pub(crate) halted: bool,
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl VisitLog {
    /// Opens the log in `folder`, or makes one.
    pub fn open(folder: &Path, settings: Settings) -> Result<Self, VisitsError> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .at(folder)?;
        let path = folder.join("LOCK");
        let held = File::create(&path).at(&path)?;
        match held.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(VisitsError::Locked(folder.to_owned())),
            Err(TryLockError::Error(error)) => return Err(VisitsError::io(&path, error)),
        }
        let manifest = match Manifest::read(folder)? {
            Some(manifest) => manifest,
            None => found(folder, settings.offset)?,
        };
        if manifest.offset_minutes != settings.offset.minutes() {
            return Err(VisitsError::OtherOffset {
                path: folder.to_owned(),
                found: manifest.offset_minutes,
                asked: settings.offset.minutes(),
            });
        }
        let loaded = load::load(folder, &manifest)?;
        load::remove_strays(folder, &manifest, &loaded.state)?;
        let journal = Journal::open(folder, loaded.journal, loaded.next_frame, loaded.tail)?;
        let books = Books {
            people: ids::open_file(
                &folder.join(PEOPLE),
                loaded.people_digest,
                manifest.people.count,
            )?,
            places: ids::open_file(
                &folder.join(PLACES),
                loaded.places_digest,
                manifest.places.count,
            )?,
            manifest,
        };
        Ok(Self {
            inner: Arc::new(Inner {
                folder: folder.to_owned(),
                settings,
                names: Arc::new(loaded.names),
                state: RwLock::new(Arc::new(loaded.state)),
                writer: Mutex::new(Writer {
                    journal,
                    remembered: loaded.remembered,
                    unsealed: loaded.unsealed,
                    halted: false,
                }),
                books: Mutex::new(books),
            }),
            sealer: Mutex::new(None),
            remover: Mutex::new(None),
            opened: Opened {
                cut: loaded.tail.torn,
                unsealed: loaded.unsealed,
            },
            in_journal: loaded.receipts,
            _lock: held,
        })
    }

    /// What opening found.
    pub fn opened(&self) -> Opened {
        self.opened
    }

    /// Receipts of the batches that opening found in the journal, in order, those
    /// [passing](Batch::passing) aside: the ledger may lack the newest, where the process before
    /// ended between taking it and recording it.
    pub fn in_journal(&self) -> &[Receipt] {
        &self.in_journal
    }

    /// Takes batches. When this returns, they are durable, and in every snapshot taken from then
    /// on. Many small batches in one call share one sync. A batch that was taken before (the same
    /// digest) adds nothing. If a batch has visits of days that are dropped, none of the call's is
    /// taken. After any other error, open the log again and send the same batches again.
    pub fn append(&self, batches: &[Batch]) -> Result<Vec<Receipt>, VisitsError> {
        // Before anything is taken, so that what fails here has taken nothing.
        self.seal_if_due()?;
        let mut writer = lock(&self.inner.writer);
        self.inner.take(&mut writer, batches)
    }

    /// Seals in the background once there is enough; waits while twice as much is there.
    fn seal_if_due(&self) -> Result<(), VisitsError> {
        let mut sealer = lock(&self.sealer);
        if lock(&self.inner.writer).unsealed < self.inner.settings.seal_at {
            return Ok(());
        }
        if let Some(running) = sealer.take() {
            join(running)?;
        }
        let inner = Arc::clone(&self.inner);
        *sealer = Some(std::thread::spawn(move || inner.seal().map(|_| ())));
        Ok(())
    }

    /// Visits in memory and in the journal that wait to be sealed.
    pub fn unsealed(&self) -> u64 {
        lock(&self.inner.writer).unsealed
    }

    /// Seals all that is in memory. Readers and writers go on meanwhile.
    pub fn seal(&self) -> Result<Root, VisitsError> {
        if let Some(running) = lock(&self.sealer).take() {
            join(running)?;
        }
        self.inner.seal()
    }

    /// Seals, and makes one part of the parts of each day: after an import, and each night.
    pub fn settle(&self) -> Result<Root, VisitsError> {
        self.seal()?;
        self.inner.settle()
    }

    /// Drops all days before `day`: when this returns, no new snapshot has their visits, also not
    /// after a crash, and none of theirs is taken any more. What began before `day` and lasted into
    /// it is gone too. The files are removed in the background, at the latest when the log is
    /// closed, or opened again.
    pub fn drop_before(&self, day: Date) -> Result<Root, VisitsError> {
        let (root, parts) = self.inner.drop_before(day_number(day))?;
        let mut remover = lock(&self.remover);
        let before = remover.take();
        *remover = Some(std::thread::spawn(move || {
            for part in parts {
                part.remove();
            }
            before.map(JoinHandle::join);
        }));
        Ok(root)
    }

    /// What stands for all that is sealed, for the ledger.
    pub fn root(&self) -> Root {
        lock(&self.inner.books).manifest.root()
    }

    /// All that was taken up to now.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            state: Arc::clone(&read(&self.inner.state)),
            names: Arc::clone(&self.inner.names),
            offset: self.inner.settings.offset,
        }
    }
}

impl Drop for VisitLog {
    fn drop(&mut self) {
        if let Some(running) = lock(&self.sealer).take() {
            // What could not be sealed is in the journal still.
            let _ = running.join();
        }
        if let Some(running) = lock(&self.remover).take() {
            // What could not be removed is removed when the log is opened again.
            let _ = running.join();
        }
    }
}

fn join(running: JoinHandle<Result<(), VisitsError>>) -> Result<(), VisitsError> {
    running.join().unwrap_or(Err(VisitsError::Halted))
}

/// Makes an empty log: its first journal, then the manifest that names it.
fn found(folder: &Path, offset: UtcOffset) -> Result<Manifest, VisitsError> {
    let mut manifest = Manifest::new(offset.minutes());
    Journal::create(folder, manifest.first_journal, manifest.first_frame)?;
    manifest.write(folder)?;
    Ok(manifest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_a_failed_write_nothing_is_taken_until_the_log_is_opened_again() {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings::new(UtcOffset::CHINA);
        let log = VisitLog::open(folder.path(), settings).unwrap();
        lock(&log.inner.writer).halted = true;
        let tomorrow = Date::constant(2020, 2, 9);
        assert!(matches!(log.seal(), Err(VisitsError::Halted)));
        assert!(matches!(
            log.drop_before(tomorrow),
            Err(VisitsError::Halted)
        ));
        drop(log);
        let log = VisitLog::open(folder.path(), settings).unwrap();
        assert!(log.seal().is_ok() && log.drop_before(tomorrow).is_ok());
    }
}
