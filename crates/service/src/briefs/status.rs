//! Rt, growth, turning point and risk of a series, by the policy pack in force.

use std::collections::HashMap;

use jiff::ToSpan;
use jiff::civil::Date;
use lianfang_core::areas::Area;
use lianfang_core::surveillance::RiskLevel;
use lianfang_core::text::Text;
use lianfang_core::time::day_number;
use lianfang_epi::growth::{Pace, Variance, growth_rate};
use lianfang_epi::nowcast::{ReportingTriangle, nowcast};
use lianfang_epi::rt::{REstimate, sliding_windows};
use lianfang_epi::turning_point::TurningPointReason;
use lianfang_policy::{Decision, RiskEvidence};

use super::headline::percent;
use super::series::Series;
use super::{
    Basis, Child, Day, Growth, Risk, Rt, RtPoint, RtShort, SPARK, TurningPointShort,
    TurningPointShown, TurningPointState,
};
use crate::locked;
use crate::policy::Policy;

/// Level of intervals.
const LEVEL: f64 = 0.95;

impl Policy {
    fn estimates(&self, filled: &[f64]) -> Vec<REstimate> {
        let width = self.pack.reproduction_number.window_days as usize;
        let windows = sliding_windows(filled.len(), width);
        locked(&self.estimator)
            .estimate_r(filled, &windows)
            .unwrap_or_default()
    }

    pub(super) fn rt_now(&self, series: &Series) -> Option<Rt> {
        let newest = self
            .estimates(&series.filled)
            .pop()
            .filter(|e| e.t_end == series.filled.len() && self.says_something(e))?;
        Some(Rt {
            mean: newest.mean,
            sd: newest.sd,
            q025: newest.q025,
            median: newest.median,
            q975: newest.q975,
            t_start: *series.dates.get(newest.t_start - 1)?,
            t_end: *series.dates.get(newest.t_end - 1)?,
        })
    }

    /// Whether the data speak in an estimate, and not the prior alone.
    fn says_something(&self, estimate: &REstimate) -> bool {
        estimate.sd <= self.pack.reproduction_number.largest_cv * estimate.mean
    }

    pub(super) fn growth(&self, series: &Series) -> Option<Growth> {
        let known: Vec<Option<u32>> = series
            .new
            .iter()
            .rev()
            .take(self.pack.growth.window_days as usize)
            .rev()
            .copied()
            .collect();
        let rate = growth_rate(&known, Variance::QuasiPoisson, LEVEL).ok()?;
        Some(Growth {
            rate: rate.r,
            low: rate.r_low,
            high: rate.r_high,
            doubling_days: match rate.pace() {
                Pace::Doubling(time) => Some(time.days),
                Pace::Halving(time) => Some(-time.days),
                Pace::Flat => None,
            },
        })
    }

    pub(super) fn turning_point(&self, series: &Series) -> TurningPointShown {
        let mut shown = TurningPointShown {
            state: TurningPointState::None,
            date: None,
            probability: None,
            ci_low: None,
            ci_high: None,
            declared_on: None,
            reason: Text::new("No cases are known.", "尚无病例。"),
        };
        let Ok(found) = self.detector.turning_point(&series.totals, true) else {
            return shown;
        };
        shown.probability = found.history.last().map(|status| status.p_declining);
        if let Some(hindsight) = &found.hindsight {
            shown.date = Some(hindsight.date);
            shown.ci_low = Some(hindsight.ci_low);
            shown.ci_high = Some(hindsight.ci_high);
        }
        shown.declared_on = found.declared_on;
        let percent = percent(shown.probability);
        let (state, reason) = match found.reason {
            TurningPointReason::NoCases => (TurningPointState::None, shown.reason.clone()),
            TurningPointReason::TooFewCases { cases, needed } => (
                TurningPointState::TooFew,
                Text::new(
                    format!("{cases} cases; at least {needed} are needed to tell."),
                    format!("仅{cases}例，至少{needed}例方可判断。"),
                ),
            ),
            TurningPointReason::Growing => (
                TurningPointState::Growing,
                Text::new(
                    format!("Transmission grows (probability of decline {percent} %)."),
                    format!("传播仍在上升（下降概率{percent}%）。"),
                ),
            ),
            TurningPointReason::GrowingAgain => (
                TurningPointState::Growing,
                Text::new(
                    "A new wave grows after an earlier turning point.",
                    "此前拐点之后出现新一波上升。",
                ),
            ),
            TurningPointReason::Undecided => (
                TurningPointState::Growing,
                Text::new(
                    format!("Not decided (probability of decline {percent} %)."),
                    format!("尚不能判断（下降概率{percent}%）。"),
                ),
            ),
            TurningPointReason::AwaitingConfirmation { days, needed } => (
                TurningPointState::Declining,
                Text::new(
                    format!(
                        "Probably declining for {days} of the {needed} reported days that a declaration needs."
                    ),
                    format!("疑似下降已{days}天，满{needed}个报告日可宣布。"),
                ),
            ),
            TurningPointReason::Declared => (
                TurningPointState::Declared,
                Text::new(
                    format!("Declared: transmission declines (probability {percent} %)."),
                    format!("已宣布：传播进入下降期（概率{percent}%）。"),
                ),
            ),
        };
        shown.state = state;
        shown.reason = reason;
        if !matches!(
            state,
            TurningPointState::Declared | TurningPointState::Declining
        ) {
            (shown.date, shown.ci_low, shown.ci_high) = (None, None, None);
        }
        shown
    }

