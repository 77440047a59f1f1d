//! Daily health reports: by the holder, or by staff for those who have no phone.

use lianfang_core::access::Right;
use lianfang_core::areas::AreaCode;
use lianfang_core::entry::{Symptom, Temperature};
use lianfang_core::facts::{Body, HealthReported};
use lianfang_core::ids::{FactId, MatterId, PersonId};
use lianfang_core::matters::About;
use lianfang_core::quarantine::CheckedBy;
use lianfang_store::Batch;
use lianfang_store::views::{matters, passes as view};
use serde::{Deserialize, Serialize};

use crate::entry::{symptoms, temperature};
use crate::field::taking::Opening;
use crate::quarantine::is_fever;
use crate::{Actor, House, Refusal};

/// A daily health report.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHealthReport {
    /// Made by whoever reports (a ULID), so that sending twice is harmless.
    #[schema(value_type = String)]
    pub id: FactId,
    /// Temperature in degrees Celsius.
    #[serde(default)]
    pub temperature: Option<f64>,
    /// Symptoms; none where the person feels well.
    #[serde(default)]
    pub symptoms: Vec<Symptom>,
}

impl House {
    /// A holder reports how they feel today.
    pub fn report_health(&self, code: &str, new: &NewHealthReport) -> Result<(), Refusal> {
        let row = self.open_code(code)?;
        let actor = Actor::house("pass");
        self.take_report(&actor, row.person, row.area, CheckedBy::Person, new)
    }

    /// Staff write down how a holder feels.
    pub fn report_health_for(
        &self,
        actor: &Actor,
        holder: PersonId,
        new: &NewHealthReport,
    ) -> Result<(), Refusal> {
        let row = self
            .store
            .read(|c| Ok(view::pass(c, holder)?))?
            .filter(|row| actor.sees(row.area))
            .ok_or(Refusal::NotFound("pass"))?;
        actor.require(Right::WatchOver, row.area)?;
        self.take_report(actor, row.holder, row.area, CheckedBy::Staff, new)
    }

    fn take_report(
        &self,
        actor: &Actor,
        person: PersonId,
        area: AreaCode,
        by: CheckedBy,
        new: &NewHealthReport,
    ) -> Result<(), Refusal> {
        let sent = self.sent(actor, Some(new.id), None, &(person, new))?;
        if sent.repeated {
            return Ok(());
        }
        let policy = self.policy()?;
        let settings = policy.field()?;
        let measured = temperature(new.temperature)?.map(Temperature::tenths);
        let ticked = symptoms(&new.symptoms)?;
        let felt = ticked
            .iter()
            .any(|symptom| settings.abnormal_symptoms.contains(symptom));
        let abnormal = felt || is_fever(&policy, settings, measured);
        let mut facts = vec![(
            area,
            Body::HealthReported(HealthReported {
                person,
                day: self.today(),
                temperature: measured,
                symptoms: ticked,
                by,
                abnormal,
                said: sent.said.clone(),
            }),
        )];
        let open = self
            .store
            .read(|c| Ok(matters::is_open_about(c, CLINIC, person.to_bytes())?))?;
        if abnormal && !open && policy.pack.matter(CLINIC).is_some() {
            let opening = Opening {
                kind: CLINIC,
                area,
                title: "健康打卡异常 · A daily health report is abnormal".into(),
                detail: String::new(),
                about: About::Holder(person),
                deadline: None,
            };
            let matter = MatterId::from_bytes(self.beside(sent.id, CLINIC));
            facts.push(self.matter_body(&policy, matter, self.now(), opening)?);
        }
        self.store
            .append(Batch::of(self.drafts(actor, &sent, facts)))?;
        self.assess(person)?;
        Ok(())
    }
}

/// The matter that an abnormal report opens.
const CLINIC: &str = "clinic";
