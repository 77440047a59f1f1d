//! Numbers over seeds: median, intervals, and differences taken seed by seed.

/// How a number spreads over seeds. Quantiles are straight between order statistics (Hyndman and Fan 1996, type 7).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// The mean.
    pub mean: f64,
    /// 5 % lie below.
    pub q05: f64,
    /// 25 % lie below.
    pub q25: f64,
    /// Half lie below.
    pub median: f64,
    /// 75 % lie below.
    pub q75: f64,
    /// 95 % lie below.
    pub q95: f64,
}

impl Spread {
    /// Of some numbers; all of it is 0 where there are none.
    pub fn of(values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        Self {
            mean: sorted.iter().sum::<f64>() / sorted.len().max(1) as f64,
            q05: quantile(&sorted, 0.05),
            q25: quantile(&sorted, 0.25),
            median: quantile(&sorted, 0.5),
            q75: quantile(&sorted, 0.75),
            q95: quantile(&sorted, 0.95),
        }
    }
}

/// A quantile of sorted numbers.
pub(crate) fn quantile(sorted: &[f64], level: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return 0.0;
    };
    let place = level * last as f64;
    let below = (place.floor() as usize).min(last);
    let above = (below + 1).min(last);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}

/// How one pack differs from another under the same seeds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// The differences, over seeds.
    pub spread: Spread,
    /// Standard error of their mean; 0 with one seed.
    pub error: f64,
    /// Share of seeds under which it is less.
    pub less: f64,
    /// Share of seeds under which it is more.
    pub more: f64,
}

impl Difference {
    /// Of numbers under the same seeds, in one order.
    pub fn of(against: &[f64], values: &[f64]) -> Self {
        let differences: Vec<f64> = values.iter().zip(against).map(|(a, b)| a - b).collect();
        let spread = Spread::of(&differences);
        let n = differences.len() as f64;
        let squares: f64 = differences.iter().map(|d| (d - spread.mean).powi(2)).sum();
        let share = |of: fn(f64) -> bool| -> f64 {
            differences.iter().filter(|d| of(**d)).count() as f64 / n.max(1.0)
        };
        Self {
            spread,
            error: if n > 1.0 {
                (squares / (n - 1.0) / n).sqrt()
            } else {
                0.0
            },
            less: share(|d| d < 0.0),
            more: share(|d| d > 0.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_type_7() {
        let spread = Spread::of(&[4.0, 1.0, 3.0, 2.0, 10.0]);
        assert!((spread.median - 3.0).abs() < 1e-12);
        assert!((spread.mean - 4.0).abs() < 1e-12);
        assert!((spread.q25 - 2.0).abs() < 1e-12);
        // 0.95 × 4 = 3.8: 4 + 0.8 × 6.
        assert!((spread.q95 - 8.8).abs() < 1e-12);
        assert!((spread.q05 - 1.2).abs() < 1e-12);
        assert!(Spread::of(&[]).median.abs() < 1e-12);
    }

    #[test]
    fn differences_are_taken_in_pairs() {
        let found = Difference::of(&[10.0, 20.0, 30.0, 40.0], &[9.0, 18.0, 30.0, 43.0]);
        assert!(found.spread.mean.abs() < 1e-12);
        assert!((found.less - 0.5).abs() < 1e-12);
        assert!((found.more - 0.25).abs() < 1e-12);
        // Squares 1 + 4 + 0 + 9 = 14, over 3, over 4.
        assert!((found.error - (14.0_f64 / 12.0).sqrt()).abs() < 1e-12);
    }
}
