//! Makes forecasts of all areas with cases, people or samples enough, from what was known by the end of a day.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::Date;
use lianfang_city::fit::{FitSize, FittedCurve};
use lianfang_city::population::Population;
use lianfang_city::scenario::Scenario;
use lianfang_core::access::Right;
use lianfang_core::areas::AreaCode;
use lianfang_core::facts::{Body, Draft, ForecastMade};
use lianfang_core::forecasts::{Model, Target};
use lianfang_core::ids::FactId;
use lianfang_core::words::Word;
use lianfang_epi::forecast::{Forecast, Forecaster, Quantiles, persistence};
use lianfang_epi::incidence::{Incidence, Total};
use lianfang_epi::nowcast::{ReportingTriangle, nowcast};
use lianfang_policy::ForesightSettings;
use lianfang_store::Batch;
use lianfang_store::views::counts::{Measure, counts_of};
use lianfang_store::views::forecasts as view;

use super::numbers::COUNTED_DAYS;
use crate::briefs::Basis;
use crate::policy::Policy;
use crate::{Actor, House, Refusal};

/// Level of the nowcast's intervals, which are not used here.
const LEVEL: f64 = 0.95;

/// A city that is fitted to the counts of the area that it describes, and run on.
#[derive(Clone, Copy)]
pub struct CityModel<'a> {
    /// The city.
    pub city: &'a Population,
    /// What is supposed of it.
    pub scenario: &'a Scenario,
    /// How long a fit may take.
    pub size: FitSize,
}

/// Which forecasts to make.
#[derive(Clone, Copy, Default)]
pub struct MakeForecasts<'a> {
    /// The day, which must be over; yesterday where none is named.
    pub as_of: Option<Date>,
    /// Only this area; all with cases enough where none is named.
    pub area: Option<AreaCode>,
    /// Its area is forecast by it, too.
    pub city: Option<&'a CityModel<'a>>,
}

/// What was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct ForecastsMade {
    /// The day: nothing known later was read.
    pub as_of: Date,
    /// Series with cases, people or samples enough: one for each area and target.
    pub areas: usize,
    /// Forecasts made, one for each area, target and model.
    pub made: usize,
    /// Forecasts that were there already, and stay as they are.
    pub there: usize,
}

/// What all forecasts of a day share.
struct Making<'a> {
    policy: &'a Policy,
    forecaster: Forecaster,
    as_of: Date,
    days: usize,
    city: Option<&'a CityModel<'a>>,
}

impl Making<'_> {
    /// By what an area is forecast.
    fn models(&self, area: AreaCode) -> &'static [Model] {
        let described = |model: &CityModel<'_>| model.city.description().code.parse() == Ok(area);
        if self.city.is_some_and(described) {
            &[
                Model::Persistence,
                Model::Renewal,
                Model::City,
                Model::Ensemble,
            ]
        } else {
            &[Model::Persistence, Model::Renewal]
        }
    }

    /// A forecast; none where the newest count is too old.
    fn forecast(&self, model: Model, counts: &Counts) -> Result<Option<Forecast>, Refusal> {
        let totals = &counts.totals;
        let renewal = || {
            self.forecaster
                .forecast(totals, true, self.as_of, self.days)
        };
        Ok(match model {
            Model::Persistence => persistence(totals, true, self.as_of, self.days).ok(),
            Model::Renewal => renewal().ok(),
            Model::City => self.by_city(totals)?,
            Model::Ensemble => match (renewal().ok(), self.by_city(totals)?) {
                (Some(renewal), Some(city)) => renewal.averaged_with(&city).ok(),
                _ => None,
            },
            // Of what is no case.
            Model::Announced | Model::Stays | Model::Level => None,
        })
    }

    fn by_city(&self, totals: &[Total]) -> Result<Option<Forecast>, Refusal> {
        let Some(model) = self.city else {
            return Ok(None);
        };
        let asked = (totals, self.as_of, self.days);
        let pack = &self.policy.pack;
        FittedCurve::ahead(model.city, pack, model.scenario, asked, &model.size)
            .map(Some)
            .map_err(|error| {
                Refusal::invalid(
                    "city",
                    format!("The city cannot be fitted: {error}."),
                    format!("无法拟合该城市：{error}。"),
                )
            })
    }

    /// BLAKE3 of what a city was run with, in hex; none where none was.
    fn digest_of_city(&self, model: Model) -> Option<String> {
        let of = self
            .city
            .filter(|_| matches!(model, Model::City | Model::Ensemble))?;
        // Threads change nothing of the result.
        let FitSize {
            particles,
            rounds,
            seed,
            lead,
            ..
        } = of.size;
        let said = serde_json::json!({
            "description": of.city.description(),
            "scenario": of.scenario,
            "fit": [particles as u64, rounds as u64, seed, lead as u64],
        });
        Some(
            blake3::hash(said.to_string().as_bytes())
                .to_hex()
                .to_string(),
        )
    }
}

