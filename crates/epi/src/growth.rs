//! The exponential growth rate r of daily counts, and what it means in days.
//!
//! Unit: per day. Counts are log-linear, E(y) = exp(a + r t), fitted by maximum likelihood with Poisson
//! variance; quasi-Poisson keeps the estimate and widens the interval by the Pearson dispersion with Student's t
//! on n-2 degrees of freedom (McCullagh & Nelder 1989, chapter 6; the same as `glm(y ~ t, quasipoisson)` in R with Wald
//! intervals). Counts double in ln 2 / r days where r > 0, and halve in ln 2 / -r where r < 0.
//!
//! ```
//! use lianfang_epi::growth::{Pace, Variance, growth_rate};
//!
//! let counts = [Some(3), Some(4), None, Some(9), Some(10), Some(18), Some(21)];
//! let growth = growth_rate(&counts, Variance::Poisson, 0.95)?;
//! assert!(growth.r_low < growth.r && growth.r < growth.r_high);
//! let Pace::Doubling(time) = growth.pace() else { panic!("these counts grow") };
//! assert!((2.0..3.0).contains(&time.days));
//! # Ok::<(), lianfang_epi::growth::GrowthError>(())
//! ```

use std::f64::consts::LN_2;

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};
use thiserror::Error;

use crate::special::normal_quantile;

/// How much counts vary about their mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Variance {
    /// Variance equal to the mean.
    Poisson,
    /// Variance proportional to the mean; the factor is estimated.
    QuasiPoisson,
}

/// Why no growth rate can be had.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum GrowthError {
    /// Too few days have a count.
    #[error("{0} days have a count: a growth rate needs at least 3")]
    TooFewDays(usize),
    /// Every count is zero.
    #[error("every count is 0: a growth rate needs cases")]
    NoCases,
    /// All cases stand on the first or on the last day.
    #[error(
        "all cases stand on the first or on the last day counted: the rate is unbounded, take a longer window"
    )]
    Unbounded,
    /// The level is no probability of an interval.
    #[error("the level of the interval is {0}: it must lie between 0 and 1, as 0.95")]
    Level(f64),
}

/// A growth rate with its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct GrowthRate {
    /// Growth rate per day.
    pub r: f64,
    /// Lower end of the interval, per day.
    pub r_low: f64,
    /// Upper end of the interval, per day.
    pub r_high: f64,
    /// Variance over mean: 1 for Poisson, Pearson's χ²/(n-2) for quasi-Poisson.
    pub dispersion: f64,
    /// Number of days with a count.
    pub days: usize,
}

/// A time of doubling or halving.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Time {
    /// Days.
    pub days: f64,
    /// Lower end of the interval, days.
    pub low: f64,
    /// Upper end of the interval, days; none where the interval of r reaches 0, so that it may take for ever.
    pub high: Option<f64>,
}

/// What a growth rate means in days.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    /// Counts double in this time.
    Doubling(Time),
    /// Counts halve in this time.
    Halving(Time),
    /// Counts neither grow nor fall: r is exactly 0.
    Flat,
}

impl GrowthRate {
    /// Doubling or halving time with its interval, from r's.
    pub fn pace(&self) -> Pace {
        let time = |r: f64, fastest: f64, slowest: f64| Time {
            days: LN_2 / r,
            low: LN_2 / fastest,
            high: (slowest > 0.0).then(|| LN_2 / slowest),
        };
        if self.r > 0.0 {
            Pace::Doubling(time(self.r, self.r_high, self.r_low))
        } else if self.r < 0.0 {
            Pace::Halving(time(-self.r, -self.r_low, -self.r_high))
        } else {
            Pace::Flat
        }
    }
}

