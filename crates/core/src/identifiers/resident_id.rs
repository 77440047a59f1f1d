//! The resident identity number of GB 11643-1999.

use std::str::FromStr;

use jiff::civil::Date;

use super::{canonical, identifier, mask};
use crate::people::Sex;

/// ISO 7064 MOD 11-2 weights of the first 17 digits.
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/// The check character for each remainder.
const CHECKS: [u8; 11] = *b"10X98765432";

/// The earliest year of birth taken: nobody alive was born before it.
const EARLIEST_YEAR: i16 = 1900;

/// A resident identity number: six digits of the area where it was first issued, the date of
/// birth, three of sequence (odd for men) and a check character.
///
/// The area digits are those valid at birth and need not be in today's tree of areas.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResidentId([u8; 18]);

/// Why text is no resident identity number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ResidentIdError {
    /// Not 18 characters.
    #[error("a resident identity number has 18 characters; this has {found}")]
    Length {
        /// Characters found.
        found: usize,
    },
    /// A character that may not stand there.
    #[error(
        "a resident identity number has 17 digits and then a digit or X; character {position} is neither"
    )]
    Character {
        /// Its position, from 1.
        position: usize,
    },
    /// The first digit is 0.
    #[error("a resident identity number starts with an area code, whose first digit is 1 to 9")]
    Area,
    /// No such day, or before 1900.
    #[error(
        "characters 7 to 14 of a resident identity number are a date of birth (YYYYMMDD) from 1900 on; these are none"
    )]
    BirthDate,
    /// Born after the day on which it is checked.
    #[error("the date of birth in the resident identity number is still to come")]
    BornLater,
    /// The check character is wrong.
    #[error(
        "the check character of the resident identity number does not fit the other 17; a character is mistyped"
    )]
    Check,
}

impl ResidentId {
    /// Parses, and refuses who is born after `today`.
    pub fn parse_as_of(text: &str, today: Date) -> Result<Self, ResidentIdError> {
        let id: Self = text.parse()?;
        if id.birth_date() > today {
            return Err(ResidentIdError::BornLater);
        }
        Ok(id)
    }

    /// The number in canonical form.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("ASCII by construction")
    }

    /// First two and last two characters; the others as stars.
    pub fn masked(&self) -> String {
        mask(self.as_str(), 2, 2)
    }

    /// Date of birth.
    pub fn birth_date(&self) -> Date {
        birth_date(&self.0).expect("checked on construction")
    }

    /// Sex, as the 17th digit says.
    pub fn sex(&self) -> Sex {
        if (self.0[16] - b'0') % 2 == 1 {
            Sex::Male
        } else {
            Sex::Female
        }
    }

    /// The six digits of the area where the number was first issued.
    pub fn area_digits(&self) -> &str {
        &self.as_str()[..6]
    }
}

fn birth_date(digits: &[u8; 18]) -> Option<Date> {
    let number = |range: std::ops::Range<usize>| {
        digits[range]
            .iter()
            .fold(0_i16, |n, d| n * 10 + i16::from(d - b'0'))
    };
    let year = number(6..10);
    let (month, day) = (number(10..12) as i8, number(12..14) as i8);
    Date::new(year, month, day)
        .ok()
        .filter(|_| year >= EARLIEST_YEAR)
}

fn check_character(digits: &[u8]) -> u8 {
    let sum: u32 = digits
        .iter()
        .zip(WEIGHTS)
        .map(|(d, w)| u32::from(d - b'0') * w)
        .sum();
    CHECKS[(sum % 11) as usize]
}

impl FromStr for ResidentId {
    type Err = ResidentIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = canonical(text).count();
        if found != 18 {
            return Err(ResidentIdError::Length { found });
        }
        let mut digits = [0_u8; 18];
        for (i, c) in canonical(text).enumerate() {
            let fits = c.is_ascii_digit() || (i == 17 && c == 'X');
            digits[i] = u8::try_from(c)
                .ok()
                .filter(|_| fits)
                .ok_or(ResidentIdError::Character { position: i + 1 })?;
        }
        if digits[0] == b'0' {
            return Err(ResidentIdError::Area);
        }
        if birth_date(&digits).is_none() {
            return Err(ResidentIdError::BirthDate);
        }
        if check_character(&digits[..17]) != digits[17] {
            return Err(ResidentIdError::Check);
        }
        Ok(Self(digits))
    }
}

