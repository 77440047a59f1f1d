//! Surveillance of an area, fed by its cases and nothing else: curves by first symptoms, report or sample, delays, and alarms.
//!
//! What is shown for a past day is what was known by its end, so the same day gives the same alarms whenever it is asked for. Delays,
//! and the settings that links tell, are today's.

pub(crate) mod alarms;

use jiff::ToSpan;
use jiff::civil::Date;
use lianfang_core::areas::{Area, AreaCode};
use lianfang_core::time::day_number;
use lianfang_epi::delays::{Delays, MAX_DELAY};
use lianfang_store::views::counts::Measure;
use lianfang_store::views::surveillance::{self as view, Delay};
use serde::{Deserialize, Serialize};

use crate::briefs::{CurveBy, Day};
use crate::{Actor, House, Refusal};

pub use alarms::{AlarmOf, AlarmShown, AlarmsShown};

/// Days of cases whose delays are shown: a bound on what is read.
const LONGEST_SPAN: i64 = 732;
/// The quantile of delays that is shown beside the median.
const TAIL: f64 = 0.9;

/// By which day of a case a curve counts it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CasesBy {
    /// First symptoms; the newest days are filled up by a nowcast.
    #[default]
    Onset,
    /// The day in the curve: report, else diagnosis, sample, admission, first symptoms.
    Report,
    /// The first positive sample.
    Sample,
}

/// Which surveillance is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct SurveillanceQuery {
    /// The area; the highest of the asker's where none is named.
    pub area: Option<AreaCode>,
    /// The day; today where none is named.
    pub date: Option<Date>,
    /// By which day cases are counted.
    pub by: CasesBy,
}

/// Delays between two days of cases.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct DelayShown {
    /// From what to what: `onset_to_report`, `onset_to_admission`, `onset_to_sample` or `sample_to_result`.
    pub delay: &'static str,
    /// Cases, or samples, with both days in order.
    pub n: usize,
    /// Of these, those whose second day lies before the first: left out.
    pub negative: usize,
    /// Median, in days.
    pub median: Option<f64>,
    /// 90 % quantile.
    pub q90: Option<f64>,
    /// Mean.
    pub mean: Option<f64>,
}

/// Surveillance of an area on a day.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SurveillanceShown {
    /// The area.
    pub area: Area,
    /// The day: nothing known later enters the curve or the alarms.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// The newest day that can be asked for.
    #[schema(value_type = String, format = Date)]
    pub today: Date,
    /// By which day cases are counted.
    pub by: CasesBy,
    /// Confirmed cases of the line list, as known then.
    pub cases: u64,
    /// Of these, those without the day by which they would be counted.
    pub without_day: u64,
    /// The curve, with the reproduction number of windows of days.
    pub curve: Vec<Day>,
    /// Delays.
    pub delays: Vec<DelayShown>,
    /// Alarms, where the policy says how they are judged.
    pub alarms: Option<AlarmsShown>,
}

/// The word of a delay.
fn word(delay: Delay) -> &'static str {
    match delay {
        Delay::OnsetToReport => "onset_to_report",
        Delay::OnsetToAdmission => "onset_to_admission",
        Delay::OnsetToSample => "onset_to_sample",
        Delay::SampleToResult => "sample_to_result",
    }
}

fn summed(all: &[(Delay, i64, u64)], wanted: Delay) -> DelayShown {
    let mut delays = Delays {
        counts: Vec::new(),
        n_used: 0,
        n_missing: 0,
        n_negative: 0,
        n_too_long: 0,
    };
    for (_, days, n) in all.iter().filter(|(delay, _, _)| *delay == wanted) {
        let cases = usize::try_from(*n).unwrap_or(usize::MAX);
        match usize::try_from(*days) {
            Err(_) => delays.n_negative += cases,
            Ok(days) if days > MAX_DELAY => delays.n_too_long += cases,
            Ok(days) => {
                if delays.counts.len() <= days {
                    delays.counts.resize(days + 1, 0);
                }
                delays.counts[days] += u32::try_from(*n).unwrap_or(u32::MAX);
                delays.n_used += cases;
            }
        }
    }
    DelayShown {
        delay: word(wanted),
        n: delays.n_used,
        negative: delays.n_negative,
        median: delays.median(),
        q90: delays.quantile(TAIL),
        mean: delays.mean(),
    }
}

impl House {
    /// Surveillance of an area as known on a day.
    pub fn surveillance(
        &self,
        actor: &Actor,
        query: &SurveillanceQuery,
    ) -> Result<SurveillanceShown, Refusal> {
        let area = self.area_with_cases(actor, query.area)?;
        let today = self.today();
        let date = query.date.unwrap_or(today);
        if date > today {
            return Err(Refusal::invalid(
                "date",
                "Takes today or a past day.",
                "只能查看今日或以往日期。",
            ));
        }
        let tree = self.tree()?;
        let shown = tree.get(area).ok_or(Refusal::NotFound("area"))?;
        let policy = self.policy_on(date)?;
        // Today is not over.
        let last = if date == today {
            date.checked_sub(1.day()).unwrap_or(date)
        } else {
            date
        };
        let first = date.checked_sub(LONGEST_SPAN.days()).unwrap_or(date);
        let curve = match query.by {
            CasesBy::Onset => self.curve_of_cases(&policy, area, (date, last), CurveBy::Onset)?,
            CasesBy::Report => self.curve_of_cases(&policy, area, (date, last), CurveBy::Report)?,
            CasesBy::Sample => {
                let days = self
                    .store
                    .read(|c| view::by_day(c, area, Measure::Sampled, (Date::MIN, last), date))?;
                policy.curve_by_day(&days, last)
            }
        };
        let (delays, cases) = self.store.read(|c| {
            let cases = view::by_day(c, area, Measure::Confirmed, (Date::MIN, last), date)?;
            Ok((view::delays(c, area, (first, date))?, cases))
        })?;
        let cases: u64 = cases.iter().map(|(_, n)| n).sum();
        let counted: u64 = curve
            .iter()
            .map(|day| u64::from(day.new.unwrap_or(0)))
            .sum();
        Ok(SurveillanceShown {
            area: shown,
            date,
            today,
            by: query.by,
            cases,
            without_day: cases.saturating_sub(counted),
            curve,
            delays: Delay::ALL
                .iter()
                .map(|delay| summed(&delays, *delay))
                .collect(),
            alarms: self.alarms(&policy, area, date, last)?,
        })
    }
}

/// Days from the first to the last, both included, as numbers.
pub(crate) fn each_day(first: Date, last: Date) -> impl Iterator<Item = Date> {
    (day_number(first)..=day_number(last)).filter_map(lianfang_core::time::day_from_number)
}
