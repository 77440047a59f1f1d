//! Deadlines of a case: matters that a report opens, that facts take to their done, and that another confirms.
//!
//! | kind | opened by | done when |
//! | --- | --- | --- |
//! | `case_report` | a positive sample under an order whose person is no case yet, by the clock | a case of the person is reported |
//! | `case_investigation` | a report | the investigation is complete |
//! | `case_disposal` | a report of somebody who is not apart from others yet | isolation or admission is on record |
//! | `case_tracing` | a report | the investigation is complete and every contact that counts is told |
//!
//! Where a case is excluded, or taken into another report, its matters are withdrawn.

use jiff::{SignedDuration, Timestamp};
use lianfang_core::areas::AreaCode;
use lianfang_core::cases::{CaseDetails, Classification};
use lianfang_core::facts::{Body, Draft, MatterActed};
use lianfang_core::ids::{CaseId, FactId, MatterId};
use lianfang_core::matters::{About, Matter, MatterKind, Phase, StepBy};
use lianfang_store::views::cases::{self, CaseRow};
use lianfang_store::views::{FoldError, contacts, matters, quarantine};
use lianfang_store::{Batch, StoreError};
use serde::Serialize;

use crate::field::taking::Opening;
use crate::policy::Policy;
use crate::{Actor, House, Refusal};

const REPORT: &str = "case_report";
const INVESTIGATION: &str = "case_investigation";
const DISPOSAL: &str = "case_disposal";
const TRACING: &str = "case_tracing";

/// Matters and orders looked at in one go.
const AT_ONCE: usize = 10_000;

/// What the clock did about cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CasesSwept {
    /// Positive samples without a report that became matters.
    pub unreported: u64,
    /// Matters that facts took to their done, or withdrew.
    pub settled: u64,
    /// Orders that ended, for their person is a case.
    pub ended: u64,
}

/// A deadline of a case.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct DeadlineShown {
    /// The matter.
    #[schema(value_type = String)]
    pub matter: MatterId,
    /// Its kind.
    pub kind: String,
    /// The kind's name.
    pub name: lianfang_core::text::Text,
    /// By when.
    pub deadline: String,
    /// Where in the loop it stands.
    pub phase: Phase,
    /// Its state.
    pub state: lianfang_core::text::Text,
    /// Whether it is late.
    pub late: bool,
}

/// How a matter goes on.
enum Goes {
    /// What was to be done is done.
    Done,
    /// Nothing is to be done any more.
    Off,
}

/// The step that takes a matter where it goes.
fn step_of(kind: &MatterKind, matter: &Matter, goes: &Goes) -> Option<Body> {
    let phase = match goes {
        Goes::Done => Phase::Done,
        Goes::Off => Phase::Cancelled,
    };
    let state = kind.states.iter().find(|state| state.phase == phase)?;
    let step = kind.steps.iter().find(|step| step.to == state.state)?;
    Some(Body::MatterActed(MatterActed {
        matter: matter.matter,
        action: step.action.clone(),
        from: matter.state.clone(),
        to: state.state.clone(),
        phase,
        work: step.by == StepBy::Owner,
        note: None,
        evidence: None,
    }))
}

impl House {
    /// The matters that a report opens.
    pub(super) fn matters_of_report(
        &self,
        policy: &Policy,
        id: FactId,
        case: CaseId,
        area: AreaCode,
        details: &CaseDetails,
    ) -> Result<Vec<(AreaCode, Body)>, Refusal> {
        if policy.pack.cases.is_none() {
            return Ok(Vec::new());
        }
        let mut kinds = vec![(INVESTIGATION, "病例待流调 · A case to be investigated")];
        if details.apart_from().is_none() && details.outcome.is_none() {
            kinds.push((DISPOSAL, "病例待隔离收治 · A case to be isolated"));
        }
        kinds.push((TRACING, "密接待追踪 · Contacts of a case to be traced"));
        kinds
            .into_iter()
            .map(|(kind, title)| {
                let opening = Opening {
                    kind,
                    area,
                    title: title.to_owned(),
                    detail: String::new(),
                    about: About::Case(case),
                    deadline: None,
                };
                let matter = MatterId::from_bytes(self.beside(id, kind));
                self.matter_body(policy, matter, self.now(), opening)
            })
            .collect()
    }

