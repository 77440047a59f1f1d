//! People with names, numbers and addresses, none of them real.
//!
//! Identity numbers pass every check of GB 11643 but carry area digits that were never given out;
//! phone numbers lie in a network number that no operator had. One [`People`] never gives the
//! same number twice (until 18 million of one age and sex, or 100 million in all).
//!
//! ```
//! use jiff::civil::date;
//! use lianfang_city::people::{People, Wanted};
//!
//! let mut people = People::new(1, date(2020, 2, 9))?;
//! let worker = people.draw(Wanted { age: Some(40), ..Wanted::default() }, "清溪街道1号".into());
//! assert_eq!(worker.age_on(date(2020, 2, 9)), 40);
//! assert_eq!(worker.resident_id.sex(), worker.sex);
//! # Ok::<(), lianfang_city::CityError>(())
//! ```

pub(crate) mod ages;
mod names;
mod numbers;

use jiff::civil::Date;
use lianfang_core::identifiers::{Phone, ResidentId};
use lianfang_core::people::Sex;

use crate::chance::{Chance, Purpose};
use crate::days::check_year;
use crate::error::CityError;

/// Men among those drawn: census 2020, 51.24 %.
const MEN: f64 = 0.5124;

/// A person who does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Full name.
    pub name: String,
    /// Sex.
    pub sex: Sex,
    /// Resident identity number; it has the date of birth.
    pub resident_id: ResidentId,
    /// Phone.
    pub phone: Phone,
    /// Address in words.
    pub address: String,
}

impl Person {
    /// Date of birth.
    pub fn born(&self) -> Date {
        self.resident_id.birth_date()
    }

    /// Completed years of age on `day`; 0 before birth.
    pub fn age_on(&self, day: Date) -> u8 {
        let born = self.born();
        let to_come = (day.month(), day.day()) < (born.month(), born.day());
        u8::try_from(day.year() - born.year() - i16::from(to_come)).unwrap_or(0)
    }

    /// The surname, which is the first character.
    pub fn surname(&self) -> &str {
        let end = self.name.chars().next().map_or(0, char::len_utf8);
        &self.name[..end]
    }
}

/// What a person to be drawn should be like; what is left open is drawn as in the census.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// Age on the reference day; over 99 counts as 99.
    pub age: Option<u8>,
    /// Sex; one other than the two has numbers as women have.
    pub sex: Option<Sex>,
    /// Surname.
    pub surname: Option<&'a str>,
}

/// Where people are drawn from, one after the other.
#[derive(Debug, Clone)]
pub struct People {
    chance: Chance,
    reference: Date,
    identities_from: u64,
    phones_from: u64,
    /// Identity numbers given, by age and sex.
    given: [[u64; 2]; ages::OLDEST as usize + 1],
    phones: u64,
}

impl People {
    /// People whose ages are those of the day `reference`, of the years 2000 to 2100.
    ///
    /// # Errors
    /// Another year.
    pub fn new(seed: u64, reference: Date) -> Result<Self, CityError> {
        check_year("year in which people live", reference)?;
        let mut chance = Chance::new(seed, Purpose::People);
        let identities_from = chance.below(u32::MAX as usize) as u64;
        let phones_from = chance.below(u32::MAX as usize) as u64;
        Ok(Self {
            chance,
            reference,
            identities_from,
            phones_from,
            given: [[0; 2]; ages::OLDEST as usize + 1],
            phones: 0,
        })
    }

    /// The next person, living at `address`.
    pub fn draw(&mut self, wanted: Wanted<'_>, address: String) -> Person {
        let chance = &mut self.chance;
        let age = wanted.age.unwrap_or_else(|| ages::anybody(chance));
        let age = age.min(ages::OLDEST);
        let sex = wanted.sex.unwrap_or_else(|| {
            if chance.yes(MEN) {
                Sex::Male
            } else {
                Sex::Female
            }
        });
        let surname = wanted.surname.unwrap_or_else(|| names::surname(chance));
        let name = names::full_name(chance, surname, sex);
        let given = &mut self.given[usize::from(age)][usize::from(sex == Sex::Male)];
        let resident_id =
            numbers::resident_id(self.identities_from, *given, age, sex, self.reference);
        *given += 1;
        let phone = numbers::phone(self.phones_from, self.phones);
        self.phones += 1;
        Person {
            name,
            sex,
            resident_id,
            phone,
            address,
        }
    }
}
