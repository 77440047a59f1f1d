//! Seeded random numbers of ChaCha8: the same on every machine.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

pub(crate) struct Random(ChaCha8Rng);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    pub(crate) fn bits(&mut self) -> u128 {
        self.0.random()
    }

    pub(crate) fn uniform(&mut self) -> f64 {
        self.0.random()
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
