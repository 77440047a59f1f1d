//! Workplaces and care homes: who has a post, where, and in which team.

use lianfang_core::reopening::Sector;

use super::description::SizeBand;
use super::{Place, Population, ages, schools};
use crate::random::{Purpose, Stream};

/// Whom an area's places are filled with.
#[derive(Default)]
pub(super) struct Pools {
    /// People with a post in this area, in random order.
    pub(super) workers: Vec<u32>,
    /// Pupils of each stage and age, by where they live.
    pub(super) pupils: Vec<Vec<Vec<u32>>>,
}

/// Fills schools, care homes and workplaces of all areas.
pub(super) fn fill(population: &mut Population, residents: &[Vec<u32>]) {
    let mut pools = pools(population, residents);
    for area in 0..population.parts.len() {
        let mut stream = Stream::new(population.seed, Purpose::Work, 1 << 40 | area as u64);
        let pool = std::mem::take(&mut pools[area]);
        let mut workers = pool.workers;
        stream.shuffle(&mut workers);
        schools::fill(population, area, &pool.pupils, &mut workers);
        care_homes(population, area, &residents[area], &mut workers);
        workplaces(population, area, &workers, &mut stream);
    }
}

/// Who works and learns in which area.
fn pools(population: &Population, residents: &[Vec<u32>]) -> Vec<Pools> {
    let description = population.description();
    let areas = population.parts.len();
    let stages = &description.school;
    let mut pools: Vec<Pools> = (0..areas)
        .map(|_| Pools {
            workers: Vec::new(),
            pupils: stages
                .iter()
                .map(|stage| vec![Vec::new(); usize::from(stage.to - stage.from) + 1])
                .collect(),
        })
        .collect();
    let employed: Vec<f64> = (0..=100_u8)
        .map(|age| ages::at(&description.work.employed, age) / 100.0)
        .collect();
    let away = if areas > 1 {
        description.commuting.percent / 100.0
    } else {
        0.0
    };
    for (area, part) in population.parts.iter().enumerate() {
        let mut cared = residents[area].iter().copied().peekable();
        for number in part.from..part.to {
            if cared.next_if_eq(&number).is_some() {
                continue;
            }
            let person = population.persons[number as usize];
            let age = person.age();
            let mut stream = Stream::new(population.seed, Purpose::Work, u64::from(number));
            let stage = stages.iter().position(|stage| {
                (stage.from..=stage.to).contains(&age) && stream.yes(stage.enrolled / 100.0)
            });
            if let Some(stage) = stage {
                let of_age = usize::from(age - stages[stage].from);
                pools[area].pupils[stage][of_age].push(number);
            } else if stream.yes(employed[usize::from(age)]) {
                let goes = if away > 0.0 && stream.yes(away) {
                    elsewhere(population, area, &mut stream)
                } else {
                    area
                };
                pools[goes].workers.push(number);
            }
        }
    }
    pools
}

/// Another area, as likely as it has people.
fn elsewhere(population: &Population, area: usize, stream: &mut Stream) -> usize {
    let own = population.parts[area];
    let others = population.people() - (own.to - own.from);
    if others == 0 {
        return area;
    }
    let mut chosen = stream.below(others);
    if chosen >= own.from {
        chosen += own.to - own.from;
    }
    population.parts.partition_point(|part| part.to <= chosen)
}

impl Population {
    /// Opens a place; its groups follow.
    pub(super) fn open_place(&mut self, area: usize, sector: Sector, health_care: bool) {
        self.places.push(Place {
            first_group: self.group_places.len() as u32,
            posts: 0,
            area: area as u16,
            sector,
            health_care,
        });
    }

    /// Adds a group to the place opened last.
    pub(super) fn add_group(&mut self, others: &[u32], workers: &[u32]) {
        let group = self.group_places.len() as u32;
        for (list, works) in [(others, false), (workers, true)] {
            for number in list {
                self.employ(*number, group, works);
            }
            self.members.extend_from_slice(list);
        }
        self.groups.push(self.members.len() as u32);
        self.group_places.push(self.places.len() as u32 - 1);
        if let Some(place) = self.places.last_mut() {
            place.posts += workers.len() as u32;
        }
    }
}

/// Divides a list into parts of at most `most`, as even as can be.
pub(super) fn parts(list: &[u32], most: usize) -> impl Iterator<Item = &[u32]> {
    let count = list.len().div_ceil(most.max(1)).max(1);
    (0..count).map(move |part| {
        let end = list.len() * (part + 1) / count;
        &list[list.len() * part / count..end]
    })
}

fn care_homes(population: &mut Population, area: usize, residents: &[u32], workers: &mut Vec<u32>) {
    if residents.is_empty() {
        return;
    }
    let homes = population.description().care_homes.clone();
    let mut owed = 0.0;
    for home in parts(residents, homes.home as usize) {
        population.open_place(area, Sector::CareHome, false);
        for wing in parts(home, homes.wing as usize) {
            owed += wing.len() as f64 * homes.staff / 100.0;
            let staff = (owed.round() as usize).min(workers.len());
            owed -= staff as f64;
            let staff = workers.split_off(workers.len() - staff);
            population.add_group(wing, &staff);
        }
    }
}

/// The number of posts of the next workplace.
fn size(sizes: &[SizeBand], places: &[f64], stream: &mut Stream) -> usize {
    let mut chosen = stream.unit() * places.iter().sum::<f64>();
    let band = places
        .iter()
        .position(|weight| {
            chosen -= weight;
            chosen < 0.0
        })
        .unwrap_or(sizes.len() - 1);
    let (from, to) = (f64::from(sizes[band].from), f64::from(sizes[band].to) + 1.0);
    (from * (to / from).powf(stream.unit())).floor() as usize
}

fn workplaces(population: &mut Population, area: usize, workers: &[u32], stream: &mut Stream) {
    let work = population.description().work.clone();
    // Percent of posts over the mean size is the share of places.
    let places: Vec<f64> = work
        .sizes
        .iter()
        .map(|band| {
            let (from, to) = (f64::from(band.from), f64::from(band.to) + 1.0);
            let mean = if to > from {
                (to - from) / (to / from).ln()
            } else {
                from
            };
            band.percent / mean
        })
        .collect();
    let shares: Vec<f64> = work.industries.iter().map(|i| i.percent).collect();
    let quotas = ages::divide(workers.len() as u32, &shares);
    let mut left = workers;
    let mut carers = Vec::new();
    for (industry, quota) in work.industries.iter().zip(quotas) {
        let (mut quota, rest) = left.split_at(quota as usize);
        left = rest;
        if industry.health_care {
            carers.extend_from_slice(quota);
        }
        while !quota.is_empty() {
            let posts = size(&work.sizes, &places, stream).clamp(1, quota.len());
            let (here, rest) = quota.split_at(posts);
            quota = rest;
            population.open_place(area, industry.sector, industry.health_care);
            for team in parts(here, work.team as usize) {
                population.add_group(&[], team);
            }
        }
    }
    population.carers.push(carers);
}
