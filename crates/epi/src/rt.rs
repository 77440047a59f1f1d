//! The instantaneous reproduction number Rt by Cori's method.
//!
//! R over a window is how many others one case infects, were conditions to stay as they were in that
//! window; dimensionless. New cases on day t are Poisson with mean R Λ(t), where the overall infectivity
//! Λ(t) = Σ w(s) I(t-s) weighs past cases by the serial interval (Cori et al. 2013, Am J Epidemiol
//! 178:1505, equation 1 and Web Appendix 1). With a gamma prior the posterior over a window is gamma:
//!
//! shape = (mean_prior/std_prior)² + Σ I(t), 1/scale = mean_prior/std_prior² + Σ Λ(t)
//!
//! Everything equals `EpiEstim::estimate_R` (2.2-4): days count from 1, the cases of day 1 are taken as
//! imported (they infect, and nobody here infected them, so windows start on day 2 or later), the serial
//! interval is not normalised, and a window that ends before the mean serial interval has passed has no
//! estimate. What R cannot tell, and how it misleads: Gostic et al. 2020, PLoS Comput Biol 16:e1008409.
//!
//! ```
//! use lianfang_epi::rt::{estimate_r, weekly_windows};
//! use lianfang_epi::serial_interval::SerialInterval;
//!
//! let incidence = [1.0, 1.0, 0.0, 2.0, 5.0, 3.0, 3.0, 3.0, 6.0];
//! let si = SerialInterval::new(vec![
//!     0.0, 0.233, 0.359, 0.198, 0.103, 0.053, 0.027, 0.014, 0.007, 0.003, 0.002, 0.001,
//! ])?;
//! let r = estimate_r(&incidence, &si, &weekly_windows(incidence.len()), 5.0, 5.0)?;
//! assert_eq!((r[0].t_start, r[0].t_end), (2, 8));
//! assert!((r[0].mean - 1.735_608_909_459_07).abs() < 1e-9);
//! assert!((r[0].q025 - 1.028_631_836_891_31).abs() < 1e-9);
//! assert!(r[0].probability_below(1.0) < 0.025);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod quantiles;

use serde::Serialize;
use thiserror::Error;

use crate::serial_interval::SerialInterval;
use crate::special::{gamma_cdf, gamma_quantile};
use quantiles::QuantileTable;

/// Why R cannot be estimated.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum RtError {
    /// A day's count is not a count.
    #[error(
        "the incidence of day {day} is {value}: it must be a finite number of cases, 0 or more"
    )]
    Incidence {
        /// Day, counted from 1.
        day: usize,
        /// The value given.
        value: f64,
    },
    /// A window does not lie inside the series.
    #[error(
        "the window from day {t_start} to day {t_end} does not fit: it must start on day 2 or later, \
         end on day {days} or earlier, and not end before it starts"
    )]
    Window {
        /// First day of the window, counted from 1.
        t_start: usize,
        /// Last day of the window, counted from 1.
        t_end: usize,
        /// Days in the series.
        days: usize,
    },
    /// The prior is not a gamma distribution.
    #[error(
        "the prior of R has mean {mean_prior} and sd {std_prior}: both must be finite and more than 0"
    )]
    Prior {
        /// The mean given.
        mean_prior: f64,
        /// The standard deviation given.
        std_prior: f64,
    },
}

/// A window of days `t_start..=t_end`, counted from 1 as in EpiEstim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Window {
    /// First day of the window, 2 or later.
    pub t_start: usize,
    /// Last day of the window.
    pub t_end: usize,
}

/// EpiEstim's default: sliding weeks, days 2 to 8, 3 to 9, … up to the last of `days`.
pub fn weekly_windows(days: usize) -> Vec<Window> {
    sliding_windows(days, 7)
}

/// Sliding windows of `width` days, the first from day 2; none where the series is too short.
pub fn sliding_windows(days: usize, width: usize) -> Vec<Window> {
    if width == 0 {
        return Vec::new();
    }
    (width + 1..=days)
        .map(|t_end| Window {
            t_start: t_end + 1 - width,
            t_end,
        })
        .collect()
}

/// The posterior of R over one window.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct REstimate {
    /// First day of the window, counted from 1.
    pub t_start: usize,
    /// Last day of the window, counted from 1.
    pub t_end: usize,
    /// Posterior mean.
    pub mean: f64,
    /// Posterior standard deviation.
    pub sd: f64,
    /// 2.5 % quantile.
    pub q025: f64,
    /// Median.
    pub median: f64,
    /// 97.5 % quantile.
    pub q975: f64,
    /// Shape of the gamma posterior.
    pub shape: f64,
    /// Scale of the gamma posterior.
    pub scale: f64,
}

impl REstimate {
    /// Any quantile of the posterior; `p` is taken into \[0, 1\].
    pub fn quantile(&self, p: f64) -> f64 {
        gamma_quantile(p, self.shape) * self.scale
    }

    /// The posterior probability that R lies below `r`.
    pub fn probability_below(&self, r: f64) -> f64 {
        gamma_cdf(self.shape, r / self.scale)
    }
}

/// Λ(t) = Σ w(s) I(t-s) for every day: infections to be expected were R equal to 1.
///
/// As long as `incidence`; the first value, which EpiEstim leaves out (`NA`), is 0.
pub fn overall_infectivity(incidence: &[f64], si: &SerialInterval) -> Vec<f64> {
    let mut lambda = Vec::with_capacity(incidence.len());
    push_infectivity(incidence, si.weights(), &mut lambda);
    lambda
}

