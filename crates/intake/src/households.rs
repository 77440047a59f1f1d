//! Lists of households: a row a household, or a row each who lives there, one below the other.
//!
//! ```
//! use jiff::civil::date;
//! use lianfang_intake::{Entry, Households, Options, Preset, Source};
//! let file = "网格,门牌,类型,应住人数,姓名\n330683001001001,3幢2单元501室,出租房,2,王小明\n330683001001001,3幢2单元501室,出租房,2,李四\n";
//! let preset = Preset::built_in("households").unwrap();
//! let source = Source::bytes("households.csv", file.into());
//! let list = Households::open(source, &preset, Options::new(date(2020, 2, 9))).unwrap();
//! let entries: Vec<_> = list.map(Result::unwrap).collect();
//! assert!(entries.iter().all(|entry| matches!(entry, Entry::Taken(taken) if taken.row.people == Some(2))));
//! ```

use std::fmt;

use jiff::civil::Date;
use lianfang_core::households::Dwelling;
use lianfang_core::identifiers::{Document, Phone};
use lianfang_core::people::Sex;

use crate::arrivals::Place;
use crate::cells::Cells;
use crate::entries::{Entries, Mapper, Options, reader};
use crate::error::FileError;
use crate::finding::{Findings, Problem};
use crate::preset::{Binding, Field, Preset};
use crate::source::Source;
use crate::table::{RawRow, TableReader};

/// Characters that text fields take.
const DOOR_CHARACTERS: usize = 200;
const NAME_CHARACTERS: usize = 100;

/// One household, with at most one of those who live there. Personal data in it belongs in the
/// vault.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HouseholdRow {
    /// The row as a spreadsheet counts.
    pub row: u64,
    /// Its grid or community: the row's, or else the caller's area.
    pub area: Option<Place>,
    /// Its door, in words.
    pub door: String,
    /// What kind of place it is.
    pub dwelling: Option<Dwelling>,
    /// Its place on the way from door to door.
    pub walk: Option<u32>,
    /// People who should be living there.
    pub people: Option<u32>,
    /// The name of the home, dormitory or hotel that it belongs to.
    pub place: Option<String>,
    /// Somebody who lives there.
    pub resident: Option<Resident>,
}

/// Somebody who lives in a household.
#[derive(Clone, PartialEq, Eq)]
pub struct Resident {
    /// Full name.
    pub name: Option<String>,
    /// Identity document.
    pub document: Option<Document>,
    /// Phone.
    pub phone: Option<Phone>,
    /// Date of birth.
    pub born: Option<Date>,
    /// Sex.
    pub sex: Option<Sex>,
}

/// Personal data does not print.
impl fmt::Debug for HouseholdRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HouseholdRow")
            .field("row", &self.row)
            .field("area", &self.area)
            .field("dwelling", &self.dwelling)
            .finish_non_exhaustive()
    }
}

/// Personal data does not print.
impl fmt::Debug for Resident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Resident(personal data)")
    }
}

/// A list of households, row by row; each is taken or refused, none is lost.
pub struct Households(Entries<RowMapper>);

impl Households {
    /// Opens a file and finds the preset's columns in its header.
    pub fn open(source: Source, preset: &Preset, options: Options) -> Result<Self, FileError> {
        let table = TableReader::open(source, options.limits)?;
        let mapper = RowMapper {
            binding: preset.bind(table.header())?,
            preset: preset.clone(),
            options,
        };
        Ok(Self(Entries::new(table, mapper, options.limits)))
    }
}

reader!(Households yields HouseholdRow);

struct RowMapper {
    preset: Preset,
    binding: Binding,
    options: Options,
}

impl Mapper for RowMapper {
    type Row = HouseholdRow;

    fn map(&self, raw: &RawRow, findings: &mut Findings) -> Option<HouseholdRow> {
        let mut cells = Cells {
            preset: &self.preset,
            binding: &self.binding,
            today: self.options.today,
            raw,
            findings,
        };
        if cells.text(Field::Door).is_none() {
            cells.refuse(Field::Door, Problem::MissingValue);
        }
        let door = cells.bounded(Field::Door, DOOR_CHARACTERS);
        let resident = Resident {
            name: cells.bounded(Field::Name, NAME_CHARACTERS),
            document: cells.document(),
            phone: cells.phone(),
            born: cells.date(Field::Born),
            sex: cells.coded(Field::Sex, &self.preset.sex),
        };
        let somebody =
            resident.name.is_some() || resident.document.is_some() || resident.phone.is_some();
        Some(HouseholdRow {
            row: raw.row,
            area: cells
                .place(Field::Area)
                .or(self.options.default_area.map(Place::Area)),
            door: door?,
            dwelling: cells.coded(Field::Dwelling, &self.preset.dwelling),
            walk: cells.count(Field::Walk),
            people: cells.count(Field::People),
            place: cells.bounded(Field::Place, NAME_CHARACTERS),
            resident: somebody.then_some(resident),
        })
    }
}
