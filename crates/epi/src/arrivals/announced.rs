//! What announcements say of the arrivals: the chain ladder, and how far it was off.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::spread::{Estimate, Residual, Spread};
use super::{Arrived, Day, lead_of};

/// The build-up of announcements, and what they are worth.
pub(super) struct Announced {
    /// Share announced k days before.
    shares: Vec<f64>,
    /// Arrivals over announcements; none where nobody was announced.
    worth: Option<f64>,
    came_share: Option<f64>,
    /// How estimates stray, by the days before.
    spreads: Vec<Spread>,
}

impl Announced {
    pub(super) fn new(days: &BTreeMap<Date, &Day>, past: &[(&Day, Arrived)], as_of: Date) -> Self {
        let shares = shares(days, as_of);
        let (mut all, mut arrivals, mut declared) = (0.0, 0.0, 0.0);
        for (day, arrived) in past {
            if let Some(number) = at(day, 0) {
                all += number;
                arrivals += arrived.all();
                declared += f64::from(arrived.declared);
            }
        }
        let worth = (all > 0.0 && arrivals > 0.0).then(|| arrivals / all);
        let spreads = shares.iter().enumerate().map(|(lead, &share)| {
            let residuals = past.iter().filter_map(|(day, arrived)| {
                let (mean, base) = moments(at(day, lead)?, share, worth?);
                Some(Residual {
                    square: (arrived.all() - mean).powi(2),
                    mean,
                    base,
                })
            });
            Spread::of(residuals)
        });
        Self {
            spreads: spreads.collect(),
            came_share: (all > 0.0).then(|| (declared / all).min(1.0)),
            shares,
            worth,
        }
    }

    pub(super) fn shares(&self) -> &[f64] {
        &self.shares
    }

    pub(super) fn came_share(&self) -> Option<f64> {
        self.came_share
    }

    /// Arrivals on a day for which `number` people were announced `lead` days before. None where past announcements say
    /// nothing of it. Nobody was announced so early before: then at least as many are still to come as from the
    /// earliest lead that is known, which speaks only where that is more than `level`.
    pub(super) fn estimate(&self, lead: usize, number: u32, level: Estimate) -> Option<Estimate> {
        let known = lead.min(self.shares.len().checked_sub(1)?);
        let (mean, base) = moments(f64::from(number), self.shares[known], self.worth?);
        (known == lead || mean > level.mean).then(|| self.spreads[known].around(mean, base))
    }
}

/// Announcements for a day as known `lead` days before.
fn at(day: &Day, lead: usize) -> Option<f64> {
    day.announced.get(lead).copied().flatten().map(f64::from)
}

/// Chain ladder: the share announced k days before, as far as anybody was.
fn shares(days: &BTreeMap<Date, &Day>, as_of: Date) -> Vec<f64> {
    let mut shares = vec![1.0];
    for lead in 0.. {
        let (mut later, mut earlier) = (0.0, 0.0);
        let mut seen = false;
        for (date, day) in days {
            if lead_of(*date, as_of) > lead {
                continue;
            }
            if let (Some(now), Some(before)) = (at(day, lead), at(day, lead + 1)) {
                seen = true;
                later += now;
                earlier += before;
            }
        }
        if !seen || earlier <= 0.0 || later <= 0.0 {
            return shares;
        }
        shares.push(shares[lead] * earlier / later);
    }
    shares
}

/// Mean and variance of the arrivals, given the number announced so far.
fn moments(number: f64, share: f64, worth: f64) -> (f64, f64) {
    let to_come = worth * (number + 1.0) * (1.0 - share).max(0.0) / share;
    let variance = worth * number + to_come + to_come.powi(2) / (number + 1.0);
    (worth * number / share, variance)
}
