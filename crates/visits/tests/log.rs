//! What is taken, repeated, late, dropped; one writer and many readers.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::sync::atomic::{AtomicBool, Ordering};

use common::{DAY, START, Town, batch, case, open, person, span, visit};
use jiff::civil::Date;
use lianfang_core::time::UtcOffset;
use lianfang_visits::{
    Limits, Minute, PlaceId, Settings, Snapshot, Tally, Visit, VisitLog, VisitsError, verify,
};

fn total(snapshot: &Snapshot) -> Tally {
    snapshot
        .days()
        .iter()
        .fold(Tally::default(), |all, day| all.plus(day.tally))
}

#[test]
fn a_visit_over_midnight_and_the_end_of_a_month_is_found_from_both_days() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path());
    let end_of_february = 3 * DAY;
    log.append(&[batch(&[
        visit(1, 5, end_of_february - 30, Some(90)),
        visit(2, 5, end_of_february + 20, Some(10)),
        visit(3, 5, end_of_february - 40, None),
    ])])
    .unwrap();
    for _ in 0..2 {
        let snapshot = log.snapshot();
        let meets = |who, from, until| {
            let trace = snapshot
                .trace(&[case(who, from, until)], &Town, Limits::default())
                .unwrap();
            trace
                .contacts
                .iter()
                .map(|contact| (contact.person, contact.minutes))
                .collect::<Vec<_>>()
        };
        // Place 5 has a usual stay of no time: one minute.
        assert_eq!(meets(2, 0, 5 * DAY), [(person(1), 10)]);
        assert_eq!(meets(1, 0, 5 * DAY), [(person(2), 10)]);
        assert_eq!(meets(1, end_of_february, 5 * DAY), [(person(2), 10)]);
        assert_eq!(meets(1, 0, end_of_february), []);
        log.settle().unwrap();
    }
    let days: Vec<_> = log
        .snapshot()
        .days()
        .iter()
        .map(|day| (day.day, day.tally.visits))
        .collect();
    assert_eq!(
        days,
        [
            (Date::constant(2020, 2, 29), 2),
            (Date::constant(2020, 3, 1), 1)
        ]
    );
}

#[test]
fn a_batch_is_taken_once_also_after_it_is_sealed_and_the_log_opened_anew() {
    let folder = tempfile::tempdir().unwrap();
    let first = batch(&[visit(1, 1, 5, None), visit(2, 1, 6, Some(3))]);
    let other = batch(&[visit(1, 1, 5, None)]);
    let log = open(folder.path());
    let receipts = log
        .append(&[first.clone(), first.clone(), other.clone()])
        .unwrap();
    assert_eq!(
        receipts
            .iter()
            .map(|receipt| receipt.repeated)
            .collect::<Vec<_>>(),
        [false, true, false]
    );
    assert_eq!(receipts[0].digest, first.digest());
    assert!(log.append(std::slice::from_ref(&first)).unwrap()[0].repeated);
    drop(log);
    let log = open(folder.path());
    assert_eq!(log.opened().unsealed, 3);
    assert!(log.append(std::slice::from_ref(&first)).unwrap()[0].repeated);
    log.seal().unwrap();
    assert!(log.append(std::slice::from_ref(&first)).unwrap()[0].repeated);
    drop(log);
    let log = open(folder.path());
    assert_eq!(log.opened().unsealed, 0);
    assert!(
        log.append(&[first, other])
            .unwrap()
            .iter()
            .all(|receipt| receipt.repeated)
    );
    assert_eq!(total(&log.snapshot()).visits, 3);
    // The visit that came in two batches is one visit.
    let visits = log.snapshot().visits_of(person(1), span(0, DAY)).unwrap();
    assert_eq!(visits, [visit(1, 1, 5, None)]);
}

#[test]
fn a_check_out_that_comes_later_ends_the_visit_also_when_it_is_sealed_apart() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path());
    log.append(&[batch(&[visit(1, 2, 600, None), visit(2, 2, 650, None)])])
        .unwrap();
    let together = |log: &VisitLog| {
        let trace = log
            .snapshot()
            .trace(&[case(2, 0, DAY)], &Town, Limits::default())
            .unwrap();
        trace
            .contacts
            .iter()
            .map(|contact| contact.minutes)
            .sum::<u32>()
    };
    assert_eq!(together(&log), 40);
    log.seal().unwrap();
    log.append(&[batch(&[visit(1, 2, 600, Some(30))])]).unwrap();
    assert_eq!(together(&log), 0);
    log.settle().unwrap();
    assert_eq!(together(&log), 0);
    let known = log.snapshot().visits_of(person(1), span(0, DAY)).unwrap();
    assert_eq!(known, [visit(1, 2, 600, Some(30))]);
}

#[test]
fn sums_of_receipts_are_the_sums_of_days() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path());
    let mut taken = Tally::default();
    for n in 0..60_u32 {
        let visits: Vec<Visit> = (0..50)
            .map(|k| {
                visit(
                    u64::from(k * n % 31),
                    u64::from(k % 7),
                    (n * 331 + k * 97) % (4 * DAY),
                    (k % 2 == 0).then_some(k),
                )
            })
            .collect();
        let taking = batch(&visits);
        let taking = if n % 3 == 0 { taking.passing() } else { taking };
        let receipt = &log.append(&[taking]).unwrap()[0];
        taken = receipt
            .days
            .iter()
            .fold(taken, |all, day| all.plus(day.tally));
        if n % 4 == 0 {
            log.seal().unwrap();
        }
    }
    assert_eq!(total(&log.snapshot()), taken);
    let root = log.settle().unwrap();
    let report = verify(folder.path()).unwrap();
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    assert_eq!(report.days, log.snapshot().days());
    assert_eq!((&report.root, &root), (&root, &log.root()));
    assert_eq!(total(&log.snapshot()), taken);
}

