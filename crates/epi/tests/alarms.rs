//! Alarms by hand and by brute force.
#![allow(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod common;

use common::Random;
use lianfang_epi::alarms::{AlarmError, EarsJudged, EarsMethod, EarsRule, ears};
use proptest::prelude::*;

/// R: qnorm(0.999), qnorm(0.975).
const Z_999: f64 = 3.090_232_306_167_813;
const Z_975: f64 = 1.959_963_984_540_054;

fn rule(method: EarsMethod, alpha: f64) -> EarsRule {
    EarsRule {
        method,
        baseline: 7,
        min_sd: 0.5,
        alpha,
    }
}

#[test]
fn c1_and_c2_by_hand() {
    // Mean 4 and standard deviation √(28/6) of 1, 2, 3, 4, 5, 6, 7.
    let counts = [1, 2, 3, 4, 5, 6, 7, 10, 11, 11];
    let sd = (28.0_f64 / 6.0).sqrt();
    let c1 = ears(&counts, &rule(EarsMethod::C1, 0.001)).unwrap();
    assert_eq!(c1.len(), 3);
    let first = &c1[0];
    assert_eq!(
        (
            first.at,
            first.observed,
            first.baseline.clone(),
            first.carried
        ),
        (7, 10, 0..7, 0.0)
    );
    assert!((first.expected - 4.0).abs() < 1e-12 && (first.sd - sd).abs() < 1e-12);
    assert!((first.threshold - (4.0 + Z_999 * sd)).abs() < 1e-9);
    assert!((first.statistic - 6.0 / sd).abs() < 1e-12);
    assert!(!first.alarm, "10 is not above 10.68");
    // Two days later C2 still looks at the first seven.
    let c2 = ears(&counts, &rule(EarsMethod::C2, 0.001)).unwrap();
    assert_eq!((c2.len(), c2[0].at, c2[0].baseline.clone()), (1, 9, 0..7));
    assert!(c2[0].alarm && (c2[0].threshold - first.threshold).abs() < 1e-12);
    // C1's baseline has taken in the rise by then.
    assert!(!c1[2].alarm);
}

