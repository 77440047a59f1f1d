//! Evidence as JSON: refused field by field, before it is read.

use jiff::civil::Date;
use lianfang_core::entry::Temperature;
use lianfang_core::text::Text;
use serde_json::Value;

use super::{EvidenceError, Field, FieldKind, NamedWord, Schema};

impl Schema {
    /// Checks that a JSON object has no fields but these, each of its kind. The refusal names the
    /// field and what would be accepted, never the value.
    pub fn check_form(&self, evidence: &Value) -> Result<(), EvidenceError> {
        let refused = |en: String, zh: String| Err(EvidenceError(Text::new(en, zh)));
        let table = self.table;
        let Value::Object(given) = evidence else {
            return refused(
                format!("evidence of `{table}` is a JSON object"),
                format!("“{table}”的证据应为JSON对象"),
            );
        };
        for (name, value) in given {
            let Some(field) = self.field(name) else {
                let known: Vec<&str> = self.fields.iter().map(|field| field.name).collect();
                let name: String = name.chars().take(60).collect();
                return refused(
                    format!(
                        "`{table}` has no field `{name}`; known are {}",
                        known.join(", ")
                    ),
                    format!("“{table}”没有字段“{name}”；可用：{}", known.join("、")),
                );
            };
            if !field.takes(value) {
                let wanted = field.wanted();
                return refused(
                    format!("`{name}` is {}", wanted.en),
                    format!("“{name}”应为{}", wanted.zh),
                );
            }
        }
        Ok(())
    }
}

impl Field {
    fn takes(&self, value: &Value) -> bool {
        let word = |words: &[NamedWord], value: &Value| {
            value
                .as_str()
                .is_some_and(|value| words.iter().any(|named| named.word == value))
        };
        let number = |most: u32| value.as_u64().is_some_and(|value| value <= most.into());
        match &self.kind {
            FieldKind::Flag {} => value.is_boolean(),
            FieldKind::MaybeFlag {} => value.is_boolean() || value.is_null(),
            FieldKind::Word { words } => word(words, value),
            FieldKind::Words { words } => value
                .as_array()
                .is_some_and(|values| values.iter().all(|value| word(words, value))),
            FieldKind::Number { most } | FieldKind::Daily { most } => number(*most),
            FieldKind::MaybeNumber { most } => value.is_null() || number(*most),
            FieldKind::Temperature {} => {
                let measured = value.as_f64().map(Temperature::try_from);
                value.is_null() || measured.is_some_and(|measured| measured.is_ok())
            }
            FieldKind::Day {} => {
                let day = value.as_str().map(str::parse::<Date>);
                value.is_null() || day.is_some_and(|day| day.is_ok())
            }
        }
    }

    /// What it takes.
    fn wanted(&self) -> Text {
        let list = |words: &[NamedWord], between: &str| {
            let words: Vec<&str> = words.iter().map(|named| named.word).collect();
            words.join(between)
        };
        match &self.kind {
            FieldKind::Flag {} => Text::new("true or false", "true或false"),
            FieldKind::MaybeFlag {} => Text::new("true, false or null", "true、false或null"),
            FieldKind::Word { words } => Text::new(
                format!("one of {}", list(words, ", ")),
                format!("以下之一：{}", list(words, "、")),
            ),
            FieldKind::Words { words } => Text::new(
                format!("a list of any of {}", list(words, ", ")),
                format!("由以下词组成的列表：{}", list(words, "、")),
            ),
            FieldKind::Number { most } | FieldKind::Daily { most } => Text::new(
                format!("a whole number from 0 to {most}"),
                format!("0至{most}的整数"),
            ),
            FieldKind::MaybeNumber { most } => Text::new(
                format!("a whole number from 0 to {most}, or null"),
                format!("0至{most}的整数或null"),
            ),
            FieldKind::Temperature {} => Text::new(
                "a temperature from 30.0 to 45.0 °C, or null",
                "30.0至45.0的体温（℃）或null",
            ),
            FieldKind::Day {} => Text::new(
                "a day as \"2020-02-01\", or null",
                "形如\"2020-02-01\"的日期或null",
            ),
        }
    }
}
