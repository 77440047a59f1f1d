//! Lists of households, who lives in them, and how far they are covered.

use std::collections::HashMap;

use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::households::Dwelling;
use lianfang_core::ids::{HouseholdId, PersonId};
use lianfang_core::time::day_number;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};

use crate::error::StoreError;
use crate::views::columns::{area, area_at, day_at, span, word, word_at};

use super::{COLUMNS, HouseholdRow, read_row};

/// Which households a list shows.
#[derive(Debug, Clone)]
pub struct HouseholdFilter {
    /// Within this area.
    pub area: AreaCode,
    /// Of this kind.
    pub dwelling: Option<Dwelling>,
    /// Belonging to this home, dormitory or hotel, by its name.
    pub place: Option<String>,
    /// Only those not covered by a visit on this day or later.
    pub uncovered_since: Option<Date>,
}

impl HouseholdFilter {
    /// All households of an area.
    pub fn within(area: AreaCode) -> Self {
        Self {
            area,
            dwelling: None,
            place: None,
            uncovered_since: None,
        }
    }

    fn conditions(&self) -> (String, Vec<Value>) {
        let (first, last) = span(self.area);
        let mut values = vec![Value::Integer(first), Value::Integer(last)];
        let mut conditions = "area BETWEEN ?1 AND ?2".to_owned();
        let mut add = |text: &str, value: Value| {
            values.push(value);
            conditions.push_str(&text.replace('?', &format!("?{}", values.len())));
        };
        if let Some(dwelling) = self.dwelling {
            add(" AND dwelling = ?", Value::Integer(word(dwelling)));
        }
        if let Some(place) = &self.place {
            add(" AND place = ?", Value::Text(place.clone()));
        }
        if let Some(since) = self.uncovered_since {
            add(
                " AND coalesce(met_on, -1000000) < ?",
                Value::Integer(i64::from(day_number(since))),
            );
        }
        (conditions, values)
    }
}

/// Where the next page begins: after this place on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HouseholdCursor {
    /// Area of the last row shown.
    pub area: AreaCode,
    /// Its place on the way.
    pub walk: u32,
    /// Its row.
    pub id: u64,
}

/// How far households are covered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Covered {
    /// Households.
    pub households: u64,
    /// Of those, covered.
    pub covered: u64,
    /// People to be accounted for.
    pub people: u64,
    /// Of those, accounted for.
    pub accounted: u64,
}

impl std::ops::AddAssign for Covered {
    fn add_assign(&mut self, other: Self) {
        self.households += other.households;
        self.covered += other.covered;
        self.people += other.people;
        self.accounted += other.accounted;
    }
}

/// How far a named home, dormitory or hotel is covered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceCovered {
    /// Its name.
    pub place: String,
    /// What kind of place it is.
    pub dwelling: Dwelling,
    /// Its area.
    pub area: AreaCode,
    /// How far it is covered.
    pub covered: Covered,
}

/// Visits of one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VisitDay {
    /// The day.
    pub day: Date,
    /// Households at whose door somebody was.
    pub households: u64,
    /// Of those, households where anybody was met.
    pub met: u64,
    /// People met or accounted for.
    pub people: u64,
}

/// Households in walking order: by area, then by their place on the way.
pub fn list(
    connection: &Connection,
    filter: &HouseholdFilter,
    after: Option<HouseholdCursor>,
    limit: usize,
) -> Result<Vec<HouseholdRow>, StoreError> {
    let (mut conditions, mut values) = filter.conditions();
    if let Some(cursor) = after {
        let n = values.len();
        values.push(Value::Integer(area(cursor.area)));
        values.push(Value::Integer(i64::from(cursor.walk)));
        values.push(Value::Integer(cursor.id as i64));
        conditions = format!(
            "{conditions} AND area >= ?{0} AND (area, walk, id) > (?{0}, ?{1}, ?{2})",
            n + 1,
            n + 2,
            n + 3
        );
    }
    values.push(Value::Integer(limit as i64));
    let found = connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM view_households INDEXED BY view_households_walk
             WHERE {conditions} ORDER BY area, walk, id LIMIT ?{}",
            values.len()
        ))?
        .query_map(params_from_iter(values), read_row)?
        .collect::<Result<_, _>>()?;
    Ok(found)
}

/// How many households a filter lets through.
pub fn count(connection: &Connection, filter: &HouseholdFilter) -> Result<u64, StoreError> {
    let (conditions, values) = filter.conditions();
    let n: i64 = connection
        .prepare_cached(&format!(
            "SELECT count(*) FROM view_households WHERE {conditions}"
        ))?
        .query_row(params_from_iter(values), |row| row.get(0))?;
    Ok(n as u64)
}

const SUMS: &str = "count(*), sum(met_on >= ?3), sum(max(people, living)),
                    sum(CASE WHEN met_on >= ?3 THEN min(met, max(people, living)) ELSE 0 END)";

fn sums_at(row: &rusqlite::Row<'_>, first: usize) -> rusqlite::Result<Covered> {
    let sum = |index: usize| -> rusqlite::Result<u64> {
        Ok(row.get::<_, Option<i64>>(index)?.unwrap_or(0) as u64)
    };
    Ok(Covered {
        households: sum(first)?,
        covered: sum(first + 1)?,
        people: sum(first + 2)?,
        accounted: sum(first + 3)?,
    })
}

