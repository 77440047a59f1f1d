//! Forecasts of an area as they were made, over what came.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use lianfang_core::areas::{Area, AreaCode};
use lianfang_core::forecasts::{Model, Target};
use lianfang_core::text::Text;
use lianfang_core::time::UtcOffset;
use lianfang_epi::incidence::Incidence;
use lianfang_policy::ForesightSettings;
use lianfang_store::views::forecasts::{self as view, ForecastRow};
use serde::Serialize;

use super::counts_known;
use super::numbers::COUNTED_DAYS;
use super::record::{distributions, made_later};
use crate::{Actor, House, Refusal};

/// Which forecasts are asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct ForecastQuery {
    /// The area; the asker's own where none is named.
    pub area: Option<AreaCode>,
    /// The day: what was made and counted by its end. Today where none is named.
    pub date: Option<Date>,
    /// The day of the forecasts; the newest where none is named.
    pub as_of: Option<Date>,
    /// What is forecast.
    pub target: Target,
}

/// What came on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ObservedDay {
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// New cases, people or samples; `None` where no report came.
    pub new: Option<u32>,
}

/// A day that is forecast.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ForecastDayShown {
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// Days ahead.
    pub horizon: usize,
    /// Median.
    pub median: f64,
    /// Lower end of the 50 % interval.
    pub low_50: f64,
    /// Its upper end.
    pub high_50: f64,
    /// Lower end of the 90 % interval.
    pub low_90: f64,
    /// Its upper end.
    pub high_90: f64,
    /// What came, once it is known.
    pub came: Option<u32>,
}

/// A forecast as it was made.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ForecastShown {
    /// By what.
    pub model: Model,
    /// When it was recorded.
    pub made_at: String,
    /// Whether that was later than on the day after.
    pub later: bool,
    /// The newest day that was counted.
    #[schema(value_type = String, format = Date)]
    pub last: Date,
    /// The pack with its version.
    pub pack: String,
    /// BLAKE3 of the counts that were read, in hex.
    pub read: String,
    /// Cases that the nowcast added to the newest days.
    pub added: u32,
    /// The place of its fact in the ledger.
    pub seq: u64,
    /// The days ahead.
    pub days: Vec<ForecastDayShown>,
}

/// A day of which there are forecasts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ForecastsOfDay {
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub as_of: Date,
    /// By what.
    pub models: Vec<Model>,
}

/// Forecasts of an area.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ForecastsShown {
    /// The area.
    pub area: Area,
    /// The day: what was made and counted by its end.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// The newest day that can be asked for.
    #[schema(value_type = String, format = Date)]
    pub today: Date,
    /// What is forecast.
    pub target: Target,
    /// What came, day by day.
    pub observed: Vec<ObservedDay>,
    /// Days of which there are forecasts, the newest first.
    pub days: Vec<ForecastsOfDay>,
    /// The day of the forecasts below.
    #[schema(value_type = Option<String>, format = Date)]
    pub as_of: Option<Date>,
    /// The forecasts of that day.
    pub forecasts: Vec<ForecastShown>,
    /// Why there is none.
    pub why_none: Option<Text>,
}

fn day_shown(
    horizon: usize,
    date: Date,
    quantiles: &lianfang_epi::Quantiles,
    came: &BTreeMap<Date, u32>,
) -> Option<ForecastDayShown> {
    let (low_50, high_50) = quantiles.interval(0.5)?;
    let (low_90, high_90) = quantiles.interval(0.9)?;
    Some(ForecastDayShown {
        date,
        horizon,
        median: quantiles.median(),
        low_50,
        high_50,
        low_90,
        high_90,
        came: came.get(&date).copied(),
    })
}

fn shown(row: &ForecastRow, came: &BTreeMap<Date, u32>, offset: UtcOffset) -> ForecastShown {
    let mut days = Vec::new();
    let mut date = row.as_of;
    for (horizon, quantiles) in (1..).zip(distributions(row)) {
        let Ok(next) = date.tomorrow() else {
            break;
        };
        date = next;
        days.extend(day_shown(horizon, date, &quantiles, came));
    }
    ForecastShown {
        model: row.model,
        made_at: offset.rfc3339(row.made_at),
        later: made_later(row),
        last: row.last,
        pack: row.pack.clone(),
        read: row.read.clone(),
        added: row.added,
        seq: row.seq,
        days,
    }
}

