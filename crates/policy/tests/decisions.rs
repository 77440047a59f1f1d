//! What a pack decides: the same each time, for all evidence, until the day that it says.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::collections::BTreeSet;
use std::fmt::Write;

use common::{ON, evidence, over_tapes};

use jiff::ToSpan;
use jiff::civil::{Date, date};
use lianfang_core::words::Word;
use lianfang_policy::{
    Decided, FieldKind, Pack, Table, decide_record, explain, schema, shipped_ids,
};
use serde_json::{Value, json};

fn packs() -> Vec<Pack> {
    shipped_ids()
        .into_iter()
        .map(|id| Pack::shipped(id).unwrap())
        .collect()
}

/// The same evidence so many days later, with so many healthy reports more.
fn later(evidence: &Value, reports: u64) -> Value {
    let mut later = evidence.clone();
    if let Some(fields) = later.as_object_mut()
        && let Some(Value::Number(before)) = fields.get("healthy_reports")
    {
        let after = (before.as_u64().unwrap() + reports).min(400);
        fields.insert("healthy_reports".into(), json!(after));
    }
    later
}

fn decided(pack: &Pack, table: Table, evidence: &Value, days: i64, reports: u64) -> Decided {
    let on = ON.checked_add(days.days()).unwrap();
    decide_record(pack, table, &later(evidence, reports), on).unwrap()
}

#[test]
fn all_evidence_gets_a_decision_and_the_same_each_time() {
    let packs = packs();
    over_tapes(3_000, 60, |tape| {
        let pack = tape.one(&packs);
        let table = *tape.one(Table::ALL);
        let evidence = evidence(pack, table, tape);
        let one = decided(pack, table, &evidence, 0, 0);
        assert_eq!(one, decided(pack, table, &evidence, 0, 0));
        let explained = explain(pack, table, &evidence, ON).unwrap();
        assert_eq!(explained.decision, one);
        assert_eq!(explained.steps.last().unwrap().rule, one.rule);
        assert!(explained.steps.last().unwrap().holds);
        assert!(explained.steps.iter().rev().skip(1).all(|step| !step.holds));
    });
}

#[test]
fn a_decision_shows_only_evidence_that_its_rule_asks_for() {
    let packs = packs();
    over_tapes(1_000, 60, |tape| {
        let pack = tape.one(&packs);
        let table = *tape.one(Table::ALL);
        let evidence = evidence(pack, table, tape);
        let decided = decided(pack, table, &evidence, 0, 0);
        let explained = explain(pack, table, &evidence, ON).unwrap();
        let when = &explained.steps.last().unwrap().when;
        let clears = ["healthy_reports", "negative_tests"];
        for field in decided.evidence.keys() {
            let is_day = matches!(schema(table).field(field).unwrap().kind, FieldKind::Day {});
            assert!(
                when.contains(field.as_str()) || is_day || clears.contains(&field.as_str()),
                "{field}: {when}"
            );
        }
    });
}

#[test]
fn until_is_the_day_that_walking_day_by_day_finds() {
    let packs = packs();
    over_tapes(400, 60, |tape| {
        let pack = tape.one(&packs);
        let table = *tape.one(&[Table::Pass, Table::Quarantine, Table::Reopening]);
        let mut evidence = evidence(pack, table, tape);
        if schema(table).field("healthy_reports").is_some()
            && evidence.get("healthy_reports").is_none()
        {
            evidence["healthy_reports"] = json!(0);
        }
        let now = decided(pack, table, &evidence, 0, 0);
        let walked = (1..60).find(|days| {
            decided(pack, table, &evidence, *days, *days as u64).outcome != now.outcome
        });
        let walked = walked.map(|days| ON.checked_add(days.days()).unwrap());
        let end = ON.checked_add(60.days()).unwrap();
        assert_eq!(
            now.until.filter(|until| *until < end),
            walked,
            "{table}: {evidence}"
        );
    });
}

#[test]
fn another_day_never_lengthens_what_is_left() {
    let packs = packs();
    over_tapes(2_000, 60, |tape| {
        let pack = tape.one(&packs);
        let table = *tape.one(&[Table::Pass, Table::Quarantine, Table::Reopening]);
        let mut evidence = evidence(pack, table, tape);
        if schema(table).field("healthy_reports").is_some()
            && evidence.get("healthy_reports").is_none()
        {
            evidence["healthy_reports"] = json!(0);
        }
        let left = |decided: &Decided| {
            decided.until.map_or(i64::MAX, |until| {
                i64::from(until.since(decided.on).unwrap().get_days())
            })
        };
        let now = decided(pack, table, &evidence, 0, 0);
        for reports in [0, 1] {
            let next = decided(pack, table, &evidence, 1, reports);
            if next.outcome == now.outcome {
                assert!(
                    left(&next) <= left(&now),
                    "{table}: {evidence}: {now:?}, {next:?}"
                );
                assert!(
                    reports == 0 || next.until == now.until,
                    "{table}: {evidence}"
                );
            }
        }
    });
}

