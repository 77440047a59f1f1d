//! The field's vocabulary: areas, people, identifiers, cases, matters, rights, and the facts
//! that record what happened to them.
//!
//! Types that cannot be wrong and pure functions over them: no I/O, no clock, no randomness.
//! Text is parsed into these types at the door; everything inside the house trusts them.

pub mod access;
pub mod alike;
pub mod areas;
pub mod cases;
pub mod contacts;
pub mod entry;
pub mod facts;
pub mod forecasts;
pub mod households;
pub mod identifiers;
pub mod ids;
pub mod matters;
pub mod passes;
pub mod people;
pub mod places;
pub mod quarantine;
pub mod reopening;
pub mod surveillance;
pub mod text;
pub mod time;
pub mod words;
