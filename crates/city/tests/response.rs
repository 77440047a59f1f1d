//! A pack carried out in a city: counts by hand, no leakage, and what one changed line does.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod simulated;

use lianfang_city::epidemic::{Run, Simulation};
use lianfang_city::population::{CheckpointMargin, CityDescription, Population};
use lianfang_city::scenario::{Imports, ResponseSettings, Scenario};
use lianfang_core::entry::CheckpointKind;
use lianfang_policy::{Pack, Table};
use simulated::{built, families, layered, pack, pack_with, perfect};

/// The part of the pack that says how many one case infects.
const MEAN: &str = "mean = 2.2\nk = 0.3";
/// The part that says how long quarantine lasts.
const QUARANTINE: &str = "[numbers.quarantine_days]\nvalue = 14";

fn run(city: &Population, pack: &Pack, scenario: &Scenario, days: u32, seed: u64) -> Run {
    Simulation::new(city, pack, scenario)
        .unwrap()
        .run(days, seed, 2)
        .unwrap()
}

/// A city that nobody enters by itself, with a checkpoint on its road.
fn with_checkpoint(mut city: CityDescription) -> CityDescription {
    city.checkpoint = vec![CheckpointMargin {
        kind: CheckpointKind::Expressway,
        percent: 100.0,
    }];
    city
}

#[test]
fn the_rules_fire_as_often_as_a_count_by_hand() {
    // Twelve people in four families of three; one of them falls ill and infects nobody.
    let mut description = families(12);
    description.contacts.community = 0.1;
    let city = built(&description);
    let pack = pack_with(&[(MEAN, "mean = 0.4\nk = 0.3")]);
    let scenario = Scenario {
        imports: Imports {
            initial: 1,
            ..Imports::default()
        },
        response: Some(perfect()),
        keep_infections: true,
        ..Scenario::default()
    };
    let run = (0..1_000)
        .map(|seed| run(&city, &pack, &scenario, 120, seed))
        .find(|run| {
            run.infections.len() == 1 && run.infections[0].symptomatic && !run.infections[0].fatal
        })
        .expect("some seed has one case with symptoms who infects nobody");
    let fired = |table, rule| run.fired.of(table, rule);
    // Two live with the case; both are close contacts, since it saw a doctor after first symptoms.
    assert_eq!(fired(Table::Contact, "close_shared"), 2);
    assert_eq!(run.fired.in_table(Table::Contact), 2);
    // The case is judged when suspected and when confirmed, and after recovery until its watch ends.
    assert_eq!(fired(Table::Quarantine, "none_case"), 2);
    assert_eq!(fired(Table::Pass, "red_case"), 2);
    assert_eq!(fired(Table::Quarantine, "home_discharged"), 1);
    assert_eq!(fired(Table::Pass, "red_discharged"), 1);
    // Each contact is judged when named and after the negative test of day 7; that of day 13 comes in on day 14, when
    // the order ends. The pass asks for 14 reports besides, which began a day after the exposure, when the contact was
    // named: it is red on day 14 still, and green on day 15.
    assert_eq!(fired(Table::Quarantine, "site_contact"), 4);
    assert_eq!(fired(Table::Pass, "red_contact"), 6);
    // So both are judged twice without an order, and the case once, when its watch ends.
    assert_eq!(fired(Table::Quarantine, "none"), 5);
    assert_eq!(fired(Table::Pass, "green"), 3);
    // One area, each morning; nobody works there, and nobody arrives.
    assert_eq!(run.fired.in_table(Table::Risk), 120);
    assert_eq!(fired(Table::Risk, "medium"), 14);
    assert_eq!(run.fired.in_table(Table::Reopening), 0);
    assert_eq!(run.fired.in_table(Table::Entry), 0);
    // The case's test, and two of each contact.
    let all = |count: fn(&lianfang_city::response::ResponseDay) -> u64| -> u64 {
        run.response.iter().map(count).sum()
    };
    assert_eq!(all(|day| day.tests), 5);
    assert_eq!(all(|day| day.positives), 1);
    assert_eq!(all(|day| day.confirmed), 1);
    assert_eq!(all(|day| day.traced), 1);
    assert_eq!(all(|day| day.close_contacts), 2);
    // The order runs for 14 days from the day on which the case was isolated; contacts are named on the next.
    assert_eq!(all(|day| day.at_sites), 26);
    assert_eq!(all(|day| day.at_home), 14);
}

