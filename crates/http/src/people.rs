//! Looking at a person's data.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Path, State};
use lianfang_core::ids::PersonId;
use lianfang_service::people::PersonShown;
use serde::Deserialize;

use crate::error::{ErrorBody, Failure};
use crate::session::SignedIn;
use crate::state::Service;

/// Why.
#[derive(Deserialize, utoipa::ToSchema)]
pub(crate) struct Look {
    /// 5 to 200 characters.
    reason: String,
}

/// Opens a person's data; the look is recorded first.
#[utoipa::path(post, operation_id = "people_look", path = "/api/people/{person}/look", tag = "people", params(("person" = String, Path)),
    request_body = Look, responses((status = 200, body = PersonShown), (status = 404, body = ErrorBody)))]
pub(crate) async fn look(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<PersonId>, PathRejection>,
    body: Result<Json<Look>, JsonRejection>,
) -> Result<Json<PersonShown>, Failure> {
    let (Path(person), Json(Look { reason })) = (path?, body?);
    Ok(Json(
        service
            .run(move |house| house.look_at_person(&signed_in.actor, person, &reason))
            .await?,
    ))
}
