//! Descriptions that come with the program, and the same margins for another number of people in other areas.

use super::PopulationError;
use super::description::{AreaMargin, CityDescription};

/// Ids and files of the descriptions that come with the program.
const SHIPPED: &[(&str, &str)] = &[
    (
        "huanggang",
        include_str!("../../../../cities/huanggang.toml"),
    ),
    (
        "shengzhou",
        include_str!("../../../../cities/shengzhou.toml"),
    ),
    ("weihai", include_str!("../../../../cities/weihai.toml")),
    ("wenzhou", include_str!("../../../../cities/wenzhou.toml")),
    ("wuxi", include_str!("../../../../cities/wuxi.toml")),
];

impl CityDescription {
    /// Ids of the descriptions that come with the program.
    pub fn shipped_ids() -> impl Iterator<Item = &'static str> {
        SHIPPED.iter().map(|(id, _)| *id)
    }

    /// A description that comes with the program; none of that id, if there is none.
    ///
    /// # Errors
    /// Never for those that ship: a test reads them all.
    pub fn shipped(id: &str) -> Option<Result<Self, PopulationError>> {
        let (_, text) = SHIPPED.iter().find(|(name, _)| *name == id)?;
        Some(Self::read(text))
    }

    /// The same margins for so many people. Where other areas are given, they stand in place of its own, `code` above them,
    /// and people are spread over them in proportion to theirs.
    ///
    /// # Errors
    /// Where the margins do not fit so few or so many people, or the areas do not lie within `code`.
    pub fn scaled(
        &self,
        people: u32,
        other: Option<(String, Vec<AreaMargin>)>,
    ) -> Result<Self, PopulationError> {
        let mut scaled = self.clone();
        let share = f64::from(people) / f64::from(self.people.total.max(1));
        let part = |of: u32| (f64::from(of) * share).floor() as u32;
        scaled.people.total = people;
        scaled.collective.people = part(self.collective.people);
        scaled.care_homes.residents = part(self.care_homes.residents);
        if let Some((code, list)) = other {
            scaled.code = code;
            scaled.areas.list = list;
        }
        let all: u64 = scaled
            .areas
            .list
            .iter()
            .map(|area| u64::from(area.people))
            .sum();
        let (mut before, mut given) = (0_u64, 0_u32);
        for area in &mut scaled.areas.list {
            before += u64::from(area.people);
            // Cut at the running share, so that the parts add up to the whole.
            let until = (u64::from(people) * before / all.max(1)) as u32;
            area.people = until - given;
            given = until;
        }
        scaled.check()?;
        Ok(scaled)
    }
}
