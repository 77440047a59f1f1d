//! Rows of text cells, streamed from a CSV file, an XLSX workbook or a Parquet file.

mod archive;
mod columnar;
mod delimited;
mod workbook;

use std::fmt;
use std::fs::File;
use std::io::{Cursor, Read};

use csv::StringRecord;
use serde::{Deserialize, Serialize};

use crate::error::{FileError, What};
use crate::formula::unprotect;
use crate::limits::Limits;
use crate::source::Source;
use columnar::Columnar;
use delimited::Delimited;
use workbook::Workbook;

/// What was found out about a file when it was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TableInfo {
    /// `csv`, `xlsx` or `parquet`.
    pub format: Format,
    /// Encoding of the text as detected so far; a file that begins in ASCII shows `UTF-8`.
    pub encoding: Option<String>,
    /// What separates the cells of a text file.
    pub delimiter: Option<char>,
    /// The worksheet that is read: the first with cells.
    pub sheet: Option<String>,
    /// Worksheets that are not read; who imports should know of them.
    pub other_sheets: Vec<String>,
}

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Text with delimiters.
    Csv,
    /// An Office Open XML workbook.
    Xlsx,
    /// An Apache Parquet file.
    Parquet,
}

/// One row as it stands in the file.
#[derive(Clone, Default)]
pub struct RawRow {
    /// The row as a spreadsheet counts: the header is row 1 where it stands first.
    pub row: u64,
    cells: StringRecord,
}

/// Cells may be personal data and do not print.
impl fmt::Debug for RawRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawRow({}, {} cells)", self.row, self.cells.len())
    }
}

impl RawRow {
    /// The cell at `column`, without the quotation mark that protects a formula; empty where the
    /// row is too short.
    pub fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", unprotect)
    }

    /// How many cells it has.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether it has no cells.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// All cells.
    pub fn cells(&self) -> impl Iterator<Item = &str> {
        self.cells.iter().map(unprotect)
    }

    fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.trim().is_empty())
    }
}

enum Rows {
    Delimited(Box<Delimited>),
    Workbook(Workbook),
    Columnar(Box<Columnar>),
}

/// A file's header and the rows below it, read one by one.
pub struct TableReader {
    info: TableInfo,
    header: Vec<String>,
    rows: Rows,
    limits: Limits,
    rows_read: u64,
}

