//! EARS: a day's count against the mean and spread of the days just before.

use std::ops::Range;

use serde::Serialize;

use super::AlarmError;
use crate::special::normal_quantile;

/// Days that C2 and C3 leave between baseline and the day judged, so that the start of an outbreak does not raise its own bar.
const GUARD: usize = 2;
/// Days before the one judged whose excess C3 adds.
const CARRIED: usize = 2;
/// The fewest counts out of which a spread is taken.
const SHORTEST: usize = 3;

/// Which of the three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum EarsMethod {
    /// The baseline ends the day before.
    C1,
    /// The baseline ends three days before.
    C2,
    /// As C2, the excess of the two days before added.
    C3,
}

/// How EARS judges.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct EarsRule {
    /// Which of the three.
    pub method: EarsMethod,
    /// Days in the baseline, 3 or more; 7 in Hutwagner et al.
    pub baseline: usize,
    /// The baseline's standard deviation is taken to be at least this: a baseline without any cases has none.
    pub min_sd: f64,
    /// One-sided rate of false alarms for normal counts: 0.001 gives C1 and C2's three standard deviations, 0.025 about C3's two.
    pub alpha: f64,
}

/// A day judged, with the reason.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EarsJudged {
    /// Place of the day in the series.
    pub at: usize,
    /// Cases counted.
    pub observed: u32,
    /// Mean of the baseline.
    pub expected: f64,
    /// Standard deviation (n-1) of the baseline, or the least one.
    pub sd: f64,
    /// Counts above this alarm. With C3 it can be negative: the days before alarm on their own.
    pub threshold: f64,
    /// (observed - expected) / sd, with C3 the sum that is compared with z.
    pub statistic: f64,
    /// The excess of the days before; 0 but with C3.
    pub carried: f64,
    /// Places of the baseline's days.
    pub baseline: Range<usize>,
    /// Whether there is an alarm.
    pub alarm: bool,
}

/// Judges each day that has a whole baseline, in order; `counts` are those of consecutive days.
///
/// With x̄ and s the mean and standard deviation of the baseline and z the normal quantile of 1 - alpha, C1 and C2 alarm where
/// the count exceeds x̄ + z s; they differ in where the baseline ends, and equal `surveillance::earsC` in R (Salmon et al. 2016, J
/// Stat Softw 70(10)). C3 alarms where Σ max(0, C2 - 1) over the day and the two before exceeds z. Its threshold is
/// the count at which that sum is z: x̄ + (1 + z - carried) s. `earsC` reports another bound for C3, whose alarms do
/// not depend on the day's own count; this is the definition of Hutwagner et al.
///
/// # Errors
/// Where the baseline is too short, or the least standard deviation or alpha is out of range.
pub fn ears(counts: &[u32], rule: &EarsRule) -> Result<Vec<EarsJudged>, AlarmError> {
    if rule.baseline < SHORTEST {
        return Err(AlarmError::Baseline(rule.baseline));
    }
    if !(rule.min_sd.is_finite() && rule.min_sd > 0.0) {
        return Err(AlarmError::MinSd(rule.min_sd));
    }
    if !(rule.alpha > 0.0 && rule.alpha < 1.0) {
        return Err(AlarmError::Alpha(rule.alpha));
    }
    let z = normal_quantile(1.0 - rule.alpha);
    let guard = match rule.method {
        EarsMethod::C1 => 0,
        EarsMethod::C2 | EarsMethod::C3 => GUARD,
    };
    let days: Vec<Day> = (rule.baseline + guard..counts.len())
        .map(|at| {
            Day::new(
                counts,
                at,
                at - guard - rule.baseline..at - guard,
                rule.min_sd,
            )
        })
        .collect();
    Ok(match rule.method {
        EarsMethod::C1 | EarsMethod::C2 => days.iter().map(|day| day.alone(z)).collect(),
        EarsMethod::C3 => days
            .windows(CARRIED + 1)
            .map(|days| Day::summed(days, z))
            .collect(),
    })
}

/// A day against its baseline.
struct Day {
    at: usize,
    observed: u32,
    mean: f64,
    sd: f64,
    baseline: Range<usize>,
}

impl Day {
    fn new(counts: &[u32], at: usize, baseline: Range<usize>, min_sd: f64) -> Self {
        let past = || {
            counts[baseline.clone()]
                .iter()
                .map(|&count| f64::from(count))
        };
        let n = baseline.len() as f64;
        let mean = past().sum::<f64>() / n;
        let squares: f64 = past().map(|count| (count - mean).powi(2)).sum();
        Self {
            at,
            observed: counts[at],
            mean,
            sd: (squares / (n - 1.0)).sqrt().max(min_sd),
            baseline,
        }
    }

    fn deviations(&self) -> f64 {
        (f64::from(self.observed) - self.mean) / self.sd
    }

    fn excess(&self) -> f64 {
        (self.deviations() - 1.0).max(0.0)
    }

    fn alone(&self, z: f64) -> EarsJudged {
        self.judged(self.deviations(), 0.0, self.mean + z * self.sd)
    }

    /// The last of `days` with those before it.
    fn summed(days: &[Self], z: f64) -> EarsJudged {
        let (day, before) = (&days[CARRIED], &days[..CARRIED]);
        let carried: f64 = before.iter().map(Self::excess).sum();
        let threshold = if carried > z {
            -1.0
        } else {
            day.mean + (1.0 + z - carried) * day.sd
        };
        day.judged(carried + day.excess(), carried, threshold)
    }

    fn judged(&self, statistic: f64, carried: f64, threshold: f64) -> EarsJudged {
        EarsJudged {
            at: self.at,
            observed: self.observed,
            expected: self.mean,
            sd: self.sd,
            threshold,
            statistic,
            carried,
            baseline: self.baseline.clone(),
            alarm: f64::from(self.observed) > threshold,
        }
    }
}
