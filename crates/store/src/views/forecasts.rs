//! Forecasts as they were made: one for each area, target, day and model, never changed.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::facts::{Fact, ForecastMade};
use lianfang_core::forecasts::{Model, Target};
use lianfang_core::text::Text;
use lianfang_core::time::{day_from_number, day_number};
use lianfang_core::words::Word;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::counts::Measure;
use super::{FoldError, Folder};
use crate::error::StoreError;

pub(super) const SCHEMA: &str = "
CREATE TABLE view_forecasts (
  area INTEGER NOT NULL,
  target INTEGER NOT NULL,
  as_of INTEGER NOT NULL,
  model INTEGER NOT NULL,
  made INTEGER NOT NULL,
  made_ms INTEGER NOT NULL,
  last INTEGER NOT NULL,
  pack TEXT NOT NULL,
  read TEXT NOT NULL,
  added INTEGER NOT NULL,
  city TEXT,
  days INTEGER NOT NULL,
  thousandths BLOB NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (area, target, as_of, model)
) WITHOUT ROWID;
";

/// Levels of the COVID-19 Forecast Hub.
const LEVELS: usize = 23;
/// Bytes of a value.
const WIDTH: usize = 8;

pub(super) fn made(
    connection: &Connection,
    fact: &Fact,
    made: &ForecastMade,
    folder: &Folder,
) -> Result<(), FoldError> {
    let mut values = Vec::with_capacity(made.thousandths.len() * LEVELS * WIDTH);
    for day in &made.thousandths {
        if day.len() != LEVELS || day.windows(2).any(|pair| pair[0] > pair[1]) {
            return Err(FoldError::Unfit(Text::new(
                "a forecast has 23 ascending quantiles for each day",
                "预测每天须有23个递增的分位数",
            )));
        }
        for value in day {
            values.extend(value.to_be_bytes());
        }
    }
    let there = connection
        .prepare_cached(
            "SELECT 1 FROM view_forecasts WHERE area = ?1 AND target = ?2 AND as_of = ?3 AND model = ?4",
        )?
        .query_row(
            params![
                fact.area.as_u64() as i64,
                made.target.index() as i64,
                day_number(made.as_of),
                made.model.index() as i64
            ],
            |_| Ok(()),
        )
        .optional()?;
    if there.is_some() {
        return Err(FoldError::AlreadyThere("forecast"));
    }
    connection
        .prepare_cached(
            "INSERT INTO view_forecasts (area, target, as_of, model, made, made_ms, last, pack, read, added, city,
             days, thousandths, seq) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        )?
        .execute(params![
            fact.area.as_u64() as i64,
            made.target.index() as i64,
            day_number(made.as_of),
            made.model.index() as i64,
            day_number(folder.utc_offset.day_of(fact.recorded_at)),
            fact.recorded_at.as_millisecond(),
            day_number(made.last),
            format!("{} {}", made.pack, made.version),
            made.read,
            made.added,
            made.city,
            made.thousandths.len() as i64,
            values,
            fact.seq as i64,
        ])?;
    Ok(())
}

/// A forecast as it was made.
#[derive(Debug, Clone, PartialEq)]
pub struct ForecastRow {
    /// The area.
    pub area: AreaCode,
    /// The day: nothing known later was read.
    pub as_of: Date,
    /// By what.
    pub model: Model,
    /// The day on which it was recorded.
    pub made: Date,
    /// The moment.
    pub made_at: Timestamp,
    /// The newest day that was counted.
    pub last: Date,
    /// The pack with its version.
    pub pack: String,
    /// BLAKE3 of the counts that were read, in hex.
    pub read: String,
    /// Cases that the nowcast added.
    pub added: u32,
    /// BLAKE3 of the city, where one was run.
    pub city: Option<String>,
    /// For each day ahead the values at the Hub's levels.
    pub days: Vec<Vec<f64>>,
    /// The fact's place.
    pub seq: u64,
}

