//! A table's compiled rules in a form that another program can walk: the phone at a gate decides
//! by them where there is no network.
//!
//! Who walks them fills a row of whole numbers, the *slots*, from a record of evidence, field by
//! field as [`PortableField`] says, and takes the first rule whose condition holds. The page's own
//! walker is `web/field/lib/rules.ts`; `tests/portable.rs` proves that both decide the same.

use lianfang_core::text::Text;
use serde::Serialize;

use crate::Pack;
use crate::conditions::Condition;
use crate::evidence::{Field, FieldKind, NEVER, Schema, Table};

/// A table's rules for another program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Portable {
    /// The pack and its version, as decisions name it.
    pub pack: String,
    /// The table.
    pub table: Table,
    /// The number of days that stands for "never".
    pub never: i32,
    /// How many slots there are.
    pub slots: usize,
    /// How each field of the record fills its slots.
    pub fields: Vec<PortableField>,
    /// The rules, in the order in which they are asked: the first that holds decides.
    pub rules: Vec<PortableRule>,
}

/// How a field fills its slots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PortableField {
    /// Its name in the record.
    pub name: &'static str,
    /// Its first slot.
    pub slot: usize,
    /// What goes into them.
    #[serde(flatten)]
    pub fill: PortableFill,
}

/// What goes into a field's slots. A field that the record leaves out counts as its default: no,
/// the first word, none, 0, not known, never.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(tag = "fill", rename_all = "snake_case")]
pub enum PortableFill {
    /// 0 or 1.
    Flag {},
    /// Two slots: whether it is known, and 0 or 1.
    MaybeFlag {},
    /// The word's place in the list.
    Word {
        /// The list.
        words: Vec<&'static str>,
    },
    /// A slot for each word of the list: 1 where it is among those given.
    Words {
        /// The list.
        words: Vec<&'static str>,
    },
    /// The number.
    Number {},
    /// Two slots: whether it is known, and the number.
    MaybeNumber {},
    /// Two slots: whether it was measured, and tenths of a degree.
    Temperature {},
    /// Days since then; "never" for what lies ahead, or as far back as "never".
    Day {},
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PortableRule {
    /// Its word.
    pub id: String,
    /// Its outcome.
    pub outcome: &'static str,
    /// Why, for people.
    pub reason: Text,
    /// When it holds.
    pub when: PortableCondition,
}

/// A condition over slots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum PortableCondition {
    /// Always, or never.
    Always {
        /// Which of them.
        holds: bool,
    },
    /// The slot's value lies between two bounds, both included.
    Within {
        /// The slot.
        slot: usize,
        /// The lower bound.
        low: i32,
        /// The upper bound.
        high: i32,
    },
    /// The slot's value is one of these.
    OneOf {
        /// The slot.
        slot: usize,
        /// The values.
        values: Vec<u32>,
    },
    /// The value of `a` exceeds that of `b` by at most so much.
    Apart {
        /// One slot.
        a: usize,
        /// The other.
        b: usize,
        /// By at most so much.
        most: i32,
    },
    /// It does not hold.
    Not {
        /// What does not.
        #[schema(no_recursion)]
        part: Box<PortableCondition>,
    },
    /// All of them hold.
    All {
        /// The parts.
        #[schema(no_recursion)]
        parts: Vec<PortableCondition>,
    },
    /// Any of them holds.
    Any {
        /// The parts.
        #[schema(no_recursion)]
        parts: Vec<PortableCondition>,
    },
}

impl Pack {
    /// The rules of a table, for another program to walk.
    pub fn portable(&self, table: Table) -> Portable {
        let rules = self.rules(table);
        let schema = rules.schema;
        Portable {
            pack: self.word(),
            table,
            never: NEVER,
            slots: schema.slots.len(),
            fields: schema.fields.iter().map(PortableField::of).collect(),
            rules: rules
                .rules
                .iter()
                .map(|rule| PortableRule {
                    id: rule.id.clone(),
                    outcome: schema.outcomes[rule.outcome].word,
                    reason: rule.reason.clone(),
                    when: PortableCondition::of(schema, &rule.holds),
                })
                .collect(),
        }
    }
}

impl PortableField {
    fn of(field: &Field) -> Self {
        let list = |words: &[crate::evidence::NamedWord]| {
            words.iter().map(|named| named.word).collect::<Vec<_>>()
        };
        Self {
            name: field.name,
            slot: field.slot,
            fill: match &field.kind {
                FieldKind::Flag {} => PortableFill::Flag {},
                FieldKind::MaybeFlag {} => PortableFill::MaybeFlag {},
                FieldKind::Word { words } => PortableFill::Word { words: list(words) },
                FieldKind::Words { words } => PortableFill::Words { words: list(words) },
                FieldKind::Number { .. } | FieldKind::Daily { .. } => PortableFill::Number {},
                FieldKind::MaybeNumber { .. } => PortableFill::MaybeNumber {},
                FieldKind::Temperature {} => PortableFill::Temperature {},
                FieldKind::Day {} => PortableFill::Day {},
            },
        }
    }
}

impl PortableCondition {
    fn of(schema: &Schema, condition: &Condition) -> Self {
        let each = |parts: &[Condition]| parts.iter().map(|part| Self::of(schema, part)).collect();
        match condition {
            Condition::Always(holds) => Self::Always { holds: *holds },
            Condition::Within { slot, low, high } => Self::Within {
                slot: *slot,
                low: *low,
                high: *high,
            },
            Condition::OneOf { slot, mask } => Self::OneOf {
                slot: *slot,
                values: (0..=schema.slots[*slot].high.unsigned_abs())
                    .filter(|value| mask >> value & 1 == 1)
                    .collect(),
            },
            Condition::Apart { a, b, most } => Self::Apart {
                a: *a,
                b: *b,
                most: *most,
            },
            Condition::Not(part) => Self::Not {
                part: Box::new(Self::of(schema, part)),
            },
            Condition::All(parts) => Self::All { parts: each(parts) },
            Condition::Any(parts) => Self::Any { parts: each(parts) },
        }
    }
}
