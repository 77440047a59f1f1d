//! Stays: how many people will be in hospital, or at quarantine sites, at the end of each of the coming days.
//!
//! Unit: people present at the end of a day. Those who are there now leave on the day that is planned for them; where none
//! is planned, or it has passed, by the length of stays so far (product limit of Kaplan & Meier 1958, JASA 53:457,
//! conditional on the days already stayed). Those to come enter at the recent level by weekday ([`crate::arrivals`]), and stay as
//! long as others did: expected occupancy is the sum over the days of entry of those who enter, times the share that is still
//! there (as in queues with unlimited servers: Eick, Massey & Whitt 1993, Manage Sci 39:241).
//!
//! The variance is that of who leaves (binomial) and of how many enter; the latter's errors of different days are taken to
//! go together. It is raised where the same rule strayed further from what came in the past weeks, each miss counted as three
//! standard deviations at most: a rule that was wrong at the first cases is no reason to expect anything. Quantiles are
//! those of a normal distribution, and 0 where they would lie below: also after a sudden wave the middle stays where people are.
//!
//! ```
//! use jiff::{ToSpan, civil::date};
//! use lianfang_epi::stays::{Stay, foresee, present};
//!
//! // For six weeks ten people have entered each day, for fourteen days.
//! let as_of = date(2020, 3, 1);
//! let stays: Vec<Stay> = (0..42)
//!     .map(|ago| {
//!         let from = as_of - ago.days();
//!         let ends = from + 14.days();
//!         Stay { from, left: (ends <= as_of).then_some(ends), planned: Some(ends), people: 10 }
//!     })
//!     .collect();
//! assert_eq!(present(&stays, as_of), 140);
//! let foreseen = foresee(&stays, as_of, 7).unwrap();
//! let (low, high) = foreseen.days[6].quantiles.interval(0.9).unwrap();
//! assert!(low <= 140.0 && 140.0 <= high);
//! ```

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::arrivals::level::Level;
use crate::arrivals::spread::mean_drawn_to_one;
use crate::days::{add_days, days_between};
use crate::forecast::{self, Forecast, LONGEST_HORIZON, Quantiles};
use crate::special::normal_quantile;

/// Days of entries from which their level is learnt.
const LEARN_DAYS: i32 = 28;
/// Past days as of which the same rule is tried.
const TRIED_DAYS: i32 = 14;
/// Share of those who stay on for another day, where nobody stayed as long before.
const STAYS_ON: f64 = 0.9;
/// The square of the misses, in standard deviations, as which greater ones count (winsorised: Huber 1981, Robust Statistics).
const MOST_MISSED: f64 = 9.0;
/// Least variance: an estimate of nobody is not certain.
const LEAST: f64 = 0.25;

/// People who entered on one day, and left or are to leave on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stay {
    /// Day of entry.
    pub from: Date,
    /// Day on which they left: at its end they were gone.
    pub left: Option<Date>,
    /// Day on which they are to leave.
    pub planned: Option<Date>,
    /// How many they are.
    pub people: u32,
}

impl Stay {
    fn left_by(&self, day: Date) -> Option<Date> {
        self.left.filter(|left| *left <= day)
    }

    fn is_there(&self, day: Date) -> bool {
        self.from <= day && self.left_by(day).is_none()
    }
}

/// People who are there at the end of a day.
pub fn present(stays: &[Stay], day: Date) -> u32 {
    let there = stays.iter().filter(|stay| stay.is_there(day));
    there.map(|stay| stay.people).sum()
}

/// People who entered on each day of a span, both ends among them.
pub fn entered(stays: &[Stay], first: Date, last: Date) -> Vec<(Date, u32)> {
    let mut by_day: BTreeMap<Date, u32> = BTreeMap::new();
    for stay in stays {
        *by_day.entry(stay.from).or_default() += stay.people;
    }
    let days = (0..=days_between(first, last)).map(|day| add_days(first, day));
    days.map(|day| (day, by_day.get(&day).copied().unwrap_or(0)))
        .collect()
}

