//! The series of a run as a table: one row for each day.

use lianfang_core::entry::Triage;
use lianfang_core::words::Word;

use super::{Layer, Run};

/// Columns of every run, in order, behind `seed` and `day`.
const EPIDEMIC: [&str; 8] = [
    "infections",
    "imported",
    "infectious",
    "onsets",
    "severe",
    "critical",
    "deaths",
    "recoveries",
];

/// Columns of a run under a pack, in order, behind those.
const RESPONSE: [&str; 25] = [
    "tests",
    "positives",
    "waiting_tests",
    "confirmed",
    "asymptomatic",
    "traced",
    "waiting_traces",
    "trace_hours",
    "close_contacts",
    "secondary_contacts",
    "isolated",
    "quarantine_site",
    "quarantine_home",
    "monitored",
    "yellow",
    "red",
    "arrivals",
    "medium_areas",
    "high_areas",
    "closed_places",
    "limited_places",
    "posts",
    "posts_filled",
    "working_days_lost",
    "output_permille",
];

impl Run {
    /// The names of the columns of [`Run::row`].
    pub fn columns(&self) -> Vec<String> {
        let mut columns: Vec<String> = ["seed", "day"].map(str::to_owned).to_vec();
        columns.extend(EPIDEMIC.map(str::to_owned));
        columns.extend(Layer::ALL.map(|layer| format!("infected_{}", layer.word())));
        if !self.response.is_empty() {
            columns.extend(RESPONSE.map(str::to_owned));
            columns.extend(
                Triage::ALL
                    .iter()
                    .map(|triage| format!("entry_{}", triage.word())),
            );
        }
        columns
    }

    /// A day's counts, as whole numbers.
    ///
    /// # Panics
    /// For a day that was not run.
    pub fn row(&self, day: usize) -> Vec<u64> {
        let one = &self.days[day];
        let mut row = vec![
            self.seed,
            day as u64,
            one.infections,
            one.imported,
            one.infectious,
            one.onsets,
            one.severe,
            one.critical,
            one.deaths,
            one.recoveries,
        ];
        row.extend(one.by_layer);
        if let Some(one) = self.response.get(day) {
            row.extend([
                one.tests,
                one.positives,
                one.waiting_tests,
                one.confirmed,
                one.asymptomatic,
                one.traced,
                one.waiting_traces,
                one.trace_hours.round() as u64,
                one.close_contacts,
                one.secondary_contacts,
                one.isolated,
                one.at_sites,
                one.at_home,
                one.monitored,
                one.yellow,
                one.red,
                one.arrivals,
                one.medium_areas,
                one.high_areas,
                one.closed_places,
                one.limited_places,
                one.posts,
                one.posts_filled,
                one.working_days_lost,
                one.output,
            ]);
            row.extend(one.stopped);
        }
        row
    }
}
