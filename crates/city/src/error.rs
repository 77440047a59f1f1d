//! What cannot be built, and what could.

use lianfang_core::areas::AreaCode;

/// Why a city, its people, an outbreak or a list could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CityError {
    /// A number is too small or too great.
    #[error("{field} is {value}: it must be {least} to {most}")]
    OutOfRange {
        /// What the number describes.
        field: &'static str,
        /// The number given.
        value: i64,
        /// The least that is taken.
        least: i64,
        /// The greatest that is taken.
        most: i64,
    },
    /// A county's part of the outbreak does not come about.
    #[error(
        "an outbreak with {cases} cases in county {county} did not come about (the nearest had {nearest}): ask for another number of cases, or take another seed"
    )]
    NoSuchOutbreak {
        /// The county.
        county: AreaCode,
        /// Cases that it should have.
        cases: u32,
        /// The number next to it that was reached.
        nearest: u32,
    },
    /// The place that is written to failed.
    #[error("the list could not be written: {0}")]
    Write(#[from] std::io::Error),
}

/// Refuses `value` outside `least..=most`.
pub(crate) fn in_range(
    field: &'static str,
    value: impl Into<i64>,
    (least, most): (i64, i64),
) -> Result<(), CityError> {
    let value = value.into();
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(CityError::OutOfRange {
        field,
        value,
        least,
        most,
    })
}