    /// The deadlines of a case.
    pub(super) fn deadlines_of(&self, case: CaseId) -> Result<Vec<DeadlineShown>, Refusal> {
        let now = self.now();
        let offset = self.store.utc_offset();
        let found = self
            .store
            .read(|c| Ok(matters::about(c, case.to_bytes())?))?;
        found
            .into_iter()
            .map(|matter| {
                let kind = self.kind_of(&matter)?;
                Ok(DeadlineShown {
                    matter: matter.matter,
                    name: kind.name.clone(),
                    state: kind
                        .state(&matter.state)
                        .map_or_else(|| kind.name.clone(), |state| state.name.clone()),
                    deadline: offset.rfc3339(matter.deadline),
                    phase: matter.phase,
                    late: matter.is_late(now),
                    kind: matter.kind,
                })
            })
            .collect()
    }

    /// Whether a matter about a case is done, or off.
    fn goes(&self, matter: &Matter) -> Result<Option<Goes>, Refusal> {
        let case = match matter.about {
            Some(About::Case(case)) => case,
            Some(About::Order(order)) if matter.kind == REPORT => {
                let reported = self.store.read(|c| {
                    let Some(order) = quarantine::order(c, order)? else {
                        return Ok(false);
                    };
                    Ok(cases::all_of_person(c, order.person)?
                        .iter()
                        .any(|row| row.id > order.id))
                })?;
                return Ok(reported.then_some(Goes::Done));
            }
            _ => return Ok(None),
        };
        let found = self.store.read(|c| {
            let Some(row) = cases::get(c, case)? else {
                return Ok(None);
            };
            let mut untold = 0;
            for member in cases::members(c, case)? {
                untold += contacts::untold(c, member)?;
            }
            Ok(Some((row, untold)))
        })?;
        let Some((row, untold)) = found else {
            return Ok(None);
        };
        if !row.is_case() {
            return Ok(Some(Goes::Off));
        }
        let done = match matter.kind.as_str() {
            INVESTIGATION => row.investigated_at.is_some(),
            DISPOSAL => row.details.apart_from().is_some() || row.details.outcome.is_some(),
            TRACING => row.investigated_at.is_some() && untold == 0,
            _ => false,
        };
        Ok(done.then_some(Goes::Done))
    }

    /// Takes the matters of a case where the facts have brought them.
    pub(crate) fn settle_case(&self, actor: &Actor, case: CaseId) -> Result<(), Refusal> {
        self.settle_cases(actor, &[case])
    }

    /// Takes the matters of some cases where the facts have brought them.
    pub(super) fn settle_cases(&self, actor: &Actor, about: &[CaseId]) -> Result<(), Refusal> {
        if about.is_empty() {
            return Ok(());
        }
        let mut open = self.store.read(|c| {
            let mut found = Vec::new();
            for case in about {
                found.extend(matters::about(c, case.to_bytes())?);
            }
            Ok(found)
        })?;
        open.retain(|matter| matches!(matter.phase, Phase::Open | Phase::Doing));
        self.settle(actor, &open).map(drop)
    }

