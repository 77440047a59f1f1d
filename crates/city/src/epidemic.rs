//! An epidemic in a synthetic population.
//!
//! Each infected person has a course of disease drawn from the pack's distributions: latent, infectious without
//! symptoms yet, infectious with symptoms or without, and for some severe and critical disease, death or recovery.
//! While infectious, she meets others in layers (household, work, school, care, transport, community) at rates fitted
//! to the pack's reproduction number, its dispersion and its household attack rate; the fit is explained in
//! `rates.rs`. Meetings that infect are drawn once, when the infection begins, and looked at on their day: then they
//! count if both are free to meet and the other is still susceptible. So a run costs what the infections cost, not what
//! the people do.
//!
//! Infectiousness is even over the infectious time, so the generation interval is the latent time and a part of the
//! infectious time, longer ones weighing more.
//!
//! The same city, disease, scenario and seed give the same result on any number of threads.
//!
//! ```
//! use lianfang_city::epidemic::Simulation;
//! use lianfang_city::population::{CityDescription, Population};
//! use lianfang_city::scenario::Scenario;
//! use lianfang_policy::Pack;
//!
//! let city = Population::build(&CityDescription::well_mixed(10_000), 1)?;
//! let pack = Pack::shipped("covid19-cn-2020")?;
//! let scenario = Scenario { response: None, ..Scenario::default() };
//! let run = Simulation::new(&city, &pack, &scenario)?.run(60, 1, 2)?;
//! assert_eq!(run.days.len(), 60);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub(crate) mod disease;
mod draw;
mod layers;
mod rates;
mod run;
mod series;
mod shard;
mod table;
mod week;

use std::sync::Arc;

use lianfang_policy::Pack;

pub use layers::Layer;
pub use series::Day;
pub use shard::Infection;

pub(crate) use disease::Disease;
pub(crate) use layers::Meetings;
pub(crate) use rates::{Rates, layer_by_rate};
pub(crate) use shard::Limits;

use crate::population::Population;
use crate::response::{DecisionMade, Fired, ResponseDay};
use crate::scenario::Scenario;
use crate::start::Start;

/// Most days of a run: ten years.
pub const MOST_DAYS: u32 = 3_650;
/// Most threads of a run.
pub const MOST_THREADS: usize = 256;

/// Why a simulation cannot be run.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SimulationError {
    /// A distribution or share that the pack does not give.
    #[error("the pack has no natural_history.{0}: a simulation needs it")]
    NotInPack(String),
    /// A number out of its range.
    #[error("{field} is {value}; it must lie between {least} and {most}")]
    Range {
        /// The field.
        field: &'static str,
        /// The number given.
        value: f64,
        /// The least accepted.
        least: f64,
        /// The most accepted.
        most: f64,
    },
    /// Households infect more than the reproduction number allows, or there is nobody to meet outside them.
    #[error(
        "in households alone one case infects {at_home:.2} others, and nobody is met outside them or `unmitigated` allows only {asked:.2} in all: the city's contacts or the pack's numbers do not fit"
    )]
    HouseholdsAlone {
        /// Infected in the household.
        at_home: f64,
        /// The reproduction number asked for.
        asked: f64,
    },
    /// An attack rate that cannot be reached.
    #[error("no hazard gives a household attack rate of {0} at the pack's susceptibilities")]
    HouseholdAttack(f64),
    /// Bands of immunity that do not rise from 0.
    #[error("immunity.by_age: bands of age begin at 0 and rise")]
    ImmunityBands,
    /// Immunity without a source.
    #[error("say where the numbers of `immunity` come from: `source` is empty")]
    ImmunitySource,
    /// More cases than people.
    #[error(
        "the line list has {cases} cases, and the city only {people} people: build a larger city"
    )]
    TooManyCases {
        /// Cases of the list.
        cases: usize,
        /// People of the city.
        people: u32,
    },
    /// The scenario's file has another form.
    #[error("the scenario cannot be read, line {line}: {problem}")]
    Scenario {
        /// The line, from 1; 0 where it is not known.
        line: usize,
        /// What is wrong.
        problem: String,
    },
}

/// A city, a pack and a scenario, ready to be run under any seed.
pub struct Simulation<'a> {
    city: &'a Population,
    pack: &'a Pack,
    scenario: &'a Scenario,
    start: Option<&'a Start>,
    disease: Arc<Disease>,
    rates: Arc<Rates>,
    group_layers: Arc<[Layer]>,
}

/// What came of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// The seed.
    pub seed: u64,
    /// The epidemic, day by day.
    pub days: Vec<Day>,
    /// The response and the economy, day by day; empty where nothing was done.
    pub response: Vec<ResponseDay>,
    /// How often each of the pack's rules decided.
    pub fired: Fired,
    /// All decisions in their order, where the scenario keeps them.
    pub decisions: Vec<DecisionMade>,
    /// All infections, by time and person.
    pub infections: Vec<Infection>,
}

/// What rates were fitted to the pack: infections per infectious day by somebody with symptoms, on average.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FittedRates {
    /// To each other of the household, of the most susceptible age.
    pub household: f64,
    /// Outside, by anybody, in the community layer.
    pub community: f64,
    /// Variance of the factor by which individuals differ outside the household; its mean is 1.
    pub individual_variance: f64,
}

impl<'a> Simulation<'a> {
    /// Checks that the pack and scenario can be simulated, and fits the rates to the city.
    ///
    /// # Errors
    /// What the pack lacks, or which number lies out of its range.
    pub fn new(
        city: &'a Population,
        pack: &'a Pack,
        scenario: &'a Scenario,
    ) -> Result<Self, SimulationError> {
        scenario.check(city.people())?;
        let disease = Disease::of(&pack.natural_history, scenario.reproduction_number)?;
        let rates = Rates::fit(city, &disease)?;
        Ok(Self {
            city,
            pack,
            scenario,
            start: None,
            disease: Arc::new(disease),
            rates: Arc::new(rates),
            group_layers: Meetings::of(city).group_layers().into(),
        })
    }

    /// The same city under another pack or scenario. Where the disease is the same, its rates need not be fitted again.
    ///
    /// # Errors
    /// As for [`Simulation::new`].
    pub fn under(&self, pack: &'a Pack, scenario: &'a Scenario) -> Result<Self, SimulationError> {
        let same = pack.natural_history == self.pack.natural_history
            && scenario.reproduction_number == self.scenario.reproduction_number;
        if !same {
            let other = Self::new(self.city, pack, scenario)?;
            return Ok(Self {
                start: self.start,
                ..other
            });
        }
        scenario.check(self.city.people())?;
        Ok(Self {
            city: self.city,
            pack,
            scenario,
            start: self.start,
            disease: Arc::clone(&self.disease),
            rates: Arc::clone(&self.rates),
            group_layers: Arc::clone(&self.group_layers),
        })
    }

    /// Begins every run with the cases of a line list.
    ///
    /// # Errors
    /// More cases than half of the people.
    pub fn starting_from(self, start: &'a Start) -> Result<Self, SimulationError> {
        if start.cases.len() > self.city.people() as usize / 2 {
            return Err(SimulationError::TooManyCases {
                cases: start.cases.len(),
                people: self.city.people(),
            });
        }
        Ok(Self {
            start: Some(start),
            ..self
        })
    }

    /// The rates that were fitted.
    pub fn rates(&self) -> FittedRates {
        FittedRates {
            household: self.rates.household,
            community: self.rates.community,
            individual_variance: self
                .rates
                .individual
                .as_ref()
                .map_or(0.0, |table| table.mean_square() - 1.0),
        }
    }
}
