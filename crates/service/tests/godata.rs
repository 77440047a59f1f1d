//! Go.Data's training outbreak, as its R scripts export it: in, and out again.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use common::{COUNTY, Testbed, accounted, shared};
use lianfang_intake::{ImportReport, Kind};
use lianfang_service::export::{ExportRequest, Form, What};

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
    insta::assert_snapshot!(lines.join("\n"), @r"
    cases: read 56 new 31 unchanged 0 revised 0 refused 25 {DateOrder: 33} warnings {PhoneForm: 1, DateOrderOdd: 20, OutcomeUnknown: 13}
    contacts: read 66 new 66 unchanged 0 revised 0 refused 0 {} warnings {PhoneForm: 2}
    relationships: read 100 new 19 unchanged 0 revised 0 refused 81 {DateOrder: 1, CaseUnknown: 74, ContactUnknown: 6} warnings {DateOrderOdd: 1}
    followups: read 437 new 94 unchanged 0 revised 0 refused 343 {ContactUnknown: 343} warnings {}
    lab_results: read 40 new 16 unchanged 0 revised 0 refused 24 {CaseUnknown: 24} warnings {}
    ");
    for (kind, name) in FILES {
        let again = take(&bed, kind, &file(name).unwrap());
        assert_eq!((again.rows_taken, again.rows_revised), (0, 0), "{name}");
        assert_eq!(again.facts_appended, 0, "{name}");
    }
    bed.holds();
}

type Table = Vec<std::collections::BTreeMap<String, String>>;

fn table(bytes: &[u8]) -> Table {
    let text = std::str::from_utf8(bytes)
        .unwrap()
        .trim_start_matches('\u{feff}');
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let cells = |row: csv::StringRecord| {
        let pairs = header.iter().zip(row.iter());
        pairs
            .map(|(name, cell)| (name.to_owned(), cell.trim().to_owned()))
            .collect()
    };
    reader.records().map(|row| cells(row.unwrap())).collect()
}

fn export(bed: &Testbed, what: What, form: Form, personal: bool) -> Vec<u8> {
    let request = ExportRequest {
        what,
        form,
        area: None,
        personal: personal.then(|| "round trip of a test".to_owned()),
    };
    let mut out = Vec::new();
    bed.house
        .export(&bed.operator(), &request, &mut out)
        .unwrap();
    out
}

/// The cases with those days of an outcome taken out that lie before the case began: so all rows go in.
fn mended(cases: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(cases)
        .unwrap()
        .trim_start_matches('\u{feff}');
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let place = |name: &str| header.iter().position(|title| title == name).unwrap();
    let (end, onset, admitted) = (
        place("date_of_outcome"),
        place("date_of_onset"),
        place("hospitalization_startdate"),
    );
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(&header).unwrap();
    for row in reader.records() {
        let row = row.unwrap();
        let early = [onset, admitted].iter().any(|begin| row[end] < row[*begin]);
        out.write_record(
            row.iter()
                .enumerate()
                .map(|(at, cell)| if early && at == end { "" } else { cell }),
        )
        .unwrap();
    }
    out.into_inner().unwrap()
}

fn whole(bed: &Testbed, cases: &[u8]) {
    bed.at("2021-03-01T08:00:00+08:00");
    for (kind, name) in FILES {
        let bytes = if name == "cases" {
            cases.to_vec()
        } else {
            file(name).unwrap()
        };
        take(bed, kind, &bytes);
    }
}

/// What a source's cell says in the words of an export.
fn expected(row: &std::collections::BTreeMap<String, String>, column: &str) -> String {
    let join = |names: &[&str], separator: &str| {
        let said: Vec<&str> = names
            .iter()
            .filter_map(|name| row.get(*name))
            .map(String::as_str)
            .filter(|cell| !cell.is_empty())
            .collect();
        said.join(separator)
    };
    let cell = row.get(column).cloned().unwrap_or_default();
    match (column, cell.as_str()) {
        ("firstName", _) => join(&["firstName", "middleName", "lastName"], " "),
        ("address", _) => join(&["address", "postal_code", "city"], ", "),
        // Alive is no outcome, and its day none of one.
        ("outcome_id", "ALIVE") | ("pregnancy_status", "NONE") => String::new(),
        ("date_of_outcome", _) if ["", "ALIVE"].contains(&row["outcome_id"].as_str()) => {
            String::new()
        }
        // Ages are completed years.
        ("age", _) => cell.split('.').next().unwrap_or_default().to_owned(),
        ("relation_detail", "Colegas" | "colegas de trabajo") => "Colleague".into(),
        _ => cell,
    }
}

