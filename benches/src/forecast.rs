//! Forecasts of 30 cities, made on each day of 25 January to 25 February 2020 from what was known then.
//!
//! The truth is the plain difference of the totals as they stand in the end, at least 0; a day without a total on
//! it or on the day before is left out. Days with artefacts are scored like all others.
//!
//! The fitted city and the ensemble take seconds for each forecast, so they are scored on a part: every fourth city by its
//! code, on three days. Each is the same synthetic city: margins that ship, scaled to so many people.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use anyhow::Context;
use jiff::civil::{Date, date};
use lianfang_city::fit::{FitSize, FittedCurve};
use lianfang_city::population::{CityDescription, Population};
use lianfang_city::scenario::Scenario;
use lianfang_epi::forecast::{Forecast, Forecaster, LONGEST_HORIZON, persistence};
use lianfang_epi::scores::{covers, relative_skill, wis, wis_log};
use lianfang_epi::{Quantiles, Total};
use lianfang_policy::Pack;

use crate::table::Table;

const TOTALS: &str = "../shared/data/cities/china-city-cases-2020.csv";
const PACK: &str = "covid19-cn-2020";
const FIRST: Date = date(2020, 1, 25);
const LAST: Date = date(2020, 2, 25);

/// Of the cities, every so many are forecast by a fitted city, on these days.
const EVERY: usize = 4;
const DAYS: [Date; 3] = [date(2020, 2, 1), date(2020, 2, 8), date(2020, 2, 15)];
/// The margins of that city, its people, and how it is fitted.
const MARGINS: &str = "shengzhou";
const PEOPLE: u32 = 100_000;
const FIT: FitSize = FitSize {
    particles: 60,
    rounds: 3,
    seed: 1,
    lead: 14,
    threads: 2,
};

/// Scores of all forecasts so many days ahead; of two models: ours and persistence.
#[derive(Default)]
struct Scores {
    wis: [Vec<Option<f64>>; 2],
    wis_log: [Vec<Option<f64>>; 2],
    /// How many 50 % and 90 % intervals held what came.
    held: [u32; 2],
    /// How often nothing came.
    zeros: u32,
}

impl Scores {
    fn take(&mut self, models: [&Quantiles; 2], truth: f64) -> anyhow::Result<()> {
        for (place, model) in models.into_iter().enumerate() {
            self.wis[place].push(Some(wis(model, truth)?.wis));
            self.wis_log[place].push(Some(wis_log(model, truth)?.wis));
        }
        for (held, coverage) in self.held.iter_mut().zip([0.5, 0.9]) {
            let covered = covers(models[0], coverage, truth).context("the Hub's intervals")?;
            *held += u32::from(covered);
        }
        self.zeros += u32::from(truth <= 0.0);
        Ok(())
    }

    /// Percent of the intervals that held.
    fn percent(&self, place: usize) -> f64 {
        100.0 * f64::from(self.held[place]) / self.wis[0].len() as f64
    }
}

fn relative(scores: &[Vec<Option<f64>>]) -> anyhow::Result<f64> {
    relative_skill(scores, 1)?[0].context("nothing was scored")
}

fn cities() -> anyhow::Result<BTreeMap<String, Vec<Total>>> {
    let mut cities: BTreeMap<String, Vec<Total>> = BTreeMap::new();
    for row in csv::Reader::from_path(TOTALS)?.records() {
        let row = row?;
        cities.entry(row[3].to_owned()).or_default().push(Total {
            date: row[0].parse()?,
            total: row[4].parse()?,
        });
    }
    Ok(cities)
}

fn truth(rows: &[Total]) -> BTreeMap<Date, f64> {
    let totals: BTreeMap<Date, u32> = rows.iter().map(|row| (row.date, row.total)).collect();
    totals
        .iter()
        .filter_map(|(day, total)| {
            let before = totals.get(&day.yesterday().ok()?)?;
            Some((*day, f64::from(total.saturating_sub(*before))))
        })
        .collect()
}

