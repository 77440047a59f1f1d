//! The policy pack: what is in force, its versions, proposals, and decisions tried out.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use jiff::Timestamp;
use jiff::civil::Date;
use lianfang_core::ids::PolicyId;
use lianfang_core::words::Word;
use lianfang_policy::{Explanation, Schema, Table, schema};
use lianfang_service::policy::{
    NewPolicy, PackCheck, PolicyInForce, PolicyPreview, PolicyShown, PolicyVersion,
};
use serde::{Deserialize, Serialize};

use crate::error::{ErrorBody, Failure};
use crate::session::SignedIn;
use crate::state::Service;

/// The pack in force, in words, with its numbers and their sources. Anybody may read it.
#[utoipa::path(get, operation_id = "policy_in_force", path = "/api/policy", tag = "policy",
    responses((status = 200, body = PolicyInForce)))]
pub(crate) async fn in_force(
    State(service): State<Service>,
) -> Result<Json<PolicyInForce>, Failure> {
    Ok(Json(
        service
            .run(lianfang_service::House::policy_in_force)
            .await?,
    ))
}

/// The tables that a pack decides, with every field of their evidence.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct PolicyTables {
    tables: Vec<&'static Schema>,
}

/// The tables that a pack decides, with every field of their evidence.
#[utoipa::path(get, operation_id = "policy_tables", path = "/api/policy/tables", tag = "policy",
    responses((status = 200, body = PolicyTables)))]
pub(crate) async fn tables() -> Json<PolicyTables> {
    Json(PolicyTables {
        tables: Table::ALL.iter().map(|table| schema(*table)).collect(),
    })
}

/// All versions of the pack.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct PolicyVersions {
    versions: Vec<PolicyVersion>,
    /// Whether the asker may propose a version.
    may_propose: bool,
}

/// All versions of the pack, newest first.
#[utoipa::path(get, operation_id = "policy_versions", path = "/api/policy/versions", tag = "policy",
    responses((status = 200, body = PolicyVersions)))]
pub(crate) async fn versions(
    State(service): State<Service>,
    signed_in: SignedIn,
) -> Result<Json<PolicyVersions>, Failure> {
    let shown = service
        .run(move |house| {
            let actor = &signed_in.actor;
            Ok(PolicyVersions {
                versions: house.policy_versions(actor)?,
                may_propose: house.may_propose_policy(actor),
            })
        })
        .await?;
    Ok(Json(shown))
}

/// One version with its whole content, and what it changes against the one in force.
#[utoipa::path(get, operation_id = "policy_version", path = "/api/policy/versions/{policy}", tag = "policy",
    params(("policy" = String, Path)),
    responses((status = 200, body = PolicyShown), (status = 404, body = ErrorBody)))]
pub(crate) async fn version(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<PolicyId>, PathRejection>,
) -> Result<Json<PolicyShown>, Failure> {
    let Path(policy) = path?;
    Ok(Json(
        service
            .run(move |house| house.policy_version(&signed_in.actor, policy))
            .await?,
    ))
}

/// A pack's file.
#[derive(Deserialize, utoipa::ToSchema)]
pub(crate) struct PackText {
    text: String,
}

/// Reads a pack's file: what is wrong with it, or what it would change.
#[utoipa::path(post, operation_id = "policy_check", path = "/api/policy/check", tag = "policy", request_body = PackText,
    responses((status = 200, body = PackCheck), (status = 403, body = ErrorBody)))]
pub(crate) async fn check(
    State(service): State<Service>,
    signed_in: SignedIn,
    body: Result<Json<PackText>, JsonRejection>,
) -> Result<Json<PackCheck>, Failure> {
    let Json(PackText { text }) = body?;
    Ok(Json(
        service
            .run(move |house| house.check_policy(&signed_in.actor, &text))
            .await?,
    ))
}

/// A version to be proposed.
#[derive(Deserialize, utoipa::ToSchema)]
pub(crate) struct PolicyProposal {
    /// Made by the asker, so that sending twice is harmless.
    #[schema(value_type = Option<String>)]
    id: Option<PolicyId>,
    /// The pack's file.
    text: String,
    /// RFC 3339; from its approval where none is given.
    #[schema(value_type = Option<String>)]
    from: Option<Timestamp>,
    /// Why.
    note: String,
}

