//! The public files of `shared/data`: what is taken, what is refused and why.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::civil::{Date, date};
use lianfang_core::areas::AreaCode;
use lianfang_core::cases::Classification;
use lianfang_core::text::Language;
use lianfang_intake::links::{Links, Sureness};
use lianfang_intake::preset::Field;
use lianfang_intake::refused::RefusedWriter;
use lianfang_intake::table::TableReader;
use lianfang_intake::{
    AreaList, Entry, FileError, ImportReport, Kind, LineList, LineListRow, Options, Preset, Source,
    Totals,
};

const TODAY: Date = date(2021, 3, 1);

fn shared(path: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data")
        .join(path);
    if path.exists() {
        Some(path)
    } else {
        println!("skipped: ../shared/data is absent");
        None
    }
}

fn collect<T>(
    entries: impl Iterator<Item = Result<Entry<T>, FileError>>,
    kind: Kind,
    name: &str,
) -> (Vec<T>, ImportReport) {
    let mut report = ImportReport::new(name, kind, None, true);
    let mut rows = Vec::new();
    for entry in entries {
        match entry.unwrap() {
            Entry::Taken(taken) => {
                report.count_taken(&taken.warnings);
                rows.push(taken.row);
            }
            Entry::Refused(refused) => report.count_refused(&refused),
        }
    }
    assert_eq!(report.rows_read, report.rows_taken + report.rows_refused);
    (rows, report)
}

fn counts(report: &ImportReport) -> String {
    format!(
        "read {} taken {} refused {}\nrefusals {:?}\nwarnings {:?}",
        report.rows_read,
        report.rows_taken,
        report.rows_refused,
        report.refusals_by_code,
        report.warnings_by_code,
    )
}

fn line_list(path: &Path, preset: &str, options: Options) -> (Vec<LineListRow>, ImportReport) {
    let preset = Preset::built_in(preset).unwrap();
    let source = Source::path(path).unwrap();
    let name = source.name().to_owned();
    collect(
        LineList::open(source, &preset, options).unwrap(),
        Kind::Linelist,
        &name,
    )
}

fn area(code: &str) -> AreaCode {
    code.parse().unwrap()
}