pub(crate) fn scores(table: &mut Table) -> anyhow::Result<()> {
    let claim = "forecasts of 30 cities, 25 January to 25 February 2020";
    if !Path::new(TOTALS).exists() {
        table.line(claim, "", "not measured", "the file of totals is absent");
        return Ok(());
    }
    let pack = Pack::shipped(PACK)?;
    let rule = pack.forecast.context("the pack forecasts nothing")?;
    let forecaster = Forecaster::new(&pack.serial_interval, &rule)?;
    let mut by_horizon: Vec<Scores> = (0..LONGEST_HORIZON).map(|_| Scores::default()).collect();
    let (mut made, mut took) = (0_u32, 0.0);
    for rows in cities()?.values() {
        let truth = truth(rows);
        let first = rows.iter().map(|row| row.date).min().unwrap_or(FIRST);
        let mut as_of = FIRST.max(first);
        while as_of <= LAST {
            let begun = Instant::now();
            let ours = forecaster.forecast(rows, true, as_of, LONGEST_HORIZON)?;
            took += begun.elapsed().as_secs_f64();
            made += 1;
            let baseline = persistence(rows, true, as_of, LONGEST_HORIZON)?;
            for (scores, (day, base)) in by_horizon
                .iter_mut()
                .zip(ours.days.iter().zip(&baseline.days))
            {
                if let Some(truth) = truth.get(&day.date) {
                    scores.take([&day.quantiles, &base.quantiles], *truth)?;
                }
            }
            as_of = as_of.tomorrow()?;
        }
    }
    for (ahead, scores) in (1..).zip(&by_horizon) {
        table.line(
            &format!("forecast, horizon {ahead} d, score against persistence"),
            "below 1",
            &format!("{:.3}", relative(&scores.wis)?),
            &format!(
                "relative weighted interval score, 30 cities; of ln(x + 1) {:.3}; intervals held {:.1} and {:.1} %",
                relative(&scores.wis_log)?,
                scores.percent(0),
                scores.percent(1)
            ),
        );
    }
    coverage(table, &by_horizon, 0, ("50 %", "40 to 60 %"));
    coverage(table, &by_horizon, 1, ("90 %", "80 to 100 %"));
    by_city(table, &pack, &forecaster)?;
    table.line(
        "one forecast of 14 days, one core",
        "100 ms",
        &format!("{:.1} ms", took * 1e3 / f64::from(made)),
        &format!("mean of {made}"),
    );
    Ok(())
}

fn coverage(table: &mut Table, by_horizon: &[Scores], place: usize, (name, bar): (&str, &str)) {
    let held: u32 = by_horizon.iter().map(|scores| scores.held[place]).sum();
    let all: usize = by_horizon.iter().map(|scores| scores.wis[0].len()).sum();
    let zeros: u32 = by_horizon.iter().map(|scores| scores.zeros).sum();
    let percents = by_horizon.iter().map(|scores| scores.percent(place));
    let least = percents.clone().fold(f64::INFINITY, f64::min);
    let most = percents.fold(0.0, f64::max);
    table.line(
        &format!("forecasts' {name} intervals, share that held"),
        bar,
        &format!("{:.1} %", 100.0 * f64::from(held) / all as f64),
        &format!(
            "{all} intervals; {least:.1} to {most:.1} % by days ahead; {:.0} % of the days brought no case",
            100.0 * f64::from(zeros) / all as f64
        ),
    );
}

/// Scores of the fitted city and the ensemble, and of renewal on the same forecasts.
fn by_city(table: &mut Table, pack: &Pack, forecaster: &Forecaster) -> anyhow::Result<()> {
    let margins = CityDescription::shipped(MARGINS).context("the margins ship")??;
    let city = Population::build(&margins.scaled(PEOPLE, None)?, 1)?;
    let scenario = Scenario::default();
    let mut scores: [Scores; 3] = Default::default();
    let (mut made, mut left_out, mut took) = (0_u32, 0_u32, 0.0);
    for rows in cities()?.values().step_by(EVERY) {
        let truth = truth(rows);
        for as_of in DAYS {
            let begun = Instant::now();
            let asked = (&rows[..], as_of, LONGEST_HORIZON);
            let Ok(fitted) = FittedCurve::ahead(&city, pack, &scenario, asked, &FIT) else {
                left_out += 1;
                continue;
            };
            took += begun.elapsed().as_secs_f64();
            made += 1;
            let renewal = forecaster.forecast(rows, true, as_of, LONGEST_HORIZON)?;
            let ensemble = renewal.averaged_with(&fitted)?;
            let base = persistence(rows, true, as_of, LONGEST_HORIZON)?;
            for (scores, ours) in scores.iter_mut().zip([&fitted, &ensemble, &renewal]) {
                take_all(scores, ours, &base, &truth)?;
            }
        }
    }
    for (name, scores) in ["fitted city", "ensemble", "renewal, the same forecasts"]
        .iter()
        .zip(&scores)
    {
        table.line(
            &format!("forecast by {name}, all horizons, score against persistence"),
            "below 1",
            &format!("{:.3}", relative(&scores.wis)?),
            &format!(
                "{made} forecasts: every {EVERY}th city on {} days, {left_out} left out (more cases than half of {PEOPLE} people); of ln(x + 1) {:.3}; intervals held {:.1} and {:.1} %",
                DAYS.len(),
                relative(&scores.wis_log)?,
                scores.percent(0),
                scores.percent(1)
            ),
        );
    }
    table.line(
        "one forecast of 14 days by a fitted city",
        "",
        &format!("{:.1} s", took / f64::from(made.max(1))),
        &format!(
            "mean of {made}; {PEOPLE} people, {} particles, {} rounds, {} threads",
            FIT.particles, FIT.rounds, FIT.threads
        ),
    );
    Ok(())
}

fn take_all(
    scores: &mut Scores,
    ours: &Forecast,
    base: &Forecast,
    truth: &BTreeMap<Date, f64>,
) -> anyhow::Result<()> {
    for (day, base) in ours.days.iter().zip(&base.days) {
        if let Some(truth) = truth.get(&day.date) {
            scores.take([&day.quantiles, &base.quantiles], *truth)?;
        }
    }
    Ok(())
}
