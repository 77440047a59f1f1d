//! The morning page's numbers, as JSON, text and workbook.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::text::Language;
use lianfang_service::briefs::{Brief, CurveBy};
use serde::Deserialize;

use crate::error::{ErrorBody, Failure};
use crate::session::SignedIn;
use crate::state::Service;

/// Which morning of which area.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// The area; the asker's own where none is named.
    #[param(value_type = Option<String>)]
    area: Option<AreaCode>,
    /// The day; today where none is named.
    #[param(value_type = Option<String>)]
    date: Option<Date>,
    /// By which day cases are counted.
    #[serde(default)]
    by: CurveBy,
    /// The language of texts and workbooks.
    #[serde(default)]
    lang: Language,
}

async fn brief_of(service: &Service, signed_in: SignedIn, which: &Which) -> Result<Brief, Failure> {
    let (area, date, by) = (which.area, which.date, which.by);
    service
        .run(move |house| house.brief(&signed_in.actor, area, date, by))
        .await
}

/// How an area stands on a morning, from what was known then.
#[utoipa::path(get, operation_id = "briefs_brief", path = "/api/brief", tag = "brief", params(Which),
    responses((status = 200, body = Brief), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn brief(
    State(service): State<Service>,
    signed_in: SignedIn,
    query: Result<Query<Which>, QueryRejection>,
) -> Result<Json<Brief>, Failure> {
    let Query(which) = query?;
    Ok(Json(brief_of(&service, signed_in, &which).await?))
}

/// The same in words.
#[utoipa::path(get, operation_id = "briefs_brief_text", path = "/api/brief.txt", tag = "brief", params(Which), responses((status = 200, body = String)))]
pub(crate) async fn brief_text(
    State(service): State<Service>,
    signed_in: SignedIn,
    query: Result<Query<Which>, QueryRejection>,
) -> Result<String, Failure> {
    let Query(which) = query?;
    Ok(brief_of(&service, signed_in, &which)
        .await?
        .text(which.lang))
}

/// The same as a workbook.
#[utoipa::path(get, operation_id = "briefs_brief_xlsx", path = "/api/brief.xlsx", tag = "brief", params(Which),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = Vec<u8>)))]
pub(crate) async fn brief_xlsx(
    State(service): State<Service>,
    signed_in: SignedIn,
    query: Result<Query<Which>, QueryRejection>,
) -> Result<Response, Failure> {
    let Query(which) = query?;
    let brief = brief_of(&service, signed_in, &which).await?;
    let name = format!("brief-{}-{}.xlsx", brief.area.code, brief.date);
    let workbook = service.run(move |_| brief.xlsx(which.lang)).await?;
    Ok(download(&name, XLSX, workbook))
}

pub(crate) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
pub(crate) const CSV: &str = "text/csv; charset=utf-8";

/// A file to keep. `name` is made by this program and holds no personal data.
pub(crate) fn download(name: &str, content_type: &'static str, bytes: Vec<u8>) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    (
        [
            (header::CONTENT_TYPE, content_type.to_owned()),
            (header::CONTENT_DISPOSITION, disposition),
        ],
        bytes,
    )
        .into_response()
}
