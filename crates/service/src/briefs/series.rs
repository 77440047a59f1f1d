//! An area's daily series as known on a morning, from published totals and from the line list.
//!
//! Where an area has totals of its own, they count. Otherwise those of the topmost areas below
//! that have any are added up, and the line list of the rest.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::time::{day_from_number, day_number};
use lianfang_epi::delays::Delays;
use lianfang_epi::incidence::{Incidence, Total};
use lianfang_store::StoreError;
use lianfang_store::views::counts::{Measure, counts_of};
use lianfang_store::views::reports::Totals;

use super::{Basis, Counts, DelaysShown, OnsetToReport, Reading};

/// An area's days from its first case or report to the newest day.
#[derive(Debug, Default)]
pub(super) struct Series {
    pub(super) basis: Basis,
    pub(super) dates: Vec<Date>,
    pub(super) new: Vec<Option<u32>>,
    pub(super) filled: Vec<f64>,
    pub(super) corrections: BTreeMap<Date, i64>,
    pub(super) missing: Vec<Date>,
    /// Cumulative totals, for the turning point; gaps stay gaps where one area's totals count.
    pub(super) totals: Vec<Total>,
    pub(super) confirmed: u32,
    suspected: Option<u32>,
    cured: Option<u32>,
    dead: Option<u32>,
    /// Cases of the line list that belong to named clusters, by day; `None` without a line list.
    pub(super) clustered: Option<BTreeMap<Date, i64>>,
    /// Onset day and day known, with the number of cases: for delays and nowcast.
    pub(super) onsets: BTreeMap<(Date, Date), i64>,
    pub(super) last_report: Option<Date>,
    pub(super) totals_reports: u64,
    pub(super) cases: u64,
    totals_recorded_later: u64,
    cases_recorded_later: u64,
}

/// Sums of the line list of an area.
#[derive(Default)]
struct ListSums {
    by_measure: BTreeMap<Measure, BTreeMap<Date, i64>>,
    onsets: BTreeMap<(Date, Date), i64>,
}

impl ListSums {
    fn add(
        &mut self,
        reading: &Reading<'_>,
        area: AreaCode,
        measures: &[Measure],
        sign: i64,
    ) -> Result<(), StoreError> {
        for count in counts_of(reading.connection, area, reading.known, measures)? {
            *self
                .by_measure
                .entry(count.measure)
                .or_default()
                .entry(count.day)
                .or_default() += sign * count.n;
            if count.measure == Measure::Onset {
                *self.onsets.entry((count.day, count.known)).or_default() += sign * count.n;
            }
        }
        Ok(())
    }

    fn sum(&self, measure: Measure) -> i64 {
        self.by_measure
            .get(&measure)
            .map_or(0, |days| days.values().sum())
    }

    /// The sum over days up to `last`, where the curve ends. A list fed in after the fact says how
    /// a case ended on the day the case became known: outcomes count from their own day on.
    fn sum_until(&self, measure: Measure, last: Date) -> i64 {
        self.by_measure
            .get(&measure)
            .map_or(0, |days| days.range(..=last).map(|(_, n)| n).sum())
    }
}

fn whole(n: i64) -> u32 {
    u32::try_from(n.max(0)).unwrap_or(u32::MAX)
}

/// What the row of an area below needs; the brief of the area itself takes every measure.
pub(super) const OF_A_CHILD: &[Measure] = &[Measure::All, Measure::Confirmed, Measure::Clustered];

impl Series {
    pub(super) fn of(
        reading: &Reading<'_>,
        area: AreaCode,
        last: Date,
        measures: &[Measure],
    ) -> Result<Self, StoreError> {
        let mut series = Self::default();
        let mut parts: Vec<Incidence> = Vec::new();
        let mut covering: Vec<AreaCode> = Vec::new();
        let within: Vec<&Totals> = reading
            .totals
            .iter()
            .filter(|t| area.contains(t.area))
            .collect();
        for rows in within.chunk_by(|a, b| a.area == b.area) {
            let part = rows[0].area;
            if covering.iter().any(|above| above.contains(part)) {
                continue;
            }
            covering.push(part);
            parts.extend(series.take_totals(rows, last));
        }
        let mut list = ListSums::default();
        list.add(reading, area, measures, 1)?;
        for part in &covering {
            list.add(reading, *part, measures, -1)?;
        }
        series.cases = u64::from(whole(list.sum(Measure::All)));
        series.cases_recorded_later = u64::from(whole(list.sum(Measure::RecordedLater)));
        if series.cases > 0 || (parts.is_empty() && list.sum(Measure::All) > 0) {
            parts.extend(series.take_list(list, last));
        }
        series.basis = match (covering.is_empty(), series.cases) {
            (true, 0) => Basis::None,
            (true, _) => Basis::LineList,
            (false, 0) => Basis::Totals,
            (false, _) => Basis::Mixed,
        };
        series.put_together(parts, last);
        Ok(series)
    }

