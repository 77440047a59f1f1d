//! Visits in the house: imported, checked in, traced, audited, dropped.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use common::{CITY, COUNTY, DOCUMENT, NAME, NEIGHBOUR, Testbed, VILLAGE, area, day, request};
use jiff::{Timestamp, ToSpan};
use lianfang_core::access::Role;
use lianfang_core::contacts::{Channel, ContactClass, ContactDetails};
use lianfang_core::facts::{Body, DayVisits, VisitsTaken};
use lianfang_core::ids::PersonId;
use lianfang_core::places::PlaceKind;
use lianfang_core::time::UtcOffset;
use lianfang_intake::{ImportReport, Kind, Source};
use lianfang_service::contacts::NewContact;
use lianfang_service::imports::UnknownPlaces;
use lianfang_service::places::{ChosenPlaces, PlaceGiven};
use lianfang_service::visits::{CheckIn, TraceAnswer, TraceAsked};
use lianfang_service::{Actor, House};
use lianfang_store::Batch as StoreBatch;
use lianfang_visits::{Batch, Bounds, Minute, PlaceId, Settings, Visit, VisitLog};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

const REASON: &str = "a test of tracing";

fn place(code: &str, kind: PlaceKind, at: &str) -> PlaceGiven {
    PlaceGiven {
        code: code.into(),
        name: format!("Place {code}"),
        name_en: None,
        area: area(at),
        kind,
    }
}

fn asked(people: &[&str], from: &str, to: &str) -> TraceAsked {
    TraceAsked {
        people: people.iter().map(|person| (*person).to_owned()).collect(),
        from: Some(from.parse().unwrap()),
        to: Some(to.parse().unwrap()),
        reason: REASON.into(),
        names: true,
        ..TraceAsked::default()
    }
}

fn import(bed: &Testbed, text: &str) -> ImportReport {
    bed.take(Kind::Visits, text)
}

fn trace(bed: &Testbed, asked: &TraceAsked) -> TraceAnswer {
    bed.house.trace(&bed.operator(), asked).unwrap()
}

/// Contacts of an order: by code, the minutes and the risk.
fn contacts(answer: &TraceAnswer, order: u8) -> BTreeMap<String, (u32, f64)> {
    answer
        .contacts
        .iter()
        .filter(|contact| contact.order == order)
        .map(|contact| {
            (
                contact.code.clone().unwrap(),
                (contact.minutes, contact.risk),
            )
        })
        .collect()
}

fn moment(minute: i64) -> Timestamp {
    Timestamp::from_second(minute * 60).unwrap()
}

fn written(minute: i64) -> String {
    let text = UtcOffset::CHINA.rfc3339(moment(minute));
    text[..16].replace('T', " ")
}

/// A small city, and who was where in each minute, reckoned without any index.
struct City {
    table: String,
    /// Minutes of each person at each place.
    there: BTreeMap<(String, String), BTreeSet<i64>>,
    weights: BTreeMap<String, f64>,
}

impl City {
    fn new(bed: &Testbed, seed: u64) -> Self {
        let mut chance = ChaCha8Rng::seed_from_u64(seed);
        let mut below = |n: u64| chance.next_u64() % n;
        let policy = bed.house.policy().unwrap();
        let rules = policy.pack.visits.as_ref().unwrap();
        let kinds = [
            ("100", PlaceKind::Market),
            ("浙D12345", PlaceKind::Vehicle),
            ("300", PlaceKind::Restaurant),
            ("400", PlaceKind::Other),
        ];
        for (code, kind) in &kinds[..3] {
            let given = place(code, *kind, VILLAGE);
            bed.house.define_place(&bed.operator(), &given).unwrap();
        }
        let start = UtcOffset::CHINA.start_of(day("2020-01-30")).as_second() / 60;
        let mut table = String::from("person,until,time,place\n");
        let mut known: BTreeMap<(String, usize, i64), Option<i64>> = BTreeMap::new();
        for _ in 0..260 {
            let person = format!("U{}", below(16));
            let at = below(4) as usize;
            // Around midnight more often than not, and over the end of the month.
            let minute = match below(3) {
                0 => 1_440 * (1 + below(4) as i64) - 30 + below(60) as i64,
                _ => below(5 * 1_440) as i64,
            };
            let from = start + minute;
            let until = (below(3) > 0).then(|| from + below(150) as i64);
            let times = 1 + usize::from(below(8) == 0);
            for _ in 0..times {
                let end = until.map(written).unwrap_or_default();
                let code = kinds[at].0;
                writeln!(table, "{person},{end},{},{code}", written(from)).unwrap();
            }
            let end = known.entry((person, at, from)).or_insert(until);
            *end = (*end).max(until);
        }
        let mut there: BTreeMap<(String, String), BTreeSet<i64>> = BTreeMap::new();
        for ((person, at, from), until) in known {
            let (code, kind) = kinds[at];
            let usual = i64::from(rules.place(kind).usual_stay_minutes);
            let until = until.unwrap_or(from + usual).max(from + 1);
            there
                .entry((person, code.to_owned()))
                .or_default()
                .extend(from..until);
        }
        let weights = kinds.map(|(code, kind)| (code.to_owned(), rules.place(kind).weight));
        Self {
            table,
            there,
            weights: weights.into(),
        }
    }

