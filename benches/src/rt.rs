//! Rt of many areas on one core.

use std::time::Instant;

use lianfang_epi::rt::{Estimator, sliding_windows};
use lianfang_epi::serial_interval::SerialInterval;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::table::Table;

const AREAS: usize = 3_000;
const DAYS: usize = 120;

pub(crate) fn estimates(table: &mut Table) -> anyhow::Result<()> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let curves: Vec<Vec<f64>> = (0..AREAS)
        .map(|_| {
            let peak = rng.random_range(5.0..60.0);
            (0..DAYS)
                .map(|day| {
                    let height: f64 = peak * (-((day as f64 - 45.0) / 18.0).powi(2)).exp();
                    f64::from(rng.random_range(0..=(2.0 * height).ceil() as u32))
                })
                .collect()
        })
        .collect();
    let si = SerialInterval::gamma(4.7, 2.9)?;
    let windows = sliding_windows(DAYS, 7);
    let mut best = f64::INFINITY;
    for _ in 0..5 {
        let mut estimator = Estimator::new(&si, 5.0, 5.0)?;
        let mut out = Vec::new();
        let begun = Instant::now();
        for curve in &curves {
            estimator.estimate_r_into(curve, &windows, &mut out)?;
        }
        best = best.min(begun.elapsed().as_secs_f64() * 1e3);
    }
    table.line(
        "Rt of 3,000 areas x 120 days, one core",
        "100 ms",
        &format!("{best:.1} ms"),
        "mean, sd and three quantiles of every weekly window",
    );
    Ok(())
}
