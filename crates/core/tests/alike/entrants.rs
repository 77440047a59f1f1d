//! Entrants of 25 days and the records kept of them: families, twins, couples, work teams, people from abroad, and the slips of
//! pens. Nobody of them exists.
//!
//! Fields that are missing, of 100: document 18, birth date 15, number 15, phone 13, origin 12, sex 10, seat 20 of those who have one, name 2.
//! With a slip, of 100: names 8, dates 3, phones 3 (and 4 another phone), passports 2, numbers 4, seats 3; of names 8 are in pinyin.

use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp, ToSpan};
use lianfang_core::alike::Described;
use lianfang_core::people::Sex;

use super::names::Name;
use super::random::Random;

/// One record of an arrival, and whose it is.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) person: usize,
    pub(crate) name: Option<String>,
    pub(crate) born: Option<Date>,
    pub(crate) phone: Option<String>,
    pub(crate) document: Option<String>,
    pub(crate) sex: Option<Sex>,
    pub(crate) arrival: Timestamp,
    pub(crate) number: Option<String>,
    pub(crate) seat: Option<String>,
    pub(crate) from: Option<&'static str>,
}

impl Record {
    pub(crate) fn described(&self) -> Described<'_> {
        Described {
            name: self.name.as_deref(),
            born: self.born,
            phone: self.phone.as_deref(),
            document: self.document.as_deref(),
            sex: self.sex,
            arrival: self.arrival,
            journey_number: self.number.as_deref(),
            seat: self.seat.as_deref(),
            from: self.from,
        }
    }
}

#[derive(Clone)]
struct Person {
    name: Name,
    born: Date,
    sex: Sex,
    phone: String,
    document: String,
}

#[derive(Clone)]
struct Journey {
    arrival: Timestamp,
    number: String,
    seated: bool,
    seat: i64,
    from: &'static str,
}

/// Of the digits of a resident's number (GB 11643).
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

const ORIGINS: [&str; 8] = [
    "420100", "440300", "310100", "110100", "330300", "420900", "500100", "360100",
];

/// Records of `people` entrants, in order of person.
pub(crate) fn entrants(seed: u64, people: usize) -> Vec<Record> {
    let mut random = Random(seed);
    let mut records = Vec::new();
    let mut person = 0;
    while person < people {
        let party = party(&mut random);
        let journey = journey(&mut random);
        for (i, member) in party.iter().enumerate() {
            let mut own = journey.clone();
            own.seat += i as i64;
            let relative = &party[random.below(party.len())];
            record_all(&mut random, person, member, relative, &own, &mut records);
            person += 1;
        }
    }
    records
}

fn party(random: &mut Random) -> Vec<Person> {
    let abroad = random.yes(0.07);
    let u = random.uniform();
    let head = adult(random, abroad);
    if u < 0.55 {
        return vec![head];
    }
    if u < 0.57 {
        return team(random);
    }
    let mut party = vec![head];
    if u < 0.63 {
        // Brothers and sisters.
        let mut sibling = adult(random, abroad);
        sibling.name = party[0].name.of_sibling(random);
        party.push(sibling);
    } else {
        let mut spouse = adult(random, abroad);
        spouse.sex = other(party[0].sex);
        spouse.document = document(random, abroad, spouse.born, spouse.sex);
        party.push(spouse);
    }
    if u > 0.8 {
        children(random, abroad, &mut party);
    }
    let shared = party[0].phone.clone();
    let head_document = party[0].document.clone();
    for (i, member) in party.iter_mut().enumerate().skip(1) {
        if random.yes(0.6) {
            member.phone.clone_from(&shared);
        }
        // Passports of a family are often issued in a row.
        if abroad && random.yes(0.4) {
            let number: u64 = head_document[1..].parse().unwrap();
            member.document = format!(
                "{}{:08}",
                &head_document[..1],
                (number + i as u64) % 100_000_000
            );
        }
    }
    party
}

fn children(random: &mut Random, abroad: bool, party: &mut Vec<Person>) {
    let mut child = adult(random, abroad);
    child.born = date(2003, 1, 1) + random.whole(0, 6_000).days();
    child.name = party[0].name.of_child(random);
    child.phone = party[0].phone.clone();
    child.document = document(random, abroad, child.born, child.sex);
    let second = random.yes(0.5).then(|| {
        let mut second = child.clone();
        second.name = child.name.of_sibling(random);
        second.sex = sex(random);
        // Twins, more of them than there are.
        if !random.yes(0.2) {
            second.born = child.born + random.whole(300, 2_500).days();
        }
        second.document = document(random, abroad, second.born, second.sex);
        second
    });
    party.push(child);
    party.extend(second);
}

