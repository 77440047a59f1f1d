//! FHIR R4 (HL7 FHIR 4.0.1): a Bundle of type `collection`, written resource by resource.
//!
//! | of ours | resource |
//! | --- | --- |
//! | a case's or contact's person | `Patient`, with the number as identifier |
//! | a case | `Condition`: verification by classification, onset, end |
//! | a stay in hospital | `Encounter` |
//! | age | `Observation`, LOINC 30525-0 |
//! | a sample with its result | `Observation`, category `laboratory` |
//! | a meeting of a contact with a case | `Observation`, subject the contact, focus the case |
//! | who infected whom | `Observation`, subject the infected, focus the infector |
//!
//! A patient has no name, phone or address unless personal data is asked for. Each reference leads to a resource of the bundle.

use std::collections::HashSet;
use std::io::Write;

use lianfang_core::cases::{CaseDetails, Classification, Outcome, Severity};
use lianfang_core::ids::{CaseId, PersonId};
use lianfang_core::people::{PersonalData, Sex};
use lianfang_core::quarantine::SampleResult;
use lianfang_core::text::Text;
use lianfang_core::words::Word;
use lianfang_store::views::cases::{self, CaseRow};
use lianfang_store::views::{contacts, investigation};
use serde_json::{Map, Value, json};

use super::{Allowed, What};
use crate::{House, Refusal};

const CLINICAL: &str = "http://terminology.hl7.org/CodeSystem/condition-clinical";
const VERIFICATION: &str = "http://terminology.hl7.org/CodeSystem/condition-ver-status";
const CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/observation-category";
const ACT: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
const SNOMED: &str = "http://snomed.info/sct";
const LOINC: &str = "http://loinc.org";
const UCUM: &str = "http://unitsofmeasure.org";
/// The house's own lists of words and numbers.
const OWN: &str = "urn:lianfang";

/// A bundle under way.
struct Bundle<'a> {
    out: &'a mut (dyn Write + Send),
    written: u64,
    patients: HashSet<[u8; 16]>,
}

fn broken(error: impl std::fmt::Display) -> Refusal {
    Refusal::Pack(error.to_string())
}

