//! Who infected whom.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use lianfang_core::ids::{CaseId, LinkId};
use lianfang_service::links::{LinkBack, LinkShown, NewLink};
use serde::Serialize;

use crate::error::{ErrorBody, Failure};
use crate::session::SignedIn;
use crate::state::Service;

/// A link that was stated.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct LinkMade {
    /// The link.
    #[schema(value_type = String)]
    link: LinkId,
}

impl LinkMade {
    pub(crate) fn of(link: LinkId) -> Self {
        Self { link }
    }
}

/// The links from and to a case.
#[utoipa::path(get, operation_id = "links_of_case", path = "/api/cases/{case}/links", tag = "links", params(("case" = String, Path)),
    responses((status = 200, body = Vec<LinkShown>), (status = 404, body = ErrorBody)))]
pub(crate) async fn of_case(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<CaseId>, PathRejection>,
) -> Result<Json<Vec<LinkShown>>, Failure> {
    let Path(case) = path?;
    Ok(Json(
        service
            .run(move |house| house.case_links(&signed_in.actor, case))
            .await?,
    ))
}

/// States that one case infected another.
#[utoipa::path(post, operation_id = "links_state", path = "/api/cases/{case}/links", tag = "links", params(("case" = String, Path)),
    request_body = NewLink,
    responses((status = 201, body = LinkMade), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub(crate) async fn state(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<CaseId>, PathRejection>,
    body: Result<Json<NewLink>, JsonRejection>,
) -> Result<(StatusCode, Json<LinkMade>), Failure> {
    let (Path(case), Json(new)) = (path?, body?);
    let link = service
        .run(move |house| house.state_link(&signed_in.actor, case, &new))
        .await?;
    Ok((StatusCode::CREATED, Json(LinkMade { link })))
}

/// Withdraws a link.
#[utoipa::path(post, operation_id = "links_withdraw", path = "/api/links/{link}/withdraw", tag = "links",
    params(("link" = String, Path)), request_body = LinkBack,
    responses((status = 204), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(crate) async fn withdraw(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<LinkId>, PathRejection>,
    body: Result<Json<LinkBack>, JsonRejection>,
) -> Result<StatusCode, Failure> {
    let (Path(link), Json(back)) = (path?, body?);
    service
        .run(move |house| house.withdraw_link(&signed_in.actor, link, &back))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
