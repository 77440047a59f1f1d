//! The record: how good stored forecasts were, against persistence.

use std::collections::BTreeMap;

use jiff::civil::Date;
use lianfang_core::areas::{Area, AreaCode};
use lianfang_core::forecasts::{Model, Target};
use lianfang_epi::forecast::Quantiles;
use lianfang_epi::scores::{bias, covers, relative_skill, wis};
use lianfang_store::views::forecasts::{self as view, ForecastRow};
use serde::Serialize;

use crate::{Actor, House, Refusal};

/// Coverages of the intervals that are judged.
const JUDGED: [f64; 2] = [0.5, 0.9];

/// Which record is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct RecordQuery {
    /// The area; the asker's own where none is named.
    pub area: Option<AreaCode>,
    /// The day: what was made and counted by its end. Today where none is named.
    pub date: Option<Date>,
    /// Whether forecasts of all areas below count, too.
    pub below: bool,
    /// What is forecast.
    pub target: Target,
}

lianfang_core::words! {
    /// What a record says of a model.
    Verdict {
        /// Too few were scored to say anything.
        TooFew = "too_few", "too few scored", "已评分过少";
        /// Better than persistence.
        Better = "better", "better than persistence", "优于持续性基线";
        /// Not better than persistence.
        Worse = "worse", "no better than persistence", "不优于持续性基线";
    }
}

/// How good forecasts of one model were.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ScoreShown {
    /// By what they were made.
    pub model: Model,
    /// Days ahead; all of them together where none is named.
    pub horizon: Option<usize>,
    /// Days forecast whose truth has come, and for which there is a baseline.
    pub scored: usize,
    /// Of these, those whose forecast was made later than the next day.
    pub later: usize,
    /// Mean weighted interval score, in cases, people or samples.
    pub wis: f64,
    /// That of persistence.
    pub baseline: f64,
    /// Their ratio: below 1, the model is better than persistence.
    pub relative: Option<f64>,
    /// Share of the 50 % intervals that held what came.
    pub held_50: f64,
    /// Share of the 90 % intervals that held what came.
    pub held_90: f64,
    /// Mean bias, -1 to 1: above 0, forecasts were too high.
    pub bias: f64,
    /// What this says.
    pub verdict: Verdict,
}

/// The record of an area's forecasts.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ForecastRecord {
    /// The area.
    pub area: Area,
    /// The day: what was made and counted by its end.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// Whether forecasts of areas below count, too.
    pub below: bool,
    /// What is forecast.
    pub target: Target,
    /// Forecasts stored by then, baselines aside.
    pub stored: usize,
    /// Areas that they are of.
    pub areas: usize,
    /// With fewer scored, no model is judged.
    pub judged_from: Option<u32>,
    /// Scores by model: over all days ahead first, then by days ahead.
    pub scores: Vec<ScoreShown>,
}

/// Sums over forecasts of one model, so many days ahead.
#[derive(Default)]
struct Sums {
    ours: Vec<Option<f64>>,
    baseline: Vec<Option<f64>>,
    held: [u32; 2],
    bias: f64,
    later: usize,
}

impl Sums {
    fn take(&mut self, ours: &Quantiles, baseline: &Quantiles, came: f64, later: bool) {
        let scores = (wis(ours, came), wis(baseline, came), bias(ours, came));
        let (Ok(score), Ok(other), Ok(bias)) = scores else {
            return;
        };
        self.ours.push(Some(score.wis));
        self.baseline.push(Some(other.wis));
        self.bias += bias;
        self.later += usize::from(later);
        for (held, coverage) in self.held.iter_mut().zip(JUDGED) {
            *held += u32::from(covers(ours, coverage, came) == Some(true));
        }
    }

