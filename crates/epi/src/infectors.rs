//! Suggested infectors of a case, ranked by likelihood. Nothing here adopts one.
//!
//! Of the candidates i for case j the probability is p(i) = w(i) / (w₀ + Σ w), with
//! w(i) = g(t_j - t_i) · setting · contact, g the distribution of the time between onsets, and w₀ the weight of
//! somebody who is not among the candidates. With all other weights 1 and w₀ = 0 these are the likelihoods of Wallinga & Teunis (2004, Am J
//! Epidemiol 160:509, equation 1). Weighting by what is known of contacts follows Hens et al. (2012, Am J Epidemiol 176:196): there
//! pairs that tracing rules out have weight 0. Which setting and which kind of contact weighs how much is the caller's to say.
//!
//! A candidate is set aside, with the reason, where it cannot have been: the distribution gives the interval no probability, they met
//! while the candidate was not infectious, or after the case's onset.
//!
//! ```
//! use jiff::civil::date;
//! use lianfang_epi::chains::Met;
//! use lianfang_epi::infectors::{Candidate, Infectious, Rule, WhyNot, suggest};
//! use lianfang_epi::onset_interval::OnsetInterval;
//! use lianfang_epi::serial_interval::SerialInterval;
//!
//! let interval = OnsetInterval::from(&SerialInterval::gamma(4.7, 2.9)?);
//! let rule = Rule { interval: &interval, infectious: Infectious { from: -2, until: 10 }, outside: 0.0 };
//! let candidate = |id, day, met| Candidate {
//!     id,
//!     onset: Some(date(2020, 2, day)),
//!     met: Some(Met::On(date(2020, 2, met))),
//!     setting_weight: 1.0,
//!     contact_weight: 1.0,
//! };
//! let candidates = [candidate("late", 11, 10), candidate("well timed", 8, 9), candidate("not yet", 9, 5)];
//! let found = suggest(date(2020, 2, 12), &candidates, &rule)?;
//! assert_eq!(found.ranked[0].id, "well timed");
//! assert!(found.ranked[0].probability > found.ranked[1].probability);
//! assert_eq!(found.set_aside, [("not yet", WhyNot::NotInfectious)]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use jiff::civil::Date;
use serde::Serialize;
use thiserror::Error;

use crate::chains::Met;
use crate::days::days_between;
use crate::onset_interval::OnsetInterval;

/// Somebody who may have infected the case.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate<T> {
    /// Its id.
    pub id: T,
    /// First symptoms; whoever has none takes the day that stands for them.
    pub onset: Option<Date>,
    /// When they met, where that is known.
    pub met: Option<Met>,
    /// Weight of the setting where they met, 0 or more; only the ratio between candidates counts.
    pub setting_weight: f64,
    /// Weight of the kind of contact (named by either, close, none known), 0 or more.
    pub contact_weight: f64,
}

/// Days, counted from the onset, between which somebody infects others; both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Infectious {
    /// First day; negative before the onset.
    pub from: i32,
    /// Last day.
    pub until: i32,
}

/// By what candidates are weighed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule<'a> {
    /// Time between the onsets.
    pub interval: &'a OnsetInterval,
    /// When a candidate is infectious.
    pub infectious: Infectious,
    /// Weight of somebody who is not among the candidates, in the same unit as a candidate's; 0 where all are known.
    pub outside: f64,
}

/// Why nothing is suggested.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum InfectorsError {
    /// A weight is no weight.
    #[error("the weight {0} is given: weights are finite, and 0 or more")]
    Weight(f64),
    /// The window ends before it begins.
    #[error(
        "infectious from day {from} until day {until} of the onset: it must not end before it begins"
    )]
    Window {
        /// First day.
        from: i32,
        /// Last day.
        until: i32,
    },
}

/// Why a candidate is set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyNot {
    /// It has no onset.
    NoOnset,
    /// The distribution gives no probability to so many days between the onsets.
    ImpossibleInterval,
    /// They met outside the days on which the candidate infects others.
    NotInfectious,
    /// They met after the case's onset.
    MetAfterOnset,
    /// Setting or contact weigh nothing.
    NoWeight,
}

