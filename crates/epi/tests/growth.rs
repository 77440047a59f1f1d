//! Growth rates against closed forms, a brute-force likelihood, and simulated coverage.
#![allow(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod common;

use common::Random;
use lianfang_epi::growth::{GrowthError, Pace, Variance, growth_rate};

fn counts(values: &[u32]) -> Vec<Option<u32>> {
    values.iter().copied().map(Some).collect()
}

#[test]
fn doubling_every_day_is_ln_2() {
    let growth = growth_rate(&counts(&[5, 10, 20, 40, 80]), Variance::QuasiPoisson, 0.95).unwrap();
    assert!((growth.r - std::f64::consts::LN_2).abs() < 1e-12);
    assert!(growth.dispersion < 1e-12);
    let Pace::Doubling(time) = growth.pace() else {
        panic!("grows")
    };
    assert!((time.days - 1.0).abs() < 1e-9);
}

#[test]
fn halving_over_missing_days() {
    let mut halving = vec![None; 13];
    for (day, count) in [(0, 64), (3, 32), (6, 16), (12, 4)] {
        halving[day] = Some(count);
    }
    let growth = growth_rate(&halving, Variance::Poisson, 0.95).unwrap();
    assert_eq!(growth.days, 4);
    let Pace::Halving(time) = growth.pace() else {
        panic!("falls")
    };
    assert!((time.days - 3.0).abs() < 1e-9);
    assert!(time.low < 3.0 && time.high.unwrap() > 3.0);
}

/// The Poisson log-likelihood of r with the intercept at its best, searched over a fine grid.
#[test]
fn agrees_with_a_brute_force_likelihood() {
    let values = [3_u32, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8];
    let total: f64 = values.iter().map(|&y| f64::from(y)).sum();
    let likelihood = |r: f64| {
        let sum: f64 = (0..values.len()).map(|t| (r * t as f64).exp()).sum();
        (0..)
            .zip(values)
            .map(|(t, y)| f64::from(y) * r * f64::from(t))
            .sum::<f64>()
            - total * sum.ln()
    };
    let best = (-50_000..50_000)
        .map(|step| f64::from(step) * 1e-5)
        .max_by(|a, b| likelihood(*a).total_cmp(&likelihood(*b)))
        .unwrap();
    let growth = growth_rate(&counts(&values), Variance::Poisson, 0.95).unwrap();
    assert!((growth.r - best).abs() < 1e-5, "{} {best}", growth.r);
    let curvature =
        (likelihood(best + 1e-3) - 2.0 * likelihood(best) + likelihood(best - 1e-3)) / 1e-6;
    let half_width = 1.959_963_984_540_054 / (-curvature).sqrt();
    assert!((growth.r_high - growth.r - half_width).abs() < 1e-4);
}

#[test]
fn intervals_cover() {
    let mut random = Random(3);
    let mut covered = [0, 0];
    let mean = |t: i32| 10.0 * (0.08 * f64::from(t)).exp();
    for _ in 0..400 {
        let even: Vec<_> = (0..14).map(|t| Some(random.poisson(mean(t)))).collect();
        let uneven: Vec<_> = (0..14)
            .map(|t| Some(random.negative_binomial(mean(t), 8.0)))
            .collect();
        let poisson = growth_rate(&even, Variance::Poisson, 0.95).unwrap();
        let spread = growth_rate(&uneven, Variance::QuasiPoisson, 0.95).unwrap();
        for (hits, growth) in covered.iter_mut().zip([poisson, spread]) {
            *hits += usize::from(growth.r_low <= 0.08 && 0.08 <= growth.r_high);
        }
    }
    println!(
        "95 % intervals that cover, of 400: Poisson {}, quasi-Poisson {}",
        covered[0], covered[1]
    );
    assert!(
        covered.iter().all(|hits| (365..=395).contains(hits)),
        "{covered:?}"
    );
}

#[test]
fn refusals() {
    let refused =
        |values: &[u32]| growth_rate(&counts(values), Variance::Poisson, 0.95).unwrap_err();
    assert_eq!(refused(&[1, 2]), GrowthError::TooFewDays(2));
    assert_eq!(refused(&[0, 0, 0]), GrowthError::NoCases);
    assert_eq!(refused(&[0, 0, 7]), GrowthError::Unbounded);
    assert_eq!(
        growth_rate(&[], Variance::Poisson, 1.0),
        Err(GrowthError::Level(1.0))
    );
    assert!(
        growth_rate(&counts(&[0, 7, 0]), Variance::Poisson, 0.95)
            .unwrap()
            .r
            .abs()
            < 1e-12
    );
    assert!(
        growth_rate(&counts(&[u32::MAX, 0, 0, 1]), Variance::Poisson, 0.95)
            .unwrap()
            .r
            < -1.0
    );
}
