//! Places that people visit, as they stand.

use lianfang_core::areas::AreaCode;
use lianfang_core::facts::{Fact, PlaceDefined};
use lianfang_core::places::{PlaceCode, PlaceId, PlaceKind};
use lianfang_core::text::Text;
use lianfang_core::words::Words;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::FoldError;
use super::columns::{area, area_at, malformed, span, word, word_at};

pub(super) const SCHEMA: &str = "
CREATE TABLE view_places (
  place INTEGER PRIMARY KEY,
  code TEXT NOT NULL,
  area INTEGER NOT NULL,
  name TEXT NOT NULL,
  name_en TEXT,
  kind INTEGER NOT NULL,
  seq INTEGER NOT NULL
);
CREATE INDEX view_places_area ON view_places (area, place);
CREATE INDEX view_places_seq ON view_places (seq);
";

/// A place as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceRow {
    /// The place.
    pub place: PlaceId,
    /// The code on its sign.
    pub code: PlaceCode,
    /// Its area.
    pub area: AreaCode,
    /// Its name.
    pub name: String,
    /// Its English name.
    pub name_en: Option<String>,
    /// What it is.
    pub kind: PlaceKind,
}

/// Which places.
#[derive(Debug, Clone)]
pub struct PlaceFilter {
    /// Within this area.
    pub area: AreaCode,
    /// Of these kinds; all where empty.
    pub kinds: Words<PlaceKind>,
    /// With this in the code or a name.
    pub text: Option<String>,
}

const COLUMNS: &str = "place, code, area, name, name_en, kind";

/// Numbers of 64 bits stand in columns with their sign.
pub(super) fn stored(place: PlaceId) -> i64 {
    place.0.cast_signed()
}

fn place_at(row: &Row<'_>, index: usize) -> rusqlite::Result<PlaceId> {
    row.get::<_, i64>(index)
        .map(|place| PlaceId(place.cast_unsigned()))
}

fn read_row(row: &Row<'_>) -> rusqlite::Result<PlaceRow> {
    let code: String = row.get(1)?;
    Ok(PlaceRow {
        place: place_at(row, 0)?,
        code: code.parse().map_err(|_| malformed(1))?,
        area: area_at(row, 2)?,
        name: row.get(3)?,
        name_en: row.get(4)?,
        kind: word_at(row, 5)?,
    })
}

pub(super) fn defined(
    connection: &Connection,
    fact: &Fact,
    defined: &PlaceDefined,
) -> Result<(), FoldError> {
    if PlaceId::of(&defined.code) != defined.place {
        return Err(FoldError::Unfit(Text::new(
            "This is not the number that the place's code leads to.",
            "场所编号与场所码不符。",
        )));
    }
    if place(connection, defined.place)?.is_some_and(|before| before.code != defined.code) {
        return Err(FoldError::Unfit(Text::new(
            "Another place's code leads to the same number. Give this place another code.",
            "已有另一场所码对应同一编号，请为该场所改用其他场所码。",
        )));
    }
    connection
        .prepare_cached(
            "INSERT INTO view_places (place, code, area, name, name_en, kind, seq)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT DO UPDATE SET area = ?3, name = ?4, name_en = ?5, kind = ?6, seq = ?7",
        )?
        .execute(params![
            stored(defined.place),
            defined.code.as_str(),
            area(fact.area),
            defined.name,
            defined.name_en,
            word(defined.kind),
            fact.seq as i64,
        ])?;
    Ok(())
}

/// A place.
pub fn place(connection: &Connection, place: PlaceId) -> Result<Option<PlaceRow>, rusqlite::Error> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM view_places WHERE place = ?1"
        ))?
        .query_row([stored(place)], read_row)
        .optional()
}

/// Places, by number, after one.
pub fn list(
    connection: &Connection,
    filter: &PlaceFilter,
    after: Option<PlaceId>,
    limit: usize,
) -> Result<Vec<PlaceRow>, rusqlite::Error> {
    let (first, last) = span(filter.area);
    let kinds = match filter.kinds.bits() {
        0 => i64::from(u32::MAX),
        some => i64::from(some),
    };
    let pattern = filter.text.as_deref().map(|text| {
        let mut pattern = String::from("%");
        for c in text.chars() {
            if matches!(c, '\\' | '%' | '_') {
                pattern.push('\\');
            }
            pattern.push(c);
        }
        pattern.push('%');
        pattern
    });
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM view_places WHERE area BETWEEN ?1 AND ?2 AND (1 << kind) & ?3
             AND (?4 IS NULL OR code LIKE ?4 ESCAPE '\\' OR name LIKE ?4 ESCAPE '\\' OR name_en LIKE ?4 ESCAPE '\\')
             AND (?5 IS NULL OR place > ?5) ORDER BY place LIMIT ?6"
        ))?
        .query_map(
            params![first, last, kinds, pattern, after.map(stored), limit as i64],
            read_row,
        )?
        .collect()
}

/// The place of the newest fact about a place in this node's order, 0 where there is none: whether
/// what was read before still holds.
pub fn newest(connection: &Connection) -> Result<u64, rusqlite::Error> {
    connection
        .prepare_cached("SELECT coalesce(max(seq), 0) FROM view_places")?
        .query_row([], |row| row.get::<_, i64>(0))
        .map(|seq| seq as u64)
}

/// What each place is, of those with a fact after `seq`.
pub fn kinds_after(
    connection: &Connection,
    seq: u64,
) -> Result<Vec<(PlaceId, PlaceKind)>, rusqlite::Error> {
    connection
        .prepare_cached("SELECT place, kind FROM view_places WHERE seq > ?1")?
        .query_map([seq as i64], |row| {
            Ok((place_at(row, 0)?, word_at(row, 1)?))
        })?
        .collect()
}
