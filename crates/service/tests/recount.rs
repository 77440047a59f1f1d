//! The brief equals a recount of the facts by somebody who knows nothing of views and sums.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use common::{Testbed, day};
use jiff::ToSpan;
use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::cases::{CaseDetails, Outcome};
use lianfang_core::facts::Body;
use lianfang_core::ids::CaseId;
use lianfang_core::time::UtcOffset;
use lianfang_intake::Kind;
use lianfang_service::briefs::Counts;
use proptest::prelude::*;

const AREAS: [&str; 8] = [
    "330600",
    "330602",
    "330604",
    "330683",
    "330683001",
    "330602001001",
    "330683001001",
    "330683002002",
];
const CLASSES: [&str; 5] = [
    "confirmed",
    "confirmed",
    "clinical",
    "suspected",
    "excluded",
];
const START: Date = jiff::civil::date(2020, 1, 10);

/// A row: area, class, days of onset, report and outcome after the start, and how it ended.
#[derive(Debug, Clone)]
struct Row {
    area: usize,
    class: usize,
    onset: Option<i64>,
    reported: Option<i64>,
    ended: Option<(bool, i64)>,
}

fn rows() -> impl Strategy<Value = Row> {
    let day = || prop::option::weighted(0.8, 0..20_i64);
    let ended = prop::option::weighted(0.4, (any::<bool>(), 0..8_i64));
    (0..AREAS.len(), 0..CLASSES.len(), day(), day(), ended).prop_map(
        |(area, class, onset, reported, ended)| Row {
            area,
            class,
            onset,
            reported,
            ended,
        },
    )
}

fn text(after: Option<i64>) -> String {
    after.map_or_else(String::new, |days| (START + days.days()).to_string())
}

fn file<'r>(rows: impl Iterator<Item = (usize, &'r Row)>) -> String {
    let mut text_of =
        "external_id,area,classification,onset,reported,outcome,outcome_date\n".to_owned();
    for (n, row) in rows {
        // An outcome comes after the onset, or the row would be refused.
        let latest = row.onset.max(row.reported).unwrap_or(0);
        let (outcome, on) = match row.ended {
            Some((died, after)) => (
                if died { "died" } else { "recovered" },
                Some(latest + after),
            ),
            None => ("", None),
        };
        writeln!(
            text_of,
            "{n},{},{},{},{},{outcome},{}",
            AREAS[row.area],
            CLASSES[row.class],
            text(row.onset),
            text(row.reported),
            text(on)
        )
        .unwrap();
    }
    text_of
}

/// Each case as known at the end of `date`, with the day it falls on.
fn known(bed: &Testbed, date: Date) -> Vec<(AreaCode, Date, CaseDetails)> {
    let mut cases: BTreeMap<CaseId, (AreaCode, Date, CaseDetails)> = BTreeMap::new();
    for fact in bed.house.store().facts_after(0, 10_000).unwrap() {
        let body = fact.read_body().unwrap();
        let known = body.known_on(fact.recorded_at, UtcOffset::CHINA);
        let (Body::CaseReported(case) | Body::CaseRevised(case)) = body else {
            continue;
        };
        if known <= date {
            let details = case.record.details;
            let falls_on = details
                .reported
                .or(details.diagnosed)
                .or(details.sampled)
                .or(details.hospitalised)
                .or(details.onset)
                .unwrap_or(known);
            cases.insert(case.record.case, (fact.area, falls_on, details));
        }
    }
    cases.into_values().collect()
}

fn recount(cases: &[(AreaCode, Date, CaseDetails)], area: AreaCode, date: Date) -> Counts {
    let within: Vec<_> = cases
        .iter()
        .filter(|(place, _, _)| area.contains(*place))
        .collect();
    let confirmed: Vec<_> = within
        .iter()
        .filter(|(_, _, d)| d.classification.counts())
        .collect();
    let on = |from: Date, to: Date| {
        let found = confirmed
            .iter()
            .filter(|(_, on, _)| *on >= from && *on <= to);
        found.count() as u32
    };
    let ended = |outcome| {
        let found = confirmed.iter().filter(|(_, on, d)| {
            d.outcome == Some(outcome) && d.outcome_date.unwrap_or(*on) <= date
        });
        Some(found.count() as u32)
    };
    let suspected = within
        .iter()
        .filter(|(_, _, d)| d.classification.word() == "suspected")
        .count() as u32;
    let total = confirmed.len() as u32;
    let (cured, dead) = (ended(Outcome::Recovered), ended(Outcome::Died));
    let any = !within.is_empty();
    let when = |n: u32| any.then_some(n);
    Counts {
        new: when(on(date, date)),
        new_yesterday: when(on(date - 1.day(), date - 1.day())),
        confirmed: total,
        suspected: when(suspected),
        cured: cured.filter(|_| any),
        dead: dead.filter(|_| any),
        active: when(total - cured.unwrap_or(0).min(total) - dead.unwrap_or(0).min(total)),
        recent_days: 7,
        new_recent: on(date - 6.days(), date),
        new_before: on(date - 13.days(), date - 7.days()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_brief_equals_a_recount(
        first in prop::collection::vec(rows(), 1..40),
        revised in prop::collection::vec((0_usize..40, rows()), 0..12),
        mornings in prop::collection::vec(0_i64..30, 3),
    ) {
        let bed = Testbed::city();
        let taken = bed.take(Kind::Linelist, &file(first.iter().enumerate()));
        prop_assert_eq!(taken.rows_refused, 0);
        bed.at("2020-02-13T08:00:00+08:00");
        let revised: BTreeMap<usize, &Row> = revised.iter().map(|(n, row)| (*n, row)).collect();
        let again = bed.take(Kind::Linelist, &file(revised.iter().map(|(n, row)| (*n, *row))));
        prop_assert_eq!(again.rows_refused, 0);
        bed.at("2020-03-01T08:00:00+08:00");
        let mornings = mornings.into_iter().map(|n| START + (n + 8).days()).chain([day("2020-02-29")]);
        for date in mornings {
            let cases = known(&bed, date);
            for code in AREAS {
                let area: AreaCode = code.parse().unwrap();
                let brief = bed.brief_on(area, date);
                prop_assert_eq!(&brief.counts, &recount(&cases, area, date), "{} on {}", code, date);
                let curve: u32 = brief.curve.iter().filter_map(|d| d.new).sum();
                prop_assert_eq!(curve, brief.counts.confirmed, "{} on {}", code, date);
                for child in &brief.children {
                    let counts = recount(&cases, child.area.code, date);
                    prop_assert_eq!(child.confirmed, counts.confirmed);
                    prop_assert_eq!(child.new_recent, counts.new_recent);
                    prop_assert_eq!(child.new, counts.new);
                }
                let below = cases.iter().filter(|(place, _, _)| *place != area && area.contains(*place));
                let told = brief.children.iter().map(|child| child.confirmed).sum::<u32>();
                let below = below.filter(|(_, _, d)| d.classification.counts()).count() as u32;
                prop_assert_eq!(told, below, "below {} on {}", code, date);
            }
        }
        let report = bed.house.store().audit().unwrap();
        prop_assert!(report.ok, "{:?}", report.problems);
    }
}
