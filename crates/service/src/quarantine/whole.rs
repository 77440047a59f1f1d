//! The whole story of an order.

use jiff::civil::Date;
use lianfang_core::access::Right;
use lianfang_core::entry::Symptom;
use lianfang_core::facts::Body;
use lianfang_core::ids::{FactId, MatterId, OrderId, SampleId};
use lianfang_core::matters::Matter;
use lianfang_core::quarantine::{AbsenceHow, Bed, ChangeKind, CheckedBy, Need, SampleResult};
use lianfang_core::text::Text;
use lianfang_core::words::Word;
use lianfang_policy::Rule;
use lianfang_store::views::quarantine::{self as view, CheckRow, OrderRow};
use lianfang_store::views::{entry, matters, subjects};
use serde::Serialize;
use serde_json::{Map, Value};

use super::changes::{provided, rule_of, span_of};
use super::lists::OrderShown;
use crate::entry::{EntrantMatter, EntrantShown};
use crate::{Actor, House, Refusal};

/// Checks that a story shows at most, and facts about beds.
const MOST: usize = 500;

/// A daily check.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct OrderCheck {
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub day: Date,
    /// Which check of that day, from 1.
    pub slot: u8,
    /// When it was made.
    pub at: String,
    /// Temperature in degrees Celsius.
    pub temperature: Option<f64>,
    /// Symptoms.
    pub symptoms: Vec<Symptom>,
    /// Who made it.
    pub by: CheckedBy,
    /// Whether it was abnormal.
    pub abnormal: bool,
    /// Who wrote it down.
    pub actor: String,
}

/// A sample.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct OrderSample {
    /// The sample.
    #[schema(value_type = String)]
    pub sample: SampleId,
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub day: Date,
    /// When it was taken.
    pub taken_at: String,
    /// Its result.
    pub result: Option<SampleResult>,
    /// When that was known.
    pub result_at: Option<String>,
}

/// A change of the order's end.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct OrderChange {
    /// The change.
    #[schema(value_type = String)]
    pub change: FactId,
    /// Later or earlier.
    pub kind: ChangeKind,
    /// Its name.
    pub kind_name: Text,
    /// The new day of release.
    #[schema(value_type = String, format = Date)]
    pub until: Date,
    /// Why.
    pub reason: String,
    /// Who proposed it.
    pub proposed_by: String,
    /// When.
    pub proposed_at: String,
    /// Whether it holds, once decided.
    pub approved: Option<bool>,
    /// Who decided.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<String>,
    /// A note.
    pub note: Option<String>,
    /// Whether the asker may decide on it.
    pub may_decide: bool,
}

/// How the order's rule provides for its end to be moved.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct OrderProvides {
    /// Later or earlier.
    pub kind: ChangeKind,
    /// Its name.
    pub kind_name: Text,
    /// When.
    pub reason: Text,
    /// The first day to which it may be moved.
    #[schema(value_type = Option<String>, format = Date)]
    pub first: Option<Date>,
    /// The last.
    #[schema(value_type = Option<String>, format = Date)]
    pub last: Option<Date>,
}

/// A time in which the person was not where they should be.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct OrderAbsence {
    /// Since when.
    pub since: String,
    /// How it was found.
    pub how: AbsenceHow,
    /// Its name.
    pub how_name: Text,
    /// When they were back.
    pub ended_at: Option<String>,
}

/// Something the person asked for.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct OrderNeed {
    /// Its matter.
    #[schema(value_type = String)]
    pub matter: MatterId,
    /// What.
    pub need: Need,
    /// Its name.
    pub need_name: Text,
    /// When.
    pub at: String,
}

/// A bed that the person was given.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct OrderBed {
    /// The bed.
    pub bed: Bed,
    /// From when.
    pub at: String,
    /// Who gave it.
    pub actor: String,
}

