//! The offspring distribution: how many others a case infects, and how unevenly.
//!
//! Offspring are negative binomial with mean R and dispersion k, variance R + R²/k: the smaller k, the more of
//! transmission is owed to few cases; k → ∞ is Poisson (Lloyd-Smith et al. 2005, Nature 438:355). Both are
//! maximum likelihood estimates (Lloyd-Smith 2007, PLoS ONE 2:e180) with 95 % profile likelihood intervals.
//! Cases without any link that infected nobody must be counted in, or R comes out too high (Adam et al.
//! 2020, Nat Med 26:1714: R 0.58, k 0.43 in Hong Kong).
//!
//! ```
//! use lianfang_epi::offspring::{fit_offspring, offspring_counts};
//!
//! // A infected B and C, C infected D; five more cases stand in no pair.
//! let mut counts = offspring_counts(&[("A", "B"), ("A", "C"), ("C", "D")], 5)?;
//! counts.sort_unstable();
//! assert_eq!(counts, [0, 0, 0, 0, 0, 0, 0, 1, 2]);
//!
//! let fit = fit_offspring(&counts)?;
//! assert!((fit.r - 3.0 / 9.0).abs() < 1e-12);
//! assert!(fit.k_high.is_none(), "nine cases do not rule out that all infect alike");
//! # Ok::<(), lianfang_epi::offspring::OffspringError>(())
//! ```

use std::collections::BTreeMap;

use serde::Serialize;
use thiserror::Error;

/// Half the 95 % quantile of χ² with one degree of freedom: how far ln L may fall below its maximum.
const HALF_CHI2_95: f64 = 1.920_729_410_347_062;
/// 1/k is looked for between e^-16 and e^16; below, a negative binomial cannot be told from a Poisson.
const LN_INVERSE_K: (f64, f64) = (-16.0, 16.0);

/// Why R and k cannot be estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum OffspringError {
    /// Fewer than two cases.
    #[error("{0} cases are given: an offspring distribution needs at least 2")]
    TooFew(usize),
    /// Nobody infected anybody.
    #[error("none of the {0} cases infected anybody: R is 0, and k cannot be told")]
    NobodyInfected(usize),
    /// A case stands as its own infector.
    #[error(
        "pair {0} (counted from 1) names the same case as infector and infectee: they must differ"
    )]
    OwnInfector(usize),
    /// A case has two infectors.
    #[error(
        "pair {0} (counted from 1) gives its infectee another infector than an earlier pair: keep one of the two"
    )]
    TwoInfectors(usize),
}

/// R and k with 95 % profile likelihood intervals.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct OffspringFit {
    /// Mean number of infectees.
    pub r: f64,
    /// Lower end of R's interval.
    pub r_low: f64,
    /// Upper end of R's interval.
    pub r_high: f64,
    /// Dispersion; none where it is unbounded: offspring vary no more than Poisson.
    pub k: Option<f64>,
    /// Lower end of k's interval.
    pub k_low: f64,
    /// Upper end of k's interval; none where it is unbounded.
    pub k_high: Option<f64>,
    /// Number of cases.
    pub n: usize,
    /// ln L at the estimate, without the terms ln(y!).
    pub log_likelihood: f64,
    /// ln L of the Poisson distribution with the same R, for comparison.
    pub log_likelihood_poisson: f64,
}

/// Number of infectees of each distinct case that stands in `pairs` (infector, infectee), and a 0 for
/// each of the `unlinked` cases, which stand in no pair. A pair given twice counts once.
///
/// # Errors
/// Where a case infected itself or has two infectors.
pub fn offspring_counts<T: Ord>(
    pairs: &[(T, T)],
    unlinked: usize,
) -> Result<Vec<u32>, OffspringError> {
    let mut infector_of = BTreeMap::new();
    let mut infectees = BTreeMap::new();
    for (index, (infector, infectee)) in pairs.iter().enumerate() {
        if infector == infectee {
            return Err(OffspringError::OwnInfector(index + 1));
        }
        match infector_of.insert(infectee, infector) {
            Some(earlier) if earlier == infector => continue,
            Some(_) => return Err(OffspringError::TwoInfectors(index + 1)),
            None => {}
        }
        *infectees.entry(infector).or_insert(0) += 1;
        infectees.entry(infectee).or_insert(0);
    }
    let mut counts: Vec<u32> = infectees.into_values().collect();
    counts.resize(counts.len() + unlinked, 0);
    Ok(counts)
}

