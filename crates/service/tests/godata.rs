//! Go.Data's training outbreak, as its R scripts export it: in, and out again.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use common::{COUNTY, Testbed, accounted, shared};
use lianfang_intake::{ImportReport, Kind};

fn file(name: &str) -> Option<Vec<u8>> {
    shared(&format!("linelist/godata/{name}_clean.csv")).map(|path| std::fs::read(path).unwrap())
}

fn take(bed: &Testbed, kind: Kind, bytes: &[u8]) -> ImportReport {
    let imported = bed
        .import(kind, Some("godata"), Some(COUNTY), bytes)
        .unwrap();
    accounted(&imported.import.report);
    imported.import.report
}

fn told(report: &ImportReport) -> String {
    format!(
        "read {} new {} unchanged {} revised {} refused {} {:?} warnings {:?}",
        report.rows_read,
        report.rows_taken,
        report.rows_unchanged,
        report.rows_revised,
        report.rows_refused,
        report.refusals_by_code,
        report.warnings_by_code,
    )
}

const FILES: [(Kind, &str); 5] = [
    (Kind::Linelist, "cases"),
    (Kind::Contacts, "contacts"),
    (Kind::Relationships, "relationships"),
    (Kind::FollowUps, "followups"),
    (Kind::LabResults, "lab_results"),
];

#[test]
fn the_outbreak_goes_in_as_it_is() {
    let bed = Testbed::city();
    bed.at("2021-03-01T08:00:00+08:00");
    let mut lines = Vec::new();
    for (kind, name) in FILES {
        let Some(bytes) = file(name) else { return };
        lines.push(format!("{name}: {}", told(&take(&bed, kind, &bytes))));
    }
    insta::assert_snapshot!(lines.join("\n"), @"");
    for (kind, name) in FILES {
        let again = take(&bed, kind, &file(name).unwrap());
        assert_eq!((again.rows_taken, again.rows_revised), (0, 0), "{name}");
        assert_eq!(again.facts_appended, 0, "{name}");
    }
    bed.holds();
}
