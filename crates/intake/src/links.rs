//! Lists of who infected whom: one row a link.
//!
//! ```
//! use jiff::civil::date;
//! use lianfang_intake::links::{Links, Sureness};
//! use lianfang_intake::{Entry, Options, Source};
//! let file = "infector,infectee,certainty,day\nA,B,probable,2020-02-01\nA,,,\n";
//! let links = Links::open(Source::bytes("links.csv", file.into()), Options::new(date(2020, 2, 9))).unwrap();
//! let entries: Vec<_> = links.map(Result::unwrap).collect();
//! assert!(matches!(&entries[0], Entry::Taken(taken) if taken.row.sureness == Some(Sureness::Probable)));
//! assert!(matches!(&entries[1], Entry::Refused(refused) if refused.findings[0].field == "infectee"));
//! ```

use jiff::civil::Date;

use crate::column::Column;
use crate::dates::{self, DateError, DateForm};
use crate::entries::{Entries, Mapper, Options, reader};
use crate::error::FileError;
use crate::finding::{Findings, Problem};
use crate::preset::normalise;
use crate::source::Source;
use crate::table::{RawRow, TableReader};

/// Characters of an id, as in a line list.
const ID_CHARACTERS: usize = 64;
/// Characters of a setting.
const SETTING_CHARACTERS: usize = 100;

/// Forms in which dates are accepted, for messages.
const ACCEPTED_DATES: &str = "2020-02-09, 2020/2/9, 2020.2.9, 20200209, 2020年2月9日";
/// Words for how sure a link is, for messages.
const ACCEPTED_WORDS: &str = "confirmed, probable, possible; 3 - High, 2 - Medium, 1 - Low";

/// How sure a link is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sureness {
    /// It may be.
    Possible,
    /// It is likely.
    Probable,
    /// It is certain.
    Confirmed,
}

impl Sureness {
    /// Go.Data's three levels of certainty stand for ours, from low to high.
    fn read(text: &str) -> Option<Self> {
        match normalise(text).as_str() {
            "confirmed" | "certain" | "high" | "3 - high" | "3" | "确定" | "确诊" => {
                Some(Self::Confirmed)
            }
            "probable" | "likely" | "medium" | "2 - medium" | "2" | "很可能" => {
                Some(Self::Probable)
            }
            "possible" | "low" | "1 - low" | "1" | "可能" => Some(Self::Possible),
            _ => None,
        }
    }
}

/// One link with the row it stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LinkRow {
    /// The row as a spreadsheet counts.
    pub row: u64,
    /// The id of who infected, as the line list has it.
    pub infector: String,
    /// The id of who was infected.
    pub infectee: String,
    /// How sure it is; none where the file does not say.
    pub sureness: Option<Sureness>,
    /// Where.
    pub setting: Option<String>,
    /// The day they met, which is that of the exposure.
    pub met: Option<Date>,
    /// The day they last met, where the file has that instead.
    pub last_met: Option<Date>,
}

/// A list of links, row by row.
///
/// Headers are `infector`, `infectee`, which must be there, `certainty`, `setting`, `day`; or `from`, `to`; or those of Go.Data's
/// relationships: `source_uuid`, `target_uuid`, `certainty_level`, `context_of_exposure`, `date_of_last_contact`; or 传染者, 被传染者,
/// 确定程度, 场所, 日期.
pub struct Links(Entries<RowMapper>);

impl Links {
    /// Opens a file.
    pub fn open(source: Source, options: Options) -> Result<Self, FileError> {
        const INFECTOR: [&str; 5] = ["infector", "from", "source_uuid", "infector_id", "传染者"];
        const INFECTEE: [&str; 5] = ["infectee", "to", "target_uuid", "infectee_id", "被传染者"];
        const SURE: [&str; 3] = ["certainty", "certainty_level", "确定程度"];
        const SETTING: [&str; 3] = ["setting", "context_of_exposure", "场所"];
        const MET: [&str; 6] = [
            "day",
            "date",
            "met",
            "date_of_exposure",
            "exposure_date",
            "日期",
        ];
        const LAST: [&str; 3] = ["date_of_last_contact", "last_contact", "末次接触日期"];
        let table = TableReader::open(source, options.limits)?;
        let header = table.header();
        let mapper = RowMapper {
            infector: Column::need(header, "infector", &INFECTOR)?,
            infectee: Column::need(header, "infectee", &INFECTEE)?,
            sureness: Column::find(header, "certainty", &SURE)?,
            setting: Column::find(header, "setting", &SETTING)?,
            met: Column::find(header, "day", &MET)?,
            last_met: Column::find(header, "last_contact", &LAST)?,
            today: options.today,
        };
        Ok(Self(Entries::new(table, mapper, options.limits)))
    }

    /// Whether the list has people who are no cases as well: Go.Data's relationships are those of cases with
    /// cases and with contacts.
    pub fn has_contacts(&self) -> bool {
        let is = |name: &str| self.header().iter().any(|cell| normalise(cell) == name);
        is("source_uuid") && is("target_uuid")
    }
}

reader!(Links yields LinkRow);

struct RowMapper {
    infector: Column,
    infectee: Column,
    sureness: Option<Column>,
    setting: Option<Column>,
    met: Option<Column>,
    last_met: Option<Column>,
    today: Date,
}

impl RowMapper {
    fn id(column: &Column, raw: &RawRow, findings: &mut Findings) -> Option<String> {
        if column.text(raw).is_none() {
            column.refuse(findings, Problem::MissingValue);
        }
        column.bounded(raw, ID_CHARACTERS, findings)
    }

    fn sureness(&self, raw: &RawRow, findings: &mut Findings) -> Option<Sureness> {
        let column = self.sureness.as_ref()?;
        let sureness = Sureness::read(column.text(raw)?);
        if sureness.is_none() {
            let accepted = ACCEPTED_WORDS;
            column.refuse(findings, Problem::UnknownValue { accepted });
        }
        sureness
    }

    fn date(&self, column: Option<&Column>, raw: &RawRow, findings: &mut Findings) -> Option<Date> {
        let column = column?;
        let problem = match dates::parse(column.text(raw)?, &DateForm::UNMISTAKABLE) {
            Ok(day) if day <= self.today => return Some(day),
            Ok(_) => Problem::DateFuture,
            Err(DateError::Form) => Problem::DateForm {
                accepted: ACCEPTED_DATES,
            },
            Err(DateError::Unreal) => Problem::DateUnreal,
        };
        column.refuse(findings, problem);
        None
    }
}

impl Mapper for RowMapper {
    type Row = LinkRow;

    fn map(&self, raw: &RawRow, findings: &mut Findings) -> Option<LinkRow> {
        let infector = Self::id(&self.infector, raw, findings);
        let infectee = Self::id(&self.infectee, raw, findings);
        let setting = self
            .setting
            .as_ref()
            .and_then(|column| column.bounded(raw, SETTING_CHARACTERS, findings));
        Some(LinkRow {
            row: raw.row,
            sureness: self.sureness(raw, findings),
            met: self.date(self.met.as_ref(), raw, findings),
            last_met: self.date(self.last_met.as_ref(), raw, findings),
            setting,
            infector: infector?,
            infectee: infectee?,
        })
    }
}
