//! How the outbreak goes in each county: when people arrive with the infection, and when control
//! begins to bite.

use jiff::civil::Date;
use lianfang_core::areas::AreaCode;

use crate::areas::City;

/// How the outbreak goes in a county.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// It grew, and declines since control began: one county after the other.
    Declining,
    /// It began late, control came last: it still grows on the last day, or has just turned.
    Late,
    /// A few cases early on; none reported for at least 16 days.
    Quiet,
    /// No case at all.
    Spared,
}

/// A county with its part in the outbreak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountyCourse {
    /// The county.
    pub area: AreaCode,
    /// How the outbreak goes there.
    pub role: Role,
    /// The day on which control begins; none where there is no case.
    pub control: Option<Date>,
}

/// Days before the last on which control begins in the first and in the last county to have it;
/// the others lie between.
const CONTROL: (i32, i32) = (19, 9);
/// The same in the county that has had no case for long.
const QUIET_CONTROL: i32 = 30;
/// Nothing is reported there within so many days before the last.
const QUIET_DAYS: i32 = 16;
/// Days before control on which the first returnees arrive, and days after it for the last.
const ARRIVALS: (i32, i32) = (14, 2);
/// Days in which transmission falls to its level under control.
const RAMP: f64 = 3.0;

/// A county's plan, in days from the outbreak's first.
#[derive(Debug, Clone, Copy)]
pub(super) struct County {
    pub(super) area: AreaCode,
    pub(super) role: Role,
    pub(super) control: i32,
    /// Its share of all cases.
    pub(super) share: f64,
    /// First and last day of arrivals.
    pub(super) arrivals: (i32, i32),
    /// The last day on which a case may be reported.
    pub(super) last_report: i32,
}

impl County {
    /// How far control has got on `time`: 0 before it, 1 when it is complete.
    pub(super) fn controlled(&self, time: f64) -> f64 {
        ((time - f64::from(self.control)) / RAMP).clamp(0.0, 1.0)
    }
}

/// The plan of each county of `city` for an outbreak whose last day is `last`.
pub(super) fn counties(city: &City, last: i32) -> Vec<County> {
    let n = city.counties().count();
    let active = roles(n)
        .filter(|role| matches!(role, Role::Declining | Role::Late))
        .count() as i32;
    let mut counties: Vec<County> = city
        .counties()
        .zip(roles(n))
        .enumerate()
        .map(|(index, (area, role))| {
            let index = index as i32;
            let control = last - days_of_control(role, index, active);
            let latest = match role {
                Role::Quiet => control - 2,
                _ => control + ARRIVALS.1,
            };
            County {
                area: area.code,
                role,
                control,
                share: f64::from(area.population.unwrap_or(1)) * weight(role, index),
                arrivals: ((control - ARRIVALS.0).max(0), latest),
                last_report: if role == Role::Quiet {
                    last - QUIET_DAYS
                } else {
                    i32::MAX
                },
            }
        })
        .collect();
    let sum: f64 = counties.iter().map(|county| county.share).sum();
    for county in &mut counties {
        county.share /= sum;
    }
    counties
}

/// The first day on which people arrive where the outbreak goes on.
pub(super) fn first_arrivals(counties: &[County]) -> i32 {
    counties
        .iter()
        .filter(|county| matches!(county.role, Role::Declining | Role::Late))
        .map(|county| county.arrivals.0)
        .min()
        .unwrap_or(0)
}

/// The last county is spared, the one before it quiet, the one before that late: as many of them
/// as there are besides the first.
fn roles(counties: usize) -> impl Iterator<Item = Role> {
    (0..counties).map(move |index| match (index, counties - index) {
        (0, _) => Role::Declining,
        (_, 1) if counties > 2 => Role::Spared,
        (_, 2) if counties > 3 => Role::Quiet,
        (_, 1..=3) => Role::Late,
        _ => Role::Declining,
    })
}

fn days_of_control(role: Role, index: i32, active: i32) -> i32 {
    let (first, last) = CONTROL;
    match role {
        Role::Declining | Role::Late => first - (first - last) * index / (active - 1).max(1),
        Role::Quiet | Role::Spared => QUIET_CONTROL,
    }
}

/// Cases for people, compared with other counties: the centre has most.
fn weight(role: Role, index: i32) -> f64 {
    match role {
        Role::Declining if index == 0 => 1.6,
        Role::Declining | Role::Late => 1.0,
        Role::Quiet => 0.08,
        Role::Spared => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::areas::{Description, city};

    #[test]
    fn control_comes_one_county_after_the_other() {
        let city = city(&Description::default()).unwrap();
        let counties = counties(&city, 50);
        let controls: Vec<i32> = counties[..6].iter().map(|c| c.control).collect();
        assert_eq!(controls, [31, 33, 35, 37, 39, 41]);
        assert_eq!(counties[5].role, Role::Late);
        assert_eq!(counties[6].role, Role::Quiet);
        assert_eq!(counties[7].role, Role::Spared);
        assert!((counties.iter().map(|c| c.share).sum::<f64>() - 1.0).abs() < 1e-9);
        assert!(counties[0].controlled(31.0) < 1e-9 && counties[0].controlled(34.0) > 0.999);
    }

    #[test]
    fn small_cities_have_as_many_kinds_as_fit() {
        let of = |n: usize| roles(n).collect::<Vec<Role>>();
        assert_eq!(of(1), [Role::Declining]);
        assert_eq!(of(2), [Role::Declining, Role::Late]);
        assert_eq!(of(3), [Role::Declining, Role::Late, Role::Spared]);
        assert_eq!(
            of(4),
            [Role::Declining, Role::Late, Role::Quiet, Role::Spared]
        );
    }
}
