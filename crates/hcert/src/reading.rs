//! A health certificate read and verified stage by stage, each stage's outcome told apart.
//!
//! ```text
//! prefix → base45 → decompression → cose → cbor → schema
//!                                    │      │       └ with the certificate: key usage
//!                                    │      └ with the certificate and a time: validity
//!                                    └ with the certificate: signature
//! ```
//!
//! A stage is tried as soon as the stages that it needs hold; so a forged certificate is still read,
//! and one that does not adhere to the schema still has its signature verified.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use crate::base45::{self, Base45Error};
use crate::certificate::SigningCertificate;
use crate::compression::{self, CompressionError};
use crate::cose::{CoseError, SignatureError, SignedMessage};
use crate::cwt::{Claims, CwtError};
use crate::dcc::{HealthCertificate, Kind, SchemaError};
use crate::limits::{MESSAGE_BYTES, TEXT_CHARACTERS};

/// The context identifier of version 1, and the colon after it (HCERT specification, section "QR 2D
/// Barcode").
pub const PREFIX: &str = "HC1:";

/// A stage of reading and verifying, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The context identifier, and the length of the text.
    Prefix,
    /// Base45.
    Base45,
    /// ZLIB.
    Decompression,
    /// COSE_Sign1.
    Cose,
    /// The claims of the CBOR Web Token.
    Cbor,
    /// What is certified.
    Schema,
    /// The signature, its algorithm and key id.
    Signature,
    /// Whether the certificate may sign what is certified.
    KeyUsage,
    /// Whether issue, expiry and the certificate's own validity fit the time.
    Validity,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Prefix => "prefix",
            Self::Base45 => "base45",
            Self::Decompression => "decompression",
            Self::Cose => "cose",
            Self::Cbor => "cbor",
            Self::Schema => "schema",
            Self::Signature => "signature",
            Self::KeyUsage => "key_usage",
            Self::Validity => "validity",
        })
    }
}

/// How a stage ended.
#[derive(Clone, PartialEq, Eq)]
pub enum Outcome<T, E> {
    /// It holds, and this came out.
    Holds(T),
    /// It does not hold, for this reason.
    Fails(E),
    /// It could not be tried: a stage that it needs does not hold.
    NotTried,
}

impl<T, E> Outcome<T, E> {
    fn then<U, F>(&self, stage: impl FnOnce(&T) -> Result<U, F>) -> Outcome<U, F> {
        match self {
            Self::Holds(value) => stage(value).into(),
            Self::Fails(_) | Self::NotTried => Outcome::NotTried,
        }
    }

    /// Whether it holds.
    pub fn holds(&self) -> bool {
        matches!(self, Self::Holds(_))
    }

    /// What came out.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Holds(value) => Some(value),
            Self::Fails(_) | Self::NotTried => None,
        }
    }

    /// Why it does not hold.
    pub fn error(&self) -> Option<&E> {
        match self {
            Self::Fails(error) => Some(error),
            Self::Holds(_) | Self::NotTried => None,
        }
    }
}

impl<T, E> From<Result<T, E>> for Outcome<T, E> {
    fn from(result: Result<T, E>) -> Self {
        match result {
            Ok(value) => Self::Holds(value),
            Err(error) => Self::Fails(error),
        }
    }
}

/// Without what came out, which may be personal.
impl<T, E: fmt::Debug> fmt::Debug for Outcome<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Holds(_) => f.write_str("Holds"),
            Self::Fails(error) => write!(f, "Fails({error:?})"),
            Self::NotTried => f.write_str("NotTried"),
        }
    }
}

/// What to do with a message that is not compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Uncompressed {
    /// Refuse it: the specification says that a message shall be compressed.
    #[default]
    Refuse,
    /// Take it as it is, as lenient verifiers do.
    Accept,
}

/// Why text does not begin as a health certificate does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PrefixError {
    /// Too long.
    #[error(
        "a health certificate has at most {TEXT_CHARACTERS} characters; this has {bytes} bytes"
    )]
    Oversized {
        /// Bytes found.
        bytes: usize,
    },
    /// No context identifier.
    #[error("a health certificate begins with {PREFIX}; this begins with no identifier")]
    Missing,
    /// Another context identifier.
    #[error("a health certificate begins with {PREFIX}; this begins with another identifier")]
    Other,
}

/// Why a certificate may not sign what is certified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signer's certificate is not for a {kind}")]
pub struct KeyUsageError {
    /// What is certified.
    pub kind: Kind,
}

/// Why a health certificate is not valid at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ValidityError {
    /// The time is before `iat`.
    #[error("issued only at {issued_at}")]
    NotYetValid {
        /// `iat`.
        issued_at: Timestamp,
    },
    /// The time is `exp` or later.
    #[error("expired at {expires_at}")]
    Expired {
        /// `exp`.
        expires_at: Timestamp,
    },
    /// The time is outside the validity of the signer's certificate.
    #[error("the signer's certificate is valid from {not_before} to {not_after} only")]
    Certificate {
        /// First moment of its validity.
        not_before: Timestamp,
        /// Last moment of its validity.
        not_after: Timestamp,
    },
}

/// A health certificate, read. What it says can be believed only after [`Reading::verify`].
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The text without its prefix.
    pub prefix: Outcome<String, PrefixError>,
    /// The bytes.
    pub base45: Outcome<Vec<u8>, Base45Error>,
    /// The decompressed bytes.
    pub decompression: Outcome<Vec<u8>, CompressionError>,
    /// The signed message.
    pub cose: Outcome<SignedMessage, CoseError>,
    /// Its claims.
    pub cbor: Outcome<Claims, CwtError>,
    /// What is certified.
    pub schema: Outcome<HealthCertificate, SchemaError>,
}

