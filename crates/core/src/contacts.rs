//! Contacts: who met a case, where, and how close; how far the work with them has come; and who infected whom.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::cases::Pregnancy;
use crate::people::Sex;

crate::words! {
    /// What a meeting with a case makes of a person, from least to most restrictive.
    ContactClass {
        /// No contact.
        None = "none", "no contact", "非接触者";
        /// A contact of a contact, or a slight one.
        Secondary = "secondary", "secondary contact", "次密接";
        /// A close contact.
        Close = "close", "close contact", "密切接触者";
    }
}

crate::words! {
    /// Where two people met.
    #[schema(as = MeetingSetting)]
    Setting {
        /// Household.
        Household = "household", "household", "家庭";
        /// Work.
        Work = "work", "work", "工作";
        /// School or kindergarten.
        School = "school", "school", "学校";
        /// Health care.
        HealthCare = "health_care", "health care", "医疗";
        /// A journey in one vehicle.
        Transport = "transport", "transport", "交通工具";
        /// A quarantine site.
        QuarantineSite = "quarantine_site", "quarantine site", "集中隔离点";
        /// A place open to all.
        Community = "community", "public place", "公共场所";
    }
}

crate::words! {
    /// How a contact became known.
    Channel {
        /// From the interview of the case.
        Interview = "interview", "interview of the case", "流调询问";
        /// Lives in the case's household.
        Household = "household", "same household", "同住家庭";
        /// Works or learns with the case.
        Work = "work", "work or school", "单位学校";
        /// Stayed at the same quarantine site.
        Site = "site", "quarantine site", "集中隔离点";
        /// Travelled along.
        Journey = "journey", "journey", "同乘";
        /// Was where the case was, by the log of visits.
        Visits = "visits", "log of visits", "场所码";
        /// From a file.
        Import = "import", "file", "导入";
    }
}

crate::words! {
    /// How far the work with a contact has come.
    ContactStatus {
        /// Named, not found yet.
        Named = "named", "named", "已登记";
        /// It is known where the person is.
        Located = "located", "located", "已定位";
        /// The person knows.
        Notified = "notified", "notified", "已告知";
        /// Under an order.
        Watched = "watched", "under watch", "观察中";
        /// Released, or followed to the end.
        Released = "released", "released", "已解除";
        /// Became a case.
        BecameCase = "became_case", "became a case", "转为病例";
        /// Cannot be found.
        Lost = "lost", "cannot be found", "失访";
        /// Found, and will not have it.
        Refused = "refused", "refuses", "拒绝";
        /// Died of something else, or was handed on to another jurisdiction.
        Gone = "gone", "died or handed on", "死亡或移交";
    }
}

impl ContactStatus {
    /// Whether somebody must still do something.
    pub fn is_open(self) -> bool {
        matches!(
            self,
            Self::Named | Self::Located | Self::Notified | Self::Watched
        )
    }
}

crate::words! {
    /// A step in the work with a contact that somebody writes down. To be watched and released, to have a sample taken under an
    /// order and to become a case follow from the facts about these.
    ContactStep {
        /// It is known where the person is.
        Located = "located", "located", "定位";
        /// The person was told.
        Notified = "notified", "notified", "告知";
        /// A sample was taken that stands under no order here.
        Tested = "tested", "tested", "检测";
        /// Followed to the end without an order here.
        Released = "released", "released", "解除";
        /// Cannot be found.
        Lost = "lost", "cannot be found", "失访";
        /// Will not have it.
        Refused = "refused", "refuses", "拒绝";
        /// Died of something else, or left for another jurisdiction.
        Gone = "gone", "died or handed on", "死亡或移交";
    }
}

crate::words! {
    /// What came of a day's follow-up.
    FollowUp {
        /// Seen or spoken to, well.
        SeenWell = "seen_well", "seen, well", "见到，健康";
        /// Seen or spoken to, ill.
        SeenIll = "seen_ill", "seen, ill", "见到，有症状";
        /// Tried, and not met.
        NotSeen = "not_seen", "tried, not met", "未见到";
        /// Not tried.
        NotAttempted = "not_attempted", "not attempted", "未尝试";
        /// Planned, and not done.
        NotPerformed = "not_performed", "not performed", "未随访";
    }
}