    /// Takes one area's totals as known: the newest word for each day.
    fn take_totals(&mut self, rows: &[&Totals], last: Date) -> Option<Incidence> {
        let mut days: BTreeMap<Date, &Totals> = BTreeMap::new();
        for row in rows {
            if row.day <= last {
                days.insert(row.day, row);
            }
            self.totals_reports += 1;
            self.totals_recorded_later += u64::from(row.recorded_later);
        }
        let newest = days.values().next_back()?;
        let add = |sum: Option<u32>, part: Option<u32>| match (sum, part) {
            (None, None) => None,
            (a, b) => Some(a.unwrap_or(0).saturating_add(b.unwrap_or(0))),
        };
        self.confirmed = self.confirmed.saturating_add(newest.confirmed);
        self.suspected = add(self.suspected, newest.suspected);
        self.cured = add(self.cured, newest.cured);
        self.dead = add(self.dead, newest.dead);
        self.last_report = self.last_report.max(Some(newest.day));
        let totals: Vec<Total> = days
            .values()
            .map(|row| Total {
                date: row.day,
                total: row.confirmed,
            })
            .collect();
        let incidence = Incidence::from_totals(&totals, true).ok();
        self.totals = totals;
        incidence
    }

    /// Takes the line list: every day from the first case is reported, be it with none.
    fn take_list(&mut self, list: ListSums, last: Date) -> Option<Incidence> {
        let add = |sum: Option<u32>, n: i64| Some(sum.unwrap_or(0).saturating_add(whole(n)));
        self.confirmed = self
            .confirmed
            .saturating_add(whole(list.sum_until(Measure::Confirmed, last)));
        self.suspected = add(self.suspected, list.sum_until(Measure::Suspected, last));
        self.cured = add(self.cured, list.sum_until(Measure::Cured, last));
        self.dead = add(self.dead, list.sum_until(Measure::Dead, last));
        self.clustered = Some(
            list.by_measure
                .get(&Measure::Clustered)
                .cloned()
                .unwrap_or_default(),
        );
        self.onsets = list.onsets;
        self.last_report = self.last_report.max(
            list.by_measure
                .get(&Measure::All)
                .and_then(|days| days.keys().next_back().copied()),
        );
        let confirmed = list.by_measure.get(&Measure::Confirmed)?;
        let first = *confirmed.iter().find(|(_, n)| **n > 0)?.0;
        let mut totals = Vec::new();
        let mut total = 0_i64;
        let mut day = first;
        while day <= last {
            total += confirmed.get(&day).copied().unwrap_or(0);
            totals.push(Total {
                date: day,
                total: whole(total),
            });
            day = day.checked_add(1.day()).ok()?;
        }
        let incidence = Incidence::from_totals(&totals, true).ok();
        self.totals = totals;
        incidence
    }

    /// Adds the parts up, day by day. One part keeps its gaps; of many, a day is a gap only where
    /// none reported, and the shares of gaps are counted in.
    fn put_together(&mut self, mut parts: Vec<Incidence>, last: Date) {
        if parts.len() == 1 {
            let part = parts.remove(0);
            self.corrections = part.corrections.iter().map(|c| (c.date, c.delta)).collect();
            (self.dates, self.new, self.filled, self.missing) =
                (part.dates, part.new, part.filled, part.missing);
            // Days since the newest report are gaps too.
            while self.dates.last().is_some_and(|day| *day < last) {
                let Ok(next) = self.dates[self.dates.len() - 1].checked_add(1.day()) else {
                    break;
                };
                self.dates.push(next);
                self.new.push(None);
                self.missing.push(next);
            }
            return;
        }
        let Some(first) = parts
            .iter()
            .filter_map(|part| part.dates.first())
            .min()
            .copied()
        else {
            return;
        };
        let days = usize::try_from(day_number(last) - day_number(first) + 1).unwrap_or(0);
        let mut filled = vec![0.0; days];
        let mut reported = vec![false; days];
        for part in &parts {
            for ((date, new), share) in part.dates.iter().zip(&part.new).zip(&part.filled) {
                let place = (day_number(*date) - day_number(first)) as usize;
                if place < days {
                    filled[place] += share;
                    reported[place] |= new.is_some();
                }
            }
            for correction in &part.corrections {
                *self.corrections.entry(correction.date).or_default() += correction.delta;
            }
        }
        let mut total = 0.0;
        self.totals.clear();
        for (place, share) in filled.iter().enumerate() {
            let Some(date) = day_from_number(day_number(first) + place as i32) else {
                break;
            };
            let before = f64::round(total);
            total += share;
            self.dates.push(date);
            if reported[place] {
                self.new.push(Some((f64::round(total) - before) as u32));
                self.totals.push(Total {
                    date,
                    total: f64::round(total) as u32,
                });
            } else {
                self.new.push(None);
                self.missing.push(date);
            }
        }
        // Trailing days without any report say nothing for estimation.
        let told = reported.iter().rposition(|r| *r).map_or(0, |i| i + 1);
        filled.truncate(told);
        self.filled = filled;
    }