/// Appends Λ for the days of `incidence` that `lambda` does not have yet.
pub(crate) fn push_infectivity(incidence: &[f64], weights: &[f64], lambda: &mut Vec<f64>) {
    for day in lambda.len()..incidence.len() {
        let lags = day.min(weights.len() - 1);
        let past = &incidence[day - lags..day];
        let infectivity = past
            .iter()
            .rev()
            .zip(&weights[1..=lags])
            .map(|(cases, weight)| cases * weight)
            .sum();
        lambda.push(infectivity);
    }
}

/// The posterior of R over each window of one series of daily cases.
///
/// `incidence`: cases per day, day 1 first; `mean_prior` and `std_prior`: the gamma prior of R (EpiEstim's
/// default is 5 and 5). A window that ends no later than the mean serial interval is left out of the answer
/// (EpiEstim prints `NA`). For many series make one [`Estimator`] and use it for all of them.
///
/// # Errors
/// Where a count is negative or not finite, a window does not fit, or the prior is not positive.
pub fn estimate_r(
    incidence: &[f64],
    si: &SerialInterval,
    windows: &[Window],
    mean_prior: f64,
    std_prior: f64,
) -> Result<Vec<REstimate>, RtError> {
    Estimator::new(si, mean_prior, std_prior)?.estimate_r(incidence, windows)
}

/// [`estimate_r`] for many series with one serial interval and one prior: it keeps every quantile it
/// has worked out, since these depend on the number of cases in the window only.
#[derive(Debug, Clone)]
pub struct Estimator {
    weights: Vec<f64>,
    mean_si: f64,
    prior_rate: f64,
    quantiles: QuantileTable,
    lambda: Vec<f64>,
    cases_to: Vec<f64>,
    lambda_to: Vec<f64>,
}

impl Estimator {
    /// An estimator for one serial interval and one gamma prior of R.
    ///
    /// # Errors
    /// [`RtError::Prior`] where the mean or the standard deviation is not finite and positive.
    pub fn new(si: &SerialInterval, mean_prior: f64, std_prior: f64) -> Result<Self, RtError> {
        let positive = |value: f64| value.is_finite() && value > 0.0;
        if !(positive(mean_prior) && positive(std_prior)) {
            return Err(RtError::Prior {
                mean_prior,
                std_prior,
            });
        }
        Ok(Self {
            weights: si.weights().to_vec(),
            mean_si: si.mean(),
            prior_rate: mean_prior / std_prior.powi(2),
            quantiles: QuantileTable::new((mean_prior / std_prior).powi(2)),
            lambda: Vec::new(),
            cases_to: Vec::new(),
            lambda_to: Vec::new(),
        })
    }

    /// The posterior of R over each window; see the function [`estimate_r`].
    ///
    /// # Errors
    /// Where a count is negative or not finite, or a window does not fit.
    pub fn estimate_r(
        &mut self,
        incidence: &[f64],
        windows: &[Window],
    ) -> Result<Vec<REstimate>, RtError> {
        let mut estimates = Vec::with_capacity(windows.len());
        self.estimate_r_into(incidence, windows, &mut estimates)?;
        Ok(estimates)
    }

    /// As [`Estimator::estimate_r`], appending to `estimates`; on an error it is left as it was.
    ///
    /// # Errors
    /// Where a count is negative or not finite, or a window does not fit.
    pub fn estimate_r_into(
        &mut self,
        incidence: &[f64],
        windows: &[Window],
        estimates: &mut Vec<REstimate>,
    ) -> Result<(), RtError> {
        check(incidence, windows)?;
        self.lambda.clear();
        push_infectivity(incidence, &self.weights, &mut self.lambda);
        running_sum(incidence, &mut self.cases_to);
        running_sum(&self.lambda, &mut self.lambda_to);
        for window in windows {
            if window.t_end as f64 > self.mean_si {
                let estimate = self.over(*window);
                estimates.push(estimate);
            }
        }
        Ok(())
    }

    fn over(&mut self, Window { t_start, t_end }: Window) -> REstimate {
        let cases = self.cases_to[t_end] - self.cases_to[t_start - 1];
        let lambda = self.lambda_to[t_end] - self.lambda_to[t_start - 1];
        let scale = 1.0 / (self.prior_rate + lambda.max(0.0));
        let shape = self.quantiles.prior_shape() + cases;
        let [q025, median, q975] = self.quantiles.of(cases);
        REstimate {
            t_start,
            t_end,
            mean: shape * scale,
            sd: shape.sqrt() * scale,
            q025: q025 * scale,
            median: median * scale,
            q975: q975 * scale,
            shape,
            scale,
        }
    }
}

fn check(incidence: &[f64], windows: &[Window]) -> Result<(), RtError> {
    for (index, &value) in incidence.iter().enumerate() {
        if !(value.is_finite() && value >= 0.0) {
            return Err(RtError::Incidence {
                day: index + 1,
                value,
            });
        }
    }
    let days = incidence.len();
    for &Window { t_start, t_end } in windows {
        if t_start < 2 || t_end < t_start || t_end > days {
            return Err(RtError::Window {
                t_start,
                t_end,
                days,
            });
        }
    }
    Ok(())
}

/// `sums[t]` = the sum of the first t values.
fn running_sum(values: &[f64], sums: &mut Vec<f64>) {
    sums.clear();
    sums.push(0.0);
    let mut sum = 0.0;
    for value in values {
        sum += value;
        sums.push(sum);
    }
}
