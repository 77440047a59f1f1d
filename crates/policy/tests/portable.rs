//! The phone's walker of portable rules decides as this crate does.
//!
//! Random evidence with this crate's decisions is written to a file; `web/scripts/rules.js` walks
//! the portable rules with the page's own code and compares each. Where the pages' tools are not
//! installed (`npm ci` in `web/`), that half is left out, and says so.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
#![allow(clippy::print_stderr, reason = "says what was left out")]

use std::path::Path;
use std::process::Command;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use lianfang_core::words::Word;
use lianfang_policy::{FieldKind, NEVER, Pack, Schema, Table, decide_record, schema, shipped_ids};
use serde_json::{Map, Value, json};

const ON: Date = date(2020, 3, 10);
const ENTRIES: usize = 2_000;
const OTHERS: usize = 300;

/// Numbers that look random and are the same in each run (`SplitMix64`).
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len() as u64) as usize]
    }
}

fn drawn(schema: &Schema, random: &mut Random) -> Value {
    let sparse = random.below(3) > 0;
    let mut fields = Map::new();
    for field in &schema.fields {
        if !field.required && random.below(3) < if sparse { 2 } else { 1 } {
            continue;
        }
        let small = random.below(40) as u32;
        let known = random.below(8) > 0;
        let value = match &field.kind {
            FieldKind::Flag {} => json!(random.below(2) == 0),
            FieldKind::MaybeFlag {} => json!(known.then(|| random.below(2) == 0)),
            FieldKind::Word { words } => json!(random.one(words).word),
            FieldKind::Words { words } => {
                let some = (0..random.below(3)).map(|_| random.one(words).word);
                json!(some.collect::<Vec<_>>())
            }
            FieldKind::Number { most } | FieldKind::Daily { most } => json!(small.min(*most)),
            FieldKind::MaybeNumber { most } => json!(known.then_some((small * 3).min(*most))),
            FieldKind::Temperature {} => {
                json!(known.then(|| (355 + random.below(60)) as f64 / 10.0))
            }
            FieldKind::Day {} => {
                let back = match random.below(20) {
                    0 => i64::from(NEVER),
                    1 => i64::from(NEVER) - 1,
                    _ => i64::from(small),
                };
                json!(known.then(|| ON.checked_sub(back.days()).unwrap()))
            }
        };
        fields.insert(field.name.to_owned(), value);
    }
    Value::Object(fields)
}

/// A table's portable rules, with evidence and what this crate decides for it.
fn oracle(pack: &Pack, table: Table, count: usize) -> Value {
    let mut random = Random(20_200_310 + table.index() as u64);
    let mut cases = Vec::new();
    for _ in 0..count * 40 {
        let evidence = drawn(schema(table), &mut random);
        if let Ok(decided) = decide_record(pack, table, &evidence, ON) {
            cases.push(json!([evidence, decided.rule, decided.outcome]));
        }
        if cases.len() == count {
            break;
        }
    }
    assert_eq!(cases.len(), count, "{table}: too little evidence stands");
    json!({ "portable": pack.portable(table), "on": ON, "cases": cases })
}

#[test]
fn the_phone_decides_as_the_pack() {
    let mut oracles = Vec::new();
    for id in shipped_ids() {
        let pack = Pack::shipped(id).unwrap();
        for table in Table::ALL {
            let count = if *table == Table::Entry {
                ENTRIES
            } else {
                OTHERS
            };
            oracles.push(oracle(&pack, *table, count));
        }
    }
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("portable.json");
    std::fs::write(&file, serde_json::to_vec(&oracles).unwrap()).unwrap();

    let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web");
    if !web.join("node_modules/typescript").exists() {
        eprintln!("left out: `npm ci` has not been run in web/");
        return;
    }
    let walked = Command::new("node")
        .arg("scripts/rules.js")
        .arg(&file)
        .current_dir(&web)
        .output()
        .unwrap();
    assert!(
        walked.status.success(),
        "{}",
        String::from_utf8_lossy(&walked.stderr)
    );
}

#[test]
fn the_form_that_phones_read_is_this() {
    let pack = Pack::shipped("covid19-cn-2020").unwrap();
    let portable = serde_json::to_value(pack.portable(Table::Entry)).unwrap();
    assert_eq!(portable["pack"], pack.word());
    assert_eq!(
        portable["fields"][0],
        json!({ "name": "checkpoint", "slot": 0, "fill": "word",
            "words": lianfang_core::entry::CheckpointKind::ALL.iter().map(|kind| kind.word()).collect::<Vec<_>>() })
    );
    let last = portable["rules"].as_array().unwrap().last().unwrap();
    assert_eq!(last["outcome"], "pass");
    assert_eq!(last["when"], json!({ "is": "always", "holds": true }));
}
