//! The epidemic against theory: final size, growth, generation interval, offspring, households, threads.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod simulated;

use std::collections::{BTreeMap, BTreeSet};

use lianfang_city::epidemic::{Infection, Layer, Simulation};
use lianfang_city::population::CityDescription;
use lianfang_city::scenario::{ResponseSettings, Scenario};
use lianfang_epi::offspring::fit_offspring;
use lianfang_policy::{Pack, Span};
use simulated::{built, layered, pack, unmitigated};

/// Offspring of those infected on day 0, those with none among them.
fn offspring_of_the_first(infections: &[Infection]) -> Vec<u32> {
    let mut counts: BTreeMap<u32, u32> = infections
        .iter()
        .filter(|one| one.layer == Layer::Import)
        .map(|one| (one.person, 0))
        .collect();
    for one in infections {
        if let Some(count) = one.infector().and_then(|by| counts.get_mut(&by)) {
            *count += 1;
        }
    }
    counts.into_values().collect()
}

fn mean_and_sd(pack: &Pack, span: Span) -> (f64, f64) {
    match pack.natural_history.span(span).unwrap().distribution {
        lianfang_policy::Distribution::Gamma { mean, sd } => (mean, sd),
        _ => panic!("the pack's spans are gamma"),
    }
}

/// Laplace transform of a gamma distribution.
fn laplace((mean, sd): (f64, f64), r: f64) -> f64 {
    let (shape, scale) = ((mean / sd).powi(2), sd * sd / mean);
    (1.0 + r * scale).powf(-shape)
}

#[test]
fn final_size_is_that_of_the_final_size_equation() {
    let people = 300_000;
    let city = built(&CityDescription::well_mixed(people));
    let pack = pack();
    let r0 = pack.natural_history.unmitigated.as_ref().unwrap().mean;
    let scenario = unmitigated(600);
    let run = Simulation::new(&city, &pack, &scenario)
        .unwrap()
        .run(365, 1, 2)
        .unwrap();
    let infected: u64 = run.days.iter().map(|day| day.infections).sum();
    // s = s0 exp(-R0 (1 - s)), Kermack and McKendrick 1927; those of day 0 are not among s0.
    let first = run.infections.iter().filter(|one| one.infector().is_none());
    let s0 = 1.0 - first.count() as f64 / f64::from(people);
    let mut s = 0.5;
    for _ in 0..200 {
        s = s0 * f64::exp(-r0 * (1.0 - s));
    }
    let (expected, found) = (1.0 - s, infected as f64 / f64::from(people));
    assert!(
        (found / expected - 1.0).abs() < 0.01,
        "{found} instead of {expected}"
    );
    assert_eq!(infected, run.infections.len() as u64);
}

