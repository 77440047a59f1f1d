//! Named numbers and texts, and the disease's distributions.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::float_cmp, reason = "these numbers are kept as they are given")]

use lianfang_core::words::Word;
use lianfang_policy::{Distribution, Pack, Share, Span, Table, decide_record, shipped_ids};
use serde_json::json;

#[test]
fn numbers_stand_in_texts_of_both_languages() {
    let pack = Pack::read(include_str!("packs/small.toml")).unwrap();
    assert_eq!(pack.summary.en, "Watched for 14 days.");
    assert_eq!(pack.summary.zh, "观察14天。");
    let day = "2020-03-10".parse().unwrap();
    let close = json!({ "contact": "close", "last_exposure": "2020-03-08" });
    let red = decide_record(&pack, Table::Pass, &close, day).unwrap();
    assert_eq!(red.clears.en, "14 days and 14 reports.");
    assert_eq!(red.clears.zh, "满14天且打卡14次。");
    let feverish = json!({ "checkpoint": "road", "temperature": 37.3 });
    let clinic = decide_record(&pack, Table::Entry, &feverish, day).unwrap();
    assert_eq!(clinic.reason.en, "Fever of 37.3 °C.");
    assert_eq!(clinic.reason.zh, "体温37.3℃。");
    let limited = json!({ "sector": "retail", "area_risk": "medium" });
    let limited = decide_record(&pack, Table::Reopening, &limited, day).unwrap();
    assert_eq!(limited.reason.en, "At most 50 %.");
    assert_eq!(limited.reason.zh, "限流50%。");
}

#[test]
fn a_number_changed_in_one_place_changes_rules_and_texts() {
    let text = include_str!("packs/small.toml").replace("value = 14", "value = 21");
    let pack = Pack::read(&text).unwrap();
    let day = "2020-03-10".parse().unwrap();
    let close = json!({ "contact": "close", "last_exposure": "2020-03-08" });
    let home = decide_record(&pack, Table::Quarantine, &close, day).unwrap();
    assert_eq!(home.until.unwrap().to_string(), "2020-03-29");
    assert_eq!(home.clears.zh, "满21天。");
}

#[test]
fn no_placeholder_is_left_in_a_shipped_pack() {
    for id in shipped_ids() {
        let pack = Pack::shipped(id).unwrap();
        for text in [&pack.summary, &pack.name] {
            assert!(!text.en.contains('{') && !text.zh.contains('{'), "{text:?}");
        }
    }
}

/// The day by which `share` of a distribution lies, to a thousandth.
fn quantile(distribution: &Distribution, share: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1_000.0);
    while high - low > 1e-4 {
        let middle = f64::midpoint(low, high);
        if distribution.cdf(middle) < share {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

#[test]
fn the_incubation_time_is_that_of_lauer() {
    // Lauer et al. 2020: median 5.1 days; 97.5 % within 11.5 days, 2.5 % within 2.2 days.
    let pack = Pack::shipped("covid19-cn-2020").unwrap();
    let incubation = &pack
        .natural_history
        .span(Span::Incubation)
        .unwrap()
        .distribution;
    assert!((quantile(incubation, 0.5) - 5.1).abs() < 0.06);
    assert!((quantile(incubation, 0.975) - 11.5).abs() < 0.06);
    assert!((quantile(incubation, 0.025) - 2.2).abs() < 0.06);
    assert!((incubation.mean() - 5.5).abs() < 0.1);
}

#[test]
fn distributions_against_known_values() {
    // Values of R 4: pgamma(5, shape = (4.7/2.9)^2, scale = 2.9^2/4.7); plnorm; pweibull.
    let gamma = Distribution::Gamma { mean: 4.7, sd: 2.9 };
    assert!((gamma.cdf(4.7) - 0.581).abs() < 0.01);
    assert_eq!(gamma.mean(), 4.7);
    let exponential = Distribution::Gamma { mean: 2.0, sd: 2.0 };
    assert!((exponential.cdf(2.0) - (1.0 - (-1.0_f64).exp())).abs() < 1e-9);
    let lognormal = Distribution::Lognormal {
        meanlog: 0.0,
        sdlog: 1.0,
    };
    assert!((lognormal.cdf(1.0) - 0.5).abs() < 1e-9);
    assert!((lognormal.mean() - 0.5_f64.exp()).abs() < 1e-9);
    let weibull = Distribution::Weibull {
        shape: 2.0,
        scale: 3.0,
    };
    assert!((weibull.cdf(3.0) - (1.0 - (-1.0_f64).exp())).abs() < 1e-12);
    assert!((weibull.mean() - 3.0 * std::f64::consts::PI.sqrt() / 2.0).abs() < 1e-9);
    let fixed = Distribution::Fixed { days: 3.0 };
    assert_eq!(
        (fixed.cdf(2.9), fixed.cdf(3.0), fixed.mean()),
        (0.0, 1.0, 3.0)
    );
    let daily = Distribution::Daily {
        shares: vec![0.0, 0.25, 0.75],
    };
    assert_eq!(
        (daily.cdf(0.5), daily.cdf(1.0), daily.cdf(9.0)),
        (0.0, 0.25, 1.0)
    );
    assert_eq!(daily.mean(), 1.75);
    for distribution in [gamma, exponential, lognormal, weibull, fixed, daily] {
        assert_eq!(distribution.cdf(-1.0), 0.0, "{distribution:?}");
        let mut before = 0.0;
        for tenth in 0..1_000 {
            let now = distribution.cdf(f64::from(tenth) / 10.0);
            assert!(
                (before..=1.0 + 1e-12).contains(&now),
                "{distribution:?} at {tenth}"
            );
            before = now;
        }
    }
}

#[test]
fn shares_are_those_of_the_age_group() {
    let pack = Pack::shipped("covid19-cn-2020").unwrap();
    let fatal = pack.natural_history.share(Share::Fatal).unwrap();
    assert_eq!(fatal.at(0), fatal.at(9));
    assert!(fatal.at(9) < fatal.at(10));
    assert_eq!(fatal.at(80), fatal.at(120));
    let ages: Vec<f64> = (0..=100).map(|age| fatal.at(age)).collect();
    assert!(ages.is_sorted());
    for share in Share::ALL {
        assert!(
            pack.natural_history.share(*share).is_some(),
            "{}",
            share.word()
        );
    }
}
