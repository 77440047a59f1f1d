//! The schema of the EU DCC: what each field must be, and what its versions differ in.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use lianfang_hcert::dcc::{HealthCertificate, Kind, SchemaError};
use serde_json::{Value, json};

fn vaccination() -> Value {
    json!({
        "ver": "1.3.0",
        "nam": { "fn": "Nobody", "fnt": "NOBODY", "gn": "Ann", "gnt": "ANN" },
        "dob": "1964-08-12",
        "v": [{
            "tg": "840539006", "vp": "1119349007", "mp": "EU/1/20/1507", "ma": "ORG-100031184",
            "dn": 1, "sd": 2, "dt": "2021-06-11", "co": "NL", "is": "Ministry of Health",
            "ci": "URN:UVCI:01:NL:NOBODY#1",
        }],
    })
}

fn test() -> Value {
    let mut json = vaccination();
    json.as_object_mut().unwrap().remove("v");
    json["t"] = json!([{
        "tg": "840539006", "tt": "LP217198-3", "ma": "1232", "sc": "2021-06-11T17:30:00+02:00",
        "tr": "260415000", "tc": "Centre", "co": "NL", "is": "Ministry of Health",
        "ci": "URN:UVCI:01:NL:NOBODY#2",
    }]);
    json
}

fn recovery() -> Value {
    let mut json = vaccination();
    json.as_object_mut().unwrap().remove("v");
    json["r"] = json!([{
        "tg": "840539006", "fr": "2021-02-20", "co": "NL", "is": "Ministry of Health",
        "df": "2021-04-04", "du": "2021-10-04", "ci": "URN:UVCI:01:NL:NOBODY#3",
    }]);
    json
}

fn read(json: &Value) -> Result<HealthCertificate, SchemaError> {
    let mut bytes = Vec::new();
    ciborium::into_writer(json, &mut bytes).unwrap();
    HealthCertificate::from_cbor(&bytes)
}

/// `json` with another value at a place, or none.
fn with(mut json: Value, place: &str, value: Option<Value>) -> Value {
    let (parent, key) = place.rsplit_once('/').unwrap();
    let fields = json.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Some(value) => drop(fields.insert(key.to_owned(), value)),
        None => drop(fields.remove(key)),
    }
    json
}

#[test]
fn what_adheres_reads_back() {
    for (json, kind) in [
        (vaccination(), Kind::Vaccination),
        (test(), Kind::Test),
        (recovery(), Kind::Recovery),
    ] {
        let read = read(&json).unwrap();
        assert_eq!(read.kind(), kind);
        assert_eq!(serde_json::to_value(read).unwrap(), json);
    }
}

#[test]
fn what_any_version_takes_is_taken() {
    for json in [
        with(vaccination(), "/dob", Some("".into())),
        with(vaccination(), "/dob", Some("1964".into())),
        with(vaccination(), "/dob", Some("2001-08".into())),
        with(vaccination(), "/nam/fn", None),
        with(vaccination(), "/nam/fnt", None),
        with(vaccination(), "/nam/gnt", None),
        with(vaccination(), "/v/0/dn", Some(10.into())),
        with(vaccination(), "/v/0/co", Some("UNHCR".into())),
        with(vaccination(), "/v/0/is", Some("名".repeat(80).into())),
        with(test(), "/t/0/tc", None),
        with(test(), "/t/0/ma", None),
        with(test(), "/t/0/sc", Some("2021-06-11T17:30:00+02".into())),
        with(test(), "/t/0/sc", Some("2021-06-11T17:30:00.123Z".into())),
    ] {
        assert_eq!(serde_json::to_value(read(&json).unwrap()).unwrap(), json);
    }
    let further = with(vaccination(), "/further", Some(1.into()));
    assert_eq!(read(&further), read(&vaccination()));
}

