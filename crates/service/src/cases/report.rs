//! A case is reported, corrected, and changed together with others; nothing is ever deleted.

use jiff::Timestamp;
use lianfang_core::access::Right;
use lianfang_core::areas::AreaCode;
use lianfang_core::cases::{CaseDetails, CaseRecord, Classification};
use lianfang_core::facts::{
    Body, CaseDeletionRefused, CaseFact, CaseMerged, CasesEdited, Draft, OrderEnded,
};
use lianfang_core::ids::{CaseId, FactId, PersonId};
use lianfang_core::quarantine::{EndHow, Watch};
use lianfang_core::text::{Text, bounded};
use lianfang_policy::QuarantineEvidence;
use lianfang_store::views::cases::{self, CaseRow, PersonCase};
use lianfang_store::views::{entry, investigation, quarantine};
use lianfang_store::{Batch, SealedPerson};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::checks::checked;
use crate::field::PersonGiven;
use crate::field::person::{age_on, fill_in};
use crate::policy::{Policy, pass_evidence};
use crate::sent::Sent;
use crate::{Actor, House, Refusal};

/// Cases that one edit changes at most.
const MOST_EDITED: usize = 1_000;

/// A case to be reported.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCase {
    /// Made by whoever reports (a ULID), so that sending twice is harmless; the case has the same id.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub id: Option<FactId>,
    /// Where.
    #[schema(value_type = String)]
    pub area: AreaCode,
    /// Who: somebody on record.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub person: Option<PersonId>,
    /// Or the person, as described.
    #[serde(default)]
    pub given: Option<PersonGiven>,
    /// What is known. `person` stays empty; `reported` is today where it is left out.
    pub details: CaseDetails,
}

/// What became of a report.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct CaseAnswer {
    /// The case.
    #[schema(value_type = String)]
    pub case: CaseId,
    /// The report into which it was taken at once: the same document.
    #[schema(value_type = Option<String>)]
    pub merged_into: Option<CaseId>,
    /// Whether it was there already.
    pub repeated: bool,
}

/// A correction of a case.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseRevision {
    /// Made by whoever corrects (a ULID), so that sending twice is harmless.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub id: Option<FactId>,
    /// The newest fact that was seen of it (`seq`): where another came since, it is refused.
    pub seen: u64,
    /// Where, if that changes.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub area: Option<AreaCode>,
    /// The fields that change, by name; null takes one away.
    #[schema(value_type = Object)]
    pub set: Map<String, Value>,
    /// Why.
    pub reason: String,
}

/// A change of many cases at once.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CasesChange {
    /// Made by whoever changes them (a ULID), so that sending twice is harmless.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub id: Option<FactId>,
    /// The cases, at most 1,000.
    #[schema(value_type = Vec<String>)]
    pub cases: Vec<CaseId>,
    /// The fields that change, by name; null takes one away.
    #[schema(value_type = Object)]
    pub set: Map<String, Value>,
    /// Why.
    pub reason: String,
}

/// What an edit did.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct EditAnswer {
    /// The edit, by which it can be taken back.
    #[schema(value_type = String)]
    pub edit: FactId,
    /// Cases that it changed.
    pub changed: usize,
}

/// A reason, in a few words.
pub(super) fn reason(text: &str) -> Result<String, Refusal> {
    bounded(text, 3, 500).map_err(|_| {
        Refusal::invalid(
            "reason",
            "Say why in 3 to 500 characters; no names.",
            "请用3至500个字符说明原因，不含姓名。",
        )
    })
}

/// Fields that a change may not set: who it is about is told by the report.
const NOT_SET: [&str; 1] = ["person"];

/// A case's fields with some of them changed. A refusal names the field, never its value: it may be somebody's name.
fn with(details: &CaseDetails, set: &Map<String, Value>) -> Result<CaseDetails, Refusal> {
    let Ok(Value::Object(fields)) = serde_json::to_value(details) else {
        return Err(Refusal::NotFound("case"));
    };
    let changed = |names: &mut dyn Iterator<Item = (&String, &Value)>| {
        let mut fields = fields.clone();
        for (name, value) in names {
            if value.is_null() {
                fields.remove(name);
            } else {
                fields.insert(name.clone(), value.clone());
            }
        }
        serde_json::from_value::<CaseDetails>(Value::Object(fields))
    };
    let set_by_report = |name: &String| NOT_SET.contains(&name.as_str());
    if !set.keys().any(set_by_report)
        && let Ok(details) = changed(&mut set.iter())
    {
        return Ok(details);
    }
    let wrong = set
        .iter()
        .find(|one| set_by_report(one.0) || changed(&mut std::iter::once(*one)).is_err());
    let Some((name, _)) = wrong else {
        return Err(Refusal::invalid("set", "Not of its form.", "格式不正确。"));
    };
    let name: String = name.chars().take(40).collect();
    Err(Refusal::invalid(
        "set",
        format!("`{name}` is no field that can be set, or not of its form: see /api/openapi.json."),
        format!("“{name}”不是可修改的字段，或格式不正确，见/api/openapi.json。"),
    ))
}

