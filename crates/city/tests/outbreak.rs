//! The outbreak: what is promised of its size, its counties, its days and who infects whom.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::collections::BTreeSet;

use common::{FIRST, LAST, demo, demo_city};
use jiff::civil::Date;
use lianfang_city::CityError;
use lianfang_city::areas::{Description, city};
use lianfang_city::outbreak::{CaseTruth, Outbreak, Role, daily_reports, outbreak};
use lianfang_core::areas::{AreaCode, Level};
use lianfang_core::cases::{Classification, Origin, Outcome};
use lianfang_core::identifiers::{Phone, ResidentId};
use lianfang_core::time::day_number;
use proptest::prelude::*;

const SEEDS: std::ops::Range<u64> = 0..8;

fn all(outbreak: &Outbreak) -> impl Iterator<Item = &CaseTruth> {
    outbreak.cases.iter().chain(&outbreak.unreported)
}

fn days(from: Date, to: Date) -> i32 {
    day_number(to) - day_number(from)
}

fn in_county(outbreak: &Outbreak, county: AreaCode) -> Vec<&CaseTruth> {
    let of_county = |case: &&CaseTruth| county.contains(case.area);
    outbreak.cases.iter().filter(of_county).collect()
}

fn check_cases(outbreak: &Outbreak) {
    let mut ids = BTreeSet::new();
    let mut residents: BTreeSet<ResidentId> = BTreeSet::new();
    let mut phones: BTreeSet<Phone> = BTreeSet::new();
    for (number, case) in (1..).zip(all(outbreak)) {
        assert_eq!(case.number, number);
        assert!(ids.insert(case.external_id.clone()));
        assert!(residents.insert(case.person.resident_id));
        assert!(phones.insert(case.person.phone.clone()));
        let text = case.person.resident_id.to_string();
        let id = ResidentId::parse_as_of(&text, outbreak.first_day).unwrap();
        assert_eq!(id.sex(), case.person.sex);
        check_days(case, outbreak);
    }
}

fn check_days(case: &CaseTruth, outbreak: &Outbreak) {
    let onset = case.onset.unwrap_or(case.infected);
    let ordered = [
        outbreak.first_day,
        case.infected,
        onset,
        case.sampled,
        case.diagnosed,
        case.reported,
        case.outcome_date,
    ];
    assert!(ordered.is_sorted(), "{ordered:?}");
    assert!(onset <= case.hospitalised && case.hospitalised < case.outcome_date);
    assert!(case.infected <= outbreak.last_day);
    assert_eq!(
        case.onset.is_none(),
        case.classification == Classification::Asymptomatic
    );
    assert_eq!(
        case.origin == Origin::Imported,
        case.imported_from.is_some()
    );
}

#[test]
fn as_many_are_reported_as_were_asked_for() {
    for seed in SEEDS {
        let (_, outbreak) = demo(seed);
        assert!(outbreak.cases.iter().all(|c| c.reported <= LAST));
        assert!(outbreak.unreported.iter().all(|c| c.reported > LAST));
        assert!((873..=927).contains(&outbreak.cases.len()));
        let unreported = outbreak.unreported.len();
        assert!((20..400).contains(&unreported), "seed {seed}: {unreported}");
        check_cases(&outbreak);
    }
}

#[test]
fn the_same_seed_gives_the_same_outbreak() {
    let (_, one) = demo(3);
    let (_, again) = demo(3);
    let (_, other) = demo(4);
    assert_eq!(one.cases, again.cases);
    assert_eq!(one.unreported, again.unreported);
    assert_eq!(one.links, again.links);
    assert_ne!(one.cases, other.cases);
}

#[test]
fn each_county_plays_its_part() {
    for seed in SEEDS {
        let (_, outbreak) = demo(seed);
        for county in &outbreak.counties {
            let cases = in_county(&outbreak, county.area);
            let lately = cases.iter().filter(|c| days(c.reported, LAST) < 14).count();
            match county.role {
                Role::Spared => assert!(cases.is_empty() && county.control.is_none()),
                Role::Quiet => {
                    assert!(!cases.is_empty(), "seed {seed}");
                    let ago = cases.iter().map(|c| days(c.reported, LAST)).min();
                    assert!(ago >= Some(16));
                }
                Role::Declining | Role::Late => {
                    assert!(cases.len() > 50 && lately > 0, "seed {seed}: {lately}");
                }
            }
        }
    }
}

