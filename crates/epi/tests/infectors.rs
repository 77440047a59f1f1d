//! Suggested infectors against the formula, and against seeded outbreaks in which every infector is known.
#![allow(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod common;

use common::outbreak::{Disease, Outbreak, Tracing, outbreak};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use lianfang_epi::chains::Met;
use lianfang_epi::infectors::{
    Candidate, Infectious, InfectorsError, Rule, Suggestions, WhyNot, suggest,
};
use lianfang_epi::onset_interval::{OnsetInterval, OnsetIntervalError};
use lianfang_epi::serial_interval::SerialInterval;
use proptest::prelude::*;

const WINDOW: Infectious = Infectious {
    from: -2,
    until: 12,
};
const ONSET: Date = date(2020, 2, 20);

fn gamma() -> OnsetInterval {
    OnsetInterval::from(&SerialInterval::gamma(4.7, 2.9).unwrap())
}

fn rule(interval: &OnsetInterval, outside: f64) -> Rule<'_> {
    Rule {
        interval,
        infectious: WINDOW,
        outside,
    }
}

/// Somebody who fell ill so many days before the case.
fn before(id: u32, days: i32) -> Candidate<u32> {
    Candidate {
        id,
        onset: Some(ONSET - days.days()),
        met: None,
        setting_weight: 1.0,
        contact_weight: 1.0,
    }
}

#[test]
fn with_equal_weights_they_are_those_of_wallinga_and_teunis() {
    let w = SerialInterval::gamma(4.7, 2.9).unwrap();
    let w = w.weights();
    let candidates = [before(1, 2), before(2, 5), before(3, 9)];
    let found = suggest(ONSET, &candidates, &rule(&gamma(), 0.0)).unwrap();
    let sum = w[2] + w[5] + w[9];
    for (id, days) in [(1, 2), (2, 5), (3, 9)] {
        let suggested = found.ranked.iter().find(|s| s.id == id).unwrap();
        assert!((suggested.probability - w[days] / sum).abs() < 1e-12);
        assert_eq!(suggested.interval_days, days as i32);
    }
    assert!(found.outside.abs() < 1e-12);
}

#[test]
fn setting_contact_and_somebody_else_weigh() {
    let interval = OnsetInterval::new(3, vec![0.5, 0.5]).unwrap();
    let mut home = before(1, 3);
    home.setting_weight = 6.0;
    let mut stranger = before(2, 4);
    stranger.contact_weight = 0.5;
    let found = suggest(ONSET, &[stranger, home], &rule(&interval, 0.25)).unwrap();
    // Weights 3, 0.25 and 0.25.
    let parts: Vec<(u32, f64)> = found.ranked.iter().map(|s| (s.id, s.probability)).collect();
    assert_eq!(parts, [(1, 3.0 / 3.5), (2, 0.25 / 3.5)]);
    assert!((found.outside - 0.25 / 3.5).abs() < 1e-12);
}

#[test]
fn who_falls_ill_later_counts_where_the_distribution_says_so() {
    let later = [before(1, -1)];
    let none = suggest(ONSET, &later, &rule(&gamma(), 0.1)).unwrap();
    assert_eq!(none.set_aside, [(1, WhyNot::ImpossibleInterval)]);
    assert_eq!((none.ranked.len(), none.outside), (0, 1.0));
    let normal = OnsetInterval::normal(3.96, 4.75).unwrap();
    let found = suggest(ONSET, &later, &rule(&normal, 0.0)).unwrap();
    assert_eq!(
        (found.ranked[0].interval_days, found.ranked[0].probability),
        (-1, 1.0)
    );
}

#[test]
fn whoever_cannot_have_been_is_set_aside_with_the_reason() {
    let met = |id, days, met| Candidate {
        met: Some(met),
        ..before(id, days)
    };
    let candidates = [
        Candidate {
            onset: None,
            ..before(1, 4)
        },
        met(2, 4, Met::On(ONSET + 1.day())),
        met(3, 4, Met::On(ONSET - 7.days())),
        Candidate {
            setting_weight: 0.0,
            ..before(4, 4)
        },
        // Two days before the candidate's onset counts, and a last meeting after the case's does not speak against it.
        met(5, 4, Met::On(ONSET - 6.days())),
        met(6, 4, Met::Until(ONSET + 30.days())),
        met(7, 4, Met::Until(ONSET - 7.days())),
    ];
    let found = suggest(ONSET, &candidates, &rule(&gamma(), 0.0)).unwrap();
    let aside = [
        (1, WhyNot::NoOnset),
        (2, WhyNot::MetAfterOnset),
        (3, WhyNot::NotInfectious),
        (4, WhyNot::NoWeight),
        (7, WhyNot::NotInfectious),
    ];
    assert_eq!(found.set_aside, aside);
    let ranked: Vec<u32> = found.ranked.iter().map(|s| s.id).collect();
    assert_eq!(ranked, [5, 6], "equals stay in the order given");
    assert_eq!(found.ranked[0].met_day, Some(-2));
}

