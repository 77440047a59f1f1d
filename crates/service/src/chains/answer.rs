//! The forest in the form that a page takes.

use std::collections::BTreeMap;

use jiff::civil::Date;
use lianfang_core::areas::{Area, AreaCode};
use lianfang_core::cases::Classification;
use lianfang_core::contacts::{Certainty, Setting};
use lianfang_core::ids::CaseId;
use lianfang_core::text::Text;
use lianfang_epi::chains::{Chains, Node, Offspring, Refusal as Refused, Standing};
use lianfang_epi::offspring::OffspringError;
use serde::Serialize;

use super::{ChainsShown, MOST_CASES, Read, clusters};

/// Superspreaders shown at most.
const SUPERSPREADERS: usize = 50;

/// What became of links.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct LinkNumbers {
    /// In the forest, confirmed.
    pub confirmed: usize,
    /// In the forest, probable.
    pub probable: usize,
    /// In the forest, possible.
    pub possible: usize,
    /// That could be, where another infector stands.
    pub alternative: usize,
    /// That cannot be.
    pub refused: usize,
    /// From somebody outside the area or the span of days.
    pub from_elsewhere: usize,
}

/// Cases so many steps below the first of their chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct GenerationShown {
    /// Steps.
    pub generation: usize,
    /// Cases.
    pub cases: usize,
}

/// How often the days between two onsets were so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct IntervalDay {
    /// Days; negative where the one infected fell ill first.
    pub days: i32,
    /// Pairs.
    pub n: usize,
}

/// Days from the onsets of infectors to those of whom they infected.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct IntervalsShown {
    /// Pairs in which both onsets are known.
    pub n: usize,
    /// Mean.
    pub mean: Option<f64>,
    /// Standard deviation.
    pub sd: Option<f64>,
    /// Median.
    pub median: Option<f64>,
    /// Share below 0.
    pub negative: Option<f64>,
    /// How often so many.
    pub days: Vec<IntervalDay>,
}

/// Cases that infected so many others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct OffspringCount {
    /// Infected.
    pub infectees: usize,
    /// Cases.
    pub cases: usize,
}

/// How unevenly cases infected others; 95 % intervals.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct OffspringShown {
    /// Cases.
    pub n: usize,
    /// Mean number infected, R.
    pub r: Option<f64>,
    /// Lower end.
    pub r_low: Option<f64>,
    /// Upper end.
    pub r_high: Option<f64>,
    /// Dispersion k; none where cases vary no more than chance.
    pub k: Option<f64>,
    /// Lower end.
    pub k_low: Option<f64>,
    /// Upper end; none where it is unbounded.
    pub k_high: Option<f64>,
    /// Why R and k are not told.
    pub why_not: Option<Text>,
    /// Share of cases that infected nobody.
    pub zero_share: Option<f64>,
    /// Share of infections owed to the 20 % of cases that infected most.
    pub top_20_share: Option<f64>,
    /// The smallest share of cases behind 80 % of infections.
    pub cases_for_80_share: Option<f64>,
    /// Infected that a superspreader has more of: the 99 % quantile of a Poisson distribution with mean R.
    pub superspreading_above: Option<u32>,
    /// How many infected how many.
    pub counts: Vec<OffspringCount>,
}

/// A case that infected more than chance would let expect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Superspreader {
    /// The case.
    #[schema(value_type = String)]
    pub case: CaseId,
    /// Its number at the reporting institution.
    pub number: Option<String>,
    /// Whom it infected.
    pub infectees: u32,
    /// Where it is.
    #[schema(value_type = String)]
    pub area: AreaCode,
    /// First symptoms, else its day in the curve.
    #[schema(value_type = String, format = Date)]
    pub day: Date,
    /// In which setting most of them were infected.
    pub setting: Option<Setting>,
}

