//! Households: recorded at the door, covered by visits, walked on the daily round.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::collections::BTreeMap;

use common::{CITY, COUNTY, DOCUMENT, NAME, NEIGHBOUR, Testbed, VILLAGE, area, day};
use jiff::Timestamp;
use lianfang_core::access::Role;
use lianfang_core::entry::{Destination, Journey, Mode, Source, Symptom};
use lianfang_core::households::Dwelling;
use lianfang_core::ids::{EntrantId, FactId, HouseholdId, OrderId, PersonId};
use lianfang_core::quarantine::{AbsenceHow, CheckedBy, Need};
use lianfang_service::Actor;
use lianfang_service::field::{
    Circumstances, Coming, EntryAnswer, FieldEntry, Happening, PersonGiven, Taken,
};
use lianfang_service::households::HouseholdQuery;
use lianfang_service::round::RoundDue;

/// Writes entries down one by one, each under an id of its own.
struct Pen<'b> {
    bed: &'b Testbed,
    next: u128,
}

impl<'b> Pen<'b> {
    fn new(bed: &'b Testbed) -> Self {
        Self { bed, next: 1 }
    }

    fn id(&mut self) -> FactId {
        self.next += 1;
        let now = u64::try_from(self.bed.house.now().as_millisecond()).unwrap();
        FactId::from_parts(now, self.next)
    }

    fn at(&mut self, who: &Actor, at: Timestamp, what: Happening) -> EntryAnswer {
        let entry = FieldEntry {
            id: self.id(),
            at,
            what,
        };
        let mut answers = self.bed.house.take_entries(who, &[entry]).unwrap();
        answers.remove(0)
    }

    fn says(&mut self, who: &Actor, what: Happening) -> EntryAnswer {
        self.at(who, self.bed.house.now(), what)
    }

    fn taken(&mut self, who: &Actor, what: Happening) -> FactId {
        let answer = self.says(who, what);
        assert_eq!(answer.result, Taken::Taken, "{:?}", answer.refusal);
        answer.id
    }

    /// The code and field of a refusal.
    fn refused(&mut self, who: &Actor, what: Happening) -> (&'static str, Option<&'static str>) {
        let seq = self.bed.seq();
        let refusal = self.says(who, what).refusal.unwrap();
        assert_eq!(self.bed.seq(), seq);
        (refusal.code, refusal.field)
    }

    fn home(&mut self, who: &Actor, code: &str, door: &str, walk: u32, people: u16) -> HouseholdId {
        let id = self.taken(who, household(code, door, walk, people));
        HouseholdId::from_bytes(id.to_bytes())
    }

    fn visit(&mut self, who: &Actor, household: HouseholdId, people: u16) {
        self.taken(who, Happening::Visit { household, people });
    }
}

fn household(code: &str, door: &str, walk: u32, people: u16) -> Happening {
    Happening::Household {
        household: None,
        area: area(code),
        door: door.to_owned(),
        dwelling: Dwelling::Home,
        walk,
        people,
        place: None,
    }
}

fn named(name: &str) -> PersonGiven {
    PersonGiven {
        name: Some(name.to_owned()),
        ..PersonGiven::default()
    }
}

fn lives(household: HouseholdId, given: PersonGiven, living: bool) -> Happening {
    Happening::Resident {
        household,
        person: None,
        given: Some(given),
        living,
    }
}

fn in_area(code: &str) -> HouseholdQuery {
    HouseholdQuery {
        area: Some(area(code)),
        limit: 100,
        ..HouseholdQuery::default()
    }
}

