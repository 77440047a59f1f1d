//! What came of a job: packs side by side, with intervals.

use lianfang_city::whatif::{
    Better, Compared, Difference, Hands, Measure, Series, Spread, Switch, SwitchedOff,
};
use lianfang_core::areas::Area;
use lianfang_core::text::Text;
use lianfang_core::words::Word;
use lianfang_policy::Table;
use serde::Serialize;

use super::asked::Question;
use crate::foresight::state::StateCounts;

/// A number over seeds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, utoipa::ToSchema)]
pub struct SpreadShown {
    /// The mean.
    pub mean: f64,
    /// 5 % lie below.
    pub q05: f64,
    /// 25 % lie below.
    pub q25: f64,
    /// Half lie below.
    pub median: f64,
    /// 75 % lie below.
    pub q75: f64,
    /// 95 % lie below.
    pub q95: f64,
}

/// How a pack differs from the first one, seed by seed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, utoipa::ToSchema)]
pub struct DifferenceShown {
    /// Over seeds.
    #[serde(flatten)]
    pub spread: SpreadShown,
    /// Standard error of the mean.
    pub error: f64,
    /// Share of seeds under which it is less.
    pub less: f64,
    /// Share of seeds under which it is more.
    pub more: f64,
}

/// A measure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct MeasureShown {
    /// Its word.
    pub measure: &'static str,
    /// Its name.
    pub name: Text,
    /// Whether less is better.
    pub less_is_better: bool,
}

/// What is shown day by day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SeriesShown {
    /// Its word.
    pub series: &'static str,
    /// Its name.
    pub name: Text,
}

/// A series of a pack.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct CurveShown {
    /// Its word.
    pub series: &'static str,
    /// Day by day.
    pub days: Vec<SpreadShown>,
}

/// Where a pack stands with both hands.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, utoipa::ToSchema)]
pub struct FrontierShown {
    /// The outbreak's measure.
    pub outbreak: SpreadShown,
    /// Work's measure.
    pub work: SpreadShown,
    /// Whether no other is as good with both hands and better with one, by medians.
    pub on_frontier: bool,
    /// Share of seeds under which it is.
    pub seeds_on_frontier: f64,
}

/// A pack, and what it came to.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct PackShown {
    /// The pack with its version; `nothing` where nothing is done.
    pub label: String,
    /// Its name; none where nothing is done.
    pub name: Option<Text>,
    /// BLAKE3 of its file, in hex; none where nothing is done.
    pub digest: Option<String>,
    /// The measures, in their order.
    pub measures: Vec<SpreadShown>,
    /// Differences from the first pack, in the order of the measures; none for that one.
    pub differences: Option<Vec<DifferenceShown>>,
    /// Series.
    pub curves: Vec<CurveShown>,
    /// Both hands.
    pub frontier: FrontierShown,
}

/// Something switched off in the first pack.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct AblatedShown {
    /// The table.
    pub table: &'static str,
    /// Its name.
    pub table_name: Text,
    /// The rule; the whole table where none is named.
    pub rule: Option<String>,
    /// Why the rule decides as it does.
    pub reason: Option<Text>,
    /// How the pack without it differs from the whole one, in the order of the measures.
    pub differences: Option<Vec<DifferenceShown>>,
    /// Why it was not switched off.
    pub left_out: Option<String>,
}

/// What came of a job.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct WhatIfResult {
    /// The area.
    pub area: Area,
    /// Whose margins the city has.
    pub margins: Text,
    /// People of the city.
    pub people: u32,
    /// Days of a run.
    pub days: u32,
    /// Seeds.
    pub seeds: u32,
    /// The first day.
    pub starts: String,
    /// Today's state, where runs begin with it.
    pub today: Option<StateCounts>,
    /// Whether packs describe the disease differently: differences show that, too.
    pub diseases_differ: bool,
    /// The measures.
    pub measures: Vec<MeasureShown>,
    /// What is shown day by day.
    pub series: Vec<SeriesShown>,
    /// The outbreak's measure of the frontier.
    pub outbreak: &'static str,
    /// Work's measure of the frontier.
    pub work: &'static str,
    /// The packs.
    pub packs: Vec<PackShown>,
    /// What was switched off.
    pub ablation: Vec<AblatedShown>,
}

