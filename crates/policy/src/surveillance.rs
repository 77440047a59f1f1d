//! Settings of surveillance: when an unusual number of cases is an alarm, and how suggested infectors are weighed.

use std::collections::BTreeMap;

use lianfang_core::contacts::Setting;
use lianfang_core::words::Word;
use lianfang_epi::alarms::{EarsMethod, EarsRule};
use lianfang_epi::infectors::Infectious;
use serde::{Deserialize, Serialize};

use crate::error::Problems;
use crate::overview::SettingValue;

/// The published method by which daily numbers are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlarmMethod {
    /// EARS C1: the baseline ends the day before.
    EarsC1,
    /// EARS C2: the baseline ends three days before.
    EarsC2,
    /// EARS C3: as C2, with the excess of the two days before.
    EarsC3,
}

impl AlarmMethod {
    /// Its name in the literature.
    pub fn name(self) -> &'static str {
        match self {
            Self::EarsC1 => "EARS C1",
            Self::EarsC2 => "EARS C2",
            Self::EarsC3 => "EARS C3",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::EarsC1 => "ears_c1",
            Self::EarsC2 => "ears_c2",
            Self::EarsC3 => "ears_c3",
        }
    }
}

/// When an unusual number of cases is an alarm. A pack that leaves this out raises none.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Surveillance {
    /// The method.
    pub method: AlarmMethod,
    /// Days of the baseline.
    pub baseline_days: u32,
    /// The least standard deviation of a baseline.
    pub least_sd: f64,
    /// One-sided rate of false alarms, counts being normal.
    pub false_alarms: f64,
    /// Fewer cases on a day are no alarm.
    pub fewest_cases: u32,
    /// Days for which an alarm is shown.
    pub shown_days: u32,
    /// Where these come from.
    pub source: String,
}

/// The longest span of days: a year.
const LONGEST: u32 = 366;
/// The shortest baseline that has a spread.
const SHORTEST_BASELINE: u32 = 3;
/// The most cases, standard deviation or weight that is taken.
const LARGEST: f64 = 1_000.0;
/// The farthest day from an onset.
const FARTHEST: i32 = 60;

impl Surveillance {
    /// The rule as `epi` takes it.
    pub fn rule(&self) -> EarsRule {
        EarsRule {
            method: match self.method {
                AlarmMethod::EarsC1 => EarsMethod::C1,
                AlarmMethod::EarsC2 => EarsMethod::C2,
                AlarmMethod::EarsC3 => EarsMethod::C3,
            },
            baseline: self.baseline_days as usize,
            min_sd: self.least_sd,
            alpha: self.false_alarms,
        }
    }

    pub(crate) fn check(&self, at: usize, problems: &mut Problems<'_>) {
        let whole = [
            (
                "baseline_days",
                self.baseline_days,
                SHORTEST_BASELINE,
                LONGEST,
            ),
            ("fewest_cases", self.fewest_cases, 1, LARGEST as u32),
            ("shown_days", self.shown_days, 1, LONGEST),
        ];
        for (name, value, least, most) in whole {
            if !(least..=most).contains(&value) {
                problems.add(
                    at,
                    format!("surveillance.{name} is a whole number from {least} to {most}; this is {value}"),
                    format!("surveillance.{name}为{least}至{most}的整数；此处为{value}"),
                );
            }
        }
        let between = [
            ("least_sd", self.least_sd, LARGEST),
            ("false_alarms", self.false_alarms, 0.5),
        ];
        for (name, value, most) in between {
            if !(value > 0.0 && value <= most) {
                problems.add(
                    at,
                    format!(
                        "surveillance.{name} is more than 0 and at most {most}; this is {value}"
                    ),
                    format!("surveillance.{name}大于0且不超过{most}；此处为{value}"),
                );
            }
        }
        sourced("surveillance", &self.source, at, problems);
    }

    pub(crate) fn listed(&self) -> Vec<(String, SettingValue)> {
        vec![
            named("method", SettingValue::Words(self.method.word().to_owned())),
            named("baseline_days", self.baseline_days),
            named("least_sd", self.least_sd),
            named("false_alarms", self.false_alarms),
            named("fewest_cases", self.fewest_cases),
            named("shown_days", self.shown_days),
            named("source", SettingValue::Words(self.source.clone())),
        ]
    }
}

