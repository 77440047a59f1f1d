//! Passes: the holder's own page, staff's lists, keys, scans.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use lianfang_core::areas::AreaCode;
use lianfang_core::ids::{MatterId, PersonId};
use lianfang_core::passes::Colour;
use lianfang_service::Actor;
use lianfang_service::passes::{
    CertificateAnswer, ChosenPasses, KeyShown, MyPass, NewAppeal, NewHealthReport, NewPass,
    PassAsked, PassCodeAbout, PassList, PassNumbers, PassPrinted, PassSeen, PassWaiting, PassWhole,
    Scan, ScanAnswer, ScanInHand, ScanLoad, ScansAnswer, SignerShown,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

use crate::error::{ErrorBody, Failure};
use crate::session::{SignedIn, bearer};
use crate::state::Service;

/// What a code is limited by: its id, without the marks.
fn owner_of(code: &str) -> &str {
    code.split_once('.').map_or(code, |(id, _)| id)
}

/// Asks for a pass; nobody need sign in. The code opens it once somebody has seen who it is.
#[utoipa::path(post, operation_id = "pass_ask", path = "/api/pass/ask", tag = "passes", request_body = NewPass,
    responses((status = 200, body = PassAsked), (status = 422, body = ErrorBody), (status = 429, body = ErrorBody)))]
pub(crate) async fn ask(
    State(service): State<Service>,
    body: Result<Json<NewPass>, JsonRejection>,
) -> Result<Json<PassAsked>, Failure> {
    let Json(new) = body?;
    // Limited by what is asked for, so that nobody tries numbers.
    service.admit_code(new.given.document.as_deref().unwrap_or_default())?;
    Ok(Json(
        service.run(move |house| house.ask_for_pass(&new)).await?,
    ))
}

/// A pass's own code.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PassCodeShown {
    code: String,
    /// Whether a pass to be shown is issued with the answer; older ones of this code count no more.
    #[serde(default)]
    show: bool,
}

/// What a code opens: the pass, why it is so, and what clears it. Nobody need sign in.
#[utoipa::path(post, operation_id = "pass_mine", path = "/api/pass", tag = "passes", request_body = PassCodeShown,
    responses((status = 200, body = MyPass), (status = 404, body = ErrorBody), (status = 429, body = ErrorBody)))]
pub(crate) async fn mine(
    State(service): State<Service>,
    body: Result<Json<PassCodeShown>, JsonRejection>,
) -> Result<Json<MyPass>, Failure> {
    let Json(PassCodeShown { code, show }) = body?;
    service.admit_code(owner_of(&code))?;
    Ok(Json(
        service.run(move |house| house.my_pass(&code, show)).await?,
    ))
}

/// A holder's daily report.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnReport {
    code: String,
    report: NewHealthReport,
}

/// A holder reports how they feel today.
#[utoipa::path(post, operation_id = "pass_report", path = "/api/pass/report", tag = "passes", request_body = OwnReport,
    responses((status = 204), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn report(
    State(service): State<Service>,
    body: Result<Json<OwnReport>, JsonRejection>,
) -> Result<StatusCode, Failure> {
    let Json(OwnReport { code, report }) = body?;
    service.admit_code(owner_of(&code))?;
    service
        .run(move |house| house.report_health(&code, &report))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A holder's appeal.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnAppeal {
    code: String,
    appeal: NewAppeal,
}

/// The matter that was opened.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct AppealTaken {
    #[schema(value_type = String)]
    matter: MatterId,
}

/// A holder says that evidence is wrong; somebody who recorded none of it decides.
#[utoipa::path(post, operation_id = "pass_appeal", path = "/api/pass/appeal", tag = "passes", request_body = OwnAppeal,
    responses((status = 200, body = AppealTaken), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(crate) async fn appeal(
    State(service): State<Service>,
    body: Result<Json<OwnAppeal>, JsonRejection>,
) -> Result<Json<AppealTaken>, Failure> {
    let Json(OwnAppeal { code, appeal }) = body?;
    service.admit_code(owner_of(&code))?;
    let matter = service
        .run(move |house| house.appeal(&code, &appeal))
        .await?;
    Ok(Json(AppealTaken { matter }))
}

/// A health certificate that a holder shows.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnCertificate {
    code: String,
    /// What its QR code says: `HC1:…`.
    hcert: String,
}

