//! The days of a run.

use super::layers::Meetings;
use super::series::Changes;
use super::shard::{INFECTED, Limits, NoLimits, Shard, Today, World};
use super::week::Week;
use super::{Infection, MOST_DAYS, MOST_THREADS, Run, Simulation, SimulationError};
use crate::random::{Purpose, Stream};
use crate::response::Response;
use crate::scenario::{Arrival, ResponseSettings};
use crate::start::{Placed, Placing};

/// Below this load a day is worked on by one thread: starting others would take longer.
const WORTH_THREADS: usize = 4_000;

/// People of the city and what has become of them.
struct People {
    states: Vec<u8>,
    shards: Vec<Shard>,
    part: usize,
}

impl Simulation<'_> {
    /// Runs so many days under a seed, on so many threads.
    ///
    /// # Errors
    /// No or too many days or threads.
    pub fn run(&self, days: u32, seed: u64, threads: usize) -> Result<Run, SimulationError> {
        range("days", f64::from(days), 1.0, f64::from(MOST_DAYS))?;
        range("threads", threads as f64, 1.0, MOST_THREADS as f64)?;
        let days = days as usize;
        let mut people = self.people(threads, days, seed);
        let placed = self.placed(seed);
        people.begin(&placed);
        let week = Week::of(&self.city.description().contacts, self.scenario.start);
        match &self.scenario.response {
            None => {
                for day in 0..days {
                    for arrival in self.arrivals(day, seed) {
                        people.import(day, &arrival);
                    }
                    people.day(
                        &self.world(&NoLimits, week.as_ref(), seed, (days, people.part)),
                        day,
                    );
                }
                Ok(self.finished(people, seed, days, None))
            }
            Some(settings) => {
                let mut response =
                    Response::new(self.city, self.pack, self.scenario, settings, seed);
                response.begin(&placed);
                for day in 0..days {
                    let mut arrivals = self.arrivals(day, seed);
                    arrivals.retain(|arrival| people.import(day, arrival));
                    response.morning(day, &arrivals);
                    people.day(
                        &self.world(&response, week.as_ref(), seed, (days, people.part)),
                        day,
                    );
                    response.evening(day, &people.drawn());
                }
                Ok(self.finished(people, seed, days, Some(response)))
            }
        }
    }

    /// Where the run begins.
    fn placed(&self, seed: u64) -> Placed {
        let Some(start) = self.start else {
            return Placed::default();
        };
        let usual = ResponseSettings::default();
        start.place(&Placing {
            city: self.city,
            disease: &self.disease,
            rates: &self.rates,
            pack: self.pack,
            settings: self.scenario.response.as_ref().unwrap_or(&usual),
            seed,
        })
    }

    fn people(&self, threads: usize, days: usize, seed: u64) -> People {
        let persons = &self.city.persons;
        let part = persons.len().div_ceil(threads).max(1);
        let immunity = &self.scenario.immunity;
        let states = (0..)
            .zip(persons)
            .map(|(number, person)| {
                if immunity.is_immune(seed, number, person.age()) {
                    INFECTED
                } else {
                    self.disease.group[usize::from(person.age())]
                }
            })
            .collect();
        let shards = persons.len().div_ceil(part);
        People {
            states,
            shards: (0..shards)
                .map(|shard| Shard::new((shard * part) as u32, shards, days))
                .collect(),
            part,
        }
    }

    fn world<'w, L: Limits>(
        &'w self,
        limits: &'w L,
        week: Option<&'w Week>,
        seed: u64,
        (days, part): (usize, usize),
    ) -> World<'w, L> {
        World {
            city: self.city,
            meetings: Meetings::of(self.city),
            disease: &self.disease,
            rates: &self.rates,
            group_layers: &self.group_layers,
            limits,
            week,
            seed,
            days,
            part,
        }
    }

    /// Who comes into the city infected on a day.
    fn arrivals(&self, day: usize, seed: u64) -> Vec<Arrival> {
        let mut stream = Stream::new(seed, Purpose::Imports, day as u64);
        self.scenario
            .imports
            .on(day, self.city.people(), &mut stream)
    }

    fn finished(
        &self,
        people: People,
        seed: u64,
        days: usize,
        response: Option<Response<'_>>,
    ) -> Run {
        let changes: Vec<Changes> = people.shards.iter().map(|s| s.changes.clone()).collect();
        let mut infections = Vec::new();
        if self.scenario.keep_infections {
            for shard in people.shards {
                // Those of the last day have no course: nobody looked at them any more.
                infections.extend_from_slice(&shard.infections[..shard.undrawn]);
            }
            infections.sort_unstable_by(|a: &Infection, b| {
                a.time.total_cmp(&b.time).then(a.person.cmp(&b.person))
            });
        }
        let responded = response.map_or_else(Default::default, Response::finish);
        Run {
            seed,
            days: Changes::days(&changes, days),
            response: responded.days,
            fired: responded.fired,
            decisions: responded.decisions,
            infections,
        }
    }
}

impl People {
    fn import(&mut self, day: usize, arrival: &Arrival) -> bool {
        let shard = arrival.person as usize / self.part;
        let from = shard * self.part;
        let to = (from + self.part).min(self.states.len());
        self.shards[shard].import(
            day,
            arrival.person,
            arrival.infected,
            &mut self.states[from..to],
        )
    }

    /// Those who had the disease before the run, or have it when it begins.
    fn begin(&mut self, placed: &Placed) {
        for person in &placed.over {
            self.states[*person as usize] = INFECTED;
        }
        for (person, infected) in &placed.infected {
            let shard = *person as usize / self.part;
            let from = shard * self.part;
            let to = (from + self.part).min(self.states.len());
            self.shards[shard].begin(*person, *infected, &mut self.states[from..to]);
        }
    }

    fn day<L: Limits>(&mut self, world: &World<'_, L>, day: usize) {
        let load: usize = self.shards.iter().map(|shard| shard.load(day)).sum();
        let spread = load >= WORTH_THREADS && self.shards.len() > 1;
        let today = &Today {
            world,
            day,
            states: &self.states,
        };
        if spread {
            std::thread::scope(|scope| {
                for shard in &mut self.shards {
                    scope.spawn(move || shard.look(today));
                }
            });
        } else {
            for shard in &mut self.shards {
                shard.look(today);
            }
        }
        let boxes: Vec<Vec<Vec<_>>> = self
            .shards
            .iter_mut()
            .map(|shard| shard.outbox.iter_mut().map(std::mem::take).collect())
            .collect();
        let inbox =
            |shard: usize| -> Vec<&[_]> { boxes.iter().map(|from| &from[shard][..]).collect() };
        let parts = self.states.chunks_mut(self.part);
        if spread {
            std::thread::scope(|scope| {
                for (number, (shard, states)) in self.shards.iter_mut().zip(parts).enumerate() {
                    let inbox = inbox(number);
                    scope.spawn(move || shard.take(day, states, &inbox));
                }
            });
        } else {
            for (number, (shard, states)) in self.shards.iter_mut().zip(parts).enumerate() {
                shard.take(day, states, &inbox(number));
            }
        }
    }

    /// Infections whose course was drawn on a day, by person.
    fn drawn(&self) -> Vec<Infection> {
        let mut drawn: Vec<Infection> = Vec::new();
        for shard in &self.shards {
            drawn.extend_from_slice(shard.newly_drawn());
        }
        drawn.sort_unstable_by_key(|infection| infection.person);
        drawn
    }
}

fn range(field: &'static str, value: f64, least: f64, most: f64) -> Result<(), SimulationError> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(SimulationError::Range {
        field,
        value,
        least,
        most,
    })
}
