//! Well-typed conditions and evidence, made from a tape of random numbers.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use proptest::test_runner::{Config, RngSeed, TestRunner};

use crate::conditions::{Named, Numbers};
use crate::evidence::{FieldKind, NEVER, SLOTS, Schema};

/// A tape of random numbers; a shorter tape makes simpler things, so that a failure shrinks.
pub(crate) struct Tape<'t>(pub(crate) std::slice::Iter<'t, u32>);

impl Tape<'_> {
    /// A number below `n`; 0 once the tape is at its end.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0.next().map_or(0, |next| *next as usize % n)
    }

    pub(crate) fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// Runs a property over `cases` tapes, the same in each run.
pub(crate) fn over_tapes(cases: u32, length: usize, holds: impl Fn(&mut Tape<'_>)) {
    let mut runner = TestRunner::new(Config {
        cases,
        rng_seed: RngSeed::Fixed(20_200_307),
        failure_persistence: None,
        ..Config::default()
    });
    let tapes = proptest::collection::vec(proptest::num::u32::ANY, 0..length);
    runner
        .run(&tapes, |tape| {
            holds(&mut Tape(tape.iter()));
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
}

/// The named numbers that generated conditions use.
pub(crate) fn numbers() -> Numbers {
    Numbers(
        [
            ("two", Named::Whole(2)),
            ("fortnight", Named::Whole(14)),
            ("fever_from", Named::Decimal(37.3)),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into(),
    )
}

/// What generated conditions may speak of.
pub(crate) struct Style {
    /// Whole numbers.
    pub(crate) constants: &'static [&'static str],
    /// Whether a field may be multiplied.
    pub(crate) factors: bool,
}

/// For tables as they are.
pub(crate) const PLAIN: Style = Style {
    constants: &[
        "0",
        "1",
        "2",
        "3",
        "7",
        "14",
        "20",
        "400",
        "never",
        "two",
        "fortnight",
        "-1",
        "-5",
        "(two + 1)",
        "(3 * two - 1)",
        "2 * (1 + 4)",
        "never - 1",
        "-(-3)",
        "2000000000",
    ],
    factors: true,
};

/// A condition over the fields of `schema`.
pub(crate) fn condition(
    schema: &Schema,
    style: &Style,
    tape: &mut Tape<'_>,
    depth: usize,
) -> String {
    let inner = |tape: &mut Tape<'_>| condition(schema, style, tape, depth - 1);
    if depth == 0 {
        return comparison(schema, style, tape);
    }
    match tape.below(9) {
        0 | 1 => comparison(schema, style, tape),
        2 => format!("{} && {}", inner(tape), inner(tape)),
        3 => format!("{} || {}", inner(tape), inner(tape)),
        4 => format!("({} || {}) && {}", inner(tape), inner(tape), inner(tape)),
        5 => format!("!({})", inner(tape)),
        6 => format!("(({}) ? ({}) : {})", inner(tape), inner(tape), inner(tape)),
        7 => format!("(({}) == ({}))", inner(tape), inner(tape)),
        _ => format!("(({}) != ({}))", inner(tape), inner(tape)),
    }
}

fn comparison(schema: &Schema, style: &Style, tape: &mut Tape<'_>) -> String {
    let field = tape.one(&schema.fields);
    let name = field.name;
    match &field.kind {
        FieldKind::Flag {} => flag(name, tape),
        FieldKind::MaybeFlag {} => {
            let name = [name.to_owned(), format!("{name}_known")][tape.below(2)].clone();
            flag(&name, tape)
        }
        FieldKind::Word { words } => {
            let word = tape.one(words).word;
            match tape.below(5) {
                0 => format!("{name} == '{word}'"),
                1 => format!("{name} != '{word}'"),
                2 => format!("'{word}' == {name}"),
                3 => format!("{name} in []"),
                _ => {
                    let more = tape.one(words).word;
                    format!("{name} in ['{word}', '{more}']")
                }
            }
        }
        FieldKind::Words { words } => {
            let word = tape.one(words).word;
            match tape.below(4) {
                0 => format!("'{word}' in {name}"),
                1 => format!("!('{word}' in {name})"),
                2 => format!("{name} == []"),
                _ => format!("[] != {name}"),
            }
        }
        FieldKind::Temperature {} => {
            let degrees = *tape.one(&[
                "37.3",
                "fever_from",
                "36.0",
                "38.95",
                "37.29999",
                "0.0",
                "-0.0",
                "-1.5",
                "50.0",
            ]);
            let operator = operator(tape);
            match tape.below(4) {
                0 => format!("{name}_known"),
                1 => format!("{degrees} {operator} {name}"),
                _ => format!("{name} {operator} {degrees}"),
            }
        }
        FieldKind::MaybeNumber { .. } if tape.below(3) == 0 => format!("{name}_known"),
        _ => numbers_compared(schema, style, tape),
    }
}

fn flag(name: &str, tape: &mut Tape<'_>) -> String {
    match tape.below(4) {
        0 | 1 => name.to_owned(),
        2 => format!("!{name}"),
        _ => format!("{name} == false"),
    }
}

const OPERATORS: &[&str] = &["<=", "<", ">=", ">", "==", "!="];

fn operator(tape: &mut Tape<'_>) -> &'static str {
    OPERATORS[tape.below(OPERATORS.len())]
}

fn numbers_compared(schema: &Schema, style: &Style, tape: &mut Tape<'_>) -> String {
    let names = number_names(schema);
    if names.is_empty() {
        return "true".into();
    }
    let constant = *tape.one(style.constants);
    let other = *tape.one(style.constants);
    let operator = operator(tape);
    let a = tape.one(&names);
    let b = tape.one(&names);
    match tape.below(if style.factors { 9 } else { 6 }) {
        0 => format!("{a} {operator} {constant}"),
        1 => format!("{constant} {operator} {a}"),
        2 => format!("{a} in [{constant}, {other}]"),
        3 if a != b => format!("{a} {operator} {b}"),
        4 if a != b => format!("{a} + {constant} {operator} {b}"),
        5 if a != b => format!("{a} - {b} {operator} {constant}"),
        6 => format!("2 * {a} + {constant} {operator} {other}"),
        7 => format!("{constant} - {a} * 3 {operator} {other}"),
        8 => format!("-{a} {operator} {other} - {a} * two"),
        _ => format!("{constant} {operator} {other}"),
    }
}

/// The names of all whole numbers of a table.
fn number_names(schema: &Schema) -> Vec<String> {
    let name = |field: &crate::Field| match field.kind {
        FieldKind::Number { .. } | FieldKind::Daily { .. } | FieldKind::MaybeNumber { .. } => {
            Some(field.name.to_owned())
        }
        FieldKind::Day {} => Some(format!("days_since_{}", field.name)),
        _ => None,
    };
    schema.fields.iter().filter_map(name).collect()
}

/// Values of all slots, within their bounds, and often where comparisons turn.
pub(crate) fn values(schema: &Schema, tape: &mut Tape<'_>) -> [i32; SLOTS] {
    let mut values = [0; SLOTS];
    for (slot, bounds) in schema.slots.iter().enumerate() {
        let field = schema.field_of(slot);
        let value = match field.kind {
            FieldKind::Temperature {} if slot > field.slot => {
                *tape.one(&[0, 360, 372, 373, 374, 389, 390])
            }
            FieldKind::Day {} => {
                *tape.one(&[0, 1, 2, 6, 7, 8, 13, 14, 15, 20, 30, NEVER - 1, NEVER])
            }
            _ => *tape.one(&[0, 1, 2, 3, 5, 6, 7, 13, 14, 15, 20, 399, 400, bounds.high]),
        };
        values[slot] = value.clamp(bounds.low, bounds.high);
    }
    values
}
