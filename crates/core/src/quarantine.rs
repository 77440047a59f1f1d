//! Quarantine: watch over those who may have been exposed.

crate::words! {
    /// How somebody is watched, from least to most restrictive.
    Watch {
        /// Not at all.
        None = "none", "none", "无";
        /// Health monitoring: daily reports, free to go out.
        Monitoring = "monitoring", "health monitoring", "健康监测";
        /// Quarantine at home.
        Home = "home", "quarantine at home", "居家隔离";
        /// Quarantine at a site.
        Site = "site", "quarantine at a site", "集中隔离";
    }
}

crate::words! {
    /// From which day an order counts its days.
    Basis {
        /// From the last exposure.
        LastExposure = "last_exposure", "last exposure", "最后暴露";
        /// From the first exposure.
        FirstExposure = "first_exposure", "first exposure", "首次暴露";
        /// From entry.
        Entered = "entered", "entry", "进入本地";
        /// From leaving the place of origin.
        LeftOrigin = "left_origin", "departure from the place of origin", "离开来源地";
        /// From discharge.
        Recovered = "recovered", "discharge", "出院";
        /// From the first symptoms.
        Onset = "onset", "first symptoms", "发病";
        /// From the day found to be a case.
        CaseSince = "case_since", "day found to be a case", "判定为病例";
        /// From a vaccination after exposure.
        Prophylaxis = "prophylaxis", "vaccination after exposure", "暴露后接种";
        /// From an injection of immunoglobulin.
        Immunoglobulin = "immunoglobulin", "immunoglobulin", "注射免疫球蛋白";
    }
}

crate::words! {
    /// How an order ended.
    EndHow {
        /// Its days were over.
        Released = "released", "released", "期满解除";
        /// The person became a case.
        Case = "case", "became a case", "转为病例";
        /// The person died.
        Died = "died", "died", "死亡";
        /// The person was handed over to another jurisdiction.
        HandedOn = "handed_on", "handed on", "移交外地";
        /// It should never have been made.
        Cancelled = "cancelled", "cancelled", "撤销";
    }
}

crate::words! {
    /// How an order's end may be moved, where the pack provides for it.
    ChangeKind {
        /// Later.
        Extension = "extension", "extension", "延长";
        /// Earlier.
        EarlyEnd = "early_end", "early end", "提前解除";
    }
}

crate::words! {
    /// How it was found that somebody under an order is not where they should be.
    AbsenceHow {
        /// Nobody at home.
        NotAtHome = "not_at_home", "not at home", "不在家中";
        /// Left the site.
        LeftSite = "left_site", "left the site", "离开隔离点";
        /// Seen elsewhere.
        SeenElsewhere = "seen_elsewhere", "seen elsewhere", "在他处发现";
        /// Did not arrive with the hand-over.
        NotHandedOver = "not_handed_over", "not in the hand-over", "移交时未到";
    }
}

crate::words! {
    /// Who made a daily check.
    CheckedBy {
        /// The person.
        Person = "person", "the person", "本人";
        /// Staff or a grid worker.
        Staff = "staff", "staff", "工作人员";
    }
}

crate::words! {
    /// The result of a sample.
    SampleResult {
        /// Negative.
        Negative = "negative", "negative", "阴性";
        /// Positive.
        Positive = "positive", "positive", "阳性";
        /// Neither: to be taken again.
        Unclear = "unclear", "not clear", "无法判定";
    }
}

crate::words! {
    /// What somebody under an order needs.
    Need {
        /// Food and daily goods.
        Supplies = "supplies", "food and daily goods", "生活物资";
        /// Medicine or medical care.
        Medicine = "medicine", "medicine or a doctor", "药品就医";
        /// Somebody to talk to.
        Counselling = "counselling", "somebody to talk to", "心理疏导";
        /// Something else.
        Other = "other", "something else", "其他";
    }
}

/// A room of a quarantine site.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Room {
    /// Its number, as on the door.
    pub room: String,
    /// Beds in it.
    pub beds: u8,
}

/// A bed of a quarantine site.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Bed {
    /// The site.
    #[schema(value_type = String)]
    pub site: crate::ids::SiteId,
    /// The room's number.
    pub room: String,
    /// The bed in it, from 1.
    pub bed: u8,
}
