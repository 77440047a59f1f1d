//! Views of the line list that people keep: filters under a name, each account's own. The address of a list says the same
//! filters, so a view is shared by sending the address.

use lianfang_core::access::Right;
use lianfang_core::areas::AreaCode;
use lianfang_core::cases::CaseView;
use lianfang_core::facts::{Body, ViewSaved};
use lianfang_core::ids::{FactId, ViewId};
use lianfang_core::text::{Text, bounded};
use lianfang_store::Batch;
use lianfang_store::views::saved::{self, SavedRow};
use serde::{Deserialize, Serialize};

use crate::{Actor, House, Refusal};

/// Views that an account keeps at most.
const MOST: usize = 50;
/// Characters of a name.
const LONGEST: usize = 60;

/// A view to be kept.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewView {
    /// Made by whoever saves it (a ULID), so that sending twice is harmless.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub id: Option<FactId>,
    /// A view that is there, to call it otherwise or to show other cases.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub view: Option<ViewId>,
    /// What it is called: 1 to 60 characters, no names of people.
    pub name: String,
    /// What it shows.
    #[serde(default)]
    pub filters: CaseView,
}

/// A view that somebody keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ViewShown {
    /// The view.
    #[schema(value_type = String)]
    pub view: ViewId,
    /// What it is called.
    pub name: String,
    /// What it shows.
    pub filters: CaseView,
}

impl From<SavedRow> for ViewShown {
    fn from(row: SavedRow) -> Self {
        Self {
            view: row.view,
            name: row.name,
            filters: row.filters,
        }
    }
}

impl House {
    /// The views of the line list that the asker keeps, by name.
    pub fn saved_views(&self, actor: &Actor) -> Result<Vec<ViewShown>, Refusal> {
        actor.area_of(Right::ReadCases).ok_or(Refusal::Forbidden)?;
        Ok(self.own_views(actor)?.into_iter().map(Into::into).collect())
    }

    fn own_views(&self, actor: &Actor) -> Result<Vec<SavedRow>, Refusal> {
        Ok(self
            .store
            .read(|c| Ok(saved::of_account(c, actor.account)?))?)
    }

    /// Keeps a view under a name: a new one, or one that is there as it is now.
    pub fn save_view(&self, actor: &Actor, new: &NewView) -> Result<ViewShown, Refusal> {
        let area = self.area_of_views(actor)?;
        let sent = self.sent(actor, new.id, None, new)?;
        let view = new
            .view
            .unwrap_or_else(|| ViewId::from_bytes(sent.id.to_bytes()));
        let name = bounded(&new.name, 1, LONGEST).map_err(|_| {
            Refusal::invalid(
                "name",
                format!("Call it something of 1 to {LONGEST} characters."),
                format!("名称须为1至{LONGEST}个字符。"),
            )
        })?;
        let shown = ViewShown {
            view,
            name,
            filters: new.filters.clone(),
        };
        if sent.repeated {
            return Ok(shown);
        }
        let own = self.own_views(actor)?;
        if new.view.is_some() && own.iter().all(|row| row.view != view) {
            return Err(Refusal::NotFound("view"));
        }
        if own
            .iter()
            .any(|row| row.name == shown.name && row.view != view)
        {
            return Err(Refusal::invalid(
                "name",
                "You keep another view of this name. Choose another name, or rename that one.",
                "您已有同名视图，请换一个名称，或先重命名原视图。",
            ));
        }
        if new.view.is_none() && own.len() >= MOST {
            return Err(Refusal::Conflict(Text::new(
                format!("You keep {MOST} views already. Remove one first."),
                format!("您已保存{MOST}个视图，请先删除一个。"),
            )));
        }
        let body = Body::ViewSaved(ViewSaved {
            view,
            name: shown.name.clone(),
            filters: shown.filters.clone(),
            kept: true,
            said: sent.said.clone(),
        });
        self.store
            .append(Batch::of(self.drafts(actor, &sent, [(area, body)])))?;
        Ok(shown)
    }

    /// Removes a view.
    pub fn remove_view(&self, actor: &Actor, view: ViewId) -> Result<(), Refusal> {
        let area = self.area_of_views(actor)?;
        let row = self
            .own_views(actor)?
            .into_iter()
            .find(|row| row.view == view)
            .ok_or(Refusal::NotFound("view"))?;
        let body = Body::ViewSaved(ViewSaved {
            view,
            name: row.name,
            filters: row.filters,
            kept: false,
            said: String::new(),
        });
        self.append(actor, [(area, body)])
    }

    /// Where a fact about somebody's views stands.
    fn area_of_views(&self, actor: &Actor) -> Result<AreaCode, Refusal> {
        let area = actor.area_of(Right::ReadCases).ok_or(Refusal::Forbidden)?;
        Ok(if area == AreaCode::COUNTRY {
            self.store.root()
        } else {
            area
        })
    }
}