/// How suggested infectors are weighed. A pack that leaves this out suggests none.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Infectors {
    /// First day, counted from its onset, on which a case infects others; negative before it.
    pub infectious_from: i32,
    /// Last day.
    pub infectious_until: i32,
    /// Cases up to so many days before the case are looked at.
    pub look_back_days: u32,
    /// Weight of somebody who is not among the candidates, beside one named as a contact for whom the interval has probability 1.
    pub outside: f64,
    /// Weight of a candidate whose contact with the case is on record.
    pub contact: f64,
    /// Weight of one who lives in the same household.
    pub household: f64,
    /// Weight of all of the same named cluster together.
    pub cluster: f64,
    /// Weight of all of the same area together.
    pub area: f64,
    /// How much a meeting in a setting weighs; each must be there.
    pub settings: BTreeMap<Setting, f64>,
    /// Where these come from.
    pub source: String,
}

impl Infectors {
    /// When a candidate infects others.
    pub fn infectious(&self) -> Infectious {
        Infectious {
            from: self.infectious_from,
            until: self.infectious_until,
        }
    }

    /// How much a meeting in a setting weighs; where it is not known, as in a public place.
    pub fn setting(&self, setting: Option<Setting>) -> f64 {
        self.settings[&setting.unwrap_or(Setting::Community)]
    }

    pub(crate) fn check(&self, at: usize, problems: &mut Problems<'_>) {
        let (from, until) = (self.infectious_from, self.infectious_until);
        if from < -FARTHEST || until > FARTHEST || until < from {
            problems.add(
                at,
                format!("infectors.infectious_from and infectious_until lie within {FARTHEST} days of the onset, in order"),
                format!("infectors.infectious_from与infectious_until须在发病前后{FARTHEST}天之内，且先后有序"),
            );
        }
        if !(1..=LONGEST).contains(&self.look_back_days) {
            problems.add(
                at,
                format!("infectors.look_back_days is a whole number from 1 to {LONGEST}"),
                format!("infectors.look_back_days为1至{LONGEST}的整数"),
            );
        }
        let plain = [
            ("outside".to_owned(), self.outside),
            ("contact".to_owned(), self.contact),
            ("household".to_owned(), self.household),
            ("cluster".to_owned(), self.cluster),
            ("area".to_owned(), self.area),
        ];
        let settings = self
            .settings
            .iter()
            .map(|(setting, weight)| (format!("settings.{}", setting.word()), *weight));
        for (name, weight) in plain.into_iter().chain(settings) {
            if !(0.0..=LARGEST).contains(&weight) {
                problems.add(
                    at,
                    format!("infectors.{name} lies between 0 and {LARGEST}; this is {weight}"),
                    format!("infectors.{name}须在0与{LARGEST}之间；此处为{weight}"),
                );
            }
        }
        for setting in Setting::ALL
            .iter()
            .filter(|one| !self.settings.contains_key(one))
        {
            problems.add(
                at,
                format!("infectors.settings.{} is missing", setting.word()),
                format!("缺少infectors.settings.{}", setting.word()),
            );
        }
        sourced("infectors", &self.source, at, problems);
    }

    pub(crate) fn listed(&self) -> Vec<(String, SettingValue)> {
        let mut all = vec![
            named("infectious_from", f64::from(self.infectious_from)),
            named("infectious_until", f64::from(self.infectious_until)),
            named("look_back_days", self.look_back_days),
            named("outside", self.outside),
            named("contact", self.contact),
            named("household", self.household),
            named("cluster", self.cluster),
            named("area", self.area),
        ];
        all.extend(
            self.settings
                .iter()
                .map(|(setting, weight)| named(&format!("settings.{}", setting.word()), *weight)),
        );
        all.push(named("source", SettingValue::Words(self.source.clone())));
        all
    }
}

pub(crate) fn named(name: &str, value: impl Into<SettingValue>) -> (String, SettingValue) {
    (name.to_owned(), value.into())
}

pub(crate) fn sourced(section: &str, source: &str, at: usize, problems: &mut Problems<'_>) {
    if source.trim().is_empty() {
        problems.add(
            at,
            format!("{section}.source says where these numbers come from"),
            format!("{section}.source须写明数值来源"),
        );
    }
}
