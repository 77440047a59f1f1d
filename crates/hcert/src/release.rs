//! A certificate of release from quarantine as a signed code.
//!
//! It says that an order of an issuer ran from one day to another and that the person was released
//! on a day, and just enough to see that the one who shows it is the one whom it was issued to. It
//! does not expire. A document number, a phone, an address or a diagnosis cannot be said in it.
//!
//! | part | value |
//! | --- | --- |
//! | prefix | `LFR1:` ("Lianfang release 1") |
//! | encoding | Base45 of ZLIB of COSE_Sign1, as for health certificates |
//! | protected header | `alg` (1), `kid` (4), as for a [pass](crate::pass) |
//! | unprotected header | empty |
//! | `iss` (1) | the issuer, text |
//! | `iat` (6) | moment of release, whole seconds since 1970 |
//! | `cti` (7) | the order's id, 16 bytes |
//! | -70002, in the range for private use | a map: 1 first day, 2 day of release by the order, 3 day released (all `YYYY-MM-DD`), 4 the pack's word, 5 at most two characters of the name, 6 at most four last digits (left out where none are known) |
//!
//! There is one encoding of a certificate; a message in another is refused, so that no byte of it
//! can be changed unseen.
//!
//! ```
//! use lianfang_hcert::keys::SigningKey;
//! use lianfang_hcert::release::{Release, ReleaseRefusal};
//!
//! let key = SigningKey::ed25519(&[7; 32]);
//! let release = Release {
//!     issuer: "330683".parse()?,
//!     order: [9; 16],
//!     first: "2020-02-09".parse()?,
//!     last: "2020-02-23".parse()?,
//!     released: "2020-02-23".parse()?,
//!     pack: "covid19-cn-2020 2020.03.19.2".into(),
//!     name: "*芳".parse()?,
//!     digits: Some("028X".parse()?),
//!     issued_at: "2020-02-23T01:00:00Z".parse()?,
//! };
//! let code = release.to_code(&key);
//! assert!(code.starts_with("LFR1:"));
//! let read = Release::from_code(&code, &release.issuer, &key.public_key());
//! assert_eq!(read.as_ref(), Ok(&release));
//!
//! let stranger = SigningKey::ed25519(&[8; 32]).public_key();
//! let read = Release::from_code(&code, &release.issuer, &stranger);
//! assert_eq!(read, Err(ReleaseRefusal::Foreign));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt;

use ciborium::Value;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::cose::SignedMessage;
use crate::cwt::{self, CTI, CwtError, IAT, ISS};
use crate::keys::{PublicKey, SigningKey};
use crate::limits::{PASS_MESSAGE_BYTES, PASS_TEXT_CHARACTERS};
use crate::pass::{Issuer, LastDigits, NameMark};
use crate::{base45, cbor, compression};

/// How a certificate's code begins.
pub const PREFIX: &str = "LFR1:";

/// Claim key of what is certified, below -65536 as RFC 8392, section 9.1.1, has it for private use.
const RELEASE: i64 = -70_002;
/// Keys in that claim.
const FIRST: i64 = 1;
const LAST: i64 = 2;
const RELEASED: i64 = 3;
const PACK: i64 = 4;
const NAME: i64 = 5;
const DIGITS: i64 = 6;

/// What is certified.
#[derive(Clone, PartialEq, Eq)]
pub struct Release {
    /// Who issues it: the area's code.
    pub issuer: Issuer,
    /// The order's id.
    pub order: [u8; 16],
    /// First day of the order.
    pub first: Date,
    /// The day of release by the order.
    pub last: Date,
    /// The day on which the person was released.
    pub released: Date,
    /// The pack under which the order stood, and its version.
    pub pack: String,
    /// Of the holder's name.
    pub name: NameMark,
    /// Of the holder's document or phone.
    pub digits: Option<LastDigits>,
    /// Moment of release, in whole seconds.
    pub issued_at: Timestamp,
}

