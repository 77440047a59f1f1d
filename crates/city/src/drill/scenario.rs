//! How people behave in a drill, and what surprises there are.

use serde::{Deserialize, Serialize};

use super::DrillError;
use crate::population::PopulationError;

/// How people behave in a drill. All numbers are the project's own assumptions: a drill trains and measures, and
/// forecasts nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scenario {
    /// People infected from elsewhere on the first day, of 10,000; at least two.
    pub infected_first: f64,
    /// How many one case infects where nothing is done; the pack's, if left out.
    pub reproduction_number: Option<f64>,
    /// Of infections outside the household, the share at work or school.
    pub at_work: f64,
    /// And the share in the market. The rest is among friends and in the village.
    pub in_market: f64,
    /// Share of grown-up people who go to market on a day.
    pub go_to_market: f64,
    /// Share of visits to a market that its staff write down.
    pub visits_recorded: f64,
    /// People who arrive on a day, of 10,000.
    pub arrivals: f64,
    /// Share of them who are infected.
    pub arrivals_infected: f64,
    /// Share of them who declare their arrival that morning.
    pub declare: f64,
    /// Share of residents who hold a pass.
    pub hold_pass: f64,
    /// Share of holders who report on a day.
    pub report_daily: f64,
    /// Share of the ill who say so in their report.
    pub report_symptoms: f64,
    /// Share of the ill who see a doctor.
    pub see_doctor: f64,
    /// Days from first symptoms until then, on average.
    pub doctor_after: f64,
    /// Those who fall ill with something else and see a doctor, of 10,000 on a day.
    pub other_illness: f64,
    /// Share of samples of infected people that are positive.
    pub sensitivity: f64,
    /// Share of samples of others that are negative.
    pub specificity: f64,
    /// Share of colleagues and classmates whom a case names.
    pub name_colleagues: f64,
    /// Share of friends whom a case names.
    pub name_friends: f64,
    /// Share of batches that a phone sends twice because no answer came.
    pub sent_twice: f64,
    /// Share of checks under watch that are not done.
    pub checks_missed: f64,
    /// Somebody infects many at a market.
    pub superspreading: Option<Superspreading>,
    /// A township reports nothing.
    pub silence: Option<Silence>,
    /// The phones of a township have no network.
    pub cut: Option<Cut>,
}

/// Somebody infects many at a market on one day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Superspreading {
    /// The day, from 0.
    pub day: u32,
    /// The township whose market it is, from 0.
    pub township: u32,
    /// People infected, if so many are there.
    pub infects: u32,
}

/// A township reports no case, no daily report and does no tracing for some days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Silence {
    /// The first day, from 0.
    pub from_day: u32,
    /// Days.
    pub days: u32,
    /// The township, from 0.
    pub township: u32,
}

/// The phones of a township have no network for some hours: they keep what they write, and send it twice when it is back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cut {
    /// The day, from 0.
    pub day: u32,
    /// The hour from which there is none.
    pub from_hour: u32,
    /// The hour from which there is one again.
    pub until_hour: u32,
    /// The township, from 0.
    pub township: u32,
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            infected_first: 8.0,
            reproduction_number: None,
            at_work: 0.4,
            in_market: 0.1,
            go_to_market: 0.2,
            visits_recorded: 0.5,
            arrivals: 6.0,
            arrivals_infected: 0.03,
            declare: 0.6,
            hold_pass: 0.05,
            report_daily: 0.8,
            report_symptoms: 0.6,
            see_doctor: 0.75,
            doctor_after: 2.5,
            other_illness: 1.0,
            sensitivity: 0.9,
            specificity: 0.995,
            name_colleagues: 0.6,
            name_friends: 0.6,
            sent_twice: 0.05,
            checks_missed: 0.03,
            superspreading: Some(Superspreading {
                day: 4,
                township: 0,
                infects: 12,
            }),
            silence: Some(Silence {
                from_day: 6,
                days: 3,
                township: 1,
            }),
            cut: Some(Cut {
                day: 5,
                from_hour: 8,
                until_hour: 17,
                township: 0,
            }),
        }
    }
}

/// Most people of 10,000 who arrive or fall ill with something else on a day.
const MOST: f64 = 500.0;

impl Scenario {
    /// Reads a scenario's file.
    ///
    /// # Errors
    /// Another form, or a number out of its range.
    pub fn parse(text: &str) -> Result<Self, DrillError> {
        let read: Self =
            toml::from_str(text).map_err(|error| DrillError::Form(error.message().into()))?;
        read.check()?;
        Ok(read)
    }

    /// The same without surprises.
    pub fn without_surprises(self) -> Self {
        Self {
            superspreading: None,
            silence: None,
            cut: None,
            ..self
        }
    }

    /// Checks every number.
    pub(super) fn check(&self) -> Result<(), DrillError> {
        let shares = [
            ("at_work", self.at_work),
            ("in_market", self.in_market),
            (
                "at_work and in_market together",
                self.at_work + self.in_market,
            ),
            ("go_to_market", self.go_to_market),
            ("visits_recorded", self.visits_recorded),
            ("arrivals_infected", self.arrivals_infected),
            ("declare", self.declare),
            ("hold_pass", self.hold_pass),
            ("report_daily", self.report_daily),
            ("report_symptoms", self.report_symptoms),
            ("see_doctor", self.see_doctor),
            ("sensitivity", self.sensitivity),
            ("specificity", self.specificity),
            ("name_colleagues", self.name_colleagues),
            ("name_friends", self.name_friends),
            ("sent_twice", self.sent_twice),
            ("checks_missed", self.checks_missed),
        ];
        for (field, value) in shares {
            within(field, value, 0.0, 1.0)?;
        }
        within("infected_first", self.infected_first, 0.0, MOST)?;
        within("arrivals", self.arrivals, 0.0, MOST)?;
        within("other_illness", self.other_illness, 0.0, MOST)?;
        within("doctor_after", self.doctor_after, 0.0, 30.0)?;
        if let Some(r) = self.reproduction_number {
            within("reproduction_number", r, 0.0, 30.0)?;
        }
        if let Some(cut) = self.cut {
            within("cut.from_hour", cut.from_hour.into(), 0.0, 23.0)?;
            let least = f64::from(cut.from_hour) + 1.0;
            within("cut.until_hour", cut.until_hour.into(), least, 24.0)?;
        }
        Ok(())
    }
}

fn within(field: &'static str, value: f64, least: f64, most: f64) -> Result<(), DrillError> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(PopulationError::Range {
        field,
        value,
        least,
        most,
    }
    .into())
}
