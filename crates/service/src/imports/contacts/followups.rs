//! Follow-up from a file: what it says of somebody holds for them as a contact of every case.

use std::collections::HashSet;

use lianfang_core::contacts::FollowUp;
use lianfang_core::entry::Temperature;
use lianfang_core::facts::{Body, ContactFollowed, Draft};
use lianfang_core::ids::{ContactId, FactId};
use lianfang_core::text::Text;
use lianfang_intake::{Code, FollowUpRow, FollowUps, Source};
use lianfang_store::Batch;
use lianfang_store::views::contacts::{self, ContactRow};

use super::{CHUNK, Pending, Reason, contact_unknown, of_no_case};
use crate::Refusal;
use crate::entry::{symptoms, temperature};
use crate::imports::session::Session;

impl Session<'_> {
    pub(in crate::imports) fn follow_ups(&mut self, source: Source) -> Result<(), Refusal> {
        let preset = self.preset.ok_or(Refusal::NotFound("preset"))?;
        let mut list = FollowUps::open(source, preset, self.options)?;
        let header = list.header().to_vec();
        self.report
            .other_sheets
            .clone_from(&list.info().other_sheets);
        let mut pending = Vec::with_capacity(CHUNK);
        let mut seen: HashSet<FactId> = HashSet::new();
        while let Some(entry) = list.next() {
            let Some(row) = self.sift(entry?, &header)? else {
                continue;
            };
            match self.follow_up(&row)? {
                Err(reason) => self.refuse_for(row.row, list.cells(), &header, reason)?,
                Ok(mut facts) => {
                    let known = facts.len();
                    facts.retain(|fact| seen.insert(fact.id));
                    let mut new = Vec::with_capacity(facts.len());
                    for fact in facts {
                        if self.house.store().fact_by_id(fact.id)?.is_none() {
                            new.push(fact);
                        }
                    }
                    if new.is_empty() {
                        self.report.rows_unchanged += 1;
                    } else {
                        pending.push(Pending {
                            revises: new.len() < known,
                            batch: Batch::of(new),
                            row: row.row,
                            cells: list.cells(),
                        });
                    }
                }
            }
            if pending.len() >= CHUNK {
                self.settle(&mut pending, &header)?;
            }
        }
        self.settle(&mut pending, &header)
    }

    /// A contact by the number of its list, or by its id here, as a contact of each case.
    pub(super) fn tied_contacts(
        &self,
        number: &str,
    ) -> Result<Result<Vec<ContactRow>, Reason>, Refusal> {
        let store = self.house.store();
        let person = match self.listed_numbered(number)? {
            Some(listed) => Some(listed.person),
            None => match number.parse::<ContactId>() {
                Ok(id) => store
                    .read(|c| Ok(contacts::get(c, id)?))?
                    .map(|row| row.person),
                Err(_) => None,
            },
        };
        let Some(person) = person else {
            return Ok(Err(contact_unknown()));
        };
        let tied = store.read(|c| Ok(contacts::of_person(c, person)?))?;
        Ok(if tied.is_empty() {
            Err(of_no_case())
        } else {
            Ok(tied)
        })
    }

    fn follow_up(&self, row: &FollowUpRow) -> Result<Result<Vec<Draft>, Reason>, Refusal> {
        let tied = match self.tied_contacts(&row.contact)? {
            Ok(tied) => tied,
            Err(reason) => return Ok(Err(reason)),
        };
        let measured = match temperature(row.temperature) {
            Ok(measured) => measured.map(Temperature::tenths),
            Err(refusal) => {
                return Ok(Err(("temperature", Code::NumberForm, refusal.message())));
            }
        };
        let ticked = symptoms(&row.symptoms)?;
        let says_more = measured.is_some() || !ticked.is_empty();
        if (!row.status.is_seen() && says_more)
            || (row.status == FollowUp::SeenWell && !ticked.is_empty())
        {
            let message = Text::new(
                "Who was not met has no temperature and no symptoms, and who has symptoms is not well.",
                "未见到本人时不能填写体温或症状；有症状者不能填写健康。",
            );
            return Ok(Err(("status", Code::NotAccepted, message)));
        }
        let said = format!(
            "follow-up {} {:?}",
            self.source_name(),
            (&row.contact, row.day, row.status, measured, &ticked)
        );
        let at = self.began(Some(row.day));
        Ok(Ok(tied
            .into_iter()
            .map(|contact| {
                let id = self.fact_id(Some(row.day), &format!("{said} {}", contact.contact));
                let body = Body::ContactFollowed(ContactFollowed {
                    contact: contact.contact,
                    day: row.day,
                    status: row.status,
                    temperature: measured,
                    symptoms: ticked.clone(),
                    said: String::new(),
                });
                self.dated(id, contact.area, body, at)
            })
            .collect()))
    }
}
