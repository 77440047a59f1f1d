//! The brief as plain text and as a workbook.

use std::fmt::Write;

use lianfang_core::surveillance::RiskLevel;
use lianfang_core::text::{Language, Text};
use lianfang_intake::export::{Cell, Sheet, write_workbook};

use super::{Brief, FieldBrief};
use crate::Refusal;

struct Words {
    known_then: &'static str,
    counts: &'static str,
    risk: &'static str,
    turning_point: &'static str,
    below: &'static str,
    changes: &'static str,
    missing: &'static str,
    late: &'static str,
    provenance: &'static str,
    nothing: &'static str,
    days: &'static str,
}

const EN: Words = Words {
    known_then: "as known then",
    counts: "Cases",
    risk: "Risk",
    turning_point: "Turning point",
    below: "Areas below",
    changes: "Since yesterday",
    missing: "Missing",
    late: "Late",
    provenance: "Rests on",
    nothing: "nothing",
    days: "days",
};

const ZH: Words = Words {
    known_then: "按当日所知",
    counts: "病例",
    risk: "风险等级",
    turning_point: "拐点",
    below: "下级区域",
    changes: "较昨日变化",
    missing: "漏报",
    late: "逾期",
    provenance: "数据依据",
    nothing: "无",
    days: "天",
};

fn or_dash<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "–".into(), |value| value.to_string())
}

fn level(level: RiskLevel, language: Language) -> &'static str {
    match (level, language) {
        (RiskLevel::Low, Language::En) => "low",
        (RiskLevel::Medium, Language::En) => "medium",
        (RiskLevel::High, Language::En) => "high",
        (RiskLevel::Low, Language::Zh) => "低风险",
        (RiskLevel::Medium, Language::Zh) => "中风险",
        (RiskLevel::High, Language::Zh) => "高风险",
    }
}

impl Brief {
    /// The brief in words, for a terminal or a message.
    pub fn text(&self, language: Language) -> String {
        let words = if language == Language::Zh { &ZH } else { &EN };
        let name = |area: &lianfang_core::areas::Area| match (&area.name_en, language) {
            (Some(name), Language::En) => name.clone(),
            _ => area.name.clone(),
        };
        let mut out = String::new();
        let line = |out: &mut String, text: &str| {
            out.push_str(text);
            out.push('\n');
        };
        let then = if self.as_known_then {
            format!(" ({})", words.known_then)
        } else {
            String::new()
        };
        line(
            &mut out,
            &format!(
                "{} {}  {}{then}",
                name(&self.area),
                self.area.code,
                self.date
            ),
        );
        line(&mut out, self.headline.in_language(language));
        line(&mut out, "");
        let c = &self.counts;
        let days = c.recent_days;
        let figures = match language {
            Language::En => format!(
                "{}: {} confirmed, {} active, {} cured, {} dead; {} new, {} the day before; {} in {days} days, {} in the {days} before",
                words.counts,
                c.confirmed,
                or_dash(c.active),
                or_dash(c.cured),
                or_dash(c.dead),
                or_dash(c.new),
                or_dash(c.new_yesterday),
                c.new_recent,
                c.new_before
            ),
            Language::Zh => format!(
                "{}：累计确诊{}，现有{}，治愈{}，死亡{}；新增{}，前一日{}；近{days}日{}，再前{days}日{}",
                words.counts,
                c.confirmed,
                or_dash(c.active),
                or_dash(c.cured),
                or_dash(c.dead),
                or_dash(c.new),
                or_dash(c.new_yesterday),
                c.new_recent,
                c.new_before
            ),
        };
        line(&mut out, &figures);
        if let Some(field) = &self.field {
            for text in field_lines(field) {
                line(&mut out, text.in_language(language));
            }
        }
        line(
            &mut out,
            &format!(
                "{}: {} – {}",
                words.risk,
                level(self.risk.level, language),
                self.risk.reason.in_language(language)
            ),
        );
        line(
            &mut out,
            &format!(
                "{}: {}",
                words.turning_point,
                self.turning_point.reason.in_language(language)
            ),
        );
        let mut section = |title: &str, rows: Vec<String>| {
            let _ = writeln!(out, "\n{title}");
            if rows.is_empty() {
                let _ = writeln!(out, "  {}", words.nothing);
            }
            for row in rows {
                let _ = writeln!(out, "  {row}");
            }
        };
        section(
            words.below,
            self.children
                .iter()
                .map(|child| {
                    let rt = child
                        .rt
                        .as_ref()
                        .map_or_else(String::new, |rt| format!("  Rt {:.2}", rt.mean));
                    format!(
                        "{}  {}  +{} / {days} {}  {}{rt}",
                        name(&child.area),
                        child.confirmed,
                        child.new_recent,
                        words.days,
                        level(child.risk, language)
                    )
                })
                .collect(),
        );
        section(
            words.changes,
            self.changes
                .iter()
                .map(|change| {
                    format!(
                        "{}: {}",
                        name(&change.area),
                        change.text.in_language(language)
                    )
                })
                .collect(),
        );
        section(
            words.missing,
            self.missing
                .iter()
                .map(|m| format!("{}  {} {}", name(&m.area), m.days, words.days))
                .collect(),
        );
        section(
            words.late,
            self.late
                .iter()
                .map(|m| format!("{}  {}  {} h", m.title, name(&m.area), m.late_hours))
                .collect(),
        );
        let p = &self.provenance;
        let _ = writeln!(
            out,
            "\n{}: {} {}; seq {}",
            words.provenance, p.pack, p.pack_version, p.seq
        );
        out
    }

