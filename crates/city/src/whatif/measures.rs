//! What a run comes to, in one number each, and the series that are shown day by day.

use lianfang_core::words::Word;

use crate::economy::WHOLE;
use crate::epidemic::Run;
use crate::population::Population;
use crate::response::ResponseDay;

lianfang_core::words! {
    /// One number for a run.
    Measure {
        /// People infected during the run, those who came infected among them.
        Infections = "infections", "infections", "感染人数";
        /// Deaths during the run; whoever is ill at its end may die later.
        Deaths = "deaths", "deaths", "死亡人数";
        /// Infections that were found.
        Found = "found", "infections found", "发现的感染者";
        /// Most people who need a hospital bed on one day.
        HospitalBeds = "hospital_beds", "hospital beds at peak", "住院床位峰值";
        /// Most people who need intensive care on one day.
        IntensiveBeds = "intensive_beds", "intensive care beds at peak", "重症床位峰值";
        /// Most people isolated as cases on one day.
        IsolationBeds = "isolation_beds", "isolation beds at peak", "隔离收治床位峰值";
        /// Most people at quarantine sites on one day.
        SiteRooms = "site_rooms", "quarantine rooms at peak", "集中隔离房间峰值";
        /// Days that people spent in quarantine, at sites and at home.
        QuarantineDays = "quarantine_days", "days in quarantine", "隔离人日";
        /// Samples taken.
        Tests = "tests", "tests", "检测数";
        /// Staff hours of tracing.
        TraceHours = "trace_hours", "hours of tracing", "流调工时";
        /// Posts filled, in percent, on average over the run.
        PostsFilled = "posts_filled", "posts filled, %", "在岗率（%）";
        /// Working days lost.
        WorkingDaysLost = "working_days_lost", "working days lost", "损失工作日";
        /// Output lost along supply links, in percent of the usual, on average over the run.
        OutputLost = "output_lost", "output lost, %", "产出损失（%）";
    }
}

lianfang_core::words! {
    /// What is shown day by day.
    Series {
        /// Infected on the day.
        Infections = "infections", "infections", "新增感染";
        /// Found on the day.
        Found = "found", "infections found", "新增发现";
        /// Died on the day.
        Deaths = "deaths", "deaths", "新增死亡";
        /// In need of a hospital bed.
        HospitalBeds = "hospital_beds", "hospital beds", "住院床位";
        /// In quarantine, at sites and at home.
        Quarantined = "quarantined", "in quarantine", "隔离人数";
        /// Output in percent of the usual.
        Output = "output", "output, %", "产出（%）";
    }
}

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// Less is.
    Less,
    /// More is.
    More,
}

/// Percent of the usual output.
fn percent_of_output(day: &ResponseDay) -> f64 {
    100.0 * day.output as f64 / WHOLE as f64
}

fn found(day: &ResponseDay) -> u64 {
    day.confirmed + day.asymptomatic
}

impl Measure {
    /// Which way is better; more tests or found infections are no good in themselves, fewer cost less.
    pub fn better(self) -> Better {
        match self {
            Self::PostsFilled => Better::More,
            _ => Better::Less,
        }
    }

    /// All measures of a run, in order.
    pub(super) fn of_run(run: &Run, city: &Population) -> Vec<f64> {
        Self::ALL
            .iter()
            .map(|measure| measure.value(run, city))
            .collect()
    }

    /// Where nothing is done, nobody is kept from work by it, and nobody is found.
    fn value(self, run: &Run, city: &Population) -> f64 {
        let days = run.days.len().max(1) as f64;
        let sum = |count: fn(&ResponseDay) -> u64| -> f64 {
            run.response.iter().map(count).sum::<u64>() as f64
        };
        let most = |count: fn(&ResponseDay) -> u64| -> f64 {
            run.response.iter().map(count).max().unwrap_or(0) as f64
        };
        match self {
            Self::Infections => run.days.iter().map(|day| day.infections).sum::<u64>() as f64,
            Self::Deaths => run.days.iter().map(|day| day.deaths).sum::<u64>() as f64,
            Self::Found => sum(found),
            Self::HospitalBeds => run.days.iter().map(|day| day.severe).max().unwrap_or(0) as f64,
            Self::IntensiveBeds => {
                run.days.iter().map(|day| day.critical).max().unwrap_or(0) as f64
            }
            Self::IsolationBeds => most(|day| day.isolated),
            Self::SiteRooms => most(|day| day.at_sites),
            Self::QuarantineDays => sum(|day| day.at_sites + day.at_home),
            Self::Tests => sum(|day| day.tests),
            // Of no numbers the sum is -0.0.
            Self::TraceHours => 0.0 + run.response.iter().map(|day| day.trace_hours).sum::<f64>(),
            Self::PostsFilled => {
                let posts = city.posts() as f64 * days;
                if run.response.is_empty() || posts <= 0.0 {
                    100.0
                } else {
                    100.0 * sum(|day| day.posts_filled) / posts
                }
            }
            Self::WorkingDaysLost => sum(|day| day.working_days_lost),
            Self::OutputLost => {
                let lost = run
                    .response
                    .iter()
                    .map(|day| 100.0 - percent_of_output(day));
                (0.0 + lost.sum::<f64>()) / days
            }
        }
    }
}

impl Series {
    /// All series of a run, in order.
    pub(super) fn of_run(run: &Run) -> Vec<Vec<f64>> {
        Self::ALL.iter().map(|series| series.values(run)).collect()
    }

    fn values(self, run: &Run) -> Vec<f64> {
        (0..run.days.len())
            .map(|number| {
                let (day, response) = (&run.days[number], run.response.get(number));
                let of =
                    |count: fn(&ResponseDay) -> u64| response.map_or(0.0, |day| count(day) as f64);
                match self {
                    Self::Infections => day.infections as f64,
                    Self::Found => of(found),
                    Self::Deaths => day.deaths as f64,
                    Self::HospitalBeds => day.severe as f64,
                    Self::Quarantined => of(|day| day.at_sites + day.at_home),
                    Self::Output => response.map_or(100.0, percent_of_output),
                }
            })
            .collect()
    }
}