/// Whether a change can bring matters of a case on, or take them off: see the table of the deadlines.
fn moves_matters(before: &CaseDetails, after: &CaseDetails) -> bool {
    before.classification != after.classification
        || before.apart_from() != after.apart_from()
        || before.outcome != after.outcome
}

/// Whether one says all that the other says, whoever it is about.
fn says_all(whole: &CaseDetails, part: &CaseDetails) -> bool {
    let fields = |details: &CaseDetails| match serde_json::to_value(details) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    let whole = fields(whole);
    fields(part)
        .iter()
        .all(|(name, value)| name == "person" || whole.get(name) == Some(value))
}

impl House {
    /// Reports a case. Whoever was reported before under the same document, a short time ago, is the same case at once.
    pub fn report_case(&self, actor: &Actor, new: &NewCase) -> Result<CaseAnswer, Refusal> {
        actor.require(Right::ReportCase, new.area)?;
        self.known_area(new.area)?;
        let sent = self.sent_case(actor, new)?;
        let case = CaseId::from_bytes(sent.id.to_bytes());
        if sent.repeated {
            let row = self.store.read(|c| Ok(cases::get(c, case)?))?;
            return Ok(CaseAnswer {
                case,
                merged_into: row.and_then(|row| row.merged_into),
                repeated: true,
            });
        }
        let (person, people, document) = self.case_person(&sent, new)?;
        let today = self.today();
        let mut details = CaseDetails {
            person: Some(person),
            reported: new.details.reported.or(Some(today)),
            ..new.details.clone()
        };
        let data = match people.first() {
            Some(_) => new
                .given
                .as_ref()
                .map(|given| self.described(given))
                .transpose()?,
            None => self.store.open_person(person)?,
        };
        if let Some(data) = data {
            details.sex = details.sex.or(data.sex);
            details.age_years = details
                .age_years
                .or(data.born.map(|born| age_on(born, today)));
        }
        let details = checked(details, (self.now(), self.store.utc_offset()))?;
        let facts = self.report_facts(&sent, case, new.area, &details, document)?;
        let merged_into = facts.iter().find_map(|(_, body)| match body {
            Body::CaseMerged(merged) => Some(merged.into),
            _ => None,
        });
        self.store.append(Batch {
            facts: self.drafts(actor, &sent, facts),
            people,
            ..Batch::default()
        })?;
        Ok(CaseAnswer {
            case,
            merged_into,
            repeated: false,
        })
    }

    /// A report has no place for a digest in its fact: the same id with the same area, actor and content is the same report.
    fn sent_case(&self, actor: &Actor, new: &NewCase) -> Result<Sent, Refusal> {
        let mut sent = self.sent(actor, None, None, new)?;
        let Some(id) = new.id else {
            return Ok(sent);
        };
        sent.id = id;
        if let Some(fact) = self.store.fact_by_id(id)? {
            let same = fact.actor == actor.account
                && fact.area == new.area
                && matches!(fact.read_body(), Ok(Body::CaseReported(there))
                    if says_all(&there.record.details, &new.details));
            if !same {
                return Err(lianfang_store::StoreError::IdReused(id).into());
            }
            sent.repeated = true;
        }
        Ok(sent)
    }

