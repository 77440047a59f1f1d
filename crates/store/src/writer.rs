//! The one writer: gathers what is waiting, folds it in one transaction, syncs once, answers.
//!
//! A batch that does not fit what is known is taken back alone (a savepoint each) and refused
//! with its reason; the others of its group go through. Nobody is answered before the sync.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread::JoinHandle;

use jiff::Timestamp;
use lianfang_core::areas::AreaCode;
use lianfang_core::facts::{Body, Draft};
use lianfang_core::ids::{FactId, ImportId, PassCodeId, PersonId};
use lianfang_core::time::UtcOffset;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use crate::Clock;
use crate::access::{self, AccessWrite};
use crate::error::StoreError;
use crate::imports;
use crate::issued::Marks;
use crate::keys::Keys;
use crate::ledger::{self, Heads, Ledger};
use crate::vault::{self, SealedPerson};
use crate::views::{self, Folder};

/// Batches waiting at most, before those who bring more must wait.
const QUEUE: usize = 1_024;
/// Facts that one group takes at most.
const GROUP_FACTS: usize = 20_000;
/// Facts that one batch takes at most.
const BATCH_FACTS: usize = 25_000;

/// Facts to append, with what must become durable along with them.
#[derive(Debug, Default)]
pub struct Batch {
    /// The facts, in order.
    pub facts: Vec<Draft>,
    /// People's sealed data.
    pub people: Vec<SealedPerson>,
    /// People to be forgotten.
    pub forget: Vec<PersonId>,
    /// Changes to credentials, sessions and tokens.
    pub access: Vec<AccessWrite>,
    /// An import's report and its refused rows.
    pub import: Option<ImportRecord>,
    /// Refused rows of imports made before this moment go.
    pub drop_refused_before: Option<Timestamp>,
}

/// An import's report, kept beside the ledger for those who made it.
#[derive(Debug)]
pub struct ImportRecord {
    /// The import.
    pub import: ImportId,
    /// When.
    pub at: Timestamp,
    /// The area it was made for.
    pub area: AreaCode,
    /// The report as JSON; holds no personal data.
    pub report: String,
    /// The refused rows as a file, sealed, or empty.
    pub refused: Vec<u8>,
}

impl Batch {
    /// Facts alone.
    pub fn of(facts: impl IntoIterator<Item = Draft>) -> Self {
        Self {
            facts: facts.into_iter().collect(),
            ..Self::default()
        }
    }

    /// The codes of passes that were issued or ended with it.
    fn codes(&self) -> Vec<PassCodeId> {
        let issued = self.access.iter().filter_map(|write| match write {
            AccessWrite::Pass(pass) => Some(pass.code),
            _ => None,
        });
        let ended = self.facts.iter().filter_map(|draft| match &draft.body {
            Body::PassCodeEnded(ended) => Some(ended.code),
            _ => None,
        });
        issued.chain(ended).collect()
    }

    /// Whether keys of passes change with it.
    fn has_keys(&self) -> bool {
        self.facts
            .iter()
            .any(|draft| matches!(draft.body, Body::PassKeyListed(_) | Body::PassKeyRevoked(_)))
    }

    /// A change of credentials alone.
    pub fn access(write: AccessWrite) -> Self {
        Self {
            access: vec![write],
            ..Self::default()
        }
    }
}

/// Where a fact stands in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// Its id.
    pub id: FactId,
    /// Its place.
    pub seq: u64,
    /// It was there already: sent a second time.
    pub repeated: bool,
}

type Answer = Result<Vec<Receipt>, StoreError>;

struct Job {
    batch: Batch,
    answer: SyncSender<Answer>,
}

