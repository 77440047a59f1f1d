//! The commands that scripts rely on: what they print, where, and with which exit code.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// What a command said.
struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Said {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("{}\n{}", self.out, self.err))
    }

    /// It did what it was asked.
    fn well(self) -> Self {
        assert_eq!(self.code, 0, "{}\n{}", self.out, self.err);
        self
    }

    /// It failed, said why on stderr, and nothing on stdout but perhaps the header of a table.
    fn badly(self) -> String {
        assert!(self.code > 0, "{} {}", self.code, self.out);
        assert!(self.out.is_empty() || self.out == "k,w\n" || self.out.starts_with("t_start,"));
        assert!(self.out.lines().count() <= 1, "{}", self.out);
        assert!(
            !self.err.is_empty() && !self.err.contains("panicked"),
            "{}",
            self.err
        );
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

/// A file of `../shared/data`, beside the repository.
fn shared(path: &str) -> Option<String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data")
        .join(path);
    if path.exists() {
        Some(path.to_str().unwrap().to_owned())
    } else {
        eprintln!("skipped: ../shared/data is absent");
        None
    }
}

fn numbers(csv: &str) -> (String, Vec<Vec<f64>>) {
    let mut lines = csv.lines().map(|line| line.replace('"', ""));
    let header = lines.next().unwrap();
    let rows = lines
        .map(|line| {
            line.split(',')
                .filter_map(|cell| cell.parse().ok())
                .collect()
        })
        .collect();
    (header, rows)
}

/// A folder with files written into it by name.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// A ledger with four days of totals, the last corrected down.
    fn with_totals() -> Self {
        let desk = Self::new();
        let file = desk.write("totals.csv", TOTALS);
        let data = desk.path("data");
        lianfang(&[
            "import",
            "city-totals",
            &file,
            "--data-dir",
            &data,
            "--root",
            "330000",
        ])
        .well();
        desk
    }
}

const TOTALS: &str = "date,province,city,code,confirmed,suspected,cured,dead
2020-02-05,浙江省,绍兴市,330600,3,1,0,0
2020-02-06,浙江省,绍兴市,330600,7,1,0,0
2020-02-07,浙江省,绍兴市,330600,12,2,1,0
2020-02-08,浙江省,绍兴市,330600,11,2,1,0
2020-02-09,浙江省,绍兴市,330600,x,2,1,0
";

#[test]
fn rt_equals_epiestim() {
    let (Some(incidence), Some(si), Some(expected)) = (
        shared("rt/Flu2009_incidence.csv"),
        shared("rt/Flu2009_si.csv"),
        shared("rt/Flu2009_R.csv"),
    ) else {
        return;
    };
    let args = [
        "epi",
        "rt",
        "--incidence",
        &incidence,
        "--si",
        &si,
        "--format",
        "csv",
    ];
    let (header, found) = numbers(&lianfang(&args).well().out);
    assert_eq!(header, "t_start,t_end,mean,sd,q025,median,q975");
    let (_, expected) = numbers(&std::fs::read_to_string(expected).unwrap());
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(
            (found.len(), found[..2].to_vec()),
            (7, expected[..2].to_vec())
        );
        for (a, b) in found.iter().zip(expected) {
            assert!((a - b).abs() < 1e-6, "{found:?} and {expected:?}");
        }
    }
    let narrow = lianfang(
        &[
            &args[..],
            &["--window", "1", "--prior-mean", "2", "--prior-sd", "1"],
        ]
        .concat(),
    )
    .well();
    assert!(numbers(&narrow.out).1.len() > found.len());
}

#[test]
fn the_discretised_serial_interval_equals_epiestim() {
    let Some(expected) = shared("rt/discr_si_4.7_2.9.csv") else {
        return;
    };
    let said = lianfang(&[
        "epi", "discr-si", "--mean", "4.7", "--sd", "2.9", "--max", "40", "--format", "csv",
    ]);
    let (header, found) = numbers(&said.well().out);
    assert_eq!(header, "k,w");
    let (_, expected) = numbers(&std::fs::read_to_string(expected).unwrap());
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found.len(), 2);
        assert!(
            found
                .iter()
                .zip(expected)
                .all(|(a, b)| (a - b).abs() < 1e-9),
            "{found:?} {expected:?}"
        );
    }
}