/// The whole story of an order.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct OrderWhole {
    /// As in a list.
    #[serde(flatten)]
    pub row: OrderShown,
    /// The day of release that the policy gave at first.
    #[schema(value_type = String, format = Date)]
    pub computed: Date,
    /// Who made it.
    pub made_by: String,
    /// Why, by the rule of its own version.
    pub reason: Option<Text>,
    /// What clears it.
    pub clears: Option<Text>,
    /// The rule's source.
    pub source: Option<String>,
    /// What was known, by field.
    #[schema(value_type = Object)]
    pub evidence: Map<String, Value>,
    /// The version that is in force now, where that is another.
    pub pack_now: Option<String>,
    /// Days on which a sample is due.
    #[schema(value_type = Vec<String>)]
    pub tests: Vec<Date>,
    /// How its rule provides for its end to be moved.
    pub provides: Vec<OrderProvides>,
    /// Changes of its end.
    pub changes: Vec<OrderChange>,
    /// Checks, the newest first; of two for one time of day both.
    pub checks: Vec<OrderCheck>,
    /// Samples.
    pub samples: Vec<OrderSample>,
    /// Absences.
    pub absences: Vec<OrderAbsence>,
    /// What was asked for.
    pub needs: Vec<OrderNeed>,
    /// Beds, in order.
    pub beds: Vec<OrderBed>,
    /// Matters about it.
    pub matters: Vec<EntrantMatter>,
    /// The person on this journey.
    pub entrant_row: Option<EntrantShown>,
    /// Who ended it.
    pub ended_by: Option<String>,
    /// Why, where it did not run to its end.
    pub end_reason: Option<String>,
    /// The person's own code, for those who look after them.
    pub code: Option<String>,
}

impl House {
    /// The name of the state that a matter is in.
    pub(crate) fn state_name(&self, matter: &Matter) -> Result<Text, Refusal> {
        let policy = match self.policy_named(&matter.pack)? {
            Some(policy) => policy,
            None => self.policy()?,
        };
        let state = policy
            .pack
            .matter(&matter.kind)
            .and_then(|kind| kind.state(&matter.state))
            .map(|state| state.name.clone());
        Ok(state.unwrap_or_else(|| Text::new(&*matter.state, &*matter.state)))
    }

    /// The whole story of an order.
    pub fn order(&self, actor: &Actor, id: OrderId) -> Result<OrderWhole, Refusal> {
        let row = self.readable_order(actor, id)?;
        let offset = self.store.utc_offset();
        let now = self.now();
        let policy = self.policy_of(&row)?;
        let rule = policy.as_deref().and_then(|policy| rule_of(policy, &row));
        let in_force = self.policy()?.pack.word();
        let shown = self
            .orders_shown(std::slice::from_ref(&row))?
            .pop()
            .ok_or(Refusal::NotFound("order"))?;
        let (checks, samples, tests, absences, needs) = self.store.read(|c| {
            Ok((
                view::checks_of(c, id, MOST)?,
                view::samples_of(c, id)?,
                view::tests_of(c, id)?,
                view::absences(c, id)?,
                view::needs(c, id)?,
            ))
        })?;
        let about = self.store.read(|c| Ok(matters::about(c, id.to_bytes())?))?;
        let entrant = self.entrant_of(&row)?;
        let code = row
            .entrant
            .filter(|_| actor.may(Right::WatchOver, row.area))
            .map(|entrant| self.personal_code(entrant));
        Ok(OrderWhole {
            row: shown,
            computed: row.computed,
            made_by: self.account_name(row.made_by)?,
            reason: rule.map(|rule| rule.reason.clone()),
            clears: rule.map(|rule| rule.clears.clone()),
            source: rule.and_then(|rule| rule.source.clone()),
            evidence: row.evidence.clone(),
            pack_now: (in_force != row.pack).then_some(in_force),
            tests,
            provides: rule.map_or_else(Vec::new, |rule| self.provides(&row, rule)),
            changes: self.changes_shown(actor, &row)?,
            checks: checks
                .iter()
                .map(|check| self.check_shown(check))
                .collect::<Result<_, _>>()?,
            samples: samples
                .into_iter()
                .map(|sample| OrderSample {
                    sample: sample.sample,
                    day: sample.day,
                    taken_at: offset.rfc3339(sample.taken_at),
                    result: sample.result,
                    result_at: sample.result_at.map(|at| offset.rfc3339(at)),
                })
                .collect(),
            absences: absences
                .into_iter()
                .map(|absence| OrderAbsence {
                    since: offset.rfc3339(absence.since),
                    how: absence.how,
                    how_name: absence.how.label(),
                    ended_at: absence.ended_at.map(|at| offset.rfc3339(at)),
                })
                .collect(),
            needs: needs
                .into_iter()
                .map(|need| OrderNeed {
                    matter: need.matter,
                    need: need.need,
                    need_name: need.need.label(),
                    at: offset.rfc3339(need.at),
                })
                .collect(),
            beds: self.beds_of(&row)?,
            matters: about
                .into_iter()
                .map(|matter| EntrantMatter {
                    matter: matter.matter,
                    over: matter.phase.is_over(),
                    late: matter.is_late(now),
                    title: matter.title,
                    kind: matter.kind,
                })
                .collect(),
            entrant_row: entrant,
            ended_by: row
                .ended_by
                .map(|account| self.account_name(account))
                .transpose()?,
            end_reason: row.end_reason,
            code,
        })
    }

