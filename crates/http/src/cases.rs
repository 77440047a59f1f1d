//! The line list, and the life of a case: reported, corrected, investigated, merged.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::cases::{Classification, Origin, Outcome, Severity};
use lianfang_core::ids::{CaseId, FactId, SampleId, StayId};
use lianfang_service::cases::{
    CaseAnswer, CaseQuery, CaseRevision, CaseShown, CaseWhole, CasesChange, EditAnswer, NewCase,
    NewResult, NewSample, NewStay,
};
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

/// Reports a case: who, when, where, by whom. It has the id of the report.
#[utoipa::path(post, operation_id = "cases_report", path = "/api/cases", tag = "cases", request_body = NewCase,
    responses((status = 201, body = CaseAnswer), (status = 403, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub(crate) async fn report(
    State(service): State<Service>,
    signed_in: SignedIn,
    body: Result<Json<NewCase>, JsonRejection>,
) -> Result<(StatusCode, Json<CaseAnswer>), Failure> {
    let Json(new) = body?;
    let answer = service
        .run(move |house| house.report_case(&signed_in.actor, &new))
        .await?;
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Corrects a case, or writes down how it developed.
#[utoipa::path(post, operation_id = "cases_revise", path = "/api/cases/{case}/revise", tag = "cases",
    params(("case" = String, Path)), request_body = CaseRevision,
    responses((status = 204), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn revise(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<CaseId>, PathRejection>,
    body: Result<Json<CaseRevision>, JsonRejection>,
) -> Result<StatusCode, Failure> {
    let (Path(case), Json(revision)) = (path?, body?);
    service
        .run(move |house| house.revise_case(&signed_in.actor, case, &revision))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Changes many cases at once: all of them or none.
#[utoipa::path(post, operation_id = "cases_bulk", path = "/api/cases/bulk", tag = "cases", request_body = CasesChange,
    responses((status = 200, body = EditAnswer), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn change(
    State(service): State<Service>,
    signed_in: SignedIn,
    body: Result<Json<CasesChange>, JsonRejection>,
) -> Result<Json<EditAnswer>, Failure> {
    let Json(change) = body?;
    Ok(Json(
        service
            .run(move |house| house.change_cases(&signed_in.actor, &change))
            .await?,
    ))
}

/// Why something is taken back, or asked for.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CaseReason)]
pub(crate) struct Why {
    /// Made by whoever sends it (a ULID), so that sending twice is harmless.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    id: Option<FactId>,
    /// Why.
    reason: String,
}

/// Takes a change of many cases back.
#[utoipa::path(post, operation_id = "cases_undo", path = "/api/cases/bulk/{edit}/undo", tag = "cases",
    params(("edit" = String, Path)), request_body = Why,
    responses((status = 200, body = EditAnswer), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(crate) async fn undo(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<FactId>, PathRejection>,
    body: Result<Json<Why>, JsonRejection>,
) -> Result<Json<EditAnswer>, Failure> {
    let (Path(edit), Json(why)) = (path?, body?);
    Ok(Json(
        service
            .run(move |house| house.undo_change(&signed_in.actor, edit, why.id, &why.reason))
            .await?,
    ))
}

/// Nothing is deleted: the wish is put on record, and refused.
#[utoipa::path(delete, operation_id = "cases_delete", path = "/api/cases/{case}", tag = "cases", params(("case" = String, Path)),
    request_body = Why, responses((status = 409, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn delete(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<CaseId>, PathRejection>,
    body: Result<Json<Why>, JsonRejection>,
) -> Result<StatusCode, Failure> {
    let (Path(case), Json(why)) = (path?, body?);
    service
        .run(move |house| house.delete_case(&signed_in.actor, case, &why.reason))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What was made.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Made)]
pub(crate) struct Made {
    /// Its id.
    id: String,
}

/// Writes down a stay on a case's itinerary, corrects it, or takes it back.
#[utoipa::path(post, operation_id = "cases_stay", path = "/api/cases/{case}/stays", tag = "cases", params(("case" = String, Path)),
    request_body = NewStay, responses((status = 200, body = Made), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn stay(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<CaseId>, PathRejection>,
    body: Result<Json<NewStay>, JsonRejection>,
) -> Result<Json<Made>, Failure> {
    let (Path(case), Json(new)) = (path?, body?);
    let stay: StayId = service
        .run(move |house| house.record_stay(&signed_in.actor, case, &new))
        .await?;
    Ok(Json(Made {
        id: stay.to_string(),
    }))
}

/// Writes down a sample of a case.
#[utoipa::path(post, operation_id = "cases_sample", path = "/api/cases/{case}/samples", tag = "cases",
    params(("case" = String, Path)), request_body = NewSample,
    responses((status = 200, body = Made), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn sample(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<CaseId>, PathRejection>,
    body: Result<Json<NewSample>, JsonRejection>,
) -> Result<Json<Made>, Failure> {
    let (Path(case), Json(new)) = (path?, body?);
    let sample: SampleId = service
        .run(move |house| house.sample_case(&signed_in.actor, case, &new))
        .await?;
    Ok(Json(Made {
        id: sample.to_string(),
    }))
}

/// Writes down the result of a sample of a case.
#[utoipa::path(post, operation_id = "cases_result", path = "/api/cases/{case}/results", tag = "cases",
    params(("case" = String, Path)), request_body = NewResult,
    responses((status = 204), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn result(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<CaseId>, PathRejection>,
    body: Result<Json<NewResult>, JsonRejection>,
) -> Result<StatusCode, Failure> {
    let (Path(case), Json(new)) = (path?, body?);
    service
        .run(move |house| house.sample_result(&signed_in.actor, case, &new))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether the investigation of a case is complete.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CaseInvestigation)]
pub(crate) struct Investigation {
    /// Made by whoever sends it (a ULID), so that sending twice is harmless.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    id: Option<FactId>,
    /// Complete, or open again.
    complete: bool,
}

/// Completes the investigation of a case, or opens it again.
#[utoipa::path(post, operation_id = "cases_investigation", path = "/api/cases/{case}/investigation", tag = "cases",
    params(("case" = String, Path)), request_body = Investigation,
    responses((status = 204), (status = 404, body = ErrorBody)))]
pub(crate) async fn investigation(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<CaseId>, PathRejection>,
    body: Result<Json<Investigation>, JsonRejection>,
) -> Result<StatusCode, Failure> {
    let (Path(case), Json(said)) = (path?, body?);
    service
        .run(move |house| house.investigate_case(&signed_in.actor, case, said.id, said.complete))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The other of two reports.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CaseOther)]
pub(crate) struct Other {
    /// Made by whoever sends it (a ULID), so that sending twice is harmless.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    id: Option<FactId>,
    /// The other report.
    #[schema(value_type = String)]
    other: CaseId,
}

/// Takes a report into another: one case, both histories.
#[utoipa::path(post, operation_id = "cases_merge", path = "/api/cases/{case}/merge", tag = "cases", params(("case" = String, Path)),
    request_body = Other, responses((status = 204), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(crate) async fn merge(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<CaseId>, PathRejection>,
    body: Result<Json<Other>, JsonRejection>,
) -> Result<StatusCode, Failure> {
    let (Path(case), Json(said)) = (path?, body?);
    service
        .run(move |house| house.merge_case(&signed_in.actor, case, said.other, said.id))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lets a report that was taken into another stand alone again.
#[utoipa::path(post, operation_id = "cases_part", path = "/api/cases/{case}/part", tag = "cases", params(("case" = String, Path)),
    request_body = Why, responses((status = 204), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(crate) async fn part(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<CaseId>, PathRejection>,
    body: Result<Json<Why>, JsonRejection>,
) -> Result<StatusCode, Failure> {
    let (Path(case), Json(why)) = (path?, body?);
    service
        .run(move |house| house.part_case(&signed_in.actor, case, &why.reason, why.id))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Says that two reports are of two cases.
#[utoipa::path(post, operation_id = "cases_tell_apart", path = "/api/cases/{case}/tell-apart", tag = "cases",
    params(("case" = String, Path)), request_body = Other,
    responses((status = 204), (status = 404, body = ErrorBody)))]
pub(crate) async fn tell_apart(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<CaseId>, PathRejection>,
    body: Result<Json<Other>, JsonRejection>,
) -> Result<StatusCode, Failure> {
    let (Path(case), Json(said)) = (path?, body?);
    service
        .run(move |house| house.tell_cases_apart(&signed_in.actor, case, said.other, said.id))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
