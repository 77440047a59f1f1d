//! From cells to a [`LineListRow`].

use std::borrow::Cow;

use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::identifiers::{Document, DocumentError, Phone, ResidentId, ResidentIdError};
use lianfang_core::text::{Text, bounded};

use super::{LineListRow, checks};
use crate::dates::{self, DateError};
use crate::entries::{Mapper, Options};
use crate::error::FileError;
use crate::finding::{Findings, Problem};
use crate::preset::{Binding, Field, Meaning, Preset, Words, normalise};
use crate::table::RawRow;

/// Characters that text fields take.
const ID_CHARACTERS: usize = 64;
const NAME_CHARACTERS: usize = 100;
const PLACE_CHARACTERS: usize = 200;
const ADDRESS_CHARACTERS: usize = 500;

/// The greatest age taken, in years.
const OLDEST: f64 = 120.0;

pub(super) struct RowMapper {
    preset: Preset,
    binding: Binding,
    options: Options,
}

impl RowMapper {
    pub(super) fn new(
        preset: Preset,
        header: &[String],
        options: Options,
    ) -> Result<Self, FileError> {
        Ok(Self {
            binding: preset.bind(header)?,
            preset,
            options,
        })
    }
}

impl Mapper for RowMapper {
    type Row = LineListRow;

    fn map(&self, raw: &RawRow, findings: &mut Findings) -> Option<LineListRow> {
        let mut cells = Cells {
            preset: &self.preset,
            binding: &self.binding,
            today: self.options.today,
            raw,
            findings,
        };
        let classification = cells
            .coded(Field::Classification, &self.preset.classification)
            .or(self.preset.default_classification);
        if classification.is_none() && cells.findings.refusals.is_empty() {
            cells.refuse(Field::Classification, Problem::MissingValue);
        }
        let mut row = LineListRow {
            row: raw.row,
            external_id: cells.bounded(Field::ExternalId, ID_CHARACTERS),
            name: cells.bounded(Field::Name, NAME_CHARACTERS),
            sex: cells.coded(Field::Sex, &self.preset.sex),
            age_years: cells.age(),
            document: cells.document(),
            phone: cells.phone(),
            address: cells.bounded(Field::Address, ADDRESS_CHARACTERS),
            area: cells.area().or(self.options.default_area),
            place: cells.bounded(Field::Place, PLACE_CHARACTERS),
            exposed: cells.date(Field::Exposed),
            onset: cells.date(Field::Onset),
            sampled: cells.date(Field::Sampled),
            diagnosed: cells.date(Field::Diagnosed),
            reported: cells.date(Field::Reported),
            hospitalised: cells.date(Field::Hospitalised),
            classification: classification?,
            severity: cells.coded(Field::Severity, &self.preset.severity),
            outcome: cells.coded(Field::Outcome, &self.preset.outcome),
            outcome_date: cells.date(Field::OutcomeDate),
            origin: cells.coded(Field::Origin, &self.preset.origin),
            imported_from: cells.bounded(Field::ImportedFrom, NAME_CHARACTERS),
            cluster: cells.bounded(Field::Cluster, PLACE_CHARACTERS),
        };
        checks::agree(&mut row, &self.binding, self.options.today, findings);
        Some(row)
    }
}

struct Cells<'a> {
    preset: &'a Preset,
    binding: &'a Binding,
    today: Date,
    raw: &'a RawRow,
    findings: &'a mut Findings,
}

