//! Households: the roster, and how far it is covered.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use lianfang_core::areas::AreaCode;
use lianfang_core::households::Dwelling;
use lianfang_core::ids::HouseholdId;
use lianfang_service::households::{Coverage, HouseholdPage, HouseholdQuery, HouseholdWhole};
use serde::Deserialize;

use crate::error::{ErrorBody, Failure};
use crate::session::SignedIn;
use crate::state::Service;

/// Rows of a page where none are asked for, and at most.
const PAGE: usize = 50;
const MOST: usize = 200;

/// Which households.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Within this area.
    #[param(value_type = Option<String>)]
    area: Option<AreaCode>,
    /// Of this kind.
    dwelling: Option<Dwelling>,
    /// Belonging to this home, dormitory or hotel, by its name.
    place: Option<String>,
    /// Only those not visited in time, or where nobody was met.
    uncovered: Option<bool>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// Rows, at most 200.
    limit: Option<usize>,
}

/// Households in walking order, with who lives there; doors for those who go there.
#[utoipa::path(get, operation_id = "households_list", path = "/api/households", tag = "households", params(Which),
    responses((status = 200, body = HouseholdPage), (status = 403, body = ErrorBody)))]
pub(crate) async fn list(
    State(service): State<Service>,
    signed_in: SignedIn,
    query: Result<Query<Which>, QueryRejection>,
) -> Result<Json<HouseholdPage>, Failure> {
    let Query(which) = query?;
    let query = HouseholdQuery {
        area: which.area,
        dwelling: which.dwelling,
        place: which.place,
        uncovered: which.uncovered.unwrap_or(false),
        cursor: which.cursor,
        limit: which.limit.unwrap_or(PAGE).clamp(1, MOST),
    };
    Ok(Json(
        service
            .run(move |house| house.households(&signed_in.actor, &query))
            .await?,
    ))
}

/// What is sought: it stays out of addresses.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FindHouseholds {
    /// A resident's document, phone or whole name, or part of a door.
    q: String,
}

/// Households by who lives there, or by door.
#[utoipa::path(post, operation_id = "households_find", path = "/api/households/find", tag = "households", params(Where),
    request_body = FindHouseholds,
    responses((status = 200, body = HouseholdPage), (status = 403, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn find(
    State(service): State<Service>,
    signed_in: SignedIn,
    query: Result<Query<Where>, QueryRejection>,
    body: Result<Json<FindHouseholds>, JsonRejection>,
) -> Result<Json<HouseholdPage>, Failure> {
    let (Query(within), Json(FindHouseholds { q })) = (query?, body?);
    Ok(Json(
        service
            .run(move |house| house.find_households(&signed_in.actor, within.area, &q))
            .await?,
    ))
}

/// One household with its visits.
#[utoipa::path(get, operation_id = "households_one", path = "/api/households/{household}", tag = "households",
    params(("household" = String, Path)),
    responses((status = 200, body = HouseholdWhole), (status = 404, body = ErrorBody)))]
pub(crate) async fn one(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<HouseholdId>, PathRejection>,
) -> Result<Json<HouseholdWhole>, Failure> {
    let Path(household) = path?;
    Ok(Json(
        service
            .run(move |house| house.household(&signed_in.actor, household))
            .await?,
    ))
}

/// The area whose coverage is asked for.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Where {
    /// The area; the asker's own where none is named.
    #[param(value_type = Option<String>)]
    area: Option<AreaCode>,
}

/// No household missed, no person missed: how far that holds today, area by area and place by place.
#[utoipa::path(get, operation_id = "households_coverage", path = "/api/households/coverage", tag = "households", params(Where),
    responses((status = 200, body = Coverage), (status = 403, body = ErrorBody)))]
pub(crate) async fn coverage(
    State(service): State<Service>,
    signed_in: SignedIn,
    query: Result<Query<Where>, QueryRejection>,
) -> Result<Json<Coverage>, Failure> {
    let Query(within) = query?;
    Ok(Json(
        service
            .run(move |house| house.coverage(&signed_in.actor, within.area))
            .await?,
    ))
}
