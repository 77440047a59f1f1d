//! One policy, two executions: the simulated city and the running system decide alike, and one changed line of the pack
//! changes both.
//!
//! A small city is run under a pack, and every decision is kept with what it was made by. Then:
//!
//! - each decision of all six tables is put to the running system, which has adopted the same file; it checks the
//!   evidence as it checks its own, and must answer with the same outcome, rule and end;
//! - the same events are lived through in the running system, through the verbs of those who work there: cases are
//!   reported, contacts named and put under watch, travellers checked at a gate, areas judged by the brief. What it then
//!   knows it knows from its own records, and it must come to what the city came to.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use lianfang_city::epidemic::{Run, Simulation};
use lianfang_city::population::{CityDescription, Population};
use lianfang_city::response::{About, AskedBy, DecisionMade};
use lianfang_city::scenario::{Imports, ResponseSettings, Scenario};
use lianfang_core::areas::AreaCode;
use lianfang_core::cases::{CaseDetails, Classification};
use lianfang_core::contacts::{Channel, ContactClass, ContactDetails};
use lianfang_core::entry::{CheckpointKind, Destination, Journey, Mode, OriginRisk, Triage};
use lianfang_core::ids::{CaseId, CheckpointId, ContactId, FactId, SiteId};
use lianfang_core::passes::CaseStanding;
use lianfang_core::quarantine::{Room, Watch};
use lianfang_core::surveillance::RiskLevel;
use lianfang_core::text::Language;
use lianfang_core::time::UtcOffset;
use lianfang_core::words::Word;
use lianfang_intake::{Kind, Source};
use lianfang_policy::{ContactEvidence, EntryEvidence, Pack, QuarantineEvidence, Table};
use lianfang_service::briefs::CurveBy;
use lianfang_service::cases::NewCase;
use lianfang_service::contacts::NewContact;
use lianfang_service::field::{
    Circumstances, Coming, EntryAnswer, FieldEntry, Happening, PersonGiven, Ruling, Taken,
};
use lianfang_service::imports::ImportRequest;
use lianfang_service::{Actor, House};

fn area(code: &str) -> AreaCode {
    code.parse().unwrap()
}

const AREA: &str = "330683";
const VILLAGE: &str = "330683001001";
/// Severe in the pack; in Hubei.
const WUHAN: &str = "420100";
const DAYS: u32 = 45;
/// Numbers of people that the city does not have.
const TRAVELLERS: u32 = 1_000_000;

fn pack(changes: &[(&str, &str)]) -> Pack {
    let mut text = Pack::shipped("covid19-cn-2020").unwrap().text;
    for (old, new) in changes {
        assert_eq!(text.matches(old).count(), 1, "{old}");
        text = text.replace(old, new);
    }
    // The shipped pack's examples tell of the shipped numbers.
    let examples = text.find("[[example]]").unwrap();
    Pack::read(&text[..examples]).unwrap()
}

/// Four hundred people in the shape of Shengzhou, with one checkpoint.
fn city() -> Population {
    let text = include_str!("../../../cities/shengzhou.toml");
    let mut city = CityDescription::read(text).unwrap();
    city.people.total = 400;
    city.areas.list[0].people = 400;
    city.collective.people = 12;
    city.care_homes.residents = 2;
    city.checkpoint.truncate(1);
    city.checkpoint[0].percent = 100.0;
    Population::build(&city, 1).unwrap()
}

fn scenario() -> Scenario {
    Scenario {
        imports: Imports {
            initial: 4,
            per_day: 0.4,
            ..Imports::default()
        },
        response: Some(ResponseSettings {
            tests_per_100k: 20_000.0,
            traces_per_100k: 5_000.0,
            specificity: 1.0,
            ..ResponseSettings::default()
        }),
        keep_decisions: true,
        ..Scenario::default()
    }
}

fn simulated(city: &Population, pack: &Pack, seed: u64) -> Run {
    Simulation::new(city, pack, &scenario())
        .unwrap()
        .run(DAYS, seed, 2)
        .unwrap()
}

/// The running system under the same file.
struct Live {
    house: House,
    clock: Arc<AtomicI64>,
    next: Cell<u128>,
    _folder: tempfile::TempDir,
}

