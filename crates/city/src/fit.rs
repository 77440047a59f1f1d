//! A city fitted to an area's observed curve: approximate Bayesian computation by sequential Monte Carlo.
//!
//! Toni T et al. J R Soc Interface 2009;6:187-202, with the kernel of Beaumont MA et al. Biometrika 2009;96:983-990:
//!
//! 1. Parameters are drawn from their priors, the city is run with each, and the runs whose curves are nearest to the
//!    data are kept, a quarter of them.
//! 2. In each later round, those kept are drawn by weight, moved by normal steps of twice their variance, and run again.
//!    What comes nearer than the median distance of the round before is kept, with the weight of its prior over that of
//!    its proposal.
//! 3. It ends after so many rounds, or where too few come nearer; what the last whole round kept is the posterior.
//!
//! What is fitted, with its prior:
//!
//! | parameter | prior |
//! | --- | --- |
//! | the reproduction number where nothing is done | log-normal around the pack's, a standard deviation of 0.3 on the logarithm |
//! | people infected on the first day | even on the logarithm, from 1 to the most that is asked |
//! | people who come infected on a day, while they come | even on the logarithm, from 0.01 to the most that is asked |
//! | the share of the ill who see a doctor | even, from 0.2 to 1 |
//!
//! The data are confirmed cases by day. The distance of two curves is that of the square roots of their sums over three
//! days (Anscombe FJ Biometrika 1948;35:246-254: so that days of many and of few cases count alike).
//!
//! Every proposal has a seed of its own, so the result is the same on any number of threads.

mod curve;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

use jiff::civil::Date;
use lianfang_core::words::Word;
use lianfang_epi::forecast::LONGEST_HORIZON;
use lianfang_epi::incidence::IncidenceError;
use lianfang_policy::Pack;

use crate::epidemic::{Simulation, SimulationError};
use crate::population::Population;
use crate::random::{Purpose, Stream};
use crate::scenario::{ResponseSettings, Scenario};
use crate::whatif::Spread;

pub use curve::{FitData, FitSize, FittedCurve};

/// Spread of the prior of R, on the logarithm.
const R_SD: f64 = 0.3;
/// Steps of R on the logarithm, and how many there are on either side of the pack's: rates are fitted once for each.
const R_STEP: f64 = 0.05;
const R_STEPS: i32 = 21;
/// Least infected on the first day, least who come on a day, least share who see a doctor.
const LEAST: [f64; 3] = [1.0, 0.01, 0.2];
/// Proposals for each particle that is kept.
const PROPOSED: usize = 4;
/// Of the particles asked for, the share without which a round counts for nothing.
const ENOUGH: f64 = 0.25;
/// Days of a sum.
const WINDOW: usize = 3;

lianfang_core::words! {
    /// What is fitted.
    Parameter {
        /// How many one case infects where nothing is done.
        ReproductionNumber = "reproduction_number", "R where nothing is done", "无防控时的R";
        /// People infected on the first day.
        Initial = "initial", "infected on the first day", "首日感染人数";
        /// People who come infected on a day.
        PerDay = "imports_per_day", "come infected on a day", "每日输入感染";
        /// Share of the ill who see a doctor.
        Seek = "seek", "share who see a doctor", "就诊比例";
    }
}

/// What a fit is asked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FitAsked {
    /// Particles to keep.
    pub particles: usize,
    /// Rounds at most, the first from the priors among them.
    pub rounds: usize,
    /// From which all draws follow.
    pub seed: u64,
    /// Days of the run before the first day of data.
    pub lead: usize,
    /// Days of the run after the last day of data.
    pub ahead: usize,
    /// Most people infected on the first day.
    pub most_initial: u32,
    /// Most people who come infected on a day, on average.
    pub most_per_day: f64,
    /// Runs at one time.
    pub threads: usize,
}

/// Parameters that gave a curve near the data.
#[derive(Debug, Clone, PartialEq)]
pub struct Particle {
    /// Their values, in the order of [`Parameter`].
    pub values: [f64; 4],
    /// Its weight; all weights add up to 1.
    pub weight: f64,
    /// How far its curve is from the data.
    pub distance: f64,
    /// Confirmed cases by day, from the first day of data on.
    pub curve: Vec<f64>,
}

