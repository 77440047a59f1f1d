//! Seeded random numbers.

/// SplitMix64 (Steele et al. 2014): the same numbers on every machine.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn yes(&mut self, p: f64) -> bool {
        self.uniform() < p
    }

    /// One of 0, …, n - 1.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.uniform() * n as f64) as usize
    }

    /// A whole number of low, …, high.
    pub(crate) fn whole(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1) as usize) as i64
    }

    pub(crate) fn one_of<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    /// An index: the first are commoner, as by Zipf's law.
    pub(crate) fn zipf(&mut self, n: usize) -> usize {
        ((n as f64 + 4.0).powf(self.uniform()) * 4.0_f64.powf(1.0 - self.uniform())) as usize % n
    }

    /// An index by weight.
    pub(crate) fn weighted(&mut self, weights: impl Iterator<Item = f64> + Clone) -> usize {
        let mut left = self.uniform() * weights.clone().sum::<f64>();
        let mut last = 0;
        for (i, weight) in weights.enumerate() {
            left -= weight;
            last = i;
            if left < 0.0 {
                break;
            }
        }
        last
    }
}
