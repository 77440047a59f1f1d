//! Today's real state of an area, as runs of a city begin with it: cases, those under watch, and those who recovered.

use std::collections::BTreeMap;

use jiff::civil::Date;
use lianfang_city::start::{ListedArrival, ListedCase, ListedContact, Start, reproduction_number};
use lianfang_core::access::Right;
use lianfang_core::areas::AreaCode;
use lianfang_core::cases::{Classification, Outcome};
use lianfang_core::contacts::ContactClass;
use lianfang_core::ids::{CaseId, PersonId};
use lianfang_core::time::day_number;
use lianfang_policy::Pack;
use lianfang_store::views::cases::{self, CaseFilter, CaseOrder, CaseRow};
use lianfang_store::views::contacts::{self, ContactFilter, ContactRow};
use lianfang_store::views::quarantine::{self, OrderFilter, OrderRow};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Actor, House, Refusal};

/// Rows of each kind that are read at most: a bound on memory.
const MOST_ROWS: usize = 200_000;

/// What runs begin with, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, utoipa::ToSchema)]
pub struct StateCounts {
    /// Cases in the area, recovered and dead ones among them.
    pub cases: usize,
    /// Of these, those who are cases still.
    pub active: usize,
    /// Those who recovered: they are immune.
    pub recovered: usize,
    /// Open contacts, each person once.
    pub contacts: usize,
    /// Others under watch, because of where they came from.
    pub arrivals: usize,
    /// People of the area, if known.
    pub population: Option<u32>,
    /// People of the area for each of the city: so many cases and contacts stand for one. 1 where all are taken.
    pub scale: f64,
    /// R by days of being found, where the cases tell it.
    pub reproduction_number: Option<f64>,
}

/// An area's state at the end of a day.
#[derive(Debug, Clone, PartialEq)]
pub struct StateNow {
    /// The day; runs begin on the next.
    pub as_of: Date,
    /// What runs begin with.
    pub start: Start,
    /// The same in numbers, before any are left out because the city is smaller.
    pub counts: StateCounts,
}

/// Takes so large a share of a list, evenly: of any stretch of it about that share.
struct Share(f64);

impl Share {
    fn takes(&self, place: usize) -> bool {
        (self.0 * (place + 1) as f64).floor() > (self.0 * place as f64).floor()
    }
}

fn day_of(row: &CaseRow) -> Date {
    let details = &row.details;
    let days = [
        details.reported,
        details.diagnosed,
        details.sampled,
        details.hospitalised,
    ];
    days.into_iter().flatten().next().unwrap_or(row.day)
}

fn has_disease(class: Classification) -> bool {
    class.counts() || class == Classification::Asymptomatic
}

/// A value of an order's evidence.
fn evidence<T: DeserializeOwned>(order: &OrderRow, field: &str) -> Option<T> {
    let value = order.evidence.get(field)?;
    serde_json::from_value(value.clone()).ok()
}

/// Days of a run that begins after a day.
#[derive(Clone, Copy)]
struct Clock(Date);

impl Clock {
    fn day(self, date: Date) -> i32 {
        day_number(date) - day_number(self.0) - 1
    }

    fn case(self, row: &CaseRow, traced: bool) -> ListedCase {
        let details = &row.details;
        let past = |date: Option<Date>| {
            date.filter(|date| *date <= self.0)
                .map(|date| self.day(date))
        };
        let over = details.outcome.is_some();
        let ended = past(details.outcome_date).or_else(|| over.then(|| self.day(day_of(row))));
        ListedCase {
            age: details.age_years,
            area: Some(row.area),
            onset: past(details.onset),
            found: self.day(day_of(row)),
            apart: past(details.isolated.or(details.hospitalised)),
            symptomatic: details.classification != Classification::Asymptomatic,
            ended: ended
                .filter(|_| over)
                .map(|day| (day, details.outcome == Some(Outcome::Died))),
            traced,
        }
    }
}

/// The contacts that are open, each person once: the closest class, the last meeting.
fn people_met(rows: &[ContactRow]) -> BTreeMap<PersonId, &ContactRow> {
    let mut people: BTreeMap<PersonId, &ContactRow> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.is_followed()) {
        let closer = people.get(&row.person).is_none_or(|other| {
            (row.class, row.met, std::cmp::Reverse(row.id))
                > (other.class, other.met, std::cmp::Reverse(other.id))
        });
        if closer {
            people.insert(row.person, row);
        }
    }
    people
}

