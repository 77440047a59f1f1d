//! What the policy pack says of forecasts.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The numbers of the forecast's model; part of the policy pack, hence without defaults.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForecastRule {
    /// R to be expected when the first cases are reported.
    pub r_start: f64,
    /// Standard deviation of ln R then, and of ln R around 0 after a jump.
    pub log_r_sd: f64,
    /// R that a response brings about in the end: R drifts towards it.
    pub r_controlled: f64,
    /// Days in which half of the distance of ln R from that is covered.
    pub half_life_days: f64,
    /// Standard deviation of the daily change of ln R around this drift.
    pub log_r_step_sd: f64,
    /// Probability per day that R has jumped, in the past that it is learnt from.
    pub jump_per_day: f64,
    /// Negative-binomial size k of a day's count: its variance is mean + mean²/k.
    pub dispersion: f64,
    /// Probability that a day's count is an artefact (a total not updated, a batch entered late) that says next
    /// to nothing about that day's transmission.
    pub artefact_probability: f64,
    /// Cases per day to be expected without a local infector (arrivals).
    pub imported_per_day: f64,
}

/// A rule that cannot be followed.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[error("the forecast rule's {field} is {value}: it must be {least} to {most}")]
pub struct ForecastRuleError {
    /// Name of the field as in the policy pack.
    pub field: &'static str,
    /// The value given.
    pub value: f64,
    /// The least that is accepted.
    pub least: f64,
    /// The most that is accepted.
    pub most: f64,
}

impl ForecastRule {
    /// Checks every field.
    ///
    /// # Errors
    /// The first field whose value is out of its range.
    pub fn check(&self) -> Result<(), ForecastRuleError> {
        const R: (f64, f64) = (0.2, 8.0);
        const SPREAD: (f64, f64) = (0.05, 2.0);
        const STEP: (f64, f64) = (0.05, 0.5);
        const PACE: (f64, f64) = (1.0, 10_000.0);
        const SMALL: (f64, f64) = (1e-6, 0.5);
        const SIZE: (f64, f64) = (0.1, 1e6);
        const CASES: (f64, f64) = (1e-6, 1e3);
        let fields = [
            ("r_start", self.r_start, R),
            ("log_r_sd", self.log_r_sd, SPREAD),
            ("r_controlled", self.r_controlled, R),
            ("half_life_days", self.half_life_days, PACE),
            ("log_r_step_sd", self.log_r_step_sd, STEP),
            ("jump_per_day", self.jump_per_day, SMALL),
            ("dispersion", self.dispersion, SIZE),
            ("artefact_probability", self.artefact_probability, SMALL),
            ("imported_per_day", self.imported_per_day, CASES),
        ];
        for (field, value, (least, most)) in fields {
            if !(least..=most).contains(&value) {
                return Err(ForecastRuleError {
                    field,
                    value,
                    least,
                    most,
                });
            }
        }
        Ok(())
    }

    /// The share of its distance from control that ln R keeps in a day.
    pub(super) fn kept(&self) -> f64 {
        (-1.0 / self.half_life_days).exp2()
    }
}