/// How far the households of an area are covered since a day, by the area that they belong to and
/// by kind.
pub fn coverage(
    connection: &Connection,
    within: AreaCode,
    since: Date,
) -> Result<Vec<(AreaCode, Dwelling, Covered)>, rusqlite::Error> {
    let (first, last) = span(within);
    connection
        .prepare_cached(&format!(
            "SELECT area, dwelling, {SUMS} FROM view_households INDEXED BY view_households_cover
             WHERE area BETWEEN ?1 AND ?2 GROUP BY area, dwelling ORDER BY area, dwelling"
        ))?
        .query_map(params![first, last, day_number(since)], |row| {
            Ok((area_at(row, 0)?, word_at(row, 1)?, sums_at(row, 2)?))
        })?
        .collect()
}

/// How far special places with a name are covered since a day, those with most people not
/// accounted for first.
pub fn coverage_of_places(
    connection: &Connection,
    within: AreaCode,
    since: Date,
    limit: usize,
) -> Result<Vec<PlaceCovered>, rusqlite::Error> {
    let (first, last) = span(within);
    connection
        .prepare_cached(&format!(
            "SELECT place, dwelling, area, {SUMS} FROM view_households INDEXED BY view_households_place
             WHERE dwelling > {home} AND area BETWEEN ?1 AND ?2 AND place IS NOT NULL GROUP BY dwelling, area, place
             ORDER BY sum(max(people, living)) - sum(CASE WHEN met_on >= ?3 THEN min(met, max(people, living)) ELSE 0 END)
             DESC, dwelling, area, place LIMIT ?4",
            home = word(Dwelling::Home)
        ))?
        .query_map(
            params![first, last, day_number(since), limit as i64],
            |row| {
                Ok(PlaceCovered {
                    place: row.get(0)?,
                    dwelling: word_at(row, 1)?,
                    area: area_at(row, 2)?,
                    covered: sums_at(row, 3)?,
                })
            },
        )?
        .collect()
}

/// Who lives in a household, in the order of recording.
pub fn residents_of(
    connection: &Connection,
    household: HouseholdId,
    limit: usize,
) -> Result<Vec<PersonId>, rusqlite::Error> {
    connection
        .prepare_cached(
            "SELECT person FROM view_residents WHERE household = ?1 AND living = 1 ORDER BY seq LIMIT ?2",
        )?
        .query_map(params![household.to_bytes(), limit as i64], |row| {
            Ok(PersonId::from_bytes(row.get(0)?))
        })?
        .collect()
}

/// Who lives within an area, with their household, in walking order.
pub fn residents_in(
    connection: &Connection,
    within: AreaCode,
    limit: usize,
) -> Result<Vec<(HouseholdId, PersonId)>, rusqlite::Error> {
    let (first, last) = span(within);
    connection
        .prepare_cached(
            "SELECT h.household, r.person FROM view_households h INDEXED BY view_households_walk
             JOIN view_residents r ON r.household = h.household AND r.living = 1
             WHERE h.area BETWEEN ?1 AND ?2 ORDER BY h.area, h.walk, h.id, r.seq LIMIT ?3",
        )?
        .query_map(params![first, last, limit as i64], |row| {
            Ok((
                HouseholdId::from_bytes(row.get(0)?),
                PersonId::from_bytes(row.get(1)?),
            ))
        })?
        .collect()
}

/// In which household each of these people lives; those of whom it is not known are left out.
pub fn homes_of(
    connection: &Connection,
    people: &[PersonId],
) -> Result<HashMap<PersonId, HouseholdId>, rusqlite::Error> {
    let mut statement = connection
        .prepare_cached("SELECT household FROM view_residents WHERE person = ?1 AND living = 1")?;
    let mut homes = HashMap::with_capacity(people.len());
    for person in people {
        let home: Option<[u8; 16]> = statement
            .query_row([person.to_bytes()], |row| row.get(0))
            .optional()?;
        if let Some(home) = home {
            homes.insert(*person, HouseholdId::from_bytes(home));
        }
    }
    Ok(homes)
}

/// Days on which somebody was at a household's door, the newest first, with the most people met.
pub fn visits_of(
    connection: &Connection,
    household: HouseholdId,
    limit: usize,
) -> Result<Vec<(Date, u16)>, rusqlite::Error> {
    connection
        .prepare_cached(
            "SELECT day, people FROM view_visits WHERE household = ?1 ORDER BY day DESC LIMIT ?2",
        )?
        .query_map(params![household.to_bytes(), limit as i64], |row| {
            Ok((day_at(row, 0)?, row.get(1)?))
        })?
        .collect()
}

/// Visits within an area on each day of a span that had any.
pub fn visit_days(
    connection: &Connection,
    within: AreaCode,
    from: Date,
    to: Date,
) -> Result<Vec<VisitDay>, rusqlite::Error> {
    let (first, last) = span(within);
    connection
        .prepare_cached(
            "SELECT day, sum(households), sum(met), sum(people) FROM view_visit_days
             WHERE area BETWEEN ?1 AND ?2 AND day BETWEEN ?3 AND ?4 GROUP BY day ORDER BY day",
        )?
        .query_map(
            params![first, last, day_number(from), day_number(to)],
            |row| {
                Ok(VisitDay {
                    day: day_at(row, 0)?,
                    households: row.get::<_, i64>(1)? as u64,
                    met: row.get::<_, i64>(2)? as u64,
                    people: row.get::<_, i64>(3)? as u64,
                })
            },
        )?
        .collect()
}
