//! The signed code of a health pass: reading the EU's digital COVID certificates (HCERT), and a code
//! of our own in the same form.
//!
//! A code is text for a QR code: a prefix, then Base45 of ZLIB of a signed CBOR message.
//!
//! | module | stage | standard |
//! | --- | --- | --- |
//! | [`reading`] | the prefix, and all stages in order, each with its outcome | HCERT specification 1.0.7 |
//! | [`base45`] | text to bytes | RFC 9285 |
//! | [`compression`] | decompression, bounded | RFC 1950 |
//! | [`cose`] | the signed message, COSE_Sign1 | RFC 9052 |
//! | [`cbor`], [`cwt`] | the claims: issuer, issued at, expires at | RFC 8949, RFC 8392 |
//! | [`dcc`] | the schema of what is certified | EU DCC schema 1.0.0 to 1.3.2 |
//! | [`certificate`], [`keys`] | X.509 certificates, keys, signatures | RFC 5280, RFC 9053, RFC 8230 |
//! | [`pass`] | a pass of our own: made, signed, read back | the same, with a claim of its own |
//! | [`release`] | a certificate of release from quarantine: made, signed, read back | the same, with a claim of its own |
//! | [`trust`] | the keys that a pass is verified against | |
//!
//! Nothing here does I/O, reads a clock or draws a random number: the time, a pass's id and secret
//! keys are handed in. Everything read is bounded by [`limits`]. No error repeats a value that was
//! read: it may be somebody's name.
//!
//! # A pass of our own
//!
//! ```
//! use jiff::{SignedDuration, Timestamp};
//! use lianfang_hcert::keys::SigningKey;
//! use lianfang_hcert::pass::{Colour, Pass, PassId, Refusal, Shown};
//! use lianfang_hcert::trust::{TrustList, TrustedKey};
//!
//! // Secret bytes and the pass's id come from a random generator.
//! let key = SigningKey::ed25519(&[7; 32]);
//! let now: Timestamp = "2020-03-01T08:00:00Z".parse()?;
//! let pass = Pass::new(
//!     PassId([9; 16]),
//!     "330600".parse()?,
//!     Shown {
//!         colour: Colour::Green,
//!         name: "*芳".parse()?,
//!         digits: "028X".parse()?,
//!     },
//!     now,
//!     now + SignedDuration::from_hours(12),
//! )?;
//! let code = pass.to_code(&key);
//! assert!(code.starts_with("LF1:"));
//!
//! let trust = TrustList::new(vec![TrustedKey {
//!     issuer: "330600".parse()?,
//!     public_key: key.public_key(),
//!     valid_from: now,
//!     valid_until: now + SignedDuration::from_hours(24 * 30),
//!     revoked_at: None,
//! }])?;
//! assert_eq!(Pass::from_code(&code, &trust, now)?, pass);
//!
//! let next_day = now + SignedDuration::from_hours(24);
//! assert_eq!(Pass::from_code(&code, &trust, next_day), Err(Refusal::Expired));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod base45;
pub mod cbor;
pub mod certificate;
pub mod compression;
pub mod cose;
pub mod cwt;
pub mod dcc;
pub mod keys;
pub mod limits;
pub mod pass;
pub mod reading;
pub mod release;
pub mod trust;