#[test]
fn five_cities_turn_and_a_declaration_stands() {
    let Some(totals) = shared("cities/china-city-cases-2020.csv") else {
        return;
    };
    for code in ["330300", "320200", "371000", "421100", "330600"] {
        let ask = |as_of: &str| {
            let args = [
                "epi",
                "turning-point",
                "--totals",
                &totals,
                "--code",
                code,
                "--as-of",
                as_of,
                "--format",
                "json",
            ];
            lianfang(&args).well().json()
        };
        let whole = ask("2020-04-30");
        assert_eq!(whole["code"], code);
        let declared = whole["declared_on"]
            .as_str()
            .unwrap_or_else(|| panic!("{code}: {whole}"))
            .to_owned();
        let turned = whole["hindsight"]["date"].as_str().unwrap();
        assert!(turned <= declared.as_str(), "{code}: {turned} {declared}");
        let day: jiff::civil::Date = declared.parse().unwrap();
        assert!(
            ask(&day.yesterday().unwrap().to_string())["declared_on"].is_null(),
            "{code}"
        );
        for weeks in 0..9 {
            let later = (day + jiff::Span::new().weeks(weeks)).to_string();
            assert_eq!(
                ask(&later)["declared_on"],
                declared.as_str(),
                "{code} as of {later}"
            );
        }
    }
}

#[test]
fn offspring_of_pairs() {
    let desk = Desk::new();
    let mut text = "infector,infectee\n".to_owned();
    let mut next = 0;
    for (n, children) in [9, 4, 2, 1, 1, 0, 0, 0, 0, 0].into_iter().enumerate() {
        for _ in 0..children {
            next += 1;
            writeln!(text, "i{n},c{next}").unwrap();
        }
    }
    let pairs = desk.write("pairs.csv", &text);
    let fit = lianfang(&[
        "epi",
        "offspring",
        "--pairs",
        &pairs,
        "--unlinked",
        "5",
        "--format",
        "json",
    ])
    .well()
    .json();
    // Five infectors, 17 infected of whom none is an infector, and five who stand in no pair.
    assert_eq!(fit["n"], 27);
    let number = |name: &str| fit[name].as_f64().unwrap();
    assert!((number("R") - 17.0 / 27.0).abs() < 1e-6, "{fit}");
    assert!(number("R_low") < number("R") && number("R") < number("R_high"));
    assert!(number("k_low") < number("k") && number("k") < 1.0, "{fit}");
}

