//! A pack with one of its rules, or a whole table, switched off: what is lost without it is what it does.
//!
//! A rule is taken out of the file, and the file is read and checked again as any other: where some evidence would then
//! have no rule, the rule cannot be switched off. A table is switched off by one rule that always gives the outcome
//! that leaves free.

use lianfang_core::words::Word;
use lianfang_policy::{Pack, PackError, Table, schema};
use toml::Value;

/// What is switched off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Switch {
    /// A rule.
    Rule(Table, String),
    /// A whole table.
    Table(Table),
}

/// Why something cannot be switched off.
#[derive(Debug, thiserror::Error)]
pub enum SwitchError {
    /// The pack has no such rule.
    #[error("the pack has no rule {1} in its table {0}")]
    NoSuchRule(Table, String),
    /// Without the rule the pack is none.
    #[error("{0}")]
    Pack(String),
}

impl std::fmt::Display for Switch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rule(table, rule) => write!(f, "{table}.{rule}"),
            Self::Table(table) => write!(f, "{table}"),
        }
    }
}

/// All that could be switched off in a pack: each table, and each of its rules.
pub fn switches(pack: &Pack) -> Vec<Switch> {
    let mut all = Vec::new();
    for table in Table::ALL {
        all.push(Switch::Table(*table));
        let rules = pack.rules(*table).in_order();
        all.extend(
            rules
                .iter()
                .map(|rule| Switch::Rule(*table, rule.id.clone())),
        );
    }
    all
}

impl Switch {
    /// The pack without it. Its examples are not tried: they are of the whole pack.
    ///
    /// # Errors
    /// Where the pack does not have it, or is none without it.
    pub fn off(&self, pack: &Pack) -> Result<Pack, SwitchError> {
        let mut file: toml::Table =
            toml::from_str(&pack.text).map_err(|error| SwitchError::Pack(error.to_string()))?;
        match self {
            Self::Rule(table, rule) => {
                let rules = file.get_mut(table.word()).and_then(Value::as_array_mut);
                let missing = || SwitchError::NoSuchRule(*table, rule.clone());
                let rules = rules.ok_or_else(missing)?;
                let before = rules.len();
                rules.retain(|other| other.get("id").and_then(Value::as_str) != Some(rule));
                if rules.len() == before {
                    return Err(missing());
                }
            }
            Self::Table(table) => {
                file.insert(table.word().to_owned(), Value::Array(vec![free(*table)]));
            }
        }
        let text = toml::to_string(&file).map_err(|error| SwitchError::Pack(error.to_string()))?;
        Pack::read_untried(&text).map_err(|error| SwitchError::Pack(first_problem(&error)))
    }
}

/// A rule that always leaves free.
fn free(table: Table) -> Value {
    let text = |en: &str, zh: &str| {
        let pair = [("en", en), ("zh", zh)];
        Value::Table(
            pair.map(|(key, text)| (key.to_owned(), text.into()))
                .into_iter()
                .collect(),
        )
    };
    let outcome = schema(table)
        .outcomes
        .first()
        .map_or("", |named| named.word);
    let rule = [
        ("id", Value::from("switched_off")),
        ("priority", Value::from(0)),
        ("when", Value::from("true")),
        ("outcome", Value::from(outcome)),
        (
            "reason",
            text("This table is switched off.", "本表规则已停用。"),
        ),
    ];
    Value::Table(
        rule.map(|(key, value)| (key.to_owned(), value))
            .into_iter()
            .collect(),
    )
}

fn first_problem(error: &PackError) -> String {
    match error {
        PackError::Broken(problems) => problems
            .first()
            .map_or_else(String::new, |problem| problem.message.en.clone()),
        other => other.to_string(),
    }
}
