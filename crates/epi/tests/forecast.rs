//! Forecasts: what they may know, what they must never do, and whether they follow their own model.
#![allow(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod common;

use common::{Random, cities};
use jiff::civil::{Date, date};
use lianfang_epi::forecast::{
    EnsembleError, ForecastError, ForecastRule, Forecaster, LEVELS, Quantiles, average,
    linear_pool, persistence,
};
use lianfang_epi::incidence::IncidenceError;
use lianfang_epi::{SerialInterval, Total};
use proptest::prelude::*;

fn forecaster() -> Forecaster {
    Forecaster::new(&cities::serial_interval(), &cities::forecast_rule()).unwrap()
}

/// Totals from 1 February 2020 on, out of daily cases.
fn totals(daily: &[u32]) -> Vec<Total> {
    let mut total = 0;
    let mut day = date(2020, 2, 1);
    daily
        .iter()
        .map(|new| {
            total += new;
            let row = Total { date: day, total };
            day = day.tomorrow().unwrap();
            row
        })
        .collect()
}

fn medians(rows: &[Total], as_of: Date) -> Vec<f64> {
    let forecast = forecaster().forecast(rows, true, as_of, 14).unwrap();
    forecast
        .days
        .iter()
        .map(|day| day.quantiles.median())
        .collect()
}

#[test]
fn nothing_after_the_day_of_the_forecast_is_used() {
    let rows = totals(&[1, 2, 3, 5, 8, 12, 18, 26, 38, 30, 22, 16]);
    let as_of = date(2020, 2, 8);
    let made = forecaster().forecast(&rows, true, as_of, 14).unwrap();
    let baseline = persistence(&rows, true, as_of, 14).unwrap();
    let mut later = rows.clone();
    for row in later.iter_mut().filter(|row| row.date > as_of) {
        row.total = row.total * 7 + 1_000;
    }
    later.push(Total {
        date: date(2120, 1, 1),
        total: 0,
    });
    later.reverse();
    for rows in [&later[..], &rows[..8]] {
        assert_eq!(forecaster().forecast(rows, true, as_of, 14).unwrap(), made);
        assert_eq!(persistence(rows, true, as_of, 14).unwrap(), baseline);
    }
    assert_eq!(made.days[0].date, date(2020, 2, 9));
    assert_eq!(made.days[13].date, date(2020, 2, 22));
    assert_eq!(made.days[13].horizon, 14);
}

#[test]
fn fewer_days_are_the_first_of_more() {
    let rows = totals(&[1, 0, 4, 2, 7]);
    let as_of = date(2020, 2, 5);
    let long = forecaster().forecast(&rows, true, as_of, 14).unwrap();
    let short = forecaster().forecast(&rows, true, as_of, 3).unwrap();
    assert_eq!(short.days, long.days[..3]);
}

#[test]
fn growth_goes_on_for_a_while_and_decline_goes_on() {
    let growing = medians(&totals(&[2, 3, 4, 6, 9, 13, 19, 28]), date(2020, 2, 8));
    assert!(growing[0] > 20.0 && growing[6] > 28.0, "{growing:?}");
    let falling = medians(
        &totals(&[5, 12, 30, 60, 90, 70, 50, 34, 22, 15, 10]),
        date(2020, 2, 11),
    );
    assert!(falling[0] < 18.0 && falling[6] < 10.0, "{falling:?}");
    assert!(falling.windows(2).all(|pair| pair[1] <= pair[0]));
}

#[test]
fn long_silence_is_forecast_to_last() {
    let mut daily = vec![3, 2, 1];
    daily.resize(40, 0);
    for rows in [totals(&daily), totals(&[0; 40])] {
        let last = rows[39].date;
        let forecast = forecaster().forecast(&rows, true, last, 14).unwrap();
        for day in &forecast.days {
            assert!(day.quantiles.median() < 0.5, "{day:?}");
            assert!(day.quantiles.values()[22] < 4.0, "{day:?}");
        }
    }
}

/// One bulletin that was not updated, and one with two days' cases, must not turn the forecast round.
#[test]
fn an_artefact_moves_little() {
    let usual = totals(&[10, 14, 20, 24, 26, 25, 26, 24, 25, 26]);
    let missed = totals(&[10, 14, 20, 24, 26, 25, 26, 24, 25, 0]);
    let batch = totals(&[10, 14, 20, 24, 26, 25, 26, 24, 25, 140]);
    let as_of = date(2020, 2, 10);
    let [usual, missed, batch] = [usual, missed, batch].map(|rows| medians(&rows, as_of)[0]);
    assert!(missed > 0.5 * usual, "{missed} {usual}");
    assert!(batch < 2.5 * usual, "{batch} {usual}");
}

