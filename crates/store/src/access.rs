//! What must not stand in a ledger: password hashes, sessions and tokens.
//!
//! Which account holds which role is in the ledger and its views; here is only how it proves to
//! be itself. Sessions and tokens are kept as hashes of what their bearer shows.

use jiff::Timestamp;
use lianfang_core::ids::AccountId;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::Store;
use crate::error::StoreError;
use crate::issued::{self, IssuedPass};

/// How an account proves to be itself.
#[derive(Clone)]
pub struct Credentials {
    /// The account.
    pub account: AccountId,
    /// The name it signs in with.
    pub login: String,
    /// The name it is shown with.
    pub name: String,
    /// Argon2id hash of its password, in PHC form.
    pub password: String,
    /// Whether the password must be changed before anything else.
    pub must_change: bool,
    /// Wrong passwords in a row.
    pub failures: u32,
    /// Until when it is locked out.
    pub locked_until: Option<Timestamp>,
    /// When it last signed in.
    pub last_seen: Option<Timestamp>,
}

/// A session, found by the hash of its cookie.
#[derive(Debug, Clone)]
pub struct SessionRow {
    /// Hash of the cookie.
    pub digest: [u8; 32],
    /// Whose it is.
    pub account: AccountId,
    /// The token that every write must show.
    pub csrf: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// An API token, found by its hash.
#[derive(Debug, Clone)]
pub struct TokenRow {
    /// Its id.
    pub id: String,
    /// Hash of the token.
    pub digest: [u8; 32],
    /// Whose rights it uses.
    pub account: AccountId,
    /// What it is for.
    pub name: String,
    /// The rights it is limited to, as words separated by spaces.
    pub scopes: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// A change to what is kept here.
#[derive(Clone)]
pub enum AccessWrite {
    /// A new account's credentials. Refused if the login is taken.
    Open(Credentials),
    /// A new password.
    Password {
        /// The account.
        account: AccountId,
        /// Its Argon2id hash.
        password: String,
        /// Whether it must be changed again.
        must_change: bool,
    },
    /// A wrong password was shown.
    Failed {
        /// The account.
        account: AccountId,
        /// Wrong passwords in a row, this one included, that lock it. They are counted here, one
        /// after the other: guesses made at the same moment all count.
        limit: u32,
        /// Until when it is locked then.
        lock_until: Timestamp,
    },
    /// A sign-in succeeded.
    Begin(SessionRow),
    /// A session ended.
    End([u8; 32]),
    /// All sessions and tokens of an account end.
    EndAll(AccountId),
    /// A token was issued.
    Issue(TokenRow),
    /// A token was revoked.
    Revoke(String),
    /// A pass was issued.
    Pass(IssuedPass),
    /// What has run out goes.
    Sweep {
        /// Sessions and tokens that ended before this.
        now: Timestamp,
        /// Passes that expired before this.
        passes: Timestamp,
    },
}

impl std::fmt::Debug for AccessWrite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AccessWrite(secret)")
    }
}

