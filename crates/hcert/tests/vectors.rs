//! The EU's official test vectors: each stage yields what the vector says that it must.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::collections::BTreeMap;

use common::{Vector, vector, vectors};
use lianfang_hcert::certificate::{CertificateError, SigningCertificate};
use lianfang_hcert::compression::CompressionError;
use lianfang_hcert::cose::SignatureError;
use lianfang_hcert::cwt::CwtError;
use lianfang_hcert::dcc::{HealthCertificate, Kind, SchemaError};
use lianfang_hcert::keys::Algorithm;
use lianfang_hcert::reading::{
    PrefixError, Stage, Uncompressed, ValidityError, Verification, read,
};
use serde_json::Value;

/// A vector's only expectation that it has no data for: of B1 there is no picture.
const WITHOUT_DATA: [(&str, &str); 1] = [("common/B1", "EXPECTEDPICTUREDECODE")];

fn verify(vector: &Vector) -> Verification {
    read(vector.text("PREFIX").unwrap(), Uncompressed::Refuse)
        .verify(&vector.certificate(), vector.clock())
}

fn json(health: &HealthCertificate) -> Value {
    serde_json::to_value(health).unwrap()
}

fn cbor(json: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(json, &mut bytes).unwrap();
    bytes
}

/// What a picture of a QR code says.
fn picture(png: &[u8]) -> Option<String> {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(png));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().ok()?;
    let mut pixels = vec![0; reader.output_buffer_size()?];
    let frame = reader.next_frame(&mut pixels).ok()?;
    let (width, height) = (frame.width as usize, frame.height as usize);
    let samples = frame.color_type.samples();
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        pixels[y * frame.line_size + x * samples]
    });
    image
        .detect_grids()
        .iter()
        .find_map(|grid| grid.decode().ok())
        .map(|(_, text)| text)
}

/// Whether an expectation of the vector came true, as the test data's README words it; none if the
/// vector has no data for it.
fn outcome(vector: &Vector, expectation: &str) -> Option<bool> {
    let verification = verify(vector);
    let reading = &verification.reading;
    let equals = |part: &str, bytes: Option<&Vec<u8>>| bytes == vector.bytes(part).as_ref();
    let is_payload = |health: &HealthCertificate| Some(&json(health)) == vector.payload();
    Some(match expectation {
        "EXPECTEDPICTUREDECODE" => picture(&vector.picture()?).as_deref() == vector.text("PREFIX"),
        "EXPECTEDUNPREFIX" => reading.prefix.value().map(String::as_str) == vector.text("BASE45"),
        "EXPECTEDB45DECODE" => equals("COMPRESSED", reading.base45.value()),
        "EXPECTEDCOMPRESSION" => equals("COSE", reading.decompression.value()),
        "EXPECTEDDECODE" => {
            HealthCertificate::from_cbor(&vector.bytes("CBOR")?).is_ok_and(|h| is_payload(&h))
                && reading.cbor.holds()
        }
        "EXPECTEDVALIDJSON" => reading.schema.value().is_some_and(is_payload),
        "EXPECTEDVALIDOBJECT" => HealthCertificate::from_cbor(&cbor(vector.payload()?)).is_ok(),
        "EXPECTEDSCHEMAVALIDATION" => reading.schema.holds(),
        "EXPECTEDVERIFY" => verification.signature.holds(),
        "EXPECTEDKEYUSAGE" => verification.signature.holds() && verification.key_usage.holds(),
        "EXPECTEDEXPIRATIONCHECK" => verification.validity.holds(),
        unknown => panic!("{}: {unknown} is not tested", vector.name),
    })
}

#[test]
fn every_vector_yields_what_it_must() {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut without_data = Vec::new();
    for vector in vectors() {
        for (expectation, expected) in vector.expected() {
            match outcome(&vector, &expectation) {
                Some(outcome) => {
                    assert_eq!(outcome, expected, "{} {expectation}", vector.name);
                    *counts.entry(expectation).or_default() += 1;
                }
                None => without_data.push((vector.name.clone(), expectation)),
            }
        }
    }
    println!("{counts:#?}");
    assert_eq!(
        without_data,
        WITHOUT_DATA.map(|(name, expectation)| (name.to_owned(), expectation.to_owned()))
    );
    assert_eq!(vectors().len(), 42);
    assert_eq!(counts.values().sum::<usize>(), 98);
}

#[test]
fn what_is_broken_says_why() {
    let verification = |name| verify(&vector(name));
    let reading = |name| verification(name).reading;
    let expected = |name| vector(name).certificate().key_id();

    let prefix = |name| *reading(name).prefix.error().unwrap();
    assert_eq!(prefix("common/H1"), PrefixError::Other);
    assert_eq!(prefix("common/H2"), PrefixError::Other);
    assert_eq!(prefix("common/H3"), PrefixError::Missing);

    let compression = |name| *reading(name).decompression.error().unwrap();
    assert_eq!(compression("common/Z1"), CompressionError::NotZlib);
    assert_eq!(compression("common/Z2"), CompressionError::NotCompressed);

    assert!(matches!(
        reading("common/CBO1").cbor.error(),
        Some(CwtError::Kind { .. })
    ));
    let schema = |name| *reading(name).schema.error().unwrap();
    assert_eq!(schema("common/DGC1"), SchemaError::Missing { field: "dob" });
    assert_eq!(schema("common/DGC2"), SchemaError::Entries { found: 3 });

    let signature = |name| *verification(name).signature.error().unwrap();
    assert_eq!(signature("common/CO5"), SignatureError::Forged);
    for name in ["common/CO22", "common/CO23"] {
        let expected = expected(name);
        assert_eq!(signature(name), SignatureError::KeyId { expected });
    }
    let key_usage = |name| verification(name).key_usage.error().unwrap().kind;
    assert_eq!(key_usage("common/CO10"), Kind::Vaccination);
    assert_eq!(key_usage("common/CO11"), Kind::Test);
    assert_eq!(key_usage("common/CO9"), Kind::Recovery);
}

