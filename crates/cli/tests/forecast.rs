//! `lianfang forecast`: what it prints, what it must not read, what it refuses.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;

use lianfang_epi::forecast::LEVELS;
use serde_json::Value;
use tempfile::TempDir;

/// What a command said.
struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Said {
    /// It did what it was asked.
    fn well(self) -> String {
        assert_eq!(self.code, 0, "{}\n{}", self.out, self.err);
        self.out
    }

    /// It failed, said why on stderr, and nothing on stdout.
    fn badly(self) -> String {
        assert!(self.code > 0, "{}", self.out);
        assert!(self.out.is_empty(), "{}", self.out);
        assert!(
            !self.err.is_empty() && !self.err.contains("panicked"),
            "{}",
            self.err
        );
        self.err
    }
}

fn forecast(args: &[&str]) -> Said {
    let output = Command::new(env!("CARGO_BIN_EXE_lianfang"))
        .arg("forecast")
        .args(args)
        .env("RUST_LOG", "warn")
        .output()
        .unwrap();
    Said {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

const HEADER: &str = "date,province,city,code,confirmed,suspected,cured,dead";
const TOTALS: [u32; 10] = [2, 5, 10, 18, 30, 48, 72, 72, 134, 164];

/// A file with ten days of one city from 1 February 2020 on.
fn file(folder: &TempDir, name: &str, totals: &[u32]) -> String {
    let mut text = format!("{HEADER}\n");
    for (day, total) in (1..).zip(totals) {
        writeln!(text, "2020-02-{day:02},江苏省,无锡市,320200,{total},0,0,0").unwrap();
    }
    written(folder, name, &text)
}

fn written(folder: &TempDir, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn ask<'a>(totals: &'a str, as_of: &'a str, more: &[&'a str]) -> Said {
    let mut args = vec!["--totals", totals, "--code", "320200", "--as-of", as_of];
    args.extend(more);
    forecast(&args)
}

fn rows(csv: &str) -> Vec<(String, f64, f64)> {
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some("date,quantile,value"));
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            assert_eq!(cells.len(), 3, "{line}");
            (
                cells[0].to_owned(),
                cells[1].parse().unwrap(),
                cells[2].parse().unwrap(),
            )
        })
        .collect()
}

#[test]
fn the_hubs_quantiles_of_each_day_ahead() {
    let folder = tempfile::tempdir().unwrap();
    let totals = file(&folder, "totals.csv", &TOTALS);
    let out = ask(&totals, "2020-02-10", &["--days", "14", "--format", "csv"]).well();
    let rows = rows(&out);
    assert_eq!(rows.len(), 14 * LEVELS.len());
    for (horizon, day) in rows.chunks(LEVELS.len()).enumerate() {
        let date = format!("2020-02-{:02}", 11 + horizon);
        for ((row, level), place) in day.iter().zip(LEVELS).zip(0..) {
            assert_eq!(row.0, date);
            assert!((row.1 - level).abs() < 1e-12, "{row:?}");
            assert!(
                row.2 >= 0.0 && (place == 0 || row.2 >= day[place - 1].2),
                "{row:?}"
            );
        }
    }
    // Fourteen days of CSV are what is meant without a word.
    assert_eq!(ask(&totals, "2020-02-10", &[]).well(), out);
    let short = ask(&totals, "2020-02-10", &["--days", "2"]).well();
    assert!(out.starts_with(&short));
    assert_eq!(short.lines().count(), 1 + 2 * LEVELS.len());
}

#[test]
fn the_same_in_json_and_for_people() {
    let folder = tempfile::tempdir().unwrap();
    let totals = file(&folder, "totals.csv", &TOTALS);
    let out = ask(&totals, "2020-02-10", &["--days", "3", "--format", "json"]).well();
    let json: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(json["as_of"], "2020-02-10");
    assert_eq!(json["last_total"], "2020-02-10");
    assert_eq!(json["pack"]["id"], "covid19-cn-2020");
    assert_eq!(json["code"], "320200");
    let csv = rows(&ask(&totals, "2020-02-10", &["--days", "3"]).well());
    let values = json["days"][2]["quantiles"]["values"].as_array().unwrap();
    assert_eq!(values.len(), LEVELS.len());
    for (value, row) in values.iter().zip(&csv[2 * LEVELS.len()..]) {
        assert!((value.as_f64().unwrap() - row.2).abs() < 1e-3);
    }
    let text = ask(&totals, "2020-02-10", &["--days", "3", "--format", "text"]).well();
    assert_eq!(text.lines().count(), 4, "{text}");
    assert!(text.contains("90 % interval") && text.contains("2020-02-13"));
}

