//! Reopening: workplaces, schools and places back to work.

crate::words! {
    /// What a workplace or place does.
    Sector {
        /// Supplies, utilities, health care, food, public order.
        Essential = "essential", "essential services", "保障行业";
        /// Part of a key supply chain.
        KeyChain = "key_chain", "key supply chain", "重点产业链";
        /// An industrial enterprise above designated size.
        LargeIndustry = "large_industry", "industry above designated size", "规模以上工业";
        /// Any other industry.
        Industry = "industry", "other industry", "其他工业";
        /// Offices and services.
        Services = "services", "services", "服务业";
        /// Shops and markets.
        Retail = "retail", "shops and markets", "商贸市场";
        /// Restaurants.
        Dining = "dining", "restaurants", "餐饮";
        /// Cinemas, bars, baths and the like.
        Entertainment = "entertainment", "entertainment", "娱乐场所";
        /// Schools.
        School = "school", "schools", "学校";
        /// Kindergartens and nurseries.
        Kindergarten = "kindergarten", "kindergartens", "幼儿园";
        /// Homes for the old, the ill and the disabled.
        CareHome = "care_home", "care homes", "养老福利机构";
        /// Public transport.
        Transport = "transport", "public transport", "公共交通";
        /// Gatherings.
        Gathering = "gathering", "gatherings", "聚集性活动";
    }
}

crate::words! {
    /// Whether a place may open, from least to most restrictive.
    Opening {
        /// Open.
        Open = "open", "open", "开放";
        /// Open within a limit.
        Limited = "limited", "open within limits", "限制开放";
        /// Closed.
        Closed = "closed", "closed", "关闭";
    }
}
