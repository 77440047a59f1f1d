//! Where facts, personal data and the views over them are kept.
//!
//! One data folder, one SQLite file in WAL mode with full sync. The *ledger* only grows. *Views*
//! are folded from its facts in the same transaction and can be rebuilt to the same rows. The
//! *vault* holds personal data, sealed under a key per person. *Access* holds what must not stand
//! in a ledger: password hashes, sessions, tokens.
//!
//! All writing goes through one [`writer`]: it gathers what is waiting, folds it in one
//! transaction, syncs once, and only then answers. Reading goes through a pool of read-only
//! connections and never waits for the writer.

mod access;
mod audit;
mod backup;
mod checkpoints;
mod error;
mod imports;
mod issued;
mod keys;
mod ledger;
mod pool;
mod rebuild;
mod schema;
mod vault;
pub mod views;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use lianfang_core::areas::AreaCode;
use lianfang_core::facts::{Body, Draft, Fact, HouseFounded};
use lianfang_core::ids::{AccountId, FactId, ImportId, PersonId};
use lianfang_core::people::PersonalData;
use lianfang_core::time::UtcOffset;
use rusqlite::{Connection, OptionalExtension};

pub use access::{AccessWrite, Credentials, SessionRow, TokenRow};
pub use audit::{AuditReport, Problem};
pub use backup::BackupReport;
pub use checkpoints::Checkpoint;
pub use error::StoreError;
pub use issued::{IssuedPass, Marks, digest_of};
pub use keys::Keys;
pub use ledger::{Heads, Ledger, LedgerError, LocalLedger};
pub use rebuild::RebuildReport;
pub use vault::{IndexKind, SealedPerson};
pub use writer::{Batch, ImportRecord, Receipt};

/// A connection that sees one consistent state and cannot write.
pub type ReadConnection = Connection;

/// Tells the time. Handed in, so that a rehearsal can live in another month.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The clock of this machine.
pub fn system_clock() -> Clock {
    Arc::new(Timestamp::now)
}

/// Makes a data folder that only its owner can enter; one that is there stays as it is.
fn create_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

/// The name of the database in the data folder.
const DATABASE: &str = "lianfang.sqlite";

/// An open data folder.
pub struct Store {
    folder: PathBuf,
    keys: Arc<Keys>,
    clock: Clock,
    house: HouseFounded,
    readers: pool::Pool,
    marks: Arc<Marks>,
    writer: writer::Writer,
}

impl Store {
    /// Makes a new, empty store in `folder` and founds its ledger. Fails if one is there.
    pub fn create(folder: &Path, house: HouseFounded, clock: Clock) -> Result<Self, StoreError> {
        create_folder(folder).map_err(|e| StoreError::io(folder, e))?;
        let path = folder.join(DATABASE);
        if path.exists() {
            return Err(StoreError::AlreadyThere(folder.to_owned()));
        }
        Keys::create(folder)?;
        schema::create(&mut schema::open_writer(&path)?)?;
        let store = Self::open_with(folder, Box::new(LocalLedger), clock, Some(house.clone()))?;
        let now = (store.clock)();
        store.append(Batch::of([Draft {
            id: FactId::from_parts(now.as_millisecond().unsigned_abs(), rand::random()),
            area: house.root,
            actor: AccountId::house(),
            device: "store".into(),
            happened_at: now,
            body: Body::HouseFounded(house),
        }]))?;
        Ok(store)
    }

    /// Opens the store in `folder`.
    pub fn open(folder: &Path, clock: Clock) -> Result<Self, StoreError> {
        Self::open_with(folder, Box::new(LocalLedger), clock, None)
    }

    /// Opens the store in `folder` over another ledger than this machine's own.
    pub fn open_over(
        folder: &Path,
        ledger: Box<dyn Ledger>,
        clock: Clock,
    ) -> Result<Self, StoreError> {
        Self::open_with(folder, ledger, clock, None)
    }

    fn open_with(
        folder: &Path,
        ledger: Box<dyn Ledger>,
        clock: Clock,
        founding: Option<HouseFounded>,
    ) -> Result<Self, StoreError> {
        let path = folder.join(DATABASE);
        if !path.exists() {
            return Err(StoreError::NotThere(folder.to_owned()));
        }
        let keys = Arc::new(Keys::open(folder)?);
        let mut connection = schema::open_writer(&path)?;
        schema::check(&connection)?;
        connection.execute_batch(issued::TABLES)?;
        let house = match founding {
            Some(house) => house,
            None => founding_fact(&connection)?,
        };
        // Views made by another version of the program are folded anew from the facts.
        if !views::are_current(&connection)? {
            rebuild::rebuild(&mut connection, house.utc_offset)?;
        }
        let marks = Arc::new(Marks::default());
        Ok(Self {
            folder: folder.to_owned(),
            readers: pool::Pool::new(path),
            writer: writer::Writer::start(
                connection,
                ledger,
                Arc::clone(&keys),
                Arc::clone(&clock),
                house.utc_offset,
                Arc::clone(&marks),
            ),
            marks,
            keys,
            clock,
            house,
        })
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The time by this store's clock.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// The jurisdiction's own clock.
    pub fn utc_offset(&self) -> UtcOffset {
        self.house.utc_offset
    }

    /// The area at the root of this ledger.
    pub fn root(&self) -> AreaCode {
        self.house.root
    }

    /// Appends a batch: all of it or, with the reason, nothing. Durable when it returns.
    pub fn append(&self, batch: Batch) -> Result<Vec<Receipt>, StoreError> {
        self.writer.append(batch)
    }

    /// Runs `read` on a connection that sees one consistent state and cannot write.
    pub fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.readers.with(|connection| {
            let transaction = connection.unchecked_transaction()?;
            read(&transaction)
        })
    }

