//! Who arrives: people in families and teams, and their journeys. Nobody of them exists.

use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp, ToSpan};
use lianfang_core::contacts::ContactClass;
use lianfang_core::entry::{Destination, Mode};
use lianfang_core::passes::PassShown;
use lianfang_core::people::Sex;

use crate::names::Name;
use crate::random::Random;

/// Days on which people arrive.
pub(crate) const DAYS: i64 = 25;
/// Villages that people are bound for.
pub(crate) const VILLAGES: usize = 5;

/// The first midnight, by the clock of the place.
pub(crate) fn first_midnight() -> Timestamp {
    "2020-02-10T00:00:00+08:00".parse().unwrap()
}

/// The moment so many hours after the first midnight.
pub(crate) fn at_hour(hours: i64) -> Timestamp {
    first_midnight() + SignedDuration::from_hours(hours)
}

/// The day of a moment in China.
pub(crate) fn day_of(at: Timestamp) -> Date {
    let since = at.duration_since(first_midnight()).as_secs();
    date(2020, 2, 10) + since.div_euclid(86_400).days()
}

/// A person, as they truly are.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) name: Name,
    pub(crate) born: Date,
    pub(crate) sex: Sex,
    pub(crate) phone: String,
    pub(crate) document: String,
    /// Of the family: whose phone may be noted instead.
    pub(crate) relative: String,
}

impl Person {
    /// Age in whole years; the same on each day of the scenario as far as any rule asks.
    pub(crate) fn age(&self) -> i16 {
        age(self.born, date(2020, 2, 20))
    }
}

fn age(born: Date, on: Date) -> i16 {
    let had = (on.month(), on.day()) >= (born.month(), born.day());
    on.year() - born.year() - i16::from(!had)
}

/// Where a journey began, as the rules see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    Severe,
    Abroad,
    High,
    Medium,
    Elsewhere,
}

/// How somebody feels on arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Health {
    Well,
    Fever,
    Cough,
}

/// A journey of a person, as it truly is.
#[derive(Clone)]
#[allow(clippy::struct_excessive_bools, reason = "each is asked for alone")]
pub(crate) struct Journey {
    pub(crate) person: usize,
    pub(crate) party: usize,
    pub(crate) origin: Origin,
    pub(crate) from: &'static str,
    pub(crate) arrival: Timestamp,
    pub(crate) mode: Mode,
    pub(crate) number: String,
    pub(crate) seat: Option<String>,
    pub(crate) destination: Destination,
    pub(crate) village: usize,
    pub(crate) home_suitable: bool,
    pub(crate) pregnant: bool,
    pub(crate) needs_care: bool,
    pub(crate) pass: PassShown,
    /// A contact with a case, and the last day of it.
    pub(crate) contact: Option<(ContactClass, Date)>,
    pub(crate) health: Health,
    /// Whether the person comes at all.
    pub(crate) comes: bool,
}

impl Journey {
    /// Whether the rules ask for watch because of where it began.
    pub(crate) fn is_risky(&self) -> bool {
        self.origin != Origin::Elsewhere || self.contact.is_some()
    }

    /// Nothing on the way holds this person.
    pub(crate) fn is_plain(&self) -> bool {
        !self.is_risky() && self.health == Health::Well
    }
}

pub(crate) struct Arrivals {
    pub(crate) people: Vec<Person>,
    pub(crate) journeys: Vec<Journey>,
    pub(crate) parties: usize,
}

/// Journeys of `number` entrants, those of one party side by side.
pub(crate) fn arrivals(random: &mut Random, number: usize) -> Arrivals {
    let mut all = Arrivals {
        people: Vec::new(),
        journeys: Vec::new(),
        parties: 0,
    };
    while all.journeys.len() < number {
        let abroad = random.yes(0.03);
        let foreign = abroad && random.yes(0.6);
        let party = party(random, foreign);
        let shared = journey(random, abroad, all.parties);
        let alone = party.len() == 1;
        for (place, person) in party.into_iter().enumerate() {
            let mut own = shared.clone();
            own.person = all.people.len();
            personal(random, &mut own, &person, place);
            let again = alone && own.is_plain() && own.comes && random.yes(0.03);
            all.people.push(person);
            all.journeys.push(own);
            if again {
                come_again(random, &mut all);
            }
        }
        all.parties += 1;
    }
    all
}

