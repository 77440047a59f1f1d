//! Policy packs: evidence in, decision with its reason out.
//!
//! A pack is one versioned TOML file per disease and city. It holds every number of days, every
//! threshold and every deadline; no other place in the house does. Conditions are CEL
//! expressions over a typed evidence record.
//!
//! ```
//! use lianfang_policy::{Pack, RiskEvidence, RiskLevel};
//! let pack = Pack::shipped("covid19-cn-2020").unwrap();
//! let quiet = RiskEvidence { confirmed_total: 42, new_14d: 0, cluster_14d: Some(false) };
//! assert_eq!(pack.risk(&quiet).level, RiskLevel::Low);
//! ```

mod error;
mod risk;

use lianfang_core::matters::MatterKind;
use lianfang_core::text::Text;
use lianfang_epi::serial_interval::SerialInterval;
use lianfang_epi::turning_point::{Detector, TurningPointRule};
use serde::Deserialize;

pub use error::PackError;
pub use risk::{RiskDecision, RiskEvidence, RiskLevel};
use risk::{RiskRule, RiskRules};

const SHIPPED: &[(&str, &str)] = &[(
    "covid19-cn-2020",
    include_str!("../../../policies/covid19-cn-2020.toml"),
)];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PackFile {
    id: String,
    version: String,
    name: Text,
    natural_history: NaturalHistory,
    reproduction_number: ReproductionNumber,
    turning_point: TurningPointRule,
    nowcast: Nowcast,
    growth: Growth,
    reports: Reports,
    retention: Retention,
    risk_evidence: RiskWindow,
    risk: Vec<RiskRule>,
    matter: Vec<MatterKind>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NaturalHistory {
    serial_interval: Gamma,
}

/// A gamma distribution by mean and standard deviation, with its source.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gamma {
    /// Mean, in days.
    pub mean: f64,
    /// Standard deviation, in days.
    pub sd: f64,
    /// Where the numbers come from.
    pub source: String,
}

/// How the reproduction number is estimated.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReproductionNumber {
    /// Days in a window.
    pub window_days: u32,
    /// Mean of the gamma prior.
    pub prior_mean: f64,
    /// Standard deviation of the gamma prior.
    pub prior_sd: f64,
    /// Largest coefficient of variation of a posterior that is shown.
    pub largest_cv: f64,
}

/// How counts not yet complete are filled up.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nowcast {
    /// Days after onset beyond which hardly any case is still reported.
    pub max_delay_days: u32,
    /// Days of past reports that the delays are learned from.
    pub learn_days: u32,
    /// Share reported below which a day is provisional.
    pub provisional_below: f64,
}

/// How the growth rate of now is fitted.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Growth {
    /// Days it is fitted to.
    pub window_days: u32,
}

/// Which reports areas owe.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reports {
    /// An area that has reported within so many days owes a report for each day.
    pub owed_for_days: u32,
}

/// How long personal data is kept.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Days after a person's last case or its outcome until the person is forgotten.
    pub person_days: u32,
    /// Days after an import until the rows it refused are deleted.
    pub refused_rows_days: u32,
}

/// What the risk rules are judged by.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiskWindow {
    /// Days that count as recent.
    pub window_days: u32,
    /// There is a cluster from so many recent confirmed cases that belong to named clusters; not
    /// all of them need name the same.
    pub cluster_cases: u32,
}

/// A policy pack, checked and ready to decide.
pub struct Pack {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// Its name.
    pub name: Text,
    /// BLAKE3 of its file, in hex.
    pub digest: String,
    /// The serial interval as published.
    pub serial_interval_source: Gamma,
    /// The serial interval, discretised.
    pub serial_interval: SerialInterval,
    /// How the reproduction number is estimated.
    pub reproduction_number: ReproductionNumber,
    /// When a turning point is declared.
    pub turning_point: TurningPointRule,
    /// How counts not yet complete are filled up.
    pub nowcast: Nowcast,
    /// How the growth rate of now is fitted.
    pub growth: Growth,
    /// Which reports areas owe.
    pub reports: Reports,
    /// How long personal data is kept.
    pub retention: Retention,
    /// What the risk rules are judged by.
    pub risk_evidence: RiskWindow,
    /// The kinds of matter.
    pub matters: Vec<MatterKind>,
    risk: RiskRules,
}

