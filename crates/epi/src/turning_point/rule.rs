//! What the policy pack says about declaring a turning point.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The thresholds and the noise model of a turning point; part of the policy pack, hence without defaults.
///
/// The first five fields say when it is declared and withdrawn, the rest what noise to expect of bulletins.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TurningPointRule {
    /// Declared when the probability that transmission declines has been at least this, …
    pub declare_probability: f64,
    /// … on so many reported days in a row, …
    pub declare_days: u32,
    /// … and the wave has counted at least so many cases (withdrawing does not ask for it).
    pub min_cases: u32,
    /// Withdrawn when the probability that transmission grows has been at least this, …
    pub withdraw_probability: f64,
    /// … on so many reported days in a row.
    pub withdraw_days: u32,
    /// Prior probability per day, while there are infectious cases, that growth turns to decline or decline to
    /// growth (the same both ways, so that only the data speak for one of them), and as much again that R
    /// jumps within its phase.
    pub switch_per_day: f64,
    /// Standard deviation of ln R on entering a phase: how far from 1 reproduction numbers usually are.
    pub log_r_sd: f64,
    /// Standard deviation of the change of ln R from one bulletin to the next within a phase.
    pub log_r_step_sd: f64,
    /// Negative-binomial size k of a day's count: its variance is mean + mean²/k.
    pub dispersion: f64,
    /// Probability that a bulletin's count is an artefact (a total not updated, a change of definition, a
    /// batch entered late) that says next to nothing about that day's transmission.
    pub artefact_probability: f64,
    /// Cases per day to be expected without a local infector (arrivals).
    pub imported_per_day: f64,
}

/// A rule that cannot be followed.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[error("the turning point rule's {field} is {value}: it must be {expected}")]
pub struct RuleError {
    /// Name of the field as in the policy pack.
    pub field: &'static str,
    /// The value given.
    pub value: f64,
    /// What would be right.
    pub expected: &'static str,
}

impl TurningPointRule {
    /// Checks every field.
    ///
    /// # Errors
    /// The first field whose value is out of its range.
    pub fn check(&self) -> Result<(), RuleError> {
        const SURE: &str = "more than 0.5 and less than 1";
        const SMALL: &str = "more than 0 and at most 0.5";
        const DAYS: &str = "1 to 30";
        const SPREAD: &str = "0.05 to 2";
        let fields = [
            (
                "declare_probability",
                self.declare_probability,
                0.5 + f64::EPSILON..=1.0 - f64::EPSILON,
                SURE,
            ),
            (
                "declare_days",
                f64::from(self.declare_days),
                1.0..=30.0,
                DAYS,
            ),
            (
                "withdraw_probability",
                self.withdraw_probability,
                0.5 + f64::EPSILON..=1.0 - f64::EPSILON,
                SURE,
            ),
            (
                "withdraw_days",
                f64::from(self.withdraw_days),
                1.0..=30.0,
                DAYS,
            ),
            (
                "switch_per_day",
                self.switch_per_day,
                f64::MIN_POSITIVE..=0.5,
                SMALL,
            ),
            ("log_r_sd", self.log_r_sd, 0.05..=2.0, SPREAD),
            ("log_r_step_sd", self.log_r_step_sd, 0.05..=2.0, SPREAD),
            ("dispersion", self.dispersion, 0.1..=1e6, "0.1 to 1,000,000"),
            (
                "artefact_probability",
                self.artefact_probability,
                f64::MIN_POSITIVE..=0.5,
                SMALL,
            ),
            (
                "imported_per_day",
                self.imported_per_day,
                1e-6..=1e3,
                "0.000001 to 1,000",
            ),
        ];
        for (field, value, range, expected) in fields {
            if !range.contains(&value) {
                return Err(RuleError {
                    field,
                    value,
                    expected,
                });
            }
        }
        Ok(())
    }
}
