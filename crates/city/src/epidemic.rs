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

mod disease;
mod draw;
mod layers;
mod rates;
mod run;
mod series;
mod shard;
mod table;

use lianfang_policy::Pack;

pub use layers::Layer;
pub use series::Day;
pub use shard::Infection;

pub(crate) use layers::Meetings;
pub(crate) use shard::Limits;

use crate::population::Population;
use crate::response::{Fired, ResponseDay};
use crate::scenario::Scenario;
use disease::Disease;
use rates::Rates;

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
    disease: Disease,
    rates: Rates,
    group_layers: Vec<Layer>,
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
        let disease = Disease::of(&pack.natural_history)?;
        let rates = Rates::fit(city, &disease)?;
        Ok(Self {
            city,
            pack,
            scenario,
            disease,
            rates,
            group_layers: Meetings::of(city).group_layers(),
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
