//! Days as whole numbers from a first day, and back.

use jiff::civil::Date;
use lianfang_core::time::{day_from_number, day_number};

use crate::error::{CityError, in_range};

/// Years in which people and outbreaks may be placed: nobody in them was born before 1900, which
/// is the earliest year that identity numbers take.
const YEARS: (i64, i64) = (2000, 2100);

/// Refuses a day outside the years that can be dealt with.
pub(crate) fn check_year(field: &'static str, day: Date) -> Result<(), CityError> {
    in_range(field, day.year(), YEARS)
}

/// Days counted from day 0.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Calendar {
    first: i32,
}

impl Calendar {
    pub(crate) fn from(first: Date) -> Self {
        Self {
            first: day_number(first),
        }
    }

    pub(crate) fn day(self, offset: i32) -> Date {
        day_from_number(self.first + offset)
            .expect("years are checked and offsets are at most some years")
    }

    pub(crate) fn offset(self, day: Date) -> i32 {
        day_number(day) - self.first
    }
}
