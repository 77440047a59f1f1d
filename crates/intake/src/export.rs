//! Tables for people to open elsewhere: CSV and XLSX in which no cell can run as a formula.

use std::borrow::Cow;
use std::io::Write;

use jiff::civil::Date;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use crate::formula::protect;

/// Rows of a worksheet, the header among them. England lost 15,841 cases to such a limit: here
/// it is an error, never a loss.
pub const XLSX_ROWS: u64 = 1_048_576;

/// One cell of a table that is written.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Text.
    Text(String),
    /// A whole number.
    Int(i64),
    /// A number; one that is not finite is left empty.
    Float(f64),
    /// A day.
    Date(Date),
    /// Nothing.
    Empty,
}

/// Why a table could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The place it is written to failed.
    #[error("the file could not be written: {0}")]
    Write(#[from] std::io::Error),
    /// More rows than a worksheet has.
    #[error("a worksheet has at most {XLSX_ROWS} rows; export as CSV")]
    TooManyRows,
    /// A text or name longer than the format takes.
    #[error("the workbook format does not take this table: {0}; export as CSV")]
    Form(XlsxError),
}

impl From<csv::Error> for ExportError {
    fn from(error: csv::Error) -> Self {
        Self::Write(error.into())
    }
}

impl From<XlsxError> for ExportError {
    fn from(error: XlsxError) -> Self {
        match error {
            XlsxError::IoError(error) => Self::Write(error),
            error => Self::Form(error),
        }
    }
}

/// Writes CSV row by row: UTF-8 with a byte order mark, so that spreadsheet programs read Chinese.
pub struct CsvWriter<W: Write> {
    writer: csv::Writer<W>,
}

impl<W: Write> CsvWriter<W> {
    /// Begins a file.
    pub fn new(mut out: W) -> Result<Self, ExportError> {
        out.write_all("\u{feff}".as_bytes())?;
        let writer = csv::WriterBuilder::new().flexible(true).from_writer(out);
        Ok(Self { writer })
    }

    /// Writes a row of text, a header for example.
    pub fn write_texts<'a>(
        &mut self,
        cells: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), ExportError> {
        for cell in cells {
            self.writer.write_field(protect(cell).as_bytes())?;
        }
        Ok(self.writer.write_record(None::<&[u8]>)?)
    }

    /// Writes a row.
    pub fn write(&mut self, cells: &[Cell]) -> Result<(), ExportError> {
        for cell in cells {
            self.writer.write_field(csv_text(cell).as_bytes())?;
        }
        Ok(self.writer.write_record(None::<&[u8]>)?)
    }

    /// Writes what is buffered and hands the writer back.
    pub fn finish(self) -> Result<W, ExportError> {
        self.writer
            .into_inner()
            .map_err(|error| ExportError::Write(error.into_error()))
    }
}

fn csv_text(cell: &Cell) -> Cow<'_, str> {
    match cell {
        Cell::Text(text) => protect(text),
        Cell::Int(number) => number.to_string().into(),
        Cell::Float(number) if number.is_finite() => number.to_string().into(),
        Cell::Date(date) => date.to_string().into(),
        Cell::Float(_) | Cell::Empty => "".into(),
    }
}

/// Writes a whole table as CSV and answers how many rows it had.
pub fn write_csv(
    out: impl Write,
    header: &[&str],
    rows: impl IntoIterator<Item = Vec<Cell>>,
) -> Result<u64, ExportError> {
    let mut writer = CsvWriter::new(out)?;
    writer.write_texts(header.iter().copied())?;
    let mut count = 0;
    for row in rows {
        writer.write(&row)?;
        count += 1;
    }
    writer.finish()?.flush()?;
    Ok(count)
}

/// Writes a whole table as a workbook of one worksheet and answers how many rows it had. Text
/// stays text, whatever it begins with, and days are days of the spreadsheet.
pub fn write_xlsx(
    out: impl Write + Send,
    sheet: &str,
    header: &[&str],
    rows: impl IntoIterator<Item = Vec<Cell>>,
) -> Result<u64, ExportError> {
    let mut workbook = Workbook::new();
    let count = add_sheet(&mut workbook, sheet, header, rows)?;
    workbook.save_to_writer(out)?;
    Ok(count)
}

