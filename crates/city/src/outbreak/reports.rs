//! What each township reports every day, zero included.

use std::collections::BTreeMap;

use jiff::Span;
use jiff::civil::Date;
use lianfang_core::areas::{AreaCode, Level};

use super::Outbreak;
use crate::areas::City;
use crate::chance::{Chance, Purpose};

/// Days before the last, itself included, for which there are reports.
const DAYS: i64 = 14;
/// Reports that nobody filed.
const MISSING: f64 = 0.03;

/// A township's report of one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DailyReport {
    /// The township.
    pub area: AreaCode,
    /// The day.
    pub day: Date,
    /// Cases confirmed there that day, or to be reported had the report been filed.
    pub new_cases: u32,
    /// Whether it was filed.
    pub filed: bool,
}

/// The reports of every township of `city` for the last 14 days, by day and then by township.
pub fn daily_reports(city: &City, outbreak: &Outbreak) -> Vec<DailyReport> {
    let mut counts: BTreeMap<(Date, AreaCode), u32> = BTreeMap::new();
    for case in outbreak.cases.iter().filter(|c| c.classification.counts()) {
        let township = case.area.at_level(Level::Township);
        *counts.entry((case.reported, township)).or_default() += 1;
    }
    let mut chance = Chance::new(outbreak.seed, Purpose::DailyReports);
    (0..DAYS)
        .rev()
        .map(|ago| outbreak.last_day.saturating_sub(Span::new().days(ago)))
        .flat_map(|day| city.townships().map(move |township| (day, township.code)))
        .map(|(day, area)| DailyReport {
            area,
            day,
            new_cases: counts.get(&(day, area)).copied().unwrap_or(0),
            filed: !chance.yes(MISSING),
        })
        .collect()
}
