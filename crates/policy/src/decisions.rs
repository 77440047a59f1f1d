//! Decisions as people and programs read them, for evidence that comes as JSON.

use jiff::civil::Date;
use lianfang_core::text::Text;
use lianfang_core::words::Word;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::conditions::Condition;
use crate::evidence::{
    ContactEvidence, EntryEvidence, Evidence, EvidenceError, Field, FieldKind, FilledSlots,
    PassEvidence, QuarantineEvidence, ReopeningEvidence, RiskEvidence, SLOTS, Schema, Slots, Table,
};
use crate::rules::Rule;
use crate::{Decision, Pack};

/// A decision, with all that explains it.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Decided {
    /// The table that was asked.
    pub table: Table,
    /// The day that was asked for.
    #[schema(value_type = String, format = Date)]
    pub on: Date,
    /// The pack.
    pub pack: String,
    /// Its version.
    pub version: String,
    /// The outcome.
    pub outcome: &'static str,
    /// Its name.
    pub outcome_name: Text,
    /// The rule that gave it.
    pub rule: String,
    /// Why.
    pub reason: Text,
    /// The evidence that the rule used, by field.
    #[schema(value_type = Object)]
    pub evidence: Map<String, Value>,
    /// Since which day, by the evidence's own days.
    #[schema(value_type = Option<String>, format = Date)]
    pub since: Option<Date>,
    /// The first day on which it will hold no more, if nothing new happens and each day brings the
    /// healthy report asked for; none where time alone does not end it.
    #[schema(value_type = Option<String>, format = Date)]
    pub until: Option<Date>,
    /// What clears it.
    pub clears: Text,
}

/// Why a decision is as it is, rule by rule.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Explanation {
    /// The decision.
    pub decision: Decided,
    /// All fields of the evidence, as conditions saw them.
    pub evidence: Vec<Seen>,
    /// The rules in the order in which they are asked, up to the one that decided.
    pub steps: Vec<Asked>,
    /// Rules that were not asked any more.
    pub not_asked: Vec<String>,
}

/// A name that conditions use, with its value.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Seen {
    /// What it says.
    pub label: Text,
    /// As a condition would write it.
    pub shown: String,
}

/// A rule that was asked.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Asked {
    /// The rule.
    pub rule: String,
    /// Its priority.
    pub priority: i32,
    /// Its outcome.
    pub outcome: &'static str,
    /// Its condition, as written.
    pub when: String,
    /// Whether it decided.
    pub holds: bool,
    /// Each comparison, and whether it held.
    pub parts: Vec<Part>,
}

/// A comparison in a condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Part {
    /// The comparison, with numbers in place of their names.
    pub compares: String,
    /// The same in words.
    pub words: Text,
    /// What the evidence says.
    pub found: String,
    /// Whether it held.
    pub holds: bool,
}

/// Calls `$run` with the record type of a table.
macro_rules! with_record {
    ($table:expr, $run:ident, $($arg:expr),*) => {
        match $table {
            Table::Entry => $run::<EntryEvidence>($($arg),*),
            Table::Contact => $run::<ContactEvidence>($($arg),*),
            Table::Quarantine => $run::<QuarantineEvidence>($($arg),*),
            Table::Pass => $run::<PassEvidence>($($arg),*),
            Table::Risk => $run::<RiskEvidence>($($arg),*),
            Table::Reopening => $run::<ReopeningEvidence>($($arg),*),
        }
    };
}

/// Decides for evidence that comes as a JSON object.
pub fn decide_record(
    pack: &Pack,
    table: Table,
    evidence: &Value,
    on: Date,
) -> Result<Decided, EvidenceError> {
    fn run<E: Evidence>(pack: &Pack, evidence: &Value, on: Date) -> Result<Decided, EvidenceError> {
        let evidence: E = read(evidence, on)?;
        Ok(pack.decide(&evidence, on).shown(pack, &evidence, on))
    }
    with_record!(table, run, pack, evidence, on)
}

