//! What the door refuses, in words and with the right number; also to all routes at once.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use common::{By, CITY, COUNTY, Door, NEIGHBOUR, PASSWORD, is_open};
use insta::assert_json_snapshot;
use lianfang_core::access::Role;
use serde_json::{Value, json};

const ID: &str = "01E0M7T0000000000000000001";

fn somewhere(path: &str) -> String {
    let places = [
        "case", "person", "matter", "import", "account", "policy", "id",
    ]
    .map(|name| (name, ID.to_owned()));
    common::filled(&path.replace("{code}", COUNTY), &places)
}

#[test]
fn the_document_names_every_route() {
    let door = Door::city();
    let routes: Vec<String> = door
        .routes()
        .iter()
        .map(|(method, path)| format!("{method} {path}"))
        .collect();
    insta::assert_snapshot!(routes.join("\n"));
    // None of them is a page, and none answers to a method that the document does not know.
    for (method, path) in door.routes() {
        let answer = door.ask(By::Nobody, &method, &somewhere(&path), "", Vec::new());
        assert_ne!(
            answer.status,
            StatusCode::METHOD_NOT_ALLOWED,
            "{method} {path}"
        );
    }
    let document: Value = serde_json::from_str(&lianfang_http::openapi()).unwrap();
    assert_eq!(document["info"]["title"], "Lianfang");
    let text = document.to_string();
    let undescribed: std::collections::BTreeSet<&str> = text
        .split("\"#/components/schemas/")
        .skip(1)
        .filter_map(|reference| reference.split('"').next())
        .filter(|name| !document["components"]["schemas"][name].is_object())
        .collect();
    assert!(undescribed.is_empty(), "{undescribed:?}");
}

#[test]
fn nobody_gets_in_without_a_session() {
    let door = Door::city();
    for (method, path) in door.routes() {
        if is_open(&method, &path) {
            continue;
        }
        let path = somewhere(&path);
        for by in [By::Nobody, By::Token("lf_made-up")] {
            let answer = door.ask(by, &method, &path, "", Vec::new());
            assert_eq!(
                (answer.status, answer.code().as_str()),
                (StatusCode::UNAUTHORIZED, "not_signed_in"),
                "{method} {path}"
            );
        }
    }
    let answer = door.ask(By::Nobody, &Method::GET, "/api/brief", "", Vec::new());
    assert_json_snapshot!(answer.shown());
}

#[test]
fn no_write_goes_through_without_the_sessions_token() {
    let door = Door::city();
    let user = door.user(Role::AreaOfficer, COUNTY);
    let seq = door.bed.seq();
    for (method, path) in door.routes() {
        if method == Method::GET || is_open(&method, &path) {
            continue;
        }
        let path = somewhere(&path);
        let answer = door.ask(
            By::SessionWithoutCsrf(&user),
            &method,
            &path,
            "",
            Vec::new(),
        );
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::FORBIDDEN, "csrf"),
            "{method} {path}"
        );
    }
    let wrong = Request::post("/api/reports")
        .header(header::COOKIE, format!("lianfang_session={}", user.cookie))
        .header("x-csrf-token", "another")
        .body(Body::empty())
        .unwrap();
    assert_json_snapshot!(door.send(wrong).shown());
    assert_eq!(door.bed.seq(), seq);
}

#[test]
fn a_wrong_login_and_then_the_lock() {
    let door = Door::city();
    let user = door.user(Role::AreaOfficer, COUNTY);
    let sign_in = |login: &str, password: &str| {
        let body = json!({ "login": login, "password": password });
        door.json(By::Nobody, &Method::POST, "/api/session", &body)
    };
    let unknown = sign_in("nobody", "wrong password");
    let wrong = sign_in(&user.login, "wrong password");
    assert_eq!(
        (wrong.status, wrong.body),
        (unknown.status, unknown.body.clone())
    );
    assert_json_snapshot!("wrong_login", unknown.shown());
    for _ in 0..4 {
        sign_in(&user.login, "wrong password");
    }
    let locked = sign_in(&user.login, PASSWORD);
    assert_eq!(locked.header("retry-after"), "900");
    assert_json_snapshot!("locked_out", locked.shown());
}