    /// Who a report is about; whether that is told by a document.
    fn case_person(
        &self,
        sent: &Sent,
        new: &NewCase,
    ) -> Result<(PersonId, Vec<SealedPerson>, bool), Refusal> {
        match (new.person, &new.given) {
            (Some(person), None) => {
                if self.store.open_person(person)?.is_none() {
                    return Err(Refusal::NotFound("person"));
                }
                Ok((person, Vec::new(), true))
            }
            (None, Some(given)) => {
                let data = self.described(given)?;
                let known = self.with_document(&data)?.first().copied();
                let person = known.unwrap_or_else(|| PersonId::from_bytes(sent.id.to_bytes()));
                let both = match known {
                    Some(person) => {
                        fill_in(&self.store.open_person(person)?.unwrap_or_default(), &data).0
                    }
                    None => data,
                };
                Ok((
                    person,
                    vec![self.store.seal(person, &both)],
                    known.is_some(),
                ))
            }
            _ => Err(Refusal::invalid(
                "given",
                "Say who it is: somebody on record (`person`) or a description (`given`).",
                "请说明病例是谁：已登记人员（person）或填写人员信息（given），二者择一。",
            )),
        }
    }

    /// The facts by which the fever clinic's answer reports somebody; none where they are in the line list already.
    pub(crate) fn case_of_clinic(
        &self,
        id: FactId,
        area: AreaCode,
        details: CaseDetails,
    ) -> Result<Vec<(AreaCode, Body)>, Refusal> {
        let policy = self.policy()?;
        let day = details.curve_day().unwrap_or_else(|| self.today());
        let known = match details.person {
            Some(person) => self.earlier_report(&policy, person, day)?,
            None => None,
        };
        if policy.pack.cases.is_none() || known.is_some() {
            return Ok(Vec::new());
        }
        let case = CaseId::from_bytes(self.beside(id, "case"));
        let mut facts = self.matters_of_report(&policy, id, case, area, &details)?;
        let record = CaseRecord { case, details };
        let reported = Body::CaseReported(CaseFact {
            record,
            published: None,
            reason: None,
        });
        facts.insert(0, (area, reported));
        Ok(facts)
    }

    /// The facts of a report: the case, its merge into an earlier report of the same document, the end of the person's order,
    /// and the matters that it opens.
    pub(crate) fn report_facts(
        &self,
        sent: &Sent,
        case: CaseId,
        area: AreaCode,
        details: &CaseDetails,
        by_document: bool,
    ) -> Result<Vec<(AreaCode, Body)>, Refusal> {
        let policy = self.policy()?;
        let day = details.curve_day().unwrap_or_else(|| self.today());
        let earlier = match details.person.filter(|_| by_document) {
            Some(person) => self.earlier_report(&policy, person, day)?,
            None => None,
        };
        let mut facts = vec![(
            area,
            Body::CaseReported(CaseFact {
                record: CaseRecord {
                    case,
                    details: details.clone(),
                },
                published: None,
                reason: None,
            }),
        )];
        if let Some(earlier) = &earlier {
            facts.push((
                earlier.area,
                Body::CaseMerged(CaseMerged {
                    case,
                    into: earlier.case,
                    same: vec!["document".into()],
                    at_once: true,
                    said: String::new(),
                }),
            ));
        } else if details.classification != Classification::Excluded {
            facts.extend(self.matters_of_report(&policy, sent.id, case, area, details)?);
        }
        if let Some(person) = details.person {
            facts.extend(self.order_ends(&policy, person, day, details)?);
        }
        Ok(facts)
    }

    /// The report of the same person that counts, if it is near enough in time to be the same case.
    fn earlier_report(
        &self,
        policy: &Policy,
        person: PersonId,
        day: jiff::civil::Date,
    ) -> Result<Option<CaseRow>, Refusal> {
        let Some(settings) = &policy.pack.cases else {
            return Ok(None);
        };
        let apart = |row: &CaseRow| {
            day.since(row.day)
                .map_or(u32::MAX, |span| span.get_days().unsigned_abs())
        };
        let known = self.store.read(|c| Ok(cases::all_of_person(c, person)?))?;
        Ok(known
            .into_iter()
            .filter(|row| row.is_case() && apart(row) <= settings.same_case_days)
            .min_by_key(apart))
    }

