//! The pack: one file, read, checked and ready to decide.

use std::collections::BTreeMap;

use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::entry::OriginRisk;
use lianfang_core::matters::MatterKind;
use lianfang_core::text::Text;
use lianfang_core::words::Word;
use lianfang_epi::forecast::ForecastRule;
use lianfang_epi::serial_interval::SerialInterval;
use lianfang_epi::turning_point::TurningPointRule;
use serde::Deserialize;
use toml::Spanned;

use crate::error::{PackError, Problems};
use crate::evidence::{Evidence, Table, schema};
use crate::examples::{Example, ExampleFile};
use crate::foresight::Foresight;
use crate::natural_history::{HistoryFile, NaturalHistory};
use crate::numbers::{Number, NumberFile, check_text, fill_in};
use crate::rules::{Decision, RuleFile, Rules};
use crate::settings::{
    Briefs, CASE_MATTERS, Cases, FIELD_MATTERS, Field, Growth, Nowcast, PASS_MATTERS, Passes,
    Reports, ReproductionNumber, Retention, RiskWindow, SettingsFile, Visits,
};
use crate::surveillance::{Infectors, Surveillance};

/// Most bytes of a pack's file.
pub const LONGEST: usize = 128 * 1024;

/// Most rules of one table.
const MOST_RULES: usize = 200;

/// A pack as it stands in the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PackFile {
    id: Spanned<String>,
    version: Spanned<String>,
    name: Spanned<Text>,
    summary: Spanned<Text>,
    #[serde(default)]
    numbers: BTreeMap<Spanned<String>, NumberFile>,
    natural_history: Spanned<HistoryFile>,
    settings: SettingsFile,
    #[serde(default)]
    origin: Vec<Spanned<OriginFile>>,
    #[serde(default)]
    entry: Vec<Spanned<RuleFile>>,
    #[serde(default)]
    contact: Vec<Spanned<RuleFile>>,
    #[serde(default)]
    quarantine: Vec<Spanned<RuleFile>>,
    #[serde(default)]
    pass: Vec<Spanned<RuleFile>>,
    #[serde(default)]
    risk: Vec<Spanned<RuleFile>>,
    #[serde(default)]
    reopening: Vec<Spanned<RuleFile>>,
    #[serde(default)]
    matter: Vec<Spanned<MatterKind>>,
    #[serde(default)]
    example: Vec<Spanned<ExampleFile>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OriginFile {
    area: Spanned<String>,
    risk: Spanned<String>,
    source: Spanned<String>,
}

/// What coming from an area means, whatever its numbers say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The area, with all below it.
    pub area: AreaCode,
    /// What coming from there means.
    pub risk: OriginRisk,
    /// Where that is said.
    pub source: String,
}

/// A policy pack, checked and ready to decide.
#[derive(Debug)]
pub struct Pack {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// Its name.
    pub name: Text,
    /// What it is for, in a few sentences.
    pub summary: Text,
    /// BLAKE3 of its file, in hex.
    pub digest: String,
    /// Its file.
    pub text: String,
    /// Named numbers that rules and texts use.
    pub numbers: BTreeMap<String, Number>,
    /// What is known of the disease.
    pub natural_history: NaturalHistory,
    /// The serial interval, discretised.
    pub serial_interval: SerialInterval,
    /// How the reproduction number is estimated.
    pub reproduction_number: ReproductionNumber,
    /// When a turning point is declared.
    pub turning_point: TurningPointRule,
    /// How counts not yet complete are filled up.
    pub nowcast: Nowcast,
    /// How the growth rate of now is fitted.
    pub growth: Growth,
    /// Which reports areas owe.
    pub reports: Reports,
    /// What the morning page shows.
    pub briefs: Briefs,
    /// How long personal data is kept.
    pub retention: Retention,
    /// What the risk rules are judged by.
    pub risk_evidence: RiskWindow,
    /// How gates, hand-overs, watch and rounds are run.
    pub field: Option<Field>,
    /// How cases are reported, investigated and traced.
    pub cases: Option<Cases>,
    /// How new cases are forecast; a pack that leaves this out forecasts none.
    pub forecast: Option<ForecastRule>,
    /// How visits are taken, kept and traced; a pack that leaves this out takes none.
    pub visits: Option<Visits>,
    /// How passes are issued; a pack that leaves this out issues none.
    pub passes: Option<Passes>,
    /// When unusual numbers of cases are alarms; a pack that leaves this out raises none.
    pub surveillance: Option<Surveillance>,
    /// What a house forecasts each day; a pack that leaves this out has it forecast nothing.
    pub foresight: Option<Foresight>,
    /// How suggested infectors are weighed; a pack that leaves this out suggests none.
    pub infectors: Option<Infectors>,
    /// What coming from some areas means.
    pub origins: Vec<Origin>,
    /// The kinds of matter.
    pub matters: Vec<MatterKind>,
    /// Evidence with the decision that it must get.
    pub examples: Vec<Example>,
    tables: Vec<Rules>,
}