#[test]
fn validity_is_a_matter_of_the_times_and_of_the_signers_certificate() {
    let validity = |name: &str, certificate: &str, at: &str| {
        read(vector(name).text("PREFIX").unwrap(), Uncompressed::Refuse)
            .verify(&vector(certificate).certificate(), at.parse().unwrap())
            .validity
            .error()
            .copied()
    };
    let (issued_at, expires_at) = ("2021-05-06T18:00:00Z", "2021-11-02T18:00:00Z");
    for (at, expected) in [
        (issued_at, None),
        (
            "2021-05-06T17:59:59Z",
            Some(ValidityError::NotYetValid {
                issued_at: issued_at.parse().unwrap(),
            }),
        ),
        ("2021-11-02T17:59:59Z", None),
        (
            expires_at,
            Some(ValidityError::Expired {
                expires_at: expires_at.parse().unwrap(),
            }),
        ),
    ] {
        assert_eq!(validity("AT/1", "AT/1", at), expected, "{at}");
    }
    // CO3's certificate ends on 2 June.
    let late = validity("AT/1", "common/CO3", "2021-06-03T00:00:00Z");
    assert!(matches!(late, Some(ValidityError::Certificate { .. })));
}

#[test]
fn the_whole_holds_only_if_every_stage_does() {
    for (name, holds) in [
        ("AT/1", true),
        ("common/CO1", true),
        ("common/CO2", true),
        ("common/CO3", true),
        ("common/CO28", true),
        ("common/CO5", false),
        ("common/CO10", false),
        ("common/CO16", false),
        ("common/CO17", false),
        ("common/DGC2", false),
    ] {
        let verification = verify(&vector(name));
        assert_eq!(verification.holds(), holds, "{name}");
        assert_eq!(verification.certificate().is_some(), holds, "{name}");
    }
}

#[test]
fn what_could_not_be_tried_says_so() {
    let stages = verify(&vector("common/B1")).stages();
    let tried: Vec<_> = stages.iter().map(|s| (s.stage, s.ok)).collect();
    assert_eq!(
        tried,
        [
            (Stage::Prefix, Some(true)),
            (Stage::Base45, Some(false)),
            (Stage::Decompression, None),
            (Stage::Cose, None),
            (Stage::Cbor, None),
            (Stage::Schema, None),
            (Stage::Signature, None),
            (Stage::KeyUsage, None),
            (Stage::Validity, None),
        ]
    );
    assert_eq!(stages[6].detail.as_deref(), Some("not tried: needs cose"));

    // A payload against the schema still has its signature and its times judged.
    let stages = verify(&vector("common/DGC1")).stages();
    let outcomes = stages.map(|s| s.ok);
    let held = Some(true);
    assert_eq!(outcomes[..5], [held; 5]);
    assert_eq!(outcomes[5..], [Some(false), held, None, held]);
}

#[test]
fn an_uncompressed_message_is_taken_if_one_asks_for_it() {
    let vector = vector("common/Z2");
    let text = vector.text("PREFIX").unwrap();
    let verification =
        read(text, Uncompressed::Accept).verify(&vector.certificate(), vector.clock());
    assert!(verification.holds());
    assert!(!read(text, Uncompressed::Refuse).decompression.holds());
}

#[test]
fn certificates_are_read_in_every_form() {
    let vector = vector("common/CO1");
    let certificate = vector.certificate();
    assert_eq!(certificate.public_key().algorithm(), Algorithm::Ps256);
    assert_eq!(certificate.key_id().to_string(), "324d2374e3abceb5");
    assert_eq!(certificate.not_before(), vector.clock());

    let text = vector.certificate_text();
    let der = <base64ct::Base64 as base64ct::Encoding>::decode_vec(text).unwrap();
    let lines: Vec<&str> = (0..text.len())
        .step_by(64)
        .map(|at| &text[at..text.len().min(at + 64)])
        .collect();
    let body = lines.join("\r\n");
    let pem = format!("-----BEGIN CERTIFICATE-----\r\n{body}\r\n-----END CERTIFICATE-----\r\n");
    for bytes in [pem.as_bytes(), &der, format!("{body}\n").as_bytes()] {
        assert_eq!(SigningCertificate::parse(bytes).as_ref(), Ok(&certificate));
    }
    for bytes in [
        b"".as_slice(),
        b"certificate",
        &der[1..],
        &pem.as_bytes()[..200],
    ] {
        assert_eq!(
            SigningCertificate::parse(bytes),
            Err(CertificateError::Malformed)
        );
    }
    let bytes = vec![0; 1 << 20];
    assert_eq!(
        SigningCertificate::parse(&bytes),
        Err(CertificateError::Oversized { bytes: 1 << 20 })
    );
}

#[test]
fn nothing_personal_is_told_by_an_error_or_in_debug() {
    for vector in vectors() {
        let verification = verify(&vector);
        let told = format!("{verification:?} {:?}", verification.stages());
        for personal in [
            "Musterfrau",
            "MUSTERFRAU",
            "Gabriele",
            "1998",
            "Oscar",
            "URN:UVCI",
        ] {
            assert!(!told.contains(personal), "{} {personal}", vector.name);
        }
    }
}