fn row_at(row: &Row<'_>) -> Result<Result<ForecastRow, StoreError>, rusqlite::Error> {
    let bad = || StoreError::Malformed("forecast");
    let day =
        |at: usize| -> Result<Option<Date>, rusqlite::Error> { Ok(day_from_number(row.get(at)?)) };
    let (as_of, made, last) = (day(1)?, day(3)?, day(5)?);
    let model: i64 = row.get(2)?;
    let made_ms: i64 = row.get(4)?;
    let area = AreaCode::from_u64(row.get::<_, i64>(0)?.cast_unsigned());
    let bytes: Vec<u8> = row.get(10)?;
    let values: Vec<f64> = bytes
        .as_chunks::<WIDTH>()
        .0
        .iter()
        .map(|value| u64::from_be_bytes(*value) as f64 / 1_000.0)
        .collect();
    let days = values.chunks(LEVELS).map(<[f64]>::to_vec).collect();
    let model = usize::try_from(model).ok().and_then(|i| Model::ALL.get(i));
    let made_at = Timestamp::from_millisecond(made_ms);
    let (Ok(area), Some(as_of), Some(made), Some(last), Some(model), Ok(made_at)) =
        (area, as_of, made, last, model, made_at)
    else {
        return Ok(Err(bad()));
    };
    Ok(Ok(ForecastRow {
        area,
        as_of,
        model: *model,
        made,
        made_at,
        last,
        pack: row.get(6)?,
        read: row.get(7)?,
        added: row.get(8)?,
        city: row.get(9)?,
        days,
        seq: row.get::<_, i64>(11)?.cast_unsigned(),
    }))
}

const COLUMNS: &str =
    "area, as_of, model, made, made_ms, last, pack, read, added, city, thousandths, seq";

/// Forecasts of areas from one to another that were recorded by the end of a day, by area, day and model.
pub fn within(
    connection: &Connection,
    (first, last): (AreaCode, AreaCode),
    target: Target,
    known: Date,
) -> Result<Vec<ForecastRow>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM view_forecasts WHERE area BETWEEN ?1 AND ?2 AND target = ?3 AND made <= ?4
         ORDER BY area, as_of, model"
    ))?;
    let rows = statement.query_map(
        params![
            first.as_u64() as i64,
            last.as_u64() as i64,
            target.index() as i64,
            day_number(known)
        ],
        row_at,
    )?;
    rows.map(|row| row?).collect()
}

/// Which forecasts of a day there are.
pub fn made_as_of(
    connection: &Connection,
    target: Target,
    as_of: Date,
) -> Result<BTreeSet<(AreaCode, Model)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT area, model FROM view_forecasts WHERE target = ?1 AND as_of = ?2",
    )?;
    let rows = statement.query_map(params![target.index() as i64, day_number(as_of)], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
    })?;
    let mut made = BTreeSet::new();
    for row in rows {
        let (area, model) = row?;
        let model = usize::try_from(model).ok().and_then(|i| Model::ALL.get(i));
        let (Ok(area), Some(model)) = (AreaCode::from_u64(area.cast_unsigned()), model) else {
            return Err(StoreError::Malformed("forecast"));
        };
        made.insert((area, *model));
    }
    Ok(made)
}

/// Areas that have so many confirmed cases of a span of days on their line list, as known by the end of a day; and areas
/// that have totals of these days, whatever they say.
pub fn areas_with_cases(
    connection: &Connection,
    (from, to): (Date, Date),
    known: Date,
    least: u32,
) -> Result<BTreeSet<AreaCode>, StoreError> {
    let mut areas = BTreeSet::new();
    let mut take = |code: i64| {
        let area = AreaCode::from_u64(code.cast_unsigned());
        area.map(|area| areas.insert(area))
            .map_err(|_| StoreError::Malformed("area"))
    };
    let mut listed = connection.prepare_cached(
        "SELECT area FROM view_counts WHERE measure = ?1 AND day BETWEEN ?2 AND ?3 AND known <= ?4
         GROUP BY area HAVING sum(n) >= ?5",
    )?;
    let mut rows = listed.query(params![
        Measure::Confirmed.number(),
        day_number(from),
        day_number(to),
        day_number(known),
        least
    ])?;
    while let Some(row) = rows.next()? {
        take(row.get(0)?)?;
    }
    let mut reported = connection.prepare_cached(
        "SELECT DISTINCT area FROM view_totals WHERE day BETWEEN ?1 AND ?2 AND known <= ?3",
    )?;
    let mut rows = reported.query(params![day_number(from), day_number(to), day_number(known)])?;
    while let Some(row) = rows.next()? {
        take(row.get(0)?)?;
    }
    Ok(areas)
}
