//! ZLIB (RFC 1950), bounded.

use miniz_oxide::deflate::compress_to_vec_zlib;
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress as inflate, inflate_flags};

/// The level of `compress`: smallest output.
const BEST: u8 = 10;

/// Why bytes could not be decompressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CompressionError {
    /// A signed message that was not compressed.
    #[error("the message is not compressed; it must be, with ZLIB")]
    NotCompressed,
    /// No ZLIB header.
    #[error("this does not begin as ZLIB data do")]
    NotZlib,
    /// More comes out than is read.
    #[error("decompressed, this is longer than {most} bytes, the most that is read")]
    Bomb {
        /// Bytes that are read at most.
        most: usize,
    },
    /// The data end early.
    #[error("the compressed data end early")]
    Truncated,
    /// The data are damaged.
    #[error("the compressed data are damaged")]
    Damaged,
    /// The checksum does not fit.
    #[error("the checksum of the compressed data does not fit")]
    Checksum,
    /// Something follows the data.
    #[error("{bytes} bytes follow the compressed data; nothing may")]
    Trailing {
        /// Bytes that follow.
        bytes: usize,
    },
}

/// Compresses `bytes`.
pub fn compress(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec_zlib(bytes, BEST)
}

/// Decompresses to at most `most` bytes; what would be longer is refused without being unpacked.
pub fn decompress(bytes: &[u8], most: usize) -> Result<Vec<u8>, CompressionError> {
    if !is_zlib(bytes) {
        return Err(if is_signed_message(bytes) {
            CompressionError::NotCompressed
        } else {
            CompressionError::NotZlib
        });
    }
    let flags = inflate_flags::TINFL_FLAG_PARSE_ZLIB_HEADER
        | inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let mut out = vec![0; most];
    let mut state = Box::<DecompressorOxide>::default();
    let (status, read, written) = inflate(&mut state, bytes, &mut out, 0, flags);
    match status {
        TINFLStatus::Done if read == bytes.len() => {
            out.truncate(written);
            Ok(out)
        }
        TINFLStatus::Done => Err(CompressionError::Trailing {
            bytes: bytes.len() - read,
        }),
        TINFLStatus::HasMoreOutput => Err(CompressionError::Bomb { most }),
        TINFLStatus::Adler32Mismatch => Err(CompressionError::Checksum),
        TINFLStatus::NeedsMoreInput | TINFLStatus::FailedCannotMakeProgress => {
            Err(CompressionError::Truncated)
        }
        _ => Err(CompressionError::Damaged),
    }
}

/// Deflate with a window of at most 32 KiB, and a header divisible by 31 (RFC 1950, section 2.2).
fn is_zlib(bytes: &[u8]) -> bool {
    match bytes {
        [method, flags, ..] => {
            method & 0x0f == 8
                && method >> 4 <= 7
                && u16::from_be_bytes([*method, *flags]).is_multiple_of(31)
        }
        _ => false,
    }
}

/// Begins with tag 18 or 61, or an array of four: COSE_Sign1 (RFC 9052, section 4.2). None of
/// these is a ZLIB header.
fn is_signed_message(bytes: &[u8]) -> bool {
    matches!(bytes, [0xd2 | 0x84, ..] | [0xd8, 0x3d, ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: usize = 1_000;

    #[test]
    fn what_was_compressed_reads_back() {
        for bytes in [Vec::new(), b"pass".to_vec(), vec![7; MOST]] {
            assert_eq!(decompress(&compress(&bytes), MOST), Ok(bytes));
        }
    }

    #[test]
    fn each_reason() {
        use CompressionError as E;
        let good = compress(b"a message, a message, a message");
        let changed = |at: usize| {
            let mut bytes = good.clone();
            bytes[at] ^= 0xff;
            bytes
        };
        for (bytes, reason) in [
            (compress(&[7; MOST + 1]), E::Bomb { most: MOST }),
            (compress(&vec![0; 64 << 20]), E::Bomb { most: MOST }),
            (good[..good.len() - 1].to_vec(), E::Truncated),
            (good[..2].to_vec(), E::Truncated),
            (changed(good.len() - 1), E::Checksum),
            ([&good[..], &[0]].concat(), E::Trailing { bytes: 1 }),
            (changed(0), E::NotZlib),
            (Vec::new(), E::NotZlib),
            (vec![0xd2, 0x84], E::NotCompressed),
            (vec![0x78, 0x9c, 0x07], E::Damaged),
        ] {
            assert_eq!(decompress(&bytes, MOST), Err(reason));
        }
    }
}
