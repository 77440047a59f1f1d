//! The synthetic tree of areas: one province with one city, its counties, townships and villages.
//!
//! Codes begin with 99, which GB/T 2260 has given to no province; within the city they follow the
//! custom of the statistical codes (districts from 02, counties from 21, county-level cities from 81;
//! subdistricts, towns and townships from 001, 100 and 200; communities and villages from 001 and 200).
//!
//! ```
//! use lianfang_city::areas::{Description, city};
//! use lianfang_core::areas::{AreaTree, Level};
//!
//! let city = city(&Description::default())?;
//! let tree = AreaTree::new(city.areas().iter().cloned());
//! assert_eq!(tree.get("990100".parse()?).map(|area| area.name), Some("联山市".into()));
//! assert_eq!(tree.children("990100".parse()?).len(), 8);
//! assert_eq!(city.people(), 2_400_000);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod description;
mod kinds;
mod names;
mod split;

use std::ops::Range;

use lianfang_core::areas::{Area, AreaCode};

pub use description::Description;

use crate::chance::{Chance, Purpose};
use crate::error::CityError;
use description::{least, most};
use kinds::Kind;
use names::PlaceName;
use split::split;

/// The province's code as a number of 15 digits.
const PROVINCE: u64 = 990_000_000_000_000;
/// The city's.
const CITY: u64 = 990_100_000_000_000;
/// What one county, township and village takes of these numbers.
const COUNTY_SPAN: u64 = 1_000_000_000;
const TOWNSHIP_SPAN: u64 = 1_000_000;
const VILLAGE_SPAN: u64 = 1_000;

const PROVINCE_NAME: (&str, &str) = ("示范省", "Demo Province");
const CITY_NAME: (&str, &str) = ("联山市", "Lianshan");

/// A synthetic city: its areas, and where in them people live.
#[derive(Debug, Clone)]
pub struct City {
    areas: Vec<Area>,
    counties: Vec<Part>,
    townships: Vec<Part>,
    villages: Vec<Village>,
    /// People in all villages before this one; one more entry than villages.
    people_before: Vec<u64>,
}

/// A county or township: its place among the areas, and its villages.
#[derive(Debug, Clone)]
struct Part {
    area: usize,
    villages: Range<usize>,
}

/// A village or community, with the places of itself and what it lies in.
#[derive(Debug, Clone)]
struct Village {
    area: usize,
    county: usize,
    township: usize,
}

/// The synthetic city that `description` describes.
///
/// # Errors
/// A number out of its range; the error says which and what would be right.
pub fn city(description: &Description) -> Result<City, CityError> {
    description.check()?;
    let mut chance = Chance::new(description.seed, Purpose::Areas);
    let plans = county_plans(description, &mut chance);
    Ok(City::build(description.population, &plans, &mut chance))
}

/// A county before its people are divided: kind, number, name, townships.
struct CountyPlan {
    kind: Kind,
    code: u64,
    name: PlaceName,
    townships: Vec<TownshipPlan>,
}

struct TownshipPlan {
    kind: Kind,
    code: u64,
    name: PlaceName,
    villages: usize,
}

impl CountyPlan {
    fn villages(&self) -> usize {
        self.townships
            .iter()
            .map(|township| township.villages)
            .sum()
    }
}

fn county_plans(description: &Description, chance: &mut Chance) -> Vec<CountyPlan> {
    let about = |chance: &mut Chance, average: u32| {
        chance.whole(least(average) as i32, most(average) as i32) as usize
    };
    let n = description.counties as usize;
    let names = names::county_names(chance, n);
    kinds::counties(n)
        .zip(names)
        .map(|((kind, number), name)| {
            let code = CITY + number * COUNTY_SPAN;
            let townships = about(chance, description.townships_per_county);
            let names = names::names(chance, townships);
            let townships = kinds::townships(kind, townships)
                .zip(names)
                .map(|((kind, number), name)| TownshipPlan {
                    kind,
                    code: code + number * TOWNSHIP_SPAN,
                    name,
                    villages: about(chance, description.villages_per_township),
                })
                .collect();
            CountyPlan {
                kind,
                code,
                name,
                townships,
            }
        })
        .collect()
}

fn area(code: u64, name: &PlaceName, kind: Kind, population: u32) -> Area {
    Area {
        name: format!("{}{}", name.zh, kind.zh),
        name_en: Some(format!("{} {}", name.en, kind.en)),
        population: Some(population),
        ..unnamed(code)
    }
}

fn unnamed(code: u64) -> Area {
    Area::unnamed(AreaCode::from_u64(code).expect("codes begin with 99"))
}

/// Each kind's weight, varied by a quarter up or down.
fn weights(
    chance: &mut Chance,
    kinds: impl Iterator<Item = (Kind, usize)>,
) -> (Vec<f64>, Vec<u32>) {
    kinds
        .map(|(kind, villages)| {
            let weight = kind.weight * chance.between(0.75, 1.25);
            (weight, villages as u32)
        })
        .unzip()
}

