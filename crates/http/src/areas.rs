//! Areas.

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use lianfang_core::areas::{Area, AreaCode};
use lianfang_service::areas::AreaShown;
use serde::{Deserialize, Serialize};

use crate::error::{ErrorBody, Failure};
use crate::session::SignedIn;
use crate::state::Service;

/// What is looked for.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Find {
    /// Part of a name, or the beginning of a code.
    q: String,
}

/// Areas found.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = AreasFound)]
pub(crate) struct Found {
    rows: Vec<Area>,
}

/// Finds areas by name or code.
#[utoipa::path(get, operation_id = "areas_find", path = "/api/areas", tag = "areas", params(Find), responses((status = 200, body = Found)))]
pub(crate) async fn find(
    State(service): State<Service>,
    signed_in: SignedIn,
    query: Result<Query<Find>, QueryRejection>,
) -> Result<Json<Found>, Failure> {
    let Query(Find { q }) = query?;
    let rows = service
        .run(move |house| house.find_areas(&signed_in.actor, &q))
        .await?;
    Ok(Json(Found { rows }))
}

/// An area with those above and below it.
#[utoipa::path(get, operation_id = "areas_area", path = "/api/areas/{code}", tag = "areas", params(("code" = String, Path)),
    responses((status = 200, body = AreaShown), (status = 404, body = ErrorBody)))]
pub(crate) async fn area(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<AreaCode>, PathRejection>,
) -> Result<Json<AreaShown>, Failure> {
    let Path(code) = path?;
    Ok(Json(
        service
            .run(move |house| house.area(&signed_in.actor, code))
            .await?,
    ))
}
