//! Since when and until when, against walking day by day, for tables made at random.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fmt::Write;

use lianfang_core::words::Word;
use serde::Deserialize;
use toml::Spanned;

use super::{RuleFile, Rules};
use crate::conditions::tests::generate::{Style, Tape, condition, numbers, over_tapes, values};
use crate::error::Problems;
use crate::evidence::{SLOTS, Schema, Slots, Table, Time, schema};

const STYLE: Style = Style {
    constants: &[
        "0",
        "1",
        "3",
        "7",
        "14",
        "two",
        "fortnight",
        "never",
        "-2",
        "never - 5",
    ],
    factors: true,
};

#[derive(Deserialize)]
struct File {
    rule: Vec<Spanned<RuleFile>>,
}

/// The text of a table: some rules, and one that always holds.
fn generated(schema: &Schema, tape: &mut Tape<'_>) -> String {
    let days: Vec<&str> = schema
        .fields
        .iter()
        .filter(|field| schema.slots[field.slot].time == Time::Since)
        .map(|field| field.name)
        .collect();
    let mut text = String::new();
    for place in 0..=tape.below(4) {
        let depth = tape.below(3);
        let when = condition(schema, &STYLE, tape, depth);
        let outcome = tape.below(schema.outcomes.len());
        let (priority, word) = (1 + tape.below(3), schema.outcomes[outcome].word);
        let _ = writeln!(
            text,
            "[[rule]]\nid = \"r{place}\"\npriority = {priority}\nwhen = \"{when}\"\noutcome = \"{word}\""
        );
        text.push_str("reason = { en = \"x\", zh = \"x\" }\n");
        if outcome == 0 || !schema.lasting {
            continue;
        }
        text.push_str("clears = { en = \"x\", zh = \"x\" }\n");
        if !days.is_empty() && tape.below(3) > 0 {
            let (from, days) = (tape.one(&days), tape.one(&["1", "3", "\"fortnight\""]));
            let _ = writeln!(text, "from = \"{from}\"\ndays = {days}");
        }
        if schema.field("healthy_reports").is_some() && tape.below(2) > 0 {
            let _ = writeln!(text, "reports = {}", tape.one(&["2", "7", "14"]));
        }
    }
    let _ = writeln!(
        text,
        "[[rule]]\nid = \"rest\"\npriority = 0\nwhen = \"true\"\noutcome = \"{}\"\nreason = {{ en = \"x\", zh = \"x\" }}",
        schema.outcomes[0].word
    );
    text
}

fn read(schema: &'static Schema, text: &str, problems: &mut Problems<'_>) -> Rules {
    let file: File = toml::from_str(text).unwrap();
    let rules = Rules::read(schema, file.rule, &numbers(), problems);
    assert!(problems.is_empty(), "{text}");
    rules.unwrap()
}

/// The same evidence so many days later or earlier.
fn later(schema: &Schema, values: &[i32; SLOTS], days: i32) -> [i32; SLOTS] {
    let mut later = *values;
    for (slot, bounds) in schema.slots.iter().enumerate() {
        match bounds.time {
            Time::Still => {}
            Time::Daily => later[slot] = (values[slot] + days).clamp(bounds.low, bounds.high),
            Time::Since if values[slot] == bounds.high || values[slot] + days < 0 => {
                later[slot] = bounds.high;
            }
            Time::Since => later[slot] = (values[slot] + days).min(bounds.high - 1),
        }
    }
    later
}

/// The outcome so many days from now, one rule after the other.
fn outcome(rules: &Rules, values: &[i32; SLOTS], days: i32) -> Option<usize> {
    let then = later(rules.schema, values, days);
    for rule in &rules.rules {
        if let Some((_, slot)) = rule.lasts.from {
            let ahead = values[slot] < rules.schema.slots[slot].high && values[slot] + days < 0;
            if ahead {
                continue;
            }
        }
        if rule.holds.holds(&then) {
            return Some(rule.outcome);
        }
    }
    None
}

/// Days that are walked each way: further than any constant that does not lie near `never`.
const WALK: i32 = 460;

#[test]
fn since_and_until_are_what_walking_day_by_day_finds() {
    over_tapes(2_500, 160, |tape| {
        let table = schema(*tape.one(&[
            Table::Pass,
            Table::Quarantine,
            Table::Reopening,
            Table::Risk,
        ]));
        let text = generated(table, tape);
        let rules = read(table, &text, &mut Problems::new(&text));
        for _ in 0..3 {
            let mut slots = Slots::new();
            *slots.values_mut() = values(table, tape);
            let (rule, since, until) = rules.decide_slots(&slots);
            let shown = || format!("{text}\n{:?}", &slots.values()[..table.slots.len()]);
            let at = |days: i32| outcome(&rules, slots.values(), days);
            assert_eq!(Some(rule.outcome), at(0));
            let ends = (1..WALK).find(|days| at(*days) != Some(rule.outcome));
            assert_eq!(
                until.filter(|days| *days < WALK),
                ends,
                "until, {}",
                shown()
            );
            let began = (1..WALK)
                .find(|days| at(-days) != Some(rule.outcome))
                .map(|days| 1 - days);
            assert_eq!(
                since.filter(|days| *days > 1 - WALK),
                began,
                "since, {}",
                shown()
            );
        }
    });
}

#[test]
fn what_the_loader_says_of_rules_is_so() {
    over_tapes(1_500, 160, |tape| {
        let table = schema(*tape.one(Table::ALL));
        let text = generated(table, tape);
        let mut problems = Problems::new(&text);
        let rules = read(table, &text, &mut problems);
        rules.check(text.len(), &mut problems);
        let refused = problems
            .finish()
            .map_or_else(|error| error.to_string(), |()| String::new());
        for _ in 0..200 {
            let values = values(table, tape);
            if !table
                .invariants
                .iter()
                .all(|(invariant, _)| invariant.holds(&values))
            {
                continue;
            }
            let first = rules.first(&values).unwrap();
            let never = format!("`{}` can never fire", first.id);
            assert!(!refused.contains(&never), "{text}\n{refused}\n{values:?}");
            for other in &rules.rules {
                let contrary = other.priority == first.priority
                    && other.outcome != first.outcome
                    && other.holds.holds(&values);
                assert!(!contrary || !refused.is_empty(), "{text}\n{values:?}");
            }
        }
    });
}
