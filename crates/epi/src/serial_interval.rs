//! The serial interval: days from an infector's onset of symptoms to the infectee's.
//!
//! Unit: probability per whole day of delay; index 0 is the same day, whose weight is 0. Estimators of R
//! weigh past cases by it. [`discr_si`] discretises a gamma distribution shifted by one day (Cori et
//! al. 2013, Am J Epidemiol 178:1505, Web Appendix 11), as `EpiEstim::discr_si` does:
//!
//! w(k) = k F(k) + (k-2) F(k-2) - 2(k-1) F(k-1) + ab \[2 F'(k-1) - F'(k-2) - F'(k)\]
//!
//! with F the gamma distribution function of shape a = ((mean-1)/sd)² and scale b = sd²/(mean-1), and F' the
//! same with shape a + 1.
//!
//! Early 2020: mean 4.7 d, sd 2.9 d (Nishiura et al. 2020, Int J Infect Dis).
//!
//! ```
//! use lianfang_epi::serial_interval::{SerialInterval, discr_si};
//!
//! let w = discr_si(3, 4.7, 2.9)?;
//! assert_eq!(w[0], 0.0);
//! assert!((w[3] - 0.185_418_005_890_767).abs() < 1e-12);
//!
//! let si = SerialInterval::gamma(4.7, 2.9)?;
//! assert!((si.mean() - 4.7).abs() < 1e-6);
//! # Ok::<(), lianfang_epi::serial_interval::SerialIntervalError>(())
//! ```

use serde::Serialize;
use thiserror::Error;

use crate::special::gamma_cdf;

/// The longest support taken, in days.
pub const MAX_SUPPORT: usize = 366;

/// EpiEstim takes weights whose sum is off 1 by at most this.
const SUM_TOLERANCE: f64 = 0.01;

/// What is left out of a gamma serial interval's tail.
const TAIL: f64 = 1e-9;

/// Why a serial interval cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum SerialIntervalError {
    /// The mean is not beyond the shift of one day.
    #[error("the mean serial interval is {0} days: it must be finite and more than 1 day")]
    Mean(f64),
    /// The standard deviation is not positive.
    #[error(
        "the serial interval's standard deviation is {0} days: it must be finite and more than 0"
    )]
    Sd(f64),
    /// The weight of the same day is not zero.
    #[error(
        "the serial interval's weight at 0 days is {0}: it must be 0, nobody's case counts as their own infector"
    )]
    SameDay(f64),
    /// A weight is not a probability.
    #[error("the serial interval's weight at {day} days is {weight}: it must lie between 0 and 1")]
    Weight {
        /// Index of the weight, days.
        day: usize,
        /// The weight given.
        weight: f64,
    },
    /// The weights do not sum to 1.
    #[error("the serial interval's weights sum to {0}: they must sum to 1 within 0.01")]
    Sum(f64),
    /// The support is too short or too long.
    #[error(
        "the serial interval has {0} weights: it must have 2 to {MAX_SUPPORT}, for 0 days, 1 day and so on"
    )]
    Support(usize),
}

/// The discretised serial interval w(0), …, w(k_max) of mean `mean_si` and standard deviation `std_si`
/// days: `k_max + 1` probabilities, not normalised (the tail beyond `k_max` is missing), as `EpiEstim::discr_si`.
///
/// # Errors
/// Where the mean is not more than 1 day or the standard deviation is not positive.
pub fn discr_si(k_max: usize, mean_si: f64, std_si: f64) -> Result<Vec<f64>, SerialIntervalError> {
    check_moments(mean_si, std_si)?;
    Ok((0..=k_max).map(|k| weight(k, mean_si, std_si)).collect())
}

fn check_moments(mean_si: f64, std_si: f64) -> Result<(), SerialIntervalError> {
    if !(mean_si.is_finite() && mean_si > 1.0) {
        return Err(SerialIntervalError::Mean(mean_si));
    }
    if !(std_si.is_finite() && std_si > 0.0) {
        return Err(SerialIntervalError::Sd(std_si));
    }
    Ok(())
}

fn weight(k: usize, mean_si: f64, std_si: f64) -> f64 {
    let shape = ((mean_si - 1.0) / std_si).powi(2);
    let scale = std_si.powi(2) / (mean_si - 1.0);
    let k = k as f64;
    let cdf = |x: f64| gamma_cdf(shape, x / scale);
    let cdf_next = |x: f64| gamma_cdf(shape + 1.0, x / scale);
    let weight = k * cdf(k) + (k - 2.0) * cdf(k - 2.0) - 2.0 * (k - 1.0) * cdf(k - 1.0)
        + shape * scale * (2.0 * cdf_next(k - 1.0) - cdf_next(k - 2.0) - cdf_next(k));
    weight.max(0.0)
}

/// A discretised serial interval that has been checked: probability by whole days, index 0 being 0.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct SerialInterval {
    weights: Vec<f64>,
}

impl SerialInterval {
    /// The shifted gamma serial interval of [`discr_si`], as long as needed to leave out less than 1e-9.
    ///
    /// # Errors
    /// As [`discr_si`]; [`SerialIntervalError::Support`] where more than [`MAX_SUPPORT`] days would be needed.
    pub fn gamma(mean_si: f64, std_si: f64) -> Result<Self, SerialIntervalError> {
        check_moments(mean_si, std_si)?;
        let mut weights = Vec::new();
        let mut left = 1.0;
        while left > TAIL {
            if weights.len() == MAX_SUPPORT {
                return Err(SerialIntervalError::Support(MAX_SUPPORT + 1));
            }
            let next = weight(weights.len(), mean_si, std_si);
            left -= next;
            weights.push(next);
        }
        Self::new(weights)
    }

    /// A serial interval from its own weights, `si_distr` in EpiEstim: index = days, the first being 0.
    /// They are used as they are, not normalised.
    ///
    /// # Errors
    /// Where the first weight is not 0, a weight is not a probability, the sum is off 1 by more than
    /// 0.01, or the number of weights is not 2 to [`MAX_SUPPORT`].
    pub fn new(si_distr: Vec<f64>) -> Result<Self, SerialIntervalError> {
        if !(2..=MAX_SUPPORT).contains(&si_distr.len()) {
            return Err(SerialIntervalError::Support(si_distr.len()));
        }
        if si_distr[0] != 0.0 {
            return Err(SerialIntervalError::SameDay(si_distr[0]));
        }
        for (day, &weight) in si_distr.iter().enumerate() {
            if !(0.0..=1.0).contains(&weight) {
                return Err(SerialIntervalError::Weight { day, weight });
            }
        }
        let sum: f64 = si_distr.iter().sum();
        if (sum - 1.0).abs() > SUM_TOLERANCE {
            return Err(SerialIntervalError::Sum(sum));
        }
        Ok(Self { weights: si_distr })
    }

    /// The weights, index = days.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// Σ k w(k), days: what EpiEstim compares a window's end with.
    pub fn mean(&self) -> f64 {
        self.weights
            .iter()
            .enumerate()
            .map(|(day, weight)| day as f64 * weight)
            .sum()
    }
}
