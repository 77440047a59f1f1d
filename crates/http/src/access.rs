//! Accounts and tokens.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use lianfang_core::access::{Grant, Right, Role};
use lianfang_core::areas::AreaCode;
use lianfang_core::ids::AccountId;
use lianfang_service::access::{AccountShown, TokenShown};
use serde::{Deserialize, Serialize};

use crate::error::{ErrorBody, Failure};
use crate::session::SignedIn;
use crate::state::Service;

/// Accounts.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Accounts {
    rows: Vec<AccountShown>,
    total: u64,
    next: Option<String>,
}

/// The accounts of the asker's areas.
#[utoipa::path(get, operation_id = "access_list", path = "/api/accounts", tag = "access",
    responses((status = 200, body = Accounts), (status = 403, body = ErrorBody)))]
pub(crate) async fn list(
    State(service): State<Service>,
    signed_in: SignedIn,
) -> Result<Json<Accounts>, Failure> {
    let rows = service
        .run(move |house| house.accounts(&signed_in.actor))
        .await?;
    Ok(Json(Accounts {
        total: rows.len() as u64,
        rows,
        next: None,
    }))
}

/// An account to be opened.
#[derive(Deserialize, utoipa::ToSchema)]
#[schema(as = AccountOpen)]
pub(crate) struct Open {
    login: String,
    name: String,
    role: Role,
    #[schema(value_type = String)]
    area: AreaCode,
}

/// An account just opened.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = AccountOpened)]
pub(crate) struct Opened {
    #[schema(value_type = String)]
    account: AccountId,
    /// Shown once; must be changed at the first sign-in.
    password: String,
}

/// Opens an account.
#[utoipa::path(post, operation_id = "access_open", path = "/api/accounts", tag = "access", request_body = Open,
    responses((status = 201, body = Opened), (status = 422, body = ErrorBody)))]
pub(crate) async fn open(
    State(service): State<Service>,
    signed_in: SignedIn,
    body: Result<Json<Open>, JsonRejection>,
) -> Result<(StatusCode, Json<Opened>), Failure> {
    let Json(Open {
        login,
        name,
        role,
        area,
    }) = body?;
    let (account, password) = service
        .run(move |house| house.open_account(&signed_in.actor, &login, &name, Grant { role, area }))
        .await?;
    Ok((StatusCode::CREATED, Json(Opened { account, password })))
}

/// A role in an area.
#[derive(Deserialize, utoipa::ToSchema)]
pub(crate) struct GrantGiven {
    role: Role,
    #[schema(value_type = String)]
    area: AreaCode,
}

/// Gives an account a role.
#[utoipa::path(post, operation_id = "access_grant", path = "/api/accounts/{account}/grants", tag = "access", params(("account" = String, Path)),
    request_body = GrantGiven, responses((status = 204), (status = 403, body = ErrorBody)))]
pub(crate) async fn grant(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<AccountId>, PathRejection>,
    body: Result<Json<GrantGiven>, JsonRejection>,
) -> Result<StatusCode, Failure> {
    let (Path(account), Json(GrantGiven { role, area })) = (path?, body?);
    service
        .run(move |house| house.grant(&signed_in.actor, account, Grant { role, area }))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a role from an account.
#[utoipa::path(delete, operation_id = "access_withdraw", path = "/api/accounts/{account}/grants", tag = "access", params(("account" = String, Path)),
    request_body = GrantGiven, responses((status = 204), (status = 403, body = ErrorBody)))]
pub(crate) async fn withdraw(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<AccountId>, PathRejection>,
    body: Result<Json<GrantGiven>, JsonRejection>,
) -> Result<StatusCode, Failure> {
    let (Path(account), Json(GrantGiven { role, area })) = (path?, body?);
    service
        .run(move |house| house.withdraw(&signed_in.actor, account, Grant { role, area }))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Closes an account.
#[utoipa::path(post, operation_id = "access_close", path = "/api/accounts/{account}/close", tag = "access", params(("account" = String, Path)),
    responses((status = 204), (status = 403, body = ErrorBody)))]
pub(crate) async fn close(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<AccountId>, PathRejection>,
) -> Result<StatusCode, Failure> {
    let Path(account) = path?;
    service
        .run(move |house| house.close_account(&signed_in.actor, account))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A new first password, shown once.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct NewPassword {
    password: String,
}

/// Gives an account a new first password.
#[utoipa::path(post, operation_id = "access_reset_password", path = "/api/accounts/{account}/password", tag = "access", params(("account" = String, Path)),
    responses((status = 200, body = NewPassword), (status = 403, body = ErrorBody)))]
pub(crate) async fn reset_password(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<AccountId>, PathRejection>,
) -> Result<Json<NewPassword>, Failure> {
    let Path(account) = path?;
    let password = service
        .run(move |house| house.reset_password(&signed_in.actor, account))
        .await?;
    Ok(Json(NewPassword { password }))
}

/// Tokens.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Tokens {
    rows: Vec<TokenShown>,
}

/// The asker's own API tokens.
#[utoipa::path(get, operation_id = "access_tokens", path = "/api/tokens", tag = "access", responses((status = 200, body = Tokens)))]
pub(crate) async fn tokens(
    State(service): State<Service>,
    signed_in: SignedIn,
) -> Result<Json<Tokens>, Failure> {
    let rows = service
        .run(move |house| house.tokens(&signed_in.actor))
        .await?;
    Ok(Json(Tokens { rows }))
}

/// A token to be issued.
#[derive(Deserialize, utoipa::ToSchema)]
#[schema(as = TokenIssue)]
pub(crate) struct Issue {
    name: String,
    scopes: Vec<Right>,
    days: u32,
}

/// A token just issued.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = TokenIssued)]
pub(crate) struct Issued {
    id: String,
    /// Shown once.
    token: String,
}

/// Issues an API token with some of the asker's own rights.
#[utoipa::path(post, operation_id = "access_issue_token", path = "/api/tokens", tag = "access", request_body = Issue,
    responses((status = 201, body = Issued), (status = 422, body = ErrorBody)))]
pub(crate) async fn issue_token(
    State(service): State<Service>,
    signed_in: SignedIn,
    body: Result<Json<Issue>, JsonRejection>,
) -> Result<(StatusCode, Json<Issued>), Failure> {
    let Json(Issue { name, scopes, days }) = body?;
    let (id, token) = service
        .run(move |house| house.issue_token(&signed_in.actor, &name, &scopes, days))
        .await?;
    Ok((StatusCode::CREATED, Json(Issued { id, token })))
}

/// Revokes one of the asker's own tokens.
#[utoipa::path(delete, operation_id = "access_revoke_token", path = "/api/tokens/{id}", tag = "access", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = ErrorBody)))]
pub(crate) async fn revoke_token(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, Failure> {
    let Path(id) = path?;
    service
        .run(move |house| house.revoke_token(&signed_in.actor, &id))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
