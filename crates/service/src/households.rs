//! Households: who lives behind which door, and how far they are covered, so that no household
//! and no person is missed.

mod coverage;
mod taking;

use jiff::Span;
use jiff::civil::Date;
use lianfang_core::access::Right;
use lianfang_core::areas::{Area, AreaCode, AreaTree};
use lianfang_core::households::Dwelling;
use lianfang_core::ids::{HouseholdId, PersonId};
use lianfang_core::people::PersonalData;
use lianfang_core::text::bounded;
use lianfang_store::views::households::{
    self as view, HouseholdCursor, HouseholdFilter, HouseholdRow,
};
use serde::Serialize;

use crate::{Actor, House, Refusal};

pub use coverage::{
    Coverage, CoverageOfArea, CoverageOfDwelling, CoverageOfPlace, CoverageSum, VisitsOfDay,
};

/// People that one household has at most: those of a dormitory stand in several, room by room.
pub const MOST_PEOPLE: u16 = 2_000;

/// Residents of a household that a list shows at most.
const RESIDENTS: usize = 50;
/// Households whose doors are looked through for a text, at most.
const DOORS: usize = 2_000;
/// Households found, shown at most.
const FOUND: usize = 50;
/// Characters of what is sought.
const SOUGHT: usize = 60;
/// Days of visits that a household shows at most.
const VISITS: usize = 60;

/// Somebody who lives in a household.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct HouseholdResident {
    /// The person.
    #[schema(value_type = String)]
    pub person: PersonId,
    /// The name, masked.
    pub name: Option<String>,
}

/// A household with who lives there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct HouseholdShown {
    /// The household.
    #[schema(value_type = String)]
    pub household: HouseholdId,
    /// Its grid or community.
    pub area: Area,
    /// Its door; only for those who go from door to door there.
    pub door: Option<String>,
    /// What kind of place it is.
    pub dwelling: Dwelling,
    /// Its place on the way from door to door.
    pub walk: u32,
    /// People to be accounted for.
    pub people: u16,
    /// The home, dormitory or hotel that it belongs to.
    pub place: Option<String>,
    /// Residents on record; the first 50.
    pub residents: Vec<HouseholdResident>,
    /// How many there are.
    pub living: u16,
    /// When somebody was last at the door.
    pub visited_at: Option<String>,
    /// People accounted for within the time that the policy asks for.
    pub accounted: u16,
    /// Whether it is covered: visited within that time, and somebody met.
    pub covered: bool,
}

/// A day on which somebody was at a household's door.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct HouseholdVisit {
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub day: Date,
    /// The most people met or accounted for.
    pub people: u16,
}

/// A household with its visits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct HouseholdWhole {
    /// As in the list.
    #[serde(flatten)]
    pub row: HouseholdShown,
    /// Days with a visit, the newest first.
    pub visits: Vec<HouseholdVisit>,
}

/// A page of households in walking order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct HouseholdPage {
    /// A visit on this day or later covers a household.
    #[schema(value_type = String, format = Date)]
    pub since: Date,
    /// The households.
    pub rows: Vec<HouseholdShown>,
    /// How many there are.
    pub total: u64,
    /// Where the next page begins.
    pub next: Option<String>,
}

/// Which households are asked for.
#[derive(Debug, Clone, Default)]
pub struct HouseholdQuery {
    /// Within this area; all of the asker's where none is named.
    pub area: Option<AreaCode>,
    /// Of this kind.
    pub dwelling: Option<Dwelling>,
    /// Belonging to this home, dormitory or hotel, by its name.
    pub place: Option<String>,
    /// Only those not covered.
    pub uncovered: bool,
    /// Where the page begins, from the page before.
    pub cursor: Option<String>,
    /// Rows at most.
    pub limit: usize,
}

/// The record in the vault that has a household's door.
pub(crate) fn door_of(household: HouseholdId) -> PersonId {
    PersonId::from_bytes(household.to_bytes())
}

fn read_cursor(text: &str) -> Result<HouseholdCursor, Refusal> {
    let mut parts = text.split('.');
    let mut next = || parts.next();
    let cursor = (|| {
        Some(HouseholdCursor {
            area: next()?.parse().ok()?,
            walk: next()?.parse().ok()?,
            id: next()?.parse().ok()?,
        })
    })();
    cursor.ok_or_else(|| {
        Refusal::invalid(
            "cursor",
            "Use the `next` of the page before.",
            "请使用上一页返回的 next。",
        )
    })
}

impl House {
    /// The first day on which a visit still covers a household today.
    pub(crate) fn covered_since(&self) -> Result<Date, Refusal> {
        let policy = self.policy()?;
        let days = policy.field()?.coverage_days;
        self.today()
            .checked_sub(Span::new().days(days))
            .map_err(|_| Refusal::Pack("coverage_days reaches before the calendar".into()))
    }

    /// A page of households in walking order, their doors for those who go there.
    pub fn households(
        &self,
        actor: &Actor,
        query: &HouseholdQuery,
    ) -> Result<HouseholdPage, Refusal> {
        let since = self.covered_since()?;
        let filter = HouseholdFilter {
            area: self.field_area(actor, query.area)?,
            dwelling: query.dwelling,
            place: query.place.clone(),
            uncovered_since: query.uncovered.then_some(since),
        };
        let cursor = query.cursor.as_deref().map(read_cursor).transpose()?;
        let (mut rows, total) = self.store.read(|connection| {
            Ok((
                view::list(connection, &filter, cursor, query.limit + 1)?,
                view::count(connection, &filter)?,
            ))
        })?;
        let more = rows.len() > query.limit;
        rows.truncate(query.limit);
        let next = rows
            .last()
            .filter(|_| more)
            .map(|last| format!("{}.{}.{}", last.area, last.walk, last.id));
        Ok(HouseholdPage {
            since,
            rows: self.households_shown(actor, rows, since)?,
            total,
            next,
        })
    }

