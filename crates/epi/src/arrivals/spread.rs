//! How far numbers stray from an estimate, from those of the past.

/// An estimate with the variance of what comes around it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Estimate {
    pub(crate) mean: f64,
    pub(crate) variance: f64,
}

/// A past day's error.
pub(crate) struct Residual {
    /// Its square.
    pub(crate) square: f64,
    /// The estimate.
    pub(crate) mean: f64,
    /// The variance that chance alone would give.
    pub(crate) base: f64,
}

/// Variance around an estimate: `dispersion` × base + (`relative` + `of_mean`) × mean².
pub(crate) struct Spread {
    dispersion: f64,
    relative: f64,
    of_mean: f64,
}

/// With so many past errors their own spread is trusted; with fewer it is drawn towards [`UNKNOWN`].
const ENOUGH: f64 = 8.0;
/// Relative variance where nothing is known: a coefficient of variation of 0.7.
const UNKNOWN: f64 = 0.5;
/// Least variance by chance, so that an estimate of nobody is not certain.
const LEAST: f64 = 0.25;
/// A mean of ratios is drawn towards 1 as if so many more had been 1.
const ONES: f64 = 2.0;

impl Spread {
    pub(crate) fn of(residuals: impl Iterator<Item = Residual>) -> Self {
        let residuals: Vec<Residual> = residuals.collect();
        let n = residuals.len() as f64;
        let sum = |value: fn(&Residual) -> f64| residuals.iter().map(value).sum::<f64>();
        let pearson = mean_drawn_to_one(residuals.iter().map(|r| r.square / r.base.max(LEAST)));
        let squares = sum(|r| r.mean.powi(2));
        let excess = if pearson > 1.0 && squares > 0.0 {
            (sum(|r| r.square - r.base.max(LEAST)) / squares).max(0.0)
        } else {
            0.0
        };
        let trust = (n / ENOUGH).min(1.0);
        let mut spread = Self {
            dispersion: pearson.min(1.0),
            relative: trust * excess + (1.0 - trust) * UNKNOWN,
            of_mean: 0.0,
        };
        let means = sum(|r| r.mean);
        if means > 0.0 {
            let variances = residuals
                .iter()
                .map(|r| spread.around(r.mean, r.base).variance);
            spread.of_mean = variances.sum::<f64>() / means.powi(2);
        }
        spread
    }

    /// The estimate `mean`, with `base` the variance that chance alone would give.
    pub(crate) fn around(&self, mean: f64, base: f64) -> Estimate {
        Estimate {
            mean,
            variance: self.dispersion * base.max(LEAST)
                + (self.relative + self.of_mean) * mean.powi(2),
        }
    }
}

/// The mean of ratios that should be 1, careful where there are few.
pub(crate) fn mean_drawn_to_one(ratios: impl Iterator<Item = f64>) -> f64 {
    let (n, sum) = ratios.fold((0.0, 0.0), |(n, sum), ratio| (n + 1.0, sum + ratio));
    (sum + ONES) / (n + ONES)
}
