//! An outbreak of which is known who infected whom, told to the house day by day as people would tell it; and how much of the
//! truth it then knows: contacts, infectors, the tree.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::Context;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use lianfang_city::areas::{Description, city};
use lianfang_city::outbreak::{CaseTruth, Outbreak, Setting as Where, outbreak};
use lianfang_core::areas::AreaCode;
use lianfang_core::cases::CaseDetails;
use lianfang_core::contacts::{Channel, ContactDetails, Setting};
use lianfang_core::ids::{CaseId, FactId};
use lianfang_core::places::PlaceKind;
use lianfang_service::cases::NewCase;
use lianfang_service::chains::ChainsQuery;
use lianfang_service::contacts::{ContactQuery, NewContact};
use lianfang_service::field::PersonGiven;
use lianfang_service::infectors::AdoptInfector;
use lianfang_service::places::PlaceGiven;
use lianfang_service::visits::CheckIn;
use lianfang_service::{Actor, House};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::field::{VILLAGE, town};
use crate::table::Table;

const CASES: u32 = 600;
const DAYS: i64 = 45;
/// Places that people visit; the lower the number, the more go there.
const PLACES: u32 = 400;
/// Visits of a person on a day, of people who never fall ill beside each who does.
const VISITS: u32 = 2;
const OTHERS: u32 = 3;
/// How often somebody checks in.
const CHECKS_IN: f64 = 0.7;
/// The probability from which on a suggestion is adopted.
const ADOPTED: f64 = 0.5;

struct Told {
    house: House,
    clock: Arc<AtomicI64>,
    actor: Actor,
    village: AreaCode,
    chance: ChaCha8Rng,
    sent: u128,
    cases: BTreeMap<u32, CaseId>,
    /// True pairs of infector and infectee that are on record as case and contact.
    on_record: BTreeSet<(u32, u32)>,
}

pub(crate) fn known(table: &mut Table) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let data = town(folder.path())?;
    let clock = Arc::new(AtomicI64::new(Timestamp::now().as_millisecond()));
    let read = Arc::clone(&clock);
    let house = House::open(
        &data,
        Arc::new(move || {
            Timestamp::from_millisecond(read.load(Ordering::SeqCst)).unwrap_or(Timestamp::MIN)
        }),
    )?;
    // It begins today, so that the pack in force judges all of it.
    let first = house.today();
    let last = first.checked_add(DAYS.days())?;
    let truth = outbreak(&city(&Description::default())?, 1, first, last, CASES)?;
    let mut told = Told {
        house,
        clock,
        actor: Actor::house("bench"),
        village: VILLAGE.parse()?,
        chance: ChaCha8Rng::seed_from_u64(21),
        sent: 0,
        cases: BTreeMap::new(),
        on_record: BTreeSet::new(),
    };
    told.places()?;
    let mut day = first;
    while day <= last {
        told.day(&truth, day)?;
        day = day.tomorrow()?;
    }
    told.compare(table, &truth)
}

impl Told {
    fn id(&mut self) -> FactId {
        self.sent += 1;
        let now = self.house.now().as_millisecond().unsigned_abs();
        FactId::from_parts(now, self.sent)
    }

    fn places(&self) -> anyhow::Result<()> {
        for nth in 0..PLACES {
            self.house.define_place(
                &self.actor,
                &PlaceGiven {
                    code: format!("P{nth:05}"),
                    name: format!("场所{nth}"),
                    name_en: None,
                    area: self.village,
                    kind: [PlaceKind::Market, PlaceKind::Shop, PlaceKind::Restaurant]
                        [nth as usize % 3],
                },
            )?;
        }
        Ok(())
    }

    /// Somebody is at a place for an hour, if they check in.
    fn visit(&mut self, into: &mut Vec<CheckIn>, who: &str, (place, from): (u32, Timestamp)) {
        if self.chance.random_bool(CHECKS_IN) {
            into.push(CheckIn {
                place: format!("P{place:05}"),
                person: who.to_owned(),
                from,
                until: Some(from + 1.hours()),
            });
        }
    }

    /// Some place at some hour: the first places have most visits.
    fn somewhere(&mut self, day: Date) -> (u32, Timestamp) {
        let place = self
            .chance
            .random_range(0..PLACES)
            .min(self.chance.random_range(0..PLACES));
        let midnight = self.house.store().utc_offset().start_of(day);
        let minutes = self.chance.random_range(8 * 60..20 * 60_i64);
        (place, midnight + minutes.minutes())
    }

