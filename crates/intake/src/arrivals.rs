//! Lists of people who arrive, as airlines, railways, border posts and telecom operators send them.
//!
//! ```
//! use jiff::civil::date;
//! use lianfang_intake::{Arrivals, Entry, Options, Preset, Source};
//! let file = "姓名,证件号码,航班号,抵达时间,目的地\n王小明,33068319900101123X,MU5101,2020-02-09 08:30,330683\n,,MU5101,2020-02-09 08:30,330683\n";
//! let preset = Preset::built_in("airline").unwrap();
//! let source = Source::bytes("list.csv", file.into());
//! let list = Arrivals::open(source, &preset, Options::new(date(2020, 2, 9))).unwrap();
//! let entries: Vec<_> = list.map(Result::unwrap).collect();
//! assert!(matches!(&entries[0], Entry::Taken(taken) if taken.row.number.as_deref() == Some("MU5101")));
//! assert!(matches!(&entries[1], Entry::Refused(refused) if refused.row == 3));
//! ```

use std::fmt;

use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::entry::Mode;
use lianfang_core::identifiers::{Document, Phone};
use lianfang_core::people::Sex;

use crate::cells::Cells;
use crate::entries::{Entries, Mapper, Options, reader};
use crate::error::FileError;
use crate::finding::{Findings, Problem};
use crate::moments::Arrival;
use crate::preset::{Binding, Field, Preset};
use crate::source::Source;
use crate::table::{RawRow, TableReader};

/// Characters that text fields take.
const NAME_CHARACTERS: usize = 100;
const ADDRESS_CHARACTERS: usize = 200;
const SHORT_CHARACTERS: usize = 24;
const PARTY_CHARACTERS: usize = 64;

/// A place as a list writes it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Place {
    /// An area of the country.
    Area(AreaCode),
    /// Another country, by its two letters.
    Country(String),
    /// A name that the preset does not know.
    Named(String),
}

/// One person who arrives. Personal data in it belongs in the vault.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ArrivalRow {
    /// The row as a spreadsheet counts.
    pub row: u64,
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
    /// By what.
    pub mode: Mode,
    /// Flight, train or ship.
    pub number: Option<String>,
    /// Seat, with carriage where there is one.
    pub seat: Option<String>,
    /// Where the journey began.
    pub from: Option<Place>,
    /// Stops on the way.
    pub stops: Vec<Place>,
    /// When.
    pub arrival: Arrival,
    /// Where the person is going: the row's, or else the caller's area.
    pub bound_for: Option<Place>,
    /// Address here, in words.
    pub address: Option<String>,
    /// The booking or group of those who travel together, as the list has it.
    pub party: Option<String>,
}

/// Personal data does not print.
impl fmt::Debug for ArrivalRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArrivalRow")
            .field("row", &self.row)
            .field("mode", &self.mode)
            .field("bound_for", &self.bound_for)
            .finish_non_exhaustive()
    }
}

/// A list of people who arrive, row by row; each is taken or refused, none is lost.
pub struct Arrivals(Entries<RowMapper>);

impl Arrivals {
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

reader!(Arrivals yields ArrivalRow);

struct RowMapper {
    preset: Preset,
    binding: Binding,
    options: Options,
}

impl Mapper for RowMapper {
    type Row = ArrivalRow;

    fn map(&self, raw: &RawRow, findings: &mut Findings) -> Option<ArrivalRow> {
        let mut cells = Cells {
            preset: &self.preset,
            binding: &self.binding,
            today: self.options.today,
            raw,
            findings,
        };
        let mode = cells
            .coded(Field::Mode, &self.preset.mode)
            .or(self.preset.defaults.mode);
        if mode.is_none() && cells.text(Field::Mode).is_none() {
            cells.refuse(Field::Mode, Problem::MissingValue);
        }
        let arrival = cells.arrival();
        let name = cells.bounded(Field::Name, NAME_CHARACTERS);
        let document = cells.document();
        let phone = cells.phone();
        let nobody = name.is_none() && document.is_none() && phone.is_none();
        if nobody && cells.findings.refusals.is_empty() {
            cells.refuse(Field::Name, Problem::Nobody);
        }
        Some(ArrivalRow {
            row: raw.row,
            name,
            document,
            phone,
            born: cells.date(Field::Born),
            sex: cells.coded(Field::Sex, &self.preset.sex),
            mode: mode?,
            number: cells.bounded(Field::Number, SHORT_CHARACTERS),
            seat: cells.bounded(Field::Seat, SHORT_CHARACTERS),
            from: cells.place(Field::From),
            stops: cells.places(Field::Stops),
            arrival: arrival?,
            bound_for: cells
                .place(Field::Area)
                .or(self.options.default_area.map(Place::Area)),
            address: cells.bounded(Field::Address, ADDRESS_CHARACTERS),
            party: cells.bounded(Field::Party, PARTY_CHARACTERS),
        })
    }
}