impl Pack {
    /// Whether a rule for passes asks for the risk of the area of residence.
    pub fn asks_area_risk_for_passes(&self) -> bool {
        let rules = self.rules(Table::Pass);
        let schema = <crate::PassEvidence as crate::Evidence>::schema();
        rules.rules.iter().any(|rule| {
            let mut slots = rule.holds.slots().into_iter();
            slots.any(|slot| schema.field_of(slot).name == "area_risk")
        })
    }

    /// Reads a pack from the text of its file and checks it, its own examples included.
    pub fn read(text: &str) -> Result<Self, PackError> {
        let pack = Self::read_untried(text)?;
        let mut problems = Problems::new(text);
        for example in &pack.examples {
            if let Err(wrong) = example.run(&pack) {
                problems.add(example.at, wrong.en, wrong.zh);
            }
        }
        problems.finish()?;
        Ok(pack)
    }

    /// Reads and checks a pack without running its examples.
    pub fn read_untried(text: &str) -> Result<Self, PackError> {
        if text.len() > LONGEST {
            return Err(PackError::TooLong);
        }
        let mut problems = Problems::new(text);
        let file: PackFile = match toml::from_str(text) {
            Ok(file) => file,
            Err(error) => {
                problems.add_unread(&error);
                return Err(problems.refused());
            }
        };
        head(&file, &mut problems);
        let (numbers, named) = crate::numbers::read(file.numbers, &mut problems);
        let (natural_history, serial_interval) =
            NaturalHistory::read(file.natural_history, &mut problems);
        file.settings.check(serial_interval.as_ref(), &mut problems);
        let summary = fill_in(&file.summary, &[], &named, &mut problems);
        let origins = origins(file.origin, &mut problems);
        let matters = matters(file.matter, &mut problems);
        if let Some(visits) = &file.settings.visits {
            names_a_number(
                visits.span().start,
                "visits.trace_before",
                &visits.get_ref().trace_before,
                &numbers,
                &mut problems,
            );
        }
        if let Some(field) = &file.settings.field {
            field_needs(field, &matters, &numbers, &mut problems);
        }
        if let Some(cases) = &file.settings.cases {
            matters_needed(
                "cases",
                cases.span().start,
                CASE_MATTERS,
                &matters,
                &mut problems,
            );
        }
        if let Some(passes) = &file.settings.pass {
            matters_needed(
                "pass",
                passes.span().start,
                PASS_MATTERS,
                &matters,
                &mut problems,
            );
        }
        let tables = [
            (Table::Entry, file.entry),
            (Table::Contact, file.contact),
            (Table::Quarantine, file.quarantine),
            (Table::Pass, file.pass),
            (Table::Risk, file.risk),
            (Table::Reopening, file.reopening),
        ]
        .map(|(table, rules)| {
            let end = rules.last().map_or(text.len(), |rule| rule.span().start);
            if rules.len() > MOST_RULES {
                problems.add(
                    end,
                    format!("a table has at most {MOST_RULES} rules"),
                    format!("每张表最多{MOST_RULES}条规则"),
                );
                return None;
            }
            let rules = Rules::read(schema(table), rules, &named, &mut problems)?;
            rules.check(end, &mut problems);
            Some(rules)
        });
        let examples = file
            .example
            .into_iter()
            .filter_map(|example| Example::read(example, &mut problems))
            .collect();
        let (Some(serial_interval), true) = (serial_interval, problems.is_empty()) else {
            return Err(problems.refused());
        };
        let settings = file.settings;
        Ok(Self {
            digest: blake3::hash(text.as_bytes()).to_hex().to_string(),
            text: text.to_owned(),
            id: file.id.into_inner(),
            version: file.version.into_inner(),
            name: file.name.into_inner(),
            summary,
            numbers,
            natural_history,
            serial_interval,
            reproduction_number: settings.reproduction_number.into_inner(),
            turning_point: settings.turning_point.into_inner(),
            nowcast: settings.nowcast.into_inner(),
            growth: settings.growth.into_inner(),
            reports: settings.reports.into_inner(),
            briefs: settings.briefs.into_inner(),
            retention: settings.retention.into_inner(),
            risk_evidence: settings.risk_evidence.into_inner(),
            field: settings.field.map(Spanned::into_inner),
            cases: settings.cases.map(Spanned::into_inner),
            forecast: settings.forecast.map(Spanned::into_inner),
            visits: settings.visits.map(Spanned::into_inner),
            passes: settings.pass.map(Spanned::into_inner),
            surveillance: settings.surveillance.map(Spanned::into_inner),
            foresight: settings.foresight.map(Spanned::into_inner),
            infectors: settings.infectors.map(Spanned::into_inner),
            origins,
            matters,
            examples,
            tables: tables.into_iter().flatten().collect(),
        })
    }

