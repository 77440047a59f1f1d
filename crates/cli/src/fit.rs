//! `lianfang city fit`: a built city fitted to an area's published totals, the posterior beside the data. Forecasts from
//! the city come from the same fit.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::ToSpan;
use jiff::civil::Date;
use lianfang_city::fit::{FitData, FitSize, FittedCurve, Parameter};
use lianfang_core::areas::AreaCode;
use lianfang_core::words::Word;
use serde_json::{Map, Value, json};

use crate::city::{built, scenario, threads};
use crate::forecast::{PACK, totals_until};
use crate::out;
use crate::policy::whole_pack;

/// Quantiles that are printed beside the data.
const SHOWN: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];
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

/// A city fitted to totals, as it is shown.
struct Fitted(FittedCurve);

impl FitWith {
    pub(crate) fn size(&self) -> FitSize {
        FitSize {
            particles: self.particles,
            rounds: self.rounds,
            seed: self.seed,
            lead: self.lead,
            threads: threads(self.threads),
        }
    }
}

impl Fitted {
    fn csv(&self) -> anyhow::Result<String> {
        let mut text = String::from("date,observed,q05,q25,q50,q75,q95\n");
        for (day, quantiles) in self.0.fit.quantiles(&SHOWN).iter().enumerate() {
            let date = self.0.first.checked_add(i64::try_from(day)?.days())?;
            let observed = self
                .0
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
            let spread = self.0.fit.spread(*parameter);
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
        for (day, quantiles) in self.0.fit.quantiles(&SHOWN).iter().enumerate() {
            days.push(json!({
                "date": self.0.first.checked_add(i64::try_from(day)?.days())?,
                "observed": self.0.observed.get(day),
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
                let spread = self.0.fit.spread(*parameter);
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
            .0
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
    let data = FitData {
        totals: &rows,
        from: args.from,
        ahead: 0,
    };
    let scenario = scenario(args.with.scenario.as_deref())?;
    let city = built(&args.city)?;
    let fitted = FittedCurve::to(&city, &pack, &scenario, &data, &args.with.size())?;
    let fitted = Fitted(fitted);
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
