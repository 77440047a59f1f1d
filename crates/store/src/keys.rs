//! The store's keys: one that seals the keys of people, one for blind indexes, one that signs.
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
}

/// The keys in use.
pub struct Keys {
    pub(crate) vault: [u8; 32],
    index: [u8; 32],
    signing: SigningKey,
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
        };
        let text = serde_json::to_string_pretty(&file).expect("three strings serialise");
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
        Ok(Self {
            vault: unhex(&file.vault).ok_or_else(bad)?,
            index: unhex(&file.index).ok_or_else(bad)?,
            signing: SigningKey::from_bytes(&unhex(&file.signing).ok_or_else(bad)?),
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
