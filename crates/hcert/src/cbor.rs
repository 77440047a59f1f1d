//! CBOR (RFC 8949), bounded: depth, number of items, entries of a map, no key twice.

use ciborium::Value;
use ciborium::de::{Error, from_reader_with_recursion_limit};

use crate::limits::{CBOR_DEPTH, CBOR_ITEMS, CBOR_MAP_ENTRIES};

/// Why bytes are no CBOR that is read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CborError {
    /// Not well-formed.
    #[error("the CBOR is not well-formed")]
    Malformed,
    /// The data end early.
    #[error("the CBOR ends early")]
    Truncated,
    /// Something follows the one item.
    #[error("{bytes} bytes follow the CBOR item; nothing may")]
    Trailing {
        /// Bytes that follow.
        bytes: usize,
    },
    /// Nested too deep.
    #[error("the CBOR nests deeper than {CBOR_DEPTH}")]
    TooDeep,
    /// Too many items.
    #[error("the CBOR has more than {CBOR_ITEMS} items")]
    TooManyItems,
    /// A map with too many entries.
    #[error("a CBOR map has more than {CBOR_MAP_ENTRIES} entries")]
    TooManyEntries,
    /// A map with the same key twice.
    #[error("a CBOR map has the same key twice")]
    DuplicateKey,
}

/// Reads the one item that `bytes` are.
pub(crate) fn parse(mut bytes: &[u8]) -> Result<Value, CborError> {
    let value: Value =
        from_reader_with_recursion_limit(&mut bytes, CBOR_DEPTH).map_err(|error| match error {
            Error::Io(_) => CborError::Truncated,
            Error::RecursionLimitExceeded => CborError::TooDeep,
            Error::Syntax(_) | Error::Semantic(..) => CborError::Malformed,
        })?;
    if !bytes.is_empty() {
        return Err(CborError::Trailing { bytes: bytes.len() });
    }
    let mut items = 0;
    check(&value, &mut items)?;
    Ok(value)
}

/// Encodes in the shortest form (RFC 8949, section 4.2.1), maps in the order given.
pub(crate) fn encode(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).expect("writing to memory does not fail");
    bytes
}

/// The value under an integer key.
pub(crate) fn get(map: &[(Value, Value)], key: i64) -> Option<&Value> {
    map.iter()
        .find(|(k, _)| k.as_integer() == Some(key.into()))
        .map(|(_, value)| value)
}

fn check(value: &Value, items: &mut usize) -> Result<(), CborError> {
    *items += 1;
    if *items > CBOR_ITEMS {
        return Err(CborError::TooManyItems);
    }
    match value {
        Value::Array(values) => values.iter().try_for_each(|value| check(value, items)),
        Value::Tag(_, value) => check(value, items),
        Value::Map(entries) => {
            if entries.len() > CBOR_MAP_ENTRIES {
                return Err(CborError::TooManyEntries);
            }
            for (place, (key, value)) in entries.iter().enumerate() {
                if entries[..place].iter().any(|(earlier, _)| earlier == key) {
                    return Err(CborError::DuplicateKey);
                }
                check(key, items)?;
                check(value, items)?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(depth: usize) -> Vec<u8> {
        [vec![0x81; depth], vec![0]].concat()
    }

    #[test]
    fn each_bound() {
        let map = |entries: u64| {
            encode(&Value::Map(
                (0..entries).map(|k| (k.into(), Value::Null)).collect(),
            ))
        };
        let array = |items: usize| encode(&Value::Array(vec![Value::Null; items]));
        for (bytes, reason) in [
            (nested(CBOR_DEPTH + 1), CborError::TooDeep),
            (nested(60_000), CborError::TooDeep),
            (array(CBOR_ITEMS), CborError::TooManyItems),
            (map(CBOR_MAP_ENTRIES as u64 + 1), CborError::TooManyEntries),
            (vec![0xa2, 1, 0, 1, 0], CborError::DuplicateKey),
            (vec![0xa2, 1, 0, 0x18, 1, 0], CborError::DuplicateKey),
            (vec![0, 0], CborError::Trailing { bytes: 1 }),
            (vec![0x1c], CborError::Malformed),
            (vec![0x61, 0xff], CborError::Malformed),
            (vec![], CborError::Truncated),
            // An array, and a byte string, that claim 2^60 items and bytes.
            (
                vec![0x9b, 0x10, 0, 0, 0, 0, 0, 0, 0, 0],
                CborError::Truncated,
            ),
            (
                vec![0x5b, 0x10, 0, 0, 0, 0, 0, 0, 0, 0],
                CborError::Truncated,
            ),
        ] {
            assert_eq!(parse(&bytes), Err(reason));
        }
        for bytes in [
            nested(CBOR_DEPTH - 1),
            array(CBOR_ITEMS - 1),
            map(CBOR_MAP_ENTRIES as u64),
        ] {
            assert_eq!(encode(&parse(&bytes).unwrap()), bytes);
        }
    }
}
