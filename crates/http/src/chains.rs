//! Chains of transmission, suggested infectors, and surveillance fed by cases.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::ids::CaseId;
use lianfang_service::chains::{ChainsQuery, ChainsShown};
use lianfang_service::infectors::{AdoptInfector, SuggestedInfectors};
use lianfang_service::surveillance::{CasesBy, SurveillanceQuery, SurveillanceShown};
use serde::Deserialize;

use crate::error::{ErrorBody, Failure};
use crate::links::LinkMade;
use crate::session::SignedIn;
use crate::state::Service;

/// Which chains.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichChains {
    /// The area; the asker's own where none is named.
    #[param(value_type = Option<String>)]
    area: Option<AreaCode>,
    /// The first day by which cases stand in the curve.
    #[param(value_type = Option<String>)]
    from: Option<Date>,
    /// The last such day; today where none is named.
    #[param(value_type = Option<String>)]
    to: Option<Date>,
}

/// Chains of transmission of an area and a span of days, by ids and classes.
#[utoipa::path(get, operation_id = "chains_of_area", path = "/api/chains", tag = "chains", params(WhichChains),
    responses((status = 200, body = ChainsShown), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub(crate) async fn of_area(
    State(service): State<Service>,
    signed_in: SignedIn,
    query: Result<Query<WhichChains>, QueryRejection>,
) -> Result<Json<ChainsShown>, Failure> {
    let Query(which) = query?;
    let query = ChainsQuery {
        area: which.area,
        from: which.from,
        to: which.to,
    };
    Ok(Json(
        service
            .run(move |house| house.chains(&signed_in.actor, &query))
            .await?,
    ))
}

/// Who may have infected a case. Nothing is adopted by itself.
#[utoipa::path(get, operation_id = "infectors_of_case", path = "/api/cases/{case}/infectors", tag = "links",
    params(("case" = String, Path)),
    responses((status = 200, body = SuggestedInfectors), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn infectors(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<CaseId>, PathRejection>,
) -> Result<Json<SuggestedInfectors>, Failure> {
    let Path(case) = path?;
    Ok(Json(
        service
            .run(move |house| house.suggested_infectors(&signed_in.actor, case))
            .await?,
    ))
}

/// Adopts a suggested infector as a possible link.
#[utoipa::path(post, operation_id = "infectors_adopt", path = "/api/cases/{case}/infectors", tag = "links",
    params(("case" = String, Path)), request_body = AdoptInfector,
    responses((status = 201, body = LinkMade), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub(crate) async fn adopt(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<CaseId>, PathRejection>,
    body: Result<Json<AdoptInfector>, JsonRejection>,
) -> Result<(StatusCode, Json<LinkMade>), Failure> {
    let (Path(case), Json(adopted)) = (path?, body?);
    let link = service
        .run(move |house| house.adopt_infector(&signed_in.actor, case, &adopted))
        .await?;
    Ok((StatusCode::CREATED, Json(LinkMade::of(link))))
}

/// Which surveillance.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichSurveillance {
    /// The area; the asker's own where none is named.
    #[param(value_type = Option<String>)]
    area: Option<AreaCode>,
    /// The day; today where none is named.
    #[param(value_type = Option<String>)]
    date: Option<Date>,
    /// By which day cases are counted.
    #[serde(default)]
    by: CasesBy,
}

/// Curves, delays and alarms of an area, out of its cases alone.
#[utoipa::path(get, operation_id = "surveillance_of_area", path = "/api/surveillance", tag = "surveillance",
    params(WhichSurveillance),
    responses((status = 200, body = SurveillanceShown), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub(crate) async fn surveillance(
    State(service): State<Service>,
    signed_in: SignedIn,
    query: Result<Query<WhichSurveillance>, QueryRejection>,
) -> Result<Json<SurveillanceShown>, Failure> {
    let Query(which) = query?;
    let query = SurveillanceQuery {
        area: which.area,
        date: which.date,
        by: which.by,
    };
    Ok(Json(
        service
            .run(move |house| house.surveillance(&signed_in.actor, &query))
            .await?,
    ))
}