#[test]
fn places_are_judged_each_morning() {
    let city = built(&layered(20_000));
    let mut response = perfect();
    response.ready = 0.5;
    response.inspections_per_1000 = 0.0;
    let scenario = Scenario {
        imports: Imports {
            initial: 0,
            ..Imports::default()
        },
        response: Some(response),
        ..Scenario::default()
    };
    let run = run(&city, &pack(), &scenario, 10, 1);
    let places: u64 = city.census().places.iter().map(|n| u64::from(*n)).sum();
    assert_eq!(run.fired.in_table(Table::Reopening), 10 * places);
    assert_eq!(run.fired.of(Table::Risk, "low_quiet"), 20);
    let closed = run.response[0].closed_places;
    assert_eq!(
        run.fired.of(Table::Reopening, "closed_unready"),
        10 * closed
    );
    assert!(
        (places * 4 / 10..places * 6 / 10).contains(&closed),
        "{closed}"
    );
    let day = run.response[9];
    assert_eq!(day.posts, city.posts());
    assert_eq!(day.posts - day.posts_filled, day.working_days_lost);
    assert!(day.posts_filled < day.posts);
}

#[test]
fn nothing_leaks_from_a_perfect_quarantine() {
    let city = built(&with_checkpoint(layered(50_000)));
    let scenario = Scenario {
        imports: Imports {
            initial: 0,
            per_day: 5.0,
            ..Imports::default()
        },
        response: Some(perfect()),
        keep_infections: true,
        ..Scenario::default()
    };
    let all = run(&city, &pack(), &scenario, 90, 1);
    assert!(all.days.iter().map(|day| day.imported).sum::<u64>() > 300);
    let local: u64 = all
        .days
        .iter()
        .map(|day| day.infections - day.imported)
        .sum();
    assert_eq!(local, 0);
    // The same people, whom nobody sees at a checkpoint, do infect others.
    let unseen = Scenario {
        response: Some(ResponseSettings {
            seen_at_checkpoints: 0.0,
            seek: 0.0,
            ..perfect()
        }),
        ..scenario
    };
    let all = run(&city, &pack(), &unseen, 90, 1);
    let local: u64 = all
        .days
        .iter()
        .map(|day| day.infections - day.imported)
        .sum();
    assert!(local > 1_000, "{local}");
}

#[test]
fn one_changed_line_of_the_pack_changes_the_city() {
    let city = built(&layered(60_000));
    let scenario = Scenario {
        imports: Imports {
            initial: 60,
            ..Imports::default()
        },
        ..Scenario::default()
    };
    let before = run(&city, &pack(), &scenario, 90, 1);
    let shorter = pack_with(&[(QUARANTINE, "[numbers.quarantine_days]\nvalue = 3")]);
    let after = run(&city, &shorter, &scenario, 90, 1);
    let days_in_quarantine = |run: &Run| -> u64 {
        run.response
            .iter()
            .map(|day| day.at_sites + day.at_home)
            .sum()
    };
    assert!(days_in_quarantine(&after) < days_in_quarantine(&before));
    assert_ne!(before.days, after.days);
    // The same file gives the same again.
    assert!(run(&city, &pack(), &scenario, 90, 1) == before);
}

#[test]
fn a_response_infects_fewer_and_costs_posts() {
    let city = built(&layered(100_000));
    let imports = Imports {
        initial: 100,
        ..Imports::default()
    };
    let with = |response| Scenario {
        imports: imports.clone(),
        response,
        ..Scenario::default()
    };
    let infected = |run: &Run| -> u64 { run.days.iter().map(|day| day.infections).sum() };
    let free = run(&city, &pack(), &with(None), 120, 1);
    let held = run(
        &city,
        &pack(),
        &with(Some(ResponseSettings::default())),
        120,
        1,
    );
    assert!(infected(&held) * 4 < infected(&free));
    assert!(held.response.iter().any(|day| day.working_days_lost > 0));
    assert!(
        held.response
            .iter()
            .all(|day| day.posts_filled <= day.posts)
    );
    // Worse laboratories find fewer.
    let blind = ResponseSettings {
        sensitivity: 0.2,
        ..ResponseSettings::default()
    };
    let blind = run(&city, &pack(), &with(Some(blind)), 60, 1);
    let share = |run: &Run| {
        let found: u64 = run.response[..60].iter().map(|d| d.positives).sum();
        let infected: u64 = run.days[..60].iter().map(|d| d.infections).sum();
        found as f64 / infected as f64
    };
    assert!(share(&blind) < share(&held));
}
