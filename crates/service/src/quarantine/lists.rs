//! Orders as lists.

use std::collections::BTreeMap;

use jiff::civil::Date;
use lianfang_core::areas::{Area, AreaCode};
use lianfang_core::entry::Stage;
use lianfang_core::ids::{EntrantId, OrderId, PersonId, SiteId};
use lianfang_core::quarantine::{AbsenceHow, Basis, EndHow, SampleResult, Watch};
use lianfang_core::text::Text;
use lianfang_core::words::Word;
use lianfang_store::views::entry;
use lianfang_store::views::quarantine::{self as view, Due, OrderFilter, OrderRow};
use serde::{Deserialize, Serialize};

use super::sites::name_of;
use super::{day_of_order, slot_at, slots_of};
use crate::entry::tail;
use crate::{Actor, House, Refusal};

/// Rows of a page at most.
const MOST: usize = 200;

/// Whether orders are asked for that are in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// Those in force.
    #[default]
    Live,
    /// Those that ended.
    Ended,
    /// All.
    All,
}

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DueWanted {
    /// The check of this time of day.
    Check,
    /// A sample.
    Sample,
    /// Release.
    Release,
    /// Not where they should be.
    Absent,
    /// A check was missed, and that matter is not closed.
    Missed,
}

/// Which orders are asked for.
#[derive(Debug, Clone, Default)]
pub struct ChosenOrders {
    /// Within this area; the highest of the asker's where none is named.
    pub area: Option<AreaCode>,
    /// Of this kind.
    pub watch: Option<Watch>,
    /// In force, ended, or all.
    pub state: OrderState,
    /// With this due.
    pub due: Option<DueWanted>,
    /// Of this document, phone or whole name.
    pub text: Option<String>,
    /// The `next` of the page before.
    pub cursor: Option<u64>,
    /// Rows at most.
    pub limit: usize,
}

/// A bed, as shown.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct BedShown {
    /// The site.
    #[schema(value_type = String)]
    pub site: SiteId,
    /// Its name.
    pub name: Text,
    /// The room.
    pub room: String,
    /// The bed, from 1.
    pub bed: u8,
}

/// An order, in a list.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct OrderShown {
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
    /// The last four characters of the document.
    pub tail: Option<String>,
    /// Where they are watched.
    pub area: Area,
    /// How.
    pub watch: Watch,
    /// Its name.
    pub watch_name: Text,
    /// The bed, at a site; the last one where the order has ended.
    pub bed: Option<BedShown>,
    /// Where in the process the person stands.
    pub stage: Option<Stage>,
    /// Its name.
    pub stage_name: Option<Text>,
    /// From what its days count.
    pub basis: Option<Basis>,
    /// Its name.
    pub basis_name: Option<Text>,
    /// That day.
    #[schema(value_type = String, format = Date)]
    pub since: Date,
    /// The day of release.
    #[schema(value_type = String, format = Date)]
    pub until: Date,
    /// Today's place among its days, from 1.
    pub day: i32,
    /// Its days.
    pub days: i32,
    /// The rule that made it.
    pub rule: String,
    /// The pack and its version, under which it stands.
    pub pack: String,
    /// When it was made.
    pub made_at: String,
    /// What is due now.
    pub due: Vec<DueWanted>,
    /// Today's checks that were made.
    pub checks_done: usize,
    /// Of so many.
    pub checks_of: usize,
    /// Whether one of today's was abnormal.
    pub abnormal: bool,
    /// The next day on which a sample is due and none was taken since.
    #[schema(value_type = Option<String>, format = Date)]
    pub next_test: Option<Date>,
    /// Samples without a result.
    pub awaited: u32,
    /// The result of the newest sample that has one.
    pub result: Option<SampleResult>,
    /// Since when they are not where they should be.
    pub absent_since: Option<String>,
    /// How that was found.
    pub absent_how: Option<AbsenceHow>,
    /// On which day it ended.
    #[schema(value_type = Option<String>, format = Date)]
    pub ended_on: Option<Date>,
    /// How.
    pub how: Option<EndHow>,
    /// Its name.
    pub how_name: Option<Text>,
    /// Days that release came, or is, after its day.
    pub late_days: i32,
}

/// A page of orders.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct OrderPage {
    /// The orders, the newest first.
    pub orders: Vec<OrderShown>,
    /// How many there are.
    pub total: u64,
    /// Where the next page begins.
    pub next: Option<String>,
}

impl House {
    /// A page of orders, and how many there are.
    pub fn orders(&self, actor: &Actor, chosen: &ChosenOrders) -> Result<OrderPage, Refusal> {
        let area = self.field_area(actor, chosen.area)?;
        let people = match chosen.text.as_deref().map(str::trim) {
            None | Some("") => None,
            Some(text) => Some(self.people_named(text)?),
        };
        let due = match chosen.due {
            None => None,
            Some(due) => Some(self.due_now(due)?),
        };
        let filter = OrderFilter {
            area: Some(area),
            watch: chosen.watch,
            live: match chosen.state {
                _ if due.is_some() => Some(true),
                OrderState::Live => Some(true),
                OrderState::Ended => Some(false),
                OrderState::All => None,
            },
            due,
            people,
        };
        let limit = chosen.limit.clamp(1, MOST);
        let (rows, total) = self.store.read(|c| {
            Ok((
                view::list(c, &filter, chosen.cursor, limit)?,
                view::count(c, &filter)?,
            ))
        })?;
        let next = rows
            .last()
            .filter(|_| rows.len() == limit)
            .map(|row| row.id.to_string());
        Ok(OrderPage {
            orders: self.orders_shown(&rows)?,
            total,
            next,
        })
    }

