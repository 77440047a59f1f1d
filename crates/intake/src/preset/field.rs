//! The fields of the files that presets read, and where a file's header has them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Preset, normalise};
use crate::error::FileError;
use crate::table::RawRow;

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident = $word:literal),+ $(,)?) => {
        /// A field of a file read by a preset; the names are those of the data dictionary.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Field { $($(#[$doc])* $name),+ }

        impl Field {
            /// All of them, in order.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// Its name.
            pub fn word(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }
        }
    };
}

fields! {
    /// The number under which the reporting institution knows the case.
    ExternalId = "external_id",
    /// The number by which people call it.
    VisualId = "visual_id",
    /// Full name.
    Name = "name",
    /// Sex.
    Sex = "sex",
    /// Age in years.
    Age = "age",
    /// Resident identity number.
    ResidentId = "resident_id",
    /// Passport number.
    Passport = "passport",
    /// Kind of the document in `document_number`.
    DocumentKind = "document_kind",
    /// Number of a document of any kind.
    DocumentNumber = "document_number",
    /// Phone.
    Phone = "phone",
    /// Address in words.
    Address = "address",
    /// Area code, or a place that the preset knows the code of.
    Area = "area",
    /// Place as the source writes it.
    Place = "place",
    /// Last exposure or infection.
    Exposed = "exposed",
    /// First symptoms.
    Onset = "onset",
    /// First positive sample.
    Sampled = "sampled",
    /// Diagnosis.
    Diagnosed = "diagnosed",
    /// Report.
    Reported = "reported",
    /// Admission to hospital.
    Hospitalised = "hospitalised",
    /// Classification.
    Classification = "classification",
    /// Severity.
    Severity = "severity",
    /// Outcome.
    Outcome = "outcome",
    /// Day of the outcome.
    OutcomeDate = "outcome_date",
    /// Imported or local.
    Origin = "origin",
    /// Where from.
    ImportedFrom = "imported_from",
    /// Cluster.
    Cluster = "cluster",
    /// Whether the day of first symptoms is a guess.
    OnsetApproximate = "onset_approximate",
    /// The institution that reported it.
    ReportedBy = "reported_by",
    /// Isolation began.
    Isolated = "isolated",
    /// Isolation ended.
    IsolationEnded = "isolation_ended",
    /// Where isolated.
    IsolationPlace = "isolation_place",
    /// The hospital.
    Hospital = "hospital",
    /// Discharge from hospital.
    Discharged = "discharged",
    /// Whether the person was a contact before.
    WasContact = "was_contact",
    /// The day on which a contact became a case.
    BecameCase = "became_case",
    /// Last contact with a case.
    LastContact = "last_contact",
    /// Begin of the follow-up as a contact.
    FollowedFrom = "followed_from",
    /// End of the follow-up as a contact.
    FollowedUntil = "followed_until",
    /// Whether pregnant.
    Pregnancy = "pregnancy",
    /// Occupation.
    Occupation = "occupation",
    /// How great somebody judged the risk to be.
    Risk = "risk",
    /// Why.
    RiskReason = "risk_reason",
    /// Whether transfer to a hospital was refused.
    TransferRefused = "transfer_refused",
    /// The number of the case that a contact met, or of which a sample is.
    Case = "case",
    /// The number of a contact.
    Contact = "contact",
    /// How far the work has come, or what came of a follow-up.
    Status = "status",
    /// What a meeting makes of somebody.
    Class = "class",
    /// The day of a meeting, the last of several.
    Met = "met",
    /// The first day of several.
    MetFirst = "met_first",
    /// Where two people met.
    Setting = "setting",
    /// By what they met.
    Exposure = "exposure",
    /// How often.
    Frequency = "frequency",
    /// How long.
    Lasting = "lasting",
    /// What they are to each other.
    Relation = "relation",
    /// Whether the day of the meeting is a guess.
    Estimated = "estimated",
    /// How sure it is.
    Certainty = "certainty",
    /// The day of a follow-up.
    Day = "day",
    /// Temperature in degrees Celsius.
    Temperature = "temperature",
    /// Symptoms.
    Symptoms = "symptoms",
    /// The number of a sample at the laboratory.
    SampleNumber = "sample_number",
    /// What a sample is of.
    SampleKind = "sample_kind",
    /// How it is examined.
    TestKind = "test_kind",
    /// Its result.
    Result = "result",
    /// The day of the result.
    ResultDate = "result_date",
    /// The laboratory.
    Laboratory = "laboratory",
    /// The day on which the laboratory had the sample.
    Delivered = "delivered",
    /// Whether the source has deleted the row.
    Deleted = "deleted",
    /// Date of birth.
    Born = "born",
    /// By what somebody travels.
    Mode = "mode",
    /// Flight, train or ship.
    Number = "number",
    /// Seat, with carriage where there is one.
    Seat = "seat",
    /// Where the journey began: an area code, a country's two letters, or a name.
    From = "from",
    /// Stops on the way, in the same forms.
    Stops = "stops",
    /// Day of arrival, perhaps with its time.
    Arrival = "arrival",
    /// Time of arrival, where it has a column of its own.
    ArrivalTime = "arrival_time",
    /// The booking or group of those who travel together.
    Party = "party",
    /// A household's door, in words.
    Door = "door",
    /// What kind of place it is.
    Dwelling = "dwelling",
    /// Its place on the way from door to door.
    Walk = "walk",
    /// People who should be living there.
    People = "people",
}

