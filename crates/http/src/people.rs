//! Looking at a person's data.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Path, State};
use lianfang_core::ids::PersonId;
use lianfang_policy::Decided;
use lianfang_service::people::PersonShown;
use serde::{Deserialize, Serialize};

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

/// A person's pass; none for the dead and for whom nothing is on record.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct PersonPass {
    decision: Option<Decided>,
}

/// A person's pass by the policy in force, with rule, reason, evidence, and what clears it. It is
/// computed when it is asked for; there is no way to set it.
#[utoipa::path(get, operation_id = "people_pass", path = "/api/people/{person}/pass", tag = "people", params(("person" = String, Path)),
    responses((status = 200, body = PersonPass), (status = 404, body = ErrorBody)))]
pub(crate) async fn pass(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<PersonId>, PathRejection>,
) -> Result<Json<PersonPass>, Failure> {
    let Path(person) = path?;
    let decision = service
        .run(move |house| house.pass_of(&signed_in.actor, person))
        .await?;
    Ok(Json(PersonPass { decision }))
}
