//! Bounds on what is read; beyond them it is refused before it can exhaust the reader.

/// Characters of a health certificate's text: what the largest QR code (version 40-L) holds in
/// alphanumeric mode, ISO/IEC 18004:2015, table 7.
pub const TEXT_CHARACTERS: usize = 4_296;

/// Bytes of a health certificate's signed message once decompressed.
pub const MESSAGE_BYTES: usize = 16 << 10;

/// Characters of a pass code's text. The longest that can be made has fewer than 400.
pub const PASS_TEXT_CHARACTERS: usize = 1_024;

/// Bytes of a pass code's signed message once decompressed.
pub const PASS_MESSAGE_BYTES: usize = 1_024;

/// How deep CBOR arrays, maps and tags may nest. A health certificate nests eight deep.
pub const CBOR_DEPTH: usize = 16;

/// CBOR items in one message: every number, text, array, map, key and tag counts.
pub const CBOR_ITEMS: usize = 1_024;

/// Entries of one CBOR map.
pub const CBOR_MAP_ENTRIES: usize = 64;

/// Bytes of an X.509 certificate's file.
pub const CERTIFICATE_BYTES: usize = 16 << 10;

/// Smallest and largest RSA modulus, in bits. The specification asks for 2048 or more.
pub const RSA_BITS: std::ops::RangeInclusive<u32> = 2_048..=4_096;
