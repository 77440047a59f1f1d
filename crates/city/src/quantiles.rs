//! Distributions of days made ready to be drawn from fast: the inverse of the distribution function on a grid.
//!
//! A draw takes 32 random bits: 12 choose a part of the table, 20 the place within it. Between two neighbouring
//! quantiles the inverse is taken as straight. The table is then scaled to the distribution's own mean.

use lianfang_policy::Distribution;

/// Parts of a table.
const PARTS: usize = 4_096;
/// Points at which the distribution function is evaluated.
const GRID: usize = 2_048;
/// What lies beyond the table.
const TAIL: f64 = 1e-6;
/// The longest time that is looked for, in days.
const LONGEST: f64 = 16_384.0;

/// Quantiles of a distribution of days.
#[derive(Debug, Clone)]
pub(crate) struct Quantiles {
    /// At 0, 1/4096 and so on to 1; one value where the distribution has only whole steps.
    values: Vec<f32>,
    /// Whether values between two quantiles are possible.
    smooth: bool,
}

impl Quantiles {
    /// The table of a distribution.
    pub(crate) fn of(distribution: &Distribution) -> Self {
        match distribution {
            Distribution::Fixed { days } => Self {
                values: vec![*days as f32; PARTS + 1],
                smooth: false,
            },
            Distribution::Daily { shares } => Self::stepped(shares),
            smooth => Self::smooth(smooth),
        }
    }

    /// A gamma distribution of mean 1 and shape `k`.
    pub(crate) fn gamma_of_mean_one(k: f64) -> Self {
        Self::of(&Distribution::Gamma {
            mean: 1.0,
            sd: (1.0 / k).sqrt(),
        })
    }

    fn stepped(shares: &[f64]) -> Self {
        let mut values = Vec::with_capacity(PARTS + 1);
        let (mut day, mut before) = (0, 0.0);
        for part in 0..=PARTS {
            let at = (part as f64 + 0.5) / PARTS as f64;
            while day + 1 < shares.len() && before + shares[day] < at {
                before += shares[day];
                day += 1;
            }
            values.push(day as f32);
        }
        Self {
            values,
            smooth: false,
        }
    }

    fn smooth(distribution: &Distribution) -> Self {
        let mut end = distribution.mean().max(1e-3);
        while distribution.cdf(end) < 1.0 - TAIL && end < LONGEST {
            end *= 1.25;
        }
        let step = end / GRID as f64;
        let mut values = Vec::with_capacity(PARTS + 1);
        let (mut below, mut above) = (0.0, distribution.cdf(step));
        let mut cell = 0;
        for part in 0..=PARTS {
            let at = (part as f64 / PARTS as f64).min(1.0 - TAIL);
            while above < at && cell + 1 < GRID {
                cell += 1;
                below = above;
                above = distribution.cdf(step * (cell + 1) as f64);
            }
            let within = if above > below {
                ((at - below) / (above - below)).clamp(0.0, 1.0)
            } else {
                0.0
            };
            values.push((step * (cell as f64 + within)) as f32);
        }
        let mut table = Self {
            values,
            smooth: true,
        };
        let scale = distribution.mean() / table.mean();
        for value in &mut table.values {
            *value = (f64::from(*value) * scale) as f32;
        }
        table
    }

    /// A draw by 32 random bits, in days.
    #[inline]
    pub(crate) fn draw(&self, bits: u32) -> f32 {
        let part = (bits >> 20) as usize;
        let low = self.values[part];
        if !self.smooth {
            return low;
        }
        let within = (bits & 0xf_ffff) as f32 * (1.0 / 1_048_576.0);
        low + within * (self.values[part + 1] - low)
    }

    /// The middles of the table's parts, each as likely as the others.
    pub(crate) fn middles(&self) -> impl Iterator<Item = f64> + Clone + '_ {
        self.values.windows(2).map(|pair| {
            if self.smooth {
                f64::midpoint(f64::from(pair[0]), f64::from(pair[1]))
            } else {
                f64::from(pair[0])
            }
        })
    }

    /// The mean, in days.
    pub(crate) fn mean(&self) -> f64 {
        self.middles().sum::<f64>() / PARTS as f64
    }

    /// The mean of the square.
    pub(crate) fn mean_square(&self) -> f64 {
        let squares = self.values.windows(2).map(|pair| {
            let (a, b) = (f64::from(pair[0]), f64::from(pair[1]));
            if self.smooth {
                (a * a + a * b + b * b) / 3.0
            } else {
                a * a
            }
        });
        squares.sum::<f64>() / PARTS as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_have_the_distributions_moments() {
        let gamma = Quantiles::of(&Distribution::Gamma { mean: 3.0, sd: 1.5 });
        assert!((gamma.mean() - 3.0).abs() < 1e-4);
        assert!((gamma.mean_square() - 11.25).abs() < 0.02);
        let uneven = Quantiles::gamma_of_mean_one(0.2);
        assert!((uneven.mean() - 1.0).abs() < 1e-4);
        assert!(
            (uneven.mean_square() - 6.0).abs() < 0.1,
            "{}",
            uneven.mean_square()
        );
        let fixed = Quantiles::of(&Distribution::Fixed { days: 4.0 });
        assert_eq!((fixed.draw(0), fixed.draw(u32::MAX)), (4.0, 4.0));
        let daily = Quantiles::of(&Distribution::Daily {
            shares: vec![0.25, 0.0, 0.75],
        });
        assert!((daily.mean() - 1.5).abs() < 1e-3);
        assert_eq!((daily.draw(0), daily.draw(u32::MAX)), (0.0, 2.0));
    }
}
