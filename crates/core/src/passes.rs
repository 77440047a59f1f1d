//! Passes: the health code. A colour is computed from evidence, never set.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::contacts::ContactClass;
use crate::entry::{OriginRisk, Symptom};
use crate::ids::{CaseId, ContactId, EntrantId, FactId, OrderId};
use crate::quarantine::Watch;

crate::words! {
    /// A pass's colour, from least to most restrictive.
    Colour {
        /// Goes everywhere.
        Green = "green", "green", "绿码";
        /// Stays, or is watched.
        Yellow = "yellow", "yellow", "黄码";
        /// Is isolated or in quarantine.
        Red = "red", "red", "红码";
    }
}

crate::words! {
    /// The pass that somebody shows at a checkpoint.
    PassShown {
        /// None.
        None = "none", "none", "未出示";
        /// A green one.
        Green = "green", "green", "绿码";
        /// A yellow one.
        Yellow = "yellow", "yellow", "黄码";
        /// A red one.
        Red = "red", "red", "红码";
        /// One that cannot be verified.
        Invalid = "invalid", "not valid", "无效";
    }
}

crate::words! {
    /// How a person stands as a case.
    CaseStanding {
        /// No case.
        None = "none", "no case", "非病例";
        /// Suspected.
        Suspected = "suspected", "suspected case", "疑似病例";
        /// Clinically diagnosed.
        Clinical = "clinical", "clinically diagnosed case", "临床诊断病例";
        /// Confirmed.
        Confirmed = "confirmed", "confirmed case", "确诊病例";
        /// Infected without symptoms.
        Asymptomatic = "asymptomatic", "asymptomatic infection", "无症状感染者";
        /// Found not to be a case.
        Excluded = "excluded", "excluded", "已排除";
        /// Recovered or discharged.
        Recovered = "recovered", "recovered", "治愈";
    }
}

crate::words! {
    /// What a pass's evidence is about: each is recorded by somebody.
    PassSource {
        /// A case on the line list.
        Case = "case", "case", "病例";
        /// A meeting with a case.
        Contact = "contact", "contact", "接触";
        /// An arrival.
        Journey = "journey", "journey", "行程";
        /// An order of quarantine or monitoring.
        Watch = "watch", "watch", "隔离观察";
        /// Daily health reports and checks.
        Report = "report", "health report", "健康打卡";
        /// Samples.
        Test = "test", "test", "检测";
        /// A health certificate from elsewhere.
        Certificate = "certificate", "health certificate", "健康证明";
    }
}

crate::words! {
    /// How a pass was asked for.
    PassFor {
        /// By its holder.
        Holder = "holder", "the holder", "本人";
        /// By whoever looks after a member of the family.
        Family = "family", "family", "家庭成员";
        /// By staff, for somebody without a phone.
        Helper = "helper", "staff", "工作人员代办";
    }
}

crate::words! {
    /// What a health certificate certifies.
    CertificateKind {
        /// A vaccination.
        Vaccination = "vaccination", "vaccination", "接种";
        /// A test.
        Test = "test", "test", "检测";
        /// Recovery.
        Recovery = "recovery", "recovery", "康复";
    }
}

/// An arrival, as far as a pass asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PassJourney {
    /// The person on this journey.
    pub entrant: EntrantId,
    /// What coming from there meant.
    pub origin: OriginRisk,
    /// Whether from abroad.
    #[serde(default, skip_serializing_if = "is_default")]
    pub abroad: bool,
    /// The day of arrival.
    pub entered: Date,
}

/// The last meeting of a class, as far as a pass asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PassMeeting {
    /// The contact, where it is on the list of contacts.
    #[serde(default, skip_serializing_if = "is_default")]
    pub contact: Option<ContactId>,
    /// The order that says so, where it is not.
    #[serde(default, skip_serializing_if = "is_default")]
    pub order: Option<OrderId>,
    /// What the policy made of it.
    pub class: ContactClass,
    /// The last exposure.
    pub last_exposure: Date,
}

/// A health certificate that was verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PassCertificate {
    /// The fact that took it.
    pub fact: FactId,
    /// What it certifies.
    pub kind: CertificateKind,
    /// The day of the dose, the sample or the first positive test.
    pub day: Date,
    /// Whether the series of doses is complete, the test negative; always for recovery.
    pub complete: bool,
}

/// What the ledger says of the holder of a pass: folded from facts, whatever the policy and the day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PassRecord {
    /// How the person stands as a case.
    #[serde(skip_serializing_if = "is_default")]
    pub case: Option<CaseStanding>,
    /// The case.
    #[serde(skip_serializing_if = "is_default")]
    pub case_id: Option<CaseId>,
    /// Day found to be one.
    #[serde(skip_serializing_if = "is_default")]
    pub case_since: Option<Date>,
    /// First symptoms.
    #[serde(skip_serializing_if = "is_default")]
    pub onset: Option<Date>,
    /// Discharge.
    #[serde(skip_serializing_if = "is_default")]
    pub recovered: Option<Date>,
    /// Whether the person died.
    #[serde(skip_serializing_if = "is_default")]
    pub died: bool,
    /// The last meeting of each class.
    #[serde(skip_serializing_if = "is_default")]
    pub meetings: Vec<PassMeeting>,
    /// The last arrival of each origin.
    #[serde(skip_serializing_if = "is_default")]
    pub journeys: Vec<PassJourney>,
    /// How the person is watched.
    #[serde(skip_serializing_if = "is_default")]
    pub watch: Option<Watch>,
    /// By which order.
    #[serde(skip_serializing_if = "is_default")]
    pub order: Option<OrderId>,
    /// Since when.
    #[serde(skip_serializing_if = "is_default")]
    pub watch_since: Option<Date>,
    /// The day of leaving without leave.
    #[serde(skip_serializing_if = "is_default")]
    pub left_watch: Option<Date>,
    /// Tenths of a degree Celsius at the newest report.
    #[serde(skip_serializing_if = "is_default")]
    pub temperature: Option<u16>,
    /// Symptoms at the newest report.
    #[serde(skip_serializing_if = "is_default")]
    pub symptoms: Vec<Symptom>,
    /// The newest report with symptoms.
    #[serde(skip_serializing_if = "is_default")]
    pub last_symptoms: Option<Date>,
    /// The newest report.
    #[serde(skip_serializing_if = "is_default")]
    pub reported: Option<Date>,
    /// Days in a row with a report and none abnormal, up to the newest.
    #[serde(skip_serializing_if = "is_default")]
    pub healthy_reports: u32,
    /// Negative results in a row, up to the newest.
    #[serde(skip_serializing_if = "is_default")]
    pub negative_tests: u32,
    /// The day of the newest sample with a result.
    #[serde(skip_serializing_if = "is_default")]
    pub tested: Option<Date>,
    /// Certificates from elsewhere.
    #[serde(skip_serializing_if = "is_default")]
    pub certificates: Vec<PassCertificate>,
    /// Age in years, as somebody wrote it down.
    #[serde(skip_serializing_if = "is_default")]
    pub age: Option<u8>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
