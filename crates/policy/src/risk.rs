//! Area risk: evidence of an area in, level with its rule and reason out.

use cel::{Context, Program, Value};
use lianfang_core::text::Text;
use serde::{Deserialize, Serialize};

use crate::error::PackError;

/// An area's risk level.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum RiskLevel {
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
}

/// What an area's risk is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RiskEvidence {
    /// Confirmed cases in all.
    pub confirmed_total: u32,
    /// New confirmed cases in the last 14 days.
    pub new_14d: u32,
    /// Whether a cluster was seen in the last 14 days; `None` where nothing tells, as where only
    /// totals are reported, or where some areas report only totals and the lists of the others
    /// show none.
    pub cluster_14d: Option<bool>,
}

/// A level with its rule and reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RiskDecision {
    /// The level.
    pub level: RiskLevel,
    /// The rule that gave it.
    pub rule: String,
    /// Why.
    pub reason: Text,
    /// What must happen for it to go down.
    pub clears: Text,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RiskRule {
    id: String,
    level: RiskLevel,
    when: String,
    reason: Text,
    clears: Text,
}

struct Compiled {
    program: Program,
    decision: RiskDecision,
}

/// Risk rules in their order: the first whose condition holds decides.
pub(crate) struct RiskRules(Vec<Compiled>);

/// The names that a condition may use.
const NAMES: [&str; 4] = ["confirmed_total", "new_14d", "cluster_14d", "cluster_known"];

fn context(evidence: &RiskEvidence) -> Context<'static, 'static> {
    let mut context = Context::default();
    context.add_variable_from_value(NAMES[0], i64::from(evidence.confirmed_total));
    context.add_variable_from_value(NAMES[1], i64::from(evidence.new_14d));
    context.add_variable_from_value(NAMES[2], evidence.cluster_14d.unwrap_or(false));
    context.add_variable_from_value(NAMES[3], evidence.cluster_14d.is_some());
    context
}

impl RiskRules {
    pub(crate) fn compile(rules: Vec<RiskRule>) -> Result<Self, PackError> {
        let mut compiled: Vec<Compiled> = Vec::with_capacity(rules.len());
        for rule in rules {
            let wrong = |message: String| PackError::Condition {
                rule: rule.id.clone(),
                message,
            };
            if compiled.iter().any(|c| c.decision.rule == rule.id) {
                return Err(PackError::Twice("risk rule", rule.id));
            }
            let program = Program::compile(&rule.when).map_err(|error| wrong(error.to_string()))?;
            if let Some(name) = program
                .references()
                .variables()
                .into_iter()
                .find(|name| !NAMES.contains(name))
            {
                return Err(wrong(format!(
                    "unknown name `{name}`; known are {}",
                    NAMES.join(", ")
                )));
            }
            compiled.push(Compiled {
                program,
                decision: RiskDecision {
                    level: rule.level,
                    rule: rule.id.clone(),
                    reason: rule.reason,
                    clears: rule.clears,
                },
            });
        }
        let rules = Self(compiled);
        rules.check()?;
        Ok(rules)
    }

    /// Tries every rule on evidence around each threshold that conditions can speak of.
    fn check(&self) -> Result<(), PackError> {
        for confirmed_total in [0, 1, 9, 10, 49, 50, 51, 100, 10_000] {
            for new_14d in [0, 1, 10, 50, 51, 10_000] {
                for cluster_14d in [None, Some(false), Some(true)] {
                    let evidence = RiskEvidence {
                        confirmed_total,
                        new_14d,
                        cluster_14d,
                    };
                    let context = context(&evidence);
                    let mut any = false;
                    for rule in &self.0 {
                        match rule.program.execute(&context) {
                            Ok(Value::Bool(holds)) => any |= holds,
                            Ok(_) => {
                                return Err(PackError::Condition {
                                    rule: rule.decision.rule.clone(),
                                    message: "the condition does not say yes or no".into(),
                                });
                            }
                            Err(error) => {
                                return Err(PackError::Condition {
                                    rule: rule.decision.rule.clone(),
                                    message: error.to_string(),
                                });
                            }
                        }
                    }
                    if !any {
                        return Err(PackError::NotTotal(format!("{evidence:?}")));
                    }
                }
            }
        }
        Ok(())
    }

    pub(crate) fn decide(&self, evidence: &RiskEvidence) -> RiskDecision {
        let context = context(evidence);
        self.0
            .iter()
            .find(|rule| matches!(rule.program.execute(&context), Ok(Value::Bool(true))))
            .or(self.0.last())
            .map(|rule| rule.decision.clone())
            .expect("a pack without a rule that holds is refused on load")
    }
}