pub(crate) struct Writer {
    jobs: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(crate) fn start(
        connection: Connection,
        ledger: Box<dyn Ledger>,
        keys: Arc<Keys>,
        clock: Clock,
        utc_offset: UtcOffset,
        marks: Arc<Marks>,
    ) -> Self {
        let (jobs, waiting) = sync_channel(QUEUE);
        let mut desk = Desk {
            connection,
            ledger,
            keys,
            clock,
            utc_offset,
            marks,
        };
        let thread = std::thread::Builder::new()
            .name("ledger-writer".into())
            .spawn(move || desk.work(&waiting))
            .expect("a thread can be started when the program starts");
        Self {
            jobs: Some(jobs),
            thread: Some(thread),
        }
    }

    pub(crate) fn append(&self, batch: Batch) -> Result<Vec<Receipt>, StoreError> {
        self.hand_in(batch)?
            .recv()
            .map_err(|_| StoreError::WriterStopped)?
    }

    /// Hands in all before it waits for the first, so that they share a sync.
    pub(crate) fn append_each(&self, batches: Vec<Batch>) -> Vec<Result<Vec<Receipt>, StoreError>> {
        let waiting: Vec<_> = batches
            .into_iter()
            .map(|batch| self.hand_in(batch))
            .collect();
        waiting
            .into_iter()
            .map(|answered| answered?.recv().map_err(|_| StoreError::WriterStopped)?)
            .collect()
    }

    fn hand_in(&self, batch: Batch) -> Result<Receiver<Answer>, StoreError> {
        if batch.facts.len() > BATCH_FACTS {
            return Err(StoreError::BatchTooLarge(BATCH_FACTS));
        }
        let (answer, answered) = sync_channel(1);
        self.jobs
            .as_ref()
            .ok_or(StoreError::WriterStopped)?
            .send(Job { batch, answer })
            .map_err(|_| StoreError::WriterStopped)?;
        Ok(answered)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // A writer that panicked has said so already, and its callers were refused.
            let _ = thread.join();
        }
    }
}

struct Desk {
    connection: Connection,
    ledger: Box<dyn Ledger>,
    keys: Arc<Keys>,
    clock: Clock,
    utc_offset: UtcOffset,
    marks: Arc<Marks>,
}

impl Desk {
    fn work(&mut self, waiting: &Receiver<Job>) {
        while let Ok(first) = waiting.recv() {
            let mut facts = first.batch.facts.len();
            let mut group = vec![first];
            while facts < GROUP_FACTS && group.len() < QUEUE {
                match waiting.try_recv() {
                    Ok(job) => {
                        facts += job.batch.facts.len();
                        group.push(job);
                    }
                    Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
                }
            }
            let (batches, answers): (Vec<_>, Vec<_>) =
                group.into_iter().map(|job| (job.batch, job.answer)).unzip();
            let results = match self.commit(batches) {
                Ok(results) => results,
                Err(error) => {
                    tracing::error!(%error, "a group of writes failed and was taken back whole");
                    let text = error.to_string();
                    answers
                        .iter()
                        .map(|_| Err(StoreError::GroupFailed(text.clone())))
                        .collect()
                }
            };
            for (answer, result) in answers.into_iter().zip(results) {
                // Whoever asked may have gone; the facts stand all the same.
                let _ = answer.send(result);
            }
        }
    }

    /// Applies each batch in a savepoint of its own and commits them with one sync.
    fn commit(
        &mut self,
        batches: Vec<Batch>,
    ) -> Result<Vec<Result<Vec<Receipt>, StoreError>>, StoreError> {
        let mut transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut folder = Folder::new(self.utc_offset);
        let mut results = Vec::with_capacity(batches.len());
        let mut touched = BTreeSet::new();
        let mut codes = Vec::new();
        let mut keys = false;
        for batch in batches {
            codes.extend(batch.codes());
            keys |= batch.has_keys();
            let savepoint = transaction.savepoint()?;
            let mut trial = folder.trial();
            let mut scribe = Scribe {
                connection: &savepoint,
                ledger: self.ledger.as_mut(),
                keys: &self.keys,
                now: (self.clock)(),
            };
            match scribe.apply(batch, &mut trial) {
                Ok((receipts, chains)) => {
                    savepoint.commit()?;
                    folder.accept(trial);
                    touched.extend(chains);
                    results.push(Ok(receipts));
                }
                Err(error) => {
                    drop(savepoint);
                    results.push(Err(error));
                }
            }
        }
        folder.flush(&transaction)?;
        tracing::trace!(chains = touched.len(), "group folded");
        transaction.commit()?;
        // Before anybody is answered: who asks after an answer sees what it told.
        for holder in &folder.holders {
            self.marks.touch_holder(*holder);
        }
        for code in codes {
            self.marks.touch_code(code);
        }
        if keys {
            self.marks.touch_keys();
        }
        Ok(results)
    }
}

