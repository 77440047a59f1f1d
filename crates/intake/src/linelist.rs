//! Line lists: one row a case.
//!
//! ```
//! use jiff::civil::date;
//! use lianfang_intake::{Entry, LineList, Options, Preset, Source};
//! let file = "case_id,sex,date_of_onset,classification\n7,f,2020-02-01,confirmed\n8,m,2020-02-31,confirmed\n";
//! let preset = Preset::built_in("generic").unwrap();
//! let source = Source::bytes("cases.csv", file.into());
//! let list = LineList::open(source, &preset, Options::new(date(2020, 2, 9))).unwrap();
//! let entries: Vec<_> = list.map(Result::unwrap).collect();
//! assert!(matches!(&entries[0], Entry::Taken(taken) if taken.row.onset == Some(date(2020, 2, 1))));
//! assert!(matches!(&entries[1], Entry::Refused(refused) if refused.row == 3));
//! ```

mod checks;
mod row;

use std::fmt;

use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::cases::{Classification, Origin, Outcome, Pregnancy, Severity};
use lianfang_core::contacts::RiskJudged;
use lianfang_core::entry::Symptom;
use lianfang_core::identifiers::{Document, Phone};
use lianfang_core::people::Sex;

use crate::entries::{Entries, Options, reader};
use crate::error::FileError;
use crate::preset::{Field, Preset};
use crate::source::Source;
use crate::table::TableReader;
use row::RowMapper;

/// One case as a line list has it. Personal data in it belongs in the vault.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LineListRow {
    /// The row as a spreadsheet counts.
    pub row: u64,
    /// The number under which the reporting institution knows the case; at most 64 characters.
    pub external_id: Option<String>,
    /// The number by which people call it; at most 64 characters.
    pub visual_id: Option<String>,
    /// Full name.
    pub name: Option<String>,
    /// Sex; from the resident identity number where the column says nothing.
    pub sex: Option<Sex>,
    /// Age in completed years, 0 to 120; reckoned from the resident identity number where the
    /// column says nothing.
    pub age_years: Option<u8>,
    /// Identity document.
    pub document: Option<Document>,
    /// Phone.
    pub phone: Option<Phone>,
    /// Address in words.
    pub address: Option<String>,
    /// Area: the row's, or else the caller's.
    pub area: Option<AreaCode>,
    /// Place as the source writes it.
    pub place: Option<String>,
    /// Last exposure or infection.
    pub exposed: Option<Date>,
    /// First symptoms.
    pub onset: Option<Date>,
    /// First positive sample.
    pub sampled: Option<Date>,
    /// Diagnosis.
    pub diagnosed: Option<Date>,
    /// Report.
    pub reported: Option<Date>,
    /// Admission to hospital.
    pub hospitalised: Option<Date>,
    /// Classification.
    pub classification: Classification,
    /// Severity.
    pub severity: Option<Severity>,
    /// Outcome.
    pub outcome: Option<Outcome>,
    /// Day of the outcome; only where there is one.
    pub outcome_date: Option<Date>,
    /// Imported or local.
    pub origin: Option<Origin>,
    /// Where from.
    pub imported_from: Option<String>,
    /// Cluster.
    pub cluster: Option<String>,
    /// Whether the day of first symptoms is a guess.
    pub onset_approximate: Option<bool>,
    /// The institution that reported it.
    pub reported_by: Option<String>,
    /// Isolation began.
    pub isolated: Option<Date>,
    /// Isolation ended.
    pub isolation_ended: Option<Date>,
    /// Where isolated.
    pub isolation_place: Option<String>,
    /// The hospital.
    pub hospital: Option<String>,
    /// Discharge from hospital.
    pub discharged: Option<Date>,
    /// Whether the person was a contact before.
    pub was_contact: Option<bool>,
    /// The day on which a contact became a case.
    pub became_case: Option<Date>,
    /// Last contact with a case.
    pub last_contact: Option<Date>,
    /// Begin of the follow-up as a contact.
    pub followed_from: Option<Date>,
    /// End of the follow-up as a contact; may be yet to come.
    pub followed_until: Option<Date>,
    /// Whether pregnant.
    pub pregnancy: Option<Pregnancy>,
    /// Occupation.
    pub occupation: Option<String>,
    /// How great somebody judged the risk to be.
    pub risk: Option<RiskJudged>,
    /// Why.
    pub risk_reason: Option<String>,
    /// Whether transfer to a hospital was refused.
    pub transfer_refused: Option<bool>,
    /// Symptoms.
    pub symptoms: Vec<Symptom>,
}

/// Personal data does not print.
impl fmt::Debug for LineListRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LineListRow")
            .field("row", &self.row)
            .field("classification", &self.classification)
            .field("area", &self.area)
            .finish_non_exhaustive()
    }
}

/// A line list, row by row; each is taken or refused, none is lost.
///
/// An `Err` ends it: the file cannot be read on from there.
pub struct LineList(Entries<RowMapper>);

impl LineList {
    /// Opens a file and finds the preset's columns in its header.
    pub fn open(source: Source, preset: &Preset, options: Options) -> Result<Self, FileError> {
        let table = TableReader::open(source, options.limits)?;
        let mapper = RowMapper::new(preset.clone(), table.header(), options)?;
        Ok(Self(Entries::new(table, mapper, options.limits)))
    }

    /// Whether the file has a column for a field: of what has none, a row says nothing.
    pub fn has(&self, field: Field) -> bool {
        self.0.mapper().has(field)
    }
}

reader!(LineList yields LineListRow);
