//! Alike: whether two records of arrivals are likely of one person.
//!
//! **The rule.** The same document: one person (to be confirmed where name and date of birth both contradict it). Two
//! different valid documents of one kind: two people, unless they differ by one edit, as by a slip of the pen; then name and
//! date of birth must agree as well. All else is weighed by Fellegi and Sunter (1969, JASA 64:1183): each field compares at one of a few levels, a level has a probability m among records of one person and u
//! among records of two, and log₂(m / u) are added up. A missing field adds nothing.
//!
//! **Two others, not one.** Who else may the second record be? A *stranger*, whom only chance makes alike; or somebody of the
//! *family*, who travels along: same phone, journey and origin, often the same surname, and for twins the same date of birth. Each
//! has a u of its own. A pair is [`Verdict::Likely`] only if one person explains it better than either, by at least
//! [`AGAINST_STRANGER`] and [`AGAINST_FAMILY`] bits. So a phone that a family shares weighs next to nothing by itself.
//!
//! **What never suffices.** Two of these must agree: name, date of birth, phone (one digit may be wrong), document by a slip, seat, and
//! the journey's number with the arrival; and one of them must tell people apart: name, date of birth, document, or seat on the
//! same journey. So neither a phone alone, nor a name and an arrival alone (王伟 arrives each day): a name of two characters needs
//! more than a train's number, though a car's plate will do. A date of birth with one digit wrong or day and month
//! exchanged counts only beside the same phone and a name alike.
//!
//! **The numbers.** m and u are constants in `alike/weights.rs`, each with its reason; the bars are set for precision: with 20,000
//! entrants of whom a quarter is within three days of each other, there are some 6,000 pairs of strangers (12.5 bits) for each
//! true one, and some three pairs of family; the rest is margin. The constants are argued, not estimated from real registers, and
//! some were set on the synthetic entrants of the tests, which print precision and recall. With dirtier records recall
//! falls before precision does.
//!
//! **Names** compare without case, accents, spaces and points. Chinese ones are alike with a character that sounds the same
//! (tones, zh/z, ch/c, sh/s, -ng/-n aside; readings of the crate `pinyin`), one wrong or one missing, or in
//! the other order; Latin ones with one or two letters wrong (Damerau–Levenshtein, Jaro–Winkler), a part missing, or in any
//! order; a Chinese and a Latin one by pinyin.
//!
//! ```
//! use lianfang_core::alike::{Described, Verdict, alike};
//! let arrival = "2020-02-08T04:00:00Z".parse().unwrap();
//! let mut gate = Described::at(arrival);
//! gate.name = Some("王晓明");
//! gate.phone = Some("+8613800000000");
//! let mut declared = Described::at(arrival);
//! declared.name = Some("王小明");
//! declared.phone = Some("+8613800000000");
//! let likeness = alike(&gate, &declared);
//! assert_eq!(likeness.verdict, Verdict::Likely);
//! assert_eq!(likeness.same, ["name_alike", "phone", "arrival"]);
//! // Somebody else of the family.
//! declared.name = Some("李娜");
//! assert_eq!(alike(&gate, &declared).verdict, Verdict::Different);
//! ```

mod fields;
mod names;
mod sounds;
mod weights;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use crate::people::Sex;
use fields::{BornLevel, DocumentLevel, Seen};
use names::NameLevel;
use weights::{Level, Score};

/// Bits by which one person must explain a pair better than a stranger would.
pub const AGAINST_STRANGER: f64 = 18.0;
/// Bits by which one person must explain a pair better than somebody of the family would.
pub const AGAINST_FAMILY: f64 = 6.0;

/// What a record of an arrival says of the person.
#[derive(Clone, Copy)]
pub struct Described<'a> {
    /// Full name, as written.
    pub name: Option<&'a str>,
    /// Date of birth.
    pub born: Option<Date>,
    /// Phone in E.164.
    pub phone: Option<&'a str>,
    /// Number of the identity document; its kind follows from its form.
    pub document: Option<&'a str>,
    /// Sex.
    pub sex: Option<Sex>,
    /// When the person arrived or is to arrive.
    pub arrival: Timestamp,
    /// Flight, train or coach, or a vehicle's plate.
    pub journey_number: Option<&'a str>,
    /// Seat.
    pub seat: Option<&'a str>,
    /// Where from: a code or words.
    pub from: Option<&'a str>,
}