    /// Households of an area in which somebody with this document, phone or whole name lives, or whose door has this text in it.
    /// Doors are sealed: they are looked through in areas with at most [`DOORS`] households, where the asker goes from door to door.
    pub fn find_households(
        &self,
        actor: &Actor,
        area: Option<AreaCode>,
        text: &str,
    ) -> Result<HouseholdPage, Refusal> {
        let since = self.covered_since()?;
        let text = bounded(text, 1, SOUGHT).map_err(|_| {
            Refusal::invalid(
                "q",
                format!("Write 1 to {SOUGHT} characters: a name, a document, a phone, or a door."),
                format!("请输入1至{SOUGHT}个字符：姓名、证件、电话或门牌。"),
            )
        })?;
        let filter = HouseholdFilter::within(self.field_area(actor, area)?);
        let people = self.people_named(&text)?;
        let (homes, doors) = self.store.read(|c| {
            let mut homes = Vec::new();
            for person in &people {
                homes.extend(view::home_of(c, *person)?);
            }
            let few = view::count(c, &filter)? <= DOORS as u64;
            let doors = if few {
                view::list(c, &filter, None, DOORS)?
            } else {
                Vec::new()
            };
            Ok((homes, doors))
        })?;
        let mut found: Vec<HouseholdRow> = homes
            .into_iter()
            .filter(|home| filter.area.contains(home.area))
            .collect();
        for (row, door) in doors.iter().zip(self.doors(actor, &doors)?) {
            if door.is_some_and(|door| door.contains(&text)) {
                found.push(row.clone());
            }
        }
        found.sort_by_key(|row| (row.area, row.walk, row.id));
        found.dedup_by_key(|row| row.id);
        let total = found.len() as u64;
        found.truncate(FOUND);
        Ok(HouseholdPage {
            since,
            rows: self.households_shown(actor, found, since)?,
            total,
            next: None,
        })
    }

    /// A household with its visits.
    pub fn household(
        &self,
        actor: &Actor,
        household: HouseholdId,
    ) -> Result<HouseholdWhole, Refusal> {
        let since = self.covered_since()?;
        let (row, visits) = self.store.read(|connection| {
            Ok((
                view::get(connection, household)?,
                view::visits_of(connection, household, VISITS)?,
            ))
        })?;
        let row = row
            .filter(|row| actor.may(Right::ReadField, row.area))
            .ok_or(Refusal::NotFound("household"))?;
        let shown = self.households_shown(actor, vec![row], since)?.pop();
        Ok(HouseholdWhole {
            row: shown.ok_or(Refusal::NotFound("household"))?,
            visits: visits
                .into_iter()
                .map(|(day, people)| HouseholdVisit { day, people })
                .collect(),
        })
    }

    fn households_shown(
        &self,
        actor: &Actor,
        rows: Vec<HouseholdRow>,
        since: Date,
    ) -> Result<Vec<HouseholdShown>, Refusal> {
        let tree = self.tree()?;
        let residents = self.store.read(|connection| {
            rows.iter()
                .map(|row| Ok(view::residents_of(connection, row.household, RESIDENTS)?))
                .collect::<Result<Vec<_>, _>>()
        })?;
        let doors = self.doors(actor, &rows)?;
        let everybody: Vec<PersonId> = residents.iter().flatten().copied().collect();
        let mut names = self
            .store
            .open_people(&everybody)?
            .into_iter()
            .map(|data| data.and_then(|data| data.masked_name()));
        let shown = rows.into_iter().zip(residents).zip(doors);
        Ok(shown
            .map(|((row, residents), door)| {
                let named = residents.into_iter().map(|person| HouseholdResident {
                    person,
                    name: names.next().flatten(),
                });
                self.household_shown(&tree, row, door, named.collect(), since)
            })
            .collect())
    }

    fn household_shown(
        &self,
        tree: &AreaTree,
        row: HouseholdRow,
        door: Option<String>,
        residents: Vec<HouseholdResident>,
        since: Date,
    ) -> HouseholdShown {
        let offset = self.store.utc_offset();
        HouseholdShown {
            household: row.household,
            area: tree.get_or_unnamed(row.area),
            door,
            dwelling: row.dwelling,
            walk: row.walk,
            people: row.expected(),
            living: row.living,
            visited_at: row.visited.map(|at| offset.rfc3339(at)),
            accounted: row.accounted(since),
            covered: row.covered(since),
            place: row.place,
            residents,
        }
    }

    /// The doors of households, of those where the asker goes from door to door.
    pub(crate) fn doors(
        &self,
        actor: &Actor,
        rows: &[HouseholdRow],
    ) -> Result<Vec<Option<String>>, Refusal> {
        let may: Vec<bool> = rows
            .iter()
            .map(|row| actor.may(Right::WatchOver, row.area))
            .collect();
        let sealed: Vec<PersonId> = rows
            .iter()
            .zip(&may)
            .filter(|(_, may)| **may)
            .map(|(row, _)| door_of(row.household))
            .collect();
        let mut opened = self.store.open_people(&sealed)?.into_iter();
        let door = |data: Option<PersonalData>| data.and_then(|data| data.address);
        Ok(may
            .into_iter()
            .map(|may| may.then(|| opened.next().flatten()).and_then(door))
            .collect())
    }
}
