//! Who may do what where, and how somebody proves to be who they are.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use common::{CITY, COUNTY, NEIGHBOUR, PASSWORD, Testbed, VILLAGE, area, day, patient_row};
use jiff::SignedDuration;
use lianfang_core::access::{Grant, Right, Role};
use lianfang_core::ids::{CaseId, MatterId, PersonId};
use lianfang_intake::{Kind, Source};
use lianfang_service::audit::FactQuery;
use lianfang_service::briefs::CurveBy;
use lianfang_service::cases::CaseQuery;
use lianfang_service::imports::ImportRequest;
use lianfang_service::matters::{MatterQuery, MatterView, NewMatter, NewStep};
use lianfang_service::{Actor, Refusal};

/// What stands in one area for others to ask for.
struct Place {
    area: &'static str,
    person: PersonId,
    case: CaseId,
    matter: MatterId,
}

fn furnish(bed: &Testbed, county: &'static str, village: &str) -> Place {
    let id = format!("case of {county}");
    let row = patient_row(village, &id);
    // Two people, not one with two cases: another document each.
    let row = if county == COUNTY {
        row
    } else {
        row.replace("11010519491231002X", "110101199003070134")
    };
    let report = bed.take(Kind::Linelist, &row);
    assert_eq!(report.rows_taken, 1, "{:?}", report.refusals);
    let case = bed.cases(&bed.operator(), Some(&id)).remove(0);
    let matter = bed
        .house
        .open_matter(&bed.operator(), &directive(county))
        .unwrap();
    Place {
        area: county,
        person: case.person.unwrap(),
        case: case.case,
        matter,
    }
}

fn directive(code: &str) -> NewMatter {
    NewMatter {
        id: None,
        kind: "directive".into(),
        title: "Check the log".into(),
        detail: String::new(),
        area: area(code),
        owner: None,
        deadline: None,
    }
}

type Verb = (
    &'static str,
    fn(&Testbed, &Actor, &Place) -> Result<(), Refusal>,
);

const VERBS: &[Verb] = &[
    ("read the brief", |bed, who, place| {
        let asked = bed
            .house
            .brief(who, Some(area(place.area)), None, CurveBy::Report);
        asked.map(drop)
    }),
    ("list cases", |bed, who, place| {
        bed.house.cases(who, &cases_of(place)).map(drop)
    }),
    ("read a case", |bed, who, place| {
        bed.house.case(who, place.case).map(drop)
    }),
    ("take the list out", |bed, who, place| {
        bed.house
            .export_cases(who, &cases_of(place), false)
            .map(drop)
    }),
    ("look at a person", |bed, who, place| {
        bed.house
            .look_at_person(who, place.person, "to tell the family")
            .map(drop)
    }),
    ("report a day", |bed, who, place| {
        bed.house
            .file_daily_report(who, area(place.area), day("2020-02-08"), 0)
    }),
    ("import", |bed, who, place| {
        let file = patient_row(place.area, "another");
        let request = ImportRequest {
            area: Some(area(place.area)),
            dry_run: true,
            ..common::request(Kind::Linelist)
        };
        let source = Source::bytes("f.csv", file.into_bytes());
        bed.house
            .import(who, source, &request, &mut |_| {})
            .map(drop)
    }),
    ("list matters", |bed, who, place| {
        let found = bed.house.matters(
            who,
            &MatterQuery {
                view: MatterView::All,
                area: Some(area(place.area)),
                limit: 9,
                ..MatterQuery::default()
            },
        );
        found.map(drop)
    }),
    ("read a matter", |bed, who, place| {
        bed.house.matter(who, place.matter).map(drop)
    }),
    ("open a matter", |bed, who, place| {
        bed.house.open_matter(who, &directive(place.area)).map(drop)
    }),
    ("accept a matter", |bed, who, place| {
        // Each asker finds it as it was opened.
        let matter = bed
            .house
            .open_matter(&bed.operator(), &directive(place.area))
            .unwrap();
        let step = NewStep {
            id: None,
            action: "accept".into(),
            note: None,
            evidence: None,
        };
        bed.house.act_on_matter(who, matter, &step)
    }),
    ("see the area", |bed, who, place| {
        bed.house.area(who, area(place.area)).map(drop)
    }),
    ("define an area", |bed, who, place| {
        let known = bed
            .house
            .area(&bed.operator(), area(place.area))
            .unwrap()
            .area;
        bed.house.define_area(who, &known)
    }),
    ("open an account", |bed, who, place| {
        let login = format!("new-{}", bed.seq());
        let grant = Grant {
            role: Role::GridWorker,
            area: area(place.area),
        };
        bed.house.open_account(who, &login, "New", grant).map(drop)
    }),
    ("read the ledger", |bed, who, place| {
        let query = FactQuery {
            area: Some(area(place.area)),
            limit: 5,
            ..FactQuery::default()
        };
        bed.house.facts(who, &query).map(drop)
    }),
    ("verify all", |bed, who, _| bed.house.verify(who).map(drop)),
    ("sign a checkpoint", |bed, who, _| {
        bed.house.checkpoint(who).map(drop)
    }),
];

