//! Lists from elsewhere on the command line: what is taken, what is handed back, and the same file
//! again.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// A list as a railway office saves it, in GB18030: one good row, one whose number has a wrong check
/// digit, one without a date.
const LIST: &[u8] = b"\xd0\xd5\xc3\xfb,\xc9\xed\xb7\xdd\xd6\xa4\xba\xc5,\xbd\xbb\xcd\xa8\xb7\xbd\xca\xbd,\xb3\xb5\xb4\xce,\xb3\xf6\xb7\xa2\xb5\xd8,\xb5\xd6\xb4\xef\xca\xb1\xbc\xe4,\xc4\xbf\xb5\xc4\xb5\xd8\n\
    \xcd\xf5\xd0\xa1\xc3\xf7,33068319900101123X,\xbb\xf0\xb3\xb5,G1234,\xce\xe4\xba\xba,2020-02-08 19:05,\xe1\xd3\xd6\xdd\xca\xd0\n\
    \xc0\xee\xcb\xc4,330683199001011230,\xbb\xf0\xb3\xb5,G1234,\xce\xe4\xba\xba,2020-02-08 19:05,\xe1\xd3\xd6\xdd\xca\xd0\n\
    \xcb\xef\xc6\xdf,,\xbb\xf0\xb3\xb5,G1234,\xce\xe4\xba\xba,\xd7\xf2\xcc\xec,\xe1\xd3\xd6\xdd\xca\xd0\n";
const AREAS: &str =
    "code,name\n330600,绍兴市\n330683,嵊州市\n330683001,剡湖街道\n330683001001,一村\n";
const ROSTER: &str = "社区,门牌,应住人数,姓名\n一村,1号,2,王小明\n一村,1号,2,李四\n一村,2号,多,\n";

fn yesterday() -> String {
    let today = jiff::Zoned::now().date();
    today.yesterday().unwrap().to_string()
}

/// The list with its day set to yesterday: an arrival lies within a year of today.
fn list_of_yesterday() -> Vec<u8> {
    const WRITTEN: &[u8] = b"2020-02-08";
    let yesterday = yesterday();
    let mut list = LIST.to_vec();
    for start in 0..list.len() - WRITTEN.len() {
        if list[start..].starts_with(WRITTEN) {
            list[start..start + WRITTEN.len()].copy_from_slice(yesterday.as_bytes());
        }
    }
    list
}

/// Runs the program; its answer and what it said beside.
fn lianfang(args: &[&str]) -> (i32, Value, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_lianfang"))
        .args(args)
        .env("RUST_LOG", "warn")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let answer = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (output.status.code().unwrap(), answer, said)
}

fn import(folder: &Path, kind: &str, file: &str, more: &[&str]) -> (i32, Value, String) {
    let (data, file) = (folder.join("data"), folder.join(file));
    let mut args = vec!["import", kind, file.to_str().unwrap()];
    args.extend(["--data-dir", data.to_str().unwrap(), "--root", "330600"]);
    args.extend(more);
    lianfang(&args)
}

fn numbers(report: &Value) -> [u64; 4] {
    ["rows_read", "rows_taken", "rows_unchanged", "rows_refused"]
        .map(|name| report[name].as_u64().unwrap())
}

#[test]
fn a_list_of_arrivals_is_taken_and_its_bad_rows_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("areas.csv"), AREAS).unwrap();
    std::fs::write(folder.join("train.csv"), list_of_yesterday()).unwrap();
    assert_eq!(import(folder, "areas", "areas.csv", &[]).0, 0);
    let (_, dry, _) = import(folder, "arrivals", "train.csv", &["--dry-run"]);
    assert_eq!(
        (numbers(&dry), &dry["facts_appended"]),
        ([3, 1, 0, 2], &0.into())
    );

    let (code, report, said) = import(folder, "arrivals", "train.csv", &["--lang", "zh"]);
    assert_eq!((code, numbers(&report)), (0, [3, 1, 0, 2]), "{said}");
    assert_eq!(
        (&report["kind"], &report["preset"]),
        (&"arrivals".into(), &"arrivals".into())
    );
    assert_eq!(
        (&report["rows_known"], &report["facts_appended"]),
        (&0.into(), &1.into())
    );
    assert!(
        said.contains("来返人员名单") && said.contains("已由其他渠道掌握的人员: 0"),
        "{said}"
    );
    assert!(
        !said.contains("王小明") && !said.contains("330683199001011230"),
        "{said}"
    );

    let (_, again, _) = import(folder, "arrivals", "train.csv", &[]);
    assert_eq!(
        (numbers(&again), &again["facts_appended"]),
        ([3, 0, 1, 2], &0.into())
    );

    let refused = std::fs::read_to_string(folder.join("train.refused.csv")).unwrap();
    let mended = refused
        .replace("330683199001011230", "E12345678")
        .replace("昨天", &yesterday());
    std::fs::write(
        folder.join("mended.csv"),
        mended.replace("身份证号", "护照号"),
    )
    .unwrap();
    let (_, rest, said) = import(folder, "arrivals", "mended.csv", &[]);
    assert_eq!(numbers(&rest), [2, 2, 0, 0], "{said}");

    let (code, _, said) = import(folder, "arrivals", "train.csv", &["--preset", "godata"]);
    assert!(
        code > 0 && said.contains("reads linelist, not arrivals"),
        "{said}"
    );
    let (code, _, said) = import(folder, "arrivals", "train.csv", &["--preset", "telecom"]);
    assert!(code > 0 && said.contains("no column for phone"), "{said}");
}

#[test]
fn a_roster_of_households_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("areas.csv"), AREAS).unwrap();
    std::fs::write(folder.join("roster.csv"), ROSTER).unwrap();
    assert_eq!(import(folder, "areas", "areas.csv", &[]).0, 0);
    let (code, report, said) = import(folder, "households", "roster.csv", &[]);
    assert_eq!((code, numbers(&report)), (0, [3, 2, 0, 1]), "{said}");
    let (_, again, _) = import(folder, "households", "roster.csv", &[]);
    assert_eq!(
        (numbers(&again), &again["facts_appended"]),
        ([3, 0, 2, 1], &0.into())
    );
    let data = folder.join("data");
    let (code, verified, _) = lianfang(&[
        "audit",
        "verify",
        "--data-dir",
        data.to_str().unwrap(),
        "--format",
        "json",
    ]);
    assert_eq!((code, &verified["ok"]), (0, &true.into()), "{verified}");
}
