//! `lianfang city fit`: a built city fitted to an area's published totals, the posterior beside the data. Forecasts from
//! the city come from the same fit.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use jiff::ToSpan;
use jiff::civil::Date;
use lianfang_city::fit::{Fit, FitAsked, Parameter, fit as fit_city};
use lianfang_core::areas::AreaCode;
use lianfang_core::time::day_number;
use lianfang_core::words::Word;
use lianfang_epi::forecast::{DayAhead, Forecast, LEVELS, Quantiles};
use lianfang_epi::incidence::{Incidence, Total};
use lianfang_policy::Pack;
use serde_json::{Map, Value, json};

use crate::city::{built, scenario, threads};
use crate::forecast::{PACK, totals_until};
use crate::out;
use crate::policy::whole_pack;

/// Quantiles that are printed beside the data.
const SHOWN: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];
/// For each case of the data, so many may have been infected on the first day at most.
const INITIAL_FOR_EACH: f64 = 10.0;
/// For each case of a day of the data, so many may come infected on a day at most.
const ARRIVALS_FOR_EACH: f64 = 3.0;

/// How a fit is written.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// `date,observed,q05,q25,q50,q75,q95`; what was fitted goes to stderr.
    Csv,
    /// The same with what was fitted and the rounds.
    Json,
}

/// What a fit is made with.
#[derive(Args, Clone)]
pub(crate) struct FitWith {
    /// Parameter sets that are kept.
    #[arg(long, default_value_t = 200)]
    pub(crate) particles: usize,
    /// Rounds at most.
    #[arg(long, default_value_t = 5)]
    pub(crate) rounds: usize,
    /// From which all draws follow.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Days that runs begin before the first day of data.
    #[arg(long, default_value_t = 14)]
    pub(crate) lead: usize,
    /// What is supposed besides: behaviour, capacities, until when infected people come.
    #[arg(long, value_name = "FILE")]
    pub(crate) scenario: Option<PathBuf>,
    /// Runs at one time; as many as the machine has threads, unless given. The result is the same.
    #[arg(long)]
    pub(crate) threads: Option<usize>,
}

#[derive(Args)]
pub(crate) struct FitArgs {
    /// A folder that `lianfang city build` wrote.
    #[arg(long, value_name = "DIR")]
    city: PathBuf,
    /// The pack in force in those days: a file, or the id of a pack that comes with the program.
    #[arg(long, value_name = "FILE", default_value = PACK)]
    pack: String,
    /// Cumulative totals: date,province,city,code,confirmed,…
    #[arg(long, value_name = "FILE")]
    totals: PathBuf,
    /// The area's code.
    #[arg(long)]
    code: AreaCode,
    /// The first day of data; the first with a case, if left out.
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// The last day of data: nothing after it is used.
    #[arg(long, value_name = "DATE")]
    as_of: Date,
    #[command(flatten)]
    with: FitWith,
    #[arg(long, default_value = "csv")]
    format: Format,
}

/// A city fitted to totals.
pub(crate) struct Fitted {
    fit: Fit,
    /// The first day of data, and cases of each day from then on.
    first: Date,
    observed: Vec<f64>,
}

/// What a city is fitted to.
pub(crate) struct Data<'a> {
    pub(crate) totals: &'a [Total],
    pub(crate) from: Option<Date>,
    /// Days after the last total that are run, too.
    pub(crate) ahead: usize,
}

impl Fitted {
    pub(crate) fn to(
        city: &Path,
        pack: &Pack,
        data: &Data<'_>,
        with: &FitWith,
    ) -> anyhow::Result<Self> {
        let city = built(city)?;
        let series = Incidence::from_totals(data.totals, true)?;
        let begins = series.filled.iter().position(|cases| *cases > 0.0);
        let first = match data.from {
            None => begins.context("there are no cases in the data: a fit needs some")?,
            Some(from) => {
                let place = series.dates.iter().position(|date| *date == from);
                place.with_context(|| format!("the totals do not reach {from}"))?
            }
        };
        let observed = series.filled[first..].to_vec();
        let all: f64 = observed.iter().sum();
        let people = city.people();
        if all * 2.0 > f64::from(people) {
            bail!("{all:.0} cases in a city of {people} people: build a larger city");
        }
        let mut scenario = scenario(with.scenario.as_deref())?;
        let first_date = series.dates[first];
        scenario.start = first_date.checked_sub(i64::try_from(with.lead)?.days())?;
        let initial = (INITIAL_FOR_EACH * all).clamp(2.0, f64::from(people));
        let per_day = ARRIVALS_FOR_EACH * all / observed.len() as f64;
        let asked = FitAsked {
            particles: with.particles,
            rounds: with.rounds,
            seed: with.seed,
            lead: with.lead,
            ahead: data.ahead,
            most_initial: initial as u32,
            most_per_day: per_day.clamp(1.0, f64::from(people)),
            threads: threads(with.threads),
        };
        let fit = fit_city(&city, pack, &scenario, &observed, &asked)?;
        Ok(Self {
            fit,
            first: first_date,
            observed,
        })
    }