fn cases_of(place: &Place) -> CaseQuery {
    let mut query = CaseQuery {
        limit: 5,
        ..CaseQuery::default()
    };
    query.filter.area = Some(area(place.area));
    query
}

/// Each role tries each verb in its own area and next door.
#[test]
fn each_role_may_do_what_it_may_at_home_and_nothing_next_door() {
    let bed = Testbed::city();
    let own = furnish(&bed, COUNTY, VILLAGE);
    let next = furnish(&bed, NEIGHBOUR, "330602001001");
    let mut table = String::new();
    let mut roles: Vec<(Role, &str)> = Role::ALL.iter().map(|role| (*role, COUNTY)).collect();
    roles.extend([(Role::Auditor, CITY), (Role::Administrator, CITY)]);
    for (role, code) in roles {
        let user = bed.user(role, code);
        writeln!(table, "\n{} of {code}", role.word()).unwrap();
        for (name, verb) in VERBS {
            let said = |place: &Place| match verb(&bed, &user, place) {
                Ok(()) => "may",
                Err(refusal) => refusal.code(),
            };
            let (here, there) = (said(&own), said(&next));
            writeln!(table, "  {name:<18} {here:<10} next door: {there}").unwrap();
            if code == COUNTY && !name.ends_with("all") && !name.ends_with("checkpoint") {
                assert_ne!(there, "may", "{role:?} may {name} next door");
            }
        }
    }
    insta::assert_snapshot!(table);
    bed.holds();
}

fn grant(role: Role, code: &str) -> Grant {
    Grant {
        role,
        area: area(code),
    }
}

#[test]
fn five_wrong_passwords_lock_an_account_for_a_quarter_of_an_hour() {
    let bed = Testbed::city();
    let user = bed.user(Role::AreaOfficer, COUNTY);
    let sign_in = |password: &str| bed.house.sign_in(&user.login, password, "test");
    let code = |password: &str| sign_in(password).err().map(|refusal| refusal.code());
    for _ in 0..4 {
        assert_eq!(code("wrong password"), Some("wrong_login"));
    }
    // A right one in between starts the count anew.
    assert_eq!(code(PASSWORD), None);
    bed.at("2020-02-09T08:02:00+08:00");
    for _ in 0..5 {
        assert_eq!(code("wrong password"), Some("wrong_login"));
    }
    let Err(Refusal::LockedOut { seconds }) = sign_in(PASSWORD) else {
        panic!("not locked")
    };
    assert_eq!(seconds, 15 * 60);
    let administrator = bed.user(Role::Administrator, CITY);
    let shown = |login: &str| {
        let accounts = bed.house.accounts(&administrator).unwrap();
        let found = accounts.into_iter().find(|account| account.login == login);
        found.unwrap().locked_until
    };
    assert_eq!(
        shown(&user.login).as_deref(),
        Some("2020-02-09T08:17:00+08:00")
    );
    bed.later(SignedDuration::from_secs(15 * 60 - 1));
    assert_eq!(code(PASSWORD), Some("locked_out"));
    bed.later(SignedDuration::from_secs(1));
    assert_eq!(shown(&user.login), None);
    assert_eq!(code("wrong password"), Some("wrong_login"));
    assert_eq!(code(PASSWORD), None);
    // A session begun before the lock went on all the while.
    assert!(bed.house.resume(&user.cookie, "test").is_ok());
}

