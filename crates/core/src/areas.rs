//! The tree of areas: country, province, city, county, township, village or community, grid.
//!
//! A code is that of GB/T 2260 for the three upper levels (two digits each), the statistical
//! code of the National Bureau of Statistics for township and village (three digits each), and
//! three more digits for a grid. Rights, duties, ledgers and reports all hang on this tree.
//!
//! ```
//! use lianfang_core::areas::{AreaCode, Level};
//! let village: AreaCode = "330683001002".parse().unwrap();
//! let county: AreaCode = "330683".parse().unwrap();
//! assert_eq!(village.level(), Level::Village);
//! assert!(county.contains(village));
//! assert_eq!(village.jurisdiction(), county);
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How high an area stands in the administration.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The whole country.
    Country,
    /// Province, municipality or autonomous region.
    Province,
    /// Prefecture-level city.
    City,
    /// County, district or county-level city.
    County,
    /// Township, town or street office.
    Township,
    /// Village or residential community.
    Village,
    /// Grid within a village or community.
    Grid,
}

/// Levels below the country with the size of one area's share of the code space.
const SPANS: [(Level, u64); 6] = [
    (Level::Province, 10_000_000_000_000),
    (Level::City, 100_000_000_000),
    (Level::County, 1_000_000_000),
    (Level::Township, 1_000_000),
    (Level::Village, 1_000),
    (Level::Grid, 1),
];

/// A code that is no area code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "an area code has 2, 4, 6 (GB/T 2260), 9 (township), 12 (village) or 15 (grid) digits and starts with a province from 11 to 99; this has {length} characters"
)]
pub struct AreaCodeError {
    /// Characters found.
    pub length: usize,
}

/// The code of an area, padded to the 15 digits of a grid, so that an area's descendants are a
/// range of numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AreaCode(u64);

impl AreaCode {
    /// The whole country, root of every tree.
    pub const COUNTRY: Self = Self(0);

    /// The code as a number of 15 digits; areas below it are those up to [`Self::last`].
    pub fn as_u64(self) -> u64 {
        self.0
    }

    /// Reads back [`Self::as_u64`]; fails for a number that is no code.
    pub fn from_u64(code: u64) -> Result<Self, AreaCodeError> {
        let province = code / SPANS[0].1;
        if code != 0 && !(11..=99).contains(&province) {
            return Err(AreaCodeError {
                length: code.to_string().len(),
            });
        }
        Ok(Self(code))
    }

    /// The level that the code's trailing zeros tell.
    pub fn level(self) -> Level {
        if self.0 == 0 {
            return Level::Country;
        }
        SPANS
            .iter()
            .find(|(_, span)| self.0.is_multiple_of(*span))
            .map_or(Level::Grid, |(level, _)| *level)
    }

    fn span(self) -> u64 {
        match self.level() {
            Level::Country => 100 * SPANS[0].1,
            level => SPANS
                .iter()
                .find(|(l, _)| *l == level)
                .map_or(1, |(_, span)| *span),
        }
    }

    /// The greatest code within this area.
    pub fn last(self) -> Self {
        Self(self.0 + self.span() - 1)
    }

    /// Whether `other` is this area or lies in it.
    pub fn contains(self, other: Self) -> bool {
        (self.0..=self.last().0).contains(&other.0)
    }

    /// This area as seen from `level`: itself when it stands at that level or above.
    pub fn at_level(self, level: Level) -> Self {
        if self.level() <= level {
            return self;
        }
        match level {
            Level::Country => Self::COUNTRY,
            level => SPANS
                .iter()
                .find(|(l, _)| *l == level)
                .map_or(self, |(_, span)| Self(self.0 / span * span)),
        }
    }

    /// The code one step up, by the digits alone (the tree may have no area there).
    pub fn parent(self) -> Option<Self> {
        if self.0 == 0 {
            return None;
        }
        let span = self.span();
        let up = SPANS
            .iter()
            .rev()
            .map(|(_, s)| *s)
            .find(|s| *s > span && !self.0.is_multiple_of(*s))
            .map_or(0, |s| self.0 / s * s);
        Some(Self(up))
    }

