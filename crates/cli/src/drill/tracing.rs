//! Tracers: they ask who was met, look at who was at the same market, tell contacts, and put them under watch.

use std::collections::BTreeMap;

use lianfang_city::drill::{Met, Where};
use lianfang_core::ids::{ContactId, FactId};
use lianfang_service::field::{Circumstances, FieldEntry, Happening};
use serde_json::{Value, json};

use super::api::{Stop, Who};
use super::locked;
use super::play::{Play, Role, id};

/// Days before first symptoms about which a case is asked.
const ASKED_BEFORE: i32 = 4;
/// Contacts of one request.
const TOGETHER: usize = 400;
/// Proposals of one case that are taken up.
const PROPOSED: usize = 200;
/// Ages at which somebody cannot be alone.
const CARED_TO: u8 = 13;
const CARED_FROM: u8 = 80;

const CASES: &str = "/api/cases";

impl Play<'_> {
    /// Confirmed cases that nobody traced yet are traced.
    pub(super) fn trace(&mut self, day: u32) -> Result<(), Stop> {
        let mut rows = Vec::new();
        for class in ["confirmed", "asymptomatic", "clinical"] {
            rows.extend(self.cases(&format!("&classification={class}"))?);
        }
        rows.retain(|row| {
            let case = row["case"].as_str().unwrap_or_default();
            !self.traced.contains(case)
        });
        let found = self.with_truth(rows)?;
        let (now, later): (Vec<_>, Vec<_>) = found
            .into_iter()
            .partition(|(person, _)| !self.is_silent(self.world.township_of(*person), day));
        tracing::debug!(traced = now.len(), silent = later.len(), "cases to trace");
        for (_, row) in &now {
            if let Some(case) = row["case"].as_str() {
                self.traced.insert(case.to_owned());
            }
        }
        if !self.plays(Role::Tracer) {
            for (person, _) in &now {
                let (first, last) = self.asked_about(*person, day);
                for met in self.world.named_by(*person, first, last) {
                    let says = format!("was met by a case, {}", self.date(met.last));
                    self.call(Role::Tracer, day, ("is named", met.person), &says);
                }
            }
            return Ok(());
        }
        let named = self.each(&now, |(person, row)| self.trace_one(*person, row, day))?;
        self.watch_contacts(named.into_iter().flatten().collect())
    }

    /// The days about which a case is asked.
    fn asked_about(&self, person: u32, day: u32) -> (i32, i32) {
        let onset = self.world.infection(person).and_then(|one| one.onset);
        let anchor = onset.unwrap_or(day as i32 - 1).min(day as i32);
        (anchor - ASKED_BEFORE, day as i32)
    }

    /// The contacts of a case, with the area where each is followed.
    fn trace_one(&self, person: u32, row: &Value, day: u32) -> Result<Vec<(ContactId, u32)>, Stop> {
        let case: FactId = id(row, "case", CASES)?;
        let officer = &self.cast.townships[self.world.township_of(person)].officer;
        let (first, last) = self.asked_about(person, day);
        let mut found = Vec::new();
        let named: Vec<(u32, Value, FactId)> = self
            .world
            .named_by(person, first, last)
            .into_iter()
            .map(|met| {
                let (contact, id) = self.contact(&met);
                (met.person, contact, id)
            })
            .collect();
        found.extend(self.name(officer, case, &named)?);
        if self.stays(officer, case, person, first)? {
            let proposed = self.proposed(officer, case)?;
            found.extend(self.name(officer, case, &proposed)?);
        }
        for (contact, met) in &found {
            self.step(*contact, *met, "located")?;
            self.step(*contact, *met, "notified")?;
        }
        self.investigated(officer, case)?;
        Ok(found)
    }

    /// A contact as the interview names it.
    fn contact(&self, met: &Met) -> (Value, FactId) {
        let id = self.ids.next(self.pace.now());
        let (channel, setting, minutes) = match met.place {
            Where::Household => ("household", "household", 600),
            Where::Team => ("work", "work", 240),
            _ => ("interview", "community", 60),
        };
        let contact = json!({
            "id": id,
            "given": self.given(met.person),
            "area": self.world.village_of(met.person),
            "channel": channel,
            "met": self.date(met.last),
            "met_first": self.date(met.first),
            "setting": setting,
            "minutes": minutes,
            "metres": 1,
            "same_room": true,
        });
        (contact, id)
    }

    /// Names contacts; those whom the policy counts, with who they are.
    fn name(
        &self,
        officer: &Who,
        case: FactId,
        named: &[(u32, Value, FactId)],
    ) -> Result<Vec<(ContactId, u32)>, Stop> {
        const ROUTE: &str = "/api/cases/{case}/contacts";
        let mut found = Vec::new();
        for some in named.chunks(TOGETHER) {
            let body: Vec<&Value> = some.iter().map(|(_, contact, _)| contact).collect();
            {
                let mut book = locked(&self.book);
                for (_, _, id) in some {
                    book.sent(*id);
                }
            }
            let path = format!("{CASES}/{case}/contacts");
            let answer = self
                .api
                .post(officer, ROUTE, &path, &json!(body))?
                .needed()?;
            let mut book = locked(&self.book);
            let answers = answer.as_array().cloned().unwrap_or_default();
            for ((person, _, id), answer) in some.iter().zip(&answers) {
                match answer["result"].as_str() {
                    Some("taken") => book.accepted(*id, false),
                    Some("repeated") => book.accepted(*id, true),
                    _ => {
                        let code = answer["refusal"]["code"].as_str().unwrap_or("unknown");
                        tracing::debug!(answer = %answer, "a contact was refused");
                        book.refused(*id, "contact", code);
                        continue;
                    }
                }
                let counts = answer["class"] == "close" || answer["class"] == "secondary";
                let contact = answer["contact"].as_str().and_then(|id| id.parse().ok());
                if let Some(contact) = contact.filter(|_| counts) {
                    found.push((contact, *person));
                }
            }
        }
        Ok(found)
    }

    /// Writes down where a case was; whether that was at a market whose staff wrote down who came.
    fn stays(&self, officer: &Who, case: FactId, person: u32, first: i32) -> Result<bool, Stop> {
        const ROUTE: &str = "/api/cases/{case}/stays";
        let mut any = false;
        for (day, township, minute) in self.visits.get(&person).into_iter().flatten() {
            if (*day as i32) < first {
                continue;
            }
            let (place, _) = self.places.markets[usize::from(*township)];
            let id = self.ids.next(self.pace.now());
            let from = self.at(*day, *minute);
            let stay = json!({
                "id": id,
                "day": self.date(*day as i32),
                "from": from,
                "until": from + jiff::SignedDuration::from_mins(40),
                "area": self.world.town().townships()[usize::from(*township)],
                "place": place.to_string(),
                "setting": "community",
            });
            let path = format!("{CASES}/{case}/stays");
            any |= self.told(officer, ROUTE, &path, id, &stay)?.is_some();
        }
        Ok(any)
    }

    /// Contacts whom the log of visits proposes.
    fn proposed(&self, officer: &Who, case: FactId) -> Result<Vec<(u32, Value, FactId)>, Stop> {
        const ROUTE: &str = "/api/cases/{case}/proposed-contacts";
        let path = format!("{CASES}/{case}/proposed-contacts");
        let answer = self.api.get(officer, ROUTE, &path)?;
        let mut rows = match answer.json["rows"].clone() {
            Value::Array(rows) if answer.is_done() => rows,
            _ => Vec::new(),
        };
        rows.retain(|row| row["channel"] == "visits" && row["class"] != "none");
        rows.truncate(PROPOSED);
        let mut proposed = Vec::new();
        for (person, row) in self.with_truth(rows)? {
            let id = self.ids.next(self.pace.now());
            let contact = json!({
                "id": id,
                "person": row["person"],
                "area": self.world.village_of(person),
                "channel": "visits",
                "met": row["met"],
                "setting": row["setting"],
                "minutes": 40,
                "same_room": row["same_room"],
            });
            proposed.push((person, contact, id));
        }
        Ok(proposed)
    }

    /// A step in the work with a contact, by those who work where the contact is.
    fn step(&self, contact: ContactId, person: u32, step: &str) -> Result<(), Stop> {
        const ROUTE: &str = "/api/contacts/{contact}/steps";
        let officer = &self.cast.townships[self.world.township_of(person)].officer;
        let id = self.ids.next(self.pace.now());
        let path = format!("/api/contacts/{contact}/steps");
        let body = json!({ "id": id, "step": step });
        self.told(officer, ROUTE, &path, id, &body).map(|_| ())
    }

    fn investigated(&self, officer: &Who, case: FactId) -> Result<(), Stop> {
        const ROUTE: &str = "/api/cases/{case}/investigation";
        let id = self.ids.next(self.pace.now());
        let path = format!("{CASES}/{case}/investigation");
        let body = json!({ "id": id, "complete": true });
        self.told(officer, ROUTE, &path, id, &body).map(|_| ())
    }

    /// Contacts are put under watch, as the policy says.
    fn watch_contacts(&self, contacts: Vec<(ContactId, u32)>) -> Result<(), Stop> {
        let now = self.pace.now();
        let mut seen = BTreeMap::new();
        for (contact, person) in contacts {
            seen.entry(person).or_insert(contact);
        }
        let entries: Vec<FieldEntry> = seen
            .into_iter()
            .map(|(person, contact)| {
                let age = self.world.age(person);
                let order = Happening::OrderContact {
                    contact,
                    circumstances: Circumstances {
                        needs_care: age <= CARED_TO || age >= CARED_FROM,
                        home_suitable: true,
                        ..Circumstances::default()
                    },
                    site: Some(self.places.site),
                    room: None,
                    bed: None,
                };
                self.entry(now, order)
            })
            .collect();
        self.field(&self.cast.county, None, entries)?;
        Ok(())
    }
}