    fn people(&self) -> BTreeSet<&String> {
        self.there.keys().map(|(person, _)| person).collect()
    }

    /// Who met somebody in some minutes: minutes together, risk, and the first minute.
    fn met(&self, case: &str, span: std::ops::Range<i64>) -> BTreeMap<String, (u32, f64, i64)> {
        let mut met: BTreeMap<String, (u32, f64, i64)> = BTreeMap::new();
        for ((person, code), minutes) in &self.there {
            let Some(own) = self.there.get(&(case.to_owned(), code.clone())) else {
                continue;
            };
            let together: Vec<i64> = own
                .intersection(minutes)
                .copied()
                .filter(|minute| span.contains(minute))
                .collect();
            if person == case || together.is_empty() {
                continue;
            }
            let one = met.entry(person.clone()).or_insert((0, 0.0, i64::MAX));
            one.0 += together.len() as u32;
            one.1 += together.len() as f64 * self.weights[code];
            one.2 = one.2.min(together[0]);
        }
        met
    }
}

#[test]
fn traces_equal_a_count_minute_by_minute() {
    for seed in 0..4 {
        let bed = Testbed::city();
        let city = City::new(&bed, seed);
        let report = import(&bed, &city.table);
        assert_eq!(report.rows_refused, 0, "{:?}", report.refusals);
        assert_eq!(report.places_new, Some(1));
        assert_eq!(report.people_new, Some(city.people().len() as u64));
        let (from, to) = ("2020-01-31", "2020-02-02");
        let first = UtcOffset::CHINA.start_of(day(from)).as_second() / 60;
        let end = UtcOffset::CHINA.start_of(day("2020-02-03")).as_second() / 60;
        let mut compared = 0;
        for case in city.people() {
            let asked = TraceAsked {
                order: 2,
                ..asked(&[case], from, to)
            };
            let answer = trace(&bed, &asked);
            let expected = city.met(case, first..end);
            let plain = |met: &BTreeMap<String, (u32, f64, i64)>| {
                met.iter()
                    .map(|(person, (minutes, risk, _))| {
                        (person.clone(), (*minutes, (risk * 1e3).round() / 1e3))
                    })
                    .collect::<BTreeMap<_, _>>()
            };
            assert_eq!(contacts(&answer, 1), plain(&expected), "{seed} {case}");
            let mut second: BTreeMap<String, (u32, f64, i64)> = BTreeMap::new();
            for (contact, (_, _, met)) in &expected {
                for (person, more) in city.met(contact, *met..end) {
                    if person == **case || expected.contains_key(&person) {
                        continue;
                    }
                    let one = second.entry(person).or_insert((0, 0.0, i64::MAX));
                    one.0 += more.0;
                    one.1 += more.1;
                }
            }
            assert_eq!(contacts(&answer, 2), plain(&second), "{seed} {case}");
            let sum: u32 = answer
                .contacts
                .iter()
                .flat_map(|contact| &contact.meetings)
                .map(|meeting| meeting.minutes)
                .sum();
            let minutes = answer.contacts.iter().map(|contact| contact.minutes);
            assert_eq!(sum, minutes.sum::<u32>());
            compared += answer.contacts.len();
        }
        assert!(compared > 20, "{compared}");
        bed.holds();
    }
}

