//! How each field but the name compares.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use strsim::osa_distance;

use super::Described;
use super::weights::Level;
use crate::identifiers::{PassportNumber, ResidentId};
use crate::people::Sex;

/// Arrivals this near are one event: a declared time and the gate's.
const WITHIN_A_SHIFT: SignedDuration = SignedDuration::from_secs(12 * 3_600);
/// Found on the morrow.
const UNTIL_THE_MORROW: SignedDuration = SignedDuration::from_secs(36 * 3_600);
/// The bound within which callers look for candidates.
const COMPARED: SignedDuration = SignedDuration::from_secs(72 * 3_600);

/// A record with what follows from its document.
pub(super) struct Seen<'a> {
    pub(super) name: Option<&'a str>,
    pub(super) born: Option<Date>,
    pub(super) phone: Option<&'a str>,
    pub(super) sex: Option<Sex>,
    pub(super) arrival: Timestamp,
    document: Option<Document>,
    number: Option<String>,
    seat: Option<String>,
    from: Option<String>,
}

/// A document number in canonical form.
pub(super) struct Document {
    text: String,
    resident: bool,
    valid: bool,
}

/// How two document numbers compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DocumentLevel {
    Same,
    OneEdit,
    Other,
    /// Not known of both, of two kinds, or not valid.
    Unknown,
}

/// How two dates of birth compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BornLevel {
    Same,
    Near,
    Different,
}

impl BornLevel {
    pub(super) fn level(self) -> Level {
        match self {
            Self::Same => Level::BORN_SAME,
            Self::Near => Level::BORN_NEAR,
            Self::Different => Level::BORN_DIFFERENT,
        }
    }
}

/// What a journey says.
pub(super) struct Journey {
    pub(super) number: Option<Level>,
    pub(super) seat: Option<Level>,
    pub(super) from: Option<Level>,
    /// The number is a vehicle's plate.
    pub(super) plate: bool,
}

impl<'a> Seen<'a> {
    pub(super) fn of(record: &Described<'a>) -> Self {
        // A resident's number has a check digit: what it says of birth and sex is surer than what was typed.
        let resident = record
            .document
            .and_then(|text| text.parse::<ResidentId>().ok());
        Self {
            name: record.name,
            born: resident.map(|id| id.birth_date()).or(record.born),
            phone: record.phone.map(str::trim).filter(|text| !text.is_empty()),
            sex: resident.map(|id| id.sex()).or(record.sex),
            arrival: record.arrival,
            document: record.document.and_then(Document::of),
            number: code(record.journey_number),
            seat: code(record.seat).map(|seat| seat.trim_start_matches('0').to_owned()),
            from: code(record.from),
        }
    }
}

impl Document {
    /// None where the text is no number of a document: too short, words, or one character again and again.
    pub(super) fn of(text: &str) -> Option<Self> {
        if let Ok(id) = text.parse::<ResidentId>() {
            return Some(Self {
                text: id.to_string(),
                resident: true,
                valid: true,
            });
        }
        let text = code(Some(text))?;
        let first = text.chars().next()?;
        let resident = text.len() == 18
            && text.bytes().take(17).all(|b| b.is_ascii_digit())
            && text.bytes().all(|b| b.is_ascii_alphanumeric());
        let valid = !resident && text.parse::<PassportNumber>().is_ok();
        ((resident || valid) && text.chars().any(|c| c != first)).then_some(Self {
            text,
            resident,
            valid,
        })
    }

    /// Letters and digits, the digits alike: passports of one country and edition share it.
    fn form(&self) -> impl Iterator<Item = bool> + '_ {
        self.text.chars().map(|c| c.is_ascii_digit())
    }
}

pub(super) fn document(a: &Seen<'_>, b: &Seen<'_>) -> DocumentLevel {
    documents(a.document.as_ref(), b.document.as_ref())
}

