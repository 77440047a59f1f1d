//! The disease: distributions and shares, each with its source.

use std::collections::BTreeMap;

use lianfang_core::text::Text;
use lianfang_core::words::Word;
use lianfang_epi::serial_interval::{SerialInterval, SerialIntervalError};
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Gamma as GammaDistribution, LogNormal};
use toml::Spanned;

use crate::error::Problems;

/// How far the shares of a discrete distribution may be from 1 in all.
const ROUNDING: f64 = 1e-6;

lianfang_core::words! {
    /// A time of the course of disease, in days.
    Span {
        /// From infection to first symptoms.
        Incubation = "incubation", "infection to first symptoms", "潜伏期（感染至发病）";
        /// From the first symptoms of one case to those of a case infected by it.
        SerialInterval = "serial_interval", "first symptoms of a case to those of one it infected", "代间隔（发病至续发病例发病）";
        /// From infection to being infectious.
        Latent = "latent", "infection to infectious", "潜隐期（感染至具传染性）";
        /// From being infectious to first symptoms.
        Presymptomatic = "presymptomatic", "infectious to first symptoms", "症状前传染期";
        /// Being infectious, from first symptoms.
        Infectious = "infectious", "first symptoms to no longer infectious", "发病至不再具传染性";
        /// From first symptoms to admission.
        OnsetToAdmission = "onset_to_admission", "first symptoms to admission", "发病至入院";
        /// From first symptoms to severe disease.
        OnsetToSevere = "onset_to_severe", "first symptoms to severe disease", "发病至重症";
        /// From first symptoms to death.
        OnsetToDeath = "onset_to_death", "first symptoms to death", "发病至死亡";
        /// From first symptoms to recovery.
        OnsetToRecovery = "onset_to_recovery", "first symptoms to recovery", "发病至康复";
    }
}

lianfang_core::words! {
    /// A share of those infected, by age.
    Share {
        /// Susceptibility, relative to the age group for which it is 1.
        Susceptibility = "susceptibility", "susceptibility, relative", "相对易感性";
        /// Shows symptoms, of those infected.
        Symptomatic = "symptomatic", "show symptoms, of those infected", "感染者中有症状比例";
        /// Becomes severely ill, of those with symptoms.
        Severe = "severe", "severely ill, of those with symptoms", "有症状者中重症比例";
        /// Becomes critically ill, of those severely ill.
        Critical = "critical", "critically ill, of those severely ill", "重症者中危重比例";
        /// Dies, of those infected.
        Fatal = "fatal", "die, of those infected", "感染者病死比例";
        /// Infectiousness of those without symptoms, relative to those with them.
        InfectiousnessWithoutSymptoms = "infectiousness_without_symptoms", "infectiousness without symptoms, relative", "无症状者相对传染性";
        /// Infected by a case in the household while nothing is done, of those who live with it.
        HouseholdAttack = "household_attack", "infected by a case in the household, of those who live with it", "家庭续发率";
    }
}

/// A distribution of days.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Distribution {
    /// Gamma, by mean and standard deviation in days.
    Gamma {
        /// Mean.
        mean: f64,
        /// Standard deviation.
        sd: f64,
    },
    /// Log-normal, by mean and standard deviation of the logarithm of days.
    Lognormal {
        /// Mean of the logarithm.
        meanlog: f64,
        /// Standard deviation of the logarithm.
        sdlog: f64,
    },
    /// Weibull, by shape and scale in days.
    Weibull {
        /// Shape.
        shape: f64,
        /// Scale.
        scale: f64,
    },
    /// Always so many days.
    Fixed {
        /// Days.
        days: f64,
    },
    /// Shares of day 0, 1, 2 and so on; together 1.
    Daily {
        /// The shares.
        shares: Vec<f64>,
    },
}

impl Distribution {
    /// The share that lies at or below `days`.
    pub fn cdf(&self, days: f64) -> f64 {
        match self {
            Self::Gamma { mean, sd } => {
                let rate = mean / (sd * sd);
                GammaDistribution::new(mean * rate, rate).map_or(f64::NAN, |d| d.cdf(days))
            }
            Self::Lognormal { meanlog, sdlog } => {
                LogNormal::new(*meanlog, *sdlog).map_or(f64::NAN, |d| d.cdf(days))
            }
            Self::Weibull { shape, scale } => {
                if days <= 0.0 {
                    0.0
                } else {
                    1.0 - (-(days / scale).powf(*shape)).exp()
                }
            }
            Self::Fixed { days: fixed } => f64::from(u8::from(days >= *fixed)),
            Self::Daily { shares } => shares
                .iter()
                .enumerate()
                .filter(|(day, _)| *day as f64 <= days)
                .map(|(_, share)| share)
                .sum(),
        }
    }

