//! Who lives in the town of a drill, with whom, and whom they meet.

use std::ops::Range;

use lianfang_core::areas::{Area, AreaCode, Level};

use super::{DrillError, Scenario, Setting};
use crate::areas::{self, Description};
use crate::error::in_range;
use crate::people::{People, Person, Wanted};
use crate::random::{Purpose, Stream};

/// People of a drill: enough for some households and gates, and no more than one machine plays.
const PEOPLE: (i64, i64) = (200, 2_000_000);
/// Days of a drill.
const DAYS: (i64, i64) = (1, 180);
/// People of a township, about.
const PER_TOWNSHIP: u32 = 15_000;
/// People of a village, about.
const PER_VILLAGE: u32 = 2_000;
/// Shares of households of one person, two, and so on.
const HOUSEHOLDS: [f64; 5] = [0.22, 0.30, 0.24, 0.16, 0.08];
/// People of a team, and of a class.
const TEAM: usize = 10;
const CLASS: usize = 24;
/// Ages of those who learn, and of those who work.
const LEARN: Range<u8> = 6..18;
const WORK: Range<u8> = 18..60;
/// Share of those of working age who work.
const WORKS: f64 = 0.75;

/// Somebody who lives in the town.
#[derive(Debug, Clone)]
pub struct Resident {
    /// Name and numbers.
    pub person: Person,
    /// Age on the first day.
    pub age: u8,
    /// The village, by its place among [`Town::villages`].
    pub village: u16,
    /// The household, by its place among [`Town::households`].
    pub household: u32,
    /// The team or class, by its place among [`Town::teams`].
    pub team: Option<u32>,
    /// Whether this person asks for a pass.
    pub holds_pass: bool,
}

/// A town with its people.
#[derive(Debug, Clone)]
pub struct Town {
    pub(super) setting: Setting,
    city: areas::City,
    villages: Vec<(AreaCode, u16)>,
    townships: Vec<AreaCode>,
    residents: Vec<Resident>,
    households: Vec<Range<u32>>,
    teams: Vec<Vec<u32>>,
    pub(super) people: People,
}

impl Town {
    /// Builds the town of a setting.
    ///
    /// # Errors
    /// Numbers out of their range.
    pub fn build(setting: &Setting, scenario: &Scenario) -> Result<Self, DrillError> {
        in_range("people", i64::from(setting.people), PEOPLE)?;
        in_range("days", i64::from(setting.days), DAYS)?;
        scenario.check()?;
        let townships = (setting.people / PER_TOWNSHIP).clamp(3, 45);
        let villages = (setting.people / townships / PER_VILLAGE).clamp(2, 60);
        let city = areas::city(&Description {
            seed: setting.seed,
            counties: 1,
            townships_per_county: townships,
            villages_per_township: villages,
            population: setting.people,
        })?;
        let townships: Vec<AreaCode> = city.townships().map(|area| area.code).collect();
        let mut town = Self {
            setting: *setting,
            villages: Vec::new(),
            townships,
            residents: Vec::with_capacity(setting.people as usize),
            households: Vec::new(),
            teams: Vec::new(),
            people: People::new(setting.seed, setting.first_day)?,
            city,
        };
        town.settle(scenario);
        town.employ();
        Ok(town)
    }

    /// Fills village after village, household after household.
    fn settle(&mut self, scenario: &Scenario) {
        let villages: Vec<Area> = self.city.villages().cloned().collect();
        for (number, village) in villages.iter().enumerate() {
            let township = village.code.at_level(Level::Township);
            let place = self
                .townships
                .iter()
                .position(|code| *code == township)
                .unwrap_or(0);
            self.villages.push((village.code, place as u16));
            let mut left = village.population.unwrap_or(0) as usize;
            while left > 0 {
                let household = self.households.len() as u32;
                let mut chance =
                    Stream::new(self.setting.seed, Purpose::Drill, u64::from(household));
                let size = (weighted(&mut chance, &HOUSEHOLDS) + 1).min(left);
                left -= size;
                let from = self.residents.len() as u32;
                for place in 0..size {
                    self.move_in(number, household, place, &mut chance, scenario);
                }
                self.households.push(from..self.residents.len() as u32);
            }
        }
    }

