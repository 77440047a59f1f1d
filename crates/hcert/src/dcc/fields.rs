//! Fields of the schema, each read and checked for its form.

use ciborium::Value;
use jiff::Timestamp;
use jiff::civil::Date;

use super::SchemaError;

/// Characters of a text: `maxLength` of the schema from 1.2.1.
const TEXT_CHARACTERS: usize = 80;
/// Tag of a date and time in text (RFC 8949, section 3.4.1), which some issuers set.
const TAG_DATE_TIME: u64 = 0;

const TEXT: &str = "text of at most 80 characters";

/// The fields of one object.
pub(super) struct Fields<'a>(&'a [(Value, Value)]);

impl<'a> Fields<'a> {
    pub(super) fn of(field: &'static str, value: &'a Value) -> Result<Self, SchemaError> {
        match value {
            Value::Map(fields) => Ok(Self(fields)),
            _ => Err(SchemaError::Form {
                field,
                expected: "an object",
            }),
        }
    }

    fn get(&self, key: &str) -> Option<&'a Value> {
        self.0
            .iter()
            .find(|(name, _)| name.as_text() == Some(key))
            .map(|(_, value)| value)
    }

    pub(super) fn value(&self, field: &'static str) -> Result<&'a Value, SchemaError> {
        self.get(key(field)).ok_or(SchemaError::Missing { field })
    }

    /// The entries of a group; a group that is missing has none.
    pub(super) fn group(&self, field: &'static str) -> Result<&'a [Value], SchemaError> {
        match self.get(field) {
            None => Ok(&[]),
            Some(Value::Array(entries)) if !entries.is_empty() => Ok(entries),
            Some(_) => Err(SchemaError::Form {
                field,
                expected: "an array with an entry",
            }),
        }
    }

    /// A text that must be there.
    pub(super) fn text(&self, field: &'static str) -> Result<String, SchemaError> {
        text(field, self.value(field)?).map(str::to_owned)
    }

    /// A text that may be missing.
    pub(super) fn optional(&self, field: &'static str) -> Result<Option<String>, SchemaError> {
        self.get(key(field))
            .map(|value| text(field, value).map(str::to_owned))
            .transpose()
    }

    /// `^[A-Z<]*$`; may be missing.
    pub(super) fn transliterated(
        &self,
        field: &'static str,
    ) -> Result<Option<String>, SchemaError> {
        let found = self.optional(field)?;
        let foreign = |text: &String| !text.bytes().all(|b| matches!(b, b'A'..=b'Z' | b'<'));
        if found.as_ref().is_some_and(foreign) {
            return Err(SchemaError::Form {
                field,
                expected: "A to Z and < only",
            });
        }
        Ok(found)
    }

    /// `[A-Z]{1,10}`.
    pub(super) fn country(&self, field: &'static str) -> Result<String, SchemaError> {
        self.checked(field, "a country's code: 1 to 10 letters A to Z", |text| {
            (1..=10).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase())
        })
    }

    /// Three numbers with points between them.
    pub(super) fn version(&self, field: &'static str) -> Result<String, SchemaError> {
        self.checked(
            field,
            "a version: three numbers with points between",
            |text| {
                let parts: Vec<&str> = text.split('.').collect();
                parts.len() == 3 && parts.iter().all(|part| digits(part))
            },
        )
    }

    /// A date, a year and month, a year, or nothing; from 1900 to 2099.
    pub(super) fn birth_date(&self, field: &'static str) -> Result<String, SchemaError> {
        let expected = "YYYY-MM-DD, YYYY-MM, YYYY (1900 to 2099) or empty";
        self.checked(field, expected, |text| {
            let parts: Vec<&str> = text.split('-').collect();
            let [year, rest @ ..] = parts.as_slice() else {
                return false;
            };
            text.is_empty()
                || year.len() == 4
                    && (year.starts_with("19") || year.starts_with("20"))
                    && digits(year)
                    && rest.len() <= 2
                    && rest.iter().all(|part| part.len() == 2 && digits(part))
        })
    }

    /// A full date.
    pub(super) fn date(&self, field: &'static str) -> Result<String, SchemaError> {
        self.checked(field, "a date as YYYY-MM-DD", |text| {
            text.len() == 10 && text.parse::<Date>().is_ok()
        })
    }

    /// A date and time with offset (RFC 3339).
    pub(super) fn date_time(&self, field: &'static str) -> Result<String, SchemaError> {
        self.checked(field, "a date and time with offset, RFC 3339", |text| {
            text.parse::<Timestamp>().is_ok()
        })
    }

    /// A number of doses, from 1.
    pub(super) fn doses(&self, field: &'static str) -> Result<u32, SchemaError> {
        self.value(field)?
            .as_integer()
            .and_then(|number| u32::try_from(number).ok())
            .filter(|number| *number >= 1)
            .ok_or(SchemaError::Form {
                field,
                expected: "a whole number from 1 up",
            })
    }

    fn checked(
        &self,
        field: &'static str,
        expected: &'static str,
        fits: impl Fn(&str) -> bool,
    ) -> Result<String, SchemaError> {
        let text = text(field, self.value(field)?)?;
        if fits(text) {
            Ok(text.to_owned())
        } else {
            Err(SchemaError::Form { field, expected })
        }
    }
}

/// The key within its object: what follows the group's name.
fn key(field: &'static str) -> &'static str {
    field.rsplit('.').next().unwrap_or(field)
}

fn text<'a>(field: &'static str, value: &'a Value) -> Result<&'a str, SchemaError> {
    let value = match value {
        Value::Tag(TAG_DATE_TIME, value) => value,
        value => value,
    };
    value
        .as_text()
        .filter(|text| text.chars().count() <= TEXT_CHARACTERS)
        .ok_or(SchemaError::Form {
            field,
            expected: TEXT,
        })
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}