/// People present at the end of the `horizon` days after `as_of` (1 to [`LONGEST_HORIZON`]; what lies outside is taken to
/// the nearer end). None where nobody has ever entered.
///
/// Of days after `as_of` nothing is used but what was planned for them.
pub fn foresee(stays: &[Stay], as_of: Date, horizon: usize) -> Option<Forecast> {
    let horizon = horizon.clamp(1, LONGEST_HORIZON);
    let first = stays.iter().map(|stay| stay.from).min()?;
    if first > as_of {
        return None;
    }
    let now = expected(stays, first, as_of, horizon);
    // How far the same rule lay off, in its own variances, by the days ahead.
    let mut misses: Vec<Vec<f64>> = vec![Vec::new(); horizon];
    for ago in 1..=TRIED_DAYS + horizon as i32 {
        let then = add_days(as_of, -ago);
        if then < first {
            break;
        }
        let reach = horizon.min(ago as usize);
        let tried = expected(stays, first, then, reach);
        for (ahead, (mean, variance)) in (1..).zip(tried) {
            if ago - ahead < TRIED_DAYS {
                let came = f64::from(present(stays, add_days(then, ahead)));
                let missed = (came - mean).powi(2) / variance;
                misses[ahead as usize - 1].push(missed.min(MOST_MISSED));
            }
        }
    }
    let quantiles = now
        .into_iter()
        .zip(misses)
        .map(|((mean, variance), misses)| {
            let variance = variance * mean_drawn_to_one(misses.into_iter()).max(1.0);
            Quantiles::of(|level| (mean + variance.sqrt() * normal_quantile(level)).max(0.0))
        });
    Some(forecast::dated(as_of, as_of, quantiles))
}

/// Mean and variance of who is present at the end of each of the days after `as_of`.
fn expected(stays: &[Stay], first: Date, as_of: Date, horizon: usize) -> Vec<(f64, f64)> {
    let lasting = Lasting::of(stays, as_of);
    let learn_from = first.max(add_days(as_of, -LEARN_DAYS + 1));
    let entered = entered(stays, learn_from, as_of);
    let level = Level::new(
        entered
            .into_iter()
            .map(|(day, people)| (day, f64::from(people)))
            .collect(),
    );
    let entering: Vec<_> = (1..=horizon)
        .map(|ahead| level.ahead(add_days(as_of, ahead as i32), ahead))
        .collect();
    let mut days = vec![(0.0, LEAST); horizon];
    for stay in stays.iter().filter(|stay| stay.is_there(as_of)) {
        let stayed = days_between(stay.from, as_of) as usize;
        let planned = stay
            .planned
            .map(|planned| days_between(as_of, planned))
            .filter(|ahead| *ahead > 0);
        let people = f64::from(stay.people);
        for (ahead, (mean, variance)) in (1..).zip(&mut days) {
            let there = match planned {
                Some(leaves) => f64::from(ahead < leaves),
                None => lasting.further(stayed, ahead as usize),
            };
            *mean += people * there;
            *variance += people * there * (1.0 - there);
        }
    }
    for (ahead, (mean, variance)) in (1..).zip(&mut days) {
        let mut sd = 0.0;
        for (nth, estimate) in (1..=ahead).zip(entering.iter().flatten()) {
            let there = lasting.at(ahead - nth);
            *mean += estimate.mean * there;
            sd += estimate.variance.sqrt() * there;
        }
        *variance += sd * sd;
    }
    days
}

/// The share of stays that lasts longer than so many days: element k for k days.
struct Lasting(Vec<f64>);

impl Lasting {
    /// The product limit, of what is known at the end of a day.
    fn of(stays: &[Stay], as_of: Date) -> Self {
        let mut ended: BTreeMap<usize, f64> = BTreeMap::new();
        let mut observed: BTreeMap<usize, f64> = BTreeMap::new();
        for stay in stays.iter().filter(|stay| stay.from <= as_of) {
            let people = f64::from(stay.people);
            let left = stay.left_by(as_of);
            let length = days_between(stay.from, left.unwrap_or(as_of)).max(0) as usize;
            *observed.entry(length).or_default() += people;
            if left.is_some() {
                *ended.entry(length).or_default() += people;
            }
        }
        let longest = observed.keys().next_back().copied().unwrap_or(0);
        let mut at_risk: f64 = observed.values().sum();
        let mut share = 1.0;
        let mut shares = Vec::with_capacity(longest + 1);
        for length in 0..=longest {
            let gone = ended.get(&length).copied().unwrap_or(0.0);
            if at_risk > 0.0 {
                share *= 1.0 - gone / at_risk;
            }
            at_risk -= observed.get(&length).copied().unwrap_or(0.0);
            shares.push(share);
        }
        Self(shares)
    }

    /// The share that lasts longer than so many days.
    fn at(&self, days: usize) -> f64 {
        let last = self.0.last().copied().unwrap_or(1.0);
        let beyond = (days + 1).saturating_sub(self.0.len());
        self.0
            .get(days)
            .copied()
            .unwrap_or_else(|| last * STAYS_ON.powi(beyond as i32))
    }

    /// Of those who have stayed so many days, the share that is there so many days later.
    fn further(&self, stayed: usize, ahead: usize) -> f64 {
        let (now, then) = (self.at(stayed), self.at(stayed + ahead));
        if now > 0.0 {
            then / now
        } else {
            STAYS_ON.powi(ahead as i32)
        }
    }
}
