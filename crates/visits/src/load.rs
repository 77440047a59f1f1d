//! Reads a folder into memory: the manifest, the ids, the indexes of sealed files, the journals.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;
use std::sync::{Arc, RwLock};

use lianfang_core::time::UtcOffset;

use crate::batch::{Digest, Receipt, day_tallies};
use crate::error::{At, VisitsError};
use crate::ids::{self, Ids};
use crate::journal::{self, Frame, Tail};
use crate::manifest::{BatchesSealed, Manifest};
use crate::row::Row;
use crate::run::Run;
use crate::state::{Day, Names, Part, State};
use crate::visit::{End, MIDNIGHT, Minute, PlaceId, Tally, Visit};
use lianfang_core::ids::PersonId;

/// Names of the files of ids.
pub(crate) const PEOPLE: &str = "people.ids";
pub(crate) const PLACES: &str = "places.ids";

/// Digests of batches that were taken, with the newest day of each.
pub(crate) type Remembered = HashMap<Digest, i32>;

/// A folder, read.
pub(crate) struct Loaded {
    pub(crate) state: State,
    pub(crate) names: Names,
    pub(crate) people_digest: blake3::Hasher,
    pub(crate) places_digest: blake3::Hasher,
    pub(crate) remembered: Remembered,
    /// The newest journal, and how it ends.
    pub(crate) journal: u64,
    pub(crate) tail: Tail,
    pub(crate) next_frame: u64,
    /// Visits that are in no sealed file.
    pub(crate) unsealed: u64,
    /// Receipts of the remembered batches that are in journals.
    pub(crate) receipts: Vec<Receipt>,
}

/// Reads all that the manifest names, and the journals since.
pub(crate) fn load(folder: &Path, manifest: &Manifest) -> Result<Loaded, VisitsError> {
    let (people, people_digest) = ids::read(&folder.join(PEOPLE), &manifest.people)?;
    let (places, places_digest) = ids::read(&folder.join(PLACES), &manifest.places)?;
    let mut days: BTreeMap<i32, Day> = BTreeMap::new();
    for (day, parts) in &manifest.days {
        let entry = days.entry(*day).or_default();
        for part in parts {
            entry.parts.push(Arc::new(Part::open(folder, *day, part)?));
        }
    }
    let offset = UtcOffset::try_from(manifest.offset_minutes)
        .map_err(|_| VisitsError::corrupt(folder, "its offset from UTC is none of the Earth"))?;
    let mut journals = Journals {
        people,
        places,
        offset,
        rows: BTreeMap::new(),
        remembered: read_batches(folder, manifest.batches.as_ref())?,
        receipts: Vec::new(),
    };
    let (journal, tail, next_frame) = journals.replay(folder, manifest)?;
    let mut unsealed = 0;
    for (day, (rows, tally)) in journals.rows {
        unsealed += tally.visits;
        days.entry(day)
            .or_default()
            .runs
            .push(Arc::new(Run::new(rows, tally)));
    }
    Ok(Loaded {
        state: State {
            kept_from: manifest.kept_from,
            days,
        },
        names: Names {
            people: RwLock::new(journals.people),
            places: RwLock::new(journals.places),
        },
        people_digest,
        places_digest,
        remembered: journals.remembered,
        journal,
        tail,
        next_frame,
        unsealed,
        receipts: journals.receipts,
    })
}

/// What the journals are read into.
struct Journals {
    people: Ids<16>,
    places: Ids<8>,
    offset: UtcOffset,
    rows: BTreeMap<i32, (Vec<Row>, Tally)>,
    remembered: Remembered,
    receipts: Vec<Receipt>,
}

impl Journals {
    /// Reads all journals from the manifest's first on. None may be missing between two.
    fn replay(
        &mut self,
        folder: &Path,
        manifest: &Manifest,
    ) -> Result<(u64, Tail, u64), VisitsError> {
        let mut numbers: Vec<u64> = fs::read_dir(folder)
            .at(folder)?
            .filter_map(|entry| journal::number_of(entry.ok()?.file_name().to_str()?))
            .filter(|number| *number >= manifest.first_journal)
            .collect();
        numbers.sort_unstable();
        // A journal that was begun and holds nothing yet says nothing of the one before.
        while numbers.len() > 1 && numbers.last().is_some_and(|last| is_empty(folder, *last)) {
            numbers.pop();
        }
        let mut next_frame = manifest.first_frame;
        let mut expected = manifest.first_journal;
        let mut tail = Tail { whole: 0, torn: 0 };
        for number in &numbers {
            let path = folder.join(journal::name(*number));
            if *number != expected {
                return Err(VisitsError::corrupt(
                    &path,
                    "a journal before it is missing",
                ));
            }
            if tail.torn > 0 {
                return Err(VisitsError::corrupt(
                    &path,
                    "the journal before it ends in damage",
                ));
            }
            tail = journal::replay(&path, &mut next_frame, |frame| self.take(&path, &frame))?;
            expected += 1;
        }
        if numbers.is_empty() {
            let path = folder.join(journal::name(expected));
            return Err(VisitsError::corrupt(&path, "the journal is missing"));
        }
        Ok((expected - 1, tail, next_frame))
    }

