//! Queues against an event simulation, and properties that any queue has.
#![allow(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod common;

use common::Random;
use lianfang_epi::queue::{Queue, Service, Wait, lanes_by_hour, lanes_needed};
use proptest::prelude::*;

const MEAN: f64 = 45.0;

#[derive(Debug, Clone, Copy)]
enum Law {
    Deterministic,
    Erlang4,
    Gamma(f64),
    Exponential,
    LogNormal(f64),
}

impl Law {
    fn service(self) -> Service {
        let cv = match self {
            Self::Deterministic => 0.0,
            Self::Erlang4 => 0.5,
            Self::Gamma(cv) | Self::LogNormal(cv) => cv,
            Self::Exponential => 1.0,
        };
        Service {
            mean_seconds: MEAN,
            cv,
        }
    }

    fn draw(self, random: &mut Random) -> f64 {
        let cv = self.service().cv;
        match self {
            Self::Deterministic => MEAN,
            Self::Exponential => -MEAN * random.uniform().ln(),
            Self::Erlang4 | Self::Gamma(_) => {
                let shape = 1.0 / (cv * cv);
                random.gamma(shape) * MEAN / shape
            }
            Self::LogNormal(_) => {
                let variance = (cv * cv).ln_1p();
                MEAN * (variance.sqrt() * random.normal() - variance / 2.0).exp()
            }
        }
    }
}

/// Means over replications, with the standard error of each.
struct Simulated {
    waits: (f64, f64),
    mean_wait: (f64, f64),
    longer: (f64, f64),
}

/// Kiefer & Wolfowitz: whoever arrives takes the lane that is free first.
fn simulate(random: &mut Random, law: Law, per_hour: f64, lanes: usize, longer: f64) -> Simulated {
    const REPLICATIONS: usize = 12;
    const WARM_UP: usize = 4_000;
    const COUNTED: usize = 40_000;
    let mut results = vec![[0.0; 3]; REPLICATIONS];
    for result in &mut results {
        let mut free_at = vec![0.0_f64; lanes];
        let mut now = 0.0;
        for arrival in 0..WARM_UP + COUNTED {
            now -= 3_600.0 / per_hour * random.uniform().ln();
            let lane = free_at.iter_mut().min_by(|a, b| a.total_cmp(b)).unwrap();
            let start = lane.max(now);
            *lane = start + law.draw(random);
            if arrival >= WARM_UP {
                let wait = start - now;
                result[0] += f64::from(u8::from(wait > 0.0)) / COUNTED as f64;
                result[1] += wait / COUNTED as f64;
                result[2] += f64::from(u8::from(wait > longer)) / COUNTED as f64;
            }
        }
    }
    let summary = |k: usize| {
        let n = REPLICATIONS as f64;
        let mean = results.iter().map(|r| r[k]).sum::<f64>() / n;
        let squares: f64 = results.iter().map(|r| (r[k] - mean).powi(2)).sum();
        (mean, (squares / (n - 1.0) / n).sqrt())
    };
    Simulated {
        waits: summary(0),
        mean_wait: summary(1),
        longer: summary(2),
    }
}

/// Within four standard errors of the simulation and the stated share of the approximation's own error.
fn assert_near(what: &str, formula: f64, (mean, error): (f64, f64), relative: f64, absolute: f64) {
    let allowed = 4.0 * error + relative * mean + absolute;
    assert!(
        (formula - mean).abs() <= allowed,
        "{what}: formula {formula:.4}, simulation {mean:.4} ± {error:.4}"
    );
}

