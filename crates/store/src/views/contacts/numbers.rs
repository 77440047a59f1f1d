//! Numbers of contacts, read from sums that are kept.

use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::contacts::{ContactClass, ContactStatus};
use lianfang_core::time::day_number;
use lianfang_core::words::Word;
use rusqlite::Connection;

use crate::error::StoreError;
use crate::views::sums::{self, Sum};

/// How many contacts of a class stand so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByClass {
    /// The class.
    pub class: ContactClass,
    /// How far the work has come.
    pub status: ContactStatus,
    /// How many.
    pub n: u64,
}

fn of<W: Word>(place: i64) -> Result<W, StoreError> {
    usize::try_from(place)
        .ok()
        .and_then(|place| W::ALL.get(place).copied())
        .ok_or(StoreError::Malformed("word"))
}

/// Contacts of an area by class and status.
pub fn standing(connection: &Connection, within: AreaCode) -> Result<Vec<ByClass>, StoreError> {
    sums::rows(connection, Sum::Contacts, within, (0, i64::MAX))?
        .into_iter()
        .map(|([class, status, _], n)| {
            Ok(ByClass {
                class: of(class)?,
                status: of(status)?,
                n,
            })
        })
        .collect()
}

/// Contacts named on some days, and how soon they were told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traced {
    /// Named.
    pub named: u64,
    /// Told within the hours asked about.
    pub in_time: u64,
    /// Told at all.
    pub told: u64,
}

/// How many contacts, secondary ones included, were named from one day to another, and told within so many hours.
pub fn traced(
    connection: &Connection,
    within: AreaCode,
    (from, to): (Date, Date),
    within_hours: u32,
) -> Result<Traced, StoreError> {
    let days = (day_number(from).into(), day_number(to).into());
    let mut traced = Traced::default();
    for ([_, class, hours], n) in sums::rows(connection, Sum::Traced, within, days)? {
        if of::<ContactClass>(class)? == ContactClass::None {
            continue;
        }
        traced.named += n;
        if hours >= 0 {
            traced.told += n;
        }
        if (0..=i64::from(within_hours)).contains(&hours) {
            traced.in_time += n;
        }
    }
    Ok(traced)
}

/// New cases, and how many of them were known as contacts before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KnownCases {
    /// Cases.
    pub cases: u64,
    /// Known as contacts before they were found to be cases.
    pub known: u64,
}

/// The cases of some curve days, and how many of them were known as contacts before.
pub fn known_cases(
    connection: &Connection,
    within: AreaCode,
    (from, to): (Date, Date),
) -> Result<KnownCases, StoreError> {
    let days = (day_number(from).into(), day_number(to).into());
    let mut found = KnownCases::default();
    for ([_, known, _], n) in sums::rows(connection, Sum::Known, within, days)? {
        found.cases += n;
        if known == 1 {
            found.known += n;
        }
    }
    Ok(found)
}
