//! Delays between two dates of a line list: onset to report, onset to hospital, report to recovery.
//!
//! Unit: whole days. Line lists miss dates and hold impossible ones; a [`Delays`] says how many of each it met
//! and uses the rest. Quantiles are R's default (type 7, Hyndman & Fan 1996, Am Stat 50:361). Distributions
//! are fitted by moments, and discretised under the assumption that the first event falls uniformly within its
//! day (Cori et al. 2013, Web Appendix 11, without the shift). Delays of recent cases look too short as long
//! as the long ones have not ended: see [`crate::nowcast`] for those.
//!
//! ```
//! use jiff::civil::date;
//! use lianfang_epi::delays::Delays;
//!
//! let onset = Some(date(2020, 2, 1));
//! let delays = Delays::from_pairs([
//!     (onset, Some(date(2020, 2, 3))),
//!     (onset, Some(date(2020, 2, 5))),
//!     (onset, Some(date(2020, 2, 6))),
//!     (onset, Some(date(2020, 1, 31))), // before onset: impossible
//!     (onset, None),
//! ]);
//! assert_eq!((delays.n_used, delays.n_negative, delays.n_missing), (3, 1, 1));
//! assert_eq!(delays.median(), Some(4.0));
//! let gamma = delays.fit_gamma()?;
//! assert!((gamma.mean() - 11.0 / 3.0).abs() < 1e-12);
//! # Ok::<(), lianfang_epi::delays::DelayError>(())
//! ```

use jiff::civil::Date;
use serde::Serialize;
use statrs::function::erf::erfc;
use thiserror::Error;

use crate::days::days_between;
use crate::special::gamma_cdf;

/// The longest delay taken, days; longer ones are counted as `n_too_long`, as mistyped years make them.
pub const MAX_DELAY: usize = 3_660;

/// Delays as counted from a line list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Delays {
    /// `counts[d]` = pairs with a delay of d days, up to the longest delay met; empty without any.
    pub counts: Vec<u32>,
    /// Pairs in `counts`.
    pub n_used: usize,
    /// Pairs that miss a date or both.
    pub n_missing: usize,
    /// Pairs whose second date lies before the first: impossible, left out.
    pub n_negative: usize,
    /// Pairs more than [`MAX_DELAY`] days apart: left out.
    pub n_too_long: usize,
}

/// Why no distribution can be fitted.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum DelayError {
    /// Fewer than two delays.
    #[error("{0} delays are known: a distribution needs at least 2")]
    TooFew(usize),
    /// All delays are equal.
    #[error("every delay is {0} days: a distribution needs delays that differ")]
    NoSpread(f64),
}