#[test]
fn a_door_is_for_those_who_go_there() {
    let bed = Testbed::city();
    let mut pen = Pen::new(&bed);
    let worker = bed.user(Role::GridWorker, VILLAGE);
    let home = pen.home(&worker, VILLAGE, "3幢2单元501室", 2, 3);
    let first = pen.home(&worker, VILLAGE, "3幢2单元301室", 1, 0);
    let mut person = named(NAME);
    person.document = Some(DOCUMENT.into());
    pen.taken(&worker, lives(home, person, true));
    let page = bed.house.households(&worker, &in_area(VILLAGE)).unwrap();
    assert_eq!((page.total, page.rows.len(), page.next), (2, 2, None));
    assert_eq!(page.rows[0].household, first);
    assert_eq!(page.rows[1].door.as_deref(), Some("3幢2单元501室"));
    assert_eq!(page.rows[1].residents[0].name.as_deref(), Some("欧**双"));
    assert_eq!((page.rows[1].people, page.rows[1].living), (3, 1));
    // Who commands sees how it stands, and no door.
    let commander = bed.user(Role::Commander, COUNTY);
    let seen = bed.house.households(&commander, &in_area(VILLAGE)).unwrap();
    assert_eq!(seen.rows[1].residents, page.rows[1].residents);
    assert!(seen.rows.iter().all(|row| row.door.is_none()));
    assert!(
        bed.house
            .round(&commander, area(VILLAGE))
            .unwrap()
            .households[0]
            .door
            .is_none()
    );
    for (role, code) in [(Role::Administrator, CITY), (Role::GridWorker, NEIGHBOUR)] {
        let other = bed.user(role, code);
        let refused = bed.house.households(&other, &in_area(VILLAGE)).unwrap_err();
        assert_eq!(refused.code(), "forbidden");
        assert_eq!(
            bed.house.household(&other, home).unwrap_err().code(),
            "not_found"
        );
        assert_eq!(
            bed.house
                .coverage(&other, Some(area(VILLAGE)))
                .unwrap_err()
                .code(),
            "forbidden"
        );
        assert_eq!(
            bed.house.round(&other, area(VILLAGE)).unwrap_err().code(),
            "forbidden"
        );
    }
    // The ledger has neither the door nor the name.
    for fact in bed.house.store().facts_after(0, 1_000).unwrap() {
        let body = String::from_utf8_lossy(&fact.body).into_owned();
        assert!(!body.contains("501室") && !body.contains(NAME), "{body}");
    }
    bed.holds();
}

#[test]
fn what_does_not_fit_is_refused_with_its_field() {
    let bed = Testbed::city();
    let mut pen = Pen::new(&bed);
    let worker = bed.user(Role::GridWorker, VILLAGE);
    let neighbour = bed.user(Role::GridWorker, NEIGHBOUR);
    let home = pen.home(&worker, VILLAGE, "1号", 1, 3);
    let nowhere = HouseholdId::from_parts(1, 1);
    let visit = |household, people| Happening::Visit { household, people };
    let cases = [
        (
            household("330683001009", "2号", 2, 1),
            ("invalid", Some("area")),
        ),
        (
            household("330683001", "2号", 2, 1),
            ("invalid", Some("area")),
        ),
        (household("330602001001", "2号", 2, 1), ("forbidden", None)),
        (household(VILLAGE, " ", 2, 1), ("invalid", Some("door"))),
        (
            household(VILLAGE, &"长".repeat(201), 2, 1),
            ("invalid", Some("door")),
        ),
        (
            household(VILLAGE, "2号", 2, 2_001),
            ("invalid", Some("people")),
        ),
        (visit(nowhere, 1), ("not_found", None)),
        (visit(home, 2_001), ("invalid", Some("people"))),
        (lives(nowhere, named(NAME), true), ("not_found", None)),
        (
            lives(home, PersonGiven::default(), true),
            ("invalid", Some("person")),
        ),
        (lives(home, named(NAME), false), ("not_found", None)),
        (
            Happening::Resident {
                household: home,
                person: None,
                given: None,
                living: true,
            },
            ("invalid", Some("person")),
        ),
        (
            Happening::Resident {
                household: home,
                person: Some(PersonId::from_parts(1, 1)),
                given: None,
                living: true,
            },
            ("not_found", None),
        ),
    ];
    for (what, expected) in cases {
        let said = format!("{what:?}");
        assert_eq!(pen.refused(&worker, what), expected, "{said}");
    }
    assert_eq!(pen.refused(&neighbour, visit(home, 1)), ("not_found", None));
    let tomorrow = bed.house.now() + jiff::SignedDuration::from_hours(20);
    let refusal = pen.at(&worker, tomorrow, visit(home, 1)).refusal.unwrap();
    assert_eq!(refusal.field, Some("at"));
    // A bed in a dormitory of a neighbour is nobody's to link to.
    let theirs = pen.home(&neighbour, "330602001001", "1号", 1, 1);
    let stranger = pen.taken(&neighbour, lives(theirs, named("李四"), true));
    let link = Happening::Resident {
        household: home,
        person: Some(PersonId::from_bytes(stranger.to_bytes())),
        given: None,
        living: true,
    };
    assert_eq!(pen.refused(&worker, link), ("not_found", None));
}

