//! What is written down at the door: a household, who lives there, a visit.

use lianfang_core::access::Right;
use lianfang_core::areas::{AreaCode, Level};
use lianfang_core::facts::{Body, HouseholdRecorded, HouseholdVisited, ResidentRecorded};
use lianfang_core::ids::{HouseholdId, PersonId};
use lianfang_core::people::PersonalData;
use lianfang_store::views::entry;
use lianfang_store::views::households::{self, HouseholdRow};
use lianfang_store::{IndexKind, SealedPerson};

use super::{MOST_PEOPLE, door_of};
use crate::Refusal;
use crate::field::person::fill_in;
use crate::field::taking::{Taking, Written};
use crate::field::{Happening, PersonGiven};

/// Characters of a door's words, and of a place's name.
const DOOR: (usize, usize) = (1, 200);
const PLACE: (usize, usize) = (1, 100);

impl Taking<'_> {
    /// A household is recorded, or as it stands now.
    pub(crate) fn household(&self, what: &Happening) -> Result<Written, Refusal> {
        let Happening::Household {
            household,
            area,
            door,
            dwelling,
            walk,
            people,
            place,
        } = what
        else {
            return Err(Refusal::NotFound("entry"));
        };
        self.belongs(*area)?;
        let id = match household {
            Some(known) => self.door(*known)?.household,
            None => HouseholdId::from_bytes(self.id.to_bytes()),
        };
        few(*people)?;
        let place = place
            .as_deref()
            .filter(|place| !place.trim().is_empty())
            .map(|place| self.text("place", place, PLACE))
            .transpose()?;
        let sealed = PersonalData {
            address: Some(self.text("door", door, DOOR)?),
            ..PersonalData::default()
        };
        let body = Body::HouseholdRecorded(HouseholdRecorded {
            household: id,
            dwelling: *dwelling,
            walk: *walk,
            people: *people,
            place,
            said: self.said.clone(),
        });
        Ok(Written {
            people: vec![self.house.store().seal(door_of(id), &sealed)],
            ..Written::fact(*area, body)
        })
    }

    /// Somebody lives in a household, or no longer.
    pub(crate) fn resident(&self, what: &Happening) -> Result<Written, Refusal> {
        let Happening::Resident {
            household,
            person,
            given,
            living,
        } = what
        else {
            return Err(Refusal::NotFound("entry"));
        };
        let home = self.door(*household)?;
        let (person, sealed) = match (person, given) {
            (Some(person), _) => (self.known(*person)?, None),
            (None, Some(given)) => self.met(given, home.household, *living)?,
            (None, None) => {
                return Err(Refusal::invalid(
                    "person",
                    "Say who: somebody known, or a name, document or phone number.",
                    "请指明人员：选择已登记人员，或填写姓名、证件号码、电话之一。",
                ));
            }
        };
        let lives = self.read(|c| Ok(households::home_of(c, person)?))?;
        let lives_here = lives.is_some_and(|at| at.household == home.household);
        if !living && !lives_here {
            return Err(Refusal::NotFound("resident"));
        }
        if *living && !lives_here && home.living >= MOST_PEOPLE {
            return Err(too_many("household"));
        }
        let body = Body::ResidentRecorded(ResidentRecorded {
            household: home.household,
            person,
            living: *living,
            said: self.said.clone(),
        });
        Ok(Written {
            people: Vec::from_iter(sealed),
            ..Written::fact(home.area, body)
        })
    }

    /// Somebody went to the door.
    pub(crate) fn visit(&self, household: HouseholdId, people: u16) -> Result<Written, Refusal> {
        let home = self.door(household)?;
        few(people)?;
        Ok(Written::fact(
            home.area,
            Body::HouseholdVisited(HouseholdVisited {
                household,
                people,
                said: self.said.clone(),
            }),
        ))
    }

    /// A household where the asker goes from door to door.
    fn door(&self, household: HouseholdId) -> Result<HouseholdRow, Refusal> {
        let row = self
            .read(|c| Ok(households::get(c, household)?))?
            .filter(|row| self.actor.sees(row.area))
            .ok_or(Refusal::NotFound("household"))?;
        self.require(Right::WatchOver, row.area)?;
        Ok(row)
    }

    /// Households hang on communities and their grids, where somebody goes from door to door.
    fn belongs(&self, area: AreaCode) -> Result<(), Refusal> {
        if !self.house.store().root().contains(area) || !self.tree.has(area) {
            return Err(Refusal::invalid(
                "area",
                "No such area is known here.",
                "系统中没有此区域。",
            ));
        }
        if area.level() < Level::Village {
            return Err(Refusal::invalid(
                "area",
                "A household belongs to a village or community (12 digits) or to a grid (15 digits).",
                "住户须归属到社区（村，12位代码）或网格（15位代码）。",
            ));
        }
        self.require(Right::WatchOver, area)
    }

    /// Somebody on record whom the asker may know of: who lives or arrived where they see the lists.
    fn known(&self, person: PersonId) -> Result<PersonId, Refusal> {
        let (home, came) = self.read(|c| {
            Ok((
                households::home_of(c, person)?.map(|home| home.area),
                entry::known_as(c, person)?.map(|entrant| entrant.area),
            ))
        })?;
        let may = |area: Option<AreaCode>| {
            area.is_some_and(|area| self.actor.may(Right::ReadField, area))
        };
        if may(home) || may(came) {
            Ok(person)
        } else {
            Err(Refusal::NotFound("person"))
        }
    }

    /// Somebody described at the door: known again by the document, or by the name among those who
    /// live there; else new.
    fn met(
        &self,
        given: &PersonGiven,
        home: HouseholdId,
        living: bool,
    ) -> Result<(PersonId, Option<SealedPerson>), Refusal> {
        let data = self.described(given)?;
        let store = self.house.store();
        let holder = self.with_document(&data)?.first().copied();
        let known = match holder {
            Some(holder) => Some(holder),
            None => self.resident_named(&data, home)?,
        };
        if let Some(person) = known {
            let before = store.open_person(person)?.unwrap_or_default();
            // What is known already stays; who says otherwise at a door does not undo it.
            let (both, _) = fill_in(&before, &data);
            let sealed = (both != before).then(|| store.seal(person, &both));
            return Ok((person, sealed));
        }
        if !living {
            return Err(Refusal::NotFound("resident"));
        }
        let person = PersonId::from_bytes(self.id.to_bytes());
        Ok((person, Some(store.seal(person, &data))))
    }

    /// A resident of this household who has that name, and of whom nothing else is known that
    /// differs.
    fn resident_named(
        &self,
        data: &PersonalData,
        home: HouseholdId,
    ) -> Result<Option<PersonId>, Refusal> {
        let Some(name) = &data.name else {
            return Ok(None);
        };
        let store = self.house.store();
        for person in store.indexed_people(IndexKind::Name, name)? {
            let lives = self.read(|c| Ok(households::home_of(c, person)?))?;
            if lives.is_none_or(|row| row.household != home) {
                continue;
            }
            let before = store.open_person(person)?.unwrap_or_default();
            if before.name.as_ref() == Some(name) && !fill_in(&before, data).1 {
                return Ok(Some(person));
            }
        }
        Ok(None)
    }
}

fn few(people: u16) -> Result<(), Refusal> {
    if people > MOST_PEOPLE {
        return Err(too_many("people"));
    }
    Ok(())
}

fn too_many(field: &'static str) -> Refusal {
    Refusal::invalid(
        field,
        format!("A household has at most {MOST_PEOPLE} people: record a large place room by room."),
        format!("每户最多{MOST_PEOPLE}人，人数多的场所请按房间登记。"),
    )
}
