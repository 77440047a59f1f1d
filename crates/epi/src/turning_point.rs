//! The turning point (拐点): the day from which transmission declines, and how sure that is.
//!
//! Transmission declines while the reproduction number R is below 1. Two questions are answered, from
//! published cumulative totals, with nothing but what was known at the time:
//!
//! - *declaration*: from which day on could one say that the turning point had been passed?
//! - *hindsight*: when, seen from the last day, did growth turn to decline, and between which days (95 %)?
//!
//! # Model
//!
//! New cases are negative binomial with mean R(t) Λ(t) + imported, where Λ is Cori's overall infectivity
//! ([`crate::rt`]). R moves in one of two *phases*, growth (R > 1) or decline (R < 1): within a phase ln R is a
//! random walk with rare jumps on a grid (as EpiFilter, Parag 2021, PLoS Comput Biol 17:e1009347), and phases switch as a
//! Markov chain (Hamilton 1989, Econometrica 57:357). An exact forward pass gives for each day the
//! probability of decline given all bulletins up to that day ([`DayStatus::p_declining`]).
//! Three properties of published counts are part of the model:
//!
//! - a bulletin may be an artefact (total not updated, a change of definition as Hubei's on 12 February
//!   2020): with a small probability its count says next to nothing, so no single day can decide anything;
//! - days without a bulletin are not zeros: the next bulletin is compared with what was expected of the
//!   whole gap; a downward correction changes earlier days from the day it was published on, not before;
//! - without infectious cases there is no transmission whose phase could change: after the last case
//!   the probability stays where it was, and neither silence nor one imported case withdraws anything.
//!
//! An outbreak is taken to be growing at first: decline has to be shown. Reports lag infections, and R falls
//! below 1 a little after the highest count, since those infected at the peak were infected by fewer.
//!
//! # Declared, withdrawn
//!
//! Declared on the first day that ends a row of `declare_days` reported days with probability of decline at
//! least `declare_probability`. It stands through doubt, and falls only when *growth* has been shown as
//! strictly: probability at least `withdraw_probability` on `withdraw_days` reported days in a row; a new wave
//! then begins. Each day's answer uses that day's and earlier bulletins only, so later ones never change it.
//!
//! # Worked example
//!
//! ```
//! use jiff::civil::date;
//! use lianfang_epi::incidence::Total;
//! use lianfang_epi::serial_interval::SerialInterval;
//! use lianfang_epi::turning_point::{TurningPointReason, TurningPointRule, turning_point};
//!
//! let rule = TurningPointRule {
//!     declare_probability: 0.9, declare_days: 3, min_cases: 10,
//!     withdraw_probability: 0.95, withdraw_days: 3,
//!     switch_per_day: 0.02, log_r_sd: 0.7, log_r_step_sd: 0.1,
//!     dispersion: 20.0, artefact_probability: 0.05, imported_per_day: 0.1,
//! };
//! let daily = [1, 2, 3, 5, 8, 12, 18, 26, 38, 30, 22, 16, 12, 9, 6, 5, 3, 2, 1, 1];
//! let mut total = 0;
//! let totals: Vec<Total> = (1..).zip(daily).map(|(day, new)| {
//!     total += new;
//!     Total { date: date(2020, 2, day), total }
//! }).collect();
//!
//! let si = SerialInterval::gamma(4.7, 2.9)?;
//! let answer = turning_point(&totals, true, &si, &rule)?;
//! assert_eq!(answer.reason, TurningPointReason::Declared);
//! let hindsight = answer.hindsight.expect("this epidemic has turned");
//! assert!(hindsight.ci_low <= date(2020, 2, 11) && date(2020, 2, 11) <= hindsight.ci_high);
//! assert_eq!(answer.declared_on, Some(date(2020, 2, 16)));
//!
//! // As it was known on 9 February, the day of the peak: growing.
//! let then = turning_point(&totals[..9], true, &si, &rule)?;
//! assert_eq!(then.reason, TurningPointReason::Growing);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod answer;
mod children;
mod declaration;
mod filter;
mod hindsight;
mod phases;
mod rule;

use jiff::civil::Date;
use thiserror::Error;

use crate::incidence::{IncidenceError, Total, in_order};
use crate::serial_interval::SerialInterval;
use filter::Filter;
use phases::Model;