    /// A pack that comes with the program.
    pub fn shipped(id: &str) -> Result<Self, PackError> {
        let (_, text) = SHIPPED
            .iter()
            .find(|(name, _)| *name == id)
            .ok_or_else(|| PackError::NotShipped(id.to_owned()))?;
        Self::read(text)
    }

    /// The rules of a table.
    pub fn rules(&self, table: Table) -> &Rules {
        &self.tables[table.index()]
    }

    /// Decides by the rules of the evidence's table.
    ///
    /// A pure function of pack, evidence and day. The evidence must have passed
    /// [`Evidence::check`] for that day.
    pub fn decide<E: Evidence>(&self, evidence: &E, today: Date) -> Decision<'_, E::Outcome> {
        self.rules(E::TABLE).decide(evidence, today)
    }

    /// What coming from `area` means, where the pack says so: the nearest area named counts.
    pub fn origin(&self, area: AreaCode) -> Option<&Origin> {
        self.origins
            .iter()
            .filter(|origin| origin.area.contains(area))
            .max_by_key(|origin| origin.area.level())
    }

    /// The kind of matter of that word.
    pub fn matter(&self, kind: &str) -> Option<&MatterKind> {
        self.matters.iter().find(|k| k.kind == kind)
    }

    /// Its id and version in one word, as facts name it.
    pub fn word(&self) -> String {
        format!("{} {}", self.id, self.version)
    }
}

const SHIPPED: &[(&str, &str)] = &[
    (
        "covid19-cn-2020",
        include_str!("../../../policies/covid19-cn-2020.toml"),
    ),
    (
        "measles-2024",
        include_str!("../../../policies/measles-2024.toml"),
    ),
];

/// The ids of the packs that come with the program.
pub fn shipped_ids() -> Vec<&'static str> {
    SHIPPED.iter().map(|(id, _)| *id).collect()
}