    fn take(&mut self, path: &Path, frame: &Frame) -> Result<(), VisitsError> {
        let wrong = || VisitsError::corrupt(path, "a frame does not follow the one before");
        if frame.people_before as usize != self.people.len()
            || frame.places_before as usize != self.places.len()
        {
            return Err(wrong());
        }
        for id in &frame.people {
            self.people.give(*id)?;
        }
        for id in &frame.places {
            self.places.give(*id)?;
        }
        let mut rows = frame.rows.iter();
        for batch in &frame.batches {
            let mut days: BTreeMap<i32, Tally> = BTreeMap::new();
            for row in rows.by_ref().take(batch.visits as usize) {
                let end = End(row.end);
                let visit = Visit {
                    person: self
                        .people
                        .id(row.person)
                        .map(PersonId::from_bytes)
                        .ok_or_else(wrong)?,
                    place: PlaceId(
                        self.places
                            .id(row.place)
                            .map(u64::from_be_bytes)
                            .ok_or_else(wrong)?,
                    ),
                    from: Minute(row.from),
                    until: end
                        .minutes()
                        .map(|minutes| Minute(row.from + u32::from(minutes))),
                };
                let local = visit.from.local(self.offset);
                let day = local.div_euclid(MIDNIGHT);
                days.entry(day).or_default().add(&visit);
                let (rows, tally) = self.rows.entry(day).or_default();
                rows.push(Row::new(
                    row.place,
                    local.rem_euclid(MIDNIGHT) as u16,
                    row.person,
                    end,
                ));
                tally.add(&visit);
            }
            if batch.remembered {
                let newest = days.keys().next_back().copied().unwrap_or(i32::MIN);
                self.remembered.insert(batch.digest, newest);
                self.receipts.push(Receipt {
                    digest: batch.digest,
                    days: day_tallies(&days),
                    repeated: false,
                });
            }
        }
        Ok(())
    }
}

fn is_empty(folder: &Path, journal: u64) -> bool {
    fs::metadata(folder.join(journal::name(journal))).is_ok_and(|found| found.len() == 0)
}

/// The name of a file of remembered batches: digests of 32 bytes with the newest day of each, 4.
pub(crate) fn batches_name(number: u64) -> String {
    format!("batches-{number:08}")
}

/// The content of a file of remembered batches.
pub(crate) fn batches_bytes(remembered: &Remembered) -> Vec<u8> {
    let mut records: Vec<_> = remembered.iter().collect();
    records.sort_unstable();
    let mut bytes = Vec::with_capacity(records.len() * 36);
    for (digest, newest) in records {
        bytes.extend_from_slice(&digest.0);
        bytes.extend_from_slice(&newest.to_le_bytes());
    }
    bytes
}

fn read_batches(folder: &Path, sealed: Option<&BatchesSealed>) -> Result<Remembered, VisitsError> {
    let Some(sealed) = sealed else {
        return Ok(Remembered::new());
    };
    let path = folder.join(batches_name(sealed.number));
    let bytes = fs::read(&path).at(&path)?;
    if blake3::hash(&bytes).to_hex().as_str() != sealed.blake3 {
        return Err(VisitsError::corrupt(
            &path,
            "its digest is not that of the manifest",
        ));
    }
    let record = |record: &[u8; 36]| {
        let (digest, newest) = record.split_at(32);
        (
            Digest(digest.try_into().expect("32 of 36 bytes")),
            i32::from_le_bytes(newest.try_into().expect("4 of 36 bytes")),
        )
    };
    Ok(bytes.as_chunks().0.iter().map(record).collect())
}

/// Removes what no manifest names: files of a seal that did not end, or that has ended.
pub(crate) fn remove_strays(
    folder: &Path,
    manifest: &Manifest,
    state: &State,
) -> Result<(), VisitsError> {
    let mut known: Vec<_> = state
        .days
        .values()
        .flat_map(|day| day.parts.iter().flat_map(|part| part.paths()))
        .collect();
    if let Some(batches) = &manifest.batches {
        known.push(folder.join(batches_name(batches.number)));
    }
    for entry in fs::read_dir(folder).at(folder)? {
        let entry = entry.at(folder)?;
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        let old_journal = journal::number_of(&name).is_some_and(|n| n < manifest.first_journal);
        let sealed = name.starts_with("day-") || name.starts_with("batches-");
        if old_journal || (sealed && !known.contains(&path)) || name == crate::manifest::NEW {
            fs::remove_file(&path).at(&path)?;
        }
    }
    Ok(())
}
