//! Places, check-ins, and who was where.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use lianfang_core::areas::AreaCode;
use lianfang_core::places::{PlaceId, PlaceKind};
use lianfang_service::places::{ChosenPlaces, PlaceGiven, PlacePage, PlaceShown};
use lianfang_service::visits::{CheckIn, CheckInsAnswer, TraceAnswer, TraceAsked};
use serde::Deserialize;

use crate::error::{ErrorBody, Failure};
use crate::session::SignedIn;
use crate::state::Service;

const PAGE: usize = 100;
/// Contacts of an answer at most; more go through the command line.
const CONTACTS: usize = 1_000;
/// Bytes that a request's check-ins may have.
pub(crate) const BATCH: usize = 4 * 1024 * 1024;

/// Which places.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichPlaces {
    /// Within this area; the highest of the asker's where none is named.
    #[param(value_type = Option<String>)]
    area: Option<AreaCode>,
    /// Of this kind.
    kind: Option<PlaceKind>,
    /// With this in the code or a name.
    q: Option<String>,
    /// The `next` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<String>,
    /// Rows, at most 1,000.
    limit: Option<usize>,
}

/// Places that people visit.
#[utoipa::path(get, operation_id = "places_list", path = "/api/places", tag = "visits", params(WhichPlaces),
    responses((status = 200, body = PlacePage), (status = 403, body = ErrorBody)))]
pub(crate) async fn places(
    State(service): State<Service>,
    signed_in: SignedIn,
    query: Result<Query<WhichPlaces>, QueryRejection>,
) -> Result<Json<PlacePage>, Failure> {
    let Query(which) = query?;
    let after = which.cursor.map(|cursor| cursor.parse()).transpose();
    let chosen = ChosenPlaces {
        area: which.area,
        kind: which.kind,
        text: which.q,
        after: after.map_err(|_| Failure::malformed("cursor", "takes the `next` of a page"))?,
        limit: which.limit.unwrap_or(PAGE),
    };
    Ok(Json(
        service
            .run(move |house| house.places(&signed_in.actor, &chosen))
            .await?,
    ))
}

/// One place.
#[utoipa::path(get, operation_id = "places_one", path = "/api/places/{place}", tag = "visits", params(("place" = String, Path)),
    responses((status = 200, body = PlaceShown), (status = 404, body = ErrorBody)))]
pub(crate) async fn place(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<PlaceShown>, Failure> {
    let Path(place) = path?;
    let place: PlaceId = place
        .parse()
        .map_err(|_| Failure::malformed("place", "takes a place's number"))?;
    Ok(Json(
        service
            .run(move |house| house.place(&signed_in.actor, place))
            .await?,
    ))
}

/// Makes a place known; with a code that is known, corrects it.
#[utoipa::path(post, operation_id = "places_define", path = "/api/places", tag = "visits", request_body = PlaceGiven,
    responses((status = 200, body = PlaceShown), (status = 403, body = ErrorBody), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn define(
    State(service): State<Service>,
    signed_in: SignedIn,
    body: Result<Json<PlaceGiven>, JsonRejection>,
) -> Result<Json<PlaceShown>, Failure> {
    let Json(given) = body?;
    Ok(Json(
        service
            .run(move |house| house.define_place(&signed_in.actor, &given))
            .await?,
    ))
}

/// Check-ins, at most 10,000.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckIns {
    visits: Vec<CheckIn>,
}

/// Takes check-ins, each for itself, durable when answered. Sending twice is harmless; a check-out
/// is the check-in again, with its end.
#[utoipa::path(post, operation_id = "visits_check_in", path = "/api/visits", tag = "visits", request_body = CheckIns,
    responses((status = 200, body = CheckInsAnswer), (status = 403, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn check_in(
    State(service): State<Service>,
    signed_in: SignedIn,
    body: Result<Json<CheckIns>, JsonRejection>,
) -> Result<Json<CheckInsAnswer>, Failure> {
    let Json(CheckIns { visits }) = body?;
    Ok(Json(
        service
            .run(move |house| house.check_in(&signed_in.actor, &visits))
            .await?,
    ))
}

/// Who was where some cases or people were, or at some places, ranked by risk. The look is recorded
/// before it is answered. Names are masked.
#[utoipa::path(post, operation_id = "visits_trace", path = "/api/trace", tag = "visits", request_body = TraceAsked,
    responses((status = 200, body = TraceAnswer), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn trace(
    State(service): State<Service>,
    signed_in: SignedIn,
    body: Result<Json<TraceAsked>, JsonRejection>,
) -> Result<Json<TraceAnswer>, Failure> {
    let Json(mut asked) = body?;
    asked.limit = asked.limit.min(CONTACTS);
    Ok(Json(
        service
            .run(move |house| house.trace(&signed_in.actor, &asked))
            .await?,
    ))
}
