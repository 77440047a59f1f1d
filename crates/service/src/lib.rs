//! What people do: sign in, read the morning, work on matters, import, look, audit.
//!
//! Each verb checks the right (role × area), loads what it needs, asks the policy pack, and hands
//! the store facts. No HTTP and no SQL here; imports, the command line and the demo come in
//! through the same verbs as everybody else.

pub mod access;
pub mod areas;
pub mod audit;
pub mod briefs;
pub mod cases;
pub mod chains;
mod clock;
pub mod contacts;
pub mod entry;
pub mod export;
pub mod field;
pub mod foresight;
pub mod households;
pub mod imports;
pub mod infectors;
pub mod links;
pub mod matters;
pub mod passes;
pub mod people;
pub mod places;
pub mod policy;
pub mod quarantine;
mod refusal;
pub mod reports;
pub mod round;
mod sent;
pub mod surveillance;
pub mod visits;

use std::path::Path;
use std::sync::{Arc, Mutex, RwLock};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use lianfang_core::areas::{AreaCode, AreaTree};
use lianfang_core::facts::{Body, Draft, HouseFounded, PolicyAdopted};
use lianfang_core::ids::{AccountId, FactId};
use lianfang_core::time::UtcOffset;
use lianfang_policy::Pack;
use lianfang_store::{Batch, Clock, Store};

pub use access::Actor;
pub use clock::NotDone;
pub use refusal::Refusal;

/// The pack that a new house adopts unless it is given another.
pub const FIRST_PACK: &str = "covid19-cn-2020";

/// A jurisdiction's running system: its store, the policy in force, and what is kept at hand.
pub struct House {
    store: Store,
    policies: RwLock<policy::Policies>,
    tree: RwLock<(u64, Arc<AreaTree>)>,
    briefs: Mutex<briefs::Kept>,
    sign_ins: Mutex<access::SignIns>,
    session: SignedDuration,
    origins: entry::KeptOrigins,
    visits: visits::Kept,
    keys: passes::KeptKeys,
    desk: passes::Desk,
    jobs: foresight::Jobs,
}

impl House {
    /// Founds a house in an empty folder for the area `root`, under its first policy pack.
    pub fn found(
        folder: &Path,
        root: AreaCode,
        utc_offset: UtcOffset,
        pack: &Pack,
        clock: Clock,
    ) -> Result<Self, Refusal> {
        let store = Store::create(folder, HouseFounded { root, utc_offset }, clock)?;
        let house = Self::over(store);
        let adopted = Body::PolicyAdopted(PolicyAdopted {
            pack: pack.id.clone(),
            version: pack.version.clone(),
            digest: pack.digest.clone(),
            text: Some(pack.text.clone()),
        });
        house.append(&Actor::house("init"), [(root, adopted)])?;
        Ok(house)
    }

    /// Opens the house in `folder`.
    pub fn open(folder: &Path, clock: Clock) -> Result<Self, Refusal> {
        Ok(Self::over(Store::open(folder, clock)?))
    }

    /// A house over an open store.
    pub fn over(store: Store) -> Self {
        let tree = areas::rooted(AreaTree::default(), store.root());
        Self {
            store,
            policies: RwLock::default(),
            tree: RwLock::new((0, Arc::new(tree))),
            briefs: Mutex::default(),
            sign_ins: Mutex::default(),
            session: access::SESSION,
            origins: entry::KeptOrigins::default(),
            visits: visits::Kept::default(),
            keys: passes::KeptKeys::default(),
            desk: passes::Desk::default(),
            jobs: foresight::Jobs::default(),
        }
    }

    /// The same with sessions of another length: a drill's clock runs fast.
    pub fn with_sessions_of(self, length: SignedDuration) -> Self {
        Self {
            session: length,
            ..self
        }
    }

    /// The store under it.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The time by the house's clock.
    pub fn now(&self) -> Timestamp {
        self.store.now()
    }

    /// Today, by the jurisdiction's own clock.
    pub fn today(&self) -> Date {
        self.store.utc_offset().day_of(self.now())
    }

    /// A new id of this moment.
    fn new_id(&self) -> FactId {
        FactId::from_parts(self.now().as_millisecond().unsigned_abs(), rand::random())
    }

    fn draft(&self, actor: &Actor, area: AreaCode, body: Body) -> Draft {
        self.draft_as(self.new_id(), actor, area, body)
    }

    fn draft_as(&self, id: FactId, actor: &Actor, area: AreaCode, body: Body) -> Draft {
        Draft {
            id,
            area,
            actor: actor.account,
            device: actor.device.clone(),
            happened_at: self.now(),
            body,
        }
    }

    fn append(
        &self,
        actor: &Actor,
        bodies: impl IntoIterator<Item = (AreaCode, Body)>,
    ) -> Result<(), Refusal> {
        let drafts: Vec<_> = bodies
            .into_iter()
            .map(|(area, body)| self.draft(actor, area, body))
            .collect();
        self.store.append(Batch::of(drafts))?;
        Ok(())
    }

    /// The name an account is shown with.
    fn account_name(&self, account: AccountId) -> Result<String, Refusal> {
        if account == AccountId::house() {
            return Ok("lianfang".into());
        }
        Ok(self
            .store
            .credentials(account)?
            .map_or_else(|| account.to_string(), |c| c.name))
    }
}

/// The value behind a lock, also after a thread that held it panicked: all that is kept behind
/// locks here is a cache or a counter.
fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
