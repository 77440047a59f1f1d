//! The trust list: whose keys a pass is verified against.
//!
//! A key is **rotated** by listing the next one, and by ending the last one's use: passes that it
//! signed before stay valid until they expire, which is a day at most; it signs no new ones. A key
//! that fell into wrong hands is **revoked**: from that moment on nothing that it signed is valid,
//! since whoever has it can date a pass back.

use std::collections::BTreeMap;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::keys::{Algorithm, KeyError, KeyId, PublicKey};
use crate::pass::Issuer;

/// A key of an issuer. In serde, `{"issuer", "kid", "algorithm", "public_key", "valid_from",
/// "valid_until", "revoked_at"}`: `kid` in hexadecimal digits, the key in base64url without padding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Listed", into = "Listed")]
pub struct TrustedKey {
    /// Whose passes it signs.
    pub issuer: Issuer,
    /// The key, ES256 or EdDSA. Its id is [`PublicKey::key_id`].
    pub public_key: PublicKey,
    /// First moment at which it signs.
    pub valid_from: Timestamp,
    /// First moment at which it signs no more.
    pub valid_until: Timestamp,
    /// From when on nothing that it signed is valid.
    pub revoked_at: Option<Timestamp>,
}

/// The keys of all issuers, each under its id.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "Vec<TrustedKey>", into = "Vec<TrustedKey>")]
pub struct TrustList(BTreeMap<KeyId, TrustedKey>);

/// Why keys are no trust list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// A key is listed twice, or two keys have the same id.
    #[error("the key {0} is listed twice")]
    Twice(KeyId),
    /// A key that passes are not signed with.
    #[error("the key {0} is for PS256; passes are signed with EdDSA or ES256")]
    Algorithm(KeyId),
    /// A key is never in use.
    #[error("the use of the key {0} ends before it begins")]
    NeverValid(KeyId),
    /// The bytes are no key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The public key is no base64url.
    #[error("a public key is written in base64url without padding")]
    Encoding,
    /// The id is not the key's.
    #[error("the kid of this key is {0}; another is listed")]
    KeyId(KeyId),
}

impl TrustList {
    /// A list of these keys.
    pub fn new(keys: Vec<TrustedKey>) -> Result<Self, TrustError> {
        let mut list = BTreeMap::new();
        for key in keys {
            let id = key.public_key.key_id();
            if key.public_key.algorithm() == Algorithm::Ps256 {
                return Err(TrustError::Algorithm(id));
            }
            if key.valid_until <= key.valid_from {
                return Err(TrustError::NeverValid(id));
            }
            if list.insert(id, key).is_some() {
                return Err(TrustError::Twice(id));
            }
        }
        Ok(Self(list))
    }

    /// The key with this id.
    pub fn key(&self, id: KeyId) -> Option<&TrustedKey> {
        self.0.get(&id)
    }

    /// Whether it has a key of this issuer.
    pub fn knows(&self, issuer: &Issuer) -> bool {
        self.0.values().any(|key| key.issuer == *issuer)
    }

    /// All keys, by id.
    pub fn keys(&self) -> impl Iterator<Item = &TrustedKey> {
        self.0.values()
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    issuer: Issuer,
    kid: String,
    algorithm: Algorithm,
    public_key: String,
    valid_from: Timestamp,
    valid_until: Timestamp,
    #[serde(default)]
    revoked_at: Option<Timestamp>,
}

impl TryFrom<Listed> for TrustedKey {
    type Error = TrustError;

    fn try_from(listed: Listed) -> Result<Self, TrustError> {
        let bytes =
            Base64UrlUnpadded::decode_vec(&listed.public_key).map_err(|_| TrustError::Encoding)?;
        let public_key = PublicKey::from_bytes(listed.algorithm, &bytes)?;
        if public_key.key_id().to_string() != listed.kid {
            return Err(TrustError::KeyId(public_key.key_id()));
        }
        Ok(Self {
            issuer: listed.issuer,
            public_key,
            valid_from: listed.valid_from,
            valid_until: listed.valid_until,
            revoked_at: listed.revoked_at,
        })
    }
}

impl From<TrustedKey> for Listed {
    fn from(key: TrustedKey) -> Self {
        Self {
            issuer: key.issuer,
            kid: key.public_key.key_id().to_string(),
            algorithm: key.public_key.algorithm(),
            public_key: Base64UrlUnpadded::encode_string(&key.public_key.to_bytes()),
            valid_from: key.valid_from,
            valid_until: key.valid_until,
            revoked_at: key.revoked_at,
        }
    }
}

impl TryFrom<Vec<TrustedKey>> for TrustList {
    type Error = TrustError;

    fn try_from(keys: Vec<TrustedKey>) -> Result<Self, TrustError> {
        Self::new(keys)
    }
}

impl From<TrustList> for Vec<TrustedKey> {
    fn from(list: TrustList) -> Self {
        list.0.into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::SigningKey;

    fn key(secret: u8) -> TrustedKey {
        TrustedKey {
            issuer: "330600".parse().unwrap(),
            public_key: SigningKey::ed25519(&[secret; 32]).public_key(),
            valid_from: "2020-02-01T00:00:00Z".parse().unwrap(),
            valid_until: "2020-03-01T00:00:00Z".parse().unwrap(),
            revoked_at: None,
        }
    }

    #[test]
    fn a_list_reads_back() {
        let other = TrustedKey {
            public_key: SigningKey::es256(&[3; 32]).unwrap().public_key(),
            revoked_at: Some("2020-02-02T00:00:00Z".parse().unwrap()),
            ..key(1)
        };
        let list = TrustList::new(vec![key(1), key(2), other]).unwrap();
        let json = serde_json::to_string(&list).unwrap();
        assert_eq!(serde_json::from_str::<TrustList>(&json).unwrap(), list);
        assert_eq!(list.keys().count(), 3);

        let mut json: serde_json::Value = serde_json::from_str(&json).unwrap();
        json[0]["kid"] = "0000000000000000".into();
        let refused = serde_json::from_value::<TrustList>(json).unwrap_err();
        assert!(refused.to_string().contains("another is listed"));
    }

    #[test]
    fn what_is_no_list_is_refused() {
        let id = key(1).public_key.key_id();
        let never = TrustedKey {
            valid_until: key(1).valid_from,
            ..key(1)
        };
        for (keys, reason) in [
            (vec![key(1), key(1)], TrustError::Twice(id)),
            (vec![never], TrustError::NeverValid(id)),
        ] {
            assert_eq!(TrustList::new(keys), Err(reason));
        }
    }
}