/// A holder shows a health certificate from elsewhere. It counts if it is verified, and theirs.
#[utoipa::path(post, operation_id = "pass_certificate", path = "/api/pass/certificate", tag = "passes", request_body = OwnCertificate,
    responses((status = 200, body = CertificateAnswer), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(crate) async fn certificate(
    State(service): State<Service>,
    body: Result<Json<OwnCertificate>, JsonRejection>,
) -> Result<Json<CertificateAnswer>, Failure> {
    let Json(OwnCertificate { code, hcert }) = body?;
    service.admit_code(owner_of(&code))?;
    Ok(Json(
        service
            .run(move |house| house.take_certificate(&code, &hcert))
            .await?,
    ))
}

/// A holder ends their code: the phone is lost.
#[utoipa::path(post, operation_id = "pass_end", path = "/api/pass/end", tag = "passes", request_body = PassCodeShown,
    responses((status = 204), (status = 404, body = ErrorBody)))]
pub(crate) async fn end(
    State(service): State<Service>,
    body: Result<Json<PassCodeShown>, JsonRejection>,
) -> Result<StatusCode, Failure> {
    let Json(PassCodeShown { code, .. }) = body?;
    service.admit_code(owner_of(&code))?;
    service
        .run(move |house| house.end_pass_code(None, &code))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The keys that passes are verified against, our own and trusted neighbours': what a gate needs without a line. Public.
#[utoipa::path(get, operation_id = "pass_keys", path = "/api/pass-keys", tag = "passes",
    responses((status = 200, body = Vec<KeyShown>)))]
pub(crate) async fn keys(State(service): State<Service>) -> Result<Json<Vec<KeyShown>>, Failure> {
    Ok(Json(service.run(lianfang_service::House::pass_keys).await?))
}

/// Trusts a neighbour's key.
#[utoipa::path(post, operation_id = "pass_trust_key", path = "/api/pass-keys", tag = "passes", request_body = KeyShown,
    responses((status = 204), (status = 403, body = ErrorBody), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn trust_key(
    State(service): State<Service>,
    signed_in: SignedIn,
    body: Result<Json<KeyShown>, JsonRejection>,
) -> Result<StatusCode, Failure> {
    let Json(new) = body?;
    service
        .run(move |house| house.trust_key(&signed_in.actor, &new))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists the next key of our own.
#[utoipa::path(post, operation_id = "pass_rotate_key", path = "/api/pass-keys/rotate", tag = "passes",
    responses((status = 200, body = KeyShown), (status = 403, body = ErrorBody)))]
pub(crate) async fn rotate_key(
    State(service): State<Service>,
    signed_in: SignedIn,
) -> Result<Json<KeyShown>, Failure> {
    Ok(Json(
        service
            .run(move |house| house.rotate_pass_key(&signed_in.actor))
            .await?,
    ))
}

/// A key that is to be trusted no more.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Revoked {
    /// From when on nothing that it signed is valid; now unless named.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
    /// Why.
    reason: String,
}

/// Revokes a key.
#[utoipa::path(post, operation_id = "pass_revoke_key", path = "/api/pass-keys/{kid}/revoke", tag = "passes", params(("kid" = String, Path)),
    request_body = Revoked, responses((status = 204), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn revoke_key(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<String>, PathRejection>,
    body: Result<Json<Revoked>, JsonRejection>,
) -> Result<StatusCode, Failure> {
    let (Path(kid), Json(Revoked { at, reason })) = (path?, body?);
    service
        .run(move |house| house.revoke_key(&signed_in.actor, &kid, at, &reason))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Signers of health certificates that are or were trusted. Public.
#[utoipa::path(get, operation_id = "pass_signers", path = "/api/signers", tag = "passes",
    responses((status = 200, body = Vec<SignerShown>)))]
pub(crate) async fn signers(
    State(service): State<Service>,
) -> Result<Json<Vec<SignerShown>>, Failure> {
    Ok(Json(service.run(lianfang_service::House::signers).await?))
}

/// A signer's certificate.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Signer {
    /// X.509, in PEM or in base64 of DER.
    certificate: String,
    /// Whether it is to be trusted.
    trusted: bool,
}

/// The key of a signer.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct SignerTaken {
    kid: String,
}

