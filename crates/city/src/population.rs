//! A synthetic population: who lives with whom, and who works or learns with whom.
//!
//! It is built from a [`CityDescription`] and a seed. Numbers of people by age and sex, of each area, of household
//! sizes, dormitories and care homes are met to the last person; who has a post and who goes to school is drawn by
//! the shares given. The same description and seed give the same population.
//!
//! People are numbered from 0 by village, and within a village by household, so that those who live together are
//! neighbours in memory. Whoever works or learns belongs to a *group*: a team, a class with its teachers, or a
//! wing of a care home with its staff. Groups of one workplace or school stand together.
//!
//! ```
//! use lianfang_city::population::{CityDescription, Population};
//!
//! let city = Population::build(&CityDescription::well_mixed(1_000), 1)?;
//! assert_eq!(city.people(), 1_000);
//! let mut file = Vec::new();
//! city.write(&mut file)?;
//! assert_eq!(Population::read(&file)?.digest(), city.digest());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod ages;
mod build;
mod description;
mod file;
mod households;
mod margins;
mod places;
mod schools;
mod shipped;

use lianfang_core::reopening::Sector;
use lianfang_core::words::Word;

pub use description::{
    AgeBand, AgeMixing, AreaMargin, AreasMargin, CareHomesMargin, CheckpointMargin,
    CityDescription, CollectiveMargin, Commuting, Contacts, EconomyMargin, HouseholdsMargin,
    Industry, PeopleMargin, SchoolStage, SectorWorth, SizeBand, SupplyLink, Travel, WeekMargin,
    WorkMargin,
};
pub use file::MAGIC;

use crate::random::{Purpose, Stream};

/// Why a population cannot be built or read.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PopulationError {
    /// The description's file has another form.
    #[error("the description cannot be read, line {line}: {problem}")]
    Form {
        /// The line, from 1; 0 where it is not known.
        line: usize,
        /// What is wrong.
        problem: String,
    },
    /// A number lies outside its range.
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
    /// Percentages that do not add up.
    #[error("{field} add up to {sum:.2} percent; they must add up to 100")]
    Hundred {
        /// The field.
        field: &'static str,
        /// Their sum.
        sum: f64,
    },
    /// Bands of age that do not rise from 0.
    #[error("{field}: bands of age begin at 0 and rise, to 100 at most")]
    Bands {
        /// The field.
        field: &'static str,
    },
    /// The city's word has other letters.
    #[error("`id` has 1 to 60 of a-z, 0-9, - and _")]
    Id,
    /// A code that is none, or lies outside the city.
    #[error(
        "`code` and the codes of `areas.list` are area codes, each once, those of the list within the city's"
    )]
    Code,
    /// A section without a source.
    #[error("say where the numbers of `{section}` come from: `source` is empty")]
    Source {
        /// The section.
        section: &'static str,
    },
    /// Areas that do not add up to the city.
    #[error("the areas have {areas} people together, and the city {total}: they must be as many")]
    AreasDiffer {
        /// People of all areas.
        areas: u64,
        /// People of the city.
        total: u64,
    },
    /// More of something than there are people for it.
    #[error("there are {asked} {what}, and only {there} people for them")]
    TooMany {
        /// What there are too many of.
        what: &'static str,
        /// How many are asked for.
        asked: u64,
        /// How many people there are for it.
        there: u64,
    },
    /// A file that is no built city, or was altered.
    #[error("this is no city that `lianfang city build` wrote: {0}")]
    File(&'static str),
}

/// The group of whoever has none.
pub(crate) const NO_GROUP: u32 = u32::MAX;
/// The bit beside the village's number that says that somebody has a post.
const WORKER: u16 = 1 << 15;

/// One person, in 8 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Person {
    /// The group where the person works or learns.
    pub(crate) group: u32,
    /// The village's number, and [`WORKER`].
    village: u16,
    /// Age times two, odd for a woman.
    age_sex: u8,
    /// Place within the household, and four bits higher its size less one.
    house: u8,
}

impl Person {
    fn new(village: usize, age_sex: u8, place: usize, size: usize) -> Self {
        Self {
            group: NO_GROUP,
            village: village as u16,
            age_sex,
            house: (place | (size - 1) << 4) as u8,
        }
    }

    #[inline]
    pub(crate) fn age(self) -> u8 {
        self.age_sex >> 1
    }

    #[inline]
    pub(crate) fn village(self) -> usize {
        usize::from(self.village & !WORKER)
    }

    #[inline]
    pub(crate) fn works(self) -> bool {
        self.village & WORKER != 0
    }

    /// Whether this is the first of the household.
    #[inline]
    pub(crate) fn is_first(self) -> bool {
        self.house.trailing_zeros() >= 4
    }

    /// Those of the household besides this one.
    #[inline]
    pub(crate) fn housemates(self) -> u32 {
        u32::from(self.house >> 4)
    }

    /// The first of the household of `person`, who is this one.
    #[inline]
    pub(crate) fn household_from(self, person: u32) -> u32 {
        person - u32::from(self.house & 15)
    }
}

/// A workplace, school or care home.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// Its first group; the next place's first group ends it.
    pub(crate) first_group: u32,
    /// Its posts.
    pub(crate) posts: u32,
    /// Its area's number.
    pub(crate) area: u16,
    /// What it does.
    pub(crate) sector: Sector,
    /// Whether its people care for patients.
    pub(crate) health_care: bool,
}

