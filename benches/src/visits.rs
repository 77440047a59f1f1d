//! The visit log: a city's visits of 14 days loaded, traced and dropped; the same questions over
//! the same visits in PostgreSQL and DuckDB, where they are present.

mod city;
mod duckdb;
mod peers;
mod postgres;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use lianfang_core::time::UtcOffset;
use lianfang_visits::{Batch, Bounds, Case, Limits, Settings, Trace, VisitLog, VisitsError};

use crate::table::Table;
use city::City;
use peers::{Answer, Answers, milliseconds};

/// Visits, unless `LIANFANG_BENCH_VISITS` says otherwise: a tenth of a city of 10 million.
const VISITS: u64 = 42_000_000;
/// Visits up to which PostgreSQL and DuckDB are measured beside.
const PEERS_VISITS: u64 = 50_000_000;
/// Cases asked for one by one.
const SINGLE_CASES: u64 = 500;
/// Cases asked for together.
const MANY_CASES: u64 = 1_000;

/// Cases whose second order is asked for, one by one.
const SECOND_ORDER_CASES: u64 = 20;
/// Cases asked for one by one with nothing in memory.
const COLD_CASES: u64 = 100;

pub(crate) fn visit_log(table: &mut Table) -> anyhow::Result<()> {
    let wanted = match std::env::var("LIANFANG_BENCH_VISITS") {
        Ok(text) => text.parse().context("LIANFANG_BENCH_VISITS")?,
        Err(_) => VISITS,
    };
    let city = City::of_visits(wanted);
    let home = tempfile::tempdir()?;
    let folder = home.path().join("visits");
    reset_peak_memory();
    let log = VisitLog::open(&folder, Settings::new(UtcOffset::CHINA))?;
    load(table, &city, &log, &folder)?;
    let answers = questions(table, &city, &log, &folder)?;
    drop_a_day(table, &city, &log)?;
    table.line(
        "visits: memory, load and questions",
        "2 GB",
        &format!("{:.2} GB", peak_memory()? / 1e9),
        "peak, resident",
    );
    drop(log);
    if city.visits_in_all() > PEERS_VISITS {
        table.line(
            "visits in PostgreSQL and DuckDB",
            "-",
            "not measured",
            "only up to 50 million visits: loading more takes too long",
        );
        return Ok(());
    }
    let csv = home.path().join("visits.csv");
    peers::write_csv(&city, &csv)?;
    let peer = postgres::measure(&city, &csv, home.path())?;
    peers::lines(table, "PostgreSQL", &city, &answers, peer.as_ref());
    let peer = duckdb::measure(&city, &csv, home.path())?;
    peers::lines(table, "DuckDB", &city, &answers, peer.as_ref());
    Ok(())
}

fn load(table: &mut Table, city: &City, log: &VisitLog, folder: &Path) -> anyhow::Result<()> {
    let bounds = Bounds {
        now: City::end(),
        kept_from: City::first_day(),
        longest_stay: 1_440,
        offset: UtcOffset::CHINA,
    };
    let mut took = Duration::ZERO;
    for day in 0..City::DAYS {
        let mut made = 0;
        while made < city.visits_per_day() {
            let visits: Vec<_> = city.visits(day, made..(made + 1_000_000)).collect();
            made += visits.len() as u64;
            let begun = Instant::now();
            let (batch, refused) = Batch::checked(&mut visits.into_iter(), &bounds, |place| {
                place.0 < city.places()
            });
            ensure!(refused.is_empty(), "a visit was refused");
            log.append(&[batch])?;
            took += begun.elapsed();
        }
    }
    let begun = Instant::now();
    log.settle()?;
    took += begun.elapsed();
    let stored: u64 = log
        .snapshot()
        .days()
        .iter()
        .map(|day| day.tally.visits)
        .sum();
    ensure!(stored == city.visits_in_all(), "visits are missing");
    table.line(
        &format!("visits: load {:.0} million, synced", stored as f64 / 1e6),
        "1 million/s",
        &format!("{:.2} million/s", stored as f64 / 1e6 / took.as_secs_f64()),
        &format!(
            "{:.1} s: checks, digests, journal, both orders, one part a day; {} people",
            took.as_secs_f64(),
            city.people()
        ),
    );
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        bytes += entry?.metadata()?.len();
    }
    table.line(
        "visits: on disk, by place and by person",
        "12 bytes",
        &format!("{:.2} bytes", bytes as f64 / stored as f64),
        "a visit, ids and indexes included",
    );
    Ok(())
}

