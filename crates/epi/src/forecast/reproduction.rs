//! R on the last day known: a grid filter over ln R.
//!
//! As EpiFilter (Parag 2021, PLoS Comput Biol 17:e1009347), with three changes: ln R drifts to the level of control
//! (an autoregressive process of order 1) and now and then jumps, so that a fast change is not taken for a row of
//! artefacts; and counts are negative binomial with a chance of being artefacts.

use statrs::function::gamma::ln_gamma;

use super::rule::ForecastRule;

/// Points of the grid.
pub(super) const GRID: usize = 61;
/// Distance of points in ln R: R runs from 1/11 to 11.
const STEP: f64 = 0.08;
/// Size of the negative binomial that an artefact's count comes from: nearly any count will do.
pub(super) const ARTEFACT_SIZE: f64 = 0.3;

/// One number for each point of the grid, ascending in R.
pub(super) type Grid = [f64; GRID];

/// What a bulletin said of its day, or of the days of a gap that it ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bulletin {
    /// New cases; none where the total went down.
    pub(super) cases: Option<f64>,
    /// Λ, summed over its days.
    pub(super) infectivity: f64,
    /// Number of days, 1 or more.
    pub(super) days: usize,
}

/// The filter for one rule.
#[derive(Debug, Clone)]
pub(super) struct Filter {
    rule: ForecastRule,
    /// `drift[from][to]`: the change of ln R in a day.
    drift: Vec<Grid>,
    start: Grid,
}

/// ln R at a point of the grid.
pub(super) fn log_r(point: usize) -> f64 {
    (point as f64 - (GRID / 2) as f64) * STEP
}

impl Filter {
    pub(super) fn new(rule: &ForecastRule) -> Self {
        let (control, kept) = (rule.r_controlled.ln(), rule.kept());
        let anywhere = bell(0.0, rule.log_r_sd);
        let jump = rule.jump_per_day;
        let with_jumps = |near: &Grid| -> Grid {
            std::array::from_fn(|to| (1.0 - jump) * near[to] + jump * anywhere[to])
        };
        let drift = (0..GRID)
            .map(|from| {
                let next = control + kept * (log_r(from) - control);
                with_jumps(&bell(next, rule.log_r_step_sd))
            })
            .collect();
        Self {
            rule: *rule,
            drift,
            start: bell(rule.r_start.ln(), rule.log_r_sd),
        }
    }

    /// Probability of each R after all bulletins, oldest first.
    pub(super) fn posterior(&self, bulletins: &[Bulletin]) -> Grid {
        let mut belief = self.start;
        for bulletin in bulletins {
            for _ in 0..bulletin.days {
                belief = self.drifted(&belief);
            }
            if let Some(cases) = bulletin.cases {
                belief = given(&belief, &self.likelihood(cases, bulletin));
            }
        }
        belief
    }

    fn drifted(&self, from: &Grid) -> Grid {
        let mut to = [0.0; GRID];
        for (weight, row) in from.iter().zip(&self.drift) {
            for (sum, step) in to.iter_mut().zip(row) {
                *sum += weight * step;
            }
        }
        to
    }

    /// Likelihood of a count under each R, up to a common factor; the largest is 1.
    fn likelihood(&self, cases: f64, bulletin: &Bulletin) -> Grid {
        let imported = self.rule.imported_per_day * bulletin.days as f64;
        let artefact = self.rule.artefact_probability;
        let at_1 = bulletin.infectivity + imported;
        let floor = artefact.ln() + ln_mass(cases, at_1, ARTEFACT_SIZE);
        let logs: Grid = std::array::from_fn(|point| {
            let mean = log_r(point).exp() * bulletin.infectivity + imported;
            (-artefact).ln_1p() + ln_mass(cases, mean, self.rule.dispersion)
        });
        let top = logs.iter().fold(floor, |top, log| top.max(*log));
        logs.map(|log| (log - top).exp() + (floor - top).exp())
    }
}

/// ln of the negative binomial's mass at a count; one that a correction changed may lie between whole numbers.
fn ln_mass(count: f64, mean: f64, size: f64) -> f64 {
    ln_gamma(count + size) - ln_gamma(size) - ln_gamma(count + 1.0)
        + size * (size / (size + mean)).ln()
        + count * (mean / (size + mean)).ln()
}

/// Bayes' rule. Where no R could have led to the count, in floating point, it says nothing.
fn given(prior: &Grid, likelihood: &Grid) -> Grid {
    let mut posterior: Grid = std::array::from_fn(|point| prior[point] * likelihood[point]);
    let sum: f64 = posterior.iter().sum();
    if sum < f64::MIN_POSITIVE {
        return *prior;
    }
    for weight in &mut posterior {
        *weight /= sum;
    }
    posterior
}

/// A normal distribution on the grid.
fn bell(centre: f64, sd: f64) -> Grid {
    let weights: Grid =
        std::array::from_fn(|point| (-0.5 * ((log_r(point) - centre) / sd).powi(2)).exp());
    let sum: f64 = weights.iter().sum();
    weights.map(|weight| weight / sum)
}
