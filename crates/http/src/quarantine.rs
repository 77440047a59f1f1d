//! Quarantine: orders, sites, numbers, certificates, and the page of whoever is under watch.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::ids::{OrderId, SiteId};
use lianfang_core::quarantine::Watch;
use lianfang_service::field::{EntryAnswer, FieldEntry};
use lianfang_service::quarantine::{
    CertificateIssued, CertificateShown, ChosenOrders, DueWanted, Me, OrderPage, OrderState,
    OrderWhole, QuarantineNumbers, SiteWhole, SitesShown,
};
use serde::Deserialize;

use crate::error::{ErrorBody, Failure};
use crate::session::SignedIn;
use crate::state::Service;

const PAGE: usize = 50;

/// Which orders.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichOrders {
    /// Within this area.
    #[param(value_type = Option<String>)]
    area: Option<AreaCode>,
    /// Of this kind.
    watch: Option<Watch>,
    /// In force, ended, or all.
    #[serde(default)]
    #[param(inline)]
    state: OrderState,
    /// With this due; only orders in force.
    due: Option<DueWanted>,
    /// The `next` of the page before.
    cursor: Option<u64>,
    /// Rows, at most 200.
    limit: Option<usize>,
}

impl WhichOrders {
    fn chosen(self, text: Option<String>) -> ChosenOrders {
        ChosenOrders {
            area: self.area,
            watch: self.watch,
            state: self.state,
            due: self.due,
            text,
            cursor: self.cursor,
            limit: self.limit.unwrap_or(PAGE),
        }
    }
}

/// Orders, the newest first.
#[utoipa::path(get, operation_id = "quarantine_orders", path = "/api/quarantine/orders", tag = "quarantine", params(WhichOrders),
    responses((status = 200, body = OrderPage), (status = 403, body = ErrorBody)))]
pub(crate) async fn orders(
    State(service): State<Service>,
    signed_in: SignedIn,
    query: Result<Query<WhichOrders>, QueryRejection>,
) -> Result<Json<OrderPage>, Failure> {
    let Query(which) = query?;
    let chosen = which.chosen(None);
    Ok(Json(
        service
            .run(move |house| house.orders(&signed_in.actor, &chosen))
            .await?,
    ))
}

/// Whom to find: the words stay out of addresses, for they are somebody's name or number.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FindOrders {
    /// A document, a phone, or a whole name.
    q: String,
}

/// Orders of a person, found by document, phone or whole name.
#[utoipa::path(post, operation_id = "quarantine_find", path = "/api/quarantine/orders/find", tag = "quarantine", params(WhichOrders),
    request_body = FindOrders, responses((status = 200, body = OrderPage), (status = 403, body = ErrorBody)))]
pub(crate) async fn find(
    State(service): State<Service>,
    signed_in: SignedIn,
    query: Result<Query<WhichOrders>, QueryRejection>,
    body: Result<Json<FindOrders>, JsonRejection>,
) -> Result<Json<OrderPage>, Failure> {
    let (Query(which), Json(FindOrders { q })) = (query?, body?);
    let chosen = which.chosen(Some(q));
    Ok(Json(
        service
            .run(move |house| house.orders(&signed_in.actor, &chosen))
            .await?,
    ))
}

/// The whole story of an order: rule and version, checks, samples, changes, beds, matters.
#[utoipa::path(get, operation_id = "quarantine_order", path = "/api/quarantine/orders/{order}", tag = "quarantine",
    params(("order" = String, Path)),
    responses((status = 200, body = OrderWhole), (status = 404, body = ErrorBody)))]
pub(crate) async fn order(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<OrderId>, PathRejection>,
) -> Result<Json<OrderWhole>, Failure> {
    let Path(order) = path?;
    Ok(Json(
        service
            .run(move |house| house.order(&signed_in.actor, order))
            .await?,
    ))
}

/// The signed certificate of release of an order.
#[utoipa::path(get, operation_id = "quarantine_certificate", path = "/api/quarantine/orders/{order}/certificate", tag = "quarantine",
    params(("order" = String, Path)),
    responses((status = 200, body = CertificateIssued), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(crate) async fn certificate(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<OrderId>, PathRejection>,
) -> Result<Json<CertificateIssued>, Failure> {
    let Path(order) = path?;
    Ok(Json(
        service
            .run(move |house| house.certificate(&signed_in.actor, order))
            .await?,
    ))
}

/// Within which area; the highest of the asker's where none is named.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct InArea {
    #[param(value_type = Option<String>)]
    area: Option<AreaCode>,
    /// A day; today where none is named.
    #[param(value_type = Option<String>)]
    day: Option<Date>,
}

