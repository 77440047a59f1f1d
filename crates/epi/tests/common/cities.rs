//! The cities' published totals, and the rules that the tests declare and forecast by.

use std::collections::BTreeMap;

use jiff::civil::Date;
use lianfang_epi::{ForecastRule, SerialInterval, Total, TurningPointRule};

/// Totals of every city by area code; none where the shared data are absent.
pub(crate) fn totals() -> Option<BTreeMap<String, Vec<Total>>> {
    let path = super::shared_data("cities/china-city-cases-2020.csv")?;
    let mut cities: BTreeMap<String, Vec<Total>> = BTreeMap::new();
    for row in csv::Reader::from_path(path).unwrap().records() {
        let row = row.unwrap();
        let date: Date = row[0].parse().unwrap();
        let total = row[4].parse().unwrap();
        cities
            .entry(row[3].to_string())
            .or_default()
            .push(Total { date, total });
    }
    Some(cities)
}

pub(crate) fn rule() -> TurningPointRule {
    TurningPointRule {
        declare_probability: 0.9,
        declare_days: 3,
        min_cases: 10,
        withdraw_probability: 0.95,
        withdraw_days: 3,
        switch_per_day: 0.02,
        log_r_sd: 0.7,
        log_r_step_sd: 0.1,
        dispersion: 20.0,
        artefact_probability: 0.05,
        imported_per_day: 0.1,
    }
}

pub(crate) fn forecast_rule() -> ForecastRule {
    ForecastRule {
        r_start: 2.2,
        log_r_sd: 0.7,
        r_controlled: 0.58,
        half_life_days: 7.0,
        log_r_step_sd: 0.1,
        jump_per_day: 0.02,
        dispersion: 10.0,
        artefact_probability: 0.05,
        imported_per_day: 0.1,
    }
}

/// Nishiura et al. 2020.
pub(crate) fn serial_interval() -> SerialInterval {
    SerialInterval::gamma(4.7, 2.9).unwrap()
}