    /// A day: visits, then what is reported and named in the evening.
    fn day(&mut self, truth: &Outbreak, day: Date) -> anyhow::Result<()> {
        let evening = self.house.store().utc_offset().start_of(day) + 22.hours();
        let evening = evening.max(self.house.now());
        self.clock.store(evening.as_millisecond(), Ordering::SeqCst);
        self.visits(truth, day)?;
        for case in truth.cases.iter().filter(|case| case.reported == day) {
            self.report(truth, case)?;
        }
        Ok(())
    }

    fn visits(&mut self, truth: &Outbreak, day: Date) -> anyhow::Result<()> {
        let mut visits = Vec::new();
        for case in &truth.cases {
            let who = case.person.resident_id.to_string();
            for _ in 0..VISITS {
                if case.hospitalised > day {
                    let there = self.somewhere(day);
                    self.visit(&mut visits, &who, there);
                }
                for other in 0..OTHERS {
                    let there = self.somewhere(day);
                    self.visit(
                        &mut visits,
                        &format!("passer-by {} {other}", case.number),
                        there,
                    );
                }
            }
        }
        let by_number: BTreeMap<u32, &CaseTruth> =
            truth.cases.iter().map(|case| (case.number, case)).collect();
        for link in truth
            .links
            .iter()
            .filter(|link| link.setting != Where::Household)
        {
            let pair = (by_number.get(&link.infector), by_number.get(&link.infectee));
            if let (Some(infector), Some(infectee)) = pair
                && infectee.infected == day
            {
                let there = self.somewhere(day);
                self.visit(&mut visits, &infector.person.resident_id.to_string(), there);
                self.visit(&mut visits, &infectee.person.resident_id.to_string(), there);
            }
        }
        let now = self.house.now();
        visits.retain(|visit| visit.from <= now);
        for some in visits.chunks(5_000) {
            self.house.check_in(&self.actor, some)?;
        }
        Ok(())
    }

    /// A case is reported and asked; whom it names, and whom the log of visits proposes, become contacts.
    fn report(&mut self, truth: &Outbreak, case: &CaseTruth) -> anyhow::Result<()> {
        let new = NewCase {
            id: Some(self.id()),
            area: self.village,
            person: None,
            given: Some(given(case)),
            details: CaseDetails {
                onset: case.onset,
                ..CaseDetails::new(case.classification)
            },
        };
        let reported = self.house.report_case(&self.actor, &new)?.case;
        self.cases.insert(case.number, reported);
        let mut named = Vec::new();
        let mut whom = Vec::new();
        for link in &truth.links {
            let other = if link.infector == case.number {
                link.infectee
            } else if link.infectee == case.number {
                link.infector
            } else {
                continue;
            };
            let pair = |number: u32| truth.cases.iter().find(|case| case.number == number);
            let (Some(other), Some(infectee)) = (pair(other), pair(link.infectee)) else {
                continue;
            };
            if link.found && infectee.infected <= self.house.today() {
                let setting = match link.setting {
                    Where::Household => Setting::Household,
                    Where::Workplace => Setting::Work,
                    Where::Market | Where::Community => Setting::Community,
                };
                let id = self.id();
                named.push(NewContact {
                    given: Some(given(other)),
                    ..contact(id, self.village, infectee.infected, setting)
                });
                whom.push((link.infector, link.infectee));
            }
        }
        let answers = if named.is_empty() {
            Vec::new()
        } else {
            self.house.name_contacts(&self.actor, reported, &named)?
        };
        for (answer, pair) in answers.iter().zip(whom) {
            if answer.contact.is_some() {
                self.on_record.insert(pair);
            }
        }
        let proposed = self.house.proposed_contacts(&self.actor, reported)?;
        let mut named = Vec::new();
        for one in proposed.rows {
            let id = self.id();
            named.push(NewContact {
                person: Some(one.person),
                area: one.area.code,
                channel: one.channel,
                same_room: one.same_room,
                rows_apart: one.rows_apart,
                ..contact(id, self.village, one.met, one.setting)
            });
        }
        for some in named.chunks(200) {
            self.house.name_contacts(&self.actor, reported, some)?;
        }
        Ok(())
    }

