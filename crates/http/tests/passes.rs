//! A colour is computed: no route, role or command sets one.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::collections::BTreeSet;
use std::path::Path;

use axum::http::{Method, StatusCode};
use common::{By, CITY, Door, VILLAGE};
use lianfang_core::access::Role;
use lianfang_core::facts::Body;
use lianfang_core::ids::PersonId;
use lianfang_core::passes::Colour;
use lianfang_intake::Kind;
use serde_json::{Value, json};

const CARD: &str = "11010519491231002X";
const CASE: &str = "external_id,name,sex,age,resident_id,area,onset,reported,classification,outcome,outcome_date\n\
                    C1,张三,,70,11010519491231002X,330683001001,2020-02-05,2020-02-08,confirmed,,\n";

/// The colours that the ledger has for a holder, in order.
fn recorded(door: &Door, person: PersonId) -> Vec<Colour> {
    let facts = door.bed.house.store().facts_after(0, 100_000).unwrap();
    facts
        .iter()
        .filter_map(|fact| match fact.read_body() {
            Ok(Body::PassAssessed(assessed)) if assessed.person == person => Some(assessed.colour),
            _ => None,
        })
        .collect()
}

#[test]
fn no_route_and_no_role_sets_a_colour() {
    let door = Door::city();
    let grid = door.user(Role::GridWorker, VILLAGE);
    let asked = door.post(
        &grid,
        "/api/passes",
        &json!({ "id": "01E0KQZZZZZZZZZZZZZZZZZZZ1", "given": { "name": "张三", "document": CARD }, "area": VILLAGE }),
    );
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.text());
    door.bed.take(Kind::Linelist, CASE);
    let seen = door.post(&grid, "/api/passes/look-up", &json!({ "document": CARD }));
    let seen = seen.json();
    assert_eq!(seen["standing"]["colour"], "red");
    let person: PersonId = seen["person"].as_str().unwrap().parse().unwrap();
    let before = recorded(&door, person);
    assert_eq!(before, [Colour::Green, Colour::Red]);

    let id = person.to_string();
    let bodies = [
        json!({ "colour": "green" }),
        json!({ "person": id, "holder": id, "colour": "green", "pass": "green", "rule": "green", "until": null }),
        json!({ "given": { "document": CARD, "colour": "green" }, "standing": { "colour": "green" }, "what": { "kind": "pass", "colour": "green" } }),
    ];
    let mut tried = 0;
    for role in Role::ALL {
        let user = door.user(*role, CITY);
        for (method, path) in door.routes() {
            if method == Method::GET || path == "/api/session" || path.starts_with("/api/session/")
            {
                continue;
            }
            let path: String = path
                .split('/')
                .map(|part| {
                    if part.starts_with('{') {
                        id.as_str()
                    } else {
                        part
                    }
                })
                .collect::<Vec<_>>()
                .join("/");
            for body in &bodies {
                let answer = door.json(By::Session(&user), &method, &path, body);
                assert!(
                    !answer.status.is_server_error(),
                    "{role:?} {method} {path}: {}",
                    answer.text()
                );
                tried += 1;
            }
        }
    }
    assert!(tried > 1_000, "{tried}");
    let after = door.post(&grid, "/api/passes/look-up", &json!({ "document": CARD }));
    assert_eq!(after.json()["standing"]["colour"], "red");
    assert_eq!(recorded(&door, person), before);
    let replay = door.bed.house.replay_passes().unwrap();
    assert_eq!(replay.same, replay.assessments, "{:?}", replay.differences);
}

/// The schemas that a schema leads to, itself among them.
fn reach(document: &Value, schema: &Value, seen: &mut BTreeSet<String>) {
    match schema {
        Value::Object(fields) => {
            if let Some(name) = fields
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|name| name.strip_prefix("#/components/schemas/"))
                && seen.insert(name.to_owned())
            {
                reach(document, &document["components"]["schemas"][name], seen);
            }
            fields
                .values()
                .for_each(|field| reach(document, field, seen));
        }
        Value::Array(items) => items.iter().for_each(|item| reach(document, item, seen)),
        _ => {}
    }
}

#[test]
fn no_request_has_a_place_for_a_colour() {
    let document: Value = serde_json::from_str(&lianfang_http::openapi()).unwrap();
    let mut seen = BTreeSet::new();
    for (_, methods) in document["paths"].as_object().unwrap() {
        for (_, route) in methods.as_object().unwrap() {
            reach(&document, &route["requestBody"], &mut seen);
        }
    }
    assert!(seen.contains("NewPass") && seen.len() > 30);
    assert!(
        !seen.contains("Colour"),
        "a request's body leads to a colour"
    );
    for name in &seen {
        let text = document["components"]["schemas"][name].to_string();
        // What somebody shows at a gate is evidence, and may be none or invalid.
        if name != "PassShown" {
            assert!(!text.contains("\"colour\""), "{name}");
            assert!(!text.contains("\"yellow\""), "{name}");
        }
    }
}

#[test]
fn one_place_in_the_program_writes_a_colour_down() {
    fn look(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                look(&path, found);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let made = text.matches("Body::PassAssessed(PassAssessed {").count();
                found.extend(std::iter::repeat_n(path.display().to_string(), made));
            }
        }
    }
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut found = Vec::new();
    for room in std::fs::read_dir(crates).unwrap() {
        look(&room.unwrap().path().join("src"), &mut found);
    }
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].ends_with("service/src/passes/assess.rs"));
}