    /// The brief as a workbook: figures, curve, areas below, what changed, what is missing, late.
    pub fn xlsx(&self, language: Language) -> Result<Vec<u8>, Refusal> {
        let zh = language == Language::Zh;
        let pick = |en: &'static str, zh_word: &'static str| if zh { zh_word } else { en };
        let text = |text: &str| Cell::Text(text.to_owned());
        let int = |n: Option<u32>| n.map_or(Cell::Empty, |n| Cell::Int(n.into()));
        let float = |x: Option<f64>| x.map_or(Cell::Empty, Cell::Float);
        let c = &self.counts;
        let new_recent = if zh {
            format!("近{}日新增", c.recent_days)
        } else {
            format!("new in {} days", c.recent_days)
        };
        let figures = vec![
            vec![text(pick("area", "区域")), text(&self.area.name)],
            vec![text(pick("date", "日期")), Cell::Date(self.date)],
            vec![
                text(pick("headline", "概况")),
                text(self.headline.in_language(language)),
            ],
            vec![text(pick("new", "新增")), int(c.new)],
            vec![text(&new_recent), Cell::Int(c.new_recent.into())],
            vec![
                text(pick("confirmed", "累计确诊")),
                Cell::Int(c.confirmed.into()),
            ],
            vec![text(pick("active", "现有确诊")), int(c.active)],
            vec![text(pick("cured", "治愈")), int(c.cured)],
            vec![text(pick("dead", "死亡")), int(c.dead)],
            vec![text("Rt"), float(self.rt.as_ref().map(|rt| rt.mean))],
            vec![text("Rt 2.5 %"), float(self.rt.as_ref().map(|rt| rt.q025))],
            vec![text("Rt 97.5 %"), float(self.rt.as_ref().map(|rt| rt.q975))],
            vec![
                text(pick("risk", "风险等级")),
                text(level(self.risk.level, language)),
            ],
            vec![
                text(pick("reason", "依据")),
                text(self.risk.reason.in_language(language)),
            ],
            vec![
                text(pick("turning point", "拐点")),
                self.turning_point.date.map_or(Cell::Empty, Cell::Date),
            ],
            vec![
                text(pick("policy", "政策包")),
                text(&format!(
                    "{} {}",
                    self.provenance.pack, self.provenance.pack_version
                )),
            ],
        ];
        let curve = self
            .curve
            .iter()
            .map(|day| {
                vec![
                    Cell::Date(day.date),
                    int(day.new),
                    Cell::Int(day.correction),
                    float(day.expected),
                    float(day.rt.as_ref().map(|rt| rt.mean)),
                    float(day.rt.as_ref().map(|rt| rt.q025)),
                    float(day.rt.as_ref().map(|rt| rt.q975)),
                ]
            })
            .collect();
        let below = self
            .children
            .iter()
            .map(|child| {
                vec![
                    Cell::Text(child.area.code.to_string()),
                    text(&child.area.name),
                    int(child.new),
                    Cell::Int(child.new_recent.into()),
                    Cell::Int(child.confirmed.into()),
                    float(child.per_100k),
                    float(child.rt.as_ref().map(|rt| rt.mean)),
                    text(level(child.risk, language)),
                    child.turning_point.date.map_or(Cell::Empty, Cell::Date),
                ]
            })
            .collect();
        let changes = self
            .changes
            .iter()
            .map(|change| {
                vec![
                    text(&change.area.name),
                    text(change.text.in_language(language)),
                ]
            })
            .collect();
        let missing = self
            .missing
            .iter()
            .map(|m| {
                vec![
                    text(&m.area.name),
                    Cell::Date(m.since),
                    Cell::Int(m.days.into()),
                ]
            })
            .collect();
        let late = self
            .late
            .iter()
            .map(|m| {
                vec![
                    text(&m.title),
                    text(&m.area.name),
                    text(&m.deadline),
                    Cell::Int(m.late_hours),
                ]
            })
            .collect();
        let mut sheets: Vec<Sheet<'_>> = vec![
            (
                pick("brief", "简报"),
                vec![pick("figure", "指标"), pick("value", "数值")],
                figures,
            ),
            (
                pick("curve", "疫情曲线"),
                vec![
                    pick("date", "日期"),
                    pick("new", "新增"),
                    pick("correction", "订正"),
                    pick("expected", "预计"),
                    "Rt",
                    "Rt 2.5 %",
                    "Rt 97.5 %",
                ],
                curve,
            ),
            (
                pick("areas", "下级区域"),
                vec![
                    pick("code", "代码"),
                    pick("area", "区域"),
                    pick("new", "新增"),
                    &new_recent,
                    pick("confirmed", "累计确诊"),
                    pick("per 100,000", "每10万人"),
                    "Rt",
                    pick("risk", "风险等级"),
                    pick("turning point", "拐点"),
                ],
                below,
            ),
            (
                pick("changes", "变化"),
                vec![pick("area", "区域"), pick("change", "变化")],
                changes,
            ),
            (
                pick("missing", "漏报"),
                vec![
                    pick("area", "区域"),
                    pick("since", "起始日"),
                    pick("days", "天数"),
                ],
                missing,
            ),
            (
                pick("late", "逾期"),
                vec![
                    pick("matter", "事项"),
                    pick("area", "区域"),
                    pick("deadline", "期限"),
                    pick("hours late", "逾期小时"),
                ],
                late,
            ),
        ];
        if let Some(field) = &self.field {
            sheets.push((
                pick("field", "卡口与隔离"),
                vec![pick("figure", "指标"), pick("value", "数值")],
                field_figures(field, language),
            ));
        }
        let mut out = Vec::new();
        write_workbook(&mut out, sheets).map_err(|error| Refusal::Pack(error.to_string()))?;
        Ok(out)
    }
}

