//! Queue: how long people wait at a checkpoint, and how many lanes keep the wait under a target.
//!
//! Units: arrivals per hour, seconds. What arrives is what a lane serves at once: a car with its passengers, a family,
//! a person on foot. Arrivals are Poisson, lanes share one queue in order of arrival, and the hour is long against a
//! service, so that the queue is in its steady state (M/G/c).
//!
//! With c lanes, offered load a = arrivals × mean service, utilisation ρ = a / c < 1:
//!
//! - **Probability of waiting**: Erlang C, C = B / (1 - ρ (1 - B)), from Erlang B by the recursion
//!   B(n) = a B(n-1) / (n + a B(n-1)) (Erlang 1917; Cooper 1981, Introduction to Queueing Theory, §3.3). No factorials: it
//!   is stable for any number of lanes. Exact for exponential services, and near for others (Tijms 2003, A First Course in
//!   Stochastic Models, §9.6).
//! - **Mean wait**: W = W(M/M/c) (cv² + (1 - cv²) D), where W(M/M/c) = C × mean service / (c (1 - ρ)), cv is the services'
//!   coefficient of variation, and D = W(M/D/c) / W(M/M/c) (Page 1972, Queueing Theory in OR; Tijms 2003, §9.6.2). D is that of
//!   Cosmetatos 1975 (INFOR 13:328), ½ (1 + (1 - ρ)(c - 1)(√(4 + 5c) - 2) / (16 ρ c)), and at most its limit in light
//!   traffic, c / (c + 1) (Burman & Smith 1983, Math Oper Res 8:15). With one lane this is Pollaczek and Khinchine's
//!   exact formula; with D = ½ it would be that of Allen and Cunneen, which overstates the effect of cv with many lanes.
//!   Against simulations it errs by less than 5 % for cv ≤ 1, and for cv of 1.4 overstates the wait by about 17 %.
//! - **Mean queue**: arrivals × W (Little 1961).
//! - **Share that waits longer than t**: C × P(X > t), X gamma with mean W / C and squared coefficient of variation
//!   2ρ - 1 + 4 (1 - ρ) d / (3 (cv² + 1)²), d = 3 cv² (1 + cv²) for cv ≥ 1, else (2 cv² + 1)(cv² + 1) (Whitt 1993, Prod Oper
//!   Manage 2:114, §4). Exact for exponential services.
//!
//! Each hour of a day is staffed on its own, by its own arrivals (the stationary independent period-by-period approach;
//! Green, Kolesar & Soares 2001, Oper Res 49:549, who find it good where services are short, as here).
//!
//! ```
//! use lianfang_epi::queue::{Service, Wait, lanes_needed};
//!
//! // 300 cars an hour, a minute each, give or take 40 s: 95 % should wait 2 minutes at most.
//! let service = Service { mean_seconds: 60.0, cv: 0.67 };
//! let lanes = lanes_needed(300.0, service, Wait { seconds: 120.0, share: 0.95 }).unwrap();
//! assert_eq!(lanes.lanes, 6);
//! assert!(lanes.share_within > 0.95 && lanes.mean_wait < 30.0);
//! // Five lanes would be busy all the time, and the queue would grow without end.
//! assert!(lanes.utilisation < 1.0);
//! ```

mod service;

use serde::Serialize;

use crate::special::gamma_cdf;

pub use service::{Measured, Service};

/// More lanes than any checkpoint has; a target that needs more is none.
pub const MOST_LANES: u32 = 1_000;

/// Arrivals are told per 3,600 seconds.
const RATE_SECONDS: f64 = 3_600.0;

/// A target: so large a share waits so long at most.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Wait {
    /// Longest wait, seconds.
    pub seconds: f64,
    /// Share of those who arrive that wait no longer, 0 to 1 (exclusive).
    pub share: f64,
}

/// The fewest lanes that meet a target, and what is then to be expected.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Lanes {
    /// Lanes; none where nobody arrives.
    pub lanes: u32,
    /// Mean wait of all who arrive, seconds.
    pub mean_wait: f64,
    /// Share that waits no longer than the target's seconds, 0 to 1.
    pub share_within: f64,
    /// Share of time that a lane is busy, 0 to 1.
    pub utilisation: f64,
}