    /// The mean, in days.
    pub fn mean(&self) -> f64 {
        match self {
            Self::Gamma { mean, .. } => *mean,
            Self::Lognormal { meanlog, sdlog } => (meanlog + sdlog * sdlog / 2.0).exp(),
            Self::Weibull { shape, scale } => {
                scale * statrs::function::gamma::gamma(1.0 + 1.0 / shape)
            }
            Self::Fixed { days } => *days,
            Self::Daily { shares } => shares
                .iter()
                .enumerate()
                .map(|(day, share)| day as f64 * share)
                .sum(),
        }
    }

    fn problem(&self) -> Option<Text> {
        let days = |value: f64| value.is_finite() && value > 0.0 && value <= 3_650.0;
        match self {
            Self::Gamma { mean, sd } if !(days(*mean) && days(*sd)) => Some(Text::new(
                "a gamma distribution has a mean and an sd above 0, in days",
                "伽马分布的mean与sd须大于0（天）",
            )),
            Self::Lognormal { meanlog, sdlog }
                if !(meanlog.is_finite()
                    && meanlog.abs() <= 8.0
                    && days(*sdlog)
                    && *sdlog <= 5.0) =>
            {
                Some(Text::new(
                    "a log-normal distribution has a meanlog between -8 and 8 and an sdlog above 0, at most 5",
                    "对数正态分布的meanlog应在-8至8之间，sdlog大于0且不超过5",
                ))
            }
            Self::Weibull { shape, scale } if !(days(*shape) && days(*scale)) => Some(Text::new(
                "a Weibull distribution has a shape and a scale above 0",
                "韦布尔分布的shape与scale须大于0",
            )),
            Self::Fixed { days: fixed } if !days(*fixed) => {
                Some(Text::new("`days` lies above 0", "“days”须大于0"))
            }
            Self::Daily { shares } => {
                let sum: f64 = shares.iter().sum();
                if shares.is_empty()
                    || shares.len() > 3_650
                    || shares.iter().any(|s| !(0.0..=1.0).contains(s))
                {
                    Some(Text::new(
                        "shares lie between 0 and 1, one for each day from day 0",
                        "各日比例应在0至1之间，从第0天起逐日给出",
                    ))
                } else if (sum - 1.0).abs() > ROUNDING {
                    Some(Text::new(
                        format!("the shares add up to {sum:.6}; they must add up to 1"),
                        format!("各日比例之和为{sum:.6}，应为1"),
                    ))
                } else {
                    None
                }
            }
            _ => None,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SpanFile {
    distribution: Spanned<Distribution>,
    source: Spanned<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShareFile {
    by_age: Spanned<Vec<AgeGroup>>,
    source: Spanned<String>,
}

/// From an age on, up to the next group's.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgeGroup {
    /// Age in completed years from which it holds.
    pub from: u32,
    /// The share, or for susceptibility the factor.
    pub value: f64,
}

/// How many one case infects.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Offspring {
    /// Mean: the reproduction number that the source found.
    pub mean: f64,
    /// Dispersion k of the negative binomial: the smaller, the more one case in few infects many.
    pub k: f64,
    /// Where the numbers come from.
    pub source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HistoryFile {
    #[serde(default)]
    spans: BTreeMap<Spanned<String>, SpanFile>,
    #[serde(default)]
    shares: BTreeMap<Spanned<String>, ShareFile>,
    offspring: Option<Spanned<Offspring>>,
    unmitigated: Option<Spanned<Offspring>>,
}

/// A time of the course of disease, with its source.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct KnownSpan {
    /// The distribution.
    pub distribution: Distribution,
    /// Where it comes from.
    pub source: String,
}

/// A share by age, with its source.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct KnownShare {
    /// By age, rising from 0.
    pub by_age: Vec<AgeGroup>,
    /// Where it comes from.
    pub source: String,
}

impl KnownShare {
    /// The value at an age in years.
    pub fn at(&self, age: u32) -> f64 {
        self.by_age
            .iter()
            .rev()
            .find(|group| group.from <= age)
            .map_or(0.0, |group| group.value)
    }
}

/// What is known of the disease.
#[derive(Debug, Clone, PartialEq)]
pub struct NaturalHistory {
    spans: Vec<(Span, KnownSpan)>,
    shares: Vec<(Share, KnownShare)>,
    /// How many one case infects.
    pub offspring: Option<Offspring>,
    /// How many one case infects where nobody is immune and nothing is done.
    pub unmitigated: Option<Offspring>,
}

impl NaturalHistory {
    /// A time of the course of disease, if the pack gives it.
    pub fn span(&self, span: Span) -> Option<&KnownSpan> {
        self.spans
            .iter()
            .find(|(known, _)| *known == span)
            .map(|(_, known)| known)
    }

    /// A share by age, if the pack gives it.
    pub fn share(&self, share: Share) -> Option<&KnownShare> {
        self.shares
            .iter()
            .find(|(known, _)| *known == share)
            .map(|(_, known)| known)
    }

    /// All times that the pack gives.
    pub fn spans(&self) -> &[(Span, KnownSpan)] {
        &self.spans
    }

    /// All shares that the pack gives.
    pub fn shares(&self) -> &[(Share, KnownShare)] {
        &self.shares
    }