#[test]
fn a_day_whose_total_went_down_is_no_zero() {
    let mut rows = totals(&[10, 14, 20, 24, 26, 25, 26]);
    let before = medians(&rows, date(2020, 2, 7));
    rows.push(Total {
        date: date(2020, 2, 8),
        total: rows[6].total - 2,
    });
    let after = medians(&rows, date(2020, 2, 8));
    assert!(after[0] > 0.6 * before[1], "{after:?} {before:?}");
}

#[test]
fn days_without_a_bulletin_are_forecast_through() {
    let rows = totals(&[2, 4, 8, 12, 15, 16]);
    let now = forecaster()
        .forecast(&rows, true, date(2020, 2, 6), 14)
        .unwrap();
    let later = forecaster()
        .forecast(&rows, true, date(2020, 2, 9), 11)
        .unwrap();
    assert_eq!(later.last_total, date(2020, 2, 6));
    for (then, now) in later.days.iter().zip(&now.days[3..]) {
        assert_eq!(then.quantiles, now.quantiles);
        assert_eq!(then.date, now.date);
    }
    let baseline = persistence(&rows, true, date(2020, 2, 9), 2).unwrap();
    assert!((baseline.days[0].quantiles.median() - 16.0).abs() < 1e-12);
}

/// One day of the model, drawn at random: what the forecast works out without drawing.
fn simulate(rule: &ForecastRule, weights: &[f64], first: f64, random: &mut Random) -> [f64; 14] {
    let mut cases = vec![first];
    let (control, kept) = (
        rule.r_controlled.ln(),
        0.5_f64.powf(1.0 / rule.half_life_days),
    );
    let mut log_r = rule.r_start.ln() + rule.log_r_sd * random.normal();
    std::array::from_fn(|_| {
        log_r = control + kept * (log_r - control) + rule.log_r_step_sd * random.normal();
        let infectivity: f64 = cases
            .iter()
            .rev()
            .zip(&weights[1..])
            .map(|(cases, weight)| cases * weight)
            .sum();
        let mean = log_r.exp() * infectivity + rule.imported_per_day;
        let count = f64::from(random.negative_binomial(mean, rule.dispersion));
        cases.push(count);
        count
    })
}

#[test]
fn it_follows_its_model() {
    const PATHS: usize = 20_000;
    let rule = ForecastRule {
        log_r_sd: 0.3,
        artefact_probability: 1e-6,
        ..cities::forecast_rule()
    };
    let si = cities::serial_interval();
    for first in [3, 60] {
        let rows = totals(&[first]);
        let forecaster = Forecaster::new(&si, &rule).unwrap();
        let forecast = forecaster.forecast(&rows, true, rows[0].date, 14).unwrap();
        let mut random = Random(u64::from(first));
        let paths: Vec<[f64; 14]> = (0..PATHS)
            .map(|_| simulate(&rule, si.weights(), f64::from(first), &mut random))
            .collect();
        for horizon in [1, 3, 7, 14] {
            let mut drawn: Vec<f64> = paths.iter().map(|path| path[horizon - 1]).collect();
            drawn.sort_by(f64::total_cmp);
            let quantiles = &forecast.days[horizon - 1].quantiles;
            for (level, value) in LEVELS.iter().zip(quantiles.values()) {
                let sample = drawn[(level * PATHS as f64) as usize];
                let allowed = 1.0 + 0.06 * sample + 0.04 * f64::from(*level > 0.94) * sample;
                assert!(
                    (value - sample).abs() <= allowed,
                    "{first} cases, {horizon} days ahead, level {level}: {value}, drawn {sample}"
                );
            }
        }
    }
}

#[test]
fn persistence_by_hand() {
    // Differences 3 and -1, so ±1 and ±3 with a quarter each; mid-distribution 1/8, 3/8, 5/8, 7/8.
    let rows = totals(&[20, 23, 22]);
    let forecast = persistence(&rows, true, date(2020, 2, 3), 2).unwrap();
    let at = |day: usize, level: f64| {
        let place = LEVELS.iter().position(|other| *other >= level).unwrap();
        forecast.days[day].quantiles.values()[place]
    };
    let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
    assert!(near(at(0, 0.5), 22.0));
    assert!(near(at(0, 0.25), 20.0));
    assert!(near(at(0, 0.75), 24.0));
    assert!(near(at(0, 0.01), 19.0));
    assert!(near(at(0, 0.99), 25.0));
    // Two days ahead: ±6, ±4, ±2, 0 with 1, 2, 3 (1 + 2), 4 sixteenths: at 0.01 the least of them.
    assert!(near(at(1, 0.5), 22.0));
    assert!(near(at(1, 0.01), 16.0));
    // 0.7 lies between the middles of 0 (8/16) and 2 (11.5/16).
    assert!(near(at(1, 0.7), 22.0 + 2.0 * (0.7 - 0.5) / (3.5 / 16.0)));
    // Below 0 there are no cases; without a difference there is no spread.
    let low = persistence(&totals(&[0, 5, 1]), true, date(2020, 2, 3), 1).unwrap();
    assert!(near(low.days[0].quantiles.values()[0], 0.0));
    let one = persistence(&totals(&[4]), true, date(2020, 2, 1), 14).unwrap();
    assert!(
        one.days
            .iter()
            .all(|day| day.quantiles.values().iter().all(|value| near(*value, 4.0)))
    );
}

