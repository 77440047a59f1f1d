//! Those under watch: checked twice a day, sampled when that is due, released on their day; doors on the round.

use std::collections::{BTreeMap, HashMap};

use jiff::SignedDuration;
use lianfang_city::drill::Kept;
use lianfang_core::households::Dwelling;
use lianfang_core::ids::{FactId, HouseholdId, SampleId};
use lianfang_core::quarantine::{CheckedBy, SampleResult};
use lianfang_service::field::{FieldEntry, Happening};
use serde_json::Value;

use super::api::Stop;
use super::citizens::felt;
use super::play::{Play, Role, id};

/// Who looks after people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Keeper {
    /// The staff of the site.
    Site,
    /// The grid workers of a township.
    Grid(usize),
}

/// Entries by who sends them.
pub(super) type Batches = BTreeMap<Keeper, Vec<FieldEntry>>;

/// Each door is visited once in so many days.
const DOORS: u32 = 3;
const ORDERS: &str = "/api/quarantine/orders";

impl Play<'_> {
    /// Where everybody is kept this morning, by what the system knows: orders in force, and cases.
    pub(super) fn kept(&self) -> Result<HashMap<u32, Kept>, Stop> {
        let mut kept = HashMap::new();
        for (person, row) in self.with_truth(self.orders("")?)? {
            let how = match row["watch"].as_str() {
                Some("site") => Kept::Apart,
                Some("home") => Kept::Home,
                _ => continue,
            };
            kept.insert(person, how);
        }
        for (person, row) in self.with_truth(self.cases("")?)? {
            if row["classification"] != "excluded" {
                kept.insert(person, Kept::Apart);
            }
        }
        Ok(kept)
    }

    /// Who sends entries about an order; none where people play that role.
    fn keeper(&self, row: &Value) -> Option<Keeper> {
        if row["watch"] == "site" {
            return self.plays(Role::Site).then_some(Keeper::Site);
        }
        let township = self.township_of(row)?;
        self.plays(Role::Grid).then_some(Keeper::Grid(township))
    }

    /// Whoever is under watch and was not seen yet is looked after.
    pub(super) fn look_after(&self, day: u32, nth: u32) -> Result<(), Stop> {
        let now = self.pace.now();
        let mut batches = Batches::new();
        for (person, row) in self.with_truth(self.orders("check")?)? {
            let Some(by) = self.keeper(&row) else {
                continue;
            };
            let missed = self.scenario.checks_missed;
            if self.world.happens("missed", person, day * 4 + nth, missed) {
                continue;
            }
            let ill = self
                .world
                .infection(person)
                .is_some_and(|one| one.is_ill(day as i32));
            let (temperature, symptoms) = felt(ill);
            let check = Happening::Check {
                order: id(&row, "order", ORDERS)?,
                temperature: Some(temperature),
                symptoms,
                by: CheckedBy::Staff,
            };
            batches.entry(by).or_default().push(self.entry(now, check));
        }
        self.by_whom(batches)
    }

    /// Samples that are due are taken.
    pub(super) fn take_samples(&mut self, day: u32) -> Result<(), Stop> {
        let now = self.pace.now();
        let mut batches = Batches::new();
        let mut taken = Vec::new();
        for (person, row) in self.with_truth(self.orders("sample")?)? {
            let Some(by) = self.keeper(&row) else {
                continue;
            };
            let order = id(&row, "order", ORDERS)?;
            let entry = self.entry(now, Happening::Sample { order });
            taken.push((entry.id, person, day));
            batches.entry(by).or_default().push(entry);
        }
        self.by_whom(batches)?;
        self.samples.extend(taken);
        Ok(())
    }

    /// The laboratory answers samples that were taken before today.
    pub(super) fn answer_samples(&mut self, day: u32) -> Result<(), Stop> {
        if !self.plays(Role::Laboratory) {
            return Ok(());
        }
        if !self.plays(Role::Grid) || !self.plays(Role::Site) {
            self.samples_of_others(day)?;
        }
        let (ready, later): (Vec<_>, Vec<_>) = std::mem::take(&mut self.samples)
            .into_iter()
            .partition(|(_, _, taken)| *taken < day);
        self.samples = later;
        let now = self.pace.now();
        let answers = ready
            .into_iter()
            .map(|(sample, person, taken)| {
                let answer = Happening::SampleAnswer {
                    sample: SampleId::from_bytes(sample.to_bytes()),
                    result: if self.world.test(person, taken) {
                        SampleResult::Positive
                    } else {
                        SampleResult::Negative
                    },
                };
                self.entry(now, answer)
            })
            .collect();
        self.field(&self.cast.laboratory, None, answers)?;
        Ok(())
    }

    /// Samples that people took who play a role.
    fn samples_of_others(&mut self, day: u32) -> Result<(), Stop> {
        let orders = self.with_truth(self.orders("")?)?;
        let found = self.each(&orders, |(person, row)| {
            let order = row["order"].as_str().unwrap_or_default();
            let path = format!("{ORDERS}/{order}");
            let whole = self
                .api
                .get(&self.cast.county, "/api/quarantine/orders/{order}", &path)?;
            let mut samples = Vec::new();
            for sample in whole.json["samples"].as_array().into_iter().flatten() {
                if sample["result"].is_null() {
                    let sample: FactId = id(sample, "sample", ORDERS)?;
                    samples.push((sample, *person));
                }
            }
            Ok(samples)
        })?;
        for (sample, person) in found.into_iter().flatten() {
            if !self.samples.iter().any(|(known, _, _)| *known == sample) {
                self.samples.push((sample, person, day.saturating_sub(1)));
            }
        }
        Ok(())
    }

    /// Whoever's days are over is released.
    pub(super) fn release(&self) -> Result<(), Stop> {
        let now = self.pace.now();
        let mut batches = Batches::new();
        for row in self.orders("release")? {
            let Some(by) = self.keeper(&row) else {
                continue;
            };
            let order = id(&row, "order", ORDERS)?;
            let entry = self.entry(now, Happening::Release { order });
            batches.entry(by).or_default().push(entry);
        }
        self.by_whom(batches)
    }

    /// The first village of each township is put on the round: its households, with who lives there.
    pub(super) fn roster(&self) -> Result<Vec<(usize, HouseholdId, u16)>, Stop> {
        if !self.plays(Role::Grid) {
            return Ok(Vec::new());
        }
        let town = self.world.town();
        let now = self.pace.now();
        let mut homes = Vec::new();
        let mut batches: Vec<(usize, Vec<FieldEntry>)> = Vec::new();
        for township in 0..town.townships().len() {
            let first = town
                .villages()
                .iter()
                .position(|(_, place)| usize::from(*place) == township);
            let Some(village) = first else { continue };
            let mut entries = Vec::new();
            for (walk, household) in town
                .households()
                .iter()
                .filter(|home| {
                    usize::from(town.residents()[home.start as usize].village) == village
                })
                .enumerate()
            {
                let people = (household.end - household.start) as u16;
                let door = format!(
                    "{} {}",
                    town.residents()[household.start as usize].person.address,
                    walk + 1
                );
                let entry = self.entry(
                    now,
                    Happening::Household {
                        household: None,
                        area: town.villages()[village].0,
                        door,
                        dwelling: Dwelling::Home,
                        walk: (walk as u32 + 1) * 10,
                        people,
                        place: None,
                    },
                );
                let id = HouseholdId::from_bytes(entry.id.to_bytes());
                entries.push(entry);
                for person in household.clone() {
                    entries.push(self.entry(
                        now,
                        Happening::Resident {
                            household: id,
                            person: None,
                            given: Some(self.given(person)),
                            living: true,
                        },
                    ));
                }
                homes.push((township, id, people));
            }
            batches.push((township, entries));
        }
        self.each(&batches, |(township, entries)| {
            let grid = &self.cast.townships[*township].grid;
            self.field(grid, Some(*township), entries.clone())
        })?;
        Ok(homes)
    }

    /// The round of a day: each door every third day.
    pub(super) fn round(&self, day: u32, homes: &[(usize, HouseholdId, u16)]) -> Result<(), Stop> {
        let now = self.pace.now();
        let mut batches = Batches::new();
        for (nth, (township, household, people)) in homes.iter().enumerate() {
            if !(nth as u32 + day).is_multiple_of(DOORS) {
                continue;
            }
            let visit = Happening::Visit {
                household: *household,
                people: *people,
            };
            let at = now - SignedDuration::from_mins(nth as i64 % 60);
            batches
                .entry(Keeper::Grid(*township))
                .or_default()
                .push(self.entry(at, visit));
        }
        self.by_whom(batches)
    }
}
