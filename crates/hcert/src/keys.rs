//! Keys and the signature algorithms of COSE (RFC 9053, RFC 8230): ES256, PS256, EdDSA.

use std::fmt;

use ed25519_dalek::Signer as _;
use p256::ecdsa::signature::Verifier as _;
use rsa::pkcs1::{DecodeRsaPublicKey as _, EncodeRsaPublicKey as _};
use rsa::traits::PublicKeyParts as _;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::limits::RSA_BITS;

/// A signature algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Algorithm {
    /// ECDSA over P-256 with SHA-256 (RFC 9053, section 2.1).
    #[serde(rename = "ES256")]
    Es256,
    /// RSASSA-PSS with SHA-256 (RFC 8230, section 2).
    #[serde(rename = "PS256")]
    Ps256,
    /// Ed25519 (RFC 9053, section 2.2).
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl Algorithm {
    /// Its number in the registry "COSE Algorithms".
    pub fn id(self) -> i64 {
        match self {
            Self::Es256 => -7,
            Self::Ps256 => -37,
            Self::EdDsa => -8,
        }
    }

    /// Reads back [`Algorithm::id`]; none for an algorithm that is not known here.
    pub fn from_id(id: i64) -> Option<Self> {
        [Self::Es256, Self::Ps256, Self::EdDsa]
            .into_iter()
            .find(|algorithm| algorithm.id() == id)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Es256 => "ES256",
            Self::Ps256 => "PS256",
            Self::EdDsa => "EdDSA",
        })
    }
}

/// Eight bytes that name a key: the first of a SHA-256, of the certificate (HCERT specification,
/// section "Key Identifier") or, for a key without one, of the public key's bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 8]);

impl KeyId {
    /// The id of the key with these bytes, or this certificate in DER.
    pub fn of(bytes: &[u8]) -> Self {
        let digest = Sha256::digest(bytes);
        Self(std::array::from_fn(|place| digest[place]))
    }

    /// The id that these bytes are; none unless they are eight.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The eight bytes.
    pub fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }
}

/// Sixteen hexadecimal digits.
impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// Why bytes are no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// No Ed25519 public key.
    #[error("an Ed25519 public key has 32 bytes that encode a point of the curve (RFC 8032)")]
    Ed25519,
    /// No P-256 key.
    #[error(
        "a P-256 public key is a point in SEC1 form, a secret key 32 bytes below the order of the curve"
    )]
    P256,
    /// No RSA key, or one of another size.
    #[error(
        "an RSA public key is in PKCS#1 DER, of {} to {} bits",
        RSA_BITS.start(),
        RSA_BITS.end()
    )]
    Rsa,
}

/// A public key, which verifies.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey(Verifying);

#[derive(Clone, PartialEq, Eq)]
enum Verifying {
    Es256(p256::ecdsa::VerifyingKey),
    Ps256(Box<rsa::RsaPublicKey>),
    EdDsa(ed25519_dalek::VerifyingKey),
}

