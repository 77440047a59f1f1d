//! People in the vault: looked at on the record, found through the sealed index, forgotten in time.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use common::{
    ADDRESS, CITY, COUNTY, DOCUMENT, NAME, NEIGHBOUR, PHONE, Testbed, VILLAGE, patient_row,
};
use jiff::Timestamp;
use lianfang_core::access::Role;
use lianfang_core::facts::{Body, Draft, Fact};
use lianfang_intake::Kind;
use lianfang_service::House;
use lianfang_store::{Heads, Ledger, LedgerError, LocalLedger, Store};

const REASON: &str = "to tell the family";

#[test]
fn a_look_is_recorded_and_then_shown() {
    let bed = Testbed::city();
    let (person, _) = bed.patient(VILLAGE);
    let doctor = bed.user(Role::Epidemiologist, COUNTY);
    let seq = bed.seq();
    let shown = bed.house.look_at_person(&doctor, person, REASON).unwrap();
    assert_eq!(shown.name.as_deref(), Some(NAME));
    assert_eq!(shown.document.as_deref(), Some(DOCUMENT));
    assert_eq!(shown.phone.as_deref(), Some(PHONE));
    assert_eq!(shown.address.as_deref(), Some(ADDRESS));
    let facts = bed.house.store().facts_after(seq, 10).unwrap();
    assert_eq!(facts.len(), 1);
    assert_eq!(facts[0].actor, doctor.account);
    let Body::PersonLooked(look) = facts[0].read_body().unwrap() else {
        panic!("{}", facts[0].kind)
    };
    assert_eq!((look.person, look.reason.as_str()), (person, REASON));
}

#[test]
fn whoever_may_not_look_sees_nothing_and_leaves_no_trace() {
    let bed = Testbed::city();
    let (person, _) = bed.patient(VILLAGE);
    let users = [
        (Role::Commander, CITY, "forbidden"),
        (Role::Inspector, COUNTY, "forbidden"),
        (Role::Administrator, CITY, "forbidden"),
        (Role::Auditor, CITY, "forbidden"),
        (Role::Epidemiologist, NEIGHBOUR, "not_found"),
        (Role::Administrator, NEIGHBOUR, "not_found"),
    ];
    for (role, code, expected) in users {
        let user = bed.user(role, code);
        let seq = bed.seq();
        let refused = bed.house.look_at_person(&user, person, REASON).unwrap_err();
        assert_eq!(
            (refused.code(), bed.seq()),
            (expected, seq),
            "{role:?} of {code}"
        );
    }
    let doctor = bed.user(Role::Epidemiologist, COUNTY);
    let seq = bed.seq();
    for reason in ["", "    ", "why?", &"x".repeat(201)] {
        let refused = bed
            .house
            .look_at_person(&doctor, person, reason)
            .unwrap_err();
        assert_eq!(refused.field(), Some("reason"));
    }
    assert_eq!(bed.seq(), seq);
}

/// A ledger that can be made to take nothing.
struct Stubborn(Arc<AtomicBool>);

impl Ledger for Stubborn {
    fn order(
        &mut self,
        drafts: Vec<Draft>,
        heads: &mut Heads,
        now: Timestamp,
    ) -> Result<Vec<Fact>, LedgerError> {
        if self.0.load(Ordering::SeqCst) {
            return Err(LedgerError::Unreachable("cut".into()));
        }
        LocalLedger.order(drafts, heads, now)
    }
}

#[test]
fn what_cannot_be_recorded_is_not_shown() {
    let bed = Testbed::city();
    let (person, _) = bed.patient(VILLAGE);
    let doctor = bed.user(Role::Epidemiologist, COUNTY);
    let cut = Arc::new(AtomicBool::new(false));
    let ledger = Box::new(Stubborn(Arc::clone(&cut)));
    let store = Store::open_over(bed.folder.path(), ledger, bed.clock()).unwrap();
    let house = House::over(store);
    assert!(house.look_at_person(&doctor, person, REASON).is_ok());
    cut.store(true, Ordering::SeqCst);
    let refused = house.look_at_person(&doctor, person, REASON).unwrap_err();
    assert_eq!(refused.code(), "internal");
    for text in [
        refused.to_string(),
        refused.message().en,
        refused.message().zh,
    ] {
        for secret in [NAME, DOCUMENT, PHONE, ADDRESS] {
            assert!(!text.contains(secret));
        }
    }
}

#[test]
fn somebody_is_found_by_what_names_them_whole_and_shown_masked() {
    let bed = Testbed::city();
    bed.patient(VILLAGE);
    let doctor = bed.user(Role::Epidemiologist, COUNTY);
    let neighbour = bed.user(Role::Epidemiologist, NEIGHBOUR);
    for text in [
        NAME,
        DOCUMENT,
        "11010519491231002x",
        PHONE,
        "13900139000",
        "P-1",
    ] {
        let found = bed.cases(&doctor, Some(text));
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(found[0].name.as_deref(), Some("欧**双"));
        assert!(bed.cases(&neighbour, Some(text)).is_empty(), "{text}");
    }
    for text in ["欧阳", "1101051949", "' OR 1=1 --", "%", "*"] {
        assert!(bed.cases(&doctor, Some(text)).is_empty(), "{text}");
    }
}

