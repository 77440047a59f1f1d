//! Passes shown at places: how many scans a second are answered and written down, one by one and in batches, what happens when
//! too many come; and how long it takes to assess everybody anew under another pack.

mod holders;
mod phones;

use std::collections::HashSet;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use jiff::Timestamp;
use lianfang_core::access::{Grant, Role};
use lianfang_service::policy::NewPolicy;
use lianfang_service::{Actor, FIRST_PACK, House};
use lianfang_store::system_clock;
use lianfang_visits::{Minute, Snapshot, Span};

use crate::field::town;
use crate::http::Server;
use crate::postgres::{Cluster, programs};
use crate::table::{Table, quantile};
use holders::{City, register};
use phones::{Asking, Came, Turn, ask};

/// People with a pass at hand.
const HOLDERS: u32 = 20_000;
/// Places that scan. Every pair of holder and place comes once, so that each scan can be found in the log.
const PLACES: u32 = 1_000;
/// Gates that ask one scan after another.
const GATES: usize = 256;
/// How long they do, in seconds.
const SECONDS: f64 = 15.0;
/// Scans of a batch.
const BATCH: usize = 5_000;
/// Batches sent.
const BATCHES: usize = 400;
/// Gates that ask more than the house can answer.
const CROWD: usize = 8_000;
/// How long they do, in seconds, unless `LIANFANG_BENCH_OVERLOAD` says otherwise.
const OVERLOAD: f64 = 60.0;
/// How many times as much.
const TIMES: f64 = 3.0;
/// Answers in a row, each in time, after which a gate says that all is well again.
const WELL: usize = 50;
/// What counts as in time, in milliseconds.
const IN_TIME: f64 = 50.0;
/// Clients of PostgreSQL.
const CLIENTS: u32 = 32;
/// Passes assessed anew, unless `LIANFANG_BENCH_PASSES` says otherwise.
const PASSES: u64 = 1_000_000;
/// Of these, so many are built by facts; the others are their rows again, under ids of their own.
const BUILT: u32 = 20_000;

fn number(name: &str, otherwise: f64) -> anyhow::Result<f64> {
    match std::env::var(name) {
        Ok(text) => text.parse().with_context(|| name.to_owned()),
        Err(_) => Ok(otherwise),
    }
}

/// Scans over HTTP, in batches, and too many; then each that was accepted is looked for in the log.
pub(crate) fn at_gates(table: &mut Table) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let data = town(folder.path())?;
    let city = Arc::new(City::build(&data, HOLDERS, PLACES)?);
    let server = Server::start(&data)?;
    let turn = Rc::new(Turn::default());
    let mut accepted = Vec::new();
    // The first scans find nothing at hand.
    let warm = Asking {
        gates: 64,
        seconds: 3.0,
        rate: None,
    };
    accepted.extend(ask(server.socket()?, &city, &turn, warm)?.accepted);
    let steady = Asking {
        gates: GATES,
        seconds: SECONDS,
        rate: None,
    };
    let came = ask(server.socket()?, &city, &turn, steady)?;
    let capacity = told_steady(table, &came)?;
    accepted.extend(came.accepted);
    accepted.extend(batches(table, &server, &city, &turn)?);
    accepted.extend(overload(table, &server, &city, &turn, capacity)?);
    // Not asked to end: what was answered must be there all the same.
    drop(server);
    let missing = missing(&data, &city, &accepted)?;
    table.line(
        "Accepted scans not in the log after a SIGKILL",
        "0",
        &missing.to_string(),
        &format!("of {} accepted in all, each looked for", accepted.len()),
    );
    rows(table, folder.path(), capacity)
}

fn told_steady(table: &mut Table, came: &Came) -> anyhow::Result<f64> {
    ensure!(came.broken == 0, "{} lines broke", came.broken);
    let rate = came.accepted.len() as f64 / came.seconds;
    table.line(
        "Scans one by one over HTTP, durable before answered",
        "25,000/s",
        &format!("{rate:.0}/s"),
        &format!(
            "{GATES} gates on this machine too; {} wrong, {} refused",
            came.wrong, came.refused
        ),
    );
    table.line(
        "A scan, from the gate and back",
        "p99 50 ms",
        &format!("{:.1} ms", quantile(&came.took, 0.99)),
        &format!("median {:.1} ms", quantile(&came.took, 0.5)),
    );
    Ok(rate)
}

