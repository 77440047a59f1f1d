//! One sealed file: the rows of a day in one order, in blocks, with an index of the blocks.
//!
//! The index and the footer are read and checked when the file is opened and stay in memory. A
//! block is read when it is asked for, with one positioned read, and checked each time.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::block::{self, ROWS, Rows, key, major_of, minute_of};
use crate::error::{At, VisitsError};
use crate::row::{Order, Row, Window};

const MAGIC: [u8; 8] = *b"LFVISIT1";
/// Bytes of the footer: the magic, order, length of the index, its place, the day, checksums of
/// index and footer.
const FOOTER: usize = 36;
/// Bytes of one block's entry in the index.
const ENTRY: usize = 26;

/// What the index says of a block.
#[derive(Debug, Clone, Copy)]
struct Entry {
    key: u64,
    offset: u64,
    crc: u32,
    rows: u16,
    latest_from: u16,
    latest_until: u16,
}

impl Entry {
    fn to_bytes(self) -> [u8; ENTRY] {
        let mut bytes = [0; ENTRY];
        bytes[..8].copy_from_slice(&self.key.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.offset.to_le_bytes());
        bytes[16..20].copy_from_slice(&self.crc.to_le_bytes());
        bytes[20..22].copy_from_slice(&self.rows.to_le_bytes());
        bytes[22..24].copy_from_slice(&self.latest_from.to_le_bytes());
        bytes[24..].copy_from_slice(&self.latest_until.to_le_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8; ENTRY]) -> Self {
        Self {
            key: u64::from_le_bytes(part(bytes, 0)),
            offset: u64::from_le_bytes(part(bytes, 8)),
            crc: u32::from_le_bytes(part(bytes, 16)),
            rows: u16::from_le_bytes(part(bytes, 20)),
            latest_from: u16::from_le_bytes(part(bytes, 22)),
            latest_until: u16::from_le_bytes(part(bytes, 24)),
        }
    }
}

fn part<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes[at..at + N]
        .try_into()
        .expect("the slice has this length")
}

/// What the manifest says of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileSealed {
    pub(crate) bytes: u64,
    pub(crate) blake3: String,
}

/// Bytes gathered before they are written.
const GATHERED: usize = 1 << 18;

/// Writes what it is given, and digests it.
struct Digested {
    out: BufWriter<File>,
    digest: blake3::Hasher,
    at: u64,
}

impl Digested {
    fn put(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.digest.update(bytes);
        self.at += bytes.len() as u64;
        self.out.write_all(bytes)
    }
}

/// Writes sorted rows into a new file, synced.
pub(crate) fn write(
    path: &Path,
    order: Order,
    day: i32,
    rows: impl Iterator<Item = Result<Row, VisitsError>>,
) -> Result<FileSealed, VisitsError> {
    let mut out = Digested {
        out: BufWriter::with_capacity(GATHERED, File::create(path).at(path)?),
        digest: blake3::Hasher::new(),
        at: 0,
    };
    let mut index = Vec::new();
    let mut gathered = Vec::with_capacity(ROWS);
    for row in rows {
        gathered.push(row?);
        if gathered.len() == ROWS {
            write_block(&mut out, &mut index, &gathered).at(path)?;
            gathered.clear();
        }
    }
    if !gathered.is_empty() {
        write_block(&mut out, &mut index, &gathered).at(path)?;
    }
    let place = out.at;
    let mut footer = Vec::with_capacity(FOOTER);
    footer.extend_from_slice(&MAGIC);
    footer.extend_from_slice(&(order as u32).to_le_bytes());
    footer.extend_from_slice(&(index.len() as u32).to_le_bytes());
    footer.extend_from_slice(&place.to_le_bytes());
    footer.extend_from_slice(&day.to_le_bytes());
    footer.extend_from_slice(&crc32fast::hash(&index).to_le_bytes());
    footer.extend_from_slice(&crc32fast::hash(&footer).to_le_bytes());
    out.put(&index).at(path)?;
    out.put(&footer).at(path)?;
    let file = out
        .out
        .into_inner()
        .map_err(std::io::IntoInnerError::into_error)
        .at(path)?;
    file.sync_data().at(path)?;
    Ok(FileSealed {
        bytes: out.at,
        blake3: out.digest.finalize().to_hex().to_string(),
    })
}

fn write_block(out: &mut Digested, index: &mut Vec<u8>, rows: &[Row]) -> std::io::Result<()> {
    let block = block::encode(rows);
    let entry = Entry {
        key: rows.first().copied().map_or(0, key),
        offset: out.at,
        crc: crc32fast::hash(&block),
        rows: rows.len() as u16,
        latest_from: rows.iter().map(|row| row.minute()).max().unwrap_or(0),
        latest_until: rows.iter().map(|row| row.known_until()).max().unwrap_or(0),
    };
    index.extend_from_slice(&entry.to_bytes());
    out.put(&block)
}

/// A sealed file, open to read.
#[derive(Debug)]
pub(crate) struct SealedFile {
    path: PathBuf,
    file: File,
    index: Vec<Entry>,
    /// The majors of the index once more, close together: most of a search's time goes here.
    majors: Vec<u32>,
    end: u64,
    pub(crate) latest_from: u16,
    pub(crate) latest_until: u16,
}

