//! Alarms: days or weeks on which more cases were counted than past counts let expect.
//!
//! | function | method | needs |
//! | --- | --- | --- |
//! | [`ears`] | EARS C1, C2 and C3 (Hutwagner et al. 2003, J Urban Health 80:i89) | some days before; suits new series, each area and setting by the day |
//! | [`farrington`] | improved Farrington (Noufaily et al. 2013, Stat Med 32:1206) | years of weeks; suits series with seasons |
//!
//! Both say for each count judged what was expected, from which count on there is an alarm, and out of which past counts: an
//! alarm is shown with its reason or not at all. How long the baseline is and how rare a false alarm shall be are the caller's to say.
//!
//! Many series judged each day give false alarms, with EARS more of them than the nominal rate: counts are taken for
//! normal, with a standard deviation out of a few days.
//!
//! ```
//! use lianfang_epi::alarms::{EarsMethod, EarsRule, ears};
//!
//! let counts = [3, 4, 2, 5, 3, 4, 3, 4, 12];
//! let rule = EarsRule { method: EarsMethod::C1, baseline: 7, min_sd: 0.2, alpha: 0.001 };
//! let judged = ears(&counts, &rule)?;
//! assert_eq!(judged.len(), 2, "the first seven days are the baseline of the eighth");
//! assert!(!judged[0].alarm && judged[1].alarm);
//! assert_eq!((judged[1].at, judged[1].observed, judged[1].baseline.clone()), (8, 12, 1..8));
//! assert!((judged[1].expected - 25.0 / 7.0).abs() < 1e-12);
//! # Ok::<(), lianfang_epi::alarms::AlarmError>(())
//! ```

mod ears;
mod farrington;
mod regression;

use serde::Serialize;
use thiserror::Error;

pub use ears::{EarsJudged, EarsMethod, EarsRule, ears};
pub use farrington::{FarringtonJudged, FarringtonRule, farrington};

/// Why a series cannot be judged.
#[derive(Debug, Clone, Copy, PartialEq, Error, Serialize)]
pub enum AlarmError {
    /// The baseline is too short for a spread.
    #[error("a baseline of {0} counts is too short: it takes 3 or more")]
    Baseline(usize),
    /// The least standard deviation is not positive.
    #[error("the least standard deviation is {0}: it must be finite and more than 0")]
    MinSd(f64),
    /// The rate of false alarms is no probability.
    #[error("the rate of false alarms is {0}: it must lie between 0 and 1")]
    Alpha(f64),
    /// A year cannot be laid out.
    #[error(
        "{seasons} seasons, a window of {window} counts and a year of {period}: takes 1 season or more, each with a count beside the window, and 1 year or more"
    )]
    Seasons {
        /// Counts in a year.
        period: usize,
        /// Counts in a window.
        window: usize,
        /// Seasons.
        seasons: usize,
    },
    /// No residual can be that of a past outbreak.
    #[error("the limit of residuals is {0}: it must be more than 0")]
    Outlier(f64),
}