#[test]
fn the_same_file_again_changes_nothing() {
    let bed = Testbed::city();
    let city = City::new(&bed, 9);
    let first = import(&bed, &city.table);
    assert_eq!(first.rows_taken, first.rows_read);
    let seq = bed.seq();
    let person = city.people().into_iter().next().unwrap().clone();
    let before = trace(&bed, &asked(&[&person], "2020-01-30", "2020-02-05"));
    let again = import(&bed, &city.table);
    assert_eq!(
        (again.rows_taken, again.rows_unchanged),
        (0, first.rows_read)
    );
    assert_eq!((again.places_new, again.people_new), (Some(0), Some(0)));
    let kinds = bed.kinds_after(seq);
    assert!(
        kinds
            .iter()
            .all(|kind| kind == "import.made/1" || kind == "person.looked/1"),
        "{kinds:?}"
    );
    let after = trace(&bed, &asked(&[&person], "2020-01-30", "2020-02-05"));
    assert_eq!(contacts(&before, 1), contacts(&after, 1));
    bed.holds();
}

#[test]
fn bad_rows_are_refused_each_with_its_reason() {
    let bed = Testbed::city();
    bed.house
        .define_place(&bed.operator(), &place("100", PlaceKind::Shop, VILLAGE))
        .unwrap();
    let long = "x".repeat(65);
    let table = format!(
        "place,time,until,person,colour\n\
         100,2020-02-09 08:00,,A,red\n\
         100,2020-02-09 08:01,,A,red\n\
         100,2020-02-08 23:50,2020-02-09 08:30,A,red\n\
         100,2020-02-08 10:00,2020-02-08 09:59,A,red\n\
         100,2020-02-07 07:00,2020-02-08 08:00,A,red\n\
         100,2020-01-11 00:00,,A,red\n\
         100,2020-01-10 23:59,,A,red\n\
         999,2020-02-08 10:00,,A,red\n\
         100,2020-02-08,,A,red\n\
         100,2020-02-30 10:00,,A,red\n\
         ,2020-02-08 10:00,,A,red\n\
         100,2020-02-08 10:00,,,red\n\
         100,2020-02-08 10:00,,{long},red\n"
    );
    let import = |unknown, dry_run| {
        let request = lianfang_service::imports::ImportRequest {
            dry_run,
            ..request(Kind::Visits)
        };
        let source = Source::bytes("file.csv", table.clone().into_bytes());
        let operator = bed.operator();
        bed.house
            .import_with(&operator, source, &request, unknown, &mut |_| {})
            .unwrap()
    };
    let seq = bed.seq();
    let dry = import(UnknownPlaces::Register, true).import.report;
    assert_eq!((dry.places_new, bed.seq()), (Some(1), seq));
    let done = import(UnknownPlaces::Refuse, false);
    let mut shown = String::new();
    let report = &done.import.report;
    for finding in report.warnings.iter().chain(&report.refusals) {
        let (row, field, code) = (finding.row, &finding.field, finding.code);
        let Some(text) = shown_of(&finding.message.en, &finding.message.zh) else {
            panic!("{row}: a reason is missing")
        };
        writeln!(shown, "{row} {field} [{code}] {text}").unwrap();
    }
    insta::assert_snapshot!(shown);
    assert_eq!((report.rows_read, report.rows_taken), (13, 2));
    // Mended, the refused rows can be fed in again.
    assert!(String::from_utf8_lossy(&done.refused).contains("999"));
    let empty = bed.import(Kind::Visits, None, None, b"").unwrap_err();
    assert_eq!(empty.code(), "invalid");
    let headless = bed.import(Kind::Visits, None, None, b"place,person\n1,A\n");
    assert!(headless.unwrap_err().to_string().contains("time"));
    bed.holds();
}

fn shown_of(en: &str, zh: &str) -> Option<String> {
    (!en.is_empty() && !zh.is_empty()).then(|| format!("{en} / {zh}"))
}

