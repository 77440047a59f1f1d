//! One column of a file whose headers are the same everywhere, and what its cells hold.

use lianfang_core::areas::AreaCode;
use lianfang_core::text::bounded;

use crate::error::FileError;
use crate::finding::{Findings, Problem};
use crate::preset::normalise;
use crate::table::RawRow;

/// The column of one field and its name there.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    field: &'static str,
    header: String,
    index: usize,
}

impl Column {
    /// Finds the first of `aliases` in a header.
    pub(crate) fn find(
        header: &[String],
        field: &'static str,
        aliases: &[&str],
    ) -> Result<Option<Self>, FileError> {
        let mut found = header
            .iter()
            .enumerate()
            .filter(|(_, cell)| aliases.contains(&normalise(cell).as_str()));
        match (found.next(), found.next()) {
            (None, _) => Ok(None),
            (Some((index, header)), None) => Ok(Some(Self {
                field,
                header: header.clone(),
                index,
            })),
            (Some((_, header)), Some(_)) => Err(FileError::DuplicateColumn {
                column: header.clone(),
            }),
        }
    }

    /// Finds it or refuses the file.
    pub(crate) fn need(
        header: &[String],
        field: &'static str,
        aliases: &[&str],
    ) -> Result<Self, FileError> {
        Self::find(header, field, aliases)?.ok_or_else(|| FileError::MissingColumn {
            field: field.to_owned(),
            accepted: aliases.join(", "),
        })
    }

    pub(crate) fn text<'a>(&self, raw: &'a RawRow) -> Option<&'a str> {
        Some(raw.cell(self.index).trim()).filter(|text| !text.is_empty())
    }

    pub(crate) fn refuse(&self, findings: &mut Findings, problem: Problem<'_>) {
        findings.refuse(self.field, Some(&self.header), problem);
    }

    pub(crate) fn warn(&self, findings: &mut Findings, problem: Problem<'_>) {
        findings.warn(self.field, Some(&self.header), problem);
    }

    /// Text of at most `max` characters.
    pub(crate) fn bounded(
        &self,
        raw: &RawRow,
        max: usize,
        findings: &mut Findings,
    ) -> Option<String> {
        let text = bounded(self.text(raw)?, 1, max);
        if text.is_err() {
            self.refuse(findings, Problem::TextForm { max });
        }
        text.ok()
    }

    /// A whole number.
    pub(crate) fn count(&self, raw: &RawRow, findings: &mut Findings) -> Option<u32> {
        let text = self.text(raw)?;
        let plain = text.bytes().all(|b| b.is_ascii_digit());
        let count = text.parse().ok().filter(|_| plain);
        if count.is_none() {
            self.refuse(findings, Problem::NumberForm);
        }
        count
    }

    /// An area code of at least six digits.
    pub(crate) fn area(&self, raw: &RawRow, findings: &mut Findings) -> Option<AreaCode> {
        let text = self.text(raw)?;
        let code = text.parse().ok().filter(|_| text.len() >= 6);
        if code.is_none() {
            self.refuse(findings, Problem::AreaForm);
        }
        code
    }
}
