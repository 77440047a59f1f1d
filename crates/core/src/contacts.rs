//! Contacts: who met a case, where, and how close.

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
