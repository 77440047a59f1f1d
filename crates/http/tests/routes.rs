//! A test a route: what it answers, and what it needs.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use axum::http::{Method, StatusCode};
use common::{
    By, CITY, COUNTY, Door, NAME, NEIGHBOUR, PASSWORD, Testbed, VILLAGE, area, patient_row, tidy,
};
use insta::assert_json_snapshot;
use lianfang_core::access::Role;
use lianfang_http::{DemoLogin, Options};
use lianfang_intake::Kind;
use serde_json::{Value, json};
use std::fmt::Write as _;

const TOTALS: &str = "date,province,city,code,confirmed,suspected,cured,dead
2020-02-05,浙江省,嵊州市,330683,3,1,0,0
2020-02-06,浙江省,嵊州市,330683,7,1,0,0
2020-02-07,浙江省,嵊州市,330683,12,2,1,0
2020-02-08,浙江省,嵊州市,330683,11,2,1,0
";

#[test]
fn signing_in_and_out() {
    let door = Door::city();
    let user = door.user(Role::AreaOfficer, COUNTY);
    let signed_in = door.json(
        By::Nobody,
        &Method::POST,
        "/api/session",
        &json!({ "login": user.login, "password": PASSWORD }),
    );
    let cookie = signed_in.header("set-cookie").to_owned();
    assert!(cookie.starts_with("lianfang_session="), "{cookie}");
    for word in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(word), "{cookie}");
    }
    assert!(!cookie.contains("Secure"));
    assert_json_snapshot!(signed_in.shown());
    let me = door.get(&user, "/api/session");
    assert_eq!(tidy(me.json()), tidy(signed_in.json()));

    let out = door.ask(
        By::Session(&user),
        &Method::DELETE,
        "/api/session",
        "",
        Vec::new(),
    );
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(
        door.get(&user, "/api/session").status,
        StatusCode::UNAUTHORIZED
    );
}

#[test]
fn behind_tls_the_cookie_insists_on_it() {
    let options = Options {
        behind_tls: true,
        ..Options::default()
    };
    let door = Door::of(Testbed::city(), options);
    let user = door.user(Role::AreaOfficer, COUNTY);
    let body = json!({ "login": user.login, "password": PASSWORD });
    let answer = door.json(By::Nobody, &Method::POST, "/api/session", &body);
    assert!(answer.header("set-cookie").ends_with("; Secure"));
}

#[test]
fn changing_ones_password() {
    let door = Door::city();
    let user = door.user(Role::AreaOfficer, COUNTY);
    let short = door.post(
        &user,
        "/api/session/password",
        &json!({ "old": PASSWORD, "new": "short" }),
    );
    assert_json_snapshot!(short.shown());
    let changed = door.post(
        &user,
        "/api/session/password",
        &json!({ "old": PASSWORD, "new": "another long one" }),
    );
    assert_eq!(changed.status, StatusCode::NO_CONTENT);
    // What was signed in with the old password is no more; the answer begins a new session.
    assert_eq!(
        door.get(&user, "/api/session").status,
        StatusCode::UNAUTHORIZED
    );
    let user = door.signed_in_again(user, &changed);
    assert_eq!(door.get(&user, "/api/brief").status, StatusCode::OK);
}

#[test]
fn a_demos_logins() {
    let door = Door::city();
    let answer = door.ask(By::Nobody, &Method::GET, "/api/demo", "", Vec::new());
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let bed = Testbed::city();
    let login = DemoLogin {
        login: "commander".into(),
        password: "demo".into(),
        role: Role::Commander,
        name: "Commander".into(),
        area: bed.house.area(&bed.operator(), area(CITY)).unwrap().area,
    };
    let options = Options {
        demo: vec![login],
        ..Options::default()
    };
    let demo = Door::of(bed, options);
    assert_json_snapshot!(
        demo.ask(By::Nobody, &Method::GET, "/api/demo", "", Vec::new())
            .shown()
    );
}