    fn settle(&self, actor: &Actor, open: &[Matter]) -> Result<u64, Refusal> {
        let mut batches = Vec::new();
        for matter in open {
            let Some(goes) = self.goes(matter)? else {
                continue;
            };
            let kind = self.kind_of(matter)?;
            if let Some(body) = step_of(&kind, matter, &goes) {
                batches.push(Batch::of([self.draft(actor, matter.area, body)]));
            }
        }
        let mut settled = 0;
        for result in self.store.append_each(batches) {
            match result {
                Ok(_) => settled += 1,
                // Somebody took it there in the meantime.
                Err(StoreError::Fold(FoldError::MovedOn(_))) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(settled)
    }

    /// Looks for what nobody did about cases: positive samples not reported, matters that facts have brought on, orders of people
    /// who are cases now. Meant to be called every few minutes.
    pub fn sweep_cases(&self) -> Result<CasesSwept, Refusal> {
        let policy = self.policy()?;
        if policy.pack.cases.is_none() {
            return Ok(CasesSwept::default());
        }
        let actor = Actor::house("clock");
        let mut swept = CasesSwept {
            unreported: self.open_unreported(&policy, &actor)?,
            ..CasesSwept::default()
        };
        for kind in [REPORT, INVESTIGATION, DISPOSAL, TRACING] {
            let open = self
                .store
                .read(|c| Ok(matters::undone(c, kind, AT_ONCE)?))?;
            let about: Vec<Matter> = open.into_iter().filter(|m| m.about.is_some()).collect();
            swept.settled += self.settle(&actor, &about)?;
        }
        swept.ended = self.end_orders_of_cases(&policy, &actor)?;
        Ok(swept)
    }

    /// Opens a matter for each positive sample whose person is no case on record.
    fn open_unreported(&self, policy: &Policy, actor: &Actor) -> Result<u64, Refusal> {
        let found = self
            .store
            .read(|c| Ok(quarantine::positive_unreported(c, AT_ONCE)?))?;
        let hours = policy
            .pack
            .matter(REPORT)
            .map_or(0, |kind| kind.deadline_hours);
        let mut opened = 0;
        for (order, area, known_at) in found {
            let entropy = u128::from_be_bytes(self.store.blind(REPORT, &order.to_string()));
            let id = FactId::from_parts(known_at.as_millisecond().unsigned_abs(), entropy);
            let opening = Opening {
                kind: REPORT,
                area,
                title: "检测阳性未报告 · Positive sample, no case reported".into(),
                detail: String::new(),
                about: About::Order(order),
                deadline: Some(known_at + SignedDuration::from_hours(i64::from(hours))),
            };
            let matter = MatterId::from_bytes(id.to_bytes());
            let (area, body) = self.matter_body(policy, matter, self.now(), opening)?;
            let draft = Draft {
                id,
                area,
                actor: actor.account,
                device: actor.device.clone(),
                happened_at: self.now(),
                body,
            };
            match self.store.append(Batch::of([draft])) {
                Ok(receipts) => opened += u64::from(receipts.iter().any(|r| !r.repeated)),
                Err(StoreError::IdReused(_) | StoreError::Fold(FoldError::AlreadyThere(_))) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(opened)
    }

    /// Ends the orders of people who became cases since, where the policy watches no case.
    fn end_orders_of_cases(&self, policy: &Policy, actor: &Actor) -> Result<u64, Refusal> {
        let found = self
            .store
            .read(|c| Ok(quarantine::of_new_cases(c, AT_ONCE)?))?;
        let mut ended = 0;
        for (person, case) in found {
            let Some(row) = self.store.read(|c| Ok(cases::get(c, case)?))? else {
                continue;
            };
            if let Some((area, body)) = self.order_ends(policy, person, row.day, &row.details)? {
                match self.append(actor, [(area, body)]) {
                    Ok(()) => ended += 1,
                    // Somebody moved them in the meantime.
                    Err(Refusal::Conflict(_)) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(ended)
    }
}

/// Whether a report came later than its hours allow: counted from the moment of the diagnosis, where that is known.
pub(super) fn is_late_report(row: &CaseRow, hours: Option<u32>, reported_at: Timestamp) -> bool {
    match (row.details.diagnosed_at, hours) {
        (Some(diagnosed), Some(hours)) => {
            row.details.classification != Classification::Excluded
                && reported_at.duration_since(diagnosed)
                    > SignedDuration::from_hours(i64::from(hours))
        }
        _ => false,
    }
}