/// What a forecast says of where it comes from.
struct Source {
    area: AreaCode,
    target: Target,
    model: Model,
    read: String,
    added: u32,
    city: Option<String>,
}

/// What a forecast of an area's cases is made from.
struct Counts {
    area: AreaCode,
    totals: Vec<Total>,
    added: u32,
}

impl House {
    /// Makes the forecasts of a day that are not there yet, and stores them. What is there is never changed.
    ///
    /// # Errors
    /// Where the asker may not, or the day is not over.
    pub fn make_forecasts(
        &self,
        actor: &Actor,
        asked: &MakeForecasts<'_>,
    ) -> Result<ForecastsMade, Refusal> {
        actor.require(Right::ReportCase, self.store.root())?;
        let yesterday = self.today().checked_sub(1.day()).unwrap_or(Date::MIN);
        let as_of = asked.as_of.unwrap_or(yesterday);
        if as_of > yesterday || as_of.year() < 1900 {
            return Err(Refusal::invalid(
                "date",
                "Forecasts are made of a day that is over.",
                "只能对已结束的日期作出预测。",
            ));
        }
        let policy = self.policy_on(as_of)?;
        let mut made = ForecastsMade {
            as_of,
            areas: 0,
            made: 0,
            there: 0,
        };
        let (Some(foresight), Some(rule)) = (&policy.pack.foresight, &policy.pack.forecast) else {
            return Ok(made);
        };
        let making = Making {
            policy: &policy,
            forecaster: Forecaster::new(&policy.pack.serial_interval, rule)
                .map_err(|error| Refusal::Pack(error.to_string()))?,
            as_of,
            days: foresight.horizon_days as usize,
            city: asked.city,
        };
        let mut batches = self.forecasts_of_cases(actor, &making, asked.area, &mut made)?;
        // Who was there on an earlier day is not on record: what is needed is foreseen of yesterday alone.
        if as_of == yesterday {
            batches
                .extend(self.forecasts_of_needs(actor, &making, foresight, asked.area, &mut made)?);
        }
        for appended in self.store.append_each(batches) {
            appended?;
        }
        Ok(made)
    }

    fn forecasts_of_cases(
        &self,
        actor: &Actor,
        making: &Making<'_>,
        only: Option<AreaCode>,
        made: &mut ForecastsMade,
    ) -> Result<Vec<Batch>, Refusal> {
        let (as_of, target) = (making.as_of, Target::NewCases);
        let mut batches = Vec::new();
        let there = self.store.read(|c| view::made_as_of(c, target, as_of))?;
        let areas = self.areas_to_forecast(making.policy, as_of)?.into_iter();
        for area in areas.filter(|area| only.is_none_or(|only| only == *area)) {
            let Some(counts) = self.counts_of_area(making.policy, area, as_of)? else {
                continue;
            };
            made.areas += 1;
            let mut drafts = Vec::new();
            for model in making.models(area) {
                if there.contains(&(area, *model)) {
                    made.there += 1;
                } else if let Some(forecast) = making.forecast(*model, &counts)? {
                    let source = Source {
                        area,
                        target,
                        model: *model,
                        read: counts.digest(),
                        added: counts.added,
                        city: making.digest_of_city(*model),
                    };
                    drafts.push(self.forecast_draft(actor, making, source, &forecast));
                }
            }
            if !drafts.is_empty() {
                made.made += drafts.len();
                batches.push(Batch::of(drafts));
            }
        }
        Ok(batches)
    }