/// Trusts a signer of health certificates, or no longer.
#[utoipa::path(post, operation_id = "pass_trust_signer", path = "/api/signers", tag = "passes", request_body = Signer,
    responses((status = 200, body = SignerTaken), (status = 403, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn trust_signer(
    State(service): State<Service>,
    signed_in: SignedIn,
    body: Result<Json<Signer>, JsonRejection>,
) -> Result<Json<SignerTaken>, Failure> {
    let Json(Signer {
        certificate,
        trusted,
    }) = body?;
    let kid = service
        .run(move |house| house.trust_signer(&signed_in.actor, certificate.as_bytes(), trusted))
        .await?;
    Ok(Json(SignerTaken { kid }))
}

/// Which passes.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichPasses {
    /// Within this area; the highest of the asker's where none is named.
    #[param(value_type = Option<String>)]
    area: Option<AreaCode>,
    /// Of this colour.
    colour: Option<Colour>,
    /// The `next` of the page before.
    after: Option<u64>,
    /// Rows, at most 200.
    limit: Option<usize>,
}

impl WhichPasses {
    fn chosen(self, text: Option<String>) -> ChosenPasses {
        ChosenPasses {
            area: self.area,
            colour: self.colour,
            text,
            after: self.after.unwrap_or(0),
            limit: self.limit.unwrap_or(ROWS),
        }
    }
}

/// Rows of a page, unless others are asked for.
const ROWS: usize = 100;

/// Passes of an area by colour, and who holds them.
#[utoipa::path(get, operation_id = "passes_list", path = "/api/passes", tag = "passes", params(WhichPasses),
    responses((status = 200, body = PassList), (status = 403, body = ErrorBody)))]
pub(crate) async fn list(
    State(service): State<Service>,
    signed_in: SignedIn,
    query: Result<Query<WhichPasses>, QueryRejection>,
) -> Result<Json<PassList>, Failure> {
    let chosen = query?.0.chosen(None);
    Ok(Json(
        service
            .run(move |house| house.passes(&signed_in.actor, &chosen))
            .await?,
    ))
}

/// Whose pass is sought: it stays out of addresses.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FindPasses {
    /// A document, a phone, or a whole name.
    q: String,
}

/// Passes of those who have this document, phone or whole name.
#[utoipa::path(post, operation_id = "passes_find", path = "/api/passes/find", tag = "passes", params(WhichPasses), request_body = FindPasses,
    responses((status = 200, body = PassList), (status = 403, body = ErrorBody)))]
pub(crate) async fn find(
    State(service): State<Service>,
    signed_in: SignedIn,
    query: Result<Query<WhichPasses>, QueryRejection>,
    body: Result<Json<FindPasses>, JsonRejection>,
) -> Result<Json<PassList>, Failure> {
    let (Query(which), Json(FindPasses { q })) = (query?, body?);
    let chosen = which.chosen(Some(q));
    Ok(Json(
        service
            .run(move |house| house.passes(&signed_in.actor, &chosen))
            .await?,
    ))
}

/// The area whose passes are asked for.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PassesWhere {
    /// The area; the highest of the asker's where none is named.
    #[param(value_type = Option<String>)]
    area: Option<AreaCode>,
}

/// The passes of an area in numbers: by colour, area by area, and what waits.
#[utoipa::path(get, operation_id = "passes_numbers", path = "/api/passes/numbers", tag = "passes", params(PassesWhere),
    responses((status = 200, body = PassNumbers), (status = 403, body = ErrorBody)))]
pub(crate) async fn numbers(
    State(service): State<Service>,
    signed_in: SignedIn,
    query: Result<Query<PassesWhere>, QueryRejection>,
) -> Result<Json<PassNumbers>, Failure> {
    let Query(within) = query?;
    Ok(Json(
        service
            .run(move |house| house.pass_numbers(&signed_in.actor, within.area))
            .await?,
    ))
}

/// A code that staff hold in their hands.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodeSeen {
    code: String,
}

