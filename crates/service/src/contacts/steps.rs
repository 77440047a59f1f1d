//! Steps of the work with a contact, and daily follow-up.

use jiff::Timestamp;
use jiff::civil::Date;
use lianfang_core::contacts::{ContactStep, FollowUp};
use lianfang_core::entry::{Symptom, Temperature};
use lianfang_core::facts::{Body, ContactFollowed, ContactStepped};
use lianfang_core::ids::{ContactId, FactId, MatterId};
use lianfang_core::matters::About;
use lianfang_core::quarantine::SampleResult;
use lianfang_store::Batch;
use lianfang_store::views::matters;
use serde::{Deserialize, Serialize};

use crate::entry::{symptoms, temperature};
use crate::field::taking::Opening;
use crate::{Actor, House, Refusal};

/// A step to be written down.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewStep {
    /// Made by whoever writes it down (a ULID), so that sending twice is harmless.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub id: Option<FactId>,
    /// The step.
    pub step: ContactStep,
    /// When; now where it is left out.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub at: Option<Timestamp>,
    /// The result, of a sample.
    #[serde(default)]
    pub result: Option<SampleResult>,
}

/// A day's follow-up to be written down.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFollowUp {
    /// Made by whoever writes it down (a ULID), so that sending twice is harmless.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub id: Option<FactId>,
    /// The day; today where it is left out.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pub day: Option<Date>,
    /// What came of it.
    pub status: FollowUp,
    /// Temperature in degrees Celsius.
    #[serde(default)]
    pub temperature: Option<f64>,
    /// Symptoms.
    #[serde(default)]
    pub symptoms: Vec<Symptom>,
}

impl House {
    /// A step in the work with a contact.
    pub fn step_contact(&self, actor: &Actor, id: ContactId, new: &NewStep) -> Result<(), Refusal> {
        let row = self.workable_contact(actor, id)?;
        let sent = self.sent(actor, new.id, new.at, &(id, new))?;
        if sent.repeated {
            return Ok(());
        }
        if sent.at < row.named_at {
            return Err(Refusal::invalid(
                "at",
                "A step comes after the contact was named.",
                "步骤时间不能早于接触者登记时间。",
            ));
        }
        if new.result.is_some() && new.step != ContactStep::Tested {
            return Err(Refusal::invalid(
                "result",
                "Only a sample has a result.",
                "仅检测步骤可填写结果。",
            ));
        }
        let stepped = Body::ContactStepped(ContactStepped {
            contact: id,
            step: new.step,
            result: new.result,
            said: sent.said.clone(),
        });
        self.store
            .append(Batch::of(self.drafts(actor, &sent, [(row.area, stepped)])))?;
        self.settle_case(actor, row.case)
    }

    /// A day's follow-up of a contact. Whoever is ill goes to the clinic: a matter opens.
    pub fn follow_contact(
        &self,
        actor: &Actor,
        id: ContactId,
        new: &NewFollowUp,
    ) -> Result<(), Refusal> {
        let row = self.workable_contact(actor, id)?;
        let sent = self.sent(actor, new.id, None, &(id, new))?;
        if sent.repeated {
            return Ok(());
        }
        let today = self.today();
        let day = new.day.unwrap_or(today);
        let named = self.store.utc_offset().day_of(row.named_at);
        if day > today || day < row.met_first.unwrap_or(named).min(named) {
            return Err(Refusal::invalid(
                "day",
                "A follow-up is of today or earlier, and not before the meeting.",
                "随访日期不能在未来，也不能早于接触。",
            ));
        }
        let ticked = symptoms(&new.symptoms)?;
        let measured = temperature(new.temperature)?.map(Temperature::tenths);
        if !new.status.is_seen() && (measured.is_some() || !ticked.is_empty()) {
            return Err(Refusal::invalid(
                "status",
                "Who was not met has no temperature and no symptoms.",
                "未见到本人时不能填写体温或症状。",
            ));
        }
        if new.status == FollowUp::SeenWell && !ticked.is_empty() {
            return Err(Refusal::invalid(
                "status",
                "Who has symptoms is not well: `seen_ill`.",
                "有症状者应填seen_ill。",
            ));
        }
        let mut facts = vec![(
            row.area,
            Body::ContactFollowed(ContactFollowed {
                contact: id,
                day,
                status: new.status,
                temperature: measured,
                symptoms: ticked,
                said: sent.said.clone(),
            }),
        )];
        let policy = self.policy()?;
        let clinic = "clinic";
        let open = self
            .store
            .read(|c| Ok(matters::is_open_about(c, clinic, id.to_bytes())?))?;
        if new.status == FollowUp::SeenIll && !open && policy.pack.matter(clinic).is_some() {
            let opening = Opening {
                kind: clinic,
                area: row.area,
                title: "密接出现症状 · A contact is ill".into(),
                detail: String::new(),
                about: About::Contact(id),
                deadline: None,
            };
            let matter = MatterId::from_bytes(self.beside(sent.id, clinic));
            facts.push(self.matter_body(&policy, matter, self.now(), opening)?);
        }
        self.store
            .append(Batch::of(self.drafts(actor, &sent, facts)))?;
        Ok(())
    }
}
