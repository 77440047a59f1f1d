//! The code of a pass: made, and read back.

use ciborium::Value;
use jiff::Timestamp;

use super::{
    Colour, LONGEST_VALIDITY, LastDigits, Malformed, NameMark, PREFIX, Pass, PassId, Refusal, Shown,
};
use crate::cose::SignedMessage;
use crate::cwt::{self, CTI, CwtError, EXP, IAT, ISS};
use crate::keys::{KeyId, SigningKey};
use crate::limits::{PASS_MESSAGE_BYTES, PASS_TEXT_CHARACTERS};
use crate::trust::TrustList;
use crate::{base45, cbor, compression};

/// Claim key of what a gate sees, below -65536 as RFC 8392, section 9.1.1, has it for private use.
const SHOWN: i64 = -70_001;
/// Keys in that claim.
const COLOUR: i64 = 1;
const NAME: i64 = 2;
const DIGITS: i64 = 3;

impl Pass {
    /// The signed code, text for a QR code's alphanumeric mode. The same pass and key give the same
    /// code.
    pub fn to_code(&self, key: &SigningKey) -> String {
        let message = SignedMessage::sign(self.claims(), key).to_bytes();
        format!(
            "{PREFIX}{}",
            base45::encode(&compression::compress(&message))
        )
    }

    /// Reads a code, verified against `trust`, at the moment `at`.
    ///
    /// The refusals come in this order: what cannot be read, an unknown issuer or key, a forged
    /// signature, a wrong issuer, a key revoked or out of use, then times. So an answer about the
    /// times is always about a pass that was truly issued.
    pub fn from_code(text: &str, trust: &TrustList, at: Timestamp) -> Result<Self, Refusal> {
        let message = message(text)?;
        let pass = Self::from_claims(message.payload())?;
        let id = message.key_id().and_then(KeyId::from_slice);
        let (id, key) = match id.and_then(|id| Some((id, trust.key(id)?))) {
            Some(found) => found,
            None if trust.knows(&pass.issuer) => return Err(Refusal::UnknownKey),
            None => return Err(Refusal::UnknownIssuer),
        };
        message
            .verify(&key.public_key, id)
            .map_err(|_| Refusal::Forged)?;
        if key.issuer != pass.issuer {
            return Err(Refusal::WrongIssuer);
        }
        if key.revoked_at.is_some_and(|revoked_at| at >= revoked_at) {
            return Err(Refusal::Revoked);
        }
        if pass.issued_at < key.valid_from || pass.issued_at >= key.valid_until {
            return Err(Refusal::KeyOutOfUse);
        }
        if pass.expires_at.duration_since(pass.issued_at) > LONGEST_VALIDITY {
            return Err(Refusal::ValidityTooLong);
        }
        if at < pass.issued_at {
            return Err(Refusal::NotYetValid);
        }
        if at >= pass.expires_at {
            return Err(Refusal::Expired);
        }
        Ok(pass)
    }

    fn claims(&self) -> Vec<u8> {
        let shown = &self.shown;
        cbor::encode(&Value::Map(vec![
            (ISS.into(), self.issuer.as_str().into()),
            (EXP.into(), self.expires_at.as_second().into()),
            (IAT.into(), self.issued_at.as_second().into()),
            (CTI.into(), Value::Bytes(self.id.0.to_vec())),
            (
                SHOWN.into(),
                Value::Map(vec![
                    (COLOUR.into(), shown.colour.number().into()),
                    (NAME.into(), shown.name.as_str().into()),
                    (DIGITS.into(), shown.digits.as_str().into()),
                ]),
            ),
        ]))
    }

    /// The pass that these claims are; how long it is valid is not judged here.
    fn from_claims(payload: &[u8]) -> Result<Self, Malformed> {
        let claims = cwt::map_of_claims(payload)?;
        let claim = |key, claim| cbor::get(&claims, key).ok_or(CwtError::Missing { claim });
        let shown = claim(SHOWN, "shown (-70001)")?
            .as_map()
            .ok_or(kind("shown (-70001)", "a map"))?;
        let part = |key, claim| cbor::get(shown, key).ok_or(CwtError::Missing { claim });
        let pass = Self {
            id: id(claim(CTI, "cti")?)?,
            issuer: text("iss", claim(ISS, "iss")?)?,
            shown: Shown {
                colour: colour(part(COLOUR, "colour")?)?,
                name: text::<NameMark>("name", part(NAME, "name")?)?,
                digits: text::<LastDigits>("digits", part(DIGITS, "digits")?)?,
            },
            issued_at: cwt::numeric_date(&claims, IAT, "iat")?,
            expires_at: cwt::numeric_date(&claims, EXP, "exp")?,
        };
        if pass.expires_at <= pass.issued_at {
            return Err(Malformed::NeverValid);
        }
        if pass.claims() != payload {
            return Err(Malformed::NotCanonical);
        }
        Ok(pass)
    }
}

