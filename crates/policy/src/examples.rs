//! Examples: evidence with the decision that it must get. They stand in the pack and run when it
//! is read.

use jiff::civil::Date;
use lianfang_core::text::Text;
use lianfang_core::words::Word;
use serde::Deserialize;
use serde_json::Value;
use toml::Spanned;

use crate::Pack;
use crate::decisions::{Decided, decide_record};
use crate::error::Problems;
use crate::evidence::{Table, schema};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExampleFile {
    name: String,
    table: Spanned<String>,
    on: Spanned<String>,
    #[serde(default)]
    evidence: toml::Table,
    outcome: Spanned<String>,
    rule: Option<String>,
    since: Option<Spanned<String>>,
    until: Option<Spanned<String>>,
}

/// Evidence with the decision that it must get.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// What it shows.
    pub name: String,
    /// The table that is asked.
    pub table: Table,
    /// The day that is asked for.
    pub on: Date,
    /// The evidence.
    pub evidence: Value,
    /// The outcome that it must get.
    pub outcome: String,
    /// The rule that must decide, if it says so.
    pub rule: Option<String>,
    /// The day since which it must hold, if it says so.
    pub since: Option<Date>,
    /// The day until which it must hold, if it says so.
    pub until: Option<Date>,
    pub(crate) at: usize,
}

impl Example {
    pub(crate) fn read(file: Spanned<ExampleFile>, problems: &mut Problems<'_>) -> Option<Self> {
        let at = file.span().start;
        let file = file.into_inner();
        let table = Table::ALL
            .iter()
            .copied()
            .find(|table| table.word() == file.table.get_ref());
        let Some(table) = table else {
            let known: Vec<&str> = Table::ALL.iter().map(|table| table.word()).collect();
            problems.add(
                file.table.span().start,
                format!("`table` is one of {}", known.join(", ")),
                format!("“table”可为：{}", known.join("、")),
            );
            return None;
        };
        if schema(table).outcome(file.outcome.get_ref()).is_none() {
            let known: Vec<&str> = schema(table).outcomes.iter().map(|o| o.word).collect();
            problems.add(
                file.outcome.span().start,
                format!("`outcome` is one of {}", known.join(", ")),
                format!("“outcome”可为：{}", known.join("、")),
            );
            return None;
        }
        let mut day = |written: &Spanned<String>| -> Option<Date> {
            let day = written.get_ref().parse().ok();
            if day.is_none() {
                problems.add(
                    written.span().start,
                    "write a day as \"2020-02-01\"",
                    "日期写作\"2020-02-01\"",
                );
            }
            day
        };
        let on = day(&file.on)?;
        let since = file.since.as_ref().map(&mut day);
        let until = file.until.as_ref().map(&mut day);
        let evidence = json(toml::Value::Table(file.evidence));
        Some(Self {
            name: file.name,
            table,
            on,
            evidence,
            outcome: file.outcome.into_inner(),
            rule: file.rule,
            since: since.flatten(),
            until: until.flatten(),
            at,
        })
    }

    /// Asks the pack, and compares. The error says what differs.
    pub fn run(&self, pack: &Pack) -> Result<Decided, Text> {
        let name = &self.name;
        let decided =
            decide_record(pack, self.table, &self.evidence, self.on).map_err(|error| {
                Text::new(
                    format!("example `{name}`: {}", error.0.en),
                    format!("示例“{name}”：{}", error.0.zh),
                )
            })?;
        let day = |day: Option<Date>| day.map_or("none".to_owned(), |day| day.to_string());
        let differs = [
            (
                "outcome",
                Some(self.outcome.clone()),
                decided.outcome.to_owned(),
            ),
            ("rule", self.rule.clone(), decided.rule.clone()),
            (
                "since",
                self.since.map(|day| day.to_string()),
                day(decided.since),
            ),
            (
                "until",
                self.until.map(|day| day.to_string()),
                day(decided.until),
            ),
        ]
        .into_iter()
        .find(|(_, wanted, got)| wanted.as_ref().is_some_and(|wanted| wanted != got));
        match differs {
            None => Ok(decided),
            Some((what, wanted, got)) => {
                let wanted = wanted.unwrap_or_default();
                Err(Text::new(
                    format!(
                        "example `{name}` expects {what} `{wanted}` and gets `{got}` by rule `{}`",
                        decided.rule
                    ),
                    format!(
                        "示例“{name}”预期{what}为“{wanted}”，实得“{got}”（规则“{}”）",
                        decided.rule
                    ),
                ))
            }
        }
    }
}

/// The same as JSON. Days may stand in quotes or without.
fn json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(flag) => flag.into(),
        toml::Value::Datetime(day) => day.to_string().into(),
        toml::Value::Array(values) => values.into_iter().map(json).collect(),
        toml::Value::Table(fields) => {
            let fields = fields.into_iter().map(|(name, value)| (name, json(value)));
            Value::Object(fields.collect())
        }
    }
}