    pub(crate) fn read(
        file: Spanned<HistoryFile>,
        problems: &mut Problems<'_>,
    ) -> (Self, Option<SerialInterval>) {
        let at = file.span().start;
        let file = file.into_inner();
        let mut history = Self {
            spans: Vec::new(),
            shares: Vec::new(),
            offspring: None,
            unmitigated: None,
        };
        let mut interval = None;
        for (name, given) in file.spans {
            let Some(span) = known::<Span>(&name, "spans", problems) else {
                continue;
            };
            let place = given.distribution.span().start;
            needs_source(&given.source, problems);
            if let Some(problem) = given.distribution.get_ref().problem() {
                problems.add(place, problem.en, problem.zh);
                continue;
            }
            if span == Span::SerialInterval {
                interval = serial_interval(&given.distribution, problems);
            }
            history.spans.push((
                span,
                KnownSpan {
                    distribution: given.distribution.into_inner(),
                    source: given.source.into_inner(),
                },
            ));
        }
        if history.span(Span::SerialInterval).is_none() {
            problems.add(
                at,
                "natural_history.spans.serial_interval is missing: Rt and the turning point need it",
                "缺少natural_history.spans.serial_interval：再生数与拐点都要用到",
            );
        }
        for (name, given) in file.shares {
            let Some(share) = known::<Share>(&name, "shares", problems) else {
                continue;
            };
            needs_source(&given.source, problems);
            let groups = given.by_age.get_ref();
            let most = if share == Share::Susceptibility {
                100.0
            } else {
                1.0
            };
            let rising = groups.first().is_some_and(|group| group.from == 0)
                && groups.is_sorted_by(|a, b| a.from < b.from)
                && groups.iter().all(|group| group.from <= 120);
            if !rising || groups.iter().any(|g| !(0.0..=most).contains(&g.value)) {
                problems.add(
                    given.by_age.span().start,
                    format!("age groups begin at 0 and rise to at most 120; values lie between 0 and {most}"),
                    format!("年龄组从0起递增，不超过120；值在0至{most}之间"),
                );
                continue;
            }
            history.shares.push((
                share,
                KnownShare {
                    by_age: given.by_age.into_inner(),
                    source: given.source.into_inner(),
                },
            ));
        }
        history.offspring = offspring("offspring", file.offspring, problems);
        history.unmitigated = offspring("unmitigated", file.unmitigated, problems);
        (history, interval)
    }
}

fn offspring(
    section: &str,
    given: Option<Spanned<Offspring>>,
    problems: &mut Problems<'_>,
) -> Option<Offspring> {
    let given = given?;
    let place = given.span().start;
    let offspring = given.into_inner();
    let fits = |value: f64| value > 0.0 && value <= 1_000.0;
    if !fits(offspring.mean) || !fits(offspring.k) || offspring.source.trim().is_empty() {
        problems.add(
            place,
            format!("{section} has a mean and a k above 0, and a source"),
            format!("{section}须有大于0的mean与k，并注明来源"),
        );
    }
    Some(offspring)
}

fn known<W: Word>(name: &Spanned<String>, section: &str, problems: &mut Problems<'_>) -> Option<W> {
    let found = W::ALL
        .iter()
        .copied()
        .find(|word| word.word() == name.get_ref());
    if found.is_none() {
        let all: Vec<&str> = W::ALL.iter().map(|word| word.word()).collect();
        problems.add(
            name.span().start,
            format!(
                "`{}` is none of natural_history.{section}; known are {}",
                name.get_ref(),
                all.join(", ")
            ),
            format!(
                "natural_history.{section}中没有“{}”；可用：{}",
                name.get_ref(),
                all.join("、")
            ),
        );
    }
    found
}

fn needs_source(source: &Spanned<String>, problems: &mut Problems<'_>) {
    if source.get_ref().trim().is_empty() {
        problems.add(
            source.span().start,
            "say where the numbers come from",
            "请注明数据来源",
        );
    }
}

fn serial_interval(
    given: &Spanned<Distribution>,
    problems: &mut Problems<'_>,
) -> Option<SerialInterval> {
    let place = given.span().start;
    let Distribution::Gamma { mean, sd } = given.get_ref() else {
        problems.add(
            place,
            "the serial interval is a gamma distribution: { gamma = { mean = …, sd = … } }",
            "代间隔须为伽马分布：{ gamma = { mean = …, sd = … } }",
        );
        return None;
    };
    match SerialInterval::gamma(*mean, *sd) {
        Ok(interval) => Some(interval),
        Err(error) => {
            let why = match error {
                SerialIntervalError::Mean(_) => "均值须大于1天",
                SerialIntervalError::Sd(_) => "标准差须大于0",
                SerialIntervalError::Support(_) => "跨度不得超过一年",
                _ => "离散化后各日概率之和须为1",
            };
            problems.add(
                place,
                format!("the serial interval cannot be used: {error}"),
                format!("代间隔无法使用：{why}"),
            );
            None
        }
    }
}
