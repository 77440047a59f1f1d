//! Forecasts, their record and what-if over HTTP.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use axum::http::{Method, StatusCode};
use common::{By, COUNTY, Door, tidy};
use insta::assert_json_snapshot;
use lianfang_core::access::Role;
use lianfang_intake::Kind;
use lianfang_service::foresight::MakeForecasts;
use serde_json::{Value, json};
use std::fmt::Write as _;

const NEW: [u32; 16] = [2, 3, 5, 6, 9, 12, 14, 18, 17, 21, 24, 22, 26, 25, 22, 20];

/// Forecasts made in the morning after each day from 25 January to 3 February, and cases until 8 February.
fn foreseen() -> Door {
    let door = Door::city();
    let mut total = 0;
    let mut text = "date,province,city,code,confirmed,suspected,cured,dead\n".to_owned();
    for (place, new) in NEW.iter().enumerate() {
        total += new;
        let day = 24 + place;
        let date = if day > 31 {
            format!("2020-02-{:02}", day - 31)
        } else {
            format!("2020-01-{day}")
        };
        writeln!(text, "{date},浙江省,嵊州市,{COUNTY},{total},0,0,0").unwrap();
    }
    door.bed.take(Kind::CityTotals, &text);
    for day in 1..=3 {
        let date = format!("2020-02-{day:02}");
        door.bed
            .at(&format!("2020-02-{:02}T06:00:00+08:00", day + 1));
        let asked = MakeForecasts {
            as_of: Some(date.parse().unwrap()),
            ..MakeForecasts::default()
        };
        let made = door.bed.house.make_forecasts(&door.bed.operator(), &asked);
        assert_eq!(made.unwrap().made, 4);
    }
    door.bed.at("2020-02-09T08:00:00+08:00");
    door
}

#[test]
fn forecasts_and_their_record() {
    let door = foreseen();
    let user = door.user(Role::AreaOfficer, COUNTY);
    let newest = door.get(&user, "/api/forecasts").json();
    assert_eq!(newest["as_of"], "2020-02-03");
    let mut one = door
        .get(&user, "/api/forecasts?as_of=2020-02-01&area=330683")
        .json();
    // The first and the last day stand for all.
    for forecast in one["forecasts"].as_array_mut().unwrap() {
        let days = forecast["days"].as_array_mut().unwrap();
        assert_eq!(days.len(), 14);
        days.drain(1..13);
    }
    one["observed"].as_array_mut().unwrap().truncate(2);
    assert_json_snapshot!(tidy(one));
    let mut record = door.get(&user, "/api/forecasts/record").json();
    let scores = record["scores"].as_array_mut().unwrap();
    assert_eq!(
        scores.len(),
        1 + 7,
        "of 4 to 8 February something came, at most 7 days ahead"
    );
    scores.truncate(2);
    assert_json_snapshot!(tidy(record));
    let none = door.get(&user, "/api/forecasts?as_of=2020-01-20");
    assert_eq!(none.status, StatusCode::NOT_FOUND);
    let elsewhere = door.get(&user, "/api/forecasts?area=330602");
    assert_eq!(elsewhere.status, StatusCode::NOT_FOUND);
    let later = door.get(&user, "/api/forecasts/record?date=2020-03-01");
    assert_eq!(later.status, StatusCode::UNPROCESSABLE_ENTITY);
    let no_date = door.get(&user, "/api/forecasts?as_of=yesterday");
    assert_eq!(no_date.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[test]
fn a_what_if_is_asked_looked_at_and_stopped() {
    let door = Door::city();
    let user = door.user(Role::Epidemiologist, COUNTY);
    let choices = door.get(&user, "/api/whatif").json();
    assert_json_snapshot!(choices);
    let asked = json!({
        "packs": ["in_force"], "days": 10, "seeds": 2, "people": 1500, "start": "blank", "infected": 5,
    });
    let begun = door.post(&user, "/api/whatif", &asked);
    assert_eq!(begun.status, StatusCode::ACCEPTED);
    let id = begun.json()["job"].as_str().unwrap().to_owned();
    let path = format!("/api/whatif/{id}");
    let job: Value = loop {
        let job = door.get(&user, &path).json();
        if job["state"] != "building" && job["state"] != "running" {
            break job;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    };
    assert_eq!(job["state"], "done", "{job}");
    assert_eq!((&job["done"], &job["all"]), (&json!(2), &json!(2)));
    assert_eq!(
        job["result"]["packs"][0]["curves"][0]["days"]
            .as_array()
            .unwrap()
            .len(),
        10
    );
    // What is over stays as it is.
    let stopped = door.ask(By::Session(&user), &Method::DELETE, &path, "", Vec::new());
    assert_eq!(stopped.status, StatusCode::NO_CONTENT);
    assert_eq!(door.get(&user, &path).json()["state"], "done");
    let grid = door.user(Role::AreaOfficer, COUNTY);
    assert_eq!(door.get(&grid, &path).status, StatusCode::FORBIDDEN);
    for (wrong, field) in [
        (json!({ "people": 0 }), "people"),
        (json!({ "days": -1 }), "days"),
        (json!({ "seeds": 51 }), "seeds"),
        (json!({ "packs": ["x"] }), "packs"),
        (json!({ "start": "today" }), "start"),
    ] {
        let mut body = asked.clone();
        for (name, value) in wrong.as_object().unwrap() {
            body[name] = value.clone();
        }
        let answer = door.post(&user, "/api/whatif", &body);
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert_eq!(answer.json()["field"], field);
    }
    let extra =
        json!({ "packs": [], "days": 1, "seeds": 1, "people": 1000, "start": "blank", "more": 1 });
    assert!(
        door.post(&user, "/api/whatif", &extra)
            .status
            .is_client_error()
    );
}
