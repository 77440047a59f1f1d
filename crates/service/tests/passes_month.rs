//! A month of passes, at random by a seed: each assessment comes out the same from the ledger, and one tampered piece of
//! evidence is caught.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::collections::BTreeSet;

use common::{COUNTY, Testbed, VILLAGE, area, day};
use jiff::ToSpan;
use jiff::civil::Date;
use lianfang_core::access::Role;
use lianfang_core::contacts::{Channel, ContactClass, ContactDetails, Setting};
use lianfang_core::entry::Symptom;
use lianfang_core::facts::{Body, Fact};
use lianfang_core::ids::{CaseId, FactId};
use lianfang_core::passes::Colour;
use lianfang_intake::Kind;
use lianfang_service::contacts::NewContact;
use lianfang_service::field::PersonGiven;
use lianfang_service::passes::{NewHealthReport, NewPass};
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const HOLDERS: u32 = 40;
const DAYS: i64 = 30;

/// A resident identity number of somebody born on 1 January 1990, valid.
fn card(nth: u32) -> String {
    let first = format!("33068319900101{nth:03}");
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = first
        .bytes()
        .zip(weights)
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    let check = b"10X98765432"[(sum % 11) as usize];
    format!("{first}{}", char::from(check))
}

fn given(nth: u32) -> PersonGiven {
    PersonGiven {
        name: Some(format!("王小{nth}")),
        document: Some(card(nth)),
        ..PersonGiven::default()
    }
}

struct Month {
    bed: Testbed,
    chance: ChaCha8Rng,
    codes: Vec<String>,
    /// Whose case is on record since which day.
    ill: Vec<(u32, Date)>,
    sent: u128,
}

impl Month {
    fn begin(seed: u64) -> Self {
        let bed = Testbed::city();
        let mut month = Self {
            bed,
            chance: ChaCha8Rng::seed_from_u64(seed),
            codes: Vec::new(),
            ill: Vec::new(),
            sent: 0,
        };
        let grid = month.bed.user(Role::GridWorker, VILLAGE);
        for nth in 0..HOLDERS {
            let new = NewPass {
                id: month.id(),
                given: given(nth),
                area: area(VILLAGE),
                guardian: None,
            };
            let asked = month.bed.house.register_pass(&grid, &new).unwrap();
            month.codes.push(asked.code);
        }
        month
    }

    fn id(&mut self) -> FactId {
        self.sent += 1;
        let now = self.bed.house.now().as_millisecond().unsigned_abs();
        FactId::from_parts(now, self.sent)
    }

    fn row(&self, nth: u32, reported: Date, classification: &str, end: Option<Date>) {
        let end = end.map_or(",".into(), |end| format!("recovered,{end}"));
        self.bed.take(
            Kind::Linelist,
            &format!(
                "external_id,name,age,resident_id,area,onset,reported,classification,outcome,outcome_date\n\
                 C{nth},王小{nth},30,{},{VILLAGE},{},{reported},{classification},{end}\n",
                card(nth),
                reported.checked_sub(2.days()).unwrap(),
            ),
        );
    }

    fn case_of(&self, nth: u32) -> CaseId {
        let cases = self
            .bed
            .cases(&self.bed.operator(), Some(&format!("C{nth}")));
        cases
            .iter()
            .find(|case| case.external_id.as_deref() == Some(&format!("C{nth}")))
            .unwrap()
            .case
    }

    /// Somebody falls ill, or a case goes on: excluded, confirmed, recovered.
    fn cases(&mut self, today: Date) {
        if self.chance.random_bool(0.3) {
            let nth = self.chance.random_range(0..HOLDERS);
            if self.ill.iter().all(|(other, _)| *other != nth) {
                self.row(nth, today, "suspected", None);
                self.ill.push((nth, today));
            }
        }
        for (nth, since) in self.ill.clone() {
            if !self.chance.random_bool(0.15) {
                continue;
            }
            match self.chance.random_range(0..4) {
                0 => self.row(nth, since, "excluded", None),
                1 => self.row(nth, since, "confirmed", Some(today)),
                _ => self.row(nth, since, "confirmed", None),
            }
        }
    }

    /// A case names somebody.
    fn contact(&mut self, today: Date) {
        let Some((case, since)) = self.ill.choose(&mut self.chance).copied() else {
            return;
        };
        let nth = self.chance.random_range(0..HOLDERS);
        if nth == case || !self.chance.random_bool(0.5) {
            return;
        }
        let id = self.id();
        let new = NewContact {
            ask_alike: false,
            id: Some(id),
            person: None,
            given: Some(given(nth)),
            area: area(VILLAGE),
            channel: Channel::Interview,
            through: None,
            met: since.min(today),
            met_first: None,
            setting: [Setting::Household, Setting::Work][self.chance.random_range(0..2)],
            minutes: Some(60),
            metres: None,
            same_room: self.chance.random_bool(0.5),
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
        };
        let house = &self.bed.house;
        house
            .name_contacts(&self.bed.operator(), self.case_of(case), &[new])
            .unwrap();
    }