#[test]
fn a_time_may_be_tagged() {
    let mut value = ciborium::Value::serialized(&test()).unwrap();
    let entry = value
        .as_map_mut()
        .and_then(|fields| {
            fields
                .iter_mut()
                .find(|(key, _)| key.as_text() == Some("t"))
        })
        .and_then(|(_, group)| group.as_array_mut()?.first_mut()?.as_map_mut())
        .unwrap();
    for (key, field) in entry {
        if key.as_text() == Some("sc") {
            *field = ciborium::Value::Tag(0, Box::new(field.clone()));
        }
    }
    let mut bytes = Vec::new();
    ciborium::into_writer(&value, &mut bytes).unwrap();
    assert_eq!(HealthCertificate::from_cbor(&bytes), read(&test()));
}

#[test]
fn each_field_is_checked() {
    for (json, place, values) in [
        (
            vaccination(),
            "/ver",
            vec![json!("1.3"), json!("1.3.x"), json!(1)],
        ),
        (vaccination(), "/nam", vec![json!("Nobody"), json!([])]),
        (
            vaccination(),
            "/nam/fn",
            vec![json!(1), json!("n".repeat(81))],
        ),
        (
            vaccination(),
            "/nam/fnt",
            vec![json!("Nobody"), json!("A B")],
        ),
        (
            vaccination(),
            "/dob",
            vec![
                json!("1899-01-01"),
                json!("12.08.1964"),
                json!("1964-8-12"),
                json!("1964-08-12-01"),
                json!("64"),
            ],
        ),
        (
            vaccination(),
            "/v",
            vec![json!([]), json!({}), json!(["v"])],
        ),
        (
            vaccination(),
            "/v/0/dn",
            vec![
                json!(0),
                json!(-1),
                json!(1.5),
                json!("1"),
                json!(1_u64 << 40),
            ],
        ),
        (
            vaccination(),
            "/v/0/dt",
            vec![
                json!("2021-02-30"),
                json!("2021-06-11T00:00:00Z"),
                json!("2021-06"),
            ],
        ),
        (
            vaccination(),
            "/v/0/co",
            vec![json!("nl"), json!(""), json!("NETHERLANDS")],
        ),
        (
            vaccination(),
            "/v/0/ci",
            vec![json!("n".repeat(81)), json!(null)],
        ),
        (
            test(),
            "/t/0/sc",
            vec![json!("2021-06-11"), json!("2021-06-11T17:30:00")],
        ),
        (recovery(), "/r/0/du", vec![json!("20211004")]),
    ] {
        for value in values {
            let refused = read(&with(json.clone(), place, Some(value))).unwrap_err();
            assert!(
                matches!(refused, SchemaError::Form { .. }),
                "{place}: {refused}"
            );
        }
    }
    for (json, place) in [
        (vaccination(), "/ver"),
        (vaccination(), "/nam"),
        (vaccination(), "/dob"),
        (vaccination(), "/v/0/tg"),
        (test(), "/t/0/tr"),
        (recovery(), "/r/0/fr"),
    ] {
        let refused = read(&with(json, place, None)).unwrap_err();
        let field: Vec<&str> = place
            .split('/')
            .filter(|p| !p.is_empty() && *p != "0")
            .collect();
        assert_eq!(
            refused.to_string(),
            format!("{} is missing", field.join("."))
        );
    }
    let nameless = with(vaccination(), "/nam", Some(json!({ "fn": "Nobody" })));
    assert!(matches!(read(&nameless), Err(SchemaError::Missing { .. })));
}

#[test]
fn there_is_exactly_one_entry() {
    let mut two = vaccination();
    let entry = two["v"][0].clone();
    two["v"].as_array_mut().unwrap().push(entry);
    assert_eq!(read(&two), Err(SchemaError::Entries { found: 2 }));
    let both = with(vaccination(), "/t", Some(test()["t"].clone()));
    assert_eq!(read(&both), Err(SchemaError::Entries { found: 2 }));
    let none = with(vaccination(), "/v", None);
    assert_eq!(read(&none), Err(SchemaError::Entries { found: 0 }));
}