/// Sites: beds, occupied, free, and foreseen for the coming days by the releases that are known and
/// those on their way; for the whole area with the arrivals foreseen.
#[utoipa::path(get, operation_id = "quarantine_sites", path = "/api/quarantine/sites", tag = "quarantine", params(InArea),
    responses((status = 200, body = SitesShown), (status = 403, body = ErrorBody)))]
pub(crate) async fn sites(
    State(service): State<Service>,
    signed_in: SignedIn,
    query: Result<Query<InArea>, QueryRejection>,
) -> Result<Json<SitesShown>, Failure> {
    let Query(within) = query?;
    Ok(Json(
        service
            .run(move |house| house.sites(&signed_in.actor, within.area))
            .await?,
    ))
}

/// A site: its rooms and beds, and who is in them.
#[utoipa::path(get, operation_id = "quarantine_site", path = "/api/quarantine/sites/{site}", tag = "quarantine",
    params(("site" = String, Path)),
    responses((status = 200, body = SiteWhole), (status = 404, body = ErrorBody)))]
pub(crate) async fn site(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<SiteId>, PathRejection>,
) -> Result<Json<SiteWhole>, Failure> {
    let Path(site) = path?;
    Ok(Json(
        service
            .run(move |house| house.site(&signed_in.actor, site))
            .await?,
    ))
}

/// The numbers of a day: under watch by kind, checks, samples and releases due and done, absences.
#[utoipa::path(get, operation_id = "quarantine_numbers", path = "/api/quarantine/numbers", tag = "quarantine", params(InArea),
    responses((status = 200,
        body = QuarantineNumbers),
        (status = 403, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn numbers(
    State(service): State<Service>,
    signed_in: SignedIn,
    query: Result<Query<InArea>, QueryRejection>,
) -> Result<Json<QuarantineNumbers>, Failure> {
    let Query(within) = query?;
    Ok(Json(
        service
            .run(move |house| house.quarantine_numbers(&signed_in.actor, within.area, within.day))
            .await?,
    ))
}

/// A code: of a certificate, or somebody's own.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodeShown {
    code: String,
}

/// Verifies a certificate of release; nobody need sign in.
#[utoipa::path(post, operation_id = "certificates_verify", path = "/api/certificates/verify", tag = "quarantine",
    request_body = CodeShown,
    responses((status = 200, body = CertificateShown), (status = 429, body = ErrorBody)))]
pub(crate) async fn verify(
    State(service): State<Service>,
    body: Result<Json<CodeShown>, JsonRejection>,
) -> Result<Json<CertificateShown>, Failure> {
    let Json(CodeShown { code }) = body?;
    service.admit_code(&code)?;
    Ok(Json(
        service
            .run(move |house| house.verify_certificate(&code))
            .await?,
    ))
}

/// The part of a personal code that names its holder; the rest is what would have to be guessed.
fn holder_of(code: &str) -> &str {
    code.split('.').next().unwrap_or(code)
}

/// How somebody under watch stands, by their own code; nobody need sign in.
#[utoipa::path(post, operation_id = "me_standing", path = "/api/me", tag = "quarantine", request_body = CodeShown,
    responses((status = 200, body = Me), (status = 404, body = ErrorBody), (status = 429, body = ErrorBody)))]
pub(crate) async fn me(
    State(service): State<Service>,
    body: Result<Json<CodeShown>, JsonRejection>,
) -> Result<Json<Me>, Failure> {
    let Json(CodeShown { code }) = body?;
    service.admit_code(holder_of(&code))?;
    Ok(Json(service.run(move |house| house.me(&code)).await?))
}

/// What somebody under watch writes down.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnEntry {
    /// Their own code.
    code: String,
    /// A check by themselves, or a need.
    entry: FieldEntry,
}

/// Takes a check or a need that somebody under watch writes down themselves.
#[utoipa::path(post, operation_id = "me_entry", path = "/api/me/entry", tag = "quarantine", request_body = OwnEntry,
    responses((status = 200, body = EntryAnswer), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
pub(crate) async fn me_entry(
    State(service): State<Service>,
    body: Result<Json<OwnEntry>, JsonRejection>,
) -> Result<Json<EntryAnswer>, Failure> {
    let Json(OwnEntry { code, entry }) = body?;
    service.admit_code(holder_of(&code))?;
    Ok(Json(
        service
            .run(move |house| house.me_entry(&code, &entry))
            .await?,
    ))
}
