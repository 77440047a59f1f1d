//! What every handler has at hand.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};
use lianfang_core::ids::AccountId;
use lianfang_service::{Actor, House, Refusal};

use crate::demo::DemoLogin;
use crate::drill::DrillClock;
use crate::error::Failure;

/// Requests an account may make in a second, and at once.
const PER_SECOND: NonZeroU32 = NonZeroU32::new(100).expect("not zero");
const AT_ONCE: NonZeroU32 = NonZeroU32::new(500).expect("not zero");

/// Codes of one holder that may be tried in a second, and at once.
const CODES_PER_SECOND: NonZeroU32 = NonZeroU32::new(2).expect("not zero");
const CODES_AT_ONCE: NonZeroU32 = NonZeroU32::new(30).expect("not zero");
/// Codes tried in all in a second, and at once, by those who are not signed in.
const ALL_CODES_PER_SECOND: NonZeroU32 = NonZeroU32::new(500).expect("not zero");
const ALL_CODES_AT_ONCE: NonZeroU32 = NonZeroU32::new(2_000).expect("not zero");
/// Holders remembered before those not seen lately are dropped.
const MOST_HOLDERS: usize = 100_000;

/// How long a scanner's token is believed to be as it was.
const SCANNER_FRESH: Duration = Duration::from_secs(2);
/// Scanners kept at hand.
const MOST_SCANNERS: usize = 10_000;

/// Who scans, by the hash of the token, with the moment it was looked up.
type Scanners = HashMap<blake3::Hash, (Instant, Arc<Actor>)>;

/// The value behind a lock, also after a thread that held it panicked: it is a cache.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How the site is served.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The logins that a demo shows on its first page.
    pub demo: Vec<DemoLogin>,
    /// Whether it is reached through TLS, so that cookies may insist on it.
    pub behind_tls: bool,
    /// The clock of a drill; none where this is no drill.
    pub drill: Option<DrillClock>,
}

/// A running house with what serving it needs.
#[derive(Clone)]
pub struct Service(Arc<AtHand>);

struct AtHand {
    house: Arc<House>,
    options: Options,
    limiter: DefaultKeyedRateLimiter<AccountId>,
    codes: DefaultKeyedRateLimiter<blake3::Hash>,
    all_codes: DefaultDirectRateLimiter,
    scanners: Mutex<Scanners>,
}

impl Service {
    /// Serves `house`.
    pub fn new(house: Arc<House>, options: Options) -> Self {
        let quota = Quota::per_second(PER_SECOND).allow_burst(AT_ONCE);
        Self(Arc::new(AtHand {
            house,
            options,
            limiter: RateLimiter::keyed(quota),
            codes: RateLimiter::keyed(
                Quota::per_second(CODES_PER_SECOND).allow_burst(CODES_AT_ONCE),
            ),
            all_codes: RateLimiter::direct(
                Quota::per_second(ALL_CODES_PER_SECOND).allow_burst(ALL_CODES_AT_ONCE),
            ),
            scanners: Mutex::default(),
        }))
    }

    /// The house, for what does not wait for the disk.
    pub(crate) fn house(&self) -> &Arc<House> {
        &self.0.house
    }

    /// Who scans with this token: looked up anew every other second, so that a scan need not wait for the disk.
    pub(crate) async fn scanner(&self, token: &str) -> Result<Arc<Actor>, Failure> {
        let key = blake3::hash(token.as_bytes());
        let known = |kept: &Scanners| {
            kept.get(&key)
                .filter(|(since, _)| since.elapsed() < SCANNER_FRESH)
                .map(|(_, actor)| Arc::clone(actor))
        };
        if let Some(actor) = known(&locked(&self.0.scanners)) {
            return Ok(actor);
        }
        let token = token.to_owned();
        let actor = Arc::new(self.run(move |house| house.bearer(&token)).await?);
        let mut kept = locked(&self.0.scanners);
        if kept.len() >= MOST_SCANNERS {
            kept.clear();
        }
        kept.insert(key, (Instant::now(), Arc::clone(&actor)));
        Ok(actor)
    }

    pub(crate) fn options(&self) -> &Options {
        &self.0.options
    }

    /// Refuses an account that asks too often.
    pub(crate) fn admit(&self, account: AccountId) -> Result<(), Refusal> {
        self.0
            .limiter
            .check_key(&account)
            .map_err(|_| Refusal::TooManyRequests { seconds: 1 })
    }

    /// Refuses codes, from whoever is not signed in, that are tried too often: those of one holder,
    /// so that nobody guesses the rest of one, and all of them together.
    pub(crate) fn admit_code(&self, holder: &str) -> Result<(), Refusal> {
        let wait = |_| Refusal::TooManyRequests { seconds: 1 };
        self.0.all_codes.check().map_err(wait)?;
        if self.0.codes.len() > MOST_HOLDERS {
            self.0.codes.retain_recent();
        }
        let holder = blake3::hash(holder.trim().to_ascii_uppercase().as_bytes());
        self.0
            .codes
            .check_key(&holder)
            .map_err(|_| Refusal::TooManyRequests { seconds: 1 })
    }

    /// Runs a verb on a thread that may wait for the disk.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        verb: impl FnOnce(&House) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Failure> {
        let house = Arc::clone(&self.0.house);
        match tokio::task::spawn_blocking(move || verb(&house)).await {
            Ok(result) => Ok(result?),
            Err(error) => {
                tracing::error!(%error, "a verb did not finish");
                Err(Failure::internal())
            }
        }
    }
}
