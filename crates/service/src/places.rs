//! Places: venues and vehicles that people visit, by the code on their sign.

use lianfang_core::access::Right;
use lianfang_core::areas::{Area, AreaCode};
use lianfang_core::facts::{Body, PlaceDefined};
use lianfang_core::places::{PlaceCode, PlaceId, PlaceKind};
use lianfang_core::text::{Text, bounded};
use lianfang_core::words::{Word, Words};
use lianfang_store::views::places::{self as view, PlaceFilter, PlaceRow};
use serde::{Deserialize, Serialize};

use crate::{Actor, House, Refusal};

/// Characters of a place's name.
const NAME: usize = 100;
/// Rows of a page at most.
const MOST: usize = 1_000;

/// A place as shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PlaceShown {
    /// Its number, as text: it has up to 64 bits.
    pub place: String,
    /// The code on its sign.
    #[schema(value_type = String)]
    pub code: PlaceCode,
    /// Its name.
    pub name: Text,
    /// Its area.
    pub area: Area,
    /// What it is.
    pub kind: PlaceKind,
    /// That, in words.
    pub kind_name: Text,
}

/// Some places.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PlacePage {
    /// The places, by number.
    pub rows: Vec<PlaceShown>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// Which places.
#[derive(Debug, Clone, Default)]
pub struct ChosenPlaces {
    /// Within this area; the highest of the asker's where none is named.
    pub area: Option<AreaCode>,
    /// Of this kind.
    pub kind: Option<PlaceKind>,
    /// With this in the code or a name.
    pub text: Option<String>,
    /// The `next` of the page before.
    pub after: Option<PlaceId>,
    /// At most so many.
    pub limit: usize,
}

/// A place to be made known, or corrected: the same code again.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaceGiven {
    /// The code on its sign, at most 40 characters.
    pub code: String,
    /// Its name, at most 100 characters.
    pub name: String,
    /// Its English name.
    pub name_en: Option<String>,
    /// Its area.
    #[schema(value_type = String)]
    pub area: AreaCode,
    /// What it is.
    pub kind: PlaceKind,
}

/// The code of a place, as typed.
pub(crate) fn code_of(text: &str) -> Result<PlaceCode, Refusal> {
    text.parse().map_err(|_| {
        Refusal::invalid(
            "code",
            format!(
                "Give the code on the place's sign: at most {} characters.",
                PlaceCode::LONGEST
            ),
            format!("请填写场所码，最多{}个字符。", PlaceCode::LONGEST),
        )
    })
}

impl House {
    pub(crate) fn place_shown(&self, row: PlaceRow) -> Result<PlaceShown, Refusal> {
        Ok(PlaceShown {
            place: row.place.to_string(),
            code: row.code,
            name: Text::new(row.name_en.unwrap_or_else(|| row.name.clone()), row.name),
            area: self.tree()?.get_or_unnamed(row.area),
            kind: row.kind,
            kind_name: row.kind.label(),
        })
    }

    /// Makes a place known, or corrects it; it may move to another area of the asker's.
    pub fn define_place(&self, actor: &Actor, given: &PlaceGiven) -> Result<PlaceShown, Refusal> {
        actor.require(Right::SetUpField, given.area)?;
        if !self.store.root().contains(given.area) {
            return Err(Refusal::invalid(
                "area",
                "This area is not one of this ledger's.",
                "该区域不属于本账本辖区。",
            ));
        }
        let code = code_of(&given.code)?;
        let named = |field: &'static str, text: &str| {
            bounded(text, 1, NAME).map_err(|_| {
                Refusal::invalid(
                    field,
                    format!("A name has 1 to {NAME} characters."),
                    format!("名称须为1至{NAME}个字符。"),
                )
            })
        };
        let name = named("name", &given.name)?;
        let name_en = given
            .name_en
            .as_deref()
            .map(|name| named("name_en", name))
            .transpose()?;
        let place = PlaceId::of(&code);
        let before = self.store.read(|c| Ok(view::place(c, place)?))?;
        if let Some(before) = &before {
            actor.require(Right::SetUpField, before.area)?;
        }
        let row = PlaceRow {
            place,
            code,
            area: given.area,
            name,
            name_en,
            kind: given.kind,
        };
        if before.as_ref() != Some(&row) {
            self.append(actor, [(row.area, defined(&row))])?;
        }
        self.place_shown(row)
    }

    /// The area whose places somebody may read.
    fn places_area(&self, actor: &Actor, area: Option<AreaCode>) -> Result<AreaCode, Refusal> {
        let readers = [Right::ReadCases, Right::ReadField];
        let top = readers.iter().find_map(|right| actor.area_of(*right));
        let area = match (area, top) {
            (Some(area), _) => area,
            (None, Some(AreaCode::COUNTRY)) => self.store.root(),
            (None, Some(top)) => top,
            (None, None) => return Err(Refusal::Forbidden),
        };
        if readers.iter().any(|right| actor.may(*right, area)) {
            Ok(area)
        } else {
            actor.require(Right::ReadField, area).map(|()| area)
        }
    }

    /// Places of an area.
    pub fn places(&self, actor: &Actor, chosen: &ChosenPlaces) -> Result<PlacePage, Refusal> {
        let filter = PlaceFilter {
            area: self.places_area(actor, chosen.area)?,
            kinds: chosen.kind.into_iter().collect::<Words<PlaceKind>>(),
            text: chosen
                .text
                .as_deref()
                .map(str::trim)
                .filter(|text| !text.is_empty())
                .map(str::to_owned),
        };
        let limit = chosen.limit.clamp(1, MOST);
        let mut rows = self
            .store
            .read(|c| Ok(view::list(c, &filter, chosen.after, limit + 1)?))?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        Ok(PlacePage {
            next: rows
                .last()
                .filter(|_| more)
                .map(|row| row.place.to_string()),
            rows: rows
                .into_iter()
                .map(|row| self.place_shown(row))
                .collect::<Result<_, _>>()?,
        })
    }

    /// One place.
    pub fn place(&self, actor: &Actor, place: PlaceId) -> Result<PlaceShown, Refusal> {
        let row = self
            .store
            .read(|c| Ok(view::place(c, place)?))?
            .filter(|row| {
                actor.may(Right::ReadCases, row.area) || actor.may(Right::ReadField, row.area)
            })
            .ok_or(Refusal::NotFound("place"))?;
        self.place_shown(row)
    }
}

/// The fact that says how a place stands.
pub(crate) fn defined(row: &PlaceRow) -> Body {
    Body::PlaceDefined(PlaceDefined {
        place: row.place,
        code: row.code.clone(),
        name: row.name.clone(),
        name_en: row.name_en.clone(),
        kind: row.kind,
    })
}
