//! New cases per day, out of published cumulative totals.
//!
//! Unit: persons per day. Health commissions publish *totals*; days are missing, a total repeats,
//! and a total goes down when a count was corrected. [`Incidence::from_totals`] makes one daily series
//! of it, twice: [`Incidence::new`] says what each bulletin added, and [`Incidence::filled`] is what an
//! estimator needs: non-negative, without holes, adding up to the last total.
//!
//! Conventions (there is no standard; these are the project's):
//! - two rows of one date: the later row stands, as a bulletin corrected the same evening;
//! - the increment over days without a report is known only in sum, and is spread evenly over them
//!   and the day that reported it;
//! - a downward correction says that persons counted on *earlier* days were no cases: it is taken off
//!   the most recent preceding days that still have any.
//!
//! ```
//! use jiff::civil::date;
//! use lianfang_epi::incidence::{Incidence, Total};
//!
//! let rows = [
//!     Total { date: date(2020, 1, 21), total: 2 },
//!     Total { date: date(2020, 1, 22), total: 4 },
//!     Total { date: date(2020, 1, 23), total: 1 }, // corrected downwards by 3
//!     Total { date: date(2020, 1, 25), total: 9 }, // 24 January is missing
//! ];
//! let incidence = Incidence::from_totals(&rows, true)?;
//! assert_eq!(incidence.new, [Some(2), Some(2), Some(0), None, Some(8)]);
//! assert_eq!(incidence.filled, [1.0, 0.0, 0.0, 4.0, 4.0]);
//! assert_eq!(incidence.missing, [date(2020, 1, 24)]);
//! assert_eq!(incidence.corrections[0].delta, -3);
//! # Ok::<(), lianfang_epi::incidence::IncidenceError>(())
//! ```

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::days::{add_days, days_between};

/// The longest series taken, in days (ten years): a mistyped year must not fill the memory.
pub const MAX_DAYS: usize = 3_660;

/// One published row: on `date` the cumulative number of cases stood at `total`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    /// Day of the bulletin.
    pub date: Date,
    /// Cumulative cases up to and including that day.
    pub total: u32,
}

/// A total that went down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// Day of the bulletin that was lower than the one before it.
    pub date: Date,
    /// Change of the total, always negative.
    pub delta: i64,
}

/// Daily incidence; `dates`, `new` and `filled` have one entry for each day from the first row to the last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Incidence {
    /// Every calendar day of the series, ascending, without holes.
    pub dates: Vec<Date>,
    /// Cases each bulletin added: `None` on a day without one, 0 on a day whose total went down; after
    /// missing days the whole increment stands on the day that reported it. With `first_is_new` false
    /// the first day is `None`.
    pub new: Vec<Option<u32>>,
    /// The same as non-negative daily counts for estimation: gaps spread, corrections taken off.
    /// Sums to the last total less `baseline`.
    pub filled: Vec<f64>,
    /// Every day whose total was lower than the one before, ascending.
    pub corrections: Vec<Correction>,
    /// Every day without a report, ascending.
    pub missing: Vec<Date>,
    /// Cases that stand in the totals and in no day of `filled`: 0 with `first_is_new`, otherwise the first
    /// total, less what corrections took off it when no counted day was left to take from.
    pub baseline: u32,
}

/// Why no daily series can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum IncidenceError {
    /// There are no rows.
    #[error("there is no cumulative total: at least one row of date and total is needed")]
    Empty,
    /// The rows span too many days.
    #[error(
        "the totals run from {first} to {last}: check the years, at most {MAX_DAYS} days are taken"
    )]
    TooLong {
        /// First date of the rows.
        first: Date,
        /// Last date of the rows.
        last: Date,
    },
}

impl Incidence {
    /// Daily incidence from cumulative totals, in any order of rows; of two rows of one date the later stands.
    ///
    /// `first_is_new` says that the total before the first row is known to be zero, so that the whole
    /// first total counts as new on the first day. Otherwise the first total is only the `baseline`.
    ///
    /// # Errors
    /// [`IncidenceError::Empty`] without rows; [`IncidenceError::TooLong`] beyond [`MAX_DAYS`].
    pub fn from_totals(rows: &[Total], first_is_new: bool) -> Result<Self, IncidenceError> {
        let rows = in_order(rows)?;
        let mut accumulator = Accumulator::start(rows[0], first_is_new);
        for &row in &rows[1..] {
            accumulator.push(row);
        }
        Ok(accumulator.incidence)
    }

