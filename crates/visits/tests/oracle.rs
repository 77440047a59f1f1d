//! Traces over random cities are those that sets of minutes give: to the minute, over midnight and
//! the end of a month, sealed or not, merged or not, early or late, once or twice.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::collections::BTreeSet;

use common::{DAY, Oracle, START, Town, batch, bounds, case, open, person, span, visit};
use lianfang_core::time::UtcOffset;
use lianfang_visits::{
    Batch, Case, Limits, Meeting, PlaceId, Places, Settings, Snapshot, Span, Trace, Visit, VisitLog,
};
use proptest::prelude::*;

/// What is done between two batches.
#[derive(Debug, Clone, Copy)]
enum Step {
    Nothing,
    Seal,
    Settle,
    Reopen,
    Again,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::Nothing),
        2 => Just(Step::Seal),
        1 => Just(Step::Settle),
        1 => Just(Step::Reopen),
        1 => Just(Step::Again),
    ]
}

/// Visits of few people to few places in five days, many of them at midnight.
fn some_visit() -> impl Strategy<Value = Visit> {
    let from = prop_oneof![
        0..5 * DAY,
        (1..5_u32, 0..60_u32).prop_map(|(day, minute)| day * DAY + minute - 30),
    ];
    let stay = prop_oneof![
        2 => Just(None),
        3 => (0..120_u32).prop_map(Some),
        1 => (0..3_900_u32).prop_map(Some),
    ];
    (0..12_u64, 0..5_u64, from, stay)
        .prop_map(|(who, place, from, stay)| visit(who, place, from, stay))
}

fn check(snapshot: &Snapshot, oracle: &Oracle, cases: &[Case]) {
    let limits = Limits::default();
    let first = snapshot.trace(cases, &Town, limits).unwrap();
    compare(&first, oracle, cases, &BTreeSet::new());
    let until = cases.iter().map(|case| case.span.until).max().unwrap();
    let contacts: Vec<Case> = first
        .contacts
        .iter()
        .map(|contact| Case {
            person: contact.person,
            span: Span {
                from: contact.first,
                until,
            },
        })
        .collect();
    let known = cases
        .iter()
        .chain(&contacts)
        .map(|case| case.person)
        .collect();
    let second = snapshot.second_order(cases, &first, &Town, limits).unwrap();
    compare(&second, oracle, &contacts, &known);
    for case in cases {
        let stays = snapshot.stays_of(case.person, case.span, &Town).unwrap();
        let stays: BTreeSet<_> = stays
            .iter()
            .map(|stay| (stay.from.0, stay.until.0, stay.place))
            .collect();
        assert_eq!(stays, oracle.stays_of(case.person, case.span));
    }
    for place in 0..5 {
        let visitors = snapshot
            .visitors(PlaceId(place), cases[0].span, &Town, usize::MAX)
            .unwrap();
        assert!(!visitors.truncated);
        let stays: BTreeSet<_> = visitors
            .stays
            .iter()
            .map(|stay| (stay.person, stay.from.0, stay.until.0))
            .collect();
        assert_eq!(stays, oracle.visitors(PlaceId(place), cases[0].span));
    }
}