impl FollowUp {
    /// Whether the person was met.
    pub fn is_seen(self) -> bool {
        matches!(self, Self::SeenWell | Self::SeenIll)
    }
}

crate::words! {
    /// How sure it is that one infected another.
    Certainty {
        /// Possible.
        Possible = "possible", "possible", "可能";
        /// Probable.
        Probable = "probable", "probable", "很可能";
        /// Confirmed.
        Confirmed = "confirmed", "confirmed", "确定";
    }
}

crate::words! {
    /// By what two people met.
    ExposureKind {
        /// They touched.
        DirectPhysical = "direct_physical", "direct physical contact", "直接身体接触";
        /// They were near each other.
        Near = "near", "near, without touch", "近距离接触";
        /// One touched what the other had touched.
        Indirect = "indirect", "touched the same things", "间接接触";
        /// Otherwise.
        Other = "other", "other", "其他";
    }
}

crate::words! {
    /// How often two people met.
    Frequency {
        /// One to five times.
        Few = "few", "1 to 5 times", "1至5次";
        /// Six to ten times.
        Several = "several", "6 to 10 times", "6至10次";
        /// Eleven to twenty times.
        Many = "many", "11 to 20 times", "11至20次";
        /// More than twenty times.
        More = "more", "more than 20 times", "20次以上";
    }
}

crate::words! {
    /// How long two people were together.
    Lasting {
        /// Minutes.
        Minutes = "minutes", "minutes", "数分钟";
        /// Hours.
        Hours = "hours", "hours", "数小时";
        /// Days.
        Days = "days", "days", "数日";
    }
}

crate::words! {
    /// What somebody is to a case.
    Relation {
        /// Of the family.
        Family = "family", "family", "家人";
        /// Works with them.
        Colleague = "colleague", "colleague", "同事";
        /// Learns with them, or teaches them.
        School = "school", "school", "师生同学";
        /// Cares for them.
        Carer = "carer", "carer", "照护者";
        /// Is cared for by them.
        Patient = "patient", "patient", "患者";
        /// A friend.
        Friend = "friend", "friend", "朋友";
        /// Lives next door.
        Neighbour = "neighbour", "neighbour", "邻居";
        /// Travels along.
        Traveller = "traveller", "travels along", "同行";
        /// Somebody else.
        Other = "other", "other", "其他";
    }
}

crate::words! {
    /// How great somebody judged the risk to be.
    RiskJudged {
        /// Low.
        Low = "low", "low", "低";
        /// Medium.
        Medium = "medium", "medium", "中";
        /// High.
        High = "high", "high", "高";
    }
}

/// How two people met, as far as somebody noted it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Meeting {
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub setting: Option<Setting>,
    /// By what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exposure: Option<ExposureKind>,
    /// How often.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frequency: Option<Frequency>,
    /// How long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lasting: Option<Lasting>,
    /// What they are to each other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<Relation>,
    /// Whether the day is a guess.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub estimated: bool,
}

impl Meeting {
    /// Whether nothing was noted.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What is known of a contact, without what identifies the person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ContactDetails {
    /// The number under which another system knows the contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The number by which people call the contact, where the other system has one for machines as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visual_id: Option<String>,
    /// Sex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sex: Option<Sex>,
    /// Age in completed years.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_years: Option<u8>,
    /// Occupation, as a word of a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub occupation: Option<String>,
    /// Whether pregnant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pregnancy: Option<Pregnancy>,
    /// How great somebody judged the risk to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk: Option<RiskJudged>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk_reason: Option<String>,
    /// A place as the source wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// The day on which the source had the contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub reported: Option<Date>,
    /// Last contact with any case, by the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub last_contact: Option<Date>,
    /// Begin of the follow-up, by the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub followed_from: Option<Date>,
    /// End of the follow-up, by the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub followed_until: Option<Date>,
}

impl ContactDetails {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
