//! The compiled condition and CEL's own interpreter say the same.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use cel::{Context, Program, Value};
use lianfang_core::words::Word;

use super::generate::{PLAIN, condition, numbers, over_tapes, values};
use crate::conditions::{Named, compile};
use crate::evidence::{FieldKind, NEVER, SLOTS, Schema, Table, schema};

/// The evidence as the interpreter sees it.
fn context(schema: &Schema, values: &[i32; SLOTS]) -> Context<'static, 'static> {
    let mut context = Context::default();
    let mut add = |name: &str, value: Value| context.add_variable_from_value(name, value);
    let flag = |slot: usize| Value::Bool(values[slot] == 1);
    let whole = |slot: usize| Value::Int(values[slot].into());
    for field in &schema.fields {
        let (name, slot) = (field.name, field.slot);
        let known = format!("{name}_known");
        match &field.kind {
            FieldKind::Flag {} => add(name, flag(slot)),
            FieldKind::MaybeFlag {} => {
                add(&known, flag(slot));
                add(name, flag(slot + 1));
            }
            FieldKind::Word { words } => add(name, words[values[slot] as usize].word.into()),
            FieldKind::Words { words } => {
                let held = words.iter().enumerate();
                let held: Vec<Value> = held
                    .filter(|(place, _)| values[slot + place] == 1)
                    .map(|(_, named)| named.word.into())
                    .collect();
                add(name, held.into());
            }
            FieldKind::Number { .. } | FieldKind::Daily { .. } => add(name, whole(slot)),
            FieldKind::MaybeNumber { .. } => {
                add(&known, flag(slot));
                add(name, whole(slot + 1));
            }
            FieldKind::Temperature {} => {
                add(&known, flag(slot));
                add(name, Value::Float(f64::from(values[slot + 1]) / 10.0));
            }
            FieldKind::Day {} => add(&format!("days_since_{name}"), whole(slot)),
        }
    }
    add("never", Value::Int(NEVER.into()));
    for (name, number) in numbers().0 {
        match number {
            Named::Whole(whole) => add(&name, Value::Int(whole)),
            Named::Decimal(decimal) => add(&name, Value::Float(decimal)),
        }
    }
    context
}

#[test]
fn compiled_conditions_hold_where_the_interpreter_says_so() {
    over_tapes(5_000, 120, |tape| {
        let schema = schema(*tape.one(Table::ALL));
        let text = condition(schema, &PLAIN, tape, 3);
        let compiled = match compile(schema, &numbers(), &text) {
            Ok(compiled) => compiled,
            Err(wrong) => panic!("`{text}` is refused: {}", wrong.message.en),
        };
        let program = Program::compile(&text).unwrap();
        for _ in 0..4 {
            let values = values(schema, tape);
            let said = program.execute(&context(schema, &values)).unwrap();
            assert_eq!(
                Value::Bool(compiled.holds(&values)),
                said,
                "`{text}` for {:?}",
                &values[..schema.slots.len()]
            );
        }
    });
}

#[test]
fn what_is_written_back_compiles_to_the_same() {
    over_tapes(1_500, 80, |tape| {
        let schema = schema(*tape.one(Table::ALL));
        let text = condition(schema, &PLAIN, tape, 2);
        let compiled = compile(schema, &numbers(), &text).unwrap();
        let written = compiled.written(schema);
        if written.chars().count() > 2_000 {
            return;
        }
        let again = match compile(schema, &numbers(), &written) {
            Ok(again) => again,
            Err(wrong) => panic!("`{text}` is shown as `{written}`: {}", wrong.message.en),
        };
        for _ in 0..4 {
            let values = values(schema, tape);
            assert_eq!(
                again.holds(&values),
                compiled.holds(&values),
                "`{text}` is shown as `{written}`"
            );
        }
    });
}
