//! Arrivals: how many people will arrive on each of the coming days.
//!
//! Unit: people by day of arrival. Two estimates are made of each day ahead, and combined.
//!
//! **From what is announced.** Of those who will have announced themselves for a day, the share F(k) has done so k days
//! before. F comes from the triangle of announcements by the chain ladder: f(j) = Σ A(j) / Σ A(j+1) over the days for which both
//! were known, F(k) = 1 / Π over j < k of f(j) (Mack 1993, ASTIN Bull 23:213; England & Verrall 2002, Br Actuar J 8:443). q is
//! arrivals over announcements of past days: the share of the announced that comes, over the share of the arrivals that
//! was announced. The estimate is N₁ = q A(k) / F(k). Its variance is that of an over-dispersed negative binomial (England &
//! Verrall 2002, §2.5): with m = q (A + 1)(1 - F) / F still to be announced, q A + m + m² / (A + 1), times a dispersion; where
//! past days strayed further from their own N₁, plus a share of N₁². Both come from those days' residuals.
//!
//! **From the recent level.** N₂ is the mean of the newest seven days with a count, times the weekday's ratio to the mean
//! (drawn towards 1 by one day's worth). Its variance is the mean square of the errors that the same rule would
//! have made in the past, as far ahead (Williams & Goodman 1971, JASA 66:752).
//!
//! **Together.** Weights are the inverse variances: N₂ is the prior and N₁ what is seen (the credibility of Mack 2000, ASTIN
//! Bull 30:333). Where the two contradict each other (by more than two standard deviations of their difference), N₂'s
//! variance is taken to be their squared distance less N₁'s variance (empirical Bayes: Efron & Morris 1973, JASA 68:117),
//! so that a wave which is announced is believed however calm the past was. The variance is raised where past intervals would have been too narrow.
//! Quantiles are those of a gamma distribution, rounded outwards: never negative.
//!
//! Without announcements N₂ stands alone; without past counts there is no answer. With few days the interval is wide.
//! Four to eight weeks of past days are a good length: all that are given are taken to be alike.
//!
//! ```
//! use jiff::{ToSpan, civil::date};
//! use lianfang_epi::arrivals::{Arrived, Day, foresee};
//!
//! // For four weeks 100 were announced the day before, 150 on the day, and 120 came.
//! let as_of = date(2020, 1, 20);
//! let mut days: Vec<Day> = (0..28)
//!     .map(|ago| Day {
//!         date: as_of - ago.days(),
//!         announced: vec![Some(150), Some(100)],
//!         arrived: Some(Arrived { declared: 90, undeclared: 30 }),
//!     })
//!     .collect();
//! // For tomorrow 500 are announced already.
//! days.push(Day { date: date(2020, 1, 21), announced: vec![None, Some(500)], arrived: None });
//! let foreseen = foresee(&days, as_of, 2);
//! assert_eq!(foreseen.came_share, Some(0.6));
//! assert_eq!(foreseen.undeclared_share, Some(0.25));
//! let tomorrow = foreseen.days[0].arrivals.unwrap();
//! assert!((570.0..=600.0).contains(&tomorrow.expected));
//! let after = foreseen.days[1].arrivals.unwrap();
//! assert!(after.low <= 120 && 120 <= after.high);
//! ```

mod announced;
pub(crate) mod level;
pub(crate) mod spread;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use crate::days::{add_days, days_between};
use crate::forecast::{self, Forecast, Quantiles};
use crate::special::gamma_quantile;
use announced::Announced;
use level::Level;
use spread::Estimate;

/// The farthest day ahead that is foreseen.
pub const LONGEST_HORIZON: usize = 14;

/// Probabilities of the lower end, the middle and the upper end.
const PROBABILITIES: [f64; 3] = [0.05, 0.5, 0.95];

/// Beyond so many times the variance of their difference, both estimates contradict each other: two standard deviations.
const BY_CHANCE: f64 = 4.0;

/// What is known of one day of arrival.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// Day of arrival.
    pub date: Date,
    /// People announced for it, all sources that tell ahead together: `announced[k]` as known at the end of the day that lies k days
    /// before; none where nothing was kept.
    pub announced: Vec<Option<u32>>,
    /// People who arrived; none for days to come and where nothing was counted.
    pub arrived: Option<Arrived>,
}

/// People who arrived on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrived {
    /// Those who had been announced.
    pub declared: u32,
    /// Those who had not.
    pub undeclared: u32,
}

impl Arrived {
    fn all(self) -> f64 {
        f64::from(self.declared) + f64::from(self.undeclared)
    }
}

/// The coming days' arrivals, as seen on one day.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Foreseen {
    /// The days ahead, from the next on.
    pub days: Vec<DayAhead>,
    /// Share of a day's announcements that is made k days before, from 0 days (1) on, as far as announcements reach.
    pub announced_by: Vec<f64>,
    /// Share of the announced that came, over all past days; none where nobody was announced.
    pub came_share: Option<f64>,
    /// Share of the arrivals that was not announced; none where nobody arrived.
    pub undeclared_share: Option<f64>,
}

/// One day ahead.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct DayAhead {
    /// The day.
    pub date: Date,
    /// Days from the day of the forecast, 1 or more.
    pub horizon: usize,
    /// People announced for it so far; none where that is not known.
    pub announced: Option<u32>,
    /// People who will arrive; none where nothing allows an estimate.
    pub arrivals: Option<Expected>,
}

