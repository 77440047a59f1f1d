//! The turning point on simulated outbreaks and on anything that could be typed into a table.
#![allow(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod common;

use common::{Random, cities};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use lianfang_epi::turning_point::{
    Child, Detector, RuleError, TurningPoint, TurningPointError, TurningPointReason,
    past_turning_point, turning_point,
};
use lianfang_epi::{SerialInterval, Total, TurningPointRule};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn day(index: i64) -> Date {
    date(2020, 1, 1) + index.days()
}

fn totals_of(daily: &[u32]) -> Vec<Total> {
    let totals = daily.iter().scan(0, |total, new| {
        *total += new;
        Some(*total)
    });
    (0..)
        .zip(totals)
        .map(|(index, total)| Total {
            date: day(index),
            total,
        })
        .collect()
}

/// Renewal process with negative-binomial counts of size 5: noisier than the rule expects.
fn outbreak(random: &mut Random, days: usize, first: u32, r: impl Fn(usize) -> f64) -> Vec<u32> {
    let si: SerialInterval = cities::serial_interval();
    let mut daily = vec![first];
    for t in 1..days {
        let lambda: f64 = (1..si.weights().len().min(t + 1))
            .map(|lag| si.weights()[lag] * f64::from(daily[t - lag]))
            .sum();
        daily.push(random.negative_binomial(r(t) * lambda + 0.05, 5.0));
    }
    daily
}

fn evaluate(daily: &[u32]) -> TurningPoint {
    turning_point(
        &totals_of(daily),
        true,
        &cities::serial_interval(),
        &cities::rule(),
    )
    .unwrap()
}

