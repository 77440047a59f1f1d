//! Any pass reads back as it was; any flipped bit is refused; no bytes make a reader panic.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::time::{Duration, Instant};

use common::exercise::exercise;
use common::{vector, vectors};
use jiff::{SignedDuration, Timestamp};
use lianfang_hcert::keys::SigningKey;
use lianfang_hcert::limits::{MESSAGE_BYTES, PASS_TEXT_CHARACTERS, TEXT_CHARACTERS};
use lianfang_hcert::pass::{self, Colour, Pass, PassId, Refusal, Shown};
use lianfang_hcert::reading::{PrefixError, Uncompressed, read};
use lianfang_hcert::trust::{TrustList, TrustedKey};
use lianfang_hcert::{base45, compression};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};

/// The same cases in every run.
fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(9_285),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn signing_key() -> impl Strategy<Value = SigningKey> {
    // A first byte below that of the curve's order makes any other bytes a key.
    (any::<bool>(), any::<[u8; 31]>()).prop_map(|(edwards, rest)| {
        let mut secret = [1; 32];
        secret[1..].copy_from_slice(&rest);
        if edwards {
            SigningKey::ed25519(&secret)
        } else {
            SigningKey::es256(&secret).unwrap()
        }
    })
}

fn some_pass() -> impl Strategy<Value = Pass> {
    let shown = (
        prop_oneof![Just(Colour::Green), Just(Colour::Yellow), Just(Colour::Red)],
        "[\\p{L}*]{1,2}",
        "[0-9]{0,3}[0-9X]",
    );
    let times = (0_i64..4_000_000_000, 1_i64..=86_400);
    let issuer = "[A-Za-z0-9._:-]{1,64}";
    (any::<[u8; 16]>(), issuer, shown, times).prop_map(
        |(id, issuer, (colour, name, digits), (issued_at, seconds))| {
            let issued_at = Timestamp::from_second(issued_at).unwrap();
            Pass::new(
                PassId(id),
                issuer.parse().unwrap(),
                Shown {
                    colour,
                    name: name.parse().unwrap(),
                    digits: digits.parse().unwrap(),
                },
                issued_at,
                issued_at + SignedDuration::from_secs(seconds),
            )
            .unwrap()
        },
    )
}

fn trusting(pass: &Pass, key: &SigningKey) -> TrustList {
    TrustList::new(vec![TrustedKey {
        issuer: pass.issuer().clone(),
        public_key: key.public_key(),
        valid_from: pass.issued_at(),
        valid_until: pass.expires_at(),
        revoked_at: None,
    }])
    .unwrap()
}

/// The signed message in a code.
fn message(code: &str) -> Vec<u8> {
    let bytes = base45::decode(code.strip_prefix(pass::PREFIX).unwrap()).unwrap();
    compression::decompress(&bytes, MESSAGE_BYTES).unwrap()
}

fn code(message: &[u8]) -> String {
    let bytes = compression::compress(message);
    format!("{}{}", pass::PREFIX, base45::encode(&bytes))
}

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn a_pass_reads_back(pass in some_pass(), key in signing_key()) {
        let trust = trusting(&pass, &key);
        let code = pass.to_code(&key);
        prop_assert!(code.len() < 400);
        prop_assert_eq!(code.clone(), self::code(&message(&code)));
        let last = pass.expires_at() - SignedDuration::from_secs(1);
        prop_assert_eq!(Pass::from_code(&code, &trust, last), Ok(pass.clone()));
        let late = Pass::from_code(&code, &trust, pass.expires_at());
        prop_assert_eq!(late, Err(Refusal::Expired));
    }

    #[test]
    fn bytes_read_back(bytes in vec(any::<u8>(), 0..500)) {
        prop_assert_eq!(base45::decode(&base45::encode(&bytes)), Ok(bytes.clone()));
        let compressed = compression::compress(&bytes);
        prop_assert_eq!(compression::decompress(&compressed, 500), Ok(bytes));
    }
}

#[test]
fn any_flipped_bit_is_refused() {
    for key in [
        SigningKey::ed25519(&[1; 32]),
        SigningKey::es256(&[1; 32]).unwrap(),
    ] {
        let issued_at: Timestamp = "2020-03-01T08:00:00Z".parse().unwrap();
        let pass = Pass::new(
            PassId([5; 16]),
            "330600".parse().unwrap(),
            Shown {
                colour: Colour::Red,
                name: "*芳".parse().unwrap(),
                digits: "0281".parse().unwrap(),
            },
            issued_at,
            issued_at + SignedDuration::from_hours(24),
        )
        .unwrap();
        let trust = trusting(&pass, &key);
        let message = message(&pass.to_code(&key));
        assert!(Pass::from_code(&code(&message), &trust, issued_at).is_ok());
        for bit in 0..message.len() * 8 {
            let mut flipped = message.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let answer = Pass::from_code(&code(&flipped), &trust, issued_at);
            assert!(answer.is_err(), "bit {bit}");
        }
    }
}

