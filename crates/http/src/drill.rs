//! A drill's house: it says that it is one, and its clock is moved by whoever plays in it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use jiff::Timestamp;
use lianfang_core::access::Right;
use lianfang_service::Refusal;
use lianfang_store::Clock;
use serde::{Deserialize, Serialize};

use crate::error::{ErrorBody, Failure};
use crate::session::SignedIn;
use crate::state::Service;

/// The clock of a drill: it stands where it was set, and goes forward only.
#[derive(Debug, Clone)]
pub struct DrillClock(Arc<AtomicI64>);

impl DrillClock {
    /// A clock that stands at `moment`.
    pub fn at(moment: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(moment.as_millisecond())))
    }

    /// The same, as a house takes it.
    pub fn clock(&self) -> Clock {
        let hand = self.clone();
        Arc::new(move || hand.now())
    }

    /// What it shows.
    pub fn now(&self) -> Timestamp {
        let milliseconds = self.0.load(Ordering::SeqCst);
        Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Moves it forward; never back. What it showed before.
    fn forward(&self, to: Timestamp) -> Timestamp {
        let before = self.0.fetch_max(to.as_millisecond(), Ordering::SeqCst);
        Timestamp::from_millisecond(before).unwrap_or(to)
    }
}

/// That this is a drill, and what its clock shows.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Drill {
    /// The moment that it is in the drill.
    #[schema(value_type = String, format = DateTime)]
    now: Timestamp,
}

/// Says that this is a drill, with the moment that it is in it; not found where this is none.
#[utoipa::path(get, operation_id = "drill_drill", path = "/api/drill", tag = "drill",
    responses((status = 200, body = Drill), (status = 404, body = ErrorBody)))]
pub(crate) async fn drill(State(service): State<Service>) -> Result<Json<Drill>, Failure> {
    let clock = service.options().drill.clone();
    let clock = clock.ok_or_else(Failure::not_found)?;
    Ok(Json(Drill { now: clock.now() }))
}

/// To when the clock is moved.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DrillTime {
    /// The moment.
    #[schema(value_type = String, format = DateTime)]
    to: Timestamp,
}

/// Moves a drill's clock forward, and does what is due by then; not found where this is none.
#[utoipa::path(post, operation_id = "drill_clock", path = "/api/drill/clock", tag = "drill", request_body = DrillTime,
    responses((status = 200, body = Drill), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub(crate) async fn forward(
    State(service): State<Service>,
    signed_in: SignedIn,
    body: Result<Json<DrillTime>, JsonRejection>,
) -> Result<Json<Drill>, Failure> {
    let Json(DrillTime { to }) = body?;
    let clock = service.options().drill.clone();
    let clock = clock.ok_or_else(Failure::not_found)?;
    let now = service
        .run(move |house| {
            let root = house.store().root();
            signed_in.actor.require(Right::ManageAccounts, root)?;
            if to < clock.now() {
                return Err(Refusal::invalid(
                    "to",
                    "A drill's clock goes forward only.",
                    "演练时钟只能向前拨。",
                ));
            }
            let offset = house.store().utc_offset();
            let before = clock.forward(to);
            let new_day = offset.day_of(before) != offset.day_of(to);
            for failed in house.do_what_is_due(new_day) {
                tracing::error!(error = %failed.refusal, "{}, by the clock, failed", failed.duty);
            }
            Ok(clock.now())
        })
        .await?;
    Ok(Json(Drill { now }))
}
