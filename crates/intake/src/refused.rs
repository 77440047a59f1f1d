//! Refused rows, written to a file that can be mended and fed in again.
//!
//! The reasons stand in two columns before the others, so that a row with too many cells stays as
//! it was. Reading ignores these columns, and writing replaces those of an earlier round.

use std::io::Write;

use lianfang_core::text::Language;

use crate::entries::RefusedRow;
use crate::export::{CsvWriter, ExportError};

/// Header of the column that names the fields.
pub const FIELD: &str = "refused_field";
/// Header of the column that gives the reasons.
pub const REASON: &str = "refused_reason";

/// Writes refused rows as CSV (UTF-8 with a byte order mark, formulas neutralised).
pub struct RefusedWriter<W: Write> {
    writer: CsvWriter<W>,
    language: Language,
    /// Columns of an earlier round's reasons.
    dropped: Vec<usize>,
}

impl<W: Write> RefusedWriter<W> {
    /// Writes the header of the file that the rows come from; reasons are given in `language`.
    pub fn new(out: W, header: &[String], language: Language) -> Result<Self, ExportError> {
        let dropped: Vec<usize> = header
            .iter()
            .enumerate()
            .filter(|(_, cell)| [FIELD, REASON].contains(&cell.as_str()))
            .map(|(i, _)| i)
            .collect();
        let kept = keep(header, &dropped);
        let mut writer = CsvWriter::new(out)?;
        writer.write_texts([FIELD, REASON].into_iter().chain(kept))?;
        Ok(Self {
            writer,
            language,
            dropped,
        })
    }

    /// Writes one row.
    pub fn write(&mut self, refused: &RefusedRow) -> Result<(), ExportError> {
        let join = |parts: Vec<&str>| parts.join("; ");
        let mut fields: Vec<&str> = refused.findings.iter().map(|f| f.field.as_str()).collect();
        fields.dedup();
        let fields = join(fields);
        let reasons = join(
            refused
                .findings
                .iter()
                .map(|f| f.message.in_language(self.language))
                .collect(),
        );
        let cells = keep(&refused.cells, &self.dropped);
        self.writer
            .write_texts([fields.as_str(), reasons.as_str()].into_iter().chain(cells))
    }

    /// Hands the writer back when all is written.
    pub fn finish(self) -> Result<W, ExportError> {
        self.writer.finish()
    }
}

fn keep<'a>(cells: &'a [String], dropped: &'a [usize]) -> impl Iterator<Item = &'a str> {
    cells
        .iter()
        .enumerate()
        .filter(|(i, _)| !dropped.contains(i))
        .map(|(_, cell)| cell.as_str())
}
