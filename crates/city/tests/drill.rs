//! The truth of a drill: the same by its seed, with its surprises in it, and moved by what is done.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeSet;

use jiff::civil::date;
use lianfang_city::drill::{DrillError, Kept, Scenario, Setting, Town, Where, World};
use lianfang_policy::Pack;

const SETTING: Setting = Setting {
    seed: 5,
    people: 6_000,
    days: 15,
    first_day: date(2020, 1, 6),
};

fn world(setting: &Setting, scenario: &Scenario) -> World {
    let pack = Pack::shipped("covid19-cn-2020").unwrap();
    let town = Town::build(setting, scenario).unwrap();
    World::new(town, scenario, &pack.natural_history).unwrap()
}

fn played(setting: &Setting, scenario: &Scenario, kept: impl Fn(u32) -> Kept) -> World {
    let mut world = world(setting, scenario);
    for day in 0..setting.days {
        world.day(day, &kept);
    }
    world
}

#[test]
fn the_same_seed_gives_the_same_outbreak() {
    let scenario = Scenario::default();
    let one = played(&SETTING, &scenario, |_| Kept::Free);
    let other = played(&SETTING, &scenario, |_| Kept::Free);
    assert_eq!(one.infections(), other.infections());
    assert_eq!(one.exposures(), other.exposures());
    assert_eq!(one.people(), other.people());
    let elsewhere = played(&Setting { seed: 6, ..SETTING }, &scenario, |_| Kept::Free);
    assert_ne!(one.infections(), elsewhere.infections());
}

#[test]
fn a_town_is_full_and_nobody_is_in_two_places() {
    let town = Town::build(&SETTING, &Scenario::default()).unwrap();
    assert_eq!(town.residents().len(), 6_000);
    let in_households: u32 = town.households().iter().map(|h| h.end - h.start).sum();
    assert_eq!(in_households, 6_000);
    let in_teams: Vec<u32> = town.teams().iter().flatten().copied().collect();
    let once: BTreeSet<u32> = in_teams.iter().copied().collect();
    assert_eq!(once.len(), in_teams.len());
    assert!(in_teams.len() > 2_000);
    let documents: BTreeSet<String> = town
        .residents()
        .iter()
        .map(|resident| resident.person.resident_id.to_string())
        .collect();
    assert_eq!(documents.len(), 6_000);
    let holders = town.residents().iter().filter(|r| r.holds_pass).count();
    assert!((200..400).contains(&holders), "{holders}");
}

#[test]
fn every_infector_was_infectious_and_free_on_that_day() {
    let world = played(&SETTING, &Scenario::default(), |_| Kept::Free);
    let mut local = 0;
    for one in world.infections() {
        let Some(infector) = one.infector else {
            assert_eq!(one.place, Where::Elsewhere);
            continue;
        };
        local += 1;
        assert!(world.is_infectious(infector, one.day), "{one:?}");
        assert!(world.is_at_risk(one.person, one.day));
    }
    assert!(local > 12, "{local}");
}

#[test]
fn a_superspreader_infects_many_at_one_market() {
    let scenario = Scenario::default();
    let event = scenario.superspreading.unwrap();
    let world = played(&SETTING, &scenario, |_| Kept::Free);
    let there: Vec<_> = world
        .infections()
        .iter()
        .filter(|one| one.superspread)
        .collect();
    assert_eq!(there.len(), event.infects as usize);
    assert_eq!(world.superspread(), event.infects);
    let infectors: BTreeSet<_> = there.iter().map(|one| one.infector).collect();
    assert_eq!(infectors.len(), 1);
    assert!(
        there
            .iter()
            .all(|one| one.day == event.day as i32 && one.place == Where::Market)
    );
    let without = Scenario::default().without_surprises();
    let quiet = played(&SETTING, &without, |_| Kept::Free);
    assert!(quiet.infections().iter().all(|one| !one.superspread));
}

#[test]
fn whoever_is_apart_infects_nobody() {
    let scenario = Scenario::default();
    let alone = played(&SETTING, &scenario, |_| Kept::Apart);
    assert!(alone.infections().iter().all(|one| one.infector.is_none()));
    assert!(alone.exposures().is_empty());
    let at_home = played(&SETTING, &scenario, |_| Kept::Home);
    let places: BTreeSet<Where> = at_home.infections().iter().map(|one| one.place).collect();
    assert!(
        places
            .iter()
            .all(|place| matches!(place, Where::Household | Where::Elsewhere)),
        "{places:?}"
    );
}

#[test]
fn a_household_is_infected_as_often_as_the_pack_says() {
    let setting = Setting {
        people: 40_000,
        days: 40,
        ..SETTING
    };
    let scenario = Scenario {
        infected_first: 100.0,
        arrivals: 0.0,
        ..Scenario::default().without_surprises()
    };
    // At home only: each household with one who was infected first shows the attack rate.
    let world = played(&setting, &scenario, |_| Kept::Home);
    let pack = Pack::shipped("covid19-cn-2020").unwrap();
    let wanted = pack
        .natural_history
        .share(lianfang_policy::Share::HouseholdAttack)
        .unwrap()
        .at(0);
    let (mut mates, mut infected) = (0.0, 0.0);
    for one in world
        .infections()
        .iter()
        .filter(|one| one.infector.is_none())
    {
        mates += world.housemates(one.person).len() as f64;
        infected += world
            .infections()
            .iter()
            .filter(|other| other.infector == Some(one.person))
            .count() as f64;
    }
    let found = infected / mates;
    // Those without symptoms infect fewer, and children are infected less: the rate lies below the pack's.
    assert!(
        found > wanted * 0.4 && found < wanted * 1.1,
        "{found} {wanted}"
    );
}

#[test]
fn numbers_out_of_range_are_refused_by_name() {
    let refused = |setting: Setting, scenario: &Scenario| {
        Town::build(&setting, scenario).unwrap_err().to_string()
    };
    let scenario = Scenario::default();
    assert!(
        refused(
            Setting {
                people: 0,
                ..SETTING
            },
            &scenario
        )
        .contains("people is 0")
    );
    assert!(refused(Setting { days: 0, ..SETTING }, &scenario).contains("days is 0"));
    let wrong = Scenario {
        see_doctor: 1.5,
        ..Scenario::default()
    };
    assert!(refused(SETTING, &wrong).contains("see_doctor"));
    assert!(matches!(
        Scenario::parse("surprise = true"),
        Err(DrillError::Form(_))
    ));
    let read = Scenario::parse("see_doctor = 0.5\n[silence]\nfrom_day = 1\ndays = 2\ntownship = 0");
    assert_eq!(read.unwrap().silence.unwrap().days, 2);
}