#[test]
fn dropped_days_are_gone_and_taken_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path());
    let days: Vec<_> = (0..4)
        .map(|day| {
            batch(&[
                visit(1, 1, day * DAY + 60, None),
                visit(2, 1, day * DAY + 60, None),
            ])
        })
        .collect();
    log.append(&days[..2]).unwrap();
    log.seal().unwrap();
    log.append(&days[2..]).unwrap();
    let before = log.snapshot();
    // 29 February is day 2, and in the journal only.
    log.drop_before(Date::constant(2020, 3, 1)).unwrap();
    assert_eq!(log.snapshot().days().len(), 1);
    let met = |snapshot: &Snapshot| {
        snapshot
            .trace(&[case(1, 0, 5 * DAY)], &Town, Limits::default())
            .unwrap()
            .meetings
            .len()
    };
    assert_eq!((met(&before), met(&log.snapshot())), (4, 1));
    assert!(matches!(log.append(&days[..1]), Err(VisitsError::NotKept)));
    log.drop_before(Date::constant(2020, 2, 20)).unwrap();
    drop(log);
    let log = open(folder.path());
    assert_eq!(met(&log.snapshot()), 1);
    assert!(matches!(log.append(&days[..1]), Err(VisitsError::NotKept)));
    assert!(verify(folder.path()).unwrap().problems.is_empty());
    let sealed = std::fs::read_dir(folder.path()).unwrap();
    let sealed = sealed.filter(|entry| {
        entry
            .as_ref()
            .unwrap()
            .file_name()
            .to_string_lossy()
            .starts_with("day-")
    });
    assert_eq!(sealed.count(), 2);
}

#[test]
fn there_is_one_writer_and_a_fixed_offset() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(
        Snapshot::open(folder.path()),
        Err(VisitsError::NotThere(_))
    ));
    let log = open(folder.path());
    let again = VisitLog::open(folder.path(), Settings::new(UtcOffset::CHINA));
    assert!(matches!(again, Err(VisitsError::Locked(_))));
    assert!(Snapshot::open(folder.path()).is_ok());
    drop(log);
    let elsewhere = VisitLog::open(
        folder.path(),
        Settings::new(UtcOffset::try_from(0).unwrap()),
    );
    assert!(matches!(
        elsewhere,
        Err(VisitsError::OtherOffset {
            found: 480,
            asked: 0,
            ..
        })
    ));
}

/// A writer adds visits in pairs at one place and minute; every reader sees whole pairs, and never
/// fewer than before, while the log seals, merges and drops.
#[test]
fn readers_see_one_state_while_the_writer_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings {
        seal_at: 400,
        ..Settings::new(UtcOffset::CHINA)
    };
    let log = VisitLog::open(folder.path(), settings).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for outside in [false, false, true] {
            let (log, done, folder) = (&log, &done, folder.path());
            scope.spawn(move || {
                let mut before = 0;
                while !done.load(Ordering::SeqCst) {
                    let snapshot = if outside {
                        Snapshot::open(folder).unwrap()
                    } else {
                        log.snapshot()
                    };
                    let visits = total(&snapshot).visits;
                    let stays = snapshot
                        .visitors(PlaceId(1), span(DAY, 20 * DAY), &Town, usize::MAX)
                        .unwrap()
                        .stays;
                    assert!(visits >= before && visits.is_multiple_of(2));
                    assert_eq!(stays.len() as u64, visits);
                    before = visits;
                }
            });
        }
        for n in 0..1_000_u32 {
            let minute = DAY + n * 17 % (10 * DAY);
            let pair = [
                visit(u64::from(n) * 2, 1, minute, Some(9)),
                visit(u64::from(n) * 2 + 1, 1, minute, Some(9)),
            ];
            log.append(&[batch(&pair)]).unwrap();
            match n % 500 {
                100 => drop(log.settle().unwrap()),
                200 => drop(log.drop_before(Date::constant(2020, 2, 27)).unwrap()),
                _ => {}
            }
        }
        done.store(true, Ordering::SeqCst);
    });
    assert_eq!(total(&log.snapshot()).visits, 2_000);
}

#[test]
fn the_far_ends_of_time_are_taken() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path());
    let bounds = lianfang_visits::Bounds {
        now: Minute::LAST,
        kept_from: Date::constant(1969, 1, 1),
        ..common::bounds()
    };
    let visits = [0, 1, Minute::LAST.0].map(|from| Visit {
        from: Minute(from),
        until: None,
        ..visit(1, 1, 0, None)
    });
    let (batch, refused) =
        lianfang_visits::Batch::checked(&mut visits.into_iter(), &bounds, |_| true);
    assert_eq!(refused, []);
    log.append(&[batch]).unwrap();
    log.settle().unwrap();
    let all = lianfang_visits::Span {
        from: Minute(0),
        until: Minute(u32::MAX),
    };
    assert_eq!(log.snapshot().visits_of(person(1), all).unwrap().len(), 2);
    assert!(
        log.snapshot()
            .trace(
                &[lianfang_visits::Case {
                    person: person(1),
                    span: all
                }],
                &Town,
                Limits::default()
            )
            .is_ok()
    );
    assert_eq!(START % 60, 0);
}
