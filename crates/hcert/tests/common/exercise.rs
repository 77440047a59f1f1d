//! Everything that reads a code, fed with any bytes: nothing panics, and the outcomes agree with
//! each other. The bounded test and the fuzz target `hcert_read` share it.

use jiff::Timestamp;
use lianfang_hcert::certificate::SigningCertificate;
use lianfang_hcert::dcc::HealthCertificate;
use lianfang_hcert::keys::SigningKey;
use lianfang_hcert::pass::{self, Pass};
use lianfang_hcert::reading::{self, Uncompressed, read};
use lianfang_hcert::trust::{TrustList, TrustedKey};
use lianfang_hcert::{base45, compression};

/// A self-signed certificate over an Ed25519 key that nothing here is signed with (Base64 of DER).
const CERTIFICATE: &str = include_str!("certificate.txt");

/// Reads `data` as text, as what Base45 holds, as a signed message, a payload and a certificate.
pub(crate) fn exercise(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    code(&text);
    code(&format!("{}{text}", reading::PREFIX));
    code(&format!("{}{text}", pass::PREFIX));
    for bytes in [data, &compression::compress(data)] {
        let text = base45::encode(bytes);
        assert_eq!(base45::decode(&text).as_deref(), Ok(bytes));
        code(&format!("{}{text}", reading::PREFIX));
        code(&format!("{}{text}", pass::PREFIX));
    }
    drop(HealthCertificate::from_cbor(data));
    drop(SigningCertificate::parse(data));
}

fn code(text: &str) {
    let now = Timestamp::UNIX_EPOCH;
    let certificate = SigningCertificate::parse(CERTIFICATE.as_bytes()).expect("a certificate");
    for uncompressed in [Uncompressed::Refuse, Uncompressed::Accept] {
        let verification = read(text, uncompressed).verify(&certificate, now);
        assert!(!verification.holds() && verification.certificate().is_none());
        assert!(!verification.signature.holds(), "nothing is signed with it");
        let stages = verification.stages();
        // The first six stages build on each other; one that fails says why.
        let held = stages[..6]
            .iter()
            .take_while(|s| s.ok == Some(true))
            .count();
        assert!(stages[..6].iter().skip(held + 1).all(|s| s.ok.is_none()));
        assert!(
            stages
                .iter()
                .all(|s| s.detail.is_none() == (s.ok == Some(true)))
        );
    }
    let trust = TrustList::new(vec![TrustedKey {
        issuer: "330600".parse().expect("an issuer"),
        public_key: SigningKey::ed25519(&[1; 32]).public_key(),
        valid_from: Timestamp::MIN,
        valid_until: Timestamp::MAX,
        revoked_at: None,
    }])
    .expect("a list of one key");
    assert!(Pass::from_code(text, &trust, now).is_err());
}
