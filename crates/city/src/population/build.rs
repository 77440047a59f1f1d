//! How a population is built, step by step.

use super::description::CityDescription;
use super::margins::{OLD, OLDEST};
use super::{Part, Person, Population, PopulationError, ages, households, places};
use crate::random::{Purpose, Stream};

/// People of a room in a care home.
const ROOM_OF_A_CARE_HOME: usize = 2;

/// What a village is filled from.
struct Village<'a> {
    people: &'a [u8],
    sizes: &'a [u8],
    dormitory: &'a [u8],
    care: &'a [u8],
}

/// Whose turn it is: what is left of a list.
struct Deck<'a>(&'a [u8]);

impl<'a> Deck<'a> {
    fn deal(&mut self, n: usize) -> &'a [u8] {
        let (dealt, left) = self.0.split_at(n);
        self.0 = left;
        dealt
    }
}

impl Population {
    /// Builds the population that a description describes.
    ///
    /// # Errors
    /// A number out of its range, or margins that do not fit together; the error says which.
    pub fn build(description: &CityDescription, seed: u64) -> Result<Self, PopulationError> {
        description.check()?;
        let mut counts = ages::counts(&description.people);
        let residents = description.care_homes.residents;
        let care = ages::take(&mut counts, residents, |age| {
            // Few move into a home at 65, many later.
            if age < usize::from(OLD) {
                0.0
            } else {
                (age - usize::from(OLD) + 1) as f64
            }
        });
        let collective = &description.collective;
        let rooms = ages::take(&mut counts, collective.people, |age| {
            let fits = (usize::from(collective.from)..=usize::from(collective.to)).contains(&age);
            f64::from(u8::from(fits))
        });
        let shuffled = |counts, number| {
            let mut list = ages::listed(&counts);
            Stream::new(seed, Purpose::Households, number).shuffle(&mut list);
            list
        };
        let (family, rooms, care) = (shuffled(counts, 0), shuffled(rooms, 1), shuffled(care, 2));
        let mut population = Self {
            description: description.clone(),
            seed,
            persons: Vec::with_capacity(description.people.total as usize),
            villages: vec![0],
            parts: Vec::new(),
            members: Vec::new(),
            groups: vec![0],
            group_places: Vec::new(),
            places: Vec::new(),
            carers: Vec::new(),
            riders: Vec::new(),
        };
        population.settle(&family, &rooms, &care);
        let residents = population.residents(&care);
        places::fill(&mut population, &residents);
        population.riders = population.all_riders();
        Ok(population)
    }

    fn all_riders(&self) -> Vec<Vec<u32>> {
        let rides = |number: &u32| self.rides(*number, self.persons[*number as usize]);
        self.parts
            .iter()
            .map(|part| (part.from..part.to).filter(rides).collect())
            .collect()
    }

    /// Fills all villages.
    fn settle(&mut self, family: &[u8], rooms: &[u8], care: &[u8]) {
        let description = self.description.clone();
        let people: Vec<f64> = description
            .areas
            .list
            .iter()
            .map(|area| f64::from(area.people))
            .collect();
        let in_rooms = ages::divide(rooms.len() as u32, &people);
        let in_care = ages::divide(care.len() as u32, &people);
        let (mut family, mut rooms, mut care) = (Deck(family), Deck(rooms), Deck(care));
        for (number, area) in description.areas.list.iter().enumerate() {
            let apart = in_rooms[number] + in_care[number];
            let families = area.people - apart.min(area.people);
            let mut sizes = households::sizes(
                families,
                &description.households.sizes,
                description.households.mean,
            );
            Stream::new(self.seed, Purpose::Households, 10 + number as u64).shuffle(&mut sizes);
            let villages = (area.people / description.areas.village_people).max(1) as usize;
            let (from, villages_from) = (self.people(), self.villages.len() as u32 - 1);
            let parts = self.villages_of(
                villages,
                &sizes,
                family.deal(families as usize),
                rooms.deal(in_rooms[number] as usize),
                care.deal(in_care[number] as usize),
            );
            self.add_villages(&parts);
            self.parts.push(Part {
                from,
                to: self.people(),
                villages_from,
            });
        }
    }