#[test]
fn guesses_made_at_the_same_moment_all_count() {
    let bed = Testbed::city();
    let user = bed.user(Role::AreaOfficer, COUNTY);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                bed.house
                    .sign_in(&user.login, "wrong password", "test")
                    .err()
            });
        }
    });
    let locked = bed.house.sign_in(&user.login, PASSWORD, "test");
    assert_eq!(
        locked.err().map(|refusal| refusal.code()),
        Some("locked_out")
    );
}

#[test]
fn guessing_is_dear_also_where_nobody_has_the_login() {
    let bed = Testbed::city();
    let user = bed.user(Role::AreaOfficer, COUNTY);
    let quickest = |login: &str| {
        let times = (0..3).map(|_| {
            let begun = Instant::now();
            assert_eq!(
                bed.house
                    .sign_in(login, "wrong password", "test")
                    .unwrap_err()
                    .code(),
                "wrong_login"
            );
            begun.elapsed()
        });
        times.min().unwrap()
    };
    // An unknown login takes as long as a known one: both check a password.
    let (known, unknown) = (quickest(&user.login), quickest("nobody"));
    assert!(
        unknown * 4 > known && unknown > Duration::from_millis(1),
        "{unknown:?} and {known:?}"
    );
    // With one login only so much may be tried in a minute, locked or not.
    for _ in 0..2 {
        let _ = bed.house.sign_in(&user.login, "wrong password", "test");
    }
    let mut tried = 5;
    let seconds = loop {
        tried += 1;
        match bed
            .house
            .sign_in(&user.login, PASSWORD, "test")
            .unwrap_err()
        {
            Refusal::TooManyRequests { seconds } => break seconds,
            refusal => assert_eq!(refusal.code(), "locked_out"),
        }
        assert!(tried < 100, "no bound on guesses");
    };
    assert_eq!(seconds, 60);
    // Others get in all the while.
    bed.user(Role::AreaOfficer, COUNTY);
    bed.later(SignedDuration::from_secs(15 * 60));
    assert!(bed.house.sign_in(&user.login, PASSWORD, "test").is_ok());
}

#[test]
fn a_session_ends_after_a_shift_and_when_signed_out() {
    let bed = Testbed::city();
    let user = bed.user(Role::AreaOfficer, COUNTY);
    let (actor, csrf) = bed.house.resume(&user.cookie, "test").unwrap();
    assert_eq!((actor.account, csrf), (user.account, user.csrf.clone()));
    let code = |cookie: &str| bed.house.resume(cookie, "test").err().map(|r| r.code());
    assert_eq!(code("made up"), Some("not_signed_in"));
    bed.hours_later(11);
    assert_eq!(code(&user.cookie), None);
    bed.hours_later(1);
    assert_eq!(code(&user.cookie), Some("not_signed_in"));
    let again = bed.house.sign_in(&user.login, PASSWORD, "test").unwrap();
    bed.house.sign_out(&again.cookie).unwrap();
    assert_eq!(code(&again.cookie), Some("not_signed_in"));
}

#[test]
fn a_closed_account_loses_session_and_tokens_at_once() {
    let bed = Testbed::city();
    let administrator = bed.user(Role::Administrator, CITY);
    let user = bed.user(Role::AreaOfficer, COUNTY);
    let (_, token) = bed
        .house
        .issue_token(&user, "script", &[Right::ReadBrief], 30)
        .unwrap();
    assert!(bed.house.bearer(&token).is_ok());
    bed.house
        .close_account(&administrator, user.account)
        .unwrap();
    assert_eq!(
        bed.house.resume(&user.cookie, "test").unwrap_err().code(),
        "not_signed_in"
    );
    assert_eq!(
        bed.house.bearer(&token).unwrap_err().code(),
        "not_signed_in"
    );
    assert_eq!(
        bed.house
            .sign_in(&user.login, PASSWORD, "test")
            .unwrap_err()
            .code(),
        "wrong_login"
    );
    let oneself = bed
        .house
        .close_account(&administrator, administrator.account);
    assert_eq!(oneself.unwrap_err().code(), "conflict");
    bed.holds();
}

