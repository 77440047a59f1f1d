//! The daily round of a grid worker: who is under watch, in walking order, and every door.

use std::collections::HashMap;

use jiff::civil::Date;
use lianfang_core::access::Right;
use lianfang_core::areas::{Area, AreaCode};
use lianfang_core::entry::Symptom;
use lianfang_core::households::Dwelling;
use lianfang_core::ids::{EntrantId, HouseholdId, OrderId, PartyId, PersonId};
use lianfang_core::people::PersonalData;
use lianfang_core::quarantine::{Bed, Need, Watch};
use lianfang_core::words::Words;
use lianfang_store::StoreError;
use lianfang_store::views::households::{self, HouseholdFilter, HouseholdRow};
use lianfang_store::views::matters;
use lianfang_store::views::quarantine::{self, CheckRow, OrderRow, Watched};
use serde::Serialize;

use crate::quarantine::{day_of_order, slot_at};
use crate::{Actor, House, Refusal};

/// Households of a round at most: a round is walked.
const MOST_HOUSEHOLDS: usize = 5_000;

/// Which of the day's checks is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RoundSlots {
    /// The check under way, from 1.
    pub now: u8,
    /// Checks a day.
    pub of: u8,
}

/// What is to be done for somebody today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoundDue {
    /// The check under way.
    Check,
    /// A sample.
    Sample,
    /// Release.
    Release,
}

/// A check of today.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct RoundCheck {
    /// Which check of the day, from 1.
    pub slot: u8,
    /// Temperature in degrees Celsius.
    pub temperature: Option<f64>,
    /// Symptoms.
    #[schema(value_type = Vec<Symptom>)]
    pub symptoms: Words<Symptom>,
    /// Whether the policy takes it for abnormal.
    pub abnormal: bool,
}

/// Somebody under watch, as the round shows them.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct RoundPerson {
    /// The order.
    #[schema(value_type = String)]
    pub order: OrderId,
    /// The person on this journey.
    #[schema(value_type = Option<String>)]
    pub entrant: Option<EntrantId>,
    /// The person.
    #[schema(value_type = String)]
    pub person: PersonId,
    /// The name, masked.
    pub name: Option<String>,
    /// The household in which they live.
    #[schema(value_type = Option<String>)]
    pub household: Option<HouseholdId>,
    /// Its door, or the address that they gave; only for those who go there.
    pub door: Option<String>,
    /// Its place on the way.
    pub walk: Option<u32>,
    /// Where they are watched.
    #[schema(value_type = String)]
    pub area: AreaCode,
    /// How.
    pub watch: Watch,
    /// The bed, at a site.
    pub bed: Option<Bed>,
    /// Those who travelled together carry the same id.
    #[schema(value_type = Option<String>)]
    pub party: Option<PartyId>,
    /// Which day of the order today is.
    pub day: i32,
    /// Of how many.
    pub days: i32,
    /// The day of release.
    #[schema(value_type = String, format = Date)]
    pub until: Date,
    /// What is to be done today.
    pub due: Vec<RoundDue>,
    /// Whether nobody has looked after them yet.
    pub new: bool,
    /// Whether they are not where they should be.
    pub missing: bool,
    /// Today's checks, by slot.
    pub checks: Vec<RoundCheck>,
    /// What they asked for and did not get yet.
    pub needs: Vec<Need>,
}

/// A door on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RoundDoor {
    /// The household.
    #[schema(value_type = String)]
    pub household: HouseholdId,
    /// Its grid or community.
    #[schema(value_type = String)]
    pub area: AreaCode,
    /// Its door; only for those who go there.
    pub door: Option<String>,
    /// What kind of place it is.
    pub dwelling: Dwelling,
    /// Its place on the way.
    pub walk: u32,
    /// People to be accounted for.
    pub people: u16,
    /// The home, dormitory or hotel that it belongs to.
    pub place: Option<String>,
    /// Residents on record.
    pub residents: u16,
    /// When somebody was last at the door.
    pub visited_at: Option<String>,
    /// Whether it is covered.
    pub covered: bool,
}

