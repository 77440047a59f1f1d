//! A line list of a million cases: imported, read, verified.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, ensure};
use lianfang_core::access::{Grant, Role};
use lianfang_core::areas::AreaCode;
use lianfang_service::House;
use lianfang_store::system_clock;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::http::{PROGRAM, Server};
use crate::table::{Table, quantile};

/// Requests of each sort.
const REQUESTS: usize = 400;
/// Requests in a second that stay below the limit an account has.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(10);

pub(crate) fn line_list(table: &mut Table, rows: u64) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let (data, file) = (folder.path().join("data"), folder.path().join("list.csv"));
    let status = Command::new(PROGRAM)
        .args([
            "city",
            "linelist",
            "--seed",
            "1",
            "--rows",
            &rows.to_string(),
        ])
        .stdout(Stdio::from(File::create(&file)?))
        .status()?;
    ensure!(status.success(), "the line list was not generated");
    let areas = folder.path().join("areas.csv");
    let status = Command::new(PROGRAM)
        .args(["city", "areas"])
        .stdout(Stdio::from(File::create(&areas)?))
        .status()?;
    ensure!(status.success(), "the areas were not generated");
    import("areas", &areas, &data)?;
    let plain = plain_insert(&file, &folder.path().join("plain.sqlite"))?;
    let took = import("linelist", &file, &data)?;
    table.line(
        &format!("import of a line list, {rows} rows"),
        "60 s",
        &format!("{took:.1} s"),
        &format!(
            "{:.1} x a bare insert of the same cells into SQLite ({plain:.1} s)",
            took / plain
        ),
    );
    questions(table, &data)?;
    let begun = Instant::now();
    let status = Command::new(PROGRAM)
        .args(["audit", "verify", "--format", "json", "--data-dir"])
        .arg(&data)
        .stdout(Stdio::null())
        .status()?;
    ensure!(status.success(), "the audit found something");
    table.line(
        "audit verify over it",
        "-",
        &format!("{:.1} s", begun.elapsed().as_secs_f64()),
        "chains, signatures, seals, views against a rebuild",
    );
    Ok(())
}

fn import(what: &str, file: &Path, data: &Path) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let status = Command::new(PROGRAM)
        .args(["import", what])
        .arg(file)
        .arg("--data-dir")
        .arg(data)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    ensure!(status.success(), "the import failed");
    Ok(begun.elapsed().as_secs_f64())
}

/// The peer: the same cells into one SQLite table, unchecked, in one transaction with full sync.
fn plain_insert(file: &Path, database: &Path) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let mut connection = rusqlite::Connection::open(database)?;
    connection.execute_batch("PRAGMA journal_mode = wal; PRAGMA synchronous = full")?;
    let mut reader = csv::Reader::from_path(file)?;
    let columns = reader.headers()?.len();
    let names: Vec<String> = (0..columns).map(|i| format!("c{i}")).collect();
    let places: Vec<String> = (1..=columns).map(|i| format!("?{i}")).collect();
    connection.execute_batch(&format!("CREATE TABLE rows ({})", names.join(",")))?;
    let transaction = connection.transaction()?;
    {
        let mut insert =
            transaction.prepare(&format!("INSERT INTO rows VALUES ({})", places.join(",")))?;
        let mut record = csv::StringRecord::new();
        while reader.read_record(&mut record)? {
            insert.execute(rusqlite::params_from_iter(record.iter()))?;
        }
    }
    transaction.commit()?;
    Ok(begun.elapsed().as_secs_f64())
}

fn questions(table: &mut Table, data: &Path) -> anyhow::Result<()> {
    let house = House::open(data, system_clock())?;
    let root = house.store().root();
    let grant = Grant {
        role: Role::Epidemiologist,
        area: root,
    };
    house.open_demo_account("bench", "Bench", "bench-password", grant)?;
    let actor = lianfang_service::Actor::house("bench");
    let top = house.brief(
        &actor,
        Some(root),
        None,
        lianfang_service::briefs::CurveBy::Report,
    )?;
    let last = top
        .curve
        .iter()
        .rfind(|day| day.new.is_some_and(|n| n > 0))
        .context("a curve")?
        .date;
    let mut areas: Vec<AreaCode> = vec![root];
    let mut level = vec![root];
    for _ in 0..4 {
        level = level
            .iter()
            .filter_map(|code| house.area(&actor, *code).ok())
            .flat_map(|area| area.children.into_iter().map(|child| child.code))
            .collect();
        areas.extend(level.iter().take(40));
    }
    drop(house);
    let mut server = Server::start(data)?;
    server.sign_in("bench", "bench-password")?;
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let area = |rng: &mut ChaCha8Rng| *areas.choose(rng).unwrap_or(&root);
    let mut briefs = Vec::new();
    let mut lists = Vec::new();
    let sorts = ["-reported", "reported"];
    let filters = [
        "",
        "&classification=confirmed",
        "&classification=suspected",
        "&outcome=died",
        "&origin=imported",
    ];
    for _ in 0..REQUESTS {
        let (a, days) = (area(&mut rng), rng.random_range(0..60_i64));
        let date = last.checked_sub(jiff::Span::new().days(days))?;
        briefs.push(server.ask(&format!("/api/brief?area={a}&date={date}"))?);
        std::thread::sleep(PAUSE);
        let a = area(&mut rng);
        let sort = sorts.choose(&mut rng).unwrap_or(&"");
        let filter = filters.choose(&mut rng).unwrap_or(&"");
        lists.push(server.ask(&format!("/api/cases?area={a}&sort={sort}{filter}"))?);
        std::thread::sleep(PAUSE);
    }
    for (claim, mut times) in [
        ("morning page over it, p99", briefs),
        ("line list page over it, p99", lists),
    ] {
        times.sort_by(f64::total_cmp);
        table.line(
            claim,
            "50 ms",
            &format!("{:.1} ms", quantile(&times, 0.99)),
            &format!(
                "p50 {:.1} ms, over HTTP, random areas, days and filters",
                quantile(&times, 0.5)
            ),
        );
    }
    table.line(
        "memory of the server after that",
        "-",
        &format!("{:.0} MB", server.memory()?),
        "resident",
    );
    std::io::stdout().flush()?;
    Ok(())
}
