//! Nowcast: how many cases have begun by each day, those not reported yet included.
//!
//! Unit: cases by day of onset. Of the cases that began d days ago only the share F(d) has been reported, F being
//! the distribution of the delay from onset to report, up to a longest delay. F is estimated from the
//! *reporting triangle* itself by the reverse-time hazard (Lawless 1994, Can J Stat 22:15; Kalbfleisch &
//! Lawless 1989, JASA 84:360): g(d) = reports with delay d / reports with delay ≤ d, over onset days old enough to
//! have shown delay d; F(d) = Π over j > d of (1 - g(j)). The expected number is reported / F(d).
//!
//! The interval is that of the posterior of the unreported: with n reported and F known, negative binomial
//! (n + 1, F), from a flat prior; F's uncertainty (Greenwood's sum) enters as a beta
//! distribution, so that it is beta negative binomial.
//!
//! ```
//! use jiff::civil::date;
//! use lianfang_epi::nowcast::nowcast_with_delay;
//!
//! // 20 cases began the day before yesterday, 12 yesterday, 4 today, as reported so far.
//! let delay_pmf = [0.2, 0.5, 0.3]; // reported on the day of onset, the next, the one after
//! let days = nowcast_with_delay(&[20, 12, 4], date(2020, 2, 8), &delay_pmf, 0.95, 0.95)?;
//! assert_eq!(days[0].expected, Some(20.0));
//! assert!(!days[0].provisional);
//! assert_eq!(days[2].expected, Some(20.0));
//! assert!(days[2].low >= 4 && days[2].high > Some(30));
//! # Ok::<(), lianfang_epi::nowcast::NowcastError>(())
//! ```

mod interval;
mod triangle;

use jiff::civil::Date;
use serde::Serialize;
use thiserror::Error;

use crate::days::add_days;
use interval::Unreported;

pub use triangle::{ReportedShare, ReportingTriangle};

/// Why there is no nowcast.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum NowcastError {
    /// No case has both dates.
    #[error(
        "no case has an onset and a report by {as_of} within {max_delay} days: a nowcast needs some"
    )]
    NoReports {
        /// Day of the nowcast.
        as_of: Date,
        /// Longest delay taken, days.
        max_delay: usize,
    },
    /// The longest delay is too long.
    #[error("the longest delay is {0} days: it must be 1 to 366")]
    MaxDelay(usize),
    /// A delay's probability is none.
    #[error(
        "the reporting delay's probability at {day} days is {value}: it must lie between 0 and 1, and all must sum to 1 within 0.01"
    )]
    DelayPmf {
        /// Delay, days.
        day: usize,
        /// The value given, or the sum where every value is a probability.
        value: f64,
    },
    /// The level is no probability of an interval.
    #[error("the {name} is {value}: it must lie between 0 and 1, as 0.95")]
    Level {
        /// Which of the parameters.
        name: &'static str,
        /// The value given.
        value: f64,
    },
}

/// One day of onset.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct NowcastDay {
    /// Day of onset.
    pub onset: Date,
    /// Cases reported so far.
    pub reported: u32,
    /// Share of the day's cases that should be reported by now, 0 to 1.
    pub reported_share: f64,
    /// Expected number of cases once all are reported; none where none of the day's cases can have been
    /// reported yet, so that nothing can be said.
    pub expected: Option<f64>,
    /// Lower end of the interval of that number.
    pub low: u32,
    /// Upper end of the interval of that number; none where nothing bounds it (above five million).
    pub high: Option<u32>,
    /// The share reported lies below the threshold: the day's count will still rise.
    pub provisional: bool,
}

/// The nowcast of every onset day of a reporting triangle.
///
/// `provisional_below`: a day is provisional while less than this share is reported; `level`: probability of the
/// interval. For delays that change, give the triangle only the latest onset days
/// ([`ReportingTriangle::from_dates`], `first_onset`).
///
/// # Errors
/// Without reports, or with a threshold or level outside 0 to 1.
pub fn nowcast(
    triangle: &ReportingTriangle,
    provisional_below: f64,
    level: f64,
) -> Result<Vec<NowcastDay>, NowcastError> {
    check_levels(provisional_below, level)?;
    let shares = triangle.reported_shares();
    Ok(assemble(
        triangle.first_onset(),
        &triangle.reported(),
        &shares,
        provisional_below,
        level,
    ))
}

/// The nowcast with a reporting delay that is known from elsewhere, taken as certain.
///
/// `reported`: cases by day of onset as known today, the last entry being today; `first_onset`: day of the first;
/// `delay_pmf`: probability of a delay of 0, 1, … days; `provisional_below` and `level` as for [`nowcast`].
///
/// # Errors
/// Where the probabilities are none, or the threshold or level lies outside 0 to 1.
pub fn nowcast_with_delay(
    reported: &[u32],
    first_onset: Date,
    delay_pmf: &[f64],
    provisional_below: f64,
    level: f64,
) -> Result<Vec<NowcastDay>, NowcastError> {
    const SUM_TOLERANCE: f64 = 0.01;
    check_levels(provisional_below, level)?;
    for (day, &value) in delay_pmf.iter().enumerate() {
        if !(0.0..=1.0).contains(&value) {
            return Err(NowcastError::DelayPmf { day, value });
        }
    }
    let sum: f64 = delay_pmf.iter().sum();
    if (sum - 1.0).abs() > SUM_TOLERANCE {
        return Err(NowcastError::DelayPmf {
            day: delay_pmf.len().saturating_sub(1),
            value: sum,
        });
    }
    let mut by_now = 0.0;
    let shares: Vec<ReportedShare> = delay_pmf
        .iter()
        .map(|p| {
            by_now += p / sum;
            ReportedShare {
                share: by_now.min(1.0),
                relative_variance: 0.0,
            }
        })
        .collect();
    Ok(assemble(
        first_onset,
        reported,
        &shares,
        provisional_below,
        level,
    ))
}

fn check_levels(provisional_below: f64, level: f64) -> Result<(), NowcastError> {
    for (name, value) in [
        ("threshold for provisional days", provisional_below),
        ("level of the interval", level),
    ] {
        if !(value > 0.0 && value < 1.0) {
            return Err(NowcastError::Level { name, value });
        }
    }
    Ok(())
}

fn assemble(
    first_onset: Date,
    reported: &[u32],
    shares: &[ReportedShare],
    provisional_below: f64,
    level: f64,
) -> Vec<NowcastDay> {
    let tail = (1.0 - level) / 2.0;
    reported
        .iter()
        .enumerate()
        .map(|(day, &count)| {
            let age = reported.len() - 1 - day;
            let share = shares.get(age).copied().unwrap_or(ReportedShare::ALL);
            let unreported = Unreported::new(count, share);
            let [low, high] = unreported.quantiles([tail, 1.0 - tail]);
            NowcastDay {
                onset: add_days(first_onset, day as i32),
                reported: count,
                reported_share: share.share,
                expected: (share.share > 0.0).then(|| f64::from(count) / share.share),
                low: count.saturating_add(low.unwrap_or(0)),
                high: high.map(|unreported| count.saturating_add(unreported)),
                provisional: share.share < provisional_below,
            }
        })
        .collect()
}
