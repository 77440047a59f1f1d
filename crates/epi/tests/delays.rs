//! Delays from a real line list with missing dates, and their distributions.
#![allow(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod common;

use common::shared_data;
use jiff::civil::{Date, date};
use lianfang_epi::delays::{DelayDistribution, DelayError, Delays};
use lianfang_epi::serial_interval::discr_si;

fn near(a: Option<f64>, b: f64) -> bool {
    a.is_some_and(|a| (a - b).abs() < 1e-9)
}

/// Reference figures: Python's `statistics` on the same file.
#[test]
fn h7n9_onset_to_hospital() {
    let Some(path) = shared_data("linelist/h7n9-china-2013.csv") else {
        return;
    };
    let mut reader = csv::Reader::from_path(path).unwrap();
    let parse = |cell: &str| cell.parse::<Date>().ok();
    let delays = Delays::from_pairs(reader.records().map(|row| {
        let row = row.unwrap();
        (parse(&row[1]), parse(&row[2]))
    }));
    assert_eq!(
        (delays.n_used, delays.n_missing, delays.n_negative),
        (62, 74, 0)
    );
    assert!(near(delays.mean(), 4.774_193_548_387_097));
    assert!(near(delays.sd(), 3.985_298_206_908_798));
    assert!(near(delays.median(), 4.0) && near(delays.quantile(0.95), 10.0));
    assert!(near(delays.quantile(1.0), 27.0));
    assert!((delays.pmf().iter().sum::<f64>() - 1.0).abs() < 1e-12);
    for fitted in [delays.fit_gamma().unwrap(), delays.fit_lognormal().unwrap()] {
        assert!(near(delays.mean(), fitted.mean()) && near(delays.sd(), fitted.sd()));
    }
}

#[test]
fn discretised_without_its_shift_is_the_serial_interval_a_day_earlier() {
    let gamma = DelayDistribution::Gamma {
        shape: (3.7_f64 / 2.9).powi(2),
        scale: 2.9 * 2.9 / 3.7,
    };
    let si = discr_si(41, 4.7, 2.9).unwrap();
    for (weight, shifted) in gamma.discretise(40).iter().zip(&si[1..]) {
        assert!((weight - shifted).abs() < 1e-12);
    }
}

/// Incubation, Lauer et al. 2020: median 5.1 d, 97.5 % within 11.5 d.
#[test]
fn lognormal_incubation() {
    let incubation = DelayDistribution::LogNormal {
        meanlog: 1.621,
        sdlog: 0.418,
    };
    assert!((incubation.cdf(1.621_f64.exp()) - 0.5).abs() < 1e-12);
    assert!((incubation.cdf(11.5) - 0.975).abs() < 0.001);
    let pmf = incubation.discretise(60);
    assert!((pmf.iter().sum::<f64>() - 1.0).abs() < 1e-6);
    let mean: f64 = (0..).zip(&pmf).map(|(day, p)| f64::from(day) * p).sum();
    assert!((mean - incubation.mean()).abs() < 1e-3);
}

#[test]
fn nothing_to_count() {
    let day = date(2020, 2, 1);
    let empty = Delays::from_pairs([(None, None), (Some(day), None)]);
    assert_eq!(
        (empty.n_missing, empty.mean(), empty.median(), empty.sd()),
        (2, None, None, None)
    );
    assert_eq!(empty.fit_gamma(), Err(DelayError::TooFew(0)));
    let equal = Delays::from_pairs([(Some(day), Some(day)), (Some(day), Some(day))]);
    assert_eq!(equal.fit_lognormal(), Err(DelayError::NoSpread(0.0)));
    let typo = Delays::from_pairs([(Some(day), Some(date(2200, 2, 1)))]);
    assert_eq!((typo.n_too_long, typo.n_used), (1, 0));
}