/// A chain of two cases and more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ChainTree {
    /// Where its cases begin among the nodes.
    pub first: usize,
    /// Cases.
    pub cases: usize,
    /// Generations, the first case's own included.
    pub generations: usize,
    /// First day, by onset or else the day in the curve.
    #[schema(value_type = Option<String>, format = Date)]
    pub first_day: Option<Date>,
    /// Last day.
    #[schema(value_type = Option<String>, format = Date)]
    pub last_day: Option<Date>,
    /// Whether its first case was infected by somebody outside the area or the span of days.
    pub from_elsewhere: bool,
}

/// A case in a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ChainNode {
    /// The case.
    #[schema(value_type = String)]
    pub case: CaseId,
    /// Its number at the reporting institution.
    pub number: Option<String>,
    /// Place among the nodes of the case that infected it.
    pub infector: Option<usize>,
    /// Steps below the first of its chain.
    pub generation: usize,
    /// First symptoms.
    #[schema(value_type = Option<String>, format = Date)]
    pub onset: Option<Date>,
    /// Its day in the curve.
    #[schema(value_type = String, format = Date)]
    pub day: Date,
    /// Whom it infected.
    pub infectees: u32,
    /// How sure its link is.
    pub certainty: Option<Certainty>,
    /// Where it was infected.
    pub setting: Option<Setting>,
    /// Classification.
    pub classification: Classification,
    /// Where it is.
    #[schema(value_type = String)]
    pub area: AreaCode,
}

pub(super) struct Answer<'a> {
    read: &'a Read,
    found: &'a Chains,
}

/// Why an offspring distribution is not told.
fn why_not(error: OffspringError) -> Text {
    match error {
        OffspringError::NobodyInfected(_) => Text::new(
            "No link says that anybody infected anybody.",
            "尚无传播关联记录。",
        ),
        _ => Text::new("It takes two cases.", "至少需要两例病例。"),
    }
}

impl<'a> Answer<'a> {
    pub(super) fn new(read: &'a Read, found: &'a Chains) -> Self {
        Self { read, found }
    }

    pub(super) fn shown(&self, area: Area, to: Date) -> ChainsShown {
        let offspring = self.found.offspring();
        let (trees, nodes) = self.trees();
        let mut generations: Vec<GenerationShown> = Vec::new();
        for node in &nodes {
            while generations.len() <= node.generation {
                generations.push(GenerationShown {
                    generation: generations.len(),
                    cases: 0,
                });
            }
            generations[node.generation].cases += 1;
        }
        let (clusters, settings) = clusters::of(self.read, self.found);
        let shown = clusters.len().min(clusters::SHOWN);
        ChainsShown {
            area,
            from: self.read.from,
            to,
            cases: self.read.cases.len(),
            left_out: self.read.left_out,
            most: MOST_CASES,
            linked: nodes.len(),
            links: self.links(),
            generations,
            intervals: self.intervals(),
            superspreaders: self.superspreaders(&offspring),
            superspreaders_left_out: offspring
                .superspreaders
                .len()
                .saturating_sub(SUPERSPREADERS),
            offspring: offspring_shown(&offspring, self.read.cases.len()),
            clusters_left_out: clusters.len() - shown,
            clusters: clusters.into_iter().take(shown).collect(),
            settings,
            trees,
            nodes,
        }
    }

    fn links(&self) -> LinkNumbers {
        let mut numbers = LinkNumbers::default();
        for (link, standing) in self.read.links.iter().zip(&self.found.standings) {
            let counted = match (standing, link.certainty) {
                (Standing::Taken, Certainty::Confirmed) => &mut numbers.confirmed,
                (Standing::Taken, Certainty::Probable) => &mut numbers.probable,
                (Standing::Taken, Certainty::Possible) => &mut numbers.possible,
                (Standing::Refused(Refused::UnknownInfector), _) => &mut numbers.from_elsewhere,
                (Standing::Refused(_), _) => &mut numbers.refused,
                (Standing::Alternative | Standing::Repeated, _) => &mut numbers.alternative,
            };
            *counted += 1;
        }
        numbers
    }