#[test]
fn ensembles_keep_what_members_agree_on() {
    let one = Quantiles::at_hub_levels((0..23).map(f64::from).collect()).unwrap();
    let other = Quantiles::at_hub_levels((0..23).map(|i| f64::from(i * i)).collect()).unwrap();
    for combined in [
        average(&[(&one, 1.0), (&one, 2.0)]),
        linear_pool(&[(&one, 1.0), (&one, 2.0), (&other, 0.0)]),
    ] {
        for (a, b) in combined.unwrap().values().iter().zip(one.values()) {
            assert!((a - b).abs() < 1e-9);
        }
    }
    let pool = linear_pool(&[(&one, 1.0), (&other, 1.0)]).unwrap();
    let mean = average(&[(&one, 1.0), (&other, 1.0)]).unwrap();
    assert!(pool.values()[22] > mean.values()[22]);
    assert!(pool.values()[2] >= 0.0 && pool.values()[22] <= 484.0);
    let quartiles = Quantiles::new(vec![0.25, 0.5, 0.75], vec![1.0, 2.0, 3.0]).unwrap();
    assert_eq!(average(&[]), Err(EnsembleError::Empty));
    assert_eq!(
        linear_pool(&[(&one, 1.0), (&quartiles, 1.0)]),
        Err(EnsembleError::Levels)
    );
    assert_eq!(average(&[(&one, 0.0)]), Err(EnsembleError::Weight(0.0)));
    assert_eq!(average(&[(&one, -1.0)]), Err(EnsembleError::Weight(-1.0)));
}

#[test]
fn what_cannot_be_forecast_is_refused() {
    let rows = totals(&[1, 2, 3]);
    let ask = |as_of, days| forecaster().forecast(&rows, true, as_of, days).map(|_| ());
    let (first, last) = (date(2020, 2, 1), date(2020, 2, 3));
    for days in [0, 15, usize::MAX] {
        assert_eq!(ask(last, days), Err(ForecastError::Horizon(days)));
    }
    let as_of = date(2020, 1, 31);
    assert_eq!(
        ask(as_of, 1),
        Err(ForecastError::BeforeData { as_of, first })
    );
    let as_of = date(2020, 2, 18);
    assert_eq!(ask(date(2020, 2, 17), 1), Ok(()));
    assert_eq!(ask(as_of, 1), Err(ForecastError::Stale { as_of, last }));
    assert_eq!(
        forecaster().forecast(&[], true, last, 1),
        Err(ForecastError::Incidence(IncidenceError::Empty))
    );
    let wrong = ForecastRule {
        dispersion: f64::NAN,
        ..cities::forecast_rule()
    };
    let refused = Forecaster::new(&cities::serial_interval(), &wrong).unwrap_err();
    assert_eq!(refused.field, "dispersion");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Whatever totals say (gaps, corrections, jumps of any size, repeated days), quantiles are finite counts in order.
    #[test]
    fn quantiles_never_cross(
        rows in prop::collection::vec((0..50_i32, 0..100_u32, 0..22_u32), 1..40),
        first_is_new: bool,
        mean_si in 2.0..12.0_f64,
    ) {
        let rows: Vec<Total> = rows
            .into_iter()
            .map(|(day, total, power)| Total {
                date: date(2020, 2, 1).saturating_add(jiff::Span::new().days(day)),
                total: total << power,
            })
            .collect();
        let as_of = rows.iter().map(|row| row.date).max().unwrap();
        let si = SerialInterval::gamma(mean_si, mean_si / 2.0).unwrap();
        let made = Forecaster::new(&si, &cities::forecast_rule()).unwrap().forecast(&rows, first_is_new, as_of, 14).unwrap();
        let baseline = persistence(&rows, first_is_new, as_of, 14).unwrap();
        for day in made.days.iter().chain(&baseline.days) {
            let values = day.quantiles.values();
            prop_assert!(values.iter().all(|value| value.is_finite() && *value >= 0.0));
            prop_assert!(values.windows(2).all(|pair| pair[0] <= pair[1]));
        }
        for (one, other) in made.days.iter().zip(&baseline.days) {
            let pair = [(&one.quantiles, 1.0), (&other.quantiles, 3.0)];
            for combined in [average(&pair).unwrap(), linear_pool(&pair).unwrap()] {
                prop_assert!(combined.values().windows(2).all(|pair| pair[0] <= pair[1]));
            }
        }
    }
}