/// A queue before a number of lanes in its steady state.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Queue {
    /// Share of time that a lane is busy, 0 to 1.
    pub utilisation: f64,
    /// Probability that somebody who arrives has to wait.
    pub probability_of_waiting: f64,
    /// Mean wait of all who arrive, those who need not wait included, seconds.
    pub mean_wait: f64,
    /// Mean number waiting, those being served aside.
    pub mean_queue: f64,
    /// Squared coefficient of variation of the waits of those who wait.
    scv_of_waits: f64,
}

impl Queue {
    /// The queue of `arrivals_per_hour` before `lanes` lanes; none where it has no steady state (the lanes cannot keep
    /// up, or there are none) and where a number is no rate or time.
    pub fn new(arrivals_per_hour: f64, service: Service, lanes: u32) -> Option<Self> {
        let load = offered_load(arrivals_per_hour, service)?;
        if lanes == 0 || lanes > MOST_LANES || load >= f64::from(lanes) {
            return None;
        }
        let blocking = (1..=lanes).fold(1.0, |blocking, n| erlang_b(load, n, blocking));
        Some(Self::with_blocking(load, service, lanes, blocking))
    }

    /// `blocking`: Erlang B of `load` and `lanes`.
    fn with_blocking(load: f64, service: Service, lanes: u32, blocking: f64) -> Self {
        let c = f64::from(lanes);
        let utilisation = load / c;
        let idle = 1.0 - utilisation;
        let waits = blocking / (1.0 - utilisation * (1.0 - blocking));
        let scv = service.cv.powi(2);
        let exponential = waits * service.mean_seconds / (c * idle);
        let mean_wait = exponential * (scv + (1.0 - scv) * deterministic_ratio(c, utilisation));
        let third = if scv >= 1.0 {
            3.0 * scv * (1.0 + scv)
        } else {
            (2.0 * scv + 1.0) * (scv + 1.0)
        };
        Self {
            utilisation,
            probability_of_waiting: waits,
            mean_wait,
            mean_queue: load / service.mean_seconds * mean_wait,
            scv_of_waits: 2.0 * utilisation - 1.0
                + 4.0 * idle * third / (3.0 * (scv + 1.0).powi(2)),
        }
    }

    /// Share of those who arrive that waits longer than `seconds`.
    pub fn share_waiting_longer(&self, seconds: f64) -> f64 {
        if self.probability_of_waiting <= 0.0 || self.mean_wait <= 0.0 {
            return 0.0;
        }
        let mean_of_waits = self.mean_wait / self.probability_of_waiting;
        let shape = 1.0 / self.scv_of_waits;
        let x = seconds.max(0.0) / mean_of_waits * shape;
        self.probability_of_waiting * (1.0 - gamma_cdf(shape, x))
    }
}

/// The fewest lanes with which `target.share` of those who arrive wait `target.seconds` at most.
///
/// None where a number is no rate, time or share, and where [`MOST_LANES`] would not do.
pub fn lanes_needed(arrivals_per_hour: f64, service: Service, target: Wait) -> Option<Lanes> {
    let load = offered_load(arrivals_per_hour, service)?;
    if !(target.seconds >= 0.0 && target.share > 0.0 && target.share < 1.0) {
        return None;
    }
    if load <= 0.0 {
        return Some(Lanes {
            lanes: 0,
            mean_wait: 0.0,
            share_within: 1.0,
            utilisation: 0.0,
        });
    }
    let mut blocking = 1.0;
    (1..=MOST_LANES).find_map(|lanes| {
        blocking = erlang_b(load, lanes, blocking);
        if load >= f64::from(lanes) {
            return None;
        }
        let queue = Queue::with_blocking(load, service, lanes, blocking);
        let share_within = 1.0 - queue.share_waiting_longer(target.seconds);
        (share_within >= target.share).then_some(Lanes {
            lanes,
            mean_wait: queue.mean_wait,
            share_within,
            utilisation: queue.utilisation,
        })
    })
}

/// [`lanes_needed`] for each entry of a profile: arrivals by hour of day, the first from midnight on.
pub fn lanes_by_hour(
    arrivals_per_hour: &[f64],
    service: Service,
    target: Wait,
) -> Vec<Option<Lanes>> {
    arrivals_per_hour
        .iter()
        .map(|&arrivals| lanes_needed(arrivals, service, target))
        .collect()
}

/// Lanes that would be busy all the time; none where a number is no rate or time.
fn offered_load(arrivals_per_hour: f64, service: Service) -> Option<f64> {
    let valid = arrivals_per_hour >= 0.0
        && arrivals_per_hour.is_finite()
        && service.mean_seconds > 0.0
        && service.mean_seconds.is_finite()
        && service.cv >= 0.0
        && service.cv.is_finite();
    valid.then(|| arrivals_per_hour / RATE_SECONDS * service.mean_seconds)
}

