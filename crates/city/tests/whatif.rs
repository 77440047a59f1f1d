//! Packs side by side: the same luck for each, differences seed by seed, the frontier, rules switched off.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod simulated;

use lianfang_city::epidemic::Simulation;
use lianfang_city::population::Population;
use lianfang_city::scenario::{ImmuneBand, Immunity, Imports, Scenario};
use lianfang_city::whatif::{
    Arm, Better, Hands, Measure, Series, Switch, WhatIf, WhatIfError, switches,
};
use lianfang_core::words::Word;
use lianfang_policy::{Pack, Table};
use simulated::{built, layered, pack, pack_with};

const QUARANTINE: &str = "[numbers.quarantine_days]\nvalue = 14";

fn scenario() -> Scenario {
    Scenario {
        imports: Imports {
            initial: 40,
            ..Imports::default()
        },
        ..Scenario::default()
    }
}

fn asked<'a>(city: &'a Population, scenario: &'a Scenario, seeds: u64) -> WhatIf<'a> {
    WhatIf {
        city,
        scenario,
        start: None,
        days: 60,
        first: 1,
        last: seeds,
        threads: 2,
    }
}

#[test]
fn packs_are_compared_seed_by_seed() {
    let city = built(&layered(20_000));
    let (whole, shorter) = (
        pack(),
        pack_with(&[(QUARANTINE, "[numbers.quarantine_days]\nvalue = 3")]),
    );
    let scenario = scenario();
    let arms = [
        Arm::of("14 days", &whole),
        Arm::of("3 days", &shorter),
        Arm::of("14 days again", &whole),
        Arm::nothing("nothing", &whole),
    ];
    let compared = asked(&city, &scenario, 6).run(&arms, &|_, _| true).unwrap();
    // The numbers are those of single runs, counted here anew.
    for (place, seed) in compared.seeds.iter().enumerate() {
        let run = Simulation::new(&city, &shorter, &scenario)
            .unwrap()
            .run(60, *seed, 1)
            .unwrap();
        let infections: u64 = run.days.iter().map(|day| day.infections).sum();
        let days: u64 = run.response.iter().map(|d| d.at_sites + d.at_home).sum();
        let beds = run.days.iter().map(|day| day.severe).max().unwrap();
        let value = |measure| compared.values(1, measure)[place];
        assert!((value(Measure::Infections) - infections as f64).abs() < 0.5);
        assert!((value(Measure::QuarantineDays) - days as f64).abs() < 0.5);
        assert!((value(Measure::HospitalBeds) - beds as f64).abs() < 0.5);
    }
    // The same pack under the same seeds differs by nothing; a shorter quarantine costs fewer days under every seed.
    for measure in Measure::ALL {
        let none = compared.difference(0, 2, *measure);
        assert!(
            none.spread.q05.abs() + none.spread.q95.abs() < 1e-12,
            "{measure:?}"
        );
    }
    let days = compared.difference(0, 1, Measure::QuarantineDays);
    assert!(days.less > 0.99 && days.spread.q95 < 0.0, "{days:?}");
    // Nothing done: nobody kept from work, and more infected.
    let work = compared.spread(3, Measure::PostsFilled);
    assert!((work.median - 100.0).abs() < 1e-12);
    assert!(compared.difference(0, 3, Measure::Infections).spread.median > 0.0);
    let frontier = compared.frontier(Hands::default());
    assert!(frontier.packs[3].on_frontier, "nobody works more than all");
    assert!(frontier.packs.iter().any(|pack| pack.on_frontier));
    for pack in &frontier.packs {
        assert!((0.0..=1.0).contains(&pack.seeds_on_frontier));
    }
    let curve = compared.curve(0, Series::Infections);
    assert_eq!(curve.len(), 60);
    assert!(
        curve
            .iter()
            .all(|day| day.q05 <= day.median && day.median <= day.q95)
    );
    let sum: f64 = curve.iter().map(|day| day.mean).sum();
    assert!((sum - compared.spread(0, Measure::Infections).mean).abs() < 1e-6 * sum);
}

#[test]
fn common_random_numbers_narrow_the_difference() {
    let city = built(&layered(20_000));
    let (whole, other) = (
        pack(),
        pack_with(&[(QUARANTINE, "[numbers.quarantine_days]\nvalue = 13")]),
    );
    let scenario = scenario();
    let arms = [Arm::of("14", &whole), Arm::of("13", &other)];
    let compared = asked(&city, &scenario, 16)
        .run(&arms, &|_, _| true)
        .unwrap();
    let (a, b) = (
        compared.values(0, Measure::QuarantineDays),
        compared.values(1, Measure::QuarantineDays),
    );
    let variance = |values: &[f64]| {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        values.iter().map(|v| (v - mean).powi(2)).sum::<f64>()
    };
    let apart: Vec<f64> = a.iter().zip(&b).map(|(a, b)| b - a).collect();
    // Seeds that are not paired would give the sum of both variances.
    assert!(variance(&apart) * 2.0 < variance(&a) + variance(&b));
}

