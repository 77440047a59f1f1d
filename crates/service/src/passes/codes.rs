//! Codes by which passes are opened: asked for, confirmed, ended.

use lianfang_core::access::Right;
use lianfang_core::areas::AreaCode;
use lianfang_core::facts::{
    Body, PassAsked as Asked, PassCodeEnded, PassConfirmed, PersonForgotten,
};
use lianfang_core::ids::{FactId, PassCodeId, PersonId};
use lianfang_core::passes::PassFor;
use lianfang_core::people::PersonalData;
use lianfang_core::text::Text;
use lianfang_store::Batch;
use lianfang_store::views::passes::{self as view, CodeRow};
use serde::{Deserialize, Serialize};

use crate::field::PersonGiven;
use crate::field::person::fill_in;
use crate::{Actor, House, Refusal};

/// Members of a family that one code looks after.
const FAMILY: usize = 12;

/// A pass that is asked for.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPass {
    /// Made by whoever asks (a ULID), so that sending twice is harmless.
    #[schema(value_type = String)]
    pub id: FactId,
    /// Who it is for: a name and a document.
    pub given: PersonGiven,
    /// Where they live.
    #[schema(value_type = String)]
    pub area: AreaCode,
    /// The code of whoever looks after them, where they have no phone of their own.
    #[serde(default)]
    pub guardian: Option<String>,
}

/// A pass was asked for.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PassAsked {
    /// The code that opens the pass, once somebody has seen who it is.
    pub code: String,
    /// Whether it opens it already.
    pub confirmed: bool,
}

impl House {
    /// A code as its owner has it.
    pub(super) fn pass_code(&self, code: PassCodeId) -> String {
        format!("{code}.{}", self.marks("pass code", &code.to_string()))
    }

    /// The code that a text is, if its marks are right and it has not ended.
    pub(super) fn pass_coded(&self, text: &str) -> Result<CodeRow, Refusal> {
        let not_there = || Refusal::NotFound("code");
        let text = text.trim().to_ascii_uppercase();
        let (id, marks) = text.split_once('.').ok_or_else(not_there)?;
        let id: PassCodeId = id.parse().map_err(|_| not_there())?;
        let own = self.marks("pass code", &id.to_string());
        // Hashes are compared, and in constant time: how far a guess agrees does not show.
        if blake3::hash(marks.as_bytes()) != blake3::hash(own.as_bytes()) {
            return Err(not_there());
        }
        self.store
            .read(|c| Ok(view::code(c, id)?))?
            .ok_or_else(not_there)
    }

    /// The same, where it opens a pass.
    pub(super) fn open_code(&self, text: &str) -> Result<CodeRow, Refusal> {
        let row = self.pass_coded(text)?;
        if row.ended_at.is_some() {
            return Err(Refusal::Conflict(Text::new(
                "This code was ended. Ask your community for a new one.",
                "该码已停用，请向社区重新申领。",
            )));
        }
        if row.confirmed_at.is_none() {
            return Err(Refusal::Conflict(Text::new(
                "Nobody has confirmed yet who this is: show this page and your document to your community or at a gate.",
                "尚未核验身份：请持本页面和证件到社区或卡口核验。",
            )));
        }
        Ok(row)
    }

    /// Who a pass is asked for: a name, and a document that tells people apart.
    fn pass_person(&self, given: &PersonGiven) -> Result<PersonalData, Refusal> {
        let data = self.described(given)?;
        if data.name.is_none() {
            return Err(Refusal::invalid(
                "name",
                "A pass needs a name.",
                "请填写姓名。",
            ));
        }
        if data.document.is_none() {
            return Err(Refusal::invalid(
                "document",
                "A pass needs a document: a resident identity number, or a passport.",
                "请填写证件号码：身份证号或护照号。",
            ));
        }
        Ok(data)
    }

    /// Asks for a pass, signed in nowhere. The answer is the same whether or not the person is known here.
    pub fn ask_for_pass(&self, new: &NewPass) -> Result<PassAsked, Refusal> {
        let actor = Actor::house("pass");
        self.policy()?.passes()?;
        self.known_area(new.area)?;
        if !self.store.root().contains(new.area) {
            return Err(Refusal::invalid(
                "area",
                "Ask where you live: this is not one of our areas.",
                "请在居住地申领：该区域不属本系统管辖。",
            ));
        }
        let guardian = match new.guardian.as_deref() {
            Some(text) => Some(self.open_code(text)?.code),
            None => None,
        };
        if let Some(guardian) = guardian {
            let cared = self.store.read(|c| Ok(view::cared_for(c, guardian)?))?;
            if cared.len() >= FAMILY {
                return Err(Refusal::invalid(
                    "guardian",
                    format!("One code looks after at most {FAMILY} people."),
                    format!("一码最多代管{FAMILY}人。"),
                ));
            }
        }
        let data = self.pass_person(&new.given)?;
        let sent = self.sent(&actor, Some(new.id), None, new)?;
        let code = PassCodeId::from_bytes(new.id.to_bytes());
        let answer = PassAsked {
            code: self.pass_code(code),
            confirmed: false,
        };
        if sent.repeated {
            return Ok(answer);
        }
        // What is said stands by itself until somebody has seen who it is: it changes nobody's record.
        let person = PersonId::from_bytes(self.beside(sent.id, "person"));
        let body = Body::PassAsked(Asked {
            code,
            person,
            by: if guardian.is_some() {
                PassFor::Family
            } else {
                PassFor::Holder
            },
            guardian,
            said: sent.said.clone(),
        });
        let mut batch = Batch::of(self.drafts(&actor, &sent, [(new.area, body)]));
        batch.people.push(self.store.seal(person, &data));
        self.store.append(batch)?;
        Ok(answer)
    }