#[test]
fn a_case_is_traced_in_its_own_time_and_judged_by_the_pack() {
    let bed = Testbed::city();
    let (person, case) = bed.patient(VILLAGE);
    for (code, kind) in [
        ("100", PlaceKind::Restaurant),
        ("200", PlaceKind::OpenAir),
        ("300", PlaceKind::Office),
    ] {
        bed.house
            .define_place(&bed.operator(), &place(code, kind, VILLAGE))
            .unwrap();
    }
    // First symptoms on 1 February: meetings count from 30 January on.
    let table = format!(
        "place,time,until,person\n\
         100,2020-01-30 12:00,2020-01-30 13:00,{DOCUMENT}\n\
         100,2020-01-30 12:30,2020-01-30 14:00,close\n\
         100,2020-01-29 12:00,2020-01-29 13:00,{DOCUMENT}\n\
         100,2020-01-29 12:00,2020-01-29 13:00,early\n\
         200,2020-02-02 09:00,2020-02-02 09:20,{}\n\
         200,2020-02-02 09:10,2020-02-02 09:20,distant\n\
         300,2020-02-03 09:00,2020-02-03 10:00,close\n\
         300,2020-02-03 09:00,2020-02-03 09:45,second\n\
         200,2020-02-04 09:00,2020-02-04 09:45,distant\n\
         200,2020-02-04 09:00,2020-02-04 09:45,far\n",
        DOCUMENT.to_lowercase()
    );
    assert_eq!(import(&bed, &table).people_new, Some(5));
    let asked = TraceAsked {
        cases: vec![case],
        order: 2,
        reason: REASON.into(),
        names: true,
        ..TraceAsked::default()
    };
    let seq = bed.seq();
    let answer = trace(&bed, &asked);
    assert_eq!(answer.traced[0].person, person);
    assert_eq!(answer.traced[0].from, "2020-01-30T00:00:00+08:00");
    assert_eq!(answer.traced[0].name.as_deref(), Some("欧**双"));
    let found: BTreeMap<_, _> = answer
        .contacts
        .iter()
        .map(|contact| {
            (
                contact.code.as_deref().unwrap(),
                (contact.order, contact.class),
            )
        })
        .collect();
    let expected = [
        ("close", (1, Some(ContactClass::Close))),
        ("distant", (1, Some(ContactClass::None))),
        ("far", (2, Some(ContactClass::None))),
        ("second", (2, Some(ContactClass::Secondary))),
    ];
    assert_eq!(found, expected.into());
    assert_eq!(
        bed.kinds_after(seq).len(),
        5,
        "the case, and each who is named"
    );
    let met = bed.house.met(case).unwrap();
    assert_eq!(met.len(), 2);
    assert_eq!(met[0].class, ContactClass::Close);
    assert_eq!((met[0].minutes, met[0].day), (30, day("2020-01-30")));
    assert_eq!(met[0].evidence.days_before, 2);
    // The room of contacts proposes whom the policy makes a contact, for one tap.
    let proposed = bed.house.proposed_contacts(&bed.operator(), case).unwrap();
    let proposed: Vec<_> = proposed
        .rows
        .iter()
        .map(|row| (row.person, row.channel, row.class, row.met))
        .collect();
    let close = (met[0].person, Channel::Visits, ContactClass::Close);
    assert_eq!(
        proposed,
        [(close.0, close.1, close.2, day("2020-01-30"))],
        "{proposed:?}"
    );
    // Where the case was in that time, for the picture; and what names each of the others as a contact.
    let stays: Vec<_> = answer.traced[0]
        .stays
        .iter()
        .map(|stay| (stay.place.as_str(), stay.kind, &stay.from[5..16]))
        .collect();
    assert_eq!(
        stays,
        [
            ("100", PlaceKind::Restaurant, "01-30T12:00"),
            ("200", PlaceKind::OpenAir, "02-02T09:00")
        ]
    );
    let by_code = |answer: &TraceAnswer, code: &str| {
        let found = answer
            .contacts
            .iter()
            .find(|contact| contact.code.as_deref() == Some(code));
        found.unwrap().clone()
    };
    let of_close = by_code(&answer, "close").as_contact.unwrap();
    assert_eq!(
        (of_close.case, of_close.met, of_close.minutes),
        (case, day("2020-01-30"), Some(30))
    );
    assert_eq!((of_close.through, of_close.named), (None, None));
    let of_second = by_code(&answer, "second").as_contact.unwrap();
    assert_eq!(
        of_second.through,
        Some(bed.house.contact_id(case, close.0)),
        "the second order is named through the first"
    );
    assert_eq!(by_code(&answer, "distant").as_contact, None);
    assert_eq!(by_code(&answer, "far").as_contact, None);
    // Who was at a place, the case among them: by the time there with the case each is judged.
    let there = trace(
        &bed,
        &TraceAsked {
            cases: Vec::new(),
            places: vec!["100".into()],
            ..asked
        },
    );
    let codes: Vec<_> = there
        .contacts
        .iter()
        .map(|c| c.code.clone().unwrap())
        .collect();
    assert_eq!(codes.len(), 3);
    assert!(codes.contains(&DOCUMENT.to_owned()) && codes.contains(&"early".to_owned()));
    let of_place = by_code(&there, "close");
    assert_eq!(
        (of_place.class, of_place.as_contact.as_ref()),
        (Some(ContactClass::Close), Some(&of_close))
    );
    let ill = by_code(&there, DOCUMENT);
    assert_eq!(
        (ill.is_case, ill.class, ill.as_contact),
        (Some(case), None, None)
    );
    // What the trace says names the contact, and the next trace says so.
    let named = NewContact {
        id: None,
        person: Some(of_place.person),
        given: None,
        area: of_close.area,
        channel: Channel::Visits,
        through: None,
        met: of_close.met,
        met_first: None,
        setting: of_close.setting,
        minutes: of_close.minutes,
        metres: None,
        same_room: of_close.same_room,
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
        ask_alike: false,
    };
    let answers = bed
        .house
        .name_contacts(&bed.operator(), case, &[named])
        .unwrap();
    assert_eq!(answers[0].class, Some(ContactClass::Close));
    let again = trace(
        &bed,
        &TraceAsked {
            cases: vec![case],
            reason: REASON.into(),
            names: true,
            ..TraceAsked::default()
        },
    );
    let of_close = by_code(&again, "close").as_contact.unwrap();
    assert_eq!(of_close.named, answers[0].contact);
}

