//! Seeded random numbers for simulated outbreaks, and where the shared data lie.
#![allow(dead_code, reason = "each test binary uses its own part")]

pub(crate) mod cities;
pub(crate) mod outbreak;

use std::io::Write;
use std::path::PathBuf;

/// SplitMix64 (Steele et al. 2014): the same numbers on every machine.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform in (0, 1).
    pub(crate) fn uniform(&mut self) -> f64 {
        ((self.bits() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    pub(crate) fn normal(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// Marsaglia & Tsang 2000.
    pub(crate) fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            return self.gamma(shape + 1.0) * self.uniform().powf(1.0 / shape);
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = (1.0 + c * x).powi(3);
            if v > 0.0 && self.uniform().ln() < 0.5 * x * x + d - d * v + d * v.ln() {
                return d * v;
            }
        }
    }

    /// By inversion, in pieces so that exp(-mean) stays above zero.
    pub(crate) fn poisson(&mut self, mean: f64) -> u32 {
        if mean > 400.0 {
            return self.poisson(mean / 2.0) + self.poisson(mean / 2.0);
        }
        let (mut count, mut product) = (0, self.uniform());
        let floor = (-mean).exp();
        while product > floor {
            product *= self.uniform();
            count += 1;
        }
        count
    }

    pub(crate) fn negative_binomial(&mut self, mean: f64, size: f64) -> u32 {
        let rate = self.gamma(size) * mean / size;
        self.poisson(rate)
    }
}

/// A file of `../shared/data`; none, with a message, where the folder is absent.
pub(crate) fn shared_data(file: &str) -> Option<PathBuf> {
    let data = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    if !data.is_dir() {
        // Written past the capture of test output, so that a skipped test is seen.
        let message =
            format!("skipped: ../shared/data is absent, so nothing is tested against {file}\n");
        std::io::stderr()
            .write_all(message.as_bytes())
            .expect("standard error takes a line");
        return None;
    }
    Some(data.join(file))
}
