//! Contacts and what is known of them: lists of contacts, who met whom, follow-up by day, and samples.
//!
//! A row names cases and contacts by the numbers that their own lists give them.

mod followups;
mod labresults;
mod listed;
mod relationships;

pub use followups::{FollowUpRow, FollowUps};
pub use labresults::{LabResultRow, LabResults};
pub use listed::{ContactListRow, ContactRows};
pub use relationships::{RelationshipRow, Relationships};

use crate::cells::Cells;
use crate::entries::Options;
use crate::error::FileError;
use crate::finding::{Findings, Problem};
use crate::preset::{Binding, Field, Preset};
use crate::table::RawRow;

/// Characters that numbers, names, places and addresses take, as in a line list.
const ID_CHARACTERS: usize = 64;
const NAME_CHARACTERS: usize = 100;
const PLACE_CHARACTERS: usize = 200;
const ADDRESS_CHARACTERS: usize = 500;

/// What the readers of this module have in common.
struct Bound {
    preset: Preset,
    binding: Binding,
    options: Options,
}

impl Bound {
    fn new(preset: &Preset, header: &[String], options: Options) -> Result<Self, FileError> {
        Ok(Self {
            binding: preset.bind(header)?,
            preset: preset.clone(),
            options,
        })
    }

    fn cells<'a>(&'a self, raw: &'a RawRow, findings: &'a mut Findings) -> Cells<'a> {
        Cells {
            preset: &self.preset,
            binding: &self.binding,
            today: self.options.today,
            raw,
            findings,
        }
    }
}

/// A number that must be there.
fn number(cells: &mut Cells<'_>, field: Field) -> Option<String> {
    if cells.text(field).is_none() {
        cells.refuse(field, Problem::MissingValue);
    }
    cells.bounded(field, ID_CHARACTERS)
}
