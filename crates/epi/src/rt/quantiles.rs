//! Quantiles of the standard gamma posterior, kept by number of cases.
//!
//! The posterior's shape is the prior's plus the cases in the window, and its scale only multiplies: so the
//! quantiles of 360,000 windows are those of a few thousand whole numbers.

use crate::special::gamma_quantile;

const PROBABILITIES: [f64; 3] = [0.025, 0.5, 0.975];
/// Windows with more cases than this are worked out each time, by the fast expansion for large shapes.
const MAX_KEPT: usize = 1 << 17;

#[derive(Debug, Clone)]
pub(super) struct QuantileTable {
    prior_shape: f64,
    kept: Vec<Option<[f64; 3]>>,
}

impl QuantileTable {
    pub(super) fn new(prior_shape: f64) -> Self {
        Self {
            prior_shape,
            kept: Vec::new(),
        }
    }

    pub(super) fn prior_shape(&self) -> f64 {
        self.prior_shape
    }

    /// The 2.5 %, 50 % and 97.5 % quantiles for a window of `cases` (0 or more), at scale 1.
    pub(super) fn of(&mut self, cases: f64) -> [f64; 3] {
        let whole = cases as usize;
        if whole >= MAX_KEPT || cases.fract() > 0.0 {
            return self.work_out(cases);
        }
        if whole >= self.kept.len() {
            self.kept.resize((whole + 1).next_power_of_two(), None);
        }
        if let Some(quantiles) = self.kept[whole] {
            return quantiles;
        }
        let quantiles = self.work_out(cases);
        self.kept[whole] = Some(quantiles);
        quantiles
    }

    fn work_out(&self, cases: f64) -> [f64; 3] {
        PROBABILITIES.map(|p| gamma_quantile(p, self.prior_shape + cases))
    }
}
