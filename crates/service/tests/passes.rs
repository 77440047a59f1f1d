//! Passes: asked for, confirmed, computed from evidence, issued, shown, appealed against, computed again.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::fmt::Write as _;

use common::{COUNTY, NEIGHBOUR, Testbed, User, VILLAGE, area, day};
use jiff::{SignedDuration, Timestamp};
use lianfang_core::access::Role;
use lianfang_core::entry::{CheckpointKind, Symptom};
use lianfang_core::ids::{CheckpointId, FactId, PersonId};
use lianfang_core::passes::{Colour, PassSource};
use lianfang_core::places::PlaceKind;
use lianfang_hcert::keys::SigningKey;
use lianfang_hcert::pass::{Colour as Signed, Pass, PassId, Shown};
use lianfang_hcert::trust::{TrustList, TrustedKey};
use lianfang_intake::Kind;
use lianfang_service::Refusal;
use lianfang_service::field::{FieldEntry, Happening, PersonGiven, Taken};
use lianfang_service::matters::NewStep;
use lianfang_service::passes::{
    AppealReason, ChosenPasses, KeyShown, MyPass, NewAppeal, NewHealthReport, NewPass, PassState,
    Scan, ScanResult,
};
use lianfang_service::places::{ChosenPlaces, PlaceGiven};

/// A resident identity number of somebody born on 1 January 1990, valid.
fn card(nth: u32) -> String {
    let first = format!("33068319900101{nth:03}");
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = first
        .bytes()
        .zip(weights)
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    let check = b"10X98765432"[(sum % 11) as usize];
    format!("{first}{}", char::from(check))
}

fn id(bed: &Testbed, nth: u128) -> FactId {
    FactId::from_parts(bed.house.now().as_millisecond().unsigned_abs(), nth)
}

fn new_pass(bed: &Testbed, nth: u32) -> NewPass {
    NewPass {
        id: id(bed, u128::from(nth)),
        given: PersonGiven {
            name: Some(format!("王小{nth}")),
            document: Some(card(nth)),
            ..PersonGiven::default()
        },
        area: area(VILLAGE),
        guardian: None,
    }
}

/// Somebody with a pass, seen by a grid worker: the code.
fn holder(bed: &Testbed, staff: &User, nth: u32) -> String {
    let asked = bed.house.register_pass(staff, &new_pass(bed, nth)).unwrap();
    assert!(asked.confirmed);
    asked.code
}

fn mine(bed: &Testbed, code: &str) -> MyPass {
    bed.house.my_pass(code, false).unwrap()
}

/// Colour and rule, and until when.
fn stands(bed: &Testbed, code: &str) -> String {
    let standing = mine(bed, code).standing.unwrap();
    let until = standing
        .until
        .map_or_else(String::new, |until| format!(" until {until}"));
    format!("{} {}{until}", standing.colour_name.en, standing.rule)
}

fn well(bed: &Testbed, nth: u128) -> NewHealthReport {
    NewHealthReport {
        id: id(bed, nth),
        temperature: Some(36.5),
        symptoms: Vec::new(),
    }
}

fn person_of(bed: &Testbed, staff: &User, nth: u32) -> PersonId {
    bed.house.look_up_pass(staff, &card(nth)).unwrap().person
}

const LINELIST: &str = "external_id,name,sex,age,resident_id,area,onset,reported,classification,outcome,outcome_date\n";

#[test]
fn a_case_is_red_until_it_is_excluded_and_recovery_runs_its_days() {
    let bed = Testbed::city();
    let grid = bed.user(Role::GridWorker, VILLAGE);
    let one = holder(&bed, &grid, 1);
    let other = holder(&bed, &grid, 2);
    assert_eq!(stands(&bed, &one), "green green");

    let row = |nth: u32, class: &str, rest: &str| {
        format!(
            "{LINELIST}C{nth},王小{nth},,30,{},{VILLAGE},2020-02-05,2020-02-08,{class},{rest}\n",
            card(nth)
        )
    };
    bed.take(Kind::Linelist, &row(1, "suspected", ","));
    assert_eq!(stands(&bed, &one), "red red_case");
    let standing = mine(&bed, &one).standing.unwrap();
    let evidence = &standing.evidence[0];
    assert_eq!(evidence.source, PassSource::Case);
    assert_eq!(evidence.recorded_in.as_ref().unwrap().code, area(VILLAGE));
    assert!(
        standing.clears.en.contains("Recovery"),
        "{:?}",
        standing.clears
    );

    bed.at("2020-02-10T09:00:00+08:00");
    bed.take(Kind::Linelist, &row(1, "excluded", ","));
    assert_eq!(stands(&bed, &one), "green green");

    bed.take(Kind::Linelist, &row(2, "confirmed", ","));
    assert_eq!(stands(&bed, &other), "red red_case");
    bed.at("2020-02-20T09:00:00+08:00");
    bed.take(Kind::Linelist, &row(2, "confirmed", "recovered,2020-02-20"));
    let pack = bed.house.policy().unwrap();
    let days = pack.pack.numbers["discharge_days"].value as i64;
    let until = day("2020-02-20")
        .checked_add(jiff::Span::new().days(days))
        .unwrap();
    assert_eq!(mine(&bed, &other).standing.unwrap().rule, "red_discharged");

    // Each day a healthy report; on the policy's day, and not before, it turns by itself.
    let mut on = day("2020-02-20");
    let mut nth = 1_000;
    loop {
        bed.at(&format!("{on}T09:00:00+08:00"));
        let red = mine(&bed, &other).standing.unwrap().colour == Colour::Red;
        assert_eq!(red, on < until, "{on}");
        if !red {
            break;
        }
        nth += 1;
        bed.house.report_health(&other, &well(&bed, nth)).unwrap();
        on = on.tomorrow().unwrap();
    }

    // All that was recorded on the way comes out the same from the ledger.
    let replay = bed.house.replay_passes().unwrap();
    assert_eq!(replay.same, replay.assessments, "{:?}", replay.differences);
    assert!(replay.assessments >= 6, "{}", replay.assessments);
}

