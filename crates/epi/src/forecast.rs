//! New cases of each of the next 1 to 14 days, as quantiles.
//!
//! Unit: persons newly reported per day. What is forecast is what bulletins will say, not who will fall ill. Input
//! are cumulative totals up to the day of the forecast; later ones are dropped before anything is computed.
//!
//! # Model
//!
//! The renewal equation with a reproduction number that drifts (h = 1, 2, … days ahead, ln R is written x):
//!
//! - I(h) is negative binomial with mean R(h) Λ(h) + imported and size k, Λ(h) = Σ w(s) I(h-s) being Cori's overall
//!   infectivity ([`crate::rt`]): Fraser 2007, PLoS One 2:e758; Nouvellet et al. 2018, Epidemics 22:3-11;
//! - x(t+1) = c + a (x(t) - c) + σ ε(t): a random walk that is drawn to the level c = ln `r_controlled`, half of the
//!   distance in `half_life_days`. People and authorities respond to an outbreak; a plain random walk does not know that, and
//!   a trend without damping overshoots (Gardner & McKenzie 1985, Manage Sci 31:1237);
//! - a day's count is an artefact with a small probability: a total not updated, a batch of several days, a change of
//!   definition as Hubei's on 12 February 2020. Then it is negative binomial of size 0.3 around what R = 1 gives
//!   (ahead: around the forecast), so that no single bulletin moves R far, and the outer quantiles allow for one.
//!
//! **Now.** A grid filter gives the probability of each R on the last day known (as EpiFilter, Parag 2021, PLoS Comput Biol
//! 17:e1009347). In the past R may also have jumped, with a small probability each day; ahead no jump is expected. The first bulletin with cases tells nothing about transmission here. A gap is compared as a whole with
//! what was expected of its days. A day whose total went down has no count of its own; the days before it are used
//! as corrected ([`crate::incidence`]).
//!
//! **Ahead.** For each R of the grid and each of 13 shocks, a path of R; along it, mean and variance of every day's
//! count by recursion, exact for the model; a negative binomial with these moments; and of all paths the mixture.
//! Nothing is drawn at random: same totals, same quantiles. Days between the last total and the day of the
//! forecast are forecast too, and not shown.
//!
//! **Quantiles** are read off one mid-distribution function that only ascends, so they cannot cross. They lie between
//! whole numbers: with few cases they then tell more. At 0 an interval holds more than its nominal share: where 0 is
//! expected with a probability of 0.9, no interval that holds it can hold less.
//!
//! # Beside it
//!
//! [`persistence`] is the baseline, [`average`] and [`linear_pool`] combine forecasts, [`crate::scores`] judges them.
//!
//! ```
//! use jiff::civil::date;
//! use lianfang_epi::forecast::{ForecastRule, Forecaster};
//! use lianfang_epi::{SerialInterval, Total};
//!
//! let rule = ForecastRule {
//!     r_start: 2.5, log_r_sd: 0.7, r_controlled: 0.58, half_life_days: 7.0, log_r_step_sd: 0.1,
//!     jump_per_day: 0.02, dispersion: 10.0, artefact_probability: 0.05, imported_per_day: 0.1,
//! };
//! let mut total = 0;
//! let totals: Vec<Total> = (1..).zip([2, 3, 5, 8, 12, 18, 24, 30, 32, 30, 28, 24, 22, 18]).map(|(day, new)| {
//!     total += new;
//!     Total { date: date(2020, 2, day), total }
//! }).collect();
//!
//! let forecaster = Forecaster::new(&SerialInterval::gamma(4.7, 2.9)?, &rule)?;
//! let forecast = forecaster.forecast(&totals, true, date(2020, 2, 14), 7)?;
//! let tomorrow = &forecast.days[0];
//! assert_eq!(tomorrow.date, date(2020, 2, 15));
//! assert!(tomorrow.quantiles.median() < 25.0);
//! let (low, high) = tomorrow.quantiles.interval(0.9).expect("the Hub's levels hold it");
//! assert!(low < 18.0 && 18.0 < high);
//! assert!(forecast.days[6].quantiles.median() < 18.0);
//!
//! // As it was seen on 8 February, while it grew.
//! let then = forecaster.forecast(&totals, true, date(2020, 2, 8), 7)?;
//! assert!(then.days[6].quantiles.median() > 30.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod ahead;
mod ensemble;
mod mixture;
mod persistence;
mod quantiles;
mod reproduction;
mod rule;

