//! The time between two onsets, also a negative one: an infectee may fall ill before the infector.
//!
//! Unit: probability by whole days from the infector's onset to the infectee's. [`SerialInterval`] begins at one day, since
//! estimators of R need that. Where infection before symptoms is common, serial intervals of 0 days and below are seen
//! (Du et al. 2020, Emerg Infect Dis 26:1341: normal, mean 3.96 d, sd 4.75 d).
//!
//! ```
//! use lianfang_epi::onset_interval::OnsetInterval;
//! use lianfang_epi::serial_interval::SerialInterval;
//!
//! let gamma = OnsetInterval::from(&SerialInterval::gamma(4.7, 2.9)?);
//! assert!(gamma.probability(4) > 0.1);
//! assert_eq!(gamma.probability(-1), 0.0);
//!
//! let normal = OnsetInterval::normal(3.96, 4.75)?;
//! assert!(normal.probability(-1) > 0.04);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use statrs::function::erf::erfc;
use thiserror::Error;

use crate::serial_interval::{MAX_SUPPORT, SerialInterval};

/// A sum of weights may be off 1 by so much, as with a serial interval.
const SUM_TOLERANCE: f64 = 0.01;
/// Beyond so many standard deviations less than 1e-9 of a normal distribution is left.
const NORMAL_REACH: f64 = 6.2;

/// Why a distribution of the time between onsets cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum OnsetIntervalError {
    /// Mean or standard deviation make no distribution.
    #[error(
        "mean {mean} and standard deviation {sd}: takes a finite mean and a standard deviation above 0"
    )]
    Moments {
        /// The mean given, days.
        mean: f64,
        /// The standard deviation given, days.
        sd: f64,
    },
    /// A weight is not a probability.
    #[error("the weight at {days} days is {weight}: it must lie between 0 and 1")]
    Weight {
        /// Days between the onsets.
        days: i32,
        /// The weight given.
        weight: f64,
    },
    /// The weights do not sum to 1.
    #[error("the weights sum to {0}: they must sum to 1 within 0.01")]
    Sum(f64),
    /// Too few or too many weights.
    #[error("{0} weights are given: it takes 1 to twice {MAX_SUPPORT}")]
    Support(usize),
}

/// Probability by whole days from an infector's onset to the infectee's; the first day may be negative.
#[derive(Debug, Clone, PartialEq)]
pub struct OnsetInterval {
    first: i32,
    weights: Vec<f64>,
}

impl OnsetInterval {
    /// From its own weights: `weights[i]` is the probability of `first + i` days.
    ///
    /// # Errors
    /// Where a weight is no probability, the sum is off 1 by more than 0.01, or there are none or too many.
    pub fn new(first: i32, weights: Vec<f64>) -> Result<Self, OnsetIntervalError> {
        if weights.is_empty() || weights.len() > 2 * MAX_SUPPORT {
            return Err(OnsetIntervalError::Support(weights.len()));
        }
        for (days, &weight) in (first..).zip(&weights) {
            if !(0.0..=1.0).contains(&weight) {
                return Err(OnsetIntervalError::Weight { days, weight });
            }
        }
        let sum: f64 = weights.iter().sum();
        if (sum - 1.0).abs() > SUM_TOLERANCE {
            return Err(OnsetIntervalError::Sum(sum));
        }
        Ok(Self { first, weights })
    }

    /// The normal distribution, each whole day taking what lies within half a day of it.
    ///
    /// # Errors
    /// Where mean or standard deviation are not finite, the latter is not above 0, or the support becomes too long.
    pub fn normal(mean: f64, sd: f64) -> Result<Self, OnsetIntervalError> {
        if !(mean.is_finite() && sd.is_finite() && sd > 0.0) {
            return Err(OnsetIntervalError::Moments { mean, sd });
        }
        let (low, high) = (mean - NORMAL_REACH * sd, mean + NORMAL_REACH * sd);
        if low.abs().max(high.abs()) > MAX_SUPPORT as f64 {
            return Err(OnsetIntervalError::Support((high - low) as usize));
        }
        let below = |x: f64| 0.5 * erfc((mean - x) / (sd * std::f64::consts::SQRT_2));
        let first = low.floor() as i32;
        let weights = (first..=high.ceil() as i32)
            .map(f64::from)
            .map(|x| below(x + 0.5) - below(x - 0.5))
            .collect();
        Self::new(first, weights)
    }

    /// Probability of so many days; 0 outside the support.
    pub fn probability(&self, days: i32) -> f64 {
        days.checked_sub(self.first)
            .and_then(|place| usize::try_from(place).ok())
            .and_then(|place| self.weights.get(place))
            .copied()
            .unwrap_or(0.0)
    }
}

impl From<&SerialInterval> for OnsetInterval {
    fn from(interval: &SerialInterval) -> Self {
        Self {
            first: 0,
            weights: interval.weights().to_vec(),
        }
    }
}
