//! The test vectors of `../shared/data/hcert`, beside the repository.
#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

pub(crate) mod exercise;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64ct::{Base64, Encoding as _};
use jiff::Timestamp;
use lianfang_hcert::certificate::SigningCertificate;
use serde_json::Value;

/// A file of the test vectors.
pub(crate) struct Vector {
    /// `AT/1`, `common/CO1`, …
    pub(crate) name: String,
    json: Value,
}

impl Vector {
    /// A part of it as text.
    pub(crate) fn text(&self, part: &str) -> Option<&str> {
        self.json.get(part).map(|value| value.as_str().unwrap())
    }

    /// A part of it in hexadecimal digits, as bytes.
    pub(crate) fn bytes(&self, part: &str) -> Option<Vec<u8>> {
        self.text(part).map(|digits| {
            (0..digits.len())
                .step_by(2)
                .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
                .collect()
        })
    }

    /// The payload in JSON.
    pub(crate) fn payload(&self) -> Option<&Value> {
        self.json.get("JSON")
    }

    /// The picture of the QR code, a PNG file.
    pub(crate) fn picture(&self) -> Option<Vec<u8>> {
        self.text("2DCODE")
            .map(|text| Base64::decode_vec(text).unwrap())
    }

    /// What each stage must yield.
    pub(crate) fn expected(&self) -> BTreeMap<String, bool> {
        serde_json::from_value(self.json["EXPECTEDRESULTS"].clone()).unwrap()
    }

    /// The signer's certificate, in Base64 of DER.
    pub(crate) fn certificate_text(&self) -> &str {
        self.json["TESTCTX"]["CERTIFICATE"].as_str().unwrap()
    }

    pub(crate) fn certificate(&self) -> SigningCertificate {
        SigningCertificate::parse(self.certificate_text().as_bytes()).unwrap()
    }

    pub(crate) fn clock(&self) -> Timestamp {
        let clock = self.json["TESTCTX"]["VALIDATIONCLOCK"].as_str().unwrap();
        clock.parse().unwrap()
    }
}

/// All vectors, by name. The test fails where they are absent: it would prove nothing.
pub(crate) fn vectors() -> Vec<Vector> {
    let folder = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/data/hcert"
    ));
    let mut vectors: Vec<Vector> = ["AT", "common"]
        .into_iter()
        .flat_map(|part| files(&folder.join(part)))
        .map(|path| Vector {
            name: format!(
                "{}/{}",
                path.parent().unwrap().file_name().unwrap().display(),
                path.file_stem().unwrap().display()
            ),
            json: serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap(),
        })
        .collect();
    vectors.sort_by(|a, b| a.name.cmp(&b.name));
    vectors
}

/// The vector of this name.
pub(crate) fn vector(name: &str) -> Vector {
    vectors()
        .into_iter()
        .find(|vector| vector.name == name)
        .unwrap()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| {
        panic!(
            "{}: {error}; the tests need the vectors of ../shared/data/hcert, beside the repository",
            folder.display()
        )
    });
    entries.map(|entry| entry.unwrap().path()).collect()
}