/// Batches as gates send them that had no line, from two of them at once.
fn batches(
    table: &mut Table,
    server: &Server,
    city: &City,
    turn: &Turn,
) -> anyhow::Result<Vec<(u32, u32)>> {
    let mut sent = Vec::new();
    let mut bodies = Vec::new();
    for _ in 0..BATCHES {
        let pairs: Vec<(u32, u32)> = (0..BATCH).map(|_| turn.next(city)).collect();
        let scans: Vec<String> = pairs
            .iter()
            .map(|(holder, place)| {
                let code = &city.holders[*holder as usize].code;
                let place = &city.places[*place as usize].code;
                format!("{{\"code\":\"{code}\",\"place\":\"{place}\"}}")
            })
            .collect();
        bodies.push(format!("{{\"scans\":[{}]}}", scans.join(",")));
        sent.extend(pairs);
    }
    let (first, second) = bodies.split_at(BATCHES / 2);
    let begun = Instant::now();
    let taken = std::thread::scope(|scope| -> anyhow::Result<u64> {
        let send = |bodies: &[String]| -> anyhow::Result<u64> {
            let mut taken = 0;
            for body in bodies {
                let answer = server.send_as(&city.token, "/api/scans/batch", body)?;
                taken += answer["taken"].as_u64().context("how many were taken")?;
            }
            Ok(taken)
        };
        let other = scope.spawn(move || send(second));
        let taken = send(first)?;
        Ok(taken + other.join().ok().context("a thread failed")??)
    })?;
    let seconds = begun.elapsed().as_secs_f64();
    ensure!(
        taken == sent.len() as u64,
        "{taken} of {} were taken",
        sent.len()
    );
    table.line(
        "Scans in batches over HTTP, durable before answered",
        "200,000/s",
        &format!("{:.0}/s", taken as f64 / seconds),
        &format!("{BATCHES} batches of {BATCH}, two at once"),
    );
    Ok(sent)
}

/// Several times as many scans as are answered at best; then how long until all is well.
fn overload(
    table: &mut Table,
    server: &Server,
    city: &Arc<City>,
    turn: &Rc<Turn>,
    capacity: f64,
) -> anyhow::Result<Vec<(u32, u32)>> {
    let seconds = number("LIANFANG_BENCH_OVERLOAD", OVERLOAD)?;
    let rate = capacity * TIMES;
    let asking = Asking {
        gates: CROWD,
        seconds,
        rate: Some(rate / CROWD as f64),
    };
    let came = ask(server.socket()?, city, turn, asking)?;
    let ended = Instant::now();
    let mut accepted = came.accepted;
    let mut well = 0;
    while well < WELL {
        let one = Asking {
            gates: 1,
            seconds: 0.02,
            rate: None,
        };
        let some = ask(server.socket()?, city, turn, one)?;
        let fine =
            some.refused == 0 && some.broken == 0 && some.took.iter().all(|took| *took <= IN_TIME);
        well = if fine { well + some.took.len() } else { 0 };
        accepted.extend(some.accepted);
        ensure!(
            ended.elapsed() < Duration::from_secs(60),
            "it does not recover"
        );
    }
    let of = |count: usize| count as f64 / seconds;
    let slow = |took: &[f64]| {
        if took.is_empty() {
            0.0
        } else {
            quantile(took, 0.99)
        }
    };
    table.line(
        &format!("Overload, {TIMES} times that for {seconds:.0} s: wrong answers"),
        "0",
        &came.wrong.to_string(),
        &format!(
            "{rate:.0}/s begun by {CROWD} gates: {:.0}/s accepted (p99 {:.0} ms), {:.0}/s refused at once (p99 {:.0} ms), \
             {:.0}/s not asked, the gate still waiting; {} lines broke",
            of(accepted.len()),
            slow(&came.took),
            of(came.refused as usize),
            slow(&came.refused_took),
            of(came.unasked as usize),
            came.broken,
        ),
    );
    table.line(
        "Recovery after it",
        "5 s",
        &format!("{:.2} s", ended.elapsed().as_secs_f64()),
        &format!("until {WELL} answers in a row took less than {IN_TIME} ms each"),
    );
    Ok(accepted)
}

/// How many of the accepted scans are not in the log.
fn missing(data: &Path, city: &City, accepted: &[(u32, u32)]) -> anyhow::Result<usize> {
    let log = Snapshot::open(&data.join("visits"))?;
    let all = Span {
        from: Minute(0),
        until: Minute::LAST,
    };
    let mut there = HashSet::new();
    for (holder, one) in city.holders.iter().enumerate() {
        for visit in log.visits_of(one.person, all)? {
            there.insert((holder, visit.place));
        }
    }
    let unfound = accepted.iter().filter(|(holder, place)| {
        !there.contains(&(*holder as usize, city.places[*place as usize].id))
    });
    Ok(unfound.count())
}