/// Gates and quarantine, a row each.
fn field_figures(field: &FieldBrief, language: Language) -> Vec<Vec<Cell>> {
    let pick = |en: &str, zh: &str| match language {
        Language::Zh => zh.to_owned(),
        Language::En => en.to_owned(),
    };
    let watch = &field.quarantine;
    let mut rows: Vec<(String, u64)> = Vec::new();
    if let Some(entry) = &field.entry {
        rows.push((pick("arrived", "抵达"), entry.arrived));
        for source in &entry.sources {
            let name = source.name.in_language(language);
            rows.push((pick("found first by: ", "首先发现：") + name, source.people));
            rows.push((
                pick("of them before arrival: ", "其中抵达前发现：") + name,
                source.before_arrival,
            ));
        }
        rows.extend([
            (pick("hand-overs on the way", "移交中"), entry.handovers),
            (pick("of them late", "其中逾期"), entry.handovers_late),
        ]);
    }
    rows.push((pick("under watch", "隔离观察"), watch.total));
    for kind in &watch.watched {
        rows.push((kind.name.in_language(language).to_owned(), kind.people));
    }
    rows.extend([
        (pick("checks due", "应监测"), watch.checks_due),
        (pick("checks done", "已监测"), watch.checks_done),
        (
            pick("people with an abnormal check", "监测异常人数"),
            watch.abnormal,
        ),
        (pick("samples due", "应采样"), watch.samples_due),
        (pick("samples done", "已采样"), watch.samples_done),
        (pick("releases due", "应解除"), watch.releases_due),
        (pick("releases done", "已解除"), watch.releases_done),
        (pick("releases late", "逾期未解除"), watch.releases_late),
        (pick("not there", "不在位"), watch.absent),
        (pick("breaches", "脱离"), watch.breaches),
    ]);
    rows.into_iter()
        .map(|(name, number)| vec![Cell::Text(name), Cell::Int(number as i64)])
        .collect()
}

/// Gates and quarantine, a line each.
fn field_lines(field: &FieldBrief) -> Vec<Text> {
    let watch = &field.quarantine;
    let kinds = |language| {
        watch
            .watched
            .iter()
            .map(|kind| format!("{} {}", kind.name.in_language(language), kind.people))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let mut lines = vec![Text::new(
        format!(
            "Under watch: {} ({}); checks {} of {}, samples {} of {}, released {} of {}, late {}; not there {}, breaches {}",
            watch.total,
            kinds(Language::En),
            watch.checks_done,
            watch.checks_due,
            watch.samples_done,
            watch.samples_due,
            watch.releases_done,
            watch.releases_due,
            watch.releases_late,
            watch.absent,
            watch.breaches
        ),
        format!(
            "隔离观察：{}人（{}）；健康监测{}/{}，采样{}/{}，解除{}/{}，逾期{}；不在位{}，脱离{}",
            watch.total,
            kinds(Language::Zh),
            watch.checks_done,
            watch.checks_due,
            watch.samples_done,
            watch.samples_due,
            watch.releases_done,
            watch.releases_due,
            watch.releases_late,
            watch.absent,
            watch.breaches
        ),
    )];
    if let Some(entry) = &field.entry {
        let sources = |language| {
            entry
                .sources
                .iter()
                .map(|source| format!("{} {}", source.name.in_language(language), source.people))
                .collect::<Vec<_>>()
                .join(", ")
        };
        lines.push(Text::new(
            format!(
                "Arrived today: {} (found by {}); hand-overs {}, late {}",
                entry.arrived,
                sources(Language::En),
                entry.handovers,
                entry.handovers_late
            ),
            format!(
                "今日抵达：{}人（{}）；移交中{}，逾期{}",
                entry.arrived,
                sources(Language::Zh),
                entry.handovers,
                entry.handovers_late
            ),
        ));
    }
    lines
}
