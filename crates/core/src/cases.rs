//! Cases: what the line list says of a person who is or may be ill.

use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::areas::AreaCode;
use crate::contacts::RiskJudged;
use crate::entry::Symptom;
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

crate::words! {
    /// Whether somebody is pregnant, and how far.
    Pregnancy {
        /// Not.
        No = "no", "not pregnant", "未怀孕";
        /// In the first trimester.
        First = "first", "first trimester", "孕早期";
        /// In the second trimester.
        Second = "second", "second trimester", "孕中期";
        /// In the third trimester.
        Third = "third", "third trimester", "孕晚期";
        /// Pregnant, not known how far.
        Yes = "yes", "pregnant", "怀孕";
    }
}

crate::words! {
    /// What a sample of a case is of.
    SampleKind {
        /// Throat.
        Throat = "throat", "throat swab", "咽拭子";
        /// Nose and throat.
        Nasopharynx = "nasopharynx", "nasopharyngeal swab", "鼻咽拭子";
        /// Sputum.
        Sputum = "sputum", "sputum", "痰液";
        /// Fluid washed from the lung.
        Lavage = "lavage", "bronchoalveolar lavage", "肺泡灌洗液";
        /// Blood or serum.
        Blood = "blood", "blood", "血液";
        /// Urine.
        Urine = "urine", "urine", "尿液";
        /// Stool.
        Stool = "stool", "stool", "粪便";
        /// Something else.
        Other = "other", "other", "其他";
    }
}

crate::words! {
    /// How a sample is examined.
    TestKind {
        /// For nucleic acid, by PCR.
        Pcr = "pcr", "PCR", "核酸检测";
        /// For antigen.
        Antigen = "antigen", "antigen", "抗原检测";
        /// For antibodies.
        Antibody = "antibody", "antibodies", "抗体检测";
        /// By culture.
        Culture = "culture", "culture", "培养";
        /// By sequencing.
        Sequencing = "sequencing", "sequencing", "测序";
        /// Otherwise.
        Other = "other", "other", "其他";
    }
}

/// Which cases a list shows, and how: what somebody keeps under a name. What names a person has no place in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseView {
    /// Within this area; where it is left out, wherever the reader stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub area: Option<AreaCode>,
    /// So classified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classification: Option<Classification>,
    /// So severe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// So infected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// That ended so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// On or after this curve day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub from: Option<Date>,
    /// On or before this curve day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub to: Option<Date>,
    /// The oldest on top.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub oldest_first: bool,
}

/// What is known of a case, without what identifies the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseDetails {
    /// The person, in the vault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub person: Option<PersonId>,
    /// The number under which the reporting institution knows the case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The number by which people call it, where the institution has one for machines as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visual_id: Option<String>,
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
    #[schema(value_type = Option<String>, format = Date)]
    pub exposed: Option<Date>,
    /// First symptoms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub onset: Option<Date>,
    /// First positive sample.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub sampled: Option<Date>,
    /// Diagnosis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub diagnosed: Option<Date>,
    /// Report to the authority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub reported: Option<Date>,
    /// Admission to hospital.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
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
    #[schema(value_type = Option<String>, format = Date)]
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
    /// Symptoms.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub symptoms: Vec<Symptom>,
    /// Whether the day of first symptoms is a guess.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub onset_approximate: Option<bool>,
    /// The moment of the diagnosis, from which the hours of the report count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub diagnosed_at: Option<Timestamp>,
    /// The institution that reported it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported_by: Option<String>,
    /// Isolation began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub isolated: Option<Date>,
    /// Isolation ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub isolation_ended: Option<Date>,
    /// Where isolated: the name of an institution, or `home`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub isolation_place: Option<String>,
    /// The hospital.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hospital: Option<String>,
    /// Discharge from hospital.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub discharged: Option<Date>,
    /// Whether the source says that the person was a contact before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was_contact: Option<bool>,
    /// The day on which a contact became a case, by the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub became_case: Option<Date>,
    /// Last contact with a case, by the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub last_contact: Option<Date>,
    /// Begin of the follow-up as a contact, by the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub followed_from: Option<Date>,
    /// End of the follow-up as a contact, by the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub followed_until: Option<Date>,
    /// Whether pregnant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pregnancy: Option<Pregnancy>,
    /// Occupation, as a word of a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occupation: Option<String>,
    /// How great somebody judged the risk to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<RiskJudged>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk_reason: Option<String>,
    /// Whether transfer to a hospital was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transfer_refused: Option<bool>,
}

impl CaseDetails {
    /// A case of which only the classification is known.
    pub fn new(classification: Classification) -> Self {
        Self {
            person: None,
            external_id: None,
            visual_id: None,
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
            symptoms: Vec::new(),
            onset_approximate: None,
            diagnosed_at: None,
            reported_by: None,
            isolated: None,
            isolation_ended: None,
            isolation_place: None,
            hospital: None,
            discharged: None,
            was_contact: None,
            became_case: None,
            last_contact: None,
            followed_from: None,
            followed_until: None,
            pregnancy: None,
            occupation: None,
            risk: None,
            risk_reason: None,
            transfer_refused: None,
        }
    }

    /// The day from which a contact's days count: first symptoms, or, without any, the first positive sample, or the curve
    /// day.
    pub fn anchor(&self) -> Option<Date> {
        self.onset.or(self.sampled).or(self.curve_day())
    }

    /// The first day on which the case is kept apart from others.
    pub fn apart_from(&self) -> Option<Date> {
        match (self.isolated, self.hospitalised) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
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
