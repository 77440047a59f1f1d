//! A predictive distribution, told by its quantiles.

use serde::Serialize;
use thiserror::Error;

/// The probability levels of the COVID-19 Forecast Hub for case counts and deaths (Cramer et al. 2022, Sci Data
/// 9:462): a median and eleven central intervals, of 10, 20, …, 90, 95 and 98 %.
pub const LEVELS: [f64; 23] = [
    0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75,
    0.8, 0.85, 0.9, 0.95, 0.975, 0.99,
];

/// Two levels make a central interval if they sum to 1 within this.
const TOLERANCE: f64 = 1e-9;

/// Quantiles at levels that make a median and central intervals. They cannot cross: values ascend with their levels.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Quantiles {
    levels: Vec<f64>,
    values: Vec<f64>,
}

/// Why numbers are no quantiles.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum QuantilesError {
    /// Not one value for each level.
    #[error("there are {values} values for {levels} levels: each level takes one value")]
    Count {
        /// Number of levels.
        levels: usize,
        /// Number of values.
        values: usize,
    },
    /// The levels make no central intervals around a median.
    #[error(
        "the level {level} has no place: levels ascend within 0 and 1, hold 0.5, and each has its other end (0.05 has 0.95)"
    )]
    Level {
        /// The first level out of place; 0.5 where it is missing.
        level: f64,
    },
    /// A value is not a number, or lies below that of a lower level.
    #[error("the value {value} at level {level} is not finite, or below that of a lower level")]
    Value {
        /// Level of the first such value.
        level: f64,
        /// The value given.
        value: f64,
    },
}

impl Quantiles {
    /// Quantiles at the Hub's [`LEVELS`].
    ///
    /// # Errors
    /// Where a value is not finite or lies below that of a lower level.
    pub fn at_hub_levels(values: Vec<f64>) -> Result<Self, QuantilesError> {
        Self::new(LEVELS.to_vec(), values)
    }

    /// Quantiles at levels of one's own.
    ///
    /// # Errors
    /// Where counts differ, levels do not ascend symmetrically around 0.5, or values are not finite or descend.
    pub fn new(levels: Vec<f64>, values: Vec<f64>) -> Result<Self, QuantilesError> {
        if levels.len() != values.len() {
            return Err(QuantilesError::Count {
                levels: levels.len(),
                values: values.len(),
            });
        }
        check_levels(&levels)?;
        let mut least = f64::NEG_INFINITY;
        for (&level, &value) in levels.iter().zip(&values) {
            if !value.is_finite() || value < least {
                return Err(QuantilesError::Value { level, value });
            }
            least = value;
        }
        Ok(Self { levels, values })
    }

    /// Out of a function that does not descend; what rounding makes descend is lifted to the value before.
    pub(crate) fn of(mut quantile: impl FnMut(f64) -> f64) -> Self {
        let mut least = 0.0;
        let values = LEVELS.map(|level| {
            least = quantile(level).max(least);
            least
        });
        Self {
            levels: LEVELS.to_vec(),
            values: values.to_vec(),
        }
    }

    /// The levels, ascending.
    pub fn levels(&self) -> &[f64] {
        &self.levels
    }

    /// The values, one for each level, never descending; cases per day where a forecast made them.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The value at level 0.5.
    pub fn median(&self) -> f64 {
        self.values[self.values.len() / 2]
    }

    /// The central interval that should hold the truth with probability `coverage`: lower and upper end; none where
    /// its levels are not among these.
    pub fn interval(&self, coverage: f64) -> Option<(f64, f64)> {
        let lower = (1.0 - coverage) / 2.0;
        let at = self
            .levels
            .iter()
            .position(|level| (level - lower).abs() < TOLERANCE)?;
        Some((self.values[at], self.values[self.values.len() - 1 - at]))
    }

    /// Pairs of lower and upper ends with α (1 less the coverage), from the widest interval inwards.
    pub(crate) fn intervals(&self) -> impl Iterator<Item = (f64, f64, f64)> {
        let last = self.values.len() - 1;
        (0..self.values.len() / 2).map(move |at| {
            (
                2.0 * self.levels[at],
                self.values[at],
                self.values[last - at],
            )
        })
    }

    /// The distribution function that is straight between the quantiles: 0 below the lowest, 1 from the highest on.
    pub(super) fn distribution(&self, value: f64) -> f64 {
        let above = self.values.partition_point(|other| *other <= value);
        if above == 0 {
            return 0.0;
        }
        if above == self.values.len() {
            return 1.0;
        }
        self.between(above, value)
    }

    /// The same just below a value.
    pub(super) fn distribution_below(&self, value: f64) -> f64 {
        let above = self.values.partition_point(|other| *other < value);
        if above == 0 {
            return 0.0;
        }
        if above == self.values.len() {
            return 1.0;
        }
        self.between(above, value)
    }

    fn between(&self, above: usize, value: f64) -> f64 {
        let (low, high) = (self.values[above - 1], self.values[above]);
        let share = (value - low) / (high - low);
        self.levels[above - 1] + share * (self.levels[above] - self.levels[above - 1])
    }
}

fn check_levels(levels: &[f64]) -> Result<(), QuantilesError> {
    let mut least = 0.0;
    for (index, &level) in levels.iter().enumerate() {
        let other = levels[levels.len() - 1 - index];
        let paired = (level + other - 1.0).abs() < TOLERANCE;
        if !(level > least && level < 1.0 && paired) {
            return Err(QuantilesError::Level { level });
        }
        least = level;
    }
    if levels.len().is_multiple_of(2) {
        return Err(QuantilesError::Level { level: 0.5 });
    }
    Ok(())
}