    /// Forecasts of arrivals, of beds in hospital and at sites, and of samples, where enough of them are counted.
    fn forecasts_of_needs(
        &self,
        actor: &Actor,
        making: &Making<'_>,
        settings: &ForesightSettings,
        only: Option<AreaCode>,
        made: &mut ForecastsMade,
    ) -> Result<Vec<Batch>, Refusal> {
        let as_of = making.as_of;
        let back = |days: i32| as_of.checked_sub(days.days()).unwrap_or(as_of);
        let recent = (back(settings.within_days as i32 - 1), as_of);
        let field = making.policy.pack.field.as_ref();
        let learn = field.map_or(settings.within_days, |field| field.learn_arrivals_days);
        let mut batches = Vec::new();
        let areas = self.areas_that_plan()?.into_iter();
        let areas: Vec<AreaCode> = areas
            .filter(|area| only.is_none_or(|only| only == *area))
            .collect();
        for target in Target::ALL.iter().filter(|t| **t != Target::NewCases) {
            let there = self.store.read(|c| view::made_as_of(c, *target, as_of))?;
            for area in &areas {
                let models = target.models();
                // Asked for each hour: what is there is not counted again.
                if models.iter().all(|model| there.contains(&(*area, *model))) {
                    made.areas += 1;
                    made.there += models.len();
                    continue;
                }
                let span = (back(COUNTED_DAYS), as_of);
                let Some(numbers) = self.numbers(*target, *area, span)? else {
                    continue;
                };
                if numbers.counted(recent) < settings.least_cases {
                    continue;
                }
                made.areas += 1;
                let mut drafts = Vec::new();
                for model in models {
                    if there.contains(&(*area, model)) {
                        made.there += 1;
                    } else if let Some(forecast) =
                        numbers.forecast(model, (as_of, making.days), learn)
                    {
                        let source = Source {
                            area: *area,
                            target: *target,
                            model,
                            read: numbers.digest(*area, *target),
                            added: 0,
                            city: None,
                        };
                        drafts.push(self.forecast_draft(actor, making, source, &forecast));
                    }
                }
                if !drafts.is_empty() {
                    made.made += drafts.len();
                    batches.push(Batch::of(drafts));
                }
            }
        }
        Ok(batches)
    }

    /// Areas with new cases enough in the pack's days up to one, as known then.
    fn areas_to_forecast(
        &self,
        policy: &Policy,
        as_of: Date,
    ) -> Result<BTreeSet<AreaCode>, Refusal> {
        let Some(foresight) = &policy.pack.foresight else {
            return Ok(BTreeSet::new());
        };
        let from = as_of
            .checked_sub(i64::from(foresight.within_days - 1).days())
            .unwrap_or(as_of);
        let root = self.store.root();
        let found = self
            .store
            .read(|c| view::areas_with_cases(c, (from, as_of), as_of, foresight.least_cases))?;
        // Whoever has numbers has them for all areas above, too.
        let areas = found
            .into_iter()
            .flat_map(AreaCode::with_ancestors)
            .filter(|area| root.contains(*area));
        Ok(areas.collect())
    }

