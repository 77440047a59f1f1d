//! Evidence made from a tape of random numbers.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use lianfang_policy::{FieldKind, Pack, Schema, Table, decide_record, schema};
use proptest::test_runner::{Config, RngSeed, TestRunner};
use serde_json::{Map, Value, json};

/// The day that is asked for.
pub(crate) const ON: Date = date(2020, 3, 10);

/// A tape of random numbers; a shorter one makes simpler things, so that a failure shrinks.
pub(crate) struct Tape<'t>(std::slice::Iter<'t, u32>);

impl Tape<'_> {
    /// A number below `n`; 0 once the tape is at its end.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0.next().map_or(0, |next| *next as usize % n)
    }

    /// One of these.
    pub(crate) fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// Runs a property over `cases` tapes, the same in each run.
pub(crate) fn over_tapes(cases: u32, length: usize, holds: impl Fn(&mut Tape<'_>)) {
    let mut runner = TestRunner::new(Config {
        cases,
        rng_seed: RngSeed::Fixed(20_200_217),
        failure_persistence: None,
        ..Config::default()
    });
    let tapes = proptest::collection::vec(proptest::num::u32::ANY, 0..length);
    let run = |tape: Vec<u32>| {
        holds(&mut Tape(tape.iter()));
        Ok(())
    };
    runner
        .run(&tapes, run)
        .unwrap_or_else(|failure| panic!("{failure}"));
}

/// Evidence that the table takes.
pub(crate) fn evidence(pack: &Pack, table: Table, tape: &mut Tape<'_>) -> Value {
    for _ in 0..6 {
        let drawn = drawn(schema(table), tape);
        if decide_record(pack, table, &drawn, ON).is_ok() {
            return drawn;
        }
    }
    drawn(schema(table), &mut Tape([].iter()))
}

/// Evidence of a table's form, which may break its invariants.
fn drawn(schema: &Schema, tape: &mut Tape<'_>) -> Value {
    let no_day_is_missing = tape.below(2) == 0;
    let mut fields = Map::new();
    for field in &schema.fields {
        // Most of what could be known is not.
        let is_day = no_day_is_missing && matches!(field.kind, FieldKind::Day {});
        if !field.required && !is_day && tape.below(3) > 0 {
            continue;
        }
        let number = |most: u32, tape: &mut Tape<'_>| {
            let most = most as usize;
            json!(
                *tape
                    .one(&[0, 1, 2, 3, 5, 7, 13, 14, 51, 70, most])
                    .min(&most)
            )
        };
        let value = match &field.kind {
            FieldKind::Flag {} | FieldKind::MaybeFlag {} => json!(tape.below(2) == 0),
            FieldKind::Word { words } => json!(tape.one(words).word),
            FieldKind::Words { words } => json!([tape.one(words).word, tape.one(words).word]),
            FieldKind::Number { most }
            | FieldKind::MaybeNumber { most }
            | FieldKind::Daily { most } => number(*most, tape),
            FieldKind::Temperature {} => json!(tape.one(&[36.0, 37.2, 37.3, 39.5])),
            FieldKind::Day {} => json!(ON.checked_sub((tape.below(40) as i64).days()).unwrap()),
        };
        fields.insert(field.name.to_owned(), value);
    }
    if schema.table == Table::Risk {
        fields.insert("confirmed_total".into(), json!(2_000_000_000));
    }
    Value::Object(fields)
}
