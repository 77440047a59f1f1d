//! Contacts are named: by the interview, from a proposal, or otherwise; the policy says what the meeting makes of them.

use std::collections::HashMap;

use jiff::ToSpan;
use jiff::civil::Date;
use lianfang_core::access::Right;
use lianfang_core::areas::AreaCode;
use lianfang_core::contacts::{
    Certainty, Channel, ContactClass, ContactDetails, ExposureKind, Frequency, Lasting, Meeting,
    Relation, Setting,
};
use lianfang_core::facts::{Body, ContactNamed};
use lianfang_core::ids::{CaseId, ContactId, FactId, PersonId};
use lianfang_core::text::Text;
use lianfang_policy::{ContactEvidence, Evidence};
use lianfang_store::views::cases::{self, CaseRow};
use lianfang_store::{Batch, SealedPerson};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::alike::AlikeContact;
use crate::cases::standing;
use crate::field::person::fill_in;
use crate::field::{EntryRefusal, PersonGiven, Taken};
use crate::policy::Policy;
use crate::sent::Sent;
use crate::{Actor, House, Refusal};

/// Contacts named in one go.
pub const MOST_CONTACTS: usize = 500;
/// Most that the evidence of a meeting holds, in days from first symptoms.
const FARTHEST: u32 = 60;

/// A contact to be named.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewContact {
    /// Made by whoever names the contact (a ULID), so that sending twice is harmless.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub id: Option<FactId>,
    /// Somebody on record.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub person: Option<PersonId>,
    /// Or the person, as described.
    #[serde(default)]
    pub given: Option<PersonGiven>,
    /// Where the person is: whoever follows contacts there follows this one.
    #[schema(value_type = String)]
    pub area: AreaCode,
    /// How the contact is known.
    pub channel: Channel,
    /// The close contact who was met, where it was not the case.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub through: Option<ContactId>,
    /// The day of the meeting; the last of several.
    #[schema(value_type = String, format = Date)]
    pub met: Date,
    /// The first of several days.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pub met_first: Option<Date>,
    /// Where they met.
    pub setting: Setting,
    /// Minutes together.
    #[serde(default)]
    pub minutes: Option<u32>,
    /// Least distance in metres.
    #[serde(default)]
    pub metres: Option<u32>,
    /// Whether they breathed the air of one room or vehicle.
    #[serde(default)]
    pub same_room: bool,
    /// Minutes between the case's leaving and the person's coming; 0 where they met.
    #[serde(default)]
    pub minutes_after_case: u32,
    /// Rows apart in a vehicle.
    #[serde(default)]
    pub rows_apart: Option<u32>,
    /// Whether the person was protected as the setting asks for.
    #[serde(default)]
    pub protected: bool,
    /// Whether the person is proved to be immune.
    #[serde(default)]
    pub immune: bool,
    /// By what they met.
    #[serde(default)]
    pub exposure: Option<ExposureKind>,
    /// How often.
    #[serde(default)]
    pub frequency: Option<Frequency>,
    /// How long.
    #[serde(default)]
    pub lasting: Option<Lasting>,
    /// What they are to each other.
    #[serde(default)]
    pub relation: Option<Relation>,
    /// Whether the day is a guess.
    #[serde(default)]
    pub estimated: bool,
    /// How sure the source is.
    #[serde(default)]
    pub certainty: Option<Certainty>,
    /// What is known of the person.
    #[serde(default)]
    pub details: ContactDetails,
    /// Do not take somebody described who looks like a contact on record: answer with those who do. Then say which of them it is
    /// (`person`), or send it again without this where it is somebody else.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ask_alike: bool,
}

/// What became of a contact that was named.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ContactAnswer {
    /// The contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub contact: Option<ContactId>,
    /// What became of it.
    pub result: Taken,
    /// Why it is not accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<EntryRefusal>,
    /// What the policy made of the meeting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<ContactClass>,
    /// By which rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
    /// The pack and its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pack: Option<String>,
    /// Contacts on record who are likely the same person, where that was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub alike: Vec<AlikeContact>,
}

