//! How the vocabulary's values stand in columns, written and read back.

use jiff::Timestamp;
use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::time::day_from_number;
use lianfang_core::words::Word;
use rusqlite::Row;
use rusqlite::types::Type;

/// A column that this program could not have written so.
pub(super) fn malformed(index: usize) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(index, Type::Integer, "not of its form".into())
}

/// A word as its place in its list.
pub(super) fn word<W: Word>(word: W) -> i64 {
    word.index() as i64
}

/// Reads back [`word`].
pub(super) fn word_at<W: Word>(row: &Row<'_>, index: usize) -> rusqlite::Result<W> {
    maybe_word_at(row, index)?.ok_or_else(|| malformed(index))
}

/// Reads back a [`word`] that may be missing.
pub(super) fn maybe_word_at<W: Word>(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<W>> {
    row.get::<_, Option<i64>>(index)?
        .map(|place| {
            usize::try_from(place)
                .ok()
                .and_then(|place| W::ALL.get(place).copied())
                .ok_or_else(|| malformed(index))
        })
        .transpose()
}

/// Reads an area's number.
pub(super) fn area_at(row: &Row<'_>, index: usize) -> rusqlite::Result<AreaCode> {
    AreaCode::from_u64(row.get::<_, i64>(index)? as u64).map_err(|_| malformed(index))
}

/// An area's number.
pub(super) fn area(area: AreaCode) -> i64 {
    area.as_u64() as i64
}

/// The numbers of an area's first and last.
pub(super) fn span(within: AreaCode) -> (i64, i64) {
    (area(within), within.last().as_u64() as i64)
}

/// Reads milliseconds.
pub(super) fn moment_at(row: &Row<'_>, index: usize) -> rusqlite::Result<Timestamp> {
    Timestamp::from_millisecond(row.get(index)?).map_err(|_| malformed(index))
}

/// Reads milliseconds that may be missing.
pub(super) fn maybe_moment_at(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<Timestamp>> {
    row.get::<_, Option<i64>>(index)?
        .map(|ms| Timestamp::from_millisecond(ms).map_err(|_| malformed(index)))
        .transpose()
}

/// Reads a day's number.
pub(super) fn day_at(row: &Row<'_>, index: usize) -> rusqlite::Result<Date> {
    maybe_day_at(row, index)?.ok_or_else(|| malformed(index))
}

/// Reads a day's number that may be missing.
pub(super) fn maybe_day_at(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<Date>> {
    row.get::<_, Option<i32>>(index)?
        .map(|number| day_from_number(number).ok_or_else(|| malformed(index)))
        .transpose()
}
