//! Epidemiology: what the morning's numbers mean.
//!
//! | module | quantity |
//! | --- | --- |
//! | [`incidence`] | new cases per day, out of published cumulative totals |
//! | [`serial_interval`] | days from an infector's onset to the infectee's |
//! | [`rt`] | the instantaneous reproduction number by Cori's method |
//! | [`growth`] | exponential growth rate, doubling and halving time |
//! | [`delays`] | delays between two dates of a line list |
//! | [`nowcast`] | cases that have begun and are not reported yet |
//! | [`onset_interval`] | the same, where an infectee may fall ill first |
//! | [`chains`] | who infected whom: trees, generations, serial intervals, superspreaders, clusters |
//! | [`infectors`] | who may have infected a case, by likelihood |
//! | [`alarms`] | more cases than past counts let expect |
//! | [`offspring`] | how unevenly cases infect others: R and k |
//! | [`proportion`] | a share with its interval: the secondary attack rate |
//! | [`mod@forecast`] | new cases of the days ahead, with quantiles |
//! | [`scores`] | how good forecasts were |
//! | [`queue`] | waits at a checkpoint, and the lanes that keep them under a target |
//! | [`arrivals`] | people who will arrive in the coming days |
//! | [`stays`] | people who will be in hospital or at quarantine sites in the coming days |
//! | [`mod@turning_point`] | 拐点: the day from which transmission declines |
//!
//! Nothing here does I/O, reads a clock or draws a random number: the same input gives the same
//! output, today and in an auditor's replay. Names are the field's own, those of `EpiEstim` where it has one.

pub mod alarms;
pub mod arrivals;
pub mod chains;
pub mod delays;
pub mod forecast;
pub mod growth;
pub mod incidence;
pub mod infectors;
pub mod nowcast;
pub mod offspring;
pub mod onset_interval;
pub mod proportion;
pub mod queue;
pub mod rt;
pub mod scores;
pub mod serial_interval;
pub mod stays;
pub mod turning_point;

mod days;
mod special;

pub use forecast::{Forecast, ForecastRule, Forecaster, Quantiles, persistence};
pub use incidence::{Incidence, Total};
pub use rt::{Estimator, estimate_r};
pub use serial_interval::{SerialInterval, discr_si};
pub use turning_point::{TurningPoint, TurningPointRule, turning_point};
