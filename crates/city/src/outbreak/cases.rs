//! A case as it truly is, and what may be known of it on a day.

use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::cases::{Classification, Origin, Outcome, Severity};

use crate::people::Person;

/// A case with its whole course, also what is still to come on the outbreak's last day.
///
/// Days are in this order: infected, onset, sampled, diagnosed, reported, outcome; admission falls
/// between onset and outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CaseTruth {
    /// Its number in order of report, from 1.
    pub number: u32,
    /// The number as the line list has it.
    pub external_id: String,
    /// Who is ill.
    pub person: Person,
    /// The village or community where the person lives.
    pub area: AreaCode,
    /// Infection, which nobody sees.
    pub infected: Date,
    /// Exposure as the investigation found it; none where it found no source.
    pub exposed: Option<Date>,
    /// First symptoms; none without symptoms.
    pub onset: Option<Date>,
    /// First positive sample.
    pub sampled: Date,
    /// Diagnosis.
    pub diagnosed: Date,
    /// Report.
    pub reported: Date,
    /// Admission to hospital.
    pub hospitalised: Date,
    /// Confirmed or asymptomatic.
    pub classification: Classification,
    /// Severity at its worst; none without symptoms.
    pub severity: Option<Severity>,
    /// How it ends.
    pub outcome: Outcome,
    /// When it ends.
    pub outcome_date: Date,
    /// Imported or local, as the investigation found it.
    pub origin: Origin,
    /// Where from, if imported.
    pub imported_from: Option<&'static str>,
    /// The cluster it belongs to.
    pub cluster: Option<String>,
}

impl CaseTruth {
    /// Whether it stands in the list of `day`.
    pub fn is_reported_by(&self, day: Date) -> bool {
        self.reported <= day
    }

    /// Admission, if it has come about by `day`.
    pub fn hospitalised_by(&self, day: Date) -> Option<Date> {
        (self.hospitalised <= day).then_some(self.hospitalised)
    }

    /// Outcome with its day, if it has come about by `day`.
    pub fn outcome_by(&self, day: Date) -> Option<(Outcome, Date)> {
        (self.outcome_date <= day).then_some((self.outcome, self.outcome_date))
    }
}