#[test]
fn chains_of_a_plain_list_by_hand() {
    let desk = Desk::new();
    let cases = desk.write(
        "cases.csv",
        "id,onset,classification\n\
         A,2020-02-01,confirmed\nB,2020-02-04,confirmed\nC,2020-02-06,probable\nD,2020-02-09,confirmed\n\
         E,2020-02-10,confirmed\nF,,confirmed\nG,2020-02-03,excluded\nA,2020-02-02,confirmed\n",
    );
    let links = desk.write(
        "links.csv",
        "infector,infectee,certainty,setting,day\n\
         A,B,confirmed,household,2020-02-02\nA,C,probable,work,\nB,D,probable,household,\nC,D,possible,,\n\
         D,A,possible,,\nE,E,confirmed,,\nB,C,confirmed,,2020-02-08\nX,B,,,\nA,G,,,\nA,E,maybe,,\nD,F,,,\nA,B,,,\n",
    );
    let answer = lianfang(&[
        "epi",
        "chains",
        "--linelist",
        &cases,
        "--contacts",
        &links,
        "--format",
        "json",
    ])
    .well()
    .json();
    let counted = &answer["cases"];
    assert_eq!(
        (
            &counted["rows_read"],
            &counted["taken"],
            &counted["excluded"],
            &counted["with_onset"],
            &counted["linked"]
        ),
        (&8.into(), &6.into(), &1.into(), &5.into(), &5.into())
    );
    assert_eq!(counted["refused"][0]["reason"], "repeated_case");
    let links = &answer["links"];
    assert_eq!(
        (
            &links["rows_read"],
            &links["taken"],
            &links["alternative"],
            &links["repeated"],
            &links["refused"]
        ),
        (&12.into(), &4.into(), &1.into(), &1.into(), &6.into())
    );
    assert_eq!(
        links["refused_by_reason"],
        serde_json::json!({
            "excluded": 1, "loop": 1, "met_after_onset": 1, "oneself": 1, "unknown_infector": 1, "unknown_value": 1
        })
    );
    let refusals = links["refusals"].as_array().unwrap();
    let looped = refusals
        .iter()
        .find(|link| link["reason"] == "loop")
        .unwrap();
    assert_eq!(
        (&looped["row"], &looped["loop"]),
        (&6.into(), &serde_json::json!(["A", "B", "D"]))
    );
    assert_eq!(
        answer["generations"],
        serde_json::json!([
            { "generation": 0, "cases": 2 }, { "generation": 1, "cases": 2 },
            { "generation": 2, "cases": 1 }, { "generation": 3, "cases": 1 },
        ])
    );
    let interval = &answer["serial_interval"];
    assert_eq!(
        (
            &interval["n"],
            &interval["days"],
            &interval["median"],
            &interval["negative"]
        ),
        (
            &3.into(),
            &serde_json::json!([3, 5, 5]),
            &5.0.into(),
            &0.0.into()
        )
    );
    assert!((interval["mean"].as_f64().unwrap() - 13.0 / 3.0).abs() < 1e-12);
    let offspring = &answer["offspring"];
    assert!((offspring["R"].as_f64().unwrap() - 4.0 / 6.0).abs() < 1e-12);
    assert_eq!(
        (&offspring["n"], &offspring["zero_share"]),
        (&6.into(), &0.5.into())
    );
    // The 1.2 cases that infected most: A with two, and a fifth of B with one.
    assert!((offspring["top_20_share"].as_f64().unwrap() - 2.2 / 4.0).abs() < 1e-12);
    assert_eq!(
        answer["superspreaders"],
        serde_json::json!({ "above": 3, "cases": [] })
    );
    assert_eq!(
        answer["clusters"][0],
        serde_json::json!({
            "setting": "household", "size": 3, "first_day": "2020-02-01", "last_day": "2020-02-09", "cases": ["A", "B", "D"]
        })
    );
    let trees = answer["trees"].as_array().unwrap();
    assert_eq!(
        (trees.len(), &trees[0]["size"], &trees[0]["generations"]),
        (1, &5.into(), &4.into())
    );
    let read: Vec<(&str, u64)> = trees[0]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| {
            (
                node["case"].as_str().unwrap(),
                node["generation"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(read, [("A", 0), ("B", 1), ("D", 2), ("F", 3), ("C", 1)]);
}

#[test]
fn chains_read_other_headers_and_say_when_there_are_none() {
    let desk = Desk::new();
    let cases = desk.write(
        "cases.csv",
        "病例编号,发病日期\n甲,2020-02-01\n乙,2020年2月5日\n丙,\n",
    );
    let links = desk.write("links.csv", "from,to\n甲,乙\n");
    let args = ["epi", "chains", "--linelist", &cases, "--contacts", &links];
    let answer = lianfang(&args).well().json();
    assert_eq!(answer["cases"]["preset"], "generic-zh");
    assert_eq!(
        (
            &answer["links"]["taken"],
            &answer["serial_interval"]["mean"]
        ),
        (&1.into(), &4.0.into())
    );
    assert_eq!(answer["serial_interval"]["sd"], Value::Null);
    let none = desk.write("none.csv", "infector,infectee\n");
    let answer = lianfang(&["epi", "chains", "--linelist", &cases, "--contacts", &none])
        .well()
        .json();
    assert_eq!(
        (&answer["offspring"]["R"], &answer["offspring"]["k"]),
        (&0.0.into(), &Value::Null)
    );
    assert!(answer["offspring"]["why_not"].is_string());
    assert_eq!(
        answer["generations"],
        serde_json::json!([{ "generation": 0, "cases": 3 }])
    );
    let half = desk.write("half.csv", "infector,to_whom\nA,B\n");
    let err = lianfang(&["epi", "chains", "--linelist", &cases, "--contacts", &half]).badly();
    assert!(
        err.contains("infectee") && err.contains("target_uuid"),
        "{err}"
    );
    let err = lianfang(&["epi", "chains", "--linelist", &half, "--contacts", &links]).badly();
    assert!(err.contains("external_id"), "{err}");
}

/// The links of Go.Data's training outbreak, counted here from the files themselves.
#[test]
fn chains_of_the_godata_training_outbreak() {
    let (Some(cases), Some(links)) = (
        shared("linelist/godata/cases_clean.csv"),
        shared("linelist/godata/relationships_clean.csv"),
    ) else {
        return;
    };
    let rows = |path: &str| -> Vec<std::collections::HashMap<String, String>> {
        let mut reader = csv::Reader::from_path(path).unwrap();
        reader.deserialize().map(Result::unwrap).collect()
    };
    let onsets: std::collections::HashMap<String, Option<jiff::civil::Date>> = rows(&cases)
        .into_iter()
        .filter(|case| case["classification"] != "NOT_A_CASE_DISCARDED")
        .map(|case| (case["uuid"].clone(), case["date_of_onset"].parse().ok()))
        .collect();
    let stated = rows(&links);
    let (mut to_cases, mut unknown) = (0, 0);
    for link in &stated {
        if onsets.contains_key(&link["target_uuid"]) {
            to_cases += 1;
            unknown += u64::from(!onsets.contains_key(&link["source_uuid"]));
        }
    }
    let answer = lianfang(&["epi", "chains", "--linelist", &cases, "--contacts", &links])
        .well()
        .json();
    let said = &answer["links"];
    let number = |name: &str| said[name].as_u64().unwrap();
    assert_eq!(answer["cases"]["taken"], onsets.len());
    assert_eq!(number("rows_read"), stated.len() as u64);
    assert_eq!(said["refused_by_reason"]["unknown_infector"], unknown);
    assert_eq!(
        number("taken") + number("alternative") + number("repeated") + number("refused"),
        to_cases
    );
    assert_eq!(number("to_contacts") + to_cases, stated.len() as u64);
    println!(
        "{} cases, {} links taken, {} alternatives, {} refused, {} to contacts",
        onsets.len(),
        said["taken"],
        said["alternative"],
        said["refused"],
        said["to_contacts"]
    );
    // Every tree: an infector above, and the intervals are those of the onsets in the file.
    let mut days = Vec::new();
    let mut taken = 0;
    for tree in answer["trees"].as_array().unwrap() {
        for node in tree["nodes"].as_array().unwrap() {
            let Some(infector) = node["infector"].as_str() else {
                continue;
            };
            taken += 1;
            let infectee = node["case"].as_str().unwrap();
            assert!(
                stated
                    .iter()
                    .any(|link| link["source_uuid"] == infector && link["target_uuid"] == infectee)
            );
            if let (Some(from), Some(to)) = (onsets[infector], onsets[infectee]) {
                days.push((to - from).get_days());
            }
        }
    }
    days.sort_unstable();
    assert_eq!(taken, number("taken"));
    assert_eq!(answer["serial_interval"]["days"], serde_json::json!(days));
    let generations = answer["generations"].as_array().unwrap();
    let all: u64 = generations
        .iter()
        .map(|g| g["cases"].as_u64().unwrap())
        .sum();
    assert_eq!(all, onsets.len() as u64);
}

#[test]
fn an_import_reports_on_stdout_and_in_a_file() {
    let desk = Desk::new();
    let (file, data, report) = (
        desk.write("totals.csv", TOTALS),
        desk.path("data"),
        desk.path("report.json"),
    );
    let args = [
        "import",
        "city-totals",
        &file,
        "--data-dir",
        &data,
        "--root",
        "330000",
        "--report",
        &report,
    ];
    let first = lianfang(&args).well();
    let json = first.json();
    assert_eq!(
        (
            &json["rows_read"],
            &json["rows_taken"],
            &json["rows_refused"]
        ),
        (&5.into(), &4.into(), &1.into())
    );
    assert_eq!(json["corrections_total"], 1);
    assert_eq!(json["refusals"][0]["field"], "confirmed");
    let written: Value = serde_json::from_str(&std::fs::read_to_string(&report).unwrap()).unwrap();
    assert_eq!(written, json);
    assert!(
        first.err.contains("refused rows: ") && !first.err.contains('{'),
        "{}",
        first.err
    );
    let refused = std::fs::read_to_string(desk.path("totals.refused.csv")).unwrap();
    assert!(refused.contains(",x,2,1,0"), "{refused}");

    let again = lianfang(&args).well().json();
    assert_eq!(
        (&again["rows_unchanged"], &again["facts_appended"]),
        (&4.into(), &0.into())
    );
    let facts = |said: Said| said.json()["facts"].as_u64().unwrap();
    let verify = ["audit", "verify", "--data-dir", &data, "--format", "json"];
    let before = facts(lianfang(&verify).well());
    let mended = desk.write("mended.csv", &refused.replace(",x,", ",14,"));
    let dry = lianfang(&[
        "import",
        "city-totals",
        &mended,
        "--data-dir",
        &data,
        "--dry-run",
    ])
    .well()
    .json();
    assert_eq!(
        (&dry["dry_run"], &dry["rows_taken"]),
        (&true.into(), &1.into())
    );
    assert_eq!(facts(lianfang(&verify).well()), before);
    let taken = lianfang(&["import", "city-totals", &mended, "--data-dir", &data])
        .well()
        .json();
    assert_eq!(
        (&taken["rows_taken"], &taken["rows_refused"]),
        (&1.into(), &0.into())
    );
    assert_eq!(facts(lianfang(&verify).well()), before + 2);
}

#[test]
fn line_lists_come_in_by_preset() {
    let Some(h7n9) = shared("linelist/h7n9-china-2013.csv") else {
        return;
    };
    let desk = Desk::new();
    let data = desk.path("data");
    let json = lianfang(&[
        "import",
        "linelist",
        &h7n9,
        "--preset",
        "h7n9",
        "--data-dir",
        &data,
    ])
    .well()
    .json();
    assert_eq!(
        (&json["rows_read"], &json["rows_taken"]),
        (&136.into(), &136.into())
    );
    let brief = lianfang(&[
        "brief",
        "--area",
        "330000",
        "--date",
        "2013-05-31",
        "--data-dir",
        &data,
        "--format",
        "json",
    ]);
    assert_eq!(brief.well().json()["basis"], "line_list");
    // A preset of one's own, beside the file.
    let preset = desk.write(
        "ours.toml",
        "title = { en = \"ours\", zh = \"本单位\" }\n[columns]\nclassification = [\"class\"]\nonset = [\"sick\"]\narea = [\"where\"]\n",
    );
    let list = desk.write(
        "ours.csv",
        "class,sick,where\nconfirmed,2020-02-01,330600\n",
    );
    let json = lianfang(&[
        "import",
        "linelist",
        &list,
        "--preset",
        &preset,
        "--data-dir",
        &data,
    ])
    .well()
    .json();
    assert_eq!(
        (&json["preset"], &json["rows_taken"]),
        (&"ours".into(), &1.into())
    );
}

#[test]
fn a_file_that_cannot_be_read_fails_and_says_why() {
    let desk = Desk::with_totals();
    let data = desk.path("data");
    let empty = desk.write("empty.csv", "");
    let err = lianfang(&["import", "city-totals", &empty, "--data-dir", &data]).badly();
    assert!(err.contains("empty"), "{err}");
    let err = lianfang(&[
        "import",
        "city-totals",
        &desk.path("none.csv"),
        "--data-dir",
        &data,
    ])
    .badly();
    assert!(err.contains("none.csv"), "{err}");
    let totals = desk.path("totals.csv");
    let err = lianfang(&[
        "import",
        "linelist",
        &totals,
        "--preset",
        "nowhere",
        "--data-dir",
        &data,
    ])
    .badly();
    assert!(err.contains("godata"), "names those there are: {err}");
}

#[test]
fn the_brief_as_json_text_and_workbook() {
    let desk = Desk::with_totals();
    let data = desk.path("data");
    let brief = |more: &[&str]| {
        let args = [
            "brief",
            "--area",
            "330600",
            "--date",
            "2020-02-08",
            "--data-dir",
            &data,
        ];
        lianfang(&[&args[..], more].concat())
    };
    let json = brief(&["--format", "json"]).well().json();
    assert_eq!(json["area"]["name"], "绍兴市");
    assert_eq!(json["counts"]["confirmed"], 11);
    assert_eq!(json["as_known_then"], true);
    assert_eq!(json["date"], "2020-02-08");
    let text = brief(&[]).well().out;
    assert!(
        text.starts_with("绍兴市 330600  2020-02-08 (as known then)\n"),
        "{text}"
    );
    assert!(text.contains("11 confirmed"), "{text}");
    assert!(brief(&["--lang", "zh"]).well().out.contains("累计确诊11"));
    let book = desk.path("brief.xlsx");
    brief(&["--format", "xlsx", "--out", &book]).well();
    assert!(std::fs::read(&book).unwrap().starts_with(b"PK"));
    assert!(brief(&["--format", "xlsx"]).badly().contains("--out"));
    // The root stands for itself where no area is named.
    let root = lianfang(&[
        "brief",
        "--date",
        "2020-02-08",
        "--data-dir",
        &data,
        "--format",
        "json",
    ])
    .well()
    .json();
    assert_eq!(
        (&root["area"]["code"], &root["counts"]["confirmed"]),
        (&"330000".into(), &11.into())
    );
    lianfang(&["brief", "--date", "2999-01-01", "--data-dir", &data]).badly();
    lianfang(&["brief", "--area", "110000", "--data-dir", &data]).badly();
}

fn tamper(data: &str, sql: &str) {
    let database = rusqlite::Connection::open(Path::new(data).join("lianfang.sqlite")).unwrap();
    assert!(database.execute(sql, []).unwrap() > 0, "{sql}");
}

#[test]
fn the_audit_names_what_was_altered_and_exits_with_1() {
    let desk = Desk::with_totals();
    let data = desk.path("data");
    let verify = || lianfang(&["audit", "verify", "--data-dir", &data, "--format", "json"]);
    let checkpoint = lianfang(&["audit", "checkpoint", "--data-dir", &data])
        .well()
        .json();
    let whole = verify().well().json();
    assert_eq!(
        (&whole["ok"], &whole["problems_total"]),
        (&true.into(), &0.into())
    );
    assert!(whole["checkpoints"].as_u64().unwrap() >= 1, "{whole}");
    assert_eq!(whole["facts"], checkpoint["seq"]);
    assert!(
        lianfang(&["audit", "verify", "--data-dir", &data])
            .well()
            .out
            .starts_with("everything holds")
    );

    tamper(
        &data,
        "UPDATE view_totals SET confirmed = confirmed - 1 WHERE confirmed = 7",
    );
    let said = verify();
    assert_eq!((said.code, &said.json()["ok"]), (1, &false.into()));
    assert_eq!(said.json()["problems"][0]["kind"], "view");
    // A view can be rebuilt; a fact cannot be altered back by that.
    lianfang(&["rebuild", "--data-dir", &data]).well();
    verify().well();
    tamper(
        &data,
        "UPDATE facts SET recorded_at = recorded_at - 86400000 WHERE seq = 4",
    );
    let said = verify();
    assert_eq!(said.code, 1);
    let kinds: Vec<String> = said.json()["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["kind"].to_string())
        .collect();
    assert!(kinds.contains(&"\"altered\"".to_owned()), "{kinds:?}");
    let text = lianfang(&["audit", "verify", "--data-dir", &data]);
    assert_eq!(text.code, 1);
    assert!(text.out.starts_with("NOT WHOLE"), "{}", text.out);
}

#[test]
fn a_rebuild_of_a_past_day_goes_to_a_file_of_its_own() {
    let desk = Desk::with_totals();
    let data = desk.path("data");
    let today = lianfang(&["rebuild", "--data-dir", &data]).well().json();
    let again = lianfang(&["rebuild", "--data-dir", &data]).well().json();
    assert_eq!(today["digest"], again["digest"]);
    let out = desk.path("then.sqlite");
    let args = [
        "rebuild",
        "--data-dir",
        &data,
        "--as-of",
        "2020-02-06",
        "--out",
        &out,
    ];
    let then = lianfang(&args).well().json();
    assert!(then["left_out"].as_u64().unwrap() >= 2, "{then}");
    let views = rusqlite::Connection::open(&out).unwrap();
    let newest: i64 = views
        .query_row("SELECT max(confirmed) FROM view_totals", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(newest, 7);
    assert!(
        lianfang(&args).badly().contains("then.sqlite"),
        "it overwrites nothing"
    );
    lianfang(&["rebuild", "--data-dir", &data, "--out", &out]).badly();
}

#[test]
fn a_backup_comes_back_whole() {
    let desk = Desk::with_totals();
    let (data, copy, back) = (desk.path("data"), desk.path("copy"), desk.path("back"));
    lianfang(&["audit", "checkpoint", "--data-dir", &data]).well();
    let made = lianfang(&["backup", "--data-dir", &data, "--out", &copy])
        .well()
        .json();
    assert_eq!(made["with_keys"], false);
    assert!(!Path::new(&copy).join("keys.json").exists());
    lianfang(&["backup", "--data-dir", &data, "--out", &copy]).badly();
    lianfang(&["restore", "--from", &copy, "--data-dir", &back]).badly();
    let restored = lianfang(&[
        "restore",
        "--from",
        &copy,
        "--keys",
        &data,
        "--data-dir",
        &back,
    ])
    .well()
    .json();
    assert_eq!(restored["seq"], made["seq"]);
    lianfang(&[
        "restore",
        "--from",
        &copy,
        "--keys",
        &data,
        "--data-dir",
        &back,
    ])
    .badly();
    lianfang(&["audit", "verify", "--data-dir", &back]).well();
    let brief = |data: &str| {
        let args = [
            "brief",
            "--area",
            "330600",
            "--date",
            "2020-02-08",
            "--data-dir",
            data,
            "--format",
            "json",
        ];
        lianfang(&args).well().json()
    };
    assert_eq!(brief(&back), brief(&data));
    let keyed = desk.path("keyed");
    lianfang(&[
        "backup",
        "--data-dir",
        &data,
        "--out",
        &keyed,
        "--with-keys",
    ])
    .well();
    lianfang(&[
        "restore",
        "--from",
        &keyed,
        "--data-dir",
        &desk.path("again"),
    ])
    .well();
}

#[test]
fn a_ledger_is_founded_once_and_its_password_is_shown_on_stderr() {
    let desk = Desk::new();
    let data = desk.path("data");
    let said = lianfang(&["init", "--data-dir", &data, "--root", "330600"]).well();
    assert_eq!(said.json()["root"], "330600");
    assert!(said.err.contains("password") && !said.out.contains("password"));
    lianfang(&["init", "--data-dir", &data, "--root", "330600"]).badly();
    let forgotten = lianfang(&["forget", "--data-dir", &data]).well().json();
    assert_eq!(forgotten["forgotten"], 0);
}

#[test]
fn the_openapi_document_is_printed() {
    let document = lianfang(&["openapi"]).well().json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3."));
    assert!(document["paths"]["/api/brief"]["get"].is_object());
}

#[test]
fn what_is_asked_wrongly_fails_in_words() {
    let desk = Desk::new();
    let nowhere = desk.path("nowhere");
    for command in [
        vec!["audit", "verify"],
        vec!["audit", "checkpoint"],
        vec!["brief"],
        vec!["rebuild"],
        vec!["forget"],
        vec!["backup", "--out", &nowhere],
    ] {
        let err = lianfang(&[&command[..], &["--data-dir", &nowhere]].concat()).badly();
        assert!(err.contains("nowhere"), "{command:?}: {err}");
        assert!(!Path::new(&nowhere).join("lianfang.sqlite").exists());
    }
    let text = desk.write("text.csv", "I\none\ntwo\n");
    let good = desk.write("good.csv", "I\n1\n2\n3\n");
    let si = desk.write("si.csv", "w\n0\n0.5\n0.5\n");
    let bad_si = desk.write("bad-si.csv", "w\n0.5\n0.5\n");
    let two = desk.write("two.csv", "a,b\n1,2\n");
    let totals = desk.write("totals.csv", TOTALS);
    let half = desk.write("half.csv", "infector,infectee\na,\n");
    let nobody = desk.write("nobody.csv", "infector,infectee\n");
    for args in [
        vec!["epi", "rt", "--incidence", &text, "--si", &si],
        vec!["epi", "rt", "--incidence", &two, "--si", &si],
        vec![
            "epi",
            "rt",
            "--incidence",
            &good,
            "--si",
            &si,
            "--window",
            "7",
        ],
        vec![
            "epi",
            "rt",
            "--incidence",
            &good,
            "--si",
            &si,
            "--window",
            "0",
        ],
        vec![
            "epi",
            "rt",
            "--incidence",
            &good,
            "--si",
            &bad_si,
            "--window",
            "2",
        ],
        vec![
            "epi",
            "rt",
            "--incidence",
            &good,
            "--si",
            &si,
            "--window",
            "2",
            "--prior-mean",
            "-1",
        ],
        vec!["epi", "rt", "--incidence", &good, "--si", &nowhere],
        vec!["epi", "discr-si", "--mean", "0.5", "--sd", "1"],
        vec!["epi", "discr-si", "--mean", "nan", "--sd", "1"],
        vec!["epi", "discr-si", "--mean", "4.7", "--sd", "0"],
        vec![
            "epi",
            "turning-point",
            "--totals",
            &totals,
            "--code",
            "110000",
        ],
        vec![
            "epi",
            "turning-point",
            "--totals",
            &totals,
            "--code",
            "330600",
            "--as-of",
            "2019-01-01",
        ],
        vec!["epi", "turning-point", "--totals", &totals, "--code", "x"],
        vec!["epi", "offspring", "--pairs", &half],
        vec!["epi", "offspring", "--pairs", &two],
        vec!["epi", "offspring", "--pairs", &nobody],
        vec!["epi", "rt"],
        vec!["dance"],
        vec!["import", "poems", &totals, "--data-dir", &nowhere],
        vec!["init", "--data-dir", &nowhere, "--root", "0"],
        vec!["init", "--data-dir", &nowhere, "--utc-offset", "100000"],
        vec!["serve", "--data-dir", &nowhere, "--listen", "everywhere"],
    ] {
        lianfang(&args).badly();
    }
    assert!(!Path::new(&nowhere).exists());
}