/// A resource's address within the bundle: the 16 bytes of its id as a UUID.
fn urn(bytes: [u8; 16]) -> String {
    let hex = format!("{:032x}", u128::from_be_bytes(bytes));
    format!(
        "urn:uuid:{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

/// The id of a resource beside the one with these bytes.
fn beside(bytes: [u8; 16], name: &str) -> [u8; 16] {
    let digest = blake3::keyed_hash(&pad(bytes), name.as_bytes());
    let mut id = [0; 16];
    id.copy_from_slice(&digest.as_bytes()[..16]);
    id
}

fn pad(bytes: [u8; 16]) -> [u8; 32] {
    let mut key = [0; 32];
    key[..16].copy_from_slice(&bytes);
    key
}

fn reference(bytes: [u8; 16]) -> Value {
    json!({ "reference": urn(bytes) })
}

fn own<W: Word>(list: &str, word: W) -> Value {
    let label: Text = word.label();
    json!({ "coding": [{ "system": format!("{OWN}:{list}"), "code": word.word(), "display": label.en }], "text": label.zh })
}

fn concept(system: &str, code: &str, display: &str) -> Value {
    json!({ "coding": [{ "system": system, "code": code, "display": display }] })
}

impl Bundle<'_> {
    fn add(&mut self, bytes: [u8; 16], mut resource: Value) -> Result<(), Refusal> {
        let address = urn(bytes);
        resource["id"] = address.trim_start_matches("urn:uuid:").into();
        let entry = json!({ "fullUrl": address, "resource": resource });
        let before = if self.written == 0 {
            ",\"entry\":[\n"
        } else {
            ",\n"
        };
        self.out.write_all(before.as_bytes()).map_err(broken)?;
        serde_json::to_writer(&mut *self.out, &entry).map_err(broken)?;
        self.written += 1;
        Ok(())
    }

    fn patient(
        &mut self,
        bytes: [u8; 16],
        (system, number): (&str, &str),
        (sex, died): (Option<Sex>, Option<Value>),
        data: &PersonalData,
    ) -> Result<(), Refusal> {
        if !self.patients.insert(bytes) {
            return Ok(());
        }
        let mut patient = Map::new();
        patient.insert("resourceType".into(), "Patient".into());
        let identifier = json!([{ "system": format!("{OWN}:{system}"), "value": number }]);
        patient.insert("identifier".into(), identifier);
        let gender = sex.map_or("unknown", |sex| match sex {
            Sex::Female => "female",
            Sex::Male => "male",
            Sex::Other => "other",
        });
        patient.insert("gender".into(), gender.into());
        match died {
            Some(day @ Value::String(_)) => patient.insert("deceasedDateTime".into(), day),
            Some(died) => patient.insert("deceasedBoolean".into(), died),
            None => None,
        };
        if let Some(name) = &data.name {
            patient.insert("name".into(), json!([{ "text": name }]));
        }
        if let Some(phone) = &data.phone {
            patient.insert(
                "telecom".into(),
                json!([{ "system": "phone", "value": phone }]),
            );
        }
        if let Some(address) = &data.address {
            patient.insert("address".into(), json!([{ "text": address }]));
        }
        if let Some(born) = data.born {
            patient.insert("birthDate".into(), born.to_string().into());
        }
        self.add(bytes, Value::Object(patient))
    }
}

/// The address of a case's patient: the person, or the case where nobody is in the vault.
fn patient_of(case: CaseId, person: Option<PersonId>) -> [u8; 16] {
    person.map_or(beside(case.to_bytes(), "patient"), PersonId::to_bytes)
}

fn died(d: &CaseDetails) -> Option<Value> {
    (d.outcome == Some(Outcome::Died)).then(|| {
        d.outcome_date
            .map_or(Value::Bool(true), |day| day.to_string().into())
    })
}

/// A case as a condition.
fn condition(row: &CaseRow, patient: [u8; 16], disease: &str) -> Value {
    let d = &row.details;
    let (verification, display) = match d.classification {
        Classification::Suspected => ("unconfirmed", "Unconfirmed"),
        Classification::Clinical => ("provisional", "Provisional"),
        Classification::Confirmed | Classification::Asymptomatic => ("confirmed", "Confirmed"),
        Classification::Excluded => ("refuted", "Refuted"),
    };
    let (clinical, standing) = match d.outcome {
        Some(Outcome::Recovered) => ("resolved", "Resolved"),
        Some(Outcome::Died) => ("inactive", "Inactive"),
        None if d.classification == Classification::Excluded => ("inactive", "Inactive"),
        None => ("active", "Active"),
    };
    let mut condition = json!({
        "resourceType": "Condition",
        "identifier": [{ "system": format!("{OWN}:case"), "value": row.case.to_string() }],
        "clinicalStatus": concept(CLINICAL, clinical, standing),
        "verificationStatus": { "coding": [
            { "system": VERIFICATION, "code": verification, "display": display },
            { "system": format!("{OWN}:classification"), "code": d.classification.word() },
        ] },
        "code": { "text": disease },
        "subject": reference(patient),
    });
    for (number, list) in [(&d.external_id, "external-id"), (&d.visual_id, "visual-id")] {
        if let (Some(number), Value::Array(identifiers)) = (number, &mut condition["identifier"]) {
            identifiers.push(json!({ "system": format!("{OWN}:{list}"), "value": number }));
        }
    }
    if let Some(onset) = d.onset {
        condition["onsetDateTime"] = onset.to_string().into();
    }
    if let (Some(Outcome::Recovered), Some(day)) = (d.outcome, d.outcome_date) {
        condition["abatementDateTime"] = day.to_string().into();
    }
    if let Some(day) = d.reported {
        condition["recordedDate"] = day.to_string().into();
    }
    if let Some(severity) = d.severity {
        let own = json!({ "system": format!("{OWN}:severity"), "code": severity.word() });
        let of_snomed = match severity {
            Severity::Mild => Some(("255604002", "Mild")),
            Severity::Moderate => Some(("6736007", "Moderate")),
            Severity::Severe => Some(("24484000", "Severe")),
            Severity::Critical => None,
        };
        let snomed = of_snomed
            .map(|(code, display)| json!({ "system": SNOMED, "code": code, "display": display }));
        condition["severity"] =
            json!({ "coding": snomed.into_iter().chain([own]).collect::<Vec<_>>() });
    }
    condition
}

impl House {
    /// Writes a bundle, and answers how many resources it has.
    pub(super) fn write_bundle(
        &self,
        allowed: &Allowed,
        out: &mut (dyn Write + Send),
    ) -> Result<u64, Refusal> {
        let now = self.store.utc_offset().rfc3339(self.now());
        write!(
            out,
            "{{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"timestamp\":\"{now}\""
        )
        .map_err(broken)?;
        let mut bundle = Bundle {
            out,
            written: 0,
            patients: HashSet::new(),
        };
        match allowed.what {
            What::Contacts => self.contacts_in(allowed, &mut bundle)?,
            What::Chains => self.links_in(allowed, &mut bundle)?,
            _ => self.cases_in(allowed, &mut bundle)?,
        }
        let written = bundle.written;
        let end: &[u8] = if written == 0 { b"}\n" } else { b"\n]}\n" };
        out.write_all(end).map_err(broken)?;
        out.flush().map_err(broken)?;
        Ok(written)
    }

    fn cases_in(&self, allowed: &Allowed, bundle: &mut Bundle<'_>) -> Result<(), Refusal> {
        let policy = self.policy()?;
        let disease = policy.pack.name.en.clone();
        self.each_page_of_cases(allowed.area, &mut |rows| {
            let people: Vec<_> = rows.iter().map(|row| row.details.person).collect();
            for (row, data) in rows.iter().zip(self.data_of(allowed, &people)?) {
                self.case_in(row, &data, &disease, bundle)?;
            }
            Ok(())
        })
    }

    fn case_in(
        &self,
        row: &CaseRow,
        data: &PersonalData,
        disease: &str,
        bundle: &mut Bundle<'_>,
    ) -> Result<(), Refusal> {
        let d = &row.details;
        let case = row.case.to_bytes();
        let patient = patient_of(row.case, d.person);
        let number = row.case.to_string();
        bundle.patient(patient, ("case", &number), (d.sex, died(d)), data)?;
        bundle.add(case, condition(row, patient, disease))?;
        if let Some(years) = d.age_years {
            bundle.add(
                beside(case, "age"),
                json!({
                    "resourceType": "Observation",
                    "status": "final",
                    "code": concept(LOINC, "30525-0", "Age"),
                    "subject": reference(patient),
                    "valueQuantity": { "value": years, "unit": "a", "system": UCUM, "code": "a" },
                }),
            )?;
        }
        if let Some(from) = d.hospitalised {
            let mut period = json!({ "start": from.to_string() });
            if let Some(until) = d.discharged {
                period["end"] = until.to_string().into();
            }
            let mut encounter = json!({
                "resourceType": "Encounter",
                "status": if d.discharged.is_some() { "finished" } else { "in-progress" },
                "class": { "system": ACT, "code": "IMP", "display": "inpatient encounter" },
                "subject": reference(patient),
                "diagnosis": [{ "condition": reference(case) }],
                "period": period,
            });
            if let Some(hospital) = &d.hospital {
                encounter["serviceProvider"] = json!({ "display": hospital });
            }
            bundle.add(beside(case, "hospital"), encounter)?;
        }
        let samples = self
            .store
            .read(|c| Ok(investigation::samples_of(c, row.case)?))?;
        for sample in samples {
            let code = match sample.test {
                Some(test) => own("test", test),
                None => json!({ "text": "laboratory test" }),
            };
            let mut observation = json!({
                "resourceType": "Observation",
                "status": if sample.result.is_some() { "final" } else { "registered" },
                "category": [concept(CATEGORY, "laboratory", "Laboratory")],
                "code": code,
                "subject": reference(patient),
                "effectiveDateTime": sample.day.to_string(),
            });
            if let Some(number) = &sample.number {
                observation["identifier"] =
                    json!([{ "system": format!("{OWN}:sample"), "value": number }]);
            }
            if let Some(result) = sample.result {
                let (code, display) = match result {
                    SampleResult::Positive => ("10828004", "Positive"),
                    SampleResult::Negative => ("260385009", "Negative"),
                    SampleResult::Unclear => ("419984006", "Inconclusive"),
                };
                observation["valueCodeableConcept"] = concept(SNOMED, code, display);
            }
            if let Some(kind) = sample.kind {
                observation["specimen"] = json!({ "display": kind.label().en });
            }
            if let Some(laboratory) = &sample.laboratory {
                observation["performer"] = json!([{ "display": laboratory }]);
            }
            bundle.add(sample.sample.to_bytes(), observation)?;
        }
        Ok(())
    }

    /// A case's patient, so that something else can refer to it.
    fn patient_in(&self, id: CaseId, bundle: &mut Bundle<'_>) -> Result<[u8; 16], Refusal> {
        let row = self
            .store
            .read(|c| Ok(cases::get(c, id)?))?
            .ok_or(Refusal::NotFound("case"))?;
        let d = &row.details;
        let patient = patient_of(row.case, d.person);
        let number = row.case.to_string();
        let nothing = PersonalData::default();
        bundle.patient(patient, ("case", &number), (d.sex, died(d)), &nothing)?;
        Ok(patient)
    }

    fn contacts_in(&self, allowed: &Allowed, bundle: &mut Bundle<'_>) -> Result<(), Refusal> {
        self.each_contact(allowed, false, &mut |contact, data| {
            let person = contact.person.to_bytes();
            let about = (contact.details.sex, None);
            bundle.patient(person, ("contact", &contact.number), about, data)?;
            let Some(row) = &contact.row else {
                return Ok(());
            };
            let case = self.patient_in(row.case, bundle)?;
            let exposures = self
                .store
                .read(|c| Ok(contacts::exposures(c, row.contact)?))?;
            for exposure in exposures {
                let m = &exposure.meeting;
                let parts = [
                    m.setting.map(|word| ("setting", own("setting", word))),
                    m.exposure.map(|word| ("exposure", own("exposure", word))),
                    m.frequency.map(|word| ("frequency", own("frequency", word))),
                    m.lasting.map(|word| ("lasting", own("lasting", word))),
                    m.relation.map(|word| ("relation", own("relation", word))),
                    exposure.certainty.map(|word| ("certainty", own("certainty", word))),
                ];
                let mut observation = json!({
                    "resourceType": "Observation",
                    "status": "final",
                    "code": { "coding": [{ "system": format!("{OWN}:observation"), "code": "exposure" }], "text": "exposure to a case" },
                    "subject": reference(person),
                    "focus": [reference(case)],
                    "valueCodeableConcept": own("class", exposure.class),
                });
                if let Some(met) = exposure.met {
                    observation["effectiveDateTime"] = met.to_string().into();
                }
                let parts: Vec<Value> = parts
                    .into_iter()
                    .flatten()
                    .map(|(name, value)| json!({ "code": { "text": name }, "valueCodeableConcept": value }))
                    .collect();
                if !parts.is_empty() {
                    observation["component"] = parts.into();
                }
                let id = beside(row.contact.to_bytes(), &format!("exposure {}", exposure.seq));
                bundle.add(id, observation)?;
            }
            Ok(())
        })
    }

    fn links_in(&self, allowed: &Allowed, bundle: &mut Bundle<'_>) -> Result<(), Refusal> {
        for link in self.stated_links(allowed)? {
            let infector = self.patient_in(link.infector, bundle)?;
            let infectee = self.patient_in(link.infectee, bundle)?;
            let mut observation = json!({
                "resourceType": "Observation",
                "status": "final",
                "code": { "coding": [{ "system": format!("{OWN}:observation"), "code": "infected-by" }], "text": "infected by" },
                "subject": reference(infectee),
                "focus": [reference(infector)],
                "valueCodeableConcept": own("certainty", link.certainty),
            });
            if let Some(met) = link.met {
                observation["effectiveDateTime"] = met.to_string().into();
            }
            bundle.add(link.link.to_bytes(), observation)?;
        }
        Ok(())
    }
}
