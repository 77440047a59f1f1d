//! `lianfang policy`: what authors of packs and scripts rely on.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs;
use std::path::Path;
use std::process::Command;

use insta::assert_snapshot;
use serde_json::Value;

fn lianfang(args: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_lianfang"))
        .args(args)
        .env("RUST_LOG", "warn")
        .output()
        .unwrap();
    (
        output.status.code().unwrap(),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

fn shipped() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/covid19-cn-2020.toml");
    fs::read_to_string(path).unwrap()
}

fn changed(changes: &[(&str, &str)]) -> String {
    let mut text = shipped();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    text
}

#[test]
fn whole_packs_pass_and_broken_ones_are_told_where() {
    let (code, out, _) = lianfang(&["policy", "check", "covid19-cn-2020", "measles-2024"]);
    assert_eq!(code, 0, "{out}");
    assert_eq!(out.lines().count(), 2);
    assert!(
        out.lines().all(|line| line.ends_with("examples: whole")),
        "{out}"
    );

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    fs::write(
        &path,
        changed(&[
            (
                "when = \"contact == 'secondary'\"",
                "when = \"contct == 'secondary'\"",
            ),
            (
                "[numbers.yellow_days]\nvalue = 7",
                "[numbers.yellow_days]\nvalue = -7",
            ),
        ]),
    )
    .unwrap();
    let path = path.to_str().unwrap();
    let (code, out, _) = lianfang(&["policy", "check", path]);
    assert_eq!(code, 1);
    let line = |of: &str| {
        let at = fs::read_to_string(path).unwrap();
        at.lines().position(|line| line.contains(of)).unwrap() + 1
    };
    let (number, rule) = (line("value = -7"), line("contct"));
    assert!(
        out.contains(&format!(
            "{path}:{number}:9: a number lies between 0 and 1,000,000"
        )),
        "{out}"
    );
    assert!(
        out.contains(&format!("{path}:{rule}:9: `contct` is not a name")),
        "{out}"
    );
    assert_eq!(out.lines().count(), 2, "{out}");
    let (code, out, _) = lianfang(&["policy", "check", path, "--format", "json"]);
    let json: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(code, 1);
    assert!(json[0]["problems"][0]["line"].as_u64().unwrap() > 10);
    let (code, out, err) = lianfang(&["policy", "check", "no-such-file.toml"]);
    assert!(
        code > 0 && out.is_empty() && err.contains("covid19-cn-2020"),
        "{err}"
    );
}

#[test]
fn examples_run_and_say_which_is_wrong() {
    let (code, out, _) = lianfang(&["policy", "test", "covid19-cn-2020"]);
    assert_eq!(code, 0);
    assert!(out.ends_with("examples, 0 wrong\n"), "{out}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    fs::write(
        &path,
        changed(&[(
            "[numbers.quarantine_days]\nvalue = 14",
            "[numbers.quarantine_days]\nvalue = 21",
        )]),
    )
    .unwrap();
    let (code, out, _) = lianfang(&["policy", "test", path.to_str().unwrap()]);
    assert_eq!(code, 1);
    assert!(
        out.contains("WRONG example `A close contact is red"),
        "{out}"
    );
    assert!(
        out.contains("expects until `2020-03-22` and gets `2020-03-29`"),
        "{out}"
    );
}

#[test]
fn a_decision_is_explained_step_by_step() {
    let ask = |evidence: &str, more: &[&str]| {
        let mut args = vec![
            "policy",
            "explain",
            "--pack",
            "covid19-cn-2020",
            "--table",
            "pass",
            "--on",
            "2020-03-10",
            "--evidence",
            evidence,
        ];
        args.extend(more);
        lianfang(&args)
    };
    let evidence = r#"{"contact":"secondary","last_exposure":"2020-03-08","healthy_reports":2}"#;
    let (code, out, _) = ask(evidence, &[]);
    assert_eq!(code, 0);
    assert_snapshot!("explained", out);
    let (_, out, _) = ask(evidence, &["--lang", "zh"]);
    assert_snapshot!("explained_zh", out);
    let (_, out, _) = ask(evidence, &["--format", "json"]);
    let json: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(json["decision"]["outcome"], "yellow");
    assert_eq!(json["decision"]["until"], "2020-03-15");
    for (wrong, said) in [
        ("{", "evidence is a JSON object"),
        (r#"{"colour":"green"}"#, "`pass` has no field `colour`"),
        (r#"{"contact":"close"}"#, "last_exposure"),
        (
            r#"{"contact":"close","last_exposure":"2020-03-11"}"#,
            "after the day asked for",
        ),
    ] {
        let (code, out, err) = ask(wrong, &[]);
        assert!(code > 0 && out.is_empty() && err.contains(said), "{err}");
    }
}

#[test]
fn packs_are_compared_in_words_and_over_a_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    fs::write(
        &path,
        changed(&[
            ("version = \"2020.03.19.5\"", "version = \"2020.04.01\""),
            (
                "[numbers.discharge_days]\nvalue = 14",
                "[numbers.discharge_days]\nvalue = 28",
            ),
            ("deadline_hours = 2\n", "deadline_hours = 1\n"),
        ]),
    )
    .unwrap();
    let new = path.to_str().unwrap();
    let (code, out, _) = lianfang(&["policy", "diff", "covid19-cn-2020", new]);
    assert_eq!(code, 0);
    assert_snapshot!("diff", out);
    let (_, out, _) = lianfang(&["policy", "diff", new, new]);
    assert_eq!(out, "no difference\n");

    // Somebody discharged five days ago is red for longer under the new version.
    let data = folder.path().join("data");
    let data = data.to_str().unwrap();
    let today = jiff::Zoned::now().date();
    let ago = |days: i64| today.checked_sub(jiff::Span::new().days(days)).unwrap();
    let list = folder.path().join("list.csv");
    fs::write(
        &list,
        format!(
            "case_id,area,name,passport,diagnosis_date,classification,outcome,outcome_date\n\
             P-1,330683,甲某,G12345678,{},confirmed,recovered,{}\n\
             P-2,330683,乙某,G12345679,{},confirmed,,\n",
            ago(40),
            ago(5),
            ago(3)
        ),
    )
    .unwrap();
    let (code, _, err) = lianfang(&["init", "--data-dir", data, "--root", "330600"]);
    assert_eq!(code, 0, "{err}");
    let (code, _, err) = lianfang(&[
        "import",
        "linelist",
        list.to_str().unwrap(),
        "--preset",
        "generic",
        "--data-dir",
        data,
    ]);
    assert_eq!(code, 0, "{err}");
    let (code, out, err) = lianfang(&[
        "policy",
        "diff",
        "covid19-cn-2020",
        new,
        "--data-dir",
        data,
        "--format",
        "json",
    ]);
    assert_eq!(code, 0, "{err}");
    let json: Value = serde_json::from_str(&out).unwrap();
    let pass = &json["preview"]["pass"];
    assert_eq!(pass["total"], 2);
    assert_eq!(pass["changed"], 0);
    assert_eq!(pass["other_end"], 1);
}

#[test]
fn a_new_ledger_begins_under_the_pack_it_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let data = data.to_str().unwrap();
    let (code, _, err) = lianfang(&[
        "init",
        "--data-dir",
        data,
        "--root",
        "330600",
        "--policy",
        "measles-2024",
    ]);
    assert_eq!(code, 0, "{err}");
    let (code, out, err) = lianfang(&[
        "policy",
        "explain",
        "--data-dir",
        data,
        "--table",
        "pass",
        "--format",
        "json",
    ]);
    assert_eq!(code, 0, "{err}");
    let json: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(json["decision"]["pack"], "measles-2024");
    let broken = folder.path().join("broken.toml");
    fs::write(&broken, "id = \"x\"").unwrap();
    let other = folder.path().join("other");
    let (code, out, err) = lianfang(&[
        "init",
        "--data-dir",
        other.to_str().unwrap(),
        "--policy",
        broken.to_str().unwrap(),
    ]);
    assert!(
        code > 0 && out.is_empty() && err.contains("broken.toml:1:"),
        "{err}"
    );
    assert!(!other.join("lianfang.sqlite").exists());
}

/// Whoever alters a pack in the views is found out, decides nothing, and a rebuild mends it.
#[test]
fn an_altered_pack_decides_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let path = data.to_str().unwrap();
    let (code, _, err) = lianfang(&["init", "--data-dir", path, "--root", "330600"]);
    assert_eq!(code, 0, "{err}");
    let database = rusqlite::Connection::open(data.join("lianfang.sqlite")).unwrap();
    let altered = changed(&[("# Every number of days", "# Each number of days")]);
    database
        .execute("UPDATE view_policies SET text = ?1", [altered])
        .unwrap();
    drop(database);
    let explain = ["policy", "explain", "--data-dir", path, "--table", "pass"];
    let (code, out, err) = lianfang(&explain);
    assert!(
        code > 0 && out.is_empty() && err.contains("not the file that was recorded"),
        "{err}"
    );
    let (code, out, err) = lianfang(&["audit", "verify", "--data-dir", path]);
    assert_eq!(code, 1, "{err}");
    assert!(out.contains("view_policies"), "{out}");
    let (code, _, err) = lianfang(&["rebuild", "--data-dir", path]);
    assert_eq!(code, 0, "{err}");
    let (code, _, err) = lianfang(&explain);
    assert_eq!(code, 0, "{err}");
    let (code, out, _) = lianfang(&["audit", "verify", "--data-dir", path]);
    assert_eq!(code, 0, "{out}");
}