    /// The days after `as_of`, as a forecast.
    pub(crate) fn forecast(&self, as_of: Date, days: usize) -> anyhow::Result<Forecast> {
        let all = self.fit.quantiles(&LEVELS);
        let ahead = (1..=days).map(|horizon| {
            let date = as_of.checked_add(i64::try_from(horizon)?.days())?;
            let place = usize::try_from(day_number(date) - day_number(self.first))?;
            let values = all.get(place).context("the city was not run so far")?;
            let quantiles = Quantiles::at_hub_levels(values.clone())?;
            Ok(DayAhead {
                date,
                horizon,
                quantiles,
            })
        });
        let last = i64::try_from(self.observed.len())? - 1;
        Ok(Forecast {
            as_of,
            last_total: self.first.checked_add(last.days())?,
            days: ahead.collect::<anyhow::Result<_>>()?,
        })
    }

    fn csv(&self) -> anyhow::Result<String> {
        let mut text = String::from("date,observed,q05,q25,q50,q75,q95\n");
        for (day, quantiles) in self.fit.quantiles(&SHOWN).iter().enumerate() {
            let date = self.first.checked_add(i64::try_from(day)?.days())?;
            let observed = self
                .observed
                .get(day)
                .map_or(String::new(), ToString::to_string);
            write!(text, "{date},{observed}")?;
            for value in quantiles {
                write!(text, ",{value:.3}")?;
            }
            text.push('\n');
        }
        Ok(text)
    }

    fn tell(&self) {
        for parameter in Parameter::ALL {
            let spread = self.fit.spread(*parameter);
            eprintln!(
                "{}: {:.3} ({:.3} to {:.3})",
                parameter.label().en,
                spread.median,
                spread.q05,
                spread.q95
            );
        }
    }

    fn json(&self) -> anyhow::Result<Value> {
        let mut days = Vec::new();
        for (day, quantiles) in self.fit.quantiles(&SHOWN).iter().enumerate() {
            days.push(json!({
                "date": self.first.checked_add(i64::try_from(day)?.days())?,
                "observed": self.observed.get(day),
                "q05": quantiles[0],
                "q25": quantiles[1],
                "q50": quantiles[2],
                "q75": quantiles[3],
                "q95": quantiles[4],
            }));
        }
        let fitted: Map<String, Value> = Parameter::ALL
            .iter()
            .map(|parameter| {
                let spread = self.fit.spread(*parameter);
                let shown = json!({
                    "mean": spread.mean,
                    "q05": spread.q05,
                    "q25": spread.q25,
                    "q50": spread.median,
                    "q75": spread.q75,
                    "q95": spread.q95,
                });
                (parameter.word().to_owned(), shown)
            })
            .collect();
        let rounds: Vec<Value> = self
            .fit
            .rounds
            .iter()
            .map(|round| {
                json!({
                    "tolerance": round.tolerance,
                    "proposed": round.proposed,
                    "accepted": round.accepted,
                })
            })
            .collect();
        Ok(json!({
            "parameters": fitted,
            "rounds": rounds,
            "days": days,
        }))
    }
}

pub(crate) fn fit(args: &FitArgs) -> anyhow::Result<()> {
    let rows = totals_until(&args.totals, args.code, args.as_of)?;
    let pack = whole_pack(&args.pack)?;
    let data = Data {
        totals: &rows,
        from: args.from,
        ahead: 0,
    };
    let fitted = Fitted::to(&args.city, &pack, &data, &args.with)?;
    let text = match args.format {
        Format::Csv => {
            fitted.tell();
            fitted.csv()?
        }
        Format::Json => {
            let mut json = fitted.json()?;
            json["pack"] = json!({ "id": pack.id, "version": pack.version });
            json["code"] = serde_json::to_value(args.code)?;
            format!("{}\n", serde_json::to_string_pretty(&json)?)
        }
    };
    Ok(out::text(&text)?)
}
