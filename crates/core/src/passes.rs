//! Passes: the health code. A colour is computed from evidence, never set.

crate::words! {
    /// A pass's colour, from least to most restrictive.
    Colour {
        /// Goes everywhere.
        Green = "green", "green", "绿码";
        /// Stays, or is watched.
        Yellow = "yellow", "yellow", "黄码";
        /// Is isolated or in quarantine.
        Red = "red", "red", "红码";
    }
}

crate::words! {
    /// The pass that somebody shows at a checkpoint.
    PassShown {
        /// None.
        None = "none", "none", "未出示";
        /// A green one.
        Green = "green", "green", "绿码";
        /// A yellow one.
        Yellow = "yellow", "yellow", "黄码";
        /// A red one.
        Red = "red", "red", "红码";
        /// One that cannot be verified.
        Invalid = "invalid", "not valid", "无效";
    }
}

crate::words! {
    /// How a person stands as a case.
    CaseStanding {
        /// No case.
        None = "none", "no case", "非病例";
        /// Suspected.
        Suspected = "suspected", "suspected case", "疑似病例";
        /// Clinically diagnosed.
        Clinical = "clinical", "clinically diagnosed case", "临床诊断病例";
        /// Confirmed.
        Confirmed = "confirmed", "confirmed case", "确诊病例";
        /// Infected without symptoms.
        Asymptomatic = "asymptomatic", "asymptomatic infection", "无症状感染者";
        /// Found not to be a case.
        Excluded = "excluded", "excluded", "已排除";
        /// Recovered or discharged.
        Recovered = "recovered", "recovered", "治愈";
    }
}
