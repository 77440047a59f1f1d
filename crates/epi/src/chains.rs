//! Chains of transmission: who infected whom, as a forest in which each case has at most one infector.
//!
//! Links come from interviews and are contradictory. Each is taken, kept as an alternative, recognised as said before, or refused with
//! its reason; none is lost. The forest is made greedily, as a maximum branching without the exchanges of Edmonds (1967, J Res
//! Natl Bur Stand 71B:233): links in order of certainty, then of the likelihood of the time between the onsets, then by onset
//! and id of the infector. A link is taken if its infectee has no infector yet and it closes no loop. So the most certain
//! statement about a case stands, and of a loop its weakest link is refused.
//!
//! Where the strongest links of all cases close no loop they are the forest, and nothing needs to be sorted; only what hangs on a
//! loop is settled link by link. The result depends on the ids and not on the order in which
//! cases and links are given, except that of two equal links the first is taken.
//!
//! - [`Node`]s stand depth first, each tree by onset: a page draws them from top to bottom, indented by generation.
//! - [`SerialIntervals`] are those of the links taken; negative ones count.
//! - [`Offspring`] has R and k over all cases, those without any link included (see [`crate::offspring`]), the share of the
//!   20 % who infected most, and superspreaders: cases with more infectees than the 99th percentile of a Poisson distribution with
//!   mean R (Lloyd-Smith et al. 2005, Nature 438:355). Newer cases have not yet infected all whom they will.
//! - [`Cluster`]s are cases connected by links of one setting.
//!
//! ```
//! use jiff::civil::date;
//! use lianfang_epi::chains::{Case, Certainty, Link, Refusal, Standing, chains};
//!
//! let case = |id, day| Case { id, onset: Some(date(2020, 2, day)), day: None, setting: None };
//! let link = |infector, infectee| Link {
//!     infector, infectee, certainty: Certainty::Probable, setting: None, met: None,
//! };
//! let cases = [case("A", 1), case("B", 4), case("C", 9)];
//! let links = [link("A", "B"), link("B", "C"), link("C", "A"), link("B", "B"), link("A", "C")];
//! let found = chains(&cases, &links, None)?;
//!
//! assert_eq!(found.standings[0], Standing::Taken);
//! assert_eq!(found.standings[3], Standing::Refused(Refusal::Oneself));
//! // A or B infected C: without an interval the earlier onset decides.
//! assert_eq!((found.standings[4], found.standings[1]), (Standing::Taken, Standing::Alternative));
//! // C cannot have infected A: the loop is named.
//! assert_eq!(found.standings[2], Standing::Refused(Refusal::Loop(0)));
//! assert_eq!(found.loops[0].cases, [0, 2]);
//! assert_eq!(found.serial_intervals().days, [3, 8]);
//! assert_eq!(found.generations(), [1, 2]);
//! # Ok::<(), lianfang_epi::chains::ChainsError>(())
//! ```

mod clusters;
mod forest;
mod intervals;
mod judge;
mod spread;

use std::hash::Hash;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::onset_interval::OnsetInterval;

pub use clusters::Cluster;
pub use forest::{Node, Tree};
pub use intervals::SerialIntervals;
pub use spread::Offspring;

/// Cases and links that are taken at most.
pub const MOST: usize = u32::MAX as usize;

/// How sure it is that the infector infected the infectee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// They met, and nothing speaks against it.
    Possible,
    /// Others are unlikely.
    Probable,
    /// By sequence, or because nobody else comes into question.
    Confirmed,
}

/// Where a case was infected: the caller's number of a household, workplace or kind of setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Setting(pub u32);

/// When infector and infectee met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Met {
    /// On this day, which is that of the exposure: it cannot lie after the infectee's onset.
    On(Date),
    /// For the last time on this day: contact after the infectee's onset does not rule out infection before it.
    Until(Date),
}

impl Met {
    /// The day.
    pub fn day(self) -> Date {
        match self {
            Self::On(day) | Self::Until(day) => day,
        }
    }
}

/// A case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case<T> {
    /// Its id.
    pub id: T,
    /// First symptoms.
    pub onset: Option<Date>,
    /// The day by which it stands in the curve, for order and clusters where there is no onset.
    pub day: Option<Date>,
    /// Where it was infected, for a link that does not say it.
    pub setting: Option<Setting>,
}

impl<T> Case<T> {
    /// Onset, else the day in the curve.
    pub(crate) fn placed(&self) -> Option<Date> {
        self.onset.or(self.day)
    }
}

/// A statement that one case infected another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link<T> {
    /// Who infected.
    pub infector: T,
    /// Who was infected.
    pub infectee: T,
    /// How sure it is.
    pub certainty: Certainty,
    /// Where.
    pub setting: Option<Setting>,
    /// When they met.
    pub met: Option<Met>,
}

