//! Coverage: how many households were visited within the time that the policy asks for, and how
//! many people are accounted for; area by area, place by place.

use std::collections::BTreeMap;

use jiff::civil::Date;
use lianfang_core::areas::{Area, AreaCode};
use lianfang_core::households::Dwelling;
use lianfang_store::views::households::{self as view, Covered, PlaceCovered, VisitDay};
use serde::Serialize;

use crate::{Actor, House, Refusal};

/// Named places that coverage lists at most, those with most people not accounted for first.
const PLACES: usize = 200;

/// How far households are covered.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, utoipa::ToSchema)]
pub struct CoverageSum {
    /// Households.
    pub households: u64,
    /// Of those, visited in time with somebody met.
    pub covered: u64,
    /// That as a percentage, rounded down to tenths: 100 only where none is missed.
    pub covered_percent: Option<f64>,
    /// People to be accounted for.
    pub people: u64,
    /// Of those, accounted for in time.
    pub accounted: u64,
    /// That as a percentage, rounded down to tenths.
    pub accounted_percent: Option<f64>,
}

impl From<Covered> for CoverageSum {
    fn from(sum: Covered) -> Self {
        Self {
            households: sum.households,
            covered: sum.covered,
            covered_percent: percent(sum.covered, sum.households),
            people: sum.people,
            accounted: sum.accounted,
            accounted_percent: percent(sum.accounted, sum.people),
        }
    }
}

/// A percentage rounded down to tenths, so that 100 says that none is missing.
fn percent(part: u64, whole: u64) -> Option<f64> {
    (part * 1_000)
        .checked_div(whole)
        .map(|tenths| tenths as f64 / 10.0)
}

/// How far an area's households are covered.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct CoverageOfArea {
    /// The area.
    pub area: Area,
    /// How far.
    #[serde(flatten)]
    pub sum: CoverageSum,
}

/// How far one kind of place is covered.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct CoverageOfDwelling {
    /// The kind.
    pub dwelling: Dwelling,
    /// How far.
    #[serde(flatten)]
    pub sum: CoverageSum,
}

/// How far a nursing home, dormitory, hotel or other named place is covered.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct CoverageOfPlace {
    /// Its name.
    pub place: String,
    /// What kind of place it is.
    pub dwelling: Dwelling,
    /// Its area.
    pub area: Area,
    /// How far.
    #[serde(flatten)]
    pub sum: CoverageSum,
}

/// Visits of one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct VisitsOfDay {
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub day: Date,
    /// Households at whose door somebody was.
    pub households: u64,
    /// Of those, households where somebody was met.
    pub met: u64,
    /// People met or accounted for.
    pub people: u64,
}

impl From<VisitDay> for VisitsOfDay {
    fn from(day: VisitDay) -> Self {
        Self {
            day: day.day,
            households: day.households,
            met: day.met,
            people: day.people,
        }
    }
}

/// No household missed, no person missed: how far that holds today.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Coverage {
    /// Today.
    #[schema(value_type = String, format = Date)]
    pub day: Date,
    /// A visit on this day or later covers a household, by the policy in force.
    #[schema(value_type = String, format = Date)]
    pub since: Date,
    /// The pack and its version.
    pub pack: String,
    /// The area as a whole.
    pub whole: CoverageOfArea,
    /// The areas one step below; the area itself among them where households belong to it alone.
    pub below: Vec<CoverageOfArea>,
    /// By kind of place.
    pub dwellings: Vec<CoverageOfDwelling>,
    /// Nursing homes, dormitories, hotels and other named places, those with most people not
    /// accounted for first; at most 200.
    pub places: Vec<CoverageOfPlace>,
    /// Visits on each day since then that had any.
    pub visits: Vec<VisitsOfDay>,
}

impl House {
    /// How far the households of an area are covered today.
    pub fn coverage(&self, actor: &Actor, area: Option<AreaCode>) -> Result<Coverage, Refusal> {
        let within = self.field_area(actor, area)?;
        let since = self.covered_since()?;
        let today = self.today();
        let (rows, places, visits) = self.store.read(|connection| {
            Ok((
                view::coverage(connection, within, since)?,
                view::coverage_of_places(connection, within, since, PLACES)?,
                view::visit_days(connection, within, since, today)?,
            ))
        })?;
        let tree = self.tree()?;
        let children: Vec<AreaCode> = tree.children(within).iter().map(|area| area.code).collect();
        let mut whole = Covered::default();
        let mut below: BTreeMap<AreaCode, Covered> = children
            .iter()
            .map(|child| (*child, Covered::default()))
            .collect();
        let mut dwellings: BTreeMap<Dwelling, Covered> = BTreeMap::new();
        for (area, dwelling, covered) in rows {
            let nearest = children.partition_point(|child| *child <= area);
            let child = nearest
                .checked_sub(1)
                .map(|place| children[place])
                .filter(|child| child.contains(area));
            *below.entry(child.unwrap_or(within)).or_default() += covered;
            *dwellings.entry(dwelling).or_default() += covered;
            whole += covered;
        }
        let of_area = |(area, covered): (AreaCode, Covered)| CoverageOfArea {
            area: tree.get_or_unnamed(area),
            sum: covered.into(),
        };
        Ok(Coverage {
            day: today,
            since,
            pack: self.policy()?.pack.word(),
            whole: of_area((within, whole)),
            below: below.into_iter().map(of_area).collect(),
            dwellings: dwellings
                .into_iter()
                .map(|(dwelling, covered)| CoverageOfDwelling {
                    dwelling,
                    sum: covered.into(),
                })
                .collect(),
            places: places
                .into_iter()
                .map(|place: PlaceCovered| CoverageOfPlace {
                    place: place.place,
                    dwelling: place.dwelling,
                    area: tree.get_or_unnamed(place.area),
                    sum: place.covered.into(),
                })
                .collect(),
            visits: visits.into_iter().map(VisitsOfDay::from).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn a_hundred_percent_says_that_none_is_missing() {
        assert_eq!(percent(299_999, 300_000), Some(99.9));
        assert_eq!(percent(300_000, 300_000), Some(100.0));
        assert_eq!(percent(0, 0), None);
    }
}