    /// Day and number of new cases up to `last`, gaps filled, for sums over days.
    fn recent(&self, last: Date, from_days_ago: i32, days: i32) -> f64 {
        let end = day_number(last) - from_days_ago;
        self.dates
            .iter()
            .zip(&self.filled)
            .filter(|(date, _)| {
                let day = day_number(**date);
                day <= end && day > end - days
            })
            .map(|(_, n)| n)
            .sum()
    }

    /// New cases in the `days` up to `days_ago` days before `last`.
    pub(super) fn new_within(&self, last: Date, days_ago: u32, days: u32) -> u32 {
        self.recent(last, days_ago as i32, days as i32).round() as u32
    }

    /// The newest day with a case, up to `days_ago` days before `last`.
    pub(super) fn last_case(&self, last: Date, days_ago: u32) -> Option<Date> {
        let end = day_number(last) - days_ago as i32;
        self.dates
            .iter()
            .zip(&self.filled)
            .rev()
            .find(|(date, new)| day_number(**date) <= end && **new > 0.0)
            .map(|(date, _)| *date)
    }

    /// New cases of one day.
    pub(super) fn new_on(&self, date: Date) -> Option<u32> {
        if self.basis == Basis::LineList && self.dates.first().is_none_or(|first| date < *first) {
            // Before its first case an area that keeps a line list has none.
            return Some(0);
        }
        let place = self.dates.iter().position(|day| *day == date)?;
        self.new[place]
    }

    /// Confirmed in all up to the day `days_ago` days before `last`.
    pub(super) fn confirmed_until(&self, last: Date, days_ago: u32) -> u32 {
        let after = self.recent(last, 0, days_ago as i32).round() as u32;
        self.confirmed.saturating_sub(after)
    }

    pub(super) fn counts(&self, last: Date, recent_days: u32) -> Counts {
        let active = self
            .cured
            .zip(self.dead)
            .map(|(cured, dead)| self.confirmed.saturating_sub(cured).saturating_sub(dead));
        Counts {
            new: self.new_on(last),
            new_yesterday: last
                .checked_sub(1.day())
                .ok()
                .and_then(|day| self.new_on(day)),
            confirmed: self.confirmed,
            suspected: self.suspected,
            cured: self.cured,
            dead: self.dead,
            active,
            recent_days,
            new_recent: self.new_within(last, 0, recent_days),
            new_before: self.new_within(last, recent_days, recent_days),
        }
    }

    /// Delay from onset to the day a case became known.
    pub(super) fn delays(&self) -> Option<DelaysShown> {
        let mut delays = Delays {
            counts: Vec::new(),
            n_used: 0,
            n_missing: 0,
            n_negative: 0,
            n_too_long: 0,
        };
        for ((onset, known), n) in &self.onsets {
            let n = whole(*n);
            let days = day_number(*known) - day_number(*onset);
            match usize::try_from(days) {
                Err(_) => delays.n_negative += n as usize,
                Ok(days) if days > lianfang_epi::delays::MAX_DELAY => {
                    delays.n_too_long += n as usize;
                }
                Ok(days) => {
                    if delays.counts.len() <= days {
                        delays.counts.resize(days + 1, 0);
                    }
                    delays.counts[days] += n;
                    delays.n_used += n as usize;
                }
            }
        }
        let with_onset = delays.n_used + delays.n_negative + delays.n_too_long;
        Some(DelaysShown {
            onset_to_report: OnsetToReport {
                n: delays.n_used,
                missing: (self.confirmed as usize).saturating_sub(with_onset),
                mean: delays.mean()?,
                median: delays.median()?,
                q90: delays.quantile(0.9)?,
            },
        })
    }

    /// How much of what this rests on the ledger took later than it was published.
    pub(super) fn recorded_later(&self) -> u64 {
        self.totals_recorded_later + self.cases_recorded_later
    }
}
