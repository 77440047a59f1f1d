//! Contacts that what is on record suggests: people of the household, of the quarantine site, of the journey, and of
//! places by the log of visits. Each is weighed by
//! the policy and shown with the rule; nobody becomes a contact before somebody says so.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use lianfang_core::areas::{Area, AreaCode};
use lianfang_core::contacts::{Channel, ContactClass, Setting};
use lianfang_core::entry::{Journey, Row};
use lianfang_core::ids::{CaseId, PersonId};
use lianfang_core::text::Text;
use lianfang_policy::ContactEvidence;
use lianfang_store::views::cases::CaseRow;
use lianfang_store::views::{contacts, entry, households, investigation, places, quarantine};
use serde::Serialize;

use super::named::{Weighed, weigh};
use crate::{Actor, House, Refusal};

/// People of one household, site or journey that are looked at.
const MOST: usize = 2_000;

/// Somebody who is likely a contact.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ProposedContact {
    /// The person in the vault.
    #[schema(value_type = String)]
    pub person: PersonId,
    /// The name, masked.
    pub name: Option<String>,
    /// Where the person is.
    pub area: Area,
    /// From where it is known.
    pub channel: Channel,
    /// The day that weighs most.
    #[schema(value_type = String, format = Date)]
    pub met: Date,
    /// Where they met.
    pub setting: Setting,
    /// Whether they breathed the air of one room or vehicle.
    pub same_room: bool,
    /// Rows apart in a vehicle.
    pub rows_apart: Option<u32>,
    /// What the policy makes of it.
    pub class: ContactClass,
    /// By which rule.
    pub rule: String,
    /// Why.
    pub reason: Text,
}

/// Who is likely a contact of a case.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ProposedContacts {
    /// The case.
    #[schema(value_type = String)]
    pub case: CaseId,
    /// The pack and its version.
    pub pack: String,
    /// Those who are not on record as contacts of it yet, the closest first.
    pub rows: Vec<ProposedContact>,
}

/// A meeting that something on record suggests.
struct Found {
    person: PersonId,
    area: AreaCode,
    channel: Channel,
    days: (Date, Date),
    evidence: ContactEvidence,
}

impl House {
    /// Who is likely a contact of a case, by what is on record.
    pub fn proposed_contacts(
        &self,
        actor: &Actor,
        case: CaseId,
    ) -> Result<ProposedContacts, Refusal> {
        let row = self.standing_case(actor, case)?;
        let policy = self.policy()?;
        policy.cases()?;
        let today = self.today();
        let mut found = Vec::new();
        if let Some(person) = row.details.person {
            found.extend(self.of_household(&row, person, today)?);
            found.extend(self.of_sites(person)?);
            found.extend(self.of_journeys(&row, person)?);
            if policy.pack.visits.is_some() {
                found.extend(self.of_visits(&row)?);
            }
        }
        let mut best: BTreeMap<PersonId, (Found, Weighed)> = BTreeMap::new();
        for meeting in found {
            let weighed = weigh(&policy, &row, &meeting.evidence, meeting.days, today)?;
            if weighed.class == ContactClass::None || Some(meeting.person) == row.details.person {
                continue;
            }
            let closer = best
                .get(&meeting.person)
                .is_none_or(|(_, known)| weighed.class > known.class);
            if closer {
                best.insert(meeting.person, (meeting, weighed));
            }
        }
        let people: Vec<PersonId> = best.keys().copied().collect();
        let known = self.store.read(|c| {
            people
                .iter()
                .map(|person| Ok(contacts::get(c, self.contact_id(row.case, *person))?.is_some()))
                .collect::<Result<Vec<bool>, lianfang_store::StoreError>>()
        })?;
        let opened = self.store.open_people(&people)?;
        let tree = self.tree()?;
        let mut rows: Vec<ProposedContact> = best
            .into_values()
            .zip(known.into_iter().zip(opened))
            .filter(|(_, (known, _))| !known)
            .map(|((meeting, weighed), (_, data))| ProposedContact {
                person: meeting.person,
                name: data.and_then(|data| data.masked_name()),
                area: tree.get_or_unnamed(meeting.area),
                channel: meeting.channel,
                met: weighed.day,
                setting: weighed.evidence.setting,
                same_room: weighed.evidence.same_room,
                rows_apart: weighed.evidence.rows_apart,
                class: weighed.class,
                rule: weighed.rule,
                reason: weighed.reason,
            })
            .collect();
        rows.sort_by_key(|one| {
            let rows = one.rows_apart.unwrap_or(u32::MAX);
            (
                std::cmp::Reverse(one.class),
                !one.same_room,
                rows,
                one.person,
            )
        });
        Ok(ProposedContacts {
            case: row.case,
            pack: policy.pack.word(),
            rows,
        })
    }

