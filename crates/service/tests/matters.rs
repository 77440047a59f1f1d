//! Matters through the service: the whole loop, who may do what, and what climbs when late.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use common::{CITY, COUNTY, NEIGHBOUR, Testbed, User, VILLAGE, area};
use lianfang_core::access::{Right, Role};
use lianfang_core::facts::Body;
use lianfang_core::ids::{AccountId, FactId, MatterId};
use lianfang_core::matters::{Owner, Phase};
use lianfang_service::Refusal;
use lianfang_service::matters::{MatterQuery, MatterView, NewMatter, NewStep};
use proptest::prelude::*;
use std::fmt::Write as _;

fn directive(code: &str) -> NewMatter {
    NewMatter {
        id: None,
        kind: "directive".into(),
        title: "Disinfect the bus station".into(),
        detail: "Twice a day, and keep the log.".into(),
        area: area(code),
        owner: None,
        deadline: None,
    }
}

fn step(action: &str) -> NewStep {
    NewStep {
        id: None,
        action: action.into(),
        note: None,
        evidence: None,
    }
}

fn noted(action: &str) -> NewStep {
    NewStep {
        note: Some("the log is missing".into()),
        ..step(action)
    }
}

fn proved(action: &str) -> NewStep {
    NewStep {
        evidence: Some("log of 9 February, page 3".into()),
        ..step(action)
    }
}

fn act(bed: &Testbed, who: &User, matter: MatterId, what: &NewStep) -> Result<(), Refusal> {
    bed.house.act_on_matter(who, matter, what)
}

fn code_of(result: Result<(), Refusal>) -> &'static str {
    result.map_or_else(|refusal| refusal.code(), |()| "ok")
}

#[test]
fn a_matter_goes_round_its_loop_and_another_closes_it() {
    let bed = Testbed::city();
    let commander = bed.user(Role::Commander, CITY);
    let officer = bed.user(Role::AreaOfficer, COUNTY);
    let colleague = bed.user(Role::AreaOfficer, COUNTY);
    let matter = bed
        .house
        .open_matter(&commander, &directive(VILLAGE))
        .unwrap();
    let phase = || bed.house.matter(&commander, matter).unwrap().row.phase;
    let mine = |who: &User| {
        let found = bed.house.matters(
            who,
            &MatterQuery {
                view: MatterView::Mine,
                area: None,
                limit: 10,
                ..MatterQuery::default()
            },
        );
        found.unwrap().1
    };
    assert_eq!((mine(&officer), mine(&commander)), (1, 0));

    assert_eq!(
        code_of(act(&bed, &commander, matter, &step("accept"))),
        "forbidden"
    );
    assert_eq!(
        code_of(act(&bed, &officer, matter, &proved("carry_out"))),
        "conflict"
    );
    act(&bed, &officer, matter, &step("accept")).unwrap();
    assert_eq!(phase(), Phase::Doing);
    assert_eq!(
        code_of(act(&bed, &officer, matter, &step("carry_out"))),
        "invalid"
    );
    act(&bed, &officer, matter, &proved("carry_out")).unwrap();
    assert_eq!(phase(), Phase::Done);

    // Whoever did it may neither confirm nor send it back.
    assert_eq!(
        code_of(act(&bed, &officer, matter, &step("confirm"))),
        "same_person"
    );
    assert_eq!(
        code_of(act(&bed, &officer, matter, &noted("return"))),
        "same_person"
    );
    assert_eq!(
        code_of(act(&bed, &commander, matter, &step("return"))),
        "invalid"
    );
    act(&bed, &commander, matter, &noted("return")).unwrap();
    assert_eq!(phase(), Phase::Doing);
    act(&bed, &colleague, matter, &proved("carry_out")).unwrap();
    assert_eq!(
        code_of(act(&bed, &colleague, matter, &step("confirm"))),
        "same_person"
    );
    assert_eq!(
        code_of(act(&bed, &officer, matter, &step("confirm"))),
        "same_person"
    );
    act(&bed, &commander, matter, &step("confirm")).unwrap();
    assert_eq!((phase(), mine(&officer)), (Phase::Closed, 0));
    assert_eq!(
        code_of(act(&bed, &commander, matter, &noted("return"))),
        "conflict"
    );

    let shown = bed.house.matter(&officer, matter).unwrap();
    let told: Vec<String> = shown
        .history
        .iter()
        .map(|event| format!("{} {} {:?}", event.actor, event.action, event.to))
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    commander of 330600 opened None
    area_officer of 330683 accept Some("accepted")
    area_officer of 330683 carry_out Some("carried_out")
    commander of 330600 return Some("accepted")
    area_officer of 330683 carry_out Some("carried_out")
    commander of 330600 confirm Some("confirmed")
    "#);
    assert!(shown.steps.is_empty());
    bed.holds();
}

