//! Scores against their definitions, written out in another way, and against values worked out by hand.
#![allow(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use lianfang_epi::forecast::{LEVELS, Quantiles, QuantilesError};
use lianfang_epi::scores::{
    RelativeError, ScoreError, bias, coverage, covers, relative_skill, wis, wis_log,
};
use proptest::prelude::*;

fn quartiles(values: [f64; 3]) -> Quantiles {
    Quantiles::new(vec![0.25, 0.5, 0.75], values.to_vec()).unwrap()
}

/// Twice the mean pinball loss over all quantiles.
fn by_pinball(levels: &[f64], values: &[f64], y: f64) -> f64 {
    let loss: f64 = levels
        .iter()
        .zip(values)
        .map(|(level, q)| {
            if y >= *q {
                level * (y - q)
            } else {
                (1.0 - level) * (q - y)
            }
        })
        .sum();
    2.0 * loss / levels.len() as f64
}

/// The sum over intervals as the paper writes it: K intervals, a median, three cases each.
fn by_intervals(levels: &[f64], values: &[f64], y: f64) -> [f64; 4] {
    let k = levels.len() / 2;
    let (mut dispersion, mut over, mut under) = (0.0, 0.0, 0.0);
    for i in 0..k {
        let (l, u) = (values[i], values[levels.len() - 1 - i]);
        let alpha = 1.0 - (levels[levels.len() - 1 - i] - levels[i]);
        dispersion += alpha / 2.0 * (u - l);
        if y < l {
            over += alpha / 2.0 * (2.0 / alpha) * (l - y);
        }
        if y > u {
            under += alpha / 2.0 * (2.0 / alpha) * (y - u);
        }
    }
    let m = values[k];
    if y < m {
        over += 0.5 * (m - y);
    } else {
        under += 0.5 * (y - m);
    }
    let n = k as f64 + 0.5;
    [
        (dispersion + over + under) / n,
        dispersion / n,
        over / n,
        under / n,
    ]
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * (1.0 + a.abs().max(b.abs()))
}

#[test]
fn one_interval_by_hand() {
    let forecast = quartiles([4.0, 6.0, 10.0]);
    // (|y - m|/2 + 1/4 (6 + 4 × what is missed)) / 1.5
    for (y, expected) in [
        (6.0, 1.0),
        (10.0, (2.0 + 1.5) / 1.5),
        (13.0, (3.5 + 1.5 + 3.0) / 1.5),
        (0.0, (3.0 + 1.5 + 4.0) / 1.5),
    ] {
        let score = wis(&forecast, y).unwrap();
        assert!(close(score.wis, expected), "{y}: {score:?}");
    }
    // On the logarithmic scale 4, 6, 10 stand at ln 5, ln 7, ln 11.
    let score = wis_log(&forecast, 0.0).unwrap();
    let expected = (7f64.ln() / 2.0 + (11f64 / 5.0).ln() / 4.0 + 5f64.ln()) / 1.5;
    assert!(close(score.wis, expected), "{score:?} {expected}");
}

#[test]
fn a_median_alone_scores_its_distance() {
    let forecast = Quantiles::new(vec![0.5], vec![7.0]).unwrap();
    assert!(close(wis(&forecast, 4.0).unwrap().wis, 3.0));
    assert!(close(wis(&forecast, 4.0).unwrap().overprediction, 3.0));
}

/// The CRPS of the exponential distribution of mean 1 at y: y + 2 exp(-y) - 3/2.
#[test]
fn with_dense_quantiles_it_tends_to_the_crps() {
    let n = 4_001;
    let levels: Vec<f64> = (1..=n).map(|i| f64::from(i) / f64::from(n + 1)).collect();
    let values = levels.iter().map(|p| -(-p).ln_1p()).collect();
    let forecast = Quantiles::new(levels, values).unwrap();
    for y in [0.0, 0.3, 1.0, 4.0] {
        let crps = y + 2.0 * f64::exp(-y) - 1.5;
        let score = wis(&forecast, y).unwrap().wis;
        assert!((score - crps).abs() < 2e-3, "{y}: {score} {crps}");
    }
}

proptest! {
    #[test]
    fn it_is_what_the_definitions_say(
        mut values in prop::collection::vec(0.0..5_000.0_f64, 23),
        y in 0.0..6_000.0_f64,
    ) {
        values.sort_by(f64::total_cmp);
        let forecast = Quantiles::at_hub_levels(values.clone()).unwrap();
        let score = wis(&forecast, y).unwrap();
        prop_assert!(close(score.wis, by_pinball(&LEVELS, &values, y)));
        let [all, dispersion, over, under] = by_intervals(&LEVELS, &values, y);
        prop_assert!(close(score.wis, all));
        prop_assert!(close(score.dispersion, dispersion));
        prop_assert!(close(score.overprediction, over));
        prop_assert!(close(score.underprediction, under));
        let logs: Vec<f64> = values.iter().map(|value| (value + 1.0).ln()).collect();
        let log_score = wis_log(&forecast, y).unwrap();
        prop_assert!(close(log_score.wis, by_pinball(&LEVELS, &logs, (y + 1.0).ln())));
        let bias = bias(&forecast, y).unwrap();
        prop_assert!((-1.0..=1.0).contains(&bias));
        prop_assert_eq!(bias > 0.0, y < forecast.median());
    }
}

