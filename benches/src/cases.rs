//! Cases and contacts at the size of a city's epidemic: how fast lists, pages and numbers answer, and a change of many cases.

use std::time::Instant;

use anyhow::ensure;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use lianfang_core::areas::AreaCode;
use lianfang_core::cases::{CaseDetails, CaseRecord, Classification, Severity};
use lianfang_core::contacts::{
    Channel, ContactClass, ContactDetails, ContactStatus, ContactStep, FollowUp, Meeting,
};
use lianfang_core::facts::{Body, CaseFact, ContactFollowed, ContactNamed, ContactStepped, Draft};
use lianfang_core::ids::{AccountId, CaseId, ContactId, FactId, PersonId};
use lianfang_core::people::PersonalData;
use lianfang_core::time::UtcOffset;
use lianfang_core::words::Word;
use lianfang_policy::Pack;
use lianfang_service::cases::{CaseQuery, CasesChange};
use lianfang_service::contacts::ContactQuery;
use lianfang_service::{Actor, FIRST_PACK, House};
use lianfang_store::views::cases::CaseFilter;
use lianfang_store::{Batch, system_clock};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::table::{Table, quantile};

/// Cases, unless `LIANFANG_BENCH_CASES` says otherwise: a tenth of a big city's, since writing ten times as many takes half an hour.
const CASES: u64 = 30_000;
/// Contacts of each case.
const CONTACTS: u64 = 10;
/// Questions of each kind.
const ASKED: usize = 300;
/// Cases that are changed at once.
const CHANGED: usize = 300;
/// Facts of a batch.
const BATCH: usize = 20_000;

/// A county of the city, a township in it, a village in that.
fn village(chance: &mut ChaCha8Rng) -> anyhow::Result<AreaCode> {
    // The first counties have most of the people.
    let county = chance
        .random_range(0..12_u32)
        .min(chance.random_range(0..12));
    let town = chance.random_range(1..=8_u32);
    let village = chance.random_range(1..=20_u32);
    Ok(format!("3301{:02}{town:03}{village:03}", county + 1).parse()?)
}

struct Loading<'h> {
    house: &'h House,
    chance: ChaCha8Rng,
    batch: Batch,
    now: Timestamp,
    /// The milliseconds of the newest fact's id.
    sent: u64,
}