impl ContactAnswer {
    fn refused(refusal: &Refusal) -> Self {
        if matches!(refusal, Refusal::Store(_) | Refusal::Pack(_)) {
            tracing::error!(error = %refusal, "a contact failed");
        }
        Self {
            contact: None,
            result: Taken::Refused,
            refusal: Some(EntryRefusal {
                code: refusal.code(),
                field: refusal.field(),
                message: refusal.message(),
            }),
            class: None,
            rule: None,
            reason: None,
            pack: None,
            alike: Vec::new(),
        }
    }

    /// Not taken: somebody has to say first who it is.
    fn asks(alike: Vec<AlikeContact>) -> Self {
        Self {
            alike,
            ..Self::refused(&Refusal::Conflict(Text::new(
                "Somebody on record as a contact looks like this person. Say whether it is the same.",
                "已有密接记录与此人相似，请确认是否为同一人。",
            )))
        }
    }
}

/// A decision on a meeting, with the day that weighs most.
pub(super) struct Weighed {
    pub(super) class: ContactClass,
    pub(super) rule: String,
    pub(super) reason: Text,
    pub(super) evidence: ContactEvidence,
    pub(super) day: Date,
}

/// Days from one day to another, at least 0 and at most what evidence holds.
fn days_between(from: Date, to: Date) -> u32 {
    let days = to.since(from).map_or(0, |span| span.get_days());
    u32::try_from(days).unwrap_or(0).min(FARTHEST)
}

/// What is known of a meeting with a case on a day.
fn on_day(case: &CaseRow, of_meeting: &ContactEvidence, met: Date) -> ContactEvidence {
    let anchor = case.details.anchor().unwrap_or(case.day);
    ContactEvidence {
        case: standing(case),
        has_onset: case.details.onset.is_some(),
        days_before: days_between(met, anchor),
        days_after: days_between(anchor, met),
        isolated: case.details.apart_from().is_some_and(|apart| met > apart),
        ..of_meeting.clone()
    }
}

/// Asks the policy about each day of a meeting; the day counts that makes the closest contact, of several the last.
pub(super) fn weigh(
    policy: &Policy,
    case: &CaseRow,
    of_meeting: &ContactEvidence,
    (first, last): (Date, Date),
    today: Date,
) -> Result<Weighed, Refusal> {
    let mut best: Option<Weighed> = None;
    let mut day = last;
    for _ in 0..=FARTHEST {
        let evidence = on_day(case, of_meeting, day);
        evidence.check(today).map_err(|error| Refusal::Invalid {
            field: "met",
            message: error.0,
        })?;
        let decision = policy.pack.decide(&evidence, today);
        if best
            .as_ref()
            .is_none_or(|best| decision.outcome > best.class)
        {
            best = Some(Weighed {
                class: decision.outcome,
                rule: decision.rule.id.clone(),
                reason: decision.rule.reason.clone(),
                evidence,
                day,
            });
        }
        match day.yesterday() {
            Ok(before) if before >= first => day = before,
            _ => break,
        }
    }
    best.ok_or_else(|| Refusal::Pack("no rule of the table contact".into()))
}

/// The fields of evidence that say something.
fn telling(evidence: &ContactEvidence) -> Map<String, Value> {
    let fields = |evidence: &ContactEvidence| match serde_json::to_value(evidence) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    let plain = fields(&ContactEvidence::default());
    fields(evidence)
        .into_iter()
        .filter(|(name, value)| {
            ["case", "setting"].contains(&name.as_str()) || plain.get(name) != Some(value)
        })
        .collect()
}

/// People who are described in one go: of two items with one document, the second is the person of the first.
#[derive(Default)]
struct Described {
    by_document: HashMap<String, PersonId>,
}

