//! A fit finds what a curve was made by.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod simulated;

use lianfang_city::epidemic::Simulation;
use lianfang_city::fit::{FitAsked, FitError, Parameter, fit};
use lianfang_city::scenario::{Imports, Scenario};
use simulated::{built, layered, pack};

const LEAD: usize = 5;

fn asked() -> FitAsked {
    FitAsked {
        particles: 40,
        rounds: 4,
        seed: 1,
        lead: LEAD,
        ahead: 7,
        most_initial: 500,
        most_per_day: 20.0,
        threads: 2,
    }
}

/// Confirmed cases by day in a city with so many infected on day 0.
fn curve(city: &lianfang_city::population::Population, initial: u32, seed: u64) -> Vec<f64> {
    let scenario = Scenario {
        imports: Imports {
            initial,
            per_day: 0.5,
            ..Imports::default()
        },
        ..Scenario::default()
    };
    let run = Simulation::new(city, &pack(), &scenario)
        .unwrap()
        .run(45, seed, 2)
        .unwrap();
    run.response
        .iter()
        .skip(LEAD)
        .map(|day| day.confirmed as f64)
        .collect()
}

#[test]
fn a_fit_comes_near_and_tells_few_from_many() {
    let city = built(&layered(20_000));
    let pack = pack();
    let mut medians = Vec::new();
    for initial in [20, 160] {
        let truth = curve(&city, initial, 77);
        let (data, later) = truth.split_at(33);
        let found = fit(&city, &pack, &Scenario::default(), data, &asked()).unwrap();
        assert!(found.rounds.len() > 1, "{:?}", found.rounds);
        let nearer = found
            .rounds
            .windows(2)
            .all(|two| two[1].tolerance < two[0].tolerance);
        assert!(nearer, "{:?}", found.rounds);
        let weights: f64 = found.particles.iter().map(|one| one.weight).sum();
        assert!((weights - 1.0).abs() < 1e-9);
        assert!(found.particles.iter().all(|one| one.curve.len() == 40));
        // Most days of the data lie within nine tenths of the posterior's runs.
        let quantiles = found.quantiles(&[0.05, 0.95]);
        let within = |days: &[f64], from: usize| {
            (0..days.len())
                .filter(|day| {
                    let [low, high] = quantiles[from + day][..] else {
                        panic!()
                    };
                    (low..=high).contains(&days[*day])
                })
                .count() as f64
                / days.len() as f64
        };
        assert!(within(data, 0) > 0.7, "{}", within(data, 0));
        assert!(within(later, 33) > 0.4, "{}", within(later, 33));
        medians.push(found.spread(Parameter::Initial).median);
    }
    assert!(medians[1] > 2.0 * medians[0], "{medians:?}");
}

#[test]
fn threads_change_nothing() {
    let city = built(&layered(10_000));
    let pack = pack();
    let data = curve(&city, 40, 5);
    let small = FitAsked {
        particles: 8,
        rounds: 2,
        threads: 1,
        ..asked()
    };
    let one = fit(&city, &pack, &Scenario::default(), &data, &small).unwrap();
    let many = FitAsked {
        threads: 3,
        ..small
    };
    assert!(fit(&city, &pack, &Scenario::default(), &data, &many).unwrap() == one);
}

#[test]
fn what_cannot_be_fitted_is_refused() {
    let city = built(&layered(10_000));
    let pack = pack();
    let scenario = Scenario::default();
    let refused =
        |data: &[f64], asked: &FitAsked| fit(&city, &pack, &scenario, data, asked).unwrap_err();
    assert_eq!(refused(&[0.0, 0.0], &asked()), FitError::NoCases);
    let few = FitAsked {
        particles: 0,
        ..asked()
    };
    assert_eq!(
        refused(&[1.0], &few).to_string(),
        "particles is 0; it must lie between 4 and 100000"
    );
    let free = Scenario {
        response: None,
        ..Scenario::default()
    };
    let error = fit(&city, &pack, &free, &[1.0], &asked()).unwrap_err();
    assert_eq!(error, FitError::NoResponse);
}
