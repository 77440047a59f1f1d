//! `lianfang forecast`: new cases of the days ahead, out of a file of totals, without a store.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum, value_parser};
use jiff::Zoned;
use jiff::civil::Date;
use lianfang_city::fit::FittedCurve;
use lianfang_core::areas::AreaCode;
use lianfang_epi::forecast::{Forecast, Forecaster, LONGEST_HORIZON};
use lianfang_epi::incidence::Total;
use lianfang_intake::{Entry, Options, Source, Totals};
use lianfang_policy::Pack;
use lianfang_service::foresight::{CityModel, MakeForecasts};
use serde_json::json;

use crate::city::{built, scenario};
use crate::fit::FitWith;
use crate::{house, out};

/// The pack whose serial interval and numbers forecasts are made by.
pub(crate) const PACK: &str = "covid19-cn-2020";

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
    #[arg(long, value_name = "FILE", required_unless_present = "store")]
    totals: Option<PathBuf>,
    /// Make the forecasts of a day from a house's own data and store them; those that are there stay as they are.
    #[arg(long, requires = "data_dir", conflicts_with = "totals")]
    store: bool,
    /// The house's folder.
    #[arg(long, value_name = "DIR", requires = "store")]
    data_dir: Option<PathBuf>,
    /// The area's code; with --store all areas with cases enough, if left out.
    #[arg(long, required_unless_present = "store")]
    code: Option<AreaCode>,
    /// The day of the forecast: nothing after it is used. With --store yesterday, if left out.
    #[arg(long, value_name = "DATE", required_unless_present = "store")]
    as_of: Option<Date>,
    /// Days ahead.
    #[arg(
        long,
        default_value_t = LONGEST_HORIZON as i64,
        value_parser = value_parser!(i64).range(1..=LONGEST_HORIZON as i64),
        allow_negative_numbers = true
    )]
    days: i64,
    /// What it is made from.
    #[arg(long, default_value = "renewal")]
    model: Model,
    /// For the models `city` and `ensemble`: a folder that `lianfang city build` wrote.
    #[arg(long, value_name = "DIR", required_if_eq_any([("model", "city"), ("model", "ensemble")]))]
    city: Option<PathBuf>,
    #[command(flatten)]
    with: FitWith,
    #[arg(long, default_value = "csv")]
    format: Format,
}

/// What a forecast is made from.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Model {
    /// The renewal equation over the totals.
    Renewal,
    /// A city fitted to the totals, and run on.
    City,
    /// The mean of both, quantile by quantile.
    Ensemble,
}

impl Model {
    fn word(self) -> &'static str {
        match self {
            Self::Renewal => "renewal",
            Self::City => "city",
            Self::Ensemble => "ensemble",
        }
    }
}

impl ForecastArgs {
    fn renewal(&self, pack: &Pack, rows: &[Total], as_of: Date) -> anyhow::Result<Forecast> {
        let rule = pack
            .forecast
            .with_context(|| format!("the pack {PACK} has no [settings.forecast]"))?;
        let forecaster = Forecaster::new(&pack.serial_interval, &rule)?;
        Ok(forecaster.forecast(rows, true, as_of, self.days as usize)?)
    }

    fn by_city(&self, pack: &Pack, rows: &[Total], as_of: Date) -> anyhow::Result<Forecast> {
        let folder = self
            .city
            .as_ref()
            .context("name a built city: --city DIR")?;
        let scenario = scenario(self.with.scenario.as_deref())?;
        let asked = (rows, as_of, self.days as usize);
        let city = built(folder)?;
        Ok(FittedCurve::ahead(
            &city,
            pack,
            &scenario,
            asked,
            &self.with.size(),
        )?)
    }

    fn made(&self, pack: &Pack, rows: &[Total], as_of: Date) -> anyhow::Result<Forecast> {
        match self.model {
            Model::Renewal => self.renewal(pack, rows, as_of),
            Model::City => self.by_city(pack, rows, as_of),
            Model::Ensemble => {
                let city = self.by_city(pack, rows, as_of)?;
                Ok(self.renewal(pack, rows, as_of)?.averaged_with(&city)?)
            }
        }
    }
}

pub(crate) fn forecast(args: &ForecastArgs) -> anyhow::Result<()> {
    if args.store {
        return stored(args);
    }
    let (Some(totals), Some(code), Some(as_of)) = (&args.totals, args.code, args.as_of) else {
        bail!("name --totals, --code and --as-of, or --store");
    };
    let rows = totals_until(totals, code, as_of)?;
    let pack = Pack::shipped(PACK)?;
    let made = args.made(&pack, &rows, as_of)?;
    let text = match args.format {
        Format::Csv => csv(&made)?,
        Format::Json => {
            let mut json = serde_json::to_value(&made)?;
            json["code"] = serde_json::to_value(code)?;
            json["model"] = json!(args.model.word());
            json["pack"] = json!({ "id": pack.id, "version": pack.version });
            format!("{}\n", serde_json::to_string_pretty(&json)?)
        }
        Format::Text => table(&made)?,
    };
    Ok(out::text(&text)?)
}

/// Makes and stores the forecasts of a house.
fn stored(args: &ForecastArgs) -> anyhow::Result<()> {
    let folder = args.data_dir.as_ref().context("name --data-dir")?;
    let house = house::open(folder)?;
    let city = args.city.as_deref().map(built).transpose()?;
    let scenario = scenario(args.with.scenario.as_deref())?;
    let model = city.as_ref().map(|city| CityModel {
        city,
        scenario: &scenario,
        size: args.with.size(),
    });
    let asked = MakeForecasts {
        as_of: args.as_of,
        area: args.code,
        city: model.as_ref(),
    };
    let made = house.make_forecasts(&house::operator(), &asked)?;
    Ok(out::line(serde_json::to_value(made)?)?)
}

/// The area's totals up to a day. Of later rows, only their area is looked at, to tell why there are none.
pub(crate) fn totals_until(path: &Path, code: AreaCode, as_of: Date) -> anyhow::Result<Vec<Total>> {
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