    /// The first two of a household are grown up, of about one age; those after them are children, some are old.
    fn move_in(
        &mut self,
        village: usize,
        household: u32,
        place: usize,
        chance: &mut Stream,
        scenario: &Scenario,
    ) {
        let age = match place {
            0 | 1 => 20 + chance.below(60),
            2 | 3 => chance.below(20),
            _ => 60 + chance.below(28),
        } as u8;
        let door = format!(
            "{}幢{}单元{:02}室",
            household % 60 + 1,
            household % 4 + 1,
            household % 97 + 1
        );
        let wanted = Wanted {
            age: Some(age),
            ..Wanted::default()
        };
        let person = self.people.draw(wanted, door);
        self.residents.push(Resident {
            person,
            age,
            village: village as u16,
            household,
            team: None,
            holds_pass: chance.yes(scenario.hold_pass),
        });
    }

    /// Those of a township who work make teams, those of a village who learn make classes.
    fn employ(&mut self) {
        let mut workers: Vec<Vec<u32>> = vec![Vec::new(); self.townships.len()];
        let mut pupils: Vec<Vec<u32>> = vec![Vec::new(); self.villages.len()];
        for (number, resident) in self.residents.iter().enumerate() {
            let village = usize::from(resident.village);
            let number = number as u32;
            if LEARN.contains(&resident.age) {
                pupils[village].push(number);
            } else if WORK.contains(&resident.age)
                && Stream::new(self.setting.seed, Purpose::Work, u64::from(number)).yes(WORKS)
            {
                workers[usize::from(self.villages[village].1)].push(number);
            }
        }
        for (place, mut of_township) in workers.into_iter().enumerate() {
            Stream::new(self.setting.seed, Purpose::Work, u64::MAX - place as u64)
                .shuffle(&mut of_township);
            self.found_teams(&of_township, TEAM);
        }
        for of_village in pupils {
            self.found_teams(&of_village, CLASS);
        }
    }

    fn found_teams(&mut self, people: &[u32], size: usize) {
        for team in people.chunks(size) {
            for person in team {
                self.residents[*person as usize].team = Some(self.teams.len() as u32);
            }
            self.teams.push(team.to_vec());
        }
    }

    /// What it is founded on.
    pub fn setting(&self) -> &Setting {
        &self.setting
    }

    /// Its areas, from the province down.
    pub fn areas(&self) -> &[Area] {
        self.city.areas()
    }

    /// Its villages and communities, each with the place of its township.
    pub fn villages(&self) -> &[(AreaCode, u16)] {
        &self.villages
    }

    /// Its townships.
    pub fn townships(&self) -> &[AreaCode] {
        &self.townships
    }

    /// Those who live in it.
    pub fn residents(&self) -> &[Resident] {
        &self.residents
    }

    /// Who lives together: numbers of residents.
    pub fn households(&self) -> &[Range<u32>] {
        &self.households
    }

    /// Who works or learns together: numbers of residents.
    pub fn teams(&self) -> &[Vec<u32>] {
        &self.teams
    }

    /// Those with whom somebody lives, on average over people.
    pub(super) fn mean_housemates(&self) -> f64 {
        let pairs: f64 = self
            .households
            .iter()
            .map(|household| {
                let size = household.len() as f64;
                size * (size - 1.0)
            })
            .sum();
        pairs / (self.residents.len() as f64).max(1.0)
    }
}

fn weighted(chance: &mut Stream, weights: &[f64]) -> usize {
    let mut left = chance.unit() * weights.iter().sum::<f64>();
    for (place, weight) in weights.iter().enumerate() {
        left -= weight;
        if left < 0.0 {
            return place;
        }
    }
    weights.len() - 1
}
