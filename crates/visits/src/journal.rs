//! The journal: what was taken and is in no sealed file yet, in frames, one a sync.
//!
//! A frame's head is 28 bytes, little-endian: the magic, the frame's number (they count on from
//! journal to journal), the length of its payload, the CRC-32 of the payload, the CRC-32 of the head
//! before it. The payload holds how many people and places had numbers before, the ids of those
//! that got one in it, the batches (digest, whether it is remembered, number of visits), and their
//! visits: person and place by number, minute (UTC), end; 14 bytes each.
//!
//! A frame is written only after the one before is synced. So what does not hold at the very end
//! was never acknowledged, and is cut; what does not hold before a frame that does is damage.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::batch::Digest;
use crate::error::{At, VisitsError};

const MAGIC: [u8; 8] = *b"LFFRAME1";
const HEAD: usize = 28;

/// The name of a journal.
pub(crate) fn name(number: u64) -> String {
    format!("journal-{number:08}")
}

/// The number in the name of a journal.
pub(crate) fn number_of(name: &str) -> Option<u64> {
    name.strip_prefix("journal-")?.parse().ok()
}

/// A visit in a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FrameRow {
    pub(crate) person: u32,
    pub(crate) place: u32,
    pub(crate) from: u32,
    pub(crate) end: u16,
}

/// A batch in a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FrameBatch {
    pub(crate) digest: Digest,
    pub(crate) remembered: bool,
    pub(crate) visits: u32,
}

/// What is written and synced at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) people_before: u32,
    pub(crate) places_before: u32,
    pub(crate) people: Vec<[u8; 16]>,
    pub(crate) places: Vec<[u8; 8]>,
    pub(crate) batches: Vec<FrameBatch>,
    pub(crate) rows: Vec<FrameRow>,
}

impl Frame {
    fn to_bytes(&self, number: u64) -> Vec<u8> {
        let mut bytes = vec![0; HEAD];
        for count in [
            self.people_before,
            self.places_before,
            self.people.len() as u32,
            self.places.len() as u32,
            self.batches.len() as u32,
            self.rows.len() as u32,
        ] {
            bytes.extend_from_slice(&count.to_le_bytes());
        }
        bytes.extend_from_slice(self.people.as_flattened());
        bytes.extend_from_slice(self.places.as_flattened());
        for batch in &self.batches {
            bytes.extend_from_slice(&batch.digest.0);
            bytes.push(batch.remembered.into());
            bytes.extend_from_slice(&batch.visits.to_le_bytes());
        }
        bytes.reserve(self.rows.len() * 14);
        for row in &self.rows {
            let mut packed = [0; 14];
            packed[..4].copy_from_slice(&row.person.to_le_bytes());
            packed[4..8].copy_from_slice(&row.place.to_le_bytes());
            packed[8..12].copy_from_slice(&row.from.to_le_bytes());
            packed[12..].copy_from_slice(&row.end.to_le_bytes());
            bytes.extend_from_slice(&packed);
        }
        let length = (bytes.len() - HEAD) as u32;
        let crc = crc32fast::hash(&bytes[HEAD..]);
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..16].copy_from_slice(&number.to_le_bytes());
        bytes[16..20].copy_from_slice(&length.to_le_bytes());
        bytes[20..24].copy_from_slice(&crc.to_le_bytes());
        let crc = crc32fast::hash(&bytes[..24]);
        bytes[24..HEAD].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// Reads a payload whose checksum holds.
    fn from_payload(bytes: &[u8]) -> Option<Self> {
        let mut rest = Payload(bytes);
        let (people_before, places_before) = (rest.number()?, rest.number()?);
        let counts: [u32; 4] = [
            rest.number()?,
            rest.number()?,
            rest.number()?,
            rest.number()?,
        ];
        let [people, places, batches, rows] = counts.map(|count| count as usize);
        let frame = Self {
            people_before,
            places_before,
            people: rest.records(people)?.to_vec(),
            places: rest.records(places)?.to_vec(),
            batches: rest
                .records::<37>(batches)?
                .iter()
                .map(|record| FrameBatch {
                    digest: Digest(record[..32].try_into().expect("32 of 37 bytes")),
                    remembered: record[32] != 0,
                    visits: number(&record[33..]),
                })
                .collect(),
            rows: rest
                .records::<14>(rows)?
                .iter()
                .map(|record| FrameRow {
                    person: number(record),
                    place: number(&record[4..]),
                    from: number(&record[8..]),
                    end: u16::from_le_bytes([record[12], record[13]]),
                })
                .collect(),
        };
        rest.0.is_empty().then_some(frame)
    }
}

fn number(bytes: &[u8]) -> u32 {
    u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

struct Payload<'a>(&'a [u8]);

impl<'a> Payload<'a> {
    fn number(&mut self) -> Option<u32> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_le_bytes(*first))
    }

    fn records<const N: usize>(&mut self, count: usize) -> Option<&'a [[u8; N]]> {
        let (first, rest) = self.0.split_at_checked(count.checked_mul(N)?)?;
        self.0 = rest;
        Some(first.as_chunks().0)
    }
}

/// A frame that holds, if one begins with these bytes: its number, its payload, its whole length.
fn whole_frame(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<HEAD>()?;
    if head[..8] != MAGIC || crc32fast::hash(&head[..24]) != number(&head[24..]) {
        return None;
    }
    let payload = rest.get(..number(&head[16..]) as usize)?;
    let count = u64::from_le_bytes(head[8..16].try_into().expect("the slice has 8 bytes"));
    (crc32fast::hash(payload) == number(&head[20..])).then_some((count, payload))
}

