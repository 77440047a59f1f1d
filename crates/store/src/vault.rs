//! The vault: personal data, sealed under a key of its own per person.
//!
//! XChaCha20-Poly1305 with a random 24-byte nonce, the person's id as associated data; the
//! person's key is sealed in the same way under the vault's key. Documents, phones and names are
//! found through keyed hashes of them. To forget a person is to destroy the key and the hashes.

use std::borrow::Cow;

use chacha20poly1305::aead::Aead;
use chacha20poly1305::aead::Payload;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use lianfang_core::ids::{ImportId, PersonId};
use lianfang_core::people::PersonalData;
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::StoreError;
use crate::keys::Keys;

const NONCE: usize = 24;

/// What a person can be found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IndexKind {
    /// The identity document's number.
    Document,
    /// The phone number.
    Phone,
    /// The whole name.
    Name,
    /// The date of birth.
    Born,
    /// How a source of visits names the person.
    Code,
}

impl IndexKind {
    pub(crate) fn domain(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Phone => "phone",
            Self::Name => "name",
            Self::Born => "born",
            Self::Code => "code",
        }
    }

    fn of(self, data: &PersonalData) -> Option<Cow<'_, str>> {
        match self {
            Self::Document => data.document.as_deref().map(Cow::Borrowed),
            Self::Phone => data.phone.as_deref().map(Cow::Borrowed),
            Self::Name => data.name.as_deref().map(Cow::Borrowed),
            Self::Born => data.born.map(|born| Cow::Owned(born.to_string())),
            Self::Code => data.code.as_deref().map(Cow::Borrowed),
        }
    }

    const ALL: [Self; 5] = [
        Self::Document,
        Self::Phone,
        Self::Name,
        Self::Born,
        Self::Code,
    ];
}

/// A person's data, sealed and ready to be kept.
#[derive(Debug, Clone)]
pub struct SealedPerson {
    person: PersonId,
    key: Vec<u8>,
    sealed: Vec<u8>,
    index: Vec<i64>,
}

fn encrypt(key: &[u8; 32], person: PersonId, plain: &[u8]) -> Vec<u8> {
    let nonce: [u8; NONCE] = rand::random();
    let sealed = XChaCha20Poly1305::new(&(*key).into())
        .encrypt(
            &XNonce::from(nonce),
            Payload {
                msg: plain,
                aad: &person.to_bytes(),
            },
        )
        .expect("sealing a short record in memory does not fail");
    [nonce.as_slice(), &sealed].concat()
}

fn decrypt(key: &[u8; 32], person: PersonId, sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
    let (nonce, sealed) = sealed
        .split_at_checked(NONCE)
        .ok_or(StoreError::Unsealable)?;
    let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| StoreError::Unsealable)?;
    XChaCha20Poly1305::new(&(*key).into())
        .decrypt(
            &XNonce::from(nonce),
            Payload {
                msg: sealed,
                aad: &person.to_bytes(),
            },
        )
        .map_err(|_| StoreError::Unsealable)
}

pub(crate) fn seal_file(keys: &Keys, owner: ImportId, plain: &[u8]) -> Vec<u8> {
    encrypt(&keys.vault, PersonId::from_bytes(owner.to_bytes()), plain)
}

pub(crate) fn open_file(
    keys: &Keys,
    owner: ImportId,
    sealed: &[u8],
) -> Result<Vec<u8>, StoreError> {
    decrypt(&keys.vault, PersonId::from_bytes(owner.to_bytes()), sealed)
}

/// The place of a text in the index: 64 bits of its keyed hash. Two texts that share one are told
/// apart by opening what is found.
fn place(keys: &Keys, kind: IndexKind, text: &str) -> i64 {
    let digest = keys.blind(kind.domain(), text);
    i64::from_be_bytes(digest[..8].try_into().expect("8 of 16 bytes"))
}

fn index_of(keys: &Keys, data: &PersonalData) -> Vec<i64> {
    IndexKind::ALL
        .into_iter()
        .filter_map(|kind| Some(place(keys, kind, &kind.of(data)?)))
        .collect()
}

pub(crate) fn seal(keys: &Keys, person: PersonId, data: &PersonalData) -> SealedPerson {
    let key: [u8; 32] = rand::random();
    let plain = serde_json::to_vec(data).expect("plain values serialise");
    SealedPerson {
        person,
        key: encrypt(&keys.vault, person, &key),
        sealed: encrypt(&key, person, &plain),
        index: index_of(keys, data),
    }
}