/// Reports of the last week for those of the week before, over several outbreaks.
#[test]
fn one_county_turns_after_the_other() {
    let mut weeks = [[0_usize; 2]; 8];
    for seed in SEEDS {
        let (_, outbreak) = demo(seed);
        for (county, counts) in outbreak.counties.iter().zip(&mut weeks) {
            for case in in_county(&outbreak, county.area) {
                match days(case.reported, LAST) {
                    0..7 => counts[1] += 1,
                    7..14 => counts[0] += 1,
                    _ => {}
                }
            }
        }
    }
    let ratio = |county: usize| weeks[county][1] as f64 / weeks[county][0] as f64;
    assert!(ratio(0) < 0.75, "the first declines: {weeks:?}");
    assert!(ratio(5) > 0.8, "the late one hardly does: {weeks:?}");
    assert!(ratio(0) < ratio(3) && ratio(3) < ratio(5), "{weeks:?}");
    let (_, outbreak) = demo(0);
    let controls: Vec<Date> = outbreak.counties[..6]
        .iter()
        .filter_map(|county| county.control)
        .collect();
    assert!(controls.is_sorted() && days(controls[0], controls[5]) == 10);
}

/// Infections that began before control, and well after it, over several outbreaks. Those of
/// the last days have not infected all whom they will, and stay out.
#[test]
fn transmission_falls_with_control() {
    let (mut before, mut under) = ([0_u32; 2], [0_u32; 2]);
    for seed in SEEDS {
        let (_, outbreak) = demo(seed);
        let mut offspring = vec![0_u32; all(&outbreak).count() + 1];
        for link in &outbreak.links {
            offspring[link.infector as usize] += 1;
        }
        for case in all(&outbreak) {
            let county = outbreak
                .counties
                .iter()
                .find(|c| c.area.contains(case.area));
            let (Some(onset), Some(control)) = (case.onset, county.unwrap().control) else {
                continue;
            };
            let counts = match days(control, onset) {
                ..-6 => &mut before,
                6.. if days(onset, LAST) > 5 => &mut under,
                _ => continue,
            };
            counts[0] += 1;
            counts[1] += offspring[case.number as usize];
        }
    }
    let mean = |[cases, infected]: [u32; 2]| f64::from(infected) / f64::from(cases);
    let (before, under) = (mean(before), mean(under));
    assert!((1.8..2.8).contains(&before), "R before control {before}");
    assert!((0.4..0.8).contains(&under), "R under control {under}");
}

