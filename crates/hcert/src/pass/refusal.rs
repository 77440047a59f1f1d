//! Why a code is refused.

use crate::base45::Base45Error;
use crate::compression::CompressionError;
use crate::cose::CoseError;
use crate::cwt::CwtError;
use crate::limits::PASS_TEXT_CHARACTERS;

use super::PREFIX;

/// Why a pass's code is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is no code of a pass.
    #[error("no code of a pass: {0}")]
    Malformed(#[from] Malformed),
    /// It is too long.
    #[error("a pass's code has at most {PASS_TEXT_CHARACTERS} characters; this has {bytes} bytes")]
    Oversized {
        /// Bytes found.
        bytes: usize,
    },
    /// It would unpack to more than any pass has.
    #[error("decompressed, this is longer than {most} bytes, the most that a pass has")]
    Bomb {
        /// Bytes that are read at most.
        most: usize,
    },
    /// The trust list has no key of the issuer that it names.
    #[error("the issuer is not on the trust list")]
    UnknownIssuer,
    /// The trust list has the issuer, not the key.
    #[error("the key is not on the trust list; a newer list may have it")]
    UnknownKey,
    /// The key is another issuer's.
    #[error("the key that signed is not this issuer's")]
    WrongIssuer,
    /// The signature is not the key's.
    #[error("forged: the signature is not the key's over this pass")]
    Forged,
    /// The key was revoked.
    #[error("the key that signed was revoked")]
    Revoked,
    /// The key was not in use when the pass was issued.
    #[error("the key that signed was not in use when the pass was issued")]
    KeyOutOfUse,
    /// It is valid for longer than any pass may be.
    #[error("valid for longer than a pass may be")]
    ValidityTooLong,
    /// It is issued later.
    #[error("not yet valid")]
    NotYetValid,
    /// It has expired.
    #[error("expired; ask for a new one to be shown")]
    Expired,
}

impl Refusal {
    /// A word for programs and translations, which stays the same.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::Oversized { .. } => "oversized",
            Self::Bomb { .. } => "bomb",
            Self::UnknownIssuer => "unknown_issuer",
            Self::UnknownKey => "unknown_key",
            Self::WrongIssuer => "wrong_issuer",
            Self::Forged => "forged",
            Self::Revoked => "revoked",
            Self::KeyOutOfUse => "key_out_of_use",
            Self::ValidityTooLong => "validity_too_long",
            Self::NotYetValid => "not_yet_valid",
            Self::Expired => "expired",
        }
    }
}

/// Where text ceases to be a pass's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Another prefix.
    #[error("it begins with {PREFIX}")]
    Prefix,
    /// No Base45.
    #[error(transparent)]
    Base45(#[from] Base45Error),
    /// No ZLIB.
    #[error(transparent)]
    Compression(CompressionError),
    /// No COSE_Sign1.
    #[error(transparent)]
    Cose(#[from] CoseError),
    /// No claims.
    #[error(transparent)]
    Cwt(#[from] CwtError),
    /// No pass expires before it is issued.
    #[error("it expires before it is issued")]
    NeverValid,
    /// A pass has one encoding; this is another.
    #[error("a pass has one encoding, and this is another")]
    NotCanonical,
}

impl From<CompressionError> for Refusal {
    fn from(error: CompressionError) -> Self {
        match error {
            CompressionError::Bomb { most } => Self::Bomb { most },
            error => Self::Malformed(Malformed::Compression(error)),
        }
    }
}