#[test]
fn weights_and_distributions_that_are_none_are_refused() {
    let interval = gamma();
    let one = |weight| {
        let mut candidate = before(1, 4);
        candidate.contact_weight = weight;
        suggest(ONSET, &[candidate], &rule(&interval, 0.0))
    };
    assert_eq!(one(-1.0), Err(InfectorsError::Weight(-1.0)));
    assert!(one(f64::INFINITY).is_err() && one(f64::NAN).is_err());
    let turned = Rule {
        infectious: Infectious { from: 1, until: 0 },
        ..rule(&interval, 0.0)
    };
    assert!(suggest(ONSET, &[before(1, 4)], &turned).is_err());
    assert_eq!(
        OnsetInterval::new(-1, vec![0.5, 0.2]),
        Err(OnsetIntervalError::Sum(0.7))
    );
    assert!(OnsetInterval::new(0, Vec::new()).is_err());
    assert!(OnsetInterval::new(0, vec![1.5, -0.5]).is_err());
    assert!(OnsetInterval::normal(f64::NAN, 1.0).is_err());
    assert!(OnsetInterval::normal(4.0, 0.0).is_err());
    assert!(OnsetInterval::normal(1e9, 1.0).is_err());
}

proptest! {
    #[test]
    fn probabilities_sum_to_one_and_nobody_is_lost(
        people in prop::collection::vec((-5..20_i32, 0.0..4.0_f64, 0.0..4.0_f64, prop::option::of(-15..5_i32)), 0..12),
        outside in 0.0..1.0_f64,
    ) {
        let candidates: Vec<Candidate<u32>> = (0..).zip(&people).map(|(id, (days, setting, contact, met))| Candidate {
            met: met.map(|met| Met::On(ONSET + met.days())),
            setting_weight: *setting,
            contact_weight: *contact,
            ..before(id, *days)
        }).collect();
        let interval = gamma();
        let found = suggest(ONSET, &candidates, &rule(&interval, outside)).unwrap();
        let sum = found.outside + found.ranked.iter().map(|s| s.probability).sum::<f64>();
        prop_assert!((sum - 1.0).abs() < 1e-9 || (found.ranked.is_empty() && outside == 0.0));
        prop_assert!(found.ranked.is_sorted_by(|a, b| a.probability >= b.probability));
        let mut ids: Vec<u32> = found.ranked.iter().map(|s| s.id).chain(found.set_aside.iter().map(|(id, _)| *id)).collect();
        ids.sort_unstable();
        prop_assert_eq!(ids, (0..people.len() as u32).collect::<Vec<_>>());
    }
}

/// Suggestions for a case out of the meetings that were named.
fn suggestions(outbreak: &Outbreak, of: usize, interval: &OnsetInterval) -> Suggestions<usize> {
    let met = outbreak.named.iter().filter(|meeting| meeting.of == of);
    let candidates: Vec<Candidate<usize>> = met
        .map(|meeting| Candidate {
            id: meeting.with,
            onset: Some(outbreak.cases[meeting.with].onset),
            met: Some(Met::On(meeting.day)),
            setting_weight: meeting.place.weight(),
            contact_weight: 1.0,
        })
        .collect();
    suggest(outbreak.cases[of].onset, &candidates, &rule(interval, 0.0)).unwrap()
}

/// What suggestions are worth over all cases that were infected by another.
struct Accuracy {
    /// Infections whose infector is among the contacts named.
    recall: f64,
    /// Infections whose infector is suggested first.
    first: f64,
    /// Infections whose infector would be first if one of those named were drawn.
    drawn: f64,
}

fn accuracy(outbreak: &Outbreak, interval: &OnsetInterval) -> Accuracy {
    let (mut infected, mut named, mut first, mut drawn) = (0.0, 0.0, 0.0, 0.0);
    for (of, case) in outbreak.cases.iter().enumerate() {
        let Some(infector) = case.infector else {
            continue;
        };
        infected += 1.0;
        let met: Vec<usize> = outbreak
            .named
            .iter()
            .filter(|meeting| meeting.of == of)
            .map(|meeting| meeting.with)
            .collect();
        if met.contains(&infector) {
            named += 1.0;
            drawn += 1.0 / met.len() as f64;
        }
        let found = suggestions(outbreak, of, interval);
        if found.ranked.first().is_some_and(|s| s.id == infector) {
            first += 1.0;
        }
    }
    Accuracy {
        recall: named / infected,
        first: first / infected,
        drawn: drawn / infected,
    }
}

#[test]
fn seeded_outbreaks_print_recall_and_accuracy() {
    let disease = Disease {
        r: 1.6,
        k: 0.4,
        si_mean: 4.7,
        si_sd: 2.9,
        cases: 400,
    };
    let interval = gamma();
    for (recall, floor) in [(1.0, 0.5), (0.7, 0.35), (0.4, 0.2)] {
        let tracing = Tracing {
            recall,
            chance: 1.0,
        };
        let (mut named, mut first, mut drawn) = (0.0, 0.0, 0.0);
        for seed in 1..=5 {
            let found = accuracy(&outbreak(seed, &disease, &tracing), &interval);
            named += found.recall / 5.0;
            first += found.first / 5.0;
            drawn += found.drawn / 5.0;
        }
        println!(
            "meetings named {recall:.2}: infectors among the contacts {named:.3}, suggested first {first:.3} \
             (of those named {:.3}; drawn at random {drawn:.3} of all)",
            first / named
        );
        assert!((named - recall).abs() < 0.08, "{named} {recall}");
        assert!(first > floor && first > drawn, "{first} {drawn}");
    }
}
