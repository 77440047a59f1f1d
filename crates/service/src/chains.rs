//! Chains of transmission of an area and a span of days: who infected whom, how unevenly, and where; by ids and classes, without names.
//!
//! The forest is made by [`lianfang_epi::chains`] from the links that hold. Cases of at most [`MOST_CASES`] are taken, the newest
//! days first; what is left out is said. An infector outside the area or the span is no part of the answer: whom it infected
//! stands as the first of a chain and is counted as such.

mod answer;
mod clusters;

use jiff::ToSpan;
use jiff::civil::Date;
use lianfang_core::access::Right;
use lianfang_core::areas::{Area, AreaCode};
use lianfang_core::contacts::Certainty;
use lianfang_core::ids::CaseId;
use lianfang_core::words::Word;
use lianfang_epi::chains::{Case, Certainty as Sure, Link, Met, Setting, chains};
use lianfang_epi::onset_interval::OnsetInterval;
use lianfang_store::StoreError;
use lianfang_store::views::chains::{self as view, Attacked, ChainCase, ChainLink, Chosen};
use lianfang_store::views::counts::Measure;
use lianfang_store::views::surveillance::by_day;
use serde::Serialize;

use crate::{Actor, House, Refusal};

pub use answer::{
    ChainNode, ChainTree, GenerationShown, IntervalDay, IntervalsShown, LinkNumbers,
    OffspringCount, OffspringShown, Superspreader,
};
pub use clusters::{AttackRate, ClusterShown, SettingShown};

/// Cases of an answer at most.
pub const MOST_CASES: u32 = 5_000;
/// The longest span of an answer: a bound on what is read.
const LONGEST_SPAN: i64 = 732;

/// Which chains are asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct ChainsQuery {
    /// Within this area; the highest of the asker's where none is named.
    pub area: Option<AreaCode>,
    /// The first curve day; as early as the span may be where none is named.
    pub from: Option<Date>,
    /// The last curve day; today where none is named.
    pub to: Option<Date>,
}

/// The chains of an area and a span of days.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ChainsShown {
    /// The area.
    pub area: Area,
    /// The first curve day taken.
    #[schema(value_type = String, format = Date)]
    pub from: Date,
    /// The last.
    #[schema(value_type = String, format = Date)]
    pub to: Date,
    /// Cases taken.
    pub cases: usize,
    /// Cases of earlier days of the span asked for that were left out, the answer being full.
    pub left_out: u64,
    /// Cases that an answer takes at most.
    pub most: u32,
    /// Cases taken that stand in a chain of two and more.
    pub linked: usize,
    /// Links.
    pub links: LinkNumbers,
    /// Cases by steps below the first of their chain, those in no chain left out.
    pub generations: Vec<GenerationShown>,
    /// Serial intervals.
    pub intervals: IntervalsShown,
    /// How unevenly cases infected others, those in no chain counted in.
    pub offspring: OffspringShown,
    /// Cases that infected more than chance would let expect, those with most on top.
    pub superspreaders: Vec<Superspreader>,
    /// Superspreaders beyond those shown.
    pub superspreaders_left_out: usize,
    /// Clusters: cases that infected one another in one setting, the largest on top.
    pub clusters: Vec<ClusterShown>,
    /// Clusters beyond those shown.
    pub clusters_left_out: usize,
    /// Settings, with what came of close contacts there.
    pub settings: Vec<SettingShown>,
    /// Chains of two cases and more, by the day of their first.
    pub trees: Vec<ChainTree>,
    /// Their cases: each chain depth first, so that a page draws them from top to bottom.
    pub nodes: Vec<ChainNode>,
}

/// What an answer is made of.
struct Read {
    from: Date,
    left_out: u64,
    cases: Vec<ChainCase>,
    links: Vec<ChainLink>,
    attacked: Vec<Attacked>,
}

/// How sure a link is, for the forest.
pub(crate) fn sure(certainty: Certainty) -> Sure {
    match certainty {
        Certainty::Possible => Sure::Possible,
        Certainty::Probable => Sure::Probable,
        Certainty::Confirmed => Sure::Confirmed,
    }
}

