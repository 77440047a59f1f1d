//! The manifest: which files are the visit log, and what each must hold.
//!
//! JSON after a line with its own BLAKE3 digest. It is replaced as a whole (written beside, synced,
//! renamed), so each seal, merge and drop happens entirely or not at all. It names the digest of
//! each sealed file, so its own digest stands for all that is sealed: the root.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{At, VisitsError};
use crate::ids::IdsSealed;
use crate::row::Order;
use crate::sealed::FileSealed;
use crate::visit::Tally;

/// Its name in the folder.
pub(crate) const NAME: &str = "MANIFEST";
/// The name under which it is written first.
pub(crate) const NEW: &str = "MANIFEST.new";
/// Changes with the form of any file here.
pub(crate) const LAYOUT: u32 = 1;

/// A sealed part of a day: its visits in both orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PartSealed {
    pub(crate) number: u64,
    pub(crate) tally: Tally,
    pub(crate) by_place: FileSealed,
    pub(crate) by_person: FileSealed,
}

impl PartSealed {
    pub(crate) fn file(&self, order: Order) -> &FileSealed {
        match order {
            Order::Place => &self.by_place,
            Order::Person => &self.by_person,
        }
    }
}

/// The file of remembered batches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BatchesSealed {
    pub(crate) number: u64,
    pub(crate) blake3: String,
}

/// All that is sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub(crate) layout: u32,
    /// Counts up with each change.
    pub(crate) generation: u64,
    pub(crate) offset_minutes: i32,
    /// The first day (days since 1970) that is kept.
    pub(crate) kept_from: i32,
    /// The first journal that is not sealed, and the number of its first frame.
    pub(crate) first_journal: u64,
    pub(crate) first_frame: u64,
    /// The number of the next new file.
    pub(crate) next_file: u64,
    pub(crate) people: IdsSealed,
    pub(crate) places: IdsSealed,
    pub(crate) batches: Option<BatchesSealed>,
    /// Parts by day (days since 1970), the oldest part first.
    pub(crate) days: BTreeMap<i32, Vec<PartSealed>>,
}

/// What stands for all that is sealed: for the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Root {
    /// Counts up with each seal, merge and drop.
    pub generation: u64,
    /// BLAKE3 of the manifest, which names the BLAKE3 digest of each file.
    pub blake3: String,
}

impl Manifest {
    /// That of an empty log.
    pub(crate) fn new(offset_minutes: i32) -> Self {
        Self {
            layout: LAYOUT,
            generation: 0,
            offset_minutes,
            kept_from: i32::MIN,
            first_journal: 1,
            first_frame: 1,
            next_file: 1,
            people: IdsSealed::none(),
            places: IdsSealed::none(),
            batches: None,
            days: BTreeMap::new(),
        }
    }

    /// Takes the number of a new file.
    pub(crate) fn new_file(&mut self) -> u64 {
        let number = self.next_file;
        self.next_file += 1;
        number
    }

    fn to_text(&self) -> String {
        serde_json::to_string(self).expect("numbers and text are JSON")
    }

    pub(crate) fn root(&self) -> Root {
        Root {
            generation: self.generation,
            blake3: blake3::hash(self.to_text().as_bytes()).to_hex().to_string(),
        }
    }

    /// Reads that of a folder, if it has one.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>, VisitsError> {
        let path = folder.join(NAME);
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) if error.kind() == ErrorKind::InvalidData => {
                return Err(VisitsError::corrupt(&path, "it is not text"));
            }
            text => text.at(&path)?,
        };
        let holds = |(digest, rest): &(&str, &str)| {
            blake3::hash(rest.as_bytes()).to_hex().as_str() == *digest
        };
        let (_, rest) = text
            .split_once('\n')
            .filter(holds)
            .ok_or_else(|| VisitsError::corrupt(&path, "its digest does not hold"))?;
        let layout: Layout = serde_json::from_str(rest)
            .map_err(|_| VisitsError::corrupt(&path, "it is not of this form"))?;
        if layout.layout != LAYOUT {
            return Err(VisitsError::Layout {
                path,
                found: layout.layout,
                expected: LAYOUT,
            });
        }
        serde_json::from_str(rest)
            .map(Some)
            .map_err(|_| VisitsError::corrupt(&path, "it is not of this form"))
    }

    /// Puts it in the place of the one before.
    pub(crate) fn write(&mut self, folder: &Path) -> Result<(), VisitsError> {
        self.generation += 1;
        let text = self.to_text();
        let digest = blake3::hash(text.as_bytes()).to_hex();
        let (new, path) = (folder.join(NEW), folder.join(NAME));
        let mut file = File::create(&new).at(&new)?;
        file.write_all(format!("{digest}\n{text}").as_bytes())
            .at(&new)?;
        file.sync_all().at(&new)?;
        // The files that it names must be there before it is.
        sync_folder(folder)?;
        fs::rename(&new, &path).at(&path)?;
        sync_folder(folder)
    }
}

#[derive(Deserialize)]
struct Layout {
    layout: u32,
}

/// Makes new and renamed files of a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), VisitsError> {
    File::open(folder)
        .and_then(|file| file.sync_all())
        .at(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_back_and_no_byte_of_it_can_change() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Manifest::read(folder.path()).unwrap(), None);
        let mut manifest = Manifest::new(480);
        manifest.days.insert(18_301, Vec::new());
        manifest.write(folder.path()).unwrap();
        assert_eq!(
            Manifest::read(folder.path()).unwrap(),
            Some(manifest.clone())
        );
        assert_eq!(manifest.root().generation, 1);
        let path = folder.path().join(NAME);
        let bytes = fs::read(&path).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x02;
            fs::write(&path, changed).unwrap();
            assert!(Manifest::read(folder.path()).is_err(), "{at}");
        }
    }
}
