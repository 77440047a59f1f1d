//! R and k against simulation and a brute-force likelihood.
#![allow(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod common;

use common::Random;
use lianfang_epi::offspring::{OffspringError, fit_offspring, offspring_counts};
use statrs::function::gamma::ln_gamma;

/// Written out from the definition, on purpose unlike the library's form.
fn likelihood(counts: &[u32], r: f64, k: f64) -> f64 {
    counts
        .iter()
        .map(|&y| {
            let y = f64::from(y);
            ln_gamma(y + k) - ln_gamma(k) + y * (r / (r + k)).ln() + k * (k / (r + k)).ln()
        })
        .sum()
}

fn simulated(seed: u64, n: usize, r: f64, k: f64) -> Vec<u32> {
    let mut random = Random(seed);
    (0..n).map(|_| random.negative_binomial(r, k)).collect()
}

#[test]
fn agrees_with_a_brute_force_likelihood() {
    let counts = simulated(1, 290, 0.58, 0.43);
    let fit = fit_offspring(&counts).unwrap();
    let grid =
        |low: f64, high: f64| (0..=240).map(move |i| low * (high / low).powf(f64::from(i) / 240.0));
    let top = likelihood(&counts, fit.r, fit.k.unwrap());
    assert!((top - fit.log_likelihood).abs() < 1e-8);
    let (mut r_in, mut k_in) = (Vec::new(), Vec::new());
    for r in grid(0.3, 1.2) {
        for k in grid(0.05, 5.0) {
            let here = likelihood(&counts, r, k);
            assert!(here <= top + 1e-9, "higher at {r} {k}");
            if 2.0 * (top - here) <= 3.841_458_820_694_124 {
                r_in.push(r);
                k_in.push(k);
            }
        }
    }
    let ends = |inside: &[f64]| {
        (
            inside.iter().copied().fold(f64::MAX, f64::min),
            inside.iter().copied().fold(0.0, f64::max),
        )
    };
    let ((r_low, r_high), (k_low, k_high)) = (ends(&r_in), ends(&k_in));
    for (got, want) in [
        (fit.r_low, r_low),
        (fit.r_high, r_high),
        (fit.k_low, k_low),
        (fit.k_high.unwrap(), k_high),
    ] {
        assert!((got / want - 1.0).abs() < 0.03, "{got} {want}");
    }
}

#[test]
fn many_cases_give_back_what_was_simulated() {
    let fit = fit_offspring(&simulated(2, 20_000, 0.58, 0.43)).unwrap();
    assert!((fit.r - 0.58).abs() < 0.03, "{}", fit.r);
    assert!((fit.k.unwrap() - 0.43).abs() < 0.04, "{:?}", fit.k);
}

#[test]
fn intervals_cover() {
    let (mut r_held, mut k_held) = (0, 0);
    for seed in 100..400 {
        let fit = fit_offspring(&simulated(seed, 200, 0.8, 0.5)).unwrap();
        r_held += usize::from(fit.r_low <= 0.8 && 0.8 <= fit.r_high);
        k_held += usize::from(fit.k_low <= 0.5 && fit.k_high.is_none_or(|high| 0.5 <= high));
    }
    println!("95 % intervals that cover, of 300: R {r_held}, k {k_held}");
    assert!(
        (270..=297).contains(&r_held) && (270..=297).contains(&k_held),
        "{r_held} {k_held}"
    );
}

#[test]
fn even_offspring_have_no_finite_k() {
    let fit = fit_offspring(&[1; 40]).unwrap();
    assert_eq!((fit.k, fit.k_high), (None, None));
    assert!((fit.log_likelihood - fit.log_likelihood_poisson).abs() < 1e-9);
    assert!(fit.k_low > 1.0 && fit.r_low < 1.0 && fit.r_high > 1.0);
}

#[test]
fn one_who_infected_all() {
    let mut counts = vec![0; 60];
    counts[0] = 50;
    let fit = fit_offspring(&counts).unwrap();
    assert!(fit.k.unwrap() < 0.02 && fit.k_low > 0.0 && fit.r_low > 0.0 && fit.r_high > fit.r);
}

#[test]
fn counts_of_pairs() {
    let chain = [(1, 2), (2, 3), (1, 2), (1, 4)];
    let mut counts = offspring_counts(&chain, 2).unwrap();
    counts.sort_unstable();
    assert_eq!(
        counts,
        [0, 0, 0, 0, 1, 2],
        "the pair given twice counts once"
    );
    assert_eq!(
        offspring_counts(&[(1, 2), (3, 3)], 0),
        Err(OffspringError::OwnInfector(2))
    );
    assert_eq!(
        offspring_counts(&[(1, 2), (3, 2)], 0),
        Err(OffspringError::TwoInfectors(2))
    );
}

#[test]
fn refusals() {
    assert_eq!(fit_offspring(&[]), Err(OffspringError::TooFew(0)));
    assert_eq!(fit_offspring(&[4]), Err(OffspringError::TooFew(1)));
    assert_eq!(
        fit_offspring(&[0, 0, 0]),
        Err(OffspringError::NobodyInfected(3))
    );
}
