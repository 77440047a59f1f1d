//! `lianfang forecast`: new cases of the days ahead, out of a file of totals, without a store.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum, value_parser};
use jiff::Zoned;
use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_epi::forecast::{Forecast, Forecaster, LONGEST_HORIZON};
use lianfang_epi::incidence::Total;
use lianfang_intake::{Entry, Options, Source, Totals};
use lianfang_policy::Pack;
use serde_json::json;

use crate::out;

/// The pack whose serial interval and numbers forecasts are made by.
const PACK: &str = "covid19-cn-2020";

/// Central intervals that people are shown.
const SHOWN: [f64; 2] = [0.5, 0.9];

/// How a forecast is written.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// date,quantile,value: the 23 quantiles of the COVID-19 Forecast Hub.
    Csv,
    /// The same with the day of the newest total and the pack.
    Json,
    /// Medians and intervals, for people.
    Text,
}

#[derive(Args)]
pub(crate) struct ForecastArgs {
    /// Cumulative totals: date,province,city,code,confirmed,…
    #[arg(long, value_name = "FILE")]
    totals: PathBuf,
    /// The area's code.
    #[arg(long)]
    code: AreaCode,
    /// The day of the forecast: nothing after it is used.
    #[arg(long, value_name = "DATE")]
    as_of: Date,
    /// Days ahead.
    #[arg(
        long,
        default_value_t = LONGEST_HORIZON as i64,
        value_parser = value_parser!(i64).range(1..=LONGEST_HORIZON as i64),
        allow_negative_numbers = true
    )]
    days: i64,
    #[arg(long, default_value = "csv")]
    format: Format,
}

pub(crate) fn forecast(args: &ForecastArgs) -> anyhow::Result<()> {
    let rows = totals_until(&args.totals, args.code, args.as_of)?;
    let pack = Pack::shipped(PACK)?;
    let rule = pack
        .forecast
        .with_context(|| format!("the pack {PACK} has no [settings.forecast]"))?;
    let forecaster = Forecaster::new(&pack.serial_interval, &rule)?;
    let made = forecaster.forecast(&rows, true, args.as_of, args.days as usize)?;
    let text = match args.format {
        Format::Csv => csv(&made)?,
        Format::Json => {
            let mut json = serde_json::to_value(&made)?;
            json["code"] = serde_json::to_value(args.code)?;
            json["pack"] = json!({ "id": pack.id, "version": pack.version });
            format!("{}\n", serde_json::to_string_pretty(&json)?)
        }
        Format::Text => table(&made)?,
    };
    Ok(out::text(&text)?)
}

/// The area's totals up to a day. Of later rows, only their area is looked at, to tell why there are none.
fn totals_until(path: &Path, code: AreaCode, as_of: Date) -> anyhow::Result<Vec<Total>> {
    let today = Zoned::now().date();
    let mut rows = Vec::new();
    let (mut refused, mut begins_later) = (0_u64, false);
    for entry in Totals::open(Source::path(path)?, Options::new(today))? {
        match entry? {
            Entry::Taken(taken) if taken.row.area != code => {}
            Entry::Taken(taken) if taken.row.date > as_of => begins_later = true,
            Entry::Taken(taken) => rows.push(Total {
                date: taken.row.date,
                total: taken.row.confirmed,
            }),
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
    match (rows.is_empty(), begins_later) {
        (false, _) => Ok(rows),
        (true, true) => bail!(
            "{}: the totals of area {code} begin after {as_of}, the day of the forecast",
            path.display()
        ),
        (true, false) => bail!("{}: no totals of area {code}", path.display()),
    }
}

fn csv(forecast: &Forecast) -> anyhow::Result<String> {
    let mut text = String::from("date,quantile,value\n");
    for day in &forecast.days {
        let quantiles = day.quantiles.levels().iter().zip(day.quantiles.values());
        for (level, value) in quantiles {
            writeln!(text, "{},{level},{value:.3}", day.date)?;
        }
    }
    Ok(text)
}

fn table(forecast: &Forecast) -> anyhow::Result<String> {
    let mut text = format!("{:<12}{:>8}", "new cases", "median");
    for coverage in SHOWN {
        write!(
            text,
            "{:>18}",
            format!("{:.0} % interval", 100.0 * coverage)
        )?;
    }
    text.push('\n');
    for day in &forecast.days {
        write!(text, "{:<12}{:>8.1}", day.date, day.quantiles.median())?;
        for coverage in SHOWN {
            let (low, high) = day
                .quantiles
                .interval(coverage)
                .context("no such interval among the quantiles")?;
            write!(text, "{:>18}", format!("{low:.1} to {high:.1}"))?;
        }
        text.push('\n');
    }
    Ok(text)
}
