//! Conditions: CEL expressions, checked against a table's evidence and compiled.
//!
//! The crate `cel` parses; [`compile`] checks the types and brings the expression into a small
//! form over slots, in which every question that the loader asks can be decided exactly: words and
//! flags, numbers between bounds, and the difference of two numbers.

mod compile;
mod solve;
#[cfg(test)]
pub(crate) mod tests;
mod words;

use std::collections::BTreeSet;

use crate::evidence::{SLOTS, Schema};

pub(crate) use compile::{Named, Numbers, compile};
pub(crate) use solve::{Patience, TooIntricate, Wanted, Witness, find, trap};

/// A compiled condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition {
    /// Always, or never.
    Always(bool),
    /// A slot's value lies between two bounds, both included.
    Within { slot: usize, low: i32, high: i32 },
    /// A slot's word is one of a list: one bit each.
    OneOf { slot: usize, mask: u64 },
    /// One slot's value exceeds another's by at most so much.
    Apart { a: usize, b: usize, most: i32 },
    /// Not.
    Not(Box<Condition>),
    /// All of them.
    All(Vec<Condition>),
    /// Any of them.
    Any(Vec<Condition>),
}

impl Condition {
    pub(crate) fn within(slot: usize, low: i32, high: i32) -> Self {
        Self::Within { slot, low, high }
    }

    pub(crate) fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Self::Always(true) => {}
                Self::Always(false) => return Self::Always(false),
                Self::All(inner) => kept.extend(inner),
                other => kept.push(other),
            }
        }
        match kept.len() {
            0 => Self::Always(true),
            1 => kept.remove(0),
            _ => Self::All(kept),
        }
    }

    pub(crate) fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Self::Always(false) => {}
                Self::Always(true) => return Self::Always(true),
                Self::Any(inner) => kept.extend(inner),
                other => kept.push(other),
            }
        }
        match kept.len() {
            0 => Self::Always(false),
            1 => kept.remove(0),
            _ => Self::Any(kept),
        }
    }

    pub(crate) fn negate(self) -> Self {
        match self {
            Self::Always(holds) => Self::Always(!holds),
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    /// Whether it holds.
    pub(crate) fn holds(&self, values: &[i32; SLOTS]) -> bool {
        match self {
            Self::Always(holds) => *holds,
            Self::Within { slot, low, high } => (*low..=*high).contains(&values[*slot]),
            Self::OneOf { slot, mask } => mask >> values[*slot] & 1 == 1,
            Self::Apart { a, b, most } => values[*a] - values[*b] <= *most,
            Self::Not(inner) => !inner.holds(values),
            Self::All(parts) => parts.iter().all(|part| part.holds(values)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(values)),
        }
    }

    /// Calls `see` with each part that compares something.
    pub(crate) fn atoms<'c>(&'c self, see: &mut impl FnMut(&'c Self)) {
        match self {
            Self::Always(_) => {}
            Self::Not(inner) => inner.atoms(see),
            Self::All(parts) | Self::Any(parts) => {
                for part in parts {
                    part.atoms(see);
                }
            }
            atom => see(atom),
        }
    }

    /// The slots it reads.
    pub(crate) fn slots(&self) -> BTreeSet<usize> {
        let mut slots = BTreeSet::new();
        self.atoms(&mut |atom| match atom {
            Self::Within { slot, .. } | Self::OneOf { slot, .. } => {
                slots.insert(*slot);
            }
            Self::Apart { a, b, .. } => slots.extend([*a, *b]),
            _ => {}
        });
        slots
    }
}

/// Compiles a condition that stands in this program.
pub(crate) fn invariant(schema: &Schema, text: &str) -> Condition {
    compile(schema, &Numbers::default(), text)
        .unwrap_or_else(|wrong| panic!("invariant `{text}`: {}", wrong.message.en))
}
