//! Who met whom: one row a meeting of a case with a contact, or with another case.
//!
//! ```
//! use jiff::civil::date;
//! use lianfang_core::contacts::{Certainty, Setting};
//! use lianfang_intake::{Entry, Kind, Options, Preset, Relationships, Source};
//! let file = "source_uuid,target_uuid,date_of_last_contact,context_of_exposure,certainty_level\n\
//!             c-1,k-7,2020-06-02,Home/household,3 - High\nc-1,,2020-06-02,,\n";
//! let preset = Preset::built_in_for("godata", Kind::Relationships).unwrap();
//! let source = Source::bytes("relationships.csv", file.into());
//! let list = Relationships::open(source, &preset, Options::new(date(2020, 9, 9))).unwrap();
//! let entries: Vec<_> = list.map(Result::unwrap).collect();
//! assert!(matches!(&entries[0], Entry::Taken(taken)
//!     if taken.row.meeting.setting == Some(Setting::Household) && taken.row.certainty == Some(Certainty::Confirmed)));
//! assert!(matches!(&entries[1], Entry::Refused(refused) if refused.findings[0].field == "contact"));
//! ```

use jiff::civil::Date;
use lianfang_core::contacts::{Certainty, Meeting};

use super::{Bound, ID_CHARACTERS, number};
use crate::cells::Cells;
use crate::entries::{Entries, Mapper, Options, reader};
use crate::error::FileError;
use crate::finding::{Findings, Problem};
use crate::preset::{ContactWords, Field, Preset};
use crate::source::Source;
use crate::table::{RawRow, TableReader};

/// One meeting with the row it stands in.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RelationshipRow {
    /// The row as a spreadsheet counts.
    pub row: u64,
    /// Its own number.
    pub external_id: Option<String>,
    /// The number of the case.
    pub case: String,
    /// The number of whoever met the case: a contact, or another case.
    pub contact: String,
    /// The day, the last of several.
    pub met: Option<Date>,
    /// The first day of several.
    pub met_first: Option<Date>,
    /// How they met.
    pub meeting: Meeting,
    /// How sure it is.
    pub certainty: Option<Certainty>,
}

/// A list of meetings, row by row; each is taken or refused, none is lost.
pub struct Relationships(Entries<RowMapper>);

impl Relationships {
    /// Opens a file and finds the preset's columns in its header.
    pub fn open(source: Source, preset: &Preset, options: Options) -> Result<Self, FileError> {
        let table = TableReader::open(source, options.limits)?;
        let mapper = RowMapper(Bound::new(preset, table.header(), options)?);
        Ok(Self(Entries::new(table, mapper, options.limits)))
    }
}

reader!(Relationships yields RelationshipRow);

struct RowMapper(Bound);

/// The last and the first day of a meeting.
pub(super) fn days(cells: &mut Cells<'_>) -> (Option<Date>, Option<Date>) {
    let (met, first) = (cells.date(Field::Met), cells.date(Field::MetFirst));
    if met.zip(first).is_some_and(|(met, first)| met < first) {
        let earlier = Field::MetFirst.word();
        cells.refuse(Field::Met, Problem::DateOrder { earlier });
    }
    (met, first)
}

pub(super) fn meeting<'a>(cells: &mut Cells<'a>, words: &'a ContactWords) -> Meeting {
    Meeting {
        setting: cells.coded(Field::Setting, &words.setting),
        exposure: cells.coded(Field::Exposure, &words.exposure),
        frequency: cells.coded(Field::Frequency, &words.frequency),
        lasting: cells.coded(Field::Lasting, &words.lasting),
        relation: cells.coded_or_left(Field::Relation, &words.relation),
        estimated: cells.yes(Field::Estimated) == Some(true),
    }
}

impl Mapper for RowMapper {
    type Row = RelationshipRow;

    fn map(&self, raw: &RawRow, findings: &mut Findings) -> Option<RelationshipRow> {
        let words = &self.0.preset.contact;
        let mut cells = self.0.cells(raw, findings);
        let case = number(&mut cells, Field::Case);
        let contact = number(&mut cells, Field::Contact);
        let (met, met_first) = days(&mut cells);
        Some(RelationshipRow {
            row: raw.row,
            external_id: cells.bounded(Field::ExternalId, ID_CHARACTERS),
            met,
            met_first,
            meeting: meeting(&mut cells, words),
            certainty: cells.coded(Field::Certainty, &words.certainty),
            case: case?,
            contact: contact?,
        })
    }
}