    /// Cases of the days whose own count is known: `new`, with `None` also on the first report after a
    /// gap, which counts several days, and on days whose total went down.
    pub fn known(&self) -> Vec<Option<u32>> {
        let mut known = self.new.clone();
        for missing in &self.missing {
            known[days_between(self.dates[0], *missing) as usize + 1] = None;
        }
        for correction in &self.corrections {
            known[days_between(self.dates[0], correction.date) as usize] = None;
        }
        known
    }
}

/// Rows by ascending date, one for each date (the last given), within [`MAX_DAYS`]; never empty.
pub(crate) fn in_order(rows: &[Total]) -> Result<Vec<Total>, IncidenceError> {
    let mut ordered = rows.to_vec();
    ordered.sort_by_key(|row| row.date);
    ordered.reverse();
    ordered.dedup_by_key(|row| row.date);
    ordered.reverse();
    let (Some(first), Some(last)) = (ordered.first(), ordered.last()) else {
        return Err(IncidenceError::Empty);
    };
    if days_between(first.date, last.date) as usize >= MAX_DAYS {
        return Err(IncidenceError::TooLong {
            first: first.date,
            last: last.date,
        });
    }
    Ok(ordered)
}

/// Builds an [`Incidence`] bulletin by bulletin, so that it can be looked at as it stood on each day.
#[derive(Debug, Clone)]
pub(crate) struct Accumulator {
    pub(crate) incidence: Incidence,
    last_total: u32,
}

impl Accumulator {
    pub(crate) fn start(first: Total, first_is_new: bool) -> Self {
        let (new, filled, baseline) = if first_is_new {
            (Some(first.total), f64::from(first.total), 0)
        } else {
            (None, 0.0, first.total)
        };
        Self {
            incidence: Incidence {
                dates: vec![first.date],
                new: vec![new],
                filled: vec![filled],
                corrections: Vec::new(),
                missing: Vec::new(),
                baseline,
            },
            last_total: first.total,
        }
    }

    /// Takes the next bulletin, whose date must lie after the last, and returns the index of the first
    /// day whose `filled` count is new or other than before.
    pub(crate) fn push(&mut self, row: Total) -> usize {
        let series = &mut self.incidence;
        let known = series.dates.len();
        let last = series.dates[known - 1];
        let gap = days_between(last, row.date);
        debug_assert!(gap > 0, "rows come in ascending order of date");
        for day in 1..=gap {
            let date = add_days(last, day);
            series.dates.push(date);
            if day < gap {
                series.missing.push(date);
                series.new.push(None);
            }
        }
        let added = row.total.saturating_sub(self.last_total);
        series.new.push(Some(added));
        series
            .filled
            .resize(series.dates.len(), f64::from(added) / f64::from(gap));
        let removed = self.last_total.saturating_sub(row.total);
        self.last_total = row.total;
        if removed == 0 {
            return known;
        }
        series.corrections.push(Correction {
            date: row.date,
            delta: -i64::from(removed),
        });
        take_off(series, removed)
    }
}

/// Takes `removed` persons off the latest days that have any, and what is left off the baseline.
/// Returns the index of the earliest day touched.
fn take_off(series: &mut Incidence, removed: u32) -> usize {
    /// Spreading over a gap leaves rounding errors of this order, never a person.
    const ROUNDING: f64 = 1e-6;
    let mut left = f64::from(removed);
    let mut earliest = series.filled.len() - 1;
    for (day, count) in series.filled.iter_mut().enumerate().rev() {
        if left <= ROUNDING {
            break;
        }
        let taken = count.min(left);
        *count -= taken;
        left -= taken;
        if *count < ROUNDING {
            *count = 0.0;
        }
        earliest = day;
    }
    if left > ROUNDING {
        series.baseline = series.baseline.saturating_sub(left.round() as u32);
    }
    earliest
}