#[test]
fn the_disease_runs_as_described() {
    let (mut cases, mut asymptomatic, mut died, mut imported) = (0.0, 0.0, 0.0, 0.0);
    let mut intervals: Vec<f64> = Vec::new();
    let (mut early, mut late) = (Vec::new(), Vec::new());
    for seed in SEEDS {
        let (_, outbreak) = demo(seed);
        let everybody: Vec<&CaseTruth> = all(&outbreak).collect();
        for case in &everybody {
            cases += 1.0;
            asymptomatic += f64::from(u8::from(case.onset.is_none()));
            died += f64::from(u8::from(case.outcome == Outcome::Died));
            imported += f64::from(u8::from(case.origin == Origin::Imported));
            if let Some(onset) = case.onset
                && case.origin != Origin::Imported
            {
                let delay = f64::from(days(onset, case.reported));
                match days(FIRST, onset) {
                    ..22 => early.push(delay),
                    35.. => late.push(delay),
                    _ => {}
                }
            }
        }
        let onset = |number: u32| everybody[number as usize - 1].onset;
        for link in &outbreak.links {
            if let Some((one, other)) = onset(link.infector).zip(onset(link.infectee)) {
                intervals.push(f64::from(days(one, other)));
            }
        }
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let interval = mean(&intervals);
    let deviations: Vec<f64> = intervals.iter().map(|i| (i - interval).powi(2)).collect();
    let sd = mean(&deviations).sqrt();
    assert!((4.2..5.2).contains(&interval), "serial interval {interval}");
    assert!((2.6..3.3).contains(&sd), "its sd {sd}");
    assert!(
        early.len() > 30 && (mean(&early) - 5.3).abs() < 0.8,
        "delay {}",
        mean(&early)
    );
    assert!((mean(&late) - 2.0).abs() < 0.4, "delay {}", mean(&late));
    assert!((asymptomatic / cases - 0.1_f64).abs() < 0.02);
    assert!((0.002..0.04).contains(&(died / cases)), "{died}");
    assert!((0.05..0.4).contains(&(imported / cases)), "{imported}");
}

#[test]
fn clusters_have_two_cases_and_tell_nobody_s_name() {
    let (_, outbreak) = demo(1);
    let clustered = |name: &str| {
        let of = |case: &&CaseTruth| case.cluster.as_deref() == Some(name);
        outbreak.cases.iter().filter(of).count()
    };
    let names: BTreeSet<&str> = outbreak
        .cases
        .iter()
        .filter_map(|case| case.cluster.as_deref())
        .collect();
    assert!(names.len() > 30);
    let alone = names.iter().filter(|name| clustered(name) < 2).count();
    // A household's second member may count for a workplace's cluster.
    assert!(alone * 5 < names.len(), "{alone} of {}", names.len());
    assert!(
        outbreak
            .unreported
            .iter()
            .all(|case| case.cluster.is_none())
    );
}

#[test]
fn townships_report_every_day_and_some_forget() {
    let (city, outbreak) = demo(2);
    let reports = daily_reports(&city, &outbreak);
    let townships = city.townships().count();
    assert_eq!(reports.len(), 14 * townships);
    assert_eq!(reports, daily_reports(&city, &outbreak));
    let lately = outbreak.cases.iter().filter(|case| {
        case.classification == Classification::Confirmed && days(case.reported, LAST) < 14
    });
    let sum: u32 = reports.iter().map(|report| report.new_cases).sum();
    assert_eq!(sum as usize, lately.count());
    assert!(reports.iter().all(|r| r.area.level() == Level::Township));
    assert!(reports.iter().any(|r| r.filed && r.new_cases == 0));
    let missing = reports.iter().filter(|report| !report.filed).count();
    assert!((1..=reports.len() / 15).contains(&missing), "{missing}");
}

#[test]
fn what_cannot_come_about_is_refused() {
    let city = demo_city();
    let field = |result: Result<Outbreak, CityError>| match result {
        Err(CityError::OutOfRange { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    let cases = "cases to be reported";
    assert_eq!(field(outbreak(&city, 1, FIRST, LAST, 0)), cases);
    assert_eq!(field(outbreak(&city, 1, FIRST, LAST, 24_001)), cases);
    let span = "days from the outbreak's first to its last";
    assert_eq!(field(outbreak(&city, 1, LAST, FIRST, 900)), span);
    let early = FIRST.with().year(1900).build().unwrap();
    assert!(outbreak(&city, 1, early, LAST, 900).is_err());
    assert!(outbreak(&city, 1, Date::MIN, Date::MAX, 900).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    #[test]
    fn no_city_makes_it_panic(
        seed: u64,
        counties in 1_u32..12,
        size in 1_u32..4,
        span in 38_i64..125,
        target in 0_u32..300,
    ) {
        let description = Description {
            seed,
            counties,
            townships_per_county: size,
            villages_per_township: size,
            population: 60_000,
        };
        let city = city(&description).unwrap();
        let last = FIRST.saturating_add(jiff::Span::new().days(span));
        if let Ok(outbreak) = outbreak(&city, seed, FIRST, last, target) {
            check_cases(&outbreak);
            daily_reports(&city, &outbreak);
        }
    }
}
