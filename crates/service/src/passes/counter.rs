//! At the counter: a code is shown with a document, a pass is printed for whoever has no phone.

use lianfang_core::access::Right;
use lianfang_core::areas::Area;
use lianfang_core::facts::{Body, PersonLooked};
use lianfang_core::ids::{PassCodeId, PersonId};
use lianfang_core::passes::PassFor;
use lianfang_core::text::Text;
use lianfang_core::words::Word;
use lianfang_store::views::passes::{self as view, CodeRow};
use serde::Serialize;

use super::{PassQr, PassState};
use crate::entry::tail;
use crate::{Actor, House, Refusal};

/// A code, as staff see it. It opens nothing: the marks of whoever has it are not shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PassCodeRow {
    /// Its id.
    #[schema(value_type = String)]
    pub code: PassCodeId,
    /// How far it has come.
    pub state: PassState,
    /// Who asked.
    pub by: PassFor,
    /// Its name.
    pub by_name: Text,
    /// When it was asked for.
    pub asked_at: String,
    /// When somebody saw who it is.
    pub confirmed_at: Option<String>,
    /// When it ended.
    pub ended_at: Option<String>,
}

/// Whom a code is about that is shown to staff: to be compared with the document, before it is confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PassCodeAbout {
    /// The code.
    #[serde(flatten)]
    pub code: PassCodeRow,
    /// The name that was given, masked.
    pub name: Option<String>,
    /// The last four characters of the document that was given.
    pub tail: Option<String>,
    /// Where they live.
    pub area: Area,
    /// The holder, once it is confirmed; only for those who may read their pass.
    #[schema(value_type = Option<String>)]
    pub person: Option<PersonId>,
}

/// A pass to be printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PassPrinted {
    /// The code by which its holder, or whoever helps them, opens it.
    pub code: String,
    /// The name, masked.
    pub name: Option<String>,
    /// Where they live.
    pub area: Area,
    /// The pass.
    pub pass: PassQr,
    /// The pack by which it is.
    pub pack: String,
}

pub(super) fn state(row: &CodeRow) -> PassState {
    match (row.ended_at, row.confirmed_at) {
        (Some(_), _) => PassState::Ended,
        (None, Some(_)) => PassState::Open,
        (None, None) => PassState::Waiting,
    }
}

impl House {
    pub(super) fn code_shown(&self, row: &CodeRow) -> PassCodeRow {
        let offset = self.store.utc_offset();
        PassCodeRow {
            code: row.code,
            state: state(row),
            by: row.by,
            by_name: row.by.label(),
            asked_at: offset.rfc3339(row.asked_at),
            confirmed_at: row.confirmed_at.map(|at| offset.rfc3339(at)),
            ended_at: row.ended_at.map(|at| offset.rfc3339(at)),
        }
    }

    /// The name, masked, and the last four characters of the document.
    pub(super) fn name_and_tail(
        &self,
        person: PersonId,
    ) -> Result<(Option<String>, Option<String>), Refusal> {
        let data = self.store.open_person(person)?.unwrap_or_default();
        Ok((data.masked_name(), data.document.as_deref().map(tail)))
    }

    /// Whom a code is about, for those who may confirm it.
    pub fn pass_code_about(&self, actor: &Actor, text: &str) -> Result<PassCodeAbout, Refusal> {
        let row = self.pass_coded(text)?;
        if !actor.may(Right::WatchOver, row.area) && !actor.in_any(Right::KeepGate) {
            return Err(Refusal::Forbidden);
        }
        let (name, tail) = self.name_and_tail(row.person)?;
        let confirmed = row.confirmed_at.is_some() && row.ended_at.is_none();
        Ok(PassCodeAbout {
            code: self.code_shown(&row),
            name,
            tail,
            area: self.tree()?.get_or_unnamed(row.area),
            person: (confirmed && actor.may(Right::ReadField, row.area)).then_some(row.person),
        })
    }

    /// Issues a pass on paper, for somebody whose pass was opened by staff. That it was is recorded.
    pub fn print_pass(&self, actor: &Actor, person: PersonId) -> Result<PassPrinted, Refusal> {
        let row = self.pass_row(actor, person)?;
        if !actor.may(Right::WatchOver, row.area) {
            actor.require(Right::KeepGate, row.area)?;
        }
        let code = self
            .store
            .read(|c| Ok(view::code_by_staff(c, row.holder)?))?
            .ok_or_else(|| {
                Refusal::Conflict(Text::new(
                    "This pass was opened from a phone, and a printed one would end the one shown there. For whoever has no phone, register them with their document.",
                    "该健康码由本人手机申领，打印会使手机上的码失效。无手机者请持证件登记。",
                ))
            })?;
        let found = self.assess(row.holder)?.ok_or(Refusal::NotFound("pass"))?;
        let looked = Body::PersonLooked(PersonLooked {
            person: row.holder,
            reason: "pass printed by staff".into(),
        });
        self.append(actor, [(row.area, looked)])?;
        Ok(PassPrinted {
            code: self.pass_code(code.code),
            name: self.masked(row.holder)?,
            area: self.tree()?.get_or_unnamed(row.area),
            pass: self.issue_pass(code.code, row.holder, found.colour)?,
            pack: format!("{} {}", found.decided.pack, found.decided.version),
        })
    }
}
