//! How many passes of which colour there are in an area and in those below it.

use std::collections::BTreeMap;

use lianfang_core::areas::{Area, AreaCode};
use lianfang_core::passes::Colour;
use lianfang_store::views::matters::{self, MatterFilter};
use lianfang_store::views::passes as view;
use serde::Serialize;

use super::PassCounts;
use super::appeals::APPEAL;
use crate::{Actor, House, Refusal};

/// An area below the one asked for, with its passes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PassArea {
    /// The area.
    pub area: Area,
    /// Its passes, as last assessed.
    pub counts: PassCounts,
}

/// The passes of an area in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PassNumbers {
    /// The area.
    pub area: Area,
    /// Its passes by colour, as last assessed.
    pub counts: PassCounts,
    /// Codes that wait for somebody to see who it is.
    pub waiting: u64,
    /// Appeals that are not decided.
    pub appeals: u64,
    /// The areas below in which there is a pass.
    pub areas: Vec<PassArea>,
}

impl PassCounts {
    pub(super) fn add(&mut self, colour: Option<Colour>, count: u64) {
        match colour {
            Some(Colour::Green) => self.green += count,
            Some(Colour::Yellow) => self.yellow += count,
            Some(Colour::Red) => self.red += count,
            None => {}
        }
    }
}

impl House {
    /// The passes of an area in numbers.
    pub fn pass_numbers(
        &self,
        actor: &Actor,
        area: Option<AreaCode>,
    ) -> Result<PassNumbers, Refusal> {
        let area = self.field_area(actor, area)?;
        let open = MatterFilter {
            area: Some(area),
            live: Some(true),
            kind: Some(APPEAL.into()),
            ..MatterFilter::default()
        };
        let (rows, waiting, appeals) = self.store.read(|c| {
            Ok((
                view::counts_by_area(c, area)?,
                view::count_waiting(c, area)?,
                matters::count(c, &open)?,
            ))
        })?;
        let tree = self.tree()?;
        let children = tree.children(area);
        let mut below: BTreeMap<AreaCode, PassCounts> = BTreeMap::new();
        let mut all = PassCounts::default();
        for (of, colour, count) in rows {
            all.add(colour, count);
            if let Some(child) = children.iter().find(|child| child.code.contains(of)) {
                below.entry(child.code).or_default().add(colour, count);
            }
        }
        Ok(PassNumbers {
            area: tree.get_or_unnamed(area),
            counts: all,
            waiting,
            appeals,
            areas: children
                .into_iter()
                .filter_map(|area| {
                    let counts = below.remove(&area.code)?;
                    Some(PassArea { area, counts })
                })
                .collect(),
        })
    }
}
