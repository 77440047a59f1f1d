//! Gates and what follows: people are checked, sent on, received, and put under watch.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use lianfang_core::entry::Receiver;
use lianfang_core::ids::{EntrantId, MatterId};
use lianfang_core::passes::PassShown;
use lianfang_service::field::{FieldEntry, Happening};
use serde_json::Value;

use super::api::{Stop, Who};
use super::citizens::felt;
use super::play::{Play, Role, id};
use super::watch::{Batches, Keeper};

/// Seconds that a check at a gate takes.
const SECONDS: u16 = 15;
/// People of one hand-over at most.
const TOGETHER: usize = 60;
/// Until when those who are sent on should be there.
const ON_THE_WAY: SignedDuration = SignedDuration::from_mins(90);

impl Play<'_> {
    /// Those who arrived between two minutes of the day are checked at the gate of the township where they are going.
    pub(super) fn check_arrivals(
        &mut self,
        day: u32,
        arrive: &[u32],
        minutes: std::ops::Range<u32>,
    ) -> Result<(), Stop> {
        let residents = self.world.town().residents().len();
        let mut at_gate: BTreeMap<usize, Vec<FieldEntry>> = BTreeMap::new();
        let mut come = Vec::new();
        for person in arrive {
            let traveller = &self.world.travellers()[*person as usize - residents];
            if !minutes.contains(&traveller.minute) {
                continue;
            }
            come.push(*person);
            let ill = self
                .world
                .infection(*person)
                .is_some_and(|one| one.is_ill(day as i32));
            let (temperature, symptoms) = felt(ill);
            let township = self.world.township_of(*person);
            let check = Happening::CheckIn {
                checkpoint: self.places.gates[township],
                lane: Some(1),
                entrant: None,
                person: Some(self.given(*person)),
                coming: Some(self.coming(*person)),
                circumstances: None,
                temperature: Some(temperature),
                symptoms,
                pass: PassShown::None,
                neighbour_pass: false,
                shown: None,
                seconds: Some(SECONDS),
            };
            let at = self.at(day, traveller.minute);
            at_gate
                .entry(township)
                .or_default()
                .push(self.entry(at, check));
        }
        if !self.plays(Role::Gate) {
            for person in come {
                let coming = self.coming(person);
                let from = coming.journey.from.unwrap_or_default();
                self.call(
                    Role::Gate,
                    day,
                    ("arrives", person),
                    &format!("from {from}"),
                );
            }
            return Ok(());
        }
        let batches: Vec<(usize, Vec<FieldEntry>)> = at_gate.into_iter().collect();
        self.each(&batches, |(township, entries)| {
            let gate = &self.cast.townships[*township].gate;
            self.field(gate, Some(*township), entries.clone())
        })?;
        Ok(())
    }

    fn entrants(&self, stage: &str) -> Result<Vec<Value>, Stop> {
        self.api.pages(
            &self.cast.county,
            "/api/entrants",
            &format!("stage={stage}&limit=200"),
            ("rows", "next", "cursor"),
        )
    }

    /// Those whom a gate holds are sent where they belong.
    pub(super) fn send_on(&self) -> Result<(), Stop> {
        if !self.plays(Role::Gate) {
            return Ok(());
        }
        let mut groups: BTreeMap<(usize, Receiver, String), Vec<EntrantId>> = BTreeMap::new();
        for row in self.entrants("to_send")? {
            let Some(township) = self.township_of(&row) else {
                continue;
            };
            let receiver = match row["triage"].as_str() {
                Some("site_quarantine") => Receiver::Site,
                Some("fever_clinic") => Receiver::Clinic,
                _ => Receiver::Community,
            };
            let area = row["area"]["code"].as_str().unwrap_or_default().to_owned();
            let entrant = id(&row, "entrant", "/api/entrants")?;
            groups
                .entry((township, receiver, area))
                .or_default()
                .push(entrant);
        }
        let now = self.pace.now();
        let mut batches: BTreeMap<usize, Vec<FieldEntry>> = BTreeMap::new();
        for ((township, receiver, area), entrants) in groups {
            let area = match receiver {
                Receiver::Community => area.parse().ok(),
                _ => Some(self.county_area()),
            };
            let Some(area) = area else { continue };
            for some in entrants.chunks(TOGETHER) {
                let send = Happening::Send {
                    entrants: some.to_vec(),
                    receiver,
                    area,
                    site: (receiver == Receiver::Site).then_some(self.places.site),
                    checkpoint: None,
                    vehicle: None,
                    escort: Some(format!("转运{}组", township + 1)),
                    expected: now + ON_THE_WAY,
                };
                batches
                    .entry(township)
                    .or_default()
                    .push(self.entry(now, send));
            }
        }
        let batches: Vec<(usize, Vec<FieldEntry>)> = batches.into_iter().collect();
        self.each(&batches, |(township, entries)| {
            let gate = &self.cast.townships[*township].gate;
            self.field(gate, Some(*township), entries.clone())
        })?;
        Ok(())
    }

    /// The county, which the site and the clinic belong to.
    fn county_area(&self) -> lianfang_core::areas::AreaCode {
        use lianfang_core::areas::Level;
        let areas = self.world.town().areas();
        let county = areas.iter().find(|area| area.level == Level::County);
        county.map_or(self.cast.root, |area| area.code)
    }

    /// Who acts where: the site's staff for the site and the clinic, grid workers for a community.
    fn receiver(&self, row: &Value) -> Option<(&Who, Option<usize>, Role)> {
        match row["receiver"].as_str()? {
            "community" => {
                let township = self.township_of(row)?;
                let grid = &self.cast.townships[township].grid;
                Some((grid, Some(township), Role::Grid))
            }
            "site" | "clinic" => Some((&self.cast.site, None, Role::Site)),
            _ => None,
        }
    }

    /// Those who were sent are received.
    pub(super) fn receive(&self) -> Result<(), Stop> {
        const ROUTE: &str = "/api/handovers";
        let open = self.api.pages(
            &self.cast.county,
            ROUTE,
            &format!("area={}", self.cast.root),
            ("handovers", "next", "skip"),
        )?;
        self.each(&open, |row| {
            let Some((who, township, role)) = self.receiver(row) else {
                return Ok(());
            };
            if !self.plays(role) || !row["ended_at"].is_null() {
                return Ok(());
            }
            let handover: MatterId = id(row, "handover", ROUTE)?;
            let whole = self.api.get(
                who,
                "/api/handovers/{handover}",
                &format!("{ROUTE}/{handover}"),
            )?;
            if !whole.is_done() {
                return Ok(());
            }
            let mut entrants: Vec<EntrantId> = Vec::new();
            for one in whole.json["entrants"].as_array().into_iter().flatten() {
                if one["stage"] == "on_the_way" {
                    entrants.push(id(one, "entrant", ROUTE)?);
                }
            }
            if entrants.is_empty() {
                return Ok(());
            }
            let receive = Happening::Receive {
                handover,
                entrants,
                missing: Vec::new(),
            };
            let entry = self.entry(self.pace.now(), receive);
            self.field(who, township, vec![entry]).map(|_| ())
        })?;
        Ok(())
    }

    /// Those who are here are put under watch, as the policy says.
    pub(super) fn put_under_watch(&self) -> Result<(), Stop> {
        let mut batches = Batches::new();
        let now = self.pace.now();
        for row in self.entrants("to_place")? {
            let at_site = row["triage"] == "site_quarantine";
            let (role, whose) = match self.township_of(&row) {
                Some(township) if !at_site => (Role::Grid, Keeper::Grid(township)),
                _ => (Role::Site, Keeper::Site),
            };
            if !self.plays(role) {
                continue;
            }
            let order = Happening::Order {
                entrant: id(&row, "entrant", "/api/entrants")?,
                home_suitable: None,
                contact: None,
                site: at_site.then_some(self.places.site),
                room: None,
                bed: None,
            };
            batches
                .entry(whose)
                .or_default()
                .push(self.entry(now, order));
        }
        self.by_whom(batches)
    }

    /// Sends entries, each keeper its own.
    pub(super) fn by_whom(&self, batches: Batches) -> Result<(), Stop> {
        let batches: Vec<(Keeper, Vec<FieldEntry>)> = batches.into_iter().collect();
        self.each(&batches, |(keeper, entries)| match keeper {
            Keeper::Grid(township) => {
                let grid = &self.cast.townships[*township].grid;
                self.field(grid, Some(*township), entries.clone())
            }
            Keeper::Site => self.field(&self.cast.site, None, entries.clone()),
        })?;
        Ok(())
    }

    /// The fever clinic says who of those sent to it is a case.
    pub(super) fn clinic(&self, day: u32) -> Result<(), Stop> {
        if !self.plays(Role::CaseOfficer) {
            return Ok(());
        }
        let rows = self.with_truth(self.entrants("at_clinic")?)?;
        let now = self.pace.now();
        let mut answers = Vec::new();
        for (person, row) in rows {
            let answer = Happening::ClinicAnswer {
                entrant: id(&row, "entrant", "/api/entrants")?,
                case: self.world.test(person, day),
                classification: None,
                onset: None,
            };
            answers.push(self.entry(now, answer));
        }
        self.field(&self.cast.county, None, answers)?;
        Ok(())
    }
}
