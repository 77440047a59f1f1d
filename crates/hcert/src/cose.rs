//! COSE_Sign1: a payload with one signature (RFC 9052, section 4.2).
//!
//! The message is read here and not by a general COSE library, whose headers may hold
//! counter-signatures that hold headers again, as deep as the input is long. Of the header only
//! `alg`, `crit` and `kid` have a meaning; others are passed over.

use std::fmt;

use ciborium::Value;

use crate::cbor::{self, CborError};
use crate::keys::{Algorithm, KeyId, PublicKey, SigningKey};

/// Tag of COSE_Sign1 (RFC 9052, table 1).
const TAG_SIGN1: u64 = 18;
/// Tag of a CBOR Web Token (RFC 8392, section 6).
const TAG_CWT: u64 = 61;
/// Header labels (RFC 9052, table 3).
const ALG: i64 = 1;
const CRIT: i64 = 2;
const KID: i64 = 4;

/// Why bytes are no COSE_Sign1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CoseError {
    /// No CBOR.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// Another shape.
    #[error(
        "COSE_Sign1 is an array of four (protected header, unprotected header, payload, signature), tagged 18, 61 over 18, or untagged"
    )]
    Shape,
    /// The protected header is none.
    #[error("the protected header is a byte string that is empty or holds a map")]
    ProtectedHeader,
    /// The header asks for something that is not understood here.
    #[error("the header lists critical parameters; none is understood")]
    Critical,
    /// The algorithm is no number.
    #[error("the header's algorithm (label 1) is an integer")]
    Algorithm,
    /// The key id is no byte string.
    #[error("the header's key id (label 4) is a byte string")]
    KeyId,
}

/// Why a signature does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// No key id in either header.
    #[error("the header names no key (label 4)")]
    NoKeyId,
    /// Another key's id.
    #[error("the header names another key than the certificate's, which is {expected}")]
    KeyId {
        /// The id of the key at hand.
        expected: KeyId,
    },
    /// No algorithm in either header.
    #[error("the header names no algorithm (label 1)")]
    NoAlgorithm,
    /// An algorithm that is not the key's.
    #[error("the header names another algorithm than the key's, which is {expected}")]
    Algorithm {
        /// The key's algorithm.
        expected: Algorithm,
    },
    /// The signature is not one of this message by this key.
    #[error("the signature is not this key's over this message")]
    Forged,
}

/// A COSE_Sign1 as read. Nothing in it can be believed before [`SignedMessage::verify`].
#[derive(Clone, PartialEq, Eq)]
pub struct SignedMessage {
    /// As it stands in the message; empty where its map is.
    protected: Vec<u8>,
    payload: Vec<u8>,
    signature: Vec<u8>,
    algorithm: Option<i64>,
    key_id: Option<Vec<u8>>,
}

impl SignedMessage {
    /// Reads a message, tagged 18, 61 over 18, or untagged. The protected header's `alg` and `kid`
    /// go before the unprotected header's.
    pub fn parse(bytes: &[u8]) -> Result<Self, CoseError> {
        let Value::Array(parts) = untagged(cbor::parse(bytes)?)? else {
            return Err(CoseError::Shape);
        };
        let Ok(
            [
                Value::Bytes(protected),
                Value::Map(unprotected),
                Value::Bytes(payload),
                Value::Bytes(signature),
            ],
        ) = <[Value; 4]>::try_from(parts)
        else {
            return Err(CoseError::Shape);
        };
        let header = protected_header(&protected)?;
        if cbor::get(&header, CRIT).is_some() {
            return Err(CoseError::Critical);
        }
        let parameter =
            |label| cbor::get(&header, label).or_else(|| cbor::get(&unprotected, label));
        let algorithm = parameter(ALG)
            .map(|value| integer(value).ok_or(CoseError::Algorithm))
            .transpose()?;
        let key_id = parameter(KID)
            .map(|value| value.as_bytes().cloned().ok_or(CoseError::KeyId))
            .transpose()?;
        let protected = if header.is_empty() {
            Vec::new()
        } else {
            protected
        };
        Ok(Self {
            protected,
            payload,
            signature,
            algorithm,
            key_id,
        })
    }

    /// Signs `payload`: `alg` and `kid` in the protected header, nothing in the other.
    pub(crate) fn sign(payload: Vec<u8>, key: &SigningKey) -> Self {
        let public_key = key.public_key();
        let (algorithm, key_id) = (public_key.algorithm().id(), public_key.key_id());
        let protected = cbor::encode(&Value::Map(vec![
            (ALG.into(), algorithm.into()),
            (KID.into(), Value::Bytes(key_id.as_bytes().to_vec())),
        ]));
        let signature = key.sign(&to_be_signed(&protected, &payload));
        Self {
            protected,
            payload,
            signature,
            algorithm: Some(algorithm),
            key_id: Some(key_id.as_bytes().to_vec()),
        }
    }

