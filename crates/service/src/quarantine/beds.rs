//! Beds: sites set up, beds found near those who came together, beds changed.

use std::collections::BTreeSet;

use lianfang_core::access::Right;
use lianfang_core::entry::Triage;
use lianfang_core::facts::{Body, OrderMoved, SiteDefined};
use lianfang_core::ids::{OrderId, PartyId, SiteId};
use lianfang_core::quarantine::{Bed, Room};
use lianfang_core::text::Text;
use lianfang_core::words::Word;
use lianfang_store::views::entry::{self, EntrantRow};
use lianfang_store::views::quarantine::{self as view, BedTaken, SiteRow};

use super::orders::Whom;
use crate::Refusal;
use crate::field::Happening;
use crate::field::taking::{Taking, Written};

/// Rooms that a site has at most.
const MOST_ROOMS: usize = 5_000;
/// Beds that a room has at most.
const MOST_BEDS: u8 = 100;

/// A bed as asked for.
pub(super) struct BedAsked<'h> {
    pub(super) site: Option<SiteId>,
    pub(super) room: Option<&'h str>,
    pub(super) bed: Option<u8>,
}

/// How the gate's class counts at a site: who had a fever apart from all others.
fn class_of(triage: Option<Triage>) -> Triage {
    match triage {
        Some(Triage::FeverClinic) => Triage::FeverClinic,
        _ => Triage::SiteQuarantine,
    }
}

/// A room with who is in it.
struct Within<'s> {
    place: usize,
    room: &'s Room,
    taken: Vec<&'s BedTaken>,
}

impl Within<'_> {
    fn free(&self) -> Option<u8> {
        (1..=self.room.beds).find(|bed| self.taken.iter().all(|taken| taken.bed != *bed))
    }

    fn is_empty(&self) -> bool {
        self.taken.is_empty()
    }

    fn has(&self, party: Option<PartyId>) -> bool {
        party.is_some() && self.taken.iter().any(|taken| taken.party == party)
    }

    /// Whether only people of this class are in it.
    fn is_of(&self, class: Triage) -> bool {
        self.taken
            .iter()
            .all(|taken| class_of(taken.triage) == class)
    }
}

/// A bed for somebody: in a room with those who came together; else in the room nearest to theirs,
/// an empty one before a shared one; for the first of a party the smallest empty room that holds
/// them all. A room is shared with people of one class only.
fn found(
    site: &SiteRow,
    taken: &[BedTaken],
    person: (Option<PartyId>, Triage),
    together: u64,
) -> Option<(String, u8)> {
    let (party, class) = person;
    let rooms: Vec<Within<'_>> = site
        .rooms
        .iter()
        .enumerate()
        .map(|(place, room)| Within {
            place,
            room,
            taken: taken.iter().filter(|bed| bed.room == room.room).collect(),
        })
        .collect();
    let theirs: Vec<usize> = rooms
        .iter()
        .filter(|room| room.has(party))
        .map(|room| room.place)
        .collect();
    let away = |room: &Within<'_>| {
        theirs
            .iter()
            .map(|place| place.abs_diff(room.place))
            .min()
            .unwrap_or(0)
    };
    rooms
        .iter()
        .filter(|room| room.has(party) || room.is_of(class))
        .filter_map(|room| Some((room, room.free()?)))
        .min_by_key(|(room, _)| {
            let beds = u64::from(room.room.beds);
            let too_small = beds < together;
            // Of rooms that hold all, the smallest; of rooms that do not, the largest.
            let size = if too_small {
                u64::from(MOST_BEDS) - beds
            } else {
                beds
            };
            (
                !room.has(party),
                !room.is_empty() && !room.has(party),
                away(room),
                theirs.is_empty() && too_small,
                if theirs.is_empty() { size } else { 0 },
                room.place,
            )
        })
        .map(|(room, bed)| (room.room.room.clone(), bed))
}