#[test]
fn formulas_meet_the_simulation() {
    let mut random = Random(41);
    println!("services            lanes   ρ    mean wait s: formula  simulated   longer than 60 s");
    for law in [
        Law::Exponential,
        Law::Deterministic,
        Law::Erlang4,
        Law::Gamma(0.7),
        Law::LogNormal(0.8),
        Law::LogNormal(1.4),
    ] {
        for (lanes, rho) in [
            (1, 0.7),
            (2, 0.9),
            (4, 0.6),
            (4, 0.85),
            (12, 0.9),
            (40, 0.95),
        ] {
            let per_hour = rho * f64::from(lanes) * 3_600.0 / MEAN;
            let queue = Queue::new(per_hour, law.service(), lanes).unwrap();
            let simulated = simulate(&mut random, law, per_hour, lanes as usize, 60.0);
            let longer = queue.share_waiting_longer(60.0);
            println!(
                "{:<20}{lanes:>4} {rho:>5} {:>22.2} {:>8.2} ± {:.2} {longer:>9.4} {:.4} ± {:.4}",
                format!("{law:?}"),
                queue.mean_wait,
                simulated.mean_wait.0,
                simulated.mean_wait.1,
                simulated.longer.0,
                simulated.longer.1,
            );
            // Exact for exponential services; for others the approximations' own errors.
            let (wait, share) = match law {
                Law::Exponential => (0.0, 0.0),
                Law::LogNormal(cv) if cv > 1.0 => (0.2, 0.02),
                _ => (0.05, 0.02),
            };
            let name = format!("{law:?}, {lanes} lanes, ρ {rho}");
            assert_near(&name, queue.mean_wait, simulated.mean_wait, wait, 0.0);
            assert_near(&name, longer, simulated.longer, 0.0, share);
            let waits = queue.probability_of_waiting;
            assert_near(&name, waits, simulated.waits, 0.0, 2.0 * share);
        }
    }
}

#[test]
fn the_lanes_recommended_keep_the_target_and_one_less_would_not() {
    let mut random = Random(42);
    let target = Wait {
        seconds: 90.0,
        share: 0.95,
    };
    for law in [Law::Erlang4, Law::LogNormal(0.8), Law::Exponential] {
        for per_hour in [35.0, 150.0, 420.0, 1_500.0] {
            let needed = lanes_needed(per_hour, law.service(), target).unwrap();
            let mut share = |lanes: u32| {
                simulate(&mut random, law, per_hour, lanes as usize, target.seconds).longer
            };
            let (longer, error) = share(needed.lanes);
            assert_near(
                "share within",
                needed.share_within,
                (1.0 - longer, error),
                0.0,
                0.01,
            );
            assert!(longer <= 0.05 + 4.0 * error + 0.005, "{law:?} {per_hour}");
            if needed.lanes > 1 && per_hour * MEAN / 3_600.0 < f64::from(needed.lanes - 1) {
                let (longer, error) = share(needed.lanes - 1);
                assert!(longer > 0.05 - 4.0 * error - 0.005, "{law:?} {per_hour}");
            }
        }
    }
}

#[test]
fn a_profile_is_staffed_hour_by_hour() {
    let target = Wait {
        seconds: 120.0,
        share: 0.9,
    };
    let service = Law::Gamma(0.6).service();
    let mut profile = [10.0; 24];
    profile[8] = 600.0;
    profile[3] = 0.0;
    let lanes = lanes_by_hour(&profile, service, target);
    assert_eq!(lanes.len(), 24);
    assert_eq!(lanes[8], lanes_needed(600.0, service, target));
    assert_eq!(lanes[3].unwrap().lanes, 0);
    assert!(lanes[8].unwrap().lanes > lanes[9].unwrap().lanes);
}