/// A number of people to be expected.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Expected {
    /// Expected number.
    pub expected: f64,
    /// Lower end: 5 % quantile.
    pub low: u32,
    /// Median.
    pub median: u32,
    /// Upper end: 95 % quantile.
    pub high: u32,
    /// Variance around the expected number.
    pub variance: f64,
    /// Weight of the announcements in the expected number, 0 to 1; the rest is that of the recent level.
    pub weight_of_announced: f64,
}

impl Foreseen {
    /// The same as a forecast with the Hub's quantiles; none where a day has no estimate.
    pub fn forecast(&self, as_of: Date) -> Option<Forecast> {
        let quantiles = self.days.iter().map(|day| {
            let Expected {
                expected, variance, ..
            } = day.arrivals?;
            Some(Quantiles::of(|level| gamma(level, expected, variance)))
        });
        let quantiles: Vec<Quantiles> = quantiles.collect::<Option<_>>()?;
        Some(forecast::dated(as_of, as_of, quantiles.into_iter()))
    }
}

/// Arrivals of the `horizon` days after `as_of` (1 to [`LONGEST_HORIZON`]; what lies outside is taken to the nearer end).
///
/// Only what was known at the end of `as_of` is used, whatever `days` hold. Of two entries for a day the later stands.
pub fn foresee(days: &[Day], as_of: Date, horizon: usize) -> Foreseen {
    let days: BTreeMap<Date, &Day> = days.iter().map(|day| (day.date, day)).collect();
    let past: Vec<(&Day, Arrived)> = days
        .range(..=as_of)
        .filter_map(|(_, day)| Some((*day, day.arrived?)))
        .collect();
    let announced = Announced::new(&days, &past, as_of);
    let level = Level::new(
        past.iter()
            .map(|(day, arrived)| (day.date, arrived.all()))
            .collect(),
    );
    let ahead = (1..=horizon.clamp(1, LONGEST_HORIZON)).map(|horizon| {
        let date = add_days(as_of, horizon as i32);
        let known = days.get(&date).and_then(|day| known_at(day, horizon));
        DayAhead {
            date,
            horizon,
            announced: known.map(|(_, number)| number),
            arrivals: expected(&past, &announced, &level, (date, horizon), known),
        }
    });
    let sum = |number: fn(&Arrived) -> u32| -> f64 {
        past.iter()
            .map(|(_, arrived)| f64::from(number(arrived)))
            .sum()
    };
    let (declared, undeclared) = (sum(|a| a.declared), sum(|a| a.undeclared));
    Foreseen {
        days: ahead.collect(),
        came_share: announced.came_share(),
        undeclared_share: (declared + undeclared > 0.0)
            .then(|| undeclared / (declared + undeclared)),
        announced_by: announced.shares().to_vec(),
    }
}

/// The newest announcement of a day that was known `lead` days before, with its own lead.
fn known_at(day: &Day, lead: usize) -> Option<(usize, u32)> {
    let mut kept = day.announced.iter().enumerate().skip(lead);
    kept.find_map(|(lead, number)| Some((lead, (*number)?)))
}

fn expected(
    past: &[(&Day, Arrived)],
    announced: &Announced,
    level: &Level,
    (date, horizon): (Date, usize),
    known: Option<(usize, u32)>,
) -> Option<Expected> {
    let by_level = level.ahead(date, horizon)?;
    let by_announced = known.and_then(|(lead, number)| announced.estimate(lead, number, by_level));
    let (estimate, weight) = combine(by_announced, by_level);
    // How far the same combination lay off on past days, in its own variances.
    let misses = past.iter().filter_map(|(day, arrived)| {
        let then = level.at(day.date, horizon)?;
        let by_announced = known_at(day, horizon)
            .and_then(|(lead, number)| announced.estimate(lead, number, then));
        let (estimate, _) = combine(by_announced, then);
        Some((arrived.all() - estimate.mean).powi(2) / estimate.variance)
    });
    let variance = estimate.variance * spread::mean_drawn_to_one(misses).max(1.0);
    let [low, median, high] = PROBABILITIES.map(|p| gamma(p, estimate.mean, variance));
    // Nobody knows yet what an announcement is worth: all may come.
    let unweighed = known.filter(|_| announced.came_share().is_none());
    let all_come = unweighed.map_or(0, |(_, number)| number);
    Some(Expected {
        expected: estimate.mean,
        low: low.floor() as u32,
        median: median.round() as u32,
        high: (high.ceil() as u32).max(all_come),
        variance,
        weight_of_announced: weight,
    })
}

/// Both estimates in one, and the weight of what is announced.
fn combine(announced: Option<Estimate>, level: Estimate) -> (Estimate, f64) {
    let Some(announced) = announced else {
        return (level, 0.0);
    };
    let distance = (announced.mean - level.mean).powi(2);
    let chance = announced.variance + level.variance;
    let level_variance = if distance > BY_CHANCE * chance {
        distance - announced.variance
    } else {
        level.variance
    };
    let weight = level_variance / (announced.variance + level_variance);
    let estimate = Estimate {
        mean: weight * announced.mean + (1.0 - weight) * level.mean,
        variance: weight * announced.variance,
    };
    (estimate, weight)
}

/// A quantile of the gamma distribution of this mean and variance.
fn gamma(p: f64, mean: f64, variance: f64) -> f64 {
    let scale = variance / mean;
    gamma_quantile(p, mean / scale) * scale
}

/// Days before `date` that `as_of` lies; 0 where it is the same day or later.
fn lead_of(date: Date, as_of: Date) -> usize {
    usize::try_from(days_between(as_of, date)).unwrap_or(0)
}