impl Pack {
    /// Reads a pack from the text of its file and checks it.
    pub fn read(text: &str) -> Result<Self, PackError> {
        let file: PackFile =
            toml::from_str(text).map_err(|error| PackError::syntax(text, &error))?;
        let positive = |what: &'static str, days: u32| {
            if days == 0 {
                Err(PackError::NotPositive(what))
            } else {
                Ok(())
            }
        };
        positive(
            "reproduction_number.window_days",
            file.reproduction_number.window_days,
        )?;
        positive("nowcast.max_delay_days", file.nowcast.max_delay_days)?;
        positive("nowcast.learn_days", file.nowcast.learn_days)?;
        positive("reports.owed_for_days", file.reports.owed_for_days)?;
        positive("retention.person_days", file.retention.person_days)?;
        positive(
            "retention.refused_rows_days",
            file.retention.refused_rows_days,
        )?;
        positive("risk_evidence.window_days", file.risk_evidence.window_days)?;
        positive(
            "risk_evidence.cluster_cases",
            file.risk_evidence.cluster_cases,
        )?;
        positive("growth.window_days", file.growth.window_days)?;
        let provisional_below = file.nowcast.provisional_below;
        if !(provisional_below > 0.0 && provisional_below <= 1.0) {
            return Err(PackError::OutOfRange(
                "nowcast.provisional_below",
                "more than 0 and at most 1",
            ));
        }
        let largest_cv = file.reproduction_number.largest_cv;
        if !(largest_cv > 0.0 && largest_cv <= 1.0) {
            return Err(PackError::OutOfRange(
                "reproduction_number.largest_cv",
                "more than 0 and at most 1",
            ));
        }
        for (what, value) in [
            (
                "reproduction_number.prior_mean",
                file.reproduction_number.prior_mean,
            ),
            (
                "reproduction_number.prior_sd",
                file.reproduction_number.prior_sd,
            ),
        ] {
            if !(value.is_finite() && value > 0.0) {
                return Err(PackError::OutOfRange(what, "a finite number above 0"));
            }
        }
        let gamma = file.natural_history.serial_interval;
        let serial_interval = SerialInterval::gamma(gamma.mean, gamma.sd)
            .map_err(|error| PackError::SerialInterval(error.to_string()))?;
        Detector::new(&serial_interval, &file.turning_point)
            .map_err(|error| PackError::TurningPoint(error.to_string()))?;
        for (place, kind) in file.matter.iter().enumerate() {
            kind.check()?;
            if file.matter[..place]
                .iter()
                .any(|other| other.kind == kind.kind)
            {
                return Err(PackError::Twice("matter", kind.kind.clone()));
            }
        }
        Ok(Self {
            digest: blake3::hash(text.as_bytes()).to_hex().to_string(),
            id: file.id,
            version: file.version,
            name: file.name,
            serial_interval_source: gamma,
            serial_interval,
            reproduction_number: file.reproduction_number,
            turning_point: file.turning_point,
            nowcast: file.nowcast,
            growth: file.growth,
            reports: file.reports,
            retention: file.retention,
            risk_evidence: file.risk_evidence,
            matters: file.matter,
            risk: RiskRules::compile(file.risk)?,
        })
    }

    /// A pack that comes with the program.
    pub fn shipped(id: &str) -> Result<Self, PackError> {
        let (_, text) = SHIPPED
            .iter()
            .find(|(name, _)| *name == id)
            .ok_or_else(|| PackError::NotShipped(id.to_owned()))?;
        Self::read(text)
    }

    /// The risk level of an area, with its reason.
    pub fn risk(&self, evidence: &RiskEvidence) -> RiskDecision {
        self.risk.decide(evidence)
    }

    /// The kind of matter of that word.
    pub fn matter(&self, kind: &str) -> Option<&MatterKind> {
        self.matters.iter().find(|k| k.kind == kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = SHIPPED[0].1;

    fn refusal(from: &str, to: &str) -> String {
        assert!(TEXT.contains(from), "{from}");
        Pack::read(&TEXT.replacen(from, to, 1))
            .err()
            .expect("the pack is broken")
            .to_string()
    }

    #[test]
    fn the_shipped_packs_are_whole() {
        for (id, _) in SHIPPED {
            assert_eq!(Pack::shipped(id).unwrap().id, *id);
        }
        assert!(matches!(
            Pack::shipped("plague"),
            Err(PackError::NotShipped(_))
        ));
    }

    #[test]
    fn broken_packs_are_refused_with_the_place() {
        assert!(refusal("mean = 4.7", "mean = 4.7\nmaen = 1").contains("line"));
        assert!(refusal("mean = 4.7", "mean = 0.2").contains("serial"));
        assert!(refusal("window_days = 7", "window_days = 0").contains("window_days"));
        assert!(refusal("prior_mean = 5.0", "prior_mean = 0.0").contains("prior_mean"));
        assert!(refusal("prior_sd = 5.0", "prior_sd = inf").contains("prior_sd"));
        assert!(refusal("confirmed_total == 0", "confirmed_totl == 0").contains("confirmed_totl"));
        assert!(refusal("confirmed_total == 0", "confirmed_total == ").contains("low_none"));
        assert!(refusal("confirmed_total == 0", "confirmed_total + 1").contains("yes or no"));
        assert!(refusal("by = \"confirmer\"", "by = \"owner\"").contains("confirmer"));
    }

    #[test]
    fn the_levels_are_those_of_february_2020() {
        let pack = Pack::shipped("covid19-cn-2020").unwrap();
        let level = |confirmed_total, new_14d, cluster_14d| {
            pack.risk(&RiskEvidence {
                confirmed_total,
                new_14d,
                cluster_14d,
            })
            .level
        };
        assert_eq!(level(0, 0, Some(false)), RiskLevel::Low);
        assert_eq!(level(500, 0, Some(false)), RiskLevel::Low);
        assert_eq!(level(50, 3, Some(true)), RiskLevel::Medium);
        assert_eq!(level(51, 3, Some(false)), RiskLevel::Medium);
        assert_eq!(level(51, 3, Some(true)), RiskLevel::High);
        assert_eq!(
            level(51, 3, None),
            RiskLevel::High,
            "without word of clusters the higher level holds"
        );
    }
}