#[test]
fn measured_services_are_robust_to_absurd_ones() {
    let mut random = Random(43);
    for law in [Law::LogNormal(0.6), Law::Erlang4, Law::Exponential] {
        let mut durations: Vec<f64> = (0..3_000).map(|_| law.draw(&mut random)).collect();
        let clean = Service::measured(&durations).unwrap();
        durations.extend([
            0.0,
            -12.0,
            f64::NAN,
            0.001,
            86_400.0,
            7_200.0,
            f64::INFINITY,
        ]);
        let soiled = Service::measured(&durations).unwrap();
        assert!((soiled.service.mean_seconds / clean.service.mean_seconds - 1.0).abs() < 0.01);
        let truth = law.service();
        assert!(
            (soiled.service.mean_seconds / truth.mean_seconds - 1.0).abs() < 0.05,
            "{law:?} {soiled:?}"
        );
        assert!(
            (soiled.service.cv - truth.cv).abs() < 0.06,
            "{law:?} {soiled:?}"
        );
        assert!(
            soiled.left_out >= 7 && soiled.left_out < 60,
            "{law:?} {soiled:?}"
        );
        assert_eq!(soiled.used + soiled.left_out, 3_007);
    }
    let alike = Service::measured(&[30.0, 30.0, 30.0, 30.0, 31.0, 4_000.0]).unwrap();
    assert_eq!((alike.used, alike.left_out), (5, 1));
    assert!((alike.service.mean_seconds - 30.2).abs() < 1e-9);
    assert_eq!(Service::measured(&[30.0; 4]), None);
    assert_eq!(Service::measured(&[]), None);
    assert_eq!(Service::measured(&[0.0; 40]), None);
}

proptest! {
    #[test]
    fn more_lanes_wait_less(load in 0.05..60.0_f64, cv in 0.0..2.0_f64, more in 1..40_u32, t in 0.0..600.0_f64) {
        let service = Service { mean_seconds: 60.0, cv };
        let lanes = load as u32 + 1;
        let few = Queue::new(load * 60.0, service, lanes).unwrap();
        let many = Queue::new(load * 60.0, service, lanes + more).unwrap();
        prop_assert!(many.mean_wait <= few.mean_wait + 1e-12);
        prop_assert!(many.probability_of_waiting <= few.probability_of_waiting + 1e-12);
        prop_assert!(many.share_waiting_longer(t) <= few.share_waiting_longer(t) + 1e-9);
        prop_assert!((0.0..=1.0).contains(&few.share_waiting_longer(t)));
        prop_assert!(few.share_waiting_longer(t + 1.0) <= few.share_waiting_longer(t) + 1e-12);
    }

    #[test]
    fn more_arrivals_longer_services_and_more_variation_wait_more(
        lanes in 1..80_u32, rho in 0.02..0.95_f64, more in 1.0..1.05_f64, cv in 0.0..2.0_f64,
    ) {
        let service = Service { mean_seconds: 60.0, cv };
        let arrivals = rho * f64::from(lanes) * 60.0;
        let before = Queue::new(arrivals, service, lanes).unwrap();
        let busier = Queue::new(arrivals * more, service, lanes).unwrap();
        let slower = Queue::new(arrivals, Service { mean_seconds: 60.0 * more, cv }, lanes).unwrap();
        let uneven = Queue::new(arrivals, Service { mean_seconds: 60.0, cv: cv * more }, lanes).unwrap();
        for after in [busier, slower, uneven] {
            prop_assert!(after.mean_wait >= before.mean_wait * (1.0 - 1e-9));
            prop_assert!(after.utilisation >= before.utilisation);
        }
    }

    #[test]
    fn lanes_grow_with_the_work_and_fall_with_patience(
        arrivals in 1.0..4_000.0_f64, more in 1.0..1.5_f64, cv in 0.0..1.5_f64,
        seconds in 0.0..600.0_f64, share in 0.5..0.99_f64,
    ) {
        let service = Service { mean_seconds: 45.0, cv };
        let target = Wait { seconds, share };
        let lanes = |arrivals, service, target| lanes_needed(arrivals, service, target).unwrap();
        let before = lanes(arrivals, service, target);
        prop_assert!(before.share_within >= share && before.utilisation < 1.0);
        prop_assert!(lanes(arrivals * more, service, target).lanes >= before.lanes);
        let slower = Service { mean_seconds: 45.0 * more, cv };
        prop_assert!(lanes(arrivals, slower, target).lanes >= before.lanes);
        let patient = Wait { seconds: seconds * more, share };
        prop_assert!(lanes(arrivals, service, patient).lanes <= before.lanes);
    }
}
