//! Who is under an order is looked after: checks, samples, absences, needs.

use lianfang_core::access::Right;
use lianfang_core::areas::AreaCode;
use lianfang_core::entry::{Symptom, Temperature};
use lianfang_core::facts::{
    AbsenceEnded, AbsenceFound, Body, CheckMade, NeedStated, SampleResulted, SampleTaken,
};
use lianfang_core::ids::{MatterId, OrderId, SampleId};
use lianfang_core::matters::About;
use lianfang_core::quarantine::{AbsenceHow, CheckedBy, Need, SampleResult};
use lianfang_core::words::Word;
use lianfang_policy::FieldSettings;
use lianfang_store::views::matters;
use lianfang_store::views::quarantine::{self as view, OrderRow};

use super::slot_at;
use crate::Refusal;
use crate::entry::{symptoms, temperature};
use crate::field::taking::{Opening, Taking, Written};
use crate::policy::Policy;

/// Whether a temperature is one that the policy takes for abnormal.
pub(crate) fn is_fever(policy: &Policy, settings: &FieldSettings, tenths: Option<u16>) -> bool {
    let from = policy
        .pack
        .numbers
        .get(&settings.abnormal_from)
        .map(|number| (number.value * 10.0).round());
    match (tenths, from) {
        (Some(tenths), Some(from)) => f64::from(tenths) >= from,
        _ => false,
    }
}

impl Taking<'_> {
    /// A matter about an order, where none of its kind is open about it.
    pub(super) fn opens_once(
        &self,
        nth: u8,
        kind: &'static str,
        row: &OrderRow,
        title: String,
    ) -> Result<Option<(AreaCode, Body)>, Refusal> {
        let about = About::Order(row.order);
        let open = self.read(|c| Ok(matters::is_open_about(c, kind, about.to_bytes())?))?;
        if open {
            return Ok(None);
        }
        let opening = Opening {
            kind,
            area: row.area,
            title,
            detail: String::new(),
            about,
            deadline: None,
        };
        self.opens(nth, opening).map(Some)
    }

    /// Somebody under an order was looked after.
    pub(crate) fn check(
        &self,
        order: OrderId,
        celsius: Option<f64>,
        ticked: &[Symptom],
        by: CheckedBy,
    ) -> Result<Written, Refusal> {
        let row = self.order_row(order, Right::WatchOver)?;
        let measured = temperature(celsius)?.map(Temperature::tenths);
        let symptoms = symptoms(ticked)?;
        let settings = self.settings()?;
        let felt = symptoms
            .iter()
            .any(|symptom| settings.abnormal_symptoms.contains(symptom));
        let fever = is_fever(&self.policy, settings, measured);
        let abnormal = fever || felt;
        let names = |of: fn(Symptom) -> String, between: &str| {
            let names: Vec<String> = symptoms.iter().map(|symptom| of(*symptom)).collect();
            names.join(between)
        };
        let title = match celsius.filter(|_| fever) {
            Some(celsius) => format!("体温{celsius:.1}℃ · Temperature {celsius:.1} °C"),
            None => format!(
                "症状：{} · Symptoms: {}",
                names(|symptom| symptom.label().zh, "、"),
                names(|symptom| symptom.label().en, ", ")
            ),
        };
        let made = Body::CheckMade(CheckMade {
            order,
            day: self.day(),
            slot: slot_at(settings, self.house.store.utc_offset(), self.at),
            temperature: measured,
            symptoms: symptoms.clone(),
            by,
            abnormal,
            said: self.said.clone(),
        });
        let written = Written::fact(row.area, made);
        if !abnormal {
            return Ok(written);
        }
        Ok(written.and(self.opens_once(1, "clinic", &row, title)?))
    }

    /// A sample was taken.
    pub(crate) fn sample(&self, order: OrderId) -> Result<Written, Refusal> {
        let row = self.order_row(order, Right::WatchOver)?;
        Ok(Written::fact(
            row.area,
            Body::SampleTaken(SampleTaken {
                sample: SampleId::from_bytes(self.id.to_bytes()),
                order,
                day: self.day(),
                said: self.said.clone(),
            }),
        ))
    }

    /// A sample has its result.
    pub(crate) fn sample_answer(
        &self,
        sample: SampleId,
        result: SampleResult,
    ) -> Result<Written, Refusal> {
        let taken = self
            .read(|c| Ok(view::sample(c, sample)?))?
            .ok_or(Refusal::NotFound("sample"))?;
        let row = self
            .order_row(taken.order, Right::WatchOver)
            .or_else(|_| self.order_row(taken.order, Right::ReportCase))?;
        if self.at < taken.taken_at {
            return Err(Refusal::invalid(
                "at",
                "A sample has its result after it was taken.",
                "结果时间须晚于采样时间。",
            ));
        }
        let resulted = Body::SampleResulted(SampleResulted {
            sample,
            result,
            said: self.said.clone(),
        });
        let written = Written::fact(row.area, resulted);
        if result != SampleResult::Positive || taken.result.is_some() {
            return Ok(written);
        }
        let title = "检测阳性 · Positive sample".to_owned();
        Ok(written.and(self.opens_once(1, "clinic", &row, title)?))
    }

    /// Somebody under an order is not where they should be.
    pub(crate) fn absent(&self, order: OrderId, how: AbsenceHow) -> Result<Written, Refusal> {
        let row = self.order_row(order, Right::WatchOver)?;
        let found = Body::AbsenceFound(AbsenceFound {
            order,
            how,
            said: self.said.clone(),
        });
        let name = how.label();
        let title = format!("{} · Under an order, {}", name.zh, name.en);
        Ok(Written::fact(row.area, found).and(self.opens_once(1, "breach", &row, title)?))
    }

    /// Somebody under an order is back.
    pub(crate) fn back(&self, order: OrderId) -> Result<Written, Refusal> {
        let row = self.order_row(order, Right::WatchOver)?;
        Ok(Written::fact(
            row.area,
            Body::AbsenceEnded(AbsenceEnded {
                order,
                said: self.said.clone(),
            }),
        ))
    }

    /// Somebody under an order needs something: each time a matter of its own.
    pub(crate) fn needs(&self, order: OrderId, need: Need, text: &str) -> Result<Written, Refusal> {
        let row = self.order_row(order, Right::WatchOver)?;
        let detail = self.text("text", text, (0, 500))?;
        let name = need.label();
        let opened = self.opens(
            1,
            Opening {
                kind: "need",
                area: row.area,
                title: format!("{} · {}", name.zh, name.en),
                detail,
                about: About::Order(order),
                deadline: None,
            },
        )?;
        let stated = Body::NeedStated(NeedStated {
            order,
            need,
            matter: MatterId::from_bytes(self.other_id(1)),
            said: self.said.clone(),
        });
        Ok(Written::fact(row.area, stated).and([opened]))
    }
}