/// Workers who come together; some give the foreman's phone.
fn team(random: &mut Random) -> Vec<Person> {
    let mut team: Vec<Person> = (0..random.whole(4, 12))
        .map(|_| adult(random, false))
        .collect();
    let foreman = team[0].phone.clone();
    for worker in &mut team {
        if random.yes(0.5) {
            worker.phone.clone_from(&foreman);
        }
    }
    team
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

fn adult(random: &mut Random, abroad: bool) -> Person {
    let mut born = date(1940, 1, 1) + random.whole(0, 22_500).days();
    if random.yes(0.01) {
        born = date(born.year(), 1, 1);
    }
    let sex = sex(random);
    Person {
        name: if abroad {
            Name::abroad(random)
        } else {
            Name::chinese(random)
        },
        born,
        sex,
        phone: phone(random),
        document: document(random, abroad, born, sex),
    }
}

fn phone(random: &mut Random) -> String {
    format!("+86154{:08}", random.below(100_000_000))
}

fn document(random: &mut Random, abroad: bool, born: Date, sex: Sex) -> String {
    if abroad || random.yes(0.02) {
        let letter = random.one_of(&['A', 'C', 'E', 'G', 'K', 'N']);
        return format!("{letter}{:08}", random.below(100_000_000));
    }
    let sequence = 2 * random.whole(0, 499) + i64::from(sex == Sex::Male);
    let area = random.whole(330_001, 330_099);
    let body = format!("{area}{}{sequence:03}", born.strftime("%Y%m%d"));
    let digits = body.bytes().map(|b| u32::from(b - b'0'));
    let sum: u32 = digits
        .zip(WEIGHTS)
        .map(|(digit, weight)| digit * weight)
        .sum();
    format!("{body}{}", b"10X98765432"[(sum % 11) as usize] as char)
}

fn journey(random: &mut Random) -> Journey {
    let first: Timestamp = "2020-01-25T00:00:00Z".parse().unwrap();
    // A train comes at its hour, with many aboard.
    let train = random.below(60) as i64;
    let day = random.whole(0, 24);
    let seated = random.yes(0.6);
    let minutes = if seated {
        train * 24
    } else {
        random.whole(0, 1_439)
    };
    Journey {
        arrival: first + SignedDuration::from_mins(day * 1_440 + minutes),
        number: if seated {
            format!("G{}", 1_000 + train)
        } else {
            format!("浙A{:05}", random.below(100_000))
        },
        seated,
        seat: random.whole(0, 900),
        from: ORIGINS[if seated {
            train as usize % 8
        } else {
            random.below(8)
        }],
    }
}

fn record_all(
    random: &mut Random,
    person: usize,
    member: &Person,
    relative: &Person,
    journey: &Journey,
    records: &mut Vec<Record>,
) {
    let number = match random.uniform() {
        u if u < 0.55 => 1,
        u if u < 0.87 => 2,
        u if u < 0.97 => 3,
        _ => 4,
    };
    // Some leave, and come back on the next day.
    let returns = random.yes(0.01);
    for i in 0..number {
        let mut own = journey.clone();
        if returns && i > 0 {
            own = super::entrants::journey(random);
            own.arrival = journey.arrival + SignedDuration::from_hours(20);
        }
        records.push(record(random, person, member, relative, &own));
    }
}

fn record(
    random: &mut Random,
    person: usize,
    member: &Person,
    relative: &Person,
    journey: &Journey,
) -> Record {
    // Declared ahead, at the gate, found at home, from a list.
    let late = match random.below(4) {
        0 => random.whole(-240, 240),
        1 => random.whole(0, 60),
        2 => random.whole(0, 2_400),
        _ => 0,
    };
    let passport = random.yes(0.08);
    let seat = format!(
        "{}{}",
        1 + journey.seat / 5,
        ['A', 'B', 'C', 'D', 'F'][(journey.seat % 5) as usize]
    );
    Record {
        person,
        name: random
            .yes(0.98)
            .then(|| member.name.written(random, passport)),
        born: random.yes(0.85).then(|| date_slip(random, member.born)),
        phone: random
            .yes(0.87)
            .then(|| phone_slip(random, member, relative)),
        document: random
            .yes(0.82)
            .then(|| document_slip(random, &member.document)),
        sex: random.yes(0.9).then(|| {
            if random.yes(0.005) {
                other(member.sex)
            } else {
                member.sex
            }
        }),
        arrival: journey.arrival + SignedDuration::from_mins(late),
        number: random.yes(0.85).then(|| {
            if random.yes(0.04) {
                format!("K{}", random.below(900))
            } else {
                journey.number.clone()
            }
        }),
        seat: (journey.seated && random.yes(0.8)).then(|| {
            if random.yes(0.03) {
                format!("{}A", random.whole(1, 180))
            } else {
                seat
            }
        }),
        from: random.yes(0.88).then(|| {
            if random.yes(0.06) {
                random.one_of(&ORIGINS)
            } else {
                journey.from
            }
        }),
    }
}

fn date_slip(random: &mut Random, born: Date) -> Date {
    let u = random.uniform();
    let wrong = if u < 0.008 {
        Date::new(born.year(), born.day(), born.month())
    } else if u < 0.018 {
        Date::new(
            born.year(),
            born.month(),
            (born.day() / 10) * 10 + random.whole(0, 9) as i8,
        )
    } else if u < 0.028 {
        Date::new(
            born.year() / 10 * 10 + random.whole(0, 9) as i16,
            born.month(),
            born.day(),
        )
    } else {
        return born;
    };
    wrong.unwrap_or(born)
}

fn phone_slip(random: &mut Random, member: &Person, relative: &Person) -> String {
    let u = random.uniform();
    let mut digits: Vec<char> = member.phone.chars().collect();
    let i = 4 + random.below(digits.len() - 5);
    if u < 0.015 {
        digits.swap(i, i + 1);
    } else if u < 0.03 {
        digits[i] = random.one_of(&['0', '3', '5', '7', '8', '9']);
    } else if u < 0.045 {
        return phone(random);
    } else if u < 0.07 {
        return relative.phone.clone();
    }
    digits.into_iter().collect()
}

/// Numbers of residents have a check digit, and a slip is refused at the door; those of passports have none.
fn document_slip(random: &mut Random, document: &str) -> String {
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
