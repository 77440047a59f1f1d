//! What is known on each day, bulletin by bulletin.

use jiff::civil::Date;

use super::phases::{Model, Observation, Phases};
use crate::incidence::{Accumulator, Total};
use crate::rt::push_infectivity;

/// The filter over all bulletins so far. A bulletin that corrects earlier days makes it go back to them.
pub(super) struct Filter<'m> {
    model: &'m Model,
    weights: &'m [f64],
    series: Accumulator,
    lambda: Vec<f64>,
    bulletins: Vec<Bulletin>,
    /// Index of the bulletin that first counted a case.
    start: Option<usize>,
}

/// One bulletin: the days it reports on (indices into the series), and what is believed after it.
pub(super) struct Bulletin {
    pub(super) first_day: usize,
    pub(super) last_day: usize,
    /// Probability that the phase switched before it.
    pub(super) switch: f64,
    /// Likelihood of its count; none where it says nothing, as before the first case and long after the last.
    pub(super) likelihood: Option<Phases>,
    pub(super) belief: Phases,
}

impl<'m> Filter<'m> {
    pub(super) fn start(
        model: &'m Model,
        weights: &'m [f64],
        first: Total,
        first_is_new: bool,
    ) -> Self {
        let mut filter = Self {
            model,
            weights,
            series: Accumulator::start(first, first_is_new),
            lambda: Vec::new(),
            bulletins: Vec::new(),
            start: None,
        };
        filter.read(0, 0, 0);
        filter
    }

    pub(super) fn push(&mut self, row: Total) {
        let first_day = self.days();
        let changed = self.series.push(row);
        self.read(changed, first_day, self.days() - 1);
    }

    /// Takes the newest bulletin in, after going back to the earliest day that changed.
    fn read(&mut self, changed: usize, first_day: usize, last_day: usize) {
        // Λ of a day is made of the days before it.
        self.lambda.truncate(changed + 1);
        push_infectivity(
            &self.series.incidence.filled,
            self.weights,
            &mut self.lambda,
        );
        let kept = self
            .bulletins
            .partition_point(|bulletin| bulletin.last_day < changed);
        let mut spans: Vec<(usize, usize)> = self
            .bulletins
            .drain(kept..)
            .map(|bulletin| (bulletin.first_day, bulletin.last_day))
            .collect();
        spans.push((first_day, last_day));
        for (first_day, last_day) in spans {
            let bulletin = self.believe(first_day, last_day);
            self.bulletins.push(bulletin);
        }
    }

    fn believe(&mut self, first_day: usize, last_day: usize) -> Bulletin {
        let seen = Observation {
            cases: self.series.incidence.filled[first_day..=last_day]
                .iter()
                .sum(),
            infectivity: self.lambda[first_day..=last_day].iter().sum(),
            days: (last_day + 1 - first_day) as f64,
        };
        let index = self.bulletins.len();
        if self.start.is_none() && seen.cases > 0.0 {
            self.start = Some(index);
        }
        let before = self
            .bulletins
            .last()
            .map_or_else(|| self.model.at_start(), |last| last.belief);
        // The first cases are imported, as in Cori's method: they tell nothing about transmission here.
        let opens = self.start.is_none_or(|start| index <= start);
        if opens || seen.is_silent() {
            return Bulletin {
                first_day,
                last_day,
                switch: 0.0,
                likelihood: None,
                belief: before,
            };
        }
        let switch = self.model.switch(&seen);
        let likelihood = self.model.likelihood(&seen);
        let belief = self.model.predict(&before, switch).given(&likelihood);
        Bulletin {
            first_day,
            last_day,
            switch,
            likelihood: Some(likelihood),
            belief,
        }
    }

    fn days(&self) -> usize {
        self.series.incidence.dates.len()
    }

    /// Index of the newest bulletin's day.
    pub(super) fn today(&self) -> usize {
        self.days() - 1
    }

    pub(super) fn has_cases(&self) -> bool {
        self.start.is_some()
    }

    /// Bulletins since the first that counted a case.
    pub(super) fn bulletins(&self) -> &[Bulletin] {
        &self.bulletins[self.start.unwrap_or(self.bulletins.len())..]
    }

    pub(super) fn date_of(&self, day: usize) -> Date {
        self.series.incidence.dates[day]
    }

    /// Cases counted from a day on, as known now.
    pub(super) fn cases_since(&self, day: usize) -> f64 {
        self.series.incidence.filled[day..].iter().sum()
    }

    /// The probability of decline after the newest bulletin.
    pub(super) fn p_declining(&self) -> f64 {
        self.bulletins
            .last()
            .map_or(0.0, |bulletin| bulletin.belief.p_declining())
    }
}