    /// A keyed hash that nobody without this store's keys can compute or test guesses against.
    pub fn blind(&self, domain: &str, text: &str) -> [u8; 16] {
        self.keys.blind(domain, text)
    }

    /// The secret of the key that signs certificates; it stays in the process.
    pub fn certificate_secret(&self) -> &[u8; 32] {
        self.keys.certificates()
    }

    /// The secret of a pass's key, by its number; it stays in the process.
    pub fn pass_secret(&self, number: u32) -> [u8; 32] {
        self.keys.pass_secret(number)
    }

    /// Marks on changes of what is known of holders of passes, and of their codes.
    pub fn marks(&self) -> &Marks {
        &self.marks
    }

    /// Seals a person's data under a new key of its own.
    pub fn seal(&self, person: PersonId, data: &PersonalData) -> SealedPerson {
        vault::seal(&self.keys, person, data)
    }

    /// Opens a person's data. `None` where nothing is kept, or no longer.
    pub fn open_person(&self, person: PersonId) -> Result<Option<PersonalData>, StoreError> {
        self.read(|connection| vault::open(connection, &self.keys, person))
    }

    /// Opens many people's data in one go, in the order asked; for lists that show them masked.
    pub fn open_people(
        &self,
        people: &[PersonId],
    ) -> Result<Vec<Option<PersonalData>>, StoreError> {
        self.read(|connection| {
            people
                .iter()
                .map(|person| vault::open(connection, &self.keys, *person))
                .collect()
        })
    }

    /// Seals a file that belongs to `owner`, such as an import's refused rows.
    pub fn seal_file(&self, owner: ImportId, plain: &[u8]) -> Vec<u8> {
        vault::seal_file(&self.keys, owner, plain)
    }

    /// The reports of imports made for areas within `area`, newest first.
    pub fn imports(
        &self,
        area: AreaCode,
        limit: usize,
    ) -> Result<Vec<(ImportId, AreaCode, String)>, StoreError> {
        self.read(|connection| imports::list(connection, area, limit))
    }

    /// An import's area, report and refused rows, opened.
    pub fn import(
        &self,
        import: ImportId,
    ) -> Result<Option<(AreaCode, String, Vec<u8>)>, StoreError> {
        self.read(|connection| imports::get(connection, &self.keys, import))
    }

    /// People known by this document, phone or name.
    pub fn find_people(&self, kind: IndexKind, text: &str) -> Result<Vec<PersonId>, StoreError> {
        self.read(|connection| vault::find(connection, &self.keys, kind, text))
    }

    /// For each of many texts, the first person known by it as a document, a phone or a code.
    pub fn known_by(
        &self,
        texts: &[(IndexKind, String)],
    ) -> Result<Vec<Option<PersonId>>, StoreError> {
        self.read(|connection| {
            texts
                .iter()
                .map(|(kind, text)| {
                    let found = vault::find(connection, &self.keys, *kind, text)?;
                    Ok(found.first().copied())
                })
                .collect()
        })
    }

    /// People indexed under this document, phone, name or birth date, the newest first, not opened:
    /// nearly always those of whom it is said, at most five thousand.
    pub fn indexed_people(&self, kind: IndexKind, text: &str) -> Result<Vec<PersonId>, StoreError> {
        self.read(|connection| vault::indexed(connection, &self.keys, kind, text))
    }

    /// The fact of an id, if there is one.
    pub fn fact_by_id(&self, id: FactId) -> Result<Option<Fact>, StoreError> {
        self.read(|connection| ledger::fact_by_id(connection, id))
    }

    /// Appends batches, each all or nothing on its own, with one sync for all that are waiting.
    pub fn append_each(&self, batches: Vec<Batch>) -> Vec<Result<Vec<Receipt>, StoreError>> {
        self.writer.append_each(batches)
    }

    /// Facts after `seq` in this node's order, at most `limit`.
    pub fn facts_after(&self, seq: u64, limit: usize) -> Result<Vec<Fact>, StoreError> {
        self.read(|connection| ledger::facts_after(connection, seq, limit))
    }

    /// One fact.
    pub fn fact(&self, seq: u64) -> Result<Option<Fact>, StoreError> {
        Ok(self
            .facts_after(seq.saturating_sub(1), 1)?
            .into_iter()
            .find(|fact| fact.seq == seq))
    }

    /// The newest fact's place.
    pub fn last_seq(&self) -> Result<u64, StoreError> {
        self.read(ledger::last_seq)
    }
}

fn founding_fact(connection: &Connection) -> Result<HouseFounded, StoreError> {
    let body: Option<Vec<u8>> = connection
        .query_row(
            "SELECT body FROM facts WHERE kind = 'house.founded/1' ORDER BY seq LIMIT 1",
            [],
            |row| row.get(0),
        )
        .optional()?;
    let body = body.ok_or(StoreError::NotFounded)?;
    match Body::read("house.founded/1", &body)? {
        Body::HouseFounded(house) => Ok(house),
        _ => Err(StoreError::NotFounded),
    }
}
