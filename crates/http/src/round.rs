//! The daily round.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use lianfang_core::areas::AreaCode;
use lianfang_service::round::Round;
use serde::Deserialize;

use crate::error::{ErrorBody, Failure};
use crate::session::SignedIn;
use crate::state::Service;

/// Whose round.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Walked {
    /// The community or grid.
    #[param(value_type = String)]
    area: AreaCode,
}

/// Today's round: who is under watch, in walking order, with what is due; and every door.
#[utoipa::path(get, operation_id = "round_today", path = "/api/round", tag = "round", params(Walked),
    responses((status = 200, body = Round), (status = 403, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn today(
    State(service): State<Service>,
    signed_in: SignedIn,
    query: Result<Query<Walked>, QueryRejection>,
) -> Result<Json<Round>, Failure> {
    let Query(walked) = query?;
    Ok(Json(
        service
            .run(move |house| house.round(&signed_in.actor, walked.area))
            .await?,
    ))
}
