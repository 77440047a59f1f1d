//! A drill's house says that it is one; its clock is moved forward by an administrator, and by nobody else.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use axum::http::{Method, StatusCode};
use common::{By, Door, Testbed};
use jiff::{SignedDuration, Timestamp};
use lianfang_core::access::Role;
use lianfang_http::{DrillClock, Options};
use serde_json::json;

const CLOCK: &str = "/api/drill/clock";

fn drill() -> (Door, DrillClock) {
    let bed = Testbed::city();
    let clock = DrillClock::at(bed.house.now());
    let options = Options {
        drill: Some(clock.clone()),
        ..Options::default()
    };
    (Door::of(bed, options), clock)
}

#[test]
fn a_drill_says_what_its_clock_shows_and_a_city_that_it_is_none() {
    let (door, clock) = drill();
    let asked = |door: &Door| door.ask(By::Nobody, &Method::GET, "/api/drill", "", Vec::new());
    let answer = asked(&door);
    assert_eq!(answer.status, StatusCode::OK);
    let now: Timestamp = answer.json()["now"].as_str().unwrap().parse().unwrap();
    assert_eq!(now, clock.now());
    let city = Door::city();
    assert_eq!(asked(&city).status, StatusCode::NOT_FOUND);
    let admin = city.user(Role::Administrator, "330600");
    let moved = city.post(&admin, CLOCK, &json!({ "to": now }));
    assert_eq!(moved.status, StatusCode::NOT_FOUND);
}

#[test]
fn only_an_administrator_moves_the_clock_and_only_forward() {
    let (door, clock) = drill();
    let before = clock.now();
    let later = before + SignedDuration::from_hours(30);
    let officer = door.user(Role::AreaOfficer, "330600");
    let admin = door.user(Role::Administrator, "330600");
    let refused = door.post(&officer, CLOCK, &json!({ "to": later }));
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let nobody = door.json(By::Nobody, &Method::POST, CLOCK, &json!({ "to": later }));
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    assert_eq!(clock.now(), before);
    let moved = door.post(&admin, CLOCK, &json!({ "to": later }));
    assert_eq!(moved.status, StatusCode::OK);
    assert_eq!(clock.now(), later);
    let back = door.post(&admin, CLOCK, &json!({ "to": before }));
    assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(back.json()["field"], "to");
    assert_eq!(clock.now(), later);
}
