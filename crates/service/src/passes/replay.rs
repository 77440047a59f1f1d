//! Every assessment on record, computed again from the ledger alone.

use std::collections::HashMap;

use jiff::Timestamp;
use lianfang_core::entry::OriginRisk;
use lianfang_core::facts::Body;
use lianfang_core::ids::PersonId;
use lianfang_core::passes::PassRecord;
use lianfang_core::words::Word;
use lianfang_policy::{Explanation, Pack, Table};
use lianfang_store::views::{passes as view, policies};
use serde::Serialize;

use super::assess::{decide, read_recorded, recorded};
use crate::{House, Refusal};

/// Differences that are named; of more only the number is told.
const NAMED: usize = 100;

/// An assessment that came out otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Replayed {
    /// The place of its fact.
    pub seq: u64,
    /// The holder.
    #[schema(value_type = String)]
    pub person: PersonId,
    /// What differs: `evidence`, `decision`, or `pack` where that version is not in the ledger.
    pub differs: &'static str,
    /// What is on record.
    pub recorded: String,
    /// What came out now.
    pub computed: String,
}

/// What computing all assessments again found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ReplayReport {
    /// Facts folded.
    pub facts: u64,
    /// Assessments on record.
    pub assessments: u64,
    /// Those that came out the same.
    pub same: u64,
    /// Those that did not; at most a hundred.
    pub differences: Vec<Replayed>,
}

impl House {
    /// Folds the ledger again from its first fact, and before each assessment on record asks what the evidence was then, and
    /// what the pack of then says of it.
    pub fn replay_passes(&self) -> Result<ReplayReport, Refusal> {
        let mut report = ReplayReport::default();
        let mut packs: HashMap<String, Option<Pack>> = HashMap::new();
        let facts = self.store.replay("pass.assessed/1", |then, fact, body| {
            let Body::PassAssessed(on_record) = body else {
                return Ok(());
            };
            report.assessments += 1;
            let pack = if let Some(pack) = packs.get(&on_record.pack) {
                pack
            } else {
                let mut found = None;
                for row in policies::list(then)? {
                    if format!("{} {}", row.pack, row.version) == on_record.pack {
                        let text = policies::text(then, row.policy)?;
                        found = match text {
                            Some(text) => Pack::read(&text).ok(),
                            None => Pack::shipped(&row.pack).ok(),
                        };
                    }
                }
                packs.entry(on_record.pack.clone()).or_insert(found)
            };
            let mut differs = |what, recorded: String, computed: String| {
                if report.differences.len() < NAMED {
                    report.differences.push(Replayed {
                        seq: fact.seq,
                        person: on_record.person,
                        differs: what,
                        recorded,
                        computed,
                    });
                }
            };
            let Some(pack) = pack else {
                differs("pack", on_record.pack.clone(), String::new());
                return Ok(());
            };
            let row = view::pass(then, on_record.person)?;
            let read = read_recorded(on_record.evidence.clone());
            let (Some(row), Some((_, area_risk))) = (row, read) else {
                differs("evidence", "?".into(), String::new());
                return Ok(());
            };
            let evidence = recorded(&row.record, area_risk);
            if evidence != on_record.evidence {
                let text = |fields| serde_json::Value::Object(fields).to_string();
                differs("evidence", text(on_record.evidence.clone()), text(evidence));
                return Ok(());
            }
            let decided = decide(pack, &row.record, on_record.on, area_risk);
            let computed = decided.as_ref().map(|(decision, _)| {
                (
                    decision.outcome,
                    decision.rule.id.as_str(),
                    decision.since,
                    decision.until,
                )
            });
            let was = (
                on_record.colour,
                on_record.rule.as_str(),
                on_record.since,
                on_record.until,
            );
            if computed == Some(was) {
                report.same += 1;
            } else {
                let text = |colour: &str, rule: &str| format!("{colour} {rule}");
                differs(
                    "decision",
                    text(on_record.colour.word(), &on_record.rule),
                    computed
                        .map_or_else(String::new, |(colour, rule, ..)| text(colour.word(), rule)),
                );
            }
            Ok(())
        })?;
        report.facts = facts;
        Ok(report)
    }
}

/// Why a holder's pass is, or was, as it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PassExplained {
    /// The holder.
    pub person: PersonId,
    /// The moment that was asked for.
    pub at: Timestamp,
    /// What was on record.
    pub record: PassRecord,
    /// The decision, rule by rule.
    pub explanation: Explanation,
}

impl House {
    /// Why a pass is as it is, rule by rule; with a moment, as it was then: by the facts recorded until then, and the version
    /// in force then. For the operator at the machine.
    pub fn explain_pass_at(
        &self,
        person: PersonId,
        at: Option<Timestamp>,
    ) -> Result<PassExplained, Refusal> {
        let now = self.now();
        let moment = at.unwrap_or(now).min(now);
        let row = match at {
            None => self.store.read(|c| {
                let holder = view::holder_of(c, person)?.unwrap_or(person);
                Ok(view::pass(c, holder)?)
            })?,
            Some(at) => self.store.replay_until(at, |then| {
                let holder = view::holder_of(then, person)?.unwrap_or(person);
                Ok(view::pass(then, holder)?)
            })?,
        };
        let row = row.ok_or(Refusal::NotFound("pass"))?;
        let policy = self.policy_at(moment)?;
        let today = self.store.utc_offset().day_of(moment);
        let area_risk = match &row.assessed {
            // As it was told to the policy then, where that is on record.
            Some(assessed) => self
                .store
                .fact_by_id(assessed.fact)?
                .and_then(|fact| match fact.read_body() {
                    Ok(Body::PassAssessed(body)) => read_recorded(body.evidence),
                    _ => None,
                })
                .map_or(OriginRisk::Unknown, |(_, risk)| risk),
            None => OriginRisk::Unknown,
        };
        let (_, evidence) =
            decide(&policy.pack, &row.record, today, area_risk).ok_or(Refusal::NotFound("pass"))?;
        let fields =
            serde_json::to_value(&evidence).map_err(|error| Refusal::Pack(error.to_string()))?;
        let explanation = lianfang_policy::explain(&policy.pack, Table::Pass, &fields, today)
            .map_err(|error| Refusal::Invalid {
                field: "person",
                message: error.0,
            })?;
        Ok(PassExplained {
            person: row.holder,
            at: moment,
            record: row.record,
            explanation,
        })
    }
}
