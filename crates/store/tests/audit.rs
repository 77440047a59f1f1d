//! Whatever is done to the files behind the program's back, the audit names it.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use std::fmt::Write;
use std::path::Path;

use common::{case_draft, create};
use lianfang_core::ids::PersonId;
use lianfang_core::people::PersonalData;
use lianfang_store::{AuditReport, Batch, Store};
use rusqlite::Connection;

fn house(folder: &Path) {
    let store = create(folder);
    store.append(Batch::of((0..30).map(case_draft))).unwrap();
    let mut batch = Batch::of((30..40).map(case_draft));
    batch.people.push(store.seal(
        PersonId::from_parts(1, 1),
        &PersonalData {
            name: Some("王小明".into()),
            ..PersonalData::default()
        },
    ));
    store.append(batch).unwrap();
    store.checkpoint().unwrap();
    store.append(Batch::of((40..50).map(case_draft))).unwrap();
    let report = store.audit().unwrap();
    assert!(report.ok, "{:?}", report.problems);
    assert_eq!((report.facts, report.chains), (51, 3));
}

fn after(tamper: impl FnOnce(&Connection)) -> AuditReport {
    let folder = tempfile::tempdir().unwrap();
    house(folder.path());
    let connection = Connection::open(folder.path().join("lianfang.sqlite")).unwrap();
    tamper(&connection);
    drop(connection);
    let report = Store::open(folder.path(), common::clock())
        .unwrap()
        .audit()
        .unwrap();
    assert!(!report.ok);
    report
}

