//! Forecasts: what is forecast, and by what.

crate::words! {
    /// What is forecast.
    Target {
        /// New cases of a day, by the area's totals or line list.
        NewCases = "new_cases", "new cases", "新增病例";
    }
}

crate::words! {
    /// What a forecast is made by.
    Model {
        /// Tomorrow is as today: the baseline that others have to beat.
        Persistence = "persistence", "persistence", "持续性基线";
        /// The renewal equation over the counts.
        Renewal = "renewal", "renewal equation", "更新方程";
        /// A city fitted to the counts, and run on.
        City = "city", "fitted city", "拟合城市";
        /// The mean of renewal and city, quantile by quantile.
        Ensemble = "ensemble", "ensemble", "集合预测";
    }
}
