//! What changed since yesterday's morning, and what is owed and not there.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use lianfang_core::areas::{Area, AreaCode, AreaTree};
use lianfang_core::surveillance::RiskLevel;
use lianfang_core::text::Text;
use lianfang_core::time::day_number;
use lianfang_store::StoreError;
use lianfang_store::views::reports::daily_reports_within;

use super::headline::{day_en, day_zh};
use super::series::Series;
use super::{Basis, Change, ChangeKind, Missing, MissingKind, Reading, TurningPointShown};
use crate::policy::Policy;

fn level_words(level: RiskLevel) -> (&'static str, &'static str) {
    match level {
        RiskLevel::Low => ("low", "低风险"),
        RiskLevel::Medium => ("medium", "中风险"),
        RiskLevel::High => ("high", "高风险"),
    }
}

impl Policy {
    pub(super) fn changes_of(
        &self,
        area: &Area,
        series: &Series,
        turning_point: &TurningPointShown,
        last: Date,
    ) -> Vec<Change> {
        let mut changes = Vec::new();
        let mut add = |kind, en: String, zh: String| {
            changes.push(Change {
                kind,
                area: area.clone(),
                text: Text::new(en, zh),
            });
        };
        if series.basis == Basis::None {
            return changes;
        }
        let (now, before) = (
            self.risk_level(series, last, 0).outcome,
            self.risk_level(series, last, 1).outcome,
        );
        if now != before {
            let ((from_en, from_zh), (to_en, to_zh)) = (level_words(before), level_words(now));
            add(
                ChangeKind::RiskChanged,
                format!("Risk {from_en} → {to_en}"),
                format!("风险等级由{from_zh}调整为{to_zh}"),
            );
        }
        if turning_point.declared_on == Some(last)
            && let Some(day) = turning_point.date
        {
            add(
                ChangeKind::TurningPointDeclared,
                format!("Turning point declared: declining since {}", day_en(day)),
                format!("宣布拐点：自{}起下降", day_zh(day)),
            );
        }
        let new = series.new_on(last);
        if series.confirmed > 0 && series.confirmed_until(last, 1) == 0 {
            add(
                ChangeKind::FirstCase,
                "First cases".into(),
                "出现首批病例".into(),
            );
        } else if let Some(n) = new.filter(|n| *n > 0) {
            add(
                ChangeKind::NewCases,
                format!("{n} new"),
                format!("新增{n}例"),
            );
        }
        if let Some(delta) = series.corrections.get(&last) {
            add(
                ChangeKind::Correction,
                format!("Total corrected by {delta}"),
                format!("累计数订正{delta}"),
            );
        }
        let yesterday = last.checked_sub(1.day()).ok();
        let missed_yesterday = yesterday.is_some_and(|day| series.missing.contains(&day));
        if series.missing.contains(&last) && !missed_yesterday {
            add(
                ChangeKind::ReportMissing,
                "No report today".into(),
                "今日未报".into(),
            );
        } else if missed_yesterday && new.is_some() {
            add(
                ChangeKind::ReportArrived,
                "Reports again after a gap".into(),
                "中断后恢复报送".into(),
            );
        }
        changes
    }

    /// Areas that reported of late and have not for the newest days.
    pub(super) fn missing(
        &self,
        reading: &Reading<'_>,
        tree: &AreaTree,
        area: AreaCode,
        last: Date,
    ) -> Result<Vec<Missing>, StoreError> {
        let owed_for = i64::from(self.pack.reports.owed_for_days);
        let since = last.checked_sub(owed_for.days()).unwrap_or(last);
        let mut newest: BTreeMap<AreaCode, Date> = BTreeMap::new();
        for total in &reading.totals {
            let day = newest.entry(total.area).or_insert(total.day);
            *day = (*day).max(total.day);
        }
        for report in daily_reports_within(reading.connection, area, since, reading.known)? {
            let day = newest.entry(report.area).or_insert(report.day);
            *day = (*day).max(report.day);
        }
        let mut missing: Vec<Missing> = newest
            .into_iter()
            .filter(|(_, day)| *day < last && *day >= since)
            .filter_map(|(code, day)| {
                Some(Missing {
                    area: tree.get_or_unnamed(code),
                    kind: MissingKind::NoReport,
                    since: day.checked_add(1.day()).ok()?,
                    days: u32::try_from(day_number(last) - day_number(day)).unwrap_or(0),
                })
            })
            .collect();
        missing.sort_by_key(|m| (std::cmp::Reverse(m.days), m.area.code));
        Ok(missing)
    }
}
