//! Cases and contacts through the door: a test a route, and who may do what.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::fmt::Write as _;

use axum::http::{Method, StatusCode};
use common::{By, CITY, COUNTY, Door, NEIGHBOUR, User, VILLAGE, tidy};
use lianfang_core::access::Role;
use serde_json::{Value, json};

fn reported(door: &Door, user: &User, n: u8, onset: &str) -> String {
    let body = json!({
        "id": format!("01E0M7T00000000000000001{n:02}"), "area": VILLAGE,
        "given": { "name": format!("病例{n}"), "phone": "13900139000" },
        "details": { "classification": "confirmed", "onset": onset, "symptoms": ["fever"], "reported_by": "People's Hospital" },
    });
    let answer = door.post(user, "/api/cases", &body);
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    answer.json()["case"].as_str().unwrap().to_owned()
}

fn met(n: u8) -> Value {
    json!([{
        "id": format!("01E0M7T00000000000000002{n:02}"), "area": VILLAGE, "channel": "interview",
        "given": { "name": format!("密接{n}") }, "met": "2020-02-08", "setting": "household", "same_room": true,
    }])
}

#[test]
fn from_the_report_to_the_follow_up() {
    let door = Door::city();
    let officer = door.user(Role::AreaOfficer, COUNTY);
    let case = reported(&door, &officer, 1, "2020-02-07");
    let second = reported(&door, &officer, 2, "2020-02-09");
    let named = door.post(&officer, &format!("/api/cases/{case}/contacts"), &met(1));
    insta::assert_json_snapshot!("contacts_named", named.shown());
    let contact = named.json()[0]["contact"].as_str().unwrap().to_owned();
    let again = door.post(&officer, &format!("/api/cases/{case}/contacts"), &met(1));
    assert_eq!(again.json()[0]["result"], "repeated");
    let step = json!({ "id": "01E0M7T0000000000000000301", "step": "notified" });
    let path = format!("/api/contacts/{contact}/steps");
    assert_eq!(
        door.post(&officer, &path, &step).status,
        StatusCode::NO_CONTENT
    );
    let seen =
        json!({ "id": "01E0M7T0000000000000000302", "status": "seen_ill", "symptoms": ["fever"] });
    let path = format!("/api/contacts/{contact}/follow-ups");
    assert_eq!(
        door.post(&officer, &path, &seen).status,
        StatusCode::NO_CONTENT
    );
    insta::assert_json_snapshot!(
        "contact",
        door.get(&officer, &format!("/api/contacts/{contact}"))
            .shown()
    );
    let list = door
        .get(
            &officer,
            "/api/contacts?class=close&status=notified&limit=1",
        )
        .json();
    assert_eq!(
        (&list["total"], &list["rows"][0]["due"]),
        (&json!(1), &json!(false))
    );
    let due = door.get(&officer, "/api/contacts/due").json();
    assert_eq!((&due["due"], &due["followed"]), (&json!(0), &json!(1)));
    let found = door
        .post(&officer, "/api/contacts/find", &json!({ "q": "密接1" }))
        .json();
    assert_eq!(found["total"], 1);
    insta::assert_json_snapshot!(
        "tracing_numbers",
        door.get(&officer, "/api/cases/tracing-numbers").shown()
    );

    let link = json!({ "id": "01E0M7T0000000000000000303", "infector": case, "infectee": second, "certainty": "probable", "met": "2020-02-08" });
    let stated = door.post(&officer, &format!("/api/cases/{second}/links"), &link);
    assert_eq!(stated.status, StatusCode::CREATED);
    let links = door
        .get(&officer, &format!("/api/cases/{case}/links"))
        .json();
    assert_eq!(
        (&links[0]["serial_days"], &links[0]["from_other"]),
        (&json!(2), &json!(false))
    );
    let deleted = door.json(
        By::Session(&officer),
        &Method::DELETE,
        &format!("/api/cases/{second}"),
        &json!({ "reason": "not wanted" }),
    );
    insta::assert_json_snapshot!("case_not_deleted", deleted.shown());
    let mut whole = door.get(&officer, &format!("/api/cases/{second}")).json();
    // Of two with one deadline either may stand first: their ids are drawn.
    let deadlines = whole["deadlines"].as_array_mut().unwrap();
    deadlines.sort_by_key(|one| (one["deadline"].to_string(), one["kind"].to_string()));
    insta::assert_json_snapshot!("case_with_its_life", tidy(whole));
    let id = stated.json()["link"].as_str().unwrap().to_owned();
    let back = door.post(
        &officer,
        &format!("/api/links/{id}/withdraw"),
        &json!({ "reason": "another source" }),
    );
    assert_eq!(back.status, StatusCode::NO_CONTENT);
    assert_eq!(
        door.get(&officer, &format!("/api/cases/{case}/links"))
            .json(),
        json!([])
    );
}

