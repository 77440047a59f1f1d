//! A morning shows what was known then: a correction that comes later changes nothing before it.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use common::{COUNTY, NEIGHBOUR, Testbed, area};
use lianfang_core::access::Role;
use lianfang_intake::Kind;
use lianfang_service::briefs::{ChangeKind, CurveBy};
use std::fmt::Write as _;

fn totals(rows: &[(&str, &str, u32)]) -> String {
    let mut text = "date,province,city,code,confirmed,suspected,cured,dead\n".to_owned();
    for (date, code, confirmed) in rows {
        writeln!(text, "{date},浙江省,嵊州市,{code},{confirmed},0,0,0").unwrap();
    }
    text
}

const WEEK: [(&str, &str, u32); 5] = [
    ("2020-02-01", COUNTY, 2),
    ("2020-02-02", COUNTY, 5),
    ("2020-02-03", COUNTY, 9),
    ("2020-02-05", COUNTY, 14),
    ("2020-02-06", COUNTY, 12),
];

#[test]
fn a_total_corrected_later_shows_from_that_day_on() {
    let bed = Testbed::city();
    let first = bed.take(Kind::CityTotals, &totals(&WEEK));
    assert_eq!(first.rows_taken, 5);
    assert_eq!((first.missing_days_total, first.corrections_total), (1, 1));
    let before = serde_json::to_value(bed.brief(COUNTY, "2020-02-08")).unwrap();

    bed.at("2020-02-12T10:00:00+08:00");
    let late = bed.take(Kind::CityTotals, &totals(&[("2020-02-03", COUNTY, 7)]));
    assert_eq!((late.rows_revised, late.rows_taken), (1, 0));
    let new_on = |date: &str, day: &str| {
        let brief = bed.brief(COUNTY, date);
        let found = brief.curve.iter().find(|d| d.date == common::day(day));
        found.unwrap().new
    };
    assert_eq!(new_on("2020-02-11", "2020-02-03"), Some(4));
    assert_eq!(new_on("2020-02-12", "2020-02-03"), Some(2));

    // All of the earlier morning stands as it stood, apart from what says where the ledger is.
    let mut now = serde_json::to_value(bed.brief(COUNTY, "2020-02-08")).unwrap();
    let mut before = before;
    for brief in [&mut now, &mut before] {
        brief["today"].take();
        brief["provenance"].take();
    }
    assert_eq!(now, before);
    bed.holds();
}

#[test]
fn a_correction_of_a_correction_on_one_day_is_not_lost() {
    let bed = Testbed::city();
    for confirmed in [10, 9, 10, 9, 10, 9] {
        bed.take(
            Kind::CityTotals,
            &totals(&[("2020-02-09", COUNTY, confirmed)]),
        );
        let shown = bed.brief(COUNTY, "2020-02-09").counts.confirmed;
        assert_eq!(shown, confirmed);
    }
    bed.holds();
}

#[test]
fn totals_that_come_late_say_so() {
    let bed = Testbed::city();
    bed.take(Kind::CityTotals, &totals(&WEEK));
    let brief = bed.brief(COUNTY, "2020-02-06");
    assert_eq!(brief.provenance.totals_reports, 5);
    assert_eq!(brief.provenance.recorded_later, 5);
    assert!(
        brief
            .changes
            .iter()
            .any(|c| c.kind == ChangeKind::Correction)
    );
    assert!(
        brief.curve.iter().any(|d| d.new.is_none()),
        "4 February is a gap"
    );
}

const HEADER: &str = "external_id,area,onset,reported,classification,outcome,outcome_date\n";

