//! Who is asking: session cookies with their write token, and API tokens.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use jiff::civil::Date;
use lianfang_core::access::Right;
use lianfang_core::areas::Area;
use lianfang_core::ids::AccountId;
use lianfang_service::access::{GrantShown, Session};
use lianfang_service::{Actor, Refusal};
use serde::{Deserialize, Serialize};

use crate::error::{ErrorBody, Failure};
use crate::state::Service;

const COOKIE: &str = "lianfang_session";
const CSRF: &str = "x-csrf-token";
/// What a browser's facts are recorded as made with.
const DEVICE: &str = "web";

/// The account asking.
pub(crate) struct SignedIn {
    pub(crate) actor: Actor,
    csrf: String,
}

fn cookie(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, value)| value.to_owned())
}

pub(crate) fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    value
        .strip_prefix("Bearer ")
        .map(|token| token.trim().to_owned())
}

impl FromRequestParts<Service> for SignedIn {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, Failure> {
        let signed_in = if let Some(token) = bearer(&parts.headers) {
            let actor = service.run(move |house| house.bearer(&token)).await?;
            Self {
                actor,
                csrf: String::new(),
            }
        } else {
            let cookie = cookie(&parts.headers).ok_or(Refusal::NotSignedIn)?;
            let (actor, csrf, must_change) = service
                .run(move |house| {
                    let (actor, csrf) = house.resume(&cookie, DEVICE)?;
                    let must_change = house.own_credentials(&actor)?.must_change;
                    Ok((actor, csrf, must_change))
                })
                .await?;
            let writes = !matches!(parts.method, Method::GET | Method::HEAD);
            let shown = parts
                .headers
                .get(CSRF)
                .and_then(|value| value.to_str().ok());
            if writes && shown != Some(csrf.as_str()) {
                return Err(Refusal::Csrf.into());
            }
            if must_change && !parts.uri.path().starts_with("/api/session") {
                return Err(Failure::must_change_password());
            }
            Self { actor, csrf }
        };
        service.admit(signed_in.actor.account)?;
        Ok(signed_in)
    }
}

/// Login and password.
#[derive(Deserialize, utoipa::ToSchema)]
pub(crate) struct SignIn {
    login: String,
    password: String,
}

/// Who is signed in, and what for.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Me {
    /// The account.
    #[schema(value_type = String)]
    account: AccountId,
    /// What it signs in with.
    login: String,
    /// What it is shown with.
    name: String,
    /// What every write must show in `x-csrf-token`.
    csrf: String,
    /// Whether the password must be changed before anything else.
    must_change_password: bool,
    /// Roles.
    grants: Vec<GrantShown>,
    /// The area where one begins.
    home: Area,
    /// Rights held anywhere.
    rights: Vec<Right>,
    /// Today, by the jurisdiction's clock.
    #[schema(value_type = String)]
    today: Date,
    /// Minutes of the jurisdiction's clock east of UTC: times that are typed in are by this clock.
    offset_minutes: i32,
    /// Whether this is a demo.
    demo: bool,
}

async fn me_of(service: &Service, actor: Actor, csrf: String) -> Result<Me, Failure> {
    let demo = !service.options().demo.is_empty();
    service
        .run(move |house| {
            let credentials = house.own_credentials(&actor)?;
            Ok(Me {
                account: actor.account,
                login: credentials.login,
                name: credentials.name,
                csrf,
                must_change_password: credentials.must_change,
                grants: house.grants_shown(&actor.grants)?,
                home: house.home(&actor)?,
                rights: actor.rights(),
                today: house.today(),
                offset_minutes: house.store().utc_offset().minutes(),
                demo,
            })
        })
        .await
}

/// The header that hands a browser its session's cookie.
fn set_cookie(
    service: &Service,
    session: &Session,
) -> AppendHeaders<[(header::HeaderName, String); 1]> {
    let secure = if service.options().behind_tls {
        "; Secure"
    } else {
        ""
    };
    let set = format!(
        "{COOKIE}={}; Path=/; HttpOnly; SameSite=Strict{secure}",
        session.cookie
    );
    AppendHeaders([(header::SET_COOKIE, set)])
}

/// Signs in: sets the session's cookie.
#[utoipa::path(post, operation_id = "session_sign_in", path = "/api/session", tag = "access", request_body = SignIn,
    responses((status = 200, body = Me), (status = 401, body = ErrorBody), (status = 429, body = ErrorBody)))]
pub(crate) async fn sign_in(
    State(service): State<Service>,
    body: Result<Json<SignIn>, JsonRejection>,
) -> Result<Response, Failure> {
    let Json(SignIn { login, password }) = body?;
    let session = service
        .run(move |house| house.sign_in(&login, &password, DEVICE))
        .await?;
    let set = set_cookie(&service, &session);
    let me = me_of(&service, session.actor, session.csrf).await?;
    Ok((set, Json(me)).into_response())
}

/// Who is signed in.
#[utoipa::path(get, operation_id = "session_me", path = "/api/session", tag = "access",
    responses((status = 200, body = Me), (status = 401, body = ErrorBody)))]
pub(crate) async fn me(
    State(service): State<Service>,
    signed_in: SignedIn,
) -> Result<Json<Me>, Failure> {
    Ok(Json(
        me_of(&service, signed_in.actor, signed_in.csrf).await?,
    ))
}

/// Signs out.
#[utoipa::path(delete, operation_id = "session_sign_out", path = "/api/session", tag = "access", responses((status = 204)))]
pub(crate) async fn sign_out(
    State(service): State<Service>,
    _signed_in: SignedIn,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    if let Some(cookie) = cookie(&headers) {
        service.run(move |house| house.sign_out(&cookie)).await?;
    }
    let clear = format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
    Ok((
        StatusCode::NO_CONTENT,
        AppendHeaders([(header::SET_COOKIE, clear)]),
    )
        .into_response())
}

/// Old and new password.
#[derive(Deserialize, utoipa::ToSchema)]
pub(crate) struct ChangePassword {
    old: String,
    new: String,
}

/// Changes one's own password. All sessions and tokens of the account end; the answer sets the
/// cookie of a new session, whose `csrf` `GET /api/session` tells.
#[utoipa::path(post, operation_id = "session_change_password", path = "/api/session/password", tag = "access", request_body = ChangePassword,
    responses((status = 204), (status = 422, body = ErrorBody)))]
pub(crate) async fn change_password(
    State(service): State<Service>,
    signed_in: SignedIn,
    body: Result<Json<ChangePassword>, JsonRejection>,
) -> Result<Response, Failure> {
    let Json(ChangePassword { old, new }) = body?;
    let session = service
        .run(move |house| house.change_password(&signed_in.actor, &old, &new))
        .await?;
    Ok((StatusCode::NO_CONTENT, set_cookie(&service, &session)).into_response())
}
