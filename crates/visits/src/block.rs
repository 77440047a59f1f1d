//! Blocks of rows: what a sealed file consists of, and what is read and checked as a whole.
//!
//! The first row's key (major and minute) stands in the file's index. A block has three numbers,
//! each of one byte: the Rice parameter of gaps, that of ends, and the width of minors; then the
//! least minor (4 bytes, little-endian); then for each row the gap of its key to the row before in
//! a Rice code (none for the first), its minor less the least in fixed width, its end in a Rice
//! code.

use crate::bits::{BitReader, BitWriter, rice_parameter};
use crate::row::Row;
use crate::visit::End;

/// Rows of a block, fewer in the last of a file.
pub(crate) const ROWS: usize = 128;
/// Bits of the minute in a key.
const MINUTE: u32 = 11;
/// Bytes before the rows.
const HEAD: usize = 7;

/// Major and minute in one number.
pub(crate) fn key(row: Row) -> u64 {
    u64::from(row.major()) << MINUTE | u64::from(row.minute())
}

/// The major of a key.
pub(crate) fn major_of(key: u64) -> u32 {
    (key >> MINUTE) as u32
}

/// The minute of a key.
pub(crate) fn minute_of(key: u64) -> u16 {
    (key & ((1 << MINUTE) - 1)) as u16
}

/// Writes sorted rows, one at least.
pub(crate) fn encode(rows: &[Row]) -> Vec<u8> {
    let first = rows.first().copied().map_or(0, key);
    let last = rows.last().copied().map_or(0, key);
    let ends = rows.iter().map(|row| u64::from(row.end().0)).sum();
    let gap_k = rice_parameter(last - first, rows.len());
    let end_k = rice_parameter(ends, rows.len());
    let (least, most) = rows.iter().fold((u32::MAX, 0), |(least, most), row| {
        (least.min(row.minor()), most.max(row.minor()))
    });
    let width = most
        .checked_sub(least)
        .map_or(0, |range| u32::BITS - range.leading_zeros());
    let mut head = Vec::with_capacity(rows.len() * 6 + HEAD);
    head.extend_from_slice(&[gap_k as u8, end_k as u8, width as u8]);
    head.extend_from_slice(&least.to_le_bytes());
    let mut bits = BitWriter::after(head);
    let mut before = first;
    for (at, row) in rows.iter().enumerate() {
        let now = key(*row);
        if at > 0 {
            bits.rice(now - before, gap_k);
        }
        bits.fixed((row.minor() - least).into(), width);
        bits.rice(row.end().0.into(), end_k);
        before = now;
    }
    bits.finish()
}

/// Reads a block row by row.
pub(crate) struct Rows<'a> {
    bits: BitReader<'a>,
    gap_k: u32,
    end_k: u32,
    width: u32,
    least: u32,
    key: u64,
    left: usize,
    begun: bool,
}

impl<'a> Rows<'a> {
    /// The rows of a block whose checksum holds, from its first key and their number. A block too
    /// short to be one has no rows.
    pub(crate) fn new(block: &'a [u8], first: u64, rows: usize) -> Self {
        let (head, bits) = block.split_at_checked(HEAD).unwrap_or((&[0; HEAD], &[]));
        Self {
            bits: BitReader::new(bits),
            gap_k: u32::from(head[0]).min(47),
            end_k: u32::from(head[1]).min(47),
            width: u32::from(head[2]).min(32),
            least: u32::from_le_bytes([head[3], head[4], head[5], head[6]]),
            key: first,
            left: if block.len() < HEAD { 0 } else { rows },
            begun: false,
        }
    }
}

impl Iterator for Rows<'_> {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        self.left = self.left.checked_sub(1)?;
        if self.begun {
            self.key = self.key.wrapping_add(self.bits.rice(self.gap_k));
        }
        self.begun = true;
        let minor = self.least.wrapping_add(self.bits.fixed(self.width) as u32);
        let end = End(self.bits.rice(self.end_k) as u16);
        Some(Row::new(
            major_of(self.key),
            minute_of(self.key),
            minor,
            end,
        ))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row() -> impl Strategy<Value = Row> {
        let id = || prop_oneof![0_u32..50, any::<u32>()];
        let end = prop_oneof![Just(0_u16), 1_u16..600, 0_u16..=64_001];
        (id(), 0_u16..1_440, id(), end)
            .prop_map(|(major, minute, minor, end)| Row::new(major, minute, minor, End(end)))
    }

    proptest! {
        #[test]
        fn a_block_reads_back(mut rows in prop::collection::vec(row(), 1..=ROWS)) {
            rows.sort_unstable();
            let block = encode(&rows);
            let read: Vec<Row> = Rows::new(&block, key(rows[0]), rows.len()).collect();
            prop_assert_eq!(read, rows);
        }

        #[test]
        fn anything_is_read_without_a_panic(block in prop::collection::vec(any::<u8>(), 0..300), first: u64) {
            prop_assert!(Rows::new(&block, first, ROWS).count() <= ROWS);
        }
    }

    #[test]
    fn a_visit_turned_twice_is_the_same() {
        let row = Row::new(7, 1_439, 9, End(61));
        assert_eq!(row.turned().major(), 9);
        assert_eq!(row.turned().turned(), row);
        assert_eq!(row.known_until(), 1_499);
    }
}
