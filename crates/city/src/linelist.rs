//! Line lists as CSV, with the headers of the preset `generic`.

mod big;
mod row;

use std::io::Write;

use jiff::civil::Date;

pub use big::{BigList, big_linelist};
pub use row::HEADER;

use crate::error::CityError;
use crate::outbreak::Outbreak;
use row::{push_row, text};

/// Marks UTF-8 for spreadsheet programs.
const BYTE_ORDER_MARK: &str = "\u{feff}";
/// Bytes gathered before they are handed on.
const CHUNK: usize = 1 << 16;

/// Rows gathered into chunks.
struct Rows<W> {
    out: W,
    buffer: String,
}

impl<W: Write> Rows<W> {
    fn new(out: W, header: &str) -> Self {
        let mut buffer = String::with_capacity(CHUNK + 1_024);
        buffer.push_str(BYTE_ORDER_MARK);
        buffer.push_str(header);
        buffer.push('\n');
        Self { out, buffer }
    }

    /// Ends a row.
    fn end_row(&mut self) -> Result<(), CityError> {
        self.buffer.push('\n');
        if self.buffer.len() >= CHUNK {
            self.out.write_all(self.buffer.as_bytes())?;
            self.buffer.clear();
        }
        Ok(())
    }

    fn finish(mut self) -> Result<(), CityError> {
        self.out.write_all(self.buffer.as_bytes())?;
        Ok(self.out.flush()?)
    }
}

/// Writes the cases reported by `as_of`, as known on that day, and answers how many.
///
/// # Errors
/// That `out` failed.
pub fn write(out: impl Write, outbreak: &Outbreak, as_of: Date) -> Result<u64, CityError> {
    let mut rows = Rows::new(out, &HEADER.join(","));
    let mut count = 0;
    for case in outbreak.cases.iter().filter(|c| c.is_reported_by(as_of)) {
        push_row(&mut rows.buffer, case, as_of);
        rows.end_row()?;
        count += 1;
    }
    rows.finish()?;
    Ok(count)
}

/// Writes who infected whom, as `infector,infectee`, as far as the investigation found it and
/// both were reported by `as_of`, and answers how many pairs.
///
/// # Errors
/// That `out` failed.
pub fn write_pairs(out: impl Write, outbreak: &Outbreak, as_of: Date) -> Result<u64, CityError> {
    let mut rows = Rows::new(out, "infector,infectee");
    let mut count = 0;
    let reported = |number: u32| {
        let case = outbreak.cases.get(number as usize - 1)?;
        case.is_reported_by(as_of).then_some(case)
    };
    for link in outbreak.links.iter().filter(|link| link.found) {
        if let Some((infector, infectee)) = reported(link.infector).zip(reported(link.infectee)) {
            text(&mut rows.buffer, &infector.external_id);
            rows.buffer.push(',');
            text(&mut rows.buffer, &infectee.external_id);
            rows.end_row()?;
            count += 1;
        }
    }
    rows.finish()?;
    Ok(count)
}
