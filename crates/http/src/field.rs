//! What people in the field write down.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use lianfang_service::field::{EntryAnswer, FieldEntry};
use serde::{Deserialize, Serialize};

use crate::error::{ErrorBody, Failure};
use crate::session::SignedIn;
use crate::state::Service;

/// Bytes that a batch of entries may have.
pub(crate) const BATCH: usize = 2 * 1024 * 1024;

/// Entries in the order in which they happened, at most 500.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FieldEntries {
    entries: Vec<FieldEntry>,
}

/// What became of each, in the same order.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct FieldAnswers {
    answers: Vec<EntryAnswer>,
}

/// Takes entries from the field: each for itself, durable when answered. Sending twice is
/// harmless.
#[utoipa::path(post, operation_id = "field_entries", path = "/api/field", tag = "field", request_body = FieldEntries,
    responses((status = 200, body = FieldAnswers), (status = 422, body = ErrorBody)))]
pub(crate) async fn take(
    State(service): State<Service>,
    signed_in: SignedIn,
    body: Result<Json<FieldEntries>, JsonRejection>,
) -> Result<Json<FieldAnswers>, Failure> {
    let Json(FieldEntries { entries }) = body?;
    let answers = service
        .run(move |house| house.take_entries(&signed_in.actor, &entries))
        .await?;
    Ok(Json(FieldAnswers { answers }))
}

/// An arrival that somebody declares for themselves.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Declaration {
    /// A notice whose source is `declared`.
    entry: FieldEntry,
}

/// What became of a declaration.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Declared {
    answer: EntryAnswer,
    /// By which the person finds the declaration again; where it was taken.
    code: Option<String>,
}

/// Takes an arrival that somebody declares for themselves; nobody need sign in.
#[utoipa::path(post, operation_id = "field_declare", path = "/api/declare", tag = "field", request_body = Declaration,
    responses((status = 200, body = Declared), (status = 422, body = ErrorBody), (status = 429, body = ErrorBody)))]
pub(crate) async fn declare(
    State(service): State<Service>,
    body: Result<Json<Declaration>, JsonRejection>,
) -> Result<Json<Declared>, Failure> {
    let Json(Declaration { entry }) = body?;
    service.admit_code(&entry.id.to_string())?;
    let (answer, code) = service.run(move |house| house.declare(&entry)).await?;
    Ok(Json(Declared { answer, code }))
}
