//! The visit log of the house: opened when it is needed, written by one process at a time, and
//! every change of it recorded in the ledger.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use jiff::ToSpan;
use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::facts::{Body, DayVisits, SealedHow, VisitsDropped, VisitsSealed, VisitsTaken};
use lianfang_core::ids::FactId;
use lianfang_core::time::UtcOffset;
use lianfang_store::Batch as StoreBatch;
use lianfang_store::views::visits as view;
use lianfang_visits::{Batch, Receipt, Root, Settings, Snapshot, VisitLog};

use super::forgetting::Fading;
use super::register::Register;
use crate::{Actor, House, Refusal, locked};

/// The name of its folder in the data folder.
pub(super) const FOLDER: &str = "visits";
/// Visits in memory from which on they are sealed.
const SEAL_AT: u64 = 4_000_000;
/// A log to which nothing was written for so long is let go, so that another process may write.
const IDLE: Duration = Duration::from_secs(60);

/// What is kept at hand.
#[derive(Default)]
pub(crate) struct Kept {
    writer: Mutex<Option<Writer>>,
    reader: Mutex<Option<Reader>>,
    pub(super) register: Mutex<Arc<Register>>,
    pub(super) fading: Mutex<Fading>,
}

struct Writer {
    log: VisitLog,
    used: Instant,
}

struct Reader {
    snapshot: Snapshot,
    /// How the folder looked when it was read; none where this process writes.
    stamp: Option<Stamp>,
}

/// What tells whether another process wrote: names, lengths and times of the manifest and journals.
type Stamp = Vec<(std::ffi::OsString, u64, SystemTime)>;

fn stamp(folder: &Path) -> Option<Stamp> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).ok()? {
        let entry = entry.ok()?;
        let name = entry.file_name();
        let text = name.to_string_lossy();
        if text == "MANIFEST" || text.starts_with("journal-") {
            // A journal that is gone meanwhile is another state.
            let data = entry.metadata().ok()?;
            found.push((name, data.len(), data.modified().ok()?));
        }
    }
    found.sort_unstable();
    (!found.is_empty()).then_some(found)
}

impl House {
    /// Where visits are kept.
    pub(super) fn visits_folder(&self) -> PathBuf {
        self.store.folder().join(FOLDER)
    }

    /// All visits taken up to now; none where there never was one.
    pub(super) fn visits_read(&self) -> Result<Option<Snapshot>, Refusal> {
        let folder = self.visits_folder();
        let mut reader = locked(&self.visits.reader);
        let now = match &*reader {
            Some(Reader {
                snapshot,
                stamp: None,
            }) => return Ok(Some(snapshot.clone())),
            _ => stamp(&folder),
        };
        let Some(now) = now else {
            return Ok(None);
        };
        if let Some(Reader { snapshot, stamp }) = &*reader
            && stamp.as_ref() == Some(&now)
        {
            return Ok(Some(snapshot.clone()));
        }
        let snapshot = Snapshot::open(&folder)?;
        *reader = Some(Reader {
            snapshot: snapshot.clone(),
            stamp: Some(now),
        });
        Ok(Some(snapshot))
    }

    /// Writes to the log. Whatever fails lets go of it: opening it again finds out what it holds.
    fn visits_write<T>(
        &self,
        write: impl FnOnce(&VisitLog) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let mut held = locked(&self.visits.writer);
        let log = match held.take() {
            Some(Writer { log, .. }) => log,
            None => self.open_visits()?,
        };
        let done = write(&log);
        match &done {
            Ok(_) => {
                *locked(&self.visits.reader) = Some(Reader {
                    snapshot: log.snapshot(),
                    stamp: None,
                });
                *held = Some(Writer {
                    log,
                    used: Instant::now(),
                });
            }
            Err(_) => *locked(&self.visits.reader) = None,
        }
        done
    }

    /// Opens the log to write, and records what the ledger lacks: batches in the journal, and the
    /// digest of what is sealed.
    fn open_visits(&self) -> Result<VisitLog, Refusal> {
        let settings = Settings {
            // The house seals itself, once all is recorded.
            seal_at: u64::MAX,
            ..Settings::new(self.store.utc_offset())
        };
        let log = VisitLog::open(&self.visits_folder(), settings)?;
        let actor = Actor::house("visits");
        self.record_taken(&actor, self.store.root(), log.in_journal())?;
        let said = self.store.read(|c| Ok(view::said(c)?))?;
        let root = log.root();
        if said.blake3.as_ref() != Some(&root.blake3) {
            let kept_from = log.snapshot().kept_from();
            let body = match kept_from.filter(|_| kept_from != said.kept_from) {
                Some(kept_from) => dropped(kept_from, &root),
                None if said.blake3.is_none() => sealed(SealedHow::Sealed, &root),
                None => sealed(SealedHow::Found, &root),
            };
            self.append(&actor, [(self.store.root(), body)])?;
        }
        Ok(log)
    }

