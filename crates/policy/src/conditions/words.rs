//! Conditions in words.

use lianfang_core::text::Text;

use super::Condition;
use crate::evidence::{FieldKind, NEVER, Schema};

impl Condition {
    /// As a condition would write it, with numbers in place of their names.
    pub(crate) fn written(&self, schema: &Schema) -> String {
        match self {
            Self::Always(holds) => holds.to_string(),
            Self::OneOf { slot, mask } => {
                let words = words(schema, *slot, *mask, |named| format!("'{}'", named.word));
                let name = schema.slot_name(*slot);
                match words.as_slice() {
                    [one] => format!("{name} == {one}"),
                    many => format!("{name} in [{}]", many.join(", ")),
                }
            }
            Self::Within { slot, low, high } => {
                let name = schema.slot_name(*slot);
                let bounds = schema.slots[*slot];
                let number = |value: i32| number(schema, *slot, value);
                match schema.field_of(*slot).kind {
                    _ if (bounds.low, bounds.high) == (0, 1) && low == high => {
                        schema.shown(*slot, *low)
                    }
                    _ if low == high => format!("{name} == {}", number(*low)),
                    _ if *low <= bounds.low => format!("{name} <= {}", number(*high)),
                    _ if *high >= bounds.high => format!("{name} >= {}", number(*low)),
                    _ => format!("{name} >= {} && {name} <= {}", number(*low), number(*high)),
                }
            }
            Self::Apart { a, b, most } => {
                let (a, b) = (schema.slot_name(*a), schema.slot_name(*b));
                match most.cmp(&0) {
                    std::cmp::Ordering::Equal => format!("{a} <= {b}"),
                    std::cmp::Ordering::Greater => format!("{a} <= {b} + {most}"),
                    std::cmp::Ordering::Less => format!("{a} <= {b} - {}", most.unsigned_abs()),
                }
            }
            Self::Not(inner) => match **inner {
                Self::OneOf { slot, mask } if mask.is_power_of_two() => {
                    let word = words(schema, slot, mask, |named| format!("'{}'", named.word));
                    format!("{} != {}", schema.slot_name(slot), word.join(""))
                }
                Self::Within { slot, low: 1, .. } if schema.slots[slot].high == 1 => {
                    schema.shown(slot, 0)
                }
                _ => format!("!({})", inner.written(schema)),
            },
            Self::All(parts) => join(parts, schema, " && "),
            Self::Any(parts) => join(parts, schema, " || "),
        }
    }

    /// For people: `contact of a case: close contact`.
    pub(crate) fn in_words(&self, schema: &Schema) -> Text {
        match self {
            Self::Always(true) => Text::new("in all other cases", "其他情形"),
            Self::Always(false) => Text::new("never", "从不"),
            Self::OneOf { slot, mask } => {
                let label = &schema.field_of(*slot).label;
                let en = words(schema, *slot, *mask, |named| named.name.en.clone());
                let zh = words(schema, *slot, *mask, |named| named.name.zh.clone());
                Text::new(
                    format!("{}: {}", label.en, en.join(" or ")),
                    format!("{}：{}", label.zh, zh.join("或")),
                )
            }
            Self::Within { slot, low, high } => within(schema, *slot, *low, *high),
            Self::Apart { a, b, most } => {
                let (a, b) = (&schema.field_of(*a).label, &schema.field_of(*b).label);
                Text::new(
                    format!("‘{}’ exceeds ‘{}’ by at most {most}", a.en, b.en),
                    format!("“{}”最多比“{}”多{most}", a.zh, b.zh),
                )
            }
            Self::Not(inner) => match **inner {
                Self::OneOf { slot, mask } => {
                    let all = u64::MAX >> (63 - schema.slots[slot].high);
                    let mask = all & !mask;
                    Self::OneOf { slot, mask }.in_words(schema)
                }
                Self::Within { slot, low: 1, .. } if schema.slots[slot].high == 1 => {
                    within(schema, slot, 0, 0)
                }
                _ => {
                    let inner = inner.in_words(schema);
                    Text::new(format!("not ({})", inner.en), format!("非（{}）", inner.zh))
                }
            },
            Self::All(parts) => join_words(parts, schema, "; ", "；"),
            Self::Any(parts) => {
                let joined = join_words(parts, schema, ", or ", "，或");
                Text::new(format!("({})", joined.en), format!("（{}）", joined.zh))
            }
        }
    }
}

