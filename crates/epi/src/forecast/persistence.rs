//! The distribution of a sum of differences: what the baseline is made of.

use super::quantiles::Quantiles;

/// The sum's distribution is kept on a lattice of at most so many points to each side of 0.
const LATTICE: f64 = 2_000.0;

/// The baseline for 1, 2, … `days` days ahead, from past daily counts, the newest last.
pub(super) fn persistence(past: &[f64], days: usize) -> Vec<Quantiles> {
    let last = past.last().copied().unwrap_or(0.0);
    let differences: Vec<f64> = past
        .windows(2)
        .map(|pair| (pair[1] - pair[0]).abs())
        .collect();
    let widest = differences.iter().copied().fold(0.0, f64::max) * days as f64;
    let unit = (widest / LATTICE).max(1.0);
    let step = one_step(&differences, unit);
    let mut sum = vec![1.0];
    (1..=days)
        .map(|_| {
            sum = added(&sum, &step);
            let middle = mid_distribution(&sum);
            Quantiles::of(|level| {
                // The median stands, whatever rounding does to the sum.
                let away = if (level - 0.5).abs() < f64::EPSILON {
                    0.0
                } else {
                    place(&middle, level) - (sum.len() / 2) as f64
                };
                last + away * unit
            })
        })
        .collect()
}

/// Probability of each difference in units, symmetric around the middle of the vector.
fn one_step(differences: &[f64], unit: f64) -> Vec<f64> {
    let steps: Vec<usize> = differences
        .iter()
        .map(|difference| (difference / unit).round() as usize)
        .collect();
    let reach = steps.iter().copied().max().unwrap_or(0);
    let mut masses = vec![0.0; 2 * reach + 1];
    if steps.is_empty() {
        masses[reach] = 1.0;
    }
    for step in &steps {
        let half = 0.5 / steps.len() as f64;
        masses[reach + step] += half;
        masses[reach - step] += half;
    }
    masses
}

fn added(sum: &[f64], step: &[f64]) -> Vec<f64> {
    let mut out = vec![0.0; sum.len() + step.len() - 1];
    for (shift, weight) in step.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
        for (to, from) in out[shift..].iter_mut().zip(sum) {
            *to += weight * from;
        }
    }
    out
}

/// Places that can be reached, with the mid-distribution function there.
fn mid_distribution(masses: &[f64]) -> Vec<(f64, f64)> {
    let mut below = 0.0;
    let mut points = Vec::new();
    for (place, mass) in masses.iter().enumerate().filter(|(_, mass)| **mass > 0.0) {
        points.push((place as f64, below + mass / 2.0));
        below += mass;
    }
    points
}

/// Where the mid-distribution function takes a level, straight between its points.
fn place(points: &[(f64, f64)], level: f64) -> f64 {
    let above = points.partition_point(|(_, middle)| *middle < level);
    if above == 0 || above == points.len() {
        return points[above.saturating_sub(1)].0;
    }
    let ((from, low), (to, high)) = (points[above - 1], points[above]);
    from + (to - from) * (level - low) / (high - low)
}