    /// The end of the order that a person is under who becomes a case, where the policy watches no case.
    pub(crate) fn order_ends(
        &self,
        policy: &Policy,
        person: PersonId,
        day: jiff::civil::Date,
        details: &CaseDetails,
    ) -> Result<Option<(AreaCode, Body)>, Refusal> {
        let as_case = PersonCase {
            area: AreaCode::COUNTRY,
            day,
            onset: details.onset,
            age_years: details.age_years,
            classification: details.classification,
            outcome: details.outcome,
            outcome_date: details.outcome_date,
        };
        let known = pass_evidence(&[as_case]).unwrap_or_default();
        let evidence = QuarantineEvidence {
            case: known.case,
            case_since: known.case_since,
            onset: known.onset,
            recovered: known.recovered,
            age: known.age,
            ..QuarantineEvidence::default()
        };
        let is_case =
            details.classification != Classification::Excluded && details.outcome.is_none();
        if !is_case || policy.pack.decide(&evidence, self.today()).outcome != Watch::None {
            return Ok(None);
        }
        let Some(order) = self.store.read(|c| Ok(quarantine::live_of(c, person)?))? else {
            return Ok(None);
        };
        // Who is on the way is received first; the clock ends the order then.
        if let Some(entrant) = order.entrant {
            let row = self.store.read(|c| Ok(entry::speaker(c, entrant)?))?;
            if row.is_some_and(|row| row.stage == lianfang_core::entry::Stage::OnTheWay) {
                return Ok(None);
            }
        }
        Ok(Some((
            order.area,
            Body::OrderEnded(OrderEnded {
                order: order.order,
                how: EndHow::Case,
                on: self.today(),
                reason: None,
                said: String::new(),
            }),
        )))
    }

    /// Corrects a case, or writes down how it developed.
    pub fn revise_case(
        &self,
        actor: &Actor,
        id: CaseId,
        revision: &CaseRevision,
    ) -> Result<(), Refusal> {
        let row = self.readable_case(actor, id)?;
        actor.require(Right::ReportCase, row.area)?;
        if let Some(fact) = revision.id
            && let Some(there) = self.store.fact_by_id(fact)?
        {
            return match there.read_body() {
                Ok(Body::CaseRevised(revised))
                    if revised.record.case == id && there.actor == actor.account =>
                {
                    Ok(())
                }
                _ => Err(lianfang_store::StoreError::IdReused(fact).into()),
            };
        }
        if row.seq != revision.seen {
            return Err(moved_on());
        }
        let area = revision.area.unwrap_or(row.area);
        if area != row.area {
            actor.require(Right::ReportCase, area)?;
            self.known_area(area)?;
        }
        let details = with(&row.details, &revision.set)?;
        let details = checked(details, (self.now(), self.store.utc_offset()))?;
        if area == row.area && details == row.details {
            return Ok(());
        }
        let body = revised(id, details.clone(), reason(&revision.reason)?);
        let fact = revision.id.unwrap_or_else(|| self.new_id());
        let mut facts = vec![self.draft_as(fact, actor, area, body)];
        if let Some(person) = details.person {
            let policy = self.policy()?;
            let day = details.curve_day().unwrap_or(row.day);
            if let Some((area, body)) = self.order_ends(&policy, person, day, &details)? {
                let id = FactId::from_bytes(self.beside(fact, "order"));
                facts.push(self.draft_as(id, actor, area, body));
            }
        }
        self.store.append(Batch::of(facts))?;
        self.settle_case(actor, id)
    }

    /// Changes many cases at once: all of them or, with the reason, none.
    pub fn change_cases(&self, actor: &Actor, change: &CasesChange) -> Result<EditAnswer, Refusal> {
        let sent = self.sent(actor, change.id, None, change)?;
        if sent.repeated {
            return Ok(EditAnswer {
                edit: sent.id,
                changed: self
                    .store
                    .read(|c| Ok(investigation::edit(c, sent.id)?))?
                    .len(),
            });
        }
        let mut ids = change.cases.clone();
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() || ids.len() > MOST_EDITED {
            return Err(Refusal::invalid(
                "cases",
                format!("1 to {MOST_EDITED} cases at once."),
                format!("每次1至{MOST_EDITED}例。"),
            ));
        }
        if change.set.is_empty() {
            return Err(Refusal::invalid(
                "set",
                "Name at least one field that changes.",
                "请至少填写一个要修改的字段。",
            ));
        }
        let why = reason(&change.reason)?;
        let mut changed = Vec::with_capacity(ids.len());
        let at = (self.now(), self.store.utc_offset());
        for row in self.readable_cases(actor, &ids)? {
            actor.require(Right::ReportCase, row.area)?;
            let details = checked(with(&row.details, &change.set)?, at)?;
            if details != row.details {
                changed.push((row, details));
            }
        }
        self.write_edit(actor, &sent, changed, &why, None)
    }

