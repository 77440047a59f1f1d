//! How unevenly cases infected others.

use crate::offspring::{OffspringError, OffspringFit, fit_offspring};

/// Who infects more than this share of cases would if all were alike is a superspreader (Lloyd-Smith et al. 2005).
const PERCENTILE: f64 = 0.99;
/// The share of cases whose part in transmission is told: the "20/80 rule" (Woolhouse et al. 1997, PNAS 94:338).
const TOP: f64 = 0.2;
/// The share of all infections of which it is told how few cases account for it (the same rule, read the other way).
const MOST_OF_ALL: f64 = 0.8;

/// The offspring distribution of a line list, all cases counted in.
#[derive(Debug, Clone, PartialEq)]
pub struct Offspring {
    /// `[n]` = cases that infected n others.
    pub counts: Vec<usize>,
    /// R and k, or why they cannot be told.
    pub fit: Result<OffspringFit, OffspringError>,
    /// Share of cases that infected nobody; none without cases.
    pub zero_share: Option<f64>,
    /// Share of all infections owed to the 20 % of cases that infected most; none where nobody infected anybody.
    pub top_20_share: Option<f64>,
    /// The smallest share of cases that accounts for 80 % of all infections; none where nobody infected anybody.
    pub cases_for_80_share: Option<f64>,
    /// Infectees that a superspreader has more of; none where nobody infected anybody.
    pub superspreading_above: Option<u32>,
    /// Places of the superspreaders, those with most infectees first.
    pub superspreaders: Vec<usize>,
}

impl Offspring {
    pub(super) fn new(infectees: &[u32]) -> Self {
        let mut counts = Vec::new();
        for &n in infectees {
            let n = n as usize;
            if n >= counts.len() {
                counts.resize(n + 1, 0);
            }
            counts[n] += 1;
        }
        let cases = infectees.len() as f64;
        let links: f64 = infectees.iter().map(|&n| f64::from(n)).sum();
        let above = (links > 0.0).then(|| poisson_quantile(PERCENTILE, links / cases));
        let mut superspreaders: Vec<usize> = (0..infectees.len())
            .filter(|&case| above.is_some_and(|above| infectees[case] > above))
            .collect();
        superspreaders.sort_by_key(|&case| std::cmp::Reverse(infectees[case]));
        Self {
            zero_share: counts.first().map(|&zeros| zeros as f64 / cases),
            top_20_share: (links > 0.0).then(|| top_share(&counts, TOP * cases) / links),
            cases_for_80_share: (links > 0.0)
                .then(|| cases_behind(&counts, MOST_OF_ALL * links) / cases),
            counts,
            fit: fit_offspring(infectees),
            superspreading_above: above,
            superspreaders,
        }
    }
}

/// Infections by the `top` cases that infected most; of the last of them a fraction may count.
fn top_share(counts: &[usize], top: f64) -> f64 {
    let (mut left, mut infections) = (top, 0.0);
    for (n, &cases) in counts.iter().enumerate().rev() {
        let taken = left.min(cases as f64);
        infections += taken * n as f64;
        left -= taken;
    }
    infections
}

/// Cases that account for so many infections, those who infected most first; of the last of them a fraction may count.
fn cases_behind(counts: &[usize], infections: f64) -> f64 {
    let (mut left, mut behind) = (infections, 0.0);
    for (n, &cases) in counts.iter().enumerate().skip(1).rev() {
        let taken = (left / n as f64).min(cases as f64);
        behind += taken;
        left -= taken * n as f64;
    }
    behind
}

/// The smallest n with P(X ≤ n) ≥ p, for X Poisson.
fn poisson_quantile(p: f64, mean: f64) -> u32 {
    let mut n = 0;
    let mut term = (-mean).exp();
    let mut sum = term;
    while sum < p {
        n += 1;
        term *= mean / f64::from(n);
        sum += term;
    }
    n
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_the_poisson_distribution() {
        // R: qpois(0.99, c(0.1, 0.58, 1, 2.5, 10))
        for (mean, n) in [(0.1, 1), (0.58, 3), (1.0, 4), (2.5, 7), (10.0, 18)] {
            assert_eq!(poisson_quantile(0.99, mean), n, "{mean}");
        }
    }

    #[test]
    fn the_top_counts_a_part_of_the_last() {
        // Six cases of whom one infected 3, two infected 1: the top 1.2 cases have 3 + 0.2.
        let found = Offspring::new(&[3, 0, 1, 1, 0, 0]);
        assert_eq!(found.counts, [3, 2, 0, 1]);
        assert!((found.top_20_share.unwrap() - 3.2 / 5.0).abs() < 1e-12);
        // Of five infections four are owed to the one with three and to one of the two with one.
        assert!((found.cases_for_80_share.unwrap() - 2.0 / 6.0).abs() < 1e-12);
        assert_eq!(found.zero_share, Some(0.5));
        assert_eq!(found.superspreading_above, Some(4));
        assert_eq!(found.superspreaders, [0_usize; 0]);
    }

    #[test]
    fn without_infections_nothing_is_told() {
        let found = Offspring::new(&[0, 0, 0]);
        assert_eq!(found.fit, Err(OffspringError::NobodyInfected(3)));
        assert_eq!((found.top_20_share, found.zero_share), (None, Some(1.0)));
        assert_eq!(Offspring::new(&[]).zero_share, None);
    }
}