#[test]
fn symptoms_make_yellow_and_open_a_clinic_matter_and_days_without_clear_it() {
    let bed = Testbed::city();
    let grid = bed.user(Role::GridWorker, VILLAGE);
    let code = holder(&bed, &grid, 1);
    let ill = NewHealthReport {
        id: id(&bed, 77),
        temperature: Some(38.2),
        symptoms: vec![Symptom::Fever, Symptom::Cough],
    };
    bed.house.report_health(&code, &ill).unwrap();
    // Sent twice it is there once.
    bed.house.report_health(&code, &ill).unwrap();
    assert_eq!(stands(&bed, &code), "yellow yellow_symptoms");
    let officer = bed.user(Role::AreaOfficer, COUNTY);
    let matters = bed
        .house
        .matters(
            &officer,
            &lianfang_service::matters::MatterQuery {
                view: lianfang_service::matters::MatterView::Area,
                limit: 10,
                ..lianfang_service::matters::MatterQuery::default()
            },
        )
        .unwrap();
    assert_eq!(matters.1, 1);
    assert_eq!(matters.0[0].kind, "clinic");

    bed.at("2020-02-10T09:00:00+08:00");
    bed.house.report_health(&code, &well(&bed, 78)).unwrap();
    assert_eq!(
        stands(&bed, &code),
        "yellow yellow_recovering until 2020-02-16"
    );
    bed.at("2020-02-16T00:00:00+08:00");
    assert_eq!(stands(&bed, &code), "green green");

    for (temperature, said) in [(20.0, "temperature"), (60.0, "temperature")] {
        let odd = NewHealthReport {
            temperature: Some(temperature),
            ..well(&bed, 79)
        };
        let refusal = bed.house.report_health(&code, &odd).unwrap_err();
        assert_eq!(refusal.field(), Some(said));
    }
}

#[test]
fn a_code_opens_nothing_before_somebody_has_seen_who_it_is() {
    let bed = Testbed::city();
    let grid = bed.user(Role::GridWorker, VILLAGE);
    let stranger = bed.user(Role::GridWorker, "330602001001");
    // Somebody who is a case already; another asks in their name.
    let row = format!(
        "{LINELIST}C1,王小1,,30,{},{VILLAGE},2020-02-05,2020-02-08,confirmed,,\n",
        card(1)
    );
    bed.take(Kind::Linelist, &row);
    let asked = bed.house.ask_for_pass(&new_pass(&bed, 1)).unwrap();
    assert!(!asked.confirmed);
    let before = mine(&bed, &asked.code);
    assert_eq!(before.state, PassState::Waiting);
    assert!(before.standing.is_none() && before.name.is_none());
    let refusal = bed
        .house
        .report_health(&asked.code, &well(&bed, 5))
        .unwrap_err();
    assert!(matches!(refusal, Refusal::Conflict(_)));
    assert!(
        bed.house
            .my_pass("01ARZ3NDEKTSV4RRFFQ69G5FAV.AAAAAAAA", false)
            .is_err()
    );
    assert_eq!(bed.house.passes_waiting(&grid, None).unwrap().len(), 1);

    assert!(matches!(
        bed.house
            .confirm_pass(&bed.user(Role::Inspector, COUNTY), &asked.code),
        Err(Refusal::Forbidden)
    ));
    // Anybody at a gate may look at a document; the stranger keeps gates elsewhere.
    bed.house.confirm_pass(&stranger, &asked.code).unwrap();
    let after = mine(&bed, &asked.code);
    assert_eq!(after.state, PassState::Open);
    assert_eq!(after.standing.unwrap().colour, Colour::Red);
    assert!(bed.house.passes_waiting(&grid, None).unwrap().is_empty());

    // A second phone of the same person shows the same.
    let phone = NewPass {
        id: id(&bed, 1_001),
        ..new_pass(&bed, 1)
    };
    let second = bed.house.ask_for_pass(&phone).unwrap();
    bed.house.confirm_pass(&grid, &second.code).unwrap();
    assert_eq!(
        mine(&bed, &second.code).standing.unwrap().colour,
        Colour::Red
    );
    assert_eq!(
        bed.house
            .passes(&grid, &ChosenPasses::default())
            .unwrap()
            .holders
            .len(),
        1
    );
    bed.house.end_pass_code(None, &asked.code).unwrap();
    assert_eq!(mine(&bed, &asked.code).state, PassState::Ended);
}

#[test]
fn a_family_without_phones_and_who_has_no_document() {
    let bed = Testbed::city();
    let grid = bed.user(Role::GridWorker, VILLAGE);
    let mother = holder(&bed, &grid, 1);
    let child = NewPass {
        guardian: Some(mother.clone()),
        ..new_pass(&bed, 2)
    };
    let asked = bed.house.ask_for_pass(&child).unwrap();
    let family = mine(&bed, &mother).family;
    assert_eq!(family.len(), 1);
    assert_eq!(family[0].state, PassState::Waiting);
    bed.house.confirm_pass(&grid, &asked.code).unwrap();
    let family = mine(&bed, &mother).family;
    assert_eq!(family[0].colour, Some(Colour::Green));
    assert!(!family[0].name.contains("王小2"), "{}", family[0].name);

    let mut nobody = new_pass(&bed, 3);
    nobody.given.document = None;
    let refusal = bed.house.ask_for_pass(&nobody).unwrap_err();
    assert_eq!(refusal.field(), Some("document"));
    nobody.given.document = Some("330683199001010019".into());
    let refusal = bed.house.ask_for_pass(&nobody).unwrap_err();
    assert_eq!(refusal.field(), Some("document"));
}

