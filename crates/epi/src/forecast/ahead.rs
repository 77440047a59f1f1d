//! The days ahead: mean and variance of each day's count along each path of R.
//!
//! The future of ln R is one number of shock, spread over the days so that the sum of ln R up to each day has the
//! variance of the walk: on this sum the cases of that day hang.

use super::mixture::Part;
use super::reproduction::{ARTEFACT_SIZE, GRID, Grid, log_r};
use super::rule::ForecastRule;

/// Paths of R from one point of the grid: by so many standard deviations off the expected one.
const SHOCKS: [f64; 13] = [
    -3.0, -2.5, -2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0,
];
/// The points left out hold less than this together.
const NEGLIGIBLE: f64 = 1e-4;

/// For each of `days` days ahead, the parts of its count's distribution.
///
/// `past` are daily cases, the newest last; `weights` the serial interval by days.
pub(super) fn parts(
    rule: &ForecastRule,
    weights: &[f64],
    past: &[f64],
    posterior: &Grid,
    days: usize,
) -> Vec<Vec<Part>> {
    let known = infectivity_of_past(weights, past, days);
    let drift = Drift::new(rule, days);
    let density = SHOCKS.map(|shock| (-0.5 * shock * shock).exp());
    let all: f64 = density.iter().sum();
    let mut ahead = vec![Vec::new(); days];
    for point in (0..GRID).filter(|point| posterior[*point] > NEGLIGIBLE / GRID as f64) {
        let mut expected = vec![0.0; days];
        for (shock, density) in SHOCKS.iter().zip(density) {
            let r = drift.path(log_r(point), *shock);
            let share = density / all;
            let weight = posterior[point] * share * (1.0 - rule.artefact_probability);
            for (day, count) in counts(rule, weights, &known, &r).into_iter().enumerate() {
                ahead[day].push(Part::new(weight, count.mean, count.size()));
                expected[day] += share * count.mean;
            }
        }
        let weight = posterior[point] * rule.artefact_probability;
        for (day, mean) in expected.into_iter().enumerate() {
            ahead[day].push(Part::new(weight, mean, ARTEFACT_SIZE));
        }
    }
    ahead
}

/// Λ of the days ahead as far as it comes from the past.
fn infectivity_of_past(weights: &[f64], past: &[f64], days: usize) -> Vec<f64> {
    (1..=days)
        .map(|ahead| {
            past.iter()
                .rev()
                .zip(weights.iter().skip(ahead))
                .map(|(cases, weight)| cases * weight)
                .sum()
        })
        .collect()
}

/// How ln R goes on from where it is.
struct Drift {
    control: f64,
    /// Share of the distance from control that is left after 1, 2, … days.
    left: Vec<f64>,
    /// What one standard deviation of shock adds to ln R after 1, 2, … days.
    spread: Vec<f64>,
}

impl Drift {
    /// With a the share kept in a day, ln R summed over days 1 to h has the variance σ² Σ ((1 - a^j)/(1 - a))², j = 1 to h.
    /// Day h gets what the standard deviation of this sum grows by.
    fn new(rule: &ForecastRule, days: usize) -> Self {
        let kept = rule.kept();
        let (mut share, mut reach, mut variance, mut sd) = (1.0, 0.0, 0.0, 0.0);
        let (mut left, mut spread) = (Vec::new(), Vec::new());
        for _ in 0..days {
            reach += share;
            share *= kept;
            left.push(share);
            variance += (rule.log_r_step_sd * reach).powi(2);
            let grown = f64::sqrt(variance);
            spread.push(grown - sd);
            sd = grown;
        }
        Self {
            control: rule.r_controlled.ln(),
            left,
            spread,
        }
    }

    fn path(&self, log_r: f64, shock: f64) -> Vec<f64> {
        self.left
            .iter()
            .zip(&self.spread)
            .map(|(left, spread)| {
                (self.control + left * (log_r - self.control) + spread * shock).exp()
            })
            .collect()
    }
}

/// A day's count along one path of R.
struct Count {
    mean: f64,
    variance: f64,
}

impl Count {
    /// Size of the negative binomial of this mean and variance.
    fn size(&self) -> f64 {
        self.mean * self.mean / (self.variance - self.mean)
    }
}

/// The counts of the days ahead, given the path of R.
///
/// mean m(h) = R(h) Λ(h) + imported; cov(h, u) = R(h) Σ w(s) cov(h-s, u) for u < h; and with V = R(h)² var Λ(h),
/// var(h) = m(h) + V + (m(h)² + V) / k.
fn counts(rule: &ForecastRule, weights: &[f64], known: &[f64], r: &[f64]) -> Vec<Count> {
    let days = r.len();
    let weight = |delay: usize| weights.get(delay).copied().unwrap_or(0.0);
    let mut counts: Vec<Count> = Vec::with_capacity(days);
    let mut covariance = vec![vec![0.0; days]; days];
    for h in 0..days {
        let mut infectivity = known[h];
        let mut spread = 0.0;
        for (u, count) in counts.iter().enumerate() {
            infectivity += weight(h - u) * count.mean;
            let with_u: f64 = (0..h)
                .map(|earlier| weight(h - earlier) * covariance[earlier][u])
                .sum();
            spread += weight(h - u) * with_u;
            covariance[h][u] = r[h] * with_u;
            covariance[u][h] = r[h] * with_u;
        }
        let mean = r[h] * infectivity + rule.imported_per_day;
        let inherited = r[h] * r[h] * spread;
        let variance = mean + inherited + (mean * mean + inherited) / rule.dispersion;
        covariance[h][h] = variance;
        counts.push(Count { mean, variance });
    }
    counts
}