impl Taking<'_> {
    /// A site that takes people in.
    pub(crate) fn open_site(&self, site: SiteId) -> Result<SiteRow, Refusal> {
        let row = self
            .read(|c| Ok(view::site(c, site)?))?
            .ok_or(Refusal::NotFound("site"))?;
        if row.open {
            return Ok(row);
        }
        Err(Refusal::invalid(
            "site",
            "This site is closed: choose another.",
            "该隔离点已停用，请另选。",
        ))
    }

    /// The site that received somebody last.
    pub(super) fn received_at(&self, row: &EntrantRow) -> Result<Option<SiteId>, Refusal> {
        let Some(handover) = row.handover else {
            return Ok(None);
        };
        let handover = self.read(|c| Ok(entry::handover(c, handover)?))?;
        Ok(handover.and_then(|handover| handover.site))
    }

    /// The bed asked for, or one that is found.
    pub(super) fn bed_for(
        &self,
        whom: &Whom,
        asked: &BedAsked<'_>,
    ) -> Result<(SiteRow, Bed), Refusal> {
        let site = asked.site.or(whom.received_at).ok_or_else(|| {
            Refusal::invalid(
                "site",
                "The policy asks for quarantine at a site: name the site.",
                "按现行策略须集中隔离，请选择隔离点。",
            )
        })?;
        let site = self.open_site(site)?;
        let class = class_of(whom.class);
        if !site.takes(class) {
            let names =
                |of: fn(Triage) -> String| -> Vec<String> { site.takes.iter().map(of).collect() };
            return Err(Refusal::invalid(
                "site",
                format!(
                    "This site takes in others: {}.",
                    names(|triage| triage.label().en).join(", ")
                ),
                format!(
                    "该隔离点只接收：{}。",
                    names(|triage| triage.label().zh).join("、")
                ),
            ));
        }
        let taken = self.read(|c| Ok(view::taken_beds(c, site.site)?))?;
        let (room, bed) = match (asked.room, asked.bed) {
            (Some(room), Some(bed)) => {
                given(&site, &taken, room, bed)?;
                (room.to_owned(), bed)
            }
            (Some(room), None) => (room.to_owned(), free_in(&site, &taken, room)?),
            (None, Some(_)) => {
                return Err(Refusal::invalid(
                    "room",
                    "Name the room of this bed.",
                    "请填写床位所在房间。",
                ));
            }
            (None, None) => {
                let together = match whom.party {
                    Some(party) => self.read(|c| Ok(view::party_waiting(c, party)?))?,
                    None => 1,
                };
                found(&site, &taken, (whom.party, class), together).ok_or_else(|| {
                    Refusal::Conflict(Text::new(
                        "This site has no free bed for this class of people. Choose another site.",
                        "该隔离点没有适合此类人员的空床，请另选隔离点。",
                    ))
                })?
            }
        };
        let site_id = site.site;
        Ok((
            site,
            Bed {
                site: site_id,
                room,
                bed,
            },
        ))
    }

    /// Somebody under an order at a site has another bed.
    pub(crate) fn move_bed(
        &self,
        order: OrderId,
        site: SiteId,
        room: &str,
        bed: u8,
    ) -> Result<Written, Refusal> {
        let row = self.order_row(order, Right::OrderQuarantine)?;
        let site = self.open_site(site)?;
        self.require(Right::OrderQuarantine, site.area)?;
        let taken = self.read(|c| Ok(view::taken_beds(c, site.site)?))?;
        let others: Vec<BedTaken> = taken
            .into_iter()
            .filter(|taken| taken.order != row.order)
            .collect();
        given(&site, &others, room, bed)?;
        Ok(Written::fact(
            site.area,
            Body::OrderMoved(OrderMoved {
                order,
                bed: Bed {
                    site: site.site,
                    room: room.to_owned(),
                    bed,
                },
                said: self.said.clone(),
            }),
        ))
    }

    /// A site is set up, or as it stands now.
    pub(crate) fn site(&self, what: &Happening) -> Result<Written, Refusal> {
        let Happening::Site {
            site,
            area,
            name,
            name_en,
            takes,
            rooms,
            open,
        } = what
        else {
            return Err(Refusal::NotFound("entry"));
        };
        self.require(Right::SetUpField, *area)?;
        self.house.known_area(*area)?;
        if let Some(site) = site {
            let before = self
                .read(|c| Ok(view::site(c, *site)?))?
                .ok_or(Refusal::NotFound("site"))?;
            self.require(Right::SetUpField, before.area)
                .map_err(|_| Refusal::NotFound("site"))?;
        }
        let name = self.text("name", name, (1, 60))?;
        let name_en = match name_en.as_deref().map(str::trim) {
            None | Some("") => None,
            Some(name) => Some(self.text("name_en", name, (1, 60))?),
        };
        let rooms = self.rooms(rooms)?;
        Ok(Written::fact(
            *area,
            Body::SiteDefined(SiteDefined {
                site: site.unwrap_or_else(|| SiteId::from_bytes(self.id.to_bytes())),
                name,
                name_en,
                takes: takes.clone(),
                rooms,
                open: *open,
                said: self.said.clone(),
            }),
        ))
    }

    fn rooms(&self, given: &[Room]) -> Result<Vec<Room>, Refusal> {
        let fits = (1..=MOST_ROOMS).contains(&given.len())
            && given
                .iter()
                .all(|room| (1..=MOST_BEDS).contains(&room.beds));
        let mut rooms = Vec::with_capacity(given.len());
        let mut seen = BTreeSet::new();
        for room in given {
            let name = self.text("rooms", &room.room, (1, 20))?;
            if !fits || !seen.insert(name.clone()) {
                return Err(Refusal::invalid(
                    "rooms",
                    format!("1 to {MOST_ROOMS} rooms, each number once, of 1 to {MOST_BEDS} beds."),
                    format!("须为1至{MOST_ROOMS}个房间，房号不重复，每间1至{MOST_BEDS}床。"),
                ));
            }
            rooms.push(Room {
                room: name,
                beds: room.beds,
            });
        }
        if rooms.is_empty() {
            return Err(Refusal::invalid(
                "rooms",
                "A site has at least one room.",
                "隔离点至少有一个房间。",
            ));
        }
        Ok(rooms)
    }
}