/// An area just below the city.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    /// Its first person.
    pub(crate) from: u32,
    /// The first person of the next.
    pub(crate) to: u32,
    /// Its first village.
    pub(crate) villages_from: u32,
}

/// A synthetic population.
#[derive(Debug, Clone, PartialEq)]
pub struct Population {
    description: CityDescription,
    seed: u64,
    pub(crate) persons: Vec<Person>,
    /// The first person of each village, and the end.
    pub(crate) villages: Vec<u32>,
    pub(crate) parts: Vec<Part>,
    /// Members of all groups, group by group.
    pub(crate) members: Vec<u32>,
    /// Where each group's members begin, and the end.
    pub(crate) groups: Vec<u32>,
    /// The place of each group.
    pub(crate) group_places: Vec<u32>,
    pub(crate) places: Vec<Place>,
    /// People of health care, by area.
    pub(crate) carers: Vec<Vec<u32>>,
    /// Riders of public transport, by area.
    pub(crate) riders: Vec<Vec<u32>>,
}

/// Counts of a population, to hold against its margins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Census {
    /// People of each age, men and women.
    pub by_age: Vec<[u32; 2]>,
    /// People of each area, in the description's order.
    pub by_area: Vec<u32>,
    /// Households (rooms of dormitories and care homes among them) of 1, 2, 3 … people.
    pub households: Vec<u32>,
    /// People who have a post.
    pub workers: u32,
    /// People who learn or live in a group.
    pub pupils_and_residents: u32,
    /// Posts by sector, in the order of the sectors.
    pub posts: Vec<u32>,
    /// Workplaces by sector, in the order of the sectors.
    pub places: Vec<u32>,
}

impl Population {
    /// What it was built from.
    pub fn description(&self) -> &CityDescription {
        &self.description
    }

    /// The seed it was built with.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// How many people it has.
    pub fn people(&self) -> u32 {
        self.persons.len() as u32
    }

    /// How many live with a person.
    ///
    /// # Panics
    /// For a number that no person has.
    pub fn housemates(&self, person: u32) -> u32 {
        self.persons[person as usize].housemates()
    }

    /// Somebody's age in completed years.
    ///
    /// # Panics
    /// For a number that no person has.
    pub fn age(&self, person: u32) -> u8 {
        self.persons[person as usize].age()
    }

    /// Posts in all.
    pub fn posts(&self) -> u64 {
        self.places.iter().map(|place| u64::from(place.posts)).sum()
    }

    /// Counts it.
    pub fn census(&self) -> Census {
        let mut census = Census {
            by_age: vec![[0; 2]; margins::OLDEST + 1],
            by_area: self.parts.iter().map(|part| part.to - part.from).collect(),
            households: vec![0; 16],
            workers: 0,
            pupils_and_residents: 0,
            posts: vec![0; Sector::ALL.len()],
            places: vec![0; Sector::ALL.len()],
        };
        for person in &self.persons {
            census.by_age[usize::from(person.age())][usize::from(person.age_sex & 1)] += 1;
            if person.is_first() {
                census.households[person.housemates() as usize] += 1;
            }
            census.workers += u32::from(person.works());
            census.pupils_and_residents += u32::from(!person.works() && person.group != NO_GROUP);
        }
        for place in &self.places {
            census.posts[place.sector.index()] += place.posts;
            census.places[place.sector.index()] += 1;
        }
        census
    }

    /// The place where a person works, learns or lives in a wing.
    #[inline]
    pub(crate) fn place_of(&self, person: Person) -> Option<usize> {
        (person.group != NO_GROUP).then(|| self.group_places[person.group as usize] as usize)
    }

    /// Where the members of a group stand.
    #[inline]
    pub(crate) fn group(&self, group: u32) -> std::ops::Range<u32> {
        self.groups[group as usize]..self.groups[group as usize + 1]
    }

    /// Where the members of a whole place stand.
    #[inline]
    pub(crate) fn whole_place(&self, place: usize) -> std::ops::Range<u32> {
        let first = self.places[place].first_group as usize;
        let next = self
            .places
            .get(place + 1)
            .map_or(self.groups.len() - 1, |next| next.first_group as usize);
        self.groups[first]..self.groups[next]
    }

    /// The people of a village.
    #[inline]
    pub(crate) fn village(&self, village: usize) -> std::ops::Range<u32> {
        self.villages[village]..self.villages[village + 1]
    }

    /// The number of the area that a village lies in.
    #[inline]
    pub(crate) fn part_of(&self, village: usize) -> usize {
        self.parts
            .partition_point(|part| part.villages_from as usize <= village)
            - 1
    }

    /// Whether a person who works or learns rides public transport.
    #[inline]
    pub(crate) fn rides(&self, number: u32, person: Person) -> bool {
        person.group != NO_GROUP
            && self.description.commuting.riders > 0.0
            && Stream::new(self.seed, Purpose::Riders, u64::from(number))
                .yes(self.description.commuting.riders / 100.0)
    }

    /// Persons of a household.
    pub(crate) fn household(&self, number: u32) -> std::ops::Range<u32> {
        let person = self.persons[number as usize];
        let from = person.household_from(number);
        from..from + person.housemates() + 1
    }

    pub(crate) fn employ(&mut self, number: u32, group: u32, works: bool) {
        let person = &mut self.persons[number as usize];
        person.group = group;
        if works {
            person.village |= WORKER;
        }
    }
}