fn market(bed: &Testbed) {
    let given = PlaceGiven {
        code: "M1".into(),
        area: area(VILLAGE),
        name: "剡湖市场".into(),
        name_en: None,
        kind: PlaceKind::Market,
    };
    bed.house.define_place(&bed.operator(), &given).unwrap();
}

fn scan(code: &str) -> Scan {
    Scan {
        code: code.into(),
        place: "M1".into(),
        at: None,
    }
}

fn trusted(key: &KeyShown) -> TrustedKey {
    serde_json::from_value(serde_json::json!({
        "issuer": key.issuer, "kid": key.kid, "algorithm": key.algorithm, "public_key": key.public_key,
        "valid_from": key.valid_from, "valid_until": key.valid_until, "revoked_at": key.revoked_at,
    }))
    .unwrap()
}

#[test]
fn a_pass_is_issued_verified_without_a_line_and_scanned() {
    let bed = Testbed::city();
    market(&bed);
    let grid = bed.user(Role::GridWorker, VILLAGE);
    let code = holder(&bed, &grid, 1);
    let shown = bed.house.my_pass(&code, true).unwrap().pass.unwrap();
    assert_eq!(shown.colour, Colour::Green);

    // Without a line: by the public list of keys alone.
    let keys = bed.house.pass_keys().unwrap();
    let trust = TrustList::new(keys.iter().map(trusted).collect()).unwrap();
    let read = Pass::from_code(&shown.text, &trust, bed.house.now()).unwrap();
    assert_eq!(read.shown().colour, Signed::Green);
    assert_eq!(read.shown().digits.as_str(), &card(1)[14..]);
    assert!(!shown.text.contains(&card(1)));

    let answer = bed.house.scan(&grid, &scan(&shown.text)).unwrap();
    assert_eq!(
        (answer.result, answer.colour, answer.taken),
        (ScanResult::Valid, Some(Colour::Green), true)
    );

    // The colour answered is today's, not the one in the code.
    let row = format!(
        "{LINELIST}C1,王小1,,30,{},{VILLAGE},2020-02-05,2020-02-08,confirmed,,\n",
        card(1)
    );
    bed.take(Kind::Linelist, &row);
    let answer = bed.house.scan(&grid, &scan(&shown.text)).unwrap();
    assert_eq!(
        (answer.result, answer.colour),
        (ScanResult::Valid, Some(Colour::Red))
    );

    // A newer one makes the old one a picture.
    let newer = bed.house.my_pass(&code, true).unwrap().pass.unwrap();
    assert_eq!(newer.colour, Colour::Red);
    let answer = bed.house.scan(&grid, &scan(&shown.text)).unwrap();
    assert_eq!((answer.result, answer.taken), (ScanResult::Replayed, false));

    // Altered, foreign, nobody's, too long.
    let mut altered = newer.text.clone().into_bytes();
    let place = altered.len() - 12;
    altered[place] = if altered[place] == b'A' { b'B' } else { b'A' };
    let altered = String::from_utf8(altered).unwrap();
    let foreign = |secret: u8, issuer: &str| {
        let key = SigningKey::es256(&[secret; 32]).unwrap();
        let now = bed.house.now();
        let shown = Shown {
            colour: Signed::Green,
            name: "*芳".parse().unwrap(),
            digits: "028X".parse().unwrap(),
        };
        let pass = Pass::new(
            PassId([7; 16]),
            issuer.parse().unwrap(),
            shown,
            now,
            now + SignedDuration::from_hours(12),
        )
        .unwrap();
        (pass.to_code(&key), key.public_key())
    };
    let (neighbours, public) = foreign(9, "330700");
    let (own_name, _) = foreign(9, common::CITY);
    let mut said = Vec::new();
    for text in [
        altered.as_str(),
        &neighbours,
        &own_name,
        "HC1:ABC",
        "",
        &"A".repeat(10_000),
    ] {
        let answer = bed.house.scan(&grid, &scan(text)).unwrap();
        assert!(!answer.taken && answer.colour.is_none());
        said.push(format!("{:?} {}", answer.result, answer.reason.unwrap()));
    }
    insta::assert_snapshot!(said.join("\n"));

    // A neighbour's key is trusted: its pass is read; revoked, it is not.
    let (from, until) = (
        bed.house.now() - SignedDuration::from_hours(1),
        bed.house.now() + SignedDuration::from_hours(240),
    );
    let listed = TrustedKey {
        issuer: "330700".parse().unwrap(),
        public_key: public,
        valid_from: Timestamp::from_second(from.as_second()).unwrap(),
        valid_until: Timestamp::from_second(until.as_second()).unwrap(),
        revoked_at: None,
    };
    let listed: KeyShown = serde_json::from_value(serde_json::to_value(&listed).unwrap()).unwrap();
    assert!(matches!(
        bed.house.trust_key(&grid, &listed),
        Err(Refusal::Forbidden)
    ));
    bed.house.trust_key(&bed.operator(), &listed).unwrap();
    let answer = bed.house.scan(&grid, &scan(&neighbours)).unwrap();
    assert_eq!(
        (answer.result, answer.colour),
        (ScanResult::Neighbour, Some(Colour::Green))
    );
    bed.house
        .revoke_key(&bed.operator(), &listed.kid, None, "stolen from a gate")
        .unwrap();
    let answer = bed.house.scan(&grid, &scan(&neighbours)).unwrap();
    assert_eq!(answer.reason, Some("revoked"));
    let again = bed.house.trust_key(&bed.operator(), &listed).unwrap_err();
    assert!(again.message().en.contains("never comes back"), "{again}");

    // After its day it is stale, with a line and without.
    bed.at("2020-02-10T08:00:01+08:00");
    let answer = bed.house.scan(&grid, &scan(&newer.text)).unwrap();
    assert_eq!(answer.result, ScanResult::Expired);
    assert!(Pass::from_code(&newer.text, &trust, bed.house.now()).is_err());
}