use jiff::civil::Date;
use serde::Serialize;
use thiserror::Error;

use crate::days::{add_days, days_between};
use crate::incidence::{Incidence, IncidenceError, Total};
use crate::rt::push_infectivity;
use crate::serial_interval::SerialInterval;
use reproduction::{Bulletin, Filter};

pub use ensemble::{EnsembleError, average, linear_pool};
pub use quantiles::{LEVELS, Quantiles, QuantilesError};
pub use rule::{ForecastRule, ForecastRuleError};

/// The farthest day ahead that is forecast.
pub const LONGEST_HORIZON: usize = 14;

/// Why there is no forecast.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum ForecastError {
    /// The totals make no series.
    #[error(transparent)]
    Incidence(#[from] IncidenceError),
    /// The rule has a field out of its range.
    #[error(transparent)]
    Rule(#[from] ForecastRuleError),
    /// Too few or too many days ahead.
    #[error("{0} days ahead cannot be forecast: 1 to {LONGEST_HORIZON} can")]
    Horizon(usize),
    /// The first bulletin came after the day of the forecast.
    #[error("nothing was known on {as_of}: the first total is of {first}")]
    BeforeData {
        /// Day of the forecast.
        as_of: Date,
        /// Day of the first total.
        first: Date,
    },
    /// The last bulletin is too old.
    #[error(
        "the newest total on {as_of} is of {last}: it may be {LONGEST_HORIZON} days old at most"
    )]
    Stale {
        /// Day of the forecast.
        as_of: Date,
        /// Day of the last total until then.
        last: Date,
    },
}

/// One day's forecast.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DayAhead {
    /// The day.
    pub date: Date,
    /// Days after that of the forecast, 1 or more.
    pub horizon: usize,
    /// New cases of that day.
    pub quantiles: Quantiles,
}

/// New cases of the days ahead, as seen on one day.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Forecast {
    /// The day of the forecast: nothing later was used.
    pub as_of: Date,
    /// Day of the newest total used.
    pub last_total: Date,
    /// The days ahead, from the next on.
    pub days: Vec<DayAhead>,
}

impl Forecast {
    /// The mean of this forecast and another of the same days, quantile by quantile.
    ///
    /// # Errors
    /// Where the levels of both differ.
    pub fn averaged_with(&self, other: &Self) -> Result<Self, EnsembleError> {
        let mut made = self.clone();
        for (day, theirs) in made.days.iter_mut().zip(&other.days) {
            day.quantiles = average(&[(&day.quantiles, 1.0), (&theirs.quantiles, 1.0)])?;
        }
        Ok(made)
    }
}

/// Makes forecasts under one rule and one serial interval, for as many areas as there are.
#[derive(Debug, Clone)]
pub struct Forecaster {
    rule: ForecastRule,
    weights: Vec<f64>,
    filter: Filter,
}

impl Forecaster {
    /// A forecaster for a rule that has been checked.
    ///
    /// # Errors
    /// The first field of the rule that is out of its range.
    pub fn new(si: &SerialInterval, rule: &ForecastRule) -> Result<Self, ForecastRuleError> {
        rule.check()?;
        Ok(Self {
            rule: *rule,
            weights: si.weights().to_vec(),
            filter: Filter::new(rule),
        })
    }

    /// New cases of each of the `days` days after `as_of`, 1 to [`LONGEST_HORIZON`].
    ///
    /// `totals` and `first_is_new` as in [`Incidence::from_totals`], rows in any order; those after `as_of` are
    /// not looked at.
    ///
    /// # Errors
    /// Without rows, with a span of more than [`crate::incidence::MAX_DAYS`], with a number of days that cannot be
    /// forecast, or where the newest total until `as_of` is missing or too old.
    pub fn forecast(
        &self,
        totals: &[Total],
        first_is_new: bool,
        as_of: Date,
        days: usize,
    ) -> Result<Forecast, ForecastError> {
        let series = known(totals, first_is_new, as_of, days)?;
        let last = last_total(&series);
        let silent = days_between(last, as_of) as usize;
        let posterior = self.filter.posterior(&bulletins(&series, &self.weights));
        let ahead = ahead::parts(
            &self.rule,
            &self.weights,
            &series.filled,
            &posterior,
            silent + days,
        );
        let quantiles = ahead[silent..]
            .iter()
            .map(|parts| mixture::quantiles(parts));
        Ok(dated(as_of, last, quantiles))
    }
}

