//! Cells of a row, read by the fields that a preset finds them for.

use std::borrow::Cow;

use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::identifiers::{Document, DocumentError, Phone, ResidentId, ResidentIdError};
use lianfang_core::text::{Text, bounded};

use crate::arrivals::Place;
use crate::dates::{self, DateError};
use crate::finding::{Findings, Problem};
use crate::moments::{self, Arrival};
use crate::preset::{Binding, Field, Meaning, Preset, Words, normalise};
use crate::table::RawRow;

/// Characters of a place's name.
const PLACE_CHARACTERS: usize = 100;

/// The greatest age taken, in years.
const OLDEST: f64 = 120.0;

/// The cells of one row, read by the fields of its preset.
pub(crate) struct Cells<'a> {
    pub(crate) preset: &'a Preset,
    pub(crate) binding: &'a Binding,
    pub(crate) today: Date,
    pub(crate) raw: &'a RawRow,
    pub(crate) findings: &'a mut Findings,
}

impl<'a> Cells<'a> {
    pub(crate) fn text(&self, field: Field) -> Option<Cow<'a, str>> {
        self.binding.text(self.raw, field, self.preset)
    }

    pub(crate) fn refuse(&mut self, field: Field, problem: Problem<'_>) {
        self.findings
            .refuse(field.word(), self.binding.header(field), problem);
    }

    pub(crate) fn warn(&mut self, field: Field, problem: Problem<'_>) {
        self.findings
            .warn(field.word(), self.binding.header(field), problem);
    }

    pub(crate) fn bounded(&mut self, field: Field, max: usize) -> Option<String> {
        let text = self.text(field)?;
        let found = bounded(&text, 1, max);
        if found.is_err() {
            self.refuse(field, Problem::TextForm { max });
        }
        found.ok()
    }

    /// A word's meaning comes before the words for "missing": an origin may be `unknown`.
    pub(crate) fn coded<T: Clone>(&mut self, field: Field, words: &'a Words<T>) -> Option<T> {
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

    /// [`Cells::coded`] for what a source writes in its own words: one that is not known is left out.
    pub(crate) fn coded_or_left<T: Clone>(
        &mut self,
        field: Field,
        words: &'a Words<T>,
    ) -> Option<T> {
        let text = self.text(field)?;
        match words.meaning(&text) {
            Some(Meaning::Value(value)) => Some(value),
            Some(Meaning::Missing) => None,
            None => {
                let accepted = words.accepted.as_str();
                self.warn(field, Problem::WordNotKept { accepted });
                None
            }
        }
    }

    /// Several words, one behind the other; one that is not known refuses the row.
    pub(crate) fn several<T: Clone>(&mut self, field: Field, words: &'a Words<T>) -> Vec<T> {
        let Some(text) = self.text(field) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for part in text.split([';', '；', '、', ',', '，']).map(str::trim) {
            match words.meaning(part) {
                Some(Meaning::Value(value)) => found.push(value),
                Some(Meaning::Missing) => {}
                None if self.preset.is_missing(part) => {}
                None => {
                    let accepted = words.accepted.as_str();
                    self.refuse(field, Problem::UnknownValue { accepted });
                }
            }
        }
        found
    }

    pub(crate) fn yes(&mut self, field: Field) -> Option<bool> {
        self.coded(field, &self.preset.yes_no)
    }

    /// A day that has come.
    pub(crate) fn date(&mut self, field: Field) -> Option<Date> {
        let day = self.date_ahead(field)?;
        if day > self.today {
            self.refuse(field, Problem::DateFuture);
            return None;
        }
        Some(day)
    }

    /// A day, also one that is yet to come.
    pub(crate) fn date_ahead(&mut self, field: Field) -> Option<Date> {
        let text = self.text(field)?;
        let accepted = self.preset.accepted_dates.as_str();
        match dates::parse(&text, &self.preset.date_forms) {
            Ok(day) => return Some(day),
            Err(DateError::Form) => self.refuse(field, Problem::DateForm { accepted }),
            Err(DateError::Unreal) => self.refuse(field, Problem::DateUnreal),
        }
        None
    }

    /// Degrees Celsius, with one decimal.
    pub(crate) fn temperature(&mut self) -> Option<f64> {
        let text = self.text(Field::Temperature)?;
        let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let degrees = text.parse::<f64>().ok().filter(|_| plain);
        if degrees.is_none() {
            self.refuse(Field::Temperature, Problem::TemperatureForm);
        }
        degrees
    }

    /// When somebody arrives; the time may stand in a column of its own.
    pub(crate) fn arrival(&mut self) -> Option<Arrival> {
        let accepted = self.preset.accepted_dates.as_str();
        let Some(text) = self.text(Field::Arrival) else {
            self.refuse(Field::Arrival, Problem::MissingValue);
            return None;
        };
        let arrival = match moments::parse(&text, &self.preset.date_forms) {
            Ok(arrival) => arrival,
            Err(DateError::Form) => {
                self.refuse(Field::Arrival, Problem::MomentForm { accepted });
                return None;
            }
            Err(DateError::Unreal) => {
                self.refuse(Field::Arrival, Problem::DateUnreal);
                return None;
            }
        };
        let Some(text) = self.text(Field::ArrivalTime) else {
            return Some(arrival);
        };
        let time = moments::parse_time(&text);
        if time.is_none() {
            self.refuse(Field::ArrivalTime, Problem::TimeForm);
        }
        Some(arrival.at(time?))
    }

    /// A whole number.
    pub(crate) fn count(&mut self, field: Field) -> Option<u32> {
        let text = self.text(field)?;
        let plain = text.bytes().all(|b| b.is_ascii_digit());
        let count = text.parse().ok().filter(|_| plain);
        if count.is_none() {
            self.refuse(field, Problem::NumberForm);
        }
        count
    }

    /// A place: an area code, what the preset knows by that name, a country's two letters, or a
    /// name for the caller to look up.
    pub(crate) fn place(&mut self, field: Field) -> Option<Place> {
        let text = self.text(field)?;
        self.place_of(field, &text)
    }

    /// Several places, one behind the other.
    pub(crate) fn places(&mut self, field: Field) -> Vec<Place> {
        let Some(text) = self.text(field) else {
            return Vec::new();
        };
        text.split([';', '；', '、', ',', '，', '/', '→', '>'])
            .map(str::trim)
            .filter(|part| !self.preset.is_missing(part))
            .filter_map(|part| self.place_of(field, part))
            .collect()
    }

    fn place_of(&mut self, field: Field, text: &str) -> Option<Place> {
        if text.starts_with(|c: char| c.is_ascii_digit()) {
            let code = text.parse().ok().filter(|_| text.len() >= 6);
            if code.is_none() {
                self.refuse(field, Problem::AreaForm);
            }
            return code.map(Place::Area);
        }
        let name = normalise(text);
        if let Some(code) = self.preset.areas.get(&name) {
            return Some(Place::Area(*code));
        }
        if let Some(country) = self.preset.countries.get(&name) {
            return Some(Place::Country(country.clone()));
        }
        if text.len() == 2 && text.bytes().all(|b| b.is_ascii_alphabetic()) {
            return Some(Place::Country(text.to_ascii_uppercase()));
        }
        let named = bounded(text, 1, PLACE_CHARACTERS);
        if named.is_err() {
            self.refuse(
                field,
                Problem::TextForm {
                    max: PLACE_CHARACTERS,
                },
            );
        }
        named.ok().map(Place::Named)
    }

    /// Completed years; a fraction, as exports have for infants, is cut off.
    pub(crate) fn age(&mut self) -> Option<u8> {
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

    pub(crate) fn phone(&mut self) -> Option<Phone> {
        let phone = self.text(Field::Phone)?.parse();
        if phone.is_err() {
            self.warn(Field::Phone, Problem::PhoneForm);
        }
        phone.ok()
    }

    pub(crate) fn area(&mut self) -> Option<AreaCode> {
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
    pub(crate) fn document(&mut self) -> Option<Document> {
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

    /// A number without a kind is a resident identity number if it has that form, else of the kind
    /// that the preset names.
    fn document_of_unnamed_kind(&mut self) -> Option<Document> {
        let text = self.text(Field::DocumentNumber)?;
        let kind = match text.parse::<ResidentId>() {
            Err(ResidentIdError::Length { .. } | ResidentIdError::Character { .. }) => {
                let Some(kind) = &self.preset.defaults.document_kind else {
                    self.refuse(Field::DocumentKind, Problem::MissingValue);
                    return None;
                };
                kind
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
