//! A city that does not exist: its areas, its people, an outbreak among them, and the line list that it leaves.
//!
//! The demo shows it, and load tests import it. Everything follows from a seed: the same seed gives the same
//! bytes, whatever the machine's clock says. Names, numbers and addresses are made up, and so that none
//! can be a real person's, area codes, identity numbers and phone numbers lie in ranges that were never
//! given out (see [`areas`] and [`people`]).
//!
//! ```
//! use jiff::civil::date;
//! use lianfang_city::{areas, linelist, outbreak};
//!
//! let city = areas::city(&areas::Description::default())?;
//! let wave = outbreak::outbreak(&city, 7, date(2020, 1, 6), date(2020, 2, 20), 900)?;
//! let mut file = Vec::new();
//! let rows = linelist::write(&mut file, &wave, wave.last_day)?;
//! assert_eq!(rows, wave.cases.len() as u64);
//! # Ok::<(), lianfang_city::CityError>(())
//! ```

pub mod areas;
mod chance;
mod days;
pub mod drill;
pub mod economy;
pub mod epidemic;
mod error;
pub mod fit;
pub mod linelist;
pub mod outbreak;
pub mod people;
pub mod population;
mod quantiles;
mod random;
pub mod response;
pub mod scenario;
pub mod start;
pub mod whatif;

pub use error::CityError;
