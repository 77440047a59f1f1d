//! Counts of arrivals by day: as announced, as they came, and what the gates made of them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::entry::Triage;
use lianfang_core::ids::CheckpointId;
use lianfang_core::time::UtcOffset;
use rusqlite::{Connection, params};

use crate::views::columns::{day_at, span, word_at};

/// People of one day of arrival, by the day on which they became known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArrivalCount {
    /// The day of arrival.
    pub day: Date,
    /// The day on which the first source knew.
    pub found: Date,
    /// Whether the first source knew before they arrived.
    pub announced: bool,
    /// Whether they came.
    pub arrived: bool,
    /// People.
    pub people: u32,
}

/// Arrivals of an area in a span, by day of arrival and day known.
pub fn arrival_counts(
    connection: &Connection,
    within: AreaCode,
    from: Timestamp,
    until: Timestamp,
    offset: UtcOffset,
) -> Result<Vec<ArrivalCount>, rusqlite::Error> {
    let (first, last) = span(within);
    let shift = i64::from(offset.minutes()) * 60_000;
    connection
        .prepare_cached(
            "SELECT (arrival + ?5) / 86400000, (found_at + ?5) / 86400000, found_at < arrival OR arrived = 0, arrived,
             count(*) FROM view_entrants
             WHERE parent IS NULL AND area BETWEEN ?1 AND ?2 AND arrival >= ?3 AND arrival < ?4
             GROUP BY 1, 2, 3, 4 ORDER BY 1, 2",
        )?
        .query_map(
            params![
                first,
                last,
                from.as_millisecond(),
                until.as_millisecond(),
                shift
            ],
            |row| {
                Ok(ArrivalCount {
                    day: day_at(row, 0)?,
                    found: day_at(row, 1)?,
                    announced: row.get(2)?,
                    arrived: row.get(3)?,
                    people: row.get(4)?,
                })
            },
        )?
        .collect()
}

/// What the last gate decided of the people of an area who came in a span.
pub fn outcomes_between(
    connection: &Connection,
    within: AreaCode,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<(Triage, u64)>, rusqlite::Error> {
    let (first, last) = span(within);
    connection
        .prepare_cached(
            "SELECT triage, count(*) FROM view_entrants WHERE parent IS NULL AND triage IS NOT NULL
             AND area BETWEEN ?1 AND ?2 AND arrival >= ?3 AND arrival < ?4 GROUP BY triage ORDER BY triage",
        )?
        .query_map(
            params![first, last, from.as_millisecond(), until.as_millisecond()],
            |row| Ok((word_at(row, 0)?, row.get::<_, i64>(1)? as u64)),
        )?
        .collect()
}

/// What a checkpoint bore in a span.
#[derive(Debug, Clone, PartialEq)]
pub struct GateLoad {
    /// The checkpoint.
    pub checkpoint: CheckpointId,
    /// Its name.
    pub name: String,
    /// Its English name.
    pub name_en: Option<String>,
    /// Lanes there are.
    pub lanes: u8,
    /// Checks made.
    pub people: u64,
    /// Of a day's checks, the share that fell into the hour of the day with the most.
    pub busiest_hour_share: f64,
    /// Mean seconds of a check, where they were measured.
    pub mean_seconds: Option<f64>,
}

/// What the checkpoints of an area bore in a span.
pub fn gate_loads(
    connection: &Connection,
    within: AreaCode,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<GateLoad>, rusqlite::Error> {
    let mut loads = Vec::new();
    for row in super::checkpoints(connection, within)? {
        let mut hours: BTreeMap<i64, u64> = BTreeMap::new();
        let (mut seconds, mut measured) = (0.0, 0_u64);
        let mut statement = connection.prepare_cached(
            "SELECT ((at - ?2) / 3600000) % 24, count(*), coalesce(sum(seconds), 0), count(seconds)
             FROM view_gate_checks WHERE checkpoint = ?1 AND at >= ?2 AND at < ?3 GROUP BY 1",
        )?;
        let mut rows = statement.query(params![
            row.checkpoint.to_bytes(),
            from.as_millisecond(),
            until.as_millisecond()
        ])?;
        while let Some(hour) = rows.next()? {
            hours.insert(hour.get(0)?, hour.get::<_, i64>(1)? as u64);
            seconds += hour.get::<_, f64>(2)?;
            measured += hour.get::<_, i64>(3)? as u64;
        }
        let people: u64 = hours.values().sum();
        let busiest = hours.values().max().copied().unwrap_or(0);
        loads.push(GateLoad {
            checkpoint: row.checkpoint,
            name: row.name,
            name_en: row.name_en,
            lanes: row.lanes,
            people,
            busiest_hour_share: busiest as f64 / people.max(1) as f64,
            mean_seconds: (measured > 0).then(|| seconds / measured as f64),
        });
    }
    Ok(loads)
}