impl House {
    /// Names contacts of a case, each for itself: one that is refused does not hold up the others.
    pub fn name_contacts(
        &self,
        actor: &Actor,
        case: CaseId,
        contacts: &[NewContact],
    ) -> Result<Vec<ContactAnswer>, Refusal> {
        if contacts.is_empty() || contacts.len() > MOST_CONTACTS {
            return Err(Refusal::invalid(
                "contacts",
                format!("1 to {MOST_CONTACTS} contacts at once."),
                format!("每次1至{MOST_CONTACTS}名接触者。"),
            ));
        }
        let row = self.standing_case(actor, case)?;
        if !actor.may(Right::ReportCase, row.area) && !actor.in_any(Right::ReportCase) {
            return Err(Refusal::Forbidden);
        }
        let policy = self.policy()?;
        policy.cases()?;
        let mut described = Described::default();
        let mut answers = Vec::with_capacity(contacts.len());
        let mut waiting = Vec::new();
        for new in contacts {
            match self.name_contact(actor, &policy, &row, new, &mut described) {
                Ok((answer, Some(batch))) => {
                    waiting.push((answers.len(), batch));
                    answers.push(answer);
                }
                Ok((answer, None)) => answers.push(answer),
                Err(refusal) => answers.push(ContactAnswer::refused(&refusal)),
            }
        }
        let (places, batches): (Vec<usize>, Vec<Batch>) = waiting.into_iter().unzip();
        for (place, result) in places.into_iter().zip(self.store.append_each(batches)) {
            match result {
                Ok(receipts) if receipts.iter().all(|receipt| receipt.repeated) => {
                    answers[place].result = Taken::Repeated;
                }
                Ok(_) => {}
                Err(error) => answers[place] = ContactAnswer::refused(&error.into()),
            }
        }
        self.settle_case(actor, row.case)?;
        Ok(answers)
    }

    fn name_contact(
        &self,
        actor: &Actor,
        policy: &Policy,
        case: &CaseRow,
        new: &NewContact,
        described: &mut Described,
    ) -> Result<(ContactAnswer, Option<Batch>), Refusal> {
        let sent = self.sent(actor, new.id, None, new)?;
        if sent.repeated {
            let contact = self
                .store
                .fact_by_id(sent.id)?
                .and_then(|fact| match fact.read_body() {
                    Ok(Body::ContactNamed(named)) => Some(named),
                    _ => None,
                });
            return Ok((
                ContactAnswer {
                    contact: contact.as_ref().map(|named| named.contact),
                    result: Taken::Repeated,
                    refusal: None,
                    class: contact.as_ref().map(|named| named.class),
                    rule: contact.and_then(|named| named.rule),
                    reason: None,
                    pack: None,
                    alike: Vec::new(),
                },
                None,
            ));
        }
        self.known_area(new.area)?;
        if !actor.may(Right::ReportCase, new.area) {
            return Err(Refusal::invalid(
                "area",
                "This area is not yours. Whoever reports cases there, or above both, names this contact.",
                "该区域不属您的辖区，请由当地或上级人员登记。",
            ));
        }
        if new.ask_alike {
            let alike = self.alike_contacts(actor, new)?;
            if !alike.is_empty() {
                return Ok((ContactAnswer::asks(alike), None));
            }
        }
        let (person, people) = self.contact_person(&sent, new, described)?;
        let today = self.today();
        let first = new.met_first.unwrap_or(new.met);
        self.may_have_met(case, person, (first, new.met), today)?;
        let of_meeting = ContactEvidence {
            setting: new.setting,
            minutes: new.minutes,
            metres: new.metres,
            same_room: new.same_room,
            minutes_after_case: new.minutes_after_case,
            rows_apart: new.rows_apart,
            protected: new.protected,
            immune: new.immune,
            of_contact: new.through.is_some(),
            ..ContactEvidence::default()
        };
        let weighed = weigh(policy, case, &of_meeting, (first, new.met), today)?;
        let days = i64::from(policy.cases()?.follow_days);
        let until = new.met.checked_add(days.days()).ok();
        let contact = self.contact_id(case.case, person);
        let named = ContactNamed {
            contact,
            person,
            case: case.case,
            through: new.through,
            channel: new.channel,
            met: Some(new.met),
            met_first: new.met_first.filter(|first| *first != new.met),
            meeting: Meeting {
                setting: Some(new.setting),
                exposure: new.exposure,
                frequency: new.frequency,
                lasting: new.lasting,
                relation: new.relation,
                estimated: new.estimated,
            },
            certainty: new.certainty,
            class: weighed.class,
            rule: Some(weighed.rule.clone()),
            pack: Some(policy.pack.word()),
            evidence: telling(&weighed.evidence),
            until,
            details: checked(&new.details)?,
            said: sent.said.clone(),
        };
        let answer = ContactAnswer {
            contact: Some(contact),
            result: Taken::Taken,
            refusal: None,
            class: Some(weighed.class),
            rule: Some(weighed.rule),
            reason: Some(weighed.reason),
            pack: Some(policy.pack.word()),
            alike: Vec::new(),
        };
        let batch = Batch {
            facts: self.drafts(actor, &sent, [(new.area, Body::ContactNamed(named))]),
            people,
            ..Batch::default()
        };
        Ok((answer, Some(batch)))
    }