    /// Divides an area's households, rooms and residents among its villages.
    fn villages_of<'a>(
        &self,
        villages: usize,
        sizes: &'a [u8],
        family: &'a [u8],
        rooms: &'a [u8],
        care: &'a [u8],
    ) -> Vec<Village<'a>> {
        let share = |n: usize, village: usize| n * village / villages;
        // Residents of a home live in one village: the first ones have a home each.
        let home = self.description.care_homes.home as usize;
        let homes = care.len().div_ceil(home.max(1)).clamp(1, villages);
        let all = care.len();
        let (mut family, mut care, mut at) = (Deck(family), Deck(care), 0);
        let mut list = Vec::with_capacity(villages);
        let room = usize::from(self.description.collective.room);
        let count = rooms.len().div_ceil(room);
        for village in 0..villages {
            let end = share(sizes.len(), village + 1);
            let sizes = &sizes[at..end];
            at = end;
            let people = sizes.iter().map(|size| usize::from(*size)).sum();
            let rooms = &rooms[(share(count, village) * room).min(rooms.len())
                ..(share(count, village + 1) * room).min(rooms.len())];
            let here = if village < homes {
                all * (village + 1) / homes - all * village / homes
            } else {
                0
            };
            list.push(Village {
                people: family.deal(people),
                sizes,
                dormitory: rooms,
                care: care.deal(here),
            });
        }
        list
    }

    fn add_villages(&mut self, villages: &[Village<'_>]) {
        let first = self.villages.len() - 1;
        let seed = self.seed;
        let composed = |village: usize| {
            let mut stream =
                Stream::new(seed, Purpose::Households, 1_000 + (first + village) as u64);
            let here = &villages[village];
            households::compose(here.people, here.sizes, &mut stream)
        };
        let half = villages.len() / 2;
        let (front, back) = std::thread::scope(|scope| {
            let back = scope.spawn(|| (half..villages.len()).map(composed).collect::<Vec<_>>());
            let front: Vec<_> = (0..half).map(composed).collect();
            (front, back.join().expect("composing does not panic"))
        });
        let room = usize::from(self.description.collective.room);
        for (village, seats) in front.into_iter().chain(back).enumerate() {
            let number = first + village;
            let mut seats = &seats[..];
            for size in villages[village].sizes {
                let (here, left) = seats.split_at(usize::from(*size));
                seats = left;
                self.add_household(number, here);
            }
            for people in villages[village].dormitory.chunks(room) {
                self.add_household(number, people);
            }
            for people in villages[village].care.chunks(ROOM_OF_A_CARE_HOME) {
                self.add_household(number, people);
            }
            self.villages.push(self.people());
        }
    }

    fn add_household(&mut self, village: usize, people: &[u8]) {
        for (place, age_sex) in people.iter().enumerate() {
            self.persons
                .push(Person::new(village, *age_sex, place, people.len()));
        }
    }

    /// The residents of care homes, area by area: the last people of their villages.
    fn residents(&self, care: &[u8]) -> Vec<Vec<u32>> {
        let people: Vec<f64> = self
            .parts
            .iter()
            .map(|part| f64::from(part.to - part.from))
            .collect();
        let in_care = ages::divide(care.len() as u32, &people);
        let home = self.description.care_homes.home as usize;
        self.parts
            .iter()
            .enumerate()
            .map(|(number, part)| {
                let all = in_care[number] as usize;
                let first = part.villages_from as usize;
                let next = self
                    .parts
                    .get(number + 1)
                    .map_or(self.villages.len() - 1, |next| next.villages_from as usize);
                let homes = all.div_ceil(home.max(1)).clamp(1, next - first);
                (0..homes)
                    .flat_map(|village| {
                        let here = all * (village + 1) / homes - all * village / homes;
                        let end = self.villages[first + village + 1];
                        end - here as u32..end
                    })
                    .collect()
            })
            .collect()
    }
}

const _: () = assert!(OLDEST < 128, "an age takes seven bits");
