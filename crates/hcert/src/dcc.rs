//! What a health certificate certifies: the payload of the EU Digital COVID Certificate, by its JSON
//! schema (`DCC.combined-schema.json`), versions 1.0.0 to 1.3.2.
//!
//! Where versions differ, what any of them takes is taken (texts of 80 characters, not 50; one of two
//! names in capitals; no testing centre), except that there is exactly one entry of one group, as
//! from 1.3.0. Fields that the schema
//! does not know are passed over. Codes are not looked up in the value sets.

mod entries;
mod fields;

use std::fmt;

use ciborium::Value;
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

pub use entries::{Recovery, Test, Vaccination};

use crate::cbor::{self, CborError};
use fields::Fields;

/// Why a payload does not adhere to the schema. The field is named, its value never.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// No CBOR.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// A field is missing.
    #[error("{field} is missing")]
    Missing {
        /// The field, with the group it stands in.
        field: &'static str,
    },
    /// A field has another form.
    #[error("{field} must be {expected}")]
    Form {
        /// The field, with the group it stands in.
        field: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// No entry, or more than one.
    #[error(
        "a certificate has exactly one entry, in v (vaccination), t (test) or r (recovery); this has {found}"
    )]
    Entries {
        /// Entries found, in all groups.
        found: usize,
    },
}

/// What is certified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A vaccination.
    Vaccination,
    /// A test.
    Test,
    /// A recovery.
    Recovery,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Vaccination => "vaccination",
            Self::Test => "test",
            Self::Recovery => "recovery",
        })
    }
}

/// The one entry.
#[derive(Clone, PartialEq, Eq)]
pub enum Entry {
    /// Group `v`.
    Vaccination(Vaccination),
    /// Group `t`.
    Test(Test),
    /// Group `r`.
    Recovery(Recovery),
}

/// `nam`: the person's name.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct PersonName {
    /// `fn`.
    #[serde(rename = "fn", skip_serializing_if = "Option::is_none")]
    pub surname: Option<String>,
    /// `fnt`: as in ICAO Doc 9303, A to Z and `<`; this or the forename is there.
    #[serde(rename = "fnt", skip_serializing_if = "Option::is_none")]
    pub standardised_surname: Option<String>,
    /// `gn`.
    #[serde(rename = "gn", skip_serializing_if = "Option::is_none")]
    pub forename: Option<String>,
    /// `gnt`: as in ICAO Doc 9303, A to Z and `<`.
    #[serde(rename = "gnt", skip_serializing_if = "Option::is_none")]
    pub standardised_forename: Option<String>,
}

/// A payload that adheres to the schema. Serialised, it has the schema's own form and keys.
#[derive(Clone, PartialEq, Eq)]
pub struct HealthCertificate {
    /// `ver`: version of the schema.
    pub version: String,
    /// `nam`.
    pub name: PersonName,
    /// `dob`: a date, a year and month, a year, or empty.
    pub date_of_birth: String,
    /// The entry.
    pub entry: Entry,
}

impl HealthCertificate {
    /// Reads the payload, alone, in CBOR.
    pub fn from_cbor(bytes: &[u8]) -> Result<Self, SchemaError> {
        Self::from_value(&cbor::parse(bytes)?)
    }

    pub(crate) fn from_value(value: &Value) -> Result<Self, SchemaError> {
        let fields = Fields::of("the payload", value)?;
        let (version, date_of_birth) = (fields.version("ver")?, fields.birth_date("dob")?);
        Ok(Self {
            version,
            date_of_birth,
            name: PersonName::from_value(fields.value("nam")?)?,
            entry: entry(&fields)?,
        })
    }

    /// What it certifies.
    pub fn kind(&self) -> Kind {
        match self.entry {
            Entry::Vaccination(_) => Kind::Vaccination,
            Entry::Test(_) => Kind::Test,
            Entry::Recovery(_) => Kind::Recovery,
        }
    }
}

impl PersonName {
    fn from_value(value: &Value) -> Result<Self, SchemaError> {
        let fields = Fields::of("nam", value)?;
        let name = Self {
            surname: fields.optional("nam.fn")?,
            standardised_surname: fields.transliterated("nam.fnt")?,
            forename: fields.optional("nam.gn")?,
            standardised_forename: fields.transliterated("nam.gnt")?,
        };
        if name.standardised_surname.is_none() && name.standardised_forename.is_none() {
            return Err(SchemaError::Missing {
                field: "nam.fnt or nam.gnt",
            });
        }
        Ok(name)
    }
}

fn entry(fields: &Fields<'_>) -> Result<Entry, SchemaError> {
    let groups = [fields.group("v")?, fields.group("t")?, fields.group("r")?];
    match groups {
        [[vaccination], [], []] => Vaccination::from_value(vaccination).map(Entry::Vaccination),
        [[], [test], []] => Test::from_value(test).map(Entry::Test),
        [[], [], [recovery]] => Recovery::from_value(recovery).map(Entry::Recovery),
        groups => Err(SchemaError::Entries {
            found: groups.iter().map(|group| group.len()).sum(),
        }),
    }
}

impl Serialize for HealthCertificate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("ver", &self.version)?;
        map.serialize_entry("nam", &self.name)?;
        map.serialize_entry("dob", &self.date_of_birth)?;
        match &self.entry {
            Entry::Vaccination(entry) => map.serialize_entry("v", &[entry])?,
            Entry::Test(entry) => map.serialize_entry("t", &[entry])?,
            Entry::Recovery(entry) => map.serialize_entry("r", &[entry])?,
        }
        map.end()
    }
}

/// Without what it says about the person.
impl fmt::Debug for HealthCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HealthCertificate({})", self.kind())
    }
}

impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonName(…)")
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Vaccination(_) => "Vaccination(…)",
            Self::Test(_) => "Test(…)",
            Self::Recovery(_) => "Recovery(…)",
        })
    }
}