impl Live {
    fn under(pack: &Pack) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(AtomicI64::new(evening(Scenario::default().start)));
        let read = Arc::clone(&clock);
        let now: lianfang_store::Clock =
            Arc::new(move || Timestamp::from_millisecond(read.load(Ordering::SeqCst)).unwrap());
        let root = area("330600");
        let house = House::found(folder.path(), root, UtcOffset::CHINA, pack, now).unwrap();
        let live = Self {
            house,
            clock,
            next: Cell::new(1),
            _folder: folder,
        };
        let areas = format!(
            "code,name\n330600,绍兴市\n{AREA},嵊州市\n330683001,剡湖街道\n{VILLAGE},一村\n"
        );
        let request = ImportRequest {
            kind: Kind::Areas,
            preset: None,
            area: None,
            dry_run: false,
            digest: String::new(),
            language: Language::En,
        };
        let source = Source::bytes("areas.csv", areas.into_bytes());
        let taken = live
            .house
            .import(&live.operator(), source, &request, &mut |_| {})
            .unwrap();
        assert_eq!(taken.import.report.rows_refused, 0);
        live
    }

    #[allow(clippy::unused_self, reason = "reads as one of the system's people")]
    fn operator(&self) -> Actor {
        Actor::house("twin")
    }

    fn id(&self) -> FactId {
        let n = self.next.get();
        self.next.set(n + 1);
        FactId::from_parts(self.house.now().as_millisecond().unsigned_abs(), n)
    }

    fn at(&self, day: Date) {
        self.clock.store(evening(day), Ordering::SeqCst);
    }

    fn says(&self, what: Happening) -> (FactId, EntryAnswer) {
        let entry = FieldEntry {
            id: self.id(),
            at: self.house.now(),
            what,
        };
        let answers = self
            .house
            .take_entries(&self.operator(), std::slice::from_ref(&entry));
        (entry.id, answers.unwrap().remove(0))
    }

    fn does(&self, what: Happening) -> (FactId, Option<Ruling>) {
        let (id, answer) = self.says(what);
        assert_eq!(answer.result, Taken::Taken, "{:?}", answer.refusal);
        (id, answer.decision)
    }
}

/// Six in the evening, when the city decides about people.
fn evening(day: Date) -> i64 {
    let start = UtcOffset::CHINA.start_of(day);
    (start + SignedDuration::from_hours(18)).as_millisecond()
}

/// Puts a decision of the city to the running system; what they say apart, if they do.
fn put(live: &Live, made: &DecisionMade) -> Option<String> {
    let evidence = match &made.asked {
        AskedBy::Entry(evidence) => serde_json::to_value(evidence),
        AskedBy::Contact(evidence) => serde_json::to_value(evidence),
        AskedBy::Quarantine(evidence) => serde_json::to_value(evidence),
        AskedBy::Pass(evidence) => serde_json::to_value(evidence),
        AskedBy::Risk(evidence) => serde_json::to_value(evidence),
        AskedBy::Reopening(evidence) => serde_json::to_value(evidence),
    };
    let (table, evidence) = (made.asked.table(), evidence.unwrap());
    let asked = live
        .house
        .try_policy(None, table, &evidence, Some(made.on))
        .unwrap_or_else(|refusal| panic!("{refusal}: {evidence}"));
    let answer = &asked.decision;
    let same = (answer.outcome, answer.rule.as_str(), answer.until)
        == (made.outcome, made.rule.as_str(), made.until);
    (!same).then(|| format!("{table} {made:?}: {answer:?}"))
}

