//! Two phases, growth (R > 1) and decline (R < 1), each a grid of reproduction numbers.
//!
//! A grid filter as in Parag 2021 (PLoS Comput Biol 17:e1009347, EpiFilter) within each phase, and
//! Hamilton's (1989, Econometrica 57:357) Markov switching between the two.

use statrs::function::gamma::ln_gamma;

use super::rule::TurningPointRule;

/// Grid points in each phase.
pub(super) const GRID: usize = 20;
/// Distance of grid points in ln R: R runs from 1/10.4 to 10.4.
const STEP: f64 = 0.12;
/// Size of the negative binomial that an artefact's count comes from: nearly any count will do.
const ARTEFACT_SIZE: f64 = 0.3;
/// Below this infectivity nobody can be said to infect: a day then says nothing and changes nothing.
pub(super) const NEGLIGIBLE: f64 = 1e-9;

/// One number for each reproduction number of a phase, nearest to 1 first.
pub(super) type Grid = [f64; GRID];

/// Probability (or likelihood) of each reproduction number in each phase.
#[derive(Debug, Clone, Copy)]
pub(super) struct Phases {
    pub(super) growth: Grid,
    pub(super) decline: Grid,
}

/// What a bulletin reported, and what was to be expected were R equal to 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Observation {
    /// New cases, a gap's days taken together.
    pub(super) cases: f64,
    /// Λ summed over the same days.
    pub(super) infectivity: f64,
    /// Number of days.
    pub(super) days: f64,
}

impl Observation {
    pub(super) fn is_silent(&self) -> bool {
        self.infectivity < NEGLIGIBLE && self.cases <= 0.0
    }
}

/// How phases follow each other and what they let one expect, for one rule.
#[derive(Debug, Clone)]
pub(super) struct Model {
    /// `walk[from][to]`: change of R within a phase, the same in both for reasons of symmetry: mostly small, and
    /// now and then a jump, so that a sudden change within a phase is not taken for a change of phase.
    walk: [Grid; GRID],
    /// Where R stands on entering a phase.
    pub(super) entry: Grid,
    growth_r: Grid,
    decline_r: Grid,
    switch_per_day: f64,
    imported_per_day: f64,
    dispersion: f64,
    ln_gamma_dispersion: f64,
    ln_gamma_artefact: f64,
    ln_artefact: f64,
    ln_genuine: f64,
}

impl Model {
    pub(super) fn new(rule: &TurningPointRule) -> Self {
        let log_r: Grid = std::array::from_fn(|point| (point as f64 + 0.5) * STEP);
        let bell = |distance: f64, sd: f64| (-0.5 * (distance / sd).powi(2)).exp();
        let entry = normalised(log_r.map(|x| bell(x, rule.log_r_sd)));
        let jump = rule.switch_per_day;
        let walk = |from: usize| -> Grid {
            let near = normalised(log_r.map(|to| bell(to - log_r[from], rule.log_r_step_sd)));
            std::array::from_fn(|to| (1.0 - jump) * near[to] + jump * entry[to])
        };
        Self {
            walk: std::array::from_fn(walk),
            entry,
            growth_r: log_r.map(f64::exp),
            decline_r: log_r.map(|x| (-x).exp()),
            switch_per_day: rule.switch_per_day,
            imported_per_day: rule.imported_per_day,
            dispersion: rule.dispersion,
            ln_gamma_dispersion: ln_gamma(rule.dispersion),
            ln_gamma_artefact: ln_gamma(ARTEFACT_SIZE),
            ln_artefact: rule.artefact_probability.ln(),
            ln_genuine: (-rule.artefact_probability).ln_1p(),
        }
    }

    /// An outbreak is taken to be growing until its data say otherwise.
    pub(super) fn at_start(&self) -> Phases {
        Phases {
            growth: self.entry,
            decline: [0.0; GRID],
        }
    }