/// A suggested infector with the parts of the reasoning.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Suggested<T> {
    /// The candidate.
    pub id: T,
    /// Probability among the candidates and whoever is not among them.
    pub probability: f64,
    /// Days from the candidate's onset to the case's.
    pub interval_days: i32,
    /// Probability of that many days.
    pub interval_probability: f64,
    /// Weight of the setting.
    pub setting_weight: f64,
    /// Weight of the contact.
    pub contact_weight: f64,
    /// Days from the candidate's onset to the day they met; none where it is not known.
    pub met_day: Option<i32>,
}

/// What can be said of the infector of a case.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Suggestions<T> {
    /// Candidates that can be, the likeliest first; of equals the one given first.
    pub ranked: Vec<Suggested<T>>,
    /// Probability that it was somebody else; 1 where nobody is left and somebody else has weight, 0 where nothing has.
    pub outside: f64,
    /// Candidates that cannot be, with the reason, in the order given.
    pub set_aside: Vec<(T, WhyNot)>,
}

/// Ranks the candidates for a case whose first symptoms came on `onset`.
///
/// # Errors
/// Where a weight is negative or not finite, or the window ends before it begins.
pub fn suggest<T: Clone>(
    onset: Date,
    candidates: &[Candidate<T>],
    rule: &Rule<'_>,
) -> Result<Suggestions<T>, InfectorsError> {
    check(candidates, rule)?;
    let mut ranked = Vec::new();
    let mut set_aside = Vec::new();
    for candidate in candidates {
        match weigh(onset, candidate, rule) {
            Ok(suggested) => ranked.push(suggested),
            Err(why) => set_aside.push((candidate.id.clone(), why)),
        }
    }
    let total = rule.outside + ranked.iter().map(weight).sum::<f64>();
    for suggested in &mut ranked {
        suggested.probability = weight(suggested) / total;
    }
    ranked.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    Ok(Suggestions {
        outside: if total > 0.0 {
            rule.outside / total
        } else {
            0.0
        },
        ranked,
        set_aside,
    })
}

fn check<T>(candidates: &[Candidate<T>], rule: &Rule<'_>) -> Result<(), InfectorsError> {
    let Infectious { from, until } = rule.infectious;
    if until < from {
        return Err(InfectorsError::Window { from, until });
    }
    let weights = candidates
        .iter()
        .flat_map(|candidate| [candidate.setting_weight, candidate.contact_weight])
        .chain([rule.outside]);
    match weights
        .into_iter()
        .find(|weight| !(weight.is_finite() && *weight >= 0.0))
    {
        Some(wrong) => Err(InfectorsError::Weight(wrong)),
        None => Ok(()),
    }
}

fn weight<T>(suggested: &Suggested<T>) -> f64 {
    suggested.interval_probability * suggested.setting_weight * suggested.contact_weight
}

/// The candidate's parts; its probability follows when all are weighed.
fn weigh<T: Clone>(
    onset: Date,
    candidate: &Candidate<T>,
    rule: &Rule<'_>,
) -> Result<Suggested<T>, WhyNot> {
    let own = candidate.onset.ok_or(WhyNot::NoOnset)?;
    let interval_days = days_between(own, onset);
    let suggested = Suggested {
        id: candidate.id.clone(),
        probability: 0.0,
        interval_days,
        interval_probability: rule.interval.probability(interval_days),
        setting_weight: candidate.setting_weight,
        contact_weight: candidate.contact_weight,
        met_day: candidate.met.map(|met| days_between(own, met.day())),
    };
    could_have_met(onset, own, candidate.met, rule.infectious)?;
    if suggested.interval_probability <= 0.0 {
        return Err(WhyNot::ImpossibleInterval);
    }
    if weight(&suggested) <= 0.0 {
        return Err(WhyNot::NoWeight);
    }
    Ok(suggested)
}

/// Whether a day on which they may have met, up to the case's onset, lies in the window.
fn could_have_met(
    onset: Date,
    own: Date,
    met: Option<Met>,
    infectious: Infectious,
) -> Result<(), WhyNot> {
    let day = |met: Date| days_between(own, met);
    match met {
        Some(Met::On(met)) if met > onset => Err(WhyNot::MetAfterOnset),
        Some(Met::On(met)) if !(infectious.from..=infectious.until).contains(&day(met)) => {
            Err(WhyNot::NotInfectious)
        }
        // Days before the last one count too, so that it may lie after the window.
        Some(Met::Until(met)) if day(met.min(onset)) < infectious.from => {
            Err(WhyNot::NotInfectious)
        }
        _ => Ok(()),
    }
}