#[test]
fn check_ins_are_taken_each_for_itself() {
    let bed = Testbed::city();
    bed.house
        .define_place(&bed.operator(), &place("100", PlaceKind::Shop, VILLAGE))
        .unwrap();
    bed.house
        .define_place(&bed.operator(), &place("200", PlaceKind::Shop, NEIGHBOUR))
        .unwrap();
    let guard = bed.user(Role::CheckpointStaff, COUNTY);
    let at = |place: &str, person: &str, from: &str, until: Option<&str>| CheckIn {
        place: place.into(),
        person: person.into(),
        from: from.parse().unwrap(),
        until: until.map(|until| until.parse().unwrap()),
    };
    let given = [
        at("100", "A", "2020-02-09T07:00:00+08:00", None),
        at(
            "100",
            "B",
            "2020-02-09T07:10:00+08:00",
            Some("2020-02-09T07:40:00+08:00"),
        ),
        at("200", "B", "2020-02-09T07:10:00+08:00", None),
        at("100", "C", "2020-02-09T09:00:00+08:00", None),
        at("100", "", "2020-02-09T07:00:00+08:00", None),
    ];
    let answered = bed.house.check_in(&guard, &given).unwrap();
    let fields: Vec<_> = answered.answers.iter().map(|answer| answer.field).collect();
    assert_eq!(
        fields,
        [None, None, Some("place"), Some("time"), Some("person")]
    );
    assert_eq!(answered.taken, 2);
    let seq = bed.seq();
    assert_eq!(bed.house.check_in(&guard, &given).unwrap().taken, 2);
    assert_eq!(bed.seq(), seq, "sent twice, taken once");
    let answer = trace(&bed, &asked(&["A"], "2020-02-09", "2020-02-09"));
    assert_eq!(contacts(&answer, 1), [("B".to_owned(), (30, 30.0))].into());
    // Another process reads the same.
    let other = bed.reopened();
    let answer = other.trace(&bed.operator(), &asked(&["A"], "2020-02-09", "2020-02-09"));
    assert_eq!(contacts(&answer.unwrap(), 1).len(), 1);
    let refused = other.check_in(&guard, &given).unwrap_err();
    assert_eq!(refused.code(), "conflict", "one process writes");
    for role in [Role::Epidemiologist, Role::Commander, Role::Auditor] {
        let user = bed.user(role, CITY);
        let refused = bed.house.check_in(&user, &given).unwrap_err();
        assert_eq!(refused.code(), "forbidden", "{role:?}");
    }
    bed.holds();
}

