//! CBOR Web Token: who signed, when, and until when (RFC 8392), and the claim that holds the health
//! certificate (HCERT specification, section "CWT Claims").

use std::fmt;

use ciborium::Value;
use jiff::Timestamp;

use crate::cbor::{self, CborError};

/// Claim keys (RFC 8392, table 1).
pub(crate) const ISS: i64 = 1;
pub(crate) const EXP: i64 = 4;
pub(crate) const IAT: i64 = 6;
pub(crate) const CTI: i64 = 7;
/// Claim key of `hcert`, and in it the key of `eu_dgc_v1`.
const HCERT: i64 = -260;
const EU_DGC_V1: i64 = 1;

/// Why a payload is no set of claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CwtError {
    /// No CBOR.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// No map.
    #[error("the payload of a CBOR Web Token is a map of claims")]
    NotAMap,
    /// A claim is missing.
    #[error("the claim {claim} is missing")]
    Missing {
        /// Its name.
        claim: &'static str,
    },
    /// A claim is of another kind.
    #[error("the claim {claim} must be {expected}")]
    Kind {
        /// Its name.
        claim: &'static str,
        /// What it must be.
        expected: &'static str,
    },
}

/// The claims of a health certificate, without what it certifies.
#[derive(Clone, PartialEq)]
pub struct Claims {
    /// `iss`: country of the issuer, ISO 3166-1 alpha-2; optional.
    pub issuer: Option<String>,
    /// `iat`.
    pub issued_at: Timestamp,
    /// `exp`.
    pub expires_at: Timestamp,
    pub(crate) health_certificate: Value,
}

impl Claims {
    /// Reads the payload of a health certificate.
    pub fn parse(payload: &[u8]) -> Result<Self, CwtError> {
        let claims = map_of_claims(payload)?;
        let hcert = cbor::get(&claims, HCERT).ok_or(CwtError::Missing { claim: "hcert" })?;
        let health_certificate = hcert
            .as_map()
            .and_then(|hcert| cbor::get(hcert, EU_DGC_V1))
            .filter(|value| value.is_map())
            .cloned()
            .ok_or(CwtError::Kind {
                claim: "hcert (-260)",
                expected: "a map with a map under the key 1",
            })?;
        Ok(Self {
            issuer: cbor::get(&claims, ISS)
                .map(|value| text("iss", value))
                .transpose()?,
            issued_at: numeric_date(&claims, IAT, "iat")?,
            expires_at: numeric_date(&claims, EXP, "exp")?,
            health_certificate,
        })
    }
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claims")
            .field("issuer", &self.issuer)
            .field("issued_at", &self.issued_at)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

pub(crate) fn map_of_claims(payload: &[u8]) -> Result<Vec<(Value, Value)>, CwtError> {
    match cbor::parse(payload)? {
        Value::Map(claims) => Ok(claims),
        _ => Err(CwtError::NotAMap),
    }
}

pub(crate) fn text(claim: &'static str, value: &Value) -> Result<String, CwtError> {
    value.as_text().map(str::to_owned).ok_or(CwtError::Kind {
        claim,
        expected: "text",
    })
}

/// A NumericDate: seconds since 1970, whole or not, without the tag 1 (RFC 8392, section 2). Parts
/// of a second are dropped.
pub(crate) fn numeric_date(
    claims: &[(Value, Value)],
    key: i64,
    claim: &'static str,
) -> Result<Timestamp, CwtError> {
    let value = cbor::get(claims, key).ok_or(CwtError::Missing { claim })?;
    let seconds = match value {
        Value::Integer(seconds) => i64::try_from(*seconds).ok(),
        Value::Float(seconds) if seconds.is_finite() => Some(seconds.floor() as i64),
        _ => None,
    };
    seconds
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .ok_or(CwtError::Kind {
            claim,
            expected: "a number of seconds since 1970-01-01T00:00:00Z, before the year 10000",
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(change: impl Fn(&mut Vec<(Value, Value)>)) -> Result<Claims, CwtError> {
        let hcert = Value::Map(vec![(1.into(), Value::Map(Vec::new()))]);
        let mut map: Vec<(Value, Value)> = vec![
            (ISS.into(), "AT".into()),
            (EXP.into(), 1_620_237_600.into()),
            (IAT.into(), 1_620_064_800.into()),
            (HCERT.into(), hcert),
        ];
        change(&mut map);
        Claims::parse(&cbor::encode(&Value::Map(map)))
    }

    #[test]
    fn the_issuer_may_be_missing_and_dates_may_be_floats() {
        let whole = claims(|_| ()).unwrap();
        assert_eq!(whole.expires_at.to_string(), "2021-05-05T18:00:00Z");
        let other = claims(|map| {
            map[1].1 = Value::Float(1_620_237_600.9);
            map.remove(0);
        })
        .unwrap();
        assert_eq!((other.issuer, other.expires_at), (None, whole.expires_at));
    }

    #[test]
    fn each_reason() {
        let missing = |claim| Err(CwtError::Missing { claim });
        assert_eq!(claims(|map| drop(map.remove(1))), missing("exp"));
        assert_eq!(claims(|map| drop(map.remove(2))), missing("iat"));
        assert_eq!(claims(|map| drop(map.remove(3))), missing("hcert"));
        for (place, value) in [
            (0, Value::from(1)),
            (1, "2021-05-05".into()),
            (1, i64::MAX.into()),
            (1, Value::Float(f64::NAN)),
            (2, Value::Tag(1, Box::new(1_620_064_800.into()))),
            (3, Value::Map(Vec::new())),
            (3, Value::Map(vec![(1.into(), Value::Bytes(vec![1]))])),
        ] {
            let refused = claims(|map| map[place].1 = value.clone());
            assert!(matches!(refused, Err(CwtError::Kind { .. })), "{place}");
        }
        assert_eq!(Claims::parse(&[0]), Err(CwtError::NotAMap));
    }
}
