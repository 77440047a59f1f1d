//! The program as a whole: import of the cities' totals, start, memory, size of the first load.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use crate::http::{PROGRAM, Server};
use crate::table::Table;

const TOTALS: &str = "../shared/data/cities/china-city-cases-2020.csv";

fn import_totals(folder: &Path) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let status = Command::new(PROGRAM)
        .args(["import", "city-totals", TOTALS, "--data-dir"])
        .arg(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    ensure!(status.success(), "the import failed");
    Ok(begun.elapsed().as_secs_f64())
}

pub(crate) fn city_totals(table: &mut Table) -> anyhow::Result<()> {
    let claim = "import of 30 cities' totals, 2,952 rows";
    if !Path::new(TOTALS).exists() {
        table.line(claim, "2 s", "not measured", "the file of totals is absent");
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let took = import_totals(&folder.path().join("data"))?;
    table.line(
        claim,
        "2 s",
        &format!("{took:.2} s"),
        "founding the ledger included",
    );
    Ok(())
}

pub(crate) fn start_and_idle(table: &mut Table) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    drop(Server::start(&data)?);
    let mut starts = Vec::new();
    for _ in 0..5 {
        starts.push(Server::start(&data)?.started_in);
    }
    starts.sort_by(f64::total_cmp);
    let slowest = starts[starts.len() - 1];
    table.line(
        "cold start to the first answer",
        "1 s",
        &format!("{slowest:.2} s"),
        "slowest of five",
    );
    let server = Server::start(&data)?;
    std::thread::sleep(Duration::from_secs(2));
    table.line(
        "memory when idle",
        "100 MB",
        &format!("{:.0} MB", server.memory()?),
        "resident",
    );
    Ok(())
}

pub(crate) fn first_load(table: &mut Table) -> anyhow::Result<()> {
    let out = Command::new("npm")
        .args(["run", "--silent", "size"])
        .current_dir("web")
        .output()?;
    let text = String::from_utf8_lossy(&out.stdout);
    let line = text
        .lines()
        .find(|line| line.starts_with("morning page"))
        .unwrap_or("")
        .trim();
    let words: Vec<&str> = line.split_whitespace().collect();
    let kilobytes = words
        .iter()
        .position(|word| *word == "kB")
        .and_then(|at| words.get(at - 1));
    let measured = kilobytes.context("`npm run size` in web/ printed no size")?;
    table.line(
        "command centre, first load, compressed",
        "350 kB",
        &format!("{measured} kB"),
        "gzip; html, scripts and styles of the morning page",
    );
    Ok(())
}
