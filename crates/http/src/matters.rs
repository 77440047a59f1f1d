//! Matters.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use jiff::Timestamp;
use lianfang_core::access::Role;
use lianfang_core::areas::AreaCode;
use lianfang_core::ids::{AccountId, FactId, MatterId};
use lianfang_core::matters::{Owner, Phase};
use lianfang_core::text::Text;
use lianfang_service::matters::{
    MatterQuery, MatterRow, MatterShown, MatterView, NewMatter, NewStep,
};
use serde::{Deserialize, Serialize};

use crate::cases::MOST;
use crate::error::{ErrorBody, Failure};
use crate::session::SignedIn;
use crate::state::Service;

const PAGE: usize = 50;

/// Which matters.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Mine, my area's, late, or all.
    #[serde(default)]
    view: MatterView,
    /// Within this area.
    #[param(value_type = Option<String>)]
    area: Option<AreaCode>,
    phase: Option<Phase>,
    kind: Option<String>,
    /// The `next` of the page before.
    cursor: Option<usize>,
    /// Rows, at most 200.
    limit: Option<usize>,
}

/// A page of matters.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = MatterPage)]
pub(crate) struct Page {
    rows: Vec<MatterRow>,
    total: u64,
    next: Option<String>,
}

/// Matters, the most pressing first.
#[utoipa::path(get, operation_id = "matters_list", path = "/api/matters", tag = "matters", params(Which),
    responses((status = 200, body = Page), (status = 403, body = ErrorBody)))]
pub(crate) async fn list(
    State(service): State<Service>,
    signed_in: SignedIn,
    query: Result<Query<Which>, QueryRejection>,
) -> Result<Json<Page>, Failure> {
    let Query(which) = query?;
    let query = MatterQuery {
        view: which.view,
        area: which.area,
        phase: which.phase,
        kind: which.kind,
        skip: which.cursor.unwrap_or(0),
        limit: which.limit.unwrap_or(PAGE).clamp(1, MOST),
    };
    let skip = query.skip;
    let (rows, total) = service
        .run(move |house| house.matters(&signed_in.actor, &query))
        .await?;
    let end = skip + rows.len();
    let next = (!rows.is_empty() && (end as u64) < total).then(|| end.to_string());
    Ok(Json(Page { rows, total, next }))
}

/// One matter with its history and the asker's next steps.
#[utoipa::path(get, operation_id = "matters_one", path = "/api/matters/{matter}", tag = "matters", params(("matter" = String, Path)),
    responses((status = 200, body = MatterShown), (status = 404, body = ErrorBody)))]
pub(crate) async fn one(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<MatterId>, PathRejection>,
) -> Result<Json<MatterShown>, Failure> {
    let Path(matter) = path?;
    Ok(Json(
        service
            .run(move |house| house.matter(&signed_in.actor, matter))
            .await?,
    ))
}

/// Who owes the work: a role over the matter's area, or one account.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) struct OwnerGiven {
    role: Option<Role>,
    #[schema(value_type = Option<String>)]
    account: Option<AccountId>,
}

/// A matter to be opened.
#[derive(Deserialize, utoipa::ToSchema)]
#[schema(as = MatterOpen)]
pub(crate) struct Open {
    /// Made by the asker, so that sending twice is harmless.
    #[schema(value_type = Option<String>)]
    id: Option<MatterId>,
    kind: String,
    title: String,
    #[serde(default)]
    detail: String,
    #[schema(value_type = String)]
    area: AreaCode,
    owner: Option<OwnerGiven>,
    /// RFC 3339; the kind's own hours where none is given.
    #[schema(value_type = Option<String>)]
    deadline: Option<Timestamp>,
}

/// Opens a matter.
#[utoipa::path(post, operation_id = "matters_open", path = "/api/matters", tag = "matters", request_body = Open,
    responses((status = 201, body = MatterShown), (status = 422, body = ErrorBody)))]
pub(crate) async fn open(
    State(service): State<Service>,
    signed_in: SignedIn,
    body: Result<Json<Open>, JsonRejection>,
) -> Result<(StatusCode, Json<MatterShown>), Failure> {
    let Json(open) = body?;
    let owner = match open.owner {
        None => None,
        Some(OwnerGiven {
            role: Some(role),
            account: None,
        }) => Some(Owner::Role(role)),
        Some(OwnerGiven {
            role: None,
            account: Some(account),
        }) => Some(Owner::Account(account)),
        Some(_) => {
            return Err(Failure::malformed(
                "owner",
                "takes either a role or an account",
            ));
        }
    };
    let new = NewMatter {
        id: open.id,
        kind: open.kind,
        title: open.title,
        detail: open.detail,
        area: open.area,
        owner,
        deadline: open.deadline,
    };
    let shown = service
        .run(move |house| {
            let matter = house.open_matter(&signed_in.actor, &new)?;
            house.matter(&signed_in.actor, matter)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(shown)))
}

/// A step to be taken.
#[derive(Deserialize, utoipa::ToSchema)]
#[schema(as = MatterAct)]
pub(crate) struct Act {
    /// Made by the asker, so that sending twice is harmless.
    #[schema(value_type = Option<String>)]
    id: Option<FactId>,
    action: String,
    note: Option<String>,
    evidence: Option<String>,
}

/// Takes a step in a matter.
#[utoipa::path(post, operation_id = "matters_act", path = "/api/matters/{matter}/act", tag = "matters", params(("matter" = String, Path)),
    request_body = Act,
    responses((status = 200, body = MatterShown), (status = 403, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(crate) async fn act(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<MatterId>, PathRejection>,
    body: Result<Json<Act>, JsonRejection>,
) -> Result<Json<MatterShown>, Failure> {
    let (Path(matter), Json(act)) = (path?, body?);
    let step = NewStep {
        id: act.id,
        action: act.action,
        note: act.note,
        evidence: act.evidence,
    };
    let shown = service
        .run(move |house| {
            house.act_on_matter(&signed_in.actor, matter, &step)?;
            house.matter(&signed_in.actor, matter)
        })
        .await?;
    Ok(Json(shown))
}

/// A state of a kind of matter.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct StateShown {
    state: String,
    name: Text,
    phase: Phase,
}

/// A kind of matter.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct KindShown {
    kind: String,
    name: Text,
    deadline_hours: u32,
    owner_role: Role,
    states: Vec<StateShown>,
}

/// The kinds of matter of the policy in force.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Kinds {
    kinds: Vec<KindShown>,
}

/// The kinds of matter, as the policy in force defines them.
#[utoipa::path(get, operation_id = "matters_kinds", path = "/api/matters/kinds", tag = "matters", responses((status = 200, body = Kinds)))]
pub(crate) async fn kinds(
    State(service): State<Service>,
    _signed_in: SignedIn,
) -> Result<Json<Kinds>, Failure> {
    let kinds = service
        .run(|house| {
            let policy = house.policy()?;
            let kinds = policy.pack.matters.iter().map(|kind| KindShown {
                kind: kind.kind.clone(),
                name: kind.name.clone(),
                deadline_hours: kind.deadline_hours,
                owner_role: kind.owner,
                states: kind
                    .states
                    .iter()
                    .map(|s| StateShown {
                        state: s.state.clone(),
                        name: s.name.clone(),
                        phase: s.phase,
                    })
                    .collect(),
            });
            Ok(kinds.collect())
        })
        .await?;
    Ok(Json(Kinds { kinds }))
}