#[test]
fn nobody_is_counted_twice_and_who_moves_leaves_the_old_home() {
    let bed = Testbed::city();
    let mut pen = Pen::new(&bed);
    let worker = bed.user(Role::GridWorker, VILLAGE);
    let one = pen.home(&worker, VILLAGE, "1号", 1, 0);
    let two = pen.home(&worker, VILLAGE, "2号", 2, 0);
    let living = |bed: &Testbed| -> Vec<u16> {
        let page = bed.house.households(&worker, &in_area(VILLAGE)).unwrap();
        page.rows.iter().map(|row| row.living).collect()
    };
    let mut person = named(NAME);
    person.document = Some(DOCUMENT.into());
    pen.taken(&worker, lives(one, person.clone(), true));
    pen.taken(&worker, lives(one, named("李四"), true));
    // The same two again, by the document and by the name among those who live there.
    pen.taken(&worker, lives(one, person.clone(), true));
    pen.taken(&worker, lives(one, named("李四"), true));
    assert_eq!(living(&bed), [2, 0]);
    let before = bed.house.now();
    bed.hours_later(2);
    pen.taken(&worker, lives(two, person.clone(), true));
    assert_eq!(living(&bed), [1, 1]);
    // What a phone without network kept from before the move does not undo it.
    let late = pen.at(&worker, before, lives(one, person.clone(), true));
    assert_eq!(late.result, Taken::Taken);
    assert_eq!(living(&bed), [1, 1]);
    pen.taken(&worker, lives(two, person.clone(), false));
    assert_eq!(living(&bed), [1, 0]);
    assert_eq!(
        pen.refused(&worker, lives(two, person, false)),
        ("not_found", None)
    );
    bed.holds();
}

#[test]
fn a_household_is_covered_when_somebody_was_met_in_time() {
    let bed = Testbed::city();
    let mut pen = Pen::new(&bed);
    let worker = bed.user(Role::GridWorker, VILLAGE);
    let full = pen.home(&worker, VILLAGE, "1号", 1, 4);
    let empty = pen.home(&worker, VILLAGE, "2号", 2, 0);
    let away = pen.home(&worker, VILLAGE, "3号", 3, 2);
    let missed = pen.home(&worker, VILLAGE, "4号", 4, 1);
    pen.visit(&worker, full, 2);
    pen.visit(&worker, empty, 0);
    pen.visit(&worker, away, 0);
    let uncovered = || -> Vec<HouseholdId> {
        let query = HouseholdQuery {
            uncovered: true,
            ..in_area(VILLAGE)
        };
        let page = bed.house.households(&worker, &query).unwrap();
        assert_eq!(page.total, page.rows.len() as u64);
        page.rows.iter().map(|row| row.household).collect()
    };
    assert_eq!(uncovered(), [away, missed]);
    let whole = || bed.house.coverage(&worker, None).unwrap().whole.sum;
    let sum = whole();
    assert_eq!(
        (sum.households, sum.covered, sum.people, sum.accounted),
        (4, 2, 7, 2)
    );
    assert_eq!(
        (sum.covered_percent, sum.accounted_percent),
        (Some(50.0), Some(28.5))
    );
    // In the evening the other two are met; nobody at the door after that takes nothing back.
    bed.hours_later(9);
    pen.visit(&worker, full, 4);
    pen.visit(&worker, full, 0);
    assert_eq!(whole().accounted, 4);
    let visits = bed.house.household(&worker, full).unwrap().visits;
    assert_eq!((visits.len(), visits[0].people), (1, 4));
    // The policy says for how long that holds.
    let policy = lianfang_policy::Pack::shipped(lianfang_service::FIRST_PACK).unwrap();
    let days = i64::from(policy.field.unwrap().coverage_days);
    bed.hours_later(24 * days);
    assert_eq!(whole().covered, 2);
    bed.hours_later(24);
    assert_eq!(whole().covered, 0);
    assert_eq!(whole().covered_percent, Some(0.0));
    bed.holds();
}

/// A tape of numbers that look thrown.
struct Tape(u64);

