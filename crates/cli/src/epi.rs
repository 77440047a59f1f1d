//! `lianfang epi`: epidemiology on files, without a store.

mod chains;

use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Subcommand, ValueEnum};
use jiff::Zoned;
use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_epi::incidence::Total;
use lianfang_epi::offspring::{fit_offspring, offspring_counts};
use lianfang_epi::rt::{estimate_r, sliding_windows};
use lianfang_epi::serial_interval::{SerialInterval, discr_si};
use lianfang_epi::turning_point::turning_point;
use lianfang_intake::{Entry, Options, Source, Totals};
use lianfang_policy::Pack;

/// The pack whose serial interval and rule judge a turning point.
const PACK: &str = "covid19-cn-2020";

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Csv {
    Csv,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Json {
    Json,
}

#[derive(Subcommand)]
pub(crate) enum Epi {
    /// Reproduction number by Cori's method over sliding windows.
    Rt {
        /// One column of daily cases, with a header.
        #[arg(long, value_name = "FILE")]
        incidence: PathBuf,
        /// One column of the serial interval's distribution, from day 0, with a header.
        #[arg(long, value_name = "FILE")]
        si: PathBuf,
        /// Days in a window.
        #[arg(long, default_value_t = 7)]
        window: usize,
        /// Mean of the gamma prior.
        #[arg(long, default_value_t = 5.0)]
        prior_mean: f64,
        /// Standard deviation of the gamma prior.
        #[arg(long, default_value_t = 5.0)]
        prior_sd: f64,
        #[arg(long, default_value = "csv")]
        format: Csv,
    },
    /// Discretised serial interval (shifted gamma).
    DiscrSi {
        /// Mean, in days.
        #[arg(long)]
        mean: f64,
        /// Standard deviation, in days.
        #[arg(long)]
        sd: f64,
        /// Last day.
        #[arg(long, default_value_t = 40)]
        max: usize,
        #[arg(long, default_value = "csv")]
        format: Csv,
    },
    /// Turning point of an area, in hindsight and as it would have been declared.
    TurningPoint {
        /// Cumulative totals: date,province,city,code,confirmed,…
        #[arg(long, value_name = "FILE")]
        totals: PathBuf,
        /// The area's code.
        #[arg(long)]
        code: AreaCode,
        /// Nothing after this day is used.
        #[arg(long, value_name = "DATE")]
        as_of: Option<Date>,
        #[arg(long, default_value = "json")]
        format: Json,
    },
    /// Offspring distribution (negative binomial R and k) from transmission pairs.
    Offspring {
        /// Columns infector,infectee.
        #[arg(long, value_name = "FILE")]
        pairs: PathBuf,
        /// Cases that stand in no pair and infected nobody.
        #[arg(long, default_value_t = 0)]
        unlinked: u32,
        #[arg(long, default_value = "json")]
        format: Json,
    },
    /// Chains of transmission: trees, generations, serial interval, offspring, superspreaders, clusters.
    Chains(chains::ChainsArgs),
}

fn reader(path: &Path) -> anyhow::Result<csv::Reader<BufReader<std::fs::File>>> {
    let file = std::fs::File::open(path).with_context(|| path.display().to_string())?;
    Ok(csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(BufReader::new(file)))
}

/// The numbers of a file's only column.
fn column(path: &Path) -> anyhow::Result<Vec<f64>> {
    let mut reader = reader(path)?;
    let columns = reader.headers()?.len();
    if columns != 1 {
        bail!(
            "{}: takes one column with a header; this has {columns}",
            path.display()
        );
    }
    let mut numbers = Vec::new();
    for (place, record) in reader.records().enumerate() {
        let record = record.with_context(|| path.display().to_string())?;
        let number: f64 = record[0]
            .parse()
            .with_context(|| format!("{}, row {}: takes a number", path.display(), place + 2))?;
        if !number.is_finite() || number < 0.0 {
            bail!(
                "{}, row {}: takes a number from 0 up",
                path.display(),
                place + 2
            );
        }
        numbers.push(number);
    }
    Ok(numbers)
}

pub(crate) fn epi(command: &Epi) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match command {
        Epi::Rt {
            incidence,
            si,
            window,
            prior_mean,
            prior_sd,
            format: Csv::Csv,
        } => {
            let (incidence, si) = (column(incidence)?, SerialInterval::new(column(si)?)?);
            let windows = sliding_windows(incidence.len(), *window);
            if windows.is_empty() {
                bail!(
                    "{} days are too few for a window of {window}",
                    incidence.len()
                );
            }
            writeln!(out, "t_start,t_end,mean,sd,q025,median,q975")?;
            for e in estimate_r(&incidence, &si, &windows, *prior_mean, *prior_sd)? {
                writeln!(
                    out,
                    "{},{},{},{},{},{},{}",
                    e.t_start, e.t_end, e.mean, e.sd, e.q025, e.median, e.q975
                )?;
            }
        }
        Epi::DiscrSi {
            mean,
            sd,
            max,
            format: Csv::Csv,
        } => {
            writeln!(out, "k,w")?;
            for (k, w) in discr_si(*max, *mean, *sd)?.iter().enumerate() {
                writeln!(out, "{k},{w}")?;
            }
        }
        Epi::TurningPoint {
            totals,
            code,
            as_of,
            format: Json::Json,
        } => {
            let rows = totals_of(totals, *code, *as_of)?;
            let pack = Pack::shipped(PACK)?;
            let found = turning_point(&rows, true, &pack.serial_interval, &pack.turning_point)?;
            let mut json = serde_json::to_value(&found)?;
            json["code"] = serde_json::to_value(code)?;
            json["pack"] = serde_json::json!({ "id": pack.id, "version": pack.version });
            writeln!(out, "{}", serde_json::to_string_pretty(&json)?)?;
        }
        Epi::Offspring {
            pairs,
            unlinked,
            format: Json::Json,
        } => {
            let pairs = pairs_of(pairs)?;
            let fit = fit_offspring(&offspring_counts(&pairs, *unlinked as usize)?)?;
            let json = serde_json::json!({
                "R": fit.r, "R_low": fit.r_low, "R_high": fit.r_high,
                "k": fit.k, "k_low": fit.k_low, "k_high": fit.k_high,
                "n": fit.n, "level": 0.95,
                "log_likelihood": fit.log_likelihood, "log_likelihood_poisson": fit.log_likelihood_poisson,
            });
            writeln!(out, "{}", serde_json::to_string_pretty(&json)?)?;
        }
        Epi::Chains(args) => writeln!(out, "{}", chains::chains(args)?)?,
    }
    Ok(())
}