    fn intervals(&self) -> IntervalsShown {
        let found = self.found.serial_intervals();
        let mut days: BTreeMap<i32, usize> = BTreeMap::new();
        for one in &found.days {
            *days.entry(*one).or_default() += 1;
        }
        IntervalsShown {
            n: found.days.len(),
            mean: found.mean,
            sd: found.sd,
            median: found.median,
            negative: found.negative,
            days: days
                .into_iter()
                .map(|(days, n)| IntervalDay { days, n })
                .collect(),
        }
    }

    fn superspreaders(&self, offspring: &Offspring) -> Vec<Superspreader> {
        let mut settings: BTreeMap<usize, BTreeMap<Setting, usize>> = BTreeMap::new();
        for node in &self.found.nodes {
            let setting = node.link.and_then(|link| self.read.links[link].setting);
            if let (Some(infector), Some(setting)) = (node.infector, setting) {
                *settings
                    .entry(infector)
                    .or_default()
                    .entry(setting)
                    .or_default() += 1;
            }
        }
        offspring
            .superspreaders
            .iter()
            .take(SUPERSPREADERS)
            .map(|&place| {
                let case = &self.read.cases[place];
                Superspreader {
                    case: case.case,
                    number: case.external_id.clone(),
                    infectees: self.found.infectees[place],
                    area: case.area,
                    day: case.onset.unwrap_or(case.day),
                    setting: settings
                        .get(&place)
                        .and_then(|by| by.iter().max_by_key(|(_, n)| **n))
                        .map(|(setting, _)| *setting),
                }
            })
            .collect()
    }

    /// Chains of two cases and more. A case alone is in the numbers.
    fn trees(&self) -> (Vec<ChainTree>, Vec<ChainNode>) {
        let elsewhere: std::collections::BTreeSet<CaseId> = self
            .read
            .links
            .iter()
            .zip(&self.found.standings)
            .filter(|(_, standing)| **standing == Standing::Refused(Refused::UnknownInfector))
            .map(|(link, _)| link.infectee)
            .collect();
        let mut place = vec![0; self.read.cases.len()];
        let (mut trees, mut nodes) = (Vec::new(), Vec::new());
        for tree in self.found.trees.iter().filter(|tree| tree.cases > 1) {
            trees.push(ChainTree {
                first: nodes.len(),
                cases: tree.cases,
                generations: tree.generations,
                first_day: tree.first_day,
                last_day: tree.last_day,
                from_elsewhere: elsewhere.contains(&self.read.cases[tree.root].case),
            });
            for node in &self.found.nodes[tree.first_node..tree.first_node + tree.cases] {
                place[node.case] = nodes.len();
                nodes.push(self.node(node, &place));
            }
        }
        (trees, nodes)
    }

    fn node(&self, node: &Node, place: &[usize]) -> ChainNode {
        let case = &self.read.cases[node.case];
        let link = node.link.map(|link| &self.read.links[link]);
        ChainNode {
            case: case.case,
            number: case.external_id.clone(),
            infector: node.infector.map(|infector| place[infector]),
            generation: node.generation,
            onset: case.onset,
            day: case.day,
            infectees: self.found.infectees[node.case],
            certainty: link.map(|link| link.certainty),
            setting: link.and_then(|link| link.setting),
            classification: case.classification,
            area: case.area,
        }
    }
}

fn offspring_shown(found: &Offspring, n: usize) -> OffspringShown {
    let fit = found.fit.as_ref().ok();
    OffspringShown {
        n,
        r: fit.map(|fit| fit.r),
        r_low: fit.map(|fit| fit.r_low),
        r_high: fit.map(|fit| fit.r_high),
        k: fit.and_then(|fit| fit.k),
        k_low: fit.map(|fit| fit.k_low),
        k_high: fit.and_then(|fit| fit.k_high),
        why_not: found.fit.as_ref().err().copied().map(why_not),
        zero_share: found.zero_share,
        top_20_share: found.top_20_share,
        cases_for_80_share: found.cases_for_80_share,
        superspreading_above: found.superspreading_above,
        counts: found
            .counts
            .iter()
            .enumerate()
            .filter(|(_, cases)| **cases > 0)
            .map(|(infectees, cases)| OffspringCount {
                infectees,
                cases: *cases,
            })
            .collect(),
    }
}