impl Tape {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// A household as the test keeps it.
struct Kept {
    id: HouseholdId,
    village: &'static str,
    dwelling: Dwelling,
    people: u16,
    visits: BTreeMap<i64, u16>,
}

#[test]
fn coverage_equals_a_count_over_all_visits() {
    const VILLAGES: [&str; 3] = [VILLAGE, "330683001002", "330683002001"];
    let bed = Testbed::city();
    let mut pen = Pen::new(&bed);
    let who = bed.operator();
    let mut tape = Tape(7);
    let mut homes: Vec<Kept> = Vec::new();
    for walk in 0..60 {
        let village = VILLAGES[tape.below(3) as usize];
        let dwelling =
            [Dwelling::Home, Dwelling::Dormitory, Dwelling::Rented][tape.below(3) as usize];
        let people = tape.below(5) as u16;
        let mut what = household(village, &format!("{walk}号"), walk, people);
        if let Happening::Household {
            dwelling: kind,
            place,
            ..
        } = &mut what
        {
            *kind = dwelling;
            *place = (dwelling == Dwelling::Dormitory).then(|| "一厂宿舍".to_owned());
        }
        let id = HouseholdId::from_bytes(pen.taken(&who, what).to_bytes());
        homes.push(Kept {
            id,
            village,
            dwelling,
            people,
            visits: BTreeMap::new(),
        });
    }
    let policy = lianfang_policy::Pack::shipped(lianfang_service::FIRST_PACK).unwrap();
    let days = i64::from(policy.field.unwrap().coverage_days);
    for today in 0..6_i64 {
        for _ in 0..40 {
            // Some come late, from a phone that kept them.
            let ago = tape.below(3).min(today as u64) as i64;
            let at = bed.house.now() - jiff::SignedDuration::from_hours(24 * ago);
            let home = &mut homes[tape.below(60) as usize];
            let people = tape.below(5) as u16;
            let visit = Happening::Visit {
                household: home.id,
                people,
            };
            assert_eq!(pen.at(&who, at, visit).result, Taken::Taken);
            let most = home.visits.entry(today - ago).or_default();
            *most = people.max(*most);
        }
        let covers = |home: &Kept| -> Option<u16> {
            let met = home
                .visits
                .iter()
                .rev()
                .find(|(_, met)| **met > 0 || home.people == 0)?;
            (*met.0 >= today - days).then(|| (*met.1).min(home.people))
        };
        let count = |of: &dyn Fn(&&Kept) -> bool| -> (u64, u64, u64, u64) {
            let those: Vec<&Kept> = homes.iter().filter(of).collect();
            (
                those.len() as u64,
                those.iter().filter(|home| covers(home).is_some()).count() as u64,
                those.iter().map(|home| u64::from(home.people)).sum(),
                those
                    .iter()
                    .filter_map(|home| covers(home))
                    .map(u64::from)
                    .sum(),
            )
        };
        let told = |sum: &lianfang_service::households::CoverageSum| {
            (sum.households, sum.covered, sum.people, sum.accounted)
        };
        let coverage = bed.house.coverage(&who, Some(area(COUNTY))).unwrap();
        assert_eq!(told(&coverage.whole.sum), count(&|_| true), "day {today}");
        for below in &coverage.below {
            let code = below.area.code;
            assert_eq!(
                told(&below.sum),
                count(&|home| code.contains(area(home.village)))
            );
        }
        for kind in &coverage.dwellings {
            assert_eq!(
                told(&kind.sum),
                count(&|home| home.dwelling == kind.dwelling)
            );
        }
        assert!(
            coverage
                .places
                .iter()
                .all(|place| place.place == "一厂宿舍")
        );
        for place in &coverage.places {
            let here = |home: &&Kept| {
                home.dwelling == Dwelling::Dormitory && area(home.village) == place.area.code
            };
            assert_eq!(told(&place.sum), count(&here));
        }
        let visited: u64 = coverage.visits.iter().map(|day| day.households).sum();
        let truth = homes
            .iter()
            .flat_map(|home| home.visits.keys())
            .filter(|day| **day >= today - days);
        assert_eq!(visited, truth.count() as u64);
        let query = HouseholdQuery {
            uncovered: true,
            limit: 7,
            ..in_area(COUNTY)
        };
        let (mut listed, mut cursor) = (0, None);
        loop {
            let query = HouseholdQuery {
                cursor,
                ..query.clone()
            };
            let page = bed.house.households(&who, &query).unwrap();
            listed += page.rows.len() as u64;
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(
            listed,
            coverage.whole.sum.households - coverage.whole.sum.covered
        );
        bed.hours_later(24);
    }
    bed.holds();
}

fn arrives(bed: &Testbed, name: &str, from: &str) -> Happening {
    Happening::Notice {
        source: Source::Canvass,
        person: named(name),
        coming: Coming {
            journey: Journey {
                mode: Mode::Rail,
                number: Some("G1".into()),
                seat: None,
                from: Some(from.into()),
                stops: Vec::new(),
            },
            arrival: bed.house.now() - jiff::SignedDuration::from_hours(3),
            destination: Destination::Here,
            bound_for: Some(area(VILLAGE)),
            circumstances: Circumstances {
                home_suitable: true,
                needs_care: true,
                ..Circumstances::default()
            },
            party: None,
        },
        arrived: true,
        list: None,
        household: None,
    }
}

#[test]
fn a_round_goes_from_door_to_door_and_says_what_is_due() {
    let bed = Testbed::city();
    let mut pen = Pen::new(&bed);
    let worker = bed.user(Role::GridWorker, VILLAGE);
    let far = pen.home(&worker, VILLAGE, "9号", 9, 1);
    let near = pen.home(&worker, VILLAGE, "1号", 1, 2);
    let mut orders = Vec::new();
    for (name, home) in [("王远", Some(far)), ("李无", None), ("赵近", Some(near))] {
        let arrival = pen.taken(&worker, arrives(&bed, name, "420100"));
        if let Some(household) = home {
            pen.taken(
                &worker,
                Happening::Resident {
                    household,
                    person: Some(PersonId::from_bytes(arrival.to_bytes())),
                    given: None,
                    living: true,
                },
            );
        }
        let order = pen.taken(
            &worker,
            Happening::Order {
                entrant: EntrantId::from_bytes(arrival.to_bytes()),
                home_suitable: Some(true),
                contact: None,
                site: None,
                room: None,
                bed: None,
            },
        );
        orders.push(OrderId::from_bytes(order.to_bytes()));
    }
    let (wang, zhao) = (orders[0], orders[2]);
    let round = bed.house.round(&worker, area(VILLAGE)).unwrap();
    let walked: Vec<_> = round
        .people
        .iter()
        .map(|person| (person.name.as_deref().unwrap(), person.walk, person.new))
        .collect();
    assert_eq!(
        walked,
        [
            ("赵*", Some(1), true),
            ("王*", Some(9), true),
            ("李*", None, true)
        ]
    );
    assert_eq!(round.people[0].door.as_deref(), Some("1号"));
    assert_eq!((round.slots.now, round.slots.of), (1, 2));
    assert_eq!(round.day, day("2020-02-09"));
    let doors: Vec<u32> = round.households.iter().map(|door| door.walk).collect();
    assert_eq!(doors, [1, 9]);
    // One is looked after and asks for food, one is not at home.
    pen.taken(
        &worker,
        Happening::Check {
            order: zhao,
            temperature: Some(36.6),
            symptoms: Vec::new(),
            by: CheckedBy::Staff,
        },
    );
    pen.taken(
        &worker,
        Happening::Needs {
            order: zhao,
            need: Need::Supplies,
            text: String::new(),
        },
    );
    pen.taken(
        &worker,
        Happening::Absent {
            order: wang,
            how: AbsenceHow::NotAtHome,
        },
    );
    pen.visit(&worker, near, 2);
    let round = bed.house.round(&worker, area(VILLAGE)).unwrap();
    let [zhao_now, wang_now, li_now] = &round.people[..] else {
        panic!("{round:?}")
    };
    assert!(!zhao_now.new && !zhao_now.due.contains(&RoundDue::Check));
    assert_eq!(
        (zhao_now.checks.len(), zhao_now.checks[0].temperature),
        (1, Some(36.6))
    );
    assert_eq!(zhao_now.needs, [Need::Supplies]);
    assert!(wang_now.missing && wang_now.due.contains(&RoundDue::Check));
    assert!(!li_now.missing && li_now.door.is_none());
    let coverage = round.coverage;
    assert_eq!(
        (
            coverage.households,
            coverage.visited,
            coverage.people,
            coverage.met
        ),
        (2, 1, 3, 2)
    );
    // In the afternoon the second check is due; an abnormal one is shown as such.
    bed.hours_later(6);
    pen.taken(
        &worker,
        Happening::Check {
            order: zhao,
            temperature: Some(38.4),
            symptoms: vec![Symptom::Cough],
            by: CheckedBy::Person,
        },
    );
    let round = bed.house.round(&worker, area(VILLAGE)).unwrap();
    assert_eq!(round.slots.now, 2);
    let checks = &round.people[0].checks;
    assert_eq!(
        (checks.len(), checks[1].slot, checks[1].abnormal),
        (2, 2, true)
    );
    // On the last day the release is due.
    let until = round.people[0].until;
    bed.at(&format!("{until}T08:00:00+08:00"));
    let round = bed.house.round(&worker, area(VILLAGE)).unwrap();
    assert!(round.people[0].due.contains(&RoundDue::Release));
    assert_eq!(round.people[0].day, round.people[0].days);
    // A round is walked: a county is none, even without a household in it yet.
    let officer = bed.user(Role::AreaOfficer, COUNTY);
    assert_eq!(
        bed.house
            .round(&officer, area("330683009"))
            .unwrap_err()
            .field(),
        Some("area")
    );
    bed.holds();
}