#[test]
fn areas() {
    let door = Door::city();
    let officer = door.user(Role::AreaOfficer, COUNTY);
    assert_json_snapshot!(
        "areas_found",
        door.get(&officer, "/api/areas?q=330683001").shown()
    );
    assert_json_snapshot!("area", door.get(&officer, "/api/areas/330683").shown());
    let by_name = door.get(&officer, "/api/areas?q=%E4%B8%89%E6%B1%9F").json();
    assert_eq!(by_name["rows"][0]["code"], "330683002");
    let next_door = door.get(&officer, "/api/areas?q=%E8%B6%8A%E5%9F%8E").json();
    assert_eq!(next_door["rows"], json!([]));
}

#[test]
fn the_brief_as_json_text_and_workbook() {
    let door = Door::city();
    door.bed.take(Kind::CityTotals, TOTALS);
    let officer = door.user(Role::AreaOfficer, COUNTY);
    assert_json_snapshot!(door.get(&officer, "/api/brief?date=2020-02-08").shown());
    let text = door.get(&officer, "/api/brief.txt?date=2020-02-08&lang=zh");
    assert!(text.header("content-type").starts_with("text/plain"));
    let text = text.text();
    let (told, seq) = text.trim_end().rsplit_once(' ').unwrap();
    assert_eq!(seq, door.bed.seq().to_string());
    insta::assert_snapshot!(told);
    let book = door.get(&officer, "/api/brief.xlsx?date=2020-02-08");
    assert_eq!(
        book.header("content-disposition"),
        "attachment; filename=\"brief-330683-2020-02-08.xlsx\""
    );
    assert!(book.body.starts_with(b"PK"));
}

