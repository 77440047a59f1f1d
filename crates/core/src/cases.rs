//! Cases: what the line list says of a person who is or may be ill.

use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::ids::{CaseId, PersonId};
use crate::people::{Sex, UnknownWord};

macro_rules! coded {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? } accepted $accepted:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// All values, in order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word that stands for it in files, answers and the ledger.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;
            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word { $($word => Ok(Self::$variant),)+ _ => Err(UnknownWord { accepted: $accepted }) }
            }
        }
    };
}
pub(crate) use coded;

coded! {
    /// How a case is classified.
    Classification {
        /// Suspected.
        Suspected = "suspected",
        /// Clinically diagnosed (probable).
        Clinical = "clinical",
        /// Confirmed by laboratory.
        Confirmed = "confirmed",
        /// Infected without symptoms.
        Asymptomatic = "asymptomatic",
        /// Found not to be a case.
        Excluded = "excluded",
    } accepted "suspected, clinical, confirmed, asymptomatic, excluded"
}

impl Classification {
    /// Whether it counts as confirmed in curves and risk levels. Clinically diagnosed cases
    /// count, as they did in the bulletins of Hubei from 12 February 2020.
    pub fn counts(self) -> bool {
        matches!(self, Self::Confirmed | Self::Clinical)
    }
}

coded! {
    /// How ill a case is.
    Severity {
        /// Mild.
        Mild = "mild",
        /// Moderate.
        Moderate = "moderate",
        /// Severe.
        Severe = "severe",
        /// Critical.
        Critical = "critical",
    } accepted "mild, moderate, severe, critical"
}

coded! {
    /// How a case ended.
    Outcome {
        /// Recovered or discharged.
        Recovered = "recovered",
        /// Died.
        Died = "died",
    } accepted "recovered, died"
}

coded! {
    /// Where a case was infected, seen from the area that reports it.
    Origin {
        /// Elsewhere.
        Imported = "imported",
        /// Here.
        Local = "local",
        /// Not known.
        Unknown = "unknown",
    } accepted "imported, local, unknown"
}

/// What is known of a case, without what identifies the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseDetails {
    /// The person, in the vault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// The number under which the reporting institution knows the case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Sex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sex: Option<Sex>,
    /// Age in completed years.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_years: Option<u8>,
    /// A place as the source wrote it, where it has no area code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Last exposure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exposed: Option<Date>,
    /// First symptoms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub onset: Option<Date>,
    /// First positive sample.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampled: Option<Date>,
    /// Diagnosis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diagnosed: Option<Date>,
    /// Report to the authority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported: Option<Date>,
    /// Admission to hospital.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hospitalised: Option<Date>,
    /// Classification.
    pub classification: Classification,
    /// Severity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// Outcome.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// Day of the outcome.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome_date: Option<Date>,
    /// Imported or local.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// Where from, if imported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imported_from: Option<String>,
    /// The cluster it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
}

impl CaseDetails {
    /// A case of which only the classification is known.
    pub fn new(classification: Classification) -> Self {
        Self {
            person: None,
            external_id: None,
            sex: None,
            age_years: None,
            place: None,
            exposed: None,
            onset: None,
            sampled: None,
            diagnosed: None,
            reported: None,
            hospitalised: None,
            classification,
            severity: None,
            outcome: None,
            outcome_date: None,
            origin: None,
            imported_from: None,
            cluster: None,
        }
    }

    /// The day on which the case enters the epidemic curve: reported, else diagnosed, else
    /// sampled, else admitted, else first symptoms. None where the list gives no date at all.
    pub fn curve_day(&self) -> Option<Date> {
        self.reported
            .or(self.diagnosed)
            .or(self.sampled)
            .or(self.hospitalised)
            .or(self.onset)
    }
}

/// A case with its id, as reported or as it stands after a correction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseRecord {
    /// The case.
    pub case: CaseId,
    /// What is known of it.
    pub details: CaseDetails,
}