impl Loading<'_> {
    fn id(&mut self) -> u128 {
        self.chance.random()
    }

    fn person(&mut self, name: &str) -> PersonId {
        let person = PersonId::from_bytes(self.id().to_be_bytes());
        let data = PersonalData {
            name: Some(name.to_owned()),
            ..PersonalData::default()
        };
        self.batch
            .people
            .push(self.house.store().seal(person, &data));
        person
    }

    fn add(&mut self, area: AreaCode, at: Timestamp, body: Body) -> anyhow::Result<()> {
        // As a phone makes it: by the time at which it is sent, then by chance.
        self.sent += 1;
        let id = FactId::from_parts(self.sent, self.id());
        self.batch.facts.push(Draft {
            id,
            area,
            actor: AccountId::house(),
            device: "bench".into(),
            happened_at: at,
            body,
        });
        if self.batch.facts.len() >= BATCH {
            self.house.store().append(std::mem::take(&mut self.batch))?;
        }
        Ok(())
    }

    /// A case with its contacts: most long over, some still followed.
    fn case(&mut self, n: u64, of: u64) -> anyhow::Result<(CaseId, AreaCode)> {
        let area = village(&mut self.chance)?;
        let case = CaseId::from_bytes(self.id().to_be_bytes());
        let back = i64::try_from((of - n) * 90 / of)?;
        let found = self.now - SignedDuration::from_hours(24 * back + 2);
        let day = UtcOffset::CHINA.day_of(found);
        let onset = day.checked_sub(self.chance.random_range(0..6_i64).days())?;
        let person = self.person(&format!("病例{n}"));
        let details = CaseDetails {
            person: Some(person),
            onset: Some(onset),
            reported: Some(day),
            severity: Some(Severity::ALL[self.chance.random_range(0..4)]),
            ..CaseDetails::new(Classification::ALL[self.chance.random_range(0..5)])
        };
        let record = CaseRecord { case, details };
        let reported = Body::CaseReported(CaseFact {
            record,
            published: None,
            reason: None,
        });
        self.add(area, found, reported)?;
        for k in 0..CONTACTS {
            self.contact(case, (n, k), found, back < 14)?;
        }
        Ok((case, area))
    }

    fn contact(
        &mut self,
        case: CaseId,
        (n, k): (u64, u64),
        found: Timestamp,
        recent: bool,
    ) -> anyhow::Result<()> {
        let area = village(&mut self.chance)?;
        let contact = ContactId::from_bytes(self.id().to_be_bytes());
        let person = self.person(&format!("密接{n}-{k}"));
        let day = UtcOffset::CHINA.day_of(found);
        let class = ContactClass::ALL[self.chance.random_range(0..3)];
        let named = Body::ContactNamed(ContactNamed {
            contact,
            person,
            case,
            through: None,
            channel: Channel::Interview,
            met: Some(day),
            met_first: None,
            meeting: Meeting::default(),
            certainty: None,
            class,
            rule: Some("close_shared".into()),
            pack: Some("covid19-cn-2020 2020.03.19".into()),
            evidence: serde_json::Map::new(),
            until: Some(day.checked_add(14.days())?),
            details: ContactDetails::default(),
            said: String::new(),
        });
        self.add(area, found, named)?;
        let step = |step| {
            Body::ContactStepped(ContactStepped {
                contact,
                step,
                result: None,
                said: String::new(),
            })
        };
        let told = found + SignedDuration::from_mins(self.chance.random_range(30..90));
        self.add(area, told, step(ContactStep::Notified))?;
        let rare: f64 = self.chance.random();
        if rare < 0.001 {
            self.add(area, told, step(ContactStep::Lost))?;
        } else if !recent {
            self.add(area, told, step(ContactStep::Released))?;
        } else if rare < 0.6 {
            let followed = Body::ContactFollowed(ContactFollowed {
                contact,
                day: UtcOffset::CHINA.day_of(self.now),
                status: FollowUp::SeenWell,
                temperature: None,
                symptoms: Vec::new(),
                said: String::new(),
            });
            self.add(area, self.now, followed)?;
        }
        Ok(())
    }
}

