//! Somebody who is described, and contacts on record who are likely the same person: offered before anything is written, and
//! settled by whoever names the contact. Nobody is taken for somebody else silently.

use std::collections::BTreeSet;

use jiff::Timestamp;
use lianfang_core::alike::{Described, Verdict, alike};
use lianfang_core::ids::PersonId;
use lianfang_core::people::PersonalData;
use lianfang_store::IndexKind;
use lianfang_store::views::contacts::{self as view, ContactRow};
use serde::Serialize;

use super::{ContactShown, NewContact, reads};
use crate::{Actor, House, Refusal};

/// People that one description is compared with at most.
const MOST_COMPARED: usize = 200;
/// Contacts offered at most.
const MOST_OFFERED: usize = 5;

/// A contact on record who is likely the person described.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct AlikeContact {
    /// The contact, masked.
    pub contact: ContactShown,
    /// What agrees.
    pub same: Vec<&'static str>,
}

/// A description as it is compared: the day of the meeting stands for the arrival.
fn as_record(data: &PersonalData, at: Timestamp) -> Described<'_> {
    Described {
        name: data.name.as_deref(),
        born: data.born,
        phone: data.phone.as_deref(),
        document: data.document.as_deref(),
        sex: data.sex,
        ..Described::at(at)
    }
}

impl House {
    /// Contacts that the asker may read who look like somebody described; none where the document says who it is.
    pub(super) fn alike_contacts(
        &self,
        actor: &Actor,
        new: &NewContact,
    ) -> Result<Vec<AlikeContact>, Refusal> {
        let Some(given) = &new.given else {
            return Ok(Vec::new());
        };
        let data = self.described(given)?;
        if !self.with_document(&data)?.is_empty() {
            return Ok(Vec::new());
        }
        let born = data.born.map(|born| born.to_string());
        let mut people: BTreeSet<PersonId> = BTreeSet::new();
        for (kind, text) in [
            (IndexKind::Phone, data.phone.as_deref()),
            (IndexKind::Name, data.name.as_deref()),
            (IndexKind::Born, born.as_deref()),
        ] {
            if let Some(text) = text {
                people.extend(self.store.indexed_people(kind, text)?);
            }
        }
        let people: Vec<PersonId> = people.into_iter().take(MOST_COMPARED).collect();
        let rows = self.store.read(|c| {
            people
                .iter()
                .map(|person| Ok(view::of_person(c, *person)?.pop()))
                .collect::<Result<Vec<Option<ContactRow>>, lianfang_store::StoreError>>()
        })?;
        let rows: Vec<ContactRow> = rows
            .into_iter()
            .flatten()
            .filter(|row| reads(actor, row.area))
            .collect();
        let known: Vec<PersonId> = rows.iter().map(|row| row.person).collect();
        let opened = self.store.open_people(&known)?;
        let met = self.store.utc_offset().start_of(new.met);
        let mut offers = Vec::new();
        for (row, other) in rows.iter().zip(opened) {
            let Some(other) = other else { continue };
            let likeness = alike(&as_record(&data, met), &as_record(&other, met));
            if likeness.verdict == Verdict::Different {
                continue;
            }
            let Some(contact) = self.contacts_shown(std::slice::from_ref(row))?.pop() else {
                continue;
            };
            offers.push(AlikeContact {
                contact,
                // The days were set alike: that they agree says nothing.
                same: likeness
                    .same
                    .into_iter()
                    .filter(|word| *word != "arrival")
                    .collect(),
            });
        }
        offers.sort_by_key(|offer| std::cmp::Reverse(offer.same.len()));
        offers.truncate(MOST_OFFERED);
        Ok(offers)
    }
}
