//! Policy packs: evidence in, decision with its reason out.
//!
//! A pack is one versioned TOML file per disease and city. It holds every number of days, every
//! threshold and every deadline; no other place in the house does. Its rules stand in tables, one
//! for each question that the house asks: what to do with somebody at a gate, who is a close
//! contact, who is watched and how long, which colour a pass has, how risky an area is, what may
//! open. Conditions are CEL expressions over a typed evidence record. On load they are checked
//! against the record and against each other, and compiled.
//!
//! ```
//! use jiff::civil::date;
//! use lianfang_core::surveillance::RiskLevel;
//! use lianfang_policy::{Pack, RiskEvidence};
//! let pack = Pack::shipped("covid19-cn-2020").unwrap();
//! let quiet = RiskEvidence { confirmed_total: 42, new_recent: 0, ..RiskEvidence::default() };
//! assert_eq!(pack.decide(&quiet, date(2020, 3, 1)).outcome, RiskLevel::Low);
//! ```

mod conditions;
mod decisions;
mod diff;
mod error;
mod evidence;
mod examples;
mod foresight;
mod natural_history;
mod numbers;
mod overview;
mod pack;
mod portable;
mod rules;
mod settings;
mod surveillance;

pub use decisions::{Asked, Decided, Explanation, Part, Seen, decide_record, explain, read};
pub use diff::{DiffKind, Difference, diff};
pub use error::{PackError, Problem};
pub use evidence::{
    ContactEvidence, EntryEvidence, Evidence, EvidenceError, Field, FieldKind, NEVER, NamedWord,
    PassEvidence, QuarantineEvidence, ReopeningEvidence, RiskEvidence, Schema, Table, schema,
};
pub use examples::Example;
pub use foresight::Foresight as ForesightSettings;
pub use natural_history::{
    AgeGroup, Distribution, KnownShare, KnownSpan, NaturalHistory, Offspring, Share, Span,
};
pub use numbers::Number;
pub use overview::{
    ChangeShown, MatterDeadline, NumberShown, OriginShown, Overview, RuleShown, Setting,
    SettingValue, ShareShown, SpanShown, TableShown,
};
pub use pack::{LONGEST, Origin, Pack, shipped_ids};
pub use portable::{Portable, PortableCondition, PortableField, PortableFill, PortableRule};
pub use rules::{Change, Decision, Lasts, Rule, Rules};
pub use settings::{
    Briefs, Cases as CaseSettings, Field as FieldSettings, Growth, Nowcast, Passes as PassSettings,
    PlaceRule, Reports, ReproductionNumber, Retention, RiskWindow, Visits as VisitsSettings,
};
pub use surveillance::{
    AlarmMethod, Infectors as InfectorsSettings, Surveillance as SurveillanceSettings,
};
