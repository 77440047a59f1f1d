//! Orders as they stand, and their changes.

use jiff::Timestamp;
use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::entry::Stage;
use lianfang_core::ids::{AccountId, EntrantId, OrderId, PersonId, SiteId};
use lianfang_core::quarantine::{AbsenceHow, Basis, Bed, EndHow, SampleResult, Watch};
use lianfang_core::time::day_number;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params_from_iter};
use serde_json::Map;

use crate::error::StoreError;
use crate::views::columns::{
    area_at, day_at, malformed, maybe_day_at, maybe_moment_at, maybe_word_at, moment_at, span,
    word, word_at,
};

/// An order as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderRow {
    /// The place of the fact that made it.
    pub id: u64,
    /// The order.
    pub order: OrderId,
    /// The person on this journey.
    pub entrant: Option<EntrantId>,
    /// The person.
    pub person: PersonId,
    /// Where they are watched.
    pub area: AreaCode,
    /// How.
    pub watch: Watch,
    /// From what its days count.
    pub basis: Option<Basis>,
    /// That day.
    pub since: Date,
    /// The day of release, as it stands.
    pub until: Date,
    /// The day of release that the policy gave at first.
    pub computed: Date,
    /// When it was made.
    pub made_at: Timestamp,
    /// By whom.
    pub made_by: AccountId,
    /// By which rule.
    pub rule: String,
    /// Of which pack.
    pub pack: String,
    /// What was known, by field.
    pub evidence: Map<String, serde_json::Value>,
    /// The bed: the last one where it has ended.
    pub bed: Option<Bed>,
    /// The next day on which a sample is due and none was taken since.
    pub next_test: Option<Date>,
    /// Samples without a result.
    pub awaited: u32,
    /// The result of the newest sample that has one.
    pub result: Option<SampleResult>,
    /// Since when they are not where they should be.
    pub absent_since: Option<Timestamp>,
    /// How that was found.
    pub absent_how: Option<AbsenceHow>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// On which day.
    pub ended_on: Option<Date>,
    /// By whom.
    pub ended_by: Option<AccountId>,
    /// How.
    pub how: Option<EndHow>,
    /// Why, where it did not run to its end.
    pub end_reason: Option<String>,
    /// The place of the newest fact that changed it.
    pub seq: u64,
}

impl OrderRow {
    /// Whether it is in force.
    pub fn is_live(&self) -> bool {
        self.ended_at.is_none()
    }

    /// Whether a sample is due on `day`.
    pub fn sample_due(&self, day: Date) -> bool {
        self.next_test
            .is_some_and(|test| test <= day && test <= self.until)
    }
}

const COLUMNS: &str = "o.id, o.order_id, o.entrant, o.person, o.area, o.watch, o.basis, o.since, o.until, o.computed, \
                       o.made_at, o.made_by, o.rule, o.pack, o.evidence, o.site, o.room, o.bed, o.next_test, o.awaited, \
                       o.result, o.absent_since, o.absent_how, o.ended_at, o.ended_on, o.ended_by, o.how, o.end_reason, o.seq";

fn read_row(row: &Row<'_>) -> rusqlite::Result<OrderRow> {
    let evidence: String = row.get(14)?;
    let site: Option<[u8; 16]> = row.get(15)?;
    let bed = site
        .map(|site| {
            Ok::<_, rusqlite::Error>(Bed {
                site: SiteId::from_bytes(site),
                room: row.get(16)?,
                bed: row.get(17)?,
            })
        })
        .transpose()?;
    Ok(OrderRow {
        id: row.get::<_, i64>(0)? as u64,
        order: OrderId::from_bytes(row.get(1)?),
        entrant: row
            .get::<_, Option<[u8; 16]>>(2)?
            .map(EntrantId::from_bytes),
        person: PersonId::from_bytes(row.get(3)?),
        area: area_at(row, 4)?,
        watch: word_at(row, 5)?,
        basis: maybe_word_at(row, 6)?,
        since: day_at(row, 7)?,
        until: day_at(row, 8)?,
        computed: day_at(row, 9)?,
        made_at: moment_at(row, 10)?,
        made_by: AccountId::from_bytes(row.get(11)?),
        rule: row.get(12)?,
        pack: row.get(13)?,
        evidence: serde_json::from_str(&evidence).map_err(|_| malformed(14))?,
        bed,
        next_test: maybe_day_at(row, 18)?,
        awaited: row.get(19)?,
        result: maybe_word_at(row, 20)?,
        absent_since: maybe_moment_at(row, 21)?,
        absent_how: maybe_word_at(row, 22)?,
        ended_at: maybe_moment_at(row, 23)?,
        ended_on: maybe_day_at(row, 24)?,
        ended_by: row
            .get::<_, Option<[u8; 16]>>(25)?
            .map(AccountId::from_bytes),
        how: maybe_word_at(row, 26)?,
        end_reason: row.get(27)?,
        seq: row.get::<_, i64>(28)? as u64,
    })
}

/// An order.
pub fn order(connection: &Connection, order: OrderId) -> Result<Option<OrderRow>, rusqlite::Error> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM view_orders o WHERE order_id = ?1"
        ))?
        .query_row([order.to_bytes()], read_row)
        .optional()
}