    /// The counts of an area as known by the end of a day; none where there are too few cases.
    fn counts_of_area(
        &self,
        policy: &Policy,
        area: AreaCode,
        as_of: Date,
    ) -> Result<Option<Counts>, Refusal> {
        let Some(foresight) = &policy.pack.foresight else {
            return Ok(None);
        };
        let counted = self.counted_days(area, (as_of, as_of))?;
        let Ok(series) = Incidence::from_totals(&counted.totals, true) else {
            return Ok(None);
        };
        let first = as_of
            .checked_sub(i64::from(foresight.within_days).days())
            .unwrap_or(as_of);
        let days = series.dates.iter().zip(&series.filled);
        let recent: f64 = days
            .filter(|(day, _)| **day > first)
            .map(|(_, new)| new)
            .sum();
        if recent < f64::from(foresight.least_cases) {
            return Ok(None);
        }
        let mut counts = Counts {
            area,
            totals: counted.totals,
            added: 0,
        };
        if counted.basis == Basis::LineList {
            let pairs = self
                .store
                .read(|c| counts_of(c, area, as_of, &[Measure::Confirmed]))?
                .into_iter()
                .map(|count| (count.day, count.known, count.n));
            counts.fill_up(policy, pairs, as_of);
        }
        Ok(Some(counts))
    }

    fn forecast_draft(
        &self,
        actor: &Actor,
        making: &Making<'_>,
        source: Source,
        forecast: &Forecast,
    ) -> Draft {
        let Source {
            area,
            target,
            model,
            read,
            added,
            city,
        } = source;
        let name = format!(
            "{area}\n{}\n{}\n{}",
            target.word(),
            forecast.as_of,
            model.word()
        );
        let offset = self.store.utc_offset();
        let moment = offset.start_of(forecast.as_of).as_millisecond();
        let entropy = u128::from_be_bytes(self.store.blind("forecast", &name));
        let body = Body::ForecastMade(ForecastMade {
            target,
            model,
            as_of: forecast.as_of,
            last: forecast.last_total,
            pack: making.policy.pack.id.clone(),
            version: making.policy.pack.version.clone(),
            read,
            added,
            city,
            thousandths: forecast
                .days
                .iter()
                .map(|day| thousandths(&day.quantiles))
                .collect(),
        });
        let id = FactId::from_parts(moment.unsigned_abs(), entropy);
        self.draft_as(id, actor, area, body)
    }
}

/// Quantiles in thousandths.
fn thousandths(quantiles: &Quantiles) -> Vec<u64> {
    let values = quantiles.values().iter();
    values
        .map(|value| (value.max(0.0) * 1_000.0).round() as u64)
        .collect()
}

impl Counts {
    /// Adds to the newest days of a line list the cases that are not known yet, by the delays from the day of a case to
    /// the day on which it became known.
    fn fill_up(
        &mut self,
        policy: &Policy,
        pairs: impl Iterator<Item = (Date, Date, i64)>,
        as_of: Date,
    ) {
        let nowcasting = policy.pack.nowcast;
        let learn_from = as_of
            .checked_sub(i64::from(nowcasting.learn_days).days())
            .unwrap_or(as_of);
        let mut by_days: BTreeMap<(Date, Date), i64> = BTreeMap::new();
        for (day, known, n) in pairs.filter(|(day, _, _)| *day >= learn_from) {
            *by_days.entry((day, known)).or_default() += n;
        }
        let each = by_days.into_iter().flat_map(|(days, n)| {
            std::iter::repeat_n(days, usize::try_from(n).unwrap_or_default())
        });
        let longest = nowcasting.max_delay_days as usize;
        let expected = ReportingTriangle::from_dates(each, learn_from, as_of, longest)
            .and_then(|triangle| nowcast(&triangle, nowcasting.provisional_below, LEVEL))
            .unwrap_or_default();
        let mut more = 0.0;
        let mut days = expected.iter().peekable();
        for total in &mut self.totals {
            while let Some(day) = days.next_if(|day| day.onset <= total.date) {
                if day.provisional {
                    more += day
                        .expected
                        .map_or(0.0, |all| (all - f64::from(day.reported)).max(0.0));
                }
            }
            total.total = total.total.saturating_add(more.round() as u32);
        }
        self.added = more.round() as u32;
    }

    /// BLAKE3 of what was read, in hex.
    fn digest(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(format!("{}\n", self.area).as_bytes());
        for total in &self.totals {
            hasher.update(format!("{},{}\n", total.date, total.total).as_bytes());
        }
        hasher.finalize().to_hex().to_string()
    }
}
