//! Who is under watch in an area: what a round shows of each.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::entry::Stage;
use lianfang_core::ids::{EntrantId, OrderId, PartyId, PersonId, SiteId};
use lianfang_core::quarantine::{Bed, Watch};
use lianfang_core::time::day_number;
use rusqlite::{Connection, Row, params};

use crate::views::columns::{
    area_at, day_at, maybe_day_at, maybe_moment_at, maybe_word_at, moment_at, span, word_at,
};

/// Somebody under watch, as a round shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
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
    /// The bed, at a site.
    pub bed: Option<Bed>,
    /// When the order was made.
    pub made_at: Timestamp,
    /// The day of release.
    pub until: Date,
    /// The next day on which a sample is due and none was taken since.
    pub next_test: Option<Date>,
    /// Samples without a result.
    pub awaited: u32,
    /// Since when they are not where they should be.
    pub absent_since: Option<Timestamp>,
    /// Where in the process the person stands.
    pub stage: Option<Stage>,
    /// Those who travelled together.
    pub party: Option<PartyId>,
    /// Today's checks that were made: one bit for each slot, the first lowest.
    pub checked: u32,
    /// Whether one of today's checks was abnormal.
    pub abnormal: bool,
}

impl Watched {
    /// Whether today's check of this slot (from 1) was made.
    pub fn has_check(&self, slot: u8) -> bool {
        slot > 0 && self.checked >> (slot - 1) & 1 == 1
    }

    /// Whether a sample is due on `day`.
    pub fn sample_due(&self, day: Date) -> bool {
        self.next_test
            .is_some_and(|test| test <= day && test <= self.until)
    }

    /// Whether the person can be released on `day`, as far as the days go.
    pub fn release_due(&self, day: Date) -> bool {
        self.until <= day
    }

    /// Whether the person is not where they should be.
    pub fn is_absent(&self) -> bool {
        self.absent_since.is_some() || self.stage == Some(Stage::Missing)
    }
}

fn read_row(row: &Row<'_>) -> rusqlite::Result<Watched> {
    let site: Option<[u8; 16]> = row.get(5)?;
    let bed = site
        .map(|site| {
            Ok::<_, rusqlite::Error>(Bed {
                site: SiteId::from_bytes(site),
                room: row.get(6)?,
                bed: row.get(7)?,
            })
        })
        .transpose()?;
    Ok(Watched {
        order: OrderId::from_bytes(row.get(0)?),
        entrant: row
            .get::<_, Option<[u8; 16]>>(1)?
            .map(EntrantId::from_bytes),
        person: PersonId::from_bytes(row.get(2)?),
        area: area_at(row, 3)?,
        watch: word_at(row, 4)?,
        bed,
        made_at: moment_at(row, 8)?,
        until: day_at(row, 9)?,
        next_test: maybe_day_at(row, 10)?,
        awaited: row.get(11)?,
        absent_since: maybe_moment_at(row, 12)?,
        stage: maybe_word_at(row, 13)?,
        party: row.get::<_, Option<[u8; 16]>>(14)?.map(PartyId::from_bytes),
        checked: 0,
        abnormal: false,
    })
}

/// Everybody under watch in an area, by area, then by the order's age, with today's checks.
pub fn watched_in(
    connection: &Connection,
    within: AreaCode,
    today: Date,
) -> Result<Vec<Watched>, rusqlite::Error> {
    let (first, last) = span(within);
    let mut found: Vec<Watched> = connection
        .prepare_cached(
            "SELECT o.order_id, o.entrant, o.person, o.area, o.watch, o.site, o.room, o.bed, o.made_at, o.until,
             o.next_test, o.awaited, o.absent_since, e.stage, e.party
             FROM view_orders o LEFT JOIN view_entrants e ON e.entrant = o.entrant
             WHERE o.ended_at IS NULL AND o.area BETWEEN ?1 AND ?2 ORDER BY o.area, o.id",
        )?
        .query_map([first, last], read_row)?
        .collect::<Result<_, _>>()?;
    let places: BTreeMap<OrderId, usize> = found
        .iter()
        .enumerate()
        .map(|(place, watched)| (watched.order, place))
        .collect();
    let mut checks = connection.prepare_cached(
        "SELECT c.order_id, c.slot, max(c.abnormal) FROM view_orders o JOIN view_checks c ON c.order_id = o.order_id
         AND c.day = ?3 WHERE o.ended_at IS NULL AND o.area BETWEEN ?1 AND ?2 GROUP BY c.order_id, c.slot",
    )?;
    let mut rows = checks.query(params![first, last, day_number(today)])?;
    while let Some(row) = rows.next()? {
        let order = OrderId::from_bytes(row.get(0)?);
        let slot: u32 = row.get(1)?;
        if let Some(place) = places.get(&order) {
            found[*place].checked |= 1_u32.checked_shl(slot.saturating_sub(1)).unwrap_or(0);
            found[*place].abnormal |= row.get::<_, bool>(2)?;
        }
    }
    Ok(found)
}
