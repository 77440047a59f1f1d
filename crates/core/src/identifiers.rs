//! Identifiers that people and organisations carry, each with the check of its standard.
//!
//! Text is parsed at the door into its canonical form: full-width characters become ASCII,
//! letters upper case. Printing an identifier with `{}` gives it whole, for those who may store
//! it; `{:?}` and `masked()` never do, and no error repeats what was typed.
//!
//! ```
//! use lianfang_core::identifiers::ResidentId;
//! let id: ResidentId = "11010519491231002x".parse().unwrap();
//! assert_eq!(id.to_string(), "11010519491231002X");
//! assert_eq!(format!("{id:?}"), "ResidentId(11**************2X)");
//! assert!("110105194912310021".parse::<ResidentId>().is_err());
//! ```

mod document;
mod mrz;
mod passport;
mod phone;
mod resident_id;
mod social_credit;

pub use document::{Document, DocumentError, OtherDocument};
pub use mrz::{Mrz, MrzError, MrzField, MrzFormat};
pub use passport::{PassportNumber, PassportNumberError};
pub use phone::{Phone, PhoneError};
pub use resident_id::{ResidentId, ResidentIdError};
pub use social_credit::{UnifiedSocialCreditCode, UnifiedSocialCreditCodeError};

/// Trims, turns full-width forms (U+FF01 to U+FF5E) into ASCII, and letters to upper case.
fn canonical(text: &str) -> impl Iterator<Item = char> {
    text.trim().chars().map(|c| {
        let half = match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            other => other,
        };
        half.to_ascii_uppercase()
    })
}

/// Keeps `head` and `tail` characters and puts stars for those between.
fn mask(text: &str, head: usize, tail: usize) -> String {
    let length = text.chars().count();
    text.chars()
        .enumerate()
        .map(|(i, c)| {
            if i < head || i + tail >= length {
                c
            } else {
                '*'
            }
        })
        .collect()
}

/// What every identifier of one piece of text has: conversion from owned text, text in serde,
/// and a `Debug` that masks.
macro_rules! identifier {
    ($name:ident, $error:ident) => {
        impl TryFrom<String> for $name {
            type Error = $error;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.masked())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'_, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
use identifier;
