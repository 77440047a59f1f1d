//! Against EpiEstim 2.2-4, figure by figure.
#![allow(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod common;

use common::shared_data;
use lianfang_epi::rt::{
    Estimator, REstimate, RtError, Window, estimate_r, overall_infectivity, weekly_windows,
};
use lianfang_epi::serial_interval::{SerialInterval, SerialIntervalError, discr_si};

fn table(file: &str) -> Option<Vec<Vec<f64>>> {
    let mut reader = csv::Reader::from_path(shared_data(file)?).unwrap();
    let numbers =
        |row: csv::StringRecord| row.iter().filter_map(|cell| cell.parse().ok()).collect();
    Some(reader.records().map(|row| numbers(row.unwrap())).collect())
}

#[test]
fn discr_si_equals_epiestim() {
    let Some(expected) = table("rt/discr_si_4.7_2.9.csv") else {
        return;
    };
    let weights = discr_si(expected.len() - 1, 4.7, 2.9).unwrap();
    assert_eq!(weights.len(), 41);
    for (row, weight) in expected.iter().zip(&weights) {
        assert!(
            (row[1] - weight).abs() < 1e-12,
            "k = {}: {} and {weight}",
            row[0],
            row[1]
        );
    }
}

#[test]
fn flu_2009_equals_epiestim() {
    let (Some(incidence), Some(si), Some(expected)) = (
        table("rt/Flu2009_incidence.csv"),
        table("rt/Flu2009_si.csv"),
        table("rt/Flu2009_R.csv"),
    ) else {
        return;
    };
    let incidence: Vec<f64> = incidence.iter().map(|row| row[0]).collect();
    let si = SerialInterval::new(si.iter().map(|row| row[0]).collect()).unwrap();
    let windows = weekly_windows(incidence.len());
    let estimates = estimate_r(&incidence, &si, &windows, 5.0, 5.0).unwrap();
    assert_eq!(estimates.len(), expected.len());
    let mut worst = 0.0_f64;
    for (row, r) in expected.iter().zip(&estimates) {
        let got = [
            r.t_start as f64,
            r.t_end as f64,
            r.mean,
            r.sd,
            r.q025,
            r.median,
            r.q975,
        ];
        for (want, got) in row.iter().zip(got) {
            worst = worst.max((want - got).abs());
        }
        assert!((r.quantile(0.975) - r.q975).abs() < 1e-12);
        assert!((r.probability_below(r.median) - 0.5).abs() < 1e-10);
    }
    println!("largest difference from EpiEstim: {worst:e}");
    assert!(worst < 1e-9, "{worst}");
}

#[test]
fn a_reused_estimator_answers_as_a_fresh_one() {
    let si = SerialInterval::gamma(4.7, 2.9).unwrap();
    let mut estimator = Estimator::new(&si, 5.0, 5.0).unwrap();
    for series in [
        vec![3.0; 30],
        (0..40).map(f64::from).collect(),
        vec![0.5; 20],
        vec![40_000.0; 15],
    ] {
        let windows = weekly_windows(series.len());
        let fresh = estimate_r(&series, &si, &windows, 5.0, 5.0).unwrap();
        assert_eq!(estimator.estimate_r(&series, &windows).unwrap(), fresh);
        assert!(fresh.iter().all(|r| r.q025 < r.median && r.median < r.q975));
    }
}

#[test]
fn without_cases_the_posterior_is_the_prior() {
    let si = SerialInterval::gamma(4.7, 2.9).unwrap();
    let r: Vec<REstimate> = estimate_r(&[0.0; 12], &si, &weekly_windows(12), 5.0, 5.0).unwrap();
    assert!((r[0].mean - 5.0).abs() < 1e-12 && (r[0].sd - 5.0).abs() < 1e-12);
}

#[test]
fn windows_before_the_mean_serial_interval_are_left_out() {
    let si = SerialInterval::gamma(4.7, 2.9).unwrap();
    let windows = [
        Window {
            t_start: 2,
            t_end: 4,
        },
        Window {
            t_start: 2,
            t_end: 5,
        },
    ];
    let r = estimate_r(&[1.0; 8], &si, &windows, 5.0, 5.0).unwrap();
    assert_eq!(r.iter().map(|r| r.t_end).collect::<Vec<_>>(), [5]);
}

#[test]
fn infectivity_is_the_convolution_with_the_serial_interval() {
    let si = SerialInterval::new(vec![0.0, 0.5, 0.3, 0.2]).unwrap();
    let lambda = overall_infectivity(&[10.0, 0.0, 20.0, 0.0, 0.0], &si);
    for (got, want) in lambda.iter().zip([0.0, 5.0, 3.0, 12.0, 6.0]) {
        assert!((got - want).abs() < 1e-12);
    }
}

#[test]
fn refusals_say_what_is_wrong_and_what_would_be_right() {
    let si = SerialInterval::gamma(4.7, 2.9).unwrap();
    let refused = |incidence: &[f64], t_start, t_end| {
        estimate_r(incidence, &si, &[Window { t_start, t_end }], 5.0, 5.0).unwrap_err()
    };
    assert_eq!(
        refused(&[1.0; 8], 1, 7),
        RtError::Window {
            t_start: 1,
            t_end: 7,
            days: 8
        }
    );
    assert_eq!(
        refused(&[1.0; 8], 3, 9),
        RtError::Window {
            t_start: 3,
            t_end: 9,
            days: 8
        }
    );
    assert_eq!(
        refused(&[1.0, -2.0], 2, 2).to_string(),
        "the incidence of day 2 is -2: it must be a finite number of cases, 0 or more"
    );
    assert!(matches!(
        Estimator::new(&si, 0.0, 5.0),
        Err(RtError::Prior { .. })
    ));
    assert_eq!(discr_si(5, 1.0, 2.0), Err(SerialIntervalError::Mean(1.0)));
    assert_eq!(
        SerialInterval::gamma(4.7, f64::NAN)
            .unwrap_err()
            .to_string(),
        "the serial interval's standard deviation is NaN days: it must be finite and more than 0"
    );
    assert_eq!(
        SerialInterval::new(vec![0.1, 0.9]),
        Err(SerialIntervalError::SameDay(0.1))
    );
    assert_eq!(
        SerialInterval::new(vec![0.0, 0.9]),
        Err(SerialIntervalError::Sum(0.9))
    );
    assert!(matches!(
        SerialInterval::gamma(300.0, 200.0),
        Err(SerialIntervalError::Support(_))
    ));
}