impl House {
    /// The state of an area at the end of today, for a city of so many people: cases with their onset, contacts and orders
    /// now under watch, and recoveries. Where the city has fewer people than the area, an even share of all is taken.
    ///
    /// # Errors
    /// Where the asker may not read cases there, or there are none.
    pub fn state_now(
        &self,
        actor: &Actor,
        area: AreaCode,
        people: u32,
        pack: &Pack,
    ) -> Result<StateNow, Refusal> {
        actor.require(Right::ReadCases, area)?;
        let as_of = self.today();
        let clock = Clock(as_of);
        let population = self.tree()?.get(area).and_then(|area| area.population);
        let (rows, met, orders) = self.store.read(|c| {
            let of_area = CaseFilter {
                area: Some(area),
                ..CaseFilter::default()
            };
            let named = ContactFilter {
                area: Some(area),
                ..ContactFilter::default()
            };
            let live = OrderFilter {
                area: Some(area),
                live: Some(true),
                ..OrderFilter::default()
            };
            Ok((
                cases::list(c, &of_area, CaseOrder::Oldest, None, MOST_ROWS)?,
                contacts::list(c, &named, None, MOST_ROWS)?,
                quarantine::list(c, &live, None, MOST_ROWS)?,
            ))
        })?;
        let rows: Vec<CaseRow> = rows
            .into_iter()
            .filter(|row| has_disease(row.details.classification) && day_of(row) <= as_of)
            .collect();
        if rows.is_empty() {
            return Err(Refusal::invalid(
                "start",
                "No case is on the line list here: begin with a blank city.",
                "此处病例清单为空，请从空白城市开始。",
            ));
        }
        let population_known = population.filter(|population| *population > people);
        let share = Share(population_known.map_or(1.0, |all| f64::from(people) / f64::from(all)));
        let found: Vec<i32> = rows.iter().map(|row| clock.day(day_of(row))).collect();
        let mut start = Start {
            reproduction_number: reproduction_number(&found, -1, pack),
            ..Start::default()
        };
        let traced: std::collections::BTreeSet<CaseId> = met.iter().map(|row| row.case).collect();
        let mut places: BTreeMap<CaseId, usize> = BTreeMap::new();
        for (at, row) in rows.iter().enumerate() {
            if share.takes(at) {
                places.insert(row.case, start.cases.len());
                start
                    .cases
                    .push(clock.case(row, traced.contains(&row.case)));
            }
        }
        let open = people_met(&met);
        let contacts = listed_contacts(clock, &open, &places, &rows, &share);
        let others = listed_orders(clock, &orders, &open, &rows);
        let (arrivals, more): (Vec<_>, Vec<_>) = others
            .into_iter()
            .partition(|other| matches!(other, Other::Arrival(_)));
        let counts = StateCounts {
            cases: rows.len(),
            active: rows
                .iter()
                .filter(|row| row.details.outcome.is_none())
                .count(),
            recovered: rows
                .iter()
                .filter(|row| row.details.outcome == Some(Outcome::Recovered))
                .count(),
            contacts: open.len() + more.len(),
            arrivals: arrivals.len(),
            population,
            scale: 1.0 / share.0,
            reproduction_number: start.reproduction_number,
        };
        start.contacts = contacts;
        for (at, other) in more.into_iter().enumerate() {
            if let (true, Other::Contact(contact)) = (share.takes(at), other) {
                start.contacts.push(contact);
            }
        }
        for (at, other) in arrivals.into_iter().enumerate() {
            if let (true, Other::Arrival(arrival)) = (share.takes(at), other) {
                start.arrivals.push(arrival);
            }
        }
        Ok(StateNow {
            as_of,
            start,
            counts,
        })
    }
}

/// Contacts of the cases that are taken, and an even share of those whose case is elsewhere.
fn listed_contacts(
    clock: Clock,
    open: &BTreeMap<PersonId, &ContactRow>,
    places: &BTreeMap<CaseId, usize>,
    rows: &[CaseRow],
    share: &Share,
) -> Vec<ListedContact> {
    let here: std::collections::BTreeSet<CaseId> = rows.iter().map(|row| row.case).collect();
    let mut elsewhere = 0;
    let mut listed = Vec::new();
    for row in open.values() {
        let case = places.get(&row.case).copied();
        let taken = if here.contains(&row.case) {
            case.is_some()
        } else {
            elsewhere += 1;
            share.takes(elsewhere - 1)
        };
        let exposed = row.met.unwrap_or(clock.0).min(clock.0);
        if taken {
            listed.push(ListedContact {
                age: row.details.age_years,
                area: Some(row.area),
                case,
                class: row.class,
                exposed: clock.day(exposed),
            });
        }
    }
    listed
}

/// Somebody under an order who is no contact on record.
enum Other {
    Contact(ListedContact),
    Arrival(ListedArrival),
}

fn listed_orders(
    clock: Clock,
    orders: &[OrderRow],
    open: &BTreeMap<PersonId, &ContactRow>,
    rows: &[CaseRow],
) -> Vec<Other> {
    let ill: std::collections::BTreeSet<PersonId> =
        rows.iter().filter_map(|row| row.details.person).collect();
    let others = orders
        .iter()
        .filter(|order| !open.contains_key(&order.person) && !ill.contains(&order.person));
    others
        .map(|order| {
            let age = evidence::<u8>(order, "age");
            let area = Some(order.area);
            let class = evidence(order, "contact").unwrap_or(ContactClass::None);
            if class == ContactClass::None {
                return Other::Arrival(ListedArrival {
                    age,
                    area,
                    origin: evidence(order, "origin")
                        .unwrap_or(lianfang_core::entry::OriginRisk::Unknown),
                    abroad: evidence(order, "abroad").unwrap_or(false),
                    entered: clock.day(evidence(order, "entered").unwrap_or(order.since)),
                });
            }
            let exposed = evidence(order, "last_exposure").unwrap_or(order.since);
            Other::Contact(ListedContact {
                age,
                area,
                case: None,
                class,
                exposed: clock.day(exposed),
            })
        })
        .collect()
}
