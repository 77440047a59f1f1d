//! Alarms by hand and by brute force.
#![allow(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod common;

use common::Random;
use lianfang_epi::alarms::{
    AlarmError, EarsJudged, EarsMethod, EarsRule, FarringtonRule, ears, farrington,
};
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
    assert!((c1[0].sd - 0.5).abs() < 1e-12);
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

const NOUFAILY: FarringtonRule = FarringtonRule {
    period: 52,
    years: 5,
    half_window: 3,
    seasons: 10,
    left_out: 26,
    outlier: 2.58,
    trend_p: 0.05,
    alpha: 0.005,
    few_cases: 5,
    few_counts: 4,
};

/// Weekly counts with a season and a trend of ln counts by the year, and outbreaks in some weeks.
fn weekly(random: &mut Random, weeks: usize, mean: f64, trend: f64) -> Vec<u32> {
    (0..weeks)
        .map(|week| {
            let year = week as f64 / 52.0;
            let season = 0.5 * (std::f64::consts::TAU * year).cos();
            let outbreak = if random.uniform() < 0.03 { 3.0 } else { 1.0 };
            random.negative_binomial(mean * outbreak * (season + trend * year).exp(), 20.0)
        })
        .collect()
}

/// Without a trend the quasi-Poisson fit is known: each season's weighted mean. All else from the definition, week by week.
fn farrington_in_closed_form(
    counts: &[u32],
    at: usize,
    rule: &FarringtonRule,
) -> Option<(f64, f64, usize)> {
    let w = rule.half_window as i64;
    let mut level = vec![None; counts.len()];
    let last = rule.seasons - 1;
    for year in (0..=rule.years as i64).rev() {
        let reference = at as i64 - year * rule.period as i64;
        let mark = |from: i64, to: i64, value: usize, level: &mut Vec<Option<usize>>| {
            for week in from..=to {
                if (0..=at as i64).contains(&week) {
                    level[week as usize] = Some(value);
                }
            }
        };
        if reference - w < 0 {
            return None;
        }
        mark(reference - w, reference + w, last, &mut level);
        // The weeks up to the next window in blocks of equal length, the first ones longer by the rest.
        let between = rule.period as i64 - 2 * w - 1;
        let mut start = reference + w + 1;
        for block in 0..last as i64 {
            let longer = i64::from(block < between % last as i64);
            let length = between / last as i64 + longer;
            mark(start, start + length - 1, block as usize, &mut level);
            start += length;
        }
    }
    let rows: Vec<(usize, f64)> = (0..at - rule.left_out)
        .filter_map(|week| Some((level[week]?, f64::from(counts[week]))))
        .collect();
    let means = |weights: &[f64]| -> Vec<f64> {
        (0..rule.seasons)
            .map(|season| {
                let own = || {
                    rows.iter()
                        .zip(weights)
                        .filter(|((level, _), _)| *level == season)
                };
                own().map(|((_, y), w)| y * w).sum::<f64>() / own().map(|(_, w)| w).sum::<f64>()
            })
            .collect()
    };
    let dispersion = |weights: &[f64], means: &[f64]| {
        let pearson: f64 = rows
            .iter()
            .zip(weights)
            .map(|((level, y), w)| w * (y - means[*level]).powi(2) / means[*level])
            .sum();
        (pearson / (rows.len() - rule.seasons) as f64).max(1.0)
    };
    let ones = vec![1.0; rows.len()];
    let first = means(&ones);
    let phi = dispersion(&ones, &first);
    let raw: Vec<f64> = rows
        .iter()
        .map(|(level, y)| {
            let mean = first[*level];
            let n = rows.iter().filter(|(other, _)| other == level).count() as f64;
            let s = 1.5 * (y.powf(2.0 / 3.0) * mean.powf(-1.0 / 6.0) - mean.sqrt())
                / (phi * (1.0 - 1.0 / n)).sqrt();
            if s > rule.outlier { 1.0 / (s * s) } else { 1.0 }
        })
        .collect();
    let scale = rows.len() as f64 / raw.iter().sum::<f64>();
    let weights: Vec<f64> = raw.iter().map(|w| w * scale).collect();
    let second = means(&weights);
    Some((second[last], dispersion(&weights, &second), rows.len()))
}

#[test]
fn farrington_without_a_trend_is_the_closed_form() {
    let mut compared = 0;
    for (seed, half_window, seasons, years) in [
        (1, 3, 10, 5),
        (2, 2, 10, 5),
        (3, 3, 6, 2),
        (4, 1, 12, 4),
        (5, 3, 2, 3),
    ] {
        let mut random = Random(seed);
        let counts = weekly(&mut random, 330, 12.0, 0.0);
        let rule = FarringtonRule {
            half_window,
            seasons,
            years,
            // No trend is ever so significant.
            trend_p: 1e-300,
            ..NOUFAILY
        };
        for at in 0..counts.len() {
            let judged = farrington(&counts, at, &rule).unwrap();
            let closed = if at >= years * 52 + half_window {
                farrington_in_closed_form(&counts, at, &rule)
            } else {
                None
            };
            let (Some(judged), Some((expected, dispersion, rows))) = (&judged, closed) else {
                assert_eq!(judged.is_some(), closed.is_some(), "{at}");
                continue;
            };
            compared += 1;
            assert!(
                (judged.expected / expected - 1.0).abs() < 1e-6,
                "{at} {} {expected}",
                judged.expected
            );
            assert!((judged.dispersion / dispersion - 1.0).abs() < 1e-6, "{at}");
            assert_eq!((judged.baseline, judged.trend), (rows, None));
            assert_eq!(
                judged.alarm,
                judged.observed > judged.threshold && !judged.too_few
            );
            assert!(
                judged
                    .score
                    .is_none_or(|score| (score > 1.0) == (judged.observed > judged.threshold))
            );
        }
    }
    println!("{compared} weeks compared");
    assert!(compared > 500);
}

