//! Runs that begin with the cases of a line list.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod simulated;

use lianfang_city::epidemic::{Run, Simulation};
use lianfang_city::population::Population;
use lianfang_city::scenario::{Imports, ResponseSettings, Scenario};
use lianfang_city::start::{ListedArrival, ListedCase, ListedContact, Start};
use lianfang_core::contacts::ContactClass;
use lianfang_core::entry::OriginRisk;
use lianfang_policy::{Pack, Table};
use simulated::{built, families, layered, pack, pack_with, perfect};

fn listed(onset: i32, found: i32) -> ListedCase {
    ListedCase {
        age: Some(40),
        area: None,
        onset: Some(onset),
        found,
        apart: None,
        symptomatic: true,
        ended: None,
        traced: false,
    }
}

fn nobody_comes(response: Option<ResponseSettings>) -> Scenario {
    Scenario {
        imports: Imports {
            initial: 0,
            ..Imports::default()
        },
        response,
        keep_infections: true,
        ..Scenario::default()
    }
}

fn run(city: &Population, pack: &Pack, scenario: &Scenario, start: &Start, seed: u64) -> Run {
    Simulation::new(city, pack, scenario)
        .unwrap()
        .starting_from(start)
        .unwrap()
        .run(60, seed, 2)
        .unwrap()
}

#[test]
fn a_list_is_taken_in_as_it_stands() {
    let city = built(&layered(20_000));
    let ended = |onset, died| ListedCase {
        ended: Some((-3, died)),
        ..listed(onset, onset + 4)
    };
    let mut cases: Vec<ListedCase> = (0..30).map(|n| listed(-6 - n % 4, -2)).collect();
    cases.extend((0..10).map(|_| ended(-30, false)));
    cases.extend((0..2).map(|_| ended(-30, true)));
    let start = Start {
        cases,
        reproduction_number: Some(0.2),
        ..Start::default()
    };
    let run = run(&city, &pack(), &nobody_comes(Some(perfect())), &start, 1);
    // Thirty are in isolation on the first day, and leave it one after another.
    assert!(
        (30..60).contains(&run.response[0].isolated),
        "{}",
        run.response[0].isolated
    );
    assert!(run.response[59].isolated < run.response[0].isolated);
    // Those who recovered three days before are watched at home as the pack says, 14 days from then.
    assert!(run.fired.of(Table::Quarantine, "home_discharged") >= 10);
    assert!(run.response[0].at_home >= 10);
    // Their contacts are traced before the first morning: somebody is at a site at once.
    assert!(run.response[0].at_sites > 0);
    // Areas know of the cases before: with 30 of two days ago no area is at low risk.
    assert_eq!(run.response[0].medium_areas + run.response[0].high_areas, 2);
    // Of what happened before, nothing is counted again.
    let deaths: u64 = run.days.iter().map(|day| day.deaths).sum();
    let onsets: u64 = run.days.iter().map(|day| day.onsets).sum();
    assert!(deaths <= 12, "{deaths}");
    assert!(onsets < 60, "{onsets}");
}

#[test]
fn the_same_list_and_seed_give_the_same_run() {
    let city = built(&layered(20_000));
    let start = Start {
        cases: (0..40).map(|n| listed(-3 - n % 5, -1)).collect(),
        reproduction_number: None,
        ..Start::default()
    };
    let pack = pack();
    let scenario = nobody_comes(Some(ResponseSettings::default()));
    let simulation = Simulation::new(&city, &pack, &scenario)
        .unwrap()
        .starting_from(&start)
        .unwrap();
    let one = simulation.run(40, 2, 1).unwrap();
    assert!(simulation.run(40, 2, 3).unwrap() == one);
    assert!(simulation.run(40, 3, 1).unwrap().days != one.days);
}

#[test]
fn infections_that_nobody_knows_follow_from_those_that_are_known() {
    let city = built(&layered(40_000));
    let scenario = nobody_comes(None);
    let infected = |reproduction_number, onset, found| -> f64 {
        let start = Start {
            cases: (0..100).map(|_| listed(onset, found)).collect(),
            reproduction_number: Some(reproduction_number),
            ..Start::default()
        };
        // Those infected before day 0 besides the hundred of the list.
        let of = |seed| {
            let run = run(&city, &pack(), &scenario, &start, seed);
            let before = run.infections.iter().filter(|one| one.time < 0.0).count();
            before as f64 - 100.0
        };
        (0..8).map(of).sum::<f64>() / 8.0
    };
    // Who is isolated before being infectious infects nobody.
    assert!(infected(2.0, -1, -12) < 8.0);
    // Twice the reproduction number, about twice the first generation and more than twice all of them.
    let (one, two) = (infected(0.5, -2, -1), infected(1.0, -2, -1));
    assert!(two > 1.7 * one && two < 4.0 * one, "{one} and {two}");
    // Found a day after first symptoms, a case has spent a bit more than half of its infectious time.
    assert!((15.0..80.0).contains(&one), "{one}");
}

