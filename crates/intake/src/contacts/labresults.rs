//! Samples and their results: one row a sample.

use jiff::civil::Date;
use lianfang_core::cases::{SampleKind, TestKind};
use lianfang_core::quarantine::SampleResult;

use super::{Bound, ID_CHARACTERS, NAME_CHARACTERS, number};
use crate::entries::{Entries, Mapper, Options, reader};
use crate::error::FileError;
use crate::finding::{Findings, Problem};
use crate::preset::{Field, Preset};
use crate::source::Source;
use crate::table::{RawRow, TableReader};

/// One sample with the row it stands in.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LabResultRow {
    /// The row as a spreadsheet counts.
    pub row: u64,
    /// Its own number.
    pub external_id: Option<String>,
    /// The number of the case, or the contact, of whom it is.
    pub case: String,
    /// The day on which it was taken.
    pub sampled: Date,
    /// Its number at the laboratory.
    pub number: Option<String>,
    /// What it is of.
    pub kind: Option<SampleKind>,
    /// How it is examined.
    pub test: Option<TestKind>,
    /// The laboratory.
    pub laboratory: Option<String>,
    /// The day on which the laboratory had it.
    pub delivered: Option<Date>,
    /// The result.
    pub result: Option<SampleResult>,
    /// The day of the result.
    pub result_day: Option<Date>,
}

/// A list of samples, row by row; each is taken or refused, none is lost.
pub struct LabResults(Entries<RowMapper>);

impl LabResults {
    /// Opens a file and finds the preset's columns in its header.
    pub fn open(source: Source, preset: &Preset, options: Options) -> Result<Self, FileError> {
        let table = TableReader::open(source, options.limits)?;
        let mapper = RowMapper(Bound::new(preset, table.header(), options)?);
        Ok(Self(Entries::new(table, mapper, options.limits)))
    }
}

reader!(LabResults yields LabResultRow);

struct RowMapper(Bound);

impl Mapper for RowMapper {
    type Row = LabResultRow;

    fn map(&self, raw: &RawRow, findings: &mut Findings) -> Option<LabResultRow> {
        let words = &self.0.preset.contact;
        let mut cells = self.0.cells(raw, findings);
        if cells.yes(Field::Deleted) == Some(true) {
            cells.refuse(Field::Deleted, Problem::DeletedThere);
        }
        let case = number(&mut cells, Field::Case);
        if cells.text(Field::Sampled).is_none() {
            cells.refuse(Field::Sampled, Problem::MissingValue);
        }
        let sampled = cells.date(Field::Sampled);
        let delivered = cells.date(Field::Delivered);
        let result_day = cells.date(Field::ResultDate);
        for (field, day) in [
            (Field::Delivered, delivered),
            (Field::ResultDate, result_day),
        ] {
            if day.zip(sampled).is_some_and(|(day, sampled)| day < sampled) {
                let earlier = Field::Sampled.word();
                cells.refuse(field, Problem::DateOrder { earlier });
            }
        }
        let result = cells.coded(Field::Result, &words.result);
        if result.is_none() && result_day.is_some() {
            cells.warn(Field::ResultDate, Problem::ResultUnknown);
        }
        Some(LabResultRow {
            row: raw.row,
            external_id: cells.bounded(Field::ExternalId, ID_CHARACTERS),
            number: cells.bounded(Field::SampleNumber, ID_CHARACTERS),
            kind: cells.coded(Field::SampleKind, &words.sample_kind),
            test: cells.coded(Field::TestKind, &words.test_kind),
            laboratory: cells.bounded(Field::Laboratory, NAME_CHARACTERS),
            result_day: result_day.filter(|_| result.is_some()),
            delivered,
            result,
            case: case?,
            sampled: sampled?,
        })
    }
}
