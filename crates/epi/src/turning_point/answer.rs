//! What is said of an area's turning point.

use jiff::civil::Date;
use serde::Serialize;

use super::declaration::Declaration;

/// Where an area stands, in plain words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum TurningPointReason {
    /// No case has been reported.
    NoCases,
    /// There are fewer cases than the rule asks for.
    TooFewCases {
        /// Cases of the present wave.
        cases: u32,
        /// Cases the rule asks for.
        needed: u32,
    },
    /// Growth is at least as probable as decline.
    Growing,
    /// Decline is more probable than growth, and less so than the rule asks for.
    Undecided,
    /// Decline is as probable as the rule asks for, and not yet for as many days.
    AwaitingConfirmation {
        /// Reported days in a row so far.
        days: u32,
        /// Reported days the rule asks for.
        needed: u32,
    },
    /// The turning point has been declared and stands.
    Declared,
    /// A turning point was declared, and withdrawn because a new wave grows.
    GrowingAgain,
}

/// The turning point as seen from the last day known.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Hindsight {
    /// The most probable first day of the decline.
    pub date: Date,
    /// Probability that transmission is declining on the last day known.
    pub probability: f64,
    /// First day of the 95 % credible interval of `date`.
    pub ci_low: Date,
    /// Last day of the 95 % credible interval of `date`.
    pub ci_high: Date,
}

/// What was known on one day, from the bulletins up to it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct DayStatus {
    /// Day of the bulletin.
    pub date: Date,
    /// Probability that transmission was declining.
    pub p_declining: f64,
    /// Whether a turning point stood declared.
    pub declared: bool,
}

/// The turning point of an area as known on one day.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TurningPoint {
    /// Day of the last bulletin used.
    pub as_of: Date,
    /// Where the area stands.
    pub reason: TurningPointReason,
    /// Since when the turning point has stood declared.
    pub declared_on: Option<Date>,
    /// The turning point of the present wave; none unless decline is more probable than growth, or declared.
    pub hindsight: Option<Hindsight>,
    /// Every declaration so far, those withdrawn included, oldest first.
    pub declarations: Vec<Declaration>,
    /// One entry for each bulletin since the first case, each as known on its own day.
    pub history: Vec<DayStatus>,
}