fn kinds(report: &AuditReport) -> Vec<&'static str> {
    let mut kinds: Vec<_> = report.problems.iter().map(|p| p.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

#[test]
fn one_flipped_bit_in_any_column_is_named() {
    for column in ["id", "actor", "body", "prev_hash", "hash"] {
        let report = after(|db| {
            let mut value: Vec<u8> = db
                .query_row(
                    &format!("SELECT {column} FROM facts WHERE seq = 20"),
                    [],
                    |r| r.get(0),
                )
                .unwrap();
            value[3] ^= 4;
            db.execute(
                &format!("UPDATE facts SET {column} = ?1 WHERE seq = 20"),
                [value],
            )
            .unwrap();
        });
        assert!(
            report
                .problems
                .iter()
                .any(|p| p.kind == "altered" && p.seq == Some(20)),
            "{column}: {:?}",
            report.problems
        );
    }
    for column in ["chain", "chain_seq", "area", "happened_at", "recorded_at"] {
        let report = after(|db| {
            db.execute(
                &format!("UPDATE facts SET {column} = {column} + 1 WHERE seq = 20"),
                [],
            )
            .unwrap();
        });
        assert!(
            report.problems.iter().any(|p| p.seq == Some(20)),
            "{column}: {:?}",
            report.problems
        );
    }
    for column in ["device", "kind"] {
        let report = after(|db| {
            db.execute(
                &format!("UPDATE facts SET {column} = 'x' WHERE seq = 20"),
                [],
            )
            .unwrap();
        });
        assert!(
            report.problems.iter().any(|p| p.seq == Some(20)),
            "{column}: {:?}",
            report.problems
        );
    }
}

#[test]
fn a_removed_fact_is_named() {
    let report = after(|db| {
        db.execute("DELETE FROM facts WHERE seq = 20", []).unwrap();
    });
    assert!(
        report.problems.iter().any(|p| p.kind == "missing"),
        "{:?}",
        report.problems
    );
}

#[test]
fn swapped_facts_are_named() {
    let report = after(|db| {
        db.execute_batch(
            "UPDATE facts SET seq = 1000 WHERE seq = 20;
             UPDATE facts SET seq = 20 WHERE seq = 24;
             UPDATE facts SET seq = 24 WHERE seq = 1000;",
        )
        .unwrap();
    });
    assert!(
        report.problems.iter().any(|p| p.kind == "out_of_order"),
        "{:?}",
        report.problems
    );
}

#[test]
fn an_inserted_fact_is_named() {
    let report = after(|db| {
        db.execute_batch(
            "INSERT INTO facts SELECT 1000, randomblob(16), chain, chain_seq, area, actor, device, happened_at,
             recorded_at, kind, body, prev_hash, hash FROM facts WHERE seq = 20",
        )
        .unwrap();
    });
    assert!(
        kinds(&report).contains(&"out_of_order"),
        "{:?}",
        report.problems
    );
}

/// Somebody with the database but not the keys rewrites the newest facts so that all hashes fit.
#[test]
fn a_rewritten_tail_is_named() {
    let folder = tempfile::tempdir().unwrap();
    house(folder.path());
    let store = Store::open(folder.path(), common::clock()).unwrap();
    let mut facts = store.facts_after(0, 1000).unwrap();
    drop(store);
    let db = Connection::open(folder.path().join("lianfang.sqlite")).unwrap();
    let last = facts.last_mut().unwrap();
    last.device = "other".into();
    last.hash = last.expected_hash();
    db.execute(
        "UPDATE facts SET device = ?1, hash = ?2 WHERE seq = ?3",
        (&last.device, last.hash, last.seq as i64),
    )
    .unwrap();
    db.execute(
        "UPDATE heads SET hash = ?1 WHERE chain = ?2",
        (last.hash, last.chain.as_u64() as i64),
    )
    .unwrap();
    drop(db);
    let report = Store::open(folder.path(), common::clock())
        .unwrap()
        .audit()
        .unwrap();
    assert_eq!(kinds(&report), ["head_signature"], "{:?}", report.problems);
}

/// Somebody with the keys too cuts the ledger back and goes on from there: the checkpoint that
/// was written out tells.
#[test]
fn a_tail_rewritten_with_the_keys_is_caught_by_a_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    house(folder.path());
    let elsewhere = tempfile::tempdir().unwrap();
    let forged = elsewhere.path().join("forged");
    std::fs::create_dir_all(&forged).unwrap();
    std::fs::copy(folder.path().join("keys.json"), forged.join("keys.json")).unwrap();
    let store = create(&forged);
    store
        .append(Batch::of((0..49).map(|n| case_draft(n + 500))))
        .unwrap();
    assert!(store.audit().unwrap().ok, "on its own the forgery is whole");
    drop(store);
    std::fs::create_dir_all(forged.join("checkpoints")).unwrap();
    for file in std::fs::read_dir(folder.path().join("checkpoints")).unwrap() {
        let file = file.unwrap();
        std::fs::copy(
            file.path(),
            forged.join("checkpoints").join(file.file_name()),
        )
        .unwrap();
    }
    let report = Store::open(&forged, common::clock())
        .unwrap()
        .audit()
        .unwrap();
    assert_eq!(kinds(&report), ["checkpoint"], "{:?}", report.problems);
}

#[test]
fn a_changed_view_is_named_with_its_row() {
    let report = after(|db| {
        db.execute("UPDATE view_cases SET classification = 0 WHERE id = 20", [])
            .unwrap();
    });
    assert!(
        report.problems.iter().any(|p| p.kind == "view"
            && p.message.contains("view_cases")
            && p.message.contains("id 20")),
        "{:?}",
        report.problems
    );
    let report = after(|db| {
        db.execute("UPDATE view_counts SET n = n + 1", []).unwrap();
    });
    assert!(
        report
            .problems
            .iter()
            .any(|p| p.message.contains("view_counts"))
    );
}

#[test]
fn a_changed_seal_is_named() {
    let report = after(|db| {
        db.execute("UPDATE vault_people SET sealed = zeroblob(60)", [])
            .unwrap();
    });
    assert_eq!(kinds(&report), ["vault"]);
}

#[test]
fn a_changed_checkpoint_is_named() {
    let report = after(|db| {
        db.execute(
            "UPDATE checkpoints SET content = replace(content, '\"at\":\"2020', '\"at\":\"2019')",
            [],
        )
        .unwrap();
    });
    assert_eq!(kinds(&report), ["checkpoint"]);
}

