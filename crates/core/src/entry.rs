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
    fn temperatures_are_those_of_living_people() {
        assert_eq!(Temperature::try_from(37.3).unwrap().tenths(), 373);
        for wrong in [20.0, 29.9, 45.1, 60.0, f64::NAN] {
            assert!(Temperature::try_from(wrong).is_err());
        }
    }
}