    /// Somebody comes home from Wuhan.
    fn arrival(&mut self, today: Date) {
        if !self.chance.random_bool(0.3) {
            return;
        }
        let nth = self.chance.random_range(0..HOLDERS);
        let rows = format!(
            "旅客姓名,证件类型,证件号码,车次,车厢,座位号,发站,到达时间\n王小{nth},二代身份证,{},G1234,05,12F,汉口,{}0605\n",
            card(nth),
            today.strftime("%Y%m%d"),
        );
        let imported = self.bed.import(
            Kind::Arrivals,
            Some("railway"),
            Some(COUNTY),
            rows.as_bytes(),
        );
        assert_eq!(imported.unwrap().import.report.rows_refused, 0);
    }

    fn reports(&mut self) {
        for nth in 0..self.codes.len() {
            if self.chance.random_bool(0.25) {
                continue;
            }
            let ill = self.chance.random_bool(0.03);
            let report = NewHealthReport {
                id: self.id(),
                temperature: Some(if ill { 38.1 } else { 36.4 }),
                symptoms: if ill {
                    vec![Symptom::Cough]
                } else {
                    Vec::new()
                },
            };
            self.bed
                .house
                .report_health(&self.codes[nth], &report)
                .unwrap();
        }
    }

    fn go_by(&mut self) -> BTreeSet<Colour> {
        let mut seen = BTreeSet::new();
        for n in 0..DAYS {
            let today = day("2020-02-10").checked_add(n.days()).unwrap();
            self.bed.at(&format!("{today}T08:30:00+08:00"));
            self.cases(today);
            self.contact(today);
            self.arrival(today);
            self.reports();
            let report = self.bed.house.reassess_all().unwrap();
            for (colour, count) in [Colour::Green, Colour::Yellow, Colour::Red]
                .iter()
                .zip(report.colours)
            {
                if count > 0 {
                    seen.insert(*colour);
                }
            }
        }
        seen
    }

    /// Alters the days in a fact, in the file itself; and puts them back once somebody has looked.
    fn tampered(&self, seq: u64, then: impl FnOnce()) {
        let path = self.bed.folder.path().join("lianfang.sqlite");
        let file = rusqlite::Connection::open(path).unwrap();
        let body: Vec<u8> = file
            .query_row(
                "SELECT body FROM facts WHERE seq = ?1",
                [seq as i64],
                |row| row.get(0),
            )
            .unwrap();
        let text = String::from_utf8(body.clone()).unwrap();
        let altered = text.replace("2020-0", "2019-0");
        assert_ne!(altered, text);
        let put = |body: &[u8]| {
            let one = file.execute(
                "UPDATE facts SET body = ?2 WHERE seq = ?1",
                rusqlite::params![seq as i64, body],
            );
            assert_eq!(one.unwrap(), 1);
        };
        put(altered.as_bytes());
        then();
        put(&body);
    }
}

#[test]
fn a_seeded_month_comes_out_the_same_and_one_tampered_fact_is_caught() {
    let mut month = Month::begin(1);
    let seen = month.go_by();
    assert_eq!(seen.len(), 3, "{seen:?}");
    let house = &month.bed.house;
    let replay = house.replay_passes().unwrap();
    assert_eq!(replay.same, replay.assessments, "{:?}", replay.differences);
    assert!(replay.assessments > 100, "{}", replay.assessments);
    month.bed.holds();

    // One evidence fact of each kind that is the newest of its kind when its person is next assessed.
    let facts = house.store().facts_after(0, 100_000).unwrap();
    let about = |fact: &Fact| match fact.read_body().unwrap() {
        Body::HealthReported(report) => Some(report.person),
        Body::ContactNamed(named) if named.class != ContactClass::None => Some(named.person),
        Body::CaseReported(case) => case.record.details.person,
        _ => None,
    };
    let counts = |fact: &Fact, person| {
        for later in facts.iter().filter(|later| later.seq > fact.seq) {
            match later.read_body().unwrap() {
                Body::PassAssessed(body) if body.person == person => return true,
                _ if later.kind == fact.kind && about(later) == Some(person) => return false,
                _ => {}
            }
        }
        false
    };
    let mut kinds = BTreeSet::new();
    for fact in &facts {
        let Some(person) = about(fact) else { continue };
        if kinds.contains(&fact.kind) || !counts(fact, person) {
            continue;
        }
        kinds.insert(fact.kind.clone());
        month.tampered(fact.seq, || {
            let audit = house.store().audit().unwrap();
            assert!(!audit.problems.is_empty(), "{}: the chain holds", fact.kind);
            let replay = house.replay_passes().unwrap();
            assert!(
                replay.same < replay.assessments,
                "{}: all is the same",
                fact.kind
            );
        });
    }
    assert_eq!(
        kinds.into_iter().collect::<Vec<_>>(),
        ["case.reported/1", "contact.named/1", "health.reported/1"]
    );
    let replay = house.replay_passes().unwrap();
    assert_eq!(replay.same, replay.assessments);
}
