//! Facts of forecasts: each stands as it was made, and is never changed.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::forecasts::{Model, Target};

body! {
    /// A forecast of the fact's area, made from what was known by the end of a day.
    ForecastMade {
        /// What is forecast.
        target: Target,
        /// By what.
        model: Model,
        /// The day: nothing known later was read.
        as_of: Date,
        /// The newest day that was counted.
        last: Date,
        /// The pack, and its version, by whose numbers it was made.
        pack: String,
        /// Its version.
        version: String,
        /// BLAKE3 of the counts that were read, in hex.
        read: String,
        /// Cases that the nowcast added to the newest days, as not reported yet.
        added: u32,
        /// BLAKE3 of the city's description and seeds, in hex, where a city was run.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        city: Option<String>,
        /// For each day after `as_of`, in thousandths, the values at the 23 levels of the COVID-19 Forecast Hub.
        thousandths: Vec<Vec<u64>>,
    }
}
