//! The queue at a checkpoint: how long people take, and how many lanes keep the wait short.

use jiff::{SignedDuration, ToSpan};
use lianfang_core::ids::CheckpointId;
use lianfang_epi::queue::{Service, Wait, lanes_needed};
use lianfang_store::views::entry;
use serde::Serialize;

use crate::{Actor, House, Refusal};

/// Measurements that are looked at, the newest.
const MOST_MEASURED: usize = 2_000;
/// Fewer measurements than this say nothing.
const LEAST_MEASURED: usize = 20;

/// What a checkpoint takes for a person, as measured.
#[derive(Debug, Clone, Copy, Serialize, utoipa::ToSchema)]
pub struct Measured {
    /// Mean seconds.
    pub mean_seconds: f64,
    /// Coefficient of variation.
    pub cv: f64,
    /// Checks measured.
    pub n: usize,
}

/// What keeps the wait under the target at the arrivals foreseen.
#[derive(Debug, Clone, Copy, Serialize, utoipa::ToSchema)]
pub struct GateNeed {
    /// Lanes.
    pub lanes: u32,
    /// People on duty, one a lane.
    pub staff: u32,
    /// Mean wait, in seconds.
    pub mean_wait_seconds: f64,
    /// Share served within the target.
    pub share_within: f64,
}

/// How long anybody should wait.
#[derive(Debug, Clone, Copy, Serialize, utoipa::ToSchema)]
pub struct WaitTarget {
    /// Seconds.
    pub seconds: u32,
    /// Share of people.
    pub share: f64,
}

/// Arrivals foreseen in an hour of today.
#[derive(Debug, Clone, Copy, Serialize, utoipa::ToSchema)]
pub struct HourExpected {
    /// The hour, from 0.
    pub hour: u32,
    /// People.
    pub expected: f64,
    /// Lanes that they need; none where no number of lanes does.
    pub lanes: Option<u32>,
}

/// The queue at a checkpoint.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct GateQueue {
    /// What a person takes, as measured; the policy's assumption where too little is.
    pub measured: Option<Measured>,
    /// What is reckoned with.
    pub service_seconds: f64,
    /// People who came in the last hour.
    pub arrivals_per_hour: f64,
    /// The hours of today that are to come, the present one first.
    pub foreseen: Vec<HourExpected>,
    /// Lanes open now.
    pub lanes_open: u8,
    /// What the busiest of the present and the next hour needs.
    pub needed: Option<GateNeed>,
    /// The target.
    pub target: WaitTarget,
}

impl House {
    /// The queue at a checkpoint: measured, foreseen, and what it needs.
    pub fn gate_queue(&self, actor: &Actor, id: CheckpointId) -> Result<GateQueue, Refusal> {
        let row = self.gate_row(actor, id)?;
        let policy = self.policy()?;
        let settings = policy.field()?;
        let now = self.now();
        let midnight = self.start_of_today();
        let hour = (now.duration_since(midnight).as_hours().clamp(0, 23)) as u32;
        let learn = settings.learn_service_days;
        let since = midnight
            .checked_sub((24 * i64::from(learn)).hours())
            .unwrap_or(midnight);
        let last_hour = now - SignedDuration::from_hours(1);
        let (seconds, past, recent, duty) = self.store.read(|c| {
            Ok((
                entry::service_seconds(c, id, since, MOST_MEASURED)?,
                entry::arrivals_by_hour(c, id, since, midnight)?,
                entry::arrivals_by_hour(c, id, last_hour, now)?,
                entry::on_duty(c, id, now)?,
            ))
        })?;
        let durations: Vec<f64> = seconds.iter().map(|s| f64::from(*s)).collect();
        let measured = (durations.len() >= LEAST_MEASURED)
            .then(|| Service::measured(&durations))
            .flatten()
            .map(|measured| Measured {
                mean_seconds: measured.service.mean_seconds,
                cv: measured.service.cv,
                n: measured.used,
            });
        let service = measured.map_or(
            Service {
                mean_seconds: settings.assumed_service_seconds,
                cv: 1.0,
            },
            |measured| Service {
                mean_seconds: measured.mean_seconds,
                cv: measured.cv,
            },
        );
        let wait = Wait {
            seconds: f64::from(settings.target_wait_seconds),
            share: settings.target_share,
        };
        let recent = recent.iter().map(|(_, people)| people).sum::<u64>() as f64;
        // Each hour of the day as on the days measured; the present one at least as the last.
        let days = past
            .iter()
            .map(|(at, _)| at / 24)
            .collect::<std::collections::BTreeSet<_>>()
            .len()
            .max(1) as f64;
        let foreseen: Vec<HourExpected> = (hour..24)
            .map(|of_day| {
                let past: u64 = past
                    .iter()
                    .filter(|(at, _)| at % 24 == of_day)
                    .map(|(_, people)| people)
                    .sum();
                let mut expected = past as f64 / days;
                if of_day == hour {
                    expected = expected.max(recent);
                }
                HourExpected {
                    hour: of_day,
                    expected,
                    lanes: lanes_needed(expected, service, wait).map(|lanes| lanes.lanes),
                }
            })
            .collect();
        let busiest = foreseen
            .iter()
            .take(2)
            .map(|hour| hour.expected)
            .fold(0.0, f64::max);
        let needed = lanes_needed(busiest, service, wait).map(|lanes| GateNeed {
            lanes: lanes.lanes,
            staff: lanes.lanes,
            mean_wait_seconds: lanes.mean_wait,
            share_within: lanes.share_within,
        });
        Ok(GateQueue {
            measured,
            service_seconds: service.mean_seconds,
            arrivals_per_hour: recent,
            foreseen,
            lanes_open: duty.map_or(row.lanes, |duty| duty.lanes),
            needed,
            target: WaitTarget {
                seconds: settings.target_wait_seconds,
                share: settings.target_share,
            },
        })
    }
}
