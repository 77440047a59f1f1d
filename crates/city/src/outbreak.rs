//! An outbreak in a synthetic city: who infected whom, when, and when anybody knew.
//!
//! People return with the infection in the first weeks; chains of transmission grow from them
//! (module `chain`) until control begins, county by county within ten days (module `plan`);
//! then transmission falls below what keeps it going. Reports come late at first and sooner in
//! the end (module `course`). On the last day the list holds what has been reported: those infected
//! lately are missing, as in life.
//!
//! ```
//! use jiff::civil::date;
//! use lianfang_city::areas::{Description, city};
//! use lianfang_city::outbreak::{Role, outbreak};
//!
//! let city = city(&Description::default())?;
//! let wave = outbreak(&city, 1, date(2020, 1, 6), date(2020, 2, 20), 900)?;
//! assert!((873..=927).contains(&wave.cases.len()) && !wave.unreported.is_empty());
//! let spared = wave.counties.iter().find(|c| c.role == Role::Spared).unwrap().area;
//! assert!(!wave.cases.iter().any(|case| spared.contains(case.area)));
//! # Ok::<(), lianfang_city::CityError>(())
//! ```

mod cases;
mod chain;
mod clusters;
pub(crate) mod course;
mod growth;
mod plan;
mod reports;

use std::collections::BTreeMap;

use jiff::civil::Date;
use lianfang_core::cases::{Classification, Origin};

pub use cases::CaseTruth;
pub use plan::{CountyCourse, Role};
pub use reports::{DailyReport, daily_reports};

use crate::areas::City;
use crate::chance::{Chance, Purpose};
use crate::days::{Calendar, check_year};
use crate::error::{CityError, in_range};
use crate::people::{People, Person, Wanted};
use chain::{Infection, World};
use growth::Infections;

/// Days from the first to the last: long enough for a wave to come and go, short enough for the
/// ages of the people to stay about the same.
const SPAN: (i64, i64) = (40, 120);
/// Cases asked for at most, of a hundred people.
const MOST_CASES: i64 = 1;
/// Those infected in a household who bear its first case's surname.
const SAME_SURNAME: f64 = 0.6;
/// Local cases without a known source whose origin is given as unknown.
const ORIGIN_UNKNOWN: f64 = 0.4;

/// Where people return from with the infection, with weights; the demo's assumption.
const SOURCES: [(&str, f64); 6] = [
    ("湖北武汉", 60.0),
    ("湖北黄冈", 14.0),
    ("湖北孝感", 10.0),
    ("湖北荆州", 6.0),
    ("河南信阳", 5.0),
    ("浙江温州", 5.0),
];

/// Where an infection was passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Setting {
    /// At home.
    Household,
    /// At work.
    Workplace,
    /// In a market or shop.
    Market,
    /// Anywhere else.
    Community,
}

impl Setting {
    /// All of them, in order.
    pub const ALL: [Self; 4] = [
        Self::Household,
        Self::Workplace,
        Self::Market,
        Self::Community,
    ];
}

/// Who infected whom, by [`CaseTruth::number`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Who infected.
    pub infector: u32,
    /// Who was infected.
    pub infectee: u32,
    /// Where.
    pub setting: Setting,
    /// Whether the investigation found it.
    pub found: bool,
}

/// An outbreak, whole: also what nobody knows on its last day.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Outbreak {
    /// From which it follows.
    pub seed: u64,
    /// Nobody here was infected earlier.
    pub first_day: Date,
    /// Today, as seen from the line list.
    pub last_day: Date,
    /// The part that each county has in it.
    pub counties: Vec<CountyCourse>,
    /// Cases reported by the last day, in order of report; number 1 is the first.
    pub cases: Vec<CaseTruth>,
    /// Those infected by the last day and reported later, in order of report; their numbers go on.
    pub unreported: Vec<CaseTruth>,
    /// Who infected whom, by the number of the infected.
    pub links: Vec<Link>,
    /// Where further people (contacts, entrants) can be drawn from that share no number with these.
    pub people: People,
}

/// An outbreak in `city` of which about `target_cases` (within 3 %) are reported by `last_day`.
///
/// Everything is placed by the last day, so that 45 days show all of it: control begins 19 to 9 days before it, in the quiet
/// county 30 days before. People return from 14 days before control in their county until 2 after.
///
/// # Errors
/// Days that are not 40 to 120 apart or not of the years 2000 to 2100, no cases or more than
/// one of a hundred people, or (rarely, when few are asked for) no outbreak of that size.
pub fn outbreak(
    city: &City,
    seed: u64,
    first_day: Date,
    last_day: Date,
    target_cases: u32,
) -> Result<Outbreak, CityError> {
    check_year("year of the outbreak's first day", first_day)?;
    check_year("year of the outbreak's last day", last_day)?;
    let calendar = Calendar::from(first_day);
    let last = calendar.offset(last_day);
    in_range("days from the outbreak's first to its last", last, SPAN)?;
    let most = (city.people() as i64 * MOST_CASES / 100).max(1);
    in_range("cases to be reported", target_cases, (1, most))?;

    let mut chance = Chance::new(seed, Purpose::Outbreak);
    let counties = plan::counties(city, last);
    let world = World {
        city,
        counties: &counties,
        first: plan::first_arrivals(&counties),
        last,
    };
    let infections = growth::grow(&world, target_cases, &mut chance)?;
    let mut people = People::new(seed, first_day)?;
    let records = Records {
        city,
        calendar,
        last,
        infections: &infections,
    };
    let (cases, links) = records.write(&mut people, &mut chance);
    let (cases, unreported) = cases
        .into_iter()
        .partition(|case| case.is_reported_by(last_day));
    let counties = counties
        .iter()
        .map(|county| CountyCourse {
            area: county.area,
            role: county.role,
            control: (county.role != Role::Spared).then(|| calendar.day(county.control)),
        })
        .collect();
    Ok(Outbreak {
        seed,
        first_day,
        last_day,
        counties,
        cases,
        unreported,
        links,
        people,
    })
}

