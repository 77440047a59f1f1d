//! What if: one city under several packs, seed by seed.
//!
//! Every pack is run under the same seeds. A person's course of disease, whom it would infect, what tests say and how
//! people behave follow from seed and person alone, so packs that are run under one seed share all luck that the packs
//! do not change (common random numbers: Law AM, Simulation Modeling and Analysis, ch. 11). Differences between packs
//! are therefore taken seed by seed, and their intervals are those of the differences.
//!
//! | module | what it gives |
//! | --- | --- |
//! | [`Measure`] | one number for a run: infections, deaths, beds, quarantine, posts, output … |
//! | [`Spread`] | median and intervals over seeds |
//! | [`Frontier`] | packs that no other beats with both hands: fewer infections, and more work |
//! | [`Switch`] | a rule or a whole table of a pack switched off |
//! | [`SwitchedOff`] | what that gave ([`WhatIf::ablate`]) |
//!
//! ```
//! use lianfang_city::population::{CityDescription, Population};
//! use lianfang_city::scenario::Scenario;
//! use lianfang_city::whatif::{Arm, Measure, WhatIf};
//! use lianfang_policy::Pack;
//!
//! let city = Population::build(&CityDescription::well_mixed(5_000), 1)?;
//! let pack = Pack::shipped("covid19-cn-2020")?;
//! let scenario = Scenario::default();
//! let asked = WhatIf { city: &city, scenario: &scenario, start: None, days: 40, first: 1, last: 4, threads: 2 };
//! let arms = [Arm::of("as it is", &pack), Arm::nothing("nothing is done", &pack)];
//! let compared = asked.run(&arms, &|_, _| true)?;
//! let fewer = compared.difference(0, 1, Measure::Infections);
//! assert!(fewer.spread.median >= 0.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod ablation;
mod frontier;
mod measures;
mod spread;
mod switch;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use lianfang_core::words::Word;
use lianfang_policy::{Pack, Table};

pub use ablation::SwitchedOff;
pub use frontier::{Frontier, Hands};
pub use measures::{Better, Measure, Series};
pub use spread::{Difference, Spread};
pub use switch::{Switch, SwitchError, switches};

use crate::epidemic::{MOST_THREADS, Simulation, SimulationError};
use crate::population::Population;
use crate::scenario::Scenario;
use crate::start::Start;

/// Most runs of one question.
pub const MOST_RUNS: u64 = 1_000_000;

/// A pack that is tried.
#[derive(Debug, Clone, Copy)]
pub struct Arm<'a> {
    /// What it is called.
    pub label: &'a str,
    /// The pack.
    pub pack: &'a Pack,
    /// Whether it is carried out; else it gives the disease only.
    pub carried_out: bool,
}

impl<'a> Arm<'a> {
    /// A pack that is carried out.
    pub fn of(label: &'a str, pack: &'a Pack) -> Self {
        Self {
            label,
            pack,
            carried_out: true,
        }
    }

    /// Nothing is done.
    pub fn nothing(label: &'a str, pack: &'a Pack) -> Self {
        Self {
            carried_out: false,
            ..Self::of(label, pack)
        }
    }
}

/// What is asked.
#[derive(Clone, Copy)]
pub struct WhatIf<'a> {
    /// The city.
    pub city: &'a Population,
    /// What is supposed; its response is that of every pack that is carried out.
    pub scenario: &'a Scenario,
    /// The state that runs begin with.
    pub start: Option<&'a Start>,
    /// Days of a run.
    pub days: u32,
    /// The first seed.
    pub first: u64,
    /// The last seed.
    pub last: u64,
    /// Runs at one time.
    pub threads: usize,
}

/// Why nothing could be compared.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum WhatIfError {
    /// A pack that cannot be run.
    #[error("{label}: {problem}")]
    Pack {
        /// What the pack is called.
        label: String,
        /// Why.
        problem: SimulationError,
    },
    /// No packs, no seeds, or too many of both.
    #[error("{0} runs are asked for: 1 to {MOST_RUNS} can be, a run for each pack and seed")]
    Runs(u64),
    /// No or too many threads.
    #[error("{0} threads are asked for: 1 to {MOST_THREADS} can be")]
    Threads(usize),
    /// The city cannot be built.
    #[error("the city cannot be built: {0}")]
    City(String),
    /// Whoever asked no longer wants to know.
    #[error("stopped before all runs were done")]
    Stopped,
}

/// What one run came to.
#[derive(Debug, Clone, PartialEq)]
pub struct RunOutcome {
    /// The measures, in the order of [`Measure`]; none for those of a response where nothing was done.
    pub values: Vec<f64>,
    /// The series by day, in the order of [`Series`].
    pub series: Vec<Vec<f64>>,
    /// How often each rule decided, by table and in the pack's order.
    fired: Vec<Vec<u64>>,
}

/// All packs, run under all seeds.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// What the packs are called.
    pub labels: Vec<String>,
    /// The seeds.
    pub seeds: Vec<u64>,
    /// Runs by pack, then seed.
    pub runs: Vec<Vec<RunOutcome>>,
}