#[test]
fn neighbours_and_those_below_do_not_see_it() {
    let bed = Testbed::city();
    let commander = bed.user(Role::Commander, CITY);
    let neighbour = bed.user(Role::AreaOfficer, NEIGHBOUR);
    let below = bed.user(Role::AreaOfficer, VILLAGE);
    let matter = bed
        .house
        .open_matter(&commander, &directive(COUNTY))
        .unwrap();
    for outsider in [&neighbour, &below] {
        assert_eq!(
            bed.house.matter(outsider, matter).unwrap_err().code(),
            "not_found"
        );
        assert_eq!(
            code_of(act(&bed, outsider, matter, &step("accept"))),
            "not_found"
        );
        let all = bed
            .house
            .matters(
                outsider,
                &MatterQuery {
                    view: MatterView::All,
                    area: None,
                    limit: 10,
                    ..MatterQuery::default()
                },
            )
            .unwrap();
        assert_eq!(all.1, 0);
        let asked = bed.house.matters(
            outsider,
            &MatterQuery {
                view: MatterView::All,
                area: Some(area(COUNTY)),
                limit: 10,
                ..MatterQuery::default()
            },
        );
        assert_eq!(asked.unwrap_err().code(), "forbidden");
        let opened = bed.house.open_matter(outsider, &directive(COUNTY));
        assert_eq!(opened.unwrap_err().code(), "forbidden");
    }
}

#[test]
fn an_account_that_owns_a_matter_sees_it_and_nothing_else() {
    let bed = Testbed::city();
    let commander = bed.user(Role::Commander, CITY);
    let contact = bed.user(Role::EnterpriseContact, NEIGHBOUR);
    let mut new = directive(COUNTY);
    new.owner = Some(Owner::Account(contact.account));
    let matter = bed.house.open_matter(&commander, &new).unwrap();
    assert_eq!(
        bed.house.matter(&contact, matter).unwrap().row.state,
        "issued"
    );
    let officer = bed.user(Role::AreaOfficer, COUNTY);
    assert_eq!(
        code_of(act(&bed, &officer, matter, &step("accept"))),
        "forbidden"
    );
    new.owner = Some(Owner::Account(AccountId::from_bytes([9; 16])));
    let refused = bed.house.open_matter(&commander, &new).unwrap_err();
    assert_eq!(refused.field(), Some("owner"));
}

