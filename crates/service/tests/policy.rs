//! Policy: versions proposed by one, approved by another, in force from a moment on.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use common::{CITY, COUNTY, Testbed, VILLAGE, day};
use insta::assert_snapshot;
use jiff::{SignedDuration, ToSpan};
use lianfang_core::access::Role;
use lianfang_core::ids::PolicyId;
use lianfang_intake::Kind;
use lianfang_policy::{Pack, Table};
use lianfang_service::matters::{NewMatter, NewStep};
use lianfang_service::policy::{NewPolicy, Standing};
use lianfang_service::{Actor, FIRST_PACK, Refusal};
use serde_json::json;

/// The shipped pack with other words in some places, as another version.
fn changed(version: &str, changes: &[(&str, &str)]) -> String {
    let shipped = Pack::shipped(FIRST_PACK).unwrap().text;
    let mut text = shipped.replace(
        "version = \"2020.03.19.5\"",
        &format!("version = \"{version}\""),
    );
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    text
}

fn proposal(text: String) -> NewPolicy {
    NewPolicy {
        id: None,
        text,
        from: None,
        note: "tried in a test".into(),
    }
}

fn refused<T: std::fmt::Debug>(answer: Result<T, Refusal>) -> String {
    let refusal = answer.unwrap_err();
    let message = refusal.message();
    format!(
        "{} {}\n{}\n{}",
        refusal.code(),
        refusal.field().unwrap_or("-"),
        message.en,
        message.zh
    )
}

fn standings(bed: &Testbed, actor: &Actor) -> Vec<(String, Standing)> {
    bed.house
        .policy_versions(actor)
        .unwrap()
        .into_iter()
        .map(|version| (version.version, version.standing))
        .collect()
}

#[test]
fn a_version_goes_from_proposal_to_force_and_the_old_one_stays_readable() {
    let bed = Testbed::city();
    let proposer = bed.user(Role::Epidemiologist, CITY);
    let approver = bed.user(Role::Commander, CITY);
    let start = bed.house.now() + SignedDuration::from_hours(48);
    let id = bed
        .house
        .propose_policy(
            &proposer,
            &NewPolicy {
                from: Some(start),
                ..proposal(changed(
                    "2020.03.20",
                    &[("deadline_hours = 24", "deadline_hours = 12")],
                ))
            },
        )
        .unwrap();
    assert_eq!(
        standings(&bed, &proposer),
        [
            ("2020.03.20".into(), Standing::Proposed),
            ("2020.03.19.5".into(), Standing::InForce)
        ]
    );
    let shown = bed.house.policy_version(&approver, id).unwrap();
    let words: Vec<&str> = shown
        .differences
        .iter()
        .map(|d| d.words.en.as_str())
        .collect();
    assert_eq!(
        words,
        [
            "version: 2020.03.19.5 → 2020.03.20",
            "Directive: deadline 24 h → 12 h"
        ]
    );
    assert!(shown.version.may_approve);
    assert!(
        !bed.house
            .policy_version(&proposer, id)
            .unwrap()
            .version
            .may_approve
    );

    bed.house.approve_policy(&approver, id).unwrap();
    assert_eq!(standings(&bed, &approver)[0].1, Standing::ToCome);
    assert_eq!(bed.house.policy().unwrap().pack.version, "2020.03.19.5");
    let in_force = bed.house.policy_in_force().unwrap();
    assert_eq!(in_force.next.unwrap().version, "2020.03.20");

    bed.hours_later(49);
    assert_eq!(bed.house.policy().unwrap().pack.version, "2020.03.20");
    assert_eq!(
        standings(&bed, &approver),
        [
            ("2020.03.20".into(), Standing::InForce),
            ("2020.03.19.5".into(), Standing::Superseded)
        ]
    );
    // What was in force on a past day is what a brief of that day is made by.
    let now = bed.house.now();
    let old = bed
        .house
        .policy_at(now - SignedDuration::from_hours(24))
        .unwrap();
    assert_eq!(old.pack.version, "2020.03.19.5");

    // The ledger alone gives the same again: the pack stands in it.
    bed.house.store().rebuild().unwrap();
    let again = bed.reopened();
    assert_eq!(again.policy().unwrap().pack.version, "2020.03.20");
    bed.holds();
}