#[test]
fn growth_is_that_of_euler_and_lotka() {
    let city = built(&CityDescription::well_mixed(2_000_000));
    let pack = pack();
    let scenario = Scenario {
        keep_infections: false,
        ..unmitigated(1_500)
    };
    let run = Simulation::new(&city, &pack, &scenario)
        .unwrap()
        .run(30, 3, 2)
        .unwrap();
    // Least squares on the logarithm, once generations have mixed and before susceptibles run out.
    let points: Vec<(f64, f64)> = (12..28)
        .map(|day| {
            (
                f64::from(day),
                (run.days[day as usize].infections as f64).ln(),
            )
        })
        .collect();
    let n = points.len() as f64;
    let (mx, my) = (
        points.iter().map(|p| p.0).sum::<f64>() / n,
        points.iter().map(|p| p.1).sum::<f64>() / n,
    );
    let found = points.iter().map(|p| (p.0 - mx) * (p.1 - my)).sum::<f64>()
        / points.iter().map(|p| (p.0 - mx).powi(2)).sum::<f64>();
    // 1 = R0 times the transform of the generation interval: the latent time, and a time evenly within the
    // infectious time (Wallinga and Lipsitch 2007).
    let latent = mean_and_sd(&pack, Span::Latent);
    let before = mean_and_sd(&pack, Span::Presymptomatic);
    let after = mean_and_sd(&pack, Span::Infectious);
    let r0 = pack.natural_history.unmitigated.as_ref().unwrap().mean;
    let excess = |r: f64| {
        let infectious = laplace(before, r) * laplace(after, r);
        r0 * laplace(latent, r) * (1.0 - infectious) / (r * (before.0 + after.0)) - 1.0
    };
    let (mut low, mut high) = (1e-4, 2.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if excess(middle) > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    // By then up to 2 % are no longer susceptible.
    assert!((found / low - 1.0).abs() < 0.03, "{found} instead of {low}");
}

#[test]
fn generation_interval_and_offspring_are_as_asked_for() {
    let city = built(&CityDescription::well_mixed(1_000_000));
    let pack = pack();
    let unmitigated_pack = pack.natural_history.unmitigated.clone().unwrap();
    let run = Simulation::new(&city, &pack, &unmitigated(6_000))
        .unwrap()
        .run(40, 5, 2)
        .unwrap();
    let times: BTreeMap<u32, f32> = run
        .infections
        .iter()
        .filter(|one| one.layer == Layer::Import)
        .map(|one| (one.person, one.time))
        .collect();
    let intervals: Vec<f64> = run
        .infections
        .iter()
        .filter_map(|one| Some(f64::from(one.time - times.get(&one.infector()?)?)))
        .collect();
    let found = intervals.iter().sum::<f64>() / intervals.len() as f64;
    let ((latent, _), (p, p_sd), (i, i_sd)) = (
        mean_and_sd(&pack, Span::Latent),
        mean_and_sd(&pack, Span::Presymptomatic),
        mean_and_sd(&pack, Span::Infectious),
    );
    let square = p * p + p_sd * p_sd + 2.0 * p * i + i * i + i_sd * i_sd;
    let expected = latent + square / (2.0 * (p + i));
    assert!(
        (found / expected - 1.0).abs() < 0.02,
        "{found} instead of {expected}"
    );
    let fit = fit_offspring(&offspring_of_the_first(&run.infections)).unwrap();
    let (r, k) = (fit.r, fit.k.unwrap());
    assert!((r / unmitigated_pack.mean - 1.0).abs() < 0.05, "R {r}");
    assert!((k / unmitigated_pack.k - 1.0).abs() < 0.12, "k {k}");
}

#[test]
fn households_are_attacked_as_the_pack_says() {
    let city = built(&layered(400_000));
    let pack = pack();
    let asked = pack
        .natural_history
        .share(lianfang_policy::Share::HouseholdAttack);
    let asked = asked.unwrap().at(0);
    let run = Simulation::new(&city, &pack, &unmitigated(6_000))
        .unwrap()
        .run(40, 9, 2)
        .unwrap();
    let first: BTreeSet<u32> = run
        .infections
        .iter()
        .filter(|one| one.layer == Layer::Import)
        .map(|one| one.person)
        .collect();
    let housemates: u32 = first.iter().map(|person| city.housemates(*person)).sum();
    let attacked = run
        .infections
        .iter()
        .filter(|one| one.layer == Layer::Household)
        .filter(|one| first.contains(&one.infector().unwrap()))
        .count();
    let found = attacked as f64 / f64::from(housemates);
    // A few housemates are infected elsewhere first.
    assert!(
        (found / asked - 1.0).abs() < 0.06,
        "{found} instead of {asked}"
    );
}

#[test]
fn layered_city_has_the_reproduction_number_asked_for() {
    let city = built(&layered(600_000));
    let pack = pack();
    let asked = pack.natural_history.unmitigated.clone().unwrap();
    let run = Simulation::new(&city, &pack, &unmitigated(3_000))
        .unwrap()
        .run(25, 2, 2)
        .unwrap();
    let fit = fit_offspring(&offspring_of_the_first(&run.infections)).unwrap();
    // Some whom the first would have infected in team, class or household were infected by others there before.
    assert!((0.9..1.02).contains(&(fit.r / asked.mean)), "R {}", fit.r);
    let k = fit.k.unwrap();
    assert!((k / asked.k - 1.0).abs() < 0.15, "k {k}");
    let layers: Vec<u64> = (0..6)
        .map(|layer| run.days.iter().map(|day| day.by_layer[layer]).sum())
        .collect();
    assert!(layers.iter().all(|count| *count > 0), "{layers:?}");
}

#[test]
fn threads_change_nothing_and_seeds_do() {
    let city = built(&layered(60_000));
    let pack = pack();
    for response in [None, Some(ResponseSettings::default())] {
        let scenario = Scenario {
            response,
            ..unmitigated(200)
        };
        let simulation = Simulation::new(&city, &pack, &scenario).unwrap();
        let one = simulation.run(80, 4, 1).unwrap();
        for threads in [2, 3, 7] {
            assert!(simulation.run(80, 4, threads).unwrap() == one, "{threads}");
        }
        assert!(simulation.run(80, 5, 2).unwrap().days != one.days);
    }
}

#[test]
fn courses_are_in_order_and_counts_add_up() {
    let city = built(&layered(60_000));
    let pack = pack();
    let run = Simulation::new(&city, &pack, &unmitigated(300))
        .unwrap()
        .run(100, 8, 2)
        .unwrap();
    let mut seen = BTreeSet::new();
    for one in &run.infections {
        assert!(seen.insert(one.person), "{one:?} is infected twice");
        assert!(one.time <= one.infectious_from && one.infectious_from <= one.onset);
        assert!(one.onset <= one.infectious_until, "{one:?}");
        assert!(!one.fatal || one.symptomatic);
    }
    let by_person: BTreeMap<u32, &Infection> =
        run.infections.iter().map(|one| (one.person, one)).collect();
    for one in &run.infections {
        if let Some(by) = one.infector() {
            let by = by_person[&by];
            assert!(by.infectious_from <= one.time && one.time <= by.infectious_until + 1.0);
        }
    }
    let all: u64 = run.days.iter().map(|day| day.infections).sum();
    let by_layer: u64 = run.days.iter().flat_map(|day| day.by_layer).sum();
    let imported: u64 = run.days.iter().map(|day| day.imported).sum();
    assert_eq!(all, by_layer + imported);
    assert!(run.days.iter().all(|day| day.critical <= day.severe));
}
