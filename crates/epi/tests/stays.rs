//! Stays ahead: against counts by hand, against a simulated hospital, and blind to what came later.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use lianfang_epi::scores::covers;
use lianfang_epi::stays::{Stay, entered, foresee, present};
use proptest::prelude::*;

const AS_OF: Date = date(2020, 2, 20);

fn stay(from: i64, left: Option<i64>, planned: Option<i64>, people: u32) -> Stay {
    let day = |ago: i64| AS_OF - ago.days();
    Stay {
        from: day(from),
        left: left.map(day),
        planned: planned.map(day),
        people,
    }
}

#[test]
fn people_are_there_from_the_day_of_entry_to_the_day_before_they_leave() {
    let stays = [
        stay(3, Some(1), None, 2),
        stay(2, None, None, 5),
        stay(0, None, None, 1),
    ];
    let day = |ago: i64| present(&stays, AS_OF - ago.days());
    assert_eq!([day(4), day(3), day(2), day(1), day(0)], [0, 2, 7, 5, 6]);
    let of_days: Vec<u32> = entered(&stays, AS_OF - 3.days(), AS_OF)
        .into_iter()
        .map(|(_, people)| people)
        .collect();
    assert_eq!(of_days, [2, 5, 0, 1]);
}

#[test]
fn nobody_ever_entered() {
    assert_eq!(foresee(&[], AS_OF, 7), None);
    assert_eq!(foresee(&[stay(-1, None, None, 3)], AS_OF, 7), None);
}

/// Nobody has entered for four weeks: who is there leaves as planned, and nobody else is there.
#[test]
fn who_is_there_leaves_as_planned() {
    let stays = [
        stay(40, Some(30), Some(30), 9),
        stay(40, None, Some(-3), 100),
        stay(40, None, Some(-6), 50),
    ];
    let foreseen = foresee(&stays, AS_OF, 7).expect("a forecast");
    let medians: Vec<f64> = foreseen
        .days
        .iter()
        .map(|day| day.quantiles.median())
        .collect();
    let expected = [150.0, 150.0, 50.0, 50.0, 50.0, 0.0, 0.0];
    for (median, expected) in medians.iter().zip(expected) {
        assert!((median - expected).abs() < 3.0, "{medians:?}");
    }
}

/// The product limit by hand: of four who entered ten days ago two left after four days, so that of the newcomers of four days
/// ago half are expected to be there tomorrow.
#[test]
fn who_has_no_plan_leaves_as_others_did() {
    let stays = [
        stay(40, Some(36), None, 50),
        stay(40, Some(30), None, 50),
        stay(3, None, None, 80),
    ];
    let foreseen = foresee(&stays, AS_OF, 2).expect("a forecast");
    let median = foreseen.days[0].quantiles.median();
    // The newcomers of the last week let expect some eleven more a day.
    assert!((40.0..=65.0).contains(&median), "{median}");
}

/// A hospital of seeded chance, where admissions rise and fall: intervals hold about what they say.
#[test]
fn intervals_hold_what_comes() {
    let mut state = 7_u64;
    let mut chance = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1_u32 << 31)
    };
    let first = date(2020, 1, 1);
    let mut stays = Vec::new();
    for day in 0..120_i64 {
        let level = 12.0 + 10.0 * (day as f64 / 18.0).sin();
        let people = (level * 2.0 * chance()).round() as u32;
        for _ in 0..people {
            let length = 4 + (20.0 * chance() * chance()) as i64;
            let from = first + day.days();
            stays.push(Stay {
                from,
                left: Some(from + length.days()),
                planned: None,
                people: 1,
            });
        }
    }
    let (mut held, mut all) = ([0.0; 2], 0.0);
    for day in 40..105_i64 {
        let as_of = first + day.days();
        let foreseen = foresee(&stays, as_of, 14).expect("a forecast");
        for ahead in &foreseen.days {
            let came = f64::from(present(&stays, ahead.date));
            all += 1.0;
            for (held, coverage) in held.iter_mut().zip([0.5, 0.9]) {
                *held += f64::from(covers(&ahead.quantiles, coverage, came) == Some(true));
            }
        }
    }
    let [half, most] = held.map(|held| held / all);
    assert!((0.35..=0.75).contains(&half), "50 %: {half}");
    assert!((0.8..=1.0).contains(&most), "90 %: {most}");
}

fn some_stays() -> impl Strategy<Value = Vec<Stay>> {
    let one = (0_i64..60, 0_i64..40, any::<bool>(), 1_u32..30);
    prop::collection::vec(one, 1..60).prop_map(|all| {
        all.into_iter()
            .map(|(from, length, planned, people)| {
                let ends = from - length;
                let planned = planned.then_some(ends);
                stay(from, Some(ends), planned, people)
            })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever stays there are: quantiles are finite, and what comes after the day changes nothing.
    #[test]
    fn nothing_later_is_read(stays in some_stays(), ago in 0_i64..30) {
        let as_of = AS_OF - ago.days();
        let blind: Vec<Stay> = stays
            .iter()
            .filter(|stay| stay.from <= as_of)
            .map(|stay| Stay { left: stay.left.filter(|left| *left <= as_of), ..*stay })
            .collect();
        let seen = foresee(&stays, as_of, 14);
        prop_assert_eq!(&seen, &foresee(&blind, as_of, 14));
        for day in seen.iter().flat_map(|forecast| &forecast.days) {
            prop_assert!(day.quantiles.values().iter().all(|value| value.is_finite() && *value >= 0.0));
        }
    }

    /// The order of the rows is nobody's business, and neither is how people are grouped.
    #[test]
    fn rows_may_come_in_any_order(stays in some_stays()) {
        let mut turned = stays.clone();
        turned.reverse();
        let (one, other) = (foresee(&stays, AS_OF, 7), foresee(&turned, AS_OF, 7));
        let values = |forecast: &Option<lianfang_epi::Forecast>| -> Vec<f64> {
            let days = forecast.iter().flat_map(|forecast| &forecast.days);
            days.flat_map(|day| day.quantiles.values().to_vec()).collect()
        };
        for (a, b) in values(&one).into_iter().zip(values(&other)) {
            prop_assert!((a - b).abs() < 1e-6 * (1.0 + a.abs()));
        }
    }
}
