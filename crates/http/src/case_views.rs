//! Views of the line list that people keep under a name.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use lianfang_core::ids::ViewId;
use lianfang_service::cases::{NewView, ViewShown};

use crate::error::{ErrorBody, Failure};
use crate::session::SignedIn;
use crate::state::Service;

/// The views of the line list that the asker keeps, by name.
#[utoipa::path(get, operation_id = "cases_views", path = "/api/cases/views", tag = "cases",
    responses((status = 200, body = Vec<ViewShown>), (status = 403, body = ErrorBody)))]
pub(crate) async fn list(
    State(service): State<Service>,
    signed_in: SignedIn,
) -> Result<Json<Vec<ViewShown>>, Failure> {
    Ok(Json(
        service
            .run(move |house| house.saved_views(&signed_in.actor))
            .await?,
    ))
}

/// Keeps a view: a new one, or one that is there under another name or with other filters.
#[utoipa::path(post, operation_id = "cases_save_view", path = "/api/cases/views", tag = "cases", request_body = NewView,
    responses((status = 200, body = ViewShown), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn save(
    State(service): State<Service>,
    signed_in: SignedIn,
    body: Result<Json<NewView>, JsonRejection>,
) -> Result<Json<ViewShown>, Failure> {
    let Json(new) = body?;
    Ok(Json(
        service
            .run(move |house| house.save_view(&signed_in.actor, &new))
            .await?,
    ))
}

/// Removes a view.
#[utoipa::path(delete, operation_id = "cases_remove_view", path = "/api/cases/views/{view}", tag = "cases",
    params(("view" = String, Path)), responses((status = 204), (status = 404, body = ErrorBody)))]
pub(crate) async fn remove(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<ViewId>, PathRejection>,
) -> Result<StatusCode, Failure> {
    let Path(view) = path?;
    service
        .run(move |house| house.remove_view(&signed_in.actor, view))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