#[test]
fn rebuilding_mends_a_view_and_changes_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    house(folder.path());
    let db = Connection::open(folder.path().join("lianfang.sqlite")).unwrap();
    db.execute("DELETE FROM view_cases WHERE id > 20", [])
        .unwrap();
    drop(db);
    let store = Store::open(folder.path(), common::clock()).unwrap();
    assert!(!store.audit().unwrap().ok);
    let first = store.rebuild().unwrap();
    assert!(store.audit().unwrap().ok);
    assert_eq!(store.rebuild().unwrap().digest, first.digest);
    let past = folder.path().join("past.sqlite");
    let report = store
        .rebuild_as_of(jiff::civil::Date::constant(2020, 1, 25), &past)
        .unwrap();
    assert!(report.left_out > 0 && report.facts > 0 && report.digest != first.digest);
    // What the house itself recorded on 9 February was known from then on.
    let all = store
        .rebuild_as_of(
            jiff::civil::Date::constant(2020, 2, 9),
            &folder.path().join("all.sqlite"),
        )
        .unwrap();
    assert_eq!(all.digest, first.digest);
}

#[test]
fn a_backup_taken_while_writing_is_whole_and_restores() {
    let folder = tempfile::tempdir().unwrap();
    house(folder.path());
    let store = Store::open(folder.path(), common::clock()).unwrap();
    let backup = folder.path().join("backup");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in 100..200 {
                store.append(Batch::of([case_draft(n)])).unwrap();
            }
        });
        store.backup(&backup, false).unwrap();
    });
    let target = folder.path().join("restored");
    assert!(
        Store::restore(&backup, &backup, &target, common::clock()).is_err(),
        "without keys"
    );
    let (restored, report) =
        Store::restore(&backup, folder.path(), &target, common::clock()).unwrap();
    assert!(report.seq >= 51);
    assert!(restored.audit().unwrap().ok);
    assert!(
        restored
            .open_person(PersonId::from_parts(1, 1))
            .unwrap()
            .is_some()
    );
    assert!(
        Store::restore(&backup, folder.path(), &target, common::clock()).is_err(),
        "the folder is not empty"
    );
}

/// Bits flipped anywhere in the file: either the audit names something, or nothing that the
/// file holds has changed.
#[test]
fn bits_flipped_anywhere_in_the_file_are_named_or_harmless() {
    let folder = tempfile::tempdir().unwrap();
    house(folder.path());
    {
        let db = Connection::open(folder.path().join("lianfang.sqlite")).unwrap();
        db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE); VACUUM")
            .unwrap();
    }
    let original = std::fs::read(folder.path().join("lianfang.sqlite")).unwrap();
    let dump = |path: &Path| -> Option<String> {
        let db = Connection::open(path).ok()?;
        let mut out = String::new();
        for (table, order) in [
            ("facts", "seq"),
            ("heads", "chain"),
            ("checkpoints", "seq"),
            ("vault_people", "person"),
        ] {
            let mut statement = db
                .prepare(&format!("SELECT * FROM {table} ORDER BY {order}"))
                .ok()?;
            let columns = statement.column_count();
            let mut rows = statement.query([]).ok()?;
            while let Some(row) = rows.next().ok()? {
                for column in 0..columns {
                    write!(out, "{:?}|", row.get_ref(column).ok()?).ok()?;
                }
            }
        }
        Some(out)
    };
    let whole = dump(&folder.path().join("lianfang.sqlite"));
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..150 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let place = (state >> 20) as usize % original.len();
        let bit = 1 << ((state >> 8) & 7);
        let trial = tempfile::tempdir().unwrap();
        let mut bytes = original.clone();
        bytes[place] ^= bit;
        let path = trial.path().join("lianfang.sqlite");
        std::fs::write(&path, &bytes).unwrap();
        std::fs::copy(
            folder.path().join("keys.json"),
            trial.path().join("keys.json"),
        )
        .unwrap();
        let named = match Store::open(trial.path(), common::clock()) {
            Err(_) => true,
            Ok(store) => store.audit().map_or(true, |report| !report.ok),
        };
        assert!(
            named || dump(&path) == whole,
            "bit {bit} of byte {place} changed something unseen"
        );
    }
}