    /// What is on record, beside the truth.
    fn compare(&mut self, table: &mut Table, truth: &Outbreak) -> anyhow::Result<()> {
        let numbers: BTreeMap<CaseId, u32> = self
            .cases
            .iter()
            .map(|(number, case)| (*case, *number))
            .collect();
        let pairs: BTreeMap<u32, u32> = truth
            .links
            .iter()
            .filter(|link| {
                self.cases.contains_key(&link.infector) && self.cases.contains_key(&link.infectee)
            })
            .map(|link| (link.infectee, link.infector))
            .collect();
        let mut people = BTreeMap::new();
        for (number, case) in &self.cases {
            let person = self
                .house
                .case(&self.actor, *case)?
                .row
                .person
                .context("a person")?;
            people.insert(person, *number);
        }
        let mut on_record = BTreeSet::new();
        let mut contacts = 0_u64;
        for (number, case) in &self.cases {
            let query = ContactQuery {
                case: Some(*case),
                limit: 1_000,
                ..ContactQuery::default()
            };
            for one in self.house.contacts(&self.actor, &query)?.rows {
                contacts += 1;
                if let Some(other) = one.person.and_then(|person| people.get(&person)) {
                    on_record.insert((*number, *other));
                }
            }
        }
        let found = |pair: &(&u32, &u32)| {
            on_record.contains(&(*pair.1, *pair.0)) || on_record.contains(&(*pair.0, *pair.1))
        };
        let (recalled, by_word) = (
            pairs.iter().filter(found).count(),
            pairs
                .iter()
                .filter(|pair| self.on_record.contains(&(*pair.1, *pair.0)))
                .count(),
        );
        let (mut first, mut adopted, mut right) = (0, 0_u32, 0_u32);
        for (number, case) in &self.cases {
            let suggested = self.house.suggested_infectors(&self.actor, *case)?;
            let Some(best) = suggested.rows.first() else {
                continue;
            };
            let true_one = pairs.get(number) == numbers.get(&best.case.case);
            first += u32::from(true_one && pairs.contains_key(number));
            if best.probability > ADOPTED {
                adopted += 1;
                right += u32::from(true_one && pairs.contains_key(number));
                let adopt = AdoptInfector {
                    id: None,
                    infector: best.case.case,
                };
                self.house.adopt_infector(&self.actor, *case, &adopt)?;
            }
        }
        let tree = self.house.chains(&self.actor, &ChainsQuery::default())?;
        let links = tree
            .nodes
            .iter()
            .filter(|node| node.infector.is_some())
            .count();
        let share = |part: u32, of: usize| format!("{:.1} %", 100.0 * f64::from(part) / of as f64);
        table.line(
            "Known outbreak: true pairs on record as contacts",
            "-",
            &share(u32::try_from(recalled)?, pairs.len()),
            &format!(
                "of {} pairs among {} cases; {} named by a case, the others by places; {contacts} contacts in all",
                pairs.len(),
                self.cases.len(),
                by_word
            ),
        );
        table.line(
            "Known outbreak: the true infector is suggested first",
            "-",
            &share(first, pairs.len()),
            &format!("of {} who were infected by a case on record", pairs.len()),
        );
        table.line(
            "Known outbreak: links of the adopted tree that are true",
            "-",
            &share(right, adopted as usize),
            &format!("{adopted} suggestions above {ADOPTED} adopted; {links} links in the tree"),
        );
        Ok(())
    }
}

fn given(case: &CaseTruth) -> PersonGiven {
    PersonGiven {
        name: Some(case.person.name.clone()),
        document: Some(case.person.resident_id.to_string()),
        ..PersonGiven::default()
    }
}

fn contact(id: FactId, area: AreaCode, met: Date, setting: Setting) -> NewContact {
    NewContact {
        ask_alike: false,
        id: Some(id),
        person: None,
        given: None,
        area,
        channel: Channel::Interview,
        through: None,
        met,
        met_first: None,
        setting,
        minutes: Some(60),
        metres: None,
        same_room: setting == Setting::Household,
        minutes_after_case: 0,
        rows_apart: None,
        protected: false,
        immune: false,
        exposure: None,
        frequency: None,
        lasting: None,
        relation: None,
        estimated: false,
        certainty: None,
        details: ContactDetails::default(),
    }
}