#[test]
fn what_is_late_climbs_up_the_tree_and_stops_at_its_root() {
    let bed = Testbed::city();
    let commander = bed.user(Role::Commander, CITY);
    let matter = bed
        .house
        .open_matter(&commander, &directive(VILLAGE))
        .unwrap();
    let stands = || {
        let row = bed.house.matter(&commander, matter).unwrap().row;
        let up = row.escalated_to.map(|up| up.code.to_string());
        (row.late, row.late_hours, up)
    };
    let mut told = String::new();
    for (hours, note) in [
        (23, "an hour to go"),
        (2, "late by an hour"),
        (10, "not yet late by half a day"),
        (1, "late by half a day"),
        (12, "by a day"),
        (12, "by a day and a half"),
        (12, "at the root"),
        (48, "still there"),
    ] {
        bed.hours_later(hours);
        let climbed = bed.house.escalate_late().unwrap();
        // The clock may tick twice in the same minute.
        assert_eq!(bed.house.escalate_late().unwrap(), 0);
        writeln!(told, "{note}: {climbed} climbed, {:?}", stands()).unwrap();
    }
    insta::assert_snapshot!(told, @r#"
    an hour to go: 0 climbed, (false, 0, None)
    late by an hour: 0 climbed, (true, 1, None)
    not yet late by half a day: 0 climbed, (true, 11, None)
    late by half a day: 1 climbed, (true, 12, Some("330683001"))
    by a day: 1 climbed, (true, 24, Some("330683"))
    by a day and a half: 1 climbed, (true, 36, Some("330600"))
    at the root: 0 climbed, (true, 48, Some("330600"))
    still there: 0 climbed, (true, 96, Some("330600"))
    "#);
    let late = bed.brief(CITY, "2020-02-09");
    assert_eq!(
        (late.matters.open, late.matters.late, late.late.len()),
        (1, 1, 1)
    );

    // Closed, it is late no more, and climbs no more.
    let officer = bed.user(Role::AreaOfficer, COUNTY);
    act(&bed, &officer, matter, &step("accept")).unwrap();
    act(&bed, &officer, matter, &proved("carry_out")).unwrap();
    act(&bed, &commander, matter, &step("confirm")).unwrap();
    bed.hours_later(100);
    assert_eq!(bed.house.escalate_late().unwrap(), 0);
    assert!(!stands().0);
    bed.holds();
}

#[test]
fn sent_twice_is_done_once() {
    let bed = Testbed::city();
    let commander = bed.user(Role::Commander, CITY);
    let officer = bed.user(Role::AreaOfficer, COUNTY);
    let mut new = directive(COUNTY);
    new.id = Some(MatterId::from_parts(1_581_206_400_000, 1));
    let matter = bed.house.open_matter(&commander, &new).unwrap();
    let seq = bed.seq();
    bed.hours_later(1);
    assert_eq!(bed.house.open_matter(&commander, &new).unwrap(), matter);

    let accept = NewStep {
        id: Some(FactId::from_parts(1_581_206_400_000, 2)),
        ..step("accept")
    };
    act(&bed, &officer, matter, &accept).unwrap();
    act(&bed, &officer, matter, &accept).unwrap();
    assert_eq!(bed.kinds_after(seq), ["matter.acted/1"]);

    // Another matter under the same id is no repetition: nothing is taken for done that is not.
    let other = NewMatter {
        title: "Close the bus station".into(),
        ..new.clone()
    };
    assert_eq!(
        bed.house
            .open_matter(&commander, &other)
            .unwrap_err()
            .code(),
        "conflict"
    );
    let elsewhere = NewMatter {
        area: area(NEIGHBOUR),
        ..new.clone()
    };
    assert_eq!(
        bed.house
            .open_matter(&commander, &elsewhere)
            .unwrap_err()
            .code(),
        "conflict"
    );
    let neighbour = bed.user(Role::AreaOfficer, NEIGHBOUR);
    assert_eq!(
        bed.house
            .open_matter(&neighbour, &elsewhere)
            .unwrap_err()
            .code(),
        "conflict"
    );
}

#[test]
fn what_a_matter_must_say_is_checked() {
    let bed = Testbed::city();
    let commander = bed.user(Role::Commander, CITY);
    let refused = |change: fn(&mut NewMatter)| {
        let mut new = directive(COUNTY);
        change(&mut new);
        let refusal = bed.house.open_matter(&commander, &new).unwrap_err();
        format!("{:?} {}", refusal.field(), refusal.message().en)
    };
    let seq = bed.seq();
    let told = [
        refused(|new| new.kind = "feast".into()),
        refused(|new| new.title = " x ".into()),
        refused(|new| new.title = "a\u{7}larm at the station".into()),
        refused(|new| new.detail = "x".repeat(4_001)),
        refused(|new| new.area = area("330681")),
        refused(|new| new.deadline = Some("2020-02-08T00:00:00Z".parse().unwrap())),
        refused(|new| new.deadline = Some("2022-02-08T00:00:00Z".parse().unwrap())),
    ];
    insta::assert_snapshot!(told.join("\n"));
    assert_eq!(bed.seq(), seq);
}

#[test]
fn a_token_takes_only_the_steps_of_its_scopes() {
    let bed = Testbed::city();
    let commander = bed.user(Role::Commander, CITY);
    let officer = bed.user(Role::AreaOfficer, COUNTY);
    let matter = bed
        .house
        .open_matter(&commander, &directive(COUNTY))
        .unwrap();
    let with = |who: &User, scopes: &[Right]| {
        let (_, token) = bed.house.issue_token(who, "script", scopes, 1).unwrap();
        bed.house.bearer(&token).unwrap()
    };
    let reader = with(&officer, &[Right::ReadBrief]);
    assert_eq!(
        bed.house.matter(&reader, matter).unwrap_err().code(),
        "not_found"
    );
    let looker = with(&officer, &[Right::ReadMatters]);
    let refused = bed.house.act_on_matter(&looker, matter, &step("accept"));
    assert_eq!(code_of(refused), "forbidden");
    let doer = with(&officer, &[Right::ReadMatters, Right::ActOnMatter]);
    bed.house
        .act_on_matter(&doer, matter, &step("accept"))
        .unwrap();
    bed.house
        .act_on_matter(&doer, matter, &proved("carry_out"))
        .unwrap();
    // To confirm is a right of its own, which this token does not have.
    let not_confirmer = with(&commander, &[Right::ReadMatters, Right::ActOnMatter]);
    let refused = bed
        .house
        .act_on_matter(&not_confirmer, matter, &step("confirm"));
    assert_eq!(code_of(refused), "forbidden");
    let confirmer = with(
        &commander,
        &[Right::ReadMatters, Right::ActOnMatter, Right::OpenMatter],
    );
    bed.house
        .act_on_matter(&confirmer, matter, &step("confirm"))
        .unwrap();
}

/// Whatever is tried by whomever in whatever order, no matter is closed by one who worked on it,
/// and none is closed without somebody who did.
#[test]
fn no_walk_closes_a_matter_by_its_doer() {
    let bed = Testbed::city();
    let people = [
        bed.user(Role::Commander, CITY),
        bed.user(Role::Inspector, COUNTY),
        bed.user(Role::AreaOfficer, CITY),
        bed.user(Role::AreaOfficer, COUNTY),
        bed.user(Role::AreaOfficer, NEIGHBOUR),
        bed.user(Role::GridWorker, VILLAGE),
    ];
    let kinds = ["directive", "missing_report", "rectification"];
    let closed = std::cell::Cell::new(0_u32);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 40,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let walks = (
        0..kinds.len(),
        0..people.len(),
        prop::collection::vec((0..20_usize, 0..people.len()), 1..80),
    );
    runner
        .run(&walks, |(kind, opener, walk)| {
            let new = NewMatter {
                kind: kinds[kind].into(),
                ..directive(VILLAGE)
            };
            let Ok(matter) = bed.house.open_matter(&people[opener], &new) else {
                return Ok(());
            };
            let policy = bed.house.policy().unwrap();
            let kind = policy.pack.matter(kinds[kind]).unwrap();
            for (action, who) in walk {
                let step = &kind.steps[action % kind.steps.len()];
                let cancels = kind.state(&step.to).unwrap().phase == Phase::Cancelled;
                if cancels && action > 0 {
                    // Seldom, so that most walks go on.
                    continue;
                }
                let try_it = NewStep {
                    note: Some("noted".into()),
                    ..proved(&step.action)
                };
                let _ = act(&bed, &people[who], matter, &try_it);
            }
            let facts = bed.house.store().facts_after(0, 100_000).unwrap();
            let (mut doers, mut open) = (std::collections::BTreeSet::new(), true);
            for fact in facts {
                let Body::MatterActed(acted) = fact.read_body().unwrap() else {
                    continue;
                };
                if acted.matter != matter {
                    continue;
                }
                prop_assert!(open, "a step after the end");
                open = !acted.phase.is_over();
                if acted.work {
                    doers.insert(fact.actor);
                }
                if acted.phase == Phase::Closed {
                    closed.set(closed.get() + 1);
                    prop_assert!(!doers.is_empty() && !doers.contains(&fact.actor));
                }
            }
            Ok(())
        })
        .unwrap();
    assert!(closed.get() > 0, "no walk closed anything");
    bed.holds();
}
