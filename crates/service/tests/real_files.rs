//! The public files of `../shared/data`, taken in through the service as an operator would.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use common::{Testbed, accounted, area, day, shared};
use jiff::civil::{Date, date};
use lianfang_intake::{ImportReport, Kind};
use lianfang_service::briefs::{Basis, TurningPointState};

/// Wenzhou, Wuxi, Weihai, Huanggang, Shaoxing.
const FIVE: [&str; 5] = ["330300", "320200", "371000", "421100", "330600"];
const LAST: Date = date(2020, 4, 30);

fn read(path: &str) -> Option<Vec<u8>> {
    shared(path).map(|path| std::fs::read(path).unwrap())
}

fn city_totals() -> Option<Vec<u8>> {
    read("cities/china-city-cases-2020.csv")
}

fn take_totals(bed: &Testbed, bytes: &[u8]) -> ImportReport {
    let imported = bed.import(Kind::CityTotals, None, None, bytes).unwrap();
    accounted(&imported.import.report);
    imported.import.report
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes)
        .unwrap()
        .trim_start_matches('\u{feff}')
}

/// Confirmed totals of each area by day, read without any of the program's own code.
fn naive_totals(bytes: &[u8]) -> BTreeMap<String, BTreeMap<Date, i64>> {
    let mut totals: BTreeMap<String, BTreeMap<Date, i64>> = BTreeMap::new();
    for line in text(bytes).lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let (date, confirmed) = (day(cells[0]), cells[4].parse().unwrap());
        totals
            .entry(cells[3].to_owned())
            .or_default()
            .insert(date, confirmed);
    }
    totals
}

#[test]
fn every_row_of_the_city_totals_is_accounted_for_and_twice_changes_nothing() {
    let Some(file) = city_totals() else { return };
    let bed = Testbed::country();
    let first = take_totals(&bed, &file);
    assert_eq!(
        (first.rows_read, first.rows_taken, first.rows_refused),
        (2_952, 2_952, 0)
    );
    let totals = naive_totals(&file);
    let (mut missing, mut corrections) = (0, 0);
    for days in totals.values() {
        let (from, to) = (days.keys().next().unwrap(), days.keys().last().unwrap());
        missing += from.until(*to).unwrap().get_days() as u64 + 1 - days.len() as u64;
        let numbers: Vec<i64> = days.values().copied().collect();
        corrections += numbers.windows(2).filter(|pair| pair[1] < pair[0]).count() as u64;
    }
    assert_eq!(
        (first.missing_days_total, first.corrections_total),
        (missing, corrections)
    );
    assert!(missing > 0 && corrections > 0);
    for correction in &first.corrections {
        let days = &totals[&correction.area.to_string()];
        assert_eq!(days[&correction.date], i64::from(correction.to));
        assert!(correction.from > correction.to);
    }
    for gap in &first.missing_days {
        assert!(!totals[&gap.area.to_string()].contains_key(&gap.date));
    }

    let before = bed.seq();
    let again = take_totals(&bed, &file);
    assert_eq!((again.rows_unchanged, again.rows_taken), (2_952, 0));
    assert_eq!((again.rows_revised, again.facts_appended), (0, 0));
    assert_eq!(bed.kinds_after(before), ["import.made/1"]);
    bed.holds();
}

#[test]
fn the_brief_of_every_city_shows_the_files_own_numbers() {
    let Some(file) = city_totals() else { return };
    let bed = Testbed::country();
    take_totals(&bed, &file);
    for (code, days) in naive_totals(&file) {
        let (newest, total) = days.last_key_value().unwrap();
        let brief = bed.brief(&code, &newest.to_string());
        assert_eq!(i64::from(brief.counts.confirmed), *total, "{code}");
        assert_eq!(brief.basis, Basis::Totals);
        let first = *days.first_key_value().unwrap().1;
        let new: i64 = brief
            .curve
            .iter()
            .filter_map(|d| d.new)
            .map(i64::from)
            .sum();
        let down: i64 = brief.curve.iter().map(|d| d.correction).sum();
        assert_eq!(brief.curve.last().unwrap().date, *newest, "{code}");
        assert!(down <= 0, "{code}");
        // A day after days without a report has no number of its own: its increment is spread.
        let spread: f64 = brief
            .curve
            .iter()
            .filter(|d| d.new.is_none())
            .filter_map(|d| d.spread)
            .sum();
        assert!(
            new as f64 + spread + 1e-6 >= (total - first) as f64,
            "{code}"
        );
        for gap in brief.curve.iter().filter(|d| d.new.is_none()) {
            assert!(!days.contains_key(&gap.date), "{code} {}", gap.date);
        }
    }
}

#[test]
fn five_cities_have_a_turning_point_and_its_declaration_stands_for_good() {
    let Some(file) = city_totals() else { return };
    let bed = Testbed::country();
    take_totals(&bed, &file);
    let mut table = String::new();
    for code in FIVE {
        let end = bed.brief_on(area(code), LAST);
        assert!(end.curve.len() > 60, "{code}: {} days", end.curve.len());
        assert!(end.as_known_then);
        let point = &end.turning_point;
        assert_eq!(point.state, TurningPointState::Declared, "{code}");
        let (turned, declared) = (point.date.unwrap(), point.declared_on.unwrap());
        assert!(turned <= declared, "{code}");
        writeln!(
            table,
            "{} {}: turned {turned} ({} to {}), declared {declared}",
            code,
            end.area.name,
            point.ci_low.unwrap(),
            point.ci_high.unwrap()
        )
        .unwrap();
        let mut morning = declared.yesterday().unwrap();
        let eve = bed.brief_on(area(code), morning);
        assert_eq!(eve.turning_point.declared_on, None, "{code}");
        assert!(eve.rt.is_some(), "{code}");
        while morning < LAST {
            morning = morning.tomorrow().unwrap();
            let then = bed.brief_on(area(code), morning).turning_point;
            assert_eq!(
                (then.state, then.declared_on),
                (TurningPointState::Declared, Some(declared)),
                "{code} as known on {morning}: {}",
                then.reason.en
            );
        }
    }
    insta::assert_snapshot!(table);
}