/// The growth rate of daily counts. `counts`: one entry a day, `None` where the day's count is not known
/// (see [`crate::incidence::Incidence::known`]); `level`: probability of the interval, as 0.95.
///
/// # Errors
/// With fewer than 3 counts, without cases, with all cases on the first or last day, or with a bad level.
pub fn growth_rate(
    counts: &[Option<u32>],
    variance: Variance,
    level: f64,
) -> Result<GrowthRate, GrowthError> {
    if !(level > 0.0 && level < 1.0) {
        return Err(GrowthError::Level(level));
    }
    let points: Vec<(f64, f64)> = counts
        .iter()
        .enumerate()
        .filter_map(|(day, count)| Some((day as f64, f64::from((*count)?))))
        .collect();
    check(&points)?;
    let fit = fit(&points);
    let freedom = points.len() as f64 - 2.0;
    let tail = 0.5 + level / 2.0;
    let (dispersion, quantile) = match variance {
        Variance::Poisson => (1.0, normal_quantile(tail)),
        Variance::QuasiPoisson => {
            let student = StudentsT::new(0.0, 1.0, freedom).expect("freedom is 1 or more");
            (fit.pearson / freedom, student.inverse_cdf(tail))
        }
    };
    let half_width = quantile * (dispersion * fit.variance).sqrt();
    Ok(GrowthRate {
        r: fit.rate,
        r_low: fit.rate - half_width,
        r_high: fit.rate + half_width,
        dispersion,
        days: points.len(),
    })
}

fn check(points: &[(f64, f64)]) -> Result<(), GrowthError> {
    let [(_, first), middle @ .., (_, last)] = points else {
        return Err(GrowthError::TooFewDays(points.len()));
    };
    if middle.is_empty() {
        return Err(GrowthError::TooFewDays(points.len()));
    }
    if middle.iter().any(|(_, count)| *count > 0.0) || (*first > 0.0 && *last > 0.0) {
        Ok(())
    } else if *first > 0.0 || *last > 0.0 {
        Err(GrowthError::Unbounded)
    } else {
        Err(GrowthError::NoCases)
    }
}

struct Fit {
    rate: f64,
    /// Variance of the rate, were the counts Poisson.
    variance: f64,
    /// Pearson's χ².
    pearson: f64,
}

/// Profile of the likelihood over the intercept: given r, the days' shares of all cases are
/// exp(r t)/Σ exp(r t), so the score is Σ y (mean day of cases - mean day of shares): increasing, one root.
fn fit(points: &[(f64, f64)]) -> Fit {
    const STEPS: usize = 200;
    let cases: f64 = points.iter().map(|(_, count)| count).sum();
    let centre = points.iter().map(|(day, count)| day * count).sum::<f64>() / cases;
    let (mut low, mut high) = (-1.0, 1.0);
    while shares(points, low).mean > centre {
        low *= 2.0;
    }
    while shares(points, high).mean < centre {
        high *= 2.0;
    }
    let mut rate = 0.0;
    for _ in 0..STEPS {
        let at = shares(points, rate);
        let miss = centre - at.mean;
        if miss > 0.0 {
            low = rate;
        } else {
            high = rate;
        }
        let newton = rate + miss / at.variance;
        let next = if newton > low && newton < high {
            newton
        } else {
            0.5 * (low + high)
        };
        let moved = (next - rate).abs();
        rate = next;
        if moved < 1e-14 {
            break;
        }
    }
    let at = shares(points, rate);
    let pearson = points
        .iter()
        .map(|(day, count)| {
            let mean = cases * (rate * day - at.ln_sum).exp();
            if mean > 0.0 {
                (count - mean).powi(2) / mean
            } else {
                0.0
            }
        })
        .sum();
    Fit {
        rate,
        variance: 1.0 / (cases * at.variance),
        pearson,
    }
}

struct Shares {
    mean: f64,
    variance: f64,
    ln_sum: f64,
}

fn shares(points: &[(f64, f64)], rate: f64) -> Shares {
    let top = points
        .iter()
        .map(|(day, _)| rate * day)
        .fold(f64::NEG_INFINITY, f64::max);
    let weight = |day: f64| (rate * day - top).exp();
    let sum: f64 = points.iter().map(|(day, _)| weight(*day)).sum();
    let mean = points
        .iter()
        .map(|(day, _)| day * weight(*day))
        .sum::<f64>()
        / sum;
    let variance = points
        .iter()
        .map(|(day, _)| (day - mean).powi(2) * weight(*day))
        .sum::<f64>()
        / sum;
    Shares {
        mean,
        variance,
        ln_sum: top + sum.ln(),
    }
}
