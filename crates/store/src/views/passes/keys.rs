//! Keys that passes and health certificates are verified against.

use jiff::Timestamp;
use lianfang_core::facts::{Fact, PassKeyListed, PassKeyRevoked, SignerTrusted};
use lianfang_core::text::Text;
use rusqlite::{Connection, params};

use super::{maybe_moment_at, moment_at};
use crate::views::FoldError;

/// A key that passes are verified against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassKeyRow {
    /// Its id, in hex.
    pub kid: String,
    /// Whose passes it signs.
    pub issuer: String,
    /// ES256 or EdDSA.
    pub algorithm: String,
    /// The key, in base64url without padding.
    pub public_key: String,
    /// First moment at which it signs.
    pub valid_from: Timestamp,
    /// First moment at which it signs no more.
    pub valid_until: Timestamp,
    /// The number of a key of our own.
    pub number: Option<u32>,
    /// From when on nothing that it signed is valid.
    pub revoked_at: Option<Timestamp>,
}

/// A signer of health certificates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignerRow {
    /// Its key's id, in hex.
    pub kid: String,
    /// The certificate (X.509), DER in base64.
    pub certificate: String,
    /// Whether it is trusted.
    pub trusted: bool,
    /// Since when that is so.
    pub at: Timestamp,
}

pub(in crate::views) fn key_listed(
    connection: &Connection,
    listed: &PassKeyListed,
) -> Result<(), FoldError> {
    let added = connection
        .prepare_cached(
            "INSERT INTO view_pass_keys (kid, issuer, algorithm, public_key, valid_from, valid_until, number)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (kid) DO UPDATE SET valid_until = excluded.valid_until
             WHERE issuer = excluded.issuer AND public_key = excluded.public_key AND revoked_at IS NULL",
        )?
        .execute(params![
            listed.kid,
            listed.issuer,
            listed.algorithm,
            listed.public_key,
            listed.valid_from.as_millisecond(),
            listed.valid_until.as_millisecond(),
            listed.number,
        ])?;
    if added == 0 {
        return Err(FoldError::Unfit(Text::new(
            "This key is another issuer's, or was revoked: a revoked key never comes back.",
            "该密钥属于其他签发方或已被吊销；吊销的密钥不可恢复。",
        )));
    }
    Ok(())
}

pub(in crate::views) fn key_revoked(
    connection: &Connection,
    revoked: &PassKeyRevoked,
) -> Result<(), FoldError> {
    let changed = connection
        .prepare_cached("UPDATE view_pass_keys SET revoked_at = min(?2, coalesce(revoked_at, ?2)), reason = ?3 WHERE kid = ?1")?
        .execute(params![
            revoked.kid,
            revoked.at.as_millisecond(),
            revoked.reason
        ])?;
    if changed == 0 {
        return Err(FoldError::NotThere("key"));
    }
    Ok(())
}

pub(in crate::views) fn signer_trusted(
    connection: &Connection,
    fact: &Fact,
    signer: &SignerTrusted,
) -> Result<(), FoldError> {
    connection
        .prepare_cached(
            "INSERT INTO view_signers (kid, certificate, trusted, at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (kid) DO UPDATE SET certificate = excluded.certificate, trusted = excluded.trusted, at = excluded.at",
        )?
        .execute(params![
            signer.kid,
            signer.certificate,
            signer.trusted,
            fact.recorded_at.as_millisecond(),
        ])?;
    Ok(())
}

/// All keys, own and others'.
pub fn pass_keys(connection: &Connection) -> Result<Vec<PassKeyRow>, rusqlite::Error> {
    connection
        .prepare_cached(
            "SELECT kid, issuer, algorithm, public_key, valid_from, valid_until, number, revoked_at
             FROM view_pass_keys ORDER BY issuer, valid_from, kid",
        )?
        .query_map([], |row| {
            Ok(PassKeyRow {
                kid: row.get(0)?,
                issuer: row.get(1)?,
                algorithm: row.get(2)?,
                public_key: row.get(3)?,
                valid_from: moment_at(row, 4)?,
                valid_until: moment_at(row, 5)?,
                number: row.get(6)?,
                revoked_at: maybe_moment_at(row, 7)?,
            })
        })?
        .collect()
}

/// All signers of health certificates that were ever trusted.
pub fn signers(connection: &Connection) -> Result<Vec<SignerRow>, rusqlite::Error> {
    connection
        .prepare_cached("SELECT kid, certificate, trusted, at FROM view_signers ORDER BY kid")?
        .query_map([], |row| {
            Ok(SignerRow {
                kid: row.get(0)?,
                certificate: row.get(1)?,
                trusted: row.get(2)?,
                at: moment_at(row, 3)?,
            })
        })?
        .collect()
}
