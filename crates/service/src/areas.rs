//! The tree of areas, as far as the asker may see it.

use std::sync::Arc;

use lianfang_core::access::Right;
use lianfang_core::areas::{Area, AreaCode, AreaTree};
use lianfang_core::facts::{AreaDefined, Body};
use lianfang_core::text::bounded;
use lianfang_store::views;
use serde::Serialize;

use crate::{Actor, House, Refusal};

/// Areas that a search shows at most.
const FOUND: usize = 20;

/// An area with those above and below it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct AreaShown {
    /// The area.
    #[serde(flatten)]
    pub area: Area,
    /// From the top of what the asker sees down to it.
    pub path: Vec<Area>,
    /// The areas one step below.
    pub children: Vec<Area>,
}

/// A tree in which the root is known, be it by its code alone.
pub(crate) fn rooted(mut tree: AreaTree, root: AreaCode) -> AreaTree {
    if root != AreaCode::COUNTRY && !tree.has(root) {
        tree.insert(Area::unnamed(root));
    }
    tree
}

impl House {
    /// The tree as it stands.
    pub(crate) fn tree(&self) -> Result<Arc<AreaTree>, Refusal> {
        self.store
            .read(|connection| {
                let version = views::areas::tree_version(connection)?;
                {
                    let kept = self
                        .tree
                        .read()
                        .unwrap_or_else(std::sync::PoisonError::into_inner);
                    if kept.0 == version {
                        return Ok(Arc::clone(&kept.1));
                    }
                }
                let tree = rooted(views::areas::tree(connection)?, self.store.root());
                let tree = Arc::new(tree);
                *self
                    .tree
                    .write()
                    .unwrap_or_else(std::sync::PoisonError::into_inner) =
                    (version, Arc::clone(&tree));
                Ok(tree)
            })
            .map_err(Refusal::from)
    }

    /// Whether more is known of an area than that it is the root.
    pub(crate) fn is_defined(&self, tree: &AreaTree, area: AreaCode) -> bool {
        let bare_root = area == self.store.root() && tree.get(area) == Some(Area::unnamed(area));
        tree.has(area) && !bare_root
    }

    /// Refuses an area that the tree does not know.
    pub(crate) fn known_area(&self, area: AreaCode) -> Result<(), Refusal> {
        if area == AreaCode::COUNTRY || self.tree()?.has(area) {
            Ok(())
        } else {
            Err(Refusal::invalid(
                "area",
                "No such area is known here.",
                "系统中没有此区域。",
            ))
        }
    }

    /// The path from the top of what the asker sees down to `area`.
    pub(crate) fn path(&self, actor: &Actor, area: AreaCode) -> Result<Vec<Area>, Refusal> {
        Ok(self
            .tree()?
            .path(area)
            .into_iter()
            .filter(|up| actor.sees(up.code))
            .collect())
    }

    /// The area where the asker begins: the highest granted one.
    pub fn home(&self, actor: &Actor) -> Result<Area, Refusal> {
        let top = actor.area_of(Right::ReadBrief).or_else(|| {
            actor
                .grants
                .iter()
                .map(|grant| grant.area)
                .min_by_key(|area| (area.level(), *area))
        });
        let mut code = top.unwrap_or_else(|| self.store.root());
        if code == AreaCode::COUNTRY {
            code = self.store.root();
        }
        Ok(self.tree()?.get_or_unnamed(code))
    }

    /// One area with those around it.
    pub fn area(&self, actor: &Actor, code: AreaCode) -> Result<AreaShown, Refusal> {
        if !actor.sees(code) {
            return Err(Refusal::NotFound("area"));
        }
        let tree = self.tree()?;
        let area = tree.get(code).ok_or(Refusal::NotFound("area"))?;
        Ok(AreaShown {
            area,
            path: self.path(actor, code)?,
            children: tree.children(code),
        })
    }

    /// Areas whose name or code begins with `text`, or whose name has it within.
    pub fn find_areas(&self, actor: &Actor, text: &str) -> Result<Vec<Area>, Refusal> {
        let text = text.trim().to_lowercase();
        if text.is_empty() {
            return Ok(Vec::new());
        }
        let tree = self.tree()?;
        let mut found: Vec<&Area> = tree
            .all()
            .filter(|area| actor.sees(area.code))
            .filter(|area| {
                area.name.to_lowercase().contains(&text)
                    || area
                        .name_en
                        .as_ref()
                        .is_some_and(|name| name.to_lowercase().contains(&text))
                    || area.code.to_string().starts_with(&text)
            })
            .collect();
        found.sort_by_key(|area| (area.level, area.code));
        Ok(found.into_iter().take(FOUND).cloned().collect())
    }

    /// Defines an area or renames it.
    pub fn define_area(&self, actor: &Actor, area: &Area) -> Result<(), Refusal> {
        actor.require(Right::Import, area.code)?;
        let name = bounded(&area.name, 1, 60).map_err(|_| {
            Refusal::invalid(
                "name",
                "A name has 1 to 60 characters.",
                "名称为1至60个字符。",
            )
        })?;
        let body = Body::AreaDefined(AreaDefined {
            name,
            name_en: area.name_en.clone(),
            population: area.population,
        });
        self.append(actor, [(area.code, body)])
    }
}
