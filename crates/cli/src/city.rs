//! `lianfang city` and `lianfang simulate`: synthetic data for trying out and for load tests, synthetic populations, and
//! epidemics in them under a pack.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use lianfang_city::areas::{self, Description};
use lianfang_city::epidemic::Simulation;
use lianfang_city::linelist::{BigList, big_linelist};
use lianfang_city::population::{CityDescription, Population};
use lianfang_city::scenario::Scenario;
use lianfang_core::areas::Area;
use lianfang_core::words::Word;

use crate::policy::whole_pack;

/// The built city in its folder.
const CITY_FILE: &str = "city.bin";
/// What it was built from, for people to read.
const DESCRIPTION_FILE: &str = "description.toml";
/// Most seeds of one call.
const MOST_SEEDS: u64 = 100_000;

#[derive(Subcommand)]
pub(crate) enum City {
    /// Build a synthetic population from a description and a seed.
    Build(Build),
    /// Fit a built city to an area's totals: the posterior beside the data.
    Fit(crate::fit::FitArgs),
    /// Write the demo city's areas as CSV to stdout.
    Areas,
    /// Write a line list of the demo city as CSV to stdout.
    Linelist {
        /// From which everything follows.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Cases.
        #[arg(long)]
        rows: u32,
        /// The day of the first report.
        #[arg(long, value_name = "DATE", default_value = "2020-01-01")]
        from: Date,
        /// Days of reports.
        #[arg(long, default_value_t = 120)]
        days: u16,
    },
}

#[derive(Args)]
pub(crate) struct Build {
    /// The description: totals and margins with their sources (see the folder `cities`).
    #[arg(long, value_name = "FILE")]
    description: PathBuf,
    /// From which everything follows.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The folder to build in; a city that is there is replaced.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

#[derive(Args)]
pub(crate) struct Simulate {
    /// A folder that `lianfang city build` wrote.
    #[arg(long, value_name = "DIR")]
    city: PathBuf,
    /// The pack: a file, or the id of a pack that comes with the program.
    #[arg(long, value_name = "FILE")]
    pack: String,
    /// Days to run.
    #[arg(long, allow_negative_numbers = true)]
    days: i64,
    /// Seeds, such as 7 or 1..20; both ends are run.
    #[arg(long, default_value = "1..1", value_parser = seeds)]
    seeds: Seeds,
    /// What the simulation supposes: imports, behaviour, capacities. Left out, the defaults of the operator's guide.
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// Nothing is done: the pack gives the disease only.
    #[arg(long)]
    unmitigated: bool,
    /// Threads of one run; as many as the machine has, unless given. The result is the same.
    #[arg(long)]
    threads: Option<usize>,
    /// How the series is written.
    #[arg(long, default_value = "csv")]
    format: SeriesFormat,
    /// Also write to FILE how often each rule decided: seed,table,rule,times.
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
}

/// How a series is written.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SeriesFormat {
    Csv,
}

/// Seeds from the first to the last.
#[derive(Clone, Copy)]
pub(crate) struct Seeds {
    pub(crate) first: u64,
    pub(crate) last: u64,
}

pub(crate) fn seeds(text: &str) -> Result<Seeds, String> {
    let wrong = || "seeds are a number, or two such as 1..20".to_owned();
    let number = |text: &str| text.trim().parse::<u64>().map_err(|_| wrong());
    let (first, last) = match text.split_once("..") {
        None => (number(text)?, number(text)?),
        Some((first, last)) => (number(first)?, number(last.trim_start_matches('='))?),
    };
    if first > last || last - first >= MOST_SEEDS {
        return Err(format!(
            "the first seed is not after the last, and there are at most {MOST_SEEDS}"
        ));
    }
    Ok(Seeds { first, last })
}

pub(crate) fn city(command: &City) -> anyhow::Result<()> {
    match command {
        City::Build(args) => return build(args),
        City::Fit(args) => return crate::fit::fit(args),
        City::Areas | City::Linelist { .. } => {}
    }
    let city = areas::city(&Description::default())?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    match command {
        City::Build(_) | City::Fit(_) => {}
        City::Areas => write_areas(&mut out, city.areas())?,
        City::Linelist {
            seed,
            rows,
            from,
            days,
        } => {
            let list = BigList {
                seed: *seed,
                cases: *rows,
                first_day: *from,
                days: *days,
            };
            big_linelist(&city, &list, &mut out)?;
        }
    }
    out.flush()?;
    Ok(())
}

