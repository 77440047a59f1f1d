//! Days of the week, and ages that meet their like.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod simulated;

use std::collections::BTreeMap;

use lianfang_city::epidemic::{Infection, Layer, Simulation};
use lianfang_city::population::{AgeBand, AgeMixing, CityDescription, Population, WeekMargin};
use lianfang_city::scenario::Scenario;
use lianfang_epi::offspring::fit_offspring;
use simulated::{built, layered, pack, unmitigated};

fn infections(city: &Population, initial: u32, days: u32) -> Vec<Infection> {
    let scenario: Scenario = unmitigated(initial);
    let run = Simulation::new(city, &pack(), &scenario)
        .unwrap()
        .run(days, 4, 2)
        .unwrap();
    run.infections
}

#[test]
fn no_work_on_sundays_and_as_many_infected() {
    let mut description = layered(100_000);
    let plain = built(&description);
    description.contacts.week = Some(WeekMargin {
        work: [1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.0],
        school: [1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0],
        transport: [1.0; 7],
        community: [1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 2.0],
        source: "a test".into(),
    });
    let city = built(&description);
    let found = infections(&city, 2_000, 29);
    let mut by_day: BTreeMap<(usize, usize), u32> = BTreeMap::new();
    for one in found.iter().filter(|one| one.infector().is_some()) {
        // 25 January 2020, day 0, is a Saturday.
        *by_day
            .entry((one.layer as usize, (one.time as usize + 5) % 7))
            .or_default() += 1;
    }
    let of = |layer: Layer, day: usize| by_day.get(&(layer as usize, day)).copied().unwrap_or(0);
    // What falls due as an infection becomes known is met on that day, hence a few at most.
    let weekdays: u32 = (0..5).map(|day| of(Layer::Work, day)).sum();
    assert!(of(Layer::Work, 6) * 20 < weekdays / 5, "{by_day:?}");
    let half = f64::from(of(Layer::Work, 5)) / (f64::from(weekdays) / 5.0);
    assert!((0.3..0.75).contains(&half), "{half}");
    assert!(of(Layer::Community, 5) > of(Layer::Community, 2));
    // Over weeks as many are infected by the first as without weeks.
    let r = |city: &Population| {
        let found = infections(city, 3_000, 29);
        let mut counts: BTreeMap<u32, u32> = found
            .iter()
            .filter(|one| one.infector().is_none())
            .map(|one| (one.person, 0))
            .collect();
        for one in &found {
            if let Some(count) = one.infector().and_then(|by| counts.get_mut(&by)) {
                *count += 1;
            }
        }
        let counts: Vec<u32> = counts.into_values().collect();
        fit_offspring(&counts).unwrap().r
    };
    let ratio = r(&city) / r(&plain);
    assert!((0.88..1.12).contains(&ratio), "{ratio}");
}

#[test]
fn the_like_in_age_meet_one_another() {
    let mut description = CityDescription::well_mixed(100_000);
    description.people.ages = [(0, 50.0), (50, 50.0)]
        .map(|(from, percent)| AgeBand { from, percent })
        .to_vec();
    description.households.mean = 2.0;
    description.households.sizes = vec![0.0, 100.0];
    let share_of_own = |same_percent: Option<f64>| {
        let mut description = description.clone();
        description.contacts.ages = same_percent.map(|same_percent| AgeMixing {
            from: vec![0, 50],
            same_percent,
            source: "a test".into(),
        });
        let city = built(&description);
        let old = |person: u32| city.age(person) >= 50;
        let found = infections(&city, 2_000, 30);
        let met: Vec<(u32, u32)> = found
            .iter()
            .filter(|one| one.layer == Layer::Community)
            .filter_map(|one| Some((one.infector()?, one.person)))
            .filter(|(by, _)| old(*by))
            .collect();
        assert!(met.len() > 500, "{}", met.len());
        met.iter().filter(|(_, of)| old(*of)).count() as f64 / met.len() as f64
    };
    let (any, most, all) = (
        share_of_own(None),
        share_of_own(Some(60.0)),
        share_of_own(Some(100.0)),
    );
    assert!(all > 0.99, "{all}");
    // Of six tenths with the own band and four tenths with anybody, of whom a share `any` is of it.
    assert!((most - (0.6 + 0.4 * any)).abs() < 0.06, "{most}, {any}");
}

#[test]
fn weeks_and_ages_that_are_none_are_refused() {
    let refused = |change: fn(&mut CityDescription)| {
        let mut description = layered(10_000);
        change(&mut description);
        Population::build(&description, 1).unwrap_err().to_string()
    };
    let never = refused(|city| {
        city.contacts.week = Some(WeekMargin {
            work: [0.0; 7],
            school: [1.0; 7],
            transport: [1.0; 7],
            community: [1.0; 7],
            source: "a test".into(),
        });
    });
    assert!(
        never.contains("contacts.week over seven days is 0"),
        "{never}"
    );
    let from = refused(|city| {
        city.contacts.ages = Some(AgeMixing {
            from: vec![5],
            same_percent: 10.0,
            source: "a test".into(),
        });
    });
    assert!(
        from.contains("contacts.ages.from: bands of age begin at 0"),
        "{from}"
    );
    let source = refused(|city| {
        city.contacts.ages = Some(AgeMixing {
            from: vec![0, 20],
            same_percent: 10.0,
            source: String::new(),
        });
    });
    assert!(source.contains("`contacts.ages`"), "{source}");
}
