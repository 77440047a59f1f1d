//! The reporting triangle: cases by day of onset and days to report, as far as time has shown them.

use jiff::civil::Date;

use super::NowcastError;
use crate::days::days_between;

const LONGEST_DELAY: usize = 366;

/// How much of a day's cases has been reported after some days.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReportedShare {
    /// F(d), 0 to 1.
    pub share: f64,
    /// Var F(d) / F(d)², from Greenwood's sum.
    pub relative_variance: f64,
}

impl ReportedShare {
    pub(super) const ALL: Self = Self {
        share: 1.0,
        relative_variance: 0.0,
    };
}

/// Counts by onset day (row, oldest first, the last being today) and delay (column, days).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportingTriangle {
    first_onset: Date,
    max_delay: usize,
    counts: Vec<Vec<u32>>,
    /// Cases left out because they were reported before their onset.
    pub n_negative: usize,
    /// Cases left out because their delay was longer than the longest taken.
    pub n_too_long: usize,
}

impl ReportingTriangle {
    /// Counts cases by (onset, report) as known on `as_of`: later reports, and onsets before `first_onset`,
    /// are passed over. The nowcast is of cases reported within `max_delay` days.
    ///
    /// # Errors
    /// Where `max_delay` is not 1 to 366, or no case is left.
    pub fn from_dates(
        cases: impl IntoIterator<Item = (Date, Date)>,
        first_onset: Date,
        as_of: Date,
        max_delay: usize,
    ) -> Result<Self, NowcastError> {
        if !(1..=LONGEST_DELAY).contains(&max_delay) {
            return Err(NowcastError::MaxDelay(max_delay));
        }
        let none = NowcastError::NoReports { as_of, max_delay };
        let days = usize::try_from(days_between(first_onset, as_of)).map_err(|_| none)? + 1;
        if days > crate::incidence::MAX_DAYS {
            return Err(none);
        }
        let mut triangle = Self {
            first_onset,
            max_delay,
            counts: (0..days)
                .map(|day| vec![0; (days - day).min(max_delay + 1)])
                .collect(),
            n_negative: 0,
            n_too_long: 0,
        };
        let mut any = false;
        for (onset, report) in cases {
            if report <= as_of && onset >= first_onset {
                any |= triangle.count(onset, report);
            }
        }
        if any { Ok(triangle) } else { Err(none) }
    }

    fn count(&mut self, onset: Date, report: Date) -> bool {
        let Ok(delay) = usize::try_from(days_between(onset, report)) else {
            self.n_negative += 1;
            return false;
        };
        if delay > self.max_delay {
            self.n_too_long += 1;
            return false;
        }
        let day = days_between(self.first_onset, onset) as usize;
        self.counts[day][delay] += 1;
        true
    }

    pub(super) fn first_onset(&self) -> Date {
        self.first_onset
    }

    /// Cases reported so far, by day of onset.
    pub(super) fn reported(&self) -> Vec<u32> {
        self.counts.iter().map(|row| row.iter().sum()).collect()
    }

    /// F(d) for d = 0, 1, … up to the longest delay that the triangle can show.
    pub fn reported_shares(&self) -> Vec<ReportedShare> {
        let longest = self.max_delay.min(self.counts.len() - 1);
        let mut shares = vec![ReportedShare::ALL; longest + 1];
        let (mut share, mut relative_variance) = (1.0, 0.0);
        for delay in (1..=longest).rev() {
            let (with, up_to) = self.at_risk(delay);
            if with > 0.0 {
                // Were all reports as late as this, nothing could be said of earlier ones: half a report is added.
                let hazard = with / if with < up_to { up_to } else { up_to + 0.5 };
                share *= 1.0 - hazard;
                relative_variance += hazard / ((1.0 - hazard) * up_to);
            }
            shares[delay - 1] = ReportedShare {
                share,
                relative_variance,
            };
        }
        shares
    }

    /// Reports with just this delay, and with at most this delay, of onset days that have shown it.
    fn at_risk(&self, delay: usize) -> (f64, f64) {
        let mut with = 0.0;
        let mut up_to = 0.0;
        for row in self.counts.iter().filter(|row| row.len() > delay) {
            with += f64::from(row[delay]);
            up_to += row[..=delay]
                .iter()
                .map(|&count| f64::from(count))
                .sum::<f64>();
        }
        (with, up_to)
    }
}
