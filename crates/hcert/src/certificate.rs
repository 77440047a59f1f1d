//! A Document Signing Certificate (X.509, RFC 5280): the key that a health certificate is verified
//! with, how long it is valid, and what it may sign.

use base64ct::{Base64, Encoding as _};
use jiff::Timestamp;
use x509_cert::Certificate;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::{Decode as _, Encode as _};
use x509_cert::ext::pkix::ExtendedKeyUsage;
use x509_cert::spki::SubjectPublicKeyInfoRef;
use x509_cert::time::Time;

use crate::dcc::Kind;
use crate::keys::{Algorithm, KeyError, KeyId, PublicKey};
use crate::limits::CERTIFICATE_BYTES;

/// id-ecPublicKey, and the curve P-256 (RFC 5480, section 2.1.1).
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
/// rsaEncryption and id-RSASSA-PSS (RFC 4055).
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
/// id-Ed25519 (RFC 8410).
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// What the extended key usage lets sign: the object identifiers of the EU's "Technical
/// specifications for EU Digital COVID Certificates", volume 1, and the same under the arc with an
/// extra 0, with which early certificates were issued.
const KEY_USAGES: [(Kind, [ObjectIdentifier; 2]); 3] = [
    (
        Kind::Test,
        [
            ObjectIdentifier::new_unwrap("1.3.6.1.4.1.1847.2021.1.1"),
            ObjectIdentifier::new_unwrap("1.3.6.1.4.1.0.1847.2021.1.1"),
        ],
    ),
    (
        Kind::Vaccination,
        [
            ObjectIdentifier::new_unwrap("1.3.6.1.4.1.1847.2021.1.2"),
            ObjectIdentifier::new_unwrap("1.3.6.1.4.1.0.1847.2021.1.2"),
        ],
    ),
    (
        Kind::Recovery,
        [
            ObjectIdentifier::new_unwrap("1.3.6.1.4.1.1847.2021.1.3"),
            ObjectIdentifier::new_unwrap("1.3.6.1.4.1.0.1847.2021.1.3"),
        ],
    ),
];

/// Why a file is no certificate that can be used here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Too long.
    #[error("a certificate has at most {CERTIFICATE_BYTES} bytes; this has {bytes}")]
    Oversized {
        /// Bytes found.
        bytes: usize,
    },
    /// Neither PEM nor DER nor Base64 of DER.
    #[error("this is no X.509 certificate in PEM, DER or Base64 of DER")]
    Malformed,
    /// Its key is of another kind.
    #[error("the certificate's key must be on the curve P-256, RSA or Ed25519")]
    KeyKind,
    /// Its key is none.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// What a health certificate is verified with.
///
/// That the certificate itself is trusted is for the caller to know: it stands on a list that was
/// handed out, its issuer's signature is not followed here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningCertificate {
    key_id: KeyId,
    public_key: PublicKey,
    not_before: Timestamp,
    not_after: Timestamp,
    /// Empty where the certificate restricts nothing.
    kinds: Vec<Kind>,
}

impl SigningCertificate {
    /// Reads a certificate in PEM, DER, or Base64 of DER.
    pub fn parse(bytes: &[u8]) -> Result<Self, CertificateError> {
        if bytes.len() > CERTIFICATE_BYTES {
            return Err(CertificateError::Oversized { bytes: bytes.len() });
        }
        match std::str::from_utf8(bytes).ok().and_then(der_in) {
            Some(der) => Self::from_der(&der),
            None => Self::from_der(bytes),
        }
    }

    fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        let malformed = |_| CertificateError::Malformed;
        let certificate = Certificate::from_der(der).map_err(malformed)?;
        let certificate = certificate.tbs_certificate();
        let key = certificate
            .subject_public_key_info()
            .to_der()
            .map_err(malformed)?;
        let usage = certificate
            .get_extension::<ExtendedKeyUsage>()
            .map_err(|_| CertificateError::Malformed)?
            .map_or_else(Vec::new, |(_, usage)| usage.0);
        Ok(Self {
            key_id: KeyId::of(der),
            public_key: public_key(&key)?,
            not_before: moment(certificate.validity().not_before)?,
            not_after: moment(certificate.validity().not_after)?,
            kinds: KEY_USAGES
                .into_iter()
                .filter(|(_, identifiers)| identifiers.iter().any(|id| usage.contains(id)))
                .map(|(kind, _)| kind)
                .collect(),
        })
    }

    /// The first eight bytes of the certificate's SHA-256.
    pub fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// Its key.
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// First moment of its validity.
    pub fn not_before(&self) -> Timestamp {
        self.not_before
    }

    /// Last moment of its validity.
    pub fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// Whether its key usage lets it sign certificates of this kind. One that names no kind may
    /// sign them all.
    pub fn may_sign(&self, kind: Kind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }
}

/// The DER in text that is PEM or Base64.
fn der_in(text: &str) -> Option<Vec<u8>> {
    let body = match text.split_once("-----BEGIN CERTIFICATE-----") {
        Some((_, rest)) => rest.split_once("-----END CERTIFICATE-----")?.0,
        None => text,
    };
    let body: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    Base64::decode_vec(&body).ok()
}

fn moment(time: Time) -> Result<Timestamp, CertificateError> {
    i64::try_from(time.to_unix_duration().as_secs())
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .ok_or(CertificateError::Malformed)
}

fn public_key(der: &[u8]) -> Result<PublicKey, CertificateError> {
    let info = SubjectPublicKeyInfoRef::try_from(der).map_err(|_| CertificateError::Malformed)?;
    let curve = info.algorithm.parameters_oid().ok();
    let algorithm = match info.algorithm.oid {
        EC_PUBLIC_KEY if curve == Some(P256) => Algorithm::Es256,
        RSA | RSA_PSS => Algorithm::Ps256,
        ED25519 => Algorithm::EdDsa,
        _ => return Err(CertificateError::KeyKind),
    };
    let bytes = info
        .subject_public_key
        .as_bytes()
        .ok_or(CertificateError::Malformed)?;
    Ok(PublicKey::from_bytes(algorithm, bytes)?)
}
