//! The store's keys: one that seals the keys of people, one for blind indexes, one that signs the
//! ledger, one that signs certificates.
//!
//! They lie beside the database in `keys.json`, readable by the owner only. Whoever has the
//! database without them can read no personal data and rewrite no ledger unseen.

use std::io::Write;
use std::path::Path;

use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;

const FILE: &str = "keys.json";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    vault: String,
    index: String,
    signing: String,
    /// Key files from before there were certificates lack it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    certificates: Option<String>,
}

/// What an older key file's key for certificates is derived for (BLAKE3's `derive_key`).
const CERTIFICATES: &str = "lianfang certificates of release 1";

/// What the keys of passes are derived for.
const PASSES: &str = "lianfang health passes 1";

/// The keys in use.
pub struct Keys {
    pub(crate) vault: [u8; 32],
    index: [u8; 32],
    signing: SigningKey,
    certificates: [u8; 32],
}

impl Keys {
    /// Makes new keys in `folder`; keys that are there already stay.
    pub fn create(folder: &Path) -> Result<(), StoreError> {
        let path = folder.join(FILE);
        if path.exists() {
            return Ok(());
        }
        let fresh = || hex(&rand::random::<[u8; 32]>());
        let file = KeyFile {
            vault: fresh(),
            index: fresh(),
            signing: fresh(),
            certificates: Some(fresh()),
        };
        let text = serde_json::to_string_pretty(&file).expect("four strings serialise");
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut out = options.open(&path).map_err(|e| StoreError::io(&path, e))?;
        out.write_all(text.as_bytes())
            .and_then(|()| out.sync_all())
            .map_err(|e| StoreError::io(&path, e))
    }

    /// Reads the keys in `folder`.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(FILE);
        let text = std::fs::read_to_string(&path).map_err(|e| StoreError::io(&path, e))?;
        let bad = || StoreError::BadKeys(path.clone());
        let file: KeyFile = serde_json::from_str(&text).map_err(|_| bad())?;
        let signing: [u8; 32] = unhex(&file.signing).ok_or_else(bad)?;
        // An older file stays as it is, and its key for certificates is always the same: nobody has
        // to write the one file that must not be lost.
        let certificates = match &file.certificates {
            Some(key) => unhex(key).ok_or_else(bad)?,
            None => blake3::derive_key(CERTIFICATES, &signing),
        };
        Ok(Self {
            vault: unhex(&file.vault).ok_or_else(bad)?,
            index: unhex(&file.index).ok_or_else(bad)?,
            signing: SigningKey::from_bytes(&signing),
            certificates,
        })
    }

    /// The file that holds them.
    pub fn path(folder: &Path) -> std::path::PathBuf {
        folder.join(FILE)
    }

    pub(crate) fn blind(&self, domain: &str, text: &str) -> [u8; 16] {
        let mut hasher = blake3::Hasher::new_keyed(&self.index);
        hasher.update(&(domain.len() as u64).to_be_bytes());
        hasher.update(domain.as_bytes());
        hasher.update(text.as_bytes());
        let mut digest = [0; 16];
        digest.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        digest
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.signing.sign(message).to_bytes()
    }

    /// The secret of the key that signs certificates.
    pub(crate) fn certificates(&self) -> &[u8; 32] {
        &self.certificates
    }

    /// The secret of the pass key of a number: derived, so that a key is rotated without touching the one file that must not
    /// be lost.
    pub(crate) fn pass_secret(&self, number: u32) -> [u8; 32] {
        let mut material = self.certificates.to_vec();
        material.extend_from_slice(&number.to_be_bytes());
        blake3::derive_key(PASSES, &material)
    }

    /// The public half of the signing key, for those who check checkpoints.
    pub fn verifying_key(&self) -> VerifyingKey {
        self.signing.verifying_key()
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
            write!(out, "{byte:02x}").expect("writing to a string does not fail");
            out
        })
}

pub(crate) fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let bytes = text.as_bytes();
    if bytes.len() != 2 * N {
        return None;
    }
    let mut out = [0; N];
    for (i, byte) in out.iter_mut().enumerate() {
        let pair = std::str::from_utf8(&bytes[2 * i..2 * i + 2]).ok()?;
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_key_file_has_a_key_for_certificates_too() {
        let folder = tempfile::tempdir().unwrap();
        Keys::create(folder.path()).unwrap();
        let path = Keys::path(folder.path());
        let new = Keys::open(folder.path()).unwrap();
        let mut file: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        file.as_object_mut().unwrap().remove("certificates");
        std::fs::write(&path, file.to_string()).unwrap();
        let old = Keys::open(folder.path()).unwrap();
        assert_eq!(
            old.certificates(),
            Keys::open(folder.path()).unwrap().certificates()
        );
        assert_ne!(old.certificates(), new.certificates());
        assert_ne!(old.certificates(), &old.signing.to_bytes());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), file.to_string());
    }
}
