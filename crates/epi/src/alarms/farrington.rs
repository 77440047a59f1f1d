//! The improved Farrington algorithm: a week's count against the same season of past years.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, StudentsT};

use super::AlarmError;
use super::regression::{Fit, fit, predict};
use crate::special::normal_quantile;

/// How the improved Farrington algorithm judges; the values of Noufaily et al. (2013) are named.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FarringtonRule {
    /// Counts in a year: 52 for weeks.
    pub period: usize,
    /// Past years that are looked at, `b`; 5 in the paper. A trend needs 3 or more.
    pub years: usize,
    /// Half-width of the window around the same week of each year, `w`; 3 in the paper.
    pub half_window: usize,
    /// Levels of the season, the window being one of them; 10 in the paper. With 1 only the windows enter, as in Farrington et al.
    /// 1996.
    pub seasons: usize,
    /// Newest counts that do not enter the baseline, so that an outbreak under way does not raise its own bar; 26 in the paper.
    pub left_out: usize,
    /// Standardised Anscombe residuals above this weigh less: past outbreaks; 2.58 in the paper.
    pub outlier: f64,
    /// A trend whose p-value is below this stays in the model. The paper always keeps it; 1 does.
    pub trend_p: f64,
    /// One-sided rate of false alarms; 0.005 in the paper.
    pub alpha: f64,
    /// There is no alarm with fewer cases than this in the newest `few_counts` counts; 5 in the paper.
    pub few_cases: u32,
    /// See `few_cases`; 4 in the paper.
    pub few_counts: usize,
}

/// A week judged, with the reason.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FarringtonJudged {
    /// Place of the week in the series.
    pub at: usize,
    /// Cases counted.
    pub observed: u32,
    /// Cases expected.
    pub expected: f64,
    /// The count at the quantile 1 - alpha of what is expected; more alarm.
    pub threshold: u32,
    /// (observed - expected) / (threshold - expected), the exceedance score; none where the threshold is not above what is expected.
    pub score: Option<f64>,
    /// Over-dispersion φ: variance over mean, 1 or more.
    pub dispersion: f64,
    /// Change of ln expected by the week; none without a trend.
    pub trend: Option<f64>,
    /// Counts in the baseline.
    pub baseline: usize,
    /// Too few cases of late for an alarm.
    pub too_few: bool,
    /// Whether there is an alarm.
    pub alarm: bool,
}

/// Judges the count at `at`. None where the series does not reach back far enough, or the regression does not converge.
///
/// A quasi-Poisson regression on season and time is fitted twice: the second time counts whose standardised Anscombe residual s is above
/// `outlier` weigh s⁻², all weights scaled to sum to their number. The threshold is the quantile of the negative binomial distribution with the
/// expected mean and variance φ times it, or of the Poisson where φ is 1. This is `farringtonFlexible` with `thresholdMethod =
/// "nbPlugin"` in R's `surveillance` (Salmon et al. 2016, J Stat Softw 70(10)) for series without dates; seasons are laid out as
/// there. The trend is left out where it is not significant, where it would foretell more than was ever counted, or with
/// fewer than 3 years (Farrington et al. 1996, J R Stat Soc A 159:547).
///
/// # Errors
/// Where a number of the rule is out of range.
pub fn farrington(
    counts: &[u32],
    at: usize,
    rule: &FarringtonRule,
) -> Result<Option<FarringtonJudged>, AlarmError> {
    check(rule)?;
    let (Some(&observed), Some(rows)) = (counts.get(at), baseline(counts, at, rule)) else {
        return Ok(None);
    };
    let Some(model) = model(&rows, at, rule) else {
        return Ok(None);
    };
    let expected = predict(&model.fit, &row(rule, rule.seasons - 1, model.trend, at));
    let dispersion = model.fit.dispersion;
    let threshold = quantile(1.0 - rule.alpha, expected, dispersion);
    let late = &counts[(at + 1).saturating_sub(rule.few_counts)..=at];
    let too_few =
        late.iter().map(|&count| u64::from(count)).sum::<u64>() < u64::from(rule.few_cases);
    let room = f64::from(threshold) - expected;
    Ok(Some(FarringtonJudged {
        at,
        observed,
        expected,
        threshold,
        score: (room > 0.0).then(|| (f64::from(observed) - expected) / room),
        dispersion,
        trend: model.trend.then(|| model.fit.coefficients[1]),
        baseline: rows.len(),
        too_few,
        alarm: observed > threshold && !too_few,
    }))
}