#[test]
fn who_may_look_may_trace_there_and_nobody_else() {
    let bed = Testbed::city();
    let (_, case) = bed.patient(VILLAGE);
    bed.house
        .define_place(&bed.operator(), &place("100", PlaceKind::Shop, VILLAGE))
        .unwrap();
    let of_case = TraceAsked {
        cases: vec![case],
        reason: REASON.into(),
        ..TraceAsked::default()
    };
    let of_place = TraceAsked {
        cases: Vec::new(),
        places: vec!["100".into()],
        ..of_case.clone()
    };
    for (role, code, expected) in [
        (Role::Epidemiologist, CITY, None),
        (Role::AreaOfficer, COUNTY, None),
        (Role::Commander, CITY, Some("forbidden")),
        (Role::CheckpointStaff, COUNTY, Some("forbidden")),
        (Role::Epidemiologist, NEIGHBOUR, Some("not_found")),
    ] {
        let user = bed.user(role, code);
        for asked in [&of_case, &of_place] {
            let seq = bed.seq();
            let said = bed
                .house
                .trace(&user, asked)
                .err()
                .map(|refusal| refusal.code());
            assert_eq!(said, expected, "{role:?} of {code}");
            assert_eq!(bed.seq() - seq, u64::from(expected.is_none()));
        }
    }
    let hasty = TraceAsked {
        reason: "x".into(),
        ..of_case
    };
    let refused = bed.house.trace(&bed.operator(), &hasty).unwrap_err();
    assert_eq!(refused.field(), Some("reason"));
    let commander = bed.user(Role::Commander, COUNTY);
    let given = place("300", PlaceKind::Market, VILLAGE);
    bed.house.define_place(&commander, &given).unwrap();
    let seq = bed.seq();
    bed.house.define_place(&commander, &given).unwrap();
    assert_eq!(bed.seq(), seq, "said twice");
    let elsewhere = place("300", PlaceKind::Market, NEIGHBOUR);
    let refused = bed.house.define_place(&commander, &elsewhere).unwrap_err();
    assert_eq!(refused.code(), "forbidden");
    let chosen = ChosenPlaces {
        text: Some("place 3".into()),
        kind: Some(PlaceKind::Market),
        limit: 10,
        ..ChosenPlaces::default()
    };
    assert_eq!(bed.house.places(&commander, &chosen).unwrap().rows.len(), 1);
}

/// The sealed files of the log.
fn files(bed: &Testbed, beginning: &str) -> Vec<PathBuf> {
    let folder = bed.folder.path().join("visits");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let name = path.file_name().unwrap().to_string_lossy();
            name.starts_with(beginning)
        })
        .collect();
    files.sort();
    files
}

fn problems(bed: &Testbed) -> Vec<String> {
    let report = bed.house.verify(&bed.operator()).unwrap();
    assert_eq!(report.ok, report.problems.is_empty());
    let of_visits = report
        .problems
        .iter()
        .filter(|problem| problem.kind == "visits");
    of_visits.map(|problem| problem.message.clone()).collect()
}

#[test]
fn an_audit_sees_altered_files_and_altered_numbers() {
    let bed = Testbed::city();
    let city = City::new(&bed, 5);
    import(&bed, &city.table);
    assert!(problems(&bed).is_empty());
    let file = files(&bed, "day-").remove(0);
    let whole = std::fs::read(&file).unwrap();
    let mut altered = whole.clone();
    altered[whole.len() / 3] ^= 1;
    std::fs::write(&file, &altered).unwrap();
    let said = problems(&bed).join("\n");
    let name = file.file_name().unwrap().to_string_lossy();
    assert!(said.contains(&*name), "{said}");
    std::fs::write(&file, &whole).unwrap();
    assert!(problems(&bed).is_empty());
    // A fact that says another number than was taken.
    let more = DayVisits {
        day: day("2020-01-31"),
        visits: 1,
        sum: 7,
    };
    let id = lianfang_core::ids::FactId::from_parts(1, 1);
    let draft = |days: Vec<DayVisits>| lianfang_core::facts::Draft {
        id,
        area: area(CITY),
        actor: lianfang_core::ids::AccountId::house(),
        device: "test".into(),
        happened_at: bed.house.now(),
        body: Body::VisitsTaken(VisitsTaken {
            digest: "0".repeat(64),
            visits: 1,
            days,
        }),
    };
    let batch = StoreBatch::of([draft(vec![more])]);
    bed.house.store().append(batch).unwrap();
    let said = problems(&bed).join("\n");
    assert!(
        said.contains("2020-01-31") && said.contains("the ledger records"),
        "{said}"
    );
}

#[test]
fn a_log_that_is_gone_or_another_is_found_out() {
    let bed = Testbed::city();
    import(&bed, &City::new(&bed, 6).table);
    let folder = bed.folder.path().join("visits");
    let aside = bed.folder.path().join("aside");
    std::fs::rename(&folder, &aside).unwrap();
    assert!(!problems(&bed).is_empty());
    std::fs::create_dir(&folder).unwrap();
    drop(VisitLog::open(&folder, Settings::new(UtcOffset::CHINA)).unwrap());
    let said = problems(&bed).join("\n");
    assert!(
        said.contains("manifest") && said.contains("the log has 0"),
        "{said}"
    );
}