fn spread(of: &Spread) -> SpreadShown {
    SpreadShown {
        mean: of.mean,
        q05: of.q05,
        q25: of.q25,
        median: of.median,
        q75: of.q75,
        q95: of.q95,
    }
}

fn difference(of: &Difference) -> DifferenceShown {
    DifferenceShown {
        spread: spread(&of.spread),
        error: of.error,
        less: of.less,
        more: of.more,
    }
}

fn differences(compared: &Compared, pack: usize) -> Vec<DifferenceShown> {
    let all = Measure::ALL.iter();
    all.map(|measure| difference(&compared.difference(0, pack, *measure)))
        .collect()
}

pub(super) fn result(
    question: &Question,
    compared: &Compared,
    named: usize,
    switched_off: &[SwitchedOff],
) -> WhatIfResult {
    let hands = Hands::default();
    let of_named = Compared {
        labels: compared.labels[..named].to_vec(),
        seeds: compared.seeds.clone(),
        runs: compared.runs[..named].to_vec(),
    };
    let frontier = of_named.frontier(hands);
    let packs = (0..named).zip(&frontier.packs).map(|(place, placed)| {
        let tried = question.tried.get(place);
        PackShown {
            label: compared.labels[place].clone(),
            name: tried.map(|tried| tried.pack.name.clone()),
            digest: tried.map(|tried| tried.pack.digest.clone()),
            measures: Measure::ALL
                .iter()
                .map(|measure| spread(&compared.spread(place, *measure)))
                .collect(),
            differences: (place > 0).then(|| differences(compared, place)),
            curves: Series::ALL
                .iter()
                .map(|series| CurveShown {
                    series: series.word(),
                    days: compared.curve(place, *series).iter().map(spread).collect(),
                })
                .collect(),
            frontier: FrontierShown {
                outbreak: spread(&placed.outbreak),
                work: spread(&placed.work),
                on_frontier: placed.on_frontier,
                seeds_on_frontier: placed.seeds_on_frontier,
            },
        }
    });
    let first = &question.tried[0].pack;
    let differ = |other: &super::asked::Tried| other.pack.natural_history != first.natural_history;
    WhatIfResult {
        area: question.area.clone(),
        margins: question.margins.clone(),
        people: question.people,
        days: question.days,
        seeds: question.seeds,
        starts: question.scenario.start.to_string(),
        today: question.start.as_ref().map(|state| state.counts),
        diseases_differ: question.tried.iter().any(differ),
        measures: Measure::ALL
            .iter()
            .map(|measure| measure_shown(*measure))
            .collect(),
        series: Series::ALL
            .iter()
            .map(|series| SeriesShown {
                series: series.word(),
                name: series.label(),
            })
            .collect(),
        outbreak: hands.outbreak.word(),
        work: hands.work.word(),
        packs: packs.collect(),
        ablation: switched_off
            .iter()
            .map(|off| ablated(question, compared, off))
            .collect(),
    }
}

fn measure_shown(measure: Measure) -> MeasureShown {
    MeasureShown {
        measure: measure.word(),
        name: measure.label(),
        less_is_better: measure.better() == Better::Less,
    }
}

fn ablated(question: &Question, compared: &Compared, off: &SwitchedOff) -> AblatedShown {
    let (table, rule): (Table, Option<&String>) = match &off.switch {
        Switch::Table(table) => (*table, None),
        Switch::Rule(table, rule) => (*table, Some(rule)),
    };
    let rules = question.tried[0].pack.rules(table).in_order();
    let found = rules.iter().find(|other| Some(&other.id) == rule);
    let (differences, left_out) = match &off.tried {
        Ok(place) => (Some(differences(compared, *place)), None),
        Err(why) => (None, Some(why.clone())),
    };
    AblatedShown {
        table: table.word(),
        table_name: table.label(),
        rule: rule.cloned(),
        reason: found.map(|rule| rule.reason.clone()),
        differences,
        left_out,
    }
}
