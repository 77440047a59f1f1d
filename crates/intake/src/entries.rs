//! What every kind of file has in common: each row is taken, perhaps with warnings, or refused
//! with its reasons and its cells.

use std::fmt;

use jiff::civil::Date;
use lianfang_core::areas::AreaCode;

use crate::error::FileError;
use crate::finding::{Finding, Findings, Problem};
use crate::limits::Limits;
use crate::table::{RawRow, TableInfo, TableReader};

/// What the caller hands in.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The day of the import: no date may lie after it.
    pub today: Date,
    /// The area of rows that name none.
    pub default_area: Option<AreaCode>,
    /// Bounds on the file.
    pub limits: Limits,
}

impl Options {
    /// No default area, and the usual limits.
    pub fn new(today: Date) -> Self {
        Self {
            today,
            default_area: None,
            limits: Limits::default(),
        }
    }

    /// With `area` for rows that name none.
    #[must_use]
    pub fn in_area(self, area: AreaCode) -> Self {
        Self {
            default_area: Some(area),
            ..self
        }
    }
}

/// What became of one row.
#[derive(Debug, Clone)]
pub enum Entry<T> {
    /// Taken.
    Taken(Taken<T>),
    /// Refused.
    Refused(RefusedRow),
}

/// A row that was taken.
#[derive(Debug, Clone)]
pub struct Taken<T> {
    /// What it says.
    pub row: T,
    /// What is odd about it.
    pub warnings: Vec<Finding>,
}

/// A row that was refused; its cells can be written back with
/// [`RefusedWriter`](crate::refused::RefusedWriter).
#[derive(Clone)]
pub struct RefusedRow {
    /// The row as a spreadsheet counts.
    pub row: u64,
    /// All reasons; at least one.
    pub findings: Vec<Finding>,
    /// The cells as they stand in the file.
    pub cells: Vec<String>,
}

impl fmt::Debug for RefusedRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefusedRow")
            .field("row", &self.row)
            .field("findings", &self.findings)
            .field("cells", &self.cells.len())
            .finish()
    }
}

/// Makes a typed row of cells, or leaves at least one refusal in `findings`.
pub(crate) trait Mapper {
    type Row;
    fn map(&self, raw: &RawRow, findings: &mut Findings) -> Option<Self::Row>;
}

/// The rows of a table through a mapper.
pub(crate) struct Entries<M> {
    table: TableReader,
    mapper: M,
    raw: RawRow,
    limits: Limits,
    ended: bool,
}

impl<M: Mapper> Entries<M> {
    pub(crate) fn new(table: TableReader, mapper: M, limits: Limits) -> Self {
        Self {
            table,
            mapper,
            raw: RawRow::default(),
            limits,
            ended: false,
        }
    }

    pub(crate) fn mapper(&self) -> &M {
        &self.mapper
    }

    pub(crate) fn header(&self) -> &[String] {
        self.table.header()
    }

    pub(crate) fn info(&self) -> &TableInfo {
        self.table.info()
    }

    fn entry(&self) -> Entry<M::Row> {
        let mut findings = Findings::new(self.raw.row);
        self.check_shape(&mut findings);
        let row = if findings.refusals.is_empty() {
            self.mapper.map(&self.raw, &mut findings)
        } else {
            None
        };
        match row {
            Some(row) if findings.refusals.is_empty() => Entry::Taken(Taken {
                row,
                warnings: findings.warnings,
            }),
            _ => Entry::Refused(RefusedRow {
                row: self.raw.row,
                findings: findings.refusals,
                cells: self.raw.cells().map(str::to_owned).collect(),
            }),
        }
    }

    fn check_shape(&self, findings: &mut Findings) {
        let (found, expected) = (self.raw.len(), self.table.header().len());
        let superfluous = self
            .raw
            .cells()
            .skip(expected)
            .any(|cell| !cell.trim().is_empty());
        if found < expected || superfluous {
            findings.refuse("row", None, Problem::RaggedRow { found, expected });
        }
        let limit = self.limits.cell_bytes;
        for (column, cell) in self.raw.cells().enumerate() {
            if cell.len() > limit {
                let header = self.table.header().get(column).map(String::as_str);
                findings.refuse("row", header, Problem::CellTooLong { limit });
            }
        }
    }
}

impl<M> Entries<M> {
    pub(crate) fn cells(&self) -> Vec<String> {
        self.raw.cells().map(str::to_owned).collect()
    }
}

impl<M: Mapper> Iterator for Entries<M> {
    type Item = Result<Entry<M::Row>, FileError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        match self.table.next_row(&mut self.raw) {
            Ok(true) => Some(Ok(self.entry())),
            Ok(false) => {
                self.ended = true;
                None
            }
            Err(error) => {
                self.ended = true;
                Some(Err(error))
            }
        }
    }
}

/// What the public readers have in common: header, what was found out on opening, and iteration.
macro_rules! reader {
    ($name:ident yields $row:ty) => {
        impl $name {
            /// The file's header.
            pub fn header(&self) -> &[String] {
                self.0.header()
            }

            /// The cells of the row read last, as they stand in the file.
            pub fn cells(&self) -> Vec<String> {
                self.0.cells()
            }

            /// What was found out about the file on opening.
            pub fn info(&self) -> &$crate::table::TableInfo {
                self.0.info()
            }
        }

        impl Iterator for $name {
            type Item = Result<$crate::entries::Entry<$row>, $crate::error::FileError>;

            fn next(&mut self) -> Option<Self::Item> {
                self.0.next()
            }
        }
    };
}
pub(crate) use reader;