pub(crate) fn put(
    connection: &Connection,
    keys: &Keys,
    sealed: &SealedPerson,
) -> Result<(), StoreError> {
    let person = sealed.person.to_bytes();
    let insert = |connection: &Connection| -> Result<usize, rusqlite::Error> {
        connection
            .prepare_cached(
                "INSERT INTO vault_people (person, key, sealed) VALUES (?1, ?2, ?3) ON CONFLICT (person) DO NOTHING",
            )?
            .execute(params![person, sealed.key, sealed.sealed])
    };
    if insert(connection)? == 0 {
        forget(connection, keys, sealed.person)?;
        insert(connection)?;
    }
    let id = connection.last_insert_rowid();
    let mut index = connection.prepare_cached(
        "INSERT INTO vault_index (digest, id) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
    )?;
    for digest in &sealed.index {
        index.execute([*digest, id])?;
    }
    Ok(())
}

fn unseal(
    keys: &Keys,
    person: PersonId,
    key: &[u8],
    sealed: &[u8],
) -> Result<PersonalData, StoreError> {
    let key: [u8; 32] = decrypt(&keys.vault, person, key)?
        .try_into()
        .map_err(|_| StoreError::Unsealable)?;
    let plain = decrypt(&key, person, sealed)?;
    serde_json::from_slice(&plain).map_err(|_| StoreError::Unsealable)
}

pub(crate) fn open(
    connection: &Connection,
    keys: &Keys,
    person: PersonId,
) -> Result<Option<PersonalData>, StoreError> {
    connection
        .prepare_cached("SELECT key, sealed FROM vault_people WHERE person = ?1")?
        .query_row([person.to_bytes()], |row| {
            Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?))
        })
        .optional()?
        .map(|(key, sealed)| unseal(keys, person, &key, &sealed))
        .transpose()
}

pub(crate) fn forget(
    connection: &Connection,
    keys: &Keys,
    person: PersonId,
) -> Result<(), StoreError> {
    let Some(data) = open(connection, keys, person)? else {
        return Ok(());
    };
    let id: i64 = connection
        .prepare_cached("SELECT id FROM vault_people WHERE person = ?1")?
        .query_row([person.to_bytes()], |row| row.get(0))?;
    for digest in index_of(keys, &data) {
        connection
            .prepare_cached("DELETE FROM vault_index WHERE digest = ?1 AND id = ?2")?
            .execute([digest, id])?;
    }
    connection
        .prepare_cached("DELETE FROM vault_people WHERE id = ?1")?
        .execute([id])?;
    Ok(())
}

/// People of whom `text` is the document, phone or name; at most a thousand.
pub(crate) fn find(
    connection: &Connection,
    keys: &Keys,
    kind: IndexKind,
    text: &str,
) -> Result<Vec<PersonId>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT person, key, sealed FROM vault_people
         WHERE id IN (SELECT id FROM vault_index WHERE digest = ?1) ORDER BY id LIMIT 1000",
    )?;
    let mut rows = statement.query([place(keys, kind, text)])?;
    let mut people = Vec::new();
    while let Some(row) = rows.next()? {
        let person = PersonId::from_bytes(row.get(0)?);
        let (key, sealed): (Vec<u8>, Vec<u8>) = (row.get(1)?, row.get(2)?);
        if kind.of(&unseal(keys, person, &key, &sealed)?).as_deref() == Some(text) {
            people.push(person);
        }
    }
    Ok(people)
}

/// People who are indexed under `text`, not opened: another may share its place, which is for the
/// caller to see.
pub(crate) fn indexed(
    connection: &Connection,
    keys: &Keys,
    kind: IndexKind,
    text: &str,
) -> Result<Vec<PersonId>, StoreError> {
    let found = connection
        .prepare_cached(
            "SELECT person FROM vault_people WHERE id IN (SELECT id FROM vault_index WHERE digest = ?1)
             ORDER BY id DESC LIMIT 5000",
        )?
        .query_map([place(keys, kind, text)], |row| {
            Ok(PersonId::from_bytes(row.get(0)?))
        })?
        .collect::<Result<_, _>>()?;
    Ok(found)
}

/// Counts the sealed records that do not open.
pub(crate) fn count_unsealable(connection: &Connection, keys: &Keys) -> Result<u64, StoreError> {
    let mut statement = connection.prepare("SELECT person, key, sealed FROM vault_people")?;
    let mut rows = statement.query([])?;
    let mut broken = 0;
    while let Some(row) = rows.next()? {
        let person = PersonId::from_bytes(row.get(0)?);
        let (key, sealed): (Vec<u8>, Vec<u8>) = (row.get(1)?, row.get(2)?);
        broken += u64::from(unseal(keys, person, &key, &sealed).is_err());
    }
    Ok(broken)
}
