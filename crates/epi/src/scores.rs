//! How good forecasts were, once the truth is known.
//!
//! | what | unit | best | source |
//! | --- | --- | --- | --- |
//! | [`wis`] | cases a day | 0, smaller is better | Bracher et al. 2021, PLoS Comput Biol 17:e1008618 |
//! | [`wis_log`] | 1 | 0, smaller is better | Bosse et al. 2023, PLoS Comput Biol 19:e1011393 |
//! | [`covers`], [`coverage`] | share, 0 to 1 | the interval's own | as `interval_coverage` of scoringutils |
//! | [`bias`] | 1, from -1 to 1 | 0; above it the forecast was too high | Bosse et al. 2022, arXiv:2205.07090; as `bias_quantile` |
//! | [`relative_skill`] | ratio | below 1: better than the baseline | Cramer et al. 2022, PNAS 119:e2113561119 |
//!
//! # Weighted interval score
//!
//! A central interval \[l, u\] that leaves out the probability α scores, when y comes,
//!
//! IS = (u - l) + 2/α max(l - y, 0) + 2/α max(y - u, 0)
//!
//! and K intervals with a median m score together
//!
//! WIS = (|y - m| / 2 + Σ α/2 IS) / (K + 1/2)
//!
//! which is twice the mean pinball loss over the 2K + 1 quantiles, and tends to the CRPS as they get dense. Its
//! three parts add up to it: dispersion (the widths), overprediction (y below) and underprediction (y above), the
//! median's distance counted with the latter two.
//!
//! ```
//! use lianfang_epi::forecast::Quantiles;
//! use lianfang_epi::scores::{bias, covers, wis};
//!
//! let forecast = Quantiles::new(vec![0.25, 0.5, 0.75], vec![4.0, 6.0, 10.0])?;
//! let score = wis(&forecast, 13.0)?;
//! // (7/2 + 0.25 (6 + 4 * 3)) / 1.5
//! assert!((score.wis - 16.0 / 3.0).abs() < 1e-12);
//! assert!((score.dispersion - 1.0).abs() < 1e-12);
//! assert!((score.underprediction - 13.0 / 3.0).abs() < 1e-12);
//! assert_eq!(score.overprediction, 0.0);
//! assert_eq!(covers(&forecast, 0.5, 13.0), Some(false));
//! assert_eq!(bias(&forecast, 13.0)?, -1.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod relative;

use serde::Serialize;
use thiserror::Error;

use crate::forecast::Quantiles;

pub use relative::{RelativeError, relative_skill};

/// Why a forecast cannot be scored.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum ScoreError {
    /// What was observed is not a number.
    #[error("the observed value is {0}: it must be finite")]
    Observed(f64),
    /// The logarithm is of counts.
    #[error("{0} is below 0: on the logarithmic scale only counts can be scored")]
    BelowZero(f64),
}

/// The weighted interval score, in the unit of what is forecast, with the three parts that add up to it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct IntervalScore {
    /// The score.
    pub wis: f64,
    /// What the intervals' widths cost.
    pub dispersion: f64,
    /// What was lost because less came than was forecast.
    pub overprediction: f64,
    /// What was lost because more came than was forecast.
    pub underprediction: f64,
}

/// The weighted interval score of a forecast, over all of its intervals and its median.
///
/// # Errors
/// Where the observed value is not finite.
pub fn wis(forecast: &Quantiles, observed: f64) -> Result<IntervalScore, ScoreError> {
    check(observed)?;
    Ok(score(forecast, observed, |value| value))
}

/// The same of ln(x + 1): errors count by their ratio, so that a large area does not drown a small one.
///
/// # Errors
/// Where the observed value is not finite, or it or a quantile is below 0.
pub fn wis_log(forecast: &Quantiles, observed: f64) -> Result<IntervalScore, ScoreError> {
    check(observed)?;
    let least = forecast.values()[0].min(observed);
    if least < 0.0 {
        return Err(ScoreError::BelowZero(least));
    }
    Ok(score(forecast, observed, f64::ln_1p))
}

fn check(observed: f64) -> Result<(), ScoreError> {
    if observed.is_finite() {
        Ok(())
    } else {
        Err(ScoreError::Observed(observed))
    }
}

fn score(forecast: &Quantiles, observed: f64, scale: impl Fn(f64) -> f64) -> IntervalScore {
    let y = scale(observed);
    let median = scale(forecast.median());
    let mut dispersion = 0.0;
    let mut overprediction = 0.5 * (median - y).max(0.0);
    let mut underprediction = 0.5 * (y - median).max(0.0);
    let mut intervals = 0.0;
    for (alpha, lower, upper) in forecast.intervals() {
        let (lower, upper) = (scale(lower), scale(upper));
        dispersion += 0.5 * alpha * (upper - lower);
        // α/2 times the penalty 2/α.
        overprediction += (lower - y).max(0.0);
        underprediction += (y - upper).max(0.0);
        intervals += 1.0;
    }
    let share = 1.0 / (intervals + 0.5);
    IntervalScore {
        wis: share * (dispersion + overprediction + underprediction),
        dispersion: share * dispersion,
        overprediction: share * overprediction,
        underprediction: share * underprediction,
    }
}

/// Whether the central interval of a coverage (0.5, 0.9) held what was observed, its ends included; none where the
/// forecast has no such interval.
pub fn covers(forecast: &Quantiles, coverage: f64, observed: f64) -> Option<bool> {
    let (lower, upper) = forecast.interval(coverage)?;
    Some(lower <= observed && observed <= upper)
}

/// The share of forecasts whose central interval of that coverage held what was observed; none where no forecast
/// has such an interval.
pub fn coverage<'f>(
    forecasts: impl IntoIterator<Item = (&'f Quantiles, f64)>,
    coverage: f64,
) -> Option<f64> {
    let (mut held, mut all) = (0_u32, 0_u32);
    for (forecast, observed) in forecasts {
        if let Some(covered) = covers(forecast, coverage, observed) {
            held += u32::from(covered);
            all += 1;
        }
    }
    (all > 0).then(|| f64::from(held) / f64::from(all))
}

/// How far off the middle what was observed fell: 1 - 2 a with a the highest level whose quantile it reaches, where it
/// lies below the median; 1 - 2 a with a the lowest level whose quantile reaches it, where it lies above; 0 at
/// the median. Below all quantiles 1, above all -1.
///
/// # Errors
/// Where the observed value is not finite.
pub fn bias(forecast: &Quantiles, observed: f64) -> Result<f64, ScoreError> {
    check(observed)?;
    let (levels, values) = (forecast.levels(), forecast.values());
    let median = forecast.median();
    let level = if observed < median {
        let reached = values.partition_point(|value| *value <= observed);
        reached.checked_sub(1).map_or(0.0, |at| levels[at])
    } else if observed > median {
        let short = values.partition_point(|value| *value < observed);
        levels.get(short).copied().unwrap_or(1.0)
    } else {
        0.5
    };
    Ok(1.0 - 2.0 * level)
}
