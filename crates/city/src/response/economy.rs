//! What the response comes to: people, beds and hours needed, posts filled and lost.

use lianfang_core::entry::Triage;
use lianfang_core::passes::Colour;
use lianfang_core::quarantine::Watch;
use lianfang_core::words::Word;

use super::Response;

/// Counts of one day. Prevalences are those of the day's end.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ResponseDay {
    /// Samples taken.
    pub tests: u64,
    /// Positive results.
    pub positives: u64,
    /// Samples that wait.
    pub waiting_tests: u64,
    /// Cases confirmed, with symptoms.
    pub confirmed: u64,
    /// Infections found without symptoms, false ones among them.
    pub asymptomatic: u64,
    /// Cases whose contacts were traced.
    pub traced: u64,
    /// Cases that wait to be traced.
    pub waiting_traces: u64,
    /// Staff hours that this took.
    pub trace_hours: f64,
    /// People judged to be close contacts.
    pub close_contacts: u64,
    /// People judged to be secondary contacts.
    pub secondary_contacts: u64,
    /// Suspected and found cases in isolation: beds needed.
    pub isolated: u64,
    /// People at quarantine sites: rooms needed.
    pub at_sites: u64,
    /// People in quarantine at home.
    pub at_home: u64,
    /// People under health monitoring.
    pub monitored: u64,
    /// People with a yellow pass.
    pub yellow: u64,
    /// People with a red pass.
    pub red: u64,
    /// People who arrived in the city.
    pub arrivals: u64,
    /// What was done with those seen at a checkpoint, in the order of [`Triage`].
    pub stopped: [u64; Triage::ALL.len()],
    /// Areas at medium risk.
    pub medium_areas: u64,
    /// Areas at high risk.
    pub high_areas: u64,
    /// Workplaces and schools that are closed.
    pub closed_places: u64,
    /// Those open within limits.
    pub limited_places: u64,
    /// Posts in all.
    pub posts: u64,
    /// Posts filled.
    pub posts_filled: u64,
    /// What the city puts out along its supply links, in parts of [`crate::economy::WHOLE`].
    pub output: u64,
    /// Working days lost on this day.
    pub working_days_lost: u64,
}

impl Response<'_> {
    /// Counts the day.
    pub(super) fn close_day(&mut self) {
        let places = self.places.count(self.city);
        let [medium, high] = self.places.risky();
        let mut day = std::mem::take(&mut self.today);
        day.trace_hours = day.traced as f64 * self.settings.trace_hours;
        day.isolated = self.isolated;
        day.at_sites = self.watched[Watch::Site.index()];
        day.at_home = self.watched[Watch::Home.index()];
        day.monitored = self.watched[Watch::Monitoring.index()];
        day.yellow = self.colours[Colour::Yellow.index()];
        day.red = self.colours[Colour::Red.index()];
        day.medium_areas = medium;
        day.high_areas = high;
        day.closed_places = places.closed;
        day.limited_places = places.limited;
        day.posts = places.posts;
        day.posts_filled = places.filled.iter().sum();
        day.output = self.economy.output(&places.filled);
        day.working_days_lost = places.posts - day.posts_filled;
        self.days.push(day);
    }
}
