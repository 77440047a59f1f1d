//! A pack as people read it: every rule, number and source in words.

use lianfang_core::access::Role;
use lianfang_core::text::Text;
use lianfang_core::words::Word;
use serde::Serialize;

use crate::conditions::Condition;
use crate::evidence::{NamedWord, Table, schema};
use crate::natural_history::{Distribution, KnownShare, Span};
use crate::rules::{Change, Rule};
use crate::{Number, Offspring, Pack};

mod settings;

pub use settings::{Setting, SettingValue};

/// A pack as people read it.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Overview {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// BLAKE3 of its file, in hex.
    pub digest: String,
    /// Its name.
    pub name: Text,
    /// What it is for.
    pub summary: Text,
    /// Its tables of rules.
    pub tables: Vec<TableShown>,
    /// Its named numbers.
    pub numbers: Vec<NumberShown>,
    /// What is known of the disease.
    pub spans: Vec<SpanShown>,
    /// Shares by age.
    pub shares: Vec<ShareShown>,
    /// How many one case infects.
    pub offspring: Option<Offspring>,
    /// What coming from some areas means.
    pub origins: Vec<OriginShown>,
    /// Deadlines.
    pub matters: Vec<MatterDeadline>,
    /// Its settings.
    pub settings: Vec<Setting>,
    /// How many examples it carries.
    pub examples: usize,
}

/// A table of rules.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct TableShown {
    /// The table.
    pub table: Table,
    /// Its name.
    pub name: Text,
    /// What its decisions are about.
    pub about: Text,
    /// Its outcomes, from free to most restrictive.
    pub outcomes: Vec<NamedWord>,
    /// Its rules, in the order in which they are asked.
    pub rules: Vec<RuleShown>,
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct RuleShown {
    /// Its word.
    pub id: String,
    /// The highest that holds decides.
    pub priority: i32,
    /// Its outcome.
    pub outcome: &'static str,
    /// The outcome's name.
    pub outcome_name: Text,
    /// Its condition, as written.
    pub when: String,
    /// The condition in words.
    pub words: Text,
    /// How long it lasts, in words; empty where no time ends it.
    pub lasts: Option<Text>,
    /// The share of those infected who show symptoms within its days, where it is a quarantine
    /// counted from exposure.
    pub covers: Option<f64>,
    /// Why.
    pub reason: Text,
    /// What clears it.
    pub clears: Text,
    /// Where it comes from.
    pub source: Option<String>,
    /// Days on which a test is due.
    pub test_days: Vec<u32>,
    /// Whether an order may be extended.
    pub extension: Option<ChangeShown>,
    /// Whether an order may end early.
    pub early_end: Option<ChangeShown>,
    /// Percent of the usual number of people that a limited opening takes.
    pub capacity: Option<u32>,
}

/// When the end of an order may be moved.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ChangeShown {
    /// At most so many days more; or not before so many days.
    pub days: u32,
    /// The condition, as written.
    pub when: String,
    /// Why.
    pub reason: Text,
}

/// A named number.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct NumberShown {
    /// Its name in rules.
    pub id: String,
    /// The number.
    #[serde(flatten)]
    pub number: Number,
}

/// A time of the course of disease.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct SpanShown {
    /// Its word.
    pub id: &'static str,
    /// What it is.
    pub name: Text,
    /// Its mean, in days.
    pub mean: f64,
    /// The distribution, in words.
    pub words: Text,
    /// The distribution.
    pub distribution: Distribution,
    /// Where it comes from.
    pub source: String,
}

/// A share by age.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ShareShown {
    /// Its word.
    pub id: &'static str,
    /// What it is.
    pub name: Text,
    /// The share.
    #[serde(flatten)]
    pub share: KnownShare,
}

/// What coming from an area means.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct OriginShown {
    /// The area's code.
    pub area: String,
    /// What coming from there means.
    pub risk: Text,
    /// Where that is said.
    pub source: String,
}

/// A kind of matter with its deadline.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct MatterDeadline {
    /// Its word.
    pub kind: String,
    /// Its name.
    pub name: Text,
    /// Who owes the work.
    pub owner: Role,
    /// Hours to the deadline.
    pub deadline_hours: u32,
    /// Hours from then to each climb.
    pub escalate_hours: u32,
}

