//! Presets: small TOML files that say which column of a source feeds which field, and what its
//! words mean.
//!
//! ```toml
//! title = { en = "Line list of our hospital", zh = "本院病例一览表" }
//! kind = "linelist"                     # or "arrivals", "households", "contacts", "relationships",
//!                                       # "followups", "labresults"; a line list, if left out
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
//! classification = "confirmed"          # where the cell is empty or the column not there;
//!                                       # also mode and document_kind of lists of arrivals
//!
//! [areas]                               # their place = our area code
//! "Shanghai" = "310000"
//!
//! [countries]                           # their place = a country's two letters (ISO 3166)
//! "日本" = "JP"
//! ```
//!
//! Headers and words are compared without regard to case and surrounding space.

mod error;
mod field;
mod places;
mod words;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use lianfang_core::areas::AreaCode;
use lianfang_core::cases::{Classification, Origin, Outcome, Pregnancy, Severity};
use lianfang_core::contacts::RiskJudged;
use lianfang_core::entry::Mode;
use lianfang_core::households::Dwelling;
use lianfang_core::people::Sex;
use lianfang_core::text::Text;
use serde::Deserialize;

use crate::dates::DateForm;
use crate::report::Kind;
pub use error::PresetError;
pub use field::Field;
pub(crate) use field::{Binding, Columns};
use places::Places;
use words::Lists;
pub(crate) use words::{ContactWords, Meaning, Words, normalise};

/// Bytes that a preset file may have.
const LIMIT: u64 = 256 << 10;

/// Presets that ship: name and text.
const BUILT_IN: [(&str, &str); 18] = [
    ("generic", include_str!("../../../presets/generic.toml")),
    (
        "generic-zh",
        include_str!("../../../presets/generic-zh.toml"),
    ),
    ("godata", include_str!("../../../presets/godata.toml")),
    ("h7n9", include_str!("../../../presets/h7n9.toml")),
    ("arrivals", include_str!("../../../presets/arrivals.toml")),
    ("airline", include_str!("../../../presets/airline.toml")),
    ("railway", include_str!("../../../presets/railway.toml")),
    ("border", include_str!("../../../presets/border.toml")),
    ("telecom", include_str!("../../../presets/telecom.toml")),
    (
        "households",
        include_str!("../../../presets/households.toml"),
    ),
    ("contacts", include_str!("../../../presets/contacts.toml")),
    (
        "relationships",
        include_str!("../../../presets/relationships.toml"),
    ),
    ("followups", include_str!("../../../presets/followups.toml")),
    (
        "labresults",
        include_str!("../../../presets/labresults.toml"),
    ),
    (
        "godata-contacts",
        include_str!("../../../presets/godata-contacts.toml"),
    ),
    (
        "godata-relationships",
        include_str!("../../../presets/godata-relationships.toml"),
    ),
    (
        "godata-followups",
        include_str!("../../../presets/godata-followups.toml"),
    ),
    (
        "godata-labresults",
        include_str!("../../../presets/godata-labresults.toml"),
    ),
];

/// Which columns of a file feed which fields, and what its words mean.
#[derive(Debug, Clone)]
pub struct Preset {
    name: String,
    kind: Kind,
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
    pub(crate) mode: Words<Mode>,
    pub(crate) dwelling: Words<Dwelling>,
    pub(crate) pregnancy: Words<Pregnancy>,
    pub(crate) risk: Words<RiskJudged>,
    pub(crate) yes_no: Words<bool>,
    pub(crate) contact: ContactWords,
    pub(crate) defaults: Defaults,
    pub(crate) areas: HashMap<String, AreaCode>,
    pub(crate) countries: HashMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: Text,
    #[serde(default = "line_list")]
    kind: Kind,
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
    #[serde(default)]
    countries: BTreeMap<String, String>,
}

fn line_list() -> Kind {
    Kind::Linelist
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
    mode: BTreeMap<Mode, Vec<String>>,
    dwelling: BTreeMap<Dwelling, Vec<String>>,
    pregnancy: BTreeMap<Pregnancy, Vec<String>>,
    risk: BTreeMap<RiskJudged, Vec<String>>,
    yes_no: words::YesOrNo,
    contact: words::ContactLists,
}

/// What stands where the cell is empty or the column not there.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Defaults {
    pub(crate) classification: Option<Classification>,
    pub(crate) mode: Option<Mode>,
    pub(crate) document_kind: Option<String>,
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

    /// The preset that ships for a kind of file under a name that several kinds share: `godata` for contacts is
    /// `godata-contacts`, and of contacts and what belongs to them `generic` is the kind's own.
    pub fn built_in_for(name: &str, kind: Kind) -> Result<Self, PresetError> {
        let own = format!("{name}-{}", kind.word());
        let of_contacts = matches!(
            kind,
            Kind::Contacts | Kind::Relationships | Kind::FollowUps | Kind::LabResults
        );
        if name == "generic" && of_contacts {
            Self::built_in(kind.word())
        } else if Self::names().any(|known| known == own) {
            Self::built_in(&own)
        } else {
            Self::built_in(name)
        }
    }

    /// [`Preset::built_in_for`], or the file at a path that ends in `.toml`.
    pub fn find_for(name_or_path: &str, kind: Kind) -> Result<Self, PresetError> {
        match Self::find(name_or_path) {
            Ok(preset) if preset.kind() == kind => Ok(preset),
            Err(PresetError::Unknown { .. }) => Self::built_in_for(name_or_path, kind),
            Ok(preset) if Self::names().any(|known| known == preset.name()) => {
                Self::built_in_for(name_or_path, kind)
            }
            found => found,
        }
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
        if !file.kind.has_presets() {
            return Err(PresetError::NoPreset);
        }
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
        let places = Places::of(file.kind, file.areas, file.countries)?;
        Ok(Self {
            name: name.to_owned(),
            kind: file.kind,
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
            mode: words::of_words("mode", file.values.mode)?,
            dwelling: words::of_words("dwelling", file.values.dwelling)?,
            pregnancy: words::of_words("pregnancy", file.values.pregnancy)?,
            risk: words::of_words("risk", file.values.risk)?,
            yes_no: words::yes_or_no(file.values.yes_no)?,
            contact: file.values.contact.words()?,
            defaults: file.defaults,
            areas: places.areas,
            countries: places.countries,
        })
    }

    /// The preset for line lists that ships and finds most of its columns in this header; `generic` where several do.
    pub fn recognised(header: &[String]) -> Result<Self, PresetError> {
        let mut best: Option<(usize, Self)> = None;
        for name in Self::names() {
            let mut preset = Self::built_in(name)?;
            let required = std::mem::take(&mut preset.required);
            let found = preset.bind(header).map_or(0, |binding| binding.found());
            preset.required = required;
            if preset.kind == Kind::Linelist && best.as_ref().is_none_or(|(most, _)| found > *most)
            {
                best = Some((found, preset));
            }
        }
        best.map_or_else(|| Self::built_in(BUILT_IN[0].0), |(_, preset)| Ok(preset))
    }

    /// The same preset for whoever needs these fields alone: other columns are not read, so that nothing in them has a row
    /// refused, and of these only `required` must be there. A row that says nothing of its classification is `classification`.
    #[must_use]
    pub fn only(
        mut self,
        fields: &[Field],
        required: &[Field],
        classification: Classification,
    ) -> Self {
        self.columns.retain(|field, _| fields.contains(field));
        self.required = required.to_vec();
        self.defaults.classification = Some(classification);
        self
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What kind of file it reads.
    pub fn kind(&self) -> Kind {
        self.kind
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