#[test]
fn a_rotated_key_keeps_what_the_last_one_signed() {
    let bed = Testbed::city();
    market(&bed);
    let grid = bed.user(Role::GridWorker, VILLAGE);
    let code = holder(&bed, &grid, 1);
    let shown = bed.house.my_pass(&code, true).unwrap().pass.unwrap();
    bed.later(SignedDuration::from_mins(1));
    bed.house.rotate_pass_key(&bed.operator()).unwrap();
    let keys = bed.house.pass_keys().unwrap();
    assert_eq!(keys.iter().filter(|key| key.own).count(), 2);
    let trust = TrustList::new(keys.iter().map(trusted).collect()).unwrap();
    assert!(Pass::from_code(&shown.text, &trust, bed.house.now()).is_ok());
    let newer = bed.house.my_pass(&code, true).unwrap().pass.unwrap();
    let kid = |text: &str| {
        trust
            .keys()
            .find(|key| {
                let alone = TrustList::new(vec![(*key).clone()]).unwrap();
                Pass::from_code(text, &alone, bed.house.now()).is_ok()
            })
            .map(|key| key.public_key.key_id())
    };
    assert_ne!(kid(&shown.text), kid(&newer.text));
    // The whole house opened again signs with the same keys.
    let reopened = bed.reopened();
    assert_eq!(reopened.pass_keys().unwrap(), keys);
}

#[test]
fn a_batch_of_scans_is_judged_one_by_one() {
    let bed = Testbed::city();
    market(&bed);
    let grid = bed.user(Role::GridWorker, VILLAGE);
    let mut scans = Vec::new();
    for nth in 1..=20 {
        let code = holder(&bed, &grid, nth);
        let shown = bed.house.my_pass(&code, true).unwrap().pass.unwrap();
        scans.push(scan(&shown.text));
    }
    scans[3].place = "NOWHERE".into();
    scans[4].at = Some("2020-02-09T09:00:00+08:00".parse().unwrap());
    scans[5].code = "LF1:NOTHING".into();
    let answer = bed.house.scan_batch(&grid, &scans).unwrap();
    assert_eq!(answer.taken, 17);
    assert_eq!(answer.answers[3].result, ScanResult::NoVisit);
    assert_eq!(answer.answers[3].reason, Some("place"));
    assert_eq!(answer.answers[3].colour, Some(Colour::Green));
    assert_eq!(answer.answers[4].reason, Some("at"));
    assert_eq!(answer.answers[5].result, ScanResult::Refused);
    // One who keeps gates elsewhere takes no visits here.
    let stranger = bed.user(Role::GridWorker, NEIGHBOUR);
    let answer = bed.house.scan(&stranger, &scans[0]).unwrap();
    assert_eq!(answer.result, ScanResult::NoVisit);
    let citizen = bed.user(Role::Citizen, VILLAGE);
    assert!(matches!(
        bed.house.scan(&citizen, &scans[0]),
        Err(Refusal::Forbidden)
    ));
}

/// A scan that a gate made without a line.
fn made(code: &str, at: Timestamp) -> Scan {
    Scan {
        at: Some(at),
        ..scan(code)
    }
}

#[test]
fn scans_that_are_sent_late_are_judged_as_of_when_they_were_made() {
    let bed = Testbed::city();
    market(&bed);
    let grid = bed.user(Role::GridWorker, VILLAGE);
    let code = holder(&bed, &grid, 1);
    let begun = bed.house.now();
    let shown = bed.house.my_pass(&code, true).unwrap().pass.unwrap();
    let minutes = SignedDuration::from_mins;
    bed.later(minutes(30));
    bed.house.my_pass(&code, true).unwrap();
    bed.later(minutes(30));
    let said = |at| {
        let answers = bed
            .house
            .scan_batch(&grid, &[made(&shown.text, at)])
            .unwrap();
        let answer = &answers.answers[0];
        assert_eq!(answers.taken, usize::from(answer.taken));
        (answer.result, answer.reason)
    };
    let valid = (ScanResult::Valid, None);
    let replayed = (ScanResult::Replayed, Some("replayed"));
    // A phone's clock may be a little behind the house's, or ahead.
    assert_eq!(said(begun - minutes(5)), valid);
    assert_eq!(said(begun + minutes(29)), valid);
    assert_eq!(said(begun + minutes(30)), replayed);
    assert_eq!(said(begun + minutes(65)), replayed);
    assert_eq!(
        said(begun - minutes(11)),
        (ScanResult::Refused, Some("not_yet_valid"))
    );

    // Days later too, when it has long expired; what has run out is swept when somebody signs in.
    bed.hours_later(48);
    let grid = bed.user(Role::GridWorker, VILLAGE);
    let late = made(&shown.text, begun + minutes(20));
    assert!(bed.house.scan(&grid, &late).unwrap().taken);
    let answer = bed.house.scan(&grid, &scan(&shown.text)).unwrap();
    assert_eq!(answer.result, ScanResult::Expired);
    // No longer than any entry of the field.
    bed.hours_later(24 * 31);
    let grid = bed.user(Role::GridWorker, VILLAGE);
    assert!(!bed.house.scan(&grid, &late).unwrap().taken);
}