impl Described<'_> {
    /// Of whom only the arrival is known.
    pub fn at(arrival: Timestamp) -> Self {
        Self {
            name: None,
            born: None,
            phone: None,
            document: None,
            sex: None,
            arrival,
            journey_number: None,
            seat: None,
            from: None,
        }
    }
}

/// What is to be made of two records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// One person: the same document.
    Same,
    /// Likely one person: to be offered, and confirmed by somebody.
    Likely,
    /// Two people, or nothing says that it is one.
    Different,
}

/// How alike two records are.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Likeness {
    /// What agrees, of: `document`, `name`, `name_alike`, `born`, `phone`, `arrival`, `number`, `seat`.
    pub same: Vec<&'static str>,
    /// What is to be made of it.
    pub verdict: Verdict,
}

/// Whether two documents are of two people: both valid, of one kind, and further apart than a slip
/// of the pen. Records that look alike are then no more to be offered as one, nor is anybody who was
/// taken for the one with anybody who was taken for the other.
pub fn documents_differ(a: &str, b: &str) -> bool {
    fields::documents(
        fields::Document::of(a).as_ref(),
        fields::Document::of(b).as_ref(),
    ) == DocumentLevel::Other
}

/// Compares two records; the order of the two does not matter.
pub fn alike(a: &Described<'_>, b: &Described<'_>) -> Likeness {
    let (a, b) = (Seen::of(a), Seen::of(b));
    let document = fields::document(&a, &b);
    let name = names::compare(a.name, b.name);
    let phone = fields::phone(a.phone, b.phone);
    let name_agrees = name.is_some_and(NameLevel::agrees);
    let beside_phone = phone == Some(Level::PHONE_SAME) && name_agrees;
    let born = match fields::born(a.born, b.born) {
        Some(BornLevel::Near) if !beside_phone => Some(BornLevel::Different),
        level => level,
    };
    let journey = fields::journey(&a, &b);
    let arrival = fields::arrival(a.arrival, b.arrival);
    let seat_agrees = journey.seat.is_some_and(Level::agrees);
    let born_agrees = matches!(born, Some(BornLevel::Same | BornLevel::Near));

    let mut same = Vec::new();
    let mut note = |agrees: bool, word| {
        if agrees {
            same.push(word);
        }
    };
    note(document == DocumentLevel::Same, "document");
    note(name.is_some_and(NameLevel::is_whole), "name");
    note(
        name_agrees && !name.is_some_and(NameLevel::is_whole),
        "name_alike",
    );
    note(born_agrees, "born");
    note(phone == Some(Level::PHONE_SAME), "phone");
    note(arrival.agrees(), "arrival");
    note(journey.number.is_some_and(Level::agrees), "number");
    note(seat_agrees, "seat");

    let contradicted = matches!(name, Some(NameLevel::Surname | NameLevel::Different))
        && fields::born(a.born, b.born) == Some(BornLevel::Different);
    let verdict = match document {
        // A parent's document noted for a child, say: somebody has to look.
        DocumentLevel::Same if contradicted => Verdict::Likely,
        DocumentLevel::Same => Verdict::Same,
        DocumentLevel::Other => Verdict::Different,
        DocumentLevel::OneEdit if !(name_agrees && born == Some(BornLevel::Same)) => {
            Verdict::Different
        }
        DocumentLevel::OneEdit | DocumentLevel::Unknown => {
            let one_edit = document == DocumentLevel::OneEdit;
            let number_agrees = journey.number.is_some_and(Level::agrees);
            let who = name_agrees || born_agrees || one_edit || (seat_agrees && number_agrees);
            // Of a short name there may be several on one train, but not in one car.
            let telling = born_agrees || journey.plate || !name.is_some_and(NameLevel::is_short);
            let agreeing = [
                name_agrees,
                born_agrees,
                phone.is_some_and(Level::agrees),
                one_edit,
                seat_agrees && (number_agrees || telling),
                number_agrees && arrival.agrees() && telling,
            ];
            let enough = agreeing.into_iter().filter(|agrees| *agrees).count() > 1;
            let score = Score::default()
                .add(one_edit.then_some(Level::DOCUMENT_ONE_EDIT))
                .add(name.map(NameLevel::level))
                .add(born.map(BornLevel::level))
                .add(phone)
                .add(fields::sex(a.sex, b.sex))
                .add(Some(arrival))
                .add(journey.number)
                .add(journey.seat)
                .add(journey.from);
            if who && enough && score.stranger >= AGAINST_STRANGER && score.family >= AGAINST_FAMILY
            {
                Verdict::Likely
            } else {
                Verdict::Different
            }
        }
    };
    Likeness { same, verdict }
}