/// How far the round's households are covered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RoundCoverage {
    /// Households.
    pub households: u64,
    /// Of those, covered: visited in time, and somebody met.
    pub visited: u64,
    /// People to be accounted for.
    pub people: u64,
    /// Of those, accounted for in time.
    pub met: u64,
    /// A visit on this day or later covers a household, by the policy in force.
    #[schema(value_type = String, format = Date)]
    pub since: Date,
}

/// Today's round.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Round {
    /// The community or grid.
    pub area: Area,
    /// Today.
    #[schema(value_type = String, format = Date)]
    pub day: Date,
    /// When this was read.
    pub as_of: String,
    /// Which of the day's checks is under way.
    pub slots: RoundSlots,
    /// Who is under watch, in walking order; those without a household after.
    pub people: Vec<RoundPerson>,
    /// The doors, in walking order.
    pub households: Vec<RoundDoor>,
    /// How far they are covered.
    pub coverage: RoundCoverage,
}

/// Somebody under watch with all that the views know for a round.
struct Known {
    watched: Watched,
    order: Option<OrderRow>,
    checks: Vec<CheckRow>,
    needs: Vec<Need>,
    new: bool,
    home: Option<HouseholdId>,
}

fn known(
    connection: &lianfang_store::ReadConnection,
    watched: Watched,
    today: Date,
) -> Result<Known, StoreError> {
    let order = watched.order;
    let checks = if watched.checked == 0 {
        Vec::new()
    } else {
        quarantine::checks_on(connection, order, today)?
    };
    let new = checks.is_empty() && quarantine::checks_of(connection, order, 1)?.is_empty();
    let mut needs = Vec::new();
    for need in quarantine::needs(connection, order)? {
        let open =
            matters::get(connection, need.matter)?.is_some_and(|matter| matter.ended_at.is_none());
        if open && !needs.contains(&need.need) {
            needs.push(need.need);
        }
    }
    Ok(Known {
        order: quarantine::order(connection, order)?,
        home: households::home_of(connection, watched.person)?.map(|home| home.household),
        watched,
        checks,
        needs,
        new,
    })
}

impl House {
    /// Today's round of a community or grid, read at one moment.
    pub fn round(&self, actor: &Actor, area: AreaCode) -> Result<Round, Refusal> {
        actor.require(Right::ReadField, area)?;
        self.known_area(area)?;
        let (today, now) = (self.today(), self.now());
        let offset = self.store.utc_offset();
        let since = self.covered_since()?;
        let filter = HouseholdFilter::within(area);
        let (doors, people) = self.store.read(|connection| {
            let doors = households::list(connection, &filter, None, MOST_HOUSEHOLDS + 1)?;
            let mut people = Vec::new();
            if doors.len() <= MOST_HOUSEHOLDS {
                for watched in quarantine::watched_in(connection, area, today)? {
                    people.push(known(connection, watched, today)?);
                }
            }
            Ok((doors, people))
        })?;
        if doors.len() > MOST_HOUSEHOLDS {
            return Err(Refusal::invalid(
                "area",
                format!(
                    "A round has at most {MOST_HOUSEHOLDS} households: take a community or a grid."
                ),
                format!("一次走访最多{MOST_HOUSEHOLDS}户，请选择社区（村）或网格。"),
            ));
        }
        let policy = self.policy()?;
        let settings = policy.field()?;
        let slots = RoundSlots {
            now: slot_at(settings, offset, now),
            of: settings.checks_until_hours.len() as u8,
        };
        let opened = self.doors(actor, &doors)?;
        let coverage = RoundCoverage {
            households: doors.len() as u64,
            visited: doors.iter().filter(|door| door.covered(since)).count() as u64,
            people: doors.iter().map(|door| u64::from(door.expected())).sum(),
            met: doors
                .iter()
                .map(|door| u64::from(door.accounted(since)))
                .sum(),
            since,
        };
        let doors: Vec<RoundDoor> = doors
            .into_iter()
            .zip(opened)
            .map(|(row, door)| {
                let covered = row.covered(since);
                let visited_at = row.visited.map(|at| offset.rfc3339(at));
                round_door(row, door, visited_at, covered)
            })
            .collect();
        Ok(Round {
            area: self.tree()?.get_or_unnamed(area),
            day: today,
            as_of: offset.rfc3339(now),
            slots,
            people: self.round_people(actor, people, &doors, slots.now)?,
            households: doors,
            coverage,
        })
    }