#[test]
fn nothing_follows_from_a_list_whose_cases_are_over() {
    let city = built(&families(300));
    let start = Start {
        cases: vec![ListedCase {
            ended: Some((-20, false)),
            ..listed(-40, -36)
        }],
        reproduction_number: None,
        ..Start::default()
    };
    let calm = pack_with(&[("mean = 2.2\nk = 0.3", "mean = 0.4\nk = 0.3")]);
    let run = run(&city, &calm, &nobody_comes(Some(perfect())), &start, 1);
    assert!(run.days.iter().all(|day| day.infections == 0));
    assert!(run.response.iter().all(|day| day.isolated == 0));
}

#[test]
fn more_cases_than_people_are_refused() {
    let city = built(&families(30));
    let start = Start {
        cases: vec![listed(-3, -1); 16],
        reproduction_number: None,
        ..Start::default()
    };
    let calm = pack_with(&[("mean = 2.2\nk = 0.3", "mean = 0.4\nk = 0.3")]);
    let scenario = nobody_comes(None);
    let simulation = Simulation::new(&city, &calm, &scenario).unwrap();
    let refused = simulation.starting_from(&start).err().unwrap();
    assert_eq!(
        refused.to_string(),
        "the line list has 16 cases, and the city only 30 people: build a larger city"
    );
}

#[test]
fn contacts_on_record_are_watched_as_the_pack_says_and_their_case_is_not_traced_again() {
    let city = built(&layered(20_000));
    let cases: Vec<ListedCase> = (0..20)
        .map(|n| ListedCase {
            traced: true,
            ..listed(-6 - n % 4, -2)
        })
        .collect();
    let contact = |number: usize, exposed| ListedContact {
        age: Some(30),
        area: None,
        case: (number < 20).then_some(number),
        class: ContactClass::Close,
        exposed,
    };
    let none = Start {
        cases: cases.clone(),
        reproduction_number: Some(0.0),
        ..Start::default()
    };
    let watched = |start: &Start| {
        let run = run(&city, &pack(), &nobody_comes(Some(perfect())), start, 1);
        run.response[0].at_sites + run.response[0].at_home
    };
    // All were traced and nobody was named: whoever is watched came to the city that morning.
    let came = watched(&none);
    assert!(came < 5, "{came}");
    let met = |exposed| Start {
        contacts: (0..30).map(|number| contact(number, exposed)).collect(),
        ..none.clone()
    };
    assert_eq!(watched(&met(-1)), came + 30);
    // A meeting of long ago asks for nothing any more.
    assert_eq!(watched(&met(-40)), came);
    // Arrivals are judged by where they came from.
    let from = |origin| Start {
        arrivals: vec![
            ListedArrival {
                age: Some(30),
                area: None,
                origin,
                abroad: false,
                entered: -1,
            };
            12
        ],
        ..none.clone()
    };
    assert_eq!(watched(&from(OriginRisk::Severe)), came + 12);
    assert_eq!(watched(&from(OriginRisk::Low)), came);
}

#[test]
fn those_infected_by_a_traced_case_are_among_its_contacts_as_far_as_tracing_finds_them() {
    let city = built(&layered(40_000));
    let cases: Vec<ListedCase> = (0..100)
        .map(|_| ListedCase {
            traced: true,
            ..listed(-2, -1)
        })
        .collect();
    let start = |contacts: usize| Start {
        cases: cases.clone(),
        contacts: (0..100 * contacts)
            .map(|number| ListedContact {
                age: None,
                area: None,
                case: Some(number % 100),
                class: ContactClass::Close,
                exposed: -1,
            })
            .collect(),
        reproduction_number: Some(1.0),
        ..Start::default()
    };
    // With their contacts in quarantine, those whom cases had infected infect fewer in the days that follow.
    let infections = |contacts: usize| -> u64 {
        let of = |seed| {
            let scenario = nobody_comes(Some(ResponseSettings::default()));
            let run = run(&city, &pack(), &scenario, &start(contacts), seed);
            run.days[..6].iter().map(|day| day.infections).sum::<u64>()
        };
        (1..=8).map(of).sum()
    };
    let (none, many) = (infections(0), infections(8));
    assert!(many * 5 < none * 4, "{many} with contacts, {none} without");
}
