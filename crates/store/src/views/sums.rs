//! Sums that are kept rather than counted, for every area from the grid up to the country: a page over millions of contacts
//! reads a few rows of them.

use std::collections::HashMap;

use lianfang_core::areas::AreaCode;
use rusqlite::{Connection, params};

use super::columns::area as number;

pub(crate) const SCHEMA: &str = "
CREATE TABLE view_sums (
  sum INTEGER NOT NULL,
  area INTEGER NOT NULL,
  a INTEGER NOT NULL,
  b INTEGER NOT NULL,
  c INTEGER NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (sum, area, a, b, c)
) WITHOUT ROWID;
";

/// What is summed, and by what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Sum {
    /// Contacts as they stand, by class and status.
    Contacts = 0,
    /// Contacts to be followed, by the day on which they were last seen.
    Due = 1,
    /// Contacts by class, the day on which they were named, and the hours until they were told.
    Traced = 2,
    /// Cases by curve day, and whether the person was known as a contact before.
    Known = 3,
    /// Cases by curve day, and the setting in which a link says that they were infected.
    Infected = 4,
    /// Delays of confirmed cases by curve day, kind, and days.
    Delays = 5,
}

/// Sums gathered while folding, written when the transaction ends.
#[derive(Debug, Default)]
pub(crate) struct Sums(HashMap<(Sum, AreaCode, [i64; 3]), i64>);

impl Sums {
    /// Adds `n` to the areas that contain `area`.
    pub(super) fn add(&mut self, sum: Sum, area: AreaCode, by: [i64; 3], n: i64) {
        for area in area.with_ancestors() {
            *self.0.entry((sum, area, by)).or_default() += n;
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (key, n) in other.0 {
            *self.0.entry(key).or_default() += n;
        }
    }

    /// Writes them; a sum of zero leaves no row, so that the way to it does not show.
    pub(super) fn flush(&mut self, connection: &Connection) -> Result<(), rusqlite::Error> {
        let mut sums: Vec<_> = self.0.drain().filter(|(_, n)| *n != 0).collect();
        sums.sort_unstable_by_key(|(key, _)| *key);
        let mut add = connection.prepare_cached(
            "INSERT INTO view_sums (sum, area, a, b, c, n) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (sum, area, a, b, c) DO UPDATE SET n = n + ?6 RETURNING n",
        )?;
        let mut clear = connection.prepare_cached(
            "DELETE FROM view_sums WHERE sum = ?1 AND area = ?2 AND a = ?3 AND b = ?4 AND c = ?5",
        )?;
        for ((sum, area, [a, b, c]), n) in sums {
            let (sum, area) = (sum as i64, number(area));
            let now: i64 = add.query_row(params![sum, area, a, b, c, n], |row| row.get(0))?;
            if now == 0 {
                clear.execute(params![sum, area, a, b, c])?;
            }
        }
        Ok(())
    }
}

/// The rows of a sum for an area whose first key lies in a span.
pub(super) fn rows(
    connection: &Connection,
    sum: Sum,
    area: AreaCode,
    (from, to): (i64, i64),
) -> Result<Vec<([i64; 3], u64)>, rusqlite::Error> {
    connection
        .prepare_cached(
            "SELECT a, b, c, n FROM view_sums WHERE sum = ?1 AND area = ?2 AND a BETWEEN ?3 AND ?4 ORDER BY a, b, c",
        )?
        .query_map(params![sum as i64, number(area), from, to], |row| {
            let by = [row.get(0)?, row.get(1)?, row.get(2)?];
            Ok((by, row.get::<_, i64>(3)?.max(0) as u64))
        })?
        .collect()
}
