//! A pass of our own as a signed code.
//!
//! The code is what a gate reads without a line to anybody: a colour, when it was issued and when it
//! expires, at most 24 hours later, and just enough to see that the one who shows it is the one whom
//! it was issued to. A document number, a phone or a history cannot be said in it.
//!
//! | part | value |
//! | --- | --- |
//! | prefix | `LF1:` ("Lianfang 1") |
//! | encoding | Base45 of ZLIB of COSE_Sign1, as for health certificates |
//! | protected header | `alg` (1): EdDSA or ES256; `kid` (4): first 8 bytes of the SHA-256 of the public key |
//! | unprotected header | empty |
//! | `iss` (1) | the issuer, text |
//! | `exp` (4), `iat` (6) | whole seconds since 1970 |
//! | `cti` (7) | the pass's id, 16 random bytes |
//! | -70001, in the range for private use | a map: 1 colour (0 green, 1 yellow, 2 red), 2 at most two characters of the name, 3 at most four last digits |
//!
//! There is one encoding of a pass (RFC 8949, section 4.2.1); a message in another is refused, so
//! that no byte of it can be changed unseen, signed or not. Whether the same id was shown elsewhere
//! is for the reader to remember: [`Pass::id`].

mod code;
mod parts;
mod refusal;

use std::fmt;

use jiff::{SignedDuration, Timestamp};

pub use parts::{Colour, Issuer, LastDigits, NameMark, PartError, PassId};
pub use refusal::{Malformed, Refusal};

/// How a pass's code begins.
pub const PREFIX: &str = "LF1:";

/// The longest that a pass may be valid.
pub const LONGEST_VALIDITY: SignedDuration = SignedDuration::from_hours(24);

/// What a gate sees.
#[derive(Clone, PartialEq, Eq)]
pub struct Shown {
    /// The colour.
    pub colour: Colour,
    /// Of the holder's name.
    pub name: NameMark,
    /// Of the holder's document or phone.
    pub digits: LastDigits,
}

/// A pass.
#[derive(Clone, PartialEq, Eq)]
pub struct Pass {
    id: PassId,
    issuer: Issuer,
    shown: Shown,
    issued_at: Timestamp,
    expires_at: Timestamp,
}

/// Why a pass cannot be issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PassError {
    /// It would expire when or before it is issued.
    #[error("a pass expires after it is issued")]
    NeverValid,
    /// It would be valid too long.
    #[error("a pass is valid for at most {} hours", LONGEST_VALIDITY.as_hours())]
    ValidityTooLong,
}

impl Pass {
    /// A pass. `id` is random, and never used twice. Both times are kept to the second.
    pub fn new(
        id: PassId,
        issuer: Issuer,
        shown: Shown,
        issued_at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<Self, PassError> {
        let (issued_at, expires_at) = (whole_second(issued_at), whole_second(expires_at));
        if expires_at <= issued_at {
            return Err(PassError::NeverValid);
        }
        if expires_at.duration_since(issued_at) > LONGEST_VALIDITY {
            return Err(PassError::ValidityTooLong);
        }
        Ok(Self {
            id,
            issuer,
            shown,
            issued_at,
            expires_at,
        })
    }

    /// Its id. The same id shown at two places at once is a copy.
    pub fn id(&self) -> PassId {
        self.id
    }

    /// Who issued it.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// What a gate sees.
    pub fn shown(&self) -> &Shown {
        &self.shown
    }

    /// First moment of its validity, in whole seconds.
    pub fn issued_at(&self) -> Timestamp {
        self.issued_at
    }

    /// First moment at which it is no longer valid, in whole seconds.
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}

fn whole_second(moment: Timestamp) -> Timestamp {
    Timestamp::from_second(moment.as_second()).expect("the second of a moment is a moment")
}

/// Without what it shows.
impl fmt::Debug for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pass")
            .field("id", &self.id)
            .field("issuer", &self.issuer)
            .field("issued_at", &self.issued_at)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
