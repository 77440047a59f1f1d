//! Citizens: they ask for passes, report how they feel, go to market, and declare before they arrive.

use lianfang_core::entry::{Destination, Journey, Mode, Source, Symptom};
use lianfang_service::field::{Circumstances, Coming, FieldEntry, Happening};
use lianfang_service::passes::{NewHealthReport, NewPass};
use serde_json::{Value, json};

use super::api::{Stop, Who, text};
use super::locked;
use super::play::{Play, Role};

/// Temperatures in degrees Celsius: of the well, and of the ill.
const WELL: f64 = 36.5;
const ILL: f64 = 38.3;
/// Minutes that somebody stays at a market.
const STAY: i64 = 40;
/// Visits of one request.
const VISITS: usize = 5_000;
/// Where those who come from where it matters begin their journey, and where the others do.
const RISKY: &str = "420100";
const QUIET: [&str; 4] = ["310000", "320500", "340100", "350200"];

/// What a thermometer shows, and what hurts.
pub(super) fn felt(ill: bool) -> (f64, Vec<Symptom>) {
    if ill {
        (ILL, vec![Symptom::Fever, Symptom::Cough])
    } else {
        (WELL, Vec::new())
    }
}

impl Play<'_> {
    /// On the first morning those who want one ask for a pass, and their community confirms who they are.
    pub(super) fn ask_for_passes(&mut self) -> Result<(), Stop> {
        const ASK: &str = "/api/pass/ask";
        const CONFIRM: &str = "/api/passes/confirm";
        if !self.plays(Role::Citizens) {
            return Ok(());
        }
        let residents = self.world.town().residents();
        let holders: Vec<u32> = (0..residents.len() as u32)
            .filter(|number| residents[*number as usize].holds_pass)
            .collect();
        let now = self.pace.now();
        let codes = self.each(&holders, |holder| {
            let id = self.ids.next(now);
            let asked = NewPass {
                id,
                given: self.given(*holder),
                area: self.world.village_of(*holder),
                guardian: None,
            };
            let Some(answer) = self.told(&Who::NOBODY, ASK, ASK, id, &json!(asked))? else {
                return Ok(None);
            };
            let code = text(&answer, "code", ASK)?;
            if self.plays(Role::Grid) {
                let grid = &self.cast.townships[self.world.township_of(*holder)].grid;
                self.api
                    .post(grid, CONFIRM, CONFIRM, &json!({ "code": code }))?
                    .needed()?;
            }
            Ok(Some((*holder, code)))
        })?;
        self.codes = codes.into_iter().flatten().collect();
        Ok(())
    }

    /// Holders report how they feel.
    pub(super) fn report_health(&self, day: u32) -> Result<(), Stop> {
        const ROUTE: &str = "/api/pass/report";
        if !self.plays(Role::Citizens) {
            return Ok(());
        }
        let share = self.scenario.report_daily;
        let reporting: Vec<(&u32, &String)> = self
            .codes
            .iter()
            .filter(|(holder, _)| self.world.happens("reports", **holder, day, share))
            .collect();
        let now = self.pace.now();
        self.each(&reporting, |(holder, code)| {
            let ill = self
                .world
                .infection(**holder)
                .is_some_and(|one| one.is_ill(day as i32));
            let says = self.scenario.report_symptoms;
            let (temperature, symptoms) =
                felt(ill && self.world.happens("says so", **holder, 0, says));
            let report = NewHealthReport {
                id: self.ids.next(now),
                temperature: Some(temperature),
                symptoms,
            };
            let body = json!({ "code": code, "report": report });
            self.told(&Who::NOBODY, ROUTE, ROUTE, report.id, &body)
        })?;
        Ok(())
    }

    /// How somebody comes.
    pub(super) fn coming(&self, person: u32) -> Coming {
        let residents = self.world.town().residents().len();
        let traveller = &self.world.travellers()[person as usize - residents];
        let from = if traveller.from_risk {
            RISKY
        } else {
            QUIET[person as usize % QUIET.len()]
        };
        Coming {
            journey: Journey {
                mode: Mode::Road,
                number: None,
                seat: None,
                from: Some(from.into()),
                stops: Vec::new(),
            },
            arrival: self.at(traveller.day, traveller.minute),
            destination: Destination::Here,
            bound_for: Some(self.world.village_of(person)),
            circumstances: Circumstances {
                home_suitable: true,
                ..Circumstances::default()
            },
            party: None,
        }
    }

    /// Those who arrive today and declare it beforehand.
    pub(super) fn declare(&self, arrive: &[u32]) -> Result<(), Stop> {
        const ROUTE: &str = "/api/declare";
        if !self.plays(Role::Citizens) {
            return Ok(());
        }
        let residents = self.world.town().residents().len();
        let now = self.pace.now();
        let declare: Vec<FieldEntry> = arrive
            .iter()
            .filter(|person| self.world.travellers()[**person as usize - residents].declares)
            .map(|person| {
                let notice = Happening::Notice {
                    source: Source::Declared,
                    person: self.given(*person),
                    coming: self.coming(*person),
                    arrived: false,
                    list: None,
                    household: None,
                };
                self.entry(now, notice)
            })
            .collect();
        self.each(&declare, |entry| {
            let body = json!({ "entry": entry });
            locked(&self.book).sent(entry.id);
            let answer = self.api.post(&Who::NOBODY, ROUTE, ROUTE, &body)?;
            let mut book = locked(&self.book);
            match answer.json["answer"]["result"].as_str() {
                Some("taken") => book.accepted(entry.id, false),
                Some("repeated") => book.accepted(entry.id, true),
                _ => book.refused(entry.id, "declaration", answer.code()),
            }
            Ok(())
        })?;
        Ok(())
    }

    /// The markets' staff write down who came.
    pub(super) fn visit_markets(
        &mut self,
        day: u32,
        visits: &[(u16, u32, u32)],
    ) -> Result<(), Stop> {
        const ROUTE: &str = "/api/visits";
        if !self.plays(Role::Gate) {
            return Ok(());
        }
        for (township, hands) in self.cast.townships.iter().enumerate() {
            let here: Vec<&(u16, u32, u32)> = visits
                .iter()
                .filter(|(place, _, _)| usize::from(*place) == township)
                .collect();
            for some in here.chunks(VISITS) {
                let rows: Vec<Value> = some
                    .iter()
                    .map(|(_, person, minute)| {
                        let from = self.at(day, *minute);
                        json!({
                            "place": self.places.markets[township].1,
                            "person": self.world.person(*person).resident_id.to_string(),
                            "from": from,
                            "until": from + jiff::SignedDuration::from_mins(STAY),
                        })
                    })
                    .collect();
                self.check_ins.0 += rows.len() as u64;
                let body = json!({ "visits": rows });
                let answer = self.api.post(&hands.gate, ROUTE, ROUTE, &body)?.needed()?;
                self.check_ins.1 += answer["taken"].as_u64().unwrap_or(0);
            }
        }
        for (township, person, minute) in visits {
            let of = self.visits.entry(*person).or_default();
            of.push((day, *township, *minute));
        }
        Ok(())
    }
}