fn check(rule: &FarringtonRule) -> Result<(), AlarmError> {
    let window = 2 * rule.half_window + 1;
    let rest = rule.period.saturating_sub(window);
    let sound = rule.years > 0 && rule.seasons > 0 && rest >= rule.seasons - 1;
    if !sound {
        return Err(AlarmError::Seasons {
            period: rule.period,
            window,
            seasons: rule.seasons,
        });
    }
    for probability in [rule.alpha, rule.trend_p] {
        if !(probability > 0.0 && probability <= 1.0) {
            return Err(AlarmError::Alpha(probability));
        }
    }
    if rule.outlier.is_nan() || rule.outlier <= 0.0 {
        return Err(AlarmError::Outlier(rule.outlier));
    }
    Ok(())
}

/// A count of the baseline.
struct Row {
    at: usize,
    season: usize,
    count: f64,
}

/// Counts from the first year's window on, without the newest; none where the series begins later.
fn baseline(counts: &[u32], at: usize, rule: &FarringtonRule) -> Option<Vec<Row>> {
    let first = at.checked_sub(rule.years * rule.period + rule.half_window)?;
    let end = at.checked_sub(rule.left_out)?;
    let rows = (first..end).filter_map(|place| {
        Some(Row {
            at: place,
            season: season(at - place, rule)?,
            count: f64::from(counts[place]),
        })
    });
    Some(rows.collect()).filter(|rows: &Vec<Row>| !rows.is_empty())
}

/// The season of the count `ago` before the one judged: the last for the windows around the same week, the others in
/// order between them. None between windows where there are no seasons.
fn season(ago: usize, rule: &FarringtonRule) -> Option<usize> {
    let w = rule.half_window;
    // How far after the beginning of the nearest window that lies before.
    let after = (rule.period - (ago % rule.period) + w) % rule.period;
    if after <= 2 * w {
        return Some(rule.seasons - 1);
    }
    let levels = rule.seasons.checked_sub(1).filter(|levels| *levels > 0)?;
    let (place, between) = (after - 2 * w - 1, rule.period - 2 * w - 1);
    let (length, longer) = (between / levels, between % levels);
    let in_longer = longer * (length + 1);
    Some(if place < in_longer {
        place / (length + 1)
    } else {
        longer + (place - in_longer) / length
    })
}

struct Model {
    fit: Fit,
    trend: bool,
}

/// Columns: 1, time where there is a trend, and an indicator for each season but the window's.
fn row(rule: &FarringtonRule, season: usize, trend: bool, at: usize) -> Vec<f64> {
    let mut row = vec![1.0];
    if trend {
        row.push(at as f64);
    }
    row.extend((0..rule.seasons - 1).map(|level| f64::from(u8::from(level == season))));
    row
}

fn model(rows: &[Row], at: usize, rule: &FarringtonRule) -> Option<Model> {
    /// Fewer years than these have no trend.
    const LEAST: usize = 3;
    if rule.years >= LEAST
        && let Some(model) = reweighted(rows, at, true, rule)
        && keeps_trend(&model.fit, rows, at, rule)
    {
        return Some(model);
    }
    reweighted(rows, at, false, rule)
}

fn keeps_trend(fit: &Fit, rows: &[Row], at: usize, rule: &FarringtonRule) -> bool {
    let most = rows.iter().map(|row| row.count).fold(0.0, f64::max);
    let foretold = predict(fit, &row(rule, rule.seasons - 1, true, at));
    let t = (fit.coefficients[1] / fit.standard_errors[1]).abs();
    let p = StudentsT::new(0.0, 1.0, fit.degrees_of_freedom).map_or(1.0, |law| 2.0 * law.sf(t));
    foretold <= most && (p < rule.trend_p || rule.trend_p >= 1.0)
}

/// Both fits. Time counts from the week judged backwards, in years, so that the equations are well conditioned; the trend is turned back
/// into weeks.
fn reweighted(rows: &[Row], at: usize, trend: bool, rule: &FarringtonRule) -> Option<Model> {
    let design: Vec<Vec<f64>> = rows
        .iter()
        .map(|r| {
            let mut columns = row(rule, r.season, trend, at);
            if trend {
                columns[1] = -((at - r.at) as f64) / rule.period as f64;
            }
            columns
        })
        .collect();
    let counts: Vec<f64> = rows.iter().map(|row| row.count).collect();
    let first = fit(&design, &counts, &vec![1.0; counts.len()])?;
    let weights = weights(&first, &counts, rule.outlier);
    let mut second = fit(&design, &counts, &weights)?;
    if trend {
        let scale = rule.period as f64;
        second.coefficients[1] /= scale;
        second.standard_errors[1] /= scale;
        second.coefficients[0] -= second.coefficients[1] * at as f64;
    }
    Some(Model { fit: second, trend })
}

