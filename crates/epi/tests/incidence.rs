//! Daily incidence out of totals with gaps and corrections.
#![allow(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use jiff::ToSpan;
use jiff::civil::{Date, date};
use lianfang_epi::incidence::{Incidence, IncidenceError, Total};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn day(index: i64) -> Date {
    date(2020, 1, 21) + index.days()
}

fn row(index: i64, total: u32) -> Total {
    Total {
        date: day(index),
        total,
    }
}

#[test]
fn rows_in_any_order_and_the_later_of_one_date_stands() {
    let rows = [row(2, 9), row(0, 1), row(1, 4), row(1, 5)];
    let incidence = Incidence::from_totals(&rows, true).unwrap();
    assert_eq!(incidence.new, [Some(1), Some(4), Some(4)]);
}

#[test]
fn a_first_total_of_unknown_age_is_a_baseline() {
    let incidence = Incidence::from_totals(&[row(0, 10), row(1, 12), row(2, 8)], false).unwrap();
    assert_eq!(incidence.new, [None, Some(2), Some(0)]);
    assert_eq!(incidence.filled, [0.0, 0.0, 0.0]);
    assert_eq!(incidence.baseline, 8, "two of the first ten were no cases");
}

#[test]
fn a_correction_is_taken_off_the_latest_days_that_have_any() {
    let rows = [row(0, 5), row(1, 8), row(2, 8), row(3, 9), row(4, 4)];
    let incidence = Incidence::from_totals(&rows, true).unwrap();
    assert_eq!(incidence.filled, [4.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(incidence.corrections[0].date, day(4));
}

#[test]
fn days_with_a_count_of_their_own() {
    let rows = [row(0, 5), row(1, 8), row(4, 14), row(5, 15), row(6, 14)];
    let incidence = Incidence::from_totals(&rows, true).unwrap();
    assert_eq!(
        incidence.known(),
        [Some(5), Some(3), None, None, None, Some(1), None]
    );
    assert_eq!(incidence.filled[2..5], [2.0, 2.0, 2.0]);
}

#[test]
fn refusals() {
    assert_eq!(
        Incidence::from_totals(&[], true),
        Err(IncidenceError::Empty)
    );
    let typo = Total {
        date: date(2920, 2, 1),
        total: 2,
    };
    let refusal = Incidence::from_totals(&[row(0, 1), typo], true)
        .unwrap_err()
        .to_string();
    assert!(
        refusal.contains("2920-02-01") && refusal.contains("check the years"),
        "{refusal}"
    );
}

fn totals() -> impl Strategy<Value = Vec<Total>> {
    let any = prop_oneof![0_u32..60, 0_u32..5_000, Just(0_u32), any::<u32>()];
    prop::collection::vec((0_i64..150, any), 1..60).prop_map(|rows| {
        rows.into_iter()
            .map(|(index, total)| row(index, total))
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn filled_is_never_negative_and_adds_up(rows in totals(), first_is_new in any::<bool>()) {
        let incidence = Incidence::from_totals(&rows, first_is_new).unwrap();
        let latest = rows.iter().map(|row| row.date).max().unwrap();
        let last = rows.iter().rfind(|row| row.date == latest).unwrap().total;
        let sum: f64 = incidence.filled.iter().sum();
        let expected = f64::from(last) - f64::from(incidence.baseline);
        prop_assert!(incidence.filled.iter().all(|&count| count >= 0.0));
        prop_assert!((sum - expected).abs() <= 1e-4 + 1e-9 * expected.abs(), "{sum} {expected}");
        prop_assert_eq!(incidence.dates.len(), incidence.new.len());
        prop_assert_eq!(incidence.dates.len(), incidence.filled.len());
        prop_assert!(incidence.dates.windows(2).all(|pair| pair[0].tomorrow().unwrap() == pair[1]));
    }

    #[test]
    fn order_of_rows_does_not_matter(rows in totals()) {
        let mut once: Vec<Total> = rows.clone();
        once.sort_by_key(|row| row.date);
        once.dedup_by_key(|row| row.date);
        let mut shuffled = once.clone();
        shuffled.reverse();
        prop_assert_eq!(Incidence::from_totals(&once, true), Incidence::from_totals(&shuffled, true));
    }
}
