//! Forecasts: what is forecast, and by what.

crate::words! {
    /// What is forecast. The ledger's views keep the place of a word: new ones come last.
    Target {
        /// New cases of a day, by the area's totals or line list.
        NewCases = "new_cases", "new cases", "新增病例";
        /// People who arrive on a day.
        Arrivals = "arrivals", "arrivals", "到达人数";
        /// Cases in hospital at the end of a day.
        Patients = "patients", "cases in hospital", "在院病例";
        /// People at quarantine sites at the end of a day.
        Quarantined = "quarantined", "people at quarantine sites", "集中隔离人数";
        /// Samples taken on a day, of people under quarantine and of cases.
        Samples = "samples", "samples taken", "采样份数";
    }
}

crate::words! {
    /// What a forecast is made by. The ledger's views keep the place of a word: new ones come last.
    Model {
        /// Tomorrow is as today: the baseline that others have to beat.
        Persistence = "persistence", "persistence", "持续性基线";
        /// The renewal equation over the counts.
        Renewal = "renewal", "renewal equation", "更新方程";
        /// A city fitted to the counts, and run on.
        City = "city", "fitted city", "拟合城市";
        /// The mean of renewal and city, quantile by quantile.
        Ensemble = "ensemble", "ensemble", "集合预测";
        /// Who has announced themselves, and the recent level.
        Announced = "announced", "announcements", "申报推算";
        /// Who is there leaves as planned or as others did; others enter at the recent level.
        Stays = "stays", "stays", "在住推算";
        /// The recent level by weekday.
        Level = "level", "recent level", "近期水平";
    }
}

#[expect(
    clippy::derivable_impls,
    reason = "words! makes the enum, and knows of no default"
)]
impl Default for Target {
    fn default() -> Self {
        Self::NewCases
    }
}

impl Target {
    /// By what it is forecast each night: the baseline, and one that has to beat it.
    pub fn models(self) -> [Model; 2] {
        let model = match self {
            Self::NewCases => Model::Renewal,
            Self::Arrivals => Model::Announced,
            Self::Patients | Self::Quarantined => Model::Stays,
            Self::Samples => Model::Level,
        };
        [Model::Persistence, model]
    }
}
