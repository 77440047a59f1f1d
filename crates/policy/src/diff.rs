//! What changed from one pack to another, in words.

use lianfang_core::text::Text;
use lianfang_core::words::Word;
use serde::Serialize;

use crate::evidence::{Table, schema};
use crate::rules::{Change, Rule};
use crate::{Offspring, Pack};

/// Whether something came, went or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DiffKind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It is another.
    Changed,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Difference {
    /// Whether it came, went or changed.
    pub kind: DiffKind,
    /// The table, where it is about a rule.
    pub table: Option<Table>,
    /// What: a rule's id, a number's name, a setting.
    pub what: String,
    /// In words.
    pub words: Text,
}

struct Differences(Vec<Difference>);

impl Differences {
    fn add(&mut self, kind: DiffKind, table: Option<Table>, what: &str, en: String, zh: String) {
        self.0.push(Difference {
            kind,
            table,
            what: what.to_owned(),
            words: Text::new(en, zh),
        });
    }

    /// Notes a value that changed.
    fn changed<T: PartialEq + std::fmt::Display + ?Sized>(
        &mut self,
        table: Option<Table>,
        what: &str,
        name: (&str, &str),
        old: &T,
        new: &T,
    ) {
        if old != new {
            let (en, zh) = name;
            let said = |name: &str| {
                if name.is_empty() {
                    format!("{what}: {old} → {new}")
                } else {
                    format!("{what}: {name} {old} → {new}")
                }
            };
            self.add(DiffKind::Changed, table, what, said(en), said(zh));
        }
    }
}

/// What changed from `old` to `new`.
pub fn diff(old: &Pack, new: &Pack) -> Vec<Difference> {
    let mut found = Differences(Vec::new());
    found.changed(None, "id", ("", ""), &old.id, &new.id);
    found.changed(None, "version", ("", ""), &old.version, &new.version);
    found.changed(None, "summary", ("", ""), &old.summary.en, &new.summary.en);
    numbers(old, new, &mut found);
    settings(old, new, &mut found);
    disease(old, new, &mut found);
    origins(old, new, &mut found);
    for table in Table::ALL {
        rules(*table, old, new, &mut found);
    }
    matters(old, new, &mut found);
    found.0
}

fn numbers(old: &Pack, new: &Pack, found: &mut Differences) {
    for (id, number) in &new.numbers {
        match old.numbers.get(id) {
            None => found.add(
                DiffKind::Added,
                None,
                id,
                format!("New number {id} = {} ({})", number.value, number.name.en),
                format!("新增数值{id} = {}（{}）", number.value, number.name.zh),
            ),
            Some(before) => {
                if before.value.to_bits() != number.value.to_bits() {
                    found.add(
                        DiffKind::Changed,
                        None,
                        id,
                        format!("{}: {} → {}", number.name.en, before.value, number.value),
                        format!("{}：{} → {}", number.name.zh, before.value, number.value),
                    );
                }
                found.changed(
                    None,
                    id,
                    ("source:", "来源："),
                    &before.source,
                    &number.source,
                );
            }
        }
    }
    for (id, number) in &old.numbers {
        if !new.numbers.contains_key(id) {
            found.add(
                DiffKind::Removed,
                None,
                id,
                format!("Number {id} is gone ({})", number.name.en),
                format!("删去数值{id}（{}）", number.name.zh),
            );
        }
    }
}

fn settings(old: &Pack, new: &Pack, found: &mut Differences) {
    let (before, after) = (old.settings(), new.settings());
    for setting in &after {
        let (id, value) = (setting.id.as_str(), &setting.value);
        match before.iter().find(|other| other.id == id) {
            Some(other) => found.changed(None, id, ("", ""), &other.value, value),
            None => found.add(
                DiffKind::Added,
                None,
                id,
                format!("New setting {id} = {value}"),
                format!("新增设置{id} = {value}"),
            ),
        }
    }
    for setting in &before {
        let id = setting.id.as_str();
        if !after.iter().any(|other| other.id == id) {
            found.add(
                DiffKind::Removed,
                None,
                id,
                format!("Setting {id} is gone"),
                format!("删去设置{id}"),
            );
        }
    }
}