    /// The id of a person as a contact of a case: the same however often they are named.
    pub fn contact_id(&self, case: CaseId, person: PersonId) -> ContactId {
        ContactId::from_bytes(self.store.blind("contact", &format!("{case}\n{person}")))
    }

    /// Who a contact is: somebody on record, or whoever is described.
    fn contact_person(
        &self,
        sent: &Sent,
        new: &NewContact,
        described: &mut Described,
    ) -> Result<(PersonId, Vec<SealedPerson>), Refusal> {
        match (new.person, &new.given) {
            (Some(person), None) => {
                if self.store.open_person(person)?.is_none() {
                    return Err(Refusal::NotFound("person"));
                }
                Ok((person, Vec::new()))
            }
            (None, Some(given)) => {
                let data = self.described(given)?;
                let known = self.with_document(&data)?.first().copied();
                let earlier = data
                    .document
                    .as_ref()
                    .and_then(|document| described.by_document.get(document).copied());
                if let Some(person) = earlier {
                    return Ok((person, Vec::new()));
                }
                let person = known.unwrap_or_else(|| PersonId::from_bytes(sent.id.to_bytes()));
                if let Some(document) = &data.document {
                    described.by_document.insert(document.clone(), person);
                }
                let old = match known {
                    Some(person) => self.store.open_person(person)?.unwrap_or_default(),
                    None => lianfang_core::people::PersonalData::default(),
                };
                let both = fill_in(&old, &data).0;
                let people = if both == old {
                    Vec::new()
                } else {
                    vec![self.store.seal(person, &both)]
                };
                Ok((person, people))
            }
            _ => Err(Refusal::invalid(
                "person",
                "Give either somebody on record (`person`) or a description (`given`).",
                "请指定已登记人员（person）或填写人员信息（given），二者择一。",
            )),
        }
    }

    /// Refuses a meeting that cannot have been.
    fn may_have_met(
        &self,
        case: &CaseRow,
        person: PersonId,
        (first, last): (Date, Date),
        today: Date,
    ) -> Result<(), Refusal> {
        if last > today || first > last {
            return Err(Refusal::invalid(
                "met",
                "A meeting lies in the past, the first day not after the last.",
                "接触日期不能在未来，且首日不晚于末日。",
            ));
        }
        let own = self.store.read(|c| Ok(cases::all_of_person(c, person)?))?;
        if own.iter().any(|row| row.root() == case.root()) {
            return Err(Refusal::invalid(
                "person",
                "Nobody is a contact of themselves: this person is the case.",
                "本人不能是自己的接触者：此人即该病例。",
            ));
        }
        let ill_before = own
            .iter()
            .filter(|row| row.is_case())
            .filter_map(|row| row.details.onset)
            .any(|onset| onset < first);
        if ill_before {
            return Err(Refusal::invalid(
                "met",
                "This person had first symptoms before this meeting: an exposure comes before them.",
                "此人发病早于该次接触，暴露应在发病之前。",
            ));
        }
        Ok(())
    }
}

fn checked(details: &ContactDetails) -> Result<ContactDetails, Refusal> {
    let text = |field: &'static str, text: &Option<String>, most: usize| {
        crate::cases::optional(field, text.as_deref(), most)
    };
    if details.age_years.is_some_and(|age| age > 120) {
        return Err(Refusal::invalid(
            "age_years",
            "An age of 0 to 120 years.",
            "年龄为0至120岁。",
        ));
    }
    Ok(ContactDetails {
        external_id: text("external_id", &details.external_id, 64)?,
        occupation: text("occupation", &details.occupation, 64)?,
        risk_reason: text("risk_reason", &details.risk_reason, 200)?,
        ..details.clone()
    })
}