fn questions(
    table: &mut Table,
    city: &City,
    log: &VisitLog,
    folder: &Path,
) -> anyhow::Result<Answers> {
    let snapshot = log.snapshot();
    let case = |n: u64| Case {
        person: City::person(city.some_person(n)),
        span: City::span(),
    };
    let ask = |cases: &[Case]| timed(|| snapshot.trace(cases, city, Limits::default()));
    let mut cold = Vec::new();
    for n in 0..COLD_CASES {
        forget_files(folder)?;
        cold.push(ask(&[case(n)])?);
    }
    let mut answers = Answers::default();
    for _ in 0..2 {
        answers.single = (0..SINGLE_CASES)
            .map(|n| ask(&[case(n)]))
            .collect::<anyhow::Result<_>>()?;
    }
    answers.many = vec![ask(&(0..MANY_CASES).map(case).collect::<Vec<_>>())?];
    for n in 0..SECOND_ORDER_CASES {
        let cases = [case(n)];
        answers.second_order.push(timed(|| {
            let first = snapshot.trace(&cases, city, Limits::default())?;
            snapshot.second_order(&cases, &first, city, Limits::default())
        })?);
    }
    let people = answers
        .single
        .iter()
        .map(|answer| answer.people)
        .sum::<u64>()
        / SINGLE_CASES;
    table.line(
        "visits: one case, 14 days, first order, warm, p99",
        "2 ms",
        &format!("{:.2} ms", milliseconds(&answers.single, 0.99)),
        &format!(
            "median {:.2} ms; {people} people found on average",
            milliseconds(&answers.single, 0.5)
        ),
    );
    table.line(
        "visits: the same cold, p99",
        "50 ms",
        &format!("{:.1} ms", milliseconds(&cold, 0.99)),
        &format!(
            "median {:.1} ms; the files dropped from the page cache (fadvise) before each",
            milliseconds(&cold, 0.5)
        ),
    );
    table.line(
        "visits: 1,000 cases, first order",
        "2 s",
        &format!("{:.2} s", milliseconds(&answers.many, 1.0) / 1e3),
        &format!(
            "{} people found",
            answers.many.iter().map(|answer| answer.people).sum::<u64>()
        ),
    );
    table.line(
        "visits: one case, second order",
        "0.5 s",
        &format!("{:.2} s", milliseconds(&answers.second_order, 1.0) / 1e3),
        &format!(
            "slowest of {SECOND_ORDER_CASES}, first order included; median {:.2} s; up to {} people found",
            milliseconds(&answers.second_order, 0.5) / 1e3,
            answers.second_order.iter().map(|answer| answer.people).max().unwrap_or(0)
        ),
    );
    Ok(answers)
}

/// Asks, and says how long it took. The answer must be whole.
fn timed(ask: impl FnOnce() -> Result<Trace, VisitsError>) -> anyhow::Result<Answer> {
    let begun = Instant::now();
    let trace = ask()?;
    let seconds = begun.elapsed().as_secs_f64();
    ensure!(!trace.truncated, "the answer is not whole");
    Ok(Answer {
        seconds,
        people: trace.people_met as u64,
    })
}

fn drop_a_day(table: &mut Table, city: &City, log: &VisitLog) -> anyhow::Result<()> {
    let begun = Instant::now();
    log.drop_before(City::first_day().tomorrow()?)?;
    let took = begun.elapsed().as_secs_f64() * 1e3;
    table.line(
        "visits: drop a day",
        "100 ms",
        &format!("{took:.0} ms"),
        &format!(
            "{} visits; durable, files removed behind it",
            city.visits_per_day()
        ),
    );
    Ok(())
}

/// Drops the files' pages from the system's cache.
fn forget_files(folder: &Path) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let file = std::fs::File::open(entry?.path())?;
        rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed)?;
    }
    Ok(())
}

/// Lets the count of peak memory begin anew.
fn reset_peak_memory() {
    // Where this is not permitted, the peak is that of the whole run.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

fn peak_memory() -> anyhow::Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    let kilobytes: f64 = line
        .and_then(|line| line.split_whitespace().nth(1))
        .context("no VmHWM")?
        .parse()?;
    Ok(kilobytes * 1024.0)
}
