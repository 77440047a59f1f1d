//! Presets: small TOML files that say which column of a source feeds which field, and what its
//! words mean.
//!
//! ```toml
//! title = { en = "Line list of our hospital", zh = "本院病例一览表" }
//! required = ["classification"]         # fields whose column must be there
//! missing = ["NA", "-"]                 # cells that mean "not known", besides the empty one
//! date_forms = ["iso", "dmy_dots"]      # all unmistakable forms, if left out
//!
//! [columns]                             # field = headers; the first that is there counts
//! onset = ["First symptoms", "Onset"]
//!
//! [joined]                              # field = several columns together
//! name = { columns = ["First name", "Last name"], separator = " " }
//!
//! [values.classification]               # word of ours = words of theirs
//! confirmed = ["POS"]
//! missing = ["?"]
//!
//! [defaults]
//! classification = "confirmed"          # where the cell is empty or the column not there
//!
//! [areas]                               # their place = our area code
//! "Shanghai" = "310000"
//! ```
//!
//! Headers and words are compared without regard to case and surrounding space.

mod field;
mod words;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use lianfang_core::areas::AreaCode;
use lianfang_core::cases::{Classification, Origin, Outcome, Severity};
use lianfang_core::people::Sex;
use lianfang_core::text::Text;
use serde::Deserialize;

use crate::dates::DateForm;
pub use field::Field;
pub(crate) use field::{Binding, Columns};
use words::Lists;
pub(crate) use words::{Meaning, Words, normalise};

/// Bytes that a preset file may have.
const LIMIT: u64 = 256 << 10;

/// Presets that ship: name and text.
const BUILT_IN: [(&str, &str); 4] = [
    ("generic", include_str!("../../../presets/generic.toml")),
    (
        "generic-zh",
        include_str!("../../../presets/generic-zh.toml"),
    ),
    ("godata", include_str!("../../../presets/godata.toml")),
    ("h7n9", include_str!("../../../presets/h7n9.toml")),
];