/// A round.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Round {
    /// How near a curve had to come.
    pub tolerance: f64,
    /// Runs.
    pub proposed: usize,
    /// Runs that came near enough.
    pub accepted: usize,
}

/// What came of a fit.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// The posterior.
    pub particles: Vec<Particle>,
    /// The rounds that made it.
    pub rounds: Vec<Round>,
}

/// Why nothing could be fitted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FitError {
    /// The city cannot be run.
    #[error(transparent)]
    Simulation(#[from] SimulationError),
    /// A number is out of its range.
    #[error("{field} is {value}; it must lie between {least} and {most}")]
    Range {
        /// The number.
        field: &'static str,
        /// Its value.
        value: f64,
        /// The least accepted.
        least: f64,
        /// The most accepted.
        most: f64,
    },
    /// Data that say nothing.
    #[error("there are no cases in the data: a fit needs some")]
    NoCases,
    /// The totals make no series.
    #[error(transparent)]
    Totals(IncidenceError),
    /// The first day asked for is not among the data.
    #[error("the totals do not reach {0}")]
    NotReached(Date),
    /// Too few people for the cases.
    #[error("{cases:.0} cases in a city of {people} people: build a larger city")]
    TooSmall {
        /// Cases of the data.
        cases: f64,
        /// People of the city.
        people: u32,
    },
    /// The newest total is too old.
    #[error("the newest total is of {0}: it may be {LONGEST_HORIZON} days old at most")]
    Stale(Date),
    /// A day that was not run.
    #[error("the city was not run up to {0}")]
    NotRun(Date),
    /// Nothing is found where nothing is done.
    #[error("the scenario has no `response`: no case would be confirmed")]
    NoResponse,
}

/// Bounds of the parameters, on the scale on which they are moved.
struct Priors {
    log_r: f64,
    logs: [(f64, f64); 2],
    seek: (f64, f64),
}

/// Parameters on the scale on which they are moved: logarithms, and the share as it is.
type Point = [f64; 4];

impl Priors {
    fn draw(&self, stream: &mut Stream) -> Point {
        let even = |(low, high): (f64, f64), unit: f64| low + unit * (high - low);
        [
            self.log_r + R_SD * stream.normal(),
            even(self.logs[0], stream.unit()),
            even(self.logs[1], stream.unit()),
            even(self.seek, stream.unit()),
        ]
    }

    /// The density, up to a factor; 0 outside the bounds.
    fn density(&self, point: &Point) -> f64 {
        let bounds = [self.logs[0], self.logs[1], self.seek];
        let inside = bounds
            .iter()
            .zip(&point[1..])
            .all(|((low, high), value)| (*low..=*high).contains(value));
        if inside {
            (-0.5 * ((point[0] - self.log_r) / R_SD).powi(2)).exp()
        } else {
            0.0
        }
    }
}

/// The place of R on its grid.
fn place_of(log_r: f64, center: f64) -> usize {
    let steps = ((log_r - center) / R_STEP).round() as i32;
    (steps.clamp(-R_STEPS, R_STEPS) + R_STEPS) as usize
}

/// R at a place of its grid.
fn r_at(place: usize, center: f64) -> f64 {
    (center + R_STEP * f64::from(place as i32 - R_STEPS)).exp()
}

fn values(point: &Point, center: f64) -> [f64; 4] {
    let r = r_at(place_of(point[0], center), center);
    [r, point[1].exp(), point[2].exp(), point[3]]
}

/// What particles are made of while rounds go on.
struct Kept {
    point: Point,
    weight: f64,
    run: Ran,
}

/// A proposal that was run.
#[derive(Clone)]
struct Ran {
    distance: f64,
    curve: Vec<f64>,
}

/// Sums over some days, as square roots.
fn roots(curve: impl Iterator<Item = f64>) -> Vec<f64> {
    let curve: Vec<f64> = curve.collect();
    (0..curve.len())
        .map(|day| {
            let from = (day + 1).saturating_sub(WINDOW);
            (curve[from..=day].iter().sum::<f64>() + 0.375).sqrt()
        })
        .collect()
}

/// How far two curves are apart, over the days of the first.
fn distance(observed: &[f64], curve: &[f64]) -> f64 {
    let data = roots(observed.iter().copied());
    let run = roots(curve.iter().take(observed.len()).copied());
    let squares = data.iter().zip(run).map(|(a, b)| (a - b).powi(2));
    squares.sum::<f64>().sqrt()
}

