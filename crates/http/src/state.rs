//! What every handler has at hand.

use std::num::NonZeroU32;
use std::sync::Arc;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use lianfang_core::ids::AccountId;
use lianfang_service::{House, Refusal};

use crate::demo::DemoLogin;
use crate::error::Failure;

/// Requests an account may make in a second, and at once.
const PER_SECOND: NonZeroU32 = NonZeroU32::new(100).expect("not zero");
const AT_ONCE: NonZeroU32 = NonZeroU32::new(500).expect("not zero");

/// How the site is served.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The logins that a demo shows on its first page.
    pub demo: Vec<DemoLogin>,
    /// Whether it is reached through TLS, so that cookies may insist on it.
    pub behind_tls: bool,
}

/// A running house with what serving it needs.
#[derive(Clone)]
pub struct Service {
    house: Arc<House>,
    options: Arc<Options>,
    limiter: Arc<DefaultKeyedRateLimiter<AccountId>>,
}

impl Service {
    /// Serves `house`.
    pub fn new(house: Arc<House>, options: Options) -> Self {
        let quota = Quota::per_second(PER_SECOND).allow_burst(AT_ONCE);
        Self {
            house,
            options: Arc::new(options),
            limiter: Arc::new(RateLimiter::keyed(quota)),
        }
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    /// Refuses an account that asks too often.
    pub(crate) fn admit(&self, account: AccountId) -> Result<(), Refusal> {
        self.limiter
            .check_key(&account)
            .map_err(|_| Refusal::TooManyRequests { seconds: 1 })
    }

    /// Runs a verb on a thread that may wait for the disk.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        verb: impl FnOnce(&House) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Failure> {
        let house = Arc::clone(&self.house);
        match tokio::task::spawn_blocking(move || verb(&house)).await {
            Ok(result) => Ok(result?),
            Err(error) => {
                tracing::error!(%error, "a verb did not finish");
                Err(Failure::internal())
            }
        }
    }
}