/// Milliseconds that each of many questions takes: median and the slowest but one in a hundred.
fn asked(mut ask: impl FnMut() -> anyhow::Result<()>) -> anyhow::Result<(f64, f64)> {
    let mut took = Vec::with_capacity(ASKED);
    for _ in 0..ASKED {
        let begun = Instant::now();
        ask()?;
        took.push(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    took.sort_by(f64::total_cmp);
    Ok((quantile(&took, 0.5), quantile(&took, 0.99)))
}

/// Builds the store and asks it.
pub(crate) fn traced(table: &mut Table) -> anyhow::Result<()> {
    let cases = match std::env::var("LIANFANG_BENCH_CASES") {
        Ok(text) => text.parse()?,
        Err(_) => CASES,
    };
    let folder = tempfile::tempdir()?;
    let pack = Pack::shipped(FIRST_PACK)?;
    let root: AreaCode = "330100".parse()?;
    let house = House::found(
        &folder.path().join("data"),
        root,
        UtcOffset::CHINA,
        &pack,
        system_clock(),
    )?;
    let mut loading = Loading {
        house: &house,
        chance: ChaCha8Rng::seed_from_u64(17),
        batch: Batch::default(),
        now: Timestamp::now(),
        sent: 1_000_000_000_000,
    };
    let begun = Instant::now();
    let mut known = Vec::new();
    for n in 0..cases {
        known.push(loading.case(n, cases)?);
    }
    let rest = std::mem::take(&mut loading.batch);
    house.store().append(rest)?;
    let facts = house.store().last_seq()?;
    let rate = facts as f64 / begun.elapsed().as_secs_f64();
    let size = format!("{cases} cases, {} contacts", cases * CONTACTS);
    table.line(
        "Facts of cases and contacts written down",
        "",
        &format!("{rate:.0}/s"),
        &size,
    );
    questions(table, &house, &known)?;
    edit(table, &house, &known)
}

fn questions(table: &mut Table, house: &House, known: &[(CaseId, AreaCode)]) -> anyhow::Result<()> {
    let actor = Actor::house("bench");
    let mut chance = ChaCha8Rng::seed_from_u64(18);
    let area = |chance: &mut ChaCha8Rng| -> AreaCode {
        let (_, village) = known[chance.random_range(0..known.len())];
        let up = chance.random_range(0..4);
        village.with_ancestors().nth(up).unwrap_or(village)
    };
    let mut tell = |claim: &str, (median, slow): (f64, f64)| {
        table.line(
            claim,
            "p99 50 ms",
            &format!("{slow:.1} ms"),
            &format!("median {median:.1} ms"),
        );
    };
    let found = asked(|| {
        let filter = CaseFilter {
            area: Some(area(&mut chance)),
            classification: [None, Some(Classification::ALL[chance.random_range(0..5)])]
                [chance.random_range(0..2)],
            ..CaseFilter::default()
        };
        let query = CaseQuery {
            filter,
            limit: 50,
            ..CaseQuery::default()
        };
        house.cases(&actor, &query)?;
        Ok(())
    })?;
    tell("A page of the line list, by area and classification", found);
    let found = asked(|| {
        let query = ContactQuery {
            area: Some(area(&mut chance)),
            class: [None, Some(ContactClass::ALL[chance.random_range(0..3)])]
                [chance.random_range(0..2)],
            status: [
                None,
                Some(ContactStatus::Released),
                Some(ContactStatus::Lost),
                Some(ContactStatus::Notified),
            ][chance.random_range(0..4)],
            limit: 50,
            ..ContactQuery::default()
        };
        house.contacts(&actor, &query)?;
        Ok(())
    })?;
    tell("A page of contacts, by area, class and status", found);
    let found = asked(|| {
        let within = area(&mut chance);
        house.follow_ups(&actor, Some(within), None::<Date>, None, 50)?;
        Ok(())
    })?;
    tell("A page of the follow-up list", found);
    let found = asked(|| {
        let (case, _) = known[chance.random_range(0..known.len())];
        house.case(&actor, case)?;
        Ok(())
    })?;
    tell("A case page with contacts and history", found);
    let found = asked(|| {
        let within = area(&mut chance);
        let from = house.today().checked_sub(60.days())?;
        house.tracing_numbers(&actor, Some(within), Some(from), None)?;
        Ok(())
    })?;
    tell("Numbers of contacts over 60 days, with areas below", found);
    Ok(())
}

fn edit(table: &mut Table, house: &House, known: &[(CaseId, AreaCode)]) -> anyhow::Result<()> {
    let actor = Actor::house("bench");
    let mut took = Vec::new();
    for n in 0..20 {
        let of: Vec<CaseId> = known
            .iter()
            .skip(n * CHANGED)
            .take(CHANGED)
            .map(|(case, _)| *case)
            .collect();
        ensure!(of.len() == CHANGED, "too few cases");
        let mut set = serde_json::Map::new();
        set.insert("cluster".into(), format!("market {n}").into());
        let change = CasesChange {
            id: None,
            cases: of,
            set,
            reason: "all of one market".into(),
        };
        let begun = Instant::now();
        let done = house.change_cases(&actor, &change)?;
        took.push(begun.elapsed().as_secs_f64() * 1_000.0);
        ensure!(done.changed == CHANGED, "not all were changed");
    }
    took.sort_by(f64::total_cmp);
    table.line(
        "300 cases changed at once",
        "200 ms",
        &format!("{:.0} ms", took[took.len() - 1]),
        &format!("slowest of 20; median {:.0} ms", quantile(&took, 0.5)),
    );
    Ok(())
}