#[test]
fn a_checkpoint_is_a_place_without_being_registered() {
    let bed = Testbed::city();
    let grid = bed.user(Role::GridWorker, VILLAGE);
    let officer = bed.user(Role::AreaOfficer, COUNTY);
    let code = holder(&bed, &grid, 1);
    let shown = bed.house.my_pass(&code, true).unwrap().pass.unwrap();
    let gate = |nth, checkpoint: Option<CheckpointId>, name: &str| {
        let entry = FieldEntry {
            id: id(&bed, nth),
            at: bed.house.now(),
            what: Happening::Checkpoint {
                checkpoint,
                area: area(VILLAGE),
                place: CheckpointKind::Village,
                name: name.into(),
                name_en: None,
                lanes: 1,
                open: true,
            },
        };
        let answers = bed
            .house
            .take_entries(&officer, std::slice::from_ref(&entry))
            .unwrap();
        assert_eq!(answers[0].result, Taken::Taken);
        CheckpointId::from_bytes(entry.id.to_bytes())
    };
    let places = || {
        let all = ChosenPlaces {
            limit: 10,
            ..ChosenPlaces::default()
        };
        let rows = bed.house.places(&officer, &all).unwrap().rows;
        rows.into_iter()
            .map(|row| (row.code.to_string(), row.name.zh, row.kind))
            .collect::<Vec<_>>()
    };
    let village = gate(900, None, "东门");
    assert!(places().is_empty());
    let at_gate = Scan {
        place: village.to_string(),
        ..scan(&shown.text)
    };
    let stranger = bed.user(Role::GridWorker, NEIGHBOUR);
    assert_eq!(
        bed.house.scan(&stranger, &at_gate).unwrap().result,
        ScanResult::NoVisit
    );
    assert!(bed.house.scan(&grid, &at_gate).unwrap().taken);
    let known = |name: &str| vec![(village.to_string(), name.to_owned(), PlaceKind::Community)];
    assert_eq!(places(), known("东门"));

    // A house that looks anew sees that it has another name.
    gate(901, Some(village), "东大门");
    let no_pass = Scan {
        code: "LF1:NOTHING".into(),
        ..at_gate
    };
    assert!(!bed.reopened().scan(&grid, &no_pass).unwrap().taken);
    assert_eq!(places(), known("东大门"));
}

#[test]
fn an_appeal_is_decided_by_somebody_who_recorded_none_of_it() {
    let bed = Testbed::city();
    let grid = bed.user(Role::GridWorker, VILLAGE);
    let code = holder(&bed, &grid, 1);
    let officer = bed.user(Role::AreaOfficer, COUNTY);
    let other = bed.user(Role::AreaOfficer, COUNTY);
    let row = format!(
        "{LINELIST}C1,王小1,,30,{},{VILLAGE},2020-02-05,2020-02-08,confirmed,,\n",
        card(1)
    );
    bed.import_as(&officer, Kind::Linelist, None, Some(COUNTY), row.as_bytes())
        .unwrap();
    assert_eq!(stands(&bed, &code), "red red_case");
    bed.hours_later(1);
    let appeal = NewAppeal {
        id: id(&bed, 9),
        about: PassSource::Case,
        reason: AppealReason::WrongTest,
    };
    let matter = bed.house.appeal(&code, &appeal).unwrap();
    assert_eq!(bed.house.appeal(&code, &appeal).unwrap(), matter);
    let twice = NewAppeal {
        id: id(&bed, 10),
        ..appeal
    };
    assert!(matches!(
        bed.house.appeal(&code, &twice),
        Err(Refusal::Conflict(_))
    ));
    assert_eq!(mine(&bed, &code).appeals.len(), 1);

    let step = |action: &str| NewStep {
        id: None,
        action: action.into(),
        note: Some("The laboratory mixed up two samples.".into()),
        evidence: None,
    };
    let refusal = bed
        .house
        .act_on_matter(&officer, matter, &step("uphold"))
        .unwrap_err();
    assert!(
        refusal.message().en.contains("You recorded evidence"),
        "{refusal}"
    );
    bed.hours_later(1);
    let excluded = row.replace("confirmed", "excluded");
    bed.import_as(
        &other,
        Kind::Linelist,
        None,
        Some(COUNTY),
        excluded.as_bytes(),
    )
    .unwrap();
    bed.house
        .act_on_matter(&other, matter, &step("correct"))
        .unwrap();
    assert_eq!(stands(&bed, &code), "green green");
    assert!(!mine(&bed, &code).appeals[0].over);
    bed.house
        .act_on_matter(
            &bed.user(Role::Epidemiologist, COUNTY),
            matter,
            &step("confirm"),
        )
        .unwrap();
    assert!(mine(&bed, &code).appeals[0].over);
}

