//! Daily reports.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use serde::Deserialize;

use crate::error::{ErrorBody, Failure};
use crate::session::SignedIn;
use crate::state::Service;

/// An area's new cases of a day.
#[derive(Deserialize, utoipa::ToSchema)]
pub(crate) struct DailyReport {
    /// The area.
    #[schema(value_type = String)]
    area: AreaCode,
    /// The day.
    #[schema(value_type = String)]
    date: Date,
    /// New cases; zero is a report too.
    new_cases: u32,
}

/// Files an area's daily report, be it zero. Filing again corrects the number.
#[utoipa::path(post, operation_id = "reports_file", path = "/api/reports", tag = "reports", request_body = DailyReport,
    responses((status = 204), (status = 422, body = ErrorBody)))]
pub(crate) async fn file(
    State(service): State<Service>,
    signed_in: SignedIn,
    body: Result<Json<DailyReport>, JsonRejection>,
) -> Result<StatusCode, Failure> {
    let Json(report) = body?;
    service
        .run(move |house| {
            house.file_daily_report(&signed_in.actor, report.area, report.date, report.new_cases)
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