    /// People under watch in the order of their doors, those without one after.
    fn round_people(
        &self,
        actor: &Actor,
        people: Vec<Known>,
        doors: &[RoundDoor],
        slot: u8,
    ) -> Result<Vec<RoundPerson>, Refusal> {
        let today = self.today();
        let places: HashMap<HouseholdId, usize> = doors
            .iter()
            .enumerate()
            .map(|(place, door)| (door.household, place))
            .collect();
        let ids: Vec<PersonId> = people.iter().map(|known| known.watched.person).collect();
        let data = self.store.open_people(&ids)?;
        let mut placed: Vec<(usize, RoundPerson)> = people
            .into_iter()
            .zip(data)
            .map(|(known, data)| {
                let place = known.home.and_then(|home| places.get(&home)).copied();
                let goes_there = actor.may(Right::WatchOver, known.watched.area);
                let person = round_person(
                    known,
                    data.unwrap_or_default(),
                    place.map(|place| &doors[place]),
                    goes_there,
                    (today, slot),
                );
                (place.unwrap_or(usize::MAX), person)
            })
            .collect();
        // Stable: those behind one door, and those without one, stay in the order of their orders.
        placed.sort_by_key(|(place, _)| *place);
        Ok(placed.into_iter().map(|(_, person)| person).collect())
    }
}

fn round_door(
    row: HouseholdRow,
    door: Option<String>,
    visited_at: Option<String>,
    covered: bool,
) -> RoundDoor {
    RoundDoor {
        household: row.household,
        area: row.area,
        door,
        dwelling: row.dwelling,
        walk: row.walk,
        people: row.expected(),
        place: row.place,
        residents: row.living,
        visited_at,
        covered,
    }
}

fn round_person(
    known: Known,
    data: PersonalData,
    home: Option<&RoundDoor>,
    goes_there: bool,
    (today, slot): (Date, u8),
) -> RoundPerson {
    let watched = known.watched;
    let (day, days) = known
        .order
        .as_ref()
        .map_or((1, 1), |order| day_of_order(order, today));
    let due = [
        (RoundDue::Check, !watched.has_check(slot)),
        (RoundDue::Sample, watched.sample_due(today)),
        (RoundDue::Release, watched.release_due(today)),
    ];
    RoundPerson {
        name: data.masked_name(),
        household: home.map(|home| home.household),
        door: match home {
            Some(home) => home.door.clone(),
            None => data.address.filter(|_| goes_there),
        },
        walk: home.map(|home| home.walk),
        due: due
            .into_iter()
            .filter_map(|(due, is)| is.then_some(due))
            .collect(),
        missing: watched.is_absent(),
        order: watched.order,
        entrant: watched.entrant,
        person: watched.person,
        area: watched.area,
        watch: watched.watch,
        bed: watched.bed,
        party: watched.party,
        day,
        days,
        until: watched.until,
        new: known.new,
        checks: known
            .checks
            .into_iter()
            .map(|check| RoundCheck {
                slot: check.slot,
                temperature: check.temperature.map(|tenths| f64::from(tenths) / 10.0),
                symptoms: check.symptoms,
                abnormal: check.abnormal,
            })
            .collect(),
        needs: known.needs,
    }
}