impl TableReader {
    /// Tells the kind of file by its first bytes (never by its name) and reads the header: the
    /// first row that is not blank.
    pub fn open(mut source: Source, limits: Limits) -> Result<Self, FileError> {
        let path = source.take_path();
        let mut reader = source.into_reader();
        let mut start = Vec::with_capacity(8);
        (&mut reader)
            .take(8)
            .read_to_end(&mut start)
            .map_err(FileError::Read)?;
        let is = |magic: &[u8]| start.starts_with(magic);
        let (workbook, old) = (is(b"PK\x03\x04"), is(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"));
        let columnar = path.filter(|_| is(b"PAR1"));
        let foreign = is(b"%PDF")
            || is(b"\x1f\x8b")
            || is(b"PAR1") && columnar.is_none()
            || is(b"PK\x05\x06");
        if start.is_empty() {
            return Err(FileError::Empty);
        }
        if old {
            return Err(FileError::OldWorkbook);
        }
        if foreign {
            return Err(FileError::UnknownType);
        }
        let reader = Box::new(Cursor::new(start).chain(reader));
        let (mut rows, info) = if let Some(path) = columnar {
            let file = File::open(path).map_err(FileError::Read)?;
            let (columnar, info) = Columnar::open(file, limits)?;
            (Rows::Columnar(Box::new(columnar)), info)
        } else if workbook {
            let (workbook, info) = Workbook::open(reader, limits)?;
            (Rows::Workbook(workbook), info)
        } else {
            let (delimited, info) = Delimited::open(reader, limits)?;
            (Rows::Delimited(Box::new(delimited)), info)
        };
        let header = read_header(&mut rows, &limits)?;
        Ok(Self {
            info,
            header,
            rows,
            limits,
            rows_read: 0,
        })
    }

    /// What was found out on opening.
    pub fn info(&self) -> &TableInfo {
        &self.info
    }

    /// The header's cells, trimmed.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// Rows read so far, blank ones aside.
    pub fn rows_read(&self) -> u64 {
        self.rows_read
    }

    /// Reads the next row that is not blank into `row`; false at the end.
    pub fn next_row(&mut self, row: &mut RawRow) -> Result<bool, FileError> {
        loop {
            if !self.rows.next_row(row)? {
                return Ok(false);
            }
            if row.is_blank() {
                continue;
            }
            self.rows_read += 1;
            if self.rows_read > self.limits.rows {
                return Err(FileError::TooMuch {
                    what: What::Rows,
                    limit: self.limits.rows,
                });
            }
            return Ok(true);
        }
    }
}

impl Rows {
    fn next_row(&mut self, row: &mut RawRow) -> Result<bool, FileError> {
        match self {
            Self::Delimited(rows) => rows.next_row(row),
            Self::Workbook(rows) => rows.next_row(row),
            Self::Columnar(rows) => rows.next_row(row),
        }
    }
}

fn read_header(rows: &mut Rows, limits: &Limits) -> Result<Vec<String>, FileError> {
    let mut row = RawRow::default();
    loop {
        if !rows.next_row(&mut row)? {
            return Err(FileError::Empty);
        }
        if !row.is_blank() {
            break;
        }
    }
    let mut header: Vec<String> = row.cells().map(|cell| cell.trim().to_owned()).collect();
    while header.last().is_some_and(String::is_empty) {
        header.pop();
    }
    if header.len() > limits.columns {
        return Err(FileError::TooMuch {
            what: What::Columns,
            limit: limits.columns as u64,
        });
    }
    Ok(header)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn open(bytes: &[u8]) -> Result<TableReader, FileError> {
        TableReader::open(
            Source::bytes("cases.csv", bytes.to_vec()),
            Limits::default(),
        )
    }

    fn rows(bytes: &[u8]) -> Vec<(u64, Vec<String>)> {
        let mut table = open(bytes).unwrap();
        let mut row = RawRow::default();
        let mut all = Vec::new();
        while table.next_row(&mut row).unwrap() {
            all.push((row.row, row.cells().map(str::to_owned).collect()));
        }
        all
    }

    #[test]
    fn the_delimiter_is_told_by_the_header() {
        for (text, delimiter) in [
            ("a,b;c\n", ','),
            ("a;b;c\n", ';'),
            ("a\tb\tc\n", '\t'),
            ("a\n", ','),
            ("\"x,y,z\";b\n", ';'),
        ] {
            assert_eq!(
                open(text.as_bytes()).unwrap().info().delimiter,
                Some(delimiter),
                "{text}"
            );
        }
    }

    #[test]
    fn rows_are_counted_as_a_spreadsheet_counts_them() {
        let text = "a,b\r\n1,\"two\r\nlines, \"\"quoted\"\"\"\r\n\r\n,\r\n3,4\r\n";
        assert_eq!(
            rows(text.as_bytes()),
            [
                (2, vec!["1".to_owned(), "two\nlines, \"quoted\"".to_owned()]),
                (5, vec!["3".to_owned(), "4".to_owned()])
            ]
        );
    }

    #[test]
    fn rows_are_counted_without_a_last_line_feed_and_with_old_line_ends() {
        let numbers =
            |text: &str| -> Vec<u64> { rows(text.as_bytes()).iter().map(|r| r.0).collect() };
        assert_eq!(numbers("a,b\n\n1,2\n3,4"), [3, 4]);
        assert_eq!(numbers("\n\na,b\n1,2"), [4]);
        assert_eq!(numbers("a,b\r1,2\r3,4\r"), [2, 3]);
        assert_eq!(numbers("a,b\n\"1\n1\",\"2\n2\"\n\n3,4"), [2, 4]);
    }

    #[test]
    fn what_is_no_table_is_refused() {
        assert!(matches!(open(b""), Err(FileError::Empty)));
        assert!(matches!(open(b"\n\n"), Err(FileError::Empty)));
        assert!(matches!(open(b"%PDF-1.7 ..."), Err(FileError::UnknownType)));
        assert!(matches!(
            open(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1...."),
            Err(FileError::OldWorkbook)
        ));
        assert!(matches!(
            open(b"PK\x03\x04rubbish"),
            Err(FileError::DamagedWorkbook)
        ));
    }

    #[test]
    fn a_quote_left_open_ends_in_a_refusal_not_in_memory() {
        let limits = Limits {
            row_bytes: 100_000,
            ..Limits::default()
        };
        let text = format!("a,b\n1,\"open\n{}", "2,3\n".repeat(200_000));
        let mut table = TableReader::open(Source::bytes("x", text.into_bytes()), limits).unwrap();
        let error = table.next_row(&mut RawRow::default()).unwrap_err();
        assert!(
            matches!(error, FileError::EndlessRow { row: 2, .. }),
            "{error}"
        );
    }

    #[test]
    fn limits_hold() {
        let limits = Limits {
            rows: 2,
            columns: 2,
            ..Limits::default()
        };
        let open =
            |text: &str| TableReader::open(Source::bytes("x", text.as_bytes().to_vec()), limits);
        assert!(matches!(
            open("a,b,c\n"),
            Err(FileError::TooMuch {
                what: What::Columns,
                ..
            })
        ));
        let mut table = open("a,b\n1,1\n2,2\n3,3\n").unwrap();
        let mut row = RawRow::default();
        assert!(table.next_row(&mut row).unwrap() && table.next_row(&mut row).unwrap());
        assert!(matches!(
            table.next_row(&mut row),
            Err(FileError::TooMuch {
                what: What::Rows,
                ..
            })
        ));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            if let Ok(mut table) = open(&bytes) {
                let mut row = RawRow::default();
                while let Ok(true) = table.next_row(&mut row) {}
            }
        }

        #[test]
        fn what_csv_writes_reads_back(cells in proptest::collection::vec("[ -~\n\"王,;]{0,8}", 3)) {
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record(["a", "b", "c"]).unwrap();
            writer.write_record(&cells).unwrap();
            let read = rows(&writer.into_inner().unwrap());
            if cells.iter().any(|c| !c.trim().is_empty()) {
                let expected: Vec<String> = cells.iter().map(|c| unprotect(c).to_owned()).collect();
                prop_assert_eq!(&read, &[(2, expected)]);
            } else {
                prop_assert!(read.is_empty());
            }
        }
    }
}
