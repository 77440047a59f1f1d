//! What a simulation supposes: who brings the disease, how people behave, what laboratories and tracers can do.
//!
//! Rules and their numbers stand in the pack. What stands here describes the city and its people in the days of the
//! outbreak. Every default is the project's own assumption, to be changed for a real city.

mod immunity;

use jiff::civil::{Date, date};
use lianfang_core::entry::OriginRisk;
use serde::{Deserialize, Serialize};

use crate::epidemic::SimulationError;
use crate::random::Stream;

pub use immunity::{ImmuneBand, Immunity};

/// What a simulation supposes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scenario {
    /// The date of day 0.
    pub start: Date,
    /// Infections that come from outside.
    pub imports: Imports,
    /// Who is immune on day 0.
    pub immunity: Immunity,
    /// How many one case infects where nothing is done, in place of the pack's number.
    pub reproduction_number: Option<f64>,
    /// How the pack is carried out; none: nothing is done.
    pub response: Option<ResponseSettings>,
    /// Whether all infections are kept, or only their counts.
    pub keep_infections: bool,
    /// Whether all decisions are kept, with what they were made by.
    pub keep_decisions: bool,
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            start: date(2020, 1, 25),
            imports: Imports::default(),
            immunity: Immunity::default(),
            reproduction_number: None,
            response: Some(ResponseSettings::default()),
            keep_infections: false,
            keep_decisions: false,
        }
    }
}

/// Infections that come from outside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Imports {
    /// People infected on day 0, as if there already.
    pub initial: u32,
    /// People who come infected on a day, on average.
    pub per_day: f64,
    /// First day on which they come.
    pub from_day: u32,
    /// First day on which they come no more.
    pub until_day: u32,
    /// They were infected up to so many days before they came.
    pub days_before: f64,
    /// What they come from.
    pub origin: OriginRisk,
    /// Whether they come from abroad.
    pub abroad: bool,
}

impl Default for Imports {
    fn default() -> Self {
        Self {
            initial: 20,
            per_day: 0.0,
            from_day: 0,
            until_day: u32::MAX,
            days_before: 5.0,
            origin: OriginRisk::Severe,
            abroad: false,
        }
    }
}

/// How the pack is carried out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ResponseSettings {
    /// Share of those with symptoms who see a doctor by themselves, after the pack's `onset_to_admission`; at once where
    /// the pack does not give it.
    pub seek: f64,
    /// Tests a day for 100,000 people.
    pub tests_per_100k: f64,
    /// Share of positive tests among the infected, while the infection can be found.
    pub sensitivity: f64,
    /// Share of negative tests among all others.
    pub specificity: f64,
    /// Days from sample to result.
    pub result_days: u32,
    /// Days before being infectious from which an infection can be found.
    pub detectable_before: f64,
    /// Days after being infectious until which it can be found.
    pub detectable_after: f64,
    /// Cases whose contacts are traced on a day, for 100,000 people.
    pub traces_per_100k: f64,
    /// Days from confirmation until tracing begins.
    pub trace_days: u32,
    /// Days before isolation that a case is asked about.
    pub recall_days: u32,
    /// Staff hours for tracing one case.
    pub trace_hours: f64,
    /// Share of contacts found, by layer.
    pub found: Found,
    /// Whether those who live with close contacts are judged, too.
    pub second_contacts: bool,
    /// Share of people with a home fit for quarantine.
    pub home_suitable: f64,
    /// Share who keep to quarantine at home.
    pub home_compliance: f64,
    /// Share who stay away from work, transport and public places without a green pass.
    pub pass_compliance: f64,
    /// Share who report their health every day; others miss up to a week.
    pub reports_kept: f64,
    /// Share of arrivals that are seen at a checkpoint. In a city without checkpoints nobody is.
    pub seen_at_checkpoints: f64,
    /// Percent of arrivals from low, medium, high-risk and severe areas; the rest is not known.
    pub arrivals_from: ArrivalsFrom,
    /// Share of workplaces that have everything in place, filed and inspected on day 0.
    pub ready: f64,
    /// Workplaces that become so on a day, for 1,000.
    pub inspections_per_1000: f64,
}

/// Share of contacts found, by layer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Found {
    /// Household.
    pub household: f64,
    /// Work.
    pub work: f64,
    /// School.
    pub school: f64,
    /// Care.
    pub care: f64,
    /// Transport.
    pub transport: f64,
    /// Community.
    pub community: f64,
}

/// Percent of arrivals by where they come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ArrivalsFrom {
    /// Low risk.
    pub low: f64,
    /// Medium risk.
    pub medium: f64,
    /// High risk.
    pub high: f64,
    /// Severe.
    pub severe: f64,
    /// Abroad.
    pub abroad: f64,
}

impl Default for ResponseSettings {
    fn default() -> Self {
        Self {
            seek: 0.8,
            tests_per_100k: 100.0,
            sensitivity: 0.8,
            specificity: 0.998,
            result_days: 1,
            detectable_before: 1.0,
            detectable_after: 10.0,
            traces_per_100k: 5.0,
            trace_days: 1,
            recall_days: 4,
            trace_hours: 40.0,
            found: Found::default(),
            second_contacts: true,
            home_suitable: 0.7,
            home_compliance: 0.9,
            pass_compliance: 0.95,
            reports_kept: 0.9,
            seen_at_checkpoints: 0.95,
            arrivals_from: ArrivalsFrom::default(),
            ready: 1.0,
            inspections_per_1000: 20.0,
        }
    }
}

impl Default for Found {
    fn default() -> Self {
        Self {
            household: 1.0,
            work: 0.9,
            school: 0.95,
            care: 0.95,
            transport: 0.3,
            community: 0.3,
        }
    }
}