#[test]
fn next_door_is_not_there() {
    let door = Door::city();
    let officer = door.user(Role::AreaOfficer, COUNTY);
    assert_json_snapshot!(
        door.get(&officer, &format!("/api/brief?area={NEIGHBOUR}"))
            .shown()
    );
    for path in [
        format!("/api/areas/{NEIGHBOUR}"),
        format!("/api/areas/{CITY}"),
        format!("/api/brief.txt?area={CITY}"),
        format!("/api/brief.xlsx?area={NEIGHBOUR}"),
    ] {
        assert_eq!(
            door.get(&officer, &path).status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    assert_json_snapshot!(
        "list_next_door",
        door.get(&officer, &format!("/api/cases?area={NEIGHBOUR}"))
            .shown()
    );
}

#[test]
fn what_is_not_of_its_form() {
    let door = Door::city();
    let officer = door.user(Role::AreaOfficer, COUNTY);
    let auditor = door.user(Role::Auditor, CITY);
    for path in [
        "/api/brief?date=yesterday",
        "/api/brief?area=3306830",
        "/api/brief?date=2020-02-10",
        "/api/brief?by=moon",
        "/api/cases?classification=green",
        "/api/cases?cursor=x",
        "/api/cases?cursor=99999999999999999999.1",
        "/api/cases?from=2020-13-01",
        "/api/cases?limit=-1",
        "/api/matters?view=theirs",
        "/api/matters?cursor=-1",
        "/api/areas",
    ] {
        let answer = door.get(&officer, path);
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
            "{path}"
        );
    }
    assert_eq!(
        door.get(&auditor, "/api/audit/facts?actor=me").status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_json_snapshot!(
        "bad_query",
        door.get(&officer, "/api/brief?date=yesterday").shown()
    );
    for path in [
        "/api/cases/x",
        "/api/matters/x",
        "/api/imports/x",
        "/api/areas/x",
    ] {
        assert_eq!(
            door.get(&officer, path).status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    for body in [
        "",
        "{",
        "[]",
        "{\"area\": 1}",
        "{\"area\": \"330683\", \"date\": \"2020-02-08\", \"new_cases\": -1}",
    ] {
        let answer = door.ask(
            By::Session(&officer),
            &Method::POST,
            "/api/reports",
            "application/json",
            body.as_bytes().to_vec(),
        );
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
            "{body}"
        );
    }
    let owner = json!({ "kind": "directive", "title": "abc", "area": COUNTY, "owner": { "role": "commander", "account": ID } });
    assert_json_snapshot!(
        "bad_owner",
        door.post(&officer, "/api/matters", &owner).shown()
    );
    let long = format!("/api/cases?q={}", "x".repeat(50_000));
    assert!(door.get(&officer, &long).status.is_success());
}

#[test]
fn a_body_that_is_too_large() {
    let door = Door::city();
    let officer = door.user(Role::AreaOfficer, COUNTY);
    let body = json!({ "q": "x".repeat(300 * 1024) });
    let answer = door.post(&officer, "/api/cases/find", &body);
    assert_json_snapshot!(answer.shown());
    let file = vec![b'x'; (64 << 20) + 1];
    let seq = door.bed.seq();
    let upload = door.upload(By::Session(&officer), &[("kind", "linelist")], &file);
    assert_eq!(
        (upload.status, upload.code().as_str()),
        (StatusCode::PAYLOAD_TOO_LARGE, "too_large")
    );
    assert_eq!(door.bed.seq(), seq);
}

#[test]
fn one_account_cannot_take_all_there_is() {
    let door = Door::city();
    let officer = door.user(Role::AreaOfficer, COUNTY);
    let other = door.user(Role::AreaOfficer, COUNTY);
    let refused = (0..3_000)
        .map(|_| door.get(&officer, "/api/matters/kinds"))
        .find(|a| !a.status.is_success());
    let refused = refused.expect("a bound on requests");
    assert_json_snapshot!(refused.shown());
    assert_eq!(refused.header("retry-after"), "1");
    assert!(door.get(&other, "/api/matters/kinds").status.is_success());
}

#[test]
fn every_answer_carries_the_headers_that_protect_it() {
    let door = Door::city();
    let officer = door.user(Role::AreaOfficer, COUNTY);
    let answers = [
        door.get(&officer, "/api/brief"),
        door.get(&officer, "/api/cases.csv"),
        door.get(&officer, "/api/nothing"),
        door.ask(By::Nobody, &Method::GET, "/api/brief", "", Vec::new()),
        door.ask(By::Nobody, &Method::GET, "/", "", Vec::new()),
        door.ask(By::Nobody, &Method::GET, "/healthz", "", Vec::new()),
        door.ask(By::Nobody, &Method::DELETE, "/api/brief", "", Vec::new()),
    ];
    for answer in answers {
        assert!(
            answer
                .header("content-security-policy")
                .contains("default-src 'self'")
        );
        assert!(
            answer
                .header("content-security-policy")
                .contains("frame-ancestors 'none'")
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("x-frame-options"), "DENY");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("access-control-allow-origin"), "");
    }
}
