//! DuckDB, through its Python module.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};

use super::city::City;
use super::peers::{Answer, Peer, first_order, questions, sorted};

/// Loads the file, then answers each line of its input: people and seconds.
const SCRIPT: &str = r#"
import os, sys, time
try:
    import duckdb
except ImportError:
    sys.exit(7)
csv, path = sys.argv[1:]
start = time.perf_counter()
db = duckdb.connect(path)
db.execute("SET enable_progress_bar = false")
db.execute(
    "CREATE TABLE visits AS SELECT * FROM read_csv(?, header=false, columns={'person': 'INTEGER', "
    "'place': 'INTEGER', 'since': 'INTEGER', 'until': 'INTEGER'})", [csv])
db.execute("CHECKPOINT")
print(duckdb.__version__, os.path.getsize(path), time.perf_counter() - start)
for line in sys.stdin:
    start = time.perf_counter()
    row = db.execute(line).fetchone()
    print(row[0], time.perf_counter() - start)
"#;
/// What the script ends with where the module is absent.
const ABSENT: i32 = 7;

/// Loads and asks, where the module is there.
pub(crate) fn measure(city: &City, csv: &Path, home: &Path) -> anyhow::Result<Option<Peer>> {
    let started = Command::new("python3")
        .args(["-c", SCRIPT])
        .arg(csv)
        .arg(home.join("visits.duckdb"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut python) = started else {
        return Ok(None);
    };
    let mut input = python.stdin.take().context("python takes input")?;
    let asked = questions(
        city,
        |case| first_order(&format!("c.person = {case}"), ""),
        "",
    )
    .join("\n");
    let writer = std::thread::spawn(move || input.write_all(asked.as_bytes()));
    let output = python.wait_with_output()?;
    if output.status.code() == Some(ABSENT) {
        return Ok(None);
    }
    ensure!(output.status.success(), "the script of DuckDB failed");
    writer.join().ok().context("python took no input")??;
    let text = String::from_utf8(output.stdout)?;
    let mut lines = text.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    let first = lines.next().unwrap_or_default();
    let [version, bytes, seconds] = first.as_slice() else {
        anyhow::bail!("DuckDB loaded nothing");
    };
    let answer = |line: Vec<&str>| -> anyhow::Result<Answer> {
        let [people, seconds] = line.as_slice() else {
            anyhow::bail!("an answer of DuckDB was expected");
        };
        Ok(Answer {
            people: people.parse()?,
            seconds: seconds.parse()?,
        })
    };
    Ok(Some(Peer {
        answers: sorted(lines.map(answer).collect::<anyhow::Result<_>>()?)?,
        load_seconds: seconds.parse()?,
        bytes: bytes.parse()?,
        remark: format!("version {version}"),
    }))
}
