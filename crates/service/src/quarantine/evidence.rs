//! What is known of somebody who may have to be watched, as the rules ask for it.

use jiff::civil::Date;
use lianfang_core::contacts::ContactClass;
use lianfang_core::entry::Symptom;
use lianfang_core::ids::PersonId;
use lianfang_core::quarantine::SampleResult;
use lianfang_core::words::Words;
use lianfang_policy::{Evidence, QuarantineEvidence};
use lianfang_store::views::cases::{self, PersonCase};
use lianfang_store::views::contacts::{self, ContactRow};
use lianfang_store::views::entry::{self, EntrantRow};
use lianfang_store::views::quarantine::{self as view, CheckRow, OrderRow, SampleRow};
use serde_json::{Map, Value};

use super::checks::is_fever;
use crate::Refusal;
use crate::field::person::age_on;
use crate::field::taking::Taking;
use crate::field::{Circumstances, ContactGiven};
use crate::policy::pass_evidence;

/// Checks that are looked back at.
const CHECKS: usize = 2_000;

/// The fields of a record that say something, and those named.
pub(super) fn telling(
    evidence: &QuarantineEvidence,
    used: &Map<String, Value>,
) -> Map<String, Value> {
    let fields = |record: &QuarantineEvidence| match serde_json::to_value(record) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    let plain = fields(&QuarantineEvidence::default());
    fields(evidence)
        .into_iter()
        .filter(|(name, value)| used.contains_key(name) || plain.get(name) != Some(value))
        .collect()
}

/// What the line list says of somebody.
fn case_evidence(cases: &[PersonCase]) -> QuarantineEvidence {
    let known = pass_evidence(cases).unwrap_or_default();
    QuarantineEvidence {
        case: known.case,
        case_since: known.case_since,
        onset: known.onset,
        recovered: known.recovered,
        age: known.age,
        ..QuarantineEvidence::default()
    }
}

/// Negative results in a row, the newest first.
fn negative_in_a_row(samples: &[SampleRow]) -> u32 {
    samples
        .iter()
        .rev()
        .filter_map(|sample| sample.result)
        .take_while(|result| *result == SampleResult::Negative)
        .count() as u32
}

/// Days in a row up to the newest with a check, each with one and none abnormal. `checks` begin
/// with the newest.
fn healthy_in_a_row(checks: &[CheckRow]) -> u32 {
    let mut days = 0;
    let mut next: Option<Date> = None;
    for of_day in checks.chunk_by(|one, other| one.day == other.day) {
        let day = of_day[0].day;
        let gap = next.is_some_and(|next| next != day);
        if gap || of_day.iter().any(|check| check.abnormal) {
            break;
        }
        days += 1;
        next = day.yesterday().ok();
    }
    days
}

fn add_contact(evidence: &mut QuarantineEvidence, contact: Option<ContactGiven>) {
    if let Some(contact) = contact {
        evidence.contact = contact.class;
        evidence.first_exposure = contact.first_exposure;
        evidence.last_exposure = Some(contact.last_exposure);
    }
}

