//! Counter-based random draws: what is drawn follows from a seed, a purpose and whom it concerns, never from the
//! order in which people are looked at. So a run gives the same result on any number of threads.
//!
//! Logarithms and powers come from the platform: machines of another kind may differ in their last digits, and so, in
//! rare cases, in a draw.
//!
//! The generator is SplitMix64 (Steele, Lea, Flood 2014, OOPSLA) with the finaliser's variant 13 of D. Stafford;
//! each (seed, purpose, number) starts a stream of its own.

/// The odd number next to 2^64 over the golden ratio.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// What a stream of draws is for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    /// Who lives with whom.
    Households,
    /// Who works, and where.
    Work,
    /// Who rides public transport.
    Riders,
    /// The sample by which rates are fitted.
    Rates,
    /// The course of disease, and whom somebody infects.
    Infection,
    /// Infections that come from outside.
    Imports,
    /// Whether a meeting takes place although a place or person is limited.
    Meeting,
    /// Whether somebody keeps to an order.
    Compliance,
    /// Tests.
    Tests,
    /// What contact tracing finds.
    Tracing,
    /// Travellers.
    Travel,
    /// Who is immune.
    Immunity,
    /// Who in the city stands for a case of a list, and whom such cases infected before.
    Start,
    /// Proposals of a fit.
    Fit,
    /// The truth of a drill.
    Drill,
}

/// A bijection of 64 bits in which each input bit moves each output bit.
#[inline]
pub(crate) fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A stream of draws.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stream(u64);

impl Stream {
    /// The stream of `number` for a purpose.
    #[inline]
    pub(crate) fn new(seed: u64, purpose: Purpose, number: u64) -> Self {
        let base = mix(seed ^ (purpose as u64 + 1).wrapping_mul(GOLDEN));
        Self(mix(base ^ number.wrapping_mul(GOLDEN)))
    }

    /// 64 random bits.
    #[inline]
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// A number of `0.0..1.0`.
    #[inline]
    pub(crate) fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// A whole number below `n`, which is above 0 (Lemire's multiplication; the bias is below 2^-32).
    #[inline]
    pub(crate) fn below(&mut self, n: u32) -> u32 {
        (((self.bits() >> 32) * u64::from(n)) >> 32) as u32
    }

    /// True with probability `p`.
    #[inline]
    pub(crate) fn yes(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// A Poisson number of this mean, by inversion; for means up to some hundreds.
    #[inline]
    pub(crate) fn poisson(&mut self, mean: f64) -> u32 {
        let mut p = (-mean).exp();
        let mut left = self.unit();
        let mut n = 0;
        while left >= p {
            left -= p;
            n += 1;
            p *= mean / f64::from(n);
            if p < 1e-300 {
                break;
            }
        }
        n
    }

    /// A standard normal number (Box and Muller 1958).
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// Puts a list into random order (Fisher, Yates).
    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            let other = self.below(last as u32 + 1) as usize;
            list.swap(last, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_even_and_apart() {
        let n = 100_000;
        let sum: f64 = (0..n)
            .map(|i| Stream::new(1, Purpose::Infection, i).unit())
            .sum();
        assert!((sum / n as f64 - 0.5).abs() < 0.004, "{sum}");
        let both: f64 = (0..n)
            .map(|i| {
                let a = Stream::new(1, Purpose::Infection, i).unit();
                let b = Stream::new(2, Purpose::Infection, i).unit();
                (a - 0.5) * (b - 0.5)
            })
            .sum();
        assert!((both / n as f64).abs() < 0.001);
    }

    #[test]
    fn poisson_has_mean_and_variance() {
        for mean in [0.05, 1.7, 12.0, 150.0] {
            let mut stream = Stream::new(3, Purpose::Rates, 0);
            let drawn: Vec<f64> = (0..40_000)
                .map(|_| f64::from(stream.poisson(mean)))
                .collect();
            let average = drawn.iter().sum::<f64>() / 40_000.0;
            let variance = drawn.iter().map(|x| (x - average).powi(2)).sum::<f64>() / 40_000.0;
            assert!((average / mean - 1.0).abs() < 0.03, "{mean}: {average}");
            assert!((variance / mean - 1.0).abs() < 0.05, "{mean}: {variance}");
        }
    }
}