fn disease(old: &Pack, new: &Pack, found: &mut Differences) {
    let none = || Text::new("none", "无");
    for span in crate::Span::ALL {
        let words = |pack: &Pack| {
            pack.natural_history
                .span(*span)
                .map_or_else(none, |known| known.distribution.in_words())
        };
        let (before, after) = (words(old), words(new));
        if before != after {
            let name = span.label();
            found.add(
                DiffKind::Changed,
                None,
                span.word(),
                format!("{}: {} → {}", name.en, before.en, after.en),
                format!("{}：{} → {}", name.zh, before.zh, after.zh),
            );
        }
    }
    for share in crate::Share::ALL {
        let groups = |pack: &Pack| {
            pack.natural_history.share(*share).map(|known| {
                let groups: Vec<String> = known
                    .by_age
                    .iter()
                    .map(|group| format!("{}+ {}", group.from, group.value))
                    .collect();
                groups.join(", ")
            })
        };
        let (before, after) = (groups(old), groups(new));
        if before != after {
            let name = share.label();
            let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
            found.add(
                DiffKind::Changed,
                None,
                share.word(),
                format!("{}: {before} → {after}", name.en),
                format!("{}：{before} → {after}", name.zh),
            );
        }
    }
    let offspring = |given: &Option<Offspring>| {
        given
            .as_ref()
            .map_or("none".to_owned(), |o| format!("R {} k {}", o.mean, o.k))
    };
    let (before, after) = (&old.natural_history, &new.natural_history);
    for (what, before, after) in [
        ("offspring", &before.offspring, &after.offspring),
        ("unmitigated", &before.unmitigated, &after.unmitigated),
    ] {
        found.changed(None, what, ("", ""), &offspring(before), &offspring(after));
    }
}

fn origins(old: &Pack, new: &Pack, found: &mut Differences) {
    for origin in &new.origins {
        let area = origin.area.to_string();
        match old.origins.iter().find(|other| other.area == origin.area) {
            None => found.add(
                DiffKind::Added,
                None,
                &area,
                format!("Coming from {area}: {}", origin.risk.label().en),
                format!("来自{area}：{}", origin.risk.label().zh),
            ),
            Some(before) => {
                found.changed(
                    None,
                    &area,
                    ("", ""),
                    before.risk.word(),
                    origin.risk.word(),
                );
            }
        }
    }
    for origin in &old.origins {
        if !new.origins.iter().any(|other| other.area == origin.area) {
            let area = origin.area.to_string();
            found.add(
                DiffKind::Removed,
                None,
                &area,
                format!(
                    "Coming from {area} no longer counts as {}",
                    origin.risk.label().en
                ),
                format!("来自{area}不再按{}处理", origin.risk.label().zh),
            );
        }
    }
}

fn rules(table: Table, old: &Pack, new: &Pack, found: &mut Differences) {
    let name = table.label();
    let outcome = |rule: &Rule| schema(table).outcomes[rule.outcome].name.clone();
    let moved = |rule: &Rule| {
        let part = |change: &Option<Change>| {
            change
                .as_ref()
                .map(|change| (change.days, change.condition.clone(), change.reason.clone()))
        };
        (part(&rule.extension), part(&rule.early_end))
    };
    // Rules that are written as before, and change with a number that they name.
    let mut follow: Vec<&str> = Vec::new();
    for rule in new.rules(table).in_order() {
        let Some(before) = old
            .rules(table)
            .in_order()
            .iter()
            .find(|other| other.id == rule.id)
        else {
            let given = outcome(rule);
            found.add(
                DiffKind::Added,
                Some(table),
                &rule.id,
                format!(
                    "{}: new rule {} gives {}: {}",
                    name.en, rule.id, given.en, rule.reason.en
                ),
                format!(
                    "{}：新增规则{}，结果为{}：{}",
                    name.zh, rule.id, given.zh, rule.reason.zh
                ),
            );
            continue;
        };
        let told = found.0.len();
        rule_changes(table, before, rule, found);
        let same = (&before.holds, &before.reason, &before.clears)
            == (&rule.holds, &rule.reason, &rule.clears)
            && moved(before) == moved(rule);
        if told == found.0.len() && !same {
            follow.push(rule.id.as_str());
        }
    }
    if !follow.is_empty() {
        found.add(
            DiffKind::Changed,
            Some(table),
            "numbers",
            format!(
                "{}: rules that follow the numbers: {}",
                name.en,
                follow.join(", ")
            ),
            format!("{}：随数值变化的规则：{}", name.zh, follow.join("、")),
        );
    }
    for rule in old.rules(table).in_order() {
        if !new
            .rules(table)
            .in_order()
            .iter()
            .any(|other| other.id == rule.id)
        {
            let given = outcome(rule);
            found.add(
                DiffKind::Removed,
                Some(table),
                &rule.id,
                format!(
                    "{}: rule {} ({}) is gone: {}",
                    name.en, rule.id, given.en, rule.reason.en
                ),
                format!(
                    "{}：删去规则{}（{}）：{}",
                    name.zh, rule.id, given.zh, rule.reason.zh
                ),
            );
        }
    }
}