pub(crate) fn apply(connection: &Connection, write: &AccessWrite) -> Result<(), StoreError> {
    match write {
        AccessWrite::Open(c) => {
            let done = connection
                .prepare_cached(
                    "INSERT INTO access_credentials (account, login, name, password, must_change)
                     VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (login) DO NOTHING",
                )?
                .execute(params![
                    c.account.to_bytes(),
                    c.login,
                    c.name,
                    c.password,
                    c.must_change
                ])?;
            if done == 0 {
                return Err(StoreError::LoginTaken);
            }
        }
        AccessWrite::Password {
            account,
            password,
            must_change,
        } => {
            connection
                .prepare_cached(
                    "UPDATE access_credentials SET password = ?2, must_change = ?3, failures = 0,
                     locked_until = NULL WHERE account = ?1",
                )?
                .execute(params![account.to_bytes(), password, must_change])?;
        }
        AccessWrite::Failed {
            account,
            limit,
            lock_until,
        } => {
            connection
                .prepare_cached(
                    "UPDATE access_credentials SET
                     failures = iif(failures + 1 >= ?2, 0, failures + 1),
                     locked_until = iif(failures + 1 >= ?2, ?3, locked_until)
                     WHERE account = ?1",
                )?
                .execute(params![
                    account.to_bytes(),
                    limit,
                    lock_until.as_millisecond()
                ])?;
        }
        AccessWrite::Begin(s) => {
            connection
                .prepare_cached(
                    "INSERT INTO access_sessions (digest, account, csrf, created_at, expires_at)
                     VALUES (?1, ?2, ?3, ?4, ?5)",
                )?
                .execute(params![
                    s.digest,
                    s.account.to_bytes(),
                    s.csrf,
                    s.created_at.as_millisecond(),
                    s.expires_at.as_millisecond()
                ])?;
            connection
                .prepare_cached(
                    "UPDATE access_credentials SET failures = 0, locked_until = NULL, last_seen = ?2
                     WHERE account = ?1",
                )?
                .execute(params![s.account.to_bytes(), s.created_at.as_millisecond()])?;
        }
        AccessWrite::End(digest) => {
            connection
                .prepare_cached("DELETE FROM access_sessions WHERE digest = ?1")?
                .execute([digest])?;
        }
        AccessWrite::EndAll(account) => {
            for table in ["access_sessions", "access_tokens"] {
                connection
                    .prepare_cached(&format!("DELETE FROM {table} WHERE account = ?1"))?
                    .execute([account.to_bytes()])?;
            }
        }
        AccessWrite::Issue(t) => {
            connection
                .prepare_cached(
                    "INSERT INTO access_tokens (id, digest, account, name, scopes, created_at, expires_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                )?
                .execute(params![
                    t.id,
                    t.digest,
                    t.account.to_bytes(),
                    t.name,
                    t.scopes,
                    t.created_at.as_millisecond(),
                    t.expires_at.as_millisecond()
                ])?;
        }
        AccessWrite::Revoke(id) => {
            connection
                .prepare_cached("DELETE FROM access_tokens WHERE id = ?1")?
                .execute([id])?;
        }
        AccessWrite::Pass(pass) => issued::put(connection, pass)?,
        AccessWrite::Sweep { now, passes } => {
            issued::sweep(connection, *passes)?;
            for table in ["access_sessions", "access_tokens"] {
                connection
                    .prepare_cached(&format!("DELETE FROM {table} WHERE expires_at < ?1"))?
                    .execute([now.as_millisecond()])?;
            }
        }
    }
    Ok(())
}

fn moment(row: &Row<'_>, index: usize) -> rusqlite::Result<Timestamp> {
    Ok(Timestamp::from_millisecond(row.get(index)?).unwrap_or(Timestamp::MIN))
}

fn maybe_moment(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<Timestamp>> {
    Ok(row
        .get::<_, Option<i64>>(index)?
        .and_then(|ms| Timestamp::from_millisecond(ms).ok()))
}

const CREDENTIALS: &str =
    "account, login, name, password, must_change, failures, locked_until, last_seen";

fn read_credentials(row: &Row<'_>) -> rusqlite::Result<Credentials> {
    Ok(Credentials {
        account: AccountId::from_bytes(row.get(0)?),
        login: row.get(1)?,
        name: row.get(2)?,
        password: row.get(3)?,
        must_change: row.get(4)?,
        failures: row.get(5)?,
        locked_until: maybe_moment(row, 6)?,
        last_seen: maybe_moment(row, 7)?,
    })
}

const TOKENS: &str = "id, digest, account, name, scopes, created_at, expires_at";

fn read_token(row: &Row<'_>) -> rusqlite::Result<TokenRow> {
    Ok(TokenRow {
        id: row.get(0)?,
        digest: row.get(1)?,
        account: AccountId::from_bytes(row.get(2)?),
        name: row.get(3)?,
        scopes: row.get(4)?,
        created_at: moment(row, 5)?,
        expires_at: moment(row, 6)?,
    })
}

impl Store {
    /// The credentials of a login.
    pub fn credentials_of_login(&self, login: &str) -> Result<Option<Credentials>, StoreError> {
        self.read(|connection| {
            Ok(connection
                .prepare_cached(&format!(
                    "SELECT {CREDENTIALS} FROM access_credentials WHERE login = ?1"
                ))?
                .query_row([login], read_credentials)
                .optional()?)
        })
    }

    /// The credentials of an account.
    pub fn credentials(&self, account: AccountId) -> Result<Option<Credentials>, StoreError> {
        self.read(|connection| {
            Ok(connection
                .prepare_cached(&format!(
                    "SELECT {CREDENTIALS} FROM access_credentials WHERE account = ?1"
                ))?
                .query_row([account.to_bytes()], read_credentials)
                .optional()?)
        })
    }

    /// All credentials, by login.
    pub fn all_credentials(&self) -> Result<Vec<Credentials>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&format!(
                "SELECT {CREDENTIALS} FROM access_credentials ORDER BY login"
            ))?;
            Ok(statement
                .query_map([], read_credentials)?
                .collect::<Result<_, _>>()?)
        })
    }

    /// The session of that cookie hash, if it has not run out.
    pub fn session(&self, digest: &[u8; 32]) -> Result<Option<SessionRow>, StoreError> {
        let now = self.now().as_millisecond();
        self.read(|connection| {
            Ok(connection
                .prepare_cached(
                    "SELECT digest, account, csrf, created_at, expires_at FROM access_sessions
                     WHERE digest = ?1 AND expires_at > ?2",
                )?
                .query_row(params![digest, now], |row| {
                    Ok(SessionRow {
                        digest: row.get(0)?,
                        account: AccountId::from_bytes(row.get(1)?),
                        csrf: row.get(2)?,
                        created_at: moment(row, 3)?,
                        expires_at: moment(row, 4)?,
                    })
                })
                .optional()?)
        })
    }

    /// The token of that hash, if it has not run out.
    pub fn token(&self, digest: &[u8; 32]) -> Result<Option<TokenRow>, StoreError> {
        let now = self.now().as_millisecond();
        self.read(|connection| {
            Ok(connection
                .prepare_cached(&format!(
                    "SELECT {TOKENS} FROM access_tokens WHERE digest = ?1 AND expires_at > ?2"
                ))?
                .query_row(params![digest, now], read_token)
                .optional()?)
        })
    }

    /// An account's tokens, newest first.
    pub fn tokens_of(&self, account: AccountId) -> Result<Vec<TokenRow>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&format!(
                "SELECT {TOKENS} FROM access_tokens WHERE account = ?1 ORDER BY created_at DESC"
            ))?;
            Ok(statement
                .query_map([account.to_bytes()], read_token)?
                .collect::<Result<_, _>>()?)
        })
    }
}