impl City {
    fn build(population: u32, plans: &[CountyPlan], chance: &mut Chance) -> Self {
        let mut city = Self {
            areas: Vec::new(),
            counties: Vec::new(),
            townships: Vec::new(),
            villages: Vec::new(),
            people_before: vec![0],
        };
        for (code, (name, name_en)) in [(PROVINCE, PROVINCE_NAME), (CITY, CITY_NAME)] {
            city.areas.push(Area {
                name: name.into(),
                name_en: Some(name_en.into()),
                population: Some(population),
                ..unnamed(code)
            });
        }
        let counties = plans.iter().map(|plan| (plan.kind, plan.villages()));
        let (shares, least) = weights(chance, counties);
        for (plan, people) in plans.iter().zip(split(population, &shares, &least)) {
            city.add_county(plan, people, chance);
        }
        city
    }

    fn add_county(&mut self, plan: &CountyPlan, people: u32, chance: &mut Chance) {
        let (at, first) = (self.areas.len(), self.villages.len());
        self.areas
            .push(area(plan.code, &plan.name, plan.kind, people));
        let townships = plan.townships.iter().map(|t| (t.kind, t.villages));
        let (shares, least) = weights(chance, townships);
        for (township, people) in plan.townships.iter().zip(split(people, &shares, &least)) {
            self.add_township(township, people, chance);
        }
        self.counties.push(Part {
            area: at,
            villages: first..self.villages.len(),
        });
    }

    fn add_township(&mut self, plan: &TownshipPlan, people: u32, chance: &mut Chance) {
        let (at, first) = (self.areas.len(), self.villages.len());
        self.areas
            .push(area(plan.code, &plan.name, plan.kind, people));
        let names = names::names(chance, plan.villages);
        let kinds: Vec<(Kind, u64)> = kinds::villages(plan.kind, plan.villages).collect();
        let (shares, least) = weights(chance, kinds.iter().map(|(kind, _)| (*kind, 1)));
        let parts = split(people, &shares, &least);
        for (((kind, number), name), people) in kinds.into_iter().zip(&names).zip(parts) {
            let code = plan.code + number * VILLAGE_SPAN;
            self.villages.push(Village {
                area: self.areas.len(),
                county: self.counties.len(),
                township: self.townships.len(),
            });
            self.people_before.push(self.people() + u64::from(people));
            self.areas.push(area(code, name, kind, people));
        }
        self.townships.push(Part {
            area: at,
            villages: first..self.villages.len(),
        });
    }

    /// Its areas, by code: the province first, each area before those in it.
    pub fn areas(&self) -> &[Area] {
        &self.areas
    }

    /// People living in it.
    pub fn people(&self) -> u64 {
        self.people_before.last().copied().unwrap_or_default()
    }

    /// Its counties, by code.
    pub fn counties(&self) -> impl Iterator<Item = &Area> {
        self.counties.iter().map(|part| &self.areas[part.area])
    }

    /// Its townships, by code.
    pub fn townships(&self) -> impl Iterator<Item = &Area> {
        self.townships.iter().map(|part| &self.areas[part.area])
    }

    /// Its villages and communities, by code.
    pub fn villages(&self) -> impl Iterator<Item = &Area> {
        self.villages
            .iter()
            .map(|village| &self.areas[village.area])
    }

    pub(crate) fn village(&self, village: usize) -> &Area {
        &self.areas[self.villages[village].area]
    }

    pub(crate) fn township(&self, township: usize) -> &Area {
        &self.areas[self.townships[township].area]
    }

    pub(crate) fn county_of(&self, village: usize) -> usize {
        self.villages[village].county
    }

    pub(crate) fn township_of(&self, village: usize) -> usize {
        self.villages[village].township
    }

    /// A village of the whole city, as likely as it has people.
    pub(crate) fn any_village(&self, chance: &mut Chance) -> usize {
        self.village_among(0..self.villages.len(), chance)
    }

    pub(crate) fn village_in_county(&self, county: usize, chance: &mut Chance) -> usize {
        self.village_among(self.counties[county].villages.clone(), chance)
    }

    pub(crate) fn village_in_township(&self, township: usize, chance: &mut Chance) -> usize {
        self.village_among(self.townships[township].villages.clone(), chance)
    }

    fn village_among(&self, villages: Range<usize>, chance: &mut Chance) -> usize {
        let (low, high) = (
            self.people_before[villages.start],
            self.people_before[villages.end],
        );
        let person = low + chance.below((high - low) as usize) as u64;
        self.people_before
            .partition_point(|before| *before <= person)
            - 1
    }

    /// The village with all it lies in, as an address begins.
    pub(crate) fn address(&self, village: usize) -> String {
        let at = &self.villages[village];
        let county = &self.areas[self.counties[at.county].area].name;
        let township = &self.township(at.township).name;
        let (province, city) = (PROVINCE_NAME.0, CITY_NAME.0);
        format!(
            "{province}{city}{county}{township}{}",
            self.areas[at.area].name
        )
    }
}
