//! `lianfang whatif`: what it prints, that it is the same again, what it refuses.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use lianfang_policy::Pack;
use serde_json::Value;
use tempfile::TempDir;

struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Said {
    fn well(self) -> String {
        assert_eq!(self.code, 0, "{}\n{}", self.out, self.err);
        self.out
    }

    fn badly(self) -> String {
        assert!(self.code > 0, "{}", self.out);
        assert!(self.out.is_empty(), "{}", self.out);
        assert!(!self.err.contains("panicked"), "{}", self.err);
        self.err
    }
}

fn lianfang(args: &[&str]) -> Said {
    let output = Command::new(env!("CARGO_BIN_EXE_lianfang"))
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

fn written(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A twentieth of Shengzhou, built; and the shipped pack with another quarantine.
fn built() -> (TempDir, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let city = std::fs::read_to_string(root.join("cities/shengzhou.toml")).unwrap();
    let small = city
        .replace("675_226", "30_000")
        .replace("people = 22_658", "people = 1_000")
        .replace("residents = 2_700", "residents = 120");
    let description = written(folder.path(), "city.toml", &small);
    let out = folder.path().join("city").to_str().unwrap().to_owned();
    lianfang(&[
        "city",
        "build",
        "--description",
        &description,
        "--out",
        &out,
    ])
    .well();
    let pack = std::fs::read_to_string(root.join("policies/covid19-cn-2020.toml")).unwrap();
    let line = "[numbers.quarantine_days]\nvalue = 14";
    assert!(pack.contains(line));
    let shorter = pack
        .replace(line, "[numbers.quarantine_days]\nvalue = 3")
        .replace(
            &format!("version = \"{}\"", shipped().version),
            "version = \"three-days\"",
        );
    assert!(shorter.contains("three-days"));
    // Its examples tell of 14 days: they are of another pack.
    let examples = shorter.find("[[example]]").unwrap_or(shorter.len());
    let shorter = written(folder.path(), "shorter.toml", &shorter[..examples]);
    (folder, out, shorter)
}

fn shipped() -> Pack {
    Pack::shipped("covid19-cn-2020").unwrap()
}

fn rows(csv: &str) -> Vec<Vec<String>> {
    csv.lines()
        .skip(1)
        .map(|line| line.split(',').map(str::to_owned).collect())
        .collect()
}

#[test]
fn packs_stand_side_by_side_and_again() {
    let (folder, city, shorter) = built();
    let ask = |more: &[&str]| {
        let mut args = vec![
            "whatif",
            "--city",
            &city,
            "--pack",
            "covid19-cn-2020",
            "--pack",
        ];
        args.extend([shorter.as_str(), "--days", "40", "--seeds", "1..4"]);
        args.extend(more);
        lianfang(&args)
    };
    let csv = ask(&["--threads", "2", "--with-nothing"]).well();
    assert_eq!(
        csv.lines().next().unwrap(),
        "pack,against,measure,better,median,q05,q25,q75,q95,mean,error,seeds_less,seeds_more,seeds,on_frontier"
    );
    let rows = rows(&csv);
    let measures = 13;
    assert_eq!(rows.len(), 3 * measures + 2 * measures);
    let days: Vec<f64> = rows
        .iter()
        .filter(|row| row[1].is_empty() && row[2] == "quarantine_days")
        .map(|row| row[4].parse().unwrap())
        .collect();
    assert!(days[1] < days[0] && days[2] == 0.0, "{days:?}");
    let against: Vec<&Vec<String>> = rows.iter().filter(|row| !row[1].is_empty()).collect();
    assert!(against.iter().all(|row| row[1] == shipped().word()));
    assert!(rows.iter().all(|row| row[13] == "4"));
    // The same question, on any number of threads, has the same answer to the last digit.
    assert_eq!(ask(&["--threads", "1", "--with-nothing"]).well(), csv);
    let json = ask(&["--format", "json", "--ablate"]).well();
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["packs"].as_array().unwrap().len(), 2);
    assert_eq!(
        json["packs"][0]["curves"]["infections"]
            .as_array()
            .unwrap()
            .len(),
        40
    );
    assert_eq!(json["frontier"]["packs"].as_array().unwrap().len(), 2);
    let ablation = json["ablation"].as_array().unwrap();
    let of = |name: &str| ablation.iter().find(|off| off["off"] == name).unwrap();
    let quarantine = &of("quarantine")["differences"]["quarantine_days"];
    assert!(quarantine["median"].as_f64().unwrap() < 0.0, "{quarantine}");
    assert!(of("quarantine.none")["left_out"].is_string());
    // Nobody comes from abroad in so small a city: a rule that decided nothing is not run again.
    assert!(
        ablation
            .iter()
            .any(|off| off["left_out"] == "it decided nothing under these seeds")
    );
    drop(folder);
}

#[test]
fn a_line_list_is_where_it_begins() {
    let (folder, city, _) = built();
    let mut list =
        String::from("external_id,age,onset,reported,outcome,outcome_date,classification\n");
    for n in 0..40 {
        let (outcome, ended) = if n < 10 {
            ("recovered", "2020-02-08")
        } else {
            ("", "")
        };
        let (onset, reported) = (1 + n % 5, 5 + n % 5);
        writeln!(
            list,
            "C-{n},{},2020-02-{onset:02},2020-02-{reported:02},{outcome},{ended},confirmed",
            20 + n
        )
        .unwrap();
    }
    let list = written(folder.path(), "cases.csv", &list);
    let ask = |more: &[&str]| {
        let mut args = vec![
            "whatif",
            "--city",
            &city,
            "--pack",
            "covid19-cn-2020",
            "--days",
            "20",
        ];
        args.extend([
            "--seeds",
            "1..3",
            "--format",
            "json",
            "--from-linelist",
            &list,
        ]);
        args.extend(more);
        lianfang(&args)
    };
    let json: Value = serde_json::from_str(&ask(&[]).well()).unwrap();
    assert_eq!(json["known"]["as_of"], "2020-02-09");
    assert_eq!(json["known"]["cases"], 40);
    assert_eq!(json["starts"], "2020-02-10");
    let isolated = json["packs"][0]["measures"]["isolation_beds"]["q05"].as_f64();
    assert!(isolated.unwrap() >= 30.0, "{isolated:?}");
    // What was found later is not known yet.
    let before: Value = serde_json::from_str(&ask(&["--as-of", "2020-02-07"]).well()).unwrap();
    assert_eq!(before["known"]["cases"], 24);
    assert_eq!(before["known"]["found_later"], 16);
    let none = ask(&["--as-of", "2020-01-01"]).badly();
    assert!(
        none.contains("no case was found up to 2020-01-01"),
        "{none}"
    );
}

#[test]
fn todays_state_of_a_house_is_where_it_begins() {
    let (folder, city, _) = built();
    let data = folder.path().join("house").to_str().unwrap().to_owned();
    lianfang(&["init", "--data-dir", &data, "--root", "330683"]).well();
    let mut list =
        String::from("external_id,area,age,onset,reported,outcome,outcome_date,classification\n");
    for n in 0..40 {
        let (outcome, ended) = if n < 10 {
            ("recovered", "2020-02-08")
        } else {
            ("", "")
        };
        writeln!(
            list,
            "C-{n},330683,{},2020-02-01,2020-02-05,{outcome},{ended},confirmed",
            20 + n
        )
        .unwrap();
    }
    let list = written(folder.path(), "cases.csv", &list);
    lianfang(&["import", "linelist", &list, "--data-dir", &data]).well();
    let ask = |more: &[&str]| {
        let mut args = vec!["whatif", "--city", &city, "--pack", "covid19-cn-2020"];
        args.extend(["--days", "5", "--seeds", "1..2", "--format", "json"]);
        args.extend(more);
        lianfang(&args)
    };
    let json: Value =
        serde_json::from_str(&ask(&["--from-house", "--data-dir", &data]).well()).unwrap();
    let house = &json["known"]["house"];
    assert_eq!(
        (&house["cases"], &house["active"], &house["recovered"]),
        (&40.into(), &30.into(), &10.into())
    );
    assert_eq!(json["known"]["cases"], 40);
    assert_eq!(house["scale"], 1.0);
    let both = [
        "--from-house",
        "--data-dir",
        &data,
        "--from-linelist",
        &list,
    ];
    assert!(ask(&both).badly().contains("cannot be used with"));
    assert!(ask(&["--from-house"]).badly().contains("--data-dir"));
    let elsewhere = ["--from-house", "--data-dir", &data, "--area", "330602"];
    assert!(
        ask(&elsewhere)
            .badly()
            .contains("No case is on the line list")
    );
}

#[test]
fn what_cannot_be_run_is_refused() {
    let (folder, city, _) = built();
    let ask = |args: &[&str]| {
        let mut all = vec!["whatif"];
        all.extend(args);
        lianfang(&all).badly()
    };
    let covid = "covid19-cn-2020";
    let measles = ask(&[
        "--city",
        &city,
        "--pack",
        covid,
        "--pack",
        "measles-2024",
        "--days",
        "9",
    ]);
    assert!(measles.contains("measles-2024"), "{measles}");
    assert!(
        measles.contains("the pack has no natural_history."),
        "{measles}"
    );
    for days in ["0", "-4"] {
        let refused = ask(&["--city", &city, "--pack", covid, "--days", days]);
        assert!(
            refused.contains("--days is a whole number above 0"),
            "{refused}"
        );
    }
    let elsewhere = folder.path().join("no-city");
    let refused = ask(&[
        "--city",
        elsewhere.to_str().unwrap(),
        "--pack",
        covid,
        "--days",
        "9",
    ]);
    assert!(refused.contains("build a city there first"), "{refused}");
    let refused = ask(&["--city", &city, "--pack", "no-such-pack", "--days", "9"]);
    assert!(
        refused.contains("none of the packs that come with the program"),
        "{refused}"
    );
    let refused = ask(&[
        "--city", &city, "--pack", covid, "--days", "9", "--work", "money",
    ]);
    assert!(
        refused.contains("measures are infections, deaths"),
        "{refused}"
    );
    let refused = ask(&["--city", &city, "--days", "9"]);
    assert!(refused.contains("--pack"), "{refused}");
    // Nobody lives there.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = std::fs::read_to_string(root.join("cities/shengzhou.toml")).unwrap();
    let empty = written(folder.path(), "empty.toml", &text.replace("675_226", "0"));
    let out = folder.path().join("empty");
    let refused = lianfang(&[
        "city",
        "build",
        "--description",
        &empty,
        "--out",
        out.to_str().unwrap(),
    ]);
    assert!(refused.badly().contains("people.total is 0"));
}

/// Totals of a growing outbreak, from 1 February 2020 on.
fn totals(folder: &Path) -> String {
    let mut text = String::from("date,province,city,code,confirmed,suspected,cured,dead\n");
    for (day, total) in (1..).zip([1, 2, 4, 7, 10, 15, 19, 26, 33, 41, 49, 58, 66, 73, 80, 85]) {
        writeln!(text, "2020-02-{day:02},浙江省,绍兴市,330600,{total},0,0,0").unwrap();
    }
    written(folder, "totals.csv", &text)
}

#[test]
fn a_city_is_fitted_and_forecasts() {
    let (folder, city, _) = built();
    let totals = totals(folder.path());
    let of = [
        "--totals",
        &totals,
        "--code",
        "330600",
        "--as-of",
        "2020-02-14",
        "--city",
        &city,
    ];
    let few = ["--particles", "12", "--rounds", "3", "--seed", "5"];
    let fit = |more: &[&str]| {
        let mut args = vec!["city", "fit"];
        args.extend(of);
        args.extend(few);
        args.extend(more);
        lianfang(&args)
    };
    let csv = fit(&["--threads", "2"]).well();
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines[0], "date,observed,q05,q25,q50,q75,q95");
    assert_eq!(lines.len(), 1 + 14, "nothing after the day is used");
    assert!(lines[1].starts_with("2020-02-01,1,") && lines[14].starts_with("2020-02-14,7,"));
    for line in &lines[1..] {
        let cells: Vec<f64> = line
            .split(',')
            .skip(2)
            .map(|cell| cell.parse().unwrap())
            .collect();
        assert!(cells.is_sorted() && cells[0] >= 0.0, "{line}");
    }
    assert_eq!(fit(&["--threads", "1"]).well(), csv);
    let json: Value = serde_json::from_str(&fit(&["--format", "json"]).well()).unwrap();
    let r = json["parameters"]["reproduction_number"]["q50"]
        .as_f64()
        .unwrap();
    assert!((0.8..6.0).contains(&r), "{r}");
    assert!(!json["rounds"].as_array().unwrap().is_empty());
    let forecast = |model: &str| {
        let mut args = vec!["forecast", "--model", model, "--days", "5"];
        args.extend(of);
        args.extend(few);
        lianfang(&args).well()
    };
    let values = |csv: &str| -> Vec<f64> {
        let last = |line: &str| line.rsplit(',').next().unwrap().parse().unwrap();
        csv.lines().skip(1).map(last).collect()
    };
    let (renewal, city_alone, both) = (forecast("renewal"), forecast("city"), forecast("ensemble"));
    let (a, b, mean) = (values(&renewal), values(&city_alone), values(&both));
    assert_eq!((a.len(), b.len(), mean.len()), (5 * 23, 5 * 23, 5 * 23));
    for ((a, b), mean) in a.iter().zip(&b).zip(&mean) {
        assert!(
            (f64::midpoint(*a, *b) - mean).abs() < 2e-3,
            "{a} {b} {mean}"
        );
    }
    assert!(b.iter().sum::<f64>() > 1.0 && a != b);
    let lone = [
        "forecast", "--model", "city", "--totals", &totals, "--code", "330600",
    ];
    let mut lone = lone.to_vec();
    lone.extend(["--as-of", "2020-02-14"]);
    assert!(lianfang(&lone).badly().contains("--city"));
    let mut one = vec!["city", "fit", "--particles", "1"];
    one.extend(of);
    let one = lianfang(&one).badly();
    assert!(
        one.contains("particles is 1; it must lie between 4"),
        "{one}"
    );
}