fn room_of<'s>(site: &'s SiteRow, room: &str) -> Result<&'s Room, Refusal> {
    site.rooms
        .iter()
        .find(|known| known.room == room)
        .ok_or_else(|| {
            Refusal::invalid(
                "room",
                "This site has no such room.",
                "该隔离点没有此房间。",
            )
        })
}

fn bed_taken() -> Refusal {
    Refusal::Conflict(Text::new(
        "This bed is taken. Choose another.",
        "该床位已有人，请另选。",
    ))
}

fn given(site: &SiteRow, taken: &[BedTaken], room: &str, bed: u8) -> Result<(), Refusal> {
    let beds = room_of(site, room)?.beds;
    if !(1..=beds).contains(&bed) {
        return Err(Refusal::invalid(
            "bed",
            format!("This room has beds 1 to {beds}."),
            format!("该房间床位为1至{beds}。"),
        ));
    }
    if taken
        .iter()
        .any(|taken| taken.room == room && taken.bed == bed)
    {
        return Err(bed_taken());
    }
    Ok(())
}

fn free_in(site: &SiteRow, taken: &[BedTaken], room: &str) -> Result<u8, Refusal> {
    let beds = room_of(site, room)?.beds;
    (1..=beds)
        .find(|bed| {
            !taken
                .iter()
                .any(|taken| taken.room == room && taken.bed == *bed)
        })
        .ok_or_else(bed_taken)
}