#[test]
fn the_guide_lists_every_field() {
    let guide = fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/policy-guide.md"),
    )
    .unwrap();
    let (code, out, _) = lianfang(&["policy", "fields", "--format", "json"]);
    assert_eq!(code, 0);
    let tables: Vec<Value> = serde_json::from_str(&out).unwrap();
    assert_eq!(tables.len(), 6);
    for table in tables {
        let name = table["table"].as_str().unwrap();
        // The guide's rows of a table stand in the schema's order, each field once.
        let mut rest = guide.as_str();
        for field in table["fields"].as_array().unwrap() {
            let row = format!("\n| `{}` |", field["name"].as_str().unwrap());
            let at = rest
                .find(&row)
                .unwrap_or_else(|| panic!("the guide lacks {name}.{}", field["name"]));
            rest = &rest[at + row.len()..];
            if let Some(words) = field["words"].as_array() {
                let line = rest.lines().next().unwrap();
                for word in words {
                    let word = word["word"].as_str().unwrap();
                    assert!(
                        line.contains(word) || guide.contains(&format!("`{word}`")),
                        "the guide lacks {name}.{}: {word}",
                        field["name"]
                    );
                }
            }
        }
    }
}

/// The blocks of the guide's example, put together, are a pack that loads.
#[test]
fn the_guides_example_loads() {
    let guide = fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/policy-guide.md"),
    )
    .unwrap();
    let pack: String = guide
        .split("```toml\n")
        .skip(1)
        .map(|block| block.split("```").next().unwrap())
        .collect::<Vec<_>>()
        .join("\n");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("guide.toml");
    fs::write(&path, pack).unwrap();
    let (code, out, err) = lianfang(&["policy", "check", path.to_str().unwrap()]);
    assert_eq!(code, 0, "{out}{err}");
}
