//! The number of cases that have begun and are not reported yet, given those that are.

use statrs::function::beta::ln_beta;

use super::triangle::ReportedShare;

/// No more unreported cases than this are looked at.
const MOST: u32 = 5_000_000;

/// Negative binomial (r, F), with F known or beta(α, β).
pub(super) struct Unreported {
    r: f64,
    share: f64,
    beta: Option<(f64, f64)>,
}

impl Unreported {
    pub(super) fn new(reported: u32, known: ReportedShare) -> Self {
        let ReportedShare {
            share,
            relative_variance,
        } = known;
        let odds = (1.0 - share) / share;
        // Matches mean and variance of F; α ≥ 1 keeps the distribution proper where little is known.
        let beta = (relative_variance > 0.0 && share > 0.0 && share < 1.0).then(|| {
            let alpha = (share * (odds / relative_variance - 1.0)).max(1.0);
            (alpha, alpha * odds)
        });
        Self {
            r: f64::from(reported) + 1.0,
            share,
            beta,
        }
    }

    /// Quantiles at ascending probabilities; none beyond [`MOST`].
    pub(super) fn quantiles<const N: usize>(&self, probabilities: [f64; N]) -> [Option<u32>; N] {
        if self.share >= 1.0 {
            return [Some(0); N];
        }
        if self.share <= 0.0 {
            return [None; N];
        }
        let mut ln_mass = self.ln_mass_at_0();
        let (mut count, mut below) = (0_u32, ln_mass.exp());
        probabilities.map(|p| {
            while below < p && count < MOST {
                ln_mass += self.ratio(f64::from(count)).ln();
                count += 1;
                below += ln_mass.exp();
            }
            (count < MOST).then_some(count)
        })
    }

    fn ln_mass_at_0(&self) -> f64 {
        match self.beta {
            Some((alpha, beta)) => ln_beta(alpha + self.r, beta) - ln_beta(alpha, beta),
            None => self.r * self.share.ln(),
        }
    }

    /// Probability of m + 1 over that of m.
    fn ratio(&self, m: f64) -> f64 {
        let chances = (self.r + m) / (m + 1.0);
        match self.beta {
            Some((alpha, beta)) => chances * (beta + m) / (alpha + self.r + beta + m),
            None => chances * (1.0 - self.share),
        }
    }
}