impl Taking<'_> {
    /// What an arrival, a contact and the line list say.
    pub(super) fn evidence_of(
        &self,
        row: &EntrantRow,
        home_suitable: Option<bool>,
        contact: Option<ContactGiven>,
    ) -> Result<QuarantineEvidence, Refusal> {
        let known = self.read(|c| cases::of_person(c, row.person))?;
        let mut evidence = case_evidence(&known);
        self.of_journey(&mut evidence, row);
        evidence.symptoms = row.symptoms;
        evidence.home_suitable = home_suitable.unwrap_or(row.home_suitable);
        let contact = match contact {
            Some(given) => Some(given),
            None => self.contact_on_record(row.person)?,
        };
        add_contact(&mut evidence, contact);
        Ok(evidence)
    }

    /// What is known of a contact of a case.
    pub(super) fn evidence_of_contact(
        &self,
        row: &ContactRow,
        circumstances: Circumstances,
    ) -> Result<QuarantineEvidence, Refusal> {
        let known = self.read(|c| cases::of_person(c, row.person))?;
        let mut evidence = case_evidence(&known);
        let data = self.house.store.open_person(row.person)?;
        let born = data.and_then(|data| data.born);
        let age = born
            .map(|born| age_on(born, self.day()))
            .or(row.details.age_years);
        evidence.age = age.map(u32::from).or(evidence.age);
        evidence.pregnant = circumstances.pregnant;
        evidence.needs_care = circumstances.needs_care;
        evidence.home_suitable = circumstances.home_suitable;
        add_contact(&mut evidence, self.contact_on_record(row.person)?);
        Ok(evidence)
    }

    /// What meetings with cases that are on record make of somebody: the closest class, with the
    /// days of the exposures that made it.
    pub(crate) fn contact_on_record(
        &self,
        person: PersonId,
    ) -> Result<Option<ContactGiven>, Refusal> {
        let rows = self.read(|c| Ok(contacts::of_person(c, person)?))?;
        let today = self.day();
        let counting = || {
            rows.iter()
                .filter(|row| row.class != ContactClass::None)
                .filter_map(|row| Some((row, row.met.filter(|met| *met <= today)?)))
        };
        let Some(class) = counting().map(|(row, _)| row.class).max() else {
            return Ok(None);
        };
        let closest = || counting().filter(|(row, _)| row.class == class);
        let last = closest().map(|(_, met)| met).max();
        Ok(last.map(|last_exposure| ContactGiven {
            class,
            first_exposure: closest()
                .map(|(row, met)| row.met_first.unwrap_or(met))
                .min(),
            last_exposure,
        }))
    }

    fn of_journey(&self, evidence: &mut QuarantineEvidence, row: &EntrantRow) {
        evidence.origin = evidence.origin.max(row.origin);
        evidence.abroad |= row.abroad;
        if row.arrived {
            evidence.entered = Some(self.house.store.utc_offset().day_of(row.arrival));
        }
        evidence.age = row.age.map(u32::from).or(evidence.age);
        evidence.pregnant |= row.pregnant;
        evidence.needs_care |= row.needs_care;
        evidence.home_suitable |= row.home_suitable;
    }

    /// What is known now of somebody under an order: what it was made by, with what came since.
    pub(super) fn evidence_now(&self, order: &OrderRow) -> Result<QuarantineEvidence, Refusal> {
        let mut evidence: QuarantineEvidence =
            serde_json::from_value(Value::Object(order.evidence.clone())).unwrap_or_default();
        let (known, entrant, checks, samples) = self.read(|c| {
            let entrant = match order.entrant {
                Some(entrant) => entry::speaker(c, entrant)?,
                None => None,
            };
            Ok((
                cases::of_person(c, order.person)?,
                entrant,
                view::checks_of(c, order.order, CHECKS)?,
                view::samples_of(c, order.order)?,
            ))
        })?;
        let as_case = case_evidence(&known);
        evidence.case = as_case.case;
        evidence.case_since = as_case.case_since.or(evidence.case_since);
        evidence.onset = as_case.onset.or(evidence.onset);
        evidence.recovered = as_case.recovered.or(evidence.recovered);
        evidence.age = evidence.age.or(as_case.age);
        if let Some(row) = &entrant {
            self.of_journey(&mut evidence, row);
        }
        evidence.symptoms = self.symptoms_now(&checks)?;
        evidence.negative_tests = negative_in_a_row(&samples);
        evidence.healthy_reports = healthy_in_a_row(&checks);
        evidence
            .check(self.day())
            .map_err(|error| Refusal::Invalid {
                field: "order",
                message: error.0,
            })?;
        Ok(evidence)
    }

    /// The symptoms of the newest day with a check; measured fever is one.
    fn symptoms_now(&self, checks: &[CheckRow]) -> Result<Words<Symptom>, Refusal> {
        let mut symptoms = Words::NONE;
        let newest = checks.first().map(|check| check.day);
        for check in checks.iter().take_while(|check| Some(check.day) == newest) {
            symptoms = check.symptoms.iter().fold(symptoms, Words::with);
            if is_fever(&self.policy, self.settings()?, check.temperature) {
                symptoms = symptoms.with(Symptom::Fever);
            }
        }
        Ok(symptoms)
    }
}
