//! Visits on the command line: imported, killed in between, imported again, traced.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use jiff::ToSpan;
use lianfang_core::ids::PersonId;
use lianfang_store::views::visits::{LogSaid, said};
use lianfang_store::{Store, system_clock};
use serde_json::Value;

/// Rows of a file: more than two batches.
const ROWS: u64 = 1_050_000;
const PEOPLE: u64 = 5_000;
const PLACES: u64 = 2_000;
/// How often the import is killed.
const KILLS: u64 = 8;

fn command(args: &[&str], data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lianfang"));
    command
        .args(args)
        .arg("--data-dir")
        .arg(data)
        .env("RUST_LOG", "warn");
    command
}

fn run(args: &[&str], data: &Path) -> Output {
    let output = command(args, data).output().unwrap();
    assert!(
        output.status.success(),
        "{args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

fn json(args: &[&str], data: &Path) -> Value {
    serde_json::from_slice(&run(args, data).stdout).unwrap()
}

fn person(n: u64) -> PersonId {
    PersonId::from_parts(n, 1)
}

/// Some days of visits, the newest yesterday.
fn table() -> String {
    let yesterday = jiff::Zoned::now().date().yesterday().unwrap();
    let mut table = String::from("place,time,person\n");
    for row in 0..ROWS {
        let day = yesterday.checked_sub((3 - (row * 4 / ROWS) as i64).days());
        let minute = row * 7_919 % 1_440;
        let (hour, minute) = (minute / 60, minute % 60);
        let (place, person) = (row * 31 % PLACES, person(row * 17 % PEOPLE));
        writeln!(
            table,
            "{place},{} {hour:02}:{minute:02},{person}",
            day.unwrap()
        )
        .unwrap();
    }
    table
}

fn log(data: &Path) -> LogSaid {
    let store = Store::open(data, system_clock()).unwrap();
    store.read(|connection| Ok(said(connection)?)).unwrap()
}

#[test]
fn killed_while_it_imports_and_begun_again_nothing_is_lost_or_doubled() {
    let folder = tempfile::tempdir().unwrap();
    let (data, file) = (folder.path().join("data"), folder.path().join("visits.csv"));
    std::fs::write(&file, table()).unwrap();
    run(&["init", "--root", "330600"], &data);
    let args = ["import", "visits", file.to_str().unwrap()];
    let mut broke_off = 0;
    for kill in 0..KILLS {
        let mut import = command(&args, &data)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Before, between and after its batches.
        std::thread::sleep(Duration::from_millis(60 + kill * 330));
        import.kill().unwrap();
        broke_off += u64::from(!import.wait().unwrap().success());
    }
    assert!(broke_off > 0, "no import was killed");
    let report = json(&args, &data);
    let count = |name: &str| report[name].as_u64().unwrap();
    assert_eq!(count("rows_taken") + count("rows_unchanged"), ROWS);
    let said = log(&data);
    assert_eq!(said.days.iter().map(|day| day.visits).sum::<u64>(), ROWS);
    let audit = json(&["audit", "verify", "--format", "json"], &data);
    assert_eq!(audit["ok"], true, "{audit}");
    let again = json(&args, &data);
    assert_eq!(again["rows_unchanged"], ROWS);
    assert_eq!(log(&data), said);

    let (who, days) = (person(17).to_string(), [said.days[0].day, said.days[3].day]);
    let [from, to] = days.map(|day| day.to_string());
    let asked = ["trace", "--person", &who, "--from", &from, "--to", &to];
    let table = String::from_utf8(run(&asked, &data).stdout).unwrap();
    let header = "person,risk,minutes,places,first,last,order,class";
    assert_eq!(table.lines().next(), Some(header));
    let whole = json(&[&asked[..], &["--format", "json"]].concat(), &data);
    let contacts = whole["contacts"].as_array().unwrap();
    assert_eq!(contacts.len(), table.lines().count() - 1);
    assert!(!contacts.is_empty());
}

#[test]
fn a_trace_says_what_it_needs() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    run(&["init", "--root", "330600"], &data);
    for (args, expected) in [
        (&["trace"][..], "--person"),
        (&["trace", "--person", "nobody"], "no such person"),
        (&["trace", "--place", "100"], "no such place"),
        (&["trace", "--person", "A", "--from", "soon"], "2020-02-09"),
        (&["trace", "--case", "7"], "ULID"),
        (&["trace", "--person", "A", "--order", "3"], "1..=2"),
    ] {
        let output = command(args, &data).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            !output.status.success() && said.contains(expected),
            "{args:?}: {said}"
        );
        assert!(output.stdout.is_empty());
    }
}
