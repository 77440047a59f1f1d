//! Random draws, all from one stream of ChaCha8 that follows from a seed.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What a stream of draws is for: streams of one seed do not touch each other, so that drawing
/// more of one thing changes nothing about another.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    Areas,
    People,
    Outbreak,
    DailyReports,
    BigList,
}

/// A source of random draws.
#[derive(Debug, Clone)]
pub(crate) struct Chance(ChaCha8Rng);

impl Chance {
    pub(crate) fn new(seed: u64, purpose: Purpose) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(purpose as u64);
        Self(rng)
    }

    /// Uniform on [0, 1).
    pub(crate) fn uniform(&mut self) -> f64 {
        self.0.random()
    }

    /// Uniform on [low, high).
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// One of 0, …, n - 1; 0 if there is none.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0.random_range(0..n.max(1))
    }

    /// A whole number of low, …, high.
    pub(crate) fn whole(&mut self, low: i32, high: i32) -> i32 {
        self.0.random_range(low..=high.max(low))
    }

    /// True with probability `p`.
    pub(crate) fn yes(&mut self, p: f64) -> bool {
        self.uniform() < p
    }

    /// One of `items`, which are not none.
    pub(crate) fn one_of<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    /// An index, each with the probability of its share in `weights`.
    pub(crate) fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut left = self.uniform() * weights.iter().sum::<f64>();
        let last = weights.len().saturating_sub(1);
        for (i, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return i;
            }
        }
        last
    }

    /// Puts `items` in random order (Fisher and Yates).
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }

    /// Standard normal (Box and Muller 1958).
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// Log-normal.
    pub(crate) fn log_normal(&mut self, meanlog: f64, sdlog: f64) -> f64 {
        (meanlog + sdlog * self.normal()).exp()
    }

    /// Gamma with this mean and standard deviation.
    pub(crate) fn gamma(&mut self, mean: f64, sd: f64) -> f64 {
        let shape = (mean / sd).powi(2);
        self.gamma_of_shape(shape) * mean / shape
    }

    /// Gamma of scale 1 (Marsaglia and Tsang 2000, ACM Trans Math Softw 26:363; for shapes below
    /// 1 by their remark in section 6).
    fn gamma_of_shape(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            let boost = (1.0 - self.uniform()).powf(1.0 / shape);
            return boost * self.gamma_of_shape(shape + 1.0);
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = (1.0 + c * x).powi(3);
            if v > 0.0 && (1.0 - self.uniform()).ln() < 0.5 * x * x + d * (1.0 - v + v.ln()) {
                return d * v;
            }
        }
    }

    /// Poisson, by multiplying uniforms (Knuth); means beyond 500 count as 500.
    fn poisson(&mut self, mean: f64) -> u32 {
        let limit = (-mean.min(500.0)).exp();
        let mut product = 1.0 - self.uniform();
        let mut count = 0;
        while product > limit {
            product *= 1.0 - self.uniform();
            count += 1;
        }
        count
    }

    /// Negative binomial with this mean and dispersion k: a Poisson whose mean is gamma.
    pub(crate) fn negative_binomial(&mut self, mean: f64, k: f64) -> u32 {
        let rate = self.gamma(mean, mean / k.sqrt());
        self.poisson(rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mean and standard deviation of many draws.
    fn moments(mut draw: impl FnMut(&mut Chance) -> f64) -> (f64, f64) {
        let mut chance = Chance::new(1, Purpose::Outbreak);
        let n = 40_000;
        let draws: Vec<f64> = (0..n).map(|_| draw(&mut chance)).collect();
        let mean = draws.iter().sum::<f64>() / f64::from(n);
        let variance = draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / f64::from(n);
        (mean, variance.sqrt())
    }

    fn assert_near((mean, sd): (f64, f64), (wanted_mean, wanted_sd): (f64, f64)) {
        let scale = wanted_mean.abs().max(wanted_sd);
        assert!((mean - wanted_mean).abs() < 0.03 * scale, "mean {mean}");
        assert!((sd - wanted_sd).abs() < 0.05 * scale, "sd {sd}");
    }

    #[test]
    fn draws_have_the_moments_asked_for() {
        assert_near(moments(Chance::normal), (0.0, 1.0));
        assert_near(moments(|c| c.gamma(4.7, 2.9)), (4.7, 2.9));
        assert_near(moments(|c| c.gamma(1.0, 2.0)), (1.0, 2.0));
        assert_near(
            moments(|c| f64::from(c.poisson(3.0))),
            (3.0, 3.0_f64.sqrt()),
        );
        // Variance m + m²/k.
        let variance: f64 = 2.4 + 2.4 * 2.4 / 0.4;
        let counts = moments(|c| f64::from(c.negative_binomial(2.4, 0.4)));
        assert_near(counts, (2.4, variance.sqrt()));
        // Lauer et al. 2020: median 5.1 d, hence mean 5.5 d, sd 2.4 d.
        assert_near(moments(|c| c.log_normal(1.621, 0.418)), (5.52, 2.41));
    }

    #[test]
    fn weights_and_ranges_hold() {
        let mut chance = Chance::new(2, Purpose::Areas);
        let mut counts = [0; 3];
        for _ in 0..10_000 {
            counts[chance.weighted(&[1.0, 0.0, 3.0])] += 1;
            assert!((3..=5).contains(&chance.whole(3, 5)));
        }
        assert_eq!(counts[1], 0);
        assert!((2_300..2_700).contains(&counts[0]), "{counts:?}");
        assert_eq!(chance.below(0), 0);
    }
}