/// Why there is no forecast of an area.
fn why_none(settings: Option<&ForesightSettings>, target: Target) -> Text {
    let [en, zh] = match target {
        Target::NewCases => [
            "areas with at least {n} new cases",
            "新增病例不少于{n}例的区域",
        ],
        Target::Arrivals => [
            "counties and above with at least {n} arrivals",
            "到达不少于{n}人的县级及以上区域",
        ],
        Target::Patients => [
            "counties and above with at least {n} cases in hospital",
            "在院病例不少于{n}例的县级及以上区域",
        ],
        Target::Quarantined => [
            "counties and above with at least {n} people at quarantine sites",
            "集中隔离不少于{n}人的县级及以上区域",
        ],
        Target::Samples => [
            "counties and above with at least {n} samples",
            "采样不少于{n}份的县级及以上区域",
        ],
    };
    match settings {
        None => Text::new(
            "The policy in force has no settings.foresight: nothing is forecast.",
            "现行规则包没有settings.foresight一节，不作预测。",
        ),
        Some(settings) => {
            let least = settings.least_cases.to_string();
            let days = settings.within_days;
            Text::new(
                format!(
                    "No forecast so far. Each night one is made for {} in {days} days.",
                    en.replace("{n}", &least)
                ),
                format!(
                    "尚无预测。近{days}天{}，每夜自动预测。",
                    zh.replace("{n}", &least)
                ),
            )
        }
    }
}

impl House {
    /// What came, day by day, and by day where it is known.
    fn observed(
        &self,
        target: Target,
        area: AreaCode,
        (date, last): (Date, Date),
    ) -> Result<(Vec<ObservedDay>, BTreeMap<Date, u32>), Refusal> {
        let first = last.checked_sub(COUNTED_DAYS.days()).unwrap_or(last);
        if let Some(numbers) = self.numbers(target, area, (first, last))? {
            let came = numbers.by_day((first, last));
            let observed = came.iter().map(|(date, number)| ObservedDay {
                date: *date,
                new: Some(*number),
            });
            return Ok((observed.collect(), came));
        }
        let counted = self.counted_days(area, (date, last))?;
        let observed = Incidence::from_totals(&counted.totals, true).map_or_else(
            |_| Vec::new(),
            |series| {
                let days = series.dates.iter().zip(&series.new);
                days.map(|(date, new)| ObservedDay {
                    date: *date,
                    new: *new,
                })
                .collect()
            },
        );
        Ok((observed, counts_known(&counted.totals)))
    }

    /// The forecasts of an area as they were made, over what came.
    ///
    /// # Errors
    /// Where the area is none of the asker's, a day is to come, or no forecast is of the day asked for.
    pub fn forecasts(
        &self,
        actor: &Actor,
        query: &ForecastQuery,
    ) -> Result<ForecastsShown, Refusal> {
        let area = self.area_foreseen(actor, query.area)?;
        let (date, last) = self.day_asked(query.date)?;
        let tree = self.tree()?;
        let of = tree.get(area).ok_or(Refusal::NotFound("area"))?;
        let policy = self.policy_on(date)?;
        let target = query.target;
        let rows = self
            .store
            .read(|c| view::within(c, (area, area), target, date))?;
        let (observed, came) = self.observed(target, area, (date, last))?;
        let days: Vec<ForecastsOfDay> = rows
            .chunk_by(|a, b| a.as_of == b.as_of)
            .map(|of_day| ForecastsOfDay {
                as_of: of_day[0].as_of,
                models: of_day.iter().map(|row| row.model).collect(),
            })
            .rev()
            .collect();
        let as_of = query.as_of.or_else(|| days.first().map(|day| day.as_of));
        let forecasts: Vec<ForecastShown> = rows
            .iter()
            .filter(|row| Some(row.as_of) == as_of)
            .map(|row| shown(row, &came, self.store.utc_offset()))
            .collect();
        if forecasts.is_empty() && query.as_of.is_some() {
            return Err(Refusal::NotFound("forecast"));
        }
        Ok(ForecastsShown {
            area: of,
            date,
            today: self.today(),
            target,
            observed,
            why_none: forecasts
                .is_empty()
                .then(|| why_none(policy.pack.foresight.as_ref(), target)),
            days,
            as_of,
            forecasts,
        })
    }
}