#[test]
fn a_decision_holds_since_a_day_that_has_come() {
    let packs = packs();
    over_tapes(1_000, 60, |tape| {
        let pack = tape.one(&packs);
        let table = *tape.one(Table::ALL);
        let evidence = evidence(pack, table, tape);
        let decided = decided(pack, table, &evidence, 0, 0);
        assert!(
            decided.since.is_none_or(|since| since <= ON),
            "{table}: {evidence}"
        );
        assert!(
            decided.until.is_none_or(|until| until > ON),
            "{table}: {evidence}"
        );
    });
}

#[test]
fn every_rule_of_a_shipped_pack_is_met_by_some_evidence_here() {
    // Else the properties above would say little.
    let packs = packs();
    let met = std::cell::RefCell::new(BTreeSet::new());
    over_tapes(8_000, 60, |tape| {
        let pack = tape.one(&packs);
        let table = *tape.one(Table::ALL);
        let evidence = evidence(pack, table, tape);
        met.borrow_mut()
            .insert((table.word(), decided(pack, table, &evidence, 0, 0).rule));
    });
    assert!(met.borrow().len() > 45, "{met:?}");
}

#[test]
fn evidence_of_another_form_is_refused() {
    let pack = Pack::shipped("covid19-cn-2020").unwrap();
    let mut out = String::new();
    for (table, evidence) in [
        (Table::Pass, json!([])),
        (Table::Pass, json!({ "kontakt": "close" })),
        (
            Table::Pass,
            json!({ "contact": "near", "last_exposure": "2020-03-01" }),
        ),
        (Table::Pass, json!({ "contact": 3 })),
        (Table::Pass, json!({ "contact": null })),
        (Table::Pass, json!({ "contact": "close" })),
        (
            Table::Pass,
            json!({ "contact": "close", "last_exposure": "2020-03-11" }),
        ),
        (Table::Pass, json!({ "last_exposure": "2020-02-30" })),
        (Table::Pass, json!({ "last_exposure": 20_200_301 })),
        (Table::Pass, json!({ "case": "recovered" })),
        (Table::Pass, json!({ "watch": "home" })),
        (Table::Pass, json!({ "abroad": "yes" })),
        (Table::Pass, json!({ "symptoms": ["fever", "hiccup"] })),
        (Table::Pass, json!({ "symptoms": "fever" })),
        (Table::Pass, json!({ "temperature": 20.0 })),
        (Table::Pass, json!({ "temperature": "37.3" })),
        (Table::Pass, json!({ "age": 121 })),
        (Table::Pass, json!({ "age": -1 })),
        (Table::Pass, json!({ "age": 30.5 })),
        (Table::Pass, json!({ "healthy_reports": 401 })),
        (Table::Pass, json!({ "healthy_reports": null })),
        (Table::Quarantine, json!({ "negative_tests": 51 })),
        (
            Table::Contact,
            json!({ "case": "confirmed", "setting": "work", "days_before": 1, "days_after": 1 }),
        ),
        (
            Table::Risk,
            json!({ "confirmed_total": 1, "new_recent": 2 }),
        ),
        (Table::Risk, json!({ "confirmed_total": 4_000_000_000_u64 })),
        (Table::Risk, json!({ "cluster": 1 })),
        (Table::Entry, json!({ "checkpoint": "harbour" })),
        (
            Table::Reopening,
            json!({ "sector": "retail", "workers_cleared": 101 }),
        ),
    ] {
        let refused = decide_record(&pack, table, &evidence, ON).unwrap_err();
        let _ = writeln!(
            out,
            "{table} {evidence}\n    {}\n    {}",
            refused.0.en, refused.0.zh
        );
    }
    insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(out) });
}

#[test]
fn days_at_the_end_of_the_calendar_do_no_harm() {
    let pack = Pack::shipped("covid19-cn-2020").unwrap();
    for on in [Date::MAX, Date::MIN, date(9999, 12, 25), date(-9999, 1, 9)] {
        for day in [on, Date::MIN] {
            let evidence =
                json!({ "contact": "close", "last_exposure": day, "healthy_reports": 3 });
            let _ = decide_record(&pack, Table::Pass, &evidence, on);
        }
    }
}
