//! The turning points of five real cities, as published in 2020, and as known on each day.
#![allow(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod common;

use common::cities;
use jiff::civil::{Date, date};
use lianfang_epi::Total;
use lianfang_epi::turning_point::{Detector, TurningPointReason};

struct Expected {
    code: &'static str,
    hindsight: Date,
    declared_on: Date,
}

/// Wenzhou, Wuxi, Weihai, Huanggang, Shaoxing.
const CITIES: [Expected; 5] = [
    Expected {
        code: "330300",
        hindsight: date(2020, 1, 31),
        declared_on: date(2020, 2, 8),
    },
    Expected {
        code: "320200",
        hindsight: date(2020, 2, 13),
        declared_on: date(2020, 2, 21),
    },
    Expected {
        code: "371000",
        hindsight: date(2020, 2, 1),
        declared_on: date(2020, 2, 15),
    },
    Expected {
        code: "421100",
        hindsight: date(2020, 2, 3),
        declared_on: date(2020, 2, 12),
    },
    Expected {
        code: "330600",
        hindsight: date(2020, 1, 29),
        declared_on: date(2020, 2, 15),
    },
];

fn detector() -> Detector {
    Detector::new(&cities::serial_interval(), &cities::rule()).unwrap()
}

fn known_on(rows: &[Total], day: Date) -> Vec<Total> {
    rows.iter().copied().filter(|row| row.date <= day).collect()
}

#[test]
fn five_cities_turn_when_they_did() {
    let Some(totals) = cities::totals() else {
        return;
    };
    println!("city    hindsight [95 %]                        p      declared    least p after");
    for expected in &CITIES {
        let answer = detector()
            .turning_point(&totals[expected.code], true)
            .unwrap();
        let hindsight = answer.hindsight.unwrap();
        let after = answer.history.iter().filter(|status| status.declared);
        let least = after.map(|status| status.p_declining).fold(1.0, f64::min);
        println!(
            "{}  {} [{} to {}]  {:.3}  {}  {least:.3}",
            expected.code,
            hindsight.date,
            hindsight.ci_low,
            hindsight.ci_high,
            hindsight.probability,
            answer.declared_on.unwrap(),
        );
        assert_eq!(
            answer.reason,
            TurningPointReason::Declared,
            "{}",
            expected.code
        );
        assert_eq!(hindsight.date, expected.hindsight, "{}", expected.code);
        assert_eq!(
            answer.declared_on,
            Some(expected.declared_on),
            "{}",
            expected.code
        );
        assert!(hindsight.probability > 0.95, "{}", expected.code);
    }
}

#[test]
fn a_declaration_never_flips_back_on_any_later_day() {
    let Some(totals) = cities::totals() else {
        return;
    };
    let detector = detector();
    for expected in &CITIES {
        let rows = &totals[expected.code];
        let whole = detector.turning_point(rows, true).unwrap();
        let mut declared_days = 0;
        for day in rows.iter().map(|row| row.date) {
            let then = detector.turning_point(&known_on(rows, day), true).unwrap();
            assert_eq!(
                then.history,
                whole.history[..then.history.len()],
                "{} {day}",
                expected.code
            );
            if day < expected.declared_on {
                assert_eq!(then.declared_on, None, "{} {day}", expected.code);
            } else {
                declared_days += 1;
                assert_eq!(
                    then.declared_on,
                    Some(expected.declared_on),
                    "{} {day}",
                    expected.code
                );
                assert_eq!(
                    then.reason,
                    TurningPointReason::Declared,
                    "{} {day}",
                    expected.code
                );
                assert!(
                    then.hindsight.unwrap().date <= day,
                    "{} {day}",
                    expected.code
                );
            }
        }
        assert!(declared_days >= 69, "{}: to 30 April", expected.code);
    }
}

#[test]
fn no_city_of_the_file_is_ever_withdrawn() {
    let Some(totals) = cities::totals() else {
        return;
    };
    for (code, rows) in &totals {
        let answer = detector().turning_point(rows, true).unwrap();
        assert_eq!(answer.declarations.len(), 1, "{code}");
        assert!(answer.declared_on.is_some(), "{code}");
    }
}

/// Bulletins that never came: every third day of a city is struck out, the totals go on.
#[test]
fn missing_bulletins_never_flip_a_declaration() {
    let Some(totals) = cities::totals() else {
        return;
    };
    for expected in &CITIES {
        let rows = &totals[expected.code];
        for kept in 0..3 {
            let thinned: Vec<Total> = rows
                .iter()
                .enumerate()
                .filter(|(index, _)| index % 3 != kept)
                .map(|(_, row)| *row)
                .collect();
            let answer = detector().turning_point(&thinned, true).unwrap();
            assert_eq!(answer.declarations.len(), 1, "{} {kept}", expected.code);
            let later = (answer.declared_on.unwrap() - expected.declared_on).get_days();
            println!(
                "{} without every third bulletin: {later:+} days",
                expected.code
            );
        }
    }
}