    /// This code and all above it, itself first and the country last.
    pub fn with_ancestors(self) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(self), |code| code.parent())
    }

    /// The area whose ledger this one writes to: its county, or itself where it stands higher.
    pub fn jurisdiction(self) -> Self {
        self.at_level(Level::County)
    }
}

impl fmt::Display for AreaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.0;
        match self.level() {
            Level::Country | Level::Province | Level::City | Level::County => {
                write!(f, "{:06}", code / 1_000_000_000)
            }
            Level::Township => write!(f, "{:09}", code / 1_000_000),
            Level::Village => write!(f, "{:012}", code / 1_000),
            Level::Grid => write!(f, "{code:015}"),
        }
    }
}

impl fmt::Debug for AreaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for AreaCode {
    type Err = AreaCodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = AreaCodeError {
            length: text.chars().count(),
        };
        let digits = text.trim();
        if !matches!(digits.len(), 2 | 4 | 6 | 9 | 12 | 15)
            || !digits.bytes().all(|b| b.is_ascii_digit())
        {
            return Err(error);
        }
        let number: u64 = digits.parse().map_err(|_| error.clone())?;
        let padded = number * 10_u64.pow(15 - digits.len() as u32);
        Self::from_u64(padded).map_err(|_| error)
    }
}

impl TryFrom<String> for AreaCode {
    type Error = AreaCodeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl Serialize for AreaCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for AreaCode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// An area with its names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Area {
    /// Its code.
    #[schema(value_type = String, example = "330683")]
    pub code: AreaCode,
    /// Its name in the local language.
    pub name: String,
    /// Its name in English, where known.
    pub name_en: Option<String>,
    /// Its level.
    pub level: Level,
    /// People living there, where known.
    pub population: Option<u32>,
}

impl Area {
    /// An area known by its code alone.
    pub fn unnamed(code: AreaCode) -> Self {
        Self {
            code,
            name: code.to_string(),
            name_en: None,
            level: code.level(),
            population: None,
        }
    }
}

/// The areas that a jurisdiction knows, as a tree.
///
/// A parent is the nearest *known* area whose code contains the child's, so that districts of
/// a municipality hang on it directly.
#[derive(Debug, Clone, Default)]
pub struct AreaTree {
    areas: BTreeMap<AreaCode, Area>,
}

impl AreaTree {
    /// A tree of the given areas; a later one of the same code replaces an earlier.
    pub fn new(areas: impl IntoIterator<Item = Area>) -> Self {
        Self {
            areas: areas.into_iter().map(|area| (area.code, area)).collect(),
        }
    }

    /// Adds an area or renames it.
    pub fn insert(&mut self, area: Area) {
        self.areas.insert(area.code, area);
    }

    /// Whether `code` is known.
    pub fn has(&self, code: AreaCode) -> bool {
        self.areas.contains_key(&code)
    }

    /// The area of that code; the country is always known.
    pub fn get(&self, code: AreaCode) -> Option<Area> {
        match self.areas.get(&code) {
            Some(area) => Some(area.clone()),
            None if code == AreaCode::COUNTRY => Some(Area {
                name: "全国".into(),
                name_en: Some("Whole country".into()),
                ..Area::unnamed(code)
            }),
            None => None,
        }
    }

    /// The area of that code, or one that has the code for a name.
    pub fn get_or_unnamed(&self, code: AreaCode) -> Area {
        self.get(code).unwrap_or_else(|| Area::unnamed(code))
    }

    /// The nearest known area above; the country for the highest known.
    pub fn parent(&self, code: AreaCode) -> Option<AreaCode> {
        code.with_ancestors()
            .skip(1)
            .find(|up| *up == AreaCode::COUNTRY || self.has(*up))
    }

