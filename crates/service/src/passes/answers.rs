//! What holders and staff are told of a pass.

use jiff::civil::Date;
use lianfang_core::areas::Area;
use lianfang_core::passes::{Colour, PassSource};
use lianfang_core::text::Text;
use serde::Serialize;

use super::AppealShown;

/// A piece of evidence, with who recorded it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct EvidenceShown {
    /// What it is about.
    pub source: PassSource,
    /// Its name.
    pub source_name: Text,
    /// What it says.
    pub says: Text,
    /// The area in which it was recorded.
    pub recorded_in: Option<Area>,
    /// When.
    pub recorded_at: Option<String>,
}

/// How a holder stands, and why.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct PassStanding {
    /// The colour.
    pub colour: Colour,
    /// Its name.
    pub colour_name: Text,
    /// Why.
    pub reason: Text,
    /// The rule that says so.
    pub rule: String,
    /// Since which day.
    #[schema(value_type = Option<String>, format = Date)]
    pub since: Option<Date>,
    /// The first day on which it will hold no more, if nothing new happens.
    #[schema(value_type = Option<String>, format = Date)]
    pub until: Option<Date>,
    /// What clears it.
    pub clears: Text,
    /// On what it rests.
    pub evidence: Vec<EvidenceShown>,
    /// The pack and its version.
    pub pack: String,
}

/// A pass as a signed code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PassQr {
    /// What its QR code says.
    pub text: String,
    /// Its colour.
    pub colour: Colour,
    /// The colour's name.
    pub colour_name: Text,
    /// Two characters of the name.
    pub name: String,
    /// The last digits of the document.
    pub digits: String,
    /// When it was issued.
    pub issued_at: String,
    /// First moment at which it is no longer valid.
    pub expires_at: String,
}

/// How far a code has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PassState {
    /// Nobody has seen yet who it is.
    Waiting,
    /// It opens a pass.
    Open,
    /// It opens nothing any more.
    Ended,
}

/// Somebody whom a code looks after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FamilyMember {
    /// Their code.
    pub code: String,
    /// Their name, masked.
    pub name: String,
    /// How far it has come.
    pub state: PassState,
    /// Their colour.
    pub colour: Option<Colour>,
    /// Its name.
    pub colour_name: Option<Text>,
    /// Whether today's health report is there.
    pub reported_today: bool,
}

/// What a code opens.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct MyPass {
    /// How far the code has come.
    pub state: PassState,
    /// The holder's name, masked.
    pub name: Option<String>,
    /// Where they live.
    pub area: Area,
    /// How they stand.
    pub standing: Option<PassStanding>,
    /// The pass, if it was asked to be shown.
    pub pass: Option<PassQr>,
    /// Whether today's health report is there.
    pub reported_today: bool,
    /// Healthy reports in a row.
    pub healthy_reports: u32,
    /// Those whom this code looks after.
    pub family: Vec<FamilyMember>,
    /// Appeals, the newest first.
    pub appeals: Vec<AppealShown>,
    /// Today, by the jurisdiction's own clock.
    #[schema(value_type = String, format = Date)]
    pub today: Date,
}