/// Erlang B with `n` lanes from that with one less.
fn erlang_b(load: f64, n: u32, with_one_less: f64) -> f64 {
    load * with_one_less / (f64::from(n) + load * with_one_less)
}

/// Mean wait with services all alike over that with exponential ones.
fn deterministic_ratio(c: f64, utilisation: f64) -> f64 {
    let correction =
        (1.0 - utilisation) * (c - 1.0) * ((4.0 + 5.0 * c).sqrt() - 2.0) / (16.0 * utilisation * c);
    (0.5 * (1.0 + correction)).min(c / (c + 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(load: f64, cv: f64, lanes: u32) -> Queue {
        let service = Service {
            mean_seconds: 60.0,
            cv,
        };
        Queue::new(load * 60.0, service, lanes).unwrap()
    }

    /// The sum that defines Erlang C, for few lanes.
    fn erlang_c_by_sum(load: f64, lanes: u32) -> f64 {
        let term = |n: u32| (1..=n).fold(1.0, |term, k| term * load / f64::from(k));
        let waiting = term(lanes) * f64::from(lanes) / (f64::from(lanes) - load);
        waiting / ((0..lanes).map(term).sum::<f64>() + waiting)
    }

    #[test]
    fn erlang_c_is_the_sum_that_defines_it() {
        for (load, lanes) in [(0.01, 1), (0.9, 1), (2.5, 3), (4.0, 9), (19.0, 20)] {
            let by_sum = erlang_c_by_sum(load, lanes);
            let recursion = queue(load, 1.0, lanes).probability_of_waiting;
            assert!((recursion / by_sum - 1.0).abs() < 1e-12, "{load} {lanes}");
        }
        // Cooper 1981, and any table: 10 lanes, 8 erlangs.
        assert!((queue(8.0, 1.0, 10).probability_of_waiting - 0.409_18).abs() < 1e-5);
    }

    #[test]
    fn one_lane_is_pollaczek_and_khinchine() {
        for cv in [0.0, 0.4, 1.0, 1.7] {
            let rho: f64 = 0.8;
            let exact = rho * 60.0 / (1.0 - rho) * (1.0 + cv * cv) / 2.0;
            assert!((queue(rho, cv, 1).mean_wait / exact - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn exponential_services_wait_as_in_closed_form() {
        let queue = queue(4.0, 1.0, 5);
        let decay = (5.0 - 4.0) / 60.0;
        for t in [0.0, 10.0, 60.0, 300.0] {
            let exact = queue.probability_of_waiting * f64::exp(-decay * t);
            assert!((queue.share_waiting_longer(t) - exact).abs() < 1e-9);
        }
        assert!((queue.mean_wait - queue.probability_of_waiting / decay).abs() < 1e-9);
        assert!((queue.mean_queue - 4.0 / 60.0 * queue.mean_wait).abs() < 1e-12);
    }

    #[test]
    fn what_is_no_rate_time_or_share_has_no_answer() {
        let service = Service {
            mean_seconds: 60.0,
            cv: 1.0,
        };
        let target = Wait {
            seconds: 60.0,
            share: 0.9,
        };
        for arrivals in [-1.0, f64::NAN, f64::INFINITY, 60.0 * 1_000.0] {
            assert_eq!(lanes_needed(arrivals, service, target), None);
        }
        for share in [0.0, 1.0, f64::NAN] {
            assert_eq!(lanes_needed(60.0, service, Wait { share, ..target }), None);
        }
        for (mean_seconds, cv) in [(0.0, 1.0), (f64::NAN, 1.0), (60.0, -0.1), (60.0, f64::NAN)] {
            assert_eq!(
                lanes_needed(60.0, Service { mean_seconds, cv }, target),
                None
            );
        }
        assert_eq!(Queue::new(120.0, service, 2), None);
        assert_eq!(Queue::new(120.0, service, 0), None);
        assert_eq!(
            lanes_needed(0.0, service, target).map(|lanes| lanes.lanes),
            Some(0)
        );
    }

    #[test]
    fn hundreds_of_lanes_are_no_trouble() {
        let queue = queue(780.0, 0.8, 800);
        assert!(queue.probability_of_waiting > 0.0 && queue.probability_of_waiting < 1.0);
        assert!(queue.mean_wait.is_finite() && queue.share_waiting_longer(30.0) < 0.2);
    }
}