/// Which columns of a line list feed which fields, and what its words mean.
#[derive(Debug, Clone)]
pub struct Preset {
    name: String,
    title: Text,
    required: Vec<Field>,
    columns: BTreeMap<Field, Columns>,
    missing: HashSet<String>,
    pub(crate) date_forms: Vec<DateForm>,
    pub(crate) accepted_dates: String,
    pub(crate) sex: Words<Sex>,
    pub(crate) classification: Words<Classification>,
    pub(crate) severity: Words<Severity>,
    pub(crate) outcome: Words<Outcome>,
    pub(crate) origin: Words<Origin>,
    pub(crate) document_kind: Words<String>,
    pub(crate) default_classification: Option<Classification>,
    pub(crate) areas: HashMap<String, AreaCode>,
}

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
    /// A field fed in two ways.
    #[error("the preset has {field} under both [columns] and [joined]")]
    Twice {
        /// The field.
        field: &'static str,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: Text,
    #[serde(default)]
    required: Vec<Field>,
    #[serde(default)]
    missing: Vec<String>,
    date_forms: Option<Vec<DateForm>>,
    columns: BTreeMap<Field, Vec<String>>,
    #[serde(default)]
    joined: BTreeMap<Field, Joined>,
    #[serde(default)]
    values: Values,
    #[serde(default)]
    defaults: Defaults,
    #[serde(default)]
    areas: BTreeMap<String, AreaCode>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Joined {
    columns: Vec<String>,
    #[serde(default)]
    separator: String,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Values {
    sex: words::SexLists,
    classification: words::ClassificationLists,
    severity: words::SeverityLists,
    outcome: words::OutcomeLists,
    origin: words::OriginLists,
    document_kind: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Defaults {
    classification: Option<Classification>,
}

impl Preset {
    /// Names of the presets that ship.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// The preset of that name, which ships.
    pub fn built_in(name: &str) -> Result<Self, PresetError> {
        let (name, text) = BUILT_IN
            .iter()
            .find(|(known, _)| *known == name)
            .ok_or_else(|| PresetError::Unknown {
                accepted: Self::names().collect::<Vec<_>>().join(", "),
            })?;
        Self::parse(name, text)
    }

    /// A preset that ships, by name, or the file at a path that ends in `.toml`.
    pub fn find(name_or_path: &str) -> Result<Self, PresetError> {
        let path = Path::new(name_or_path);
        if path
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("toml"))
        {
            Self::load(path)
        } else {
            Self::built_in(name_or_path)
        }
    }

    /// Reads a preset file; its name is that of the file.
    pub fn load(path: &Path) -> Result<Self, PresetError> {
        if std::fs::metadata(path)?.len() > LIMIT {
            return Err(PresetError::TooLarge);
        }
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        Self::parse(&name, &std::fs::read_to_string(path)?)
    }

    /// Reads a preset's text.
    pub fn parse(name: &str, text: &str) -> Result<Self, PresetError> {
        if text.len() as u64 > LIMIT {
            return Err(PresetError::TooLarge);
        }
        let file: File = toml::from_str(text).map_err(|error| PresetError::Form {
            line: error.span().map_or(1, |span| {
                1 + text[..span.start.min(text.len())].matches('\n').count()
            }),
            message: error.message().to_owned(),
        })?;
        Self::build(name, file)
    }

    fn build(name: &str, file: File) -> Result<Self, PresetError> {
        let mut columns: BTreeMap<Field, Columns> = file
            .columns
            .into_iter()
            .map(|(field, aliases)| (field, Columns::FirstOf(aliases)))
            .collect();
        for (field, joined) in file.joined {
            let joined = Columns::Joined {
                columns: joined.columns,
                separator: joined.separator,
            };
            if columns.insert(field, joined).is_some() {
                return Err(PresetError::Twice {
                    field: field.word(),
                });
            }
        }
        let date_forms = file
            .date_forms
            .unwrap_or_else(|| DateForm::UNMISTAKABLE.to_vec());
        let examples: Vec<&str> = date_forms.iter().map(|form| form.example()).collect();
        let kinds = file.values.document_kind;
        Ok(Self {
            name: name.to_owned(),
            title: file.title,
            required: file.required,
            columns,
            missing: file.missing.iter().map(|word| normalise(word)).collect(),
            accepted_dates: examples.join(", "),
            date_forms,
            sex: file.values.sex.words("sex")?,
            classification: file.values.classification.words("classification")?,
            severity: file.values.severity.words("severity")?,
            outcome: file.values.outcome.words("outcome")?,
            origin: file.values.origin.words("origin")?,
            document_kind: words::document_kinds(kinds)?,
            default_classification: file.defaults.classification,
            areas: file
                .areas
                .into_iter()
                .map(|(place, code)| (normalise(&place), code))
                .collect(),
        })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is for.
    pub fn title(&self) -> &Text {
        &self.title
    }

    /// Whether a cell's text means that nothing is known.
    pub(crate) fn is_missing(&self, text: &str) -> bool {
        text.is_empty()
            || (text.len() <= 32
                && !self.missing.is_empty()
                && self.missing.contains(&normalise(text)))
    }

    /// Finds the columns in a file's header.
    pub(crate) fn bind(&self, header: &[String]) -> Result<Binding, crate::FileError> {
        Binding::new(&self.columns, &self.required, header)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HEAD: &str = "title = { en = \"a\", zh = \"b\" }\n";

    fn error(rest: &str) -> String {
        Preset::parse("mine", &format!("{HEAD}{rest}"))
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn those_that_ship_are_sound() {
        for name in Preset::names() {
            let preset = Preset::built_in(name).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert_eq!(preset.name(), name);
            assert!(!preset.title().zh.is_empty());
        }
        assert!(
            Preset::find("nowhere")
                .unwrap_err()
                .to_string()
                .contains("godata")
        );
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        insta::assert_snapshot!(
            [
                error("colums = 1\n"),
                error("[columns]\nonset = [\"x\"]\nonsett = [\"y\"]\n"),
                error("[columns]\n[values.sex]\nman = [\"M\"]\n"),
                error("[columns]\n[areas]\n\"Atlantis\" = \"0101\"\n"),
                error("date_forms = [\"dmy\"]\n[columns]\n"),
                error("[columns]\n[values.sex]\nmale = [\"x\"]\nfemale = [\"X\"]\n"),
                error("[columns]\nname = [\"a\"]\n[joined]\nname = { columns = [\"b\"] }\n"),
                error("[columns]\n[values.document_kind]\n\"My Permit\" = [\"P\"]\n"),
                error("[columns\n"),
            ]
            .join("\n")
        );
    }

    #[test]
    fn a_file_is_found_by_its_ending() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ours.toml");
        std::fs::write(&path, format!("{HEAD}[columns]\n")).unwrap();
        assert_eq!(Preset::find(path.to_str().unwrap()).unwrap().name(), "ours");
        std::fs::write(&path, "#".repeat(LIMIT as usize + 1)).unwrap();
        assert!(matches!(Preset::load(&path), Err(PresetError::TooLarge)));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[a-z\\[\\]=\"{}., \n#]{0,200}") {
            let _ = Preset::parse("x", &text);
            let _ = Preset::parse("x", &format!("{HEAD}{text}"));
        }
    }
}