    /// Takes an edit back: each of its cases becomes what it was before. Refused where any was changed since.
    pub fn undo_change(
        &self,
        actor: &Actor,
        edit: FactId,
        id: Option<FactId>,
        why: &str,
    ) -> Result<EditAnswer, Refusal> {
        let why = reason(why)?;
        let sent = self.sent(actor, id, None, &(edit, &why))?;
        let before = self.store.read(|c| Ok(investigation::edit(c, edit)?))?;
        if before.is_empty() {
            return Err(Refusal::NotFound("edit"));
        }
        if sent.repeated {
            return Ok(EditAnswer {
                edit: sent.id,
                changed: before.len(),
            });
        }
        let mut changed = Vec::with_capacity(before.len());
        for (case, seq) in before {
            let row = self.readable_case(actor, case)?;
            actor.require(Right::ReportCase, row.area)?;
            let now = self.store.fact(row.seq)?;
            let by_edit = FactId::from_bytes(self.beside(edit, &case.to_string()));
            if now.is_none_or(|fact| fact.id != by_edit) {
                return Err(moved_on());
            }
            let earlier = self
                .store
                .fact(seq)?
                .and_then(|fact| fact.read_body().ok())
                .and_then(|body| match body {
                    Body::CaseReported(fact) | Body::CaseRevised(fact) => Some(fact.record.details),
                    _ => None,
                })
                .ok_or(Refusal::NotFound("case"))?;
            changed.push((row, earlier));
        }
        self.write_edit(actor, &sent, changed, &why, Some(edit))
    }

    fn write_edit(
        &self,
        actor: &Actor,
        sent: &Sent,
        changed: Vec<(CaseRow, CaseDetails)>,
        why: &str,
        undoes: Option<FactId>,
    ) -> Result<EditAnswer, Refusal> {
        let answer = EditAnswer {
            edit: sent.id,
            changed: changed.len(),
        };
        let Some(area) = changed.iter().map(|(row, _)| row.area).reduce(common) else {
            return Ok(answer);
        };
        let edited = Body::CasesEdited(CasesEdited {
            edit: sent.id,
            cases: changed.iter().map(|(row, _)| row.case).collect(),
            reason: why.to_owned(),
            undoes,
            said: sent.said.clone(),
        });
        let draft = |id: FactId, area: AreaCode, body: Body, at: Timestamp| Draft {
            id,
            area,
            actor: actor.account,
            device: actor.device.clone(),
            happened_at: at,
            body,
        };
        let mut facts = vec![draft(sent.id, area, edited, sent.at)];
        let moved: Vec<CaseId> = changed
            .iter()
            .filter(|(row, details)| moves_matters(&row.details, details))
            .map(|(row, _)| row.case)
            .collect();
        for (row, details) in changed {
            let id = FactId::from_bytes(self.beside(sent.id, &row.case.to_string()));
            let body = revised(row.case, details, why.to_owned());
            facts.push(draft(id, row.area, body, sent.at));
        }
        self.store.append(Batch::of(facts))?;
        self.settle_cases(actor, &moved)?;
        Ok(answer)
    }

    /// Nothing is deleted: that somebody wanted it is noted, and shows on the case page.
    pub fn delete_case(&self, actor: &Actor, id: CaseId, why: &str) -> Result<(), Refusal> {
        let row = self.readable_case(actor, id)?;
        actor.require(Right::ReportCase, row.area)?;
        let refused = Body::CaseDeletionRefused(CaseDeletionRefused {
            case: id,
            reason: reason(why)?,
        });
        self.append(actor, [(row.area, refused)])?;
        Err(Refusal::Conflict(Text::new(
            "Cases are not deleted. Exclude it, or merge it into the report that stands. That you asked is on record.",
            "病例不能删除。请将其排除，或合并到有效报告。此次请求已留痕。",
        )))
    }
}

/// The lowest area that contains both.
fn common(one: AreaCode, other: AreaCode) -> AreaCode {
    one.with_ancestors()
        .find(|area| area.contains(other))
        .unwrap_or(AreaCode::COUNTRY)
}

fn revised(case: CaseId, details: CaseDetails, reason: String) -> Body {
    Body::CaseRevised(CaseFact {
        record: CaseRecord { case, details },
        published: None,
        reason: Some(reason),
    })
}

fn moved_on() -> Refusal {
    Refusal::Conflict(Text::new(
        "This case was changed since you saw it. Look at it again.",
        "该病例已有新的修改，请刷新查看。",
    ))
}
