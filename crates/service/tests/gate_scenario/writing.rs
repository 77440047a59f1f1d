//! How a person is written down: with fields left out and slips of the pen.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use lianfang_core::entry::{Journey as Way, Source};
use lianfang_core::people::Sex;
use lianfang_service::field::{Circumstances, Coming, PersonGiven};

use crate::people::{ELSEWHERE, Journey, Origin, Person};
use crate::random::Random;

/// Who writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Writer {
    pub(crate) source: Source,
    pub(crate) arrived: bool,
    /// Whether all is read off the document.
    pub(crate) exact: bool,
}

/// What somebody writes of a person.
pub(crate) fn person(
    random: &mut Random,
    person: &Person,
    own: &Journey,
    writer: Writer,
) -> PersonGiven {
    if writer.exact {
        return PersonGiven {
            document: Some(person.document.clone()),
            born: (person.document.len() != 18).then_some(person.born),
            ..PersonGiven::default()
        };
    }
    let sees = matches!(writer.source, Source::Checkpoint | Source::Canvass);
    let without = match writer.source {
        Source::Checkpoint => 0.12,
        Source::Canvass => 0.30,
        Source::Declared | Source::List => 0.18,
    };
    let document = (!random.yes(without)).then(|| slip_of_document(random, &person.document));
    let card = document.as_ref().is_some_and(|number| number.len() == 18);
    // Who decides about watch asks for the age; else a date of birth may be missing or wrong.
    let asked = sees && own.is_risky();
    let born = match (card, asked) {
        (true, _) => None,
        (false, true) => Some(person.born),
        (false, false) => random.yes(0.85).then(|| slip_of_date(random, person.born)),
    };
    PersonGiven {
        name: random.yes(0.98).then(|| {
            let passport = random.yes(0.08);
            person.name.written(random, passport)
        }),
        document,
        phone: random.yes(0.87).then(|| slip_of_phone(random, person)),
        born,
        sex: (!card && random.yes(0.9)).then(|| slip_of_sex(random, person.sex)),
        ..PersonGiven::default()
    }
}

/// A number of a resident's card with one digit wrong: whoever types it sees it refused.
pub(crate) fn mistyped(number: &str) -> String {
    let mut digits: Vec<u8> = number.bytes().collect();
    digits[16] = b'0' + (digits[16] - b'0' + 1) % 10;
    String::from_utf8(digits).unwrap()
}

/// What somebody writes of a journey; `arrival` as they believe it.
pub(crate) fn coming(
    random: &mut Random,
    own: &Journey,
    writer: Writer,
    arrival: Timestamp,
) -> Coming {
    let sees = matches!(writer.source, Source::Checkpoint | Source::Canvass);
    let asked = sees && own.is_risky();
    let from = if asked || writer.exact {
        Some(own.from)
    } else if random.yes(0.12) {
        None
    } else if own.origin == Origin::Elsewhere && random.yes(0.06) {
        Some(random.one_of(&ELSEWHERE))
    } else {
        Some(own.from)
    };
    let here = own.destination == lianfang_core::entry::Destination::Here;
    Coming {
        journey: Way {
            mode: own.mode,
            number: random.yes(0.85).then(|| {
                if random.yes(0.04) {
                    format!("K{}", random.below(900))
                } else {
                    own.number.clone()
                }
            }),
            seat: own.seat.clone().filter(|_| random.yes(0.8)).map(|seat| {
                if random.yes(0.03) {
                    format!("{}A", random.whole(1, 180))
                } else {
                    seat
                }
            }),
            from: from.map(str::to_owned),
            stops: Vec::new(),
        },
        arrival,
        destination: own.destination,
        bound_for: here.then(|| crate::world::village(own.village)),
        circumstances: Circumstances {
            pregnant: own.pregnant && sees,
            needs_care: own.needs_care && sees,
            home_suitable: own.home_suitable && sees,
        },
        party: Some(crate::world::party(own.party)),
    }
}

/// An arrival that is announced is some hours off.
pub(crate) fn announced(random: &mut Random, own: &Journey) -> Timestamp {
    own.arrival + SignedDuration::from_mins(random.whole(-240, 240))
}

fn slip_of_sex(random: &mut Random, sex: Sex) -> Sex {
    match (random.yes(0.005), sex) {
        (true, Sex::Male) => Sex::Female,
        (true, _) => Sex::Male,
        (false, sex) => sex,
    }
}

fn slip_of_date(random: &mut Random, born: Date) -> Date {
    let u = random.uniform();
    let (year, month, day) = (born.year(), born.month(), born.day());
    let wrong = if u < 0.008 {
        Date::new(year, day, month)
    } else if u < 0.018 {
        Date::new(year, month, (day / 10) * 10 + random.whole(0, 9) as i8)
    } else if u < 0.028 {
        Date::new(year / 10 * 10 + random.whole(0, 9) as i16, month, day)
    } else {
        return born;
    };
    let latest = jiff::civil::date(2020, 2, 1);
    wrong.ok().filter(|date| *date < latest).unwrap_or(born)
}

fn slip_of_phone(random: &mut Random, person: &Person) -> String {
    let u = random.uniform();
    let mut digits: Vec<char> = person.phone.chars().collect();
    let i = 3 + random.below(digits.len() - 4);
    if u < 0.015 {
        digits.swap(i, i + 1);
    } else if u < 0.03 {
        digits[i] = random.one_of(&['0', '3', '5', '7', '8', '9']);
    } else if u < 0.045 {
        return format!("154{:08}", random.below(100_000_000));
    } else if u < 0.07 {
        return person.relative.clone();
    }
    digits.into_iter().collect()
}

/// A resident's number with a slip would be refused; a passport's has no check digit here.
fn slip_of_document(random: &mut Random, document: &str) -> String {
    let mut digits: Vec<char> = document.chars().collect();
    if digits.len() < 18 && random.yes(0.02) {
        let i = 1 + random.below(digits.len() - 2);
        if random.yes(0.5) {
            digits.swap(i, i + 1);
        } else {
            digits[i] = random.one_of(&['0', '3', '5', '7', '8', '9']);
        }
    }
    digits.into_iter().collect()
}