#[test]
fn everybody_is_assessed_again_under_a_new_day_and_tampering_shows() {
    let bed = Testbed::city();
    let grid = bed.user(Role::GridWorker, VILLAGE);
    let codes: Vec<String> = (1..=30).map(|nth| holder(&bed, &grid, nth)).collect();
    let mut rows = LINELIST.to_owned();
    for nth in (1..=30).step_by(3) {
        writeln!(
            rows,
            "C{nth},王小{nth},,30,{},{VILLAGE},2020-02-05,2020-02-08,confirmed,recovered,2020-02-09",
            card(nth)
        )
        .unwrap();
    }
    bed.take(Kind::Linelist, &rows);
    let first = bed.house.reassess_all().unwrap();
    assert_eq!(
        (first.holders, first.colours, first.recorded),
        (30, [20, 0, 10], 10)
    );
    let again = bed.house.reassess_all().unwrap();
    assert_eq!(again.recorded, 0);
    assert_eq!(
        bed.house
            .passes(
                &grid,
                &ChosenPasses {
                    colour: Some(Colour::Red),
                    ..ChosenPasses::default()
                },
            )
            .unwrap()
            .holders
            .len(),
        10
    );
    assert_eq!(
        bed.house
            .passes(&grid, &ChosenPasses::default())
            .unwrap()
            .counts
            .green,
        20
    );
    drop(codes);

    let replay = bed.house.replay_passes().unwrap();
    assert_eq!(replay.same, replay.assessments, "{:?}", replay.differences);
    let audit = bed.house.store().audit().unwrap();
    assert!(audit.problems.is_empty(), "{:?}", audit.problems);

    // One piece of evidence altered in the file: the chain tells, and so does the replay.
    let path = bed.folder.path().join("lianfang.sqlite");
    let file = rusqlite::Connection::open(path).unwrap();
    let changed = file
        .execute(
            "UPDATE facts SET body = CAST(replace(CAST(body AS TEXT), '2020-02-08', '2020-02-07') AS BLOB)
             WHERE seq = (SELECT max(seq) FROM facts WHERE kind = 'case.reported/1')",
            [],
        )
        .unwrap();
    assert_eq!(changed, 1);
    drop(file);
    let audit = bed.house.store().audit().unwrap();
    assert!(!audit.problems.is_empty());
    let replay = bed.house.replay_passes().unwrap();
    assert_eq!(replay.differences.len(), 1, "{:?}", replay.differences);
    assert_eq!(replay.differences[0].differs, "evidence");
}

#[test]
fn a_pass_is_looked_up_by_document_and_the_look_is_on_record() {
    let bed = Testbed::city();
    let grid = bed.user(Role::GridWorker, VILLAGE);
    holder(&bed, &grid, 1);
    let before = bed.house.store().last_seq().unwrap();
    let person = person_of(&bed, &grid, 1);
    let facts = bed.house.store().facts_after(before, 10).unwrap();
    assert_eq!(facts.len(), 1);
    assert_eq!(facts[0].kind, "person.looked/1");
    assert!(bed.house.explain_pass(&grid, person).is_ok());
    let elsewhere = bed.user(Role::AreaOfficer, NEIGHBOUR);
    assert!(matches!(
        bed.house.explain_pass(&elsewhere, person),
        Err(Refusal::NotFound(_))
    ));
    assert!(bed.house.look_up_pass(&grid, &card(2)).is_err());
}

#[test]
fn a_preview_knows_all_that_is_on_record_of_a_holder() {
    let bed = Testbed::city();
    let grid = bed.user(Role::GridWorker, VILLAGE);
    let one = holder(&bed, &grid, 1);
    holder(&bed, &grid, 2);
    let cough = NewHealthReport {
        id: id(&bed, 77),
        temperature: Some(36.4),
        symptoms: vec![Symptom::Cough],
    };
    bed.house.report_health(&one, &cough).unwrap();
    assert_eq!(stands(&bed, &one), "yellow yellow_symptoms");

    let path = format!(
        "{}/../../policies/{}.toml",
        env!("CARGO_MANIFEST_DIR"),
        lianfang_service::FIRST_PACK
    );
    let text = std::fs::read_to_string(path).unwrap();
    let stricter = text
        .replace(
            "\"yellow_symptoms\"\npriority = 50",
            "\"yellow_symptoms\"\npriority = 60",
        )
        .replace(
            "'breathless' in symptoms\"\noutcome = \"yellow\"",
            "'breathless' in symptoms\"\noutcome = \"red\"",
        );
    assert_ne!(stricter, text);
    let pack = |text: &str| lianfang_policy::Pack::read(text).unwrap();
    let preview = bed
        .house
        .compare_policies(&bed.operator(), pack(&text), pack(&stricter))
        .unwrap();
    let moves: Vec<(&str, &str, u64)> = preview
        .pass
        .moves
        .iter()
        .map(|one| (one.from, one.to, one.count))
        .collect();
    assert_eq!((preview.pass.total, moves), (2, vec![("yellow", "red", 1)]));
}

/// A name and document that were typed in when a pass was asked for, as the vault knows them.
fn in_the_vault(bed: &Testbed, nth: u32) -> usize {
    let found = bed
        .house
        .store()
        .find_people(lianfang_store::IndexKind::Document, &card(nth))
        .unwrap();
    found.len()
}