    fn due_now(&self, due: DueWanted) -> Result<Due, Refusal> {
        let today = self.today();
        Ok(match due {
            DueWanted::Check => {
                let policy = self.policy()?;
                let settings = policy.field()?;
                let offset = self.store.utc_offset();
                let slot = slot_at(settings, offset, self.now());
                let until = slots_of(settings, offset, today)
                    .into_iter()
                    .find(|of_day| of_day.slot == slot)
                    .map_or(self.now(), |of_day| of_day.until);
                Due::Check {
                    day: today,
                    slot,
                    until,
                }
            }
            DueWanted::Sample => Due::Sample(today),
            DueWanted::Release => Due::Release(today),
            DueWanted::Absent => Due::Absent,
            DueWanted::Missed => Due::Missed,
        })
    }

    /// Orders as shown, with masked names.
    pub(super) fn orders_shown(&self, rows: &[OrderRow]) -> Result<Vec<OrderShown>, Refusal> {
        let people: Vec<PersonId> = rows.iter().map(|row| row.person).collect();
        let opened = self.store.open_people(&people)?;
        let policy = self.policy()?;
        let settings = policy.field()?;
        let offset = self.store.utc_offset();
        let (now, today) = (self.now(), self.today());
        let slots = slots_of(settings, offset, today);
        let slot = slot_at(settings, offset, now);
        let tree = self.tree()?;
        let mut sites: BTreeMap<SiteId, Text> = BTreeMap::new();
        let mut shown = Vec::with_capacity(rows.len());
        for (row, data) in rows.iter().zip(opened) {
            let data = data.unwrap_or_default();
            let (checks, stage, missed) = self.store.read(|c| {
                if let Some(bed) = &row.bed
                    && !sites.contains_key(&bed.site)
                    && let Some(site) = view::site(c, bed.site)?
                {
                    sites.insert(bed.site, name_of(&site));
                }
                let stage = match row.entrant {
                    Some(entrant) => entry::speaker(c, entrant)?.map(|entrant| entrant.stage),
                    None => None,
                };
                let missed = lianfang_store::views::matters::is_open_about(
                    c,
                    "missed_check",
                    row.order.to_bytes(),
                )?;
                Ok((view::checks_on(c, row.order, today)?, stage, missed))
            })?;
            let live = row.is_live();
            let checked = |slot: u8| checks.iter().any(|check| check.slot == slot);
            let owed = slots
                .iter()
                .any(|of_day| of_day.slot == slot && row.made_at < of_day.until);
            let absent = row.absent_since.is_some() || stage == Some(Stage::Missing);
            let due = [
                (
                    DueWanted::Check,
                    owed && row.until > today && !checked(slot),
                ),
                (DueWanted::Sample, row.sample_due(today)),
                (DueWanted::Release, row.until <= today),
                (DueWanted::Absent, absent),
                (DueWanted::Missed, missed),
            ];
            let (day, days) = day_of_order(row, row.ended_on.unwrap_or(today));
            let over = row.ended_on.unwrap_or(today);
            let late = over
                .since(row.until)
                .map_or(0, |span| span.get_days())
                .max(0);
            shown.push(OrderShown {
                order: row.order,
                entrant: row.entrant,
                person: row.person,
                name: data.masked_name(),
                tail: data.document.as_deref().map(tail),
                area: tree.get_or_unnamed(row.area),
                watch: row.watch,
                watch_name: row.watch.label(),
                bed: row.bed.as_ref().map(|bed| BedShown {
                    site: bed.site,
                    name: sites
                        .get(&bed.site)
                        .cloned()
                        .unwrap_or_else(|| Text::new("", "")),
                    room: bed.room.clone(),
                    bed: bed.bed,
                }),
                stage,
                stage_name: stage.map(Word::label),
                basis: row.basis,
                basis_name: row.basis.map(Word::label),
                since: row.since,
                until: row.until,
                day,
                days,
                rule: row.rule.clone(),
                pack: row.pack.clone(),
                made_at: offset.rfc3339(row.made_at),
                due: due
                    .into_iter()
                    .filter_map(|(due, is)| (live && is).then_some(due))
                    .collect(),
                checks_done: slots.iter().filter(|of_day| checked(of_day.slot)).count(),
                checks_of: slots.len(),
                abnormal: checks.iter().any(|check| check.abnormal),
                next_test: row.next_test,
                awaited: row.awaited,
                result: row.result,
                absent_since: row.absent_since.map(|since| offset.rfc3339(since)),
                absent_how: row.absent_how,
                ended_on: row.ended_on,
                how: row.how,
                how_name: row.how.map(Word::label),
                late_days: late,
            });
        }
        Ok(shown)
    }
}
