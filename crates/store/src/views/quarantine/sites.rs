//! Sites: rooms, beds, and who is in them.

use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::entry::{Stage, Triage};
use lianfang_core::facts::{Fact, SiteDefined};
use lianfang_core::ids::{EntrantId, OrderId, PartyId, PersonId, SiteId};
use lianfang_core::quarantine::{Bed, Room};
use lianfang_core::time::day_number;
use lianfang_core::words::Words;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::unfit;
use crate::views::FoldError;
use crate::views::columns::{area, area_at, day_at, malformed, maybe_word_at, span, word};

/// A site as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteRow {
    /// The site.
    pub site: SiteId,
    /// Its area.
    pub area: AreaCode,
    /// Its name.
    pub name: String,
    /// Its English name.
    pub name_en: Option<String>,
    /// Whom it takes in, by what the gate decided; all where empty.
    pub takes: Words<Triage>,
    /// Its rooms.
    pub rooms: Vec<Room>,
    /// Its beds.
    pub beds: u64,
    /// Whether it takes anybody in.
    pub open: bool,
    /// Beds that somebody has.
    pub occupied: u64,
    /// Beds that nobody has.
    pub free: u64,
}

impl SiteRow {
    /// Whether it takes in people of this class.
    pub fn takes(&self, triage: Triage) -> bool {
        self.takes.is_empty() || self.takes.contains(triage)
    }

    fn has(&self, room: &str, bed: u8) -> bool {
        has(&self.rooms, room, bed)
    }
}

fn has(rooms: &[Room], room: &str, bed: u8) -> bool {
    rooms
        .iter()
        .any(|known| known.room == room && (1..=known.beds).contains(&bed))
}

const COLUMNS: &str = "s.site, s.area, s.name, s.name_en, s.takes, s.rooms, s.beds, s.open, \
                       (SELECT count(*) FROM view_beds b WHERE b.site = s.site)";

fn read_row(row: &Row<'_>) -> rusqlite::Result<SiteRow> {
    let rooms: String = row.get(5)?;
    let beds = row.get::<_, i64>(6)? as u64;
    let occupied = row.get::<_, i64>(8)? as u64;
    Ok(SiteRow {
        site: SiteId::from_bytes(row.get(0)?),
        area: area_at(row, 1)?,
        name: row.get(2)?,
        name_en: row.get(3)?,
        takes: Words::from_bits(row.get(4)?),
        rooms: serde_json::from_str(&rooms).map_err(|_| malformed(5))?,
        beds,
        open: row.get(7)?,
        occupied,
        free: beds.saturating_sub(occupied),
    })
}

pub(in crate::views) fn defined(
    connection: &Connection,
    fact: &Fact,
    defined: &SiteDefined,
) -> Result<(), FoldError> {
    if let Some(before) = site(connection, defined.site)?
        && before.area != fact.area
    {
        return Err(unfit(
            "A site stays in its area. Set up another one there.",
            "隔离点不能更换所属区域，请在当地另行登记。",
        ));
    }
    for taken in taken_beds(connection, defined.site)? {
        if !has(&defined.rooms, &taken.room, taken.bed) {
            let (room, bed) = (taken.room, taken.bed);
            return Err(unfit(
                format!("Somebody is in room {room}, bed {bed}. Move them first."),
                format!("{room}室{bed}床有人，请先调床。"),
            ));
        }
    }
    let rooms = serde_json::to_string(&defined.rooms).map_err(|_| malformed(5))?;
    let beds: i64 = defined.rooms.iter().map(|room| i64::from(room.beds)).sum();
    let takes: Words<Triage> = defined.takes.iter().copied().collect();
    connection
        .prepare_cached(
            "INSERT INTO view_sites (site, area, name, name_en, takes, rooms, beds, open, seq)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT DO UPDATE SET name = ?3, name_en = ?4, takes = ?5, rooms = ?6, beds = ?7, open = ?8, seq = ?9",
        )?
        .execute(params![
            defined.site.to_bytes(),
            area(fact.area),
            defined.name,
            defined.name_en,
            takes.bits(),
            rooms,
            beds,
            defined.open,
            fact.seq as i64,
        ])?;
    Ok(())
}

/// Gives a bed to an order; one that is taken, or not there, is refused.
pub(super) fn occupy(connection: &Connection, order: OrderId, bed: &Bed) -> Result<(), FoldError> {
    let row = site(connection, bed.site)?.ok_or(FoldError::NotThere("site"))?;
    if !row.open {
        return Err(unfit(
            "This site is closed: it takes nobody in.",
            "该隔离点已停用，不再接收人员。",
        ));
    }
    if !row.has(&bed.room, bed.bed) {
        return Err(unfit(
            "This site has no such room or bed.",
            "该隔离点没有此房间或床位。",
        ));
    }
    let done = connection
        .prepare_cached(
            "INSERT INTO view_beds (site, room, bed, order_id) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            bed.site.to_bytes(),
            bed.room,
            bed.bed,
            order.to_bytes()
        ])?;
    if done == 0 {
        return Err(unfit(
            "This bed is taken. Choose another.",
            "该床位已有人，请另选。",
        ));
    }
    Ok(())
}