    fn entrant_of(&self, row: &OrderRow) -> Result<Option<EntrantShown>, Refusal> {
        let Some(entrant) = row.entrant else {
            return Ok(None);
        };
        let found = self.store.read(|c| Ok(entry::speaker(c, entrant)?))?;
        Ok(self.entrants_shown(found.into_iter().collect())?.pop())
    }

    fn provides(&self, row: &OrderRow, rule: &Rule) -> Vec<OrderProvides> {
        ChangeKind::ALL
            .iter()
            .filter_map(|kind| {
                let change = provided(rule, *kind)?;
                let span = span_of(row, change, *kind, self.today()).filter(|_| row.is_live());
                Some(OrderProvides {
                    kind: *kind,
                    kind_name: kind.label(),
                    reason: change.reason.clone(),
                    first: span.map(|(first, _)| first),
                    last: span.map(|(_, last)| last),
                })
            })
            .collect()
    }

    fn changes_shown(&self, actor: &Actor, row: &OrderRow) -> Result<Vec<OrderChange>, Refusal> {
        let offset = self.store.utc_offset();
        let changes = self.store.read(|c| Ok(view::changes(c, row.order)?))?;
        changes
            .into_iter()
            .map(|change| {
                Ok(OrderChange {
                    change: change.change,
                    kind: change.kind,
                    kind_name: change.kind.label(),
                    until: change.until,
                    reason: change.reason,
                    proposed_by: self.account_name(change.proposed_by)?,
                    proposed_at: offset.rfc3339(change.proposed_at),
                    may_decide: change.approved.is_none()
                        && row.is_live()
                        && change.proposed_by != actor.account
                        && actor.may(Right::DecideChange, row.area),
                    approved: change.approved,
                    decided_by: change
                        .decided_by
                        .map(|account| self.account_name(account))
                        .transpose()?,
                    decided_at: change.decided_at.map(|at| offset.rfc3339(at)),
                    note: change.note,
                })
            })
            .collect()
    }

    fn check_shown(&self, check: &CheckRow) -> Result<OrderCheck, Refusal> {
        Ok(OrderCheck {
            day: check.day,
            slot: check.slot,
            at: self.store.utc_offset().rfc3339(check.at),
            temperature: check.temperature.map(|tenths| f64::from(tenths) / 10.0),
            symptoms: check.symptoms.iter().collect(),
            by: check.by,
            abnormal: check.abnormal,
            actor: self.account_name(check.actor)?,
        })
    }

    fn beds_of(&self, row: &OrderRow) -> Result<Vec<OrderBed>, Refusal> {
        let facts = self
            .store
            .read(|c| subjects::facts_about(c, row.order.to_bytes(), MOST))?;
        let mut beds = Vec::new();
        for fact in facts {
            let body = fact.read_body().map_err(lianfang_store::StoreError::from)?;
            let bed = match body {
                Body::OrderMade(made) => made.bed,
                Body::OrderMoved(moved) => Some(moved.bed),
                _ => None,
            };
            if let Some(bed) = bed {
                beds.push(OrderBed {
                    bed,
                    at: self.store.utc_offset().rfc3339(fact.happened_at),
                    actor: self.account_name(fact.actor)?,
                });
            }
        }
        Ok(beds)
    }
}
