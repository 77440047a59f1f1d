//! How long a service takes, from measured durations.

use serde::Serialize;

/// How long a service takes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Service {
    /// Mean, seconds.
    pub mean_seconds: f64,
    /// Coefficient of variation: standard deviation over mean.
    pub cv: f64,
}

/// [`Service`] as measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Measured {
    /// Mean and coefficient of variation of the durations used.
    pub service: Service,
    /// Durations used.
    pub used: usize,
    /// Durations left out as absurd.
    pub left_out: usize,
}

/// Fewer durations than this say nothing about a mean, let alone about a variation.
const FEWEST: usize = 5;
/// Modified z-scores beyond this are outliers (Iglewicz & Hoaglin 1993, How to Detect and Handle Outliers).
const LARGEST_SCORE: f64 = 3.5;
/// From the median absolute deviation to a standard deviation, for a normal distribution.
const MAD_TO_SD: f64 = 1.482_602_218_505_602;
/// Least standard deviation of ln seconds: where most durations are the same number of seconds the median deviation is
/// zero, and all others would be outliers.
const LEAST_LOG_SD: f64 = 0.25;

impl Service {
    /// Mean and variation of measured durations in seconds, robust to a few absurd ones.
    ///
    /// A form left open over lunch or a double tap is no service. Left out are durations that are no positive number, and
    /// those whose logarithm lies more than 3.5 robust standard deviations (median absolute deviation) from the median
    /// one: on the log scale since services are skewed to the right. Of what is kept, the plain mean and standard
    /// deviation. None with fewer than five such durations, or if more are left out than kept.
    pub fn measured(durations: &[f64]) -> Option<Measured> {
        let logs: Vec<f64> = durations
            .iter()
            .filter(|seconds| **seconds > 0.0 && seconds.is_finite())
            .map(|seconds| seconds.ln())
            .collect();
        let middle = median(logs.clone())?;
        let deviations = logs.iter().map(|log| (log - middle).abs()).collect();
        let log_sd = (MAD_TO_SD * median(deviations)?).max(LEAST_LOG_SD);
        let kept: Vec<f64> = logs
            .iter()
            .filter(|log| (**log - middle).abs() <= LARGEST_SCORE * log_sd)
            .map(|log| log.exp())
            .collect();
        let left_out = durations.len() - kept.len();
        if kept.len() < FEWEST || left_out > kept.len() {
            return None;
        }
        let n = kept.len() as f64;
        let mean_seconds = kept.iter().sum::<f64>() / n;
        let squares: f64 = kept.iter().map(|x| (x - mean_seconds).powi(2)).sum();
        Some(Measured {
            service: Self {
                mean_seconds,
                cv: (squares / (n - 1.0)).sqrt() / mean_seconds,
            },
            used: kept.len(),
            left_out,
        })
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    let half = values.len() / 2;
    if values.is_empty() {
        return None;
    }
    values.sort_by(f64::total_cmp);
    Some(if values.len() % 2 == 1 {
        values[half]
    } else {
        f64::midpoint(values[half - 1], values[half])
    })
}