/// What [`replay`] found at the end of a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tail {
    /// Bytes of whole frames.
    pub(crate) whole: u64,
    /// Bytes after them, of a frame that was never acknowledged.
    pub(crate) torn: u64,
}

/// Gives the frames of a journal in order. `next` is the number that the next frame must have.
pub(crate) fn replay(
    path: &Path,
    next: &mut u64,
    mut take: impl FnMut(Frame) -> Result<(), VisitsError>,
) -> Result<Tail, VisitsError> {
    let bytes = std::fs::read(path).at(path)?;
    let mut at = 0;
    while let Some((number, payload)) = whole_frame(&bytes[at..]) {
        if number != *next {
            return Err(VisitsError::corrupt(path, "a frame is missing"));
        }
        let frame = Frame::from_payload(payload)
            .ok_or_else(|| VisitsError::corrupt(path, "a frame is not of this form"))?;
        take(frame)?;
        at += HEAD + payload.len();
        *next += 1;
    }
    let rest = &bytes[at..];
    let later = rest
        .windows(MAGIC.len())
        .enumerate()
        .skip(1)
        .filter(|(_, window)| **window == MAGIC)
        .any(|(place, _)| whole_frame(&rest[place..]).is_some());
    if later {
        return Err(VisitsError::corrupt(
            path,
            "a frame before others does not hold",
        ));
    }
    Ok(Tail {
        whole: at as u64,
        torn: rest.len() as u64,
    })
}

/// A journal, open to write at its end.
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    pub(crate) number: u64,
    pub(crate) next: u64,
    pub(crate) bytes: u64,
}

impl Journal {
    /// Makes journal `number`, empty, whose first frame will be `next`.
    pub(crate) fn create(folder: &Path, number: u64, next: u64) -> Result<Self, VisitsError> {
        let path = folder.join(name(number));
        let file = File::create(&path).at(&path)?;
        crate::manifest::sync_folder(folder)?;
        Ok(Self {
            path,
            file,
            number,
            next,
            bytes: 0,
        })
    }

    /// Opens journal `number` after [`replay`], and cuts what is torn.
    pub(crate) fn open(
        folder: &Path,
        number: u64,
        next: u64,
        tail: Tail,
    ) -> Result<Self, VisitsError> {
        let path = folder.join(name(number));
        let file = OpenOptions::new().append(true).open(&path).at(&path)?;
        if tail.torn > 0 {
            file.set_len(tail.whole).at(&path)?;
            file.sync_all().at(&path)?;
        }
        Ok(Self {
            path,
            file,
            number,
            next,
            bytes: tail.whole,
        })
    }

    /// Writes a frame, synced.
    pub(crate) fn append(&mut self, frame: &Frame) -> Result<(), VisitsError> {
        let bytes = frame.to_bytes(self.next);
        self.file.write_all(&bytes).at(&self.path)?;
        self.file.sync_data().at(&self.path)?;
        self.next += 1;
        self.bytes += bytes.len() as u64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(n: u32) -> Frame {
        Frame {
            people_before: n,
            places_before: 0,
            people: vec![[n as u8; 16]],
            places: vec![[9; 8]; n as usize],
            batches: vec![FrameBatch {
                digest: Digest([n as u8; 32]),
                remembered: n.is_multiple_of(2),
                visits: 2,
            }],
            rows: vec![
                FrameRow {
                    person: n,
                    place: 1,
                    from: 26_000_000,
                    end: 61,
                };
                2
            ],
        }
    }

    fn written(frames: u32) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::create(folder.path(), 1, 5).unwrap();
        for n in 0..frames {
            journal.append(&frame(n)).unwrap();
        }
        let path = folder.path().join(name(1));
        (folder, path)
    }

    fn read(path: &Path) -> Result<(Vec<Frame>, Tail), VisitsError> {
        let mut frames = Vec::new();
        let tail = replay(path, &mut 5, |frame| {
            frames.push(frame);
            Ok(())
        })?;
        Ok((frames, tail))
    }

    #[test]
    fn frames_read_back() {
        let (_folder, path) = written(3);
        let (frames, tail) = read(&path).unwrap();
        assert_eq!(frames, [frame(0), frame(1), frame(2)]);
        assert_eq!(tail.torn, 0);
        assert_eq!(tail.whole, std::fs::metadata(&path).unwrap().len());
    }

    #[test]
    fn a_torn_end_is_cut_at_any_byte() {
        let (_folder, path) = written(2);
        let bytes = std::fs::read(&path).unwrap();
        let first = frame(0).to_bytes(5).len();
        for length in 0..bytes.len() {
            std::fs::write(&path, &bytes[..length]).unwrap();
            let (frames, tail) = read(&path).unwrap();
            assert_eq!(frames.len(), usize::from(length >= first), "{length}");
            assert_eq!(tail.whole + tail.torn, length as u64);
        }
    }

    #[test]
    fn a_changed_byte_is_damage_before_the_last_frame_and_a_torn_end_in_it() {
        let (_folder, path) = written(3);
        let bytes = std::fs::read(&path).unwrap();
        let last = bytes.len() - frame(2).to_bytes(7).len();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x10;
            std::fs::write(&path, &changed).unwrap();
            match read(&path) {
                Err(VisitsError::Corrupt { .. }) => assert!(at < last, "{at}"),
                Ok((frames, tail)) => {
                    assert!(at >= last && frames.len() == 2 && tail.torn > 0, "{at}");
                }
                Err(other) => panic!("{other}"),
            }
        }
    }
}