fn message(text: &str) -> Result<SignedMessage, Refusal> {
    if text.len() > PASS_TEXT_CHARACTERS {
        return Err(Refusal::Oversized { bytes: text.len() });
    }
    let text = text.strip_prefix(PREFIX).ok_or(Malformed::Prefix)?;
    let bytes = base45::decode(text).map_err(Malformed::Base45)?;
    let bytes = compression::decompress(&bytes, PASS_MESSAGE_BYTES)?;
    let message = SignedMessage::parse(&bytes).map_err(Malformed::Cose)?;
    if message.to_bytes() != bytes {
        return Err(Malformed::NotCanonical.into());
    }
    Ok(message)
}

fn kind(claim: &'static str, expected: &'static str) -> CwtError {
    CwtError::Kind { claim, expected }
}

fn id(value: &Value) -> Result<PassId, CwtError> {
    value
        .as_bytes()
        .and_then(|bytes| bytes.as_slice().try_into().ok())
        .map(PassId)
        .ok_or(kind("cti", "16 bytes"))
}

fn colour(value: &Value) -> Result<Colour, CwtError> {
    value
        .as_integer()
        .and_then(|number| Colour::from_number(i64::try_from(number).ok()?))
        .ok_or(kind("colour", "0 (green), 1 (yellow) or 2 (red)"))
}

