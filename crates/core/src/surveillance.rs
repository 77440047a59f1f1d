//! Surveillance: how an area stands.

crate::words! {
    /// An area's risk level.
    RiskLevel {
        /// Low.
        Low = "low", "low risk", "低风险";
        /// Medium.
        Medium = "medium", "medium risk", "中风险";
        /// High.
        High = "high", "high risk", "高风险";
    }
}
