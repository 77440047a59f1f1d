//! How the turning points of parts add up to that of the whole: village after village, then the city.

use jiff::civil::Date;
use serde::Serialize;

use crate::days::{add_days, days_between};
use crate::incidence::MAX_DAYS;

/// One part of an area: a village of a township, a county of a city.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Child {
    /// Its turning point (declared, or in hindsight; the same for all children), if it has one.
    pub turning_point: Option<Date>,
    /// Its weight, usually its cumulative cases; negative or not finite counts as 0.
    pub weight: f64,
}

/// How many children were past their turning point on a date.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PastTurningPoint {
    /// The date.
    pub date: Date,
    /// Children whose turning point lies on or before it.
    pub children: usize,
    /// The same as a share of all children, 0 to 1; 0 without children.
    pub share: f64,
    /// Share of all weight that these children hold, 0 to 1; 0 where nobody has weight.
    pub weight_share: f64,
}

/// For each date from `from` to `to` (at most [`MAX_DAYS`] of them), the children past their turning point.
/// Never decreasing; empty where `to` lies before `from`.
///
/// ```
/// use jiff::civil::date;
/// use lianfang_epi::turning_point::{Child, past_turning_point};
///
/// let villages = [
///     Child { turning_point: Some(date(2020, 2, 3)), weight: 30.0 },
///     Child { turning_point: Some(date(2020, 2, 4)), weight: 10.0 },
///     Child { turning_point: None, weight: 10.0 },
/// ];
/// let curve = past_turning_point(&villages, date(2020, 2, 3), date(2020, 2, 4));
/// assert_eq!((curve[0].children, curve[0].weight_share), (1, 0.6));
/// assert_eq!((curve[1].children, curve[1].weight_share), (2, 0.8));
/// ```
pub fn past_turning_point(children: &[Child], from: Date, to: Date) -> Vec<PastTurningPoint> {
    let days = usize::try_from(days_between(from, to) + 1)
        .unwrap_or(0)
        .min(MAX_DAYS);
    let mut added = vec![(0, 0.0); days];
    let mut weight_of_all = 0.0;
    for child in children {
        let weight = if child.weight.is_finite() {
            child.weight.max(0.0)
        } else {
            0.0
        };
        weight_of_all += weight;
        let Some(date) = child.turning_point else {
            continue;
        };
        let day = days_between(from, date).max(0) as usize;
        if let Some((count, sum)) = added.get_mut(day) {
            *count += 1;
            *sum += weight;
        }
    }
    let share = |part: f64, whole: f64| {
        if whole > 0.0 {
            (part / whole).min(1.0)
        } else {
            0.0
        }
    };
    let (mut past, mut weight) = (0, 0.0);
    added
        .iter()
        .enumerate()
        .map(|(day, (count, sum))| {
            past += count;
            weight += sum;
            PastTurningPoint {
                date: add_days(from, day as i32),
                children: past,
                share: share(past as f64, children.len() as f64),
                weight_share: share(weight, weight_of_all),
            }
        })
        .collect()
}