fn head(file: &PackFile, problems: &mut Problems<'_>) {
    for (name, word) in [("id", &file.id), ("version", &file.version)] {
        let fits = (1..=60).contains(&word.get_ref().len())
            && word
                .get_ref()
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-._".contains(c));
        if !fits {
            problems.add(
                word.span().start,
                format!("`{name}` has 1 to 60 of a-z, 0-9, -, . and _"),
                format!("“{name}”由1至60个a-z、0-9、-、.、_组成"),
            );
        }
    }
    check_text(&file.name, problems);
}

fn origins(files: Vec<Spanned<OriginFile>>, problems: &mut Problems<'_>) -> Vec<Origin> {
    let mut origins: Vec<Origin> = Vec::new();
    for file in files {
        let at = file.span().start;
        let file = file.into_inner();
        let risk = OriginRisk::ALL
            .iter()
            .copied()
            .find(|risk| risk.word() == file.risk.get_ref());
        let Some(risk) = risk else {
            let known: Vec<&str> = OriginRisk::ALL.iter().map(|risk| risk.word()).collect();
            problems.add(
                file.risk.span().start,
                format!("`risk` is one of {}", known.join(", ")),
                format!("“risk”可为：{}", known.join("、")),
            );
            continue;
        };
        let area: AreaCode = match file.area.get_ref().parse() {
            Ok(area) => area,
            Err(error) => {
                problems.add(
                    file.area.span().start,
                    format!("`area`: {error}"),
                    format!("“area”：{error}"),
                );
                continue;
            }
        };
        if origins.iter().any(|other| other.area == area) {
            problems.add(
                at,
                format!("origin {area} is defined twice"),
                format!("来源地{area}重复定义"),
            );
            continue;
        }
        if file.source.get_ref().trim().is_empty() {
            problems.add(
                file.source.span().start,
                "say where that is said",
                "请注明依据",
            );
        }
        origins.push(Origin {
            area,
            risk,
            source: file.source.into_inner(),
        });
    }
    origins
}

fn matters(files: Vec<Spanned<MatterKind>>, problems: &mut Problems<'_>) -> Vec<MatterKind> {
    let mut matters: Vec<MatterKind> = Vec::new();
    for file in files {
        let at = file.span().start;
        let kind = file.into_inner();
        if let Err(error) = kind.check() {
            problems.add(at, error.to_string(), error.to_string());
        }
        if matters.iter().any(|other| other.kind == kind.kind) {
            problems.add(
                at,
                format!("matter `{}` is defined twice", kind.kind),
                format!("事项“{}”重复定义", kind.kind),
            );
            continue;
        }
        matters.push(kind);
    }
    matters
}

/// Kinds of matter that a section of the settings needs.
fn matters_needed(
    section: &str,
    at: usize,
    kinds: &[&str],
    matters: &[MatterKind],
    problems: &mut Problems<'_>,
) {
    for kind in kinds {
        if !matters.iter().any(|matter| matter.kind == *kind) {
            problems.add(
                at,
                format!("a pack with [settings.{section}] has a [[matter]] of kind `{kind}`"),
                format!("含[settings.{section}]的策略包须有“{kind}”类事项（[[matter]]）"),
            );
        }
    }
}

/// What the field's settings name must be there: kinds of matter and a number.
fn field_needs(
    field: &Spanned<Field>,
    matters: &[MatterKind],
    numbers: &BTreeMap<String, Number>,
    problems: &mut Problems<'_>,
) {
    let at = field.span().start;
    matters_needed("field", at, FIELD_MATTERS, matters, problems);
    names_a_number(
        at,
        "field.abnormal_from",
        &field.get_ref().abnormal_from,
        numbers,
        problems,
    );
}

/// A setting that names a number must name one that is there.
fn names_a_number(
    at: usize,
    setting: &str,
    name: &str,
    numbers: &BTreeMap<String, Number>,
    problems: &mut Problems<'_>,
) {
    if !numbers.contains_key(name) {
        problems.add(
            at,
            format!("{setting} names a number of [numbers]; `{name}` is none"),
            format!("{setting}须为[numbers]中的数；没有“{name}”"),
        );
    }
}