#[test]
fn what_nobody_confirmed_is_forgotten_after_the_policys_days() {
    let bed = Testbed::city();
    let grid = bed.user(Role::GridWorker, VILLAGE);
    let operator = bed.operator();
    let pack = bed.house.policy().unwrap();
    let days = pack.pack.passes.as_ref().unwrap().unconfirmed_days.unwrap();
    let [lapsed, seen, ended, known, visits] =
        [1, 2, 3, 4, 5].map(|nth| bed.house.ask_for_pass(&new_pass(&bed, nth)).unwrap().code);
    bed.house.confirm_pass(&grid, &seen).unwrap();
    bed.house.end_pass_code(None, &ended).unwrap();
    // A list names the fourth by the document since; the fifth was at the market by theirs.
    let row = format!(
        "{LINELIST}C4,王小4,,30,{},{VILLAGE},2020-02-05,2020-02-08,confirmed,,\n",
        card(4)
    );
    bed.take(Kind::Linelist, &row);
    market(&bed);
    let at = bed.house.now();
    let visit = lianfang_service::visits::CheckIn {
        place: "M1".into(),
        person: card(5),
        from: at - SignedDuration::from_mins(30),
        until: None,
    };
    assert_eq!(bed.house.check_in(&operator, &[visit]).unwrap().taken, 1);

    // Whoever ended the code before anybody saw them goes at once; the others have their days.
    assert_eq!(bed.house.forget_due(&operator).unwrap(), 1);
    assert_eq!(in_the_vault(&bed, 3), 0);
    bed.hours_later(24 * i64::from(days));
    assert_eq!(bed.house.forget_due(&operator).unwrap(), 0);
    assert_eq!(mine(&bed, &lapsed).state, PassState::Waiting);
    bed.hours_later(24);
    let seq = bed.seq();
    assert_eq!(bed.house.forget_due(&operator).unwrap(), 1);
    let mut kinds = bed.kinds_after(seq);
    kinds.sort();
    assert_eq!(
        kinds,
        [
            "pass.code_ended/1",
            "pass.code_ended/1",
            "pass.code_ended/1",
            "person.forgotten/1"
        ]
    );
    assert_eq!(in_the_vault(&bed, 1), 0);
    assert_eq!(mine(&bed, &lapsed).state, PassState::Ended);
    assert!(matches!(
        bed.house.confirm_pass(&grid, &lapsed),
        Err(Refusal::Conflict(_))
    ));
    assert!(bed.house.passes_waiting(&grid, None).unwrap().is_empty());
    // Who was confirmed keeps the pass; of whom something else is on record, that stays.
    assert_eq!(mine(&bed, &seen).state, PassState::Open);
    for (nth, code) in [(4, &known), (5, &visits)] {
        assert_eq!(mine(&bed, code).state, PassState::Ended, "{nth}");
        assert_eq!(in_the_vault(&bed, nth), 1, "{nth}");
    }
    let seq = bed.seq();
    assert_eq!(bed.house.forget_due(&operator).unwrap(), 0);
    assert!(bed.kinds_after(seq).is_empty());
    bed.holds();
}

#[test]
fn a_holder_whose_codes_ended_is_forgotten_like_anybody() {
    let bed = Testbed::city();
    let grid = bed.user(Role::GridWorker, VILLAGE);
    let (gone, kept) = (holder(&bed, &grid, 1), holder(&bed, &grid, 2));
    bed.house.end_pass_code(Some(&grid), &gone).unwrap();
    let days = i64::from(bed.house.policy().unwrap().pack.retention.person_days);
    bed.hours_later(24 * (days - 1));
    assert_eq!(bed.house.forget_due(&bed.operator()).unwrap(), 0);
    bed.hours_later(24);
    assert_eq!(bed.house.forget_due(&bed.operator()).unwrap(), 1);
    assert_eq!((in_the_vault(&bed, 1), in_the_vault(&bed, 2)), (0, 1));
    assert_eq!(mine(&bed, &kept).state, PassState::Open);
}

#[test]
fn who_holds_a_pass_is_not_forgotten_with_their_last_visit() {
    let bed = Testbed::city();
    let grid = bed.user(Role::GridWorker, VILLAGE);
    market(&bed);
    let visit = lianfang_service::visits::CheckIn {
        place: "M1".into(),
        person: card(1),
        from: bed.house.now() - SignedDuration::from_mins(30),
        until: None,
    };
    let operator = bed.operator();
    assert_eq!(bed.house.check_in(&operator, &[visit]).unwrap().taken, 1);
    let code = holder(&bed, &grid, 1);
    let policy = bed.house.policy().unwrap();
    let keep = i64::from(policy.pack.visits.as_ref().unwrap().keep_days);
    bed.hours_later(24 * (keep + 1));
    bed.house.drop_old_visits().unwrap();
    for _ in 0..3 {
        assert_eq!(bed.house.forget_due(&operator).unwrap(), 0);
        bed.hours_later(1);
    }
    assert_eq!(in_the_vault(&bed, 1), 1);
    assert_eq!(mine(&bed, &code).state, PassState::Open);
}