/// The order in force about a person.
pub fn live_of(
    connection: &Connection,
    person: PersonId,
) -> Result<Option<OrderRow>, rusqlite::Error> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM view_orders o WHERE person = ?1 AND ended_at IS NULL LIMIT 1"
        ))?
        .query_row([person.to_bytes()], read_row)
        .optional()
}

/// The orders of somebody on a journey, the newest first.
pub fn of_entrant(
    connection: &Connection,
    entrant: EntrantId,
) -> Result<Vec<OrderRow>, rusqlite::Error> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM view_orders o WHERE entrant = ?1 ORDER BY id DESC LIMIT 100"
        ))?
        .query_map([entrant.to_bytes()], read_row)?
        .collect()
}

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// The check of this slot of this day, which is due until a moment.
    Check {
        /// The day.
        day: Date,
        /// The slot, from 1.
        slot: u8,
        /// Until when: who came under watch later need not have it.
        until: Timestamp,
    },
    /// A sample, on this day.
    Sample(Date),
    /// Release, on this day.
    Release(Date),
    /// Not where they should be.
    Absent,
    /// A check was missed, and nobody has closed that matter.
    Missed,
}

/// Which orders a list shows.
#[derive(Debug, Clone, Default)]
pub struct OrderFilter {
    /// Within this area.
    pub area: Option<AreaCode>,
    /// Of this kind.
    pub watch: Option<Watch>,
    /// In force, or ended.
    pub live: Option<bool>,
    /// With this due.
    pub due: Option<Due>,
    /// About one of these people.
    pub people: Option<Vec<PersonId>>,
}

/// Where the next page begins: after this row.
pub type OrderCursor = u64;

impl OrderFilter {
    fn conditions(&self) -> (String, Vec<Value>) {
        let mut values: Vec<Value> = Vec::new();
        let mut conditions = vec!["1".to_owned()];
        let mut place = |value: i64| {
            values.push(Value::Integer(value));
            format!("?{}", values.len())
        };
        let day = |day: Date| i64::from(day_number(day));
        if let Some(area) = self.area.filter(|area| *area != AreaCode::COUNTRY) {
            let (first, last) = span(area);
            conditions.push(format!(
                "o.area BETWEEN {} AND {}",
                place(first),
                place(last)
            ));
        }
        if let Some(watch) = self.watch {
            conditions.push(format!("o.watch = {}", place(word(watch))));
        }
        match self.live {
            Some(true) => conditions.push("o.ended_at IS NULL".into()),
            Some(false) => conditions.push("o.ended_at IS NOT NULL".into()),
            None => {}
        }
        match self.due {
            Some(Due::Check {
                day: on,
                slot,
                until,
            }) => conditions.push(format!(
                "o.until > {day} AND o.made_at < {until} AND NOT EXISTS (SELECT 1 FROM view_checks c
                 WHERE c.order_id = o.order_id AND c.day = {day} AND c.slot = {slot})",
                day = place(day(on)),
                until = place(until.as_millisecond()),
                slot = place(slot.into()),
            )),
            Some(Due::Sample(on)) => conditions.push(format!(
                "o.next_test <= {} AND o.next_test <= o.until",
                place(day(on))
            )),
            Some(Due::Release(on)) => conditions.push(format!("o.until <= {}", place(day(on)))),
            Some(Due::Absent) => conditions.push(format!(
                "(o.absent_since IS NOT NULL OR EXISTS (SELECT 1 FROM view_entrants e
                  WHERE e.entrant = o.entrant AND e.stage = {}))",
                word(Stage::Missing)
            )),
            Some(Due::Missed) => conditions.push(
                "EXISTS (SELECT 1 FROM view_matters m WHERE m.about = o.order_id AND m.kind = 'missed_check'
                 AND m.live = 1)"
                    .into(),
            ),
            None => {}
        }
        if let Some(people) = &self.people {
            let places: Vec<String> = people
                .iter()
                .map(|person| {
                    values.push(Value::Blob(person.to_bytes().to_vec()));
                    format!("?{}", values.len())
                })
                .collect();
            conditions.push(format!("o.person IN ({})", places.join(",")));
        }
        (conditions.join(" AND "), values)
    }
}

/// A page of orders, the newest first.
pub fn list(
    connection: &Connection,
    filter: &OrderFilter,
    after: Option<OrderCursor>,
    limit: usize,
) -> Result<Vec<OrderRow>, StoreError> {
    let (mut conditions, mut values) = filter.conditions();
    if let Some(after) = after {
        values.push(Value::Integer(after as i64));
        conditions = format!("{conditions} AND o.id < ?{}", values.len());
    }
    values.push(Value::Integer(limit as i64));
    let found = connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM view_orders o WHERE {conditions} ORDER BY o.id DESC LIMIT ?{}",
            values.len()
        ))?
        .query_map(params_from_iter(values), read_row)?
        .collect::<Result<_, _>>()?;
    Ok(found)
}

/// How many orders a filter lets through.
pub fn count(connection: &Connection, filter: &OrderFilter) -> Result<u64, StoreError> {
    let (conditions, values) = filter.conditions();
    let n: i64 = connection
        .prepare_cached(&format!(
            "SELECT count(*) FROM view_orders o WHERE {conditions}"
        ))?
        .query_row(params_from_iter(values), |row| row.get(0))?;
    Ok(n as u64)
}