/// Packs that differ from the first in one line each.
fn packs() -> [(&'static str, Pack); 4] {
    let days = "[numbers.quarantine_days]\nvalue = 14";
    let window = "[numbers.contact_window_days]\nvalue = 2";
    let cases = "[numbers.high_risk_cases]\nvalue = 50";
    [
        ("as shipped", pack(&[])),
        (
            "quarantine of 5 days",
            pack(&[(days, &days.replace("14", "5"))]),
        ),
        (
            "contacts from 4 days before",
            pack(&[(window, &window.replace('2', "4"))]),
        ),
        (
            "high risk from 3 cases",
            pack(&[(cases, &cases.replace("50", "3"))]),
        ),
    ]
}

#[test]
fn every_decision_of_the_city_is_the_running_systems() {
    let city = city();
    let (packs, mut seen) = (packs(), BTreeMap::new());
    let lives: Vec<Live> = packs.iter().map(|(_, pack)| Live::under(pack)).collect();
    for ((name, pack), live) in packs.iter().zip(&lives) {
        let run = simulated(&city, pack, 1);
        for made in &run.decisions {
            assert_eq!(put(live, made), None, "{name}");
            *seen.entry(made.asked.table().word()).or_insert(0_u32) += 1;
        }
        // What the city counts is what it decided.
        let counted: u64 = run.fired.0.iter().map(|fired| fired.times).sum();
        let kept: u64 = run
            .decisions
            .iter()
            .map(|made| match made.about {
                About::Alike(times) => times,
                _ => 1,
            })
            .sum();
        assert_eq!(counted, kept);
    }
    for table in Table::ALL {
        let times = seen.get(table.word()).copied().unwrap_or(0);
        assert!(times > 20, "{table}: {times} decisions");
    }
    // The changed line is felt: put to the system under another pack, some of the same decisions come out otherwise.
    let shipped = simulated(&city, &packs[0].1, 1);
    for ((name, _), live) in packs.iter().zip(&lives).skip(1) {
        let otherwise = shipped
            .decisions
            .iter()
            .filter(|made| put(live, made).is_some())
            .count();
        assert!(otherwise > 0, "{name} decides all alike");
    }
}

/// What of the city's run is lived through again: cases, their contacts' meetings and watches, arrivals, risk.
#[derive(Default)]
struct Compared {
    contacts: u32,
    orders: u32,
    arrivals: u32,
    levels: u32,
    /// Decisions by table and outcome.
    outcomes: BTreeSet<(&'static str, &'static str)>,
}

/// A case of the city as the running system has it.
struct Case {
    id: CaseId,
    onset: Option<Date>,
}

struct Replay<'a> {
    live: &'a Live,
    decisions: &'a [DecisionMade],
    cases: BTreeMap<u32, Case>,
    /// Pairs of case and contact.
    pairs: BTreeSet<(u32, u32)>,
    ordered: BTreeSet<u32>,
    site: SiteId,
    gate: CheckpointId,
    compared: Compared,
}

