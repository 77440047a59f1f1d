//! The solver against looking at each value of a small schema.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use lianfang_core::passes::Colour;
use lianfang_core::text::Text;
use lianfang_core::words::Word;

use super::generate::{Style, condition, numbers, over_tapes};
use crate::conditions::{Condition, Patience, compile, find, trap};
use crate::evidence::{Field, FieldKind, NEVER, NamedWord, SLOTS, Schema, Table, Time};

/// Constants so small that days beyond those of [`DAYS`] behave as these do.
const SMALL: Style = Style {
    constants: &["0", "1", "2", "3", "-1", "never", "two"],
    factors: false,
};

/// Days since something that stand for all others.
const DAYS: &[i32] = &[
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    NEVER - 6,
    NEVER - 3,
    NEVER - 2,
    NEVER - 1,
    NEVER,
];

fn small_schema() -> Schema {
    let label = Text::new("x", "x");
    let field = |name, kind, moves| Field {
        name,
        label: label.clone(),
        kind,
        moves,
        required: false,
        slot: 0,
    };
    let words = Colour::ALL.iter().map(|word| NamedWord {
        word: word.word(),
        name: word.label(),
    });
    Schema::new::<Colour>(
        Table::Pass,
        Text::new("a test", "测试"),
        true,
        vec![
            field("flag", FieldKind::Flag {}, false),
            field(
                "colour",
                FieldKind::Word {
                    words: words.collect(),
                },
                true,
            ),
            field("cluster", FieldKind::MaybeFlag {}, true),
            field("total", FieldKind::Number { most: 3 }, false),
            field("recent", FieldKind::Number { most: 3 }, true),
            field("seen", FieldKind::Day {}, false),
            field("tested", FieldKind::Day {}, true),
        ],
        vec![
            ("recent <= total || flag", label.clone()),
            ("colour != 'red' || days_since_seen < never", label.clone()),
        ],
    )
}

/// Every evidence that the invariants allow, with days as [`DAYS`] has them.
fn all(schema: &Schema) -> Vec<[i32; SLOTS]> {
    let mut all = vec![[0; SLOTS]];
    for (slot, bounds) in schema.slots.iter().enumerate() {
        let values: Vec<i32> = match bounds.time {
            Time::Since => DAYS.to_vec(),
            _ => (bounds.low..=bounds.high).collect(),
        };
        let put = |value: &i32, mut evidence: [i32; SLOTS]| {
            evidence[slot] = *value;
            evidence
        };
        all = all
            .into_iter()
            .flat_map(|evidence| values.iter().map(move |value| put(value, evidence)))
            .collect();
    }
    let possible =
        |evidence: &[i32; SLOTS]| schema.invariants.iter().all(|(i, _)| i.holds(evidence));
    all.retain(possible);
    all
}

fn generated(schema: &Schema, tape: &mut super::generate::Tape<'_>) -> (String, Condition) {
    let depth = 1 + tape.below(3);
    let text = condition(schema, &SMALL, tape, depth);
    let compiled = compile(schema, &numbers(), &text).unwrap();
    (text, compiled)
}

#[test]
fn the_solver_finds_evidence_where_there_is_any_and_only_there() {
    let schema = small_schema();
    let all = all(&schema);
    let unsatisfiable = std::cell::Cell::new(0);
    over_tapes(3_000, 100, |tape| {
        let (one, a) = generated(&schema, tape);
        let (two, b) = generated(&schema, tape);
        let (three, c) = generated(&schema, tape);
        let mut wanted = vec![(&a, true), (&b, false), (&c, true)];
        wanted.extend(schema.invariants.iter().map(|(i, _)| (i, true)));
        let found = find(&schema, &wanted, &Patience::new()).unwrap();
        let fits =
            |evidence: &[i32; SLOTS]| wanted.iter().all(|(c, truth)| c.holds(evidence) == *truth);
        let shown = format!("`{one}`, not `{two}`, `{three}`");
        if let Some(witness) = found {
            assert!(fits(&witness), "{shown}: {witness:?} does not fit");
            for (slot, bounds) in schema.slots.iter().enumerate() {
                let within = (bounds.low..=bounds.high).contains(&witness[slot]);
                assert!(within, "{shown}: {witness:?}");
            }
            return;
        }
        unsatisfiable.set(unsatisfiable.get() + 1);
        if let Some(missed) = all.iter().find(|evidence| fits(evidence)) {
            panic!("{shown}: {missed:?} was not found");
        }
    });
    assert!(
        unsatisfiable.get() > 100,
        "too few of them cannot hold: {unsatisfiable:?}"
    );
}

#[test]
fn a_trap_is_found_where_nothing_that_moves_helps_and_only_there() {
    let schema = small_schema();
    let moves: Vec<bool> = schema.slots.iter().map(|slot| slot.moves).collect();
    let mut groups = std::collections::BTreeMap::<Vec<i32>, Vec<[i32; SLOTS]>>::new();
    for evidence in all(&schema) {
        let stays = |slot: &usize| !moves[*slot];
        let aged =
            |slot: &usize| schema.slots[*slot].time != Time::Since || evidence[*slot] >= NEVER - 1;
        let slots = || (0..moves.len()).filter(stays);
        if slots().all(|slot| aged(&slot)) {
            let key = slots().map(|slot| evidence[slot]).collect();
            groups.entry(key).or_default().push(evidence);
        }
    }
    let key = |evidence: &[i32; SLOTS]| -> Vec<i32> {
        (0..moves.len())
            .filter(|slot| !moves[*slot])
            .map(|slot| evidence[slot])
            .collect()
    };
    let trapped = std::cell::Cell::new(0);
    over_tapes(3_000, 60, |tape| {
        let (one, a) = generated(&schema, tape);
        let (two, b) = generated(&schema, tape);
        let condition = Condition::any([a, b]);
        let shown = format!("`{one}`, or `{two}`");
        let stays_for_ever =
            |group: &Vec<[i32; SLOTS]>| group.iter().all(|evidence| condition.holds(evidence));
        match trap(&schema, &condition, &Patience::new()).unwrap() {
            Some(witness) => {
                trapped.set(trapped.get() + 1);
                assert!(
                    stays_for_ever(&groups[&key(&witness)]),
                    "{shown}: {witness:?} is no trap"
                );
            }
            None => {
                if let Some((missed, _)) = groups.iter().find(|(_, group)| stays_for_ever(group)) {
                    panic!("{shown}: {missed:?} was not found");
                }
            }
        }
    });
    assert!(trapped.get() > 100, "too few traps: {trapped:?}");
}

#[test]
fn a_search_without_end_is_given_up() {
    // A pigeonhole of differences: ten days, each at least a day apart from all others, in nine days.
    let label = Text::new("x", "x");
    let names = [
        "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m",
    ];
    let fields = names.map(|name| Field {
        name,
        label: label.clone(),
        kind: FieldKind::Number { most: 11 },
        moves: false,
        required: false,
        slot: 0,
    });
    let schema = Schema::new::<Colour>(Table::Pass, label, true, fields.into(), Vec::new());
    let mut apart = Vec::new();
    for (place, a) in names.iter().enumerate() {
        for b in &names[..place] {
            apart.push(format!("{a} != {b}"));
        }
    }
    let compiled = compile(&schema, &numbers(), &apart.join(" && ")).unwrap();
    assert!(find(&schema, &[(&compiled, true)], &Patience::new()).is_err());
}