/// Whom a code is about that somebody shows with their document, to compare the two before it is confirmed.
#[utoipa::path(post, operation_id = "passes_code", path = "/api/passes/code", tag = "passes", request_body = CodeSeen,
    responses((status = 200, body = PassCodeAbout), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn code(
    State(service): State<Service>,
    signed_in: SignedIn,
    body: Result<Json<CodeSeen>, JsonRejection>,
) -> Result<Json<PassCodeAbout>, Failure> {
    let Json(CodeSeen { code }) = body?;
    Ok(Json(
        service
            .run(move |house| house.pass_code_about(&signed_in.actor, &code))
            .await?,
    ))
}

/// A pass on paper, for a holder without a phone: issued now, which is recorded.
#[utoipa::path(post, operation_id = "passes_print", path = "/api/passes/{person}/print", tag = "passes", params(("person" = String, Path)),
    responses((status = 200, body = PassPrinted), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(crate) async fn print(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<PersonId>, PathRejection>,
) -> Result<Json<PassPrinted>, Failure> {
    let Path(person) = path?;
    Ok(Json(
        service
            .run(move |house| house.print_pass(&signed_in.actor, person))
            .await?,
    ))
}

/// Codes that wait for somebody to see who it is.
#[utoipa::path(get, operation_id = "passes_waiting", path = "/api/passes/waiting", tag = "passes", params(PassesWhere),
    responses((status = 200, body = Vec<PassWaiting>), (status = 403, body = ErrorBody)))]
pub(crate) async fn waiting(
    State(service): State<Service>,
    signed_in: SignedIn,
    query: Result<Query<PassesWhere>, QueryRejection>,
) -> Result<Json<Vec<PassWaiting>>, Failure> {
    let Query(which) = query?;
    Ok(Json(
        service
            .run(move |house| house.passes_waiting(&signed_in.actor, which.area))
            .await?,
    ))
}