pub(crate) fn text_of(file: &Path) -> anyhow::Result<String> {
    let bytes = std::fs::read(file).with_context(|| file.display().to_string())?;
    String::from_utf8(bytes).with_context(|| format!("{}: this is no UTF-8 text", file.display()))
}

fn build(args: &Build) -> anyhow::Result<()> {
    let text = text_of(&args.description)?;
    let description =
        CityDescription::read(&text).with_context(|| args.description.display().to_string())?;
    let city = Population::build(&description, args.seed)?;
    std::fs::create_dir_all(&args.out).with_context(|| args.out.display().to_string())?;
    let file = args.out.join(CITY_FILE);
    let unfinished = file.with_extension("part");
    let mut out = BufWriter::new(std::fs::File::create(&unfinished)?);
    city.write(&mut out)?;
    out.flush()?;
    std::fs::rename(&unfinished, &file)?;
    std::fs::write(args.out.join(DESCRIPTION_FILE), text)?;
    let census = city.census();
    eprintln!(
        "{}: {} people in {} households and rooms, {} posts in {} workplaces and schools, {} at school or in care homes",
        file.display(),
        city.people(),
        census.households.iter().sum::<u32>(),
        city.posts(),
        census.places.iter().sum::<u32>(),
        census.pupils_and_residents,
    );
    Ok(())
}

pub(crate) fn simulate(args: &Simulate) -> anyhow::Result<()> {
    let days = whole_days(args.days)?;
    let city = built(&args.city)?;
    let pack = whole_pack(&args.pack)?;
    let mut scenario = scenario(args.scenario.as_deref())?;
    if args.unmitigated {
        scenario.response = None;
    }
    let threads = threads(args.threads);
    let simulation = Simulation::new(&city, &pack, &scenario)?;
    let SeriesFormat::Csv = args.format;
    let mut series = csv::Writer::from_writer(BufWriter::new(std::io::stdout().lock()));
    let mut rules = match &args.rules {
        None => None,
        Some(file) => {
            let mut writer = csv::Writer::from_path(file)?;
            writer.write_record(["seed", "table", "rule", "times"])?;
            Some(writer)
        }
    };
    for seed in args.seeds.first..=args.seeds.last {
        let run = simulation.run(days, seed, threads)?;
        if seed == args.seeds.first {
            series.write_record(run.columns())?;
        }
        for day in 0..run.days.len() {
            series.write_record(run.row(day).iter().map(u64::to_string))?;
        }
        if let Some(rules) = &mut rules {
            for fired in &run.fired.0 {
                rules.write_record([
                    &seed.to_string(),
                    fired.table.word(),
                    &fired.rule,
                    &fired.times.to_string(),
                ])?;
            }
        }
    }
    series.flush()?;
    if let Some(mut rules) = rules {
        rules.flush()?;
    }
    Ok(())
}

/// Days to run, as somebody typed them.
pub(crate) fn whole_days(days: i64) -> anyhow::Result<u32> {
    match u32::try_from(days) {
        Ok(days) if days > 0 => Ok(days),
        _ => bail!("--days is a whole number above 0"),
    }
}

/// The city built in a folder.
pub(crate) fn built(folder: &Path) -> anyhow::Result<Population> {
    let file = folder.join(CITY_FILE);
    let bytes = std::fs::read(&file).with_context(|| {
        format!(
            "{}: build a city there first (lianfang city build)",
            file.display()
        )
    })?;
    Population::read(&bytes).with_context(|| file.display().to_string())
}

/// What is supposed: a file's, or the defaults.
pub(crate) fn scenario(file: Option<&Path>) -> anyhow::Result<Scenario> {
    match file {
        None => Ok(Scenario::default()),
        Some(file) => Scenario::read(&text_of(file)?).with_context(|| file.display().to_string()),
    }
}

/// As many threads as asked for, or as the machine has.
pub(crate) fn threads(asked: Option<usize>) -> usize {
    asked.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get))
}

/// The area list that `lianfang import areas` takes.
pub(crate) fn write_areas(out: impl Write, areas: &[Area]) -> anyhow::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(["code", "name", "name_en", "population"])?;
    for area in areas {
        let (code, people) = (
            area.code.to_string(),
            area.population.map(|n| n.to_string()),
        );
        writer.write_record([
            code.as_str(),
            &area.name,
            area.name_en.as_deref().unwrap_or(""),
            people.as_deref().unwrap_or(""),
        ])?;
    }
    writer.flush()?;
    Ok(())
}
