//! `lianfang pass verify` on the EU's test vectors: what it prints, and with which exit code.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::{Value, json};

/// A vector of `../shared/data/hcert`, beside the repository, laid out in files.
struct Desk {
    folder: tempfile::TempDir,
    clock: String,
    hcert: String,
}

impl Desk {
    fn new(vector: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("../../../shared/data/hcert")
            .join(vector)
            .with_extension("json");
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| {
            panic!(
                "{}: {error}; this test needs ../shared/data/hcert, beside the repository",
                path.display()
            )
        });
        let vector: Value = serde_json::from_str(&text).unwrap();
        let part = |place: &str| vector.pointer(place).unwrap().as_str().unwrap().to_owned();
        let desk = Self {
            folder: tempfile::tempdir().unwrap(),
            clock: part("/TESTCTX/VALIDATIONCLOCK"),
            hcert: part("/PREFIX"),
        };
        desk.write("certificate", &part("/TESTCTX/CERTIFICATE"));
        desk.write("hcert", &format!("{}\r\n", desk.hcert));
        desk
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// Verifies the text, further arguments behind.
    fn verify(&self, hcert: &str, further: &[&str]) -> Output {
        let certificate = self.path("certificate");
        Command::new(env!("CARGO_BIN_EXE_lianfang"))
            .args(["pass", "verify", "--hcert", hcert])
            .args(["--certificate", &certificate])
            .args(["--at", &self.clock])
            .args(further)
            .env("RUST_LOG", "warn")
            .output()
            .unwrap()
    }

    /// The JSON and the exit code.
    fn json(&self) -> (Value, i32) {
        let output = self.verify(&self.hcert, &["--format", "json"]);
        assert!(output.stderr.is_empty());
        let json = serde_json::from_slice(&output.stdout).unwrap();
        (json, output.status.code().unwrap())
    }
}

fn outcomes(json: &Value) -> Vec<(&str, Option<bool>)> {
    json["stages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|stage| (stage["stage"].as_str().unwrap(), stage["ok"].as_bool()))
        .collect()
}

#[test]
fn a_valid_certificate_is_shown() {
    let (json, code) = Desk::new("AT/1").json();
    assert_eq!(code, 0);
    assert_eq!(json["valid"], true);
    let stages = [
        "prefix",
        "base45",
        "decompression",
        "cose",
        "cbor",
        "schema",
        "signature",
        "key_usage",
        "validity",
    ];
    assert_eq!(outcomes(&json), stages.map(|stage| (stage, Some(true))));
    assert_eq!(
        json["stages"][0],
        json!({ "stage": "prefix", "ok": true, "detail": null })
    );
    assert_eq!(
        json["signer"],
        json!({ "algorithm": "ES256", "key_id": "d919375fc1e7b6b2" })
    );
    assert_eq!(
        json["claims"],
        json!({
            "issuer": "AT",
            "issued_at": "2021-05-06T18:00:00Z",
            "expires_at": "2021-11-02T18:00:00Z",
            "kinds": ["vaccination"],
        })
    );
    assert_eq!(json["certificate"]["nam"]["fn"], "Musterfrau-Gößinger");
    assert_eq!(json["certificate"]["dob"], "1998-02-26");
    assert_eq!(json["certificate"]["v"][0]["dn"], 1);
}

#[test]
fn of_an_invalid_certificate_nothing_personal_is_shown() {
    for (vector, failing) in [
        ("common/CO5", "signature"),
        ("common/CO10", "key_usage"),
        ("common/CO16", "validity"),
        ("common/CO17", "validity"),
        ("common/CO22", "signature"),
        ("common/DGC2", "schema"),
        ("common/Z1", "decompression"),
        ("common/Z2", "decompression"),
        ("common/H1", "prefix"),
    ] {
        let (json, code) = Desk::new(vector).json();
        assert_eq!((code, &json["valid"]), (1, &json!(false)), "{vector}");
        let outcomes = outcomes(&json);
        let first = outcomes.iter().find(|(_, ok)| *ok == Some(false)).unwrap();
        assert_eq!(first.0, failing, "{vector}");
        assert_eq!(json["certificate"], Value::Null, "{vector}");
        let text = json.to_string();
        assert!(
            !text.contains("Musterfrau") && !text.contains("1998"),
            "{vector}"
        );
    }
}

#[test]
fn text_says_the_same_and_a_file_may_hold_the_code() {
    let desk = Desk::new("common/CO3");
    let output = desk.verify(&format!("@{}", desk.path("hcert")), &[]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "valid: every stage holds
prefix         holds
base45         holds
decompression  holds
cose           holds
cbor           holds
schema         holds
signature      holds
key_usage      holds
validity       holds
issued by AT at 2021-05-03T18:00:00Z, expires at 2021-05-05T18:00:00Z
vaccination: Musterfrau-Gößinger, Gabriele, born 1998-02-26
"
    );
    let desk = Desk::new("common/B1");
    let output = desk.verify(&desk.hcert, &["--format", "text"]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("NOT VALID\nprefix         holds\nbase45         FAILS  Base45 has"));
    assert!(text.ends_with("validity       -      not tried: needs cbor\n"));
}

#[test]
fn an_uncompressed_message_is_taken_on_request() {
    let desk = Desk::new("common/Z2");
    assert_eq!(desk.json().1, 1);
    let output = desk.verify(&desk.hcert, &["--accept-uncompressed"]);
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn what_is_no_certificate_file_is_said_on_stderr() {
    let desk = Desk::new("common/CO3");
    desk.write("certificate", "no certificate");
    let output = desk.verify(&desk.hcert, &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("no X.509 certificate"), "{error}");
    let output = desk.verify("@/nowhere", &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
}
