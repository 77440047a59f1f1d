//! Lists of areas: code and name, and where known the English name and the population.

use lianfang_core::areas::Area;

use crate::column::Column;
use crate::entries::{Entries, Mapper, Options, reader};
use crate::error::FileError;
use crate::finding::{Findings, Problem};
use crate::source::Source;
use crate::table::{RawRow, TableReader};

/// Characters of a name.
const NAME_CHARACTERS: usize = 100;

/// One area with the row it stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AreaRow {
    /// The row as a spreadsheet counts.
    pub row: u64,
    /// The area.
    pub area: Area,
}

/// A list of areas, row by row.
///
/// Headers are `code` and `name`, which must be there, `name_en` and `population`; or 代码, 名称,
/// 英文名称, 人口. Codes have six digits or more: shorter ones are refused, since four digits may
/// as well be six with zeros lost.
pub struct AreaList(Entries<RowMapper>);

impl AreaList {
    /// Opens a file.
    pub fn open(source: Source, options: Options) -> Result<Self, FileError> {
        let table = TableReader::open(source, options.limits)?;
        let header = table.header();
        let mapper = RowMapper {
            code: Column::need(header, "code", &["code", "代码", "区划代码"])?,
            name: Column::need(header, "name", &["name", "名称", "区划名称"])?,
            name_en: Column::find(header, "name_en", &["name_en", "英文名称"])?,
            population: Column::find(header, "population", &["population", "人口", "常住人口"])?,
        };
        Ok(Self(Entries::new(table, mapper, options.limits)))
    }
}

reader!(AreaList yields AreaRow);

struct RowMapper {
    code: Column,
    name: Column,
    name_en: Option<Column>,
    population: Option<Column>,
}

impl Mapper for RowMapper {
    type Row = AreaRow;

    fn map(&self, raw: &RawRow, findings: &mut Findings) -> Option<AreaRow> {
        for column in [&self.code, &self.name] {
            if column.text(raw).is_none() {
                column.refuse(findings, Problem::MissingValue);
            }
        }
        let code = self.code.area(raw, findings);
        let name = self.name.bounded(raw, NAME_CHARACTERS, findings);
        let name_en = self
            .name_en
            .as_ref()
            .and_then(|column| column.bounded(raw, NAME_CHARACTERS, findings));
        let population = self
            .population
            .as_ref()
            .and_then(|column| column.count(raw, findings));
        let mut area = Area::unnamed(code?);
        area.name = name?;
        area.name_en = name_en;
        area.population = population;
        Some(AreaRow { row: raw.row, area })
    }
}