/// The same person once more, long after.
fn come_again(random: &mut Random, all: &mut Arrivals) {
    let first = all.journeys.last().unwrap().clone();
    let gap = SignedDuration::from_hours(random.whole(8 * 24, 14 * 24));
    let arrival = first.arrival + gap;
    if arrival > at_hour((DAYS - 1) * 24) {
        return;
    }
    all.parties += 1;
    let mut second = journey(random, false, all.parties);
    second.person = first.person;
    second.arrival = arrival;
    second.comes = true;
    let person = all.people[first.person].clone();
    personal(random, &mut second, &person, 0);
    all.journeys.push(second);
}

fn party(random: &mut Random, foreign: bool) -> Vec<Person> {
    let u = random.uniform();
    let head = adult(random, foreign);
    if u < 0.55 {
        return vec![head];
    }
    let mut party = vec![head];
    if u < 0.57 {
        party.extend((0..random.whole(3, 9)).map(|_| adult(random, foreign)));
    } else if u < 0.63 {
        let mut sibling = adult(random, foreign);
        sibling.name = party[0].name.of_sibling(random);
        party.push(sibling);
    } else {
        let mut spouse = adult(random, foreign);
        spouse.sex = other(party[0].sex);
        spouse.document = document(random, foreign, spouse.born, spouse.sex);
        party.push(spouse);
        if u > 0.8 {
            children(random, foreign, &mut party);
        }
    }
    let shared = party[0].phone.clone();
    for member in party.iter_mut().skip(1) {
        if random.yes(0.6) {
            member.phone.clone_from(&shared);
        }
    }
    let phones: Vec<String> = party.iter().map(|member| member.phone.clone()).collect();
    for member in &mut party {
        member
            .relative
            .clone_from(&phones[random.below(phones.len())]);
    }
    party
}

fn children(random: &mut Random, foreign: bool, party: &mut Vec<Person>) {
    let mut child = adult(random, foreign);
    child.born = birthday(random, date(2003, 1, 1), 5_000);
    child.name = party[0].name.of_child(random);
    child.phone = party[0].phone.clone();
    child.document = document(random, foreign, child.born, child.sex);
    let second = random.yes(0.5).then(|| {
        let mut second = child.clone();
        second.name = child.name.of_sibling(random);
        second.sex = sex(random);
        if !random.yes(0.2) {
            second.born = birthday(random, child.born, 900);
        }
        second.document = document(random, foreign, second.born, second.sex);
        second
    });
    party.push(child);
    party.extend(second);
}

/// A day of birth so many days after `first` at most. Nobody of the age at which a rule changes
/// has a birthday near the scenario's days.
fn birthday(random: &mut Random, first: Date, span: i64) -> Date {
    loop {
        let born = first + random.whole(0, span).days();
        if age(born, date(2020, 2, 9)) == age(born, date(2020, 3, 9)) {
            return born;
        }
    }
}

fn sex(random: &mut Random) -> Sex {
    if random.yes(0.5) {
        Sex::Male
    } else {
        Sex::Female
    }
}

fn other(sex: Sex) -> Sex {
    if sex == Sex::Male {
        Sex::Female
    } else {
        Sex::Male
    }
}

fn adult(random: &mut Random, foreign: bool) -> Person {
    let born = birthday(random, date(1938, 1, 1), 22_500);
    let sex = sex(random);
    let phone = format!("154{:08}", random.below(100_000_000));
    Person {
        name: if foreign {
            Name::abroad(random)
        } else {
            Name::chinese(random)
        },
        born,
        sex,
        relative: phone.clone(),
        phone,
        document: document(random, foreign, born, sex),
    }
}

