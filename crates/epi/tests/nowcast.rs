//! Nowcasts of simulated reporting triangles: do the intervals hold what came to be reported?
#![allow(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod common;

use common::Random;
use jiff::ToSpan;
use jiff::civil::{Date, date};
use lianfang_epi::nowcast::{NowcastError, ReportingTriangle, nowcast, nowcast_with_delay};

const DELAY: [f64; 9] = [0.05, 0.15, 0.22, 0.2, 0.15, 0.1, 0.06, 0.04, 0.03];

fn day(index: i64) -> Date {
    date(2020, 1, 20) + index.days()
}

struct Simulated {
    cases: Vec<(Date, Date)>,
    by_onset: Vec<u32>,
}

fn simulate(random: &mut Random, days: i64, mean: impl Fn(i64) -> f64) -> Simulated {
    let mut cases = Vec::new();
    let mut by_onset = Vec::new();
    for onset in 0..days {
        let count = random.poisson(mean(onset));
        by_onset.push(count);
        for _ in 0..count {
            let mut u = random.uniform();
            let delay = DELAY.iter().position(|p| {
                u -= p;
                u <= 0.0
            });
            cases.push((day(onset), day(onset + delay.unwrap_or(8) as i64)));
        }
    }
    Simulated { cases, by_onset }
}

#[test]
fn intervals_hold_what_is_reported_in_the_end() {
    let mut random = Random(5);
    let (mut held, mut asked, mut ratio) = (0, 0, 0.0);
    for _ in 0..300 {
        let truth = simulate(&mut random, 28, |t| 12.0 * (0.05 * t as f64).exp());
        let triangle = ReportingTriangle::from_dates(truth.cases, day(0), day(27), 8).unwrap();
        let days = nowcast(&triangle, 0.95, 0.95).unwrap();
        assert_eq!(days.len(), 28);
        for (now, &count) in days
            .iter()
            .zip(&truth.by_onset)
            .filter(|(now, _)| now.provisional)
        {
            asked += 1;
            held += usize::from(now.low <= count && now.high.is_some_and(|high| count <= high));
        }
        let expected: f64 = days[21..27].iter().filter_map(|now| now.expected).sum();
        ratio += expected
            / truth.by_onset[21..27]
                .iter()
                .map(|&n| f64::from(n))
                .sum::<f64>()
            / 300.0;
    }
    let coverage = f64::from(held as u32) / f64::from(asked);
    println!(
        "95 % intervals of provisional days that held: {coverage:.3}; expected over true: {ratio:.3}"
    );
    assert!((0.92..=0.99).contains(&coverage), "{coverage}");
    assert!((0.97..=1.05).contains(&ratio), "{ratio}");
}

#[test]
fn shares_are_the_delay_distribution() {
    let truth = simulate(&mut Random(6), 60, |_| 200.0);
    let triangle = ReportingTriangle::from_dates(truth.cases, day(0), day(59), 8).unwrap();
    let mut by_now = 0.0;
    for (share, p) in triangle.reported_shares().iter().zip(DELAY) {
        by_now += p;
        assert!(
            (share.share - by_now).abs() < 0.02,
            "{} {by_now}",
            share.share
        );
    }
}

#[test]
fn a_known_delay_gives_the_same_expectation_and_a_narrower_interval() {
    let truth = simulate(&mut Random(7), 30, |_| 25.0);
    let triangle = ReportingTriangle::from_dates(truth.cases.clone(), day(0), day(29), 8).unwrap();
    let estimated = nowcast(&triangle, 0.9, 0.95).unwrap();
    let reported: Vec<u32> = estimated.iter().map(|now| now.reported).collect();
    let known = nowcast_with_delay(&reported, day(0), &DELAY, 0.9, 0.95).unwrap();
    for (estimated, known) in estimated.iter().zip(&known) {
        assert_eq!(estimated.onset, known.onset);
        let (estimated, known) = (estimated.expected.unwrap(), known.expected.unwrap());
        assert!((estimated - known).abs() <= 0.35 * known + 1.0);
    }
    assert!(known[29].provisional && !known[10].provisional);
    assert_eq!(
        (known[10].low, known[10].high),
        (known[10].reported, Some(known[10].reported))
    );
}

#[test]
fn a_day_without_reports_may_still_have_had_cases() {
    let days = nowcast_with_delay(&[0, 0], day(0), &[0.5, 0.5], 0.9, 0.95).unwrap();
    assert_eq!((days[0].high, days[1].low), (Some(0), 0));
    assert_eq!(days[1].high, Some(5), "P(more than 5) = 1/2^6 < 2.5 %");
}

#[test]
fn a_day_that_cannot_have_been_reported_says_so() {
    let days = nowcast_with_delay(&[7, 0], day(0), &[0.0, 1.0], 0.9, 0.95).unwrap();
    assert_eq!((days[0].expected, days[0].high), (Some(7.0), Some(7)));
    assert_eq!(
        (days[1].expected, days[1].low, days[1].high),
        (None, 0, None)
    );
    assert!(days[1].provisional);
}

#[test]
fn impossible_and_too_long_delays_are_counted_and_left_out() {
    let cases = [
        (day(3), day(1)),
        (day(0), day(9)),
        (day(2), day(4)),
        (day(5), day(30)),
    ];
    let triangle = ReportingTriangle::from_dates(cases, day(0), day(10), 5).unwrap();
    assert_eq!((triangle.n_negative, triangle.n_too_long), (1, 1));
    assert_eq!(
        nowcast(&triangle, 0.9, 0.95)
            .unwrap()
            .iter()
            .map(|now| now.reported)
            .sum::<u32>(),
        1
    );
}

#[test]
fn refusals() {
    let none =
        |as_of, max_delay| ReportingTriangle::from_dates([], day(0), as_of, max_delay).unwrap_err();
    assert_eq!(none(day(5), 0), NowcastError::MaxDelay(0));
    assert!(matches!(none(day(5), 7), NowcastError::NoReports { .. }));
    assert!(matches!(none(day(-5), 7), NowcastError::NoReports { .. }));
    let refused = nowcast_with_delay(&[1], day(0), &[0.5, 0.2], 0.9, 0.95).unwrap_err();
    assert_eq!(refused, NowcastError::DelayPmf { day: 1, value: 0.7 });
    let level = nowcast_with_delay(&[1], day(0), &[1.0], 0.9, 95.0)
        .unwrap_err()
        .to_string();
    assert!(level.contains("level of the interval is 95"), "{level}");
}