#[test]
fn a_revised_case_counts_as_it_was_known() {
    let bed = Testbed::city();
    let file = |rows: &str| format!("{HEADER}{rows}");
    bed.take(
        Kind::Linelist,
        &file(&format!(
            "A,{COUNTY},2020-02-01,2020-02-05,confirmed,,\nB,{COUNTY},,2020-02-06,confirmed,,\n"
        )),
    );
    assert_eq!(bed.brief(COUNTY, "2020-02-08").counts.confirmed, 2);

    // On the 10th, B turns out not to be a case; on the 12th, A to belong next door.
    bed.at("2020-02-10T09:00:00+08:00");
    let report = bed.take(
        Kind::Linelist,
        &file(&format!("B,{COUNTY},,2020-02-06,excluded,,\n")),
    );
    assert_eq!((report.rows_revised, report.facts_appended), (1, 1));
    bed.at("2020-02-12T09:00:00+08:00");
    bed.take(
        Kind::Linelist,
        &file(&format!(
            "A,{NEIGHBOUR},2020-02-01,2020-02-05,confirmed,,\n"
        )),
    );
    let confirmed = |code: &str, date: &str| bed.brief(code, date).counts.confirmed;
    assert_eq!(confirmed(COUNTY, "2020-02-05"), 1);
    assert_eq!(confirmed(COUNTY, "2020-02-09"), 2);
    assert_eq!(confirmed(COUNTY, "2020-02-10"), 1);
    assert_eq!(
        (
            confirmed(COUNTY, "2020-02-11"),
            confirmed(NEIGHBOUR, "2020-02-11")
        ),
        (1, 0)
    );
    assert_eq!(
        (
            confirmed(COUNTY, "2020-02-12"),
            confirmed(NEIGHBOUR, "2020-02-12")
        ),
        (0, 1)
    );
    assert_eq!(confirmed(common::CITY, "2020-02-12"), 1);

    let officer = bed.user(Role::AreaOfficer, common::CITY);
    let shown = bed.cases(&officer, Some("A")).remove(0);
    let whole = bed.house.case(&officer, shown.case).unwrap();
    let kinds: Vec<&str> = whole
        .history
        .iter()
        .map(|event| event.kind.as_str())
        .collect();
    assert_eq!(kinds, ["case.reported/1", "case.revised/1"]);
    let fields: Vec<&str> = whole.history[1]
        .changes
        .iter()
        .map(|c| c.field.as_str())
        .collect();
    assert_eq!(fields, ["area"]);
    bed.holds();
}

/// A file that is fed in after the fact knows how each case ended; the mornings before did not.
#[test]
fn nobody_is_dead_before_the_day_of_death() {
    let bed = Testbed::city();
    bed.take(
        Kind::Linelist,
        &format!(
            "{HEADER}A,{COUNTY},2020-01-20,2020-01-22,confirmed,died,2020-02-04\n\
             B,{COUNTY},2020-01-20,2020-01-23,confirmed,recovered,2020-02-06\n"
        ),
    );
    let ended = |date: &str| {
        let counts = bed.brief(COUNTY, date).counts;
        (counts.dead, counts.cured, counts.active)
    };
    assert_eq!(ended("2020-02-03"), (Some(0), Some(0), Some(2)));
    assert_eq!(ended("2020-02-04"), (Some(1), Some(0), Some(1)));
    assert_eq!(ended("2020-02-06"), (Some(1), Some(1), Some(0)));
}

#[test]
fn a_rebuild_as_known_then_holds_what_the_brief_said() {
    let bed = Testbed::city();
    bed.take(Kind::CityTotals, &totals(&WEEK));
    bed.at("2020-02-12T10:00:00+08:00");
    bed.take(Kind::CityTotals, &totals(&[("2020-02-03", COUNTY, 7)]));
    let out = bed.folder.path().join("then.sqlite");
    let then = bed
        .house
        .store()
        .rebuild_as_of(common::day("2020-02-08"), &out)
        .unwrap();
    assert!(then.left_out > 0 && then.facts > 0);
    let now = bed.house.store().rebuild().unwrap();
    assert_eq!(now.left_out, 0);
    assert_ne!(then.digest, now.digest);
    bed.holds();
}

#[test]
fn a_day_to_come_is_refused_and_one_before_all_is_empty() {
    let bed = Testbed::city();
    bed.take(Kind::CityTotals, &totals(&WEEK));
    let ask = |date: &str| {
        let date = Some(common::day(date));
        bed.house
            .brief(&bed.operator(), Some(area(COUNTY)), date, CurveBy::Report)
    };
    assert_eq!(ask("2020-02-10").unwrap_err().code(), "invalid");
    let early = ask("2019-12-01").unwrap();
    assert_eq!((early.counts.confirmed, early.curve.len()), (0, 0));
}
