//! Bounds on what a file may hold; beyond them it is refused before it can exhaust the machine.

/// The bounds. [`Limits::default`] is what a city needs at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a text file (CSV); it is streamed, never held whole.
    pub text_bytes: u64,
    /// Bytes of a workbook (XLSX) as stored; it is held in memory.
    pub workbook_bytes: u64,
    /// Bytes of a workbook when unpacked, all parts together.
    pub unpacked_bytes: u64,
    /// How many times larger a part of a workbook may become when unpacked.
    pub unpacking_ratio: u64,
    /// Parts of a workbook.
    pub parts: usize,
    /// Rows, the header aside.
    pub rows: u64,
    /// Columns.
    pub columns: usize,
    /// Bytes of one cell, in UTF-8; a row with a longer one is refused.
    pub cell_bytes: usize,
    /// Bytes of one row, in UTF-8; beyond it reading ends (a quote was left open).
    pub row_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            text_bytes: 1 << 30,
            workbook_bytes: 128 << 20,
            unpacked_bytes: 512 << 20,
            unpacking_ratio: 200,
            parts: 2_000,
            rows: 20_000_000,
            columns: 1_000,
            cell_bytes: 8_192,
            row_bytes: 8 << 20,
        }
    }
}