/// Takes an order's bed back.
pub(super) fn free(connection: &Connection, order: OrderId) -> Result<(), rusqlite::Error> {
    connection
        .prepare_cached(
            "DELETE FROM view_beds WHERE order_id = ?1 AND site = (SELECT site FROM view_orders WHERE order_id = ?1)",
        )?
        .execute([order.to_bytes()])?;
    Ok(())
}

/// A site.
pub fn site(connection: &Connection, site: SiteId) -> Result<Option<SiteRow>, rusqlite::Error> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM view_sites s WHERE s.site = ?1"
        ))?
        .query_row([site.to_bytes()], read_row)
        .optional()
}

/// The sites of an area.
pub fn sites(connection: &Connection, within: AreaCode) -> Result<Vec<SiteRow>, rusqlite::Error> {
    let (first, last) = span(within);
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM view_sites s WHERE s.area BETWEEN ?1 AND ?2 ORDER BY s.area, s.site LIMIT 1000"
        ))?
        .query_map([first, last], read_row)?
        .collect()
}

/// Who has a bed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BedTaken {
    /// The room.
    pub room: String,
    /// The bed.
    pub bed: u8,
    /// The order.
    pub order: OrderId,
    /// The person.
    pub person: PersonId,
    /// The person on this journey.
    pub entrant: Option<EntrantId>,
    /// Those who travelled together.
    pub party: Option<PartyId>,
    /// What the gate decided.
    pub triage: Option<Triage>,
    /// The day of release.
    pub until: Date,
}

/// The beds of a site that somebody has, by room.
pub fn taken_beds(connection: &Connection, site: SiteId) -> Result<Vec<BedTaken>, rusqlite::Error> {
    connection
        .prepare_cached(
            "SELECT b.room, b.bed, b.order_id, o.person, o.entrant, e.party, e.triage, o.until FROM view_beds b
             JOIN view_orders o ON o.order_id = b.order_id LEFT JOIN view_entrants e ON e.entrant = o.entrant
             WHERE b.site = ?1 ORDER BY b.room, b.bed",
        )?
        .query_map([site.to_bytes()], |row| {
            Ok(BedTaken {
                room: row.get(0)?,
                bed: row.get(1)?,
                order: OrderId::from_bytes(row.get(2)?),
                person: PersonId::from_bytes(row.get(3)?),
                entrant: row
                    .get::<_, Option<[u8; 16]>>(4)?
                    .map(EntrantId::from_bytes),
                party: row.get::<_, Option<[u8; 16]>>(5)?.map(PartyId::from_bytes),
                triage: maybe_word_at(row, 6)?,
                until: day_at(row, 7)?,
            })
        })?
        .collect()
}

/// How many people of a party still have to be placed.
pub fn party_waiting(connection: &Connection, party: PartyId) -> Result<u64, rusqlite::Error> {
    let waiting = [
        Stage::ToPlace,
        Stage::Arrived,
        Stage::ToSend,
        Stage::OnTheWay,
    ];
    let places: Vec<String> = waiting
        .iter()
        .map(|stage| word(*stage).to_string())
        .collect();
    connection
        .prepare_cached(&format!(
            "SELECT count(*) FROM view_entrants WHERE party = ?1 AND parent IS NULL AND order_id IS NULL
             AND stage IN ({})",
            places.join(",")
        ))?
        .query_row([party.to_bytes()], |row| row.get::<_, i64>(0))
        .map(|n| n as u64)
}

/// For each site of an area: how many of those in it now are still there on each day after `today`.
/// Who is overdue counts as leaving today.
pub fn staying(
    connection: &Connection,
    within: AreaCode,
    today: Date,
) -> Result<Vec<(SiteId, Date, u64)>, rusqlite::Error> {
    let (first, last) = span(within);
    connection
        .prepare_cached(
            "SELECT o.site, max(o.until, ?3), count(*) FROM view_sites s JOIN view_orders o ON o.site = s.site
             WHERE o.ended_at IS NULL AND s.area BETWEEN ?1 AND ?2 GROUP BY 1, 2 ORDER BY 1, 2",
        )?
        .query_map(params![first, last, day_number(today)], |row| {
            Ok((
                SiteId::from_bytes(row.get(0)?),
                day_at(row, 1)?,
                row.get::<_, i64>(2)? as u64,
            ))
        })?
        .collect()
}