impl WhatIf<'_> {
    /// Runs every pack under every seed. `go_on` is told how many runs of how many are done, and stops them by `false`.
    ///
    /// The result does not depend on the number of threads.
    ///
    /// # Errors
    /// The first pack that cannot be run, with the reason; or what is wrong with the question.
    pub fn run(
        &self,
        arms: &[Arm<'_>],
        go_on: &(dyn Fn(u64, u64) -> bool + Sync),
    ) -> Result<Compared, WhatIfError> {
        let seeds: u64 = (self.last.saturating_add(1)).saturating_sub(self.first);
        let all = seeds.saturating_mul(arms.len() as u64);
        if !(1..=MOST_RUNS).contains(&all) {
            return Err(WhatIfError::Runs(all));
        }
        if !(1..=MOST_THREADS).contains(&self.threads) {
            return Err(WhatIfError::Threads(self.threads));
        }
        let nothing = Scenario {
            response: None,
            ..self.scenario.clone()
        };
        let simulations = self.simulations(arms, &nothing)?;
        let seeds: Vec<u64> = (self.first..=self.last).collect();
        let jobs: Vec<(usize, usize)> = (0..seeds.len())
            .flat_map(|seed| (0..arms.len()).map(move |arm| (arm, seed)))
            .collect();
        let done: Mutex<Vec<Option<Result<RunOutcome, WhatIfError>>>> =
            Mutex::new(vec![None; jobs.len()]);
        let (next, finished) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let stopped = AtomicBool::new(false);
        let work = || {
            while !stopped.load(Ordering::Relaxed) {
                let job = next.fetch_add(1, Ordering::Relaxed);
                let Some(&(arm, seed)) = jobs.get(job) else {
                    return;
                };
                let outcome = self.one(&simulations[arm], &arms[arm], seeds[seed]);
                let failed = outcome.is_err();
                done.lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner)[job] = Some(outcome);
                let count = finished.fetch_add(1, Ordering::Relaxed) + 1;
                if failed || !go_on(count as u64, all) {
                    stopped.store(true, Ordering::Relaxed);
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..self.threads.min(jobs.len()) {
                scope.spawn(work);
            }
            work();
        });
        let done = done
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut runs: Vec<Vec<RunOutcome>> = vec![Vec::with_capacity(seeds.len()); arms.len()];
        if let Some(error) = done.iter().flatten().find_map(|run| run.as_ref().err()) {
            return Err(error.clone());
        }
        for ((arm, _), run) in jobs.iter().zip(done) {
            runs[*arm].push(run.ok_or(WhatIfError::Stopped)??);
        }
        Ok(Compared {
            labels: arms.iter().map(|arm| arm.label.to_owned()).collect(),
            seeds,
            runs,
        })
    }

    /// Each pack made ready; where packs share the disease, its rates are fitted once.
    fn simulations<'s>(
        &'s self,
        arms: &[Arm<'s>],
        nothing: &'s Scenario,
    ) -> Result<Vec<Simulation<'s>>, WhatIfError> {
        let mut simulations: Vec<Simulation<'s>> = Vec::with_capacity(arms.len());
        for arm in arms {
            let scenario = if arm.carried_out {
                self.scenario
            } else {
                nothing
            };
            let ready = match simulations.first() {
                Some(first) => first.under(arm.pack, scenario),
                None => Simulation::new(self.city, arm.pack, scenario).and_then(|first| match self
                    .start
                {
                    Some(start) => first.starting_from(start),
                    None => Ok(first),
                }),
            };
            simulations.push(ready.map_err(|problem| named(arm, problem))?);
        }
        Ok(simulations)
    }

    fn one(
        &self,
        simulation: &Simulation<'_>,
        arm: &Arm<'_>,
        seed: u64,
    ) -> Result<RunOutcome, WhatIfError> {
        let run = simulation
            .run(self.days, seed, 1)
            .map_err(|problem| named(arm, problem))?;
        let mut fired: Vec<Vec<u64>> = vec![Vec::new(); Table::ALL.len()];
        for rule in &run.fired.0 {
            fired[rule.table.index()].push(rule.times);
        }
        Ok(RunOutcome {
            values: Measure::of_run(&run, self.city),
            series: Series::of_run(&run),
            fired,
        })
    }
}

fn named(arm: &Arm<'_>, problem: SimulationError) -> WhatIfError {
    WhatIfError::Pack {
        label: arm.label.to_owned(),
        problem,
    }
}

impl Compared {
    /// A measure of a pack, seed by seed.
    pub fn values(&self, arm: usize, measure: Measure) -> Vec<f64> {
        self.runs[arm]
            .iter()
            .map(|run| run.values[measure.index()])
            .collect()
    }

    /// A measure of a pack over all seeds.
    pub fn spread(&self, arm: usize, measure: Measure) -> Spread {
        Spread::of(&self.values(arm, measure))
    }

    /// How a pack differs from another, seed by seed: its value less the other's.
    pub fn difference(&self, against: usize, arm: usize, measure: Measure) -> Difference {
        Difference::of(&self.values(against, measure), &self.values(arm, measure))
    }

    /// A series of a pack, day by day over all seeds.
    pub fn curve(&self, arm: usize, series: Series) -> Vec<Spread> {
        let of = |run: &RunOutcome| run.series[series.index()].clone();
        let runs: Vec<Vec<f64>> = self.runs[arm].iter().map(of).collect();
        let days = runs.first().map_or(0, Vec::len);
        (0..days)
            .map(|day| Spread::of(&runs.iter().map(|run| run[day]).collect::<Vec<f64>>()))
            .collect()
    }

    /// Which packs no other beats with both hands.
    pub fn frontier(&self, hands: Hands) -> Frontier {
        Frontier::of(self, hands)
    }

    /// Whether a rule of a table decided anything under a pack, by its place in the order in which rules are asked.
    pub fn decided(&self, arm: usize, table: Table, rule: usize) -> bool {
        self.runs[arm].iter().any(|run| {
            run.fired[table.index()]
                .get(rule)
                .is_some_and(|times| *times > 0)
        })
    }
}
