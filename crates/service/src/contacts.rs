//! Contacts: named with a case, classed by the policy, followed until they are released or become a case.
//!
//! What a meeting makes of somebody is the policy's to say (table `contact`). What stands here is the order of things: a contact
//! is named once for a person and a case, however often they met; each further meeting is an exposure of the same contact, and
//! the closest counts.

mod alike;
mod lists;
mod named;
mod numbers;
mod proposed;
mod steps;

use lianfang_core::access::Right;
use lianfang_core::areas::AreaCode;
use lianfang_core::ids::ContactId;
use lianfang_policy::CaseSettings;
use lianfang_store::views::contacts::{self as view, ContactRow};

use crate::policy::Policy;
use crate::{Actor, House, Refusal};

pub use alike::AlikeContact;
pub use lists::{
    ContactPage, ContactQuery, ContactShown, ContactStage, ContactWhole, ExposureShown, FollowRow,
    FollowShown, FollowUps,
};
pub use named::{ContactAnswer, MOST_CONTACTS, NewContact};
pub use numbers::{AreaTraced, ContactNumber, Percent, TracingNumbers};
pub use proposed::{ProposedContact, ProposedContacts};
pub use steps::{NewFollowUp, NewStep};

impl Policy {
    /// The settings of cases and contacts; a pack without them runs no contacts.
    pub(crate) fn cases(&self) -> Result<&CaseSettings, Refusal> {
        self.pack.cases.as_ref().ok_or_else(|| {
            Refusal::invalid(
                "policy",
                "The policy in force has no [settings.cases]: it runs no contacts.",
                "现行策略包未设[settings.cases]，不能办理密接追踪。",
            )
        })
    }
}

/// Whether somebody may read the contacts of an area: who reads cases, and who works in the field.
fn reads(actor: &Actor, area: AreaCode) -> bool {
    actor.may(Right::ReadCases, area) || actor.may(Right::ReadField, area)
}

impl House {
    /// A contact that the asker may read.
    fn readable_contact(&self, actor: &Actor, id: ContactId) -> Result<ContactRow, Refusal> {
        self.store
            .read(|c| Ok(view::get(c, id)?))?
            .filter(|row| reads(actor, row.area))
            .ok_or(Refusal::NotFound("contact"))
    }

    /// A contact that the asker may work with.
    fn workable_contact(&self, actor: &Actor, id: ContactId) -> Result<ContactRow, Refusal> {
        let row = self.readable_contact(actor, id)?;
        if actor.may(Right::WatchOver, row.area) || actor.may(Right::ReportCase, row.area) {
            Ok(row)
        } else {
            Err(Refusal::Forbidden)
        }
    }
}