#[test]
fn godata_cases() {
    let Some(path) = shared("linelist/godata/cases_clean.csv") else {
        return;
    };
    let options = Options::new(TODAY).in_area(area("330600"));
    let (rows, report) = line_list(&path, "godata", options);
    insta::assert_snapshot!(counts(&report), @r"
    read 56 taken 31 refused 25
    refusals {DateOrder: 33}
    warnings {PhoneForm: 1, DateOrderOdd: 20, OutcomeUnknown: 13}
    ");
    assert!(rows.iter().all(|row| row.area == Some(area("330600"))));
    let ids: std::collections::HashSet<_> = rows.iter().map(|row| &row.external_id).collect();
    assert_eq!(ids.len(), rows.len());
    let infant = rows.iter().find(|row| row.age_years == Some(0)).unwrap();
    assert_eq!(
        infant.place.as_deref(),
        Some("Trainingland / Drums island / Doumbek")
    );
}

#[test]
fn refused_godata_rows_come_back_mended() {
    let Some(path) = shared("linelist/godata/cases_clean.csv") else {
        return;
    };
    let preset = Preset::built_in("godata").unwrap();
    let list = LineList::open(Source::path(&path).unwrap(), &preset, Options::new(TODAY)).unwrap();
    let mut writer = RefusedWriter::new(Vec::new(), list.header(), Language::En).unwrap();
    let mut refused = 0;
    for entry in list {
        if let Entry::Refused(row) = entry.unwrap() {
            writer.write(&row).unwrap();
            refused += 1;
        }
    }
    let file = writer.finish().unwrap();
    let again = |bytes: Vec<u8>| {
        let source = Source::bytes("refused.csv", bytes);
        let list = LineList::open(source, &preset, Options::new(TODAY)).unwrap();
        collect(list, Kind::Linelist, "refused.csv").1
    };
    let report = again(file.clone());
    assert_eq!((report.rows_read, report.rows_refused), (refused, refused));
    // Mended: the days of onset and admission, which lie after the outcome, are taken out.
    let mut mended = csv::Writer::from_writer(Vec::new());
    let mut reader = csv::Reader::from_reader(&file[3..]);
    let header = reader.headers().unwrap().clone();
    mended.write_record(&header).unwrap();
    for record in reader.records() {
        let record = record.unwrap();
        mended
            .write_record(header.iter().zip(&record).map(|(title, cell)| {
                let wrong = ["date_of_onset", "hospitalization_startdate"].contains(&title);
                if wrong { "" } else { cell }
            }))
            .unwrap();
    }
    let report = again(mended.into_inner().unwrap());
    assert_eq!((report.rows_read, report.rows_refused), (refused, 0));
}

#[test]
fn h7n9_cases() {
    let Some(path) = shared("linelist/h7n9-china-2013.csv") else {
        return;
    };
    let (rows, report) = line_list(&path, "h7n9", Options::new(TODAY));
    insta::assert_snapshot!(counts(&report), @r"
    read 136 taken 136 refused 0
    refusals {}
    warnings {}
    ");
    let mut provinces: BTreeMap<String, u32> = BTreeMap::new();
    for row in &rows {
        *provinces.entry(row.area.unwrap().to_string()).or_default() += 1;
    }
    assert_eq!(provinces["330000"], 46);
    assert_eq!(provinces["310000"], 33);
    assert_eq!(rows.iter().filter(|row| row.onset.is_none()).count(), 10);
    assert_eq!(rows.iter().filter(|row| row.age_years.is_none()).count(), 2);
}

#[test]
fn city_totals() {
    let Some(path) = shared("cities/china-city-cases-2020.csv") else {
        return;
    };
    let totals = Totals::open(Source::path(&path).unwrap(), Options::new(TODAY)).unwrap();
    let (rows, report) = collect(totals, Kind::CityTotals, "china-city-cases-2020.csv");
    insta::assert_snapshot!(counts(&report), @r"
    read 2952 taken 2952 refused 0
    refusals {}
    warnings {}
    ");
    let last = rows
        .iter()
        .filter(|row| row.area == area("330300"))
        .max_by_key(|row| row.date)
        .unwrap();
    assert_eq!(
        (last.confirmed, last.city_name.as_deref()),
        (504, Some("温州市"))
    );
}

#[test]
fn a_day_after_the_import_is_refused() {
    let Some(path) = shared("cities/china-city-cases-2020.csv") else {
        return;
    };
    let options = Options::new(date(2020, 2, 9));
    let totals = Totals::open(Source::path(&path).unwrap(), options).unwrap();
    let (rows, report) = collect(totals, Kind::CityTotals, "china-city-cases-2020.csv");
    assert!(rows.iter().all(|row| row.date <= date(2020, 2, 9)));
    assert_eq!(report.refusals_by_code.len(), 1);
}

#[test]
fn area_codes() {
    let Some(path) = shared("china-area-codes-2019.csv") else {
        return;
    };
    let list = AreaList::open(Source::path(&path).unwrap(), Options::new(TODAY)).unwrap();
    let (rows, report) = collect(list, Kind::Areas, "china-area-codes-2019.csv");
    insta::assert_snapshot!(counts(&report), @r"
    read 3212 taken 3212 refused 0
    refusals {}
    warnings {}
    ");
    assert!(
        rows.iter()
            .any(|row| row.area.code == area("330683") && row.area.name == "嵊州市")
    );
}

#[test]
fn godata_relationships() {
    let Some(path) = shared("linelist/godata/relationships_clean.csv") else {
        return;
    };
    let links = Links::open(Source::path(&path).unwrap(), Options::new(TODAY)).unwrap();
    assert!(links.has_contacts());
    let (rows, report) = collect(links, Kind::Linelist, "relationships_clean.csv");
    assert_eq!((report.rows_taken, report.rows_refused), (100, 0));
    let sure = |sureness| {
        rows.iter()
            .filter(|row| row.sureness == Some(sureness))
            .count()
    };
    let sureness = [Sureness::Confirmed, Sureness::Probable, Sureness::Possible].map(sure);
    assert_eq!(sureness, [97, 2, 1]);
    assert_eq!(rows.iter().filter(|row| row.setting.is_some()).count(), 22);
    assert!(rows.iter().all(|row| row.met.is_none()));
}

#[test]
fn a_line_list_is_recognised_by_its_header() {
    for (file, preset) in [
        ("linelist/godata/cases_clean.csv", "godata"),
        ("linelist/h7n9-china-2013.csv", "h7n9"),
    ] {
        let Some(path) = shared(file) else { return };
        let table = TableReader::open(Source::path(&path).unwrap(), Options::new(TODAY).limits);
        let found = Preset::recognised(table.unwrap().header()).unwrap();
        assert_eq!(found.name(), preset);
    }
}

#[test]
fn what_is_not_asked_for_refuses_no_row() {
    let Some(path) = shared("linelist/godata/cases_clean.csv") else {
        return;
    };
    let preset = Preset::built_in("godata").unwrap().only(
        &[Field::ExternalId, Field::Onset],
        &[Field::ExternalId],
        Classification::Suspected,
    );
    let list = LineList::open(Source::path(&path).unwrap(), &preset, Options::new(TODAY)).unwrap();
    let (rows, report) = collect(list, Kind::Linelist, "cases_clean.csv");
    assert_eq!((report.rows_taken, report.rows_refused), (56, 0));
    assert!(
        rows.iter()
            .all(|row| row.external_id.is_some() && row.name.is_none())
    );
    assert!(
        rows.iter()
            .all(|row| row.classification == Classification::Suspected)
    );
}