fn compare(
    trace: &Trace,
    oracle: &Oracle,
    cases: &[Case],
    known: &BTreeSet<lianfang_core::ids::PersonId>,
) {
    assert!(!trace.truncated);
    let met: Vec<_> = trace
        .meetings
        .iter()
        .map(|met| (met.person, met.from.0, met.until.0, met.place, met.case))
        .collect();
    let expected = oracle.meetings(cases, known);
    assert_eq!(
        met.len(),
        expected.len(),
        "a meeting is there twice, or missing"
    );
    assert_eq!(met.iter().copied().collect::<BTreeSet<_>>(), expected);
    assert_eq!(trace.people_met, trace.contacts.len());
    assert!(trace.contacts.is_sorted_by(|a, b| a.risk >= b.risk));
    let mut seen = 0;
    for contact in &trace.contacts {
        let meetings = trace.meetings_of(contact);
        seen += meetings.len();
        assert!(meetings.iter().all(|met| met.person == contact.person));
        let minutes: u32 = meetings.iter().map(Meeting::minutes).sum();
        let risk: f64 = meetings
            .iter()
            .map(|met| f64::from(met.minutes()) * Town.weight(met.place))
            .sum();
        let places: BTreeSet<_> = meetings.iter().map(|met| met.place).collect();
        assert_eq!(contact.minutes, minutes);
        assert!((contact.risk - risk).abs() < 1e-6);
        assert_eq!(contact.places as usize, places.len());
        assert_eq!(
            Some(contact.first),
            meetings.iter().map(|met| met.from).min()
        );
        assert_eq!(
            Some(contact.last),
            meetings.iter().map(|met| met.until).max()
        );
    }
    assert_eq!(seen, trace.meetings.len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn traces_are_those_of_sets_of_minutes(
        batches in prop::collection::vec((prop::collection::vec(some_visit(), 0..40), step()), 1..8),
        who in prop::collection::vec((0..12_u64, 0..5 * DAY, 1..5 * DAY), 1..4),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut log = Some(open(folder.path()));
        let mut all: Vec<Visit> = Vec::new();
        for (visits, step) in &batches {
            let writer = log.as_ref().unwrap();
            let taken = batch(visits);
            writer.append(std::slice::from_ref(&taken)).unwrap();
            all.extend(visits);
            match step {
                Step::Nothing => {}
                Step::Seal => drop(writer.seal().unwrap()),
                Step::Settle => drop(writer.settle().unwrap()),
                Step::Reopen => {
                    drop(log.take());
                    log = Some(open(folder.path()));
                }
                Step::Again => {
                    let receipts = writer.append(&[taken.clone(), taken.passing()]).unwrap();
                    prop_assert!(receipts[0].repeated || visits.is_empty());
                }
            }
        }
        let cases: Vec<Case> = who.iter().map(|(who, from, length)| case(*who, *from, from + length)).collect();
        let oracle = Oracle::of(&all);
        let log = log.unwrap();
        check(&log.snapshot(), &oracle, &cases);
        check(&Snapshot::open(folder.path()).unwrap(), &oracle, &cases);
        log.settle().unwrap();
        check(&log.snapshot(), &oracle, &cases);
        prop_assert!(lianfang_visits::verify(folder.path()).unwrap().problems.is_empty());
    }

    #[test]
    fn days_begin_where_the_clocks_say(minutes in prop::collection::vec(0..3 * DAY, 1..40), offset in -840_i32..=840) {
        let folder = tempfile::tempdir().unwrap();
        let offset = UtcOffset::try_from(offset).unwrap();
        let log = VisitLog::open(folder.path(), Settings::new(offset)).unwrap();
        let visits: Vec<Visit> = minutes.iter().map(|from| visit(1, 1, *from, Some(10))).collect();
        let bounds = lianfang_visits::Bounds { offset, ..bounds() };
        let (batch, _) = Batch::checked(&mut visits.iter().copied(), &bounds, |_| true);
        let receipts = log.append(&[batch]).unwrap();
        log.seal().unwrap();
        for day in &receipts[0].days {
            let of_day = visits.iter().filter(|visit| offset.day_of(visit.from.timestamp()) == day.day);
            prop_assert_eq!(day.tally.visits, of_day.count() as u64);
        }
        prop_assert_eq!(log.snapshot().days(), receipts[0].days.clone());
        let all = span(0, 4 * DAY);
        let stays = log.snapshot().stays_of(person(1), all, &Town).unwrap();
        let stays: BTreeSet<_> = stays.iter().map(|stay| (stay.from.0, stay.until.0, stay.place)).collect();
        prop_assert_eq!(stays, Oracle::of(&visits).stays_of(person(1), all));
    }
}

#[test]
fn a_place_shared_by_thousands_is_answered_whole_or_says_that_it_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path());
    let crowd: Vec<Visit> = (0..20_000_u64)
        .map(|who| {
            visit(
                who,
                7,
                (who % 2_000) as u32,
                (who % 3 > 0).then_some((who % 50) as u32),
            )
        })
        .collect();
    for chunk in crowd.chunks(3_000) {
        log.append(&[batch(chunk)]).unwrap();
        log.seal().unwrap();
    }
    let cases = [case(600, 0, 2 * DAY), case(1_439, 0, 2 * DAY)];
    let oracle = Oracle::of(&crowd);
    let limits = Limits {
        meetings: 1_000_000,
        contacts: 100_000,
    };
    let snapshot = log.snapshot();
    let trace = snapshot.trace(&cases, &Town, limits).unwrap();
    compare(&trace, &oracle, &cases, &BTreeSet::new());
    assert!(trace.people_met > 1_000, "{}", trace.people_met);
    // Fewer contacts: the first of the same ranking.
    let few = snapshot
        .trace(
            &cases,
            &Town,
            Limits {
                contacts: 10,
                ..limits
            },
        )
        .unwrap();
    assert_eq!(
        (few.contacts.len(), few.people_met, few.truncated),
        (10, trace.people_met, false)
    );
    assert_eq!(few.contacts[..], trace.contacts[..10]);
    // Fewer meetings: said, and each one true.
    let stopped = snapshot
        .trace(
            &cases,
            &Town,
            Limits {
                meetings: 500,
                ..limits
            },
        )
        .unwrap();
    assert!(stopped.truncated && stopped.meetings.len() <= 501);
    let expected = oracle.meetings(&cases, &BTreeSet::new());
    for met in &stopped.meetings {
        assert!(expected.contains(&(met.person, met.from.0, met.until.0, met.place, met.case)));
    }
    let everyone = snapshot
        .visitors(PlaceId(7), span(0, DAY), &Town, 100)
        .unwrap();
    assert!(everyone.truncated && everyone.stays.len() <= 100);
    assert_eq!(START % DAY, DAY - 480);
}
