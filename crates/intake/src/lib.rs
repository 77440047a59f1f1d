//! Files in, typed rows out: line lists, contacts, links between cases, totals, areas, arrivals and households from CSV
//! and XLSX.
//!
//! Pure over readers and bytes: no store, no clock, and a bound on everything. Each row is taken,
//! perhaps with warnings, or refused with its reasons; refused rows can be written to a file,
//! mended and fed in again.
//!
//! - [`Source`] and [`Options`] say what is read and under which bounds,
//! - [`LineList`], [`Links`], [`Totals`], [`AreaList`], [`Arrivals`], [`Households`] and [`Visits`] iterate over [`Entry`]s,
//! - [`Preset`] maps a source's columns and words to ours,
//! - [`ImportReport`] counts, [`refused::RefusedWriter`] hands back, [`export`] writes.

pub mod areas;
pub mod arrivals;
mod cells;
mod column;
pub mod contacts;
mod dates;
mod encoding;
mod entries;
mod error;
pub mod export;
mod finding;
mod formula;
pub mod households;
mod limits;
pub mod linelist;
pub mod links;
mod moments;
pub mod preset;
pub mod refused;
pub mod report;
mod source;
pub mod table;
pub mod totals;
pub mod visits;

pub use areas::{AreaList, AreaRow};
pub use arrivals::{ArrivalRow, Arrivals, Place};
pub use contacts::{
    ContactListRow, ContactRows, FollowUpRow, FollowUps, LabResultRow, LabResults, RelationshipRow,
    Relationships,
};
pub use dates::DateForm;
pub use entries::{Entry, Options, RefusedRow, Taken};
pub use error::{FileError, What};
pub use finding::{Code, Finding};
pub use households::{HouseholdRow, Households, Resident};
pub use limits::Limits;
pub use linelist::{LineList, LineListRow};
pub use links::{LinkRow, Links};
pub use moments::Arrival;
pub use preset::{Preset, PresetError};
pub use report::{ImportReport, Kind};
pub use source::Source;
pub use totals::{Totals, TotalsRow};
pub use visits::{VisitRow, VisitTime, Visits};