impl<'a> Cells<'a> {
    fn text(&self, field: Field) -> Option<Cow<'a, str>> {
        self.binding.text(self.raw, field, self.preset)
    }

    fn refuse(&mut self, field: Field, problem: Problem<'_>) {
        self.findings
            .refuse(field.word(), self.binding.header(field), problem);
    }

    fn warn(&mut self, field: Field, problem: Problem<'_>) {
        self.findings
            .warn(field.word(), self.binding.header(field), problem);
    }

    fn bounded(&mut self, field: Field, max: usize) -> Option<String> {
        let text = self.text(field)?;
        let found = bounded(&text, 1, max);
        if found.is_err() {
            self.refuse(field, Problem::TextForm { max });
        }
        found.ok()
    }

    /// A word's meaning comes before the words for "missing": an origin may be `unknown`.
    fn coded<T: Clone>(&mut self, field: Field, words: &'a Words<T>) -> Option<T> {
        let text = self.binding.present(self.raw, field)?;
        match words.meaning(text) {
            Some(Meaning::Value(value)) => Some(value),
            Some(Meaning::Missing) => None,
            None => {
                if !self.preset.is_missing(text) {
                    let accepted = words.accepted.as_str();
                    self.refuse(field, Problem::UnknownValue { accepted });
                }
                None
            }
        }
    }

    fn date(&mut self, field: Field) -> Option<Date> {
        let text = self.text(field)?;
        let accepted = self.preset.accepted_dates.as_str();
        match dates::parse(&text, &self.preset.date_forms) {
            Ok(day) if day > self.today => self.refuse(field, Problem::DateFuture),
            Ok(day) => return Some(day),
            Err(DateError::Form) => self.refuse(field, Problem::DateForm { accepted }),
            Err(DateError::Unreal) => self.refuse(field, Problem::DateUnreal),
        }
        None
    }

    /// Completed years; a fraction, as exports have for infants, is cut off.
    fn age(&mut self) -> Option<u8> {
        let text = self.text(Field::Age)?;
        let digits = text.strip_suffix('岁').unwrap_or(&text).trim();
        let plain = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let years = digits
            .parse::<f64>()
            .ok()
            .filter(|years| plain && *years < OLDEST + 1.0);
        if years.is_none() {
            self.refuse(Field::Age, Problem::AgeForm);
        }
        years.map(|years| years as u8)
    }

    fn phone(&mut self) -> Option<Phone> {
        let phone = self.text(Field::Phone)?.parse();
        if phone.is_err() {
            self.warn(Field::Phone, Problem::PhoneForm);
        }
        phone.ok()
    }

    fn area(&mut self) -> Option<AreaCode> {
        let text = self.text(Field::Area)?;
        if text.starts_with(|c: char| c.is_ascii_digit()) || self.preset.areas.is_empty() {
            let code = text.parse().ok().filter(|_| text.len() >= 6);
            if code.is_none() {
                self.refuse(Field::Area, Problem::AreaForm);
            }
            return code;
        }
        let code = self.preset.areas.get(&normalise(&text)).copied();
        if code.is_none() {
            self.refuse(Field::Area, Problem::UnknownPlace);
        }
        code
    }

    /// The resident identity number, else the document of a named kind, else the passport.
    fn document(&mut self) -> Option<Document> {
        let resident_id = self.document_in(Field::ResidentId, Document::RESIDENT_ID);
        let kind = self.coded(Field::DocumentKind, &self.preset.document_kind);
        let numbered = match kind {
            Some(kind) => self.document_in(Field::DocumentNumber, &kind),
            None => self.document_of_unnamed_kind(),
        };
        let passport = self.document_in(Field::Passport, Document::PASSPORT);
        let mut kept: Option<Document> = None;
        for (field, document) in [
            (Field::ResidentId, resident_id),
            (Field::DocumentNumber, numbered),
            (Field::Passport, passport),
        ] {
            match (&kept, document) {
                (None, document) => kept = document,
                (Some(first), Some(second)) if *first != second => {
                    self.warn(field, Problem::SecondDocument);
                }
                _ => {}
            }
        }
        kept
    }

    /// A number without a kind is a resident identity number if it has that form.
    fn document_of_unnamed_kind(&mut self) -> Option<Document> {
        let text = self.text(Field::DocumentNumber)?;
        let kind = match text.parse::<ResidentId>() {
            Err(ResidentIdError::Length { .. } | ResidentIdError::Character { .. }) => {
                self.refuse(Field::DocumentKind, Problem::MissingValue);
                return None;
            }
            _ => Document::RESIDENT_ID,
        };
        self.document_in(Field::DocumentNumber, kind)
    }

    fn document_in(&mut self, field: Field, kind: &str) -> Option<Document> {
        let text = self.text(field)?;
        let document = Document::parse(kind, &text);
        if let Ok(Document::ResidentId(id)) = &document
            && id.birth_date() > self.today
        {
            let accepted = &born_later();
            self.refuse(field, Problem::DocumentForm { accepted });
            return None;
        }
        match document {
            Ok(document) => return Some(document),
            Err(DocumentError::ResidentId(ResidentIdError::Check)) => {
                self.refuse(field, Problem::CheckDigit);
            }
            Err(_) if is_rounded(&text) => self.refuse(field, Problem::NumberRounded),
            Err(error) => {
                let accepted = Text::new(error.to_string(), document_form_zh(&error));
                self.refuse(
                    field,
                    Problem::DocumentForm {
                        accepted: &accepted,
                    },
                );
            }
        }
        None
    }
}

/// What a spreadsheet makes of a long number: 3.30683E+17.
fn is_rounded(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else {
        return false;
    };
    let digits = |part: &str, mark: char| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_digit() || c == mark)
    };
    digits(mantissa, '.') && digits(exponent, '+') && mantissa.contains('.')
}

fn born_later() -> Text {
    Text::new(
        ResidentIdError::BornLater.to_string(),
        "身份证号中的出生日期尚未到来",
    )
}

fn document_form_zh(error: &DocumentError) -> String {
    match error {
        DocumentError::ResidentId(ResidentIdError::Length { found }) => {
            format!("身份证号应为 18 位，此处为 {found} 位")
        }
        DocumentError::ResidentId(ResidentIdError::Character { position }) => {
            format!("身份证号应为 17 位数字加一位数字或 X，第 {position} 位不符")
        }
        DocumentError::ResidentId(ResidentIdError::Area) => {
            "身份证号以地区代码开头，首位应为 1 至 9".into()
        }
        DocumentError::ResidentId(_) => "身份证号第 7 至 14 位应为 1900 年以后的出生日期".into(),
        DocumentError::Passport(_) => "护照号应为 5 至 15 位字母和数字，至少含一位数字".into(),
        DocumentError::Kind => "证件类型应为 resident_id、passport 或预设中列出的类型".into(),
        DocumentError::Number { .. } => "证件号应为 1 至 32 位字母、数字或连字符".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::is_rounded;

    #[test]
    fn rounded_numbers_are_told() {
        assert!(is_rounded("3.30683E+17") && is_rounded("3.30683199001011E17"));
        assert!(!is_rounded("E12345678") && !is_rounded("1E5") && !is_rounded("330683"));
    }
}