impl Replay<'_> {
    fn of<'a>(live: &'a Live, run: &'a Run) -> Replay<'a> {
        let (site, _) = live.does(Happening::Site {
            site: None,
            area: area(AREA),
            name: "隔离点".into(),
            name_en: None,
            takes: Vec::new(),
            rooms: (1..=900)
                .map(|n| Room {
                    room: n.to_string(),
                    beds: 1,
                })
                .collect(),
            open: true,
        });
        let (gate, _) = live.does(Happening::Checkpoint {
            checkpoint: None,
            area: area(AREA),
            place: CheckpointKind::Expressway,
            name: "卡口".into(),
            name_en: None,
            lanes: 1,
            open: true,
        });
        Replay {
            live,
            decisions: &run.decisions,
            cases: BTreeMap::new(),
            pairs: BTreeSet::new(),
            ordered: BTreeSet::new(),
            site: SiteId::from_bytes(site.to_bytes()),
            gate: CheckpointId::from_bytes(gate.to_bytes()),
            compared: Compared::default(),
        }
    }

    fn day(&mut self, day: Date) {
        self.live.at(day);
        let decisions = self.decisions;
        for (place, made) in decisions
            .iter()
            .enumerate()
            .filter(|(_, made)| made.on == day)
        {
            match (&made.asked, made.about) {
                (AskedBy::Entry(evidence), About::Person(_)) => self.arrives(made, evidence),
                (AskedBy::Risk(_), About::Area(_)) => self.level(made),
                (AskedBy::Quarantine(evidence), About::Person(person)) => {
                    self.found(person, evidence);
                }
                (AskedBy::Contact(evidence), About::Meeting(case, person)) => {
                    self.named(made, evidence, case, (place, person));
                }
                _ => {}
            }
        }
    }

    /// The city confirmed a case: it is reported here.
    fn found(&mut self, person: u32, evidence: &QuarantineEvidence) {
        let classification = match evidence.case {
            CaseStanding::Confirmed => Classification::Confirmed,
            CaseStanding::Asymptomatic => Classification::Asymptomatic,
            _ => return,
        };
        if self.cases.contains_key(&person) {
            return;
        }
        let since = evidence.case_since.unwrap();
        let details = CaseDetails {
            onset: evidence.onset,
            reported: Some(since),
            sampled: Some(since),
            // The city counts those as a cluster who were known as contacts.
            cluster: (evidence.contact != ContactClass::None).then(|| "接触者".to_owned()),
            ..CaseDetails::new(classification)
        };
        let onset = details.onset;
        let new = NewCase {
            id: Some(self.live.id()),
            area: area(VILLAGE),
            person: None,
            given: Some(named(person, evidence.age)),
            details,
        };
        let reported = self.live.house.report_case(&self.live.operator(), &new);
        let id = reported.unwrap().case;
        self.cases.insert(person, Case { id, onset });
    }

    /// The city judged a meeting, and if it counts the contact's watch next.
    fn named(
        &mut self,
        made: &DecisionMade,
        evidence: &ContactEvidence,
        case: u32,
        (place, person): (usize, u32),
    ) {
        // Who met a contact is named through that contact; here only who met a case.
        let Some(of) = self.cases.get(&case) else {
            return;
        };
        let Some(onset) = of.onset else {
            return;
        };
        if evidence.of_contact || !evidence.has_onset || self.cases.contains_key(&person) {
            return;
        }
        let next = self
            .decisions
            .get(place + 1)
            .map(|next| (&next.asked, next.about));
        let age = match next {
            Some((AskedBy::Quarantine(of), About::Person(about))) if about == person => of.age,
            // Whoever is suspected to be a case then is no contact in the city's books.
            _ if made.outcome != ContactClass::None.word() => return,
            _ => None,
        };
        // Two who met again are one contact of the running system, with the days of both meetings; the city judges
        // each meeting by itself. Only the first is compared.
        if !self.pairs.insert((case, person)) {
            return;
        }
        let apart = i64::from(evidence.days_after) - i64::from(evidence.days_before);
        let met = onset + jiff::Span::new().days(apart);
        if met > made.on {
            return;
        }
        let new = NewContact {
            id: Some(self.live.id()),
            person: None,
            given: Some(named(person, age)),
            area: area(VILLAGE),
            channel: Channel::Interview,
            through: None,
            met,
            met_first: None,
            setting: evidence.setting,
            minutes: evidence.minutes,
            metres: evidence.metres,
            same_room: evidence.same_room,
            minutes_after_case: evidence.minutes_after_case,
            rows_apart: evidence.rows_apart,
            protected: evidence.protected,
            immune: evidence.immune,
            exposure: None,
            frequency: None,
            lasting: None,
            relation: None,
            estimated: false,
            certainty: None,
            details: ContactDetails::default(),
            ask_alike: false,
        };
        let answers = self
            .live
            .house
            .name_contacts(&self.live.operator(), of.id, &[new]);
        let answer = answers.unwrap().remove(0);
        assert_eq!(answer.result, Taken::Taken, "{:?}", answer.refusal);
        let said = (
            answer.class.unwrap().word(),
            answer.rule.as_deref().unwrap(),
        );
        assert_eq!(said, (made.outcome, made.rule.as_str()), "{made:?}");
        self.compared.contacts += 1;
        self.compared.outcomes.insert(("contact", made.outcome));
        if answer.class != Some(ContactClass::None) {
            self.watched(place, person, answer.contact.unwrap());
        }
    }

    /// The city decides about a contact's watch right after the meeting; the same is ordered here, if by that meeting
    /// alone.
    fn watched(&mut self, place: usize, person: u32, contact: ContactId) {
        let Some(made) = self.decisions.get(place + 1) else {
            return;
        };
        let (AskedBy::Quarantine(evidence), About::Person(about)) = (&made.asked, made.about)
        else {
            return;
        };
        // What else the city knows of somebody (a journey, an earlier meeting, a test) is not in this test's records.
        let alone = about == person
            && !self.ordered.contains(&person)
            && evidence.first_exposure == evidence.last_exposure
            && evidence.entered.is_none()
            && evidence.case == CaseStanding::None
            && !evidence.health_worker
            && evidence.negative_tests == 0;
        if !alone {
            return;
        }
        self.ordered.insert(person);
        let (_, answer) = self.live.says(Happening::OrderContact {
            contact,
            circumstances: Circumstances {
                home_suitable: evidence.home_suitable,
                ..Circumstances::default()
            },
            site: Some(self.site),
            room: None,
            bed: None,
        });
        self.compared.orders += 1;
        self.compared.outcomes.insert(("quarantine", made.outcome));
        if made.outcome == Watch::None.word() {
            let refusal = answer.refusal.unwrap().message.en;
            assert!(
                refusal.starts_with("The policy asks for no watch"),
                "{refusal}"
            );
            return;
        }
        let ruling = answer
            .decision
            .unwrap_or_else(|| panic!("{:?}", answer.refusal));
        assert_eq!(
            (
                ruling.watch.unwrap().word(),
                ruling.rule.as_str(),
                ruling.until
            ),
            (made.outcome, made.rule.as_str(), made.until),
            "{made:?}"
        );
    }

    /// Somebody arrives from where the pack says that it is severe.
    fn arrives(&mut self, made: &DecisionMade, evidence: &EntryEvidence) {
        let plain = evidence.case == CaseStanding::None
            && evidence.contact == ContactClass::None
            && evidence.watch == Watch::None
            && !evidence.abroad
            && evidence.origin == OriginRisk::Severe;
        if !plain {
            return;
        }
        let (_, ruling) = self.live.does(Happening::CheckIn {
            checkpoint: self.gate,
            lane: Some(1),
            entrant: None,
            person: Some(named(TRAVELLERS + self.compared.arrivals, evidence.age)),
            coming: Some(Coming {
                journey: Journey {
                    mode: Mode::Rail,
                    number: None,
                    seat: None,
                    from: Some(WUHAN.into()),
                    stops: Vec::new(),
                },
                arrival: self.live.house.now(),
                destination: Destination::Here,
                bound_for: Some(area(VILLAGE)),
                circumstances: Circumstances {
                    home_suitable: evidence.home_suitable,
                    ..Circumstances::default()
                },
                party: None,
            }),
            circumstances: None,
            temperature: evidence.temperature.map(f64::from),
            symptoms: Vec::new(),
            pass: evidence.pass,
            neighbour_pass: evidence.neighbour_pass,
            shown: None,
            seconds: None,
        });
        let ruling = ruling.unwrap();
        let triage: Triage = ruling.triage.unwrap();
        assert_eq!(
            (triage.word(), ruling.rule.as_str()),
            (made.outcome, made.rule.as_str()),
            "{made:?}"
        );
        self.compared.arrivals += 1;
        self.compared.outcomes.insert(("entry", made.outcome));
    }

    /// The level of the area this morning, by what was reported until yesterday.
    fn level(&mut self, made: &DecisionMade) {
        let brief = self
            .live
            .house
            .brief(
                &self.live.operator(),
                Some(area(AREA)),
                Some(made.on),
                CurveBy::Report,
            )
            .unwrap();
        let level: RiskLevel = brief.risk.level;
        assert_eq!(level.word(), made.outcome, "{made:?}");
        self.compared.levels += 1;
        self.compared.outcomes.insert(("risk", made.outcome));
    }
}

