//! The simulated city: how fast it is built and run, and how near to theory.

use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::Context;
use lianfang_city::epidemic::{Run, Simulation};
use lianfang_city::population::{CityDescription, Population};
use lianfang_city::scenario::{Imports, ResponseSettings, Scenario};
use lianfang_policy::Pack;

use crate::table::Table;

const PACK: &str = "covid19-cn-2020";
/// The city that is enlarged.
const DESCRIPTION: &str = "cities/shengzhou.toml";
/// Areas that the enlarged city has.
const AREAS: u32 = 10;
const CORES: usize = 2;
const SEED: u64 = 1;
/// Runs of which the middle one counts, where a run is short.
const RUNS: usize = 5;
/// Clock ticks of a second, as Linux counts processor time for programs.
const TICKS: f64 = 100.0;

/// A city of so many people in the shape of a described one, with people who commute between its areas.
fn enlarged(people: u32) -> anyhow::Result<CityDescription> {
    let text = std::fs::read_to_string(DESCRIPTION).context(DESCRIPTION)?;
    let mut city = CityDescription::read(&text)?;
    let share = f64::from(people) / f64::from(city.people.total);
    let mut area = city.areas.list.first().context("an area")?.clone();
    area.people = people / AREAS;
    city.code = "330600".into();
    city.people.total = area.people * AREAS;
    city.areas.list = (0..AREAS)
        .map(|number| {
            let mut area = area.clone();
            area.code = format!("3306{:02}", number + 2);
            area
        })
        .collect();
    city.collective.people = (f64::from(city.collective.people) * share) as u32;
    city.care_homes.residents = (f64::from(city.care_homes.residents) * share) as u32;
    city.commuting.percent = 15.0;
    Ok(city)
}

fn scenario(city: &Population, response: Option<ResponseSettings>) -> Scenario {
    Scenario {
        imports: Imports {
            initial: (city.people() / 10_000).max(1),
            ..Imports::default()
        },
        response,
        ..Scenario::default()
    }
}

/// What some runs took.
struct Timed {
    /// Seconds of the middle one. Fitting the rates to the city is part of each.
    seconds: f64,
    /// Seconds of processor of one, all cores together; less than the time on a clock where others use the machine.
    processor: f64,
    last: Run,
}

fn timed(
    city: &Population,
    pack: &Pack,
    scenario: &Scenario,
    days: u32,
    runs: usize,
) -> anyhow::Result<Timed> {
    let mut times = Vec::with_capacity(runs);
    let mut last = None;
    let before = processor_seconds();
    for _ in 0..runs {
        let begun = Instant::now();
        last = Some(Simulation::new(city, pack, scenario)?.run(days, SEED, CORES)?);
        times.push(begun.elapsed().as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    Ok(Timed {
        seconds: times[runs / 2],
        processor: (processor_seconds() - before) / runs as f64,
        last: last.context("a run")?,
    })
}

/// Seconds of processor that this process has used; 0 where the machine does not tell.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<f64> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse().ok())
        .collect();
    fields.iter().sum::<f64>() / TICKS
}

fn infected(run: &Run) -> u64 {
    run.days.iter().map(|day| day.infections).sum()
}

/// The greatest resident memory since the mark was last cleared, in MB; none where the machine does not tell.
fn peak_memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1_024.0)
}

fn clear_peak_memory() -> bool {
    std::fs::write("/proc/self/clear_refs", "5").is_ok()
}

/// Peers that this machine has.
fn peers() -> String {
    let there = |module: &str| {
        Command::new("python3")
            .args(["-c", &format!("import {module}")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    };
    let absent: Vec<&str> = [("LASER", "laser_core"), ("Covasim", "covasim")]
        .into_iter()
        .filter(|(_, module)| !there(module))
        .map(|(name, _)| name)
        .collect();
    if absent.is_empty() {
        "peers are installed and not run here".into()
    } else {
        format!("{} absent", absent.join(", "))
    }
}

fn of_size(
    table: &mut Table,
    pack: &Pack,
    (people, words): (u32, &str),
    days: u32,
    (build_bar, run_bar): (&str, f64),
    runs: usize,
) -> anyhow::Result<()> {
    let description = enlarged(people)?;
    let cleared = clear_peak_memory();
    let before = peak_memory();
    let begun = Instant::now();
    let city = Population::build(&description, SEED)?;
    let built = begun.elapsed().as_secs_f64();
    table.line(
        &format!("city of {words} built"),
        build_bar,
        &format!("{built:.2} s"),
        "households, schools, workplaces, care homes",
    );
    let free = scenario(&city, None);
    let took = timed(&city, pack, &free, days, runs)?;
    let memory = match peak_memory().filter(|_| cleared) {
        Some(peak) => format!("{:.0} MB more at most", peak - before.unwrap_or_default()),
        None => "memory not measured".into(),
    };
    table.line(
        &format!("{words}, {days} days, nothing done, two cores"),
        &format!("{run_bar} s"),
        &format!("{:.2} s", took.seconds),
        &format!(
            "{:.2} s of processor; {:.0} % infected, {memory}; {}",
            took.processor,
            100.0 * infected(&took.last) as f64 / f64::from(people),
            peers()
        ),
    );
    let held = scenario(&city, Some(ResponseSettings::default()));
    let took = timed(&city, pack, &held, days, runs)?;
    table.line(
        &format!("{words}, {days} days, under the full pack, two cores"),
        &format!("{} s", 4.0 * run_bar),
        &format!("{:.2} s", took.seconds),
        &format!(
            "{:.2} s of processor; {} infected, {} decisions by the pack",
            took.processor,
            infected(&took.last),
            took.last
                .fired
                .0
                .iter()
                .map(|fired| fired.times)
                .sum::<u64>()
        ),
    );
    Ok(())
}

fn final_size(table: &mut Table, pack: &Pack) -> anyhow::Result<()> {
    let people = 1_000_000;
    let city = Population::build(&CityDescription::well_mixed(people), SEED)?;
    let scenario = scenario(&city, None);
    let run = Simulation::new(&city, pack, &scenario)?.run(365, SEED, CORES)?;
    let unmitigated = pack.natural_history.unmitigated.as_ref();
    let r0 = unmitigated.context("a reproduction number")?.mean;
    let first: u64 = run.days[0].imported;
    let s0 = 1.0 - first as f64 / f64::from(people);
    let mut left = 0.5;
    for _ in 0..200 {
        left = s0 * f64::exp(-r0 * (1.0 - left));
    }
    let found = infected(&run) as f64 / f64::from(people);
    table.line(
        "final size in a well-mixed city, against the equation",
        "1 %",
        &format!("{:.2} %", 100.0 * (found / (1.0 - left) - 1.0).abs()),
        &format!("{:.2} % infected, R0 {r0}", 100.0 * found),
    );
    Ok(())
}

pub(crate) fn simulated(table: &mut Table) -> anyhow::Result<()> {
    let pack = Pack::shipped(PACK)?;
    final_size(table, &pack)?;
    of_size(
        table,
        &pack,
        (1_000_000, "one million"),
        120,
        ("3 s", 0.25),
        RUNS,
    )?;
    of_size(
        table,
        &pack,
        (10_000_000, "ten million"),
        180,
        ("none set", 4.0),
        1,
    )
}
