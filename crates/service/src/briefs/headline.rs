//! The one sentence on top of the morning page.

use jiff::civil::Date;
use lianfang_core::text::Text;
use lianfang_core::words::Word;

use super::{Basis, Brief, TurningPointState};

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

pub(super) fn day_en(day: Date) -> String {
    format!("{} {}", day.day(), MONTHS[day.month() as usize - 1])
}

pub(super) fn day_zh(day: Date) -> String {
    format!("{}月{}日", day.month(), day.day())
}

/// A probability in percent; what rounds to certainty is not called certain.
pub(super) fn percent(p: Option<f64>) -> String {
    match (p.unwrap_or(0.0) * 100.0).round() {
        100.0.. => ">99".into(),
        whole if whole <= 0.0 => "<1".into(),
        whole => format!("{whole:.0}"),
    }
}

/// How it stands: turning point, Rt, new cases, risk, what is late and missing.
pub(super) fn headline(brief: &Brief) -> Text {
    if brief.basis == Basis::None {
        return Text::new(
            "No cases and no reports are known here. Import totals or a line list to begin.",
            "此处尚无病例和报告。请先导入累计数或病例清单。",
        );
    }
    let (mut en, mut zh) = (Vec::new(), Vec::new());
    let point = &brief.turning_point;
    match (point.state, point.date) {
        (TurningPointState::Declared, Some(date)) => {
            en.push(format!(
                "Turning point {} ({} %)",
                day_en(date),
                percent(point.probability)
            ));
            zh.push(format!(
                "拐点{}（概率{}%）",
                day_zh(date),
                percent(point.probability)
            ));
        }
        (TurningPointState::Declining, _) => {
            en.push(format!(
                "Probably declining ({} %), not yet declared",
                percent(point.probability)
            ));
            zh.push(format!(
                "疑似下降（概率{}%），尚未宣布拐点",
                percent(point.probability)
            ));
        }
        (TurningPointState::Growing, _) => {
            en.push(format!(
                "No turning point yet (decline {} %)",
                percent(point.probability)
            ));
            zh.push(format!(
                "尚未出现拐点（下降概率{}%）",
                percent(point.probability)
            ));
        }
        _ => {
            en.push(format!("{} confirmed in all", brief.counts.confirmed));
            zh.push(format!("累计确诊{}例", brief.counts.confirmed));
        }
    }
    if let Some(rt) = &brief.rt {
        en.push(format!("Rt {:.2} ({:.2}–{:.2})", rt.mean, rt.q025, rt.q975));
        zh.push(format!(
            "Rt {:.2}（{:.2}–{:.2}）",
            rt.mean, rt.q025, rt.q975
        ));
    }
    let (recent, days) = (brief.counts.new_recent, brief.counts.recent_days);
    if let Some(new) = brief.counts.new {
        en.push(format!("{new} new, {recent} in {days} days"));
        zh.push(format!("新增{new}例，近{days}日{recent}例"));
    } else {
        en.push(format!(
            "no report for the newest day, {recent} new in {days} days"
        ));
        zh.push(format!("最新一日未报，近{days}日新增{recent}例"));
    }
    if let Some(field) = &brief.field {
        let watch = &field.quarantine;
        let lacking = watch.checks_due.saturating_sub(watch.checks_done);
        en.push(format!(
            "{} under watch, {lacking} checks outstanding",
            watch.total
        ));
        zh.push(format!("在管{}人，{lacking}次健康监测未完成", watch.total));
    }
    let risk = brief.risk.level.label();
    en.push(risk.en);
    zh.push(risk.zh);
    if !brief.missing.is_empty() {
        let n = brief.missing.len();
        en.push(format!(
            "{n} {} missing",
            if n == 1 { "report" } else { "reports" }
        ));
        zh.push(format!("{n}个区域漏报"));
    }
    if brief.matters.late > 0 {
        let n = brief.matters.late;
        en.push(format!(
            "{n} {} late",
            if n == 1 { "matter" } else { "matters" }
        ));
        zh.push(format!("{n}件事项逾期"));
    }
    Text::new(
        format!("{}.", en.join("; ")),
        format!("{}。", zh.join("；")),
    )
}