/// Writes a workbook of one worksheet row by row: a row that is written stays on disk, not in memory.
pub struct XlsxWriter {
    workbook: Workbook,
    day: Format,
    rows: u64,
}

impl XlsxWriter {
    /// Begins a worksheet with its header.
    pub fn new(sheet: &str, header: &[&str]) -> Result<Self, ExportError> {
        let mut workbook = Workbook::new();
        let bold = Format::new().set_bold();
        let worksheet = workbook
            .add_worksheet_with_constant_memory()?
            .set_name(sheet)?;
        worksheet.set_freeze_panes(1, 0)?;
        for (column, title) in (0..).zip(header) {
            worksheet.write_string_with_format(0, column, *title, &bold)?;
        }
        Ok(Self {
            workbook,
            day: day_format(),
            rows: 0,
        })
    }

    /// Writes a row.
    pub fn write(&mut self, cells: &[Cell]) -> Result<(), ExportError> {
        self.rows += 1;
        if self.rows >= XLSX_ROWS {
            return Err(ExportError::TooManyRows);
        }
        let worksheet = self.workbook.worksheet_from_index(0)?;
        write_row(worksheet, self.rows as u32, cells, &self.day)
    }

    /// Writes the workbook.
    pub fn finish(mut self, out: impl Write + Send) -> Result<(), ExportError> {
        Ok(self.workbook.save_to_writer(out)?)
    }
}

fn day_format() -> Format {
    Format::new().set_num_format("yyyy-mm-dd")
}

/// A worksheet: its name, its header and its rows.
pub type Sheet<'a> = (&'a str, Vec<&'a str>, Vec<Vec<Cell>>);

/// Writes several tables as a workbook of as many worksheets.
pub fn write_workbook(out: impl Write + Send, sheets: Vec<Sheet<'_>>) -> Result<(), ExportError> {
    let mut workbook = Workbook::new();
    for (name, header, rows) in sheets {
        add_sheet(&mut workbook, name, &header, rows)?;
    }
    workbook.save_to_writer(out)?;
    Ok(())
}

fn add_sheet(
    workbook: &mut Workbook,
    sheet: &str,
    header: &[&str],
    rows: impl IntoIterator<Item = Vec<Cell>>,
) -> Result<u64, ExportError> {
    let day = day_format();
    let bold = Format::new().set_bold();
    let worksheet = workbook.add_worksheet().set_name(sheet)?;
    for (column, title) in (0..).zip(header) {
        worksheet.write_string_with_format(0, column, *title, &bold)?;
    }
    worksheet.set_freeze_panes(1, 0)?;
    let mut count = 0_u64;
    for cells in rows {
        count += 1;
        if count >= XLSX_ROWS {
            return Err(ExportError::TooManyRows);
        }
        write_row(worksheet, count as u32, &cells, &day)?;
    }
    Ok(count)
}

fn write_row(
    worksheet: &mut Worksheet,
    row: u32,
    cells: &[Cell],
    day: &Format,
) -> Result<(), ExportError> {
    for (column, cell) in (0..).zip(cells) {
        match cell {
            Cell::Text(text) => worksheet.write_string(row, column, text)?,
            // Beyond 2^53 a spreadsheet would round: such a number is a name, not a count.
            Cell::Int(number) if number.unsigned_abs() < 1 << 53 => {
                worksheet.write_number(row, column, *number as f64)?
            }
            Cell::Int(number) => worksheet.write_string(row, column, number.to_string())?,
            Cell::Float(number) if number.is_finite() => {
                worksheet.write_number(row, column, *number)?
            }
            Cell::Date(date) => match spreadsheet_day(*date) {
                Some(moment) => worksheet.write_datetime_with_format(row, column, moment, day)?,
                None => worksheet.write_string(row, column, date.to_string())?,
            },
            Cell::Float(_) | Cell::Empty => continue,
        };
    }
    Ok(())
}

/// Spreadsheets know days from 1900 on.
fn spreadsheet_day(date: Date) -> Option<ExcelDateTime> {
    let year = u16::try_from(date.year())
        .ok()
        .filter(|year| *year >= 1900)?;
    ExcelDateTime::from_ymd(year, date.month() as u8, date.day() as u8).ok()
}
