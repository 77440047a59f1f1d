//! Serial intervals as observed.

use serde::Serialize;

/// Days from the infectors' onsets to those of whom they infected.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SerialIntervals {
    /// All of them, the shortest first; negative where the infectee fell ill first.
    pub days: Vec<i32>,
    /// Mean, days; none without any.
    pub mean: Option<f64>,
    /// Standard deviation (n-1), days; none with fewer than two.
    pub sd: Option<f64>,
    /// Median, days; none without any.
    pub median: Option<f64>,
    /// Share below 0; none without any.
    pub negative: Option<f64>,
}

impl SerialIntervals {
    pub(super) fn new(mut days: Vec<i32>) -> Self {
        days.sort_unstable();
        let values: Vec<f64> = days.iter().copied().map(f64::from).collect();
        let n = values.len() as f64;
        let mean = (n > 0.0).then(|| values.iter().sum::<f64>() / n);
        let sd = mean.filter(|_| n > 1.0).map(|mean| {
            let squares: f64 = values.iter().map(|x| (x - mean).powi(2)).sum();
            (squares / (n - 1.0)).sqrt()
        });
        Self {
            mean,
            sd,
            median: middle(&values),
            negative: mean.map(|_| values.partition_point(|&x| x < 0.0) as f64 / n),
            days,
        }
    }
}

/// The median of sorted values.
fn middle(sorted: &[f64]) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    Some(f64::midpoint(sorted[last / 2], sorted[sorted.len() / 2]))
}