fn text<T: std::str::FromStr>(claim: &'static str, value: &Value) -> Result<T, CwtError> {
    let text = cwt::text(claim, value)?;
    text.parse()
        .map_err(|_| kind(claim, "of the form that a pass allows"))
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::*;
    use crate::base45::Base45Error;
    use crate::compression::CompressionError;
    use crate::cose::CoseError;
    use crate::trust::TrustedKey;

    fn hours(hours: i64) -> Timestamp {
        let midnight: Timestamp = "2020-03-01T00:00:00Z".parse().unwrap();
        midnight + SignedDuration::from_hours(hours)
    }

    /// Issued at 8, expires at 20 hours.
    fn pass() -> Pass {
        Pass::new(
            PassId([5; 16]),
            "330600".parse().unwrap(),
            Shown {
                colour: Colour::Yellow,
                name: "*芳".parse().unwrap(),
                digits: "028X".parse().unwrap(),
            },
            hours(8),
            hours(20),
        )
        .unwrap()
    }

    fn key(secret: u8) -> SigningKey {
        SigningKey::ed25519(&[secret; 32])
    }

    fn trusted(secret: u8) -> TrustedKey {
        TrustedKey {
            issuer: "330600".parse().unwrap(),
            public_key: key(secret).public_key(),
            valid_from: hours(0),
            valid_until: hours(24),
            revoked_at: None,
        }
    }

    /// What becomes of `pass`, signed by key 1, with this list at 12 hours.
    fn answer(pass: &Pass, listed: TrustedKey) -> Result<Pass, Refusal> {
        let trust = TrustList::new(vec![listed]).unwrap();
        Pass::from_code(&pass.to_code(&key(1)), &trust, hours(12))
    }

    fn code_of(message: &[u8]) -> String {
        let bytes = compression::compress(message);
        format!("{PREFIX}{}", base45::encode(&bytes))
    }

    #[test]
    fn a_pass_reads_back() {
        assert_eq!(answer(&pass(), trusted(1)), Ok(pass()));
    }

    #[test]
    fn keys_are_rotated_and_revoked() {
        let retired = |until| TrustedKey {
            valid_until: hours(until),
            ..trusted(1)
        };
        // Signed at 8: valid on after its key's use ended at 9.
        assert_eq!(answer(&pass(), retired(9)), Ok(pass()));
        assert_eq!(answer(&pass(), retired(8)), Err(Refusal::KeyOutOfUse));
        let later = TrustedKey {
            valid_from: hours(9),
            ..trusted(1)
        };
        assert_eq!(answer(&pass(), later), Err(Refusal::KeyOutOfUse));
        let revoked = |at| TrustedKey {
            revoked_at: Some(hours(at)),
            ..trusted(1)
        };
        assert_eq!(answer(&pass(), revoked(12)), Err(Refusal::Revoked));
        assert_eq!(answer(&pass(), revoked(13)), Ok(pass()));
    }

    #[test]
    fn only_the_issuer_s_own_listed_keys_count() {
        assert_eq!(answer(&pass(), trusted(2)), Err(Refusal::UnknownKey));
        let of_another = |secret| TrustedKey {
            issuer: "330700".parse().unwrap(),
            ..trusted(secret)
        };
        assert_eq!(answer(&pass(), of_another(2)), Err(Refusal::UnknownIssuer));
        assert_eq!(answer(&pass(), of_another(1)), Err(Refusal::WrongIssuer));
    }

    #[test]
    fn times_are_judged_last() {
        let trust = TrustList::new(vec![trusted(1)]).unwrap();
        let code = pass().to_code(&key(1));
        let at = |at| Pass::from_code(&code, &trust, at);
        let second = SignedDuration::from_secs(1);
        assert_eq!(at(hours(8) - second), Err(Refusal::NotYetValid));
        assert_eq!(at(hours(8)), Ok(pass()));
        assert_eq!(at(hours(20) - second), Ok(pass()));
        assert_eq!(at(hours(20)), Err(Refusal::Expired));

        let too_long = Pass {
            expires_at: hours(8 + 24) + second,
            ..pass()
        };
        assert_eq!(answer(&too_long, trusted(1)), Err(Refusal::ValidityTooLong));
        let never = Pass {
            expires_at: hours(8),
            ..pass()
        };
        assert_eq!(
            answer(&never, trusted(1)),
            Err(Malformed::NeverValid.into())
        );
    }

    #[test]
    fn a_forged_pass_is_refused() {
        let trust = TrustList::new(vec![trusted(1)]).unwrap();
        let green = Pass {
            shown: Shown {
                colour: Colour::Green,
                ..pass().shown
            },
            ..pass()
        };
        let signed = SignedMessage::sign(pass().claims(), &key(1)).to_bytes();
        let place = signed
            .windows(pass().claims().len())
            .position(|part| part == pass().claims())
            .unwrap();
        let mut forged = signed.clone();
        forged[place..place + green.claims().len()].copy_from_slice(&green.claims());
        assert_eq!(
            Pass::from_code(&code_of(&forged), &trust, hours(12)),
            Err(Refusal::Forged)
        );
    }

    #[test]
    fn what_is_no_code_is_refused() {
        let trust = TrustList::new(vec![trusted(1)]).unwrap();
        let code = pass().to_code(&key(1));
        let message = SignedMessage::sign(pass().claims(), &key(1)).to_bytes();
        let untagged = &message[1..];
        let claims = |change: fn(&mut Vec<(Value, Value)>)| {
            let mut claims = cwt::map_of_claims(&pass().claims()).unwrap();
            change(&mut claims);
            let payload = cbor::encode(&Value::Map(claims));
            code_of(&SignedMessage::sign(payload, &key(1)).to_bytes())
        };
        for (text, refusal) in [
            (
                "A".repeat(PASS_TEXT_CHARACTERS + 1),
                Refusal::Oversized {
                    bytes: PASS_TEXT_CHARACTERS + 1,
                },
            ),
            (
                code_of(&[0; PASS_MESSAGE_BYTES + 1]),
                Refusal::Bomb {
                    most: PASS_MESSAGE_BYTES,
                },
            ),
            (String::new(), Malformed::Prefix.into()),
            (code.replace(PREFIX, "HC1:"), Malformed::Prefix.into()),
            (
                format!("{code}a"),
                Malformed::Base45(Base45Error::Character { at: code.len() - 4 }).into(),
            ),
            (
                format!("{PREFIX}{}", base45::encode(&message)),
                Malformed::Compression(CompressionError::NotCompressed).into(),
            ),
            (code_of(&[0]), Malformed::Cose(CoseError::Shape).into()),
            (code_of(untagged), Malformed::NotCanonical.into()),
            (
                claims(|claims| claims.swap(0, 1)),
                Malformed::NotCanonical.into(),
            ),
            (
                claims(|claims| claims.push((99.into(), Value::Null))),
                Malformed::NotCanonical.into(),
            ),
            (
                claims(|claims| drop(claims.remove(3))),
                Malformed::Cwt(CwtError::Missing { claim: "cti" }).into(),
            ),
            (
                claims(|claims| claims[3].1 = Value::Bytes(vec![5; 15])),
                Malformed::Cwt(kind("cti", "16 bytes")).into(),
            ),
        ] {
            let answer = Pass::from_code(&text, &trust, hours(12));
            assert_eq!(answer, Err(refusal), "{}", refusal.reason());
        }
    }
}
