//! A city's visits, each a function of its number: nothing is kept.

use std::ops::Range;

use jiff::civil::Date;
use lianfang_core::ids::PersonId;
use lianfang_core::time::UtcOffset;
use lianfang_visits::{Minute, PlaceId, Places, Span, Visit};

/// Everybody goes to three places a day. There is a place for ten people; that of rank r gets
/// visits as 1/√r, so the busiest of a million gets 30,000 a day, most get 15. A stay takes 5 to
/// 120 minutes and begins between 6:00 and 24:00. Every other visit has a check-out; for the
/// others the usual stay of the place counts, 20 to 79 minutes.
#[derive(Debug, Clone)]
pub(crate) struct City {
    people: u64,
}

const VISITS_A_DAY: u64 = 3;
const MIDNIGHT: u64 = 1_440;

impl City {
    pub(crate) const DAYS: u64 = 14;

    pub(crate) fn of_visits(visits: u64) -> Self {
        Self {
            people: (visits / Self::DAYS / VISITS_A_DAY).max(1_000),
        }
    }

    pub(crate) fn people(&self) -> u64 {
        self.people
    }

    pub(crate) fn places(&self) -> u64 {
        self.people / 10
    }

    pub(crate) fn visits_per_day(&self) -> u64 {
        self.people * VISITS_A_DAY
    }

    pub(crate) fn visits_in_all(&self) -> u64 {
        self.visits_per_day() * Self::DAYS
    }

    pub(crate) fn first_day() -> Date {
        Date::constant(2020, 2, 20)
    }

    fn first_minute() -> u64 {
        let midnight = UtcOffset::CHINA.start_of(Self::first_day());
        Minute::of(midnight).map_or(0, |minute| minute.0.into())
    }

    /// The end of the last day, and of the last stays.
    pub(crate) fn end() -> Minute {
        Minute((Self::first_minute() + (Self::DAYS + 1) * MIDNIGHT) as u32)
    }

    pub(crate) fn span() -> Span {
        Span {
            from: Minute(Self::first_minute() as u32),
            until: Self::end(),
        }
    }

    pub(crate) fn person(number: u64) -> PersonId {
        let entropy = u128::from(mix(number)) << 16 | u128::from(number & 0xffff);
        PersonId::from_parts(1_580_000_000_000 + number, entropy)
    }

    /// The number of somebody, drawn.
    pub(crate) fn some_person(&self, n: u64) -> u64 {
        mix(n ^ 0x00ca_5e00) % self.people
    }

    /// Visits of a day, people and hours mixed.
    pub(crate) fn visits(&self, day: u64, range: Range<u64>) -> impl Iterator<Item = Visit> {
        let city = self.clone();
        (range.start..range.end.min(self.visits_per_day())).map(move |at| city.visit(day, at))
    }

    fn visit(&self, day: u64, at: u64) -> Visit {
        let (number, [place, from, stay]) = self.numbers(day, at);
        Visit {
            person: Self::person(number),
            place: PlaceId(place),
            from: Minute(from as u32),
            until: (stay > 0).then_some(Minute((from + stay) as u32)),
        }
    }

    /// Person, place, minute and stay (0: not known) of a visit, as numbers.
    fn numbers(&self, day: u64, at: u64) -> (u64, [u64; 3]) {
        // A prime above any number of visits a day: each place in the order is taken once.
        let mixed = (at * 2_147_483_647) % self.visits_per_day();
        let chance = mix(mixed ^ mix(day));
        let rank = (chance >> 40) as f64 / (1_u64 << 24) as f64;
        let place = (self.places() as f64 * rank * rank) as u64;
        let from = Self::first_minute() + day * MIDNIGHT + 360 + (chance & 0xffff) % 1_080;
        let stay = if chance >> 16 & 1 == 0 {
            0
        } else {
            5 + (chance >> 17 & 0xffff) % 116
        };
        (mixed / VISITS_A_DAY, [place, from, stay])
    }

    /// The same with the usual stay for one that is not known: person, place, from, until.
    pub(crate) fn with_ends(&self, day: u64, at: u64) -> [u64; 4] {
        let (person, [place, from, stay]) = self.numbers(day, at);
        let stay = if stay == 0 { usual_stay(place) } else { stay };
        [person, place, from, from + stay]
    }
}

fn usual_stay(place: u64) -> u64 {
    20 + mix(place) % 60
}

impl Places for City {
    fn usual_stay(&self, place: PlaceId) -> u16 {
        usual_stay(place.0) as u16
    }
}

/// The finaliser of splitmix64.
fn mix(word: u64) -> u64 {
    let word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}