/// A health certificate, read and verified.
#[derive(Debug, Clone, PartialEq)]
pub struct Verification {
    /// As read.
    pub reading: Reading,
    /// Whether the signature is the certificate's.
    pub signature: Outcome<(), SignatureError>,
    /// Whether the certificate may sign this kind.
    pub key_usage: Outcome<(), KeyUsageError>,
    /// Whether it is valid at the time.
    pub validity: Outcome<(), ValidityError>,
}

/// A stage in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StageReport {
    /// The stage.
    pub stage: Stage,
    /// Whether it holds; none if it could not be tried.
    pub ok: Option<bool>,
    /// Why it does not hold, or was not tried. Never personal.
    pub detail: Option<String>,
}

/// Reads a health certificate as far as it can be read. `text` is what the QR code says, without
/// spaces or line ends around it.
pub fn read(text: &str, uncompressed: Uncompressed) -> Reading {
    let prefix: Outcome<_, _> = without_prefix(text).map(str::to_owned).into();
    let base45 = prefix.then(|text| base45::decode(text));
    let decompression = base45.then(|bytes| decompress(bytes, uncompressed));
    let cose = decompression.then(|bytes| SignedMessage::parse(bytes));
    let cbor = cose.then(|message| Claims::parse(message.payload()));
    let schema = cbor.then(|claims| HealthCertificate::from_value(&claims.health_certificate));
    Reading {
        prefix,
        base45,
        decompression,
        cose,
        cbor,
        schema,
    }
}

impl Reading {
    /// Verifies signature, key usage and validity, at `at`, with the signer's certificate.
    pub fn verify(self, certificate: &SigningCertificate, at: Timestamp) -> Verification {
        Verification {
            signature: self
                .cose
                .then(|message| message.verify(certificate.public_key(), certificate.key_id())),
            key_usage: self
                .schema
                .then(|health| key_usage(certificate, health.kind())),
            validity: self.cbor.then(|claims| validity(claims, certificate, at)),
            reading: self,
        }
    }
}

impl Verification {
    /// Whether every stage holds.
    pub fn holds(&self) -> bool {
        self.certificate().is_some()
    }

    /// What is certified; none unless every stage holds.
    pub fn certificate(&self) -> Option<&HealthCertificate> {
        let verified = self.signature.holds() && self.key_usage.holds() && self.validity.holds();
        self.reading.schema.value().filter(|_| verified)
    }

    /// Every stage in words, in order.
    pub fn stages(&self) -> [StageReport; 9] {
        let reading = &self.reading;
        [
            report(Stage::Prefix, &reading.prefix, None),
            report(Stage::Base45, &reading.base45, Some(Stage::Prefix)),
            report(
                Stage::Decompression,
                &reading.decompression,
                Some(Stage::Base45),
            ),
            report(Stage::Cose, &reading.cose, Some(Stage::Decompression)),
            report(Stage::Cbor, &reading.cbor, Some(Stage::Cose)),
            report(Stage::Schema, &reading.schema, Some(Stage::Cbor)),
            report(Stage::Signature, &self.signature, Some(Stage::Cose)),
            report(Stage::KeyUsage, &self.key_usage, Some(Stage::Schema)),
            report(Stage::Validity, &self.validity, Some(Stage::Cbor)),
        ]
    }
}

fn report<T, E: fmt::Display>(
    stage: Stage,
    outcome: &Outcome<T, E>,
    needs: Option<Stage>,
) -> StageReport {
    let (ok, detail) = match outcome {
        Outcome::Holds(_) => (Some(true), None),
        Outcome::Fails(error) => (Some(false), Some(error.to_string())),
        Outcome::NotTried => (None, needs.map(|stage| format!("not tried: needs {stage}"))),
    };
    StageReport { stage, ok, detail }
}

fn without_prefix(text: &str) -> Result<&str, PrefixError> {
    if text.len() > TEXT_CHARACTERS {
        return Err(PrefixError::Oversized { bytes: text.len() });
    }
    text.strip_prefix(PREFIX).ok_or_else(|| {
        if text.as_bytes().get(PREFIX.len() - 1) == Some(&b':') {
            PrefixError::Other
        } else {
            PrefixError::Missing
        }
    })
}

fn decompress(bytes: &[u8], uncompressed: Uncompressed) -> Result<Vec<u8>, CompressionError> {
    match (compression::decompress(bytes, MESSAGE_BYTES), uncompressed) {
        (Err(CompressionError::NotCompressed), Uncompressed::Accept) => Ok(bytes.to_vec()),
        (outcome, _) => outcome,
    }
}

fn key_usage(certificate: &SigningCertificate, kind: Kind) -> Result<(), KeyUsageError> {
    if certificate.may_sign(kind) {
        Ok(())
    } else {
        Err(KeyUsageError { kind })
    }
}

fn validity(
    claims: &Claims,
    certificate: &SigningCertificate,
    at: Timestamp,
) -> Result<(), ValidityError> {
    let (not_before, not_after) = (certificate.not_before(), certificate.not_after());
    if at < claims.issued_at {
        return Err(ValidityError::NotYetValid {
            issued_at: claims.issued_at,
        });
    }
    if at >= claims.expires_at {
        return Err(ValidityError::Expired {
            expires_at: claims.expires_at,
        });
    }
    if at < not_before || at > not_after {
        return Err(ValidityError::Certificate {
            not_before,
            not_after,
        });
    }
    Ok(())
}
