//! Names of places: those of a preset, and beneath them those that every list of arrivals may use.

use std::collections::{BTreeMap, HashMap};

use lianfang_core::areas::AreaCode;
use serde::Deserialize;

use super::{PresetError, normalise};
use crate::report::Kind;

/// Names that every list of arrivals may use.
const SHIPPED: &str = include_str!("../../../../presets/places.toml");

/// Names with what they mean.
pub(super) struct Places {
    pub(super) areas: HashMap<String, AreaCode>,
    pub(super) countries: HashMap<String, String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct File {
    areas: BTreeMap<String, AreaCode>,
    countries: BTreeMap<String, String>,
}

impl Places {
    /// Those of a preset, before those beneath.
    pub(super) fn of(
        kind: Kind,
        areas: BTreeMap<String, AreaCode>,
        countries: BTreeMap<String, String>,
    ) -> Result<Self, PresetError> {
        let two_letters = |country: &String| {
            country.len() == 2 && country.bytes().all(|letter| letter.is_ascii_uppercase())
        };
        if !countries.values().all(two_letters) {
            return Err(PresetError::Country);
        }
        let beneath = if kind == Kind::Arrivals {
            toml::from_str(SHIPPED).expect("the places that ship are sound")
        } else {
            File::default()
        };
        Ok(Self {
            areas: layered(beneath.areas, areas),
            countries: layered(beneath.countries, countries),
        })
    }
}

/// Names with what they mean, those above before those beneath.
fn layered<T>(beneath: BTreeMap<String, T>, above: BTreeMap<String, T>) -> HashMap<String, T> {
    let named = |(name, meaning): (String, T)| (normalise(&name), meaning);
    beneath
        .into_iter()
        .map(named)
        .chain(above.into_iter().map(named))
        .collect()
}