#[test]
fn a_role_taken_away_is_gone_at_once() {
    let bed = Testbed::city();
    let administrator = bed.user(Role::Administrator, CITY);
    let user = bed.user(Role::AreaOfficer, COUNTY);
    let extra = grant(Role::Inspector, NEIGHBOUR);
    bed.house
        .grant(&administrator, user.account, extra)
        .unwrap();
    let now = || bed.house.resume(&user.cookie, "test").unwrap().0;
    assert!(now().may(Right::OpenMatter, area(NEIGHBOUR)));
    bed.house
        .withdraw(&administrator, user.account, extra)
        .unwrap();
    assert!(!now().may(Right::OpenMatter, area(NEIGHBOUR)));
    assert_eq!(
        bed.house
            .withdraw(&administrator, user.account, extra)
            .unwrap_err()
            .code(),
        "not_found"
    );
}

#[test]
fn an_administrator_runs_the_accounts_of_the_own_area_only() {
    let bed = Testbed::city();
    let city = bed.user(Role::Administrator, CITY);
    let county = bed.user(Role::Administrator, COUNTY);
    let here = bed.user(Role::GridWorker, VILLAGE);
    let next = bed.user(Role::GridWorker, NEIGHBOUR);
    let logins = |who: &Actor| -> Vec<String> {
        let accounts = bed.house.accounts(who).unwrap();
        accounts.into_iter().map(|account| account.login).collect()
    };
    assert_eq!(logins(&city).len(), 4);
    assert_eq!(logins(&county), [county.login.clone(), here.login.clone()]);
    for verb in [
        bed.house.close_account(&county, next.account),
        bed.house.reset_password(&county, next.account).map(drop),
        bed.house
            .grant(&county, next.account, grant(Role::GridWorker, COUNTY)),
        bed.house
            .grant(&county, here.account, grant(Role::GridWorker, NEIGHBOUR)),
        bed.house
            .grant(&county, here.account, grant(Role::Commander, CITY)),
    ] {
        assert_eq!(verb.unwrap_err().code(), "forbidden");
    }
    // What is closed next door is nobody's business here either.
    bed.house.close_account(&city, next.account).unwrap();
    assert!(!logins(&county).contains(&next.login));
    assert!(logins(&city).contains(&next.login));
    bed.house.close_account(&county, here.account).unwrap();
}

#[test]
fn passwords_have_rules() {
    let bed = Testbed::city();
    let administrator = bed.user(Role::Administrator, CITY);
    let (account, first) = bed
        .house
        .open_account(
            &administrator,
            "li.si",
            "李四",
            grant(Role::AreaOfficer, COUNTY),
        )
        .unwrap();
    assert!(first.chars().count() >= 16);
    let session = bed.house.sign_in("li.si", &first, "web").unwrap();
    let (_, token) = bed
        .house
        .issue_token(&session.actor, "script", &[Right::ReadBrief], 1)
        .unwrap();
    assert!(
        bed.house
            .own_credentials(&session.actor)
            .unwrap()
            .must_change
    );
    let change = |old: &str, new: &str| {
        let changed = bed.house.change_password(&session.actor, old, new);
        changed
            .err()
            .map(|refusal| (refusal.field(), refusal.message().en))
    };
    let told = [
        change("wrong", "long enough 1"),
        change(&first, "short"),
        change(&first, &"x".repeat(129)),
        change(&first, &first),
        change(&first, "long enough 1"),
    ];
    insta::assert_debug_snapshot!(told);
    assert!(
        !bed.house
            .own_credentials(&session.actor)
            .unwrap()
            .must_change
    );
    // Whatever was signed in with the old password is signed in no more.
    assert!(bed.house.resume(&session.cookie, "web").is_err());
    assert!(bed.house.bearer(&token).is_err());
    assert!(bed.house.sign_in("li.si", &first, "web").is_err());
    assert!(bed.house.sign_in("li.si", "long enough 1", "web").is_ok());

    bed.hours_later(1);
    let reset = bed.house.reset_password(&administrator, account).unwrap();
    assert!(bed.house.resume(&session.cookie, "web").is_err());
    assert!(bed.house.sign_in("li.si", "long enough 1", "web").is_err());
    let again = bed.house.sign_in("li.si", &reset, "web").unwrap();
    assert!(bed.house.own_credentials(&again.actor).unwrap().must_change);
}

