//! Forecasts of 30 real cities, made on each day of 25 January to 25 February 2020 from what was known then, scored
//! by what came.
#![allow(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod common;

use std::collections::BTreeMap;

use common::{Random, cities};
use jiff::civil::{Date, date};
use lianfang_epi::forecast::{Forecaster, LONGEST_HORIZON, persistence};
use lianfang_epi::scores::{covers, wis, wis_log};
use lianfang_epi::{Incidence, Quantiles, Total};

/// Sums over forecasts of one horizon.
#[derive(Clone, Copy, Default)]
struct Sums {
    count: f64,
    wis: [f64; 2],
    wis_log: [f64; 2],
    held_50: f64,
    held_90: f64,
}

type ByHorizon = [Sums; LONGEST_HORIZON];

impl Sums {
    fn take(&mut self, ours: &Quantiles, baseline: &Quantiles, truth: f64) {
        self.count += 1.0;
        for (place, forecast) in [ours, baseline].into_iter().enumerate() {
            self.wis[place] += wis(forecast, truth).unwrap().wis;
            self.wis_log[place] += wis_log(forecast, truth).unwrap().wis;
        }
        self.held_50 += f64::from(covers(ours, 0.5, truth).unwrap());
        self.held_90 += f64::from(covers(ours, 0.9, truth).unwrap());
    }

    fn relative(&self) -> f64 {
        self.wis[0] / self.wis[1]
    }

    fn add(&mut self, other: &Self) {
        self.count += other.count;
        for place in 0..2 {
            self.wis[place] += other.wis[place];
            self.wis_log[place] += other.wis_log[place];
        }
        self.held_50 += other.held_50;
        self.held_90 += other.held_90;
    }
}

/// What came, by two readings: plain differences of the totals, at least 0; and the project's incidence.
fn truths(rows: &[Total]) -> [BTreeMap<Date, f64>; 2] {
    let by_date: BTreeMap<Date, u32> = rows.iter().map(|row| (row.date, row.total)).collect();
    let plain = by_date
        .iter()
        .filter_map(|(day, total)| {
            let before = by_date.get(&day.yesterday().unwrap())?;
            Some((*day, f64::from(total.saturating_sub(*before))))
        })
        .collect();
    let incidence = Incidence::from_totals(rows, true).unwrap();
    let filled = incidence.dates.into_iter().zip(incidence.filled).collect();
    [plain, filled]
}

fn scored(rows: &[Total]) -> [ByHorizon; 2] {
    let forecaster = Forecaster::new(&cities::serial_interval(), &cities::forecast_rule()).unwrap();
    let truths = truths(rows);
    let mut sums = [ByHorizon::default(); 2];
    let mut as_of = date(2020, 1, 25);
    while as_of <= date(2020, 2, 25) {
        let known = rows.iter().any(|row| row.date <= as_of);
        if known {
            let ours = forecaster
                .forecast(rows, true, as_of, LONGEST_HORIZON)
                .unwrap();
            let baseline = persistence(rows, true, as_of, LONGEST_HORIZON).unwrap();
            for (sums, truth) in sums.iter_mut().zip(&truths) {
                for (day, base) in ours.days.iter().zip(&baseline.days) {
                    if let Some(truth) = truth.get(&day.date) {
                        sums[day.horizon - 1].take(&day.quantiles, &base.quantiles, *truth);
                    }
                }
            }
        }
        as_of = as_of.tomorrow().unwrap();
    }
    sums
}

fn added<'s>(cities: impl Iterator<Item = &'s ByHorizon>) -> ByHorizon {
    let mut all = ByHorizon::default();
    for city in cities {
        for (sum, more) in all.iter_mut().zip(city) {
            sum.add(more);
        }
    }
    all
}

fn print(name: &str, sums: &ByHorizon) {
    println!("{name}\n day  relative  on log scale  in 50 %  in 90 %");
    for (place, sum) in sums.iter().enumerate() {
        println!(
            "{:>4}  {:>8.3}  {:>12.3}  {:>7.3}  {:>7.3}",
            place + 1,
            sum.relative(),
            sum.wis_log[0] / sum.wis_log[1],
            sum.held_50 / sum.count,
            sum.held_90 / sum.count
        );
    }
}

fn shares(sums: &ByHorizon) -> (f64, f64) {
    let mut all = Sums::default();
    for sum in sums {
        all.add(sum);
    }
    (all.held_50 / all.count, all.held_90 / all.count)
}

#[test]
fn better_than_persistence_at_every_horizon_with_honest_intervals() {
    let Some(totals) = cities::totals() else {
        return;
    };
    let cities: Vec<[ByHorizon; 2]> = totals.values().map(|rows| scored(rows)).collect();
    for (reading, name) in ["plain differences", "the project's incidence"]
        .into_iter()
        .enumerate()
    {
        let all = added(cities.iter().map(|city| &city[reading]));
        print(name, &all);
        for (place, sum) in all.iter().enumerate() {
            assert!(sum.relative() < 1.0, "{name}, {} days ahead", place + 1);
            assert!(
                (0.4..=0.6).contains(&(sum.held_50 / sum.count)),
                "{name}, {} days ahead",
                place + 1
            );
            assert!(
                (0.8..=1.0).contains(&(sum.held_90 / sum.count)),
                "{name}, {} days ahead",
                place + 1
            );
        }
    }
    any_ten(&cities);
}

/// Any ten cities: none of them carries the result alone.
fn any_ten(cities: &[[ByHorizon; 2]]) {
    let mut random = Random(1);
    let (mut worst, mut widest, mut least) = (0.0_f64, 0.0_f64, 1.0_f64);
    let mut beaten = 0;
    for _ in 0..200 {
        let mut drawn: Vec<(u64, &ByHorizon)> = cities
            .iter()
            .map(|city| (random.bits(), &city[0]))
            .collect();
        drawn.sort_by_key(|(lot, _)| *lot);
        let ten = added(drawn.iter().take(10).map(|(_, city)| *city));
        let relative = ten.iter().map(Sums::relative).fold(0.0, f64::max);
        let (held_50, held_90) = shares(&ten);
        worst = worst.max(relative);
        widest = widest.max(held_50);
        least = least.min(held_90);
        beaten += usize::from(relative >= 1.0);
    }
    println!(
        "200 times ten cities: relative score at most {worst:.3} at any horizon, 50 % intervals held at most {widest:.3}, \
         90 % at least {least:.3}; not better somewhere {beaten} times"
    );
    assert!(beaten <= 10, "{beaten}");
}
