//! Likeness on single pairs, and on 20,000 entrants with duplicates, families and slips of the pen.
#![allow(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod entrants;
mod names;
mod random;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entrants::{Record, entrants};
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use lianfang_core::alike::{Described, Likeness, Verdict, alike};
use lianfang_core::identifiers::ResidentId;
use lianfang_core::people::Sex;
use proptest::prelude::*;

fn at(hours: i64) -> Timestamp {
    let noon: Timestamp = "2020-02-08T04:00:00Z".parse().unwrap();
    noon + SignedDuration::from_hours(hours)
}

fn wang_wei() -> Described<'static> {
    Described {
        name: Some("王伟"),
        born: Some(date(1985, 3, 12)),
        phone: Some("+8613800000001"),
        document: None,
        sex: Some(Sex::Male),
        journey_number: Some("G1234"),
        seat: Some("5A"),
        from: Some("420100"),
        ..Described::at(at(0))
    }
}

fn only<'a>(name: &'a str, phone: &'a str) -> Described<'a> {
    Described {
        name: Some(name),
        phone: Some(phone),
        ..Described::at(at(0))
    }
}

/// Of two records that only have a name each, and the same phone.
fn named(a: &str, b: &str) -> Likeness {
    alike(&only(a, "+8613800000001"), &only(b, "+8613800000001"))
}

#[test]
fn the_same_document_is_one_person() {
    let mut a = Described::at(at(0));
    a.document = Some("11010519491231002x");
    let mut b = Described::at(at(900));
    b.document = Some("１１０１０５１９４９１２３１００２Ｘ");
    b.name = Some("王伟");
    let likeness = alike(&a, &b);
    assert_eq!(likeness.verdict, Verdict::Same);
    assert_eq!(likeness.same, ["document", "born"]);
    // A parent's document, noted for the child.
    a.document = Some("E12345678");
    a.name = Some("李娜");
    a.born = Some(date(1990, 1, 2));
    b.document = Some(" e1234-5678");
    b.born = Some(date(2015, 6, 7));
    assert_eq!(alike(&a, &b).verdict, Verdict::Likely);
    for no_number in ["无", "000000000", "123", ""] {
        a.document = Some(no_number);
        b.document = Some(no_number);
        assert_eq!(alike(&a, &b).verdict, Verdict::Different, "{no_number}");
    }
}

#[test]
fn other_documents_are_other_people_unless_by_a_slip() {
    let mut a = wang_wei();
    let mut b = wang_wei();
    a.document = Some("E12345678");
    b.document = Some("E12345912");
    assert_eq!(alike(&a, &b).verdict, Verdict::Different);
    b.document = Some("E12345679");
    assert_eq!(alike(&a, &b).verdict, Verdict::Likely);
    b.name = Some("王芳");
    assert_eq!(alike(&a, &b).verdict, Verdict::Different);
    b = wang_wei();
    b.document = Some("E12345679");
    b.born = None;
    assert_eq!(alike(&a, &b).verdict, Verdict::Different);
    // Twins: two valid numbers, the check digit of one of them an X.
    a = wang_wei();
    (a.document, a.born) = (Some("330045200403198572"), None);
    b = a;
    b.document = Some("33002520040319682X");
    assert_eq!(alike(&a, &b).verdict, Verdict::Different);
    a = wang_wei();
    a.document = Some("E12345678");
    // A passport and a resident's number say nothing of each other.
    b = wang_wei();
    b.document = Some("110105194912310021");
    assert_eq!(alike(&a, &b).verdict, Verdict::Likely);
}

#[test]
fn a_phone_or_a_name_and_an_arrival_are_not_enough() {
    let mut a = Described::at(at(0));
    a.phone = Some("+8613800000001");
    a.journey_number = Some("G1234");
    a.from = Some("420100");
    a.sex = Some(Sex::Female);
    assert_eq!(alike(&a, &a).verdict, Verdict::Different, "a phone");
    let mut b = wang_wei();
    b.phone = None;
    b.born = None;
    b.seat = None;
    assert_eq!(alike(&b, &b).verdict, Verdict::Different, "a name");
    b.seat = Some("05a");
    let likeness = alike(&b, &wang_wei());
    assert_eq!(likeness.verdict, Verdict::Likely);
    assert_eq!(likeness.same, ["name", "arrival", "number", "seat"]);
}