#[test]
fn old_matters_keep_the_version_they_were_opened_under() {
    let bed = Testbed::city();
    let proposer = bed.user(Role::Epidemiologist, CITY);
    let approver = bed.user(Role::Commander, CITY);
    let officer = bed.user(Role::AreaOfficer, COUNTY);
    let new = |title: &str| NewMatter {
        id: None,
        kind: "directive".into(),
        title: title.into(),
        detail: String::new(),
        area: COUNTY.parse().unwrap(),
        owner: None,
        deadline: None,
    };
    let before = bed.house.open_matter(&approver, &new("before")).unwrap();
    // The new version has another word for the first step.
    let text = changed(
        "2020.03.20",
        &[
            ("action = \"accept\", name", "action = \"sign_for\", name"),
            ("deadline_hours = 24", "deadline_hours = 6"),
        ],
    );
    let id = bed
        .house
        .propose_policy(&proposer, &proposal(text))
        .unwrap();
    bed.house.approve_policy(&approver, id).unwrap();
    let after = bed.house.open_matter(&approver, &new("after")).unwrap();
    let steps = |matter| {
        let shown = bed.house.matter(&officer, matter).unwrap();
        shown.row.actions
    };
    assert_eq!(steps(before), ["accept"]);
    assert_eq!(steps(after), ["sign_for"]);
    let step = |action: &str| NewStep {
        id: None,
        action: action.into(),
        note: None,
        evidence: None,
    };
    bed.house
        .act_on_matter(&officer, before, &step("accept"))
        .unwrap();
    bed.house
        .act_on_matter(&officer, after, &step("sign_for"))
        .unwrap();
    assert!(
        bed.house
            .act_on_matter(&officer, after, &step("accept"))
            .is_err()
    );
}

#[test]
fn nobody_approves_their_own_and_no_right_reaches_beyond_its_area() {
    let bed = Testbed::city();
    let epidemiologist = bed.user(Role::Epidemiologist, CITY);
    let commander = bed.user(Role::Commander, CITY);
    let of_county = bed.user(Role::Commander, COUNTY);
    let officer = bed.user(Role::AreaOfficer, CITY);
    let house = &bed.house;
    let text = || changed("2020.03.20", &[]);
    let seq = bed.seq();
    assert_snapshot!(
        "county_proposes",
        refused(house.propose_policy(&of_county, &proposal(text())))
    );
    assert_snapshot!(
        "officer_proposes",
        refused(house.propose_policy(&officer, &proposal(text())))
    );
    assert_eq!(bed.seq(), seq);

    let own = house.propose_policy(&commander, &proposal(text())).unwrap();
    assert_snapshot!("own", refused(house.approve_policy(&commander, own)));
    assert_snapshot!(
        "no_right",
        refused(house.approve_policy(&epidemiologist, own))
    );
    assert_snapshot!(
        "twice",
        refused(house.propose_policy(&epidemiologist, &proposal(text())))
    );
    assert_snapshot!(
        "no_reason",
        refused(house.decline_policy(&commander, own, " "))
    );
    house
        .decline_policy(&commander, own, "thought better of it")
        .unwrap();
    assert_snapshot!(
        "declined",
        refused(house.decline_policy(&commander, own, "again"))
    );
    let other = bed.user(Role::Commander, CITY);
    assert_snapshot!("approved_after", refused(house.approve_policy(&other, own)));
    let missing = PolicyId::from_parts(1, 1);
    assert_snapshot!("missing", refused(house.approve_policy(&other, missing)));
    // Declined, the version's word is free again.
    house
        .propose_policy(&epidemiologist, &proposal(text()))
        .unwrap();
}