impl House {
    /// The chains of an area and a span of days.
    pub fn chains(&self, actor: &Actor, query: &ChainsQuery) -> Result<ChainsShown, Refusal> {
        let area = self.area_with_cases(actor, query.area)?;
        let (from, to) = span(query, self.today())?;
        let shown = self.tree()?.get(area).ok_or(Refusal::NotFound("area"))?;
        let read = self.store.read(|c| read(c, area, query.from, (from, to)))?;
        let cases: Vec<Case<CaseId>> = read
            .cases
            .iter()
            .map(|case| Case {
                id: case.case,
                onset: case.onset,
                day: Some(case.day),
                setting: None,
            })
            .collect();
        let links: Vec<Link<CaseId>> = read
            .links
            .iter()
            .map(|link| Link {
                infector: link.infector,
                infectee: link.infectee,
                certainty: sure(link.certainty),
                setting: link.setting.map(|setting| Setting(setting.index() as u32)),
                met: link.met.map(Met::Until),
            })
            .collect();
        let policy = self.policy()?;
        let interval = OnsetInterval::from(&policy.pack.serial_interval);
        let found = chains(&cases, &links, Some(&interval))
            .map_err(|error| Refusal::Pack(error.to_string()))?;
        Ok(answer::Answer::new(&read, &found).shown(shown, to))
    }

    /// The area whose cases are asked for: it must be one of the asker's.
    pub(crate) fn area_with_cases(
        &self,
        actor: &Actor,
        area: Option<AreaCode>,
    ) -> Result<AreaCode, Refusal> {
        let area = match area {
            Some(area) => area,
            None => match actor.area_of(Right::ReadCases) {
                Some(AreaCode::COUNTRY) | None => self.store.root(),
                Some(area) => area,
            },
        };
        if actor.may(Right::ReadCases, area) {
            Ok(area)
        } else if actor.sees(area) {
            Err(Refusal::Forbidden)
        } else {
            Err(Refusal::NotFound("area"))
        }
    }
}

/// The span asked for, if it is one.
fn span(query: &ChainsQuery, today: Date) -> Result<(Date, Date), Refusal> {
    let to = query.to.unwrap_or(today);
    if to > today {
        return Err(Refusal::invalid(
            "to",
            "The last day is today or a past day.",
            "结束日期须为今日或以往日期。",
        ));
    }
    let first = to
        .checked_sub((LONGEST_SPAN - 1).days())
        .map_err(|_| Refusal::invalid("to", "No such day.", "无此日期。"))?;
    let from = query.from.unwrap_or(first);
    if from > to {
        return Err(Refusal::invalid(
            "from",
            "The first day is not after the last.",
            "开始日期不能晚于结束日期。",
        ));
    }
    if from < first {
        return Err(Refusal::invalid(
            "from",
            format!("At most {LONGEST_SPAN} days at a time: from {first} on."),
            format!("一次最多{LONGEST_SPAN}天：可从{first}起。"),
        ));
    }
    Ok((from, to))
}

/// Reads the newest days of the span that together hold no more cases than an answer takes.
fn read(
    connection: &lianfang_store::ReadConnection,
    area: AreaCode,
    asked: Option<Date>,
    (first, to): (Date, Date),
) -> Result<Read, StoreError> {
    let days = by_day(connection, area, Measure::All, (first, to), Date::MAX)?;
    let total: u64 = days.iter().map(|(_, n)| n).sum();
    let mut taken = 0;
    let mut from = to;
    for (day, n) in days.iter().rev() {
        if taken > 0 && taken + n > u64::from(MOST_CASES) {
            break;
        }
        (taken, from) = (taken + n, *day);
    }
    if taken == total {
        from = asked.unwrap_or(from);
    }
    let chosen = Chosen {
        area,
        from,
        to,
        limit: MOST_CASES,
    };
    let cases = view::cases_of(connection, &chosen)?;
    Ok(Read {
        from,
        // Of one day with more cases than an answer takes, some are left out too.
        left_out: (total - taken) + taken.saturating_sub(u64::from(MOST_CASES)),
        links: view::links_of(connection, &chosen)?,
        attacked: view::attacked(connection, &chosen)?,
        cases,
    })
}
