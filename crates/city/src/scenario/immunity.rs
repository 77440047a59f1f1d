//! Who cannot be infected from the first day on.

use serde::{Deserialize, Serialize};

use crate::random::{Purpose, Stream};

/// Immunity on day 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Immunity {
    /// Percent of each band of age that is immune; bands begin at 0 and rise.
    pub by_age: Vec<ImmuneBand>,
    /// Share of the immune who can prove it.
    pub proved: f64,
    /// Where the numbers come from.
    pub source: String,
}

/// A band of age, up to the next one's beginning.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImmuneBand {
    /// Age from which it counts.
    pub from: u8,
    /// Percent.
    pub percent: f64,
}

impl Immunity {
    fn share(&self, age: u8) -> f64 {
        self.by_age
            .iter()
            .rev()
            .find(|band| band.from <= age)
            .map_or(0.0, |band| band.percent / 100.0)
    }

    /// Whether somebody is immune, and whether that can be proved; the same for a whole seed.
    fn of(&self, seed: u64, person: u32, age: u8) -> (bool, bool) {
        if self.by_age.is_empty() {
            return (false, false);
        }
        let mut stream = Stream::new(seed, Purpose::Immunity, u64::from(person));
        let immune = stream.yes(self.share(age));
        (immune, immune && stream.yes(self.proved))
    }

    pub(crate) fn is_immune(&self, seed: u64, person: u32, age: u8) -> bool {
        self.of(seed, person, age).0
    }

    pub(crate) fn is_proved(&self, seed: u64, person: u32, age: u8) -> bool {
        self.of(seed, person, age).1
    }
}