#[test]
fn farrington_follows_a_trend() {
    // Counts that double in three years, without noise but for rounding.
    let counts: Vec<u32> = (0..320)
        .map(|week| (100.0 * 2.0_f64.powf(f64::from(week) / 156.0)).round() as u32)
        .collect();
    // It would foretell more than was ever counted, so that a rising trend is not believed.
    let rising = farrington(&counts, 319, &NOUFAILY).unwrap().unwrap();
    assert_eq!(rising.trend, None);
    let falling: Vec<u32> = counts.iter().rev().copied().collect();
    let judged = farrington(&falling, 319, &NOUFAILY).unwrap().unwrap();
    let by_week = -f64::ln(2.0) / 156.0;
    assert!(
        (judged.trend.unwrap() / by_week - 1.0).abs() < 0.01,
        "{:?}",
        judged.trend
    );
    assert!(
        (judged.expected / f64::from(falling[319]) - 1.0).abs() < 0.01,
        "{}",
        judged.expected
    );
    assert!(!judged.alarm && judged.dispersion <= 1.0);
}

#[test]
fn farrington_needs_years_and_cases() {
    let rule = NOUFAILY;
    assert_eq!(farrington(&[5; 262], 261, &rule), Ok(None));
    assert_eq!(farrington(&[5; 300], 300, &rule), Ok(None));
    let judged = farrington(&[5; 300], 299, &rule).unwrap().unwrap();
    assert!((judged.expected - 5.0).abs() < 1e-6 && !judged.alarm);
    // Poisson with mean 5: P(X ≤ 11) = 0.9945, P(X ≤ 12) = 0.9980.
    assert_eq!((judged.threshold, judged.dispersion), (12, 1.0));
    let mut counts = vec![5; 300];
    counts[299] = 13;
    assert!(farrington(&counts, 299, &rule).unwrap().unwrap().alarm);
    // A case every third week, then three in one: more than expected, but four in four weeks are too few.
    let rare: Vec<u32> = (0..300)
        .map(|week| u32::from(week % 3 == 0))
        .chain([3])
        .collect();
    let judged = farrington(&rare, 300, &rule).unwrap().unwrap();
    assert!(
        judged.observed > judged.threshold && judged.too_few && !judged.alarm,
        "{judged:?}"
    );
    // Without any case nothing is unusual about none.
    let never = farrington(&[0; 300], 299, &rule).unwrap();
    assert!(never.is_none_or(|judged| !judged.alarm && judged.threshold == 0));
    let wrong = |rule: FarringtonRule| farrington(&[5; 300], 299, &rule).unwrap_err();
    assert!(matches!(
        wrong(FarringtonRule {
            seasons: 60,
            ..rule
        }),
        AlarmError::Seasons { .. }
    ));
    assert!(matches!(
        wrong(FarringtonRule { years: 0, ..rule }),
        AlarmError::Seasons { .. }
    ));
    assert!(matches!(
        wrong(FarringtonRule { alpha: 0.0, ..rule }),
        AlarmError::Alpha(_)
    ));
    assert!(matches!(
        wrong(FarringtonRule {
            outlier: f64::NAN,
            ..rule
        }),
        AlarmError::Outlier(_)
    ));
}

#[test]
fn farrington_false_alarms_and_outbreaks_found_are_printed() {
    let (mut judged, mut false_alarms, mut found) = (0, 0, 0);
    for seed in 0..60 {
        let mut random = Random(seed);
        let mut counts = weekly(&mut random, 330, 15.0, 0.05);
        for at in 270..329 {
            let week = farrington(&counts, at, &NOUFAILY).unwrap().unwrap();
            judged += 1;
            false_alarms += usize::from(week.alarm);
        }
        counts[329] = (3.0
            * farrington(&counts, 329, &NOUFAILY)
                .unwrap()
                .unwrap()
                .expected) as u32
            + 1;
        found += usize::from(farrington(&counts, 329, &NOUFAILY).unwrap().unwrap().alarm);
    }
    let rate = f64::from(u32::try_from(false_alarms).unwrap()) / f64::from(judged);
    println!(
        "alarms in {:.2} % of weeks, of which 3 % are outbreaks; {found} of 60 triple counts found",
        100.0 * rate
    );
    assert!(rate < 0.08 && found > 45, "{rate} {found}");
}