/// The baseline that a forecast has to beat: tomorrow is as today.
///
/// As the COVID-19 Forecast Hub's (Cramer et al. 2022, PNAS 119:e2113561119), on daily counts. The median of every day ahead is the last
/// day's count ([`Incidence::filled`], so gaps are spread and corrections taken off). Around it, h days ahead, lies the
/// sum of h differences, each drawn at random among all past day-to-day differences and their negatives.
/// Quantiles below 0 are 0. Other than the Hub's, the sum's distribution is computed and not drawn, and its
/// quantiles are those of the mid-distribution function. Before there is any difference the spread is 0.
///
/// # Errors
/// As [`Forecaster::forecast`].
pub fn persistence(
    totals: &[Total],
    first_is_new: bool,
    as_of: Date,
    days: usize,
) -> Result<Forecast, ForecastError> {
    let series = known(totals, first_is_new, as_of, days)?;
    let last = last_total(&series);
    let silent = days_between(last, as_of) as usize;
    let quantiles = persistence::persistence(&series.filled, silent + days);
    Ok(dated(as_of, last, quantiles.into_iter().skip(silent)))
}

/// The same baseline for a series of daily numbers that are no cases: people who arrive, or who are there at a day's end.
/// The newest number, of the day of the forecast, is the last; none without a number, or with days that cannot be forecast.
pub fn persistence_of(numbers: &[f64], as_of: Date, days: usize) -> Option<Forecast> {
    let can = !numbers.is_empty() && (1..=LONGEST_HORIZON).contains(&days);
    can.then(|| {
        let quantiles = persistence::persistence(numbers, days);
        dated(as_of, as_of, quantiles.into_iter())
    })
}

pub(crate) fn dated(
    as_of: Date,
    last_total: Date,
    days: impl Iterator<Item = Quantiles>,
) -> Forecast {
    Forecast {
        as_of,
        last_total,
        days: (1..)
            .zip(days)
            .map(|(horizon, quantiles)| DayAhead {
                date: add_days(as_of, horizon as i32),
                horizon,
                quantiles,
            })
            .collect(),
    }
}

/// The series as known on a day.
fn known(
    totals: &[Total],
    first_is_new: bool,
    as_of: Date,
    days: usize,
) -> Result<Incidence, ForecastError> {
    if !(1..=LONGEST_HORIZON).contains(&days) {
        return Err(ForecastError::Horizon(days));
    }
    let first = totals.iter().map(|row| row.date).min();
    if let Some(first) = first.filter(|first| *first > as_of) {
        return Err(ForecastError::BeforeData { as_of, first });
    }
    let until: Vec<Total> = totals
        .iter()
        .copied()
        .filter(|row| row.date <= as_of)
        .collect();
    let series = Incidence::from_totals(&until, first_is_new)?;
    let last = last_total(&series);
    if days_between(last, as_of) as usize > LONGEST_HORIZON {
        return Err(ForecastError::Stale { as_of, last });
    }
    Ok(series)
}

fn last_total(series: &Incidence) -> Date {
    series.dates[series.dates.len() - 1]
}

/// What bulletins after the first that counted a case said.
fn bulletins(series: &Incidence, weights: &[f64]) -> Vec<Bulletin> {
    let Some(opening) = series.filled.iter().position(|cases| *cases > 0.0) else {
        return Vec::new();
    };
    let mut infectivity = Vec::with_capacity(series.filled.len());
    push_infectivity(&series.filled, weights, &mut infectivity);
    let mut out = Vec::new();
    let mut first = opening + 1;
    for (last, _) in series
        .new
        .iter()
        .enumerate()
        .skip(first)
        .filter(|(_, new)| new.is_some())
    {
        let date = series.dates[last];
        let went_down = series
            .corrections
            .iter()
            .any(|correction| correction.date == date);
        out.push(Bulletin {
            cases: (!went_down).then(|| series.filled[first..=last].iter().sum()),
            infectivity: infectivity[first..=last].iter().sum(),
            days: last + 1 - first,
        });
        first = last + 1;
    }
    out
}