    /// The message in its one canonical form: tag 18, an empty unprotected header.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        cbor::encode(&Value::Tag(
            TAG_SIGN1,
            Box::new(Value::Array(vec![
                Value::Bytes(self.protected.clone()),
                Value::Map(Vec::new()),
                Value::Bytes(self.payload.clone()),
                Value::Bytes(self.signature.clone()),
            ])),
        ))
    }

    /// Whether signature, algorithm and key id are those of `key`, known as `key_id`.
    ///
    /// The algorithm is the key's; a header that names another is refused, so that it cannot
    /// choose how it is verified.
    pub fn verify(&self, key: &PublicKey, key_id: KeyId) -> Result<(), SignatureError> {
        let named = self.key_id.as_deref().ok_or(SignatureError::NoKeyId)?;
        if named != key_id.as_bytes() {
            return Err(SignatureError::KeyId { expected: key_id });
        }
        let expected = key.algorithm();
        match self.algorithm {
            None => return Err(SignatureError::NoAlgorithm),
            Some(id) if id != expected.id() => return Err(SignatureError::Algorithm { expected }),
            Some(_) => {}
        }
        if key.verifies(
            &to_be_signed(&self.protected, &self.payload),
            &self.signature,
        ) {
            Ok(())
        } else {
            Err(SignatureError::Forged)
        }
    }

    /// The signed bytes.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The algorithm that the header names, if it is one that is known here.
    pub fn algorithm(&self) -> Option<Algorithm> {
        Algorithm::from_id(self.algorithm?)
    }

    /// The key id that the header names: bytes of any length.
    pub fn key_id(&self) -> Option<&[u8]> {
        self.key_id.as_deref()
    }
}

impl fmt::Debug for SignedMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedMessage")
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

fn untagged(value: Value) -> Result<Value, CoseError> {
    match value {
        Value::Tag(TAG_SIGN1, message) => Ok(*message),
        Value::Tag(TAG_CWT, token) => match *token {
            Value::Tag(TAG_SIGN1, message) => Ok(*message),
            _ => Err(CoseError::Shape),
        },
        Value::Tag(..) => Err(CoseError::Shape),
        message => Ok(message),
    }
}

fn protected_header(bytes: &[u8]) -> Result<Vec<(Value, Value)>, CoseError> {
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    match cbor::parse(bytes)? {
        Value::Map(header) => Ok(header),
        _ => Err(CoseError::ProtectedHeader),
    }
}

fn integer(value: &Value) -> Option<i64> {
    i64::try_from(value.as_integer()?).ok()
}

/// The Sig_structure of RFC 9052, section 4.4, without external data.
fn to_be_signed(protected: &[u8], payload: &[u8]) -> Vec<u8> {
    cbor::encode(&Value::Array(vec![
        "Signature1".into(),
        Value::Bytes(protected.to_vec()),
        Value::Bytes(Vec::new()),
        Value::Bytes(payload.to_vec()),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(protected: Vec<u8>, unprotected: Vec<(Value, Value)>) -> Value {
        Value::Array(vec![
            Value::Bytes(protected),
            Value::Map(unprotected),
            Value::Bytes(vec![1]),
            Value::Bytes(vec![2]),
        ])
    }

    fn parse(value: &Value) -> Result<SignedMessage, CoseError> {
        SignedMessage::parse(&cbor::encode(value))
    }

    #[test]
    fn tags_are_18_or_61_over_18_or_none() {
        let untagged = message(Vec::new(), Vec::new());
        let tagged = |tag, value: &Value| Value::Tag(tag, Box::new(value.clone()));
        for whole in [
            untagged.clone(),
            tagged(18, &untagged),
            tagged(61, &tagged(18, &untagged)),
        ] {
            assert_eq!(parse(&whole).unwrap().payload(), [1]);
        }
        for other in [
            tagged(17, &untagged),
            tagged(61, &untagged),
            tagged(18, &tagged(61, &untagged)),
            tagged(18, &tagged(18, &untagged)),
            Value::Null,
            Value::Array(vec![Value::Null; 4]),
            Value::Array(vec![Value::Null; 5]),
        ] {
            assert_eq!(parse(&other), Err(CoseError::Shape));
        }
    }

    #[test]
    fn headers_of_another_form_are_refused() {
        let header = |entries| cbor::encode(&Value::Map(entries));
        for (protected, reason) in [
            (vec![0], CoseError::ProtectedHeader),
            (vec![0xff], CborError::Malformed.into()),
            (
                header(vec![(CRIT.into(), Value::Array(vec![1.into()]))]),
                CoseError::Critical,
            ),
            (
                header(vec![(ALG.into(), "ES256".into())]),
                CoseError::Algorithm,
            ),
            (header(vec![(KID.into(), 1.into())]), CoseError::KeyId),
        ] {
            assert_eq!(parse(&message(protected, Vec::new())), Err(reason));
        }
    }

    #[test]
    fn the_key_decides_on_the_algorithm() {
        let key = SigningKey::ed25519(&[1; 32]);
        let (public_key, key_id) = (key.public_key(), key.public_key().key_id());
        let signed = SignedMessage::sign(vec![1], &key);
        assert_eq!(signed.verify(&public_key, key_id), Ok(()));

        let stranger = SigningKey::es256(&[1; 32]).unwrap().public_key();
        assert_eq!(
            signed.verify(&stranger, stranger.key_id()),
            Err(SignatureError::KeyId {
                expected: stranger.key_id()
            })
        );
        assert_eq!(
            signed.verify(&stranger, key_id),
            Err(SignatureError::Algorithm {
                expected: Algorithm::Es256
            })
        );
        for (change, reason) in [
            (
                (|m| m.algorithm = None) as fn(&mut SignedMessage),
                SignatureError::NoAlgorithm,
            ),
            (|m| m.key_id = None, SignatureError::NoKeyId),
            (|m| m.signature.clear(), SignatureError::Forged),
            (|m| m.payload.push(0), SignatureError::Forged),
            (|m| m.protected.clear(), SignatureError::Forged),
        ] {
            let mut changed = signed.clone();
            change(&mut changed);
            assert_eq!(changed.verify(&public_key, key_id), Err(reason));
        }
    }
}
