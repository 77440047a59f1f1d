//! Entry: what is seen of a person who arrives at a checkpoint.

use serde::{Deserialize, Serialize};

crate::words! {
    /// Something a person feels or shows.
    Symptom {
        /// Fever, measured or felt.
        Fever = "fever", "fever", "发热";
        /// Cough.
        Cough = "cough", "cough", "咳嗽";
        /// Sore throat.
        SoreThroat = "sore_throat", "sore throat", "咽痛";
        /// Runny nose.
        RunnyNose = "runny_nose", "runny nose", "流涕";
        /// Shortness of breath.
        Breathless = "breathless", "shortness of breath", "气促";
        /// Fatigue.
        Fatigue = "fatigue", "fatigue", "乏力";
        /// Muscle pain.
        MusclePain = "muscle_pain", "muscle pain", "肌肉酸痛";
        /// Joint pain.
        JointPain = "joint_pain", "joint pain", "关节痛";
        /// Headache.
        Headache = "headache", "headache", "头痛";
        /// Diarrhoea.
        Diarrhoea = "diarrhoea", "diarrhoea", "腹泻";
        /// Vomiting.
        Vomiting = "vomiting", "vomiting", "呕吐";
        /// Loss of smell or taste.
        LossOfSmell = "loss_of_smell", "loss of smell or taste", "嗅觉或味觉减退";
        /// Red eyes.
        Conjunctivitis = "conjunctivitis", "red eyes", "结膜充血";
        /// Rash.
        Rash = "rash", "rash", "皮疹";
        /// Bleeding.
        Bleeding = "bleeding", "bleeding", "出血";
    }
}

crate::words! {
    /// What the area somebody comes from means, by the pack's list of origins or its risk level.
    OriginRisk {
        /// Not known.
        Unknown = "unknown", "not known", "不详";
        /// Low risk.
        Low = "low", "low-risk area", "低风险地区";
        /// Medium risk.
        Medium = "medium", "medium-risk area", "中风险地区";
        /// High risk.
        High = "high", "high-risk area", "高风险地区";
        /// Severe: named in the pack.
        Severe = "severe", "severe area", "疫情严重地区";
    }
}

crate::words! {
    /// Where a checkpoint stands.
    CheckpointKind {
        /// Expressway exit.
        Expressway = "expressway", "expressway exit", "高速公路出口";
        /// National or provincial road.
        Road = "road", "road", "国省道";
        /// Railway station.
        Railway = "railway", "railway station", "火车站";
        /// Airport.
        Airport = "airport", "airport", "机场";
        /// Port.
        Port = "port", "port", "港口码头";
        /// Bus station.
        Bus = "bus", "bus station", "汽车站";
        /// Metro station.
        Metro = "metro", "metro station", "地铁站";
        /// Village gate.
        Village = "village", "village gate", "村口";
        /// Compound gate.
        Compound = "compound", "compound gate", "小区门口";
        /// Workplace.
        Workplace = "workplace", "workplace", "工作场所";
        /// School gate.
        School = "school", "school gate", "学校门口";
        /// Entrance of a hospital or clinic.
        Clinic = "clinic", "hospital entrance", "医疗机构入口";
    }
}

crate::words! {
    /// Where somebody who arrives is going.
    Destination {
        /// Here.
        Here = "here", "here", "本地";
        /// Another county of this jurisdiction.
        OtherCounty = "other_county", "another county", "其他县区";
        /// Through, without a stop.
        Transit = "transit", "passing through", "过境";
    }
}

crate::words! {
    /// What is done with somebody at a checkpoint, from least to most restrictive.
    Triage {
        /// Goes on.
        Pass = "pass", "pass", "放行";
        /// Is handed over to the county of destination.
        HandOver = "hand_over", "hand over", "移交目的地";
        /// Into quarantine at home.
        HomeQuarantine = "home_quarantine", "quarantine at home", "居家隔离";
        /// Into quarantine at a site.
        SiteQuarantine = "site_quarantine", "quarantine at a site", "集中隔离";
        /// To the fever clinic.
        FeverClinic = "fever_clinic", "fever clinic", "发热门诊";
        /// Is turned back.
        TurnBack = "turn_back", "turn back", "劝返";
    }
}

crate::words! {
    /// How somebody's arrival became known.
    Source {
        /// By the person's own declaration.
        Declared = "declared", "own declaration", "自主申报";
        /// At a checkpoint.
        Checkpoint = "checkpoint", "checkpoint", "卡口登记";
        /// By the community going from door to door.
        Canvass = "canvass", "canvass", "社区排查";
        /// By a list sent from elsewhere: airline, railway, border, telecom.
        List = "list", "list from elsewhere", "外部推送名单";
    }
}

crate::words! {
    /// By what somebody travels.
    Mode {
        /// By air.
        Air = "air", "air", "航空";
        /// By rail.
        Rail = "rail", "rail", "铁路";
        /// By road, in a vehicle of one's own.
        Road = "road", "road", "自驾";
        /// By water.
        Water = "water", "water", "水路";
        /// By metro.
        Metro = "metro", "metro", "地铁";
        /// By bus or coach.
        Bus = "bus", "bus", "客运汽车";
        /// On foot.
        Foot = "foot", "on foot", "步行";
    }
}