#[test]
fn what_cannot_come_into_force_is_refused_with_its_place() {
    let bed = Testbed::city();
    let house = &bed.house;
    let proposer = bed.user(Role::Epidemiologist, CITY);
    let seq = bed.seq();
    let broken = changed(
        "2020.03.20",
        &[("contact == 'secondary'", "contct == 'secondary'")],
    );
    let told = refused(house.propose_policy(&proposer, &proposal(broken.clone())));
    assert!(told.starts_with("invalid text\nline "), "{told}");
    assert!(
        told.contains("`contct` is not a name of the table `quarantine`"),
        "{told}"
    );
    assert!(told.contains("did you mean `contact`?"), "{told}");
    assert!(told.contains("“contct”"), "{told}");
    let check = house.check_policy(&proposer, &broken).unwrap();
    assert_eq!(check.problems.len(), 1);
    assert!(check.overview.is_none());
    let yesterday = NewPolicy {
        from: Some(house.now() - SignedDuration::from_hours(24)),
        ..proposal(changed("2020.03.20", &[]))
    };
    assert_snapshot!(
        "yesterday",
        refused(house.propose_policy(&proposer, &yesterday))
    );
    let far = NewPolicy {
        from: Some(house.now() + SignedDuration::from_hours(24 * 400)),
        ..proposal(changed("2020.03.20", &[]))
    };
    assert_snapshot!("too_far", refused(house.propose_policy(&proposer, &far)));
    assert_snapshot!(
        "same_version",
        refused(house.propose_policy(&proposer, &proposal(changed("2020.03.19.5", &[]))))
    );
    assert_eq!(bed.seq(), seq);
    // The same proposal sent twice is one.
    let once = NewPolicy {
        id: Some(PolicyId::from_parts(7, 7)),
        ..proposal(changed("2020.03.20", &[]))
    };
    house.propose_policy(&proposer, &once).unwrap();
    let seq = bed.seq();
    house.propose_policy(&proposer, &once).unwrap();
    assert_eq!(bed.seq(), seq);
}

#[test]
fn evidence_is_tried_out_and_nothing_is_kept() {
    let bed = Testbed::city();
    let seq = bed.seq();
    let tried = bed
        .house
        .try_policy(
            None,
            Table::Pass,
            &json!({ "contact": "close", "last_exposure": "2020-02-05" }),
            Some(day("2020-02-08")),
        )
        .unwrap();
    assert_eq!(tried.decision.outcome, "red");
    assert_eq!(tried.decision.until, Some(day("2020-02-22")));
    let wrong = bed
        .house
        .try_policy(None, Table::Pass, &json!({ "colour": "green" }), None);
    assert_eq!(wrong.unwrap_err().field(), Some("evidence"));
    assert_eq!(bed.seq(), seq);
}