fn join(parts: &[Condition], schema: &Schema, with: &str) -> String {
    let parts: Vec<String> = parts
        .iter()
        .map(|part| match part {
            Condition::All(_) | Condition::Any(_) => format!("({})", part.written(schema)),
            other => other.written(schema),
        })
        .collect();
    parts.join(with)
}

fn join_words(parts: &[Condition], schema: &Schema, en: &str, zh: &str) -> Text {
    let parts: Vec<Text> = parts.iter().map(|part| part.in_words(schema)).collect();
    Text::new(
        parts
            .iter()
            .map(|p| p.en.as_str())
            .collect::<Vec<_>>()
            .join(en),
        parts
            .iter()
            .map(|p| p.zh.as_str())
            .collect::<Vec<_>>()
            .join(zh),
    )
}

fn words(
    schema: &Schema,
    slot: usize,
    mask: u64,
    show: impl Fn(&crate::evidence::NamedWord) -> String,
) -> Vec<String> {
    match &schema.field_of(slot).kind {
        FieldKind::Word { words } => words
            .iter()
            .enumerate()
            .filter(|(place, _)| mask >> place & 1 == 1)
            .map(|(_, named)| show(named))
            .collect(),
        _ => Vec::new(),
    }
}

fn number(schema: &Schema, slot: usize, value: i32) -> String {
    match schema.field_of(slot).kind {
        FieldKind::Temperature {} => format!("{:.1}", f64::from(value) / 10.0),
        FieldKind::Day {} if value >= NEVER => "never".into(),
        _ => value.to_string(),
    }
}

fn within(schema: &Schema, slot: usize, low: i32, high: i32) -> Text {
    let field = schema.field_of(slot);
    let bounds = schema.slots[slot];
    let Text { en, zh } = &field.label;
    let yes = low >= 1;
    let known = matches!(
        field.kind,
        FieldKind::MaybeFlag {} | FieldKind::MaybeNumber { .. } | FieldKind::Temperature {}
    ) && slot == field.slot;
    if known {
        return if yes {
            Text::new(format!("{en}: known"), format!("{zh}：已知"))
        } else {
            Text::new(format!("{en}: not known"), format!("{zh}：未知"))
        };
    }
    if let FieldKind::Words { words } = &field.kind {
        let word = words.get(slot - field.slot).map(|named| named.name.clone());
        let word = word.unwrap_or_else(|| Text::new("?", "?"));
        return if yes {
            Text::new(format!("{en}: {}", word.en), format!("{zh}：{}", word.zh))
        } else {
            Text::new(
                format!("{en}: no {}", word.en),
                format!("{zh}：无{}", word.zh),
            )
        };
    }
    if (bounds.low, bounds.high) == (0, 1) {
        return if yes {
            Text::new(format!("{en}: yes"), format!("{zh}：是"))
        } else {
            Text::new(format!("{en}: no"), format!("{zh}：否"))
        };
    }
    let (from, to) = (number(schema, slot, low), number(schema, slot, high));
    let day = matches!(field.kind, FieldKind::Day {});
    let (unit_en, unit_zh) = match field.kind {
        FieldKind::Day {} => (" days ago", "天前"),
        FieldKind::Temperature {} => (" °C", "℃"),
        _ => ("", ""),
    };
    if day && low >= NEVER {
        return Text::new(format!("{en}: never"), format!("{zh}：从未"));
    }
    if day && low <= 0 && high == NEVER - 1 {
        return Text::new(format!("{en}: ever"), format!("{zh}：曾有"));
    }
    if low == high {
        Text::new(
            format!("{en}: {from}{unit_en}"),
            format!("{zh}：{from}{unit_zh}"),
        )
    } else if low <= bounds.low {
        Text::new(
            format!("{en}: at most {to}{unit_en}"),
            format!("{zh}：不超过{to}{unit_zh}"),
        )
    } else if high >= bounds.high {
        Text::new(
            format!("{en}: at least {from}{unit_en}"),
            format!("{zh}：至少{from}{unit_zh}"),
        )
    } else {
        Text::new(
            format!("{en}: {from} to {to}{unit_en}"),
            format!("{zh}：{from}至{to}{unit_zh}"),
        )
    }
}