    /// Known areas from the top down to `code`, itself included.
    pub fn path(&self, code: AreaCode) -> Vec<Area> {
        let mut path: Vec<Area> = code
            .with_ancestors()
            .filter(|up| *up == code || *up == AreaCode::COUNTRY || self.has(*up))
            .map(|up| self.get_or_unnamed(up))
            .collect();
        path.reverse();
        path
    }

    /// The known areas whose nearest known ancestor is `code`, by code.
    pub fn children(&self, code: AreaCode) -> Vec<Area> {
        let last = code.last();
        let mut children = Vec::new();
        let mut next = AreaCode(code.as_u64() + 1);
        while next <= last {
            let Some((child, area)) = self.areas.range(next..=last).next() else {
                break;
            };
            children.push(area.clone());
            next = AreaCode(child.last().as_u64() + 1);
        }
        children
    }

    /// All known areas within `code`, itself included, by code.
    pub fn subtree(&self, code: AreaCode) -> impl Iterator<Item = &Area> {
        self.areas.range(code..=code.last()).map(|(_, area)| area)
    }

    /// All known areas, by code.
    pub fn all(&self) -> impl Iterator<Item = &Area> {
        self.areas.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn code(text: &str) -> AreaCode {
        text.parse().unwrap()
    }

    #[test]
    fn levels_follow_the_digits() {
        for (text, level, shown) in [
            ("000000", Level::Country, "000000"),
            ("33", Level::Province, "330000"),
            ("3306", Level::City, "330600"),
            ("330683", Level::County, "330683"),
            ("330683001", Level::Township, "330683001"),
            ("330683001002", Level::Village, "330683001002"),
            ("330683001002003", Level::Grid, "330683001002003"),
            ("330683000000", Level::County, "330683"),
        ] {
            assert_eq!(code(text).level(), level, "{text}");
            assert_eq!(code(text).to_string(), shown);
        }
    }

    #[test]
    fn a_city_without_counties_holds_its_townships() {
        // Dongguan has townships directly below the city.
        let township = code("441900003");
        assert_eq!(township.parent(), Some(code("441900")));
        assert_eq!(township.jurisdiction(), code("441900"));
        assert!(code("441900").contains(township));
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for text in [
            "",
            "1",
            "33068",
            "33O683",
            "010000",
            "3306830010020031",
            "٣٣٠٦",
        ] {
            assert!(text.parse::<AreaCode>().is_err(), "{text}");
        }
    }

    #[test]
    fn children_hang_on_the_nearest_known_area() {
        let tree = AreaTree::new(
            ["110000", "110101", "110102", "330000", "330600", "330683"]
                .map(|c| Area::unnamed(code(c))),
        );
        let codes = |of: &str| -> Vec<String> {
            tree.children(code(of))
                .iter()
                .map(|a| a.code.to_string())
                .collect()
        };
        assert_eq!(codes("000000"), ["110000", "330000"]);
        assert_eq!(codes("110000"), ["110101", "110102"]);
        assert_eq!(codes("330000"), ["330600"]);
        assert_eq!(tree.parent(code("110101")), Some(code("110000")));
        assert_eq!(tree.path(code("330683")).len(), 4);
    }

    #[test]
    fn the_last_areas_of_the_code_space_have_children_too() {
        let tree = AreaTree::new(
            ["99", "990100", "999999", "999999999999999"].map(|c| Area::unnamed(code(c))),
        );
        assert_eq!(tree.children(AreaCode::COUNTRY).len(), 1);
        assert_eq!(tree.children(code("99")).len(), 2);
        assert_eq!(tree.children(code("999999")).len(), 1);
        assert!(tree.children(code("999999999999999")).is_empty());
    }

    proptest! {
        #[test]
        fn every_code_prints_and_reads_back(raw in 110_000_000_000_000_u64..1_000_000_000_000_000) {
            let code = AreaCode::from_u64(raw).unwrap();
            prop_assert_eq!(code.to_string().parse::<AreaCode>().unwrap(), code);
            for up in code.with_ancestors() {
                prop_assert!(up.contains(code));
            }
            prop_assert_eq!(code.with_ancestors().last(), Some(AreaCode::COUNTRY));
        }
    }
}