#[test]
fn threads_change_nothing() {
    let city = built(&layered(10_000));
    let pack = pack();
    let scenario = scenario();
    let arms = [Arm::of("a", &pack), Arm::nothing("b", &pack)];
    let one = WhatIf {
        threads: 1,
        ..asked(&city, &scenario, 5)
    };
    let alone = one.run(&arms, &|_, _| true).unwrap();
    for threads in [2, 5] {
        let many = WhatIf { threads, ..one };
        assert!(many.run(&arms, &|_, _| true).unwrap() == alone);
    }
}

#[test]
fn what_cannot_be_asked_is_refused() {
    let city = built(&layered(10_000));
    let (covid, measles) = (pack(), Pack::shipped("measles-2024").unwrap());
    let scenario = scenario();
    let asked = asked(&city, &scenario, 2);
    let go = |_: u64, _: u64| true;
    let lacking = asked
        .run(
            &[Arm::of("covid", &covid), Arm::of("measles", &measles)],
            &go,
        )
        .unwrap_err();
    assert_eq!(
        lacking.to_string(),
        "measles: the pack has no natural_history.unmitigated: a simulation needs it"
    );
    assert_eq!(asked.run(&[], &go).unwrap_err(), WhatIfError::Runs(0));
    let backwards = WhatIf { first: 3, ..asked };
    let arms = [Arm::of("covid", &covid)];
    assert_eq!(backwards.run(&arms, &go).unwrap_err(), WhatIfError::Runs(0));
    let no_days = WhatIf { days: 0, ..asked };
    let refused = no_days.run(&arms, &go).unwrap_err().to_string();
    assert_eq!(refused, "covid: days is 0; it must lie between 1 and 3650");
    let idle = WhatIf {
        threads: 0,
        ..asked
    };
    assert_eq!(idle.run(&arms, &go).unwrap_err(), WhatIfError::Threads(0));
    let long = WhatIf { last: 40, ..asked };
    let stopped = long.run(&arms, &|done, all| done < all / 2).unwrap_err();
    assert_eq!(stopped, WhatIfError::Stopped);
}

#[test]
fn a_rule_switched_off_no_longer_decides() {
    let city = built(&layered(10_000));
    let pack = pack();
    let scenario = scenario();
    let site = Switch::Rule(Table::Quarantine, "site_contact".into());
    let without = site.off(&pack).unwrap();
    let all = Switch::Table(Table::Quarantine).off(&pack).unwrap();
    assert_eq!(all.rules(Table::Quarantine).in_order().len(), 1);
    // Every other rule stands as it did.
    let ids = |pack: &Pack, table| -> Vec<String> {
        let rules = pack.rules(table).in_order();
        rules.iter().map(|rule| rule.id.clone()).collect()
    };
    for table in Table::ALL {
        let mut expected = ids(&pack, *table);
        if *table == Table::Quarantine {
            expected.retain(|id| id != "site_contact");
        }
        assert_eq!(ids(&without, *table), expected);
    }
    let run = |pack: &Pack| {
        Simulation::new(&city, pack, &scenario)
            .unwrap()
            .run(60, 1, 2)
            .unwrap()
    };
    let sites = |pack: &Pack| -> u64 { run(pack).response.iter().map(|day| day.at_sites).sum() };
    assert!(sites(&without) < sites(&pack));
    let nobody = run(&all);
    assert!(
        nobody
            .response
            .iter()
            .all(|day| day.at_sites + day.at_home == 0)
    );
    // What always holds cannot be taken away, and what is not there neither.
    let last = Switch::Rule(Table::Quarantine, "none".into());
    assert!(last.off(&pack).is_err());
    let unknown = Switch::Rule(Table::Risk, "no_such".into());
    assert_eq!(
        unknown.off(&pack).unwrap_err().to_string(),
        "the pack has no rule no_such in its table risk"
    );
    assert!(switches(&pack).contains(&site));
    assert_eq!(Measure::PostsFilled.better(), Better::More);
}

#[test]
fn the_immune_are_not_infected() {
    let city = built(&layered(20_000));
    let pack = pack();
    let with = |percent: f64, source: &str| Scenario {
        immunity: Immunity {
            by_age: vec![ImmuneBand { from: 0, percent }],
            proved: 1.0,
            source: source.into(),
        },
        response: None,
        keep_infections: true,
        ..scenario()
    };
    let infected = |scenario: &Scenario| {
        let run = Simulation::new(&city, &pack, scenario)
            .unwrap()
            .run(120, 1, 2)
            .unwrap();
        run.infections.len()
    };
    assert_eq!(infected(&with(100.0, "a test")), 0);
    let (half, none) = (
        infected(&with(50.0, "a test")),
        infected(&with(0.0, "a test")),
    );
    // At half the susceptibles R is near 1: far fewer than half as many.
    assert!(half * 3 < none, "{half} of {none}");
    let refused = |scenario: &Scenario| {
        let error = Simulation::new(&city, &pack, scenario).err().unwrap();
        error.to_string()
    };
    assert!(refused(&with(50.0, " ")).contains("say where the numbers of `immunity` come from"));
    assert!(refused(&with(150.0, "a test")).contains("1.5; it must lie between 0 and 1"));
}