/// Why a code is no certificate of release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReleaseRefusal {
    /// It does not begin as one.
    #[error("a certificate of release begins with {PREFIX}")]
    Prefix,
    /// It is too long.
    #[error("a certificate of release has at most {PASS_TEXT_CHARACTERS} characters")]
    Oversized,
    /// It is not of the form, or not in the one encoding.
    #[error("this cannot be read as a certificate of release")]
    Malformed,
    /// Another issuer's.
    #[error("another issuer's certificate")]
    Foreign,
    /// The signature is not the issuer's over these words.
    #[error("forged or altered: the signature is not the issuer's over this certificate")]
    Forged,
}

impl ReleaseRefusal {
    /// A word for programs and translations, which stays the same.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Prefix | Self::Malformed => "malformed",
            Self::Oversized => "oversized",
            Self::Foreign => "foreign",
            Self::Forged => "forged",
        }
    }
}

impl Release {
    /// The signed code, text for a QR code's alphanumeric mode. The same certificate and key give
    /// the same code.
    pub fn to_code(&self, key: &SigningKey) -> String {
        let message = SignedMessage::sign(self.claims(), key).to_bytes();
        format!(
            "{PREFIX}{}",
            base45::encode(&compression::compress(&message))
        )
    }

    /// Reads a code that `issuer` signed with `key`. The refusals come in this order: what cannot
    /// be read, another's certificate, a forged or altered one.
    pub fn from_code(text: &str, issuer: &Issuer, key: &PublicKey) -> Result<Self, ReleaseRefusal> {
        let message = message(text)?;
        let release =
            Self::from_claims(message.payload()).map_err(|_| ReleaseRefusal::Malformed)?;
        let id = key.key_id();
        if release.issuer != *issuer || message.key_id() != Some(id.as_bytes().as_slice()) {
            return Err(ReleaseRefusal::Foreign);
        }
        message
            .verify(key, id)
            .map_err(|_| ReleaseRefusal::Forged)?;
        Ok(release)
    }

    fn claims(&self) -> Vec<u8> {
        let day = |day: Date| Value::Text(day.to_string());
        let mut shown: Vec<(Value, Value)> = vec![
            (FIRST.into(), day(self.first)),
            (LAST.into(), day(self.last)),
            (RELEASED.into(), day(self.released)),
            (PACK.into(), self.pack.as_str().into()),
            (NAME.into(), self.name.as_str().into()),
        ];
        if let Some(digits) = &self.digits {
            shown.push((DIGITS.into(), digits.as_str().into()));
        }
        cbor::encode(&Value::Map(vec![
            (ISS.into(), self.issuer.as_str().into()),
            (IAT.into(), self.issued_at.as_second().into()),
            (CTI.into(), Value::Bytes(self.order.to_vec())),
            (RELEASE.into(), Value::Map(shown)),
        ]))
    }

    fn from_claims(payload: &[u8]) -> Result<Self, CwtError> {
        let claims = cwt::map_of_claims(payload)?;
        let claim = |key, claim| cbor::get(&claims, key).ok_or(CwtError::Missing { claim });
        let shown = claim(RELEASE, "release (-70002)")?
            .as_map()
            .ok_or(kind("release (-70002)", "a map"))?;
        let part = |key, claim| cbor::get(shown, key).ok_or(CwtError::Missing { claim });
        let order = claim(CTI, "cti")?
            .as_bytes()
            .and_then(|bytes| bytes.as_slice().try_into().ok())
            .ok_or(kind("cti", "16 bytes"))?;
        let release = Self {
            issuer: parsed("iss", claim(ISS, "iss")?)?,
            order,
            first: parsed("first", part(FIRST, "first")?)?,
            last: parsed("last", part(LAST, "last")?)?,
            released: parsed("released", part(RELEASED, "released")?)?,
            pack: cwt::text("pack", part(PACK, "pack")?)?,
            name: parsed("name", part(NAME, "name")?)?,
            digits: cbor::get(shown, DIGITS)
                .map(|digits| parsed("digits", digits))
                .transpose()?,
            issued_at: cwt::numeric_date(&claims, IAT, "iat")?,
        };
        if release.claims() != payload {
            return Err(kind("claims", "in their one encoding"));
        }
        Ok(release)
    }
}

