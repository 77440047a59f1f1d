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
        let n = days.len() as f64;
        let mean = (n > 0.0).then(|| days.iter().map(|&d| f64::from(d)).sum::<f64>() / n);
        let sd = mean.filter(|_| n > 1.0).map(|mean| {
            let squares: f64 = days.iter().map(|&d| (f64::from(d) - mean).powi(2)).sum();
            (squares / (n - 1.0)).sqrt()
        });
        let middle = |place: usize| days.get(place).copied().map(f64::from);
        let upper = days.len() / 2;
        let lower = days.len().saturating_sub(1) / 2;
        Self {
            mean,
            sd,
            median: middle(lower)
                .zip(middle(upper))
                .map(|(lower, upper)| f64::midpoint(lower, upper)),
            negative: mean.map(|_| days.partition_point(|&d| d < 0) as f64 / n),
            days,
        }
    }
}