#[test]
fn bias_by_hand() {
    let forecast = quartiles([4.0, 6.0, 10.0]);
    for (y, expected) in [
        (1.0, 1.0),
        (4.0, 0.5),
        (5.0, 0.5),
        (6.0, 0.0),
        (7.0, -0.5),
        (10.0, -0.5),
        (11.0, -1.0),
    ] {
        assert!(close(bias(&forecast, y).unwrap(), expected), "{y}");
    }
    // Several quantiles at 0: the highest of them counts.
    let forecast = Quantiles::new(
        vec![0.1, 0.25, 0.5, 0.75, 0.9],
        vec![0.0, 0.0, 1.0, 2.0, 3.0],
    );
    assert!(close(bias(&forecast.unwrap(), 0.0).unwrap(), 0.5));
}

#[test]
fn coverage_counts_the_ends_as_inside() {
    let forecast = quartiles([4.0, 6.0, 10.0]);
    assert_eq!(forecast.interval(0.5), Some((4.0, 10.0)));
    for (y, held) in [(3.9, false), (4.0, true), (10.0, true), (10.1, false)] {
        assert_eq!(covers(&forecast, 0.5, y), Some(held), "{y}");
    }
    assert_eq!(covers(&forecast, 0.9, 5.0), None);
    let pairs = [3.0, 4.0, 5.0, 12.0].map(|y| (&forecast, y));
    assert_eq!(coverage(pairs, 0.5), Some(0.5));
    assert_eq!(coverage(pairs, 0.9), None);
    let hub = Quantiles::at_hub_levels((0..23).map(f64::from).collect()).unwrap();
    assert_eq!(hub.interval(0.5), Some((6.0, 16.0)));
    assert_eq!(hub.interval(0.9), Some((2.0, 20.0)));
    assert_eq!(hub.interval(0.98), Some((0.0, 22.0)));
}

/// Three models; the third made no forecast of the first target.
#[test]
fn relative_skill_by_hand() {
    let scores = [
        vec![Some(1.0), Some(2.0), Some(3.0)],
        vec![Some(2.0), Some(4.0), Some(6.0)],
        vec![None, Some(2.0), Some(8.0)],
    ];
    let skill = relative_skill(&scores, 1).unwrap();
    // θ: 0 against 1: 6/12; 0 against 2: 5/10; 1 against 2: 10/10.
    let theta = [
        (0.5_f64 * 0.5).cbrt(),
        (2.0_f64 * 1.0).cbrt(),
        (2.0_f64 * 1.0).cbrt(),
    ];
    for (model, theta_model) in theta.iter().enumerate() {
        assert!(close(skill[model].unwrap(), theta_model / theta[1]));
    }
    let apart = [vec![Some(1.0), None], vec![None, Some(1.0)]];
    assert_eq!(relative_skill(&apart, 0).unwrap(), [None, None]);
    assert_eq!(relative_skill(&[vec![Some(3.0)]], 0).unwrap(), [Some(1.0)]);
}

#[test]
fn what_cannot_be_scored_is_refused() {
    let forecast = quartiles([-1.0, 0.0, 1.0]);
    assert_eq!(wis_log(&forecast, 2.0), Err(ScoreError::BelowZero(-1.0)));
    assert_eq!(
        wis(&forecast, f64::INFINITY),
        Err(ScoreError::Observed(f64::INFINITY))
    );
    assert!(bias(&forecast, f64::NAN).is_err());
    assert_eq!(
        relative_skill(&[vec![Some(1.0)]], 1),
        Err(RelativeError::Baseline {
            baseline: 1,
            models: 1
        })
    );
    let uneven = [vec![Some(1.0)], vec![Some(1.0), None]];
    assert_eq!(relative_skill(&uneven, 0), Err(RelativeError::Targets(1)));
}

#[test]
fn what_are_no_quantiles_is_refused() {
    let new = |levels: &[f64], values: &[f64]| Quantiles::new(levels.to_vec(), values.to_vec());
    assert_eq!(
        new(&[0.5], &[]),
        Err(QuantilesError::Count {
            levels: 1,
            values: 0
        })
    );
    for (levels, at) in [
        (&[0.1, 0.5, 0.8][..], 0.1),
        (&[0.25, 0.75][..], 0.5),
        (&[][..], 0.5),
        (&[0.5, 0.5, 0.5][..], 0.5),
        (&[0.0, 0.5, 1.0][..], 0.0),
    ] {
        let values = vec![1.0; levels.len()];
        let refused = Quantiles::new(levels.to_vec(), values);
        assert_eq!(
            refused,
            Err(QuantilesError::Level { level: at }),
            "{levels:?}"
        );
    }
    assert_eq!(
        new(&[0.25, 0.5, 0.75], &[1.0, 0.9, 2.0]),
        Err(QuantilesError::Value {
            level: 0.5,
            value: 0.9
        })
    );
    assert!(new(&[0.5], &[f64::NAN]).is_err());
}
