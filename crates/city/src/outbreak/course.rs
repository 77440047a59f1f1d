//! The course of the disease, in days from first symptoms.

use lianfang_core::cases::{Outcome, Severity};

use crate::chance::Chance;

/// Incubation period, days: log-normal, median 5.1 (Lauer et al. 2020, Ann Intern Med 172:577).
const INCUBATION: (f64, f64) = (1.621, 0.418);
/// Infections without symptoms; the demo's assumption.
const ASYMPTOMATIC: f64 = 0.10;
/// Cases by decade of age, 80 and over in the last, of 10,000: who become severely ill, and who
/// die (Verity et al. 2020, Lancet Infect Dis 20:669, tables 3 and 1). The first of the former is
/// raised from 0, so that it is not below the latter.
const SEVERE: [f64; 9] = [
    0.3, 4.08, 104.0, 343.0, 425.0, 816.0, 1_180.0, 1_660.0, 1_840.0,
];
const FATAL: [f64; 9] = [0.26, 1.48, 6.0, 14.6, 29.5, 125.0, 399.0, 861.0, 1_340.0];
/// Severely ill survivors who were in a critical state; the demo's assumption.
const CRITICAL: f64 = 0.15;
/// Mild among those neither severely nor critically ill; the demo's assumption.
const MILD: f64 = 0.4;
/// Onset to death, days: mean of Verity et al. 2020, coefficient of variation 0.45.
const TO_DEATH: (f64, f64) = (17.8, 8.0);
/// Onset to recovery, days. Verity et al. 2020 have 24.7; the demo's cases are found by tracing,
/// and early, and leave hospital after about 20.
const TO_RECOVERY: (f64, f64) = (20.0, 5.0);
/// Days of observation for those without symptoms.
const OBSERVATION: i32 = 14;
/// Onset to report, mean in days at first and in the end, and its coefficient of variation;
/// isolation came 4.6 d after onset, 1.9 d sooner with tracing (Bi et al. 2020, Lancet Infect Dis
/// 20:911), and later in the first weeks.
const REPORT_DELAY: (f64, f64) = (7.0, 2.0);
const REPORT_DELAY_CV: f64 = 0.5;

/// Days from infection to first symptoms, or to where these would have been.
pub(super) fn incubation(chance: &mut Chance) -> f64 {
    chance.log_normal(INCUBATION.0, INCUBATION.1)
}

/// Whether an infection shows symptoms.
pub(crate) fn has_symptoms(chance: &mut Chance) -> bool {
    !chance.yes(ASYMPTOMATIC)
}

/// Mean days from onset to report when `part` of the outbreak has passed (0 to 1).
pub(crate) fn report_delay(part: f64) -> f64 {
    let (first, last) = REPORT_DELAY;
    first + (last - first) * part.clamp(0.0, 1.0)
}

/// What happens to a case, in days from onset (without symptoms: from where it would have been).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Course {
    pub(crate) sampled: i32,
    pub(crate) diagnosed: i32,
    pub(crate) reported: i32,
    pub(crate) hospitalised: i32,
    pub(crate) severity: Option<Severity>,
    pub(crate) outcome: Outcome,
    pub(crate) outcome_day: i32,
}

impl Course {
    /// Draws a course: `earliest` is the first day on which the case can be found here, `delay`
    /// the mean from onset to report.
    pub(crate) fn draw(
        chance: &mut Chance,
        age: u8,
        symptoms: bool,
        earliest: i32,
        delay: f64,
    ) -> Self {
        let delay = chance.gamma(delay, REPORT_DELAY_CV * delay).round();
        let reported = (delay as i32).max(earliest);
        let diagnosed = (reported - chance.whole(0, 1)).max(earliest);
        let sampled = (diagnosed - chance.whole(0, 2)).max(earliest);
        let hospitalised = (diagnosed + chance.whole(-2, 1)).max(earliest);
        let seen = reported.max(hospitalised);
        let (severity, outcome) = if symptoms {
            let (severity, outcome) = severity(chance, age);
            (Some(severity), outcome)
        } else {
            (None, Outcome::Recovered)
        };
        let ends = match (symptoms, outcome) {
            (false, _) => sampled + OBSERVATION,
            (true, Outcome::Died) => chance.gamma(TO_DEATH.0, TO_DEATH.1).round() as i32,
            (true, Outcome::Recovered) => {
                let day = chance.gamma(TO_RECOVERY.0, TO_RECOVERY.1).round() as i32;
                day.max(seen + 4)
            }
        };
        Self {
            sampled,
            diagnosed,
            reported,
            hospitalised,
            severity,
            outcome,
            outcome_day: ends.max(seen + 1),
        }
    }
}

fn severity(chance: &mut Chance, age: u8) -> (Severity, Outcome) {
    let decade = usize::from(age / 10).min(SEVERE.len() - 1);
    let lot = 10_000.0 * chance.uniform();
    if lot < FATAL[decade] {
        (Severity::Critical, Outcome::Died)
    } else if lot < SEVERE[decade] {
        let critical = chance.yes(CRITICAL);
        let severity = if critical {
            Severity::Critical
        } else {
            Severity::Severe
        };
        (severity, Outcome::Recovered)
    } else {
        let mild = chance.yes(MILD);
        let severity = if mild {
            Severity::Mild
        } else {
            Severity::Moderate
        };
        (severity, Outcome::Recovered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Purpose;

    #[test]
    fn days_stand_in_order_and_delays_shrink() {
        let mut chance = Chance::new(5, Purpose::Outbreak);
        for n in 0..5_000 {
            let earliest = n % 4;
            let course = Course::draw(&mut chance, (n % 100) as u8, n % 9 > 0, earliest, 3.0);
            assert!(earliest <= course.sampled && course.sampled <= course.diagnosed);
            assert!(course.diagnosed <= course.reported && course.reported < course.outcome_day);
            assert!(earliest <= course.hospitalised && course.hospitalised < course.outcome_day);
        }
        let mean = |part: f64, chance: &mut Chance| {
            let delays =
                (0..4_000).map(|_| Course::draw(chance, 40, true, 0, report_delay(part)).reported);
            f64::from(delays.sum::<i32>()) / 4_000.0
        };
        assert!((mean(0.0, &mut chance) - 7.0).abs() < 0.2);
        assert!((mean(1.0, &mut chance) - 2.0).abs() < 0.1);
    }

    #[test]
    fn the_old_die_more_often() {
        let mut chance = Chance::new(6, Purpose::Outbreak);
        let mut deaths = |age| {
            (0..10_000)
                .filter(|_| severity(&mut chance, age).1 == Outcome::Died)
                .count()
        };
        assert!(deaths(25) < 30);
        assert!((1_200..1_480).contains(&deaths(85)));
    }
}