/// A simulation that is made when it is first asked for.
type Ready<'a> = OnceLock<Result<Simulation<'a>, SimulationError>>;

/// What is run.
struct Runs<'a> {
    city: &'a Population,
    pack: &'a Pack,
    center: f64,
    /// The scenario with each R of the grid, and what is made ready of it when it is first asked for.
    bases: &'a [Scenario],
    ready: &'a [Ready<'a>],
    scenario: &'a Scenario,
    settings: &'a ResponseSettings,
    observed: &'a [f64],
    asked: &'a FitAsked,
}

/// Fits the city under a pack to confirmed cases by day.
///
/// `scenario` says what is supposed besides; its day 0 is `asked.lead` days before the first day of `observed`.
///
/// # Errors
/// What cannot be run, or which number is out of its range.
pub fn fit(
    city: &Population,
    pack: &Pack,
    scenario: &Scenario,
    observed: &[f64],
    asked: &FitAsked,
) -> Result<Fit, FitError> {
    let settings = scenario.response.as_ref().ok_or(FitError::NoResponse)?;
    check(city, observed, asked)?;
    let r = match (
        &pack.natural_history.unmitigated,
        scenario.reproduction_number,
    ) {
        (_, Some(r)) => r,
        (Some(known), None) => known.mean,
        (None, None) => return Err(SimulationError::NotInPack("unmitigated".into()).into()),
    };
    let priors = Priors {
        log_r: r.ln(),
        logs: [
            (LEAST[0].ln(), f64::from(asked.most_initial).ln()),
            (LEAST[1].ln(), asked.most_per_day.ln()),
        ],
        seek: (LEAST[2], 1.0),
    };
    let bases: Vec<Scenario> = (0..=2 * R_STEPS as usize)
        .map(|place| Scenario {
            reproduction_number: Some(r_at(place, priors.log_r)),
            ..scenario.clone()
        })
        .collect();
    let ready: Vec<Ready<'_>> = bases.iter().map(|_| OnceLock::new()).collect();
    let runs = Runs {
        city,
        pack,
        center: priors.log_r,
        bases: &bases,
        ready: &ready,
        scenario,
        settings,
        observed,
        asked,
    };
    let mut kept = Vec::new();
    let mut rounds: Vec<Round> = Vec::new();
    for round in 0..asked.rounds {
        let proposals = proposals(&priors, &kept, round, asked);
        let ran = runs.all(&proposals, round)?;
        let tolerance = tolerance(&kept, &ran, asked.particles);
        let mut next: Vec<Kept> = proposals
            .iter()
            .zip(ran)
            .filter(|(_, run)| run.distance <= tolerance)
            .map(|(point, run)| Kept {
                point: *point,
                weight: weight(&priors, &kept, point),
                run,
            })
            .collect();
        next.truncate(asked.particles);
        if (next.len() as f64) < ENOUGH * asked.particles as f64 && !kept.is_empty() {
            break;
        }
        rounds.push(Round {
            tolerance,
            proposed: proposals.len(),
            accepted: next.len(),
        });
        let all: f64 = next.iter().map(|one| one.weight).sum();
        for one in &mut next {
            one.weight /= all;
        }
        kept = next;
    }
    let particles = kept
        .into_iter()
        .map(|one| Particle {
            values: values(&one.point, priors.log_r),
            weight: one.weight,
            distance: one.run.distance,
            curve: one.run.curve,
        })
        .collect();
    Ok(Fit { particles, rounds })
}

fn check(city: &Population, observed: &[f64], asked: &FitAsked) -> Result<(), FitError> {
    let people = f64::from(city.people());
    for (field, value, least, most) in [
        ("particles", asked.particles as f64, 4.0, 100_000.0),
        ("rounds", asked.rounds as f64, 1.0, 50.0),
        ("days of data", observed.len() as f64, 1.0, 1_000.0),
        ("days before the data", asked.lead as f64, 0.0, 100.0),
        ("days after the data", asked.ahead as f64, 0.0, 100.0),
        (
            "most infected on the first day",
            f64::from(asked.most_initial),
            2.0,
            people,
        ),
        (
            "most who come infected on a day",
            asked.most_per_day,
            0.02,
            people,
        ),
        ("threads", asked.threads as f64, 1.0, 256.0),
    ] {
        if !(least..=most).contains(&value) {
            return Err(FitError::Range {
                field,
                value,
                least,
                most,
            });
        }
    }
    if observed.iter().sum::<f64>() <= 0.0 {
        return Err(FitError::NoCases);
    }
    Ok(())
}

