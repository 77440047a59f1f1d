//! The truth of a drill: a town, those who live in it, and an outbreak among them that goes on day by day.
//!
//! A drill plays people against a running system, and compares in the end what the system knew with what was so. What
//! was so is here. The town ([`Town`]) has households, teams at work and at school, circles of friends and a market in
//! each township. The outbreak ([`World`]) is told each morning who is kept at home or apart from others, and goes on
//! from there; so what the system does, and what people do who play in it, changes what comes.
//!
//! Course of disease and infectiousness are those of a policy pack. How people behave, and what surprises there are,
//! stands in a [`Scenario`]. Everything else follows from the seed: the same seed, scenario and restrictions give the same
//! outbreak.
//!
//! ```
//! use jiff::civil::date;
//! use lianfang_city::drill::{Kept, Scenario, Setting, Town, World};
//! use lianfang_policy::Pack;
//!
//! let setting = Setting { seed: 1, people: 1_000, days: 10, first_day: date(2020, 1, 6) };
//! let pack = Pack::shipped("covid19-cn-2020")?;
//! let scenario = Scenario::default();
//! let mut world = World::new(Town::build(&setting, &scenario)?, &scenario, &pack.natural_history)?;
//! for day in 0..10 {
//!     world.day(day, &|_| Kept::Free);
//! }
//! assert!(!world.infections().is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod scenario;
mod town;
mod world;

use jiff::civil::Date;

pub use scenario::{Cut, Scenario, Silence, Superspreading};
pub use town::{Resident, Town};
pub use world::{DayPlayed, Exposure, Infected, Kept, Met, Traveller, Where, World};

use crate::error::CityError;
use crate::population::PopulationError;

/// What a drill is founded on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// From which everything follows.
    pub seed: u64,
    /// People who live in the town.
    pub people: u32,
    /// Days that are played.
    pub days: u32,
    /// The first of them.
    pub first_day: Date,
}

/// Why a drill cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DrillError {
    /// The town cannot be built.
    #[error(transparent)]
    City(#[from] CityError),
    /// A number of the scenario lies outside its range.
    #[error(transparent)]
    Scenario(#[from] PopulationError),
    /// The pack lacks what the outbreak needs.
    #[error(transparent)]
    Pack(#[from] crate::epidemic::SimulationError),
    /// The scenario's file has another form.
    #[error("the scenario cannot be read: {0}")]
    Form(String),
}