#[test]
fn nothing_that_both_know_is_lost_on_the_way_in_and_out_and_in() {
    let Some(cases) = file("cases") else { return };
    let bed = Testbed::city();
    let cases = mended(&cases);
    whole(&bed, &cases);
    let outs = [
        (Kind::Linelist, What::Linelist, "cases", &["uuid"][..]),
        (Kind::Contacts, What::Contacts, "contacts", &["uuid"][..]),
        (
            Kind::Relationships,
            What::Relationships,
            "relationships",
            &["source_uuid", "target_uuid", "date_of_last_contact"][..],
        ),
        (
            Kind::FollowUps,
            What::FollowUps,
            "followups",
            &["contact_uuid", "date_of_followup"][..],
        ),
        (
            Kind::LabResults,
            What::LabResults,
            "lab_results",
            &["personId", "dateSampleTaken", "sampleIdentifier"][..],
        ),
    ];
    let other = Testbed::city();
    other.at("2021-03-01T08:00:00+08:00");
    let mut told = Vec::new();
    for (kind, what, name, key) in outs {
        let bytes = export(&bed, what, Form::GoData, true);
        let (out, mut compared) = (table(&bytes), 0);
        let source = if name == "cases" {
            table(&cases)
        } else {
            table(&file(name).unwrap())
        };
        for row in &out {
            let same = |one: &&std::collections::BTreeMap<String, String>| {
                key.iter().all(|column| one[*column] == row[*column])
            };
            let from = source
                .iter()
                .find(same)
                .unwrap_or_else(|| panic!("{name}: {row:?} comes from nowhere"));
            // Phone numbers are kept in one form, and samples under an id of the house.
            for (column, cell) in row
                .iter()
                .filter(|(column, _)| !["telephone", "id"].contains(&column.as_str()))
            {
                assert_eq!(
                    *cell,
                    expected(from, column),
                    "{name} {column} of {:?}",
                    key.iter().map(|k| &row[*k]).collect::<Vec<_>>()
                );
                compared += 1;
            }
        }
        // Into the same house, nothing is new; into another, the same comes out again.
        let again = take(&bed, kind, &bytes);
        assert_eq!(
            (again.rows_taken, again.rows_refused, again.facts_appended),
            (0, 0, 0),
            "{name} {:?}",
            again.refusals
        );
        let there = take(&other, kind, &bytes);
        assert_eq!(
            (there.rows_taken, there.rows_refused),
            (out.len() as u64, 0),
            "{name} {:?}",
            there.refusals
        );
        told.push(format!(
            "{name}: {} of {} rows, {compared} cells",
            out.len(),
            source.len()
        ));
    }
    for (_, what, name, _) in outs {
        let sorted = |bed: &Testbed| {
            let mut rows = table(&export(bed, what, Form::GoData, true));
            for row in &mut rows {
                row.remove("id");
            }
            rows.sort();
            rows
        };
        assert_eq!(sorted(&bed), sorted(&other), "{name}");
    }
    insta::assert_snapshot!(told.join("\n"), @r"
    cases: 56 of 56 rows, 1848 cells
    contacts: 66 of 66 rows, 1254 cells
    relationships: 83 of 100 rows, 830 cells
    followups: 437 of 437 rows, 1311 cells
    lab_results: 40 of 40 rows, 360 cells
    ");
    bed.holds();
    other.holds();
}

#[test]
fn a_bundle_has_no_names_unless_asked_for_and_no_reference_leads_nowhere() {
    let Some(cases) = file("cases") else { return };
    let bed = Testbed::city();
    whole(&bed, &mended(&cases));
    for what in [What::Linelist, What::Contacts, What::Chains] {
        let plain = String::from_utf8(export(&bed, what, Form::Fhir, false)).unwrap();
        assert!(
            !plain.contains("Abdoulaye") && !plain.contains("\"name\""),
            "{}",
            what.word()
        );
        let bundle: serde_json::Value = serde_json::from_str(&plain).unwrap();
        let entries = bundle["entry"].as_array().unwrap();
        let known: std::collections::HashSet<&str> = entries
            .iter()
            .map(|entry| entry["fullUrl"].as_str().unwrap())
            .collect();
        assert_eq!(known.len(), entries.len());
        let mut references = 0;
        for part in plain.split("\"reference\":\"").skip(1) {
            assert!(known.contains(part.split('"').next().unwrap()));
            references += 1;
        }
        assert!(references > 0);
    }
    let before = bed.seq();
    let named = String::from_utf8(export(&bed, What::Linelist, Form::Fhir, true)).unwrap();
    assert!(named.contains("Abdoulaye"));
    assert_eq!(bed.kinds_after(before), ["people.exported/1"]);
}
