//! Passes, as staff see them: how many of which colour, who holds one, who waits to be seen.

use lianfang_core::access::Right;
use lianfang_core::areas::{Area, AreaCode};
use lianfang_core::facts::{Body, PersonLooked};
use lianfang_core::ids::{PassCodeId, PersonId};
use lianfang_core::passes::{Colour, PassFor};
use lianfang_core::text::Text;
use lianfang_core::words::Word;
use lianfang_policy::Table;
use lianfang_store::IndexKind;
use lianfang_store::views::passes::{self as view, PassRow};
use serde::Serialize;

use super::{AppealShown, PassStanding};
use crate::entry::tail;
use crate::{Actor, House, Refusal};

/// Holders of one page at most.
const PAGE: usize = 200;
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
    /// The last four characters of the document.
    pub tail: Option<String>,
    /// Where they live.
    pub area: Area,
    /// The colour as last assessed.
    pub colour: Option<Colour>,
    /// Its name.
    pub colour_name: Option<Text>,
    /// The rule.
    pub rule: Option<String>,
    /// What the rule says, in the version by which it was assessed.
    pub reason: Option<Text>,
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
    /// By colour, of the whole area.
    pub counts: PassCounts,
    /// The holders, in the order in which they were confirmed.
    pub holders: Vec<PassHolder>,
    /// How many there are that were asked for.
    pub total: u64,
    /// What to send as `after` for the next page.
    pub next: Option<u64>,
}

/// A code that waits for somebody to see who it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PassWaiting {
    /// The code's id, by which staff can end it; it opens nothing.
    #[schema(value_type = String)]
    pub code: PassCodeId,
    /// The name that was given, masked.
    pub name: Option<String>,
    /// The last four characters of the document that was given.
    pub tail: Option<String>,
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
    /// The last four characters of the document.
    pub tail: Option<String>,
    /// Where they live.
    pub area: Area,
    /// How they stand, and why.
    pub standing: PassStanding,
    /// Appeals, the newest first.
    pub appeals: Vec<AppealShown>,
}

/// Which passes are asked for.
#[derive(Debug, Clone)]
pub struct ChosenPasses {
    /// Within this area; the highest of the asker's where none is named.
    pub area: Option<AreaCode>,
    /// Of this colour, as last assessed.
    pub colour: Option<Colour>,
    /// Of whom this is the document, phone or whole name.
    pub text: Option<String>,
    /// The `next` of the page before.
    pub after: u64,
    /// Rows at most.
    pub limit: usize,
}

impl Default for ChosenPasses {
    fn default() -> Self {
        Self {
            area: None,
            colour: None,
            text: None,
            after: 0,
            limit: PAGE,
        }
    }
}

impl House {
    /// Passes of an area: how many of which colour, and who holds them.
    pub fn passes(&self, actor: &Actor, chosen: &ChosenPasses) -> Result<PassList, Refusal> {
        let area = self.field_area(actor, chosen.area)?;
        let limit = chosen.limit.clamp(1, PAGE);
        let people = match chosen.text.as_deref().map(str::trim) {
            None | Some("") => None,
            Some(text) => Some(self.people_named(text)?),
        };
        let (counts, mut rows) = self.store.read(|c| {
            let rows = match &people {
                Some(people) => view::held_by(c, area, people)?,
                None => view::list(c, area, chosen.colour, chosen.after, limit + 1)?,
            };
            Ok((view::counts(c, area)?, rows))
        })?;
        if people.is_some() {
            let of_colour = |row: &PassRow| row.assessed.as_ref().map(|found| found.colour);
            rows.retain(|row| {
                row.id > chosen.after
                    && (chosen.colour.is_none() || of_colour(row) == chosen.colour)
            });
        }
        let found = rows.len() as u64;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let mut list = PassList {
            counts: PassCounts::default(),
            total: if people.is_some() { found } else { 0 },
            next: rows.last().filter(|_| more).map(|row| row.id),
            holders: self.holders_shown(rows)?,
        };
        for (colour, count) in counts {
            list.counts.add(colour, count);
            if people.is_none() && (chosen.colour.is_none() || colour == chosen.colour) {
                list.total += count;
            }
        }
        Ok(list)
    }

    fn holders_shown(&self, rows: Vec<PassRow>) -> Result<Vec<PassHolder>, Refusal> {
        let people: Vec<PersonId> = rows.iter().map(|row| row.holder).collect();
        let opened = self.store.open_people(&people)?;
        let tree = self.tree()?;
        rows.into_iter()
            .zip(opened)
            .map(|(row, data)| {
                let data = data.unwrap_or_default();
                let assessed = row.assessed.as_ref();
                let policy = assessed.map(|assessed| self.policy_named(&assessed.pack));
                let policy = policy.transpose()?.flatten();
                let reason = policy.zip(assessed).and_then(|(policy, assessed)| {
                    let mut rules = policy.pack.rules(Table::Pass).in_order().iter();
                    let rule = rules.find(|rule| rule.id == assessed.rule)?;
                    Some(rule.reason.clone())
                });
                Ok(PassHolder {
                    person: row.holder,
                    name: data.masked_name(),
                    tail: data.document.as_deref().map(tail),
                    area: tree.get_or_unnamed(row.area),
                    colour: assessed.map(|assessed| assessed.colour),
                    colour_name: assessed.map(|assessed| assessed.colour.label()),
                    rule: assessed.map(|assessed| assessed.rule.clone()),
                    until: assessed.and_then(|assessed| assessed.until),
                    reported: row.record.reported,
                    reason,
                })
            })
            .collect()
    }

    /// Codes that wait for somebody to see who it is.
    pub fn passes_waiting(
        &self,
        actor: &Actor,
        area: Option<AreaCode>,
    ) -> Result<Vec<PassWaiting>, Refusal> {
        let area = self.field_area(actor, area)?;
        let rows = self.store.read(|c| view::waiting(c, area, WAITING))?;
        let tree = self.tree()?;
        let offset = self.store.utc_offset();
        rows.into_iter()
            .map(|row| {
                let (name, tail) = self.name_and_tail(row.person)?;
                Ok(PassWaiting {
                    code: row.code,
                    name,
                    tail,
                    area: tree.get_or_unnamed(row.area),
                    by: row.by,
                    by_name: row.by.label(),
                    asked_at: offset.rfc3339(row.asked_at),
                })
            })
            .collect()
    }

    pub(super) fn seen(&self, holder: PersonId) -> Result<PassSeen, Refusal> {
        let found = self.assess(holder)?.ok_or(Refusal::NotFound("pass"))?;
        let (name, tail) = self.name_and_tail(holder)?;
        Ok(PassSeen {
            person: holder,
            name,
            tail,
            area: self.tree()?.get_or_unnamed(found.row.area),
            standing: self.standing_shown(&found)?,
            appeals: self.appeals_of(holder)?,
        })
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
        self.seen(row.holder)
    }
}
