//! An identity document of any kind.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{PassportNumber, PassportNumberError, ResidentId, ResidentIdError, canonical, mask};

/// An identity document: what it is, and its number.
///
/// In serde it is `{"kind": "resident_id", "number": "…"}`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub enum Document {
    /// Resident identity card.
    ResidentId(ResidentId),
    /// Passport of any country.
    Passport(PassportNumber),
    /// Another document (permit, military card, …).
    Other(OtherDocument),
}

/// A document that has no form of its own here: a kind of at most 32 characters (`a-z`, digits,
/// `_`) and a number of at most 32 letters, digits and hyphens.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OtherDocument {
    kind: String,
    number: String,
}

/// Why a kind and number are no document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// The kind has another form.
    #[error(
        "a kind of document is resident_id, passport, or a word of at most 32 characters of a-z, 0-9 and _"
    )]
    Kind,
    /// The number is empty, too long, or has other characters.
    #[error(
        "a document number has 1 to 32 letters, digits and hyphens; this has {found} characters or others among them"
    )]
    Number {
        /// Characters found.
        found: usize,
    },
    /// No resident identity number.
    #[error(transparent)]
    ResidentId(#[from] ResidentIdError),
    /// No passport number.
    #[error(transparent)]
    Passport(#[from] PassportNumberError),
}

impl Document {
    /// The kind of a resident identity card.
    pub const RESIDENT_ID: &str = "resident_id";
    /// The kind of a passport.
    pub const PASSPORT: &str = "passport";

    /// Parses `number` as a document of `kind`.
    pub fn parse(kind: &str, number: &str) -> Result<Self, DocumentError> {
        match kind {
            Self::RESIDENT_ID => Ok(Self::ResidentId(number.parse()?)),
            Self::PASSPORT => Ok(Self::Passport(number.parse()?)),
            _ => Ok(Self::Other(OtherDocument::parse(kind, number)?)),
        }
    }

    /// `resident_id`, `passport` or the other document's kind.
    pub fn kind(&self) -> &str {
        match self {
            Self::ResidentId(_) => Self::RESIDENT_ID,
            Self::Passport(_) => Self::PASSPORT,
            Self::Other(other) => &other.kind,
        }
    }

    /// The number in canonical form.
    pub fn number(&self) -> &str {
        match self {
            Self::ResidentId(id) => id.as_str(),
            Self::Passport(number) => number.as_str(),
            Self::Other(other) => &other.number,
        }
    }

    /// The number as lists show it.
    pub fn masked(&self) -> String {
        match self {
            Self::ResidentId(id) => id.masked(),
            Self::Passport(number) => number.masked(),
            Self::Other(other) => {
                let quarter = other.number.chars().count() / 4;
                mask(&other.number, quarter.min(1), quarter.min(2))
            }
        }
    }
}

impl OtherDocument {
    fn parse(kind: &str, number: &str) -> Result<Self, DocumentError> {
        let word = kind
            .bytes()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'));
        if kind.is_empty() || kind.len() > 32 || !word {
            return Err(DocumentError::Kind);
        }
        let number: String = canonical(number).filter(|c| *c != ' ').take(64).collect();
        let found = number.chars().count();
        let fits = number.chars().all(|c| c.is_alphanumeric() || c == '-');
        if !(1..=32).contains(&found) || !fits {
            return Err(DocumentError::Number { found });
        }
        Ok(Self {
            kind: kind.to_owned(),
            number,
        })
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({}, {})", self.kind(), self.masked())
    }
}

impl fmt::Debug for OtherDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OtherDocument({})", self.kind)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    kind: String,
    number: String,
}

impl TryFrom<Parts> for Document {
    type Error = DocumentError;

    fn try_from(parts: Parts) -> Result<Self, Self::Error> {
        Self::parse(&parts.kind, &parts.number)
    }
}

impl From<Document> for Parts {
    fn from(document: Document) -> Self {
        Self {
            kind: document.kind().to_owned(),
            number: document.number().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_keeps_kind_and_canonical_number() {
        for (kind, number, canonical) in [
            ("resident_id", "11010519491231002x", "11010519491231002X"),
            ("passport", "e12345678", "E12345678"),
            ("taiwan_permit", "0123 4567", "01234567"),
            ("military", "军字第1234号", "军字第1234号"),
        ] {
            let document = Document::parse(kind, number).unwrap();
            assert_eq!((document.kind(), document.number()), (kind, canonical));
            let json = serde_json::to_string(&document).unwrap();
            assert_eq!(serde_json::from_str::<Document>(&json).unwrap(), document);
            assert!(!format!("{document:?}").contains(canonical));
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        assert_eq!(Document::parse("Permit!", "1"), Err(DocumentError::Kind));
        assert_eq!(
            Document::parse("permit", " "),
            Err(DocumentError::Number { found: 0 })
        );
        assert!(matches!(
            Document::parse("permit", "1; DROP TABLE people"),
            Err(DocumentError::Number { .. })
        ));
        assert_eq!(
            Document::parse("resident_id", "110105194912310021"),
            Err(DocumentError::ResidentId(ResidentIdError::Check))
        );
    }
}