struct Scribe<'a> {
    connection: &'a Connection,
    ledger: &'a mut dyn Ledger,
    keys: &'a Keys,
    now: Timestamp,
}

impl Scribe<'_> {
    fn apply(
        &mut self,
        batch: Batch,
        folder: &mut Folder,
    ) -> Result<(Vec<Receipt>, Vec<AreaCode>), StoreError> {
        let (new, mut receipts) = self.sort_out(batch.facts)?;
        if new.is_empty() && !receipts.is_empty() {
            return Ok((receipts, Vec::new()));
        }
        for sealed in &batch.people {
            vault::put(self.connection, self.keys, sealed)?;
        }
        let mut heads = Heads::default();
        heads.seq = ledger::last_seq(self.connection)?;
        heads.load(self.connection, new.iter())?;
        let bodies: Vec<_> = new.iter().map(|draft| draft.body.clone()).collect();
        let facts = self.ledger.order(new, &mut heads, self.now)?;
        let mut chains = BTreeSet::new();
        for (fact, body) in facts.iter().zip(&bodies) {
            ledger::insert(self.connection, fact)?;
            views::fold(self.connection, fact, body, folder)?;
            chains.insert(fact.chain);
            receipts.push(Receipt {
                id: fact.id,
                seq: fact.seq,
                repeated: false,
            });
        }
        let chains: Vec<AreaCode> = chains.into_iter().collect();
        heads.save(self.connection, self.keys, &chains)?;
        for person in &batch.forget {
            vault::forget(self.connection, self.keys, *person)?;
        }
        for write in &batch.access {
            access::apply(self.connection, write)?;
        }
        if let Some(import) = &batch.import {
            imports::put(self.connection, import)?;
        }
        if let Some(before) = batch.drop_refused_before {
            imports::drop_refused(self.connection, before)?;
        }
        Ok((receipts, chains))
    }

    /// Separates new facts from those sent a second time.
    fn sort_out(&self, drafts: Vec<Draft>) -> Result<(Vec<Draft>, Vec<Receipt>), StoreError> {
        let mut known = self
            .connection
            .prepare_cached("SELECT seq, kind, body, area FROM facts WHERE id = ?1")?;
        let mut new = Vec::with_capacity(drafts.len());
        let mut receipts = Vec::with_capacity(drafts.len());
        let mut ids = BTreeSet::new();
        for draft in drafts {
            let found = known
                .query_row([draft.id.to_bytes()], |row| {
                    Ok((
                        row.get::<_, i64>(0)? as u64,
                        row.get::<_, String>(1)?,
                        row.get::<_, Vec<u8>>(2)?,
                        row.get::<_, i64>(3)? as u64,
                    ))
                })
                .optional()?;
            match found {
                Some((seq, kind, body, area)) => {
                    let same = kind == draft.body.kind()
                        && body == draft.body.canonical()
                        && area == draft.area.as_u64();
                    if !same {
                        return Err(StoreError::IdReused(draft.id));
                    }
                    receipts.push(Receipt {
                        id: draft.id,
                        seq,
                        repeated: true,
                    });
                }
                None if ids.insert(draft.id) => new.push(draft),
                None => return Err(StoreError::IdReused(draft.id)),
            }
        }
        Ok((new, receipts))
    }
}