fn message(text: &str) -> Result<SignedMessage, ReleaseRefusal> {
    if text.len() > PASS_TEXT_CHARACTERS {
        return Err(ReleaseRefusal::Oversized);
    }
    let text = text.strip_prefix(PREFIX).ok_or(ReleaseRefusal::Prefix)?;
    let malformed = ReleaseRefusal::Malformed;
    let bytes = base45::decode(text).map_err(|_| malformed)?;
    let bytes = compression::decompress(&bytes, PASS_MESSAGE_BYTES).map_err(|_| malformed)?;
    let message = SignedMessage::parse(&bytes).map_err(|_| malformed)?;
    if message.to_bytes() != bytes {
        return Err(malformed);
    }
    Ok(message)
}

fn kind(claim: &'static str, expected: &'static str) -> CwtError {
    CwtError::Kind { claim, expected }
}

fn parsed<T: std::str::FromStr>(claim: &'static str, value: &Value) -> Result<T, CwtError> {
    cwt::text(claim, value)?
        .parse()
        .map_err(|_| kind(claim, "of the form that a certificate allows"))
}

/// Without what it shows of the holder.
impl fmt::Debug for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Release")
            .field("issuer", &self.issuer)
            .field("first", &self.first)
            .field("last", &self.last)
            .field("released", &self.released)
            .field("pack", &self.pack)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release() -> Release {
        Release {
            issuer: "330683".parse().unwrap(),
            order: [9; 16],
            first: Date::constant(2020, 2, 15),
            last: Date::constant(2020, 2, 29),
            released: Date::constant(2020, 3, 1),
            pack: "covid19-cn-2020 2020.03.19.2".into(),
            name: "*芳".parse().unwrap(),
            digits: None,
            issued_at: "2020-03-01T01:00:00Z".parse().unwrap(),
        }
    }

    fn key() -> SigningKey {
        SigningKey::ed25519(&[1; 32])
    }

    fn read(code: &str) -> Result<Release, ReleaseRefusal> {
        Release::from_code(code, &release().issuer, &key().public_key())
    }

    #[test]
    fn it_reads_back_and_fits_a_code() {
        let code = release().to_code(&key());
        assert_eq!(read(&code), Ok(release()));
        assert_eq!(code, release().to_code(&key()));
        assert!(code.len() < PASS_TEXT_CHARACTERS, "{}", code.len());
    }

    #[test]
    fn what_is_altered_forged_or_foreign_is_refused_for_what_it_is() {
        let bytes = |release: &Release| {
            let code = release.to_code(&key());
            let packed = base45::decode(code.strip_prefix(PREFIX).unwrap()).unwrap();
            compression::decompress(&packed, PASS_MESSAGE_BYTES).unwrap()
        };
        let code_of =
            |bytes: &[u8]| format!("{PREFIX}{}", base45::encode(&compression::compress(bytes)));
        // A later last day under the same signature.
        let mut altered = bytes(&release());
        let day = b"2020-02-29";
        let place = altered
            .windows(day.len())
            .position(|part| part == day)
            .unwrap();
        altered[place + day.len() - 1] = b'8';
        assert_eq!(read(&code_of(&altered)), Err(ReleaseRefusal::Forged));
        // Another issuer under our key, and our name under another key.
        let other = Release {
            issuer: "330682".parse().unwrap(),
            ..release()
        };
        assert_eq!(read(&other.to_code(&key())), Err(ReleaseRefusal::Foreign));
        let stranger = SigningKey::ed25519(&[2; 32]);
        assert_eq!(
            read(&release().to_code(&stranger)),
            Err(ReleaseRefusal::Foreign)
        );
        for (code, reason) in [
            (String::new(), ReleaseRefusal::Prefix),
            ("LF1:ABC".into(), ReleaseRefusal::Prefix),
            (PREFIX.into(), ReleaseRefusal::Malformed),
            (format!("{PREFIX}é"), ReleaseRefusal::Malformed),
            (
                "L".repeat(PASS_TEXT_CHARACTERS + 1),
                ReleaseRefusal::Oversized,
            ),
        ] {
            assert_eq!(read(&code), Err(reason));
        }
        // Every single bit.
        let whole = bytes(&release());
        for place in 0..whole.len() {
            let mut changed = whole.clone();
            changed[place] ^= 1;
            assert!(read(&code_of(&changed)).is_err(), "{place}");
        }
    }
}
