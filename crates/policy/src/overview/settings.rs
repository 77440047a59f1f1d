//! The settings of a pack, one by one.

use lianfang_core::words::Word;
use serde::Serialize;

use crate::Pack;
use crate::foresight::Foresight;
use crate::settings::{Passes, Visits};
use crate::surveillance::{Infectors, Surveillance};

/// A setting.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Setting {
    /// Its name in the file.
    pub id: String,
    /// Its value.
    pub value: SettingValue,
}

/// What a setting is set to.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum SettingValue {
    /// A number.
    Number(f64),
    /// Words or a list, as in the file.
    Words(String),
}

impl std::fmt::Display for SettingValue {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => number.fmt(out),
            Self::Words(words) => words.fmt(out),
        }
    }
}

/// The settings of visits: of each kind of place its own.
fn of_visits(visits: &Visits) -> impl Iterator<Item = Setting> {
    let plain = [
        ("keep_days", visits.keep_days.into()),
        (
            "longest_stay_minutes",
            f64::from(visits.longest_stay_minutes).into(),
        ),
        (
            "trace_before",
            SettingValue::Words(visits.trace_before.clone()),
        ),
    ];
    let plain = plain.map(|(name, value)| (name.to_owned(), value));
    let places = visits.places.iter().flat_map(|(kind, rule)| {
        [
            (
                "usual_stay_minutes",
                f64::from(rule.usual_stay_minutes).into(),
            ),
            ("weight", rule.weight.into()),
            ("same_room", SettingValue::Words(rule.same_room.to_string())),
            ("source", SettingValue::Words(rule.source.clone())),
        ]
        .map(|(name, value)| (format!("places.{}.{name}", kind.word()), value))
    });
    plain
        .into_iter()
        .chain(places)
        .map(|(name, value)| Setting {
            id: format!("visits.{name}"),
            value,
        })
}

/// The settings of passes: of each kind of certificate its own.
fn of_passes(passes: &Passes) -> impl Iterator<Item = Setting> {
    let plain = [
        ("valid_hours".to_owned(), passes.valid_hours.into()),
        ("key_days".to_owned(), passes.key_days.into()),
    ];
    let list = passes
        .list_hours
        .map(|hours| ("list_hours".to_owned(), hours.into()));
    let unconfirmed = passes
        .unconfirmed_days
        .map(|days| ("unconfirmed_days".to_owned(), days.into()));
    let certificates = passes.certificates.iter().flat_map(|(kind, rule)| {
        [
            ("from_days", rule.from_days.into()),
            ("until_days", rule.until_days.into()),
            ("source", SettingValue::Words(rule.source.clone())),
        ]
        .map(|(name, value)| (format!("certificates.{}.{name}", kind.word()), value))
    });
    plain
        .into_iter()
        .chain(list)
        .chain(unconfirmed)
        .chain(certificates)
        .map(|(name, value)| Setting {
            id: format!("pass.{name}"),
            value,
        })
}

impl From<f64> for SettingValue {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for SettingValue {
    fn from(number: u32) -> Self {
        Self::Number(f64::from(number))
    }
}

fn listed<T: ToString>(items: impl Iterator<Item = T>) -> SettingValue {
    let items: Vec<String> = items.map(|item| item.to_string()).collect();
    SettingValue::Words(items.join(", "))
}

/// Settings of one section: `settings!(section, "section": field, field)`.
macro_rules! settings {
    ($of:expr, $section:literal: $($field:ident),+ $(,)?) => {
        vec![$((concat!($section, ".", stringify!($field)), SettingValue::from($of.$field))),+]
    };
}

impl Pack {
    /// Every setting with its value, section by section.
    pub fn settings(&self) -> Vec<Setting> {
        let mut all = settings!(self.reproduction_number, "reproduction_number":
            window_days, prior_mean, prior_sd, largest_cv);
        all.extend(settings!(self.turning_point, "turning_point":
            declare_probability, declare_days, min_cases, withdraw_probability, withdraw_days,
            switch_per_day, log_r_sd, log_r_step_sd, dispersion, artefact_probability,
            imported_per_day));
        all.extend(settings!(self.nowcast, "nowcast":
            max_delay_days, learn_days, provisional_below));
        all.extend(settings!(self.growth, "growth": window_days));
        all.extend(settings!(self.reports, "reports": owed_for_days));
        all.extend(settings!(self.briefs, "briefs": recent_days));
        all.extend(settings!(self.retention, "retention": person_days, refused_rows_days));
        all.extend(settings!(self.risk_evidence, "risk_evidence": window_days, cluster_cases));
        if let Some(field) = &self.field {
            all.extend(settings!(field, "field":
                same_journey_days, oldest_entry_days, target_wait_seconds, target_share,
                assumed_service_seconds, learn_service_days, waiting_hours,
                missed_after_minutes, coverage_days, foreseen_days, learn_arrivals_days,
                vehicle_seats));
            let symptoms = field.abnormal_symptoms.iter().map(|symptom| symptom.word());
            all.extend([
                (
                    "field.checks_until_hours",
                    listed(field.checks_until_hours.iter()),
                ),
                (
                    "field.abnormal_from",
                    SettingValue::Words(field.abnormal_from.clone()),
                ),
                ("field.abnormal_symptoms", listed(symptoms)),
            ]);
        }
        if let Some(cases) = &self.cases {
            all.extend(settings!(cases, "cases":
                trace_hours, follow_days, same_case_days, earliest_serial_days));
        }
        if let Some(forecast) = &self.forecast {
            all.extend(settings!(forecast, "forecast":
                r_start, log_r_sd, r_controlled, half_life_days, log_r_step_sd, jump_per_day,
                dispersion, artefact_probability, imported_per_day));
        }
        let mut all: Vec<Setting> = all
            .into_iter()
            .map(|(id, value)| Setting {
                id: id.to_owned(),
                value,
            })
            .collect();
        if let Some(visits) = &self.visits {
            all.extend(of_visits(visits));
        }
        if let Some(passes) = &self.passes {
            all.extend(of_passes(passes));
        }
        let more = [
            (
                "surveillance",
                self.surveillance.as_ref().map(Surveillance::listed),
            ),
            ("infectors", self.infectors.as_ref().map(Infectors::listed)),
            ("foresight", self.foresight.as_ref().map(Foresight::listed)),
        ];
        for (section, listed) in more {
            all.extend(listed.into_iter().flatten().map(|(name, value)| Setting {
                id: format!("{section}.{name}"),
                value,
            }));
        }
        all
    }
}
