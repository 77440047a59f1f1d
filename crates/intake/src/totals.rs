//! Cumulative totals of a city, a row a day.

use jiff::civil::Date;
use lianfang_core::areas::AreaCode;

use crate::column::Column;
use crate::dates::{self, DateError, DateForm};
use crate::entries::{Entries, Mapper, Options, reader};
use crate::error::FileError;
use crate::finding::{Findings, Problem};
use crate::source::Source;
use crate::table::{RawRow, TableReader};

/// Forms in which dates are accepted, for messages.
const ACCEPTED_DATES: &str = "2020-02-09, 2020/2/9, 2020.2.9, 20200209, 2020年2月9日";

/// Characters of a name.
const NAME_CHARACTERS: usize = 100;

/// One area's cumulative totals at the end of one day.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TotalsRow {
    /// The row as a spreadsheet counts.
    pub row: u64,
    /// The day.
    pub date: Date,
    /// The area.
    pub area: AreaCode,
    /// The province's name as the source has it.
    pub province_name: Option<String>,
    /// The city's name as the source has it.
    pub city_name: Option<String>,
    /// Confirmed cases.
    pub confirmed: u32,
    /// Suspected cases.
    pub suspected: Option<u32>,
    /// Cured.
    pub cured: Option<u32>,
    /// Dead.
    pub dead: Option<u32>,
}

/// A file of totals, row by row.
///
/// Headers are `date`, `province`, `city`, `code`, `confirmed`, `suspected`, `cured`, `dead`, or
/// 日期, 省份, 城市, 区划代码, 确诊, 疑似, 治愈, 死亡. Date, code and confirmed must be there (the
/// code unless the caller hands in an area); empty cells are "not known".
pub struct Totals(Entries<RowMapper>);

impl Totals {
    /// Opens a file.
    pub fn open(source: Source, options: Options) -> Result<Self, FileError> {
        let table = TableReader::open(source, options.limits)?;
        let columns = Columns::find(table.header(), options.default_area.is_none())?;
        let mapper = RowMapper { columns, options };
        Ok(Self(Entries::new(table, mapper, options.limits)))
    }
}

reader!(Totals yields TotalsRow);

struct Columns {
    date: Column,
    province: Option<Column>,
    city: Option<Column>,
    code: Option<Column>,
    confirmed: Column,
    suspected: Option<Column>,
    cured: Option<Column>,
    dead: Option<Column>,
}

impl Columns {
    fn find(header: &[String], needs_code: bool) -> Result<Self, FileError> {
        const CODE: [&str; 4] = ["code", "area", "区划代码", "地区编码"];
        Ok(Self {
            date: Column::need(header, "date", &["date", "日期"])?,
            province: Column::find(header, "province", &["province", "省", "省份"])?,
            city: Column::find(header, "city", &["city", "市", "城市"])?,
            code: if needs_code {
                Some(Column::need(header, "code", &CODE)?)
            } else {
                Column::find(header, "code", &CODE)?
            },
            confirmed: Column::need(header, "confirmed", &["confirmed", "确诊", "累计确诊"])?,
            suspected: Column::find(header, "suspected", &["suspected", "疑似", "现有疑似"])?,
            cured: Column::find(header, "cured", &["cured", "recovered", "治愈", "累计治愈"])?,
            dead: Column::find(header, "dead", &["dead", "died", "死亡", "累计死亡"])?,
        })
    }
}

struct RowMapper {
    columns: Columns,
    options: Options,
}

impl RowMapper {
    fn date(&self, raw: &RawRow, findings: &mut Findings) -> Option<Date> {
        let column = &self.columns.date;
        let problem = match column
            .text(raw)
            .map(|text| dates::parse(text, &DateForm::UNMISTAKABLE))
        {
            Some(Ok(day)) if day <= self.options.today => return Some(day),
            Some(Ok(_)) => Problem::DateFuture,
            Some(Err(DateError::Form)) => Problem::DateForm {
                accepted: ACCEPTED_DATES,
            },
            Some(Err(DateError::Unreal)) => Problem::DateUnreal,
            None => Problem::MissingValue,
        };
        column.refuse(findings, problem);
        None
    }

    fn area(&self, raw: &RawRow, findings: &mut Findings) -> Option<AreaCode> {
        let column = self.columns.code.as_ref();
        if let Some(column) = column.filter(|column| column.text(raw).is_some()) {
            return column.area(raw, findings);
        }
        if self.options.default_area.is_none() {
            findings.refuse("code", None, Problem::MissingValue);
        }
        self.options.default_area
    }
}

impl Mapper for RowMapper {
    type Row = TotalsRow;

    fn map(&self, raw: &RawRow, findings: &mut Findings) -> Option<TotalsRow> {
        let columns = &self.columns;
        let date = self.date(raw, findings);
        let area = self.area(raw, findings);
        if columns.confirmed.text(raw).is_none() {
            columns.confirmed.refuse(findings, Problem::MissingValue);
        }
        let confirmed = columns.confirmed.count(raw, findings);
        let mut count = |column: &Option<Column>| column.as_ref()?.count(raw, findings);
        let (suspected, cured, dead) = (
            count(&columns.suspected),
            count(&columns.cured),
            count(&columns.dead),
        );
        let mut name =
            |column: &Option<Column>| column.as_ref()?.bounded(raw, NAME_CHARACTERS, findings);
        let (province_name, city_name) = (name(&columns.province), name(&columns.city));
        let row = TotalsRow {
            row: raw.row,
            date: date?,
            area: area?,
            province_name,
            city_name,
            confirmed: confirmed?,
            suspected,
            cured,
            dead,
        };
        let ended = u64::from(row.cured.unwrap_or(0)) + u64::from(row.dead.unwrap_or(0));
        if ended > u64::from(row.confirmed) {
            columns.confirmed.warn(findings, Problem::PartsExceedWhole);
        }
        Some(row)
    }
}
