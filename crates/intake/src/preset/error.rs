//! Why a preset cannot be used.

use super::LIMIT;

/// Why a preset cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PresetError {
    /// No preset of that name ships.
    #[error(
        "there is no preset of that name; there are: {accepted}; or name a file ending in .toml"
    )]
    Unknown {
        /// Presets that ship.
        accepted: String,
    },
    /// The file could not be read.
    #[error("the preset could not be read: {0}")]
    Read(#[from] std::io::Error),
    /// Larger than 256 KiB.
    #[error("a preset has at most {LIMIT} bytes")]
    TooLarge,
    /// Not TOML, an unknown key, or a value of another form.
    #[error("line {line} of the preset: {message}")]
    Form {
        /// The line, from 1.
        line: usize,
        /// What is wrong there and what would be accepted.
        message: String,
    },
    /// One word with two meanings.
    #[error("the preset gives the word {word} of {field} two meanings")]
    Contradiction {
        /// The field.
        field: &'static str,
        /// The word.
        word: String,
    },
    /// A kind of document that is no word.
    #[error(
        "a kind of document in the preset is a word of at most 32 characters of a-z, 0-9 and _"
    )]
    Kind,
    /// A country that is not two letters.
    #[error("a country in the preset is its two letters by ISO 3166, such as JP")]
    Country,
    /// A kind of file that needs no preset.
    #[error(
        "a preset reads linelist, arrivals or households; files of the other kinds have one form"
    )]
    NoPreset,
    /// A field fed in two ways.
    #[error("the preset has {field} under both [columns] and [joined]")]
    Twice {
        /// The field.
        field: &'static str,
    },
}