#[test]
fn a_login_is_proper_and_taken_once() {
    let bed = Testbed::city();
    let administrator = bed.user(Role::Administrator, CITY);
    let open = |login: &str, name: &str, code: &str| {
        let opened =
            bed.house
                .open_account(&administrator, login, name, grant(Role::GridWorker, code));
        opened.err().map(|refusal| refusal.field())
    };
    assert_eq!(open("zhang", "张三", COUNTY), None);
    assert_eq!(open("zhang", "张三", COUNTY), Some(Some("login")));
    for login in [
        "",
        "ab",
        "张三三",
        "a b c",
        "x'; DROP TABLE",
        &"a".repeat(33),
    ] {
        assert_eq!(open(login, "张三", COUNTY), Some(Some("login")), "{login}");
    }
    assert_eq!(open("zhang2", "  ", COUNTY), Some(Some("name")));
    assert_eq!(open("zhang3", "张三", "330681"), Some(Some("area")));
}

#[test]
fn the_first_administrator_is_made_once() {
    let bed = Testbed::city();
    let password = bed.house.first_administrator().unwrap().unwrap();
    assert!(bed.house.first_administrator().unwrap().is_none());
    let session = bed.house.sign_in("admin", &password, "web").unwrap();
    assert!(
        bed.house
            .own_credentials(&session.actor)
            .unwrap()
            .must_change
    );
    assert_eq!(session.actor.rights(), [Right::ManageAccounts]);
    // Neither login nor password stands in the ledger.
    for fact in bed.house.store().facts_after(0, 1_000).unwrap() {
        let body = String::from_utf8(fact.body).unwrap();
        assert!(
            !body.contains(&password) && !body.contains("\"admin\""),
            "{body}"
        );
    }
}

#[test]
fn a_token_has_its_scopes_its_time_and_no_children() {
    let bed = Testbed::city();
    let officer = bed.user(Role::AreaOfficer, COUNTY);
    let issue = |scopes: &[Right], days| bed.house.issue_token(&officer, "script", scopes, days);
    let field = |scopes: &[Right], days| issue(scopes, days).unwrap_err().field();
    assert_eq!(field(&[], 1), Some("scopes"));
    assert_eq!(field(&[Right::ManageAccounts], 1), Some("scopes"));
    assert_eq!(field(&[Right::ReadBrief], 0), Some("days"));
    assert_eq!(field(&[Right::ReadBrief], 367), Some("days"));

    let (id, token) = issue(&[Right::ReadBrief, Right::ReadCases], 2).unwrap();
    let bearer = bed.house.bearer(&token).unwrap();
    assert_eq!(bearer.rights(), [Right::ReadBrief, Right::ReadCases]);
    assert!(bearer.may(Right::ReadBrief, area(COUNTY)) && !bearer.may(Right::Export, area(COUNTY)));
    assert!(!bearer.may(Right::ReadBrief, area(NEIGHBOUR)));
    let child = bed
        .house
        .issue_token(&bearer, "child", &[Right::ReadBrief], 1);
    assert_eq!(child.unwrap_err().code(), "forbidden");
    assert_eq!(bed.house.tokens(&officer).unwrap().len(), 1);

    let stranger = bed.user(Role::AreaOfficer, COUNTY);
    assert_eq!(
        bed.house.revoke_token(&stranger, &id).unwrap_err().code(),
        "not_found"
    );
    bed.house.revoke_token(&officer, &id).unwrap();
    assert_eq!(
        bed.house.bearer(&token).unwrap_err().code(),
        "not_signed_in"
    );

    let (_, token) = issue(&[Right::ReadBrief], 2).unwrap();
    bed.hours_later(47);
    assert!(bed.house.bearer(&token).is_ok());
    bed.hours_later(1);
    assert!(bed.house.bearer(&token).is_err());
    for fact in bed.house.store().facts_after(0, 1_000).unwrap() {
        assert!(!String::from_utf8(fact.body).unwrap().contains(&token));
    }
}