fn document(random: &mut Random, foreign: bool, born: Date, sex: Sex) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    if foreign || random.yes(0.02) {
        let letter = random.one_of(&['A', 'C', 'E', 'G', 'K', 'N']);
        return format!("{letter}{:08}", random.below(100_000_000));
    }
    let sequence = 2 * random.whole(0, 499) + i64::from(sex == Sex::Male);
    let area = random.whole(330_001, 330_099);
    let body = format!("{area}{}{sequence:03}", born.strftime("%Y%m%d"));
    let digits = body.bytes().map(|b| u32::from(b - b'0'));
    let sum: u32 = digits.zip(WEIGHTS).map(|(d, w)| d * w).sum();
    format!("{body}{}", b"10X98765432"[(sum % 11) as usize] as char)
}

const SEVERE: [&str; 3] = ["420100", "420900", "421000"];
const ABROAD: [&str; 4] = ["KR", "IT", "JP", "IR"];
pub(crate) const ELSEWHERE: [&str; 6] =
    ["310100", "330300", "440300", "500100", "360100", "110100"];
/// A county of ours at high risk, and one at medium.
pub(crate) const HIGH: &str = "330604";
pub(crate) const MEDIUM: &str = "330602";

fn journey(random: &mut Random, abroad: bool, party: usize) -> Journey {
    let u = random.uniform();
    let (origin, from) = match u {
        _ if abroad => (Origin::Abroad, random.one_of(&ABROAD)),
        u if u < 0.05 => (Origin::Severe, random.one_of(&SEVERE)),
        u if u < 0.08 => (Origin::High, HIGH),
        u if u < 0.11 => (Origin::Medium, MEDIUM),
        _ => (Origin::Elsewhere, random.one_of(&ELSEWHERE)),
    };
    let hour = random.whole(6, 23);
    let hours = random.whole(0, DAYS - 1) * 24 + hour;
    let arrival = at_hour(hours) + SignedDuration::from_secs(random.whole(0, 3_300));
    let train = random.below(40);
    let (mode, number) = match random.below(20) {
        _ if abroad => (Mode::Air, format!("MU{}", 500 + random.below(40))),
        0..9 => (Mode::Rail, format!("G{}", 1_000 + train)),
        9 => (Mode::Water, "甬舟3号".into()),
        10..13 => (Mode::Bus, format!("浙B{:05}", random.below(100_000))),
        _ => (Mode::Road, format!("浙A{:05}", random.below(100_000))),
    };
    let destination = match random.uniform() {
        u if u < 0.93 => Destination::Here,
        u if u < 0.97 => Destination::OtherCounty,
        _ => Destination::Transit,
    };
    Journey {
        person: 0,
        party,
        origin,
        from,
        arrival,
        mode,
        number,
        seat: matches!(mode, Mode::Rail | Mode::Air).then(|| random.whole(0, 900).to_string()),
        destination,
        village: random.below(VILLAGES),
        // Whoever comes from a high-risk county has a home here.
        home_suitable: origin == Origin::High || random.yes(0.5),
        pregnant: false,
        needs_care: false,
        pass: PassShown::Green,
        contact: None,
        health: Health::Well,
        comes: true,
    }
}

/// What of a journey is each one's own.
fn personal(random: &mut Random, own: &mut Journey, person: &Person, place: usize) {
    if let Some(seat) = &own.seat {
        let seat: usize = seat.parse::<usize>().unwrap() + place;
        let letter = ['A', 'B', 'C', 'D', 'F'][seat % 5];
        own.seat = Some(format!("{}{letter}", 1 + seat / 5));
    }
    own.pregnant =
        person.sex == Sex::Female && (20..40).contains(&person.age()) && random.yes(0.05);
    own.needs_care = random.yes(0.01);
    own.comes = random.yes(0.97);
    own.health = match random.uniform() {
        u if u < 0.01 => Health::Fever,
        u if u < 0.03 => Health::Cough,
        _ => Health::Well,
    };
    let u = random.uniform();
    let last = day_of(own.arrival) - random.whole(1, 3).days();
    own.pass = match u {
        _ if own.origin != Origin::Elsewhere => PassShown::None,
        u if u < 0.004 => {
            own.home_suitable = false;
            own.contact = Some((ContactClass::Close, last));
            PassShown::Red
        }
        u if u < 0.010 => {
            own.home_suitable = true;
            own.contact = Some((ContactClass::Secondary, last));
            PassShown::Yellow
        }
        u if u < 0.8 => PassShown::Green,
        _ => PassShown::None,
    };
}