/// A pass for somebody who stands before the staff with a document.
#[utoipa::path(post, operation_id = "passes_register", path = "/api/passes", tag = "passes", request_body = NewPass,
    responses((status = 200, body = PassAsked), (status = 403, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn register(
    State(service): State<Service>,
    signed_in: SignedIn,
    body: Result<Json<NewPass>, JsonRejection>,
) -> Result<Json<PassAsked>, Failure> {
    let Json(new) = body?;
    Ok(Json(
        service
            .run(move |house| house.register_pass(&signed_in.actor, &new))
            .await?,
    ))
}

/// The document of whoever shows this code was seen: it opens their pass from now on.
#[utoipa::path(post, operation_id = "passes_confirm", path = "/api/passes/confirm", tag = "passes", request_body = PassCodeShown,
    responses((status = 200, body = PassAsked), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(crate) async fn confirm(
    State(service): State<Service>,
    signed_in: SignedIn,
    body: Result<Json<PassCodeShown>, JsonRejection>,
) -> Result<Json<PassAsked>, Failure> {
    let Json(PassCodeShown { code, .. }) = body?;
    Ok(Json(
        service
            .run(move |house| house.confirm_pass(&signed_in.actor, &code))
            .await?,
    ))
}

/// Staff end a code; its id alone will do.
#[utoipa::path(post, operation_id = "passes_end", path = "/api/passes/end", tag = "passes", request_body = PassCodeShown,
    responses((status = 204), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn end_for(
    State(service): State<Service>,
    signed_in: SignedIn,
    body: Result<Json<PassCodeShown>, JsonRejection>,
) -> Result<StatusCode, Failure> {
    let Json(PassCodeShown { code, .. }) = body?;
    service
        .run(move |house| house.end_pass_code(Some(&signed_in.actor), &code))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whom to look up: a number stays out of addresses.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LookUp {
    document: String,
}

/// The pass of somebody who has none with them, by their document. The look is recorded.
#[utoipa::path(post, operation_id = "passes_look_up", path = "/api/passes/look-up", tag = "passes", request_body = LookUp,
    responses((status = 200, body = PassSeen), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn look_up(
    State(service): State<Service>,
    signed_in: SignedIn,
    body: Result<Json<LookUp>, JsonRejection>,
) -> Result<Json<PassSeen>, Failure> {
    let Json(LookUp { document }) = body?;
    Ok(Json(
        service
            .run(move |house| house.look_up_pass(&signed_in.actor, &document))
            .await?,
    ))
}

/// A holder's pass, explained.
#[utoipa::path(get, operation_id = "passes_explain", path = "/api/passes/{person}", tag = "passes", params(("person" = String, Path)),
    responses((status = 200, body = PassWhole), (status = 404, body = ErrorBody)))]
pub(crate) async fn explain(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<PersonId>, PathRejection>,
) -> Result<Json<PassWhole>, Failure> {
    let Path(person) = path?;
    Ok(Json(
        service
            .run(move |house| house.explain_pass(&signed_in.actor, person))
            .await?,
    ))
}

/// Staff write down how a holder feels.
#[utoipa::path(post, operation_id = "passes_report", path = "/api/passes/{person}/report", tag = "passes", params(("person" = String, Path)),
    request_body = NewHealthReport,
    responses((status = 204), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn report_for(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<PersonId>, PathRejection>,
    body: Result<Json<NewHealthReport>, JsonRejection>,
) -> Result<StatusCode, Failure> {
    let (Path(person), Json(new)) = (path?, body?);
    service
        .run(move |house| house.report_health_for(&signed_in.actor, person, &new))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who scans: by a token that is kept at hand, or signed in like anybody.
pub(crate) struct Scanner(Arc<Actor>);

impl FromRequestParts<Service> for Scanner {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, Failure> {
        if let Some(token) = bearer(&parts.headers) {
            return Ok(Self(service.scanner(&token).await?));
        }
        let signed_in = SignedIn::from_request_parts(parts, service).await?;
        Ok(Self(Arc::new(signed_in.actor)))
    }
}

/// A pass shown at a place: answered with its holder's colour, and in the visit log when it is answered. Under overload refused
/// at once (503): verify without a line, and send it later.
#[utoipa::path(post, operation_id = "scan", path = "/api/scans", tag = "passes", request_body = Scan,
    responses((status = 200, body = ScanAnswer), (status = 403, body = ErrorBody), (status = 503, body = Overload)))]
pub(crate) async fn scan(
    State(service): State<Service>,
    InHand(_answered): InHand,
    Scanner(actor): Scanner,
    body: Result<Json<Scan>, JsonRejection>,
) -> Result<Response, Failure> {
    let Json(scan) = body?;
    let house = service.house();
    let (written, done) = tokio::sync::oneshot::channel();
    let answer = house.begin_scan(&actor, &scan, move |fine| {
        let _ = written.send(fine);
    })?;
    if !answer.taken {
        return Ok(Json(answer).into_response());
    }
    if house.claim_scans() {
        let house = Arc::clone(house);
        tokio::task::spawn_blocking(move || house.write_scans());
    }
    match done.await {
        Ok(true) => Ok(Json(answer).into_response()),
        _ => Err(Failure::internal()),
    }
}

/// A scan that is let in before any of it is read, and counts until it is answered.
pub(crate) struct InHand(ScanInHand);

impl FromRequestParts<Service> for InHand {
    type Rejection = Response;

    async fn from_request_parts(_: &mut Parts, service: &Service) -> Result<Self, Response> {
        service
            .house()
            .let_scan_in()
            .map(Self)
            .ok_or_else(overloaded)
    }
}

/// What a gate is told while too much waits.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Overload {
    /// How much waits.
    load: ScanLoad,
}

fn overloaded() -> Response {
    (
        StatusCode::SERVICE_UNAVAILABLE,
        [(axum::http::header::RETRY_AFTER, "1")],
        Json(Overload {
            load: ScanLoad::Full,
        }),
    )
        .into_response()
}

/// Scans, at most 10,000.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scans {
    scans: Vec<Scan>,
}

/// Many scans, as a gate sends them that had no line: each judged for itself, in the visit log when answered.
#[utoipa::path(post, operation_id = "scan_batch", path = "/api/scans/batch", tag = "passes", request_body = Scans,
    responses((status = 200, body = ScansAnswer), (status = 403, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn scan_batch(
    State(service): State<Service>,
    Scanner(actor): Scanner,
    body: Result<Json<Scans>, JsonRejection>,
) -> Result<Json<ScansAnswer>, Failure> {
    let Json(Scans { scans }) = body?;
    Ok(Json(
        service
            .run(move |house| house.scan_batch(&actor, &scans))
            .await?,
    ))
}

/// How much waits to be written. Public, so that gates know when to go on without a line.
#[utoipa::path(get, operation_id = "scan_load", path = "/api/scans/load", tag = "passes",
    responses((status = 200, body = Overload)))]
pub(crate) async fn load(State(service): State<Service>) -> Json<Overload> {
    Json(Overload {
        load: service.house().scan_load(),
    })
}