#[test]
fn the_country_adds_its_cities_up() {
    let Some(file) = city_totals() else { return };
    let bed = Testbed::country();
    take_totals(&bed, &file);
    let expected: i64 = naive_totals(&file)
        .values()
        .filter_map(|days| days.range(..=day("2020-02-20")).next_back())
        .map(|(_, total)| *total)
        .sum();
    let brief = bed.brief("000000", "2020-02-20");
    assert_eq!(i64::from(brief.counts.confirmed), expected);
    let children: u32 = brief.children.iter().map(|child| child.confirmed).sum();
    assert_eq!(children, brief.counts.confirmed);
    assert_eq!(brief.children_turned.total, brief.children.len());
}

#[test]
fn h7n9_cases_come_in_and_missing_dates_stay_missing() {
    let Some(file) = read("linelist/h7n9-china-2013.csv") else {
        return;
    };
    let bed = Testbed::country();
    let import = || {
        let imported = bed
            .import(Kind::Linelist, Some("h7n9"), None, &file)
            .unwrap();
        accounted(&imported.import.report);
        imported.import.report
    };
    let first = import();
    assert_eq!((first.rows_read, first.rows_taken), (136, 136));
    let rows = bed.cases(&bed.operator(), None);
    let missing = |n: usize| {
        text(&file)
            .lines()
            .skip(1)
            .filter(|line| line.split(',').nth(n) == Some("NA"))
            .count()
    };
    assert_eq!(rows.len(), 136);
    assert_eq!(
        rows.iter().filter(|r| r.onset.is_none()).count(),
        missing(1)
    );
    assert_eq!(
        rows.iter().filter(|r| r.hospitalised.is_none()).count(),
        missing(2)
    );
    assert_eq!(
        rows.iter().filter(|r| r.outcome_date.is_none()).count(),
        missing(3)
    );
    assert!(missing(1) > 0 && missing(2) > 0 && missing(3) > 0);

    let before = bed.seq();
    let again = import();
    assert_eq!((again.rows_unchanged, again.facts_appended), (136, 0));
    assert_eq!(bed.kinds_after(before), ["import.made/1"]);

    // A case without any date of its own is known from the day of the import, and not before.
    let dated = |province: &str| {
        text(&file)
            .lines()
            .filter(|line| line.ends_with(&format!("\"{province}\"")))
            .filter(|line| line.split(',').skip(1).take(2).any(|cell| cell != "NA"))
            .count() as u32
    };
    let zhejiang = bed.brief("330000", "2013-05-31");
    assert_eq!(zhejiang.basis, Basis::LineList);
    assert_eq!(zhejiang.counts.confirmed, dated("Zhejiang"));
    assert_eq!(
        bed.brief("310000", "2013-05-31").counts.confirmed,
        dated("Shanghai")
    );
    assert!(dated("Shanghai") < 33);
    bed.hours_later(24);
    let next_morning = bed.brief("310000", "2021-03-01");
    assert_eq!(next_morning.counts.confirmed, 33);
    bed.holds();
}

#[test]
fn godata_cases_come_in_and_mended_rows_are_taken() {
    let Some(file) = read("linelist/godata/cases_clean.csv") else {
        return;
    };
    let bed = Testbed::city();
    let import = |bytes: &[u8]| {
        let imported = bed
            .import(Kind::Linelist, Some("godata"), Some(common::COUNTY), bytes)
            .unwrap();
        accounted(&imported.import.report);
        imported
    };
    bed.at("2021-03-01T08:00:00+08:00");
    let first = import(&file);
    let report = &first.import.report;
    assert_eq!(
        (report.rows_read, report.rows_taken, report.rows_refused),
        (56, 31, 25)
    );
    let again = import(&file).import.report;
    assert_eq!((again.rows_unchanged, again.rows_refused), (31, 25));
    assert_eq!(again.facts_appended, 0);

    // Fed in as they are, the refused rows are refused again, for the same reasons.
    let unmended = import(&first.refused).import.report;
    assert_eq!((unmended.rows_read, unmended.rows_refused), (25, 25));
    assert_eq!(unmended.refusals_by_code, report.refusals_by_code);

    // Mended: the days of onset and admission, which lie after the outcome, are taken out.
    let mut reader = csv::Reader::from_reader(text(&first.refused).as_bytes());
    let header = reader.headers().unwrap().clone();
    let mut mended = csv::Writer::from_writer(Vec::new());
    mended.write_record(&header).unwrap();
    for record in reader.records() {
        let record = record.unwrap();
        let cells = header.iter().zip(&record).map(|(title, cell)| {
            let wrong = ["date_of_onset", "hospitalization_startdate"].contains(&title);
            if wrong { "" } else { cell }
        });
        mended.write_record(cells).unwrap();
    }
    let mended = import(&mended.into_inner().unwrap()).import.report;
    assert_eq!(
        (mended.rows_read, mended.rows_taken, mended.rows_refused),
        (25, 25, 0)
    );
    let county = bed.brief(common::COUNTY, "2021-02-28");
    assert_eq!(county.provenance.cases, 56);
    bed.holds();
}
