//! Households: who lives behind which door, so that none is missed.

crate::words! {
    /// What kind of place a household is.
    Dwelling {
        /// A home.
        Home = "home", "home", "普通住户";
        /// A rented home.
        Rented = "rented", "rented home", "出租房";
        /// A home in an urban village.
        UrbanVillage = "urban_village", "urban village", "城中村";
        /// A dormitory of a workplace or school.
        Dormitory = "dormitory", "dormitory", "集体宿舍";
        /// A nursing home.
        NursingHome = "nursing_home", "nursing home", "养老机构";
        /// A hotel.
        Hotel = "hotel", "hotel", "旅馆";
        /// A building site's quarters.
        SiteQuarters = "site_quarters", "building site quarters", "工地宿舍";
    }
}