#[test]
fn the_line_list_page_by_page() {
    let door = Door::city();
    let mut rows = "external_id,area,reported,classification\n".to_owned();
    for n in 0..7 {
        writeln!(rows, "c{n},{VILLAGE},2020-02-0{},confirmed", n % 3 + 1).unwrap();
    }
    door.bed.take(Kind::Linelist, &rows);
    let officer = door.user(Role::AreaOfficer, COUNTY);
    let mut path = "/api/cases?limit=3".to_owned();
    let mut seen = Vec::new();
    loop {
        let page = door.get(&officer, &path).json();
        assert_eq!(page["total"], 7);
        for row in page["rows"].as_array().unwrap() {
            seen.push((row["reported"].to_string(), row["external_id"].to_string()));
        }
        match page["next"].as_str() {
            Some(next) => path = format!("/api/cases?limit=3&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 7);
    assert!(
        seen.windows(2).all(|pair| pair[0].0 >= pair[1].0),
        "newest first: {seen:?}"
    );
    let oldest = door
        .get(&officer, "/api/cases?limit=1&sort=reported")
        .json();
    assert_eq!(oldest["rows"][0]["reported"], "2020-02-01");
    let none = door
        .get(&officer, "/api/cases?classification=suspected")
        .json();
    assert_eq!(none["total"], 0);
    let one_day = door
        .get(&officer, "/api/cases?from=2020-02-03&to=2020-02-03")
        .json();
    assert_eq!(one_day["total"], 2);
    let by_number = door.get(&officer, "/api/cases?q=c4").json();
    assert_eq!(by_number["total"], 1);
}

#[test]
fn a_case_and_the_list_as_files() {
    let door = Door::city();
    let (_, case) = door.bed.patient(VILLAGE);
    let officer = door.user(Role::AreaOfficer, COUNTY);
    assert_json_snapshot!("cases", door.get(&officer, "/api/cases").shown());
    assert_json_snapshot!(
        "case",
        door.get(&officer, &format!("/api/cases/{case}")).shown()
    );
    let csv = door.get(&officer, "/api/cases.csv");
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(csv.text().lines().count(), 2);
    let xlsx = door.get(&officer, "/api/cases.xlsx");
    assert!(xlsx.body.starts_with(b"PK"));
    let found = door.post(&officer, "/api/cases/find", &json!({ "q": NAME }));
    assert_eq!(found.json()["rows"][0]["name"], "欧**双");
}

#[test]
fn a_look_at_a_person() {
    let door = Door::city();
    let (person, _) = door.bed.patient(VILLAGE);
    let officer = door.user(Role::AreaOfficer, COUNTY);
    let path = format!("/api/people/{person}/look");
    let seq = door.bed.seq();
    assert_json_snapshot!(
        "look_without_reason",
        door.post(&officer, &path, &json!({ "reason": "" })).shown()
    );
    assert_eq!(door.bed.seq(), seq);
    assert_json_snapshot!(
        "look",
        door.post(&officer, &path, &json!({ "reason": "to tell the family" }))
            .shown()
    );
    assert_eq!(door.bed.kinds_after(seq), ["person.looked/1"]);
}

#[test]
fn a_daily_report() {
    let door = Door::city();
    let officer = door.user(Role::AreaOfficer, COUNTY);
    let file = |date: &str, code: &str| {
        let body = json!({ "area": code, "date": date, "new_cases": 0 });
        door.post(&officer, "/api/reports", &body)
    };
    let seq = door.bed.seq();
    assert_eq!(file("2020-02-08", COUNTY).status, StatusCode::NO_CONTENT);
    assert_eq!(door.bed.kinds_after(seq), ["daily_report.filed/1"]);
    assert_eq!(
        file("2020-02-10", COUNTY).status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(file("2020-02-08", NEIGHBOUR).status, StatusCode::FORBIDDEN);
}

#[test]
fn a_matter_from_first_to_last() {
    let door = Door::city();
    let commander = door.user(Role::Commander, CITY);
    let officer = door.user(Role::AreaOfficer, COUNTY);
    let kinds = door.get(&officer, "/api/matters/kinds").json();
    let words: Vec<&str> = kinds["kinds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|k| k["kind"].as_str().unwrap())
        .collect();
    assert_eq!(
        words,
        [
            "directive",
            "missing_report",
            "rectification",
            "case_report",
            "case_investigation",
            "case_disposal",
            "case_tracing",
            "handover",
            "clinic",
            "missed_check",
            "breach",
            "missing_person",
            "need",
            "recheck",
            "late_release",
            "appeal",
        ]
    );
    let body = json!({
        "id": "01E0M7T0000000000000000001", "kind": "directive", "area": COUNTY,
        "title": "Disinfect the bus station", "detail": "Twice a day.",
        "owner": { "role": "area_officer" }, "deadline": "2020-02-10T12:00:00+08:00",
    });
    let opened = door.post(&commander, "/api/matters", &body);
    assert_json_snapshot!("matter_opened", opened.shown());
    let again = door.post(&commander, "/api/matters", &body);
    assert_eq!(
        (again.status, again.json()),
        (StatusCode::CREATED, opened.json())
    );
    assert_json_snapshot!("matters_mine", door.get(&officer, "/api/matters").shown());

    let path = "/api/matters/01E0M7T0000000000000000001";
    let act = |who, body: Value| door.post(who, &format!("{path}/act"), &body);
    assert_eq!(
        act(&officer, json!({ "action": "accept" })).status,
        StatusCode::OK
    );
    assert_json_snapshot!(
        "matter_needs_evidence",
        act(&officer, json!({ "action": "carry_out" })).shown()
    );
    act(
        &officer,
        json!({ "action": "carry_out", "evidence": "log, page 3" }),
    );
    assert_json_snapshot!(
        "matter_same_person",
        act(&officer, json!({ "action": "confirm" })).shown()
    );
    let closed = act(&commander, json!({ "action": "confirm" }));
    assert_eq!(closed.json()["phase"], "closed");
    assert_json_snapshot!(
        "matter_moved_on",
        act(&commander, json!({ "action": "confirm" })).shown()
    );
    assert_json_snapshot!("matter_closed", door.get(&officer, path).shown());
    let all = door
        .get(&officer, "/api/matters?view=all&phase=closed&limit=1")
        .json();
    assert_eq!(
        (all["total"].clone(), all["next"].clone()),
        (json!(1), Value::Null)
    );
}

#[test]
fn an_import_with_its_report_and_refused_rows() {
    let door = Door::city();
    let officer = door.user(Role::AreaOfficer, COUNTY);
    assert_json_snapshot!(
        "presets",
        door.get(&officer, "/api/imports/presets").shown()
    );
    let file = format!(
        "{}P-2,,,,{VILLAGE},,2020-02-05,surely\n",
        patient_row(VILLAGE, "P-1")
    );
    let fields = [
        ("kind", "linelist"),
        ("preset", "generic"),
        ("area", COUNTY),
        ("dry_run", "true"),
    ];
    let seq = door.bed.seq();
    let dry = door.upload(By::Session(&officer), &fields, file.as_bytes());
    assert_eq!(
        (dry.json()["dry_run"].clone(), door.bed.seq()),
        (json!(true), seq)
    );
    let wet = door.upload(By::Session(&officer), &fields[..3], file.as_bytes());
    assert_json_snapshot!("import", wet.shown());

    let id = wet.json()["id"].as_str().unwrap().to_owned();
    let one = door.get(&officer, &format!("/api/imports/{id}"));
    assert_eq!(one.json(), wet.json());
    let list = door.get(&officer, "/api/imports").json();
    assert_eq!(list["rows"], json!([wet.json()]));
    let refused = door.get(&officer, &format!("/api/imports/{id}/refused.csv"));
    assert_eq!(refused.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(
        refused.header("content-disposition"),
        format!("attachment; filename=\"refused-{id}.csv\"")
    );
    assert!(refused.text().contains("P-2") && !refused.text().contains("P-1"));

    let clean = door.upload(
        By::Session(&officer),
        &fields[..3],
        patient_row(VILLAGE, "P-1").as_bytes(),
    );
    let id = clean.json()["id"].as_str().unwrap().to_owned();
    let nothing = door.get(&officer, &format!("/api/imports/{id}/refused.csv"));
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);

    let neighbour = door.user(Role::AreaOfficer, NEIGHBOUR);
    assert_eq!(
        door.get(&neighbour, &format!("/api/imports/{id}")).status,
        StatusCode::NOT_FOUND
    );
}

#[test]
fn what_an_upload_must_be() {
    let door = Door::city();
    let officer = door.user(Role::AreaOfficer, COUNTY);
    let by = By::Session(&officer);
    let seq = door.bed.seq();
    let refusals = [
        door.upload(by, &[], b"x"),
        door.upload(by, &[("kind", "poems")], b"x"),
        door.upload(by, &[("kind", "linelist"), ("area", "3306x")], b"x"),
        door.upload(by, &[("kind", "linelist"), ("colour", "green")], b"x"),
        door.upload(
            by,
            &[("kind", "linelist"), ("preset", "../../etc/passwd")],
            b"x",
        ),
        door.upload(by, &[("kind", "linelist")], b""),
        door.upload(by, &[("kind", "linelist")], b"PK\x03\x04 no workbook"),
        door.ask(
            by,
            &Method::POST,
            "/api/imports",
            "application/json",
            b"{}".to_vec(),
        ),
        door.ask(
            by,
            &Method::POST,
            "/api/imports",
            "multipart/form-data; boundary=x",
            b"--x\r\nbroken".to_vec(),
        ),
    ];
    let shown: Vec<Value> = refusals.iter().map(common::Answer::shown).collect();
    assert_json_snapshot!(shown);
    assert_eq!(door.bed.seq(), seq);
}

#[test]
fn accounts_and_their_roles() {
    let door = Door::city();
    let administrator = door.user(Role::Administrator, CITY);
    let body = json!({ "login": "li.si", "name": "李四", "role": "grid_worker", "area": VILLAGE });
    let opened = door.post(&administrator, "/api/accounts", &body);
    assert_json_snapshot!("account_opened", opened.shown());
    assert_json_snapshot!(
        "account_login_taken",
        door.post(&administrator, "/api/accounts", &body).shown()
    );
    assert_json_snapshot!(
        "accounts",
        door.get(&administrator, "/api/accounts").shown()
    );

    let account = opened.json()["account"].as_str().unwrap().to_owned();
    let role = json!({ "role": "inspector", "area": COUNTY });
    let path = format!("/api/accounts/{account}/grants");
    assert_eq!(
        door.post(&administrator, &path, &role).status,
        StatusCode::NO_CONTENT
    );
    let taken = door.json(By::Session(&administrator), &Method::DELETE, &path, &role);
    assert_eq!(taken.status, StatusCode::NO_CONTENT);
    let again = door.json(By::Session(&administrator), &Method::DELETE, &path, &role);
    assert_eq!(again.status, StatusCode::NOT_FOUND);
    let reset = door.post(
        &administrator,
        &format!("/api/accounts/{account}/password"),
        &Value::Null,
    );
    assert_eq!(reset.status, StatusCode::OK);
    assert_ne!(reset.json()["password"], opened.json()["password"]);
    let closed = door.post(
        &administrator,
        &format!("/api/accounts/{account}/close"),
        &Value::Null,
    );
    assert_eq!(closed.status, StatusCode::NO_CONTENT);
}

#[test]
fn the_first_password_must_be_changed_before_anything_else() {
    let door = Door::city();
    let administrator = door.user(Role::Administrator, CITY);
    let body = json!({ "login": "li.si", "name": "李四", "role": "area_officer", "area": COUNTY });
    let first = door.post(&administrator, "/api/accounts", &body).json()["password"]
        .as_str()
        .unwrap()
        .to_owned();
    let session = door.bed.house.sign_in("li.si", &first, "web").unwrap();
    let user = common::User {
        actor: session.actor,
        login: "li.si".into(),
        cookie: session.cookie,
        csrf: session.csrf,
    };
    assert_eq!(
        door.get(&user, "/api/session").json()["must_change_password"],
        true
    );
    assert_json_snapshot!(door.get(&user, "/api/brief").shown());
    for (method, path) in door.routes() {
        if path.starts_with("/api/session") || common::is_open(&method, &path) {
            continue;
        }
        let id = "01E0M7T0000000000000000001".to_owned();
        let places = [
            "case", "person", "matter", "import", "account", "policy", "id",
        ]
        .map(|name| (name, id.clone()));
        let path = common::filled(&path.replace("{code}", COUNTY), &places);
        let answer = door.ask(By::Session(&user), &method, &path, "", Vec::new());
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::FORBIDDEN, "must_change_password"),
            "{method} {path}"
        );
    }
    let change = json!({ "old": first, "new": "another long one" });
    let changed = door.post(&user, "/api/session/password", &change);
    assert_eq!(changed.status, StatusCode::NO_CONTENT);
    let user = door.signed_in_again(user, &changed);
    assert_eq!(door.get(&user, "/api/brief").status, StatusCode::OK);
}

#[test]
fn tokens_work_without_csrf_and_within_their_scopes() {
    let door = Door::city();
    let officer = door.user(Role::AreaOfficer, COUNTY);
    let body = json!({ "name": "nightly", "scopes": ["read_brief", "report_case"], "days": 30 });
    let issued = door.post(&officer, "/api/tokens", &body);
    assert_json_snapshot!("token_issued", issued.shown());
    assert_json_snapshot!("tokens", door.get(&officer, "/api/tokens").shown());
    let token = issued.json()["token"].as_str().unwrap().to_owned();
    let by = By::Token(&token);
    let get = |path: &str| door.ask(by, &Method::GET, path, "", Vec::new()).status;
    assert_eq!(get("/api/brief"), StatusCode::OK);
    assert_eq!(get("/api/cases"), StatusCode::FORBIDDEN);
    assert_eq!(get("/api/matters"), StatusCode::FORBIDDEN);
    let report = json!({ "area": COUNTY, "date": "2020-02-08", "new_cases": 2 });
    let filed = door.json(by, &Method::POST, "/api/reports", &report);
    assert_eq!(filed.status, StatusCode::NO_CONTENT);
    let child = door.json(by, &Method::POST, "/api/tokens", &body);
    assert_eq!(child.status, StatusCode::FORBIDDEN);
    let refused = door.upload(by, &[("kind", "linelist")], b"x");
    assert_eq!(refused.status, StatusCode::FORBIDDEN);

    let id = issued.json()["id"].as_str().unwrap().to_owned();
    let revoked = door.ask(
        By::Session(&officer),
        &Method::DELETE,
        &format!("/api/tokens/{id}"),
        "",
        Vec::new(),
    );
    assert_eq!(revoked.status, StatusCode::NO_CONTENT);
    assert_eq!(get("/api/brief"), StatusCode::UNAUTHORIZED);
}

#[test]
fn places_check_ins_and_who_was_there() {
    let door = Door::city();
    let officer = door.user(Role::AreaOfficer, COUNTY);
    let market = json!({ "code": "浙D12345", "name": "3路公交", "name_en": "Bus 3", "area": VILLAGE, "kind": "vehicle" });
    let defined = door.post(&officer, "/api/places", &market);
    assert_eq!(defined.status, StatusCode::OK);
    insta::assert_json_snapshot!("place", tidy(defined.json()));
    let number = defined.json()["place"].as_str().unwrap().to_owned();
    let one = door.get(&officer, &format!("/api/places/{number}")).json();
    assert_eq!(one, defined.json());
    let listed = door.get(&officer, "/api/places?q=bus&kind=vehicle").json();
    assert_eq!(listed["rows"], json!([one]));
    let none = door.get(&officer, "/api/places?q=%25").json();
    assert_eq!(none["rows"], json!([]));
    door.bed.patient(VILLAGE);
    let visit = |person: &str, until: &str| {
        json!({ "place": "浙D12345", "person": person, "from": "2020-02-02T08:00:00+08:00",
            "until": format!("2020-02-02T{until}:00+08:00") })
    };
    let visits = json!({ "visits": [
        visit(common::DOCUMENT, "08:40"), visit("U7", "08:25"), visit("U8", "07:00"),
    ] });
    let answered = door.post(&officer, "/api/visits", &visits);
    insta::assert_json_snapshot!("check_ins", answered.json());
    let case = door.get(&officer, "/api/cases").json()["rows"][0]["case"].clone();
    let asked = json!({ "cases": [case], "reason": "to find who was there" });
    let traced = door.post(&officer, "/api/trace", &asked);
    assert_eq!(traced.status, StatusCode::OK);
    insta::assert_json_snapshot!("trace", tidy(traced.json()));
    let hasty = door.post(
        &officer,
        "/api/trace",
        &json!({ "cases": [case], "reason": "" }),
    );
    assert_eq!(hasty.status, StatusCode::UNPROCESSABLE_ENTITY);
    let commander = door.user(Role::Commander, COUNTY);
    for path in ["/api/trace", "/api/visits"] {
        let body = if path == "/api/trace" {
            &asked
        } else {
            &visits
        };
        let refused = door.post(&commander, path, body);
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
    }
    let worker = door.user(Role::GridWorker, VILLAGE);
    let refused = door.post(&worker, "/api/places", &market);
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[test]
fn the_ledger_for_auditors() {
    let door = Door::city();
    let auditor = door.user(Role::Auditor, CITY);
    let facts = door.get(&auditor, "/api/audit/facts?limit=3");
    assert_json_snapshot!("facts", facts.shown());
    let next = facts.json()["next"].as_str().unwrap().to_owned();
    let more = door
        .get(&auditor, &format!("/api/audit/facts?limit=3&cursor={next}"))
        .json();
    assert_eq!(
        more["rows"][0]["seq"].as_u64().unwrap(),
        next.parse::<u64>().unwrap() - 1
    );
    let areas = door
        .get(&auditor, "/api/audit/facts?kind=area.defined/1&area=330602")
        .json();
    assert_eq!(areas["rows"].as_array().unwrap().len(), 3);
    assert_json_snapshot!(
        "verified",
        door.post(&auditor, "/api/audit/verify", &Value::Null)
            .shown()
    );
    let made = door.post(&auditor, "/api/audit/checkpoints", &Value::Null);
    assert_json_snapshot!("checkpoint", made.shown());
    let kept = door.get(&auditor, "/api/audit/checkpoints").json();
    assert_eq!(kept["rows"], json!([made.json()]));
}

#[test]
fn health_the_document_and_the_pages() {
    let door = Door::city();
    let get = |path: &str| door.ask(By::Nobody, &Method::GET, path, "", Vec::new());
    assert_eq!(
        (get("/healthz").status, get("/healthz").text().as_str()),
        (StatusCode::OK, "ok")
    );
    let document = get("/api/openapi.json");
    assert_eq!(document.header("content-type"), "application/json");
    let printed: Value = serde_json::from_str(&lianfang_http::openapi()).unwrap();
    assert_eq!(document.json(), printed);
    for path in ["/", "/morning", "/areas/330683", "/login"] {
        let page = get(path);
        match page.status {
            StatusCode::OK => {
                assert!(page.header("content-type").starts_with("text/html"));
                assert_eq!(page.header("cache-control"), "no-store");
            }
            status => {
                assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
                assert!(page.text().contains("npm run build"));
            }
        }
    }
    for path in [
        "/api/nothing",
        "/api/cases/x/y",
        "/assets/none.js",
        "/favicon.none",
    ] {
        let page = get(path);
        assert_eq!(
            (page.status, page.code().as_str()),
            (StatusCode::NOT_FOUND, "not_found"),
            "{path}"
        );
    }
}
