//! Numbers of few bits, one after the other: of a fixed width, or in a Rice code.
//!
//! A Rice code of parameter k writes n as n >> k ones, a zero, and the k low bits of n (Rice and
//! Plaunt 1971). It is near the optimum for gaps of a random process whose mean is near 2^k.

/// From so many ones on, the number follows in [`WIDE`] bits instead.
const ESCAPE: u32 = 24;
/// Bits of any number that is written here.
const WIDE: u32 = 48;
/// Bits that one look at the bytes has at least.
const WHOLE: u32 = 57;
/// Zero bytes after the last number, so that any number can be read as part of 8 bytes.
const PADDING: usize = 8;

/// Writes.
#[derive(Default)]
pub(crate) struct BitWriter {
    bytes: Vec<u8>,
    held: u64,
    count: u32,
}

impl BitWriter {
    /// Goes on after these whole bytes.
    pub(crate) fn after(bytes: Vec<u8>) -> Self {
        Self {
            bytes,
            held: 0,
            count: 0,
        }
    }

    /// The low `width` bits (48 at most) of a number that has no others.
    pub(crate) fn fixed(&mut self, number: u64, width: u32) {
        debug_assert!(width <= WIDE && number >> width == 0);
        self.held |= number << self.count;
        self.count += width;
        let whole = (self.count / 8) as usize;
        self.bytes
            .extend_from_slice(&self.held.to_le_bytes()[..whole]);
        self.held >>= whole * 8;
        self.count %= 8;
    }

    /// A number below 2^48 in a Rice code.
    pub(crate) fn rice(&mut self, number: u64, k: u32) {
        let ones = number >> k;
        if ones < u64::from(ESCAPE) {
            self.fixed((1 << ones) - 1, ones as u32 + 1);
            self.fixed(number & ((1 << k) - 1), k);
        } else {
            self.fixed((1 << ESCAPE) - 1, ESCAPE);
            self.fixed(number, WIDE);
        }
    }

    /// All that was written.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        let rest = usize::from(self.count > 0);
        self.bytes
            .extend_from_slice(&self.held.to_le_bytes()[..rest]);
        self.bytes.extend_from_slice(&[0; PADDING]);
        self.bytes
    }
}

/// Reads what [`BitWriter`] wrote. Past the end it reads zeros.
pub(crate) struct BitReader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> BitReader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The next [`WHOLE`] bits, with zeros or some more above.
    fn peek(&self) -> u64 {
        let byte = self.at / 8;
        self.bytes.get(byte..byte + 8).map_or(0, |word| {
            u64::from_le_bytes(word.try_into().expect("the slice has 8 bytes"))
        }) >> (self.at % 8)
    }

    pub(crate) fn fixed(&mut self, width: u32) -> u64 {
        let number = self.peek() & ((1 << width) - 1);
        self.at += width as usize;
        number
    }

    pub(crate) fn rice(&mut self, k: u32) -> u64 {
        let word = self.peek();
        let ones = word.trailing_ones().min(ESCAPE);
        if ones == ESCAPE {
            self.at += ESCAPE as usize;
            return self.fixed(WIDE);
        }
        if k > WHOLE - ESCAPE {
            self.at += ones as usize + 1;
            return u64::from(ones) << k | self.fixed(k);
        }
        // All of it lies in the bits at hand: no second look is needed.
        self.at += (ones + 1 + k) as usize;
        u64::from(ones) << k | (word >> (ones + 1)) & ((1 << k) - 1)
    }
}

/// The parameter that suits numbers of this sum and count: the whole part of log2(mean × ln 2).
pub(crate) fn rice_parameter(sum: u64, count: usize) -> u32 {
    let mean = sum as f64 / count.max(1) as f64;
    ((mean * std::f64::consts::LN_2) as u64 + 1)
        .ilog2()
        .min(WIDE - 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(
            numbers in prop::collection::vec((0_u64..1 << 48, 0_u32..48, 0_u32..48), 0..200)
        ) {
            let mut writer = BitWriter::default();
            for (number, width, k) in &numbers {
                writer.fixed(number & ((1 << width) - 1), *width);
                writer.rice(number >> k, *k / 2);
            }
            let bytes = writer.finish();
            let mut reader = BitReader::new(&bytes);
            for (number, width, k) in &numbers {
                prop_assert_eq!(reader.fixed(*width), number & ((1 << width) - 1));
                prop_assert_eq!(reader.rice(*k / 2), number >> k);
            }
        }
    }
}