fn rule_changes(table: Table, old: &Rule, new: &Rule, found: &mut Differences) {
    let schema = schema(table);
    let mut note = |field: (&str, &str), before: &Text, after: &Text| {
        if before != after {
            let name = table.label();
            found.add(
                DiffKind::Changed,
                Some(table),
                &new.id,
                format!(
                    "{}, rule {}: {}: {} → {}",
                    name.en, new.id, field.0, before.en, after.en
                ),
                format!(
                    "{}，规则{}：{}：{} → {}",
                    name.zh, new.id, field.1, before.zh, after.zh
                ),
            );
        }
    };
    let plain = |text: String| Text::new(text.clone(), text);
    let outcome = |rule: &Rule| schema.outcomes[rule.outcome].name.clone();
    note(("outcome", "结果"), &outcome(old), &outcome(new));
    if old.when != new.when {
        let words = |rule: &Rule| rule.condition.in_words(schema);
        note(("condition", "条件"), &words(old), &words(new));
    }
    let lasts = |rule: &Rule| {
        rule.lasts_in_words(table)
            .unwrap_or_else(|| Text::new("no set time", "无固定期限"))
    };
    let (written_before, written) = (&old.written, &new.written);
    if (old.lasts.from, &written_before.lasts) != (new.lasts.from, &written.lasts) {
        note(("lasts", "期限"), &lasts(old), &lasts(new));
    }
    note(
        ("priority", "优先级"),
        &plain(old.priority.to_string()),
        &plain(new.priority.to_string()),
    );
    if written_before.reason != written.reason {
        note(("reason", "理由"), &old.reason, &new.reason);
    }
    if written_before.clears != written.clears {
        note(("cleared by", "解除条件"), &old.clears, &new.clears);
    }
    let days = |rule: &Rule| plain(format!("{:?}", rule.test_days));
    note(("test days", "检测日"), &days(old), &days(new));
    let moved = |change: &Option<Change>| {
        change.as_ref().map_or_else(
            || Text::new("none", "无"),
            |change| {
                Text::new(
                    format!(
                        "{} days where {}: {}",
                        change.days, change.when, change.reason.en
                    ),
                    format!("{}天（{}）：{}", change.days, change.when, change.reason.zh),
                )
            },
        )
    };
    if written_before.extension != written.extension {
        note(
            ("extension", "延长"),
            &moved(&old.extension),
            &moved(&new.extension),
        );
    }
    if written_before.early_end != written.early_end {
        note(
            ("early end", "提前解除"),
            &moved(&old.early_end),
            &moved(&new.early_end),
        );
    }
    let capacity = |rule: &Rule| {
        rule.capacity.map_or_else(
            || Text::new("none", "无"),
            |percent| plain(format!("{percent} %")),
        )
    };
    note(("limit", "限流"), &capacity(old), &capacity(new));
    let source = |rule: &Rule| plain(rule.source.clone().unwrap_or_default());
    note(("source", "来源"), &source(old), &source(new));
}

fn matters(old: &Pack, new: &Pack, found: &mut Differences) {
    for kind in &new.matters {
        let Some(before) = old.matter(&kind.kind) else {
            found.add(
                DiffKind::Added,
                None,
                &kind.kind,
                format!(
                    "New kind of matter: {}, deadline {} h",
                    kind.name.en, kind.deadline_hours
                ),
                format!(
                    "新增事项类型：{}，时限{}小时",
                    kind.name.zh, kind.deadline_hours
                ),
            );
            continue;
        };
        if before.deadline_hours != kind.deadline_hours {
            let (from, to) = (before.deadline_hours, kind.deadline_hours);
            found.add(
                DiffKind::Changed,
                None,
                &kind.kind,
                format!("{}: deadline {from} h → {to} h", kind.name.en),
                format!("{}：时限{from}小时 → {to}小时", kind.name.zh),
            );
        }
        if before.escalate_hours != kind.escalate_hours {
            let (from, to) = (before.escalate_hours, kind.escalate_hours);
            found.add(
                DiffKind::Changed,
                None,
                &kind.kind,
                format!("{}: climbs every {from} h → {to} h", kind.name.en),
                format!("{}：逾期每{from}小时 → {to}小时上报", kind.name.zh),
            );
        }
        if (before.owner, &before.states, &before.steps) != (kind.owner, &kind.states, &kind.steps)
        {
            found.add(
                DiffKind::Changed,
                None,
                &kind.kind,
                format!("{}: owner, states or steps changed", kind.name.en),
                format!("{}：责任角色、状态或步骤有变", kind.name.zh),
            );
        }
    }
    for kind in &old.matters {
        if new.matter(&kind.kind).is_none() {
            found.add(
                DiffKind::Removed,
                None,
                &kind.kind,
                format!("Kind of matter is gone: {}", kind.name.en),
                format!("删去事项类型：{}", kind.name.zh),
            );
        }
    }
}