impl Default for ArrivalsFrom {
    fn default() -> Self {
        Self {
            low: 95.0,
            medium: 3.0,
            high: 1.0,
            severe: 0.1,
            abroad: 0.1,
        }
    }
}

/// Somebody who is infected and comes into the city, or was there on day 0.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrival {
    pub(crate) person: u32,
    pub(crate) infected: f32,
    pub(crate) travelled: bool,
}

impl Scenario {
    /// Reads a scenario from the text of its file; what is left out is as by default.
    pub fn read(text: &str) -> Result<Self, SimulationError> {
        toml::from_str(text).map_err(|error| SimulationError::Scenario {
            line: error.span().map_or(0, |span| {
                text[..span.start.min(text.len())].matches('\n').count() + 1
            }),
            problem: error.message().to_owned(),
        })
    }

    /// Checks every number, for a city of so many people.
    pub(crate) fn check(&self, people: u32) -> Result<(), SimulationError> {
        let range = |field, value: f64, least: f64, most: f64| {
            if value.is_finite() && (least..=most).contains(&value) {
                Ok(())
            } else {
                Err(SimulationError::Range {
                    field,
                    value,
                    least,
                    most,
                })
            }
        };
        let imports = &self.imports;
        let year = f64::from(self.start.year());
        range("year of start", year, 1900.0, 2200.0)?;
        range(
            "imports.initial",
            f64::from(imports.initial),
            0.0,
            f64::from(people),
        )?;
        range(
            "imports.per_day",
            imports.per_day,
            0.0,
            f64::from(people).min(1e5),
        )?;
        range("imports.days_before", imports.days_before, 0.0, 100.0)?;
        if let Some(reproduction_number) = self.reproduction_number {
            range("reproduction_number", reproduction_number, 0.01, 100.0)?;
        }
        self.check_immunity()?;
        let Some(response) = &self.response else {
            return Ok(());
        };
        for (field, share) in [
            ("response.seek", response.seek),
            ("response.sensitivity", response.sensitivity),
            ("response.specificity", response.specificity),
            ("response.found.household", response.found.household),
            ("response.found.work", response.found.work),
            ("response.found.school", response.found.school),
            ("response.found.care", response.found.care),
            ("response.found.transport", response.found.transport),
            ("response.found.community", response.found.community),
            ("response.home_suitable", response.home_suitable),
            ("response.home_compliance", response.home_compliance),
            ("response.pass_compliance", response.pass_compliance),
            ("response.reports_kept", response.reports_kept),
            ("response.seen_at_checkpoints", response.seen_at_checkpoints),
            ("response.ready", response.ready),
        ] {
            range(field, share, 0.0, 1.0)?;
        }
        for (field, value) in [
            ("response.tests_per_100k", response.tests_per_100k),
            ("response.traces_per_100k", response.traces_per_100k),
            (
                "response.inspections_per_1000",
                response.inspections_per_1000,
            ),
            ("response.trace_hours", response.trace_hours),
        ] {
            range(field, value, 0.0, 1e6)?;
        }
        for (field, days) in [
            ("response.result_days", f64::from(response.result_days)),
            ("response.trace_days", f64::from(response.trace_days)),
            ("response.recall_days", f64::from(response.recall_days)),
            ("response.detectable_before", response.detectable_before),
            ("response.detectable_after", response.detectable_after),
        ] {
            range(field, days, 0.0, 60.0)?;
        }
        let from = &response.arrivals_from;
        let all = from.low + from.medium + from.high + from.severe + from.abroad;
        for part in [from.low, from.medium, from.high, from.severe, from.abroad] {
            range("response.arrivals_from", part, 0.0, 100.0)?;
        }
        range("response.arrivals_from together", all, 0.0, 100.0)
    }
}

impl Scenario {
    fn check_immunity(&self) -> Result<(), SimulationError> {
        let immunity = &self.immunity;
        let bands = &immunity.by_age;
        let rises = bands.is_sorted_by(|one, next| one.from < next.from);
        if bands.is_empty() {
            return Ok(());
        }
        if bands[0].from > 0 || !rises {
            return Err(SimulationError::ImmunityBands);
        }
        if immunity.source.trim().is_empty() {
            return Err(SimulationError::ImmunitySource);
        }
        let shares = bands.iter().map(|band| band.percent / 100.0);
        for share in shares.chain([immunity.proved]) {
            if !(0.0..=1.0).contains(&share) {
                return Err(SimulationError::Range {
                    field: "immunity (a share of people)",
                    value: share,
                    least: 0.0,
                    most: 1.0,
                });
            }
        }
        Ok(())
    }
}

impl Imports {
    /// Who comes infected on a day.
    pub(crate) fn on(&self, day: usize, people: u32, stream: &mut Stream) -> Vec<Arrival> {
        let mut arrivals = Vec::new();
        if day == 0 {
            for _ in 0..self.initial {
                arrivals.push(Arrival {
                    person: stream.below(people),
                    infected: stream.unit() as f32,
                    travelled: false,
                });
            }
        }
        if self.per_day > 0.0 && (self.from_day as usize..self.until_day as usize).contains(&day) {
            // Large numbers come in parts, since a Poisson number is drawn by inversion.
            let parts = (self.per_day / 200.0).ceil().max(1.0);
            for _ in 0..parts as u32 {
                for _ in 0..stream.poisson(self.per_day / parts) {
                    arrivals.push(Arrival {
                        person: stream.below(people),
                        infected: day as f32 - (stream.unit() * self.days_before) as f32,
                        travelled: true,
                    });
                }
            }
        }
        arrivals
    }
}
