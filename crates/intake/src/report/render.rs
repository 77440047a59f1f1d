//! A report as text for a terminal or a printer.

use std::collections::BTreeMap;
use std::fmt::Write;

use lianfang_core::text::Language;

use super::{ImportReport, Kind};
use crate::finding::{Code, Finding};

/// Findings, days and corrections shown before "and so many more".
const SHOWN: usize = 20;

impl ImportReport {
    /// The report in words, a dozen lines or so.
    pub fn render(&self, language: Language) -> String {
        let words = Words::of(language);
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = self.write(&mut out, &words, language);
        out
    }

    fn write(&self, out: &mut String, words: &Words, language: Language) -> std::fmt::Result {
        let kind = match self.kind {
            Kind::Linelist => words.line_list,
            Kind::CityTotals => words.totals,
            Kind::Areas => words.areas,
            Kind::Arrivals => words.arrivals,
            Kind::Households => words.households,
            Kind::Visits => words.visits,
            Kind::Contacts => words.contacts,
            Kind::Relationships => words.relationships,
            Kind::FollowUps => words.follow_ups,
            Kind::LabResults => words.lab_results,
        };
        write!(out, "{} ({kind}", self.file)?;
        if let Some(preset) = &self.preset {
            write!(out, ", {} {preset}", words.preset)?;
        }
        writeln!(out, ")")?;
        if self.dry_run {
            writeln!(out, "{}", words.dry_run)?;
        }
        for (label, count) in [
            (words.read, self.rows_read),
            (words.taken, self.rows_taken),
            (words.unchanged, self.rows_unchanged),
            (words.revised, self.rows_revised),
            (words.refused, self.rows_refused),
            (words.facts, self.facts_appended),
        ] {
            writeln!(out, "  {label}: {count}")?;
        }
        if let Some(known) = self.rows_known {
            writeln!(out, "  {}: {known}", words.known)?;
        }
        for (label, count) in [
            (words.places_new, self.places_new),
            (words.people_new, self.people_new),
        ] {
            if let Some(count) = count {
                writeln!(out, "  {label}: {count}")?;
            }
        }
        writeln!(out, "  {}: {:.2} s", words.time, self.seconds)?;
        if !self.other_sheets.is_empty() {
            writeln!(out, "{}: {}", words.sheets, self.other_sheets.join(", "))?;
        }
        let findings = |out: &mut String, title, list: &[Finding], counts: &BTreeMap<Code, u64>| {
            list_up(out, words, title, counts.values().sum(), list, |finding| {
                let message = finding.message.in_language(language);
                format!(
                    "{}{}{} [{}] {message}",
                    words.row.0, finding.row, words.row.1, finding.code
                )
            })
        };
        findings(out, words.refusals, &self.refusals, &self.refusals_by_code)?;
        findings(out, words.warnings, &self.warnings, &self.warnings_by_code)?;
        let total = self.missing_days_total;
        list_up(
            out,
            words,
            words.missing_days,
            total,
            &self.missing_days,
            |day| format!("{} {}", day.area, day.date),
        )?;
        let total = self.corrections_total;
        list_up(
            out,
            words,
            words.corrections,
            total,
            &self.corrections,
            |c| format!("{} {}: {} → {}", c.area, c.date, c.from, c.to),
        )
    }
}

fn list_up<T>(
    out: &mut String,
    words: &Words,
    title: &str,
    total: u64,
    list: &[T],
    line: impl Fn(&T) -> String,
) -> std::fmt::Result {
    if total == 0 {
        return Ok(());
    }
    writeln!(out, "{title}: {total}")?;
    for item in list.iter().take(SHOWN) {
        writeln!(out, "  {}", line(item))?;
    }
    match total.saturating_sub(list.len().min(SHOWN) as u64) {
        0 => Ok(()),
        more => writeln!(out, "  {} {more}", words.more),
    }
}

struct Words {
    line_list: &'static str,
    totals: &'static str,
    areas: &'static str,
    arrivals: &'static str,
    households: &'static str,
    visits: &'static str,
    places_new: &'static str,
    people_new: &'static str,
    contacts: &'static str,
    relationships: &'static str,
    follow_ups: &'static str,
    lab_results: &'static str,
    known: &'static str,
    preset: &'static str,
    dry_run: &'static str,
    read: &'static str,
    taken: &'static str,
    unchanged: &'static str,
    revised: &'static str,
    refused: &'static str,
    facts: &'static str,
    time: &'static str,
    sheets: &'static str,
    row: (&'static str, &'static str),
    refusals: &'static str,
    warnings: &'static str,
    missing_days: &'static str,
    corrections: &'static str,
    more: &'static str,
}

impl Words {
    fn of(language: Language) -> Self {
        match language {
            Language::En => Self {
                line_list: "line list",
                totals: "totals",
                areas: "areas",
                arrivals: "arrivals",
                households: "households",
                visits: "visits",
                places_new: "places made known",
                people_new: "people made known",
                contacts: "contacts",
                relationships: "relationships",
                follow_ups: "follow-up",
                lab_results: "laboratory results",
                known: "of the new rows, about people known already",
                preset: "preset",
                dry_run: "Dry run: nothing was recorded.",
                read: "rows read",
                taken: "new",
                unchanged: "unchanged",
                revised: "revised",
                refused: "refused",
                facts: "facts appended",
                time: "time",
                sheets: "Worksheets not read",
                row: ("row ", ""),
                refusals: "Reasons for refusal",
                warnings: "Warnings",
                missing_days: "Days without a row",
                corrections: "Totals that went down",
                more: "and more:",
            },
            Language::Zh => Self {
                line_list: "病例一览表",
                totals: "累计数",
                areas: "区划",
                arrivals: "来返人员名单",
                households: "住户名册",
                visits: "到访记录",
                places_new: "新登记场所",
                people_new: "新登记人员",
                contacts: "接触者名单",
                relationships: "接触关系",
                follow_ups: "随访记录",
                lab_results: "检测结果",
                known: "新增行中已由其他渠道掌握的人员",
                preset: "预设",
                dry_run: "试运行：未记录任何内容。",
                read: "读取行数",
                taken: "新增",
                unchanged: "无变化",
                revised: "修订",
                refused: "拒绝",
                facts: "新增事实",
                time: "用时",
                sheets: "未读取的工作表",
                row: ("第 ", " 行"),
                refusals: "拒绝原因",
                warnings: "警告",
                missing_days: "缺少数据的日期",
                corrections: "累计数下降",
                more: "另有：",
            },
        }
    }
}