#[test]
fn c3_by_hand() {
    let mut counts = vec![1, 2, 3, 4, 5, 6, 7];
    counts.extend([4, 4, 4, 8, 8]);
    let judged = ears(&counts, &rule(EarsMethod::C3, 0.025)).unwrap();
    assert_eq!(judged.len(), 1);
    let last = &judged[0];
    assert_eq!((last.at, last.baseline.clone()), (11, 2..9));
    // Baselines: 1 to 7 (mean 4); 2 to 7 and 4 (mean 31/7); 3 to 7, 4, 4 (mean 33/7).
    let deviation = |count: f64, base: [f64; 7]| {
        let mean = base.iter().sum::<f64>() / 7.0;
        let sd = (base.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 6.0).sqrt();
        ((count - mean) / sd, mean, sd)
    };
    let (first, ..) = deviation(4.0, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
    let (second, ..) = deviation(8.0, [2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 4.0]);
    let (third, mean, sd) = deviation(8.0, [3.0, 4.0, 5.0, 6.0, 7.0, 4.0, 4.0]);
    assert!(first.abs() < 1e-12 && second > 1.0 && third > 1.0);
    assert!((last.carried - (second - 1.0)).abs() < 1e-12);
    assert!((last.statistic - (second - 1.0 + third - 1.0)).abs() < 1e-12);
    assert!((last.threshold - (mean + (1.0 + Z_975 - last.carried) * sd)).abs() < 1e-9);
    assert_eq!(last.alarm, last.statistic > Z_975);
}

#[test]
fn the_days_before_can_alarm_on_their_own() {
    let mut counts = vec![2; 7];
    counts.extend([2, 2, 9, 9, 0]);
    let judged = ears(&counts, &rule(EarsMethod::C3, 0.025)).unwrap();
    let last = judged.last().unwrap();
    assert_eq!((last.observed, last.threshold), (0, -1.0));
    assert!(last.alarm && last.carried > Z_975);
}

#[test]
fn a_baseline_without_cases_has_the_least_spread() {
    let counts = [0, 0, 0, 0, 0, 0, 0, 1, 2];
    let c1 = ears(&counts, &rule(EarsMethod::C1, 0.001)).unwrap();
    assert_eq!(c1[0].sd, 0.5);
    assert!(!c1[0].alarm, "one case is not above 1.55");
    assert!(c1[1].alarm, "two are");
    let keener = EarsRule {
        min_sd: 0.2,
        ..rule(EarsMethod::C1, 0.001)
    };
    assert!(ears(&counts, &keener).unwrap()[0].alarm);
}

#[test]
fn what_is_too_short_is_not_judged_and_what_is_no_rule_is_refused() {
    for (method, shortest) in [
        (EarsMethod::C1, 8),
        (EarsMethod::C2, 10),
        (EarsMethod::C3, 12),
    ] {
        assert!(
            ears(&vec![3; shortest - 1], &rule(method, 0.01))
                .unwrap()
                .is_empty()
        );
        assert_eq!(
            ears(&vec![3; shortest], &rule(method, 0.01)).unwrap().len(),
            1
        );
    }
    let good = rule(EarsMethod::C1, 0.01);
    let wrong = |rule: EarsRule| ears(&[1; 30], &rule).unwrap_err();
    assert_eq!(
        wrong(EarsRule {
            baseline: 2,
            ..good
        }),
        AlarmError::Baseline(2)
    );
    assert_eq!(
        wrong(EarsRule {
            min_sd: 0.0,
            ..good
        }),
        AlarmError::MinSd(0.0)
    );
    assert_eq!(
        wrong(EarsRule { alpha: 1.0, ..good }),
        AlarmError::Alpha(1.0)
    );
    assert!(matches!(
        wrong(EarsRule {
            alpha: f64::NAN,
            ..good
        }),
        AlarmError::Alpha(_)
    ));
}

/// Day by day from the definition, with running sums of powers instead of residuals.
fn by_brute_force(counts: &[u32], rule: &EarsRule, z: f64) -> Vec<(usize, bool)> {
    let b = rule.baseline;
    let deviations = |at: usize, guard: usize| {
        let (mut sum, mut squares) = (0.0, 0.0);
        for lag in guard + 1..=guard + b {
            let count = f64::from(counts[at - lag]);
            sum += count;
            squares += count * count;
        }
        let n = b as f64;
        let variance = (squares - sum * sum / n).max(0.0) / (n - 1.0);
        (f64::from(counts[at]) - sum / n) / variance.sqrt().max(rule.min_sd)
    };
    let (first, guard) = match rule.method {
        EarsMethod::C1 => (b, 0),
        EarsMethod::C2 => (b + 2, 2),
        EarsMethod::C3 => (b + 4, 2),
    };
    (first..counts.len())
        .map(|at| {
            let statistic = match rule.method {
                EarsMethod::C3 => (at - 2..=at)
                    .map(|day| (deviations(day, guard) - 1.0).max(0.0))
                    .sum(),
                _ => deviations(at, guard),
            };
            (at, statistic > z)
        })
        .collect()
}

proptest! {
    #[test]
    fn alarms_are_those_of_the_definition(
        seed in any::<u64>(), mean in 0.2..30.0_f64, baseline in 3..15_usize, n in 0..60_usize,
    ) {
        let mut random = Random(seed);
        let counts: Vec<u32> = (0..n).map(|_| random.negative_binomial(mean, 2.0)).collect();
        for (method, alpha, z) in [
            (EarsMethod::C1, 0.001, Z_999),
            (EarsMethod::C2, 0.001, Z_999),
            (EarsMethod::C3, 0.025, Z_975),
        ] {
            let rule = EarsRule { baseline, ..rule(method, alpha) };
            let judged = ears(&counts, &rule).unwrap();
            let got: Vec<(usize, bool)> = judged.iter().map(|day| (day.at, day.alarm)).collect();
            prop_assert_eq!(got, by_brute_force(&counts, &rule, z));
            for day in &judged {
                prop_assert_eq!(day.observed, counts[day.at]);
                prop_assert_eq!(day.baseline.len(), baseline);
                prop_assert_eq!(day.alarm, f64::from(day.observed) > day.threshold);
            }
        }
    }
}

#[test]
fn false_alarms_and_outbreaks_found_are_printed() {
    let rate = |judged: &[EarsJudged]| {
        judged.iter().filter(|day| day.alarm).count() as f64 / judged.len() as f64
    };
    for (method, alpha) in [
        (EarsMethod::C1, 0.001),
        (EarsMethod::C2, 0.001),
        (EarsMethod::C3, 0.025),
    ] {
        let mut random = Random(7);
        let calm: Vec<u32> = (0..20_000).map(|_| random.poisson(10.0)).collect();
        let false_alarms = rate(&ears(&calm, &rule(method, alpha)).unwrap());
        // Five days of triple counts in calm series of forty days; one alarm in those five finds it.
        let mut found = 0;
        for _ in 0..500 {
            let counts: Vec<u32> = (0..40)
                .map(|day| random.poisson(if (30..35).contains(&day) { 30.0 } else { 10.0 }))
                .collect();
            let judged = ears(&counts, &rule(method, alpha)).unwrap();
            found += usize::from(
                judged
                    .iter()
                    .any(|day| day.alarm && (30..35).contains(&day.at)),
            );
        }
        println!(
            "{method:?}: false alarms on {:.2} % of days with 10 cases, {found} of 500 outbreaks found",
            100.0 * false_alarms
        );
        // Seven counts make a rough standard deviation: the rate is that of a t distribution, above the nominal one.
        assert!(
            false_alarms < 0.1 && found > 400,
            "{method:?} {false_alarms} {found}"
        );
    }
}