pub use answer::{DayStatus, Hindsight, TurningPoint, TurningPointReason};
pub use children::{Child, PastTurningPoint, past_turning_point};
pub use declaration::Declaration;
use declaration::Declarations;
pub use rule::{RuleError, TurningPointRule};

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum TurningPointError {
    /// The totals make no series.
    #[error(transparent)]
    Incidence(#[from] IncidenceError),
    /// The rule has a field out of its range.
    #[error(transparent)]
    Rule(#[from] RuleError),
}

/// The turning point as known on the day of the last row of `totals`; for "as known on D" hand in the rows
/// up to D only. One area; for many make one [`Detector`].
///
/// `totals` and `first_is_new` as in [`crate::incidence::Incidence::from_totals`]; rows in any order.
///
/// # Errors
/// Without rows, with a span of more than [`crate::incidence::MAX_DAYS`], or with a rule out of range.
pub fn turning_point(
    totals: &[Total],
    first_is_new: bool,
    si: &SerialInterval,
    rule: &TurningPointRule,
) -> Result<TurningPoint, TurningPointError> {
    Ok(Detector::new(si, rule)?.turning_point(totals, first_is_new)?)
}

/// Finds turning points under one rule and one serial interval, for as many areas as there are.
#[derive(Debug, Clone)]
pub struct Detector {
    rule: TurningPointRule,
    weights: Vec<f64>,
    model: Model,
}

impl Detector {
    /// A detector for a rule that has been checked.
    ///
    /// # Errors
    /// The first field of the rule that is out of its range.
    pub fn new(si: &SerialInterval, rule: &TurningPointRule) -> Result<Self, RuleError> {
        rule.check()?;
        Ok(Self {
            rule: *rule,
            weights: si.weights().to_vec(),
            model: Model::new(rule),
        })
    }

    /// The turning point as known on the day of the last row; see the function [`turning_point`].
    ///
    /// # Errors
    /// Without rows, or with a span of more than [`crate::incidence::MAX_DAYS`].
    pub fn turning_point(
        &self,
        totals: &[Total],
        first_is_new: bool,
    ) -> Result<TurningPoint, IncidenceError> {
        let rows = in_order(totals)?;
        let mut filter = Filter::start(&self.model, &self.weights, rows[0], first_is_new);
        let mut declarations = None;
        let mut history = Vec::with_capacity(rows.len());
        for (index, row) in rows.iter().enumerate() {
            if index > 0 {
                filter.push(*row);
            }
            if filter.has_cases() {
                history.push(self.observe(&filter, &mut declarations, row.date));
            }
        }
        let as_of = rows[rows.len() - 1].date;
        Ok(self.answer(as_of, &filter, declarations, history))
    }

    fn observe(
        &self,
        filter: &Filter,
        declarations: &mut Option<Declarations>,
        date: Date,
    ) -> DayStatus {
        let today = filter.today();
        let declarations = declarations.get_or_insert_with(|| Declarations::begin(today));
        let p_declining = filter.p_declining();
        declarations.observe(&self.rule, (today, date), p_declining, |day| {
            filter.cases_since(day)
        });
        DayStatus {
            date,
            p_declining,
            declared: declarations.standing().is_some(),
        }
    }

    fn answer(
        &self,
        as_of: Date,
        filter: &Filter,
        declarations: Option<Declarations>,
        history: Vec<DayStatus>,
    ) -> TurningPoint {
        let Some(declarations) = declarations else {
            return TurningPoint {
                as_of,
                reason: TurningPointReason::NoCases,
                declared_on: None,
                hindsight: None,
                declarations: Vec::new(),
                history,
            };
        };
        let declared_on = declarations.standing();
        let p_declining = filter.p_declining();
        let has_turned = declared_on.is_some() || p_declining > 0.5;
        TurningPoint {
            as_of,
            reason: self.reason(&declarations, filter),
            declared_on,
            hindsight: if has_turned {
                self.hindsight(filter, declarations.wave_start)
            } else {
                None
            },
            declarations: declarations.all,
            history,
        }
    }

    fn reason(&self, declarations: &Declarations, filter: &Filter) -> TurningPointReason {
        let p_declining = filter.p_declining();
        let cases = filter.cases_since(declarations.wave_start).round() as u32;
        if declarations.standing().is_some() {
            TurningPointReason::Declared
        } else if p_declining <= 0.5 && !declarations.all.is_empty() {
            TurningPointReason::GrowingAgain
        } else if cases < self.rule.min_cases {
            TurningPointReason::TooFewCases {
                cases,
                needed: self.rule.min_cases,
            }
        } else if p_declining <= 0.5 {
            TurningPointReason::Growing
        } else if declarations.run == 0 {
            TurningPointReason::Undecided
        } else {
            TurningPointReason::AwaitingConfirmation {
                days: declarations.run,
                needed: self.rule.declare_days,
            }
        }
    }

    fn hindsight(&self, filter: &Filter, wave_start: usize) -> Option<Hindsight> {
        let bulletins = filter.bulletins();
        let from = bulletins.partition_point(|bulletin| bulletin.last_day < wave_start);
        let wave = &bulletins[from..];
        let switch = hindsight::switch(&self.model, wave)?;
        let date = |index: usize| filter.date_of(wave[index].last_day);
        Some(Hindsight {
            date: date(switch.mode),
            probability: filter.p_declining(),
            ci_low: date(switch.low),
            ci_high: date(switch.high),
        })
    }
}
