//! Lists of contacts: one row a person.
//!
//! ```
//! use jiff::civil::date;
//! use lianfang_core::contacts::ContactStatus;
//! use lianfang_intake::{ContactRows, Entry, Kind, Options, Preset, Source};
//! let file = "uuid,contact_id,firstName,contact_status,age\nc-1,CONTACT-1,Ada,LOST_TO_FOLLOW_UP,31\nc-2,CONTACT-2,Abu,LOST_TO_FOLLOW_UP,700\n";
//! let preset = Preset::built_in_for("godata", Kind::Contacts).unwrap();
//! let source = Source::bytes("contacts.csv", file.into());
//! let list = ContactRows::open(source, &preset, Options::new(date(2020, 9, 9))).unwrap();
//! let entries: Vec<_> = list.map(Result::unwrap).collect();
//! assert!(matches!(&entries[0], Entry::Taken(taken) if taken.row.status == Some(ContactStatus::Lost)));
//! assert!(matches!(&entries[1], Entry::Refused(refused) if refused.findings[0].field == "age"));
//! ```

use std::fmt;

use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::contacts::{Certainty, ContactClass, ContactDetails, ContactStatus, Meeting};
use lianfang_core::identifiers::{Document, Phone};

use super::{
    ADDRESS_CHARACTERS, Bound, ID_CHARACTERS, NAME_CHARACTERS, PLACE_CHARACTERS, relationships,
};
use crate::entries::{Entries, Mapper, Options, reader};
use crate::error::FileError;
use crate::finding::{Findings, Problem};
use crate::preset::{Field, Preset};
use crate::source::Source;
use crate::table::{RawRow, TableReader};

/// One contact as a list has it. Personal data in it belongs in the vault.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct ContactListRow {
    /// The row as a spreadsheet counts.
    pub row: u64,
    /// What is known beside who it is.
    pub details: ContactDetails,
    /// How far the work has come there.
    pub status: Option<ContactStatus>,
    /// Full name.
    pub name: Option<String>,
    /// Identity document.
    pub document: Option<Document>,
    /// Phone.
    pub phone: Option<Phone>,
    /// Address in words.
    pub address: Option<String>,
    /// Area: the row's, or else the caller's.
    pub area: Option<AreaCode>,
    /// The number of the case that was met, where the list says it.
    pub case: Option<String>,
    /// What the list makes of the meeting.
    pub class: Option<ContactClass>,
    /// The day of the meeting, the last of several.
    pub met: Option<Date>,
    /// The first day of several.
    pub met_first: Option<Date>,
    /// How they met.
    pub meeting: Meeting,
    /// How sure it is.
    pub certainty: Option<Certainty>,
}

/// Personal data does not print.
impl fmt::Debug for ContactListRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContactListRow")
            .field("row", &self.row)
            .field("status", &self.status)
            .field("area", &self.area)
            .finish_non_exhaustive()
    }
}

/// A list of contacts, row by row; each is taken or refused, none is lost.
pub struct ContactRows(Entries<RowMapper>);

impl ContactRows {
    /// Opens a file and finds the preset's columns in its header.
    pub fn open(source: Source, preset: &Preset, options: Options) -> Result<Self, FileError> {
        let table = TableReader::open(source, options.limits)?;
        let mapper = RowMapper(Bound::new(preset, table.header(), options)?);
        Ok(Self(Entries::new(table, mapper, options.limits)))
    }
}

reader!(ContactRows yields ContactListRow);

struct RowMapper(Bound);

impl Mapper for RowMapper {
    type Row = ContactListRow;

    fn map(&self, raw: &RawRow, findings: &mut Findings) -> Option<ContactListRow> {
        let preset = &self.0.preset;
        let words = &preset.contact;
        let mut cells = self.0.cells(raw, findings);
        let details = ContactDetails {
            external_id: cells.bounded(Field::ExternalId, ID_CHARACTERS),
            visual_id: cells.bounded(Field::VisualId, ID_CHARACTERS),
            sex: cells.coded(Field::Sex, &preset.sex),
            age_years: cells.age(),
            occupation: cells.bounded(Field::Occupation, ID_CHARACTERS),
            pregnancy: cells.coded(Field::Pregnancy, &preset.pregnancy),
            risk: cells.coded(Field::Risk, &preset.risk),
            risk_reason: cells.bounded(Field::RiskReason, PLACE_CHARACTERS),
            place: cells.bounded(Field::Place, PLACE_CHARACTERS),
            reported: cells.date(Field::Reported),
            last_contact: cells.date(Field::LastContact),
            followed_from: cells.date_ahead(Field::FollowedFrom),
            followed_until: cells.date_ahead(Field::FollowedUntil),
        };
        let (met, met_first) = relationships::days(&mut cells);
        let row = ContactListRow {
            row: raw.row,
            status: cells.coded(Field::Status, &words.status),
            name: cells.bounded(Field::Name, NAME_CHARACTERS),
            document: cells.document(),
            phone: cells.phone(),
            address: cells.bounded(Field::Address, ADDRESS_CHARACTERS),
            area: cells.area().or(self.0.options.default_area),
            case: cells.bounded(Field::Case, ID_CHARACTERS),
            class: cells.coded(Field::Class, &words.class),
            met,
            met_first,
            meeting: relationships::meeting(&mut cells, words),
            certainty: cells.coded(Field::Certainty, &words.certainty),
            details,
        };
        let somebody = row.details.external_id.is_some()
            || row.name.is_some()
            || row.document.is_some()
            || row.phone.is_some();
        if !somebody {
            cells.refuse(Field::Name, Problem::Nobody);
        }
        Some(row)
    }
}