/// Why a link cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The infector is no case.
    #[error("the infector is not among the cases")]
    UnknownInfector,
    /// The infectee is no case.
    #[error("the infectee is not among the cases")]
    UnknownInfectee,
    /// Infector and infectee are the same case.
    #[error("infector and infectee are the same case: they must differ")]
    Oneself,
    /// The exposure lies after the infectee's onset.
    #[error("they met after the infectee's onset: the exposure must come before it")]
    MetAfterOnset,
    /// The link closes a loop; the number is its place in [`Chains::loops`].
    #[error(
        "the link closes a loop: its infectee stands above its infector by links at least as strong"
    )]
    Loop(usize),
}

impl Refusal {
    /// The reason, for machines.
    pub fn word(self) -> &'static str {
        match self {
            Self::UnknownInfector => "unknown_infector",
            Self::UnknownInfectee => "unknown_infectee",
            Self::Oneself => "oneself",
            Self::MetAfterOnset => "met_after_onset",
            Self::Loop(_) => "loop",
        }
    }
}

/// What became of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It stands in the forest.
    Taken,
    /// It could be; another infector stands for the infectee.
    Alternative,
    /// A link at least as certain says the same.
    Repeated,
    /// It cannot be.
    Refused(Refusal),
}

/// What is odd about a link that can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// The infectee fell ill before the infector.
    NegativeInterval,
    /// They met again after the infectee's onset.
    ContactAfterOnset,
}

/// A loop that a refused link would have closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loop {
    /// Place of the refused link.
    pub link: usize,
    /// Places of the cases: the first infected the second, and so on; the refused link has the last infect the first.
    pub cases: Vec<usize>,
    /// Only the first cases and the last are named.
    pub cut: bool,
}

/// Why no chains can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ChainsError {
    /// Two cases have the same id.
    #[error(
        "case {again} (counted from 1) has the same id as case {first}: each must be given once"
    )]
    CaseTwice {
        /// The first, counted from 1.
        first: usize,
        /// The second, counted from 1.
        again: usize,
    },
    /// Too many cases or links.
    #[error("{0} cases or links are given: at most {MOST} are taken")]
    TooMany(usize),
}

/// The forest, and what became of each link. Cases and links are named by their places in what was given.
#[derive(Debug, Clone, PartialEq)]
pub struct Chains {
    /// What became of each link, in the order given.
    pub standings: Vec<Standing>,
    /// What is odd about links that were not refused: place and mark, in the order given.
    pub marks: Vec<(usize, Mark)>,
    /// Loops, in the order in which their links were refused.
    pub loops: Vec<Loop>,
    /// Every case once: trees by the onset of their first case, depth first, siblings by onset.
    pub nodes: Vec<Node>,
    /// Every tree, in the same order; many have one case only.
    pub trees: Vec<Tree>,
    /// Clusters by setting, the largest first.
    pub clusters: Vec<Cluster>,
    /// Infectees of each case, in the order given.
    pub infectees: Vec<u32>,
    intervals: Vec<i32>,
}

impl Chains {
    /// Cases by generation: `[g]` = cases g steps below one whose infector is not known.
    pub fn generations(&self) -> Vec<usize> {
        let mut cases = Vec::new();
        for node in &self.nodes {
            if node.generation >= cases.len() {
                cases.resize(node.generation + 1, 0);
            }
            cases[node.generation] += 1;
        }
        cases
    }

    /// Serial intervals of the links taken, between cases that both have an onset.
    pub fn serial_intervals(&self) -> SerialIntervals {
        SerialIntervals::new(self.intervals.clone())
    }

    /// How many others the cases infected, and how unevenly.
    pub fn offspring(&self) -> Offspring {
        Offspring::new(&self.infectees)
    }
}

/// Makes the forest of `cases` out of `links`. Where two links are equally certain, `interval` says which is likelier.
///
/// # Errors
/// Where an id is given to two cases, or there are more than [`MOST`] cases or links.
pub fn chains<T: Eq + Hash + Ord>(
    cases: &[Case<T>],
    links: &[Link<T>],
    interval: Option<&OnsetInterval>,
) -> Result<Chains, ChainsError> {
    let most = cases.len().max(links.len());
    if most > MOST {
        return Err(ChainsError::TooMany(most));
    }
    let order = forest::Order::new(cases);
    let judged = judge::judge(cases, links, interval, &order)?;
    let (nodes, trees) = forest::grow(cases, &judged.taken, &order);
    let clusters = clusters::clusters(cases, links, &nodes);
    let mut infectees = vec![0; cases.len()];
    for node in &nodes {
        if let Some(infector) = node.infector {
            infectees[infector] += 1;
        }
    }
    let intervals = nodes
        .iter()
        .filter_map(|node| order.interval(node.infector?, node.case))
        .collect();
    Ok(Chains {
        standings: judged.standings,
        marks: judged.marks,
        loops: judged.loops,
        nodes,
        trees,
        clusters,
        infectees,
        intervals,
    })
}