/// How near a curve must come: in the first round as near as the nearest quarter, later as half of those before.
fn tolerance(kept: &[Kept], ran: &[Ran], particles: usize) -> f64 {
    let mut distances: Vec<f64> = if kept.is_empty() {
        ran.iter().map(|run| run.distance).collect()
    } else {
        kept.iter().map(|one| one.run.distance).collect()
    };
    distances.sort_by(f64::total_cmp);
    let place = if kept.is_empty() {
        particles - 1
    } else {
        distances.len() / 2
    };
    distances
        .get(place)
        .or(distances.last())
        .copied()
        .unwrap_or(0.0)
}

/// Weighted standard deviations of what was kept, times the square root of two.
fn steps(kept: &[Kept]) -> Point {
    std::array::from_fn(|place| {
        let mean: f64 = kept.iter().map(|one| one.weight * one.point[place]).sum();
        let variance: f64 = kept
            .iter()
            .map(|one| one.weight * (one.point[place] - mean).powi(2))
            .sum();
        (2.0 * variance).sqrt().max(1e-6)
    })
}

fn proposals(priors: &Priors, kept: &[Kept], round: usize, asked: &FitAsked) -> Vec<Point> {
    let steps = steps(kept);
    (0..asked.particles * PROPOSED)
        .map(|number| {
            let number = (round as u64) << 32 | number as u64;
            let mut stream = Stream::new(asked.seed, Purpose::Fit, number);
            if kept.is_empty() {
                return priors.draw(&mut stream);
            }
            // What falls outside the priors is proposed again.
            loop {
                let mut left = stream.unit();
                let from = kept.iter().find(|one| {
                    left -= one.weight;
                    left < 0.0
                });
                let from = from.map_or(kept[kept.len() - 1].point, |one| one.point);
                let point: Point =
                    std::array::from_fn(|place| from[place] + steps[place] * stream.normal());
                if priors.density(&point) > 0.0 {
                    return point;
                }
            }
        })
        .collect()
}

/// The weight of a particle: its prior over the density with which it was proposed.
fn weight(priors: &Priors, kept: &[Kept], point: &Point) -> f64 {
    if kept.is_empty() {
        return 1.0;
    }
    let steps = steps(kept);
    let proposed: f64 = kept
        .iter()
        .map(|one| {
            let apart =
                (0..point.len()).map(|at| ((point[at] - one.point[at]) / steps[at]).powi(2));
            one.weight * (-0.5 * apart.sum::<f64>()).exp()
        })
        .sum();
    priors.density(point) / proposed.max(f64::MIN_POSITIVE)
}

impl Runs<'_> {
    fn scenario_of(&self, point: &Point) -> Scenario {
        let [r, initial, per_day, seek] = values(point, self.center);
        let mut scenario = self.scenario.clone();
        scenario.reproduction_number = Some(r);
        scenario.imports.initial = initial.round() as u32;
        scenario.imports.per_day = per_day;
        scenario.response = Some(ResponseSettings {
            seek,
            ..self.settings.clone()
        });
        scenario
    }

    /// Runs all proposals; the same on any number of threads.
    fn all(&self, proposals: &[Point], round: usize) -> Result<Vec<Ran>, FitError> {
        let done: Mutex<Vec<Option<Result<Ran, SimulationError>>>> =
            Mutex::new(vec![None; proposals.len()]);
        let next = AtomicUsize::new(0);
        let work = || {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(point) = proposals.get(number) else {
                    return;
                };
                let seed = (round * proposals.len() + number) as u64;
                let ran = self.one(point, self.asked.seed.wrapping_add(seed));
                done.lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner)[number] = Some(ran);
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..self.asked.threads {
                scope.spawn(work);
            }
            work();
        });
        let done = done
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        done.into_iter()
            .flatten()
            .map(|ran| ran.map_err(FitError::from))
            .collect()
    }

    fn one(&self, point: &Point, seed: u64) -> Result<Ran, SimulationError> {
        let scenario = self.scenario_of(point);
        let place = place_of(point[0], self.center);
        let base = self.ready[place]
            .get_or_init(|| Simulation::new(self.city, self.pack, &self.bases[place]));
        let simulation = base
            .as_ref()
            .map_err(Clone::clone)?
            .under(self.pack, &scenario)?;
        let days = self.asked.lead + self.observed.len() + self.asked.ahead;
        let run = simulation.run(days as u32, seed, 1)?;
        let confirmed = run.response.iter().skip(self.asked.lead);
        let curve: Vec<f64> = confirmed.map(|day| day.confirmed as f64).collect();
        Ok(Ran {
            distance: distance(self.observed, &curve),
            curve,
        })
    }
}

