//! Forecasts of an area and their record; packs tried side by side.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::forecasts::Target;
use lianfang_service::foresight::{
    ForecastQuery, ForecastRecord, ForecastsShown, RecordQuery, WhatIfAsked, WhatIfChoices,
    WhatIfJob,
};
use serde::Deserialize;

use crate::error::{ErrorBody, Failure};
use crate::session::SignedIn;
use crate::state::Service;

/// Which forecasts.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichForecasts {
    /// The area; the asker's own where none is named.
    #[param(value_type = Option<String>)]
    area: Option<AreaCode>,
    /// The day: what was made and counted by its end. Today where none is named.
    #[param(value_type = Option<String>)]
    date: Option<Date>,
    /// The day of the forecasts; the newest where none is named.
    #[param(value_type = Option<String>)]
    as_of: Option<Date>,
    /// What is forecast; new cases where nothing is named.
    target: Option<Target>,
}

/// Forecasts of an area as they were made, over what came.
#[utoipa::path(get, operation_id = "forecasts_of_area", path = "/api/forecasts", tag = "foresight", params(WhichForecasts),
    responses((status = 200, body = ForecastsShown), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub(crate) async fn forecasts(
    State(service): State<Service>,
    signed_in: SignedIn,
    query: Result<Query<WhichForecasts>, QueryRejection>,
) -> Result<Json<ForecastsShown>, Failure> {
    let Query(which) = query?;
    let query = ForecastQuery {
        area: which.area,
        date: which.date,
        as_of: which.as_of,
        target: which.target.unwrap_or_default(),
    };
    Ok(Json(
        service
            .run(move |house| house.forecasts(&signed_in.actor, &query))
            .await?,
    ))
}

/// Which record.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichRecord {
    /// The area; the asker's own where none is named.
    #[param(value_type = Option<String>)]
    area: Option<AreaCode>,
    /// The day: what was made and counted by its end. Today where none is named.
    #[param(value_type = Option<String>)]
    date: Option<Date>,
    /// Whether forecasts of all areas below count, too.
    #[serde(default)]
    below: bool,
    /// What is forecast; new cases where nothing is named.
    target: Option<Target>,
}

/// How good the forecasts of an area were, against persistence.
#[utoipa::path(get, operation_id = "forecasts_record", path = "/api/forecasts/record", tag = "foresight", params(WhichRecord),
    responses((status = 200, body = ForecastRecord), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub(crate) async fn record(
    State(service): State<Service>,
    signed_in: SignedIn,
    query: Result<Query<WhichRecord>, QueryRejection>,
) -> Result<Json<ForecastRecord>, Failure> {
    let Query(which) = query?;
    let query = RecordQuery {
        area: which.area,
        date: which.date,
        below: which.below,
        target: which.target.unwrap_or_default(),
    };
    Ok(Json(
        service
            .run(move |house| house.forecast_record(&signed_in.actor, &query))
            .await?,
    ))
}

/// Of which area something is to be tried.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichArea {
    /// The area; the asker's own where none is named.
    #[param(value_type = Option<String>)]
    area: Option<AreaCode>,
}

/// What can be tried: packs, cities, bounds, and today's state.
#[utoipa::path(get, operation_id = "whatif_choices", path = "/api/whatif", tag = "foresight", params(WhichArea),
    responses((status = 200, body = WhatIfChoices), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn choices(
    State(service): State<Service>,
    signed_in: SignedIn,
    query: Result<Query<WhichArea>, QueryRejection>,
) -> Result<Json<WhatIfChoices>, Failure> {
    let Query(which) = query?;
    Ok(Json(
        service
            .run(move |house| house.whatif_choices(&signed_in.actor, which.area))
            .await?,
    ))
}

/// Tries packs side by side in a synthetic city. One such job runs at a time; ask for its state with its id.
#[utoipa::path(post, operation_id = "whatif_ask", path = "/api/whatif", tag = "foresight", request_body = WhatIfAsked,
    responses((status = 202, body = WhatIfJob), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn ask(
    State(service): State<Service>,
    signed_in: SignedIn,
    body: Result<Json<WhatIfAsked>, JsonRejection>,
) -> Result<(StatusCode, Json<WhatIfJob>), Failure> {
    let Json(asked) = body?;
    let job = service
        .run(move |house| house.ask_whatif(&signed_in.actor, &asked))
        .await?;
    Ok((StatusCode::ACCEPTED, Json(job)))
}

/// How far a job is, and what came of it.
#[utoipa::path(get, operation_id = "whatif_job", path = "/api/whatif/{job}", tag = "foresight", params(("job" = String, Path)),
    responses((status = 200, body = WhatIfJob), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn job(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<WhatIfJob>, Failure> {
    let Path(job) = path?;
    Ok(Json(
        service
            .run(move |house| house.whatif(&signed_in.actor, &job))
            .await?,
    ))
}

/// Stops a job; one that is over stays as it is.
#[utoipa::path(delete, operation_id = "whatif_stop", path = "/api/whatif/{job}", tag = "foresight", params(("job" = String, Path)),
    responses((status = 204), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn stop(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, Failure> {
    let Path(job) = path?;
    service
        .run(move |house| house.stop_whatif(&signed_in.actor, &job))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