/// What the preview counts is what happens, person by person.
#[test]
fn a_preview_counts_what_publishing_brings() {
    const PEOPLE: usize = 100_000;
    let bed = Testbed::city();
    let house = &bed.house;
    let proposer = bed.user(Role::Epidemiologist, CITY);
    let approver = bed.user(Role::Commander, CITY);
    let today = house.today();
    let villages = [VILLAGE, "330683001002", "330683002001", "330602001001"];
    let classes = [
        "suspected",
        "clinical",
        "confirmed",
        "asymptomatic",
        "excluded",
    ];
    let mut list = String::from(
        "case_id,area,name,passport,diagnosis_date,classification,outcome,outcome_date\n",
    );
    for n in 0..PEOPLE {
        let diagnosed = today - (n as i64 * 7 % 90 + 1).days();
        let recovered = n % 3 == 0;
        let (outcome, on) = if recovered {
            let on = (diagnosed + (n as i64 % 40).days()).min(today);
            ("recovered", on.to_string())
        } else if n % 97 == 1 {
            ("died", today.to_string())
        } else {
            ("", String::new())
        };
        let class = if recovered {
            "confirmed"
        } else {
            classes[n % 5]
        };
        writeln!(
            list,
            "P-{n},{},某{n},G{n:08},{diagnosed},{class},{outcome},{on}",
            villages[n % villages.len()],
        )
        .unwrap();
    }
    let report = bed.take(Kind::Linelist, &list);
    assert_eq!(
        report.rows_taken as usize, PEOPLE,
        "{:?}",
        report.refusals_by_code
    );

    // Clinically diagnosed cases go free, those excluded turn yellow, and those discharged are red
    // for 20 days without reports.
    let text = changed(
        "2020.03.20",
        &[
            (
                "id = \"red_case\"\npriority = 100\nwhen = \"case in ['suspected', 'clinical', 'confirmed', 'asymptomatic']\"",
                "id = \"red_case\"\npriority = 100\nwhen = \"case in ['suspected', 'confirmed', 'asymptomatic']\"",
            ),
            (
                "when = \"watch in ['home', 'site']\"",
                "when = \"watch in ['home', 'site'] || case == 'excluded'\"",
            ),
            (
                "[numbers.discharge_days]\nvalue = 14",
                "[numbers.discharge_days]\nvalue = 20",
            ),
            (
                "reports = \"red_reports\"\nreason = { en = \"Discharged",
                "reason = { en = \"Discharged",
            ),
            (
                " and {reports} healthy daily reports in a row.\", zh = \"自出院之日起满{days}天，且连续{reports}天健康打卡正常。\"",
                ".\", zh = \"自出院之日起满{days}天。\"",
            ),
        ],
    );
    let id = house.propose_policy(&proposer, &proposal(text)).unwrap();
    let preview = house.preview_policy(&approver, id).unwrap();

    let people = house
        .store()
        .read(|connection| {
            let mut people = Vec::new();
            lianfang_store::views::cases::each_person(connection, |person, cases| {
                people.push((person, cases[0].area));
            })?;
            Ok(people)
        })
        .unwrap();
    assert_eq!(people.len(), PEOPLE);
    let passes = || -> Vec<Option<&'static str>> {
        people
            .iter()
            .map(|(person, _)| {
                house
                    .pass_of(&approver, *person)
                    .unwrap()
                    .map(|d| d.outcome)
            })
            .collect()
    };
    let before = passes();
    house.approve_policy(&approver, id).unwrap();
    let after = passes();

    let mut moves: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    let mut by_county: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    let mut total = 0;
    for ((before, after), (_, area)) in before.iter().zip(&after).zip(&people) {
        let (Some(before), Some(after)) = (before, after) else {
            assert_eq!(before, after, "the dead have no pass under any version");
            continue;
        };
        total += 1;
        let county = by_county
            .entry(area.to_string()[..6].to_owned())
            .or_default();
        county.0 += 1;
        if before != after {
            *moves.entry((before, after)).or_default() += 1;
            county.1 += 1;
        }
    }
    assert!(
        moves.len() >= 2,
        "the change reaches people in both directions: {moves:?}"
    );
    assert_eq!(preview.pass.total, total);
    assert_eq!(preview.pass.changed, moves.values().sum::<u64>());
    let told: BTreeMap<(&str, &str), u64> = preview
        .pass
        .moves
        .iter()
        .map(|step| ((step.from, step.to), step.count))
        .collect();
    assert_eq!(told, moves);
    let told: BTreeMap<String, (u64, u64)> = preview
        .pass
        .by_area
        .iter()
        .map(|area| {
            (
                area.area.code.to_string()[..6].to_owned(),
                (area.total, area.changed),
            )
        })
        .collect();
    assert_eq!(told, by_county);
    // Each of the sample went the way that the preview said.
    assert!(!preview.pass.sample.is_empty());
    for sample in &preview.pass.sample {
        let now = house
            .pass_of(&approver, sample.person.unwrap())
            .unwrap()
            .unwrap();
        assert_eq!(
            (&now.outcome_name, &now.rule),
            (&sample.to, &sample.to_rule)
        );
        assert_eq!(now.until, sample.until);
        assert_eq!(
            sample.name.as_deref().map(|name| name.chars().next()),
            Some(Some('某'))
        );
    }
}
