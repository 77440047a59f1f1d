//! The recent level of arrivals by weekday, and how far it was off.

use jiff::civil::Date;

use super::LONGEST_HORIZON;
use super::spread::{Estimate, Residual, Spread};
use crate::days::add_days;

/// So many of the newest counts are the level: each weekday once.
const NEWEST: usize = 7;
/// A weekday's ratio is drawn towards 1 as if that many of its counts had been the mean.
const DRAWN_BY: f64 = 1.0;
/// Added to the sum of the newest counts: none in a row is no proof that none will come (Jeffreys' prior).
const HALF_A_PERSON: f64 = 0.5;

/// Counts of past days, oldest first.
pub(crate) struct Level {
    counts: Vec<(Date, f64)>,
    /// How the level strays, by the days ahead, from 1 on.
    spreads: Vec<Spread>,
}

impl Level {
    pub(crate) fn new(counts: Vec<(Date, f64)>) -> Self {
        let mut level = Self {
            counts,
            spreads: Vec::new(),
        };
        let spreads = (1..=LONGEST_HORIZON).map(|horizon| {
            let residuals = level.counts.iter().filter_map(|(date, count)| {
                let before = level.known_before(*date, horizon);
                let mean = mean_of(before, *date).filter(|_| before.len() >= NEWEST)?;
                Some(Residual {
                    square: (count - mean).powi(2),
                    mean,
                    base: mean,
                })
            });
            Spread::of(residuals)
        });
        level.spreads = spreads.collect();
        level
    }

    /// The estimate for a day to come; none without a count.
    pub(crate) fn ahead(&self, date: Date, horizon: usize) -> Option<Estimate> {
        self.estimate(&self.counts, date, horizon)
    }

    /// The estimate for a past day, from what was known `horizon` days before; none where that was less than a week's counts.
    pub(crate) fn at(&self, date: Date, horizon: usize) -> Option<Estimate> {
        let before = self.known_before(date, horizon);
        self.estimate(before, date, horizon)
            .filter(|_| before.len() >= NEWEST)
    }

    fn estimate(&self, counts: &[(Date, f64)], date: Date, horizon: usize) -> Option<Estimate> {
        let mean = mean_of(counts, date)?;
        Some(self.spreads.get(horizon - 1)?.around(mean, mean))
    }

    fn known_before(&self, date: Date, horizon: usize) -> &[(Date, f64)] {
        let newest = add_days(date, -(horizon as i32));
        &self.counts[..self.counts.partition_point(|(day, _)| *day <= newest)]
    }
}

/// The mean of the newest counts, times the weekday's ratio.
fn mean_of(counts: &[(Date, f64)], date: Date) -> Option<f64> {
    let newest = &counts[counts.len().saturating_sub(NEWEST)..];
    if newest.is_empty() {
        return None;
    }
    let sum = |counts: &mut dyn Iterator<Item = &(Date, f64)>| -> (f64, f64) {
        counts.fold((0.0, 0.0), |(n, sum), (_, count)| (n + 1.0, sum + count))
    };
    let (n, recent) = sum(&mut newest.iter());
    let (all_n, all) = sum(&mut counts.iter());
    let same = |(day, _): &&(Date, f64)| day.weekday() == date.weekday();
    let (same_n, same) = sum(&mut counts.iter().filter(same));
    let mean = all / all_n;
    let ratio = if mean > 0.0 {
        (same / mean + DRAWN_BY) / (same_n + DRAWN_BY)
    } else {
        1.0
    };
    Some((recent + HALF_A_PERSON) / n * ratio)
}