#[test]
fn staff_find_passes_by_name_and_see_them_whole() {
    let bed = Testbed::city();
    let grid = bed.user(Role::GridWorker, VILLAGE);
    let officer = bed.user(Role::AreaOfficer, COUNTY);
    let elsewhere = bed.user(Role::AreaOfficer, NEIGHBOUR);
    let codes: Vec<String> = (1..=3).map(|nth| holder(&bed, &grid, nth)).collect();
    let ill = NewHealthReport {
        symptoms: vec![Symptom::Cough],
        ..well(&bed, 900)
    };
    bed.house.report_health(&codes[1], &ill).unwrap();

    let of = |text: Option<&str>, colour: Option<Colour>, after: u64, limit: usize| {
        let chosen = ChosenPasses {
            area: None,
            colour,
            text: text.map(str::to_owned),
            after,
            limit,
        };
        bed.house.passes(&officer, &chosen).unwrap()
    };
    let all = of(None, None, 0, 2);
    assert_eq!((all.holders.len(), all.total), (2, 3));
    let rest = of(None, None, all.next.unwrap(), 2);
    assert_eq!((rest.holders.len(), rest.next), (1, None));
    assert_eq!(of(None, Some(Colour::Yellow), 0, 10).total, 1);
    let tail = card(2)[14..].to_owned();
    for text in [card(2), "王小2".into()] {
        let found = of(Some(&text), None, 0, 10);
        assert_eq!((found.holders.len(), found.total), (1, 1));
        assert_eq!(found.holders[0].tail.as_deref(), Some(tail.as_str()));
        assert!(!found.holders[0].name.as_deref().unwrap().contains("小2"));
    }
    assert_eq!(of(Some(&card(2)), Some(Colour::Green), 0, 10).total, 0);
    let chosen = ChosenPasses {
        text: Some(card(2)),
        ..ChosenPasses::default()
    };
    assert_eq!(bed.house.passes(&elsewhere, &chosen).unwrap().total, 0);

    let asked = bed.house.ask_for_pass(&new_pass(&bed, 9)).unwrap();
    let numbers = bed.house.pass_numbers(&officer, None).unwrap();
    assert_eq!((numbers.counts.green, numbers.counts.yellow), (2, 1));
    assert_eq!((numbers.waiting, numbers.appeals), (1, 0));
    assert_eq!(numbers.areas.len(), 1);
    assert!(numbers.areas[0].area.code.contains(area(VILLAGE)));
    assert_eq!(numbers.areas[0].counts, numbers.counts);

    let appeal = NewAppeal {
        id: id(&bed, 901),
        about: PassSource::Report,
        reason: AppealReason::NotMe,
    };
    bed.house.appeal(&codes[1], &appeal).unwrap();
    assert_eq!(bed.house.pass_numbers(&officer, None).unwrap().appeals, 1);

    let person = person_of(&bed, &grid, 2);
    let whole = bed.house.explain_pass(&officer, person).unwrap();
    assert_eq!(whole.seen.standing.colour, Colour::Yellow);
    assert_eq!(whole.seen.appeals.len(), 1);
    assert!(whole.reported_today && whole.reports[0].abnormal);
    assert_eq!(whole.reports[0].temperature, Some(36.5));
    let told: Vec<String> = whole
        .history
        .iter()
        .map(|event| {
            let colour = event.colour.map_or("", |colour| match colour {
                Colour::Green => " green",
                Colour::Yellow => " yellow",
                Colour::Red => " red",
            });
            format!("{}{colour}", event.what_name.en)
        })
        .collect();
    assert_eq!(
        told,
        [
            "looked at",
            "assessed yellow",
            "assessed green",
            "confirmed",
            "asked for"
        ]
    );
    assert_eq!(whole.codes.len(), 1);

    // The code is known by its id alone: it ends it, and opens nothing.
    let own = whole.codes[0].code.to_string();
    assert!(bed.house.my_pass(&own, false).is_err());
    assert!(matches!(
        bed.house.end_pass_code(Some(&elsewhere), &own),
        Err(Refusal::Forbidden)
    ));
    bed.house.end_pass_code(Some(&grid), &own).unwrap();
    assert_eq!(mine(&bed, &codes[1]).state, PassState::Ended);
    assert!(bed.house.end_pass_code(None, &own).is_err());

    // What is compared with the document before a code is confirmed.
    let about = bed.house.pass_code_about(&grid, &asked.code).unwrap();
    assert_eq!(about.tail.as_deref(), Some(&card(9)[14..]));
    assert_eq!((about.code.state, about.person), (PassState::Waiting, None));
    let waiting = bed.house.passes_waiting(&grid, None).unwrap();
    assert_eq!(waiting[0].tail, about.tail);
    bed.house.confirm_pass(&grid, &asked.code).unwrap();
    let about = bed.house.pass_code_about(&grid, &asked.code).unwrap();
    assert_eq!(about.code.state, PassState::Open);
    assert!(about.person.is_some());
    let inspector = bed.user(Role::Inspector, COUNTY);
    assert!(matches!(
        bed.house.pass_code_about(&inspector, &asked.code),
        Err(Refusal::Forbidden)
    ));
}

#[test]
fn a_pass_is_printed_for_whom_staff_registered_and_for_nobody_else() {
    let bed = Testbed::city();
    let grid = bed.user(Role::GridWorker, VILLAGE);
    holder(&bed, &grid, 1);
    let person = person_of(&bed, &grid, 1);
    let keys = bed.house.pass_keys().unwrap();
    let seq = bed.seq();
    let printed = bed.house.print_pass(&grid, person).unwrap();
    assert_eq!(bed.kinds_after(seq), ["person.looked/1"]);
    let trust = TrustList::new(keys.iter().map(trusted).collect()).unwrap();
    let pass = Pass::from_code(&printed.pass.text, &trust, bed.house.now()).unwrap();
    assert_eq!(pass.shown().colour, Signed::Green);
    assert_eq!(mine(&bed, &printed.code).state, PassState::Open);
    // The next one takes over.
    market(&bed);
    let again = bed.house.print_pass(&grid, person).unwrap();
    let results: Vec<_> = [&printed, &again]
        .map(|one| bed.house.scan(&grid, &scan(&one.pass.text)).unwrap().result)
        .to_vec();
    assert_eq!(results, [ScanResult::Replayed, ScanResult::Valid]);

    // Whoever shows it on a phone keeps the one that stands there.
    let asked = bed.house.ask_for_pass(&new_pass(&bed, 2)).unwrap();
    bed.house.confirm_pass(&grid, &asked.code).unwrap();
    let own = person_of(&bed, &grid, 2);
    assert!(!bed.house.explain_pass(&grid, own).unwrap().prints);
    assert!(matches!(
        bed.house.print_pass(&grid, own),
        Err(Refusal::Conflict(_))
    ));
    for (role, code) in [(Role::Inspector, COUNTY), (Role::Commander, COUNTY)] {
        assert!(matches!(
            bed.house.print_pass(&bed.user(role, code), person),
            Err(Refusal::Forbidden)
        ));
    }
    assert!(matches!(
        bed.house
            .print_pass(&bed.user(Role::GridWorker, NEIGHBOUR), person),
        Err(Refusal::NotFound(_))
    ));
}
