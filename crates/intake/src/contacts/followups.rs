//! Follow-up of contacts: one row a contact and day.

use jiff::civil::Date;
use lianfang_core::contacts::FollowUp;
use lianfang_core::entry::Symptom;

use super::{Bound, ID_CHARACTERS, number};
use crate::entries::{Entries, Mapper, Options, reader};
use crate::error::FileError;
use crate::finding::{Findings, Problem};
use crate::preset::{Field, Preset};
use crate::source::Source;
use crate::table::{RawRow, TableReader};

/// One day's follow-up with the row it stands in.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FollowUpRow {
    /// The row as a spreadsheet counts.
    pub row: u64,
    /// Its own number.
    pub external_id: Option<String>,
    /// The number of the contact.
    pub contact: String,
    /// The day.
    pub day: Date,
    /// What came of it.
    pub status: FollowUp,
    /// Temperature in degrees Celsius.
    pub temperature: Option<f64>,
    /// Symptoms.
    pub symptoms: Vec<Symptom>,
}

/// A list of follow-up, row by row; each is taken or refused, none is lost.
pub struct FollowUps(Entries<RowMapper>);

impl FollowUps {
    /// Opens a file and finds the preset's columns in its header.
    pub fn open(source: Source, preset: &Preset, options: Options) -> Result<Self, FileError> {
        let table = TableReader::open(source, options.limits)?;
        let mapper = RowMapper(Bound::new(preset, table.header(), options)?);
        Ok(Self(Entries::new(table, mapper, options.limits)))
    }
}

reader!(FollowUps yields FollowUpRow);

struct RowMapper(Bound);

impl Mapper for RowMapper {
    type Row = FollowUpRow;

    fn map(&self, raw: &RawRow, findings: &mut Findings) -> Option<FollowUpRow> {
        let words = &self.0.preset.contact;
        let mut cells = self.0.cells(raw, findings);
        let contact = number(&mut cells, Field::Contact);
        for field in [Field::Day, Field::Status] {
            if cells.text(field).is_none() {
                cells.refuse(field, Problem::MissingValue);
            }
        }
        let (day, status) = (
            cells.date(Field::Day),
            cells.coded(Field::Status, &words.follow_up),
        );
        let temperature = cells.temperature();
        let symptoms = cells.several(Field::Symptoms, &words.symptoms);
        Some(FollowUpRow {
            row: raw.row,
            external_id: cells.bounded(Field::ExternalId, ID_CHARACTERS),
            temperature,
            symptoms,
            contact: contact?,
            day: day?,
            status: status?,
        })
    }
}
