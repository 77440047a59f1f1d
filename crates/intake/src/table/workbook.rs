//! XLSX workbooks, streamed: a thread of its own reads the worksheet and sends rows in batches,
//! so that no more than a few of them are in memory, however often a long text is shared.

use std::io::{Cursor, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::vec;

use calamine::{DataRef, ExcelDateTime, Reader, SheetType, Xlsx, open_workbook_from_rs};
use csv::StringRecord;

use super::archive;
use super::{Format, RawRow, TableInfo};
use crate::error::{FileError, What};
use crate::limits::Limits;

/// Rows and bytes of a batch; batches in the channel.
const BATCH_ROWS: usize = 512;
const BATCH_BYTES: usize = 1 << 20;
const BATCHES: usize = 4;

/// Characters that a cell of the format can have.
const CELL_CHARACTERS: usize = 32_767;

/// Whole numbers below this are exact in the format; beyond, digits were lost.
const EXACT: f64 = 1e15;

type Row = (u64, StringRecord);

enum Message {
    Opened(TableInfo),
    Rows(Vec<Row>),
    Ended,
    Failed(FileError),
}

pub(super) struct Workbook {
    receiver: Receiver<Message>,
    batch: vec::IntoIter<Row>,
    ended: bool,
}

impl Workbook {
    pub(super) fn open(
        reader: Box<dyn Read + Send>,
        limits: Limits,
    ) -> Result<(Self, TableInfo), FileError> {
        let mut bytes = Vec::new();
        reader
            .take(limits.workbook_bytes + 1)
            .read_to_end(&mut bytes)
            .map_err(FileError::Read)?;
        if bytes.len() as u64 > limits.workbook_bytes {
            return Err(FileError::TooMuch {
                what: What::Bytes,
                limit: limits.workbook_bytes,
            });
        }
        archive::check(&bytes, &limits)?;
        let (sender, receiver) = sync_channel(BATCHES);
        thread::Builder::new()
            .name("workbook".into())
            .spawn(move || {
                let last = match read(bytes, &limits, &sender) {
                    Ok(()) => Message::Ended,
                    Err(Stop::Failed(error)) => Message::Failed(error),
                    Err(Stop::NobodyListens) => return,
                };
                // Nobody listening any more is no failure.
                let _ = sender.send(last);
            })
            .map_err(FileError::Read)?;
        // A closed channel without a last message: the reader panicked on a damaged file.
        let info = match receiver
            .recv()
            .unwrap_or(Message::Failed(FileError::DamagedWorkbook))
        {
            Message::Opened(info) => info,
            Message::Failed(error) => return Err(error),
            Message::Rows(_) | Message::Ended => return Err(FileError::DamagedWorkbook),
        };
        let workbook = Self {
            receiver,
            batch: Vec::new().into_iter(),
            ended: false,
        };
        Ok((workbook, info))
    }

    pub(super) fn next_row(&mut self, row: &mut RawRow) -> Result<bool, FileError> {
        loop {
            if let Some((number, cells)) = self.batch.next() {
                row.row = number;
                row.cells = cells;
                return Ok(true);
            }
            if self.ended {
                return Ok(false);
            }
            match self
                .receiver
                .recv()
                .unwrap_or(Message::Failed(FileError::DamagedWorkbook))
            {
                Message::Rows(rows) => self.batch = rows.into_iter(),
                Message::Ended => self.ended = true,
                Message::Failed(error) => {
                    self.ended = true;
                    return Err(error);
                }
                Message::Opened(_) => {}
            }
        }
    }
}

enum Stop {
    Failed(FileError),
    NobodyListens,
}

impl From<FileError> for Stop {
    fn from(error: FileError) -> Self {
        Self::Failed(error)
    }
}

impl From<calamine::XlsxError> for Stop {
    fn from(_: calamine::XlsxError) -> Self {
        Self::Failed(FileError::DamagedWorkbook)
    }
}

fn read(bytes: Vec<u8>, limits: &Limits, sender: &SyncSender<Message>) -> Result<(), Stop> {
    let mut workbook: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes))?;
    let sheets: Vec<String> = workbook
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| sheet.name.clone())
        .collect();
    let mut sheet = None;
    for name in &sheets {
        if workbook
            .worksheet_cells_reader(name)?
            .next_cell()?
            .is_some()
        {
            sheet = Some(name.clone());
            break;
        }
    }
    let sheet = sheet.ok_or(FileError::Empty)?;
    let info = TableInfo {
        format: Format::Xlsx,
        encoding: None,
        delimiter: None,
        other_sheets: sheets.into_iter().filter(|name| *name != sheet).collect(),
        sheet: Some(sheet.clone()),
    };
    send(sender, Message::Opened(info))?;

    let mut cells = workbook.worksheet_cells_reader(&sheet)?;
    let mut batch = Batch::new(sender);
    let mut row = PendingRow::default();
    let mut width = 0;
    while let Some(cell) = cells.next_cell()? {
        let (row_index, column) = cell.get_position();
        if row_index != row.index {
            width = width.max(row.cells.len());
            batch.push(row.finish(width))?;
            row = PendingRow::at(row_index);
        }
        row.put(column as usize, cell.get_value(), limits)?;
    }
    width = width.max(row.cells.len());
    batch.push(row.finish(width))?;
    batch.flush()
}

