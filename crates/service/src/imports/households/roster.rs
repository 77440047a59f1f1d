//! The roster that a file is held against: households known by area and door, and the entries that
//! its rows add.

use std::collections::HashMap;

use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::households::Dwelling;
use lianfang_core::ids::{FactId, HouseholdId};
use lianfang_intake::Resident;
use lianfang_store::views::households::{self as view, HouseholdFilter};

use super::Group;
use crate::Refusal;
use crate::field::{FieldEntry, Happening, PersonGiven};
use crate::households::door_of;
use crate::imports::session::Session;

/// Where ids of rosters begin: the same row makes the same id whenever it comes.
const ROSTERS: Date = Date::constant(1970, 1, 1);

/// What is known of a household.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) household: HouseholdId,
    dwelling: Dwelling,
    walk: u32,
    people: u16,
    place: Option<String>,
    /// The place of the newest fact about it; none where this file made it.
    seq: u64,
}

/// Households known by area and door, read area by area as a file names them.
#[derive(Default)]
pub(super) struct Roster {
    by_door: HashMap<AreaCode, HashMap<String, Known>>,
    last_walk: HashMap<AreaCode, u32>,
}

impl Session<'_> {
    /// Reads the doors of an area, once.
    fn read_doors(&self, roster: &mut Roster, area: AreaCode) -> Result<(), Refusal> {
        if roster.by_door.contains_key(&area) {
            return Ok(());
        }
        let store = self.house.store();
        let filter = HouseholdFilter::within(area);
        let mut rows = store.read(|c| view::list(c, &filter, None, i64::MAX as usize))?;
        rows.retain(|row| row.area == area);
        let sealed: Vec<_> = rows.iter().map(|row| door_of(row.household)).collect();
        let doors = store.open_people(&sealed)?;
        let last = rows.iter().map(|row| row.walk).max().unwrap_or(0);
        roster.last_walk.insert(area, last);
        let known = rows.into_iter().zip(doors).filter_map(|(row, data)| {
            let known = Known {
                household: row.household,
                dwelling: row.dwelling,
                walk: row.walk,
                people: row.people,
                place: row.place,
                seq: row.seq,
            };
            Some((data?.address?, known))
        });
        roster.by_door.insert(area, known.collect());
        Ok(())
    }

    /// The household that a group is about, and the entry that it adds, if it says anything new.
    pub(super) fn household_of(
        &self,
        group: &Group,
        roster: &mut Roster,
    ) -> Result<(Known, Option<FieldEntry>), Refusal> {
        self.read_doors(roster, group.area)?;
        let last = roster.last_walk.entry(group.area).or_default();
        let doors = roster.by_door.entry(group.area).or_default();
        let before = doors.get(&group.door).cloned();
        let residents = group.lines.iter().filter(|line| line.resident.is_some());
        let told = group
            .people
            .map(|people| u16::try_from(people).unwrap_or(u16::MAX));
        let door = (group.area, &group.door);
        let now = Known {
            household: before.as_ref().map_or_else(
                || self.roster_id("household", &door),
                |before| before.household,
            ),
            dwelling: group.dwelling,
            walk: group
                .walk
                .or(before.as_ref().map(|before| before.walk))
                .unwrap_or(last.saturating_add(1)),
            people: told
                .or(before.as_ref().map(|before| before.people))
                .unwrap_or(residents.count() as u16),
            place: group
                .place
                .clone()
                .or_else(|| before.as_ref().and_then(|before| before.place.clone())),
            seq: before.as_ref().map_or(0, |before| before.seq),
        };
        *last = now.walk.max(*last);
        doors.insert(group.door.clone(), now.clone());
        let entry = match &before {
            Some(before) if *before == now => None,
            Some(_) => Some((
                FactId::from_bytes(self.roster_id("revised", &(door, &now)).to_bytes()),
                Some(now.household),
            )),
            None => Some((FactId::from_bytes(now.household.to_bytes()), None)),
        };
        let entry = entry.map(|(id, household)| FieldEntry {
            id,
            at: self.house.now(),
            what: Happening::Household {
                household,
                area: group.area,
                door: group.door.clone(),
                dwelling: now.dwelling,
                walk: now.walk,
                people: now.people,
                place: now.place.clone(),
            },
        });
        Ok((now, entry))
    }

    /// An id that the same content gives again.
    fn roster_id(&self, what: &str, content: &impl std::fmt::Debug) -> HouseholdId {
        let id = self.fact_id(Some(ROSTERS), &format!("{what}\n{content:?}"));
        HouseholdId::from_bytes(id.to_bytes())
    }

    /// The entry of somebody who lives in a household, unless it was taken before.
    pub(super) fn lives_in(
        &self,
        household: HouseholdId,
        resident: &Resident,
    ) -> Result<Option<FieldEntry>, Refusal> {
        let given = PersonGiven {
            name: resident.name.clone(),
            document_kind: resident
                .document
                .as_ref()
                .map(|document| document.kind().to_owned()),
            document: resident
                .document
                .as_ref()
                .map(|document| document.number().to_owned()),
            phone: resident.phone.as_ref().map(ToString::to_string),
            born: resident.born,
            sex: resident.sex,
            address: None,
        };
        let said = serde_json::to_string(&given).map_err(|e| Refusal::Pack(e.to_string()))?;
        let id = self.roster_id("resident", &(household, said));
        let id = FactId::from_bytes(id.to_bytes());
        if self.house.store().fact_by_id(id)?.is_some() {
            return Ok(None);
        }
        Ok(Some(FieldEntry {
            id,
            at: self.house.now(),
            what: Happening::Resident {
                household,
                person: None,
                given: Some(given),
                living: true,
            },
        }))
    }
}