crate::words! {
    /// Where in the process somebody who arrives stands: everybody in exactly one place.
    Stage {
        /// Announced, not here yet.
        Expected = "expected", "expected", "待抵达";
        /// Announced, and did not come.
        NotCome = "not_come", "did not come", "未抵达";
        /// Here, and nobody has decided yet.
        Arrived = "arrived", "arrived, to be decided", "已抵达待处置";
        /// Went on.
        Passed = "passed", "passed", "已放行";
        /// Turned back.
        TurnedBack = "turned_back", "turned back", "已劝返";
        /// Is to be handed over.
        ToSend = "to_send", "to be handed over", "待移交";
        /// Is on the way to whoever receives.
        OnTheWay = "on_the_way", "on the way", "移交途中";
        /// Received, and without an order yet.
        ToPlace = "to_place", "received, to be placed", "已接收待安置";
        /// At the fever clinic.
        AtClinic = "at_clinic", "at the fever clinic", "发热门诊留观";
        /// Under watch: an order is in force.
        Watched = "watched", "under watch", "观察中";
        /// Should be on the way or under watch, and is not there.
        Missing = "missing", "missing", "失联";
        /// Released.
        Released = "released", "released", "已解除";
        /// Became a case: isolated in hospital.
        Case = "case", "became a case", "转为病例";
        /// Handed over to another jurisdiction.
        HandedOn = "handed_on", "handed on", "已移交外地";
        /// Died, or left for good, under watch.
        Gone = "gone", "left the process", "已离开流程";
    }
}

impl Stage {
    /// Whether somebody must still do something.
    pub fn is_open(self) -> bool {
        matches!(
            self,
            Self::Expected
                | Self::Arrived
                | Self::ToSend
                | Self::OnTheWay
                | Self::ToPlace
                | Self::AtClinic
                | Self::Watched
                | Self::Missing
        )
    }

    /// Where a decision at a checkpoint leads.
    pub fn after(triage: Triage) -> Self {
        match triage {
            Triage::Pass => Self::Passed,
            Triage::TurnBack => Self::TurnedBack,
            Triage::HandOver
            | Triage::HomeQuarantine
            | Triage::SiteQuarantine
            | Triage::FeverClinic => Self::ToSend,
        }
    }
}

crate::words! {
    /// Who receives somebody.
    Receiver {
        /// A village or community, for quarantine at home.
        Community = "community", "community", "社区（村）";
        /// A quarantine site.
        Site = "site", "quarantine site", "集中隔离点";
        /// A fever clinic.
        Clinic = "clinic", "fever clinic", "发热门诊";
        /// A checkpoint further on, such as an airport's transfer desk: one leg of several.
        Checkpoint = "checkpoint", "next checkpoint", "下一卡口";
        /// Another jurisdiction.
        Elsewhere = "elsewhere", "another jurisdiction", "外地";
    }
}

/// A journey, as it is recorded: nothing in it names a person.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Journey {
    /// By what.
    pub mode: Mode,
    /// Flight, train or ship.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Seat, with carriage where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat: Option<String>,
    /// Where it began: an area code, or a country by its two letters (ISO 3166).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Stops on the way, in the same form.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stops: Vec<String>,
}

/// Where in a vehicle a seat is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The carriage, where the seat names one.
    pub carriage: Option<u16>,
    /// The row.
    pub row: u16,
}

impl Row {
    /// Reads a seat as it stands on tickets: `12A`, `5-12F`, `05车12F`, `5/12F`. None where it names no row.
    pub fn of_seat(seat: &str) -> Option<Self> {
        let numbers: Vec<u16> = seat
            .split(|c: char| !c.is_ascii_digit())
            .filter(|part| !part.is_empty())
            .map(str::parse)
            .collect::<Result<_, _>>()
            .ok()?;
        match numbers[..] {
            [row] => Some(Self {
                carriage: None,
                row,
            }),
            [carriage, row] => Some(Self {
                carriage: Some(carriage),
                row,
            }),
            _ => None,
        }
    }

    /// Rows between two seats; none where they are in two carriages, or in one only as far as is known.
    pub fn apart(self, other: Self) -> Option<u16> {
        (self.carriage == other.carriage).then(|| self.row.abs_diff(other.row))
    }
}

/// A body temperature, in tenths of a degree Celsius between 30.0 and 45.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Temperature(u16);

/// No living person's temperature.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("a body temperature lies between 30.0 and 45.0 °C; this is {0}")]
pub struct TemperatureError(pub f64);

impl Temperature {
    /// Tenths of a degree.
    pub fn tenths(self) -> u16 {
        self.0
    }
}

impl Temperature {
    /// Reads back [`Temperature::tenths`].
    pub fn from_tenths(tenths: u16) -> Result<Self, TemperatureError> {
        Self::try_from(f64::from(tenths) / 10.0)
    }
}

impl TryFrom<f64> for Temperature {
    type Error = TemperatureError;

    fn try_from(celsius: f64) -> Result<Self, Self::Error> {
        if (30.0..=45.0).contains(&celsius) {
            Ok(Self((celsius * 10.0).round() as u16))
        } else {
            Err(TemperatureError(celsius))
        }
    }
}

impl From<Temperature> for f64 {
    fn from(temperature: Temperature) -> Self {
        f64::from(temperature.0) / 10.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_say_how_far_apart_they_are() {
        let row = |seat: &str| Row::of_seat(seat).unwrap();
        assert_eq!(row("12A").apart(row("15F")), Some(3));
        assert_eq!(row("5-12F").apart(row("05车10A")), Some(2));
        assert_eq!(row("5-12F").apart(row("6-12F")), None);
        assert_eq!(row("12F").apart(row("6-12F")), None);
        assert!(Row::of_seat("A").is_none() && Row::of_seat("99999").is_none());
    }

    #[test]
    fn temperatures_are_those_of_living_people() {
        assert_eq!(Temperature::try_from(37.3).unwrap().tenths(), 373);
        for wrong in [20.0, 29.9, 45.1, 60.0, f64::NAN] {
            assert!(Temperature::try_from(wrong).is_err());
        }
    }
}