impl Pack {
    /// The pack as people read it.
    pub fn overview(&self) -> Overview {
        Overview {
            id: self.id.clone(),
            version: self.version.clone(),
            digest: self.digest.clone(),
            name: self.name.clone(),
            summary: self.summary.clone(),
            tables: Table::ALL
                .iter()
                .map(|table| TableShown {
                    table: *table,
                    name: table.label(),
                    about: schema(*table).about.clone(),
                    outcomes: schema(*table).outcomes.clone(),
                    rules: self
                        .rules(*table)
                        .in_order()
                        .iter()
                        .map(|rule| self.rule_shown(*table, rule))
                        .collect(),
                })
                .collect(),
            numbers: self
                .numbers
                .iter()
                .map(|(id, number)| NumberShown {
                    id: id.clone(),
                    number: number.clone(),
                })
                .collect(),
            spans: self
                .natural_history
                .spans()
                .iter()
                .map(|(span, known)| SpanShown {
                    id: span.word(),
                    name: span.label(),
                    mean: known.distribution.mean(),
                    words: known.distribution.in_words(),
                    distribution: known.distribution.clone(),
                    source: known.source.clone(),
                })
                .collect(),
            shares: self
                .natural_history
                .shares()
                .iter()
                .map(|(share, known)| ShareShown {
                    id: share.word(),
                    name: share.label(),
                    share: known.clone(),
                })
                .collect(),
            offspring: self.natural_history.offspring.clone(),
            origins: self
                .origins
                .iter()
                .map(|origin| OriginShown {
                    area: origin.area.to_string(),
                    risk: origin.risk.label(),
                    source: origin.source.clone(),
                })
                .collect(),
            matters: self
                .matters
                .iter()
                .map(|kind| MatterDeadline {
                    kind: kind.kind.clone(),
                    name: kind.name.clone(),
                    owner: kind.owner,
                    deadline_hours: kind.deadline_hours,
                    escalate_hours: kind.escalate_hours,
                })
                .collect(),
            settings: self.settings(),
            examples: self.examples.len(),
        }
    }

    fn rule_shown(&self, table: Table, rule: &Rule) -> RuleShown {
        let outcome = &schema(table).outcomes[rule.outcome];
        let from_exposure = rule
            .lasts
            .from
            .is_some_and(|(name, _)| name == "last_exposure");
        let covers = match (
            table,
            rule.lasts.days,
            self.natural_history.span(Span::Incubation),
        ) {
            (Table::Quarantine, Some(days), Some(incubation)) if from_exposure => {
                Some(incubation.distribution.cdf(f64::from(days)))
            }
            _ => None,
        };
        RuleShown {
            id: rule.id.clone(),
            priority: rule.priority,
            outcome: outcome.word,
            outcome_name: outcome.name.clone(),
            when: rule.when.clone(),
            words: rule.in_words(table),
            lasts: rule.lasts_in_words(table),
            covers,
            reason: rule.reason.clone(),
            clears: rule.clears.clone(),
            source: rule.source.clone(),
            test_days: rule.test_days.clone(),
            extension: rule.extension.as_ref().map(Change::shown),
            early_end: rule.early_end.as_ref().map(Change::shown),
            capacity: rule.capacity,
        }
    }
}

impl Change {
    fn shown(&self) -> ChangeShown {
        ChangeShown {
            days: self.days,
            when: self.when.clone(),
            reason: self.reason.clone(),
        }
    }
}

impl Rule {
    /// Its condition in words.
    fn in_words(&self, table: Table) -> Text {
        match self
            .lasts
            .from
            .and_then(|(name, _)| schema(table).field(name))
        {
            // Nothing but the day from which it counts decides whom it concerns.
            Some(field) if self.condition == Condition::Always(true) => Text::new(
                format!("{}: ever", field.label.en),
                format!("{}：曾有", field.label.zh),
            ),
            _ => self.condition.in_words(schema(table)),
        }
    }

    /// How long its outcome lasts, in words.
    pub fn lasts_in_words(&self, table: Table) -> Option<Text> {
        let mut en = Vec::new();
        let mut zh = Vec::new();
        if let (Some((name, _)), Some(days)) = (self.lasts.from, self.lasts.days) {
            let label = schema(table)
                .field(name)
                .map_or_else(|| Text::new(name, name), |field| field.label.clone());
            en.push(format!("{days} days from {}", label.en));
            zh.push(format!("自{}起{days}天", label.zh));
        }
        if let Some(reports) = self.lasts.reports {
            en.push(format!("{reports} healthy daily reports in a row"));
            zh.push(format!("连续健康打卡{reports}天"));
        }
        if let Some(tests) = self.lasts.tests {
            en.push(format!("{tests} negative tests in a row"));
            zh.push(format!("连续{tests}次检测阴性"));
        }
        (!en.is_empty()).then(|| Text::new(en.join(" and "), zh.join("，且")))
    }
}

impl Distribution {
    /// In words.
    pub fn in_words(&self) -> Text {
        match self {
            Self::Gamma { mean, sd } => Text::new(
                format!("gamma, mean {mean} d, standard deviation {sd} d"),
                format!("伽马分布，均值{mean}天，标准差{sd}天"),
            ),
            Self::Lognormal { meanlog, sdlog } => Text::new(
                format!(
                    "log-normal, median {:.1} d (meanlog {meanlog}, sdlog {sdlog})",
                    meanlog.exp()
                ),
                format!(
                    "对数正态分布，中位数{:.1}天（meanlog {meanlog}，sdlog {sdlog}）",
                    meanlog.exp()
                ),
            ),
            Self::Weibull { shape, scale } => Text::new(
                format!("Weibull, shape {shape}, scale {scale} d"),
                format!("韦布尔分布，形状{shape}，尺度{scale}天"),
            ),
            Self::Fixed { days } => Text::new(format!("always {days} d"), format!("固定{days}天")),
            Self::Daily { shares } => Text::new(
                format!("given day by day for {} days", shares.len()),
                format!("逐日给出，共{}天", shares.len()),
            ),
        }
    }
}
