//! Alarms for unusual numbers of cases, per area below and per setting, by the method that the policy names. Each with its reason.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use lianfang_core::areas::{Area, AreaCode};
use lianfang_core::contacts::Setting;
use lianfang_core::text::Text;
use lianfang_core::words::Word;
use lianfang_epi::alarms::{EarsJudged, ears};
use lianfang_policy::{AlarmMethod, SurveillanceSettings};
use lianfang_store::views::counts::Measure;
use lianfang_store::views::{links, surveillance as view};
use serde::Serialize;

use super::each_day;
use crate::policy::Policy;
use crate::{House, Refusal};

/// Days that C2 and C3 leave between baseline and day, and that C3 adds: more of the past than any of them needs.
const BEFORE: u32 = 6;
/// Alarms shown at most.
const SHOWN: usize = 200;

/// Whose numbers an alarm is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum AlarmOf {
    /// An area: the one asked for, or one below it.
    Area {
        /// The area.
        area: Area,
    },
    /// A setting in which links say that cases of the area were infected.
    Setting {
        /// The setting.
        setting: Setting,
    },
}

/// An unusual number of cases.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct AlarmShown {
    /// Whose numbers.
    pub of: AlarmOf,
    /// The same in words.
    pub name: Text,
    /// The day, by which cases stand in the curve.
    #[schema(value_type = String, format = Date)]
    pub day: Date,
    /// Cases.
    pub observed: u32,
    /// Cases expected.
    pub expected: f64,
    /// More alarm.
    pub threshold: f64,
    /// First day of the baseline.
    #[schema(value_type = String, format = Date)]
    pub baseline_from: Date,
    /// Its last day.
    #[schema(value_type = String, format = Date)]
    pub baseline_to: Date,
    /// Why, in words.
    pub reason: Text,
}

/// The alarms of an area on a day.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct AlarmsShown {
    /// The method.
    pub method: AlarmMethod,
    /// Its name in the literature.
    pub method_name: &'static str,
    /// Days of the baseline.
    pub baseline_days: u32,
    /// One-sided rate of false alarms, counts being normal.
    pub false_alarms: f64,
    /// Fewer cases on a day are no alarm.
    pub fewest_cases: u32,
    /// Days that are judged.
    pub shown_days: u32,
    /// The pack and its version.
    pub pack: String,
    /// Areas and settings that were judged.
    pub judged: usize,
    /// The alarms, the newest first.
    pub alarms: Vec<AlarmShown>,
}

/// What is judged: daily numbers, the newest last.
struct Judging<'a> {
    settings: &'a SurveillanceSettings,
    days: Vec<Date>,
}

impl Judging<'_> {
    fn span(&self) -> (Date, Date) {
        (self.days[0], self.days[self.days.len() - 1])
    }

    /// The alarms of one series; none where it is empty.
    fn judge(
        &self,
        of: &AlarmOf,
        counts: &BTreeMap<Date, u64>,
    ) -> Result<Vec<AlarmShown>, Refusal> {
        let series: Vec<u32> = self
            .days
            .iter()
            .map(|day| {
                counts
                    .get(day)
                    .map_or(0, |n| u32::try_from(*n).unwrap_or(u32::MAX))
            })
            .collect();
        let judged = ears(&series, &self.settings.rule())
            .map_err(|error| Refusal::Pack(error.to_string()))?;
        let shown = self.days.len() - self.settings.shown_days as usize;
        Ok(judged
            .iter()
            .filter(|day| {
                day.at >= shown && day.alarm && day.observed >= self.settings.fewest_cases
            })
            .map(|day| self.shown(of.clone(), day))
            .collect())
    }

    fn shown(&self, of: AlarmOf, judged: &EarsJudged) -> AlarmShown {
        let day = self.days[judged.at];
        let (from, to) = (
            self.days[judged.baseline.start],
            self.days[judged.baseline.end - 1],
        );
        let threshold = judged.threshold.max(0.0);
        let (method, days) = (self.settings.method.name(), self.settings.baseline_days);
        let (observed, expected) = (judged.observed, judged.expected);
        AlarmShown {
            name: of.name(),
            of,
            day,
            observed,
            expected,
            threshold,
            baseline_from: from,
            baseline_to: to,
            reason: Text::new(
                format!(
                    "{observed} cases on {day}; {expected:.1} a day expected by the {days} days from {from} to {to}, more than {threshold:.1} alarm ({method})."
                ),
                format!(
                    "{day}报告{observed}例；按{from}至{to}共{days}天基线，预期每日{expected:.1}例，超过{threshold:.1}例即预警（{method}）。"
                ),
            ),
        }
    }
}

impl House {
    /// The alarms of an area, of the areas one step below it, and of settings, as known by the end of `date`; `last` is the newest day
    /// judged. None where the policy does not say how.
    pub(crate) fn alarms(
        &self,
        policy: &Policy,
        area: AreaCode,
        date: Date,
        last: Date,
    ) -> Result<Option<AlarmsShown>, Refusal> {
        let Some(settings) = &policy.pack.surveillance else {
            return Ok(None);
        };
        let back = settings.baseline_days + settings.shown_days + BEFORE;
        let Ok(first) = last.checked_sub(i64::from(back).days()) else {
            return Ok(None);
        };
        let judging = Judging {
            settings,
            days: each_day(first, last).collect(),
        };
        let span = judging.span();
        let tree = self.tree()?;
        let areas: Vec<Area> = std::iter::once(tree.get_or_unnamed(area))
            .chain(tree.children(area))
            .collect();
        let (counts, infected) = self.store.read(|c| {
            let counts = areas
                .iter()
                .map(|area| view::by_day(c, area.code, Measure::Confirmed, span, date))
                .collect::<Result<Vec<_>, _>>()?;
            Ok((counts, links::infected_in(c, area, span)?))
        })?;
        let mut by_setting: BTreeMap<Setting, BTreeMap<Date, u64>> = BTreeMap::new();
        for (day, setting, n) in infected {
            *by_setting
                .entry(setting)
                .or_default()
                .entry(day)
                .or_default() += n;
        }
        let mut series: Vec<(AlarmOf, BTreeMap<Date, u64>)> = areas
            .into_iter()
            .zip(counts)
            .map(|(area, days)| (AlarmOf::Area { area }, days.into_iter().collect()))
            .collect();
        series.extend(
            by_setting
                .into_iter()
                .map(|(setting, days)| (AlarmOf::Setting { setting }, days)),
        );
        let judged = series.iter().filter(|(_, days)| !days.is_empty()).count();
        let mut alarms = Vec::new();
        for (of, counts) in &series {
            alarms.extend(judging.judge(of, counts)?);
        }
        alarms.sort_by_key(|alarm| {
            (
                std::cmp::Reverse(alarm.day),
                std::cmp::Reverse(alarm.observed),
            )
        });
        alarms.truncate(SHOWN);
        Ok(Some(AlarmsShown {
            method: settings.method,
            method_name: settings.method.name(),
            baseline_days: settings.baseline_days,
            false_alarms: settings.false_alarms,
            fewest_cases: settings.fewest_cases,
            shown_days: settings.shown_days,
            pack: policy.pack.word(),
            judged,
            alarms,
        }))
    }
}

impl AlarmOf {
    /// Its name.
    pub fn name(&self) -> Text {
        match self {
            Self::Area { area } => Text::new(
                area.name_en.clone().unwrap_or_else(|| area.name.clone()),
                area.name.clone(),
            ),
            Self::Setting { setting } => setting.label(),
        }
    }
}