impl PublicKey {
    /// Reads a key from its bytes: for ES256 a point in SEC1 form, for PS256 an RSAPublicKey in
    /// PKCS#1 DER, for EdDSA the 32 bytes of RFC 8032.
    pub fn from_bytes(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, KeyError> {
        let key = match algorithm {
            Algorithm::Es256 => Verifying::Es256(
                p256::ecdsa::VerifyingKey::from_sec1_bytes(bytes).map_err(|_| KeyError::P256)?,
            ),
            Algorithm::Ps256 => {
                let key = rsa::RsaPublicKey::from_pkcs1_der(bytes).map_err(|_| KeyError::Rsa)?;
                if !RSA_BITS.contains(&key.n().bits()) {
                    return Err(KeyError::Rsa);
                }
                Verifying::Ps256(Box::new(key))
            }
            Algorithm::EdDsa => Verifying::EdDsa(
                bytes
                    .try_into()
                    .ok()
                    .and_then(|bytes| ed25519_dalek::VerifyingKey::from_bytes(bytes).ok())
                    .filter(|key| !key.is_weak())
                    .ok_or(KeyError::Ed25519)?,
            ),
        };
        Ok(Self(key))
    }

    /// The bytes of [`PublicKey::from_bytes`]; a point uncompressed, as the Web Cryptography API
    /// imports it.
    pub fn to_bytes(&self) -> Vec<u8> {
        match &self.0 {
            Verifying::Es256(key) => key.to_sec1_point(false).as_bytes().to_vec(),
            Verifying::Ps256(key) => key
                .to_pkcs1_der()
                .expect("a key that was read can be written")
                .into_vec(),
            Verifying::EdDsa(key) => key.to_bytes().to_vec(),
        }
    }

    /// The one algorithm that this key is used with.
    pub fn algorithm(&self) -> Algorithm {
        match self.0 {
            Verifying::Es256(_) => Algorithm::Es256,
            Verifying::Ps256(_) => Algorithm::Ps256,
            Verifying::EdDsa(_) => Algorithm::EdDsa,
        }
    }

    /// The id of a key without a certificate.
    pub fn key_id(&self) -> KeyId {
        KeyId::of(&self.to_bytes())
    }

    /// Whether `signature` is this key's over `message`. ES256: r and s, 32 bytes each; PS256: with
    /// a salt of 32 bytes; EdDSA: small-order points are refused.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.0 {
            Verifying::Es256(key) => p256::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            Verifying::Ps256(key) => {
                let key = rsa::pss::VerifyingKey::<Sha256>::new((**key).clone());
                rsa::pss::Signature::try_from(signature)
                    .is_ok_and(|signature| key.verify(message, &signature).is_ok())
            }
            Verifying::EdDsa(key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
        }
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({}, {})", self.algorithm(), self.key_id())
    }
}

/// A secret key, which signs. It is wiped from memory when dropped.
pub struct SigningKey(Signing);

enum Signing {
    Es256(Box<p256::ecdsa::SigningKey>),
    EdDsa(Box<ed25519_dalek::SigningKey>),
}

impl SigningKey {
    /// An Ed25519 key from its 32 secret bytes, which must be random.
    pub fn ed25519(secret: &[u8; 32]) -> Self {
        Self(Signing::EdDsa(Box::new(
            ed25519_dalek::SigningKey::from_bytes(secret),
        )))
    }

    /// A P-256 key from its 32 secret bytes, which must be random. The signatures are deterministic
    /// (RFC 6979). Zero, and numbers from the order of the curve up, are refused.
    pub fn es256(secret: &[u8; 32]) -> Result<Self, KeyError> {
        p256::ecdsa::SigningKey::from_slice(secret)
            .map(|key| Self(Signing::Es256(Box::new(key))))
            .map_err(|_| KeyError::P256)
    }

    /// The key that verifies what this one signs.
    pub fn public_key(&self) -> PublicKey {
        PublicKey(match &self.0 {
            Signing::Es256(key) => Verifying::Es256(*key.verifying_key()),
            Signing::EdDsa(key) => Verifying::EdDsa(key.verifying_key()),
        })
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.0 {
            Signing::Es256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                signature.to_bytes().to_vec()
            }
            Signing::EdDsa(key) => key.sign(message).to_bytes().to_vec(),
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey of {:?}", self.public_key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_keys_read_back() {
        for key in [
            SigningKey::ed25519(&[7; 32]),
            SigningKey::es256(&[7; 32]).unwrap(),
        ] {
            let public = key.public_key();
            let read = PublicKey::from_bytes(public.algorithm(), &public.to_bytes()).unwrap();
            assert_eq!(read, public);
            let signature = key.sign(b"message");
            assert!(read.verifies(b"message", &signature));
            assert!(!read.verifies(b"another", &signature));
            assert!(!read.verifies(b"message", &signature[1..]));
        }
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for (algorithm, reason) in [
            (Algorithm::Es256, KeyError::P256),
            (Algorithm::Ps256, KeyError::Rsa),
            (Algorithm::EdDsa, KeyError::Ed25519),
        ] {
            for bytes in [vec![], vec![0; 32], vec![0; 33], vec![0; 64]] {
                assert_eq!(PublicKey::from_bytes(algorithm, &bytes), Err(reason));
            }
            assert_eq!(Algorithm::from_id(algorithm.id()), Some(algorithm));
        }
        assert_eq!(Algorithm::from_id(-257), None);
        assert!(SigningKey::es256(&[0; 32]).is_err());
        assert!(SigningKey::es256(&[0xff; 32]).is_err());
    }
}
