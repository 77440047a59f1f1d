//! Nobody's name, number, phone or address comes out in clear, but for a look that is recorded.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
#![allow(
    clippy::format_collect,
    reason = "a path for a test is written as it reads"
)]

mod common;

use axum::http::{Method, StatusCode};
use common::{
    ADDRESS, Answer, By, CITY, COUNTY, DOCUMENT, Door, NAME, PHONE, VILLAGE, patient_row,
};
use lianfang_core::access::{Grant, Role};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// The parts of a person that would give them away, also without the country's prefix.
const SECRETS: [&str; 5] = [NAME, DOCUMENT, PHONE, "13900139000", ADDRESS];

fn clear(answer: &Answer, what: &str) {
    let mut text = answer.text();
    if answer.body.starts_with(b"PK") {
        text = unpacked(&answer.body);
    }
    for (name, value) in &answer.headers {
        writeln!(
            text,
            "{name}: {}",
            String::from_utf8_lossy(value.as_bytes())
        )
        .unwrap();
    }
    for secret in SECRETS {
        assert!(!text.contains(secret), "{what} tells {secret}");
    }
}

/// All text in a workbook, as far as it is read back.
fn unpacked(workbook: &[u8]) -> String {
    use lianfang_intake::table::{RawRow, TableReader};
    let source = lianfang_intake::Source::bytes("x.xlsx", workbook.to_vec());
    let mut table = TableReader::open(source, lianfang_intake::Limits::default()).unwrap();
    let mut text = table.header().join("\n");
    let mut row = RawRow::default();
    while table.next_row(&mut row).unwrap() {
        text.extend(row.cells().flat_map(|cell| [cell, "\n"]));
    }
    text
}

#[test]
fn no_page_of_the_api_shows_a_person_in_clear() {
    let door = Door::city();
    let all = door.user(Role::Epidemiologist, CITY);
    // One who holds every role there is, so that every route answers.
    for role in Role::ALL {
        let administrator = door.bed.operator();
        let grant = Grant {
            role: *role,
            area: common::area(CITY),
        };
        if *role != Role::Epidemiologist {
            door.bed
                .house
                .grant(&administrator, all.account, grant)
                .unwrap();
        }
    }
    let by = By::Session(&all);
    let bad = format!(
        "{}P-2,{NAME},{DOCUMENT},{PHONE},{ADDRESS},{VILLAGE},2020-02-03,2020-02-05,surely\n",
        patient_row(VILLAGE, "P-1")
    );
    let imported = door.upload(by, &[("kind", "linelist")], bad.as_bytes());
    assert_eq!(imported.json()["rows_refused"], 1);
    clear(&imported, "the report of an import");
    let row = door.get(&all, "/api/cases").json()["rows"][0].clone();
    let (case, person) = (
        row["case"].as_str().unwrap(),
        row["person"].as_str().unwrap(),
    );
    let body = json!({ "kind": "directive", "title": "Trace the contacts", "area": COUNTY });
    let matter = door.post(&all, "/api/matters", &body);
    let looked = door.post(
        &all,
        &format!("/api/people/{person}/look"),
        &json!({ "reason": "to tell the family" }),
    );
    assert_eq!(looked.json()["name"], NAME);
    // A version under which the person's pass has another colour, so that a preview has a sample.
    let pack = lianfang_policy::Pack::shipped(lianfang_service::FIRST_PACK).unwrap();
    let text = pack
        .text
        .replace("version = \"2020.03.19.5\"", "version = \"test\"")
        .replace(
            "id = \"red_case\"\npriority = 100\nwhen = \"case in ['suspected', 'clinical', 'confirmed', 'asymptomatic']\"",
            "id = \"red_case\"\npriority = 100\nwhen = \"case == 'suspected'\"",
        );
    let proposed = door.json(
        By::Session(&all),
        &Method::POST,
        "/api/policy/versions",
        &json!({ "text": text, "note": "a test" }),
    );
    assert_eq!(proposed.status, StatusCode::CREATED, "{}", proposed.text());
    let places = [
        ("case", case.to_owned()),
        ("person", person.to_owned()),
        (
            "matter",
            matter.json()["matter"].as_str().unwrap().to_owned(),
        ),
        ("import", imported.json()["id"].as_str().unwrap().to_owned()),
        ("account", all.account.to_string()),
        (
            "policy",
            proposed.json()["policy"].as_str().unwrap().to_owned(),
        ),
        ("code", VILLAGE.to_owned()),
        ("id", "01E0M7T0000000000000000001".to_owned()),
    ];
    let place = json!({ "code": "100", "name": "Market", "area": VILLAGE, "kind": "market" });
    let defined = door.post(&all, "/api/places", &place);
    assert_eq!(defined.status, StatusCode::OK, "{}", defined.text());
    let visit = |person: &str| json!({ "place": "100", "person": person, "from": "2020-02-02T08:00:00+08:00" });
    let visits = json!({ "visits": [visit(DOCUMENT), visit(PHONE), visit(NAME)] });
    let taken = door.post(&all, "/api/visits", &visits);
    assert_eq!(taken.json()["taken"], 3, "{}", taken.text());
    clear(&taken, "POST /api/visits");
    let asked = json!({ "cases": [case], "reason": "to find who was there" });
    let traced = door.post(&all, "/api/trace", &asked);
    assert_eq!(
        traced.json()["contacts"].as_array().unwrap().len(),
        1,
        "{}",
        traced.text()
    );
    clear(&traced, "POST /api/trace");
    let mut walked = 0;
    for (method, path) in door.routes() {
        if method != Method::GET {
            continue;
        }
        let path = common::filled(&path, &places);
        for query in ["", "?view=all", "?q=P-1", "?lang=zh", "?limit=200"] {
            let answer = door.get(&all, &format!("{path}{query}"));
            if path.ends_with("/refused.csv") {
                // The mender's own rows, as they were sent: personal data by its nature.
                assert_eq!(answer.status, StatusCode::OK);
                continue;
            }
            assert!(
                answer.status != StatusCode::FORBIDDEN && !answer.status.is_server_error(),
                "{path}{query}"
            );
            clear(&answer, &format!("GET {path}{query}"));
            walked += usize::from(answer.status.is_success());
        }
    }
    assert!(walked > 60, "{walked}");
    for q in [NAME, DOCUMENT, PHONE] {
        let found = door.post(&all, "/api/cases/find", &json!({ "q": q }));
        assert_eq!(found.json()["total"], 1);
        clear(&found, "POST /api/cases/find");
    }
    clear(
        &door.post(&all, "/api/audit/verify", &Value::Null),
        "POST /api/audit/verify",
    );
}