/// Makes cases with names and days of infections.
struct Records<'a> {
    city: &'a City,
    calendar: Calendar,
    last: i32,
    infections: &'a Infections,
}

impl Records<'_> {
    /// All cases and links in order of report.
    fn write(&self, people: &mut People, chance: &mut Chance) -> (Vec<CaseTruth>, Vec<Link>) {
        let all = &self.infections.all;
        let persons = self.persons(people, chance);
        let mut order: Vec<usize> = (0..all.len()).collect();
        order.sort_by_key(|index| all[*index].reported_day());
        let in_list = order.partition_point(|index| all[*index].reported_day() <= self.last);
        let clusters = clusters::name(self.city, self.infections, &order[..in_list]);
        let mut numbers = vec![0; all.len()];
        for (number, index) in (1..).zip(&order) {
            numbers[*index] = number;
        }
        let links = order
            .iter()
            .filter_map(|index| {
                all[*index].source.map(|(infector, setting)| Link {
                    infector: numbers[infector],
                    infectee: numbers[*index],
                    setting,
                    found: all[*index].found,
                })
            })
            .collect();
        let cases = order
            .iter()
            .map(|index| CaseTruth {
                cluster: clusters[*index].clone(),
                ..self.case(
                    numbers[*index],
                    &all[*index],
                    persons[*index].clone(),
                    chance,
                )
            })
            .collect();
        (cases, links)
    }

    /// The persons infected: those of one household share address and often surname.
    fn persons(&self, people: &mut People, chance: &mut Chance) -> Vec<Person> {
        let mut households: BTreeMap<usize, (String, String)> = BTreeMap::new();
        let mut persons = Vec::with_capacity(self.infections.all.len());
        for infection in &self.infections.all {
            let home = households.get(&infection.household);
            let address = match home {
                Some((address, _)) => address.clone(),
                None => home_address(self.city, infection.village, chance),
            };
            let same = chance.yes(SAME_SURNAME);
            let wanted = Wanted {
                age: Some(infection.age),
                sex: None,
                surname: home.filter(|_| same).map(|(_, surname)| surname.as_str()),
            };
            let person = people.draw(wanted, address);
            households
                .entry(infection.household)
                .or_insert_with(|| (person.address.clone(), person.surname().to_owned()));
            persons.push(person);
        }
        persons
    }

    fn case(
        &self,
        number: u32,
        infection: &Infection,
        person: Person,
        chance: &mut Chance,
    ) -> CaseTruth {
        let onset = infection.onset_day();
        let day = |from_onset: i32| self.calendar.day(onset + from_onset);
        let infected = self.calendar.day(infection.infected.floor() as i32);
        let course = &infection.course;
        let (origin, imported_from) = match infection.source {
            None => {
                let source = chance.weighted(&SOURCES.map(|(_, weight)| weight));
                (Origin::Imported, Some(SOURCES[source].0))
            }
            Some(_) if !infection.found && chance.yes(ORIGIN_UNKNOWN) => (Origin::Unknown, None),
            Some(_) => (Origin::Local, None),
        };
        CaseTruth {
            number,
            external_id: format!("LS-{number:05}"),
            person,
            area: self.city.village(infection.village).code,
            infected,
            exposed: infection.found.then_some(infected),
            onset: infection.symptoms.then(|| day(0)),
            sampled: day(course.sampled),
            diagnosed: day(course.diagnosed),
            reported: day(course.reported),
            hospitalised: day(course.hospitalised),
            classification: if infection.symptoms {
                Classification::Confirmed
            } else {
                Classification::Asymptomatic
            },
            severity: course.severity,
            outcome: course.outcome,
            outcome_date: day(course.outcome_day),
            origin,
            imported_from,
            cluster: None,
        }
    }
}

/// An address in `village`.
pub(crate) fn home_address(city: &City, village: usize, chance: &mut Chance) -> String {
    let (house, floor, door) = (chance.whole(1, 40), chance.whole(1, 11), chance.whole(1, 4));
    format!("{}{house}幢{floor}{door:02}室", city.address(village))
}