    /// Opens the log to write, if this process may.
    pub(crate) fn hold_visits(&self) -> Result<(), Refusal> {
        self.visits_write(|_| Ok(()))
    }

    /// Takes a batch: durable, and recorded, when this returns.
    pub(crate) fn take_visits(
        &self,
        actor: &Actor,
        area: AreaCode,
        batch: Batch,
    ) -> Result<Receipt, Refusal> {
        self.visits_write(|log| {
            let mut receipts = log.append(&[batch])?;
            self.record_taken(actor, area, &receipts)?;
            if log.unsealed() >= SEAL_AT {
                self.record_sealed(&log.seal()?, SealedHow::Sealed)?;
            }
            receipts.pop().ok_or(Refusal::NotFound("receipt"))
        })
    }

    /// Records batches that the ledger does not have yet.
    fn record_taken(
        &self,
        actor: &Actor,
        area: AreaCode,
        receipts: &[Receipt],
    ) -> Result<(), Refusal> {
        let offset = self.store.utc_offset();
        for receipt in receipts.iter().filter(|receipt| !receipt.days.is_empty()) {
            let id = self.taken_id(offset, receipt);
            if self.store.fact_by_id(id)?.is_some() {
                continue;
            }
            let body = Body::VisitsTaken(VisitsTaken {
                digest: receipt.digest.to_string(),
                visits: receipt.days.iter().map(|day| day.tally.visits).sum(),
                days: receipt
                    .days
                    .iter()
                    .map(|day| DayVisits {
                        day: day.day,
                        visits: day.tally.visits,
                        sum: day.tally.sum,
                    })
                    .collect(),
            });
            let draft = self.draft_as(id, actor, area, body);
            self.store.append(StoreBatch::of([draft]))?;
        }
        Ok(())
    }

    /// The id of the fact about a batch: the same whenever it comes.
    fn taken_id(&self, offset: UtcOffset, receipt: &Receipt) -> FactId {
        let newest = receipt.days.last().map_or(0, |day| {
            offset
                .start_of(day.day)
                .as_millisecond()
                .max(0)
                .unsigned_abs()
        });
        let text = receipt.digest.to_string();
        FactId::from_parts(
            newest,
            u128::from_be_bytes(self.store.blind("visits taken", &text)),
        )
    }

    fn record_sealed(&self, root: &Root, how: SealedHow) -> Result<(), Refusal> {
        let said = self.store.read(|c| Ok(view::said(c)?))?;
        if said.blake3.as_ref() == Some(&root.blake3) {
            return Ok(());
        }
        let body = sealed(how, root);
        self.append(&Actor::house("visits"), [(self.store.root(), body)])
    }

    /// Seals what is in memory, and makes one part of each day's: after an import, and each day.
    pub(crate) fn settle_visits(&self) -> Result<(), Refusal> {
        self.visits_write(|log| self.record_sealed(&log.settle()?, SealedHow::Settled))
    }

    /// Drops the days that are no longer kept.
    pub fn drop_old_visits(&self) -> Result<(), Refusal> {
        let policy = self.policy()?;
        let Ok(settings) = policy.visits() else {
            return Ok(());
        };
        let kept_from = first_kept(self.today(), settings.keep_days);
        let said = self.store.read(|c| Ok(view::said(c)?))?;
        if said.days.first().is_none_or(|first| first.day >= kept_from) {
            return Ok(());
        }
        self.visits_write(|log| {
            let root = log.drop_before(kept_from)?;
            let body = dropped(kept_from, &root);
            self.append(&Actor::house("visits"), [(self.store.root(), body)])
        })
    }

    /// Lets go of a log to which nothing was written for a minute, so that another process may
    /// write; with `settle`, sealed and merged before.
    pub fn rest_visits(&self, settle: bool) -> Result<(), Refusal> {
        let idle = locked(&self.visits.writer)
            .as_ref()
            .map(|writer| (writer.used.elapsed() >= IDLE, writer.log.unsealed() > 0));
        match idle {
            Some((_, true)) if settle => self.settle_visits()?,
            Some((true, _)) => {
                let mut held = locked(&self.visits.writer);
                if held
                    .as_ref()
                    .is_some_and(|writer| writer.used.elapsed() >= IDLE)
                {
                    *locked(&self.visits.reader) = None;
                    *held = None;
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// The first day that is kept, today being one of so many.
pub(super) fn first_kept(today: Date, keep_days: u32) -> Date {
    today
        .checked_sub(i64::from(keep_days.saturating_sub(1)).days())
        .unwrap_or(Date::MIN)
}

fn sealed(how: SealedHow, root: &Root) -> Body {
    Body::VisitsSealed(VisitsSealed {
        generation: root.generation,
        blake3: root.blake3.clone(),
        how,
    })
}

fn dropped(kept_from: Date, root: &Root) -> Body {
    Body::VisitsDropped(VisitsDropped {
        kept_from,
        generation: root.generation,
        blake3: root.blake3.clone(),
    })
}