#[test]
fn any_flipped_bit_of_what_is_signed_is_refused() {
    // ES256 and PS256, in the EU's vectors: everything but tag and unprotected header is signed.
    for name in ["common/CO3", "common/CO1"] {
        let vector = vector(name);
        let (certificate, at) = (vector.certificate(), vector.clock());
        let message = vector.bytes("COSE").unwrap();
        for bit in 8..message.len() * 8 {
            let mut flipped = message.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let text = base45::encode(&compression::compress(&flipped));
            let reading = read(&format!("HC1:{text}"), Uncompressed::Refuse);
            let verification = reading.verify(&certificate, at);
            assert!(!verification.holds(), "{name}, bit {bit}");
        }
    }
}

/// What a mutation does to bytes.
#[derive(Debug, Clone)]
enum Mutation {
    Set(usize, u8),
    Insert(usize, u8),
    Cut(usize),
    Repeat(usize, usize),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let place = 0_usize..1_000;
    prop_oneof![
        4 => (place.clone(), any::<u8>()).prop_map(|(at, byte)| Mutation::Set(at, byte)),
        2 => (place.clone(), any::<u8>()).prop_map(|(at, byte)| Mutation::Insert(at, byte)),
        1 => place.clone().prop_map(Mutation::Cut),
        1 => (place, 1_usize..50).prop_map(|(at, times)| Mutation::Repeat(at, times)),
    ]
}

fn mutated(bytes: &[u8], mutations: &[Mutation]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for mutation in mutations {
        let length = bytes.len().max(1);
        match mutation {
            Mutation::Set(at, byte) => {
                if let Some(place) = bytes.get_mut(at % length) {
                    *place = *byte;
                }
            }
            Mutation::Insert(at, byte) => bytes.insert(at % length % (bytes.len() + 1), *byte),
            Mutation::Cut(at) => bytes.truncate(at % length),
            Mutation::Repeat(at, times) => {
                let part = bytes[at % length % (bytes.len() + 1)..].to_vec();
                for _ in 0..*times {
                    bytes.extend(part.iter().take(40));
                }
            }
        }
    }
    bytes
}

#[test]
fn no_bytes_make_a_reader_panic() {
    let seeds: Vec<Vec<u8>> = vectors()
        .iter()
        .flat_map(|vector| {
            let text = vector.text("PREFIX").unwrap().as_bytes().to_vec();
            [
                Some(text),
                vector.bytes("COMPRESSED"),
                vector.bytes("COSE"),
                vector.bytes("CBOR"),
                Some(vector.certificate_text().as_bytes().to_vec()),
            ]
        })
        .flatten()
        .collect();
    for seed in &seeds {
        exercise(seed);
    }

    let random = vec(any::<u8>(), 0..600);
    TestRunner::new(config(500))
        .run(&random, |bytes| {
            exercise(&bytes);
            Ok(())
        })
        .unwrap();
    let near = (0..seeds.len(), vec(mutation(), 1..6));
    TestRunner::new(config(1_500))
        .run(&near, |(seed, mutations)| {
            exercise(&mutated(&seeds[seed], &mutations));
            Ok(())
        })
        .unwrap();
}

#[test]
fn what_is_too_much_is_refused_at_once() {
    let begin = Instant::now();
    let certificate = vector("common/CO3").certificate();
    let trust = TrustList::default();
    let now = Timestamp::UNIX_EPOCH;

    // 8 MiB of text, at once.
    let oversized = format!("HC1:{}", "A".repeat(8 << 20));
    let reading = read(&oversized, Uncompressed::Accept);
    assert!(matches!(
        reading.prefix.error(),
        Some(PrefixError::Oversized { .. })
    ));
    assert!(matches!(
        Pass::from_code(&oversized, &trust, now),
        Err(Refusal::Oversized { .. })
    ));

    // As many zeros as fit a text of the greatest length.
    let bomb = base45::encode(&compression::compress(&vec![0; 2_700 << 10]));
    let text = format!("HC1:{bomb}");
    assert!(text.len() <= TEXT_CHARACTERS, "{}", text.len());
    let verification = read(&text, Uncompressed::Refuse).verify(&certificate, now);
    assert_eq!(
        verification.stages()[2].detail.as_deref(),
        Some("decompressed, this is longer than 16384 bytes, the most that is read")
    );
    let bomb = base45::encode(&compression::compress(&vec![0; 500 << 10]));
    let text = format!("LF1:{bomb}");
    assert!(text.len() <= PASS_TEXT_CHARACTERS);
    let answer = Pass::from_code(&text, &trust, now);
    assert!(matches!(answer, Err(Refusal::Bomb { .. })));

    assert!(begin.elapsed() < Duration::from_secs(2));
}
