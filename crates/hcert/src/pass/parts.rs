//! The parts of a pass, each of a type that cannot say more than it should.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The colour of a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Colour {
    /// May pass.
    Green,
    /// Is to stay at home for a time.
    Yellow,
    /// Is in quarantine or isolation.
    Red,
}

/// The word that stands in answers.
impl std::fmt::Display for Colour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Green => "green",
            Self::Yellow => "yellow",
            Self::Red => "red",
        })
    }
}

impl Colour {
    pub(super) fn number(self) -> i64 {
        match self {
            Self::Green => 0,
            Self::Yellow => 1,
            Self::Red => 2,
        }
    }

    pub(super) fn from_number(number: i64) -> Option<Self> {
        [Self::Green, Self::Yellow, Self::Red]
            .into_iter()
            .find(|colour| colour.number() == number)
    }
}

/// Why text is no part of a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PartError {
    /// No issuer.
    #[error(
        "an issuer has 1 to 64 characters of A-Z, a-z, 0-9, point, hyphen, underscore and colon"
    )]
    Issuer,
    /// No mark of a name.
    #[error("of a name a pass shows one or two characters: letters, or * for one that is left out")]
    Name,
    /// No last digits.
    #[error("a pass shows 1 to 4 last digits; the very last may be X")]
    Digits,
    /// No id.
    #[error("a pass id has 32 hexadecimal digits")]
    Id,
}

/// Who issues passes: an area's code, or a name agreed upon. 1 to 64 characters of `A-Z`, `a-z`,
/// `0-9` and `.-_:`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Issuer(String);

/// One or two characters of a name, as `*芳`.
#[derive(Clone, PartialEq, Eq)]
pub struct NameMark(String);

/// One to four last digits of a document or phone, as `028X`.
#[derive(Clone, PartialEq, Eq)]
pub struct LastDigits(String);

/// A pass's id: 16 random bytes; in text 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PassId(pub [u8; 16]);

impl Issuer {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl NameMark {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl LastDigits {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Issuer {
    type Err = PartError;

    fn from_str(text: &str) -> Result<Self, PartError> {
        let fits = |b: u8| b.is_ascii_alphanumeric() || b".-_:".contains(&b);
        if (1..=64).contains(&text.len()) && text.bytes().all(fits) {
            Ok(Self(text.to_owned()))
        } else {
            Err(PartError::Issuer)
        }
    }
}

impl FromStr for NameMark {
    type Err = PartError;

    fn from_str(text: &str) -> Result<Self, PartError> {
        let fits = |c: char| c.is_alphabetic() || c == '*';
        if (1..=2).contains(&text.chars().count()) && text.chars().all(fits) {
            Ok(Self(text.to_owned()))
        } else {
            Err(PartError::Name)
        }
    }
}

impl FromStr for LastDigits {
    type Err = PartError;

    fn from_str(text: &str) -> Result<Self, PartError> {
        let digits = text.strip_suffix('X').unwrap_or(text);
        if (1..=4).contains(&text.len()) && digits.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(PartError::Digits)
        }
    }
}

impl FromStr for PassId {
    type Err = PartError;

    fn from_str(text: &str) -> Result<Self, PartError> {
        let hexadecimal = text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
        u128::from_str_radix(text, 16)
            .ok()
            .filter(|_| hexadecimal)
            .map(|number| Self(number.to_be_bytes()))
            .ok_or(PartError::Id)
    }
}

impl fmt::Display for PassId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for PassId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PassId({self})")
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Issuer({self})")
    }
}

impl fmt::Debug for NameMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NameMark(…)")
    }
}

impl fmt::Debug for LastDigits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LastDigits(…)")
    }
}

impl TryFrom<String> for Issuer {
    type Error = PartError;

    fn try_from(text: String) -> Result<Self, PartError> {
        text.parse()
    }
}

impl TryFrom<String> for PassId {
    type Error = PartError;

    fn try_from(text: String) -> Result<Self, PartError> {
        text.parse()
    }
}

impl From<Issuer> for String {
    fn from(issuer: Issuer) -> Self {
        issuer.0
    }
}

impl From<PassId> for String {
    fn from(id: PassId) -> Self {
        id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_cannot_say_more() {
        for text in ["", "张三丰", "张1", "张 ", "1", "张\u{0}"] {
            assert_eq!(text.parse::<NameMark>(), Err(PartError::Name));
        }
        for text in ["", "12345", "X123", "12x", "１２", "XX"] {
            assert_eq!(text.parse::<LastDigits>(), Err(PartError::Digits));
        }
        for text in ["", "绍兴", "330600 ", &"3".repeat(65)] {
            assert_eq!(text.parse::<Issuer>(), Err(PartError::Issuer));
        }
        assert_eq!("*芳".parse::<NameMark>().unwrap().as_str(), "*芳");
        assert_eq!("028X".parse::<LastDigits>().unwrap().as_str(), "028X");
    }

    #[test]
    fn ids_read_back() {
        let id = PassId([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255]);
        assert_eq!(id.to_string(), "000102030405060708090a0b0c0d0eff");
        assert_eq!(id.to_string().parse(), Ok(id));
        for text in ["", "+00102030405060708090a0b0c0d0eff", "00"] {
            assert_eq!(text.parse::<PassId>(), Err(PartError::Id));
        }
    }
}