    /// Those who live with the case met it every day, until it was kept apart.
    fn of_household(
        &self,
        case: &CaseRow,
        person: PersonId,
        today: Date,
    ) -> Result<Vec<Found>, Refusal> {
        let found = self.store.read(|c| {
            let Some(home) = households::home_of(c, person)? else {
                return Ok(None);
            };
            let residents = households::residents_of(c, home.household, MOST)?;
            Ok(Some((home.area, residents)))
        })?;
        let Some((area, residents)) = found else {
            return Ok(Vec::new());
        };
        let last = case
            .details
            .apart_from()
            .map_or(today, |apart| apart.min(today));
        let first = case.details.anchor().unwrap_or(case.day).min(last);
        let evidence = ContactEvidence {
            setting: Setting::Household,
            same_room: true,
            ..ContactEvidence::default()
        };
        Ok(residents
            .into_iter()
            .map(|person| Found {
                person,
                area,
                channel: Channel::Household,
                days: (first, last),
                evidence: evidence.clone(),
            })
            .collect())
    }

    /// Those who stayed at a site at the same time.
    fn of_sites(&self, person: PersonId) -> Result<Vec<Found>, Refusal> {
        let offset = self.store.utc_offset();
        let now = self.now();
        let meetings = self.store.read(|c| {
            let mut meetings = Vec::new();
            for own in quarantine::orders_of_person(c, person)? {
                let Some(own) = quarantine::order(c, own)? else {
                    continue;
                };
                let Some(bed) = &own.bed else { continue };
                let until = own.ended_at.unwrap_or(now);
                for other in
                    quarantine::at_site_between(c, bed.site, own.area, (own.made_at, until), MOST)?
                {
                    if other.person == person {
                        continue;
                    }
                    let from = own.made_at.max(other.made_at);
                    let to = until.min(other.ended_at.unwrap_or(now));
                    let same_room = other.room.as_deref() == Some(&bed.room);
                    meetings.push((other.person, own.area, (from, to), same_room));
                }
            }
            Ok(meetings)
        })?;
        Ok(meetings
            .into_iter()
            .map(|(person, area, (from, to), same_room)| Found {
                person,
                area,
                channel: Channel::Site,
                days: (offset.day_of(from), offset.day_of(to)),
                evidence: ContactEvidence {
                    setting: Setting::QuarantineSite,
                    same_room,
                    ..ContactEvidence::default()
                },
            })
            .collect())
    }

    /// Those who were where the case was, by the log of visits.
    fn of_visits(&self, case: &CaseRow) -> Result<Vec<Found>, Refusal> {
        let met = self.met(case.case)?;
        let areas = self.store.read(|c| {
            met.iter()
                .map(|one| {
                    Ok(match households::home_of(c, one.person)? {
                        Some(home) => Some(home.area),
                        None => places::place(c, one.place)?.map(|place| place.area),
                    })
                })
                .collect::<Result<Vec<_>, lianfang_store::StoreError>>()
        })?;
        Ok(met
            .into_iter()
            .zip(areas)
            .map(|(one, area)| Found {
                person: one.person,
                area: area.unwrap_or(case.area),
                channel: Channel::Visits,
                days: (one.day, one.day),
                evidence: one.evidence,
            })
            .collect())
    }

    /// Those who travelled by the same flight, train or coach on the same day.
    fn of_journeys(&self, case: &CaseRow, person: PersonId) -> Result<Vec<Found>, Refusal> {
        let offset = self.store.utc_offset();
        let found = self.store.read(|c| {
            let mut own: Vec<(Date, Journey)> =
                entry::of_people(c, &[person], Timestamp::MIN, Timestamp::MAX)?
                    .into_iter()
                    .map(|row| (offset.day_of(row.arrival), row.journey))
                    .collect();
            for stay in investigation::stays_of(c, case.case)? {
                own.extend(stay.journey.map(|journey| (stay.day, journey)));
            }
            own.retain(|(_, journey)| journey.number.is_some());
            own.sort();
            own.dedup();
            let mut found = Vec::new();
            for (day, journey) in own {
                let Some(number) = &journey.number else {
                    continue;
                };
                let from = offset.start_of(day);
                let until = offset.start_of(day.tomorrow().unwrap_or(day));
                for other in entry::on_journey(c, journey.mode, number, (from, until), MOST)? {
                    if other.person != person {
                        found.push((day, journey.clone(), other));
                    }
                }
            }
            Ok(found)
        })?;
        Ok(found
            .into_iter()
            .map(|(day, journey, other)| {
                let seat = |journey: &Journey| journey.seat.as_deref().and_then(Row::of_seat);
                let (own, theirs) = (seat(&journey), seat(&other.journey));
                let apart = own.zip(theirs).and_then(|(own, theirs)| own.apart(theirs));
                let carriage = |row: Option<Row>| row.and_then(|row| row.carriage);
                let other_carriage = carriage(own)
                    .zip(carriage(theirs))
                    .is_some_and(|(own, theirs)| own != theirs);
                Found {
                    person: other.person,
                    area: other.area,
                    channel: Channel::Journey,
                    days: (day, day),
                    evidence: ContactEvidence {
                        setting: Setting::Transport,
                        // Where the rows are known, they say how near it was; the air of the vehicle counts where not.
                        same_room: apart.is_none() && !other_carriage,
                        rows_apart: apart.map(|rows| u32::from(rows).min(100)),
                        ..ContactEvidence::default()
                    },
                }
            })
            .collect())
    }
}
