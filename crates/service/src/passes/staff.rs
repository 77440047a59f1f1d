//! Passes, as staff see them: how many of which colour, who holds one, who waits to be seen.

use lianfang_core::access::Right;
use lianfang_core::areas::{Area, AreaCode};
use lianfang_core::facts::{Body, PersonLooked};
use lianfang_core::ids::PersonId;
use lianfang_core::passes::{Colour, PassFor};
use lianfang_core::text::Text;
use lianfang_core::words::Word;
use lianfang_store::IndexKind;
use lianfang_store::views::passes::{self as view, PassRow};
use serde::Serialize;

use super::{AppealShown, PassStanding};
use crate::{Actor, House, Refusal};

/// Holders of one page.
const PAGE: usize = 100;
/// Codes that wait, of one page.
const WAITING: usize = 200;

/// Passes of an area by colour, as last assessed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PassCounts {
    /// Green ones.
    pub green: u64,
    /// Yellow ones.
    pub yellow: u64,
    /// Red ones.
    pub red: u64,
}

/// A holder in a list.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct PassHolder {
    /// The holder.
    #[schema(value_type = String)]
    pub person: PersonId,
    /// The name, masked.
    pub name: Option<String>,
    /// Where they live.
    pub area: Area,
    /// The colour as last assessed.
    pub colour: Option<Colour>,
    /// Its name.
    pub colour_name: Option<Text>,
    /// The rule.
    pub rule: Option<String>,
    /// Until when.
    #[schema(value_type = Option<String>, format = Date)]
    pub until: Option<jiff::civil::Date>,
    /// The newest health report.
    #[schema(value_type = Option<String>, format = Date)]
    pub reported: Option<jiff::civil::Date>,
}

/// A page of holders.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct PassList {
    /// By colour, in all.
    pub counts: PassCounts,
    /// The holders.
    pub holders: Vec<PassHolder>,
    /// What to send as `after` for the next page.
    pub next: Option<u64>,
}

/// A code that waits for somebody to see who it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PassWaiting {
    /// The name that was given, masked.
    pub name: Option<String>,
    /// Where they live.
    pub area: Area,
    /// Who asked.
    pub by: PassFor,
    /// Its name.
    pub by_name: Text,
    /// When.
    pub asked_at: String,
}

/// A pass, looked up by staff.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct PassSeen {
    /// The holder.
    #[schema(value_type = String)]
    pub person: PersonId,
    /// The name, masked.
    pub name: Option<String>,
    /// Where they live.
    pub area: Area,
    /// How they stand, and why.
    pub standing: PassStanding,
    /// Appeals, the newest first.
    pub appeals: Vec<AppealShown>,
}

impl House {
    /// Passes of an area: how many of which colour, and who holds them.
    pub fn passes(
        &self,
        actor: &Actor,
        area: Option<AreaCode>,
        colour: Option<Colour>,
        after: u64,
    ) -> Result<PassList, Refusal> {
        let top = actor.area_of(Right::ReadField).ok_or(Refusal::Forbidden)?;
        let area = area.unwrap_or(top);
        actor.require(Right::ReadField, area)?;
        let (counts, rows) = self.store.read(|c| {
            Ok((
                view::counts(c, area)?,
                view::list(c, area, colour, after, PAGE)?,
            ))
        })?;
        let people: Vec<PersonId> = rows.iter().map(|row| row.holder).collect();
        let names = self.store.open_people(&people)?;
        let tree = self.tree()?;
        let mut list = PassList {
            counts: PassCounts::default(),
            next: (rows.len() == PAGE)
                .then(|| rows.last().map(|row| row.id))
                .flatten(),
            holders: Vec::with_capacity(rows.len()),
        };
        for (colour, count) in counts {
            match colour {
                Some(Colour::Green) => list.counts.green = count,
                Some(Colour::Yellow) => list.counts.yellow = count,
                Some(Colour::Red) => list.counts.red = count,
                None => {}
            }
        }
        for (row, data) in rows.into_iter().zip(names) {
            let assessed = row.assessed.as_ref();
            list.holders.push(PassHolder {
                person: row.holder,
                name: data
                    .and_then(|data| data.name)
                    .map(|name| lianfang_core::people::mask_name(&name)),
                area: tree.get_or_unnamed(row.area),
                colour: assessed.map(|assessed| assessed.colour),
                colour_name: assessed.map(|assessed| assessed.colour.label()),
                rule: assessed.map(|assessed| assessed.rule.clone()),
                until: assessed.and_then(|assessed| assessed.until),
                reported: row.record.reported,
            });
        }
        Ok(list)
    }

    /// Codes that wait for somebody to see who it is.
    pub fn passes_waiting(
        &self,
        actor: &Actor,
        area: Option<AreaCode>,
    ) -> Result<Vec<PassWaiting>, Refusal> {
        let top = actor.area_of(Right::ReadField).ok_or(Refusal::Forbidden)?;
        let area = area.unwrap_or(top);
        actor.require(Right::ReadField, area)?;
        let rows = self.store.read(|c| view::waiting(c, area, WAITING))?;
        let tree = self.tree()?;
        let offset = self.store.utc_offset();
        rows.into_iter()
            .map(|row| {
                Ok(PassWaiting {
                    name: self.masked(row.person)?,
                    area: tree.get_or_unnamed(row.area),
                    by: row.by,
                    by_name: row.by.label(),
                    asked_at: offset.rfc3339(row.asked_at),
                })
            })
            .collect()
    }

    fn seen(&self, row: &PassRow) -> Result<PassSeen, Refusal> {
        let found = self.assess(row.holder)?.ok_or(Refusal::NotFound("pass"))?;
        Ok(PassSeen {
            person: row.holder,
            name: self.masked(row.holder)?,
            area: self.tree()?.get_or_unnamed(row.area),
            standing: self.standing_shown(&found)?,
            appeals: self.appeals_of(row.holder)?,
        })
    }

    /// A holder's pass, explained to staff of the area.
    pub fn explain_pass(&self, actor: &Actor, person: PersonId) -> Result<PassSeen, Refusal> {
        let row = self
            .store
            .read(|c| {
                let holder = view::holder_of(c, person)?.unwrap_or(person);
                Ok(view::pass(c, holder)?)
            })?
            .filter(|row| actor.may(Right::ReadField, row.area))
            .ok_or(Refusal::NotFound("pass"))?;
        self.seen(&row)
    }

    /// Looks up the pass of somebody who stands at a gate without one, by their document. The look is recorded.
    pub fn look_up_pass(&self, actor: &Actor, document: &str) -> Result<PassSeen, Refusal> {
        if !actor.in_any(Right::KeepGate) {
            return Err(Refusal::Forbidden);
        }
        let given = crate::field::PersonGiven {
            document: Some(document.to_owned()),
            ..crate::field::PersonGiven::default()
        };
        let data = self.described(&given)?;
        let number = data.document.ok_or(Refusal::NotFound("pass"))?;
        let known = self.store.find_people(IndexKind::Document, &number)?;
        let row = self
            .store
            .read(|c| {
                for person in &known {
                    if let Some(holder) = view::holder_of(c, *person)? {
                        return Ok(view::pass(c, holder)?);
                    }
                }
                Ok(None)
            })?
            .ok_or(Refusal::NotFound("pass"))?;
        let looked = Body::PersonLooked(PersonLooked {
            person: row.holder,
            reason: "pass shown by document at a gate".into(),
        });
        self.append(actor, [(row.area, looked)])?;
        self.seen(&row)
    }
}