impl Delays {
    /// Counts the delays from the first to the second date of each pair.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (Option<Date>, Option<Date>)>) -> Self {
        let mut delays = Self {
            counts: Vec::new(),
            n_used: 0,
            n_missing: 0,
            n_negative: 0,
            n_too_long: 0,
        };
        for pair in pairs {
            let (Some(from), Some(to)) = pair else {
                delays.n_missing += 1;
                continue;
            };
            match usize::try_from(days_between(from, to)) {
                Err(_) => delays.n_negative += 1,
                Ok(days) if days > MAX_DELAY => delays.n_too_long += 1,
                Ok(days) => delays.count(days),
            }
        }
        delays
    }

    fn count(&mut self, days: usize) {
        if days >= self.counts.len() {
            self.counts.resize(days + 1, 0);
        }
        self.counts[days] += 1;
        self.n_used += 1;
    }

    /// Mean, days; none without delays.
    pub fn mean(&self) -> Option<f64> {
        (self.n_used > 0).then(|| self.sum_of(|days| days) / self.n_used as f64)
    }

    /// Standard deviation (n-1), days; none with fewer than two delays.
    pub fn sd(&self) -> Option<f64> {
        let mean = self.mean()?;
        let squares = self.sum_of(|days| (days - mean).powi(2));
        (self.n_used > 1).then(|| (squares / (self.n_used as f64 - 1.0)).sqrt())
    }

    fn sum_of(&self, value: impl Fn(f64) -> f64) -> f64 {
        self.counts
            .iter()
            .enumerate()
            .map(|(days, &count)| f64::from(count) * value(days as f64))
            .sum()
    }

    /// Median, days; none without delays.
    pub fn median(&self) -> Option<f64> {
        self.quantile(0.5)
    }

    /// Quantile (type 7), days; `p` is taken into \[0, 1\]; none without delays.
    pub fn quantile(&self, p: f64) -> Option<f64> {
        let rank = (self.n_used.checked_sub(1)?) as f64 * p.clamp(0.0, 1.0);
        let (below, above) = (
            self.order_statistic(rank.floor()),
            self.order_statistic(rank.ceil()),
        );
        Some(below + (above - below) * rank.fract())
    }

    /// The delay that has exactly `rank` others before it.
    fn order_statistic(&self, rank: f64) -> f64 {
        let mut seen = 0.0;
        for (days, &count) in self.counts.iter().enumerate() {
            seen += f64::from(count);
            if seen > rank {
                return days as f64;
            }
        }
        self.counts.len().saturating_sub(1) as f64
    }

    /// Share of delays by days, as long as `counts`.
    pub fn pmf(&self) -> Vec<f64> {
        self.counts
            .iter()
            .map(|&count| f64::from(count) / self.n_used as f64)
            .collect()
    }

    /// The gamma distribution of the same mean and standard deviation.
    ///
    /// # Errors
    /// With fewer than two delays, or if all are equal.
    pub fn fit_gamma(&self) -> Result<DelayDistribution, DelayError> {
        let (mean, variance) = self.moments()?;
        Ok(DelayDistribution::Gamma {
            shape: mean.powi(2) / variance,
            scale: variance / mean,
        })
    }

    /// The log-normal distribution of the same mean and standard deviation.
    ///
    /// # Errors
    /// With fewer than two delays, or if all are equal.
    pub fn fit_lognormal(&self) -> Result<DelayDistribution, DelayError> {
        let (mean, variance) = self.moments()?;
        let log_variance = (variance / mean.powi(2)).ln_1p();
        Ok(DelayDistribution::LogNormal {
            meanlog: mean.ln() - log_variance / 2.0,
            sdlog: log_variance.sqrt(),
        })
    }

    fn moments(&self) -> Result<(f64, f64), DelayError> {
        let (Some(mean), Some(sd)) = (self.mean(), self.sd()) else {
            return Err(DelayError::TooFew(self.n_used));
        };
        if sd > 0.0 {
            Ok((mean, sd.powi(2)))
        } else {
            Err(DelayError::NoSpread(mean))
        }
    }
}

/// A continuous delay, in days.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "distribution")]
pub enum DelayDistribution {
    /// Gamma.
    Gamma {
        /// Shape.
        shape: f64,
        /// Scale, days.
        scale: f64,
    },
    /// Log-normal.
    LogNormal {
        /// Mean of ln days.
        meanlog: f64,
        /// Standard deviation of ln days.
        sdlog: f64,
    },
}

impl DelayDistribution {
    /// Mean, days.
    pub fn mean(&self) -> f64 {
        match *self {
            Self::Gamma { shape, scale } => shape * scale,
            Self::LogNormal { meanlog, sdlog } => (meanlog + sdlog.powi(2) / 2.0).exp(),
        }
    }

    /// Standard deviation, days.
    pub fn sd(&self) -> f64 {
        match *self {
            Self::Gamma { shape, scale } => shape.sqrt() * scale,
            Self::LogNormal { sdlog, .. } => self.mean() * sdlog.powi(2).exp_m1().sqrt(),
        }
    }

    /// P(delay ≤ x).
    pub fn cdf(&self, x: f64) -> f64 {
        match *self {
            Self::Gamma { shape, scale } => gamma_cdf(shape, x / scale),
            Self::LogNormal { meanlog, sdlog } => normal_cdf((x.max(0.0).ln() - meanlog) / sdlog),
        }
    }

    /// E(delay; delay ≤ x).
    fn partial_expectation(&self, x: f64) -> f64 {
        self.mean()
            * match *self {
                Self::Gamma { shape, scale } => gamma_cdf(shape + 1.0, x / scale),
                Self::LogNormal { meanlog, sdlog } => {
                    normal_cdf((x.max(0.0).ln() - meanlog) / sdlog - sdlog)
                }
            }
    }

    /// Probability that the dates lie 0, 1, …, `k_max` days apart, the first event falling uniformly within its
    /// day: `k_max + 1` values, not normalised (what lies beyond is missing).
    pub fn discretise(&self, k_max: usize) -> Vec<f64> {
        // The integral of the distribution function from 0 to x.
        let area = |x: f64| {
            if x <= 0.0 {
                0.0
            } else {
                x * self.cdf(x) - self.partial_expectation(x)
            }
        };
        (0..=k_max)
            .map(|k| {
                let k = k as f64;
                (area(k + 1.0) - 2.0 * area(k) + area(k - 1.0)).max(0.0)
            })
            .collect()
    }
}

fn normal_cdf(z: f64) -> f64 {
    0.5 * erfc(-z / std::f64::consts::SQRT_2)
}
