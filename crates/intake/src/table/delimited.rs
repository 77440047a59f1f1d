//! Text files with delimiters.

use std::io::{self, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Format, RawRow, TableInfo};
use crate::encoding::Utf8Reader;
use crate::error::FileError;
use crate::limits::Limits;

/// Bytes of decoded text looked at for the delimiter.
const HEAD: usize = 64 << 10;
const BUFFER: usize = 64 << 10;

pub(super) struct Delimited {
    reader: csv::Reader<Guard>,
    /// Bytes of decoded text up to the end of the last record, shared with the guard.
    taken: Arc<AtomicU64>,
    /// Line breaks within cells so far: lines of the file that are no rows of a spreadsheet.
    breaks_within: u64,
    last_row: u64,
    row_bytes: u64,
}

impl Delimited {
    pub(super) fn open(
        reader: Box<dyn Read + Send>,
        limits: Limits,
    ) -> Result<(Self, TableInfo), FileError> {
        let mut text = Utf8Reader::new(reader, limits.text_bytes)?;
        let mut head = Vec::with_capacity(HEAD);
        (&mut text)
            .take(HEAD as u64)
            .read_to_end(&mut head)
            .map_err(FileError::from_io)?;
        let delimiter = delimiter(&head);
        let info = TableInfo {
            format: Format::Csv,
            encoding: Some(text.name().to_owned()),
            delimiter: Some(char::from(delimiter)),
            sheet: None,
            other_sheets: Vec::new(),
        };
        let taken = Arc::new(AtomicU64::new(0));
        let row_bytes = limits.row_bytes as u64;
        let guard = Guard {
            inner: Box::new(Cursor::new(head).chain(text)),
            given: 0,
            taken: Arc::clone(&taken),
            row_bytes: row_bytes + 2 * BUFFER as u64,
            last: b'\n',
            waiting: false,
        };
        let reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(BUFFER)
            .from_reader(guard);
        let delimited = Self {
            reader,
            taken,
            breaks_within: 0,
            last_row: 0,
            row_bytes,
        };
        Ok((delimited, info))
    }

    pub(super) fn next_row(&mut self, row: &mut RawRow) -> Result<bool, FileError> {
        let found = self
            .reader
            .read_record(&mut row.cells)
            .map_err(|error| self.file_error(error))?;
        if !found {
            return Ok(false);
        }
        let end = self.reader.position();
        self.taken.store(end.byte(), Ordering::Relaxed);
        // The reader counts line feeds up to the end of the record, whose own is among them
        // unless the file ends without one.
        let breaks = row.cells.as_slice().bytes().filter(|b| *b == b'\n').count();
        self.breaks_within += breaks as u64;
        let lines = end.line() - u64::from(!self.reader.get_ref().ended_within_line(end.byte()));
        row.row = lines
            .saturating_sub(self.breaks_within)
            .max(self.last_row + 1);
        self.last_row = row.row;
        Ok(true)
    }

    fn file_error(&self, error: csv::Error) -> FileError {
        match error.into_kind() {
            csv::ErrorKind::Io(error) if is_too_long(&error) => FileError::EndlessRow {
                row: self.last_row + 1,
                limit: self.row_bytes,
            },
            csv::ErrorKind::Io(error) => FileError::from_io(error),
            // Text is decoded and rows may have any length, so that no other kind can arise.
            _ => FileError::NotText {
                offset: self.reader.position().byte(),
            },
        }
    }
}

/// The one of comma, semicolon and tab that stands most often in the first line, quoted text
/// aside; the comma where none does.
fn delimiter(head: &[u8]) -> u8 {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    let mut quoted = false;
    for byte in head {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted && counts.iter().any(|(_, n)| *n > 0) => break,
            other if !quoted => {
                for (candidate, count) in &mut counts {
                    *count += u32::from(candidate == other);
                }
            }
            _ => {}
        }
    }
    let (mut best, mut most) = (b',', 0);
    for (candidate, count) in counts {
        if count > most {
            (best, most) = (candidate, count);
        }
    }
    best
}

/// Stops handing out bytes when one record has swallowed too many, and makes CR LF a mere LF, so
/// that lines can be counted.
struct Guard {
    inner: Box<dyn Read + Send>,
    given: u64,
    taken: Arc<AtomicU64>,
    row_bytes: u64,
    last: u8,
    /// A CR at the end of a chunk waits for what follows.
    waiting: bool,
}

#[derive(Debug, thiserror::Error)]
#[error("a row is too long")]
struct RowTooLong;

fn is_too_long(error: &io::Error) -> bool {
    match error.get_ref() {
        Some(inner) => inner.is::<RowTooLong>(),
        None => false,
    }
}

impl Guard {
    fn ended_within_line(&self, at: u64) -> bool {
        at == self.given && self.last != b'\n'
    }

    /// Reads into `chunk`, whose first byte is free for a CR that waited.
    fn fill(&mut self, chunk: &mut [u8]) -> io::Result<usize> {
        let start = usize::from(self.waiting);
        let read = self.inner.read(&mut chunk[start..])?;
        if start == 1 {
            chunk[0] = b'\r';
            self.waiting = false;
        }
        let mut end = start + read;
        if read > 0 && chunk[end - 1] == b'\r' {
            self.waiting = true;
            end -= 1;
        }
        Ok(without_carriage_returns(&mut chunk[..end]))
    }
}

impl Read for Guard {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.given - self.taken.load(Ordering::Relaxed) > self.row_bytes {
            return Err(io::Error::other(RowTooLong));
        }
        if into.len() < 2 {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        loop {
            let count = self.fill(into)?;
            if count == 0 && self.waiting {
                continue;
            }
            if let Some(last) = into[..count].last() {
                self.last = *last;
            }
            self.given += count as u64;
            return Ok(count);
        }
    }
}

/// Takes out each CR before an LF and answers how many bytes are left.
fn without_carriage_returns(bytes: &mut [u8]) -> usize {
    if !bytes.contains(&b'\r') {
        return bytes.len();
    }
    let mut kept = 0;
    for i in 0..bytes.len() {
        if bytes[i] == b'\r' && bytes.get(i + 1) == Some(&b'\n') {
            continue;
        }
        bytes[kept] = bytes[i];
        kept += 1;
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn line_ends_are_the_same_however_the_bytes_come(
            text in "[a\r\n]{0,40}", size in 2_usize..7
        ) {
            let mut guard = Guard {
                inner: Box::new(Cursor::new(text.clone().into_bytes())),
                given: 0,
                taken: Arc::default(),
                row_bytes: u64::MAX,
                last: b'\n',
                waiting: false,
            };
            let (mut read, mut chunk) = (Vec::new(), vec![0; size]);
            loop {
                let count = guard.read(&mut chunk).unwrap();
                if count == 0 {
                    break;
                }
                read.extend_from_slice(&chunk[..count]);
            }
            prop_assert_eq!(String::from_utf8(read).unwrap(), text.replace("\r\n", "\n"));
        }
    }
}