/// Explains the decision for evidence that comes as a JSON object.
pub fn explain(
    pack: &Pack,
    table: Table,
    evidence: &Value,
    on: Date,
) -> Result<Explanation, EvidenceError> {
    fn run<E: Evidence>(
        pack: &Pack,
        evidence: &Value,
        on: Date,
    ) -> Result<Explanation, EvidenceError> {
        let evidence: E = read(evidence, on)?;
        let decision = pack.decide(&evidence, on);
        let mut slots = FilledSlots(Slots::new());
        evidence.fill(on, &mut slots);
        let values = slots.0.values();
        let rules = pack.rules(E::TABLE);
        let schema = E::schema();
        let mut steps = Vec::new();
        let mut not_asked = Vec::new();
        let mut decided = false;
        for rule in &rules.rules {
            if decided {
                not_asked.push(rule.id.clone());
                continue;
            }
            decided = rule.holds.holds(values);
            steps.push(asked(schema, rule, values, decided));
        }
        let evidence_seen = (0..schema.slots.len())
            .filter(|slot| schema.says_something(*slot, values[*slot]))
            .map(|slot| Seen {
                label: schema.field_of(slot).label.clone(),
                shown: schema.shown(slot, values[slot]),
            })
            .collect();
        Ok(Explanation {
            decision: decision.shown(pack, &evidence, on),
            evidence: evidence_seen,
            steps,
            not_asked,
        })
    }
    with_record!(table, run, pack, evidence, on)
}

/// Reads and checks a record.
pub fn read<E: Evidence>(evidence: &Value, on: Date) -> Result<E, EvidenceError> {
    E::schema().check_form(evidence)?;
    let missing = E::schema()
        .fields
        .iter()
        .find(|field| field.required && evidence.get(field.name).is_none());
    if let Some(Field {
        name,
        label,
        kind: FieldKind::Word { words },
        ..
    }) = missing
    {
        let words: Vec<&str> = words.iter().map(|named| named.word).collect();
        return Err(EvidenceError(Text::new(
            format!(
                "`{name}` is missing ({}): one of {}",
                label.en,
                words.join(", ")
            ),
            format!("缺少“{name}”（{}），可为：{}", label.zh, words.join("、")),
        )));
    }
    let record: E = serde_json::from_value(evidence.clone()).map_err(|error| {
        EvidenceError(Text::new(
            format!("evidence of `{}`: {error}", E::TABLE.word()),
            format!("“{}”的证据：{error}", E::TABLE.word()),
        ))
    })?;
    record.check(on)?;
    Ok(record)
}

fn asked(schema: &Schema, rule: &Rule, values: &[i32; SLOTS], holds: bool) -> Asked {
    let mut parts = Vec::new();
    compared(&rule.holds, &mut |part: &Condition| {
        let found: Vec<String> = part
            .slots()
            .into_iter()
            .map(|slot| schema.shown(slot, values[slot]))
            .collect();
        let part = Part {
            compares: part.written(schema),
            words: part.in_words(schema),
            found: found.join(" && "),
            holds: part.holds(values),
        };
        if !parts.contains(&part) {
            parts.push(part);
        }
    });
    Asked {
        rule: rule.id.clone(),
        priority: rule.priority,
        outcome: schema.outcomes[rule.outcome].word,
        when: rule.when.clone(),
        holds,
        parts,
    }
}

/// Calls `see` with each comparison as it counts: with its "not", where it has one.
fn compared(condition: &Condition, see: &mut impl FnMut(&Condition)) {
    match condition {
        Condition::Always(_) => {}
        Condition::All(parts) | Condition::Any(parts) => {
            for part in parts {
                compared(part, see);
            }
        }
        // Not all of them is: one of them not.
        Condition::Not(inner) => match &**inner {
            Condition::All(parts) | Condition::Any(parts) => {
                for part in parts {
                    compared(&part.clone().negate(), see);
                }
            }
            _ => see(condition),
        },
        atom => see(atom),
    }
}

impl<O: Word> Decision<'_, O> {
    /// The decision as people and programs read it.
    pub fn shown<E: Evidence<Outcome = O>>(&self, pack: &Pack, evidence: &E, on: Date) -> Decided {
        let schema = E::schema();
        let all = serde_json::to_value(evidence).unwrap_or_default();
        let used = self
            .rule
            .holds
            .slots()
            .into_iter()
            .map(|slot| schema.field_of(slot).name)
            .filter_map(|name| Some((name.to_owned(), all.get(name)?.clone())))
            .collect();
        Decided {
            table: E::TABLE,
            on,
            pack: pack.id.clone(),
            version: pack.version.clone(),
            outcome: self.outcome.word(),
            outcome_name: self.outcome.label(),
            rule: self.rule.id.clone(),
            reason: self.rule.reason.clone(),
            evidence: used,
            since: self.since,
            until: self.until,
            clears: self.rule.clears.clone(),
        }
    }
}
