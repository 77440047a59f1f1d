//! People in the vault: looked at with a reason, and forgotten when their time has come.

use jiff::Span;
use lianfang_core::access::Right;
use lianfang_core::facts::{Body, PersonForgotten, PersonLooked};
use lianfang_core::ids::PersonId;
use lianfang_core::people::PersonalData;
use lianfang_core::text::bounded;
use lianfang_store::Batch;
use lianfang_store::views::{investigation, people};
use serde::Serialize;

use crate::cases::vault_place;
use crate::{Actor, House, Refusal};

/// People forgotten in one go.
const AT_ONCE: usize = 1_000;

/// A person's data, opened.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PersonShown {
    /// Name.
    pub name: Option<String>,
    /// Kind of document.
    pub document_kind: Option<String>,
    /// Its number.
    pub document: Option<String>,
    /// Phone.
    pub phone: Option<String>,
    /// Address.
    pub address: Option<String>,
}

impl From<PersonalData> for PersonShown {
    fn from(data: PersonalData) -> Self {
        Self {
            name: data.name,
            document_kind: data.document_kind,
            document: data.document,
            phone: data.phone,
            address: data.address,
        }
    }
}

impl House {
    /// Looks at a person's data. The look is recorded before the data is shown.
    pub fn look_at_person(
        &self,
        actor: &Actor,
        person: PersonId,
        reason: &str,
    ) -> Result<PersonShown, Refusal> {
        let areas = self.areas_of(person)?;
        let area = areas
            .iter()
            .copied()
            .find(|area| actor.may(Right::LookAtPerson, *area))
            .ok_or_else(|| {
                if areas.iter().any(|area| actor.sees(*area)) {
                    Refusal::Forbidden
                } else {
                    Refusal::NotFound("person")
                }
            })?;
        let reason = bounded(reason, 5, 200).map_err(|_| {
            Refusal::invalid(
                "reason",
                "Say in 5 to 200 characters why you need to see this.",
                "请用5至200个字符说明查看理由。",
            )
        })?;
        let data = self.store.open_person(person)?.ok_or(Refusal::Forgotten)?;
        self.append(
            actor,
            [(area, Body::PersonLooked(PersonLooked { person, reason }))],
        )?;
        Ok(data.into())
    }

    /// Forgets those whose retention has ended: keys destroyed, the act recorded. Returns how
    /// many.
    pub fn forget_due(&self, actor: &Actor) -> Result<u64, Refusal> {
        actor.require(Right::ManageAccounts, self.store.root())?;
        let policy = self.policy()?;
        let days = policy.pack.retention.person_days;
        let Ok(before) = self.today().checked_sub(Span::new().days(days)) else {
            return Ok(0);
        };
        let offset = self.store.utc_offset();
        let of_visits = self.without_visits()?;
        let mut forgotten = of_visits.len() as u64;
        let reason = format!("{}: visits.keep_days", policy.pack.word());
        for some in of_visits.chunks(AT_ONCE) {
            self.forget(actor, some.to_vec(), &reason)?;
        }
        forgotten += self.forget_unconfirmed(actor)?;
        let reason = format!("{}: retention.person_days", policy.pack.word());
        loop {
            let due = self.store.read(|connection| {
                people::due_to_be_forgotten(connection, before, offset, AT_ONCE)
            })?;
            if due.is_empty() {
                return Ok(forgotten);
            }
            forgotten += due.len() as u64;
            self.forget(actor, due, &reason)?;
        }
    }

    fn forget(&self, actor: &Actor, due: Vec<PersonId>, reason: &str) -> Result<(), Refusal> {
        let facts = due.iter().map(|person| {
            let body = Body::PersonForgotten(PersonForgotten {
                person: *person,
                reason: reason.to_owned(),
            });
            self.draft(actor, self.store.root(), body)
        });
        let mut batch = Batch::of(facts);
        // What their itineraries say in words goes with them.
        let stays = self
            .store
            .read(|c| Ok(investigation::stays_of_people(c, &due)?))?;
        batch.forget = due;
        batch.forget.extend(stays.into_iter().map(vault_place));
        self.store.append(batch)?;
        Ok(())
    }
}