pub(super) fn documents(a: Option<&Document>, b: Option<&Document>) -> DocumentLevel {
    let (Some(a), Some(b)) = (a, b) else {
        return DocumentLevel::Unknown;
    };
    if a.text == b.text {
        DocumentLevel::Same
    } else if osa_distance(&a.text, &b.text) == 1 {
        DocumentLevel::OneEdit
    } else if a.valid
        && b.valid
        && a.resident == b.resident
        // A resident's last place is a digit or X.
        && (a.resident || a.form().eq(b.form()))
    {
        DocumentLevel::Other
    } else {
        DocumentLevel::Unknown
    }
}

pub(super) fn phone(a: Option<&str>, b: Option<&str>) -> Option<Level> {
    let (a, b) = (a?, b?);
    Some(if a == b {
        Level::PHONE_SAME
    } else if osa_distance(a, b) == 1 {
        Level::PHONE_NEAR
    } else {
        Level::PHONE_DIFFERENT
    })
}

pub(super) fn born(a: Option<Date>, b: Option<Date>) -> Option<BornLevel> {
    let (a, b) = (a?, b?);
    let exchanged = a.year() == b.year() && a.month() == b.day() && a.day() == b.month();
    let digits = |date: Date| date.strftime("%Y%m%d").to_string();
    Some(if a == b {
        BornLevel::Same
    } else if exchanged || osa_distance(&digits(a), &digits(b)) == 1 {
        BornLevel::Near
    } else {
        BornLevel::Different
    })
}

pub(super) fn sex(a: Option<Sex>, b: Option<Sex>) -> Option<Level> {
    Some(if a? == b? {
        Level::SEX_SAME
    } else {
        Level::SEX_DIFFERENT
    })
}

pub(super) fn arrival(a: Timestamp, b: Timestamp) -> Level {
    let apart = a.duration_since(b).abs();
    if apart <= WITHIN_A_SHIFT {
        Level::ARRIVAL_SAME
    } else if apart <= UNTIL_THE_MORROW {
        Level::ARRIVAL_NEXT
    } else if apart <= COMPARED {
        Level::ARRIVAL_NEAR
    } else {
        Level::ARRIVAL_FAR
    }
}

pub(super) fn journey(a: &Seen<'_>, b: &Seen<'_>) -> Journey {
    let plate = a.number.as_deref().is_some_and(is_plate);
    let number = equal(
        a.number.as_deref(),
        b.number.as_deref(),
        if plate {
            Level::PLATE_SAME
        } else {
            Level::NUMBER_SAME
        },
        Level::NUMBER_DIFFERENT,
    );
    let seat_same = match number {
        Some(level) if level.agrees() => Level::SEAT_SAME,
        _ => Level::SEAT_SAME_ALONE,
    };
    let seat = equal(
        a.seat.as_deref(),
        b.seat.as_deref(),
        seat_same,
        Level::SEAT_DIFFERENT,
    );
    let from = equal(
        a.from.as_deref(),
        b.from.as_deref(),
        Level::FROM_SAME,
        Level::FROM_DIFFERENT,
    );
    Journey {
        // A seat on another train says nothing; nor does an origin beside the train's number.
        seat: seat.filter(|_| number.is_none_or(Level::agrees)),
        from: from.filter(|_| number.is_none()),
        plate,
        number,
    }
}

/// Plates begin with the character of a province (GA 36), numbers of flights and trains with letters or digits.
fn is_plate(number: &str) -> bool {
    number.starts_with(|c: char| !c.is_ascii())
}

fn equal(a: Option<&str>, b: Option<&str>, same: Level, different: Level) -> Option<Level> {
    Some(if a? == b? { same } else { different })
}

/// ASCII, upper case, without spaces, hyphens and points; none if nothing is left.
fn code(text: Option<&str>) -> Option<String> {
    let code: String = half_width(text?)
        .map(|c| c.to_ascii_uppercase())
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '.' | '·'))
        .collect();
    (!code.is_empty()).then_some(code)
}

/// Full-width forms (U+FF01 to U+FF5E) as ASCII.
pub(super) fn half_width(text: &str) -> impl Iterator<Item = char> {
    text.chars().map(|c| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    })
}
