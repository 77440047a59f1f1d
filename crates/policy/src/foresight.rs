//! Settings of foresight: what a house forecasts by itself, and when its record tells anything.

use lianfang_epi::forecast::LONGEST_HORIZON;
use serde::Deserialize;

use crate::error::Problems;
use crate::overview::SettingValue;

/// What a house forecasts each day. A pack that leaves this out has it forecast nothing.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Foresight {
    /// Days ahead that are forecast.
    pub horizon_days: u32,
    /// Areas with fewer new cases are not forecast.
    pub least_cases: u32,
    /// Days in which these cases are counted.
    pub within_days: u32,
    /// With fewer forecasts scored, the record judges no model.
    pub judged_from: u32,
    /// Where these come from.
    pub source: String,
}

/// The longest span of days: a year.
const LONGEST: u32 = 366;
/// The most cases or forecasts that are asked for.
const MOST: u32 = 1_000_000;

impl Foresight {
    pub(crate) fn check(&self, at: usize, forecast: bool, problems: &mut Problems<'_>) {
        let whole = [
            ("horizon_days", self.horizon_days, LONGEST_HORIZON as u32),
            ("least_cases", self.least_cases, MOST),
            ("within_days", self.within_days, LONGEST),
            ("judged_from", self.judged_from, MOST),
        ];
        for (name, value, most) in whole {
            if !(1..=most).contains(&value) {
                problems.add(
                    at,
                    format!("foresight.{name} is a whole number from 1 to {most}; this is {value}"),
                    format!("foresight.{name}为1至{most}的整数；此处为{value}"),
                );
            }
        }
        if !forecast {
            problems.add(
                at,
                "foresight needs the section settings.forecast, by which forecasts are made",
                "foresight需要settings.forecast一节，预测据此作出",
            );
        }
        crate::surveillance::sourced("foresight", &self.source, at, problems);
    }

    pub(crate) fn listed(&self) -> Vec<(String, SettingValue)> {
        use crate::surveillance::named;
        vec![
            named("horizon_days", self.horizon_days),
            named("least_cases", self.least_cases),
            named("within_days", self.within_days),
            named("judged_from", self.judged_from),
            named("source", SettingValue::Words(self.source.clone())),
        ]
    }
}
