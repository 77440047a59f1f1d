//! Ids of people and places, and the small numbers that stand for them in files.
//!
//! Numbers are given out in order of first appearance and never taken back. A file of ids holds
//! them one after the other, so the n-th id is that of number n. What it held at the last seal, and
//! the BLAKE3 digest of that, stand in the manifest; what came since stands in the journals.

use std::fs::{File, OpenOptions};
use std::hash::BuildHasher;
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use hashbrown::{DefaultHashBuilder, HashTable};
use serde::{Deserialize, Serialize};

use crate::error::{At, VisitsError};

/// Ids of `N` bytes, found by number and by id.
pub(crate) struct Ids<const N: usize> {
    held: Vec<[u8; N]>,
    numbers: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl<const N: usize> Ids<N> {
    fn with_capacity(count: usize) -> Self {
        Self {
            held: Vec::with_capacity(count),
            numbers: HashTable::with_capacity(count),
            hasher: DefaultHashBuilder::default(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.held.len()
    }

    pub(crate) fn number(&self, id: [u8; N]) -> Option<u32> {
        self.numbers
            .find(self.hasher.hash_one(id), |number| {
                self.held[*number as usize] == id
            })
            .copied()
    }

    /// The id of a number that was given out.
    pub(crate) fn id(&self, number: u32) -> Option<[u8; N]> {
        self.held.get(number as usize).copied()
    }

    /// The number of an id, a new one if it has none yet.
    pub(crate) fn give(&mut self, id: [u8; N]) -> Result<u32, VisitsError> {
        if let Some(number) = self.number(id) {
            return Ok(number);
        }
        let number = u32::try_from(self.held.len()).map_err(|_| VisitsError::Full)?;
        self.held.push(id);
        let (held, hasher) = (&self.held, &self.hasher);
        self.numbers
            .insert_unique(hasher.hash_one(id), number, |number| {
                hasher.hash_one(held[*number as usize])
            });
        Ok(number)
    }

    /// All ids from a number on.
    pub(crate) fn since(&self, number: usize) -> &[[u8; N]] {
        self.held.get(number..).unwrap_or_default()
    }
}

/// What the manifest says of a file of ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct IdsSealed {
    pub(crate) count: u64,
    pub(crate) blake3: String,
}

impl IdsSealed {
    pub(crate) fn none() -> Self {
        Self {
            count: 0,
            blake3: blake3::Hasher::new().finalize().to_hex().to_string(),
        }
    }
}

/// The file of ids, as its writer holds it.
pub(crate) struct IdsFile {
    path: PathBuf,
    file: File,
    digest: blake3::Hasher,
    count: u64,
}

impl IdsFile {
    /// Adds ids after those that it holds, synced.
    pub(crate) fn extend<const N: usize>(
        &mut self,
        ids: &[[u8; N]],
    ) -> Result<IdsSealed, VisitsError> {
        if !ids.is_empty() {
            let bytes = ids.as_flattened();
            self.file
                .write_all_at(bytes, self.count * N as u64)
                .at(&self.path)?;
            self.file.sync_data().at(&self.path)?;
            self.digest.update(bytes);
            self.count += ids.len() as u64;
        }
        Ok(IdsSealed {
            count: self.count,
            blake3: self.digest.finalize().to_hex().to_string(),
        })
    }

    /// How many it holds.
    pub(crate) fn count(&self) -> usize {
        self.count as usize
    }
}

/// How many ids are read at once.
const CHUNK: usize = 1 << 12;

/// Reads the ids that the manifest knows of. What the file holds after them is of a seal that did
/// not end, and is written over.
pub(crate) fn read<const N: usize>(
    path: &Path,
    sealed: &IdsSealed,
) -> Result<(Ids<N>, blake3::Hasher), VisitsError> {
    let mut digest = blake3::Hasher::new();
    let count = usize::try_from(sealed.count).map_err(|_| VisitsError::Full)?;
    if count == 0 {
        return Ok((Ids::with_capacity(0), digest));
    }
    let mut file = File::open(path).at(path)?;
    if file.metadata().at(path)?.len() / (N as u64) < sealed.count {
        return Err(VisitsError::corrupt(path, "ids are missing at its end"));
    }
    let mut ids = Ids::with_capacity(count);
    let mut buffer = [[0; N]; CHUNK];
    while ids.len() < count {
        let chunk = &mut buffer[..CHUNK.min(count - ids.len())];
        file.read_exact(chunk.as_flattened_mut()).at(path)?;
        digest.update(chunk.as_flattened());
        let expected = ids.len() + chunk.len();
        for id in chunk {
            ids.give(*id)?;
        }
        if ids.len() != expected {
            return Err(VisitsError::corrupt(path, "an id stands in it twice"));
        }
    }
    if digest.finalize().to_hex().as_str() != sealed.blake3 {
        return Err(VisitsError::corrupt(
            path,
            "its digest is not that of the manifest",
        ));
    }
    Ok((ids, digest))
}

/// Opens the file to write after what [`read`] read from it.
pub(crate) fn open_file(
    path: &Path,
    digest: blake3::Hasher,
    count: u64,
) -> Result<IdsFile, VisitsError> {
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .at(path)?;
    Ok(IdsFile {
        path: path.to_owned(),
        file,
        digest,
        count,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_get_numbers_in_order_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("people.ids");
        let mut ids = Ids::<16>::with_capacity(0);
        for n in [7_u8, 3, 7, 9] {
            ids.give([n; 16]).unwrap();
        }
        assert_eq!(ids.len(), 3);
        assert_eq!(ids.number([9; 16]), Some(2));
        assert_eq!(ids.id(1), Some([3; 16]));
        assert_eq!(ids.id(3), None);
        let mut file = open_file(&path, blake3::Hasher::new(), 0).unwrap();
        let sealed = file.extend(ids.since(0)).unwrap();
        let (again, _) = read::<16>(&path, &sealed).unwrap();
        assert_eq!(again.since(0), ids.since(0));
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[20] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        assert!(matches!(
            read::<16>(&path, &sealed),
            Err(VisitsError::Corrupt { .. })
        ));
    }
}
