//! A city fitted to an area's totals, day by day of the calendar, and the days ahead that follow from it.

use jiff::ToSpan;
use jiff::civil::Date;
use lianfang_core::time::day_number;
use lianfang_epi::forecast::{DayAhead, Forecast, LEVELS, LONGEST_HORIZON, Quantiles};
use lianfang_epi::incidence::{Incidence, Total};
use lianfang_policy::Pack;

use super::{Fit, FitAsked, FitError, fit};
use crate::population::Population;
use crate::scenario::Scenario;

/// For each case of the data, so many may have been infected on the first day at most.
const INITIAL_FOR_EACH: f64 = 10.0;
/// For each case of a day of the data, so many may come infected on a day at most.
const ARRIVALS_FOR_EACH: f64 = 3.0;

/// How long a fit may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FitSize {
    /// Parameter sets that are kept.
    pub particles: usize,
    /// Rounds at most.
    pub rounds: usize,
    /// From which all draws follow.
    pub seed: u64,
    /// Days that runs begin before the first day of data.
    pub lead: usize,
    /// Runs at one time; the result is the same.
    pub threads: usize,
}

/// What a city is fitted to.
#[derive(Debug, Clone, Copy)]
pub struct FitData<'a> {
    /// Cumulative totals.
    pub totals: &'a [Total],
    /// The first day of data; the first with a case, if left out.
    pub from: Option<Date>,
    /// Days after the last total that are run, too.
    pub ahead: usize,
}

/// A city fitted to totals.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedCurve {
    /// The fit.
    pub fit: Fit,
    /// The first day of data.
    pub first: Date,
    /// Cases of each day from then on.
    pub observed: Vec<f64>,
}

impl FittedCurve {
    /// Fits a city to totals.
    ///
    /// # Errors
    /// Data without cases or that do not reach the first day, more cases than the city can have, and as [`fit`].
    pub fn to(
        city: &Population,
        pack: &Pack,
        scenario: &Scenario,
        data: &FitData<'_>,
        size: &FitSize,
    ) -> Result<Self, FitError> {
        let series = Incidence::from_totals(data.totals, true).map_err(FitError::Totals)?;
        let begins = series.filled.iter().position(|cases| *cases > 0.0);
        let first = match data.from {
            None => begins.ok_or(FitError::NoCases)?,
            Some(from) => {
                let place = series.dates.iter().position(|date| *date == from);
                place.ok_or(FitError::NotReached(from))?
            }
        };
        let observed = series.filled[first..].to_vec();
        let all: f64 = observed.iter().sum();
        let people = city.people();
        if all * 2.0 > f64::from(people) {
            return Err(FitError::TooSmall { cases: all, people });
        }
        let first = series.dates[first];
        let mut scenario = scenario.clone();
        let lead = i64::try_from(size.lead).unwrap_or(i64::MAX);
        scenario.start = first
            .checked_sub(lead.days())
            .map_err(|_| FitError::NotReached(first))?;
        let initial = (INITIAL_FOR_EACH * all).clamp(2.0, f64::from(people));
        let per_day = ARRIVALS_FOR_EACH * all / observed.len() as f64;
        let asked = FitAsked {
            particles: size.particles,
            rounds: size.rounds,
            seed: size.seed,
            lead: size.lead,
            ahead: data.ahead,
            most_initial: initial as u32,
            most_per_day: per_day.clamp(1.0, f64::from(people)),
            threads: size.threads,
        };
        let fit = fit(city, pack, &scenario, &observed, &asked)?;
        Ok(Self {
            fit,
            first,
            observed,
        })
    }

    /// The days after `as_of` as a forecast, where the fit was run that far.
    ///
    /// # Errors
    /// Where it was not.
    pub fn forecast(&self, as_of: Date, days: usize) -> Result<Forecast, FitError> {
        let all = self.fit.quantiles(&LEVELS);
        let day = |after: i32| lianfang_core::time::day_from_number(day_number(as_of) + after);
        let ahead = (1_i32..).take(days).map(|horizon| {
            let date = day(horizon).ok_or(FitError::NotRun(as_of))?;
            let place = usize::try_from(day_number(date) - day_number(self.first)).ok();
            let values = place.and_then(|place| all.get(place));
            let values = values.ok_or(FitError::NotRun(date))?;
            let quantiles = Quantiles::at_hub_levels(values.clone());
            Ok(DayAhead {
                date,
                horizon: horizon as usize,
                quantiles: quantiles.map_err(|_| FitError::NotRun(date))?,
            })
        });
        let days = ahead.collect::<Result<_, FitError>>()?;
        let last = day_number(self.first) + self.observed.len() as i32 - 1;
        Ok(Forecast {
            as_of,
            last_total: lianfang_core::time::day_from_number(last).unwrap_or(self.first),
            days,
        })
    }

    /// Fits a city to the totals up to a day, and forecasts the days after it.
    ///
    /// # Errors
    /// As for [`FittedCurve::to`]; or where the newest total is too old.
    pub fn ahead(
        city: &Population,
        pack: &Pack,
        scenario: &Scenario,
        (totals, as_of, days): (&[Total], Date, usize),
        size: &FitSize,
    ) -> Result<Forecast, FitError> {
        let until: Vec<Total> = totals
            .iter()
            .copied()
            .filter(|total| total.date <= as_of)
            .collect();
        let last = until.iter().map(|total| total.date).max();
        let last = last.ok_or(FitError::NoCases)?;
        let silent = (day_number(as_of) - day_number(last)).unsigned_abs() as usize;
        if silent > LONGEST_HORIZON {
            return Err(FitError::Stale(last));
        }
        let data = FitData {
            totals: &until,
            from: None,
            ahead: silent + days,
        };
        Self::to(city, pack, scenario, &data, size)?.forecast(as_of, days)
    }
}
