//! Who was where the case was: asked by case, by person and by place, ranked, judged by the pack's
//! rules of contacts.

mod asked;
mod judged;
mod named;
mod shown;
mod visitors;

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use lianfang_core::access::Right;
use lianfang_core::areas::AreaCode;
use lianfang_core::contacts::ContactClass;
use lianfang_core::facts::{Body, PersonLooked, PlaceLooked};
use lianfang_core::ids::{CaseId, PersonId};
use lianfang_core::places::PlaceId;
use lianfang_core::text::bounded;
use lianfang_policy::ContactEvidence;
use lianfang_store::Batch as StoreBatch;
use lianfang_visits::{Case, Limits, Snapshot, Span, Trace};

use super::register::Counted;
use crate::policy::Policy;
use crate::{Actor, House, Refusal};
use judged::{Judge, Judgement};
use shown::Shown;
use visitors::visitors;

pub use asked::{TraceAsked, When, WhenError};
pub use named::TracedAsContact;
pub use shown::{ContactTraced, MeetingTraced, StayTraced, TraceAnswer, TracedShown, trace_csv};

/// Contacts of an answer at most.
pub(super) const MOST: usize = 10_000;
/// Cases, people and places of one question.
const ASKED: usize = 1_000;

/// Somebody whose meetings are asked for, with what is known of them as a case.
#[derive(Debug, Clone)]
pub(super) struct Traced {
    pub(super) person: PersonId,
    /// The area in which the asker may look at them.
    pub(super) area: AreaCode,
    pub(super) case: Option<KnownCase>,
    pub(super) span: Span,
}

/// What of a case decides on its contacts.
#[derive(Debug, Clone, Copy)]
pub(super) struct KnownCase {
    pub(super) case: CaseId,
    pub(super) standing: lianfang_core::passes::CaseStanding,
    pub(super) onset: Option<Date>,
    /// First symptoms, else sample, else the day it enters the curve.
    pub(super) reference: Option<Date>,
    /// Admission to hospital.
    pub(super) isolated: Option<Date>,
}

/// Somebody who met a case, with the evidence of the meeting that weighs most by the pack.
#[derive(Debug, Clone)]
pub struct Met {
    /// Who.
    pub person: PersonId,
    /// What the pack makes of it.
    pub class: ContactClass,
    /// On what evidence.
    pub evidence: ContactEvidence,
    /// The day of that meeting.
    pub day: Date,
    /// Where.
    pub place: PlaceId,
    /// Minutes together, in all.
    pub minutes: u32,
    /// Minutes together, weighed.
    pub risk: f64,
}

/// Contacts of one order, found and judged.
pub(super) struct Found {
    pub(super) order: u8,
    pub(super) trace: Trace,
    /// What the pack makes of each contact, in the trace's order; none where no case on record stands behind it.
    judged: Vec<Option<Judgement>>,
}

impl House {
    /// Answers who was where those asked for were. The look is recorded before it is answered.
    pub fn trace(&self, actor: &Actor, asked: &TraceAsked) -> Result<TraceAnswer, Refusal> {
        let policy = self.policy()?;
        let reason = bounded(&asked.reason, 5, 200).map_err(|_| {
            Refusal::invalid(
                "reason",
                "Say in 5 to 200 characters why you need to see this.",
                "请用5至200个字符说明查看理由。",
            )
        })?;
        let named = asked.people.len() + asked.cases.len() + asked.places.len();
        if named == 0 || named > ASKED {
            return Err(Refusal::invalid(
                "cases",
                format!("Name 1 to {ASKED} cases, people or places."),
                format!("请指定1至{ASKED}个病例、人员或场所。"),
            ));
        }
        if !matches!(asked.order, 1 | 2) {
            return Err(Refusal::invalid(
                "order",
                "Order is 1, who met the case, or 2, also who met those.",
                "层级为1（接触病例者）或2（另含接触上述人员者）。",
            ));
        }
        let traced = self.traced(actor, &policy, asked)?;
        let places = self.places_asked(actor, asked)?;
        self.record_looks(actor, &traced, &places, &reason)?;
        let counted = self.counted(policy.visits()?)?;
        let snapshot = self.visits_read()?;
        let limits = Limits {
            contacts: asked.limit.clamp(1, MOST),
            ..Limits::default()
        };
        let mut found = Vec::new();
        if let Some(snapshot) = &snapshot {
            if !traced.is_empty() {
                found =
                    self.contacts_found(snapshot, &policy, &counted, &traced, asked.order, limits)?;
            }
            let span = self.span_of(asked, &policy)?;
            for (place, _) in &places {
                let mut there = visitors(snapshot, *place, span, &counted)?;
                self.judge_visitors(actor, &policy, &counted, &mut there, limits.contacts)?;
                found.push(there);
            }
        }
        let shown = Shown {
            asked,
            traced: &traced,
            found: &found,
            snapshot: snapshot.as_ref(),
            counted: &counted,
        };
        self.answer(actor, &shown, &reason)
    }

