//! What an import did, for the page, the printer and the ledger of imports.

mod render;

use std::collections::BTreeMap;

use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use serde::{Deserialize, Serialize};

use crate::entries::RefusedRow;
use crate::finding::{Code, Finding};

/// How many findings, missing days and corrections a report lists; all are counted.
pub const LISTED: usize = 1_000;

/// A kind of import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Cases, a row each.
    Linelist,
    /// Cumulative totals by area and day.
    CityTotals,
    /// Areas with codes and names.
    Areas,
    /// People who arrive, from a list sent from elsewhere.
    Arrivals,
    /// Households with those who live there.
    Households,
    /// Visits: who was where.
    Visits,
    /// Contacts, a row each.
    Contacts,
    /// Who met whom: cases and contacts, or cases and cases.
    Relationships,
    /// Follow-up of contacts, a row for each day.
    #[serde(rename = "followups")]
    FollowUps,
    /// Samples with their results.
    #[serde(rename = "labresults")]
    LabResults,
}

impl Kind {
    /// The word in files and answers.
    pub fn word(self) -> &'static str {
        match self {
            Self::Linelist => "linelist",
            Self::CityTotals => "city_totals",
            Self::Areas => "areas",
            Self::Arrivals => "arrivals",
            Self::Households => "households",
            Self::Visits => "visits",
            Self::Contacts => "contacts",
            Self::Relationships => "relationships",
            Self::FollowUps => "followups",
            Self::LabResults => "labresults",
        }
    }

    /// The preset that reads it where none is named; none where the kind has one form.
    pub fn usual_preset(self) -> Option<&'static str> {
        match self {
            Self::CityTotals | Self::Areas | Self::Visits => None,
            Self::Linelist => Some("generic"),
            kind => Some(kind.word()),
        }
    }

    /// Whether presets read it.
    pub fn has_presets(self) -> bool {
        self.usual_preset().is_some()
    }
}

/// What an import read, took and refused, and what it changed.
///
/// Each row read is counted once: as new, unchanged, revised or refused. Intake alone cannot tell
/// the first three apart and counts all as taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ImportReport {
    /// Base name of the file.
    pub file: String,
    /// What it holds.
    pub kind: Kind,
    /// The preset by which it was read; none where the kind has one form.
    pub preset: Option<String>,
    /// Nothing was recorded: the report says what would have been.
    pub dry_run: bool,
    /// Rows read, blank ones and the header aside: the sum of the next four.
    pub rows_read: u64,
    /// Rows that said something new.
    pub rows_taken: u64,
    /// Rows that said what was known already.
    pub rows_unchanged: u64,
    /// Rows that corrected what was known.
    pub rows_revised: u64,
    /// Rows refused.
    pub rows_refused: u64,
    /// Of the rows taken, those about people whose arrival was known already: from another source,
    /// another list, or an earlier row. Only for lists of arrivals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_known: Option<u64>,
    /// Places that the file made known. Only for visits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub places_new: Option<u64>,
    /// People whom the file made known. Only for visits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people_new: Option<u64>,
    /// Why rows were refused; the first 1,000.
    pub refusals: Vec<Finding>,
    /// How many refusals there were of each kind; a row can have several.
    pub refusals_by_code: BTreeMap<Code, u64>,
    /// What is odd about rows that were taken; the first 1,000.
    pub warnings: Vec<Finding>,
    /// How many warnings there were of each kind.
    pub warnings_by_code: BTreeMap<Code, u64>,
    /// Days for which a series has no row; the first 1,000.
    pub missing_days: Vec<MissingDay>,
    /// How many there are.
    pub missing_days_total: u64,
    /// Totals lower than the day before: the source corrected itself; the first 1,000.
    pub corrections: Vec<Correction>,
    /// How many there are.
    pub corrections_total: u64,
    /// Worksheets of the workbook that were not read.
    pub other_sheets: Vec<String>,
    /// Facts appended to the ledger.
    pub facts_appended: u64,
    /// How long it took.
    pub seconds: f64,
}

/// A day for which an area's series has no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MissingDay {
    /// The area.
    #[schema(value_type = String, example = "330300")]
    pub area: AreaCode,
    /// The day.
    pub date: Date,
}

/// A cumulative total that went down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// The area.
    #[schema(value_type = String, example = "421100")]
    pub area: AreaCode,
    /// The day from which the lower total holds.
    pub date: Date,
    /// The total before.
    pub from: u32,
    /// The total from then on.
    pub to: u32,
}

impl ImportReport {
    /// A report in which nothing has happened yet.
    pub fn new(file: &str, kind: Kind, preset: Option<&str>, dry_run: bool) -> Self {
        Self {
            file: file.to_owned(),
            kind,
            preset: preset.map(str::to_owned),
            dry_run,
            rows_read: 0,
            rows_taken: 0,
            rows_unchanged: 0,
            rows_revised: 0,
            rows_refused: 0,
            rows_known: None,
            places_new: None,
            people_new: None,
            refusals: Vec::new(),
            refusals_by_code: BTreeMap::new(),
            warnings: Vec::new(),
            warnings_by_code: BTreeMap::new(),
            missing_days: Vec::new(),
            missing_days_total: 0,
            corrections: Vec::new(),
            corrections_total: 0,
            other_sheets: Vec::new(),
            facts_appended: 0,
            seconds: 0.0,
        }
    }

    /// Counts a row that was taken, with its warnings.
    pub fn count_taken(&mut self, warnings: &[Finding]) {
        self.rows_read += 1;
        self.rows_taken += 1;
        for finding in warnings {
            self.warn(finding.clone());
        }
    }

    /// Counts a row that was refused on reading.
    pub fn count_refused(&mut self, refused: &RefusedRow) {
        self.rows_read += 1;
        self.refuse(refused);
    }

    /// Refuses a row that was counted as read already.
    pub fn refuse(&mut self, refused: &RefusedRow) {
        self.rows_refused += 1;
        for finding in &refused.findings {
            *self.refusals_by_code.entry(finding.code).or_default() += 1;
            push_listed(&mut self.refusals, finding.clone());
        }
    }

    /// Adds a warning about a row that was counted as taken.
    pub fn warn(&mut self, finding: Finding) {
        *self.warnings_by_code.entry(finding.code).or_default() += 1;
        push_listed(&mut self.warnings, finding);
    }

    /// Adds a day that is missing.
    pub fn miss(&mut self, area: AreaCode, date: Date) {
        self.missing_days_total += 1;
        push_listed(&mut self.missing_days, MissingDay { area, date });
    }

    /// Adds a total that went down.
    pub fn correct(&mut self, correction: Correction) {
        self.corrections_total += 1;
        push_listed(&mut self.corrections, correction);
    }
}

fn push_listed<T>(list: &mut Vec<T>, item: T) {
    if list.len() < LISTED {
        list.push(item);
    }
}