identifier!(ResidentId, ResidentIdError);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn valid() -> impl Strategy<Value = String> {
        (100_000_u32..1_000_000, 0_i32..45_000, 0_u32..1_000).prop_map(|(area, day, sequence)| {
            let born = crate::time::day_from_number(day - 25_567).unwrap();
            let mut id = format!("{area}{}{sequence:03}", born.strftime("%Y%m%d"));
            id.push(char::from(check_character(id.as_bytes())));
            id
        })
    }

    #[test]
    fn the_examples_of_the_standard() {
        let id: ResidentId = "11010519491231002X".parse().unwrap();
        assert_eq!(id.birth_date(), Date::constant(1949, 12, 31));
        assert_eq!(id.sex(), Sex::Female);
        assert_eq!(id.area_digits(), "110105");
        // The standard's second example has a right check character but was born in 1880.
        assert_eq!(check_character(b"44052418800101001"), b'4');
        assert_eq!(
            "440524188001010014".parse::<ResidentId>(),
            Err(ResidentIdError::BirthDate)
        );
    }

    #[test]
    fn full_width_and_lower_case_are_normalised() {
        let id: ResidentId = " １１０１０５１９４９１２３１００２ｘ ".parse().unwrap();
        assert_eq!(id.to_string(), "11010519491231002X");
    }

    #[test]
    fn each_refusal_has_its_reason() {
        let reason = |text: &str| text.parse::<ResidentId>().unwrap_err();
        assert_eq!(
            reason("110105491231002"),
            ResidentIdError::Length { found: 15 }
        );
        assert_eq!(
            reason("1101051949123100X2"),
            ResidentIdError::Character { position: 17 }
        );
        assert_eq!(reason("01010519491231002X"), ResidentIdError::Area);
        assert_eq!(reason("11010519490230002X"), ResidentIdError::BirthDate);
        assert_eq!(reason("110105194912310021"), ResidentIdError::Check);
        let day_before = Date::constant(1949, 12, 30);
        assert_eq!(
            ResidentId::parse_as_of("11010519491231002X", day_before),
            Err(ResidentIdError::BornLater)
        );
        assert!(
            ResidentId::parse_as_of("11010519491231002X", Date::constant(1949, 12, 31)).is_ok()
        );
    }

    #[test]
    fn what_prints_is_masked_unless_asked_for() {
        let id: ResidentId = "11010519491231002X".parse().unwrap();
        assert_eq!(format!("{id:?}"), "ResidentId(11**************2X)");
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(serde_json::from_str::<ResidentId>(&json).unwrap(), id);
        let error = serde_json::from_str::<ResidentId>("\"110105194912310021\"").unwrap_err();
        assert!(!error.to_string().contains("1101"));
    }

    proptest! {
        #[test]
        fn a_valid_number_reads_back(text in valid()) {
            prop_assert_eq!(text.parse::<ResidentId>().unwrap().to_string(), text);
        }

        #[test]
        fn any_single_change_is_refused(text in valid(), at in 0_usize..18, to in 0_usize..11) {
            let mut changed = text.clone().into_bytes();
            changed[at] = b"0123456789X"[to];
            prop_assume!(changed != text.as_bytes());
            prop_assert!(String::from_utf8(changed).unwrap().parse::<ResidentId>().is_err());
        }

        #[test]
        fn any_adjacent_transposition_is_refused(text in valid(), at in 0_usize..17) {
            let mut swapped = text.clone().into_bytes();
            swapped.swap(at, at + 1);
            prop_assume!(swapped != text.as_bytes());
            prop_assert!(String::from_utf8(swapped).unwrap().parse::<ResidentId>().is_err());
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,24}") {
            let _ = text.parse::<ResidentId>();
        }
    }
}
