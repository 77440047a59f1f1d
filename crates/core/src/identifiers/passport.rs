//! The number of a passport, as printed.

use std::str::FromStr;

use super::{canonical, identifier, mask};

/// A passport number: 5 to 15 letters and digits, at least one of them a digit.
///
/// It has no check of its own; where the machine readable zone is at hand, use
/// [`Mrz`](super::Mrz), which does.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PassportNumber(String);

/// Text that is no passport number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a passport number has 5 to 15 letters A-Z and digits, at least one digit; this has {found} characters or others among them"
)]
pub struct PassportNumberError {
    /// Characters found, without spaces and hyphens.
    pub found: usize,
}

impl PassportNumber {
    /// The number in canonical form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// First and last two characters; the others as stars.
    pub fn masked(&self) -> String {
        mask(&self.0, 1, 2)
    }
}

impl FromStr for PassportNumber {
    type Err = PassportNumberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number: String = canonical(text)
            .filter(|c| !matches!(c, ' ' | '-'))
            .take(64)
            .collect();
        let found = number.chars().count();
        let fits = (5..=15).contains(&found)
            && number.bytes().all(|b| b.is_ascii_alphanumeric())
            && number.bytes().any(|b| b.is_ascii_digit());
        if fits {
            Ok(Self(number))
        } else {
            Err(PassportNumberError { found })
        }
    }
}

identifier!(PassportNumber, PassportNumberError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_normalised() {
        let number: PassportNumber = " e1234-5678 ".parse().unwrap();
        assert_eq!(number.to_string(), "E12345678");
        assert_eq!(format!("{number:?}"), "PassportNumber(E******78)");
        assert_eq!(
            "Ｅ１２３４５６７８".parse::<PassportNumber>().unwrap(),
            number
        );
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in [
            "",
            "E123",
            "ABCDEFGH",
            "E1234567890123456",
            "护照12345",
            "E12345;67",
        ] {
            assert!(text.parse::<PassportNumber>().is_err(), "{text}");
        }
    }
}