/// Which columns feed a field.
#[derive(Debug, Clone)]
pub(crate) enum Columns {
    /// The first of these headers that is there.
    FirstOf(Vec<String>),
    /// All of these that are there, together.
    Joined {
        columns: Vec<String>,
        separator: String,
    },
}

/// Where a header has each field.
#[derive(Debug, Clone)]
pub(crate) struct Binding {
    places: Vec<Option<Place>>,
}

#[derive(Debug, Clone)]
struct Place {
    columns: Vec<usize>,
    separator: String,
    header: String,
}

impl Binding {
    pub(super) fn new(
        columns: &BTreeMap<Field, Columns>,
        required: &[Field],
        header: &[String],
    ) -> Result<Self, FileError> {
        let normalised: Vec<String> = header
            .iter()
            .map(|cell| normalise(cell.trim_end_matches(['*', '＊'])))
            .collect();
        let mut places = Vec::with_capacity(Field::ALL.len());
        for field in Field::ALL {
            let place = match columns.get(field) {
                Some(columns) => find(columns, &normalised)?,
                None => None,
            };
            if place.is_none() && required.contains(field) {
                return Err(FileError::MissingColumn {
                    field: field.word().to_owned(),
                    accepted: columns.get(field).map(accepted).unwrap_or_default(),
                });
            }
            places.push(place);
        }
        Ok(Self { places })
    }

    /// How many fields have a column.
    pub(super) fn found(&self) -> usize {
        self.places.iter().flatten().count()
    }

    fn place(&self, field: Field) -> Option<&Place> {
        self.places.get(field as usize)?.as_ref()
    }

    /// The text of a field, trimmed; none where it has no column or the cell says nothing.
    pub(crate) fn text<'a>(
        &self,
        row: &'a RawRow,
        field: Field,
        preset: &Preset,
    ) -> Option<Cow<'a, str>> {
        let place = self.place(field)?;
        if let [column] = place.columns.as_slice() {
            let text = row.cell(*column).trim();
            return (!preset.is_missing(text)).then_some(Cow::Borrowed(text));
        }
        let parts: Vec<&str> = place
            .columns
            .iter()
            .map(|column| row.cell(*column).trim())
            .filter(|text| !preset.is_missing(text))
            .collect();
        (!parts.is_empty()).then(|| Cow::Owned(parts.join(&place.separator)))
    }

    /// The text of a field of one column, trimmed; none where there is no column or the cell is
    /// empty.
    pub(crate) fn present<'a>(&self, row: &'a RawRow, field: Field) -> Option<&'a str> {
        let column = self.place(field)?.columns.first()?;
        Some(row.cell(*column).trim()).filter(|text| !text.is_empty())
    }

    /// Whether the file has a column for a field.
    pub(crate) fn has(&self, field: Field) -> bool {
        self.place(field).is_some()
    }

    /// The header of a field's column, for messages.
    pub(crate) fn header(&self, field: Field) -> Option<&str> {
        self.place(field).map(|place| place.header.as_str())
    }
}

fn find(columns: &Columns, header: &[String]) -> Result<Option<Place>, FileError> {
    let position = |alias: &String| -> Result<Option<usize>, FileError> {
        let wanted = normalise(alias);
        let mut found = header
            .iter()
            .enumerate()
            .filter(|(_, cell)| **cell == wanted);
        let first = found.next().map(|(i, _)| i);
        match found.next() {
            Some(_) => Err(FileError::DuplicateColumn {
                column: alias.clone(),
            }),
            None => Ok(first),
        }
    };
    let (aliases, all, separator) = match columns {
        Columns::FirstOf(aliases) => (aliases, false, ""),
        Columns::Joined { columns, separator } => (columns, true, separator.as_str()),
    };
    let mut place: Option<Place> = None;
    for alias in aliases {
        if let Some(column) = position(alias)? {
            match &mut place {
                None => {
                    place = Some(Place {
                        columns: vec![column],
                        separator: separator.to_owned(),
                        header: alias.clone(),
                    });
                }
                Some(place) => {
                    place.columns.push(column);
                    place.header = format!("{} + {alias}", place.header);
                }
            }
            if !all {
                break;
            }
        }
    }
    Ok(place)
}

fn accepted(columns: &Columns) -> String {
    match columns {
        Columns::FirstOf(aliases)
        | Columns::Joined {
            columns: aliases, ..
        } => aliases.join(", "),
    }
}
