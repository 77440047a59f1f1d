//! Whole days between civil dates.

use jiff::civil::Date;
use jiff::{Span, Unit};

/// Days from `from` to `to`; negative where `to` lies before `from`.
pub(crate) fn days_between(from: Date, to: Date) -> i32 {
    from.until((Unit::Day, to))
        .expect("two civil dates always differ by a number of days")
        .get_days()
}

/// The date `days` after `date`, or the last date of the calendar (9999-12-31) where that lies beyond it.
pub(crate) fn add_days(date: Date, days: i32) -> Date {
    date.saturating_add(Span::new().days(days))
}
