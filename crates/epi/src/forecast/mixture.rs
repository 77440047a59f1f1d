//! Quantiles of a mixture of negative binomials.

use super::quantiles::{LEVELS, Quantiles};

/// Up to about so many cases each count is a point of the lattice; beyond, points lie several cases apart.
const LATTICE: f64 = 800.0;
/// For the choice of the lattice a part ends so many standard deviations above its mean, …
const HEADROOM: f64 = 3.0;
/// … and the mixture where this share of its parts has ended.
const ENDED: f64 = 0.99;
/// A lattice ends here at the latest, whatever the highest quantile.
const MOST_POINTS: usize = 10_000;
/// Variance in excess of the mean, as a share of its square, below which a count is as good as Poisson.
const LEAST_EXCESS: f64 = 1e-9;

/// A negative binomial with its weight in the mixture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Part {
    weight: f64,
    mean: f64,
    size: f64,
}

impl Part {
    pub(super) fn new(weight: f64, mean: f64, size: f64) -> Self {
        Self { weight, mean, size }
    }

    fn variance(&self) -> f64 {
        self.mean + self.mean * self.mean / self.size
    }

    fn end(&self) -> f64 {
        self.mean + HEADROOM * self.variance().sqrt()
    }

    /// The same on a lattice of that unit: mean and variance in units.
    fn in_units(self, unit: f64) -> Self {
        let variance = self.variance() / (unit * unit);
        let mean = self.mean / unit;
        let excess = (variance - mean).max(mean * mean * LEAST_EXCESS);
        Self {
            weight: self.weight,
            mean,
            size: mean * mean / excess,
        }
    }
}

/// Quantiles by the mid-distribution function G(k) = F(k) - P(k)/2 (Parzen 2004, Stat Sci 19:652; Ma, Genton & Parzen 2011, Ann
/// Inst Stat Math 63:227), straight between its points: for counts these tell more than whole numbers would.
pub(super) fn quantiles(parts: &[Part]) -> Quantiles {
    let unit = unit(parts);
    let middle = mid_distribution(parts, unit);
    Quantiles::of(|level| {
        let above = middle.partition_point(|below| *below < level);
        if above == 0 {
            return 0.0;
        }
        let Some(high) = middle.get(above) else {
            return (middle.len() - 1) as f64 * unit;
        };
        let low = middle[above - 1];
        ((above - 1) as f64 + (level - low) / (high - low)) * unit
    })
}

/// Cases between two points of the lattice.
fn unit(parts: &[Part]) -> f64 {
    let mut ends: Vec<(f64, f64)> = parts.iter().map(|part| (part.end(), part.weight)).collect();
    ends.sort_by(|one, other| one.0.total_cmp(&other.0));
    let whole: f64 = parts.iter().map(|part| part.weight).sum();
    let mut ended = 0.0;
    let end = ends.iter().find(|(_, weight)| {
        ended += weight;
        ended >= ENDED * whole
    });
    end.map_or(1.0, |(end, _)| (end / LATTICE).ceil().max(1.0))
}

/// G at 0, 1, 2, … units, until it has passed the highest level.
fn mid_distribution(parts: &[Part], unit: f64) -> Vec<f64> {
    let highest = LEVELS[LEVELS.len() - 1];
    let mut parts: Vec<Running> = parts
        .iter()
        .map(|part| Running::new(part.in_units(unit)))
        .collect();
    let whole: f64 = parts.iter().map(|part| part.weight).sum();
    let mut middle = Vec::new();
    let mut below = 0.0;
    while middle.last().is_none_or(|last| *last < highest) && middle.len() < MOST_POINTS {
        let mass: f64 = parts.iter_mut().map(Running::next).sum::<f64>() / whole;
        middle.push(below + mass / 2.0);
        below += mass;
    }
    middle
}

/// A part's mass at 0, 1, 2, …
struct Running {
    weight: f64,
    ln_mass: f64,
    size: f64,
    ratio: f64,
    count: f64,
}

impl Running {
    fn new(part: Part) -> Self {
        let Part { weight, mean, size } = part;
        Self {
            weight,
            ln_mass: -size * (mean / size).ln_1p(),
            size,
            ratio: mean / (size + mean),
            count: 0.0,
        }
    }

    /// By the ratio of each mass to the one before.
    fn next(&mut self) -> f64 {
        let mass = self.weight * self.ln_mass.exp();
        self.ln_mass += ((self.count + self.size) / (self.count + 1.0) * self.ratio).ln();
        self.count += 1.0;
        mass
    }
}
