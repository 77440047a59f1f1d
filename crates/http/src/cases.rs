//! The line list.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::response::Response;
use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::cases::{Classification, Origin, Outcome, Severity};
use lianfang_core::ids::CaseId;
use lianfang_service::cases::{CaseQuery, CaseShown, CaseWhole};
use lianfang_store::views::cases::CaseFilter;
use serde::{Deserialize, Serialize};

use crate::briefs::{CSV, XLSX, download};
use crate::error::{ErrorBody, Failure};
use crate::session::SignedIn;
use crate::state::Service;

/// Rows of a page where none are asked for, and at most.
const PAGE: usize = 50;
pub(crate) const MOST: usize = 200;

/// Which cases.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Within this area.
    #[param(value_type = Option<String>)]
    area: Option<AreaCode>,
    classification: Option<Classification>,
    origin: Option<Origin>,
    outcome: Option<Outcome>,
    severity: Option<Severity>,
    /// On or after this curve day.
    #[param(value_type = Option<String>)]
    from: Option<Date>,
    /// On or before this curve day.
    #[param(value_type = Option<String>)]
    to: Option<Date>,
    /// The number at the reporting institution, whole.
    q: Option<String>,
    /// `-reported` (newest first) or `reported`.
    sort: Option<String>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// Rows, at most 200.
    limit: Option<usize>,
}

impl Which {
    fn query(self) -> CaseQuery {
        CaseQuery {
            filter: CaseFilter {
                area: self.area,
                classification: self.classification,
                origin: self.origin,
                outcome: self.outcome,
                severity: self.severity,
                from: self.from,
                to: self.to,
                external_id: self.q,
                people: None,
            },
            text: None,
            oldest_first: self.sort.as_deref() == Some("reported"),
            cursor: self.cursor,
            limit: self.limit.unwrap_or(PAGE).clamp(1, MOST),
        }
    }
}

/// A page of the line list.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = CasePage)]
pub(crate) struct Page {
    rows: Vec<CaseShown>,
    total: u64,
    next: Option<String>,
}

/// The line list, personal data masked.
#[utoipa::path(get, operation_id = "cases_list", path = "/api/cases", tag = "cases", params(Which),
    responses((status = 200, body = Page), (status = 403, body = ErrorBody)))]
pub(crate) async fn list(
    State(service): State<Service>,
    signed_in: SignedIn,
    query: Result<Query<Which>, QueryRejection>,
) -> Result<Json<Page>, Failure> {
    let Query(which) = query?;
    let (rows, total, next) = service
        .run(move |house| house.cases(&signed_in.actor, &which.query()))
        .await?;
    Ok(Json(Page { rows, total, next }))
}

/// What names somebody, in a body: it must not stand in an address.
#[derive(Deserialize, utoipa::ToSchema)]
#[schema(as = CaseFind)]
pub(crate) struct Find {
    /// A number, name, document or phone, whole.
    q: String,
    /// Within this area.
    #[schema(value_type = Option<String>)]
    area: Option<AreaCode>,
    classification: Option<Classification>,
    origin: Option<Origin>,
    outcome: Option<Outcome>,
    severity: Option<Severity>,
    /// On or after this curve day.
    #[schema(value_type = Option<String>)]
    from: Option<Date>,
    /// On or before this curve day.
    #[schema(value_type = Option<String>)]
    to: Option<Date>,
    /// `-reported` (newest first) or `reported`.
    sort: Option<String>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// Rows, at most 200.
    limit: Option<usize>,
}

/// Finds cases by what names a person, through the sealed index.
#[utoipa::path(post, operation_id = "cases_find", path = "/api/cases/find", tag = "cases", request_body = Find,
    responses((status = 200, body = Page), (status = 403, body = ErrorBody)))]
pub(crate) async fn find(
    State(service): State<Service>,
    signed_in: SignedIn,
    body: Result<Json<Find>, JsonRejection>,
) -> Result<Json<Page>, Failure> {
    let Json(find) = body?;
    let which = Which {
        area: find.area,
        classification: find.classification,
        origin: find.origin,
        outcome: find.outcome,
        severity: find.severity,
        from: find.from,
        to: find.to,
        q: None,
        sort: find.sort,
        cursor: find.cursor,
        limit: find.limit,
    };
    let query = CaseQuery {
        text: Some(find.q),
        ..which.query()
    };
    let (rows, total, next) = service
        .run(move |house| house.cases(&signed_in.actor, &query))
        .await?;
    Ok(Json(Page { rows, total, next }))
}

/// The line list as CSV, without personal data.
#[utoipa::path(get, operation_id = "cases_csv", path = "/api/cases.csv", tag = "cases", params(Which),
    responses((status = 200, content_type = "text/csv", body = String)))]
pub(crate) async fn csv(
    State(service): State<Service>,
    signed_in: SignedIn,
    query: Result<Query<Which>, QueryRejection>,
) -> Result<Response, Failure> {
    let Query(which) = query?;
    let bytes = service
        .run(move |house| house.export_cases(&signed_in.actor, &which.query(), false))
        .await?;
    Ok(download("line-list.csv", CSV, bytes))
}

/// The line list as a workbook, without personal data.
#[utoipa::path(get, operation_id = "cases_xlsx", path = "/api/cases.xlsx", tag = "cases", params(Which),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = Vec<u8>)))]
pub(crate) async fn xlsx(
    State(service): State<Service>,
    signed_in: SignedIn,
    query: Result<Query<Which>, QueryRejection>,
) -> Result<Response, Failure> {
    let Query(which) = query?;
    let bytes = service
        .run(move |house| house.export_cases(&signed_in.actor, &which.query(), true))
        .await?;
    Ok(download("line-list.xlsx", XLSX, bytes))
}

/// One case with all that is recorded about it.
#[utoipa::path(get, operation_id = "cases_one", path = "/api/cases/{case}", tag = "cases", params(("case" = String, Path)),
    responses((status = 200, body = CaseWhole), (status = 404, body = ErrorBody)))]
pub(crate) async fn one(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<CaseId>, PathRejection>,
) -> Result<Json<CaseWhole>, Failure> {
    let Path(case) = path?;
    Ok(Json(
        service
            .run(move |house| house.case(&signed_in.actor, case))
            .await?,
    ))
}