#[test]
fn twins_and_couples_stay_apart() {
    let mut a = wang_wei();
    a.name = Some("王子轩");
    let mut b = wang_wei();
    b.name = Some("王子涵");
    b.seat = Some("5B");
    assert_eq!(alike(&a, &b).verdict, Verdict::Different, "twins");
    b.seat = None;
    a.seat = None;
    assert_eq!(
        alike(&a, &b).verdict,
        Verdict::Different,
        "twins without seats"
    );
    let mut wife = wang_wei();
    wife.name = Some("李娜");
    wife.born = None;
    wife.sex = None;
    wife.seat = None;
    assert_eq!(
        alike(&wang_wei(), &wife).verdict,
        Verdict::Different,
        "a couple"
    );
}

#[test]
fn a_date_near_counts_only_beside_phone_and_name() {
    let a = wang_wei();
    for near in [date(1985, 12, 3), date(1985, 3, 13), date(1958, 3, 12)] {
        let mut b = wang_wei();
        b.born = Some(near);
        assert!(alike(&a, &b).same.contains(&"born"), "{near}");
        assert_eq!(alike(&a, &b).verdict, Verdict::Likely);
        b.phone = Some("+8613900000009");
        assert!(!alike(&a, &b).same.contains(&"born"), "{near}");
        b = wang_wei();
        b.born = Some(near);
        b.name = Some("李强");
        assert!(!alike(&a, &b).same.contains(&"born"), "{near}");
        assert_eq!(alike(&a, &b).verdict, Verdict::Different);
    }
}

#[test]
fn names_are_alike_in_many_ways() {
    for (a, b) in [
        ("王伟", "王 伟"),
        ("迪丽热巴·买买提", "迪丽热巴买买提"),
        ("García Müller", "GARCIA MULLER"),
        ("Anna Maria Schmidt", "schmidt, anna-maria"),
        ("WANG/XIAOMING", "Wang Xiao Ming"),
    ] {
        assert_eq!(named(a, b).same, ["name", "phone", "arrival"], "{a} {b}");
        assert_eq!(named(a, b).verdict, Verdict::Likely, "{a} {b}");
    }
    for (a, b) in [
        ("王晓明", "王小明"),
        ("张伟", "章伟"),
        ("王伟", "伟王"),
        ("欧阳小明", "小明欧阳"),
        ("王子轩", "王轩"),
        ("JOHN SMITH", "Jon Smith"),
        ("Amadou Diallo", "DIALLO AMADU"),
        ("John Paul Smith", "Smith John"),
        ("王晓明", "WANG XIAOMING"),
        ("吕静", "LYU JING"),
        ("单伟", "Wei Shan"),
    ] {
        let likeness = named(a, b);
        assert_eq!(likeness.same, ["name_alike", "phone", "arrival"], "{a} {b}");
        assert_eq!(likeness.verdict, Verdict::Likely, "{a} {b}");
    }
    for (a, b) in [
        ("王伟", "王芳"),
        ("王伟", "李伟"),
        ("John Smith", "Mary Smith"),
        ("王伟", "LI NA"),
        ("Li", "Lu"),
        ("王", "王伟"),
    ] {
        assert_eq!(named(a, b).same, ["phone", "arrival"], "{a} {b}");
        assert_eq!(named(a, b).verdict, Verdict::Different, "{a} {b}");
    }
    assert_eq!(named("???", "???").same, ["phone", "arrival"]);
}

