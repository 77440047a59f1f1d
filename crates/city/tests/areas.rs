//! The synthetic tree: codes, levels, names and people that sum.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeSet;

use lianfang_city::CityError;
use lianfang_city::areas::{City, Description, city};
use lianfang_core::areas::{AreaTree, Level};
use proptest::prelude::*;

fn check_tree(city: &City, people: u32) {
    let tree = AreaTree::new(city.areas().iter().cloned());
    assert_eq!(tree.all().count(), city.areas().len(), "codes differ");
    assert!(city.areas().is_sorted_by_key(|area| area.code));
    for area in city.areas() {
        assert_eq!(area.level, area.code.level(), "{}", area.code);
        assert!(area.name_en.as_ref().is_some_and(|name| name.is_ascii()));
        let children = tree.children(area.code);
        if area.level == Level::Village {
            assert!(children.is_empty() && area.population > Some(0));
            continue;
        }
        let sum: u32 = children.iter().filter_map(|child| child.population).sum();
        assert_eq!(Some(sum), area.population, "{}", area.code);
        let names: BTreeSet<&str> = children.iter().map(|child| child.name.as_str()).collect();
        assert_eq!(names.len(), children.len(), "names within {}", area.code);
    }
    assert_eq!(city.people(), u64::from(people));
}

#[test]
fn the_city_of_the_demo() {
    let description = Description::default();
    let lianshan = city(&description).unwrap();
    check_tree(&lianshan, 2_400_000);
    assert_eq!(lianshan.counties().count(), 8);
    assert!((32..=64).contains(&lianshan.townships().count()));
    assert!((128..=512).contains(&lianshan.villages().count()));
    let names: Vec<&str> = lianshan.counties().map(|area| area.name.as_str()).collect();
    assert_eq!(names[0], "锦澜区");
    let codes: Vec<String> = lianshan
        .counties()
        .map(|area| area.code.to_string())
        .collect();
    assert!(codes.iter().all(|code| code.starts_with("9901")));
    assert_eq!(
        city(&description).unwrap().areas(),
        lianshan.areas(),
        "same seed, same city"
    );
    let other = Description {
        seed: 1,
        ..description
    };
    assert_ne!(city(&other).unwrap().areas(), lianshan.areas());
}

#[test]
fn what_cannot_be_built_is_refused_with_what_could() {
    let refused = |change: fn(&mut Description)| {
        let mut description = Description::default();
        change(&mut description);
        match city(&description) {
            Err(CityError::OutOfRange { field, .. }) => field,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(refused(|d| d.counties = 0), "counties");
    assert_eq!(refused(|d| d.counties = u32::MAX), "counties");
    assert_eq!(
        refused(|d| d.townships_per_county = 0),
        "townships_per_county"
    );
    assert_eq!(
        refused(|d| d.villages_per_township = 0),
        "villages_per_township"
    );
    assert_eq!(refused(|d| d.population = 0), "population");
    assert_eq!(refused(|d| d.population = u32::MAX), "population");
    let many = |d: &mut Description| {
        (d.counties, d.townships_per_county, d.villages_per_township) = (50, 60, 140);
    };
    assert_eq!(refused(many), "villages in all, at most");
    let description = Description {
        counties: 0,
        ..Description::default()
    };
    assert_eq!(
        city(&description).unwrap_err().to_string(),
        "counties is 0: it must be 1 to 50"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn every_description_is_built_or_refused(
        seed: u64,
        counties in 0_u32..60,
        townships_per_county in 0_u32..12,
        villages_per_township in 0_u32..20,
        population in prop_oneof![0_u32..100_000, 100_000_u32..60_000_000],
    ) {
        let description =
            Description { seed, counties, townships_per_county, villages_per_township, population };
        match city(&description) {
            Ok(city) => check_tree(&city, population),
            Err(error) => assert!(matches!(error, CityError::OutOfRange { .. })),
        }
    }
}