#[test]
fn when_the_time_is_over_a_person_is_forgotten() {
    let bed = Testbed::city();
    let (person, case) = bed.patient(VILLAGE);
    let doctor = bed.user(Role::Epidemiologist, COUNTY);
    let days = i64::from(bed.house.policy().unwrap().pack.retention.person_days);
    // The case falls on 5 February: the day before the last, nothing happens.
    bed.at("2020-02-05T12:00:00+08:00")
        .hours_later(24 * (days - 1));
    assert_eq!(bed.house.forget_due(&bed.operator()).unwrap(), 0);
    assert!(bed.house.look_at_person(&doctor, person, REASON).is_ok());
    bed.hours_later(24);
    let seq = bed.seq();
    assert_eq!(bed.house.forget_due(&bed.operator()).unwrap(), 1);
    assert_eq!(bed.kinds_after(seq), ["person.forgotten/1"]);
    assert_eq!(bed.house.forget_due(&bed.operator()).unwrap(), 0);

    let refused = bed
        .house
        .look_at_person(&doctor, person, REASON)
        .unwrap_err();
    assert_eq!(refused.code(), "forgotten");
    for text in [NAME, DOCUMENT, PHONE] {
        assert!(bed.cases(&doctor, Some(text)).is_empty());
    }
    // The case stays, without the person.
    let whole = bed.house.case(&doctor, case).unwrap();
    assert_eq!((whole.row.name, whole.row.person), (None, None));
    assert_eq!(bed.brief(CITY, "2020-02-09").counts.confirmed, 1);
    bed.holds();
    let reopened = bed.reopened();
    assert!(reopened.store().open_person(person).unwrap().is_none());
    // An old file fed in again brings nobody back.
    let again = bed.take(Kind::Linelist, &patient_row(VILLAGE, "P-1"));
    assert_eq!((again.rows_unchanged, again.rows_refused), (1, 0));
    assert!(bed.house.store().open_person(person).unwrap().is_none());
    assert!(bed.cases(&doctor, Some(NAME)).is_empty());
    bed.holds();
}

#[test]
fn only_who_runs_the_house_may_let_it_forget() {
    let bed = Testbed::city();
    for (role, code) in [
        (Role::Epidemiologist, CITY),
        (Role::Auditor, CITY),
        (Role::Administrator, COUNTY),
    ] {
        let user = bed.user(role, code);
        assert_eq!(bed.house.forget_due(&user).unwrap_err().code(), "forbidden");
    }
}

#[test]
fn a_later_file_without_names_takes_nobody_out_of_the_vaults_reach() {
    let bed = Testbed::city();
    let (person, case) = bed.patient(VILLAGE);
    // The hospital sends the same case again, by number and without who it is.
    let report = bed.take(
        Kind::Linelist,
        &format!(
            "external_id,area,onset,reported,classification,outcome,outcome_date\n\
             P-1,{VILLAGE},2020-02-01,2020-02-05,confirmed,recovered,2020-02-08\n"
        ),
    );
    assert_eq!(report.rows_revised, 1);
    let doctor = bed.user(Role::Epidemiologist, COUNTY);
    let whole = bed.house.case(&doctor, case).unwrap();
    assert_eq!(whole.row.person, Some(person));
    let shown = bed.house.look_at_person(&doctor, person, REASON).unwrap();
    assert_eq!(shown.name.as_deref(), Some(NAME));
    // And when the time is over, this person is forgotten like any other.
    bed.hours_later(24 * (i64::from(bed.house.policy().unwrap().pack.retention.person_days) + 10));
    assert_eq!(bed.house.forget_due(&bed.operator()).unwrap(), 1);
    assert!(bed.house.store().open_person(person).unwrap().is_none());
}

#[test]
fn one_document_is_one_person() {
    let bed = Testbed::city();
    let (person, _) = bed.patient(VILLAGE);
    let again = bed.take(Kind::Linelist, &patient_row(COUNTY, "P-2"));
    assert_eq!(again.rows_taken, 1);
    let doctor = bed.user(Role::Epidemiologist, COUNTY);
    let found = bed.cases(&doctor, Some(DOCUMENT));
    let people: Vec<_> = found.iter().map(|case| case.person).collect();
    assert_eq!(people, [Some(person), Some(person)]);
}

#[test]
fn a_corrected_name_is_found_and_the_wrong_one_no_more() {
    let bed = Testbed::city();
    bed.patient(VILLAGE);
    let corrected = patient_row(VILLAGE, "P-1").replace(NAME, "欧阳无敌");
    let report = bed.take(Kind::Linelist, &corrected);
    assert_eq!(report.rows_revised, 1);
    let doctor = bed.user(Role::Epidemiologist, COUNTY);
    assert!(bed.cases(&doctor, Some(NAME)).is_empty());
    assert_eq!(bed.cases(&doctor, Some("欧阳无敌")).len(), 1);
    let again = bed.take(Kind::Linelist, &corrected);
    assert_eq!((again.rows_unchanged, again.facts_appended), (1, 0));
    bed.holds();
}