    fn evidence(&self, series: &Series, last: Date, days_ago: u32) -> RiskEvidence {
        let window = self.pack.risk_evidence;
        let seen = series.clustered.as_ref().map(|days| {
            let end = day_number(last) - days_ago as i32;
            let recent: i64 = days
                .iter()
                .filter(|(day, _)| {
                    (end - window.window_days as i32 + 1..=end).contains(&day_number(**day))
                })
                .map(|(_, n)| n)
                .sum();
            recent >= i64::from(window.cluster_cases)
        });
        let recent = series.new_within(last, days_ago, window.window_days);
        RiskEvidence {
            confirmed_total: series.confirmed_until(last, days_ago).max(recent),
            new_recent: recent,
            cluster: match series.basis {
                Basis::None => Some(false),
                // The lists of some areas do not tell of the others.
                Basis::Mixed => seen.filter(|seen| *seen),
                Basis::Totals | Basis::LineList => seen,
            },
            last_case: series.last_case(last, days_ago),
        }
    }

    /// The risk level so many days before the series' newest day.
    pub(super) fn risk_level(
        &self,
        series: &Series,
        last: Date,
        days_ago: u32,
    ) -> Decision<'_, RiskLevel> {
        let day = last.checked_sub(i64::from(days_ago).days()).unwrap_or(last);
        self.pack
            .decide(&self.evidence(series, last, days_ago), day)
    }

    pub(super) fn risk(&self, series: &Series, last: Date) -> Risk {
        let now = self.risk_level(series, last, 0);
        let mut days = 0;
        while (days as usize) < series.dates.len()
            && self.risk_level(series, last, days + 1).outcome == now.outcome
        {
            days += 1;
        }
        let since = (!series.dates.is_empty())
            .then(|| last.checked_sub(i64::from(days).days()).ok())
            .flatten();
        Risk {
            level: now.outcome,
            since,
            rule: now.rule.id.clone(),
            reason: now.rule.reason.clone(),
            evidence: self.evidence(series, last, 0),
            clears: now.rule.clears.clone(),
        }
    }

    pub(super) fn child(
        &self,
        area: Area,
        series: &Series,
        turning_point: &TurningPointShown,
        last: Date,
    ) -> Child {
        let counts = series.counts(last, self.pack.briefs.recent_days);
        let spark = (0..SPARK)
            .rev()
            .map(|ago| {
                last.checked_sub((ago as i64).days())
                    .ok()
                    .and_then(|day| series.new_on(day))
            })
            .collect();
        Child {
            new: counts.new,
            new_recent: counts.new_recent,
            confirmed: counts.confirmed,
            per_100k: area
                .population
                .filter(|people| *people > 0)
                .map(|people| f64::from(counts.confirmed) * 100_000.0 / f64::from(people)),
            rt: self.rt_now(series).map(|rt| RtShort {
                mean: rt.mean,
                q025: rt.q025,
                q975: rt.q975,
            }),
            risk: self.risk_level(series, last, 0).outcome,
            turning_point: TurningPointShort {
                state: turning_point.state,
                date: turning_point.date,
                probability: turning_point.probability,
                declared_on: turning_point.declared_on,
            },
            last_report: series.last_report,
            missing: series.basis == Basis::Totals && series.new_on(last).is_none(),
            spark,
            area,
        }
    }

    pub(super) fn curve_by_report(&self, series: &Series) -> Vec<Day> {
        let mut days: Vec<Day> = series
            .dates
            .iter()
            .enumerate()
            .map(|(place, date)| {
                let near_gap =
                    series.new[place].is_none() || (place > 0 && series.new[place - 1].is_none());
                Day {
                    date: *date,
                    new: series.new[place],
                    expected: None,
                    expected_low: None,
                    expected_high: None,
                    provisional: false,
                    correction: series.corrections.get(date).copied().unwrap_or(0),
                    spread: near_gap
                        .then(|| series.filled.get(place).copied())
                        .flatten(),
                    rt: None,
                }
            })
            .collect();
        self.put_rt(&mut days, &series.filled);
        days
    }

    pub(super) fn curve_by_onset(&self, series: &Series, last: Date) -> Vec<Day> {
        let nowcasting = self.pack.nowcast;
        let mut by_onset: std::collections::BTreeMap<Date, u32> = std::collections::BTreeMap::new();
        for ((onset, _), n) in &series.onsets {
            *by_onset.entry(*onset).or_default() += u32::try_from(*n).unwrap_or(0);
        }
        let Some(first) = by_onset.iter().find(|(_, n)| **n > 0).map(|(day, _)| *day) else {
            return Vec::new();
        };
        let learn_from = last
            .checked_sub(i64::from(nowcasting.learn_days).days())
            .unwrap_or(first)
            .max(first);
        let pairs = series
            .onsets
            .iter()
            .filter(|((onset, _), _)| *onset >= learn_from)
            .flat_map(|((onset, known), n)| {
                std::iter::repeat_n((*onset, *known), usize::try_from(*n).unwrap_or(0))
            });
        let expected: HashMap<Date, lianfang_epi::nowcast::NowcastDay> =
            ReportingTriangle::from_dates(
                pairs,
                learn_from,
                last,
                nowcasting.max_delay_days as usize,
            )
            .and_then(|triangle| nowcast(&triangle, nowcasting.provisional_below, LEVEL))
            .unwrap_or_default()
            .into_iter()
            .map(|day| (day.onset, day))
            .collect();
        let mut days = Vec::new();
        let mut filled = Vec::new();
        let mut date = first;
        while date <= last {
            let reported = by_onset.get(&date).copied().unwrap_or(0);
            let more = expected.get(&date).filter(|day| day.provisional);
            filled.push(
                more.and_then(|day| day.expected)
                    .unwrap_or(f64::from(reported)),
            );
            days.push(Day {
                date,
                new: Some(reported),
                expected: more.and_then(|day| day.expected),
                expected_low: more.map(|day| day.low),
                expected_high: more.and_then(|day| day.high),
                provisional: more.is_some(),
                correction: 0,
                spread: None,
                rt: None,
            });
            let Ok(next) = date.checked_add(1.day()) else {
                break;
            };
            date = next;
        }
        // Days on which nothing can have been reported yet say nothing of transmission.
        let told = days
            .iter()
            .rposition(|day| !day.provisional || day.expected.is_some())
            .map_or(0, |place| place + 1);
        self.put_rt(&mut days, &filled[..told]);
        days
    }

    /// The curve of days with cases up to `last`; days between them have none.
    pub(crate) fn curve_by_day(&self, counted: &[(Date, u64)], last: Date) -> Vec<Day> {
        let Some((first, _)) = counted.first() else {
            return Vec::new();
        };
        let counted: HashMap<Date, u64> = counted.iter().copied().collect();
        let mut days: Vec<Day> = crate::surveillance::each_day(*first, last)
            .map(|date| Day {
                date,
                new: Some(
                    counted
                        .get(&date)
                        .map_or(0, |n| u32::try_from(*n).unwrap_or(u32::MAX)),
                ),
                expected: None,
                expected_low: None,
                expected_high: None,
                provisional: false,
                correction: 0,
                spread: None,
                rt: None,
            })
            .collect();
        let new: Vec<f64> = days
            .iter()
            .map(|day| f64::from(day.new.unwrap_or(0)))
            .collect();
        self.put_rt(&mut days, &new);
        days
    }

    fn put_rt(&self, days: &mut [Day], filled: &[f64]) {
        for estimate in self
            .estimates(filled)
            .iter()
            .filter(|e| self.says_something(e))
        {
            if let Some(day) = days.get_mut(estimate.t_end - 1) {
                day.rt = Some(RtPoint {
                    mean: estimate.mean,
                    q025: estimate.q025,
                    median: estimate.median,
                    q975: estimate.q975,
                });
            }
        }
    }
}