#[test]
fn what_a_process_took_and_did_not_record_is_recorded_by_the_next() {
    let bed = Testbed::city();
    import(&bed, "place,time,person\n100,2020-02-08 10:00,A\n");
    let bounds = Bounds {
        now: Minute::of(bed.house.now()).unwrap(),
        kept_from: day("2020-01-11"),
        longest_stay: 1_000,
        offset: UtcOffset::CHINA,
    };
    let visit = Visit {
        person: PersonId::from_bytes([7; 16]),
        place: PlaceId(100),
        from: Minute::of("2020-02-08T02:10:00Z".parse().unwrap()).unwrap(),
        until: None,
    };
    let (batch, _) = Batch::checked(&mut [visit].into_iter(), &bounds, |_| true);
    // This test's house holds the log; the process that ends in between works on a copy of it.
    let folder = bed.folder.path().join("visits");
    let copy = bed.folder.path().join("copy");
    std::fs::create_dir(&copy).unwrap();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, copy.join(path.file_name().unwrap())).unwrap();
    }
    let aside = bed.folder.path().join("aside");
    std::fs::rename(&folder, &aside).unwrap();
    std::fs::rename(&copy, &folder).unwrap();
    let log = VisitLog::open(&folder, Settings::new(UtcOffset::CHINA)).unwrap();
    log.append(&[batch]).unwrap();
    drop(log);
    assert!(
        problems(&bed)
            .join("\n")
            .contains("the log has 2, the ledger records 1")
    );
    let next = bed.reopened();
    next.drop_old_visits().unwrap();
    assert!(!problems(&bed).is_empty(), "reading records nothing");
    let request = request(Kind::Visits);
    let table = b"place,time,person\n100,2020-02-08 11:00,B\n".to_vec();
    let source = Source::bytes("file.csv", table);
    next.import(&bed.operator(), source, &request, &mut |_| {})
        .unwrap();
    let report = next.verify(&bed.operator()).unwrap();
    assert!(report.ok, "{:?}", report.problems);
}

#[test]
fn days_are_dropped_when_their_time_is_over() {
    let bed = Testbed::city();
    import(
        &bed,
        "place,time,until,person\n100,2020-01-20 10:00,,A\n100,2020-01-20 10:10,,B\n100,2020-02-08 10:00,,A\n100,2020-02-08 10:10,,C\n",
    );
    let policy = bed.house.policy().unwrap();
    let keep = i64::from(policy.pack.visits.as_ref().unwrap().keep_days);
    let met = |bed: &Testbed| {
        let answer = trace(bed, &asked(&["A"], "2020-01-01", "2020-02-09"));
        contacts(&answer, 1).into_keys().collect::<Vec<_>>()
    };
    assert_eq!(met(&bed), ["B", "C"]);
    let last = day("2020-01-20").checked_add((keep - 1).days()).unwrap();
    bed.at(&format!("{last}T23:00:00+08:00"));
    bed.house.drop_old_visits().unwrap();
    assert_eq!(met(&bed), ["B", "C"], "the last day on which it is kept");
    bed.hours_later(2);
    let seq = bed.seq();
    bed.house.drop_old_visits().unwrap();
    assert_eq!(bed.kinds_after(seq), ["visits.dropped/1"]);
    assert_eq!(met(&bed), ["C"]);
    bed.holds();
    let seq = bed.seq();
    bed.house.drop_old_visits().unwrap();
    assert_eq!(bed.seq(), seq);
    let report = import(&bed, "place,time,person\n100,2020-01-20 10:00,A\n");
    assert_eq!(report.rows_refused, 1);
}

#[test]
fn who_is_known_by_visits_alone_is_forgotten_with_the_last_of_them() {
    let bed = Testbed::city();
    let (patient, _) = bed.patient(VILLAGE);
    let table = format!(
        "place,time,until,person\n100,2020-01-20 10:00,,A\n100,2020-01-20 10:10,,B\n100,2020-02-08 10:00,,A\n100,2020-01-20 10:00,,{DOCUMENT}\n"
    );
    import(&bed, &table);
    let found = |code: &str| {
        let texts = [(lianfang_store::IndexKind::Code, code.to_owned())];
        bed.house.store().known_by(&texts).unwrap()[0]
    };
    let (a, b) = (found("A").unwrap(), found("B").unwrap());
    let policy = bed.house.policy().unwrap();
    let keep = i64::from(policy.pack.visits.as_ref().unwrap().keep_days);
    let gone = day("2020-01-20").checked_add(keep.days()).unwrap();
    let operator = bed.operator();
    assert_eq!(bed.house.forget_due(&operator).unwrap(), 0);
    bed.at(&format!("{gone}T01:00:00+08:00"));
    bed.house.drop_old_visits().unwrap();
    // Found in one sweep, forgotten in the next: whoever came in between is kept.
    assert_eq!(bed.house.forget_due(&operator).unwrap(), 0);
    bed.hours_later(1);
    let seq = bed.seq();
    assert_eq!(bed.house.forget_due(&operator).unwrap(), 1);
    assert_eq!(bed.kinds_after(seq), ["person.forgotten/1"]);
    let open = |person| bed.house.store().open_person(person).unwrap();
    assert!(open(b).is_none() && found("B").is_none());
    assert!(open(a).is_some(), "a later visit is kept");
    assert!(open(patient).is_some(), "another record speaks of them");
    bed.hours_later(1);
    assert_eq!(bed.house.forget_due(&operator).unwrap(), 0);
    bed.holds();
}

