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