#[test]
fn what_is_not_of_its_form_is_refused() {
    let door = Door::city();
    let officer = door.user(Role::AreaOfficer, COUNTY);
    let case = reported(&door, &officer, 1, "2020-02-07");
    for path in [
        "/api/contacts?class=near",
        "/api/contacts?cursor=x",
        "/api/contacts/due?cursor=x",
        "/api/contacts/due?day=yesterday",
        "/api/cases/tracing-numbers?from=2020-02-09&to=2020-02-08",
    ] {
        assert_eq!(
            door.get(&officer, path).status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{path}"
        );
    }
    let too_many: Vec<Value> = (0..501).map(|_| met(1)[0].clone()).collect();
    for (path, body) in [
        (format!("/api/cases/{case}/contacts"), json!(too_many)),
        (format!("/api/cases/{case}/contacts"), json!([])),
        (
            format!("/api/cases/{case}/contacts"),
            json!([{ "met": "2020-02-08" }]),
        ),
        (
            "/api/cases".into(),
            json!({ "area": VILLAGE, "details": { "classification": "confirmed" } }),
        ),
        (
            "/api/cases".into(),
            json!({ "area": VILLAGE, "given": { "name": "x" }, "details": { "classification": "green" } }),
        ),
        (
            "/api/cases/bulk".into(),
            json!({ "cases": [], "set": { "cluster": "A" }, "reason": "none" }),
        ),
        (
            "/api/cases/bulk".into(),
            json!({ "cases": [case], "set": {}, "reason": "none" }),
        ),
    ] {
        let answer = door.post(&officer, &path, &body);
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{path} {}",
            answer.text()
        );
    }
}

/// Which role may do what, as numbers of answers: in its area, and beside it.
#[test]
fn who_may_do_what() {
    let door = Door::city();
    let officer = door.user(Role::AreaOfficer, COUNTY);
    let case = reported(&door, &officer, 1, "2020-02-07");
    let named = door.post(&officer, &format!("/api/cases/{case}/contacts"), &met(1));
    let contact = named.json()[0]["contact"].as_str().unwrap().to_owned();
    let mut told = String::new();
    for (role, code) in Role::ALL.iter().map(|role| (*role, CITY)).chain([
        (Role::AreaOfficer, NEIGHBOUR),
        (Role::GridWorker, NEIGHBOUR),
    ]) {
        let user = door.user(role, code);
        let get = |path: String| door.get(&user, &path).status.as_u16();
        let post = |path: String, body: Value| door.post(&user, &path, &body).status.as_u16();
        let report = json!({ "area": VILLAGE, "given": { "name": "x" }, "details": { "classification": "suspected" } });
        let answers = [
            ("case", get(format!("/api/cases/{case}"))),
            (
                "proposed",
                get(format!("/api/cases/{case}/proposed-contacts")),
            ),
            ("numbers", get("/api/cases/tracing-numbers".into())),
            ("contacts", get("/api/contacts".into())),
            ("due", get("/api/contacts/due".into())),
            ("contact", get(format!("/api/contacts/{contact}"))),
            ("report", post("/api/cases".into(), report)),
            ("name", post(format!("/api/cases/{case}/contacts"), met(2))),
            (
                "step",
                post(
                    format!("/api/contacts/{contact}/steps"),
                    json!({ "step": "located" }),
                ),
            ),
            (
                "follow",
                post(
                    format!("/api/contacts/{contact}/follow-ups"),
                    json!({ "status": "seen_well" }),
                ),
            ),
            (
                "investigate",
                post(
                    format!("/api/cases/{case}/investigation"),
                    json!({ "complete": false }),
                ),
            ),
        ];
        let _ = writeln!(told, "{} of {code}", role.word());
        for (what, status) in answers {
            let _ = writeln!(told, "  {what} {status}");
        }
    }
    insta::assert_snapshot!(told);
}