#[test]
fn no_rows_no_cases_few_cases() {
    let si = cities::serial_interval();
    let refused = turning_point(&[], true, &si, &cities::rule());
    assert!(matches!(refused, Err(TurningPointError::Incidence(_))));

    let none = evaluate(&[0; 30]);
    assert_eq!(
        (none.reason, none.hindsight),
        (TurningPointReason::NoCases, None)
    );
    assert!(none.history.is_empty());

    let few = evaluate(&[0, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(
        few.reason,
        TurningPointReason::TooFewCases {
            cases: 3,
            needed: 10
        }
    );
    assert_eq!(few.declared_on, None);
    assert_eq!(few.history.len(), 15, "from the first case on");
}

#[test]
fn growing_outbreaks_are_not_declared() {
    let mut random = Random(11);
    let declared = |random: &mut Random, r: f64| {
        (0..200)
            .filter(|_| {
                let daily = outbreak(random, 38, 5, |t| if t < 8 { 2.0 } else { r });
                !evaluate(&daily).declarations.is_empty()
            })
            .count()
    };
    let (fast, slow) = (declared(&mut random, 1.5), declared(&mut random, 1.25));
    println!("declared within 30 days, of 200: {fast} at R 1.5, {slow} at R 1.25");
    assert!(fast <= 4 && slow <= 16, "{fast} {slow}");
}

#[test]
fn outbreaks_that_turn_are_declared_within_days_and_stay_declared() {
    let mut random = Random(12);
    let mut covered = 0;
    let mut delays: Vec<i32> = (0..200)
        .map(|_| {
            let daily = outbreak(&mut random, 90, 10, |t| if t < 15 { 2.0 } else { 0.6 });
            let answer = evaluate(&daily);
            let hindsight = answer.hindsight.unwrap();
            covered += usize::from(hindsight.ci_low <= day(15) && day(15) <= hindsight.ci_high);
            let withdrawn = answer
                .declarations
                .iter()
                .filter(|one| one.withdrawn_on.is_some());
            assert_eq!(withdrawn.count(), 0);
            (answer.declared_on.unwrap() - day(15)).get_days()
        })
        .collect();
    delays.sort_unstable();
    let (median, late) = (delays[100], delays[180]);
    println!(
        "declared {median} days after R fell (90 %: {late}); true day in the 95 % interval: {covered} of 200"
    );
    assert!(median <= 7 && late <= 14, "{median} {late}");
    assert!(covered >= 180, "{covered}");
}

#[test]
fn a_second_wave_withdraws_and_its_own_decline_declares_again() {
    let mut random = Random(13);
    let daily = outbreak(&mut random, 150, 10, |t| match t {
        0..15 => 2.0,
        40..75 => 1.8,
        _ => 0.5,
    });
    let answer = evaluate(&daily);
    assert_eq!(answer.declarations.len(), 2, "{:?}", answer.declarations);
    let [first, second] = answer.declarations[..] else {
        unreachable!()
    };
    let withdrawn = first.withdrawn_on.unwrap();
    assert!(first.declared_on < day(30) && day(45) < withdrawn);
    assert_eq!(answer.declared_on, Some(second.declared_on));
    assert!(
        answer.hindsight.unwrap().ci_low > day(60),
        "the present wave's own turning point"
    );

    let during = evaluate(&daily[..70]);
    assert_eq!(during.reason, TurningPointReason::GrowingAgain);
    assert_eq!((during.declared_on, during.hindsight), (None, None));
}

#[test]
fn one_imported_case_after_long_quiet_withdraws_nothing() {
    let mut daily = vec![2, 4, 8, 15, 25, 30, 20, 14, 9, 6, 4, 2, 1, 1];
    daily.resize(60, 0);
    let before = evaluate(&daily);
    daily.extend([1, 0, 0, 0, 0, 1, 0, 0]);
    let after = evaluate(&daily);
    assert_eq!(after.declared_on, before.declared_on);
    assert!(after.declared_on.is_some());
    assert!(
        after
            .history
            .iter()
            .skip(20)
            .all(|status| status.p_declining > 0.9)
    );
}

#[test]
fn a_bulletin_that_repeats_the_total_is_not_a_decline() {
    let daily = [2, 3, 5, 8, 12, 18, 0, 30, 45, 60];
    assert_eq!(evaluate(&daily[..7]).reason, TurningPointReason::Growing);
    assert_eq!(evaluate(&daily).reason, TurningPointReason::Growing);
}

#[test]
fn the_rule_is_checked_and_reads_as_the_policy_pack_writes_it() {
    let rule = cities::rule();
    let text = serde_json::to_string(&rule).unwrap();
    assert_eq!(
        serde_json::from_str::<TurningPointRule>(&text).unwrap(),
        rule
    );
    assert!(serde_json::from_str::<TurningPointRule>(r#"{"declare_probability": 0.9}"#).is_err());

    let si = cities::serial_interval();
    let refused = |rule| -> RuleError { Detector::new(&si, &rule).unwrap_err() };
    let unsure = refused(TurningPointRule {
        declare_probability: 0.5,
        ..rule
    });
    assert_eq!(
        unsure.to_string(),
        "the turning point rule's declare_probability is 0.5: it must be more than 0.5 and less than 1"
    );
    assert_eq!(
        refused(TurningPointRule {
            dispersion: f64::NAN,
            ..rule
        })
        .field,
        "dispersion"
    );
    assert_eq!(
        refused(TurningPointRule {
            declare_days: 0,
            ..rule
        })
        .field,
        "declare_days"
    );
}

#[test]
fn the_answer_reads_as_pages_need_it() {
    let answer = evaluate(&[2, 4, 8, 15, 25, 30, 20, 14, 9, 6, 4, 2, 1, 1, 0, 0]);
    let json = serde_json::to_value(&answer).unwrap();
    assert_eq!(json["reason"], serde_json::json!({"kind": "declared"}));
    assert_eq!(json["as_of"], "2020-01-16");
    assert_eq!(json["history"][0]["date"], "2020-01-01");
    assert!(json["hindsight"]["probability"].as_f64().unwrap() > 0.9);
    let few = serde_json::to_value(evaluate(&[1, 1])).unwrap();
    assert_eq!(
        few["reason"],
        serde_json::json!({"kind": "too_few_cases", "cases": 2, "needed": 10})
    );
}

#[test]
fn children_beyond_the_dates_and_without_a_turning_point() {
    let children = [
        Child {
            turning_point: Some(day(-5)),
            weight: 1.0,
        },
        Child {
            turning_point: Some(day(99)),
            weight: 1.0,
        },
        Child {
            turning_point: None,
            weight: f64::NAN,
        },
    ];
    let curve = past_turning_point(&children, day(0), day(9));
    assert_eq!(curve.len(), 10);
    assert!(
        curve
            .iter()
            .all(|point| point.children == 1 && (point.weight_share - 0.5).abs() < 1e-12)
    );
    assert!(past_turning_point(&children, day(5), day(0)).is_empty());
    assert!(past_turning_point(&[], day(0), day(0))[0].share.abs() < 1e-12);
}

fn totals() -> impl Strategy<Value = Vec<Total>> {
    let any = prop_oneof![0_u32..60, 0_u32..3_000, Just(0_u32), any::<u32>()];
    prop::collection::vec((0_i64..90, any), 1..50).prop_map(|rows| {
        rows.into_iter()
            .map(|(index, total)| Total {
                date: day(index),
                total,
            })
            .collect()
    })
}

/// Totals that mostly rise, with corrections, repeats and gaps.
fn bulletins() -> impl Strategy<Value = Vec<Total>> {
    let step = (
        1_i64..4,
        prop_oneof![8 => 0_i64..40, 2 => Just(0_i64), 1 => -60_i64..0],
    );
    prop::collection::vec(step, 1..60).prop_map(|steps| {
        let (mut index, mut total) = (0, 0_i64);
        let mut rows = Vec::new();
        for (days, change) in steps {
            index += days;
            total = (total + change).max(0);
            rows.push(Total {
                date: day(index),
                total: total as u32,
            });
        }
        rows
    })
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(2), failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    #[test]
    fn any_totals_get_an_answer(rows in totals(), first_is_new in any::<bool>()) {
        let answer = turning_point(&rows, first_is_new, &cities::serial_interval(), &cities::rule()).unwrap();
        prop_assert!(answer.history.iter().all(|status| (0.0..=1.0).contains(&status.p_declining)));
        prop_assert_eq!(answer.declared_on.is_some(), answer.reason == TurningPointReason::Declared);
        if let Some(hindsight) = answer.hindsight {
            prop_assert!(hindsight.ci_low <= hindsight.date && hindsight.date <= hindsight.ci_high);
            prop_assert!(hindsight.ci_high <= answer.as_of);
        }
    }

    #[test]
    fn any_rule_gets_an_answer(
        rows in totals(),
        spread in (0.05..2.0, 0.05..2.0),
        noise in (0.1..1e6, 1e-12..0.5, 1e-6..1e3),
        switch_per_day in 1e-12..0.5,
    ) {
        let rule = TurningPointRule {
            switch_per_day,
            log_r_sd: spread.0,
            log_r_step_sd: spread.1,
            dispersion: noise.0,
            artefact_probability: noise.1,
            imported_per_day: noise.2,
            ..cities::rule()
        };
        let answer = turning_point(&rows, true, &cities::serial_interval(), &rule).unwrap();
        prop_assert!(answer.history.iter().all(|status| (0.0..=1.0).contains(&status.p_declining)));
    }

    #[test]
    fn later_bulletins_never_change_what_was_known(rows in bulletins()) {
        let detector = Detector::new(&cities::serial_interval(), &cities::rule()).unwrap();
        let whole = detector.turning_point(&rows, true).unwrap();
        for known in 1..rows.len() {
            let then = detector.turning_point(&rows[..known], true).unwrap();
            prop_assert_eq!(&then.history[..], &whole.history[..then.history.len()]);
            if let (Some(status), true) = (then.history.last(), then.declared_on.is_some()) {
                prop_assert!(status.declared);
            }
        }
    }
}