    /// Probability that the phase switched before this bulletin. A phase is one of transmission: it can only
    /// change while there are infectious cases, so it is weighed by the chance that there is any.
    pub(super) fn switch(&self, seen: &Observation) -> f64 {
        let daily = self.switch_per_day * -(-seen.infectivity / seen.days).exp_m1();
        1.0 - (1.0 - daily).powf(seen.days)
    }

    /// The next day's R, given this day's, within a phase.
    pub(super) fn walked(&self, from: &Grid) -> Grid {
        let mut to = [0.0; GRID];
        for (weight, row) in from.iter().zip(&self.walk) {
            for (sum, step) in to.iter_mut().zip(row) {
                *sum += weight * step;
            }
        }
        to
    }

    /// For each R of this day, the expectation of `next` over the next day's R.
    pub(super) fn walked_back(&self, next: &Grid) -> Grid {
        self.walk
            .map(|row| row.iter().zip(next).map(|(step, value)| step * value).sum())
    }

    /// What is believed before the bulletin is read.
    pub(super) fn predict(&self, before: &Phases, switch: f64) -> Phases {
        let (growth, decline) = (self.walked(&before.growth), self.walked(&before.decline));
        let to_growth = switch * before.decline.iter().sum::<f64>();
        let to_decline = switch * before.growth.iter().sum::<f64>();
        Phases {
            growth: std::array::from_fn(|i| (1.0 - switch) * growth[i] + to_growth * self.entry[i]),
            decline: std::array::from_fn(|i| {
                (1.0 - switch) * decline[i] + to_decline * self.entry[i]
            }),
        }
    }

    /// Likelihood of what was reported under each R, up to a common factor; the largest is about 1.
    pub(super) fn likelihood(&self, seen: &Observation) -> Phases {
        let imported = self.imported_per_day * seen.days;
        let k = self.dispersion;
        let constant = ln_gamma(seen.cases + k) - self.ln_gamma_dispersion + k * k.ln();
        let genuine = |r: f64| {
            let mean = r * seen.infectivity + imported;
            self.ln_genuine + constant + seen.cases * mean.ln() - (seen.cases + k) * (mean + k).ln()
        };
        let growth = self.growth_r.map(genuine);
        let decline = self.decline_r.map(genuine);
        let artefact = self.ln_artefact_likelihood(seen.cases, seen.infectivity + imported);
        let top = growth
            .iter()
            .chain(&decline)
            .fold(artefact, |top, &x| top.max(x));
        let floor = (artefact - top).exp();
        let scaled = |x: f64| (x - top).exp() + floor;
        Phases {
            growth: growth.map(scaled),
            decline: decline.map(scaled),
        }
    }

    fn ln_artefact_likelihood(&self, cases: f64, mean: f64) -> f64 {
        let k = ARTEFACT_SIZE;
        self.ln_artefact + ln_gamma(cases + k) - self.ln_gamma_artefact
            + k * k.ln()
            + cases * mean.ln()
            - (cases + k) * (mean + k).ln()
    }
}

impl Phases {
    /// Bayes' rule: this as prior, weighed by a likelihood, and made to sum to 1. Where no R on the grid could
    /// have led to the count, in floating point, it says nothing.
    pub(super) fn given(&self, likelihood: &Phases) -> Phases {
        let mut growth = product(&self.growth, &likelihood.growth);
        let mut decline = product(&self.decline, &likelihood.decline);
        let sum = growth.iter().chain(&decline).sum::<f64>();
        if sum < f64::MIN_POSITIVE {
            return *self;
        }
        for weight in growth.iter_mut().chain(&mut decline) {
            *weight /= sum;
        }
        Phases { growth, decline }
    }

    /// The probability of decline.
    pub(super) fn p_declining(&self) -> f64 {
        self.decline.iter().sum::<f64>().clamp(0.0, 1.0)
    }
}

pub(super) fn product(a: &Grid, b: &Grid) -> Grid {
    std::array::from_fn(|i| a[i] * b[i])
}

fn normalised(weights: Grid) -> Grid {
    let sum: f64 = weights.iter().sum();
    weights.map(|weight| weight / sum)
}