    /// Contacts of some people, first and if asked second order.
    fn contacts_found(
        &self,
        snapshot: &Snapshot,
        policy: &Policy,
        counted: &Counted,
        traced: &[Traced],
        order: u8,
        limits: Limits,
    ) -> Result<Vec<Found>, Refusal> {
        let cases: Vec<Case> = traced
            .iter()
            .map(|traced| Case {
                person: traced.person,
                span: traced.span,
            })
            .collect();
        let judge = Judge::new(self, policy, counted, traced)?;
        let first = snapshot.trace(&cases, counted, limits)?;
        let judged: Vec<_> = first
            .contacts
            .iter()
            .map(|contact| judge.first(first.meetings_of(contact)))
            .collect();
        let mut found = Vec::new();
        if order == 2 {
            let second = snapshot.second_order(&cases, &first, counted, limits)?;
            let met: HashMap<PersonId, _> = first
                .contacts
                .iter()
                .zip(&judged)
                .filter_map(|(contact, judged)| Some((contact.person, judged.as_ref()?)))
                .collect();
            let judged = second
                .contacts
                .iter()
                .map(|contact| judge.second(second.meetings_of(contact), &met))
                .collect();
            found.push(Found {
                order: 2,
                trace: second,
                judged,
            });
        }
        let judged = judged
            .into_iter()
            .map(|judged| judged.map(Judgement::from))
            .collect();
        found.insert(
            0,
            Found {
                order: 1,
                trace: first,
                judged,
            },
        );
        Ok(found)
    }

    /// Whoever met a case in its time by the pack, with the evidence by which the pack judges it:
    /// for the room of contacts. The caller has checked the right.
    pub fn met(&self, case: CaseId) -> Result<Vec<Met>, Refusal> {
        let policy = self.policy()?;
        let counted = self.counted(policy.visits()?)?;
        let traced = [self.traced_case(&policy, case, &TraceAsked::default())?];
        let Some(snapshot) = self.visits_read()? else {
            return Ok(Vec::new());
        };
        let asked = Case {
            person: traced[0].person,
            span: traced[0].span,
        };
        let limits = Limits {
            contacts: MOST,
            ..Limits::default()
        };
        let trace = snapshot.trace(&[asked], &counted, limits)?;
        let judge = Judge::new(self, &policy, &counted, &traced)?;
        Ok(trace
            .contacts
            .iter()
            .filter_map(|contact| {
                let judged = judge.first(trace.meetings_of(contact))?;
                Some(Met {
                    person: contact.person,
                    class: judged.class,
                    day: judge.day_of(judged.meeting.from),
                    place: judged.meeting.place,
                    evidence: judged.evidence,
                    minutes: contact.minutes,
                    risk: contact.risk,
                })
            })
            .collect())
    }

    fn record_looks(
        &self,
        actor: &Actor,
        traced: &[Traced],
        places: &[(PlaceId, AreaCode)],
        reason: &str,
    ) -> Result<(), Refusal> {
        let mut people = HashSet::new();
        let looked = traced
            .iter()
            .filter(|traced| people.insert(traced.person))
            .map(|traced| {
                let body = Body::PersonLooked(PersonLooked {
                    person: traced.person,
                    reason: reason.to_owned(),
                });
                (traced.area, body)
            });
        let asked = places.iter().map(|(place, area)| {
            let body = Body::PlaceLooked(PlaceLooked {
                place: *place,
                reason: reason.to_owned(),
            });
            (*area, body)
        });
        let drafts: Vec<_> = looked
            .chain(asked)
            .map(|(area, body)| self.draft(actor, area, body))
            .collect();
        self.store.append(StoreBatch::of(drafts))?;
        Ok(())
    }

    /// Whether somebody may be looked at, and where that is recorded.
    fn may_look(actor: &Actor, area: AreaCode) -> Result<(), Refusal> {
        if actor.may(Right::LookAtPerson, area) {
            Ok(())
        } else if actor.sees(area) {
            Err(Refusal::Forbidden)
        } else {
            Err(Refusal::NotFound("person"))
        }
    }
}
