//! Appending: idempotent, all or nothing, chained, and readable again.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use common::{area, case_body, case_draft, create, draft};
use jiff::civil::Date;
use lianfang_core::facts::Body;
use lianfang_core::ids::PersonId;
use lianfang_core::people::PersonalData;
use lianfang_store::views::counts::{Measure, counts_of};
use lianfang_store::{Batch, IndexKind, Store, StoreError};

#[test]
fn sent_twice_is_recorded_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = create(folder.path());
    let first = store
        .append(Batch::of([case_draft(1), case_draft(2)]))
        .unwrap();
    let again = store
        .append(Batch::of([case_draft(1), case_draft(2)]))
        .unwrap();
    assert!(first.iter().all(|r| !r.repeated) && again.iter().all(|r| r.repeated));
    assert_eq!(first[0].seq, again[0].seq);
    assert_eq!(store.last_seq().unwrap(), 3);
    let other = draft(
        1,
        "330683001001",
        Body::CaseReported(case_body(9, Date::constant(2020, 2, 1))),
    );
    assert!(matches!(
        store.append(Batch::of([other])),
        Err(StoreError::IdReused(_))
    ));
}

#[test]
fn a_refused_batch_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let store = create(folder.path());
    let person = PersonId::from_parts(1, 1);
    let data = PersonalData {
        name: Some("王小明".into()),
        ..PersonalData::default()
    };
    let mut batch = Batch::of([
        case_draft(1),
        draft(
            2,
            "330683001001",
            Body::CaseRevised(case_body(77, Date::constant(2020, 2, 1))),
        ),
    ]);
    batch.people.push(store.seal(person, &data));
    assert!(matches!(store.append(batch), Err(StoreError::Fold(_))));
    assert_eq!(store.last_seq().unwrap(), 1);
    assert!(store.open_person(person).unwrap().is_none());
    assert!(
        store
            .find_people(IndexKind::Name, "王小明")
            .unwrap()
            .is_empty()
    );
    assert!(store.audit().unwrap().ok);
}

#[test]
fn a_forgotten_person_is_gone_and_the_ledger_still_verifies() {
    let folder = tempfile::tempdir().unwrap();
    let store = create(folder.path());
    let person = PersonId::from_parts(1, 1);
    let data = PersonalData {
        name: Some("王小明".into()),
        phone: Some("+8613800000000".into()),
        ..PersonalData::default()
    };
    let mut batch = Batch::of([case_draft(1)]);
    batch.people.push(store.seal(person, &data));
    store.append(batch).unwrap();
    assert_eq!(store.open_person(person).unwrap().unwrap(), data);
    assert_eq!(
        store
            .find_people(IndexKind::Phone, "+8613800000000")
            .unwrap(),
        [person]
    );
    store
        .append(Batch {
            forget: vec![person],
            ..Batch::default()
        })
        .unwrap();
    assert!(store.open_person(person).unwrap().is_none());
    assert!(
        store
            .find_people(IndexKind::Phone, "+8613800000000")
            .unwrap()
            .is_empty()
    );
    assert!(store.audit().unwrap().ok);
}

#[test]
fn nothing_personal_stands_in_the_files_in_clear() {
    let folder = tempfile::tempdir().unwrap();
    let store = create(folder.path());
    let data = PersonalData {
        name: Some("Wang Unmistakable".into()),
        document: Some("11010519491231002X".into()),
        phone: Some("+8613800138000".into()),
        address: Some("Lane 7 Unmistakable".into()),
        ..PersonalData::default()
    };
    let mut batch = Batch::of([case_draft(1)]);
    batch
        .people
        .push(store.seal(PersonId::from_parts(1, 1), &data));
    store.append(batch).unwrap();
    drop(store);
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for secret in ["Unmistakable", "11010519491231002X", "13800138000"] {
            assert!(
                !bytes
                    .windows(secret.len())
                    .any(|window| window == secret.as_bytes())
            );
        }
    }
}