impl Fit {
    /// Quantiles of cases on each day, at these levels, by the particles' weights; from the first day of data on.
    pub fn quantiles(&self, levels: &[f64]) -> Vec<Vec<f64>> {
        let days = self.particles.first().map_or(0, |one| one.curve.len());
        (0..days)
            .map(|day| self.at(levels, |one| one.curve[day]))
            .collect()
    }

    /// Quantiles of a parameter.
    pub fn parameter(&self, parameter: Parameter, levels: &[f64]) -> Vec<f64> {
        self.at(levels, |one| one.values[parameter.index()])
    }

    /// How a parameter spreads, by weight.
    pub fn spread(&self, parameter: Parameter) -> Spread {
        let of = self.parameter(parameter, &[0.05, 0.25, 0.5, 0.75, 0.95]);
        let mean = self.particles.iter();
        Spread {
            mean: mean
                .map(|one| one.weight * one.values[parameter.index()])
                .sum(),
            q05: of[0],
            q25: of[1],
            median: of[2],
            q75: of[3],
            q95: of[4],
        }
    }

    /// Weighted quantiles, straight between the middles of the particles' weights.
    fn at(&self, levels: &[f64], of: impl Fn(&Particle) -> f64) -> Vec<f64> {
        let mut sorted: Vec<(f64, f64)> = self
            .particles
            .iter()
            .map(|one| (of(one), one.weight))
            .collect();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut middles = Vec::with_capacity(sorted.len());
        let mut before = 0.0;
        for (value, weight) in &sorted {
            middles.push((before + weight / 2.0, *value));
            before += weight;
        }
        levels
            .iter()
            .map(|level| between(&middles, *level))
            .collect()
    }
}

fn between(points: &[(f64, f64)], level: f64) -> f64 {
    let above = points.partition_point(|(at, _)| *at < level);
    match (
        above.checked_sub(1).and_then(|below| points.get(below)),
        points.get(above),
    ) {
        (Some((low, from)), Some((high, to))) if high > low => {
            from + (to - from) * (level - low) / (high - low)
        }
        (_, Some((_, value))) | (Some((_, value)), None) => *value,
        (None, None) => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn particle(value: f64, weight: f64) -> Particle {
        Particle {
            values: [value; 4],
            weight,
            distance: 0.0,
            curve: vec![value],
        }
    }

    #[test]
    fn quantiles_follow_weights() {
        let fit = Fit {
            particles: vec![particle(4.0, 0.5), particle(0.0, 0.25), particle(2.0, 0.25)],
            rounds: Vec::new(),
        };
        // Middles at 0.125, 0.375 and 0.75.
        let found = fit.parameter(Parameter::Initial, &[0.05, 0.125, 0.25, 0.375, 0.75, 0.99]);
        assert_eq!(found, [0.0, 0.0, 1.0, 2.0, 4.0, 4.0]);
        assert_eq!(fit.quantiles(&[0.5]), [[2.0 + 2.0 * (0.125 / 0.375)]]);
    }

    #[test]
    fn a_curve_is_no_distance_from_itself() {
        let curve = [0.0, 3.0, 5.0, 9.0];
        assert!(distance(&curve, &curve) < 1e-12);
        assert!(distance(&curve, &[0.0, 3.0, 5.0, 4.0]) > 0.3);
        // What comes after the data does not count.
        assert!(distance(&curve[..2], &curve) < 1e-12);
    }
}
