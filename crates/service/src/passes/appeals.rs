//! Appeals: a holder says that evidence is wrong. Somebody who recorded none of it decides, by correcting the evidence or by
//! saying why it stands; no step sets a colour.

use std::collections::BTreeSet;

use jiff::Timestamp;
use lianfang_core::facts::Body;
use lianfang_core::ids::{AccountId, FactId, MatterId, PersonId};
use lianfang_core::matters::{About, Matter, Step, StepBy};
use lianfang_core::passes::PassSource;
use lianfang_core::text::Text;
use lianfang_core::words::Word;
use lianfang_store::Batch;
use lianfang_store::views::{matters, passes as view};
use serde::{Deserialize, Serialize};

use super::assess::read_recorded;
use crate::field::taking::Opening;
use crate::{Actor, House, Refusal};

/// The kind of matter that an appeal is.
pub(crate) const APPEAL: &str = "appeal";

lianfang_core::words! {
    /// What a holder says is wrong. No free text: what is told about people is told by phone, and not kept in a ledger.
    AppealReason {
        /// It is about somebody else.
        NotMe = "not_me", "it is about somebody else", "不是本人";
        /// I was not there.
        NotThere = "not_there", "I was not there", "未到过该地";
        /// The day is wrong.
        WrongDay = "wrong_day", "the day is wrong", "日期有误";
        /// The test is negative, or another's.
        WrongTest = "wrong_test", "the test result is wrong", "检测结果有误";
        /// I have recovered.
        Recovered = "recovered", "I have recovered", "已治愈";
        /// Something is missing.
        Missing = "missing", "something of mine is missing", "缺少本人记录";
        /// Something else: please call.
        Other = "other", "something else: please call me", "其他，请致电";
    }
}

/// An appeal.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAppeal {
    /// Made by whoever appeals (a ULID), so that sending twice is harmless.
    #[schema(value_type = String)]
    pub id: FactId,
    /// Which evidence is wrong.
    pub about: PassSource,
    /// What is wrong with it.
    pub reason: AppealReason,
}

/// An appeal, as its holder sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct AppealShown {
    /// The matter.
    #[schema(value_type = String)]
    pub matter: MatterId,
    /// What was said.
    pub title: String,
    /// How far it has come.
    pub state_name: Text,
    /// Whether it is over.
    pub over: bool,
    /// When it was made.
    pub at: String,
    /// Until when it is to be decided.
    pub deadline: String,
}

impl House {
    /// A holder says that evidence is wrong.
    pub fn appeal(&self, code: &str, new: &NewAppeal) -> Result<MatterId, Refusal> {
        let row = self.open_code(code)?;
        let policy = self.policy()?;
        policy.passes()?;
        let matter = MatterId::from_bytes(new.id.to_bytes());
        let actor = Actor::house("pass");
        let known = self.store.read(|c| Ok(matters::get(c, matter)?))?;
        if known.is_some_and(|known| known.about == Some(About::Holder(row.person))) {
            return Ok(matter);
        }
        let open = self
            .store
            .read(|c| Ok(matters::is_open_about(c, APPEAL, row.person.to_bytes())?))?;
        if open {
            return Err(Refusal::Conflict(Text::new(
                "An appeal of yours is open already: you see below how far it has come.",
                "您已有一项申诉在办理中，进度见下方。",
            )));
        }
        let (about, reason) = (new.about.label(), new.reason.label());
        let opening = Opening {
            kind: APPEAL,
            area: row.area,
            title: format!("{}：{} · {}: {}", about.zh, reason.zh, about.en, reason.en),
            detail: String::new(),
            about: About::Holder(row.person),
            deadline: None,
        };
        let (area, body) = self.matter_body(&policy, matter, self.now(), opening)?;
        let draft = self.draft_as(new.id, &actor, area, body);
        self.store.append(Batch::of([draft]))?;
        Ok(matter)
    }

    /// The appeals of a holder, the newest first.
    pub(super) fn appeals_of(&self, holder: PersonId) -> Result<Vec<AppealShown>, Refusal> {
        let offset = self.store.utc_offset();
        let mut found = self
            .store
            .read(|c| Ok(matters::about(c, holder.to_bytes())?))?;
        found.retain(|matter| matter.kind == APPEAL);
        found.sort_by_key(|matter| std::cmp::Reverse(matter.opened_at));
        found
            .into_iter()
            .map(|matter| {
                Ok(AppealShown {
                    state_name: self.state_name(&matter)?,
                    matter: matter.matter,
                    title: matter.title.clone(),
                    over: matter.phase.is_over(),
                    at: offset.rfc3339(matter.opened_at),
                    deadline: offset.rfc3339(matter.deadline),
                })
            })
            .collect()
    }

    /// Everybody who had recorded evidence of a holder when an appeal was made: of all that was ever part of an assessment.
    fn recorders(
        &self,
        holder: PersonId,
        before: Timestamp,
    ) -> Result<BTreeSet<AccountId>, Refusal> {
        let mut subjects = BTreeSet::new();
        if let Some(row) = self.store.read(|c| Ok(view::pass(c, holder)?))? {
            subjects.extend(Self::evidence_subjects(&row.record));
        }
        for fact in self.facts_of_evidence(holder.to_bytes())? {
            if let Ok(Body::PassAssessed(assessed)) = fact.read_body()
                && let Some((record, _)) = read_recorded(assessed.evidence)
            {
                subjects.extend(Self::evidence_subjects(&record));
            }
        }
        let mut accounts = BTreeSet::new();
        for about in subjects {
            let facts = self.facts_of_evidence(about)?;
            accounts.extend(
                facts
                    .iter()
                    .filter(|fact| fact.recorded_at <= before)
                    .map(|fact| fact.actor),
            );
        }
        accounts.remove(&AccountId::house());
        Ok(accounts)
    }

    /// Refuses a step that decides an appeal by somebody who recorded evidence that it is about. Whoever corrected evidence
    /// once the appeal was made did what the appeal asks for.
    pub(crate) fn may_decide_appeal(
        &self,
        actor: &Actor,
        matter: &Matter,
        step: &Step,
    ) -> Result<(), Refusal> {
        let (APPEAL, Some(About::Holder(holder))) = (matter.kind.as_str(), matter.about) else {
            return Ok(());
        };
        if step.by != StepBy::Owner {
            return Ok(());
        }
        if self
            .recorders(holder, matter.opened_at)?
            .contains(&actor.account)
        {
            return Err(Refusal::Conflict(Text::new(
                "You recorded evidence that this appeal is about: somebody else decides it.",
                "申诉所涉依据由您登记，应由他人处理。",
            )));
        }
        Ok(())
    }
}