/// s⁻² for standardised Anscombe residuals s above the limit, 1 for others, scaled to sum to their number.
fn weights(fit: &Fit, counts: &[f64], outlier: f64) -> Vec<f64> {
    let residual = |(place, &count): (usize, &f64)| {
        let mean = fit.fitted[place];
        let raw = 1.5 * (count.powf(2.0 / 3.0) * mean.powf(-1.0 / 6.0) - mean.sqrt());
        raw / (fit.dispersion * (1.0 - fit.leverages[place])).sqrt()
    };
    let raw: Vec<f64> = counts
        .iter()
        .enumerate()
        .map(residual)
        .map(|s| if s > outlier { s.powi(-2) } else { 1.0 })
        .collect();
    let scale = counts.len() as f64 / raw.iter().sum::<f64>();
    raw.iter().map(|weight| weight * scale).collect()
}

/// The smallest n with P(X ≤ n) ≥ p, X having the mean and φ times it for variance: negative binomial of size mean / (φ - 1), or
/// Poisson. Terms follow from one another; where the first is too small for that, the normal approximation serves.
fn quantile(p: f64, mean: f64, dispersion: f64) -> u32 {
    let size = mean / (dispersion - 1.0);
    let is_poisson = dispersion <= 1.0 || !size.is_finite();
    let ln_first = if is_poisson {
        -mean
    } else {
        -size * dispersion.ln()
    };
    let mut term = ln_first.exp();
    if term < f64::MIN_POSITIVE {
        return (mean + normal_quantile(p) * (mean * dispersion).sqrt())
            .ceil()
            .max(0.0) as u32;
    }
    let (mut n, mut sum) = (0_u32, term);
    while sum < p && term > 0.0 {
        let k = f64::from(n);
        term *= if is_poisson {
            mean / (k + 1.0)
        } else {
            (size + k) / (k + 1.0) * (1.0 - 1.0 / dispersion)
        };
        sum += term;
        n += 1;
    }
    n
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{DiscreteCDF, NegativeBinomial, Poisson};

    fn rule(seasons: usize, half_window: usize) -> FarringtonRule {
        FarringtonRule {
            period: 52,
            years: 5,
            half_window,
            seasons,
            left_out: 26,
            outlier: 2.58,
            trend_p: 0.05,
            alpha: 0.005,
            few_cases: 5,
            few_counts: 4,
        }
    }

    #[test]
    fn quantiles_are_those_of_the_distributions() {
        for mean in [0.3, 2.0, 11.0, 90.0, 400.0] {
            for p in [0.5, 0.95, 0.995] {
                for dispersion in [1.0, 1.3, 4.0] {
                    let n = quantile(p, mean, dispersion);
                    let cdf = |n: u64| {
                        if dispersion > 1.0 {
                            let size = mean / (dispersion - 1.0);
                            NegativeBinomial::new(size, 1.0 / dispersion)
                                .unwrap()
                                .cdf(n)
                        } else {
                            Poisson::new(mean).unwrap().cdf(n)
                        }
                    };
                    assert!(cdf(u64::from(n)) >= p - 1e-9, "{mean} {p} {dispersion} {n}");
                    assert!(
                        n == 0 || cdf(u64::from(n) - 1) < p + 1e-9,
                        "{mean} {p} {dispersion} {n}"
                    );
                }
            }
        }
        // Beyond the reach of the terms: within a tenth of a standard deviation of the quantile.
        let exact = Poisson::new(900.0).unwrap().inverse_cdf(0.995) as f64;
        assert!((f64::from(quantile(0.995, 900.0, 1.0)) - exact).abs() <= 3.0);
    }

    #[test]
    fn a_year_is_laid_out_in_windows_and_seasons_between() {
        let rule = rule(10, 3);
        // From the week judged backwards: the window, then the ninth season.
        let seasons: Vec<usize> = (0..=52).map(|ago| season(ago, &rule).unwrap()).collect();
        assert!(
            (0..=3).chain(49..=52).all(|ago| seasons[ago] == 9),
            "{seasons:?}"
        );
        assert_eq!((seasons[4], seasons[48]), (8, 0));
        for level in 0..9 {
            assert_eq!(
                seasons.iter().filter(|season| **season == level).count(),
                5,
                "{level}"
            );
        }
        // Of 47 weeks between windows of five the first two of nine seasons have one more.
        let wide = self::rule(10, 2);
        let many = |level| {
            (0..52)
                .filter(|ago| season(*ago, &wide) == Some(level))
                .count()
        };
        assert_eq!(
            (0..10).map(many).collect::<Vec<_>>(),
            [6, 6, 5, 5, 5, 5, 5, 5, 5, 5]
        );
        assert_eq!(season(20, &self::rule(1, 3)), None);
        assert_eq!(season(52, &self::rule(1, 3)), Some(0));
    }
}