/// Somebody of the city, of that age all through the run.
fn named(person: u32, age: Option<u32>) -> PersonGiven {
    let years = age.map(|age| jiff::Span::new().years(i64::from(age)));
    PersonGiven {
        born: years.map(|years| Scenario::default().start - years),
        name: Some(format!("某{person}")),
        document_kind: Some("passport".into()),
        document: Some(format!("E{person:08}")),
        ..PersonGiven::default()
    }
}

#[test]
fn the_same_events_lived_through_come_to_the_same() {
    let city = city();
    let mut outcomes = Vec::new();
    for (name, pack) in packs() {
        let run = simulated(&city, &pack, 1);
        let live = Live::under(&pack);
        let mut replay = Replay::of(&live, &run);
        let start = Scenario::default().start;
        for day in 0..DAYS {
            replay.day(start + jiff::Span::new().days(day));
        }
        let Compared {
            contacts,
            orders,
            arrivals,
            levels,
            ..
        } = replay.compared;
        assert!(
            replay.cases.len() > 5,
            "{name}: {} cases",
            replay.cases.len()
        );
        assert!(contacts > 40, "{name}: {contacts} contacts");
        assert!(orders > 20, "{name}: {orders} orders");
        assert!(arrivals > 5, "{name}: {arrivals} arrivals");
        assert_eq!(levels, DAYS, "{name}");
        outcomes.push(replay.compared.outcomes);
    }
    // Close contacts go to sites, travellers from a severe area too, and areas rise to medium risk.
    for outcome in [
        ("contact", "close"),
        ("quarantine", "site"),
        ("entry", "site_quarantine"),
        ("risk", "medium"),
    ] {
        assert!(
            outcomes[0].contains(&outcome),
            "{outcome:?}: {:?}",
            outcomes[0]
        );
    }
    // One line of the pack, and areas are at high risk in both.
    assert!(!outcomes[0].contains(&("risk", "high")));
    assert!(outcomes[3].contains(&("risk", "high")), "{:?}", outcomes[3]);
}
