//! Several forecasts of one count made one.
//!
//! Weights are relative: they need not sum to 1.

use thiserror::Error;

use super::quantiles::Quantiles;

/// Why forecasts cannot be combined.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum EnsembleError {
    /// There is nothing to combine.
    #[error("there is no forecast to combine: at least one is needed")]
    Empty,
    /// They speak of different levels.
    #[error("the forecasts stand at different levels: all need the same")]
    Levels,
    /// Weights must make a mean.
    #[error("the weight {0} is not finite or below 0, or all weights are 0")]
    Weight(f64),
}

/// The weighted mean of the members' quantiles, level by level (Vincentisation; Ratcliff 1979, Psychol Bull 86:446; the
/// Forecast Hub's first ensemble, Ray et al. 2020): as wide as its members are on average.
///
/// # Errors
/// Without members, with different levels, or with weights that make no mean.
///
/// ```
/// use lianfang_epi::forecast::{Quantiles, average};
///
/// let levels = vec![0.25, 0.5, 0.75];
/// let low = Quantiles::new(levels.clone(), vec![0.0, 1.0, 2.0])?;
/// let high = Quantiles::new(levels, vec![4.0, 5.0, 10.0])?;
/// assert_eq!(average(&[(&low, 3.0), (&high, 1.0)])?.values(), [1.0, 2.0, 4.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn average(members: &[(&Quantiles, f64)]) -> Result<Quantiles, EnsembleError> {
    let (levels, whole) = check(members)?;
    let values = (0..levels.len())
        .map(|at| {
            members
                .iter()
                .map(|(member, weight)| weight / whole * member.values()[at])
                .sum()
        })
        .collect();
    Ok(ascending(levels, values))
}

/// The quantiles of the weighted mean of the members' distribution functions (linear pool; Stone 1961, Ann Math Stat
/// 32:1339), each straight between its quantiles: wider than the average where members disagree.
///
/// Beyond its outermost quantiles a member is taken to have nothing, so the pool's own are never outside its members'.
///
/// # Errors
/// Without members, with different levels, or with weights that make no mean.
///
/// ```
/// use lianfang_epi::forecast::{Quantiles, linear_pool};
///
/// let levels = vec![0.25, 0.5, 0.75];
/// let low = Quantiles::new(levels.clone(), vec![0.0, 1.0, 2.0])?;
/// let high = Quantiles::new(levels, vec![10.0, 11.0, 12.0])?;
/// let pool = linear_pool(&[(&low, 1.0), (&high, 1.0)])?;
/// assert_eq!(pool.values()[0], 1.0); // a quarter of the pool is half of the lower member
/// assert_eq!(pool.values()[2], 11.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn linear_pool(members: &[(&Quantiles, f64)]) -> Result<Quantiles, EnsembleError> {
    let (levels, whole) = check(members)?;
    let mut corners: Vec<f64> = members
        .iter()
        .filter(|(_, weight)| *weight > 0.0)
        .flat_map(|(member, _)| member.values().iter().copied())
        .collect();
    corners.sort_by(f64::total_cmp);
    corners.dedup();
    let pooled = |value: f64, left: bool| -> f64 {
        members
            .iter()
            .map(|(member, weight)| {
                weight / whole
                    * if left {
                        member.distribution_below(value)
                    } else {
                        member.distribution(value)
                    }
            })
            .sum()
    };
    // The pool is straight between corners and may jump at them.
    let mut points = Vec::with_capacity(2 * corners.len());
    for corner in corners {
        points.push((pooled(corner, true), corner));
        points.push((pooled(corner, false), corner));
    }
    let values = levels
        .iter()
        .map(|level| at_level(&points, *level))
        .collect();
    Ok(ascending(levels, values))
}

/// The value at which points of (level, value), both never descending, reach a level.
fn at_level(points: &[(f64, f64)], level: f64) -> f64 {
    /// Sums of weights reach a level up to rounding.
    const ROUNDING: f64 = 1e-12;
    let at = points.partition_point(|(reached, _)| *reached < level - ROUNDING);
    let Some(&(high, to)) = points.get(at) else {
        return points[points.len() - 1].1;
    };
    if at == 0 || high - level < ROUNDING {
        return to;
    }
    let (low, from) = points[at - 1];
    from + (to - from) * (level - low) / (high - low)
}

fn check(members: &[(&Quantiles, f64)]) -> Result<(Vec<f64>, f64), EnsembleError> {
    let (first, _) = members.first().ok_or(EnsembleError::Empty)?;
    if members
        .iter()
        .any(|(member, _)| member.levels() != first.levels())
    {
        return Err(EnsembleError::Levels);
    }
    for (_, weight) in members {
        if !(weight.is_finite() && *weight >= 0.0) {
            return Err(EnsembleError::Weight(*weight));
        }
    }
    let whole: f64 = members.iter().map(|(_, weight)| weight).sum();
    if whole <= 0.0 || !whole.is_finite() {
        return Err(EnsembleError::Weight(whole));
    }
    Ok((first.levels().to_vec(), whole))
}

/// Rounding may make equal values descend by a last digit.
fn ascending(levels: Vec<f64>, mut values: Vec<f64>) -> Quantiles {
    for at in 1..values.len() {
        values[at] = values[at].max(values[at - 1]);
    }
    Quantiles::new(levels, values)
        .expect("finite values that were made to ascend, at levels checked before")
}