/// Later rows may say anything, be missing, or come first: the answer is the same to the byte.
#[test]
fn nothing_after_the_day_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let whole = file(&folder, "whole.csv", &TOTALS);
    let cut = file(&folder, "cut.csv", &TOTALS[..6]);
    let mut other = TOTALS;
    other[6..].copy_from_slice(&[9_000, 3, 100_000, 0]);
    let other = file(&folder, "other.csv", &other);
    let text = std::fs::read_to_string(&whole).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines[1..].reverse();
    let turned = written(&folder, "turned.csv", &lines.join("\n"));
    let made = ask(&whole, "2020-02-06", &[]).well();
    for file in [&cut, &other, &turned] {
        assert_eq!(ask(file, "2020-02-06", &[]).well(), made, "{file}");
    }
    assert_ne!(ask(&whole, "2020-02-07", &[]).well(), made);
}

#[test]
fn bad_input_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let totals = file(&folder, "totals.csv", &TOTALS);
    let day = "2020-02-10";
    for (days, said) in [
        ("0", "1..=14"),
        ("15", "1..=14"),
        ("-1", "1..=14"),
        ("x", "x"),
    ] {
        let err = ask(&totals, day, &["--days", days]).badly();
        assert!(err.contains(said) && err.contains("--days"), "{err}");
    }
    let unknown = ["--totals", &totals, "--code", "330100", "--as-of", day];
    let err = forecast(&unknown).badly();
    assert!(err.contains("no totals of area"), "{err}");
    let no_code = ["--totals", &totals, "--code", "wuxi", "--as-of", day];
    assert!(forecast(&no_code).badly().contains("--code"));
    let err = ask(&totals, "2020-01-31", &[]).badly();
    assert!(err.contains("begin after 2020-01-31"), "{err}");
    let err = ask(&totals, "2020-02-25", &[]).badly();
    assert!(
        err.contains("2020-02-10") && err.contains("14 days old"),
        "{err}"
    );
    assert!(ask(&totals, "2020-02-30", &[]).badly().contains("--as-of"));
    for (name, text) in [("empty.csv", ""), ("header.csv", HEADER)] {
        let path = written(&folder, name, text);
        ask(&path, day, &[]).badly();
    }
    let absent = folder.path().join("absent.csv");
    ask(absent.to_str().unwrap(), day, &[]).badly();
}

#[test]
fn real_cities_are_forecast_from_the_first_day_on() {
    let totals = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/cities/china-city-cases-2020.csv");
    if !totals.exists() {
        eprintln!("skipped: ../shared/data is absent");
        return;
    }
    let totals = totals.to_str().unwrap();
    for (code, as_of) in [
        ("320200", "2020-01-25"),
        ("421100", "2020-02-13"),
        ("610100", "2020-01-25"),
        ("371000", "2020-04-30"),
    ] {
        let out = forecast(&["--totals", totals, "--code", code, "--as-of", as_of]).well();
        assert_eq!(rows(&out).len(), 14 * LEVELS.len(), "{code} {as_of}");
    }
}

#[test]
fn a_house_stores_its_own_forecasts_once() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("house").to_str().unwrap().to_owned();
    let lianfang = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_lianfang"))
            .args(args)
            .env("RUST_LOG", "warn")
            .output()
            .unwrap();
        assert!(output.status.success(), "{args:?}: {output:?}");
    };
    lianfang(&["init", "--data-dir", &data, "--root", "320200"]);
    let totals = file(&folder, "totals.csv", &TOTALS);
    lianfang(&["import", "city-totals", &totals, "--data-dir", &data]);
    let store = |more: &[&str]| {
        let mut args = vec!["--store", "--data-dir", &data];
        args.extend(more);
        forecast(&args)
    };
    let of = ["--as-of", "2020-02-09"];
    let once: Value = serde_json::from_str(&store(&of).well()).unwrap();
    assert_eq!(
        once,
        serde_json::json!({ "as_of": "2020-02-09", "areas": 1, "made": 2, "there": 0 })
    );
    let again: Value = serde_json::from_str(&store(&of).well()).unwrap();
    assert_eq!((&again["made"], &again["there"]), (&0.into(), &2.into()));
    // Yesterday there was no case any more.
    let now: Value = serde_json::from_str(&store(&[]).well()).unwrap();
    assert_eq!(now["areas"], 0);
    assert!(
        store(&["--as-of", "2999-01-01"])
            .badly()
            .contains("a day that is over")
    );
    assert!(
        store(&["--totals", &totals])
            .badly()
            .contains("cannot be used with")
    );
    assert!(forecast(&["--store"]).badly().contains("--data-dir"));
    assert!(forecast(&[]).badly().contains("--totals"));
}