fn totals_of(path: &Path, code: AreaCode, as_of: Option<Date>) -> anyhow::Result<Vec<Total>> {
    let today = Zoned::now().date();
    let mut rows = Vec::new();
    let mut refused = 0_u64;
    for entry in Totals::open(Source::path(path)?, Options::new(today))? {
        match entry? {
            Entry::Taken(taken)
                if taken.row.area == code && as_of.is_none_or(|day| taken.row.date <= day) =>
            {
                rows.push(Total {
                    date: taken.row.date,
                    total: taken.row.confirmed,
                });
            }
            Entry::Taken(_) => {}
            Entry::Refused(row) => {
                refused += 1;
                if let Some(finding) = row.findings.first() {
                    eprintln!(
                        "row {} refused: {}: {}",
                        row.row, finding.field, finding.message.en
                    );
                }
            }
        }
    }
    if refused > 0 {
        eprintln!("{refused} rows refused");
    }
    if rows.is_empty() {
        bail!(
            "{}: no totals of area {code} up to that day",
            path.display()
        );
    }
    Ok(rows)
}

fn pairs_of(path: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let mut reader = reader(path)?;
    let headers = reader.headers()?.clone();
    let place = |name: &str| {
        headers
            .iter()
            .position(|header| header == name)
            .with_context(|| format!("{}: needs the columns infector,infectee", path.display()))
    };
    let (infector, infectee) = (place("infector")?, place("infectee")?);
    let mut pairs = Vec::new();
    for (row, record) in reader.records().enumerate() {
        let record = record.with_context(|| path.display().to_string())?;
        let (from, to) = (record[infector].to_owned(), record[infectee].to_owned());
        if from.is_empty() || to.is_empty() {
            bail!(
                "{}, row {}: infector and infectee must both be named",
                path.display(),
                row + 2
            );
        }
        pairs.push((from, to));
    }
    Ok(pairs)
}
