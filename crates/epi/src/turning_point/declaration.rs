//! Declaring and withdrawing, day by day, with what was known on each.

use jiff::civil::Date;
use serde::Serialize;

use super::rule::TurningPointRule;

/// A turning point that was declared and, where growth came back, withdrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Declaration {
    /// First day it stood.
    pub declared_on: Date,
    /// First day it stood no more: a new wave was growing.
    pub withdrawn_on: Option<Date>,
}

/// The state after each day.
#[derive(Debug, Clone)]
pub(super) struct Declarations {
    pub(super) all: Vec<Declaration>,
    /// Day index on which the present wave began.
    pub(super) wave_start: usize,
    /// Reported days in a row that speak for a change of the state.
    pub(super) run: u32,
    /// First day of the latest run of days on which growth was the more probable.
    growing_since: Option<usize>,
}

impl Declarations {
    pub(super) fn begin(wave_start: usize) -> Self {
        Self {
            all: Vec::new(),
            wave_start,
            run: 0,
            growing_since: None,
        }
    }

    pub(super) fn standing(&self) -> Option<Date> {
        self.all
            .last()
            .filter(|declaration| declaration.withdrawn_on.is_none())
            .map(|declaration| declaration.declared_on)
    }

    /// Takes in one reported day: its probability of decline, and the cases of the wave as known that day.
    pub(super) fn observe(
        &mut self,
        rule: &TurningPointRule,
        (day, date): (usize, Date),
        p_declining: f64,
        cases_in_wave: impl Fn(usize) -> f64,
    ) {
        if p_declining >= 0.5 {
            self.growing_since = None;
        } else if self.growing_since.is_none() {
            self.growing_since = Some(day);
        }
        let stands = self.standing().is_some();
        let speaks_for_change = if stands {
            1.0 - p_declining >= rule.withdraw_probability
        } else {
            p_declining >= rule.declare_probability
        };
        self.run = if speaks_for_change { self.run + 1 } else { 0 };
        if stands && self.run >= rule.withdraw_days {
            self.withdraw(day, date);
        } else if !stands
            && self.run >= rule.declare_days
            && cases_in_wave(self.wave_start) >= f64::from(rule.min_cases)
        {
            self.all.push(Declaration {
                declared_on: date,
                withdrawn_on: None,
            });
            self.run = 0;
        }
    }

    fn withdraw(&mut self, day: usize, date: Date) {
        if let Some(last) = self.all.last_mut() {
            last.withdrawn_on = Some(date);
        }
        self.wave_start = self.growing_since.unwrap_or(day);
        self.run = 0;
    }
}