impl SealedFile {
    /// Opens a file; its footer and index must be whole, and those of this order, day and length.
    pub(crate) fn open(
        path: PathBuf,
        order: Order,
        day: i32,
        sealed: &FileSealed,
    ) -> Result<Self, VisitsError> {
        let file = File::open(&path).at(&path)?;
        let wrong = |what| VisitsError::corrupt(&path, what);
        let length = file.metadata().at(&path)?.len();
        if length != sealed.bytes || length < FOOTER as u64 {
            return Err(wrong("its length is not that of the manifest"));
        }
        let mut footer = [0; FOOTER];
        file.read_exact_at(&mut footer, length - FOOTER as u64)
            .at(&path)?;
        if crc32fast::hash(&footer[..FOOTER - 4]) != u32::from_le_bytes(part(&footer, FOOTER - 4)) {
            return Err(wrong("the checksum of its footer does not hold"));
        }
        let end = u64::from_le_bytes(part(&footer, 16));
        let bytes = u32::from_le_bytes(part(&footer, 12));
        let held = (
            u32::from_le_bytes(part(&footer, 8)),
            i32::from_le_bytes(part(&footer, 24)),
        );
        if footer[..8] != MAGIC
            || held != (order as u32, day)
            || end + u64::from(bytes) + FOOTER as u64 != length
        {
            return Err(wrong("it is another file than its name says"));
        }
        let mut index = vec![0; bytes as usize];
        file.read_exact_at(&mut index, end).at(&path)?;
        if crc32fast::hash(&index) != u32::from_le_bytes(part(&footer, 28)) {
            return Err(wrong("the checksum of its index does not hold"));
        }
        let index: Vec<Entry> = index.as_chunks().0.iter().map(Entry::from_bytes).collect();
        Ok(Self {
            latest_from: index.iter().map(|e| e.latest_from).max().unwrap_or(0),
            latest_until: index.iter().map(|e| e.latest_until).max().unwrap_or(0),
            majors: index.iter().map(|entry| major_of(entry.key)).collect(),
            path,
            file,
            index,
            end,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Reads a block into `buffer` and checks it.
    fn block<'a>(&self, at: usize, buffer: &'a mut Vec<u8>) -> Result<Rows<'a>, VisitsError> {
        let entry = &self.index[at];
        let end = self.index.get(at + 1).map_or(self.end, |next| next.offset);
        buffer.resize(end.saturating_sub(entry.offset) as usize, 0);
        self.file
            .read_exact_at(buffer, entry.offset)
            .at(&self.path)?;
        if crc32fast::hash(buffer) != entry.crc {
            return Err(VisitsError::corrupt(
                &self.path,
                "the checksum of a block does not hold",
            ));
        }
        Ok(Rows::new(buffer, entry.key, entry.rows.into()))
    }

    /// Gives the rows of one major that touch the window, in order, until `found` wants no more.
    pub(crate) fn scan(
        &self,
        major: u32,
        window: &Window,
        buffer: &mut Vec<u8>,
        found: &mut impl FnMut(Row) -> bool,
    ) -> Result<(), VisitsError> {
        let start = self.majors.partition_point(|first| *first < major);
        for at in start.saturating_sub(1)..self.index.len() {
            let entry = &self.index[at];
            let begins = (major_of(entry.key), i32::from(minute_of(entry.key)));
            if begins >= (major, window.minutes.end) {
                break;
            }
            if !window.reached_by(entry.latest_from, entry.latest_until) {
                continue;
            }
            let rows = self.block(at, buffer)?;
            for row in rows
                .skip_while(|row| row.major() < major)
                .take_while(|row| {
                    row.major() == major && i32::from(row.minute()) < window.minutes.end
                })
            {
                if window.touches(row) && !found(row) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// All rows in order.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Result<Row, VisitsError>> {
        let mut buffer = Vec::new();
        (0..self.index.len()).flat_map(move |at| {
            let rows: Vec<Result<Row, VisitsError>> = match self.block(at, &mut buffer) {
                Ok(rows) => rows.map(Ok).collect(),
                Err(error) => vec![Err(error)],
            };
            rows
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::visit::End;

    #[test]
    fn rows_of_a_major_are_found_over_blocks() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("1.place");
        let mut rows: Vec<Row> = (0..5_000_u32)
            .map(|n| Row::new(n % 7 / 3, (n % 1_440) as u16, n, End((n % 90) as u16)))
            .collect();
        rows.sort_unstable();
        let sealed = write(&path, Order::Place, 9, rows.iter().copied().map(Ok)).unwrap();
        let file = SealedFile::open(path.clone(), Order::Place, 9, &sealed).unwrap();
        let all: Vec<Row> = file.rows().map(Result::unwrap).collect();
        assert_eq!(all, rows);
        for (start, end, usual) in [
            (0, 1_440, 30),
            (700, 720, 0),
            (1_430, 1_500, 60),
            (-90, 1, 5),
        ] {
            let window = Window {
                minutes: start..end,
                usual,
            };
            for major in 0..4 {
                let mut found = Vec::new();
                file.scan(major, &window, &mut Vec::new(), &mut |row| {
                    found.push(row);
                    true
                })
                .unwrap();
                let expected: Vec<Row> = rows
                    .iter()
                    .copied()
                    .filter(|row| row.major() == major && window.touches(*row))
                    .collect();
                assert_eq!(found, expected, "{major} {start} {end}");
            }
        }
        assert!(SealedFile::open(path.clone(), Order::Person, 9, &sealed).is_err());
        assert!(SealedFile::open(path, Order::Place, 8, &sealed).is_err());
    }
}