/// One row per scan in PostgreSQL, each its own transaction, without HTTP and without looking anything up.
fn rows(table: &mut Table, home: &Path, ours: f64) -> anyhow::Result<()> {
    let claim = "Scans in PostgreSQL: one row, one commit, no HTTP";
    let Some(cluster) = programs().and_then(|programs| Cluster::start(programs, home, true).ok())
    else {
        table.line(claim, "-", "not measured", "absent on this machine");
        return Ok(());
    };
    cluster.run("CREATE TABLE scans (person bigint, place bigint, since timestamptz);")?;
    let script = home.join("scan.sql");
    std::fs::write(
        &script,
        "\\set person random(1, 20000)\n\\set place random(1, 1000)\n\
         INSERT INTO scans VALUES (:person, :place, now());\n",
    )?;
    std::fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
    let rate = cluster.transactions(&script, CLIENTS, 10)?;
    table.line(
        claim,
        "-",
        &format!("{rate:.0}/s"),
        &format!(
            "{CLIENTS} clients of pgbench; ours over HTTP {:.1} times that",
            ours / rate
        ),
    );
    Ok(())
}

/// Everybody assessed anew under a pack that makes whoever has symptoms red.
pub(crate) fn reassessed(table: &mut Table) -> anyhow::Result<()> {
    let passes = number("LIANFANG_BENCH_PASSES", PASSES as f64)? as u64;
    let folder = tempfile::tempdir()?;
    let data = town(folder.path())?;
    let house = House::open(&data, system_clock())?;
    register(&house, &Actor::house("bench"), BUILT, false)?;
    drop(house);
    let all = multiplied(&data, passes)?;
    let house = House::open(&data, system_clock())?;
    stricter(&house)?;
    let begun = Instant::now();
    let report = house.reassess_all()?;
    let seconds = begun.elapsed().as_secs_f64();
    ensure!(
        report.holders == all,
        "{} of {all} were assessed",
        report.holders
    );
    ensure!(report.recorded > 0, "the pack changed nothing");
    table.line(
        "Passes assessed anew under another pack",
        "10 M in 60 s",
        &format!("{seconds:.2} s"),
        &format!(
            "{:.1} million, {} of them another answer, recorded; {:.0} s for ten million at this rate",
            all as f64 / 1e6,
            report.recorded,
            seconds * 1e7 / all as f64
        ),
    );
    Ok(())
}

/// Writes the rows of the view again and again, each under an id of its own.
fn multiplied(data: &Path, passes: u64) -> anyhow::Result<u64> {
    let connection = rusqlite::Connection::open(data.join("lianfang.sqlite"))?;
    connection.execute_batch("PRAGMA synchronous = off; PRAGMA cache_size = -1048576;")?;
    let columns = "area, record, fact, colour, rule, since, until, pack, assessed_on, assessed_at";
    let (built, last): (i64, i64) =
        connection.query_row("SELECT count(*), max(id) FROM view_passes", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    let mut there = built as u64;
    while there < passes {
        let more = (passes - there).min(built as u64);
        connection.execute(
            &format!(
                "INSERT INTO view_passes (holder, {columns}) SELECT randomblob(16), {columns} FROM view_passes \
                 WHERE id <= ?1 ORDER BY id LIMIT ?2"
            ),
            [last, more as i64],
        )?;
        there += more;
    }
    connection.execute_batch("PRAGMA wal_checkpoint(truncate);")?;
    Ok(there)
}

/// Puts the pack with a stricter rule into force.
fn stricter(house: &House) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(format!("policies/{FIRST_PACK}.toml"))?;
    let before = house.policy()?.pack.version.clone();
    let text = text
        .replace(
            &format!("version = \"{before}\""),
            &format!("version = \"{before}.bench\""),
        )
        .replace(
            "\"yellow_symptoms\"\npriority = 50",
            "\"yellow_symptoms\"\npriority = 60",
        )
        .replace(
            "'breathless' in symptoms\"\noutcome = \"yellow\"",
            "'breathless' in symptoms\"\noutcome = \"red\"",
        );
    let account = |login: &str, role| -> anyhow::Result<Actor> {
        let grant = Grant {
            role,
            area: house.store().root(),
        };
        let id = house.open_demo_account(login, login, "a bench of its own 7", grant)?;
        Ok(Actor::of(id, vec![grant], "bench"))
    };
    let id = house.propose_policy(
        &account("proposer", Role::Epidemiologist)?,
        &NewPolicy {
            id: None,
            text,
            from: None,
            note: "who has symptoms is red".into(),
        },
    )?;
    house.approve_policy(&account("approver", Role::Commander)?, id)?;
    // From its approval on.
    while house.policy()?.pack.version == before {
        ensure!(Timestamp::now().as_second() > 0, "no clock");
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}