#[test]
fn who_comes_again_between_two_sweeps_is_not_forgotten() {
    let bed = Testbed::city();
    import(&bed, "place,time,person\n100,2020-01-20 10:00,A\n");
    let keep = i64::from(
        bed.house
            .policy()
            .unwrap()
            .pack
            .visits
            .as_ref()
            .unwrap()
            .keep_days,
    );
    let gone = day("2020-01-20").checked_add(keep.days()).unwrap();
    bed.at(&format!("{gone}T12:00:00+08:00"));
    bed.house.drop_old_visits().unwrap();
    let operator = bed.operator();
    assert_eq!(bed.house.forget_due(&operator).unwrap(), 0);
    import(&bed, &format!("place,time,person\n100,{gone} 10:00,A\n"));
    bed.hours_later(1);
    assert_eq!(bed.house.forget_due(&operator).unwrap(), 0);
    let texts = [(lianfang_store::IndexKind::Code, "A".to_owned())];
    assert!(bed.house.store().known_by(&texts).unwrap()[0].is_some());
}

#[test]
fn a_backup_brings_the_visits_back() {
    let bed = Testbed::city();
    import(
        &bed,
        "place,time,until,person\n100,2020-02-08 10:00,,A\n100,2020-02-08 10:10,,B\n",
    );
    let folder = tempfile::tempdir().unwrap();
    let (copy, back) = (folder.path().join("copy"), folder.path().join("back"));
    let made = bed.house.backup(&copy, true).unwrap();
    assert_eq!(made.visits.unwrap().visits, 2);
    // What comes after the copy is not in it.
    import(&bed, "place,time,until,person\n100,2020-02-08 10:20,,C\n");
    let (store, _) =
        lianfang_store::Store::restore(&copy, &copy, &back, lianfang_store::system_clock())
            .unwrap();
    drop(store);
    let house = House::open(&back, lianfang_store::system_clock()).unwrap();
    assert_eq!(house.restore_visits(&copy).unwrap().unwrap().visits, 2);
    let asked = asked(&["A"], "2020-02-08", "2020-02-09");
    let answer = house.trace(&Actor::house("test"), &asked).unwrap();
    assert_eq!(contacts(&answer, 1).into_keys().collect::<Vec<_>>(), ["B"]);
    assert!(
        house.restore_visits(&copy).is_err(),
        "there is a log already"
    );
}

#[test]
fn neither_ledger_nor_log_names_anybody() {
    let bed = Testbed::city();
    bed.patient(VILLAGE);
    import(
        &bed,
        &format!(
            "place,time,person\n100,2020-02-08 10:00,{DOCUMENT}\n100,2020-02-08 10:00,passport-of-{NAME}\n100,2020-02-08 10:00,13900139001\n"
        ),
    );
    let mut said = Vec::new();
    let store = bed.house.store();
    for fact in store.facts_after(0, 1_000).unwrap() {
        said.extend(fact.body);
    }
    for file in files(&bed, "") {
        said.extend(std::fs::read(file).unwrap());
    }
    for secret in [DOCUMENT, NAME, "13900139001", "passport-of"] {
        let found = said
            .windows(secret.len())
            .any(|window| window == secret.as_bytes());
        assert!(!found, "{secret}");
    }
    // The same text leads to the same person, who can be named to those allowed.
    let answer = trace(&bed, &asked(&["139 0013 9001"], "2020-02-08", "2020-02-08"));
    let named: Vec<_> = answer
        .contacts
        .iter()
        .filter_map(|c| c.code.clone())
        .collect();
    assert!(
        named.contains(&DOCUMENT.to_owned()) && named.len() == 2,
        "{named:?}"
    );
    let nobody = bed.house.trace(
        &bed.operator(),
        &asked(&["nobody"], "2020-02-08", "2020-02-08"),
    );
    assert_eq!(nobody.unwrap_err().code(), "not_found");
}