/// R and k by maximum likelihood from the number of infectees of each case.
///
/// # Errors
/// With fewer than two cases, or if nobody infected anybody.
pub fn fit_offspring(counts: &[u32]) -> Result<OffspringFit, OffspringError> {
    let data = Counts::new(counts)?;
    let r = data.sum / data.n;
    let (ln_a, top) = data.best_dispersion(r);
    let poisson = data.ln_poisson(r);
    let is_poisson = poisson >= top || ln_a <= LN_INVERSE_K.0 + 1e-3;
    let best = top.max(poisson);
    let floor = best - HALF_CHI2_95;
    let k_of = |ln_a: f64| (-ln_a).exp();
    let inside = |ln_a: f64| data.ln_likelihood(r, ln_a.exp()) >= floor;
    let start = if is_poisson { LN_INVERSE_K.0 } else { ln_a };
    Ok(OffspringFit {
        r,
        r_low: edge(r, 0.0, |r| data.profile(r) >= floor),
        r_high: edge(r, data.unlikely_r(r, floor), |r| data.profile(r) >= floor),
        k: (!is_poisson).then(|| k_of(ln_a)),
        k_low: k_of(edge(start, LN_INVERSE_K.1, inside)),
        k_high: (poisson < floor).then(|| k_of(edge(start, LN_INVERSE_K.0, inside))),
        n: counts.len(),
        log_likelihood: best,
        log_likelihood_poisson: poisson,
    })
}

/// Where, between a point inside and one outside, `inside` ends.
fn edge(mut within: f64, mut without: f64, inside: impl Fn(f64) -> bool) -> f64 {
    const HALVINGS: usize = 60;
    for _ in 0..HALVINGS {
        let middle = 0.5 * (within + without);
        if inside(middle) {
            within = middle;
        } else {
            without = middle;
        }
    }
    0.5 * (within + without)
}

/// What the likelihood needs of the counts.
struct Counts {
    n: f64,
    sum: f64,
    /// `above[j]` = cases with more than j infectees.
    above: Vec<f64>,
}

impl Counts {
    fn new(counts: &[u32]) -> Result<Self, OffspringError> {
        let most = counts.iter().max().copied().unwrap_or(0) as usize;
        if counts.len() < 2 {
            return Err(OffspringError::TooFew(counts.len()));
        }
        if most == 0 {
            return Err(OffspringError::NobodyInfected(counts.len()));
        }
        let mut above = vec![0.0; most];
        for &count in counts.iter().filter(|&&count| count > 0) {
            above[count as usize - 1] += 1.0;
        }
        for j in (1..most).rev() {
            above[j - 1] += above[j];
        }
        Ok(Self {
            n: counts.len() as f64,
            sum: counts.iter().map(|&count| f64::from(count)).sum(),
            above,
        })
    }

    /// Σ ln NB(y; R, k = 1/a) + ln y! = Σ_j above(j) ln(1 + ja) + S ln R - (S + n/a) ln(1 + aR).
    fn ln_likelihood(&self, r: f64, a: f64) -> f64 {
        let rising: f64 = self
            .above
            .iter()
            .enumerate()
            .map(|(j, cases)| cases * (j as f64 * a).ln_1p())
            .sum();
        rising + self.sum * r.ln() - (self.sum + self.n / a) * (a * r).ln_1p()
    }

    fn ln_poisson(&self, r: f64) -> f64 {
        self.sum * r.ln() - self.n * r
    }

    /// The ln(1/k) of highest likelihood given R, and that likelihood: golden section, the profile
    /// having one maximum (Levin & Reeds 1977, Ann Stat 5:79).
    fn best_dispersion(&self, r: f64) -> (f64, f64) {
        const STEPS: usize = 90;
        const GOLDEN: f64 = 0.618_033_988_749_894_9;
        let (mut low, mut high) = LN_INVERSE_K;
        let at = |ln_a: f64| self.ln_likelihood(r, ln_a.exp());
        let (mut left, mut right) = (high - GOLDEN * (high - low), low + GOLDEN * (high - low));
        let (mut at_left, mut at_right) = (at(left), at(right));
        for _ in 0..STEPS {
            if at_left >= at_right {
                (high, right, at_right) = (right, left, at_left);
                left = high - GOLDEN * (high - low);
                at_left = at(left);
            } else {
                (low, left, at_left) = (left, right, at_right);
                right = low + GOLDEN * (high - low);
                at_right = at(right);
            }
        }
        let middle = 0.5 * (low + high);
        (middle, at(middle))
    }

    /// The likelihood of R under the k that suits it best.
    fn profile(&self, r: f64) -> f64 {
        self.best_dispersion(r).1.max(self.ln_poisson(r))
    }

    /// An R above the estimate whose profile lies below `floor`.
    fn unlikely_r(&self, r: f64, floor: f64) -> f64 {
        let mut high = 2.0 * r;
        while self.profile(high) >= floor && high < 1e12 {
            high *= 2.0;
        }
        high
    }
}
