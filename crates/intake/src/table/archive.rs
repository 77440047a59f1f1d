//! A workbook is a ZIP archive: what it holds is measured before anything interprets it.

use std::io::{Cursor, Read, copy, sink};

use zip::ZipArchive;

use crate::error::{FileError, What};
use crate::limits::Limits;

/// Parts smaller than this when unpacked are harmless whatever their ratio.
const HARMLESS: u64 = 1 << 20;

/// Unpacks every part into nothing and counts, since sizes that an archive declares may lie.
pub(super) fn check(bytes: &[u8], limits: &Limits) -> Result<(), FileError> {
    let mut archive =
        ZipArchive::new(Cursor::new(bytes)).map_err(|_| FileError::DamagedWorkbook)?;
    if archive.len() > limits.parts {
        return Err(FileError::TooMuch {
            what: What::Parts,
            limit: limits.parts as u64,
        });
    }
    if archive.has_duplicate_names() {
        return Err(FileError::DamagedWorkbook);
    }
    if archive.index_for_name("[Content_Types].xml").is_none() {
        return Err(FileError::UnknownType);
    }
    let mut total = 0;
    for index in 0..archive.len() {
        let part = archive
            .by_index(index)
            .map_err(|_| FileError::DamagedWorkbook)?;
        let packed = part.compressed_size().max(1);
        let by_ratio = packed.saturating_mul(limits.unpacking_ratio).max(HARMLESS);
        let allowed = (limits.unpacked_bytes - total).min(by_ratio);
        let unpacked = copy(&mut part.take(allowed + 1), &mut sink())
            .map_err(|_| FileError::DamagedWorkbook)?;
        total += unpacked;
        if total > limits.unpacked_bytes {
            return Err(FileError::TooMuch {
                what: What::UnpackedBytes,
                limit: limits.unpacked_bytes,
            });
        }
        if unpacked > by_ratio {
            return Err(FileError::Bomb {
                ratio: limits.unpacking_ratio,
            });
        }
    }
    Ok(())
}