#[test]
fn each_jurisdiction_has_a_chain_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let store = create(folder.path());
    store.append(Batch::of((0..8).map(case_draft))).unwrap();
    let facts = store.facts_after(0, 100).unwrap();
    let of = |code: &str| {
        facts
            .iter()
            .filter(|f| f.chain == area(code))
            .map(|f| f.chain_seq)
            .collect::<Vec<_>>()
    };
    assert_eq!(of("330683"), [1, 2, 3, 4]);
    assert_eq!(of("330682"), [1, 2, 3, 4]);
    assert_eq!(of("330600"), [1]);
}

#[test]
fn small_and_large_areas_count_alike_through_corrections() {
    let folder = tempfile::tempdir().unwrap();
    let store = create(folder.path());
    store.append(Batch::of((0..200).map(case_draft))).unwrap();
    // Every third case is moved to another day and, for some, to another village.
    let revised = (0..200).step_by(3).map(|n| {
        let villages = ["330683001001", "330682002002"];
        let mut body = case_body(n, Date::constant(2020, 2, 3));
        body.published = Some(Date::constant(2020, 2, 5));
        draft(
            10_000 + n,
            villages[(n % 2) as usize],
            Body::CaseRevised(body),
        )
    });
    store.append(Batch::of(revised)).unwrap();
    for known in [
        Date::constant(2020, 1, 25),
        Date::constant(2020, 2, 4),
        Date::constant(2020, 2, 6),
    ] {
        let sum = |codes: &[&str]| {
            let mut days = std::collections::BTreeMap::<_, i64>::new();
            store
                .read(|connection| {
                    for code in codes {
                        for count in counts_of(connection, area(code), known, &Measure::ALL)? {
                            *days
                                .entry((count.measure, count.day, count.known))
                                .or_default() += count.n;
                        }
                    }
                    Ok(())
                })
                .unwrap();
            days.retain(|_, n| *n != 0);
            days
        };
        let city = sum(&["330600"]);
        assert_eq!(city, sum(&["330683", "330682"]));
        assert_eq!(city, sum(&["330683001", "330682002"]));
        assert_eq!(
            city,
            sum(&[
                "330683001001",
                "330683001002",
                "330682002001",
                "330682002002"
            ])
        );
        let all: i64 = city
            .iter()
            .filter(|((m, _, _), _)| *m == Measure::All)
            .map(|(_, n)| n)
            .sum();
        let expected = (0..200)
            .filter(|n| {
                Date::constant(2020, 1, 20).day() as u128 + n % 20 <= {
                    let d = known;
                    if d.month() == 1 {
                        d.day() as u128
                    } else {
                        31 + d.day() as u128
                    }
                }
            })
            .count() as i64;
        assert_eq!(all, expected, "every case known by then is counted once");
    }
}

#[test]
fn a_store_opens_again_with_all_it_had() {
    let folder = tempfile::tempdir().unwrap();
    let store = create(folder.path());
    store.append(Batch::of((0..50).map(case_draft))).unwrap();
    drop(store);
    let store = Store::open(folder.path(), common::clock()).unwrap();
    assert_eq!(store.last_seq().unwrap(), 51);
    assert_eq!(store.root(), area("330600"));
    assert!(matches!(
        Store::create(
            folder.path(),
            lianfang_core::facts::HouseFounded {
                root: area("33"),
                utc_offset: lianfang_core::time::UtcOffset::CHINA
            },
            common::clock()
        ),
        Err(StoreError::AlreadyThere(_))
    ));
}

#[test]
fn many_writers_share_the_ledger() {
    let folder = tempfile::tempdir().unwrap();
    let store = create(folder.path());
    std::thread::scope(|scope| {
        for worker in 0..8_u128 {
            let store = &store;
            scope.spawn(move || {
                for n in 0..25 {
                    store
                        .append(Batch::of([case_draft(worker * 1000 + n)]))
                        .unwrap();
                }
            });
        }
    });
    assert_eq!(store.last_seq().unwrap(), 201);
    let report = store.audit().unwrap();
    assert!(report.ok, "{:?}", report.problems);
}
