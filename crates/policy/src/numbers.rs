//! Named numbers: each stands once in a pack, with its meaning and source, and rules and texts use
//! its name.

use std::collections::BTreeMap;

use lianfang_core::text::Text;
use lianfang_core::words::Word;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::conditions::{Named, Numbers};
use crate::error::Problems;
use crate::evidence::{Table, schema};
use crate::rules::LONGEST_DAYS;

/// A named number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Number {
    /// Its value: whole, or with decimals for temperatures.
    pub value: f64,
    /// What it says.
    pub name: Text,
    /// Where it comes from.
    pub source: String,
}

/// A number as it stands in the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NumberFile {
    value: Spanned<Value>,
    name: Spanned<Text>,
    source: Spanned<String>,
}

/// What is said where a number's value is none.
pub(crate) const VALUE: &str = "`value` is a number, such as 14 or 37.3";

/// What is said where a number of days is none.
pub(crate) const AMOUNT: &str = "write a whole number, such as 14, or the name of one of [numbers], such as \"quarantine_days\"";

// `expecting` takes no constant: it says what `VALUE` says.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(untagged, expecting = "`value` is a number, such as 14 or 37.3")]
enum Value {
    Whole(i64),
    Decimal(f64),
}

/// A number of days, reports or tests: itself, or the name of one.
// `expecting` says what `AMOUNT` says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(
    untagged,
    expecting = "write a whole number, such as 14, or the name of one of [numbers], such as \"quarantine_days\""
)]
pub(crate) enum Amount {
    Whole(i64),
    Name(String),
}

/// Words that mean something else in conditions, which CEL reserves, or by which texts name a rule's
/// own numbers.
const TAKEN: &[&str] = &[
    "never",
    "true",
    "false",
    "null",
    "in",
    "days",
    "reports",
    "tests",
    "capacity",
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

/// Reads the named numbers.
pub(crate) fn read(
    files: BTreeMap<Spanned<String>, NumberFile>,
    problems: &mut Problems<'_>,
) -> (BTreeMap<String, Number>, Numbers) {
    let mut shown = BTreeMap::new();
    let mut numbers = Numbers::default();
    for (name, file) in files {
        let at = name.span().start;
        let name = name.into_inner();
        let plain = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.len() <= 60
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !plain || TAKEN.contains(&name.as_str()) {
            problems.add(
                at,
                "a number's name begins with a-z, has up to 60 of a-z, 0-9 and _, and is no word that rules use otherwise",
                "数值名以a-z开头，由至多60个a-z、0-9、_组成，且不与规则用词相同",
            );
            continue;
        }
        let taken = Table::ALL.iter().any(|table| {
            schema(*table).field(&name).is_some() || schema(*table).names().contains(&name)
        });
        if taken {
            problems.add(
                at,
                format!("`{name}` is the name of a field of the evidence; choose another"),
                format!("“{name}”是证据字段名，请另取名称"),
            );
            continue;
        }
        check_text(&file.name, problems);
        if file.source.get_ref().trim().is_empty() {
            problems.add(
                file.source.span().start,
                "say where the number comes from; the project's own choice is a source too",
                "请注明数值来源；自行约定也须写明",
            );
        }
        let (value, named) = match *file.value.get_ref() {
            Value::Whole(whole) => (whole as f64, Named::Whole(whole)),
            Value::Decimal(decimal) => (decimal, Named::Decimal(decimal)),
        };
        if !(0.0..=1_000_000.0).contains(&value) {
            problems.add(
                file.value.span().start,
                "a number lies between 0 and 1,000,000",
                "数值应在0至1,000,000之间",
            );
            // The rules that use it are not wrong for that.
            let named = match named {
                Named::Whole(_) => Named::Whole(1),
                Named::Decimal(_) => Named::Decimal(1.0),
            };
            numbers.0.insert(name, named);
            continue;
        }
        numbers.0.insert(name.clone(), named);
        shown.insert(
            name,
            Number {
                value,
                name: file.name.into_inner(),
                source: file.source.into_inner(),
            },
        );
    }
    (shown, numbers)
}

/// A number of days, reports or tests: at least 1.
pub(crate) fn amount(
    written: &Spanned<Amount>,
    numbers: &Numbers,
    problems: &mut Problems<'_>,
) -> Option<u32> {
    let at = written.span().start;
    let value = match written.get_ref() {
        Amount::Whole(value) => *value,
        Amount::Name(name) => match numbers.0.get(name) {
            Some(Named::Whole(value)) => *value,
            Some(Named::Decimal(_)) => {
                problems.add(
                    at,
                    format!("`{name}` has decimals; a whole number belongs here"),
                    format!("“{name}”带小数；此处应为整数"),
                );
                return None;
            }
            None => {
                let known: Vec<&str> = numbers.0.keys().map(String::as_str).collect();
                problems.add(
                    at,
                    format!(
                        "`{name}` is no number of this pack; known are {}",
                        known.join(", ")
                    ),
                    format!("本规则包没有数值“{name}”；可用：{}", known.join("、")),
                );
                return None;
            }
        },
    };
    let fits = u32::try_from(value)
        .ok()
        .filter(|value| (1..=LONGEST_DAYS).contains(value));
    if fits.is_none() {
        problems.add(
            at,
            format!("days, reports and tests are 1 to {LONGEST_DAYS}; this is {value}"),
            format!("天数、打卡次数、检测次数应为1至{LONGEST_DAYS}；此处为{value}"),
        );
    }
    fits
}

pub(crate) fn check_text(text: &Spanned<Text>, problems: &mut Problems<'_>) {
    for (language, words, name) in [
        ("en", &text.get_ref().en, "英文"),
        ("zh", &text.get_ref().zh, "中文"),
    ] {
        if words.trim().is_empty() || words.chars().count() > 1_000 {
            problems.add(
                text.span().start,
                format!("`{language}` must say something, in at most 1,000 characters"),
                format!("{name}（{language}）不能为空，且不超过1,000字"),
            );
        }
    }
}

/// A text with the numbers that it names in braces put in.
pub(crate) fn fill_in(
    text: &Spanned<Text>,
    own: &[(&str, Option<u32>)],
    numbers: &Numbers,
    problems: &mut Problems<'_>,
) -> Text {
    check_text(text, problems);
    let mut one = |words: &str| {
        let mut out = String::with_capacity(words.len());
        let mut rest = words;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                problems.add(text.span().start, "a { without its }", "“{”没有对应的“}”");
                return words.to_owned();
            };
            let own = own.iter().find(|(known, _)| *known == name);
            match (own, numbers.0.get(name)) {
                (Some((_, Some(value))), _) => out.push_str(&value.to_string()),
                (None, Some(Named::Whole(value))) => out.push_str(&value.to_string()),
                (None, Some(Named::Decimal(value))) => out.push_str(&value.to_string()),
                _ => problems.add(
                    text.span().start,
                    format!("`{{{name}}}` is no number of this rule or pack"),
                    format!("“{{{name}}}”不是本规则或规则包中的数值"),
                ),
            }
            rest = after;
        }
        out.push_str(rest);
        out
    };
    let Text { en, zh } = text.get_ref();
    Text::new(one(en), one(zh))
}