    /// A pass for somebody who stands before the staff with a document, and may have no phone.
    pub fn register_pass(&self, actor: &Actor, new: &NewPass) -> Result<PassAsked, Refusal> {
        self.policy()?.passes()?;
        self.known_area(new.area)?;
        if !actor.may(Right::WatchOver, new.area) {
            actor.require(Right::KeepGate, new.area)?;
        }
        let data = self.pass_person(&new.given)?;
        let sent = self.sent(actor, Some(new.id), None, new)?;
        let code = PassCodeId::from_bytes(new.id.to_bytes());
        let answer = PassAsked {
            code: self.pass_code(code),
            confirmed: true,
        };
        if sent.repeated {
            return Ok(answer);
        }
        let guardian = match new.guardian.as_deref() {
            Some(text) => Some(self.open_code(text)?.code),
            None => None,
        };
        let (person, also, sealed) = self.holder_for(sent.id, &data)?;
        let asked = Body::PassAsked(Asked {
            code,
            person,
            by: PassFor::Helper,
            guardian,
            said: sent.said.clone(),
        });
        let confirmed = Body::PassConfirmed(PassConfirmed {
            code,
            person,
            also,
            said: sent.said.clone(),
        });
        let facts = [(new.area, asked), (new.area, confirmed)];
        let mut batch = Batch::of(self.drafts(actor, &sent, facts));
        batch.people.extend(sealed);
        self.store.append(batch)?;
        self.assess(person)?;
        Ok(answer)
    }

    /// The holder of somebody with these data: who is on record under the document, with all others under it.
    fn holder_for(
        &self,
        id: FactId,
        data: &PersonalData,
    ) -> Result<
        (
            PersonId,
            Vec<PersonId>,
            Option<lianfang_store::SealedPerson>,
        ),
        Refusal,
    > {
        let mut known = self.with_document(data)?;
        known.sort_unstable();
        let holding = self.store.read(|c| {
            let mut holding = None;
            for person in &known {
                holding = holding.or(view::holder_of(c, *person)?);
            }
            Ok(holding)
        })?;
        let person = holding
            .or(known.first().copied())
            .unwrap_or_else(|| PersonId::from_bytes(self.beside(id, "holder")));
        let old = self.store.open_person(person)?.unwrap_or_default();
        let both = fill_in(&old, data).0;
        let sealed = (both != old).then(|| self.store.seal(person, &both));
        known.retain(|other| *other != person);
        Ok((person, known, sealed))
    }

    /// Somebody of the staff has seen the document of whoever shows this code.
    pub fn confirm_pass(&self, actor: &Actor, text: &str) -> Result<PassAsked, Refusal> {
        let row = self.pass_coded(text)?;
        if !actor.may(Right::WatchOver, row.area) && !actor.in_any(Right::KeepGate) {
            return Err(Refusal::Forbidden);
        }
        let answer = PassAsked {
            code: self.pass_code(row.code),
            confirmed: true,
        };
        if row.ended_at.is_some() {
            return Err(Refusal::Conflict(Text::new(
                "This code was ended: ask for a new one.",
                "该码已停用，请重新申领。",
            )));
        }
        if row.confirmed_at.is_some() {
            return Ok(answer);
        }
        let data = self
            .store
            .open_person(row.person)?
            .ok_or(Refusal::Forgotten)?;
        let id = self.new_id();
        let (person, also, sealed) = self.holder_for(id, &data)?;
        // What was said when the pass was asked for is this person's now; the record of the asking goes.
        let also: Vec<PersonId> = also
            .into_iter()
            .filter(|other| *other != row.person)
            .collect();
        let body = Body::PassConfirmed(PassConfirmed {
            code: row.code,
            person,
            also,
            said: String::new(),
        });
        let mut facts = vec![self.draft_as(id, actor, row.area, body)];
        let mut forget = Vec::new();
        if person != row.person {
            let body = Body::PersonForgotten(PersonForgotten {
                person: row.person,
                reason: "what was said when the pass was asked for is its holder's".into(),
            });
            facts.push(self.draft(actor, row.area, body));
            forget.push(row.person);
        }
        let mut batch = Batch::of(facts);
        batch.people.extend(sealed);
        batch.forget = forget;
        self.store.append(batch)?;
        self.assess(person)?;
        Ok(answer)
    }

    /// Ends a code: by its owner, or by staff of its area, who need not have its marks.
    pub fn end_pass_code(&self, actor: Option<&Actor>, text: &str) -> Result<(), Refusal> {
        let row = match text.trim().parse::<PassCodeId>() {
            Ok(id) if actor.is_some() => self
                .store
                .read(|c| Ok(view::code(c, id)?))?
                .ok_or(Refusal::NotFound("code"))?,
            _ => self.pass_coded(text)?,
        };
        let own = Actor::house("pass");
        let actor = actor.unwrap_or(&own);
        actor.require(Right::WatchOver, row.area)?;
        if row.ended_at.is_some() {
            return Ok(());
        }
        let body = Body::PassCodeEnded(PassCodeEnded {
            code: row.code,
            said: String::new(),
        });
        self.append(actor, [(row.area, body)])
    }
}
