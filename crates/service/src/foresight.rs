//! Foresight: forecasts that are stored when they are made, and scored when the truth comes.
//!
//! A forecast is made of a day that is over, from what was known by its end, and stands in the ledger as it was made.
//! Scores are computed from it and from the counts as they stand; nobody stores one. Packs are tried side by side in a synthetic
//! city, from nothing or from today's state.

mod making;
mod numbers;
mod record;
mod shown;
mod state;
mod whatif;

use jiff::ToSpan;
use jiff::civil::Date;
use lianfang_core::access::Right;
use lianfang_core::areas::AreaCode;
use lianfang_epi::incidence::{Incidence, Total};
use std::collections::BTreeMap;

use crate::{Actor, House, Refusal};

pub use making::{CityModel, ForecastsMade, MakeForecasts};
pub use record::{ForecastRecord, RecordQuery, ScoreShown, Verdict};
pub use shown::{
    ForecastDayShown, ForecastQuery, ForecastShown, ForecastsOfDay, ForecastsShown, ObservedDay,
};
pub use state::{StateCounts, StateNow};
pub(crate) use whatif::Jobs;
pub use whatif::{
    AblatedShown, CityChoice, CurveShown, DifferenceShown, FrontierShown, JobState, MeasureShown,
    PackChoice, PackShown, SeriesShown, SpreadShown, StartFrom, WhatIfAsked, WhatIfBounds,
    WhatIfChoices, WhatIfJob, WhatIfResult,
};

/// New cases of the days whose own count is known: not of those after a gap, nor of those corrected.
fn counts_known(totals: &[Total]) -> BTreeMap<Date, u32> {
    let Ok(series) = Incidence::from_totals(totals, true) else {
        return BTreeMap::new();
    };
    let known = series.known();
    let days = series.dates.into_iter().zip(known);
    days.filter_map(|(day, new)| Some((day, new?))).collect()
}

impl House {
    /// The area whose forecasts are asked for: it must be one of the asker's.
    fn area_foreseen(&self, actor: &Actor, area: Option<AreaCode>) -> Result<AreaCode, Refusal> {
        let area = match area {
            Some(area) => area,
            None => self.home(actor)?.code,
        };
        if actor.may(Right::ReadBrief, area) {
            Ok(area)
        } else if actor.sees(area) {
            Err(Refusal::Forbidden)
        } else {
            Err(Refusal::NotFound("area"))
        }
    }

    /// The day asked for, and the newest day that counts on it: today is not over.
    fn day_asked(&self, date: Option<Date>) -> Result<(Date, Date), Refusal> {
        let today = self.today();
        let date = date.unwrap_or(today);
        if date > today || date.year() < 1900 {
            return Err(Refusal::invalid(
                "date",
                "Takes today or a past day.",
                "只能查看今日或以往日期。",
            ));
        }
        let last = if date == today {
            date.checked_sub(1.day()).unwrap_or(date)
        } else {
            date
        };
        Ok((date, last))
    }
}