fn send(sender: &SyncSender<Message>, message: Message) -> Result<(), Stop> {
    sender.send(message).map_err(|_| Stop::NobodyListens)
}

struct Batch<'a> {
    sender: &'a SyncSender<Message>,
    rows: Vec<Row>,
    bytes: usize,
}

impl<'a> Batch<'a> {
    fn new(sender: &'a SyncSender<Message>) -> Self {
        Self {
            sender,
            rows: Vec::new(),
            bytes: 0,
        }
    }

    fn push(&mut self, row: Option<Row>) -> Result<(), Stop> {
        let Some(row) = row else { return Ok(()) };
        self.bytes += row.1.as_slice().len();
        self.rows.push(row);
        if self.rows.len() >= BATCH_ROWS || self.bytes >= BATCH_BYTES {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Stop> {
        self.bytes = 0;
        send(self.sender, Message::Rows(std::mem::take(&mut self.rows)))
    }
}

/// The row being put together.
#[derive(Default)]
struct PendingRow {
    index: u32,
    cells: StringRecord,
}

impl PendingRow {
    fn at(index: u32) -> Self {
        Self {
            index,
            cells: StringRecord::new(),
        }
    }

    fn put(
        &mut self,
        column: usize,
        value: &DataRef<'_>,
        limits: &Limits,
    ) -> Result<(), FileError> {
        if *value == DataRef::Empty {
            return Ok(());
        }
        if column >= limits.columns {
            return Err(FileError::TooMuch {
                what: What::Columns,
                limit: limits.columns as u64,
            });
        }
        let row = u64::from(self.index) + 1;
        let endless = FileError::EndlessRow {
            row,
            limit: limits.row_bytes as u64,
        };
        // A cell before the last one, or twice: no spreadsheet program writes that.
        if column < self.cells.len() {
            return Err(FileError::DamagedWorkbook);
        }
        while self.cells.len() < column {
            self.cells.push_field("");
        }
        let text = match value {
            DataRef::SharedString(text) => {
                check_length(text)?;
                self.cells.push_field(text);
                None
            }
            other => Some(cell_text(other)),
        };
        if let Some(text) = text {
            check_length(&text)?;
            self.cells.push_field(&text);
        }
        if self.cells.as_slice().len() > limits.row_bytes {
            return Err(endless);
        }
        Ok(())
    }

    /// The row, filled up to the width of the rows above: the format leaves empty cells out.
    fn finish(mut self, width: usize) -> Option<Row> {
        if self.cells.is_empty() {
            return None;
        }
        while self.cells.len() < width {
            self.cells.push_field("");
        }
        Some((u64::from(self.index) + 1, self.cells))
    }
}

fn check_length(text: &str) -> Result<(), FileError> {
    // Four bytes a character at most, so that counting is seldom needed.
    if text.len() > CELL_CHARACTERS && text.chars().count() > CELL_CHARACTERS {
        return Err(FileError::DamagedWorkbook);
    }
    Ok(())
}

fn cell_text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number_text(*number),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(value) => if *value { "TRUE" } else { "FALSE" }.to_owned(),
        DataRef::DateTime(moment) => moment_text(moment),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.clone()
        }
        DataRef::Error(error) => error.to_string(),
    }
}

/// A number with digits lost is written as spreadsheets show it (3.30683E17), which no parser of
/// identifiers takes for one.
fn number_text(number: f64) -> String {
    if number.abs() >= EXACT {
        format!("{number:E}")
    } else {
        // Rust prints whole floats without a point, others shortest.
        format!("{number}")
    }
}

fn moment_text(moment: &ExcelDateTime) -> String {
    if !moment.is_datetime() || moment.as_f64() < 0.0 {
        return number_text(moment.as_f64());
    }
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let time = format!("{hour:02}:{minute:02}:{second:02}");
    let date = format!("{year:04}-{month:02}-{day:02}");
    match (moment.as_f64() < 1.0, time.as_str()) {
        (true, _) => time,
        (false, "00:00:00") => date,
        (false, _) => format!("{date}T{time}"),
    }
}
