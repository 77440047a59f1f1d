//! Cities and packs that several tests use.
#![allow(
    clippy::unwrap_used,
    dead_code,
    reason = "a test stops at the first surprise, and not every test uses all of this"
)]

use lianfang_city::population::{AgeBand, CityDescription, Population};
use lianfang_city::scenario::{Found, Imports, ResponseSettings, Scenario};
use lianfang_policy::Pack;

/// The shipped pack.
pub(crate) fn pack() -> Pack {
    Pack::shipped("covid19-cn-2020").unwrap()
}

/// The shipped pack with some of its text replaced; each part must be there.
pub(crate) fn pack_with(changes: &[(&str, &str)]) -> Pack {
    let mut text = pack().text;
    for (old, new) in changes {
        assert!(text.contains(old), "the pack has no {old}");
        text = text.replacen(old, new, 1);
    }
    // Its examples may no longer hold: they are the pack's, not this test's.
    Pack::read_untried(&text).unwrap()
}

/// A city with all layers, in the shape of Shengzhou, of so many people in two areas.
pub(crate) fn layered(people: u32) -> CityDescription {
    let text = include_str!("../../../../cities/shengzhou.toml");
    let mut city = CityDescription::read(text).unwrap();
    let share = f64::from(people) / f64::from(city.people.total);
    let mut area = city.areas.list[0].clone();
    city.code = "330600".into();
    area.people = people / 2;
    let mut other = area.clone();
    other.code = "330602".into();
    other.people = people - people / 2;
    city.areas.list = vec![area, other];
    city.people.total = people;
    city.collective.people = (f64::from(city.collective.people) * share) as u32;
    city.care_homes.residents = (f64::from(city.care_homes.residents) * share) as u32;
    city.commuting.percent = 15.0;
    city
}

pub(crate) fn built(description: &CityDescription) -> Population {
    Population::build(description, 1).unwrap()
}

/// Families of three, of whom nobody works or learns.
pub(crate) fn families(people: u32) -> CityDescription {
    let mut city = CityDescription::well_mixed(people);
    city.households.sizes = vec![0.0, 0.0, 100.0];
    city.households.mean = 3.0;
    city.people.ages = [(0, 0.0), (20, 100.0), (60, 0.0)]
        .map(|(from, percent)| AgeBand { from, percent })
        .to_vec();
    city
}

/// Nothing is done; so many are infected on day 0; all infections are kept.
pub(crate) fn unmitigated(initial: u32) -> Scenario {
    Scenario {
        imports: Imports {
            initial,
            ..Imports::default()
        },
        response: None,
        keep_infections: true,
        ..Scenario::default()
    }
}

/// Everybody keeps to everything, every test is right, every contact at home or work is found at once.
pub(crate) fn perfect() -> ResponseSettings {
    ResponseSettings {
        seek: 1.0,
        tests_per_100k: 100_000.0,
        sensitivity: 1.0,
        specificity: 1.0,
        traces_per_100k: 100_000.0,
        trace_days: 0,
        found: Found {
            household: 1.0,
            work: 1.0,
            school: 1.0,
            care: 1.0,
            transport: 0.0,
            community: 0.0,
        },
        home_compliance: 1.0,
        pass_compliance: 1.0,
        home_suitable: 0.0,
        reports_kept: 1.0,
        seen_at_checkpoints: 1.0,
        ..ResponseSettings::default()
    }
}