/// Only who may import reads refused rows, and only in the import's own area.
#[test]
fn refused_rows_are_for_who_may_import_there() {
    let door = Door::city();
    let officer = door.user(Role::AreaOfficer, COUNTY);
    let bad = patient_row(VILLAGE, "P-1").replace("confirmed", "surely");
    let imported = door.upload(
        By::Session(&officer),
        &[("kind", "linelist")],
        bad.as_bytes(),
    );
    let path = format!(
        "/api/imports/{}/refused.csv",
        imported.json()["id"].as_str().unwrap()
    );
    assert!(door.get(&officer, &path).text().contains(NAME));
    for (role, code) in [
        (Role::Commander, CITY),
        (Role::Administrator, CITY),
        (Role::Auditor, CITY),
        (Role::GridWorker, VILLAGE),
        (Role::AreaOfficer, VILLAGE),
        (Role::AreaOfficer, "330602"),
    ] {
        let other = door.user(role, code);
        let answer = door.get(&other, &path);
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{role:?} of {code}");
        clear(&answer, "refused rows");
    }
}

#[test]
fn no_error_repeats_what_was_sent() {
    let door = Door::city();
    let officer = door.user(Role::AreaOfficer, COUNTY);
    let by = By::Session(&officer);
    let words = [NAME, DOCUMENT, "13900139000"];
    for word in words {
        let encoded: String = word.bytes().map(|byte| format!("%{byte:02X}")).collect();
        for path in [
            format!("/api/cases/{encoded}"),
            format!("/api/cases?cursor={encoded}"),
            format!("/api/cases?area={encoded}"),
            format!("/api/brief?date={encoded}"),
            format!("/api/areas/{encoded}"),
            format!("/api/matters?view={encoded}"),
            format!("/api/{encoded}"),
            format!("/api/imports/{encoded}/refused.csv"),
        ] {
            let answer = door.ask(by, &Method::GET, &path, "", Vec::new());
            assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
            clear(&answer, &path);
        }
        for (path, body) in [
            (
                "/api/reports",
                json!({ "area": word, "date": word, "new_cases": word }),
            ),
            (
                "/api/matters",
                json!({ "kind": word, "title": word, "area": COUNTY }),
            ),
            (
                "/api/matters",
                json!({ "kind": "directive", "title": word.repeat(60), "area": COUNTY }),
            ),
            ("/api/cases/find", json!({ "q": word, "area": word })),
            ("/api/session/password", json!({ "old": word, "new": word })),
            (
                "/api/tokens",
                json!({ "name": word, "scopes": [word], "days": 1 }),
            ),
        ] {
            let answer = door.post(&officer, path, &body);
            assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
            clear(&answer, path);
        }
        let file = format!("{word},{word}\n{word},{word}\n");
        let answer = door.upload(
            by,
            &[("kind", "linelist"), ("preset", word)],
            file.as_bytes(),
        );
        assert!(answer.status.is_client_error());
        for fields in [
            [("kind", word)],
            [("kind", "linelist")],
            [("kind", "city_totals")],
        ] {
            let answer = door.upload(by, &fields, file.as_bytes());
            assert!(answer.status.is_client_error());
            clear(&answer, "an upload");
        }
    }
}
