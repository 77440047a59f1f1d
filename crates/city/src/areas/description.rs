//! What a synthetic city should look like.

use serde::{Deserialize, Serialize};

use super::names;
use crate::error::{CityError, in_range};

/// Counties: districts, counties and county-level cities each have their own range of codes.
const COUNTIES: (i64, i64) = (1, 50);
/// Townships of a county on average.
const TOWNSHIPS: (i64, i64) = (1, 60);
/// Villages and communities of a township on average.
const VILLAGES: (i64, i64) = (1, 140);
/// Villages of the whole city: about ten times as many as the greatest city has.
const MOST_VILLAGES: i64 = 100_000;
/// People per village at least.
const LEAST_PEOPLE: i64 = 10;
/// People at most: more than the country's greatest city has.
const MOST_PEOPLE: i64 = 50_000_000;

/// What a synthetic city should look like. The default is the city of the demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Description {
    /// From which everything follows.
    pub seed: u64,
    /// Counties, 1 to 50. An outbreak with all its kinds of counties takes at least 4.
    pub counties: u32,
    /// Townships of a county on average, 1 to 60; each has up to a third more or fewer.
    pub townships_per_county: u32,
    /// Villages and communities of a township on average, 1 to 140; each has up to a third more or fewer.
    pub villages_per_township: u32,
    /// People in the city, at most 50 million, at least 10 for each village that there may be.
    pub population: u32,
}

impl Default for Description {
    fn default() -> Self {
        Self {
            seed: 2020,
            counties: 8,
            townships_per_county: 6,
            villages_per_township: 6,
            population: 2_400_000,
        }
    }
}

impl Description {
    /// Checks every number.
    pub(super) fn check(&self) -> Result<(), CityError> {
        in_range("counties", self.counties, COUNTIES)?;
        in_range("townships_per_county", self.townships_per_county, TOWNSHIPS)?;
        in_range(
            "villages_per_township",
            self.villages_per_township,
            VILLAGES,
        )?;
        let villages = i64::from(self.counties)
            * i64::from(most(self.townships_per_county))
            * i64::from(most(self.villages_per_township));
        in_range("villages in all, at most", villages, (1, MOST_VILLAGES))?;
        let least = LEAST_PEOPLE * villages;
        in_range("population", self.population, (least, MOST_PEOPLE))
    }
}

/// The least number of parts when `average` are asked for.
pub(super) fn least(average: u32) -> u32 {
    average - average / 3
}

/// The greatest number of parts when `average` are asked for.
pub(super) fn most(average: u32) -> u32 {
    average + average / 3
}

const _: () = assert!(VILLAGES.1 + VILLAGES.1 / 3 <= names::MOST as i64);