/// Pairs of records that share a document, a phone, the whole name or the date of birth, and arrived within three days.
fn candidates(records: &[Record]) -> BTreeSet<(usize, usize)> {
    let mut blocks: HashMap<String, Vec<usize>> = HashMap::new();
    for (i, record) in records.iter().enumerate() {
        let keys = [
            record.document.clone().map(|key| format!("d{key}")),
            record.phone.clone().map(|key| format!("p{key}")),
            record.name.clone().map(|key| format!("n{key}")),
            birth_date(record).map(|key| format!("b{key}")),
        ];
        for key in keys.into_iter().flatten() {
            blocks.entry(key).or_default().push(i);
        }
    }
    let mut pairs = BTreeSet::new();
    for block in blocks.values() {
        for (n, &a) in block.iter().enumerate() {
            pairs.extend(
                block[n + 1..]
                    .iter()
                    .filter(|b| within_three_days(&records[a], &records[**b]))
                    .map(|b| (a, *b)),
            );
        }
    }
    pairs
}

/// As noted, or as the resident's number says.
fn birth_date(record: &Record) -> Option<Date> {
    let resident = record
        .document
        .as_deref()
        .and_then(|text| text.parse::<ResidentId>().ok());
    resident.map(|id| id.birth_date()).or(record.born)
}

fn within_three_days(a: &Record, b: &Record) -> bool {
    a.arrival.duration_since(b.arrival).abs() <= SignedDuration::from_hours(72)
}

/// The bar: precision at least 0.999, recall at least 0.98 of all true pairs, found by the blocks or not.
#[test]
fn twenty_thousand_entrants_are_merged_rightly() {
    for seed in [1, 2, 3, 4] {
        let records = entrants(seed, 20_000);
        let mut of_person: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (i, record) in records.iter().enumerate() {
            of_person.entry(record.person).or_default().push(i);
        }
        let true_pairs: usize = of_person
            .values()
            .map(|own| own.len() * (own.len() - 1) / 2)
            .sum();
        let candidates = candidates(&records);
        let (mut right, mut wrong, mut offered, mut reached) = (0, Vec::new(), 0, 0);
        let mut missed: BTreeMap<String, usize> = BTreeMap::new();
        for &(a, b) in &candidates {
            let one = records[a].person == records[b].person;
            reached += usize::from(one);
            let likeness = alike(&records[a].described(), &records[b].described());
            match (likeness.verdict, one) {
                (Verdict::Different, true) => {
                    *missed.entry(likeness.same.join("+")).or_default() += 1;
                }
                (Verdict::Different, false) => {}
                (verdict, one) => {
                    offered += usize::from(verdict == Verdict::Likely);
                    right += usize::from(one);
                    if !one {
                        wrong.push((a, b, likeness.same));
                    }
                }
            }
        }
        let precision = right as f64 / (right + wrong.len()) as f64;
        let recall = right as f64 / true_pairs as f64;
        println!(
            "seed {seed}: {} records, {true_pairs} true pairs, {} candidates ({:.4} of the true ones), {offered} offered, \
             {} wrong; precision {precision:.5}, recall {recall:.4}",
            records.len(),
            candidates.len(),
            reached as f64 / true_pairs as f64,
            wrong.len()
        );
        for (a, b, same) in wrong.iter().take(3) {
            println!(
                "  wrong: {same:?}\n    {:?}\n    {:?}",
                records[*a], records[*b]
            );
        }
        let mut missed: Vec<_> = missed.into_iter().collect();
        missed.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        println!(
            "  missed, by what agreed: {:?}",
            &missed[..missed.len().min(6)]
        );
        assert!(precision >= 0.999, "{precision}");
        assert!(recall >= 0.98, "{recall}");
    }
}

proptest! {
    #[test]
    fn the_order_of_two_records_does_not_matter(a in 0..400_usize, b in 0..400_usize) {
        let records = entrants(9, 300);
        let (a, b) = (records[a % records.len()].described(), records[b % records.len()].described());
        prop_assert_eq!(alike(&a, &b), alike(&b, &a));
    }

    #[test]
    fn any_text_is_compared(name in ".{0,40}", other in ".{0,40}", document in ".{0,20}") {
        let mut a = only(&name, &document);
        a.document = Some(&document);
        a.seat = Some(&other);
        let b = only(&other, &name);
        prop_assert_eq!(alike(&a, &b), alike(&b, &a));
    }
}