/// Proposes a version. Another must approve it.
#[utoipa::path(post, operation_id = "policy_propose", path = "/api/policy/versions", tag = "policy",
    request_body = PolicyProposal,
    responses((status = 201, body = PolicyShown), (status = 422, body = ErrorBody)))]
pub(crate) async fn propose(
    State(service): State<Service>,
    signed_in: SignedIn,
    body: Result<Json<PolicyProposal>, JsonRejection>,
) -> Result<(StatusCode, Json<PolicyShown>), Failure> {
    let Json(proposal) = body?;
    let new = NewPolicy {
        id: proposal.id,
        text: proposal.text,
        from: proposal.from,
        note: proposal.note,
    };
    let shown = service
        .run(move |house| {
            let policy = house.propose_policy(&signed_in.actor, &new)?;
            house.policy_version(&signed_in.actor, policy)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(shown)))
}

/// Who would be decided differently under a version, counted by area.
#[utoipa::path(get, operation_id = "policy_preview", path = "/api/policy/versions/{policy}/preview", tag = "policy",
    params(("policy" = String, Path)),
    responses((status = 200, body = PolicyPreview), (status = 403, body = ErrorBody)))]
pub(crate) async fn preview(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<PolicyId>, PathRejection>,
) -> Result<Json<PolicyPreview>, Failure> {
    let Path(policy) = path?;
    Ok(Json(
        service
            .run(move |house| house.preview_policy(&signed_in.actor, policy))
            .await?,
    ))
}

/// Approves a version that another proposed.
#[utoipa::path(post, operation_id = "policy_approve", path = "/api/policy/versions/{policy}/approve", tag = "policy",
    params(("policy" = String, Path)),
    responses((status = 200, body = PolicyShown), (status = 403, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(crate) async fn approve(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<PolicyId>, PathRejection>,
) -> Result<Json<PolicyShown>, Failure> {
    let Path(policy) = path?;
    let shown = service
        .run(move |house| {
            house.approve_policy(&signed_in.actor, policy)?;
            house.policy_version(&signed_in.actor, policy)
        })
        .await?;
    Ok(Json(shown))
}

/// Why a version is declined.
#[derive(Deserialize, utoipa::ToSchema)]
pub(crate) struct PolicyDecline {
    note: String,
}

/// Declines a version; whoever proposed it takes it back.
#[utoipa::path(post, operation_id = "policy_decline", path = "/api/policy/versions/{policy}/decline", tag = "policy",
    params(("policy" = String, Path)), request_body = PolicyDecline,
    responses((status = 200, body = PolicyShown), (status = 403, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(crate) async fn decline(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<PolicyId>, PathRejection>,
    body: Result<Json<PolicyDecline>, JsonRejection>,
) -> Result<Json<PolicyShown>, Failure> {
    let (Path(policy), Json(PolicyDecline { note })) = (path?, body?);
    let shown = service
        .run(move |house| {
            house.decline_policy(&signed_in.actor, policy, &note)?;
            house.policy_version(&signed_in.actor, policy)
        })
        .await?;
    Ok(Json(shown))
}

/// Evidence that is tried out; nothing is kept of it.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PolicyTrial {
    /// The version; the one in force where none is given.
    #[schema(value_type = Option<String>)]
    policy: Option<PolicyId>,
    table: Table,
    /// Field by field, as `/api/policy/tables` lists them.
    #[schema(value_type = Object)]
    evidence: serde_json::Value,
    /// The day; today where none is given.
    on: Option<Date>,
}

/// Decides for evidence that is tried out, and says step by step why. Nothing is kept of it.
#[utoipa::path(post, operation_id = "policy_explain", path = "/api/policy/explain", tag = "policy", request_body = PolicyTrial,
    responses((status = 200, body = Explanation), (status = 422, body = ErrorBody)))]
pub(crate) async fn explain(
    State(service): State<Service>,
    _signed_in: SignedIn,
    body: Result<Json<PolicyTrial>, JsonRejection>,
) -> Result<Json<Explanation>, Failure> {
    let Json(trial) = body?;
    let explained = service
        .run(move |house| house.try_policy(trial.policy, trial.table, &trial.evidence, trial.on))
        .await?;
    Ok(Json(explained))
}
