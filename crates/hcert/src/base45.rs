//! Base45: bytes as the 45 characters of a QR code's alphanumeric mode (RFC 9285).

/// The alphabet of RFC 9285, table 1, in the order of its values.
const ALPHABET: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/// Why text is no Base45.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Base45Error {
    /// A character outside the alphabet.
    #[error(
        "Base45 has 0-9, A-Z, space and $%*+-./: only; the character at byte {at} is none of them"
    )]
    Character {
        /// Its place in the text, in bytes from 0.
        at: usize,
    },
    /// A length that no bytes encode to.
    #[error("Base45 comes in threes, with two characters at most left over; {length} are one over")]
    Length {
        /// Characters found.
        length: usize,
    },
    /// Three characters beyond 65535, or two beyond 255.
    #[error("the Base45 group at byte {at} stands for a number too large")]
    Overflow {
        /// Where the group begins, in bytes from 0.
        at: usize,
    },
}

/// Encodes two bytes in three characters, a last single byte in two (RFC 9285, section 4).
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(2) * 3);
    for group in bytes.chunks(2) {
        let mut number = group.iter().fold(0, |n, byte| n * 256 + usize::from(*byte));
        for _ in 0..=group.len() {
            text.push(char::from(ALPHABET[number % 45]));
            number /= 45;
        }
    }
    text
}

/// Reads back [`encode`].
pub fn decode(text: &str) -> Result<Vec<u8>, Base45Error> {
    let length = text.len();
    let mut bytes = Vec::with_capacity(length / 3 * 2 + 1);
    for (group, characters) in text.as_bytes().chunks(3).enumerate() {
        let at = group * 3;
        let mut number = 0_u32;
        for (place, character) in characters.iter().enumerate().rev() {
            let value = value(*character).ok_or(Base45Error::Character { at: at + place })?;
            number = number * 45 + value;
        }
        let overflow = |_| Base45Error::Overflow { at };
        match characters.len() {
            3 => bytes.extend(u16::try_from(number).map_err(overflow)?.to_be_bytes()),
            2 => bytes.push(u8::try_from(number).map_err(overflow)?),
            _ => return Err(Base45Error::Length { length }),
        }
    }
    Ok(bytes)
}

fn value(character: u8) -> Option<u32> {
    let place = ALPHABET.iter().position(|c| *c == character)?;
    u32::try_from(place).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_standard() {
        for (bytes, text) in [
            (b"AB".as_slice(), "BB8"),
            (b"Hello!!", "%69 VD92EX0"),
            (b"base-45", "UJCLQE7W581"),
            (b"ietf!", "QED8WEX0"),
            (b"", ""),
        ] {
            assert_eq!(encode(bytes), text);
            assert_eq!(decode(text).unwrap(), bytes);
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        assert_eq!(decode("BB8b"), Err(Base45Error::Character { at: 3 }));
        assert_eq!(decode("A码"), Err(Base45Error::Character { at: 2 }));
        assert_eq!(decode("BB8B"), Err(Base45Error::Length { length: 4 }));
        assert_eq!(decode("GGW"), Err(Base45Error::Overflow { at: 0 }));
        assert_eq!(decode("BB8::"), Err(Base45Error::Overflow { at: 3 }));
        assert_eq!(decode("FGW"), Ok(vec![255, 255]));
    }
}