    fn shown(self, model: Model, horizon: Option<usize>, judged_from: u32) -> ScoreShown {
        let scored = self.ours.len();
        let n = scored.max(1) as f64;
        let mean = |scores: &[Option<f64>]| scores.iter().flatten().sum::<f64>() / n;
        let (wis, baseline) = (mean(&self.ours), mean(&self.baseline));
        let [held_50, held_90] = self.held.map(|held| f64::from(held) / n);
        let relative = relative_skill(&[self.ours, self.baseline], 1)
            .ok()
            .and_then(|skills| skills[0]);
        let verdict = match relative {
            Some(relative) if scored >= judged_from as usize => {
                if relative < 1.0 {
                    Verdict::Better
                } else {
                    Verdict::Worse
                }
            }
            _ => Verdict::TooFew,
        };
        ScoreShown {
            model,
            horizon,
            scored,
            later: self.later,
            wis,
            baseline,
            relative,
            held_50,
            held_90,
            bias: self.bias / n,
            verdict,
        }
    }
}

/// A stored forecast's days as distributions.
pub(super) fn distributions(row: &ForecastRow) -> Vec<Quantiles> {
    let days = row.days.iter();
    days.filter_map(|values| Quantiles::at_hub_levels(values.clone()).ok())
        .collect()
}

/// Whether a forecast was made later than on the day after that of which it is.
pub(super) fn made_later(row: &ForecastRow) -> bool {
    row.as_of.tomorrow().is_ok_and(|next| row.made > next)
}

impl House {
    /// How good the stored forecasts of an area were, as known by the end of a day.
    ///
    /// # Errors
    /// Where the area is none of the asker's, or the day is to come.
    pub fn forecast_record(
        &self,
        actor: &Actor,
        query: &RecordQuery,
    ) -> Result<ForecastRecord, Refusal> {
        let area = self.area_foreseen(actor, query.area)?;
        let (date, last) = self.day_asked(query.date)?;
        let tree = self.tree()?;
        let shown = tree.get(area).ok_or(Refusal::NotFound("area"))?;
        let policy = self.policy_on(date)?;
        let target = query.target;
        let to = if query.below { area.last() } else { area };
        let rows = self
            .store
            .read(|c| view::within(c, (area, to), target, date))?;
        let judged_from = policy.pack.foresight.as_ref().map(|f| f.judged_from);
        let mut sums: BTreeMap<(Model, Option<usize>), Sums> = BTreeMap::new();
        let mut areas = 0;
        for of_area in rows.chunk_by(|a, b| a.area == b.area) {
            areas += 1;
            let first = of_area[0].as_of;
            let came = self.came(target, of_area[0].area, (first, date, last))?;
            for of_day in of_area.chunk_by(|a, b| a.as_of == b.as_of) {
                take_day(of_day, &came, &mut sums);
            }
        }
        let scores = sums.into_iter().map(|((model, horizon), sums)| {
            sums.shown(model, horizon, judged_from.unwrap_or(u32::MAX))
        });
        Ok(ForecastRecord {
            area: shown,
            date,
            below: query.below,
            target,
            stored: rows
                .iter()
                .filter(|row| row.model != Model::Persistence)
                .count(),
            areas,
            judged_from,
            scores: scores.collect(),
        })
    }
}

/// Scores the forecasts of one area and day.
fn take_day(
    rows: &[ForecastRow],
    came: &BTreeMap<Date, u32>,
    sums: &mut BTreeMap<(Model, Option<usize>), Sums>,
) {
    let Some(baseline) = rows.iter().find(|row| row.model == Model::Persistence) else {
        return;
    };
    let baseline = distributions(baseline);
    for row in rows.iter().filter(|row| row.model != Model::Persistence) {
        let mut day = row.as_of;
        for (horizon, (ours, base)) in (1..).zip(distributions(row).iter().zip(&baseline)) {
            let Ok(next) = day.tomorrow() else {
                break;
            };
            day = next;
            let Some(came) = came.get(&day) else {
                continue;
            };
            for key in [None, Some(horizon)] {
                let sums = sums.entry((row.model, key)).or_default();
                sums.take(ours, base, f64::from(*came), made_later(row));
            }
        }
    }
}
