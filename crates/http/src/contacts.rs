//! Contacts: named with a case, followed day by day, and how well they are found.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::contacts::{ContactClass, ContactStatus};
use lianfang_core::ids::{CaseId, ContactId};
use lianfang_service::contacts::{
    ContactAnswer, ContactPage, ContactQuery, ContactWhole, FollowUps, NewContact, NewFollowUp,
    NewStep, ProposedContacts, TracingNumbers,
};
use serde::Deserialize;

use crate::error::{ErrorBody, Failure};
use crate::session::SignedIn;
use crate::state::Service;

const PAGE: usize = 50;

/// Which contacts.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichContacts {
    /// Within this area.
    #[param(value_type = Option<String>)]
    area: Option<AreaCode>,
    class: Option<ContactClass>,
    status: Option<ContactStatus>,
    /// Of this case, and the reports taken into it.
    #[param(value_type = Option<String>)]
    case: Option<CaseId>,
    /// The `next` of the page before.
    cursor: Option<u64>,
    /// Rows, at most 200.
    limit: Option<usize>,
}

impl WhichContacts {
    fn query(self, text: Option<String>) -> ContactQuery {
        ContactQuery {
            area: self.area,
            class: self.class,
            status: self.status,
            case: self.case,
            text,
            cursor: self.cursor,
            limit: self.limit.unwrap_or(PAGE),
        }
    }
}

/// Contacts, those first named newest on top.
#[utoipa::path(get, operation_id = "contacts_list", path = "/api/contacts", tag = "contacts", params(WhichContacts),
    responses((status = 200, body = ContactPage), (status = 403, body = ErrorBody)))]
pub(crate) async fn list(
    State(service): State<Service>,
    signed_in: SignedIn,
    query: Result<Query<WhichContacts>, QueryRejection>,
) -> Result<Json<ContactPage>, Failure> {
    let Query(which) = query?;
    let query = which.query(None);
    Ok(Json(
        service
            .run(move |house| house.contacts(&signed_in.actor, &query))
            .await?,
    ))
}

/// Whom to find: the words stay out of addresses, for they are somebody's name or number.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FindContacts {
    /// A document, a phone, or a whole name.
    q: String,
}

/// Contacts of a person, found by document, phone or whole name.
#[utoipa::path(post, operation_id = "contacts_find", path = "/api/contacts/find", tag = "contacts", params(WhichContacts),
    request_body = FindContacts, responses((status = 200, body = ContactPage), (status = 403, body = ErrorBody)))]
pub(crate) async fn find(
    State(service): State<Service>,
    signed_in: SignedIn,
    query: Result<Query<WhichContacts>, QueryRejection>,
    body: Result<Json<FindContacts>, JsonRejection>,
) -> Result<Json<ContactPage>, Failure> {
    let (Query(which), Json(FindContacts { q })) = (query?, body?);
    let query = which.query(Some(q));
    Ok(Json(
        service
            .run(move |house| house.contacts(&signed_in.actor, &query))
            .await?,
    ))
}

/// Where and when contacts are to be followed.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichDue {
    /// Within this area.
    #[param(value_type = Option<String>)]
    area: Option<AreaCode>,
    /// This day; today where none is named.
    #[param(value_type = Option<String>)]
    day: Option<Date>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// Rows, at most 200.
    limit: Option<usize>,
}

/// The follow-up list: of today those who are to be followed and were not seen yet, the longest unseen first; of a past day all
/// who were to be followed then, with what came of it.
#[utoipa::path(get, operation_id = "contacts_due", path = "/api/contacts/due", tag = "contacts", params(WhichDue),
    responses((status = 200, body = FollowUps), (status = 403, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn due(
    State(service): State<Service>,
    signed_in: SignedIn,
    query: Result<Query<WhichDue>, QueryRejection>,
) -> Result<Json<FollowUps>, Failure> {
    let Query(which) = query?;
    Ok(Json(
        service
            .run(move |house| {
                house.follow_ups(
                    &signed_in.actor,
                    which.area,
                    which.day,
                    which.cursor.as_deref(),
                    which.limit.unwrap_or(PAGE),
                )
            })
            .await?,
    ))
}

/// A contact's whole story: meetings, steps with the time each took, follow-up.
#[utoipa::path(get, operation_id = "contacts_one", path = "/api/contacts/{contact}", tag = "contacts",
    params(("contact" = String, Path)),
    responses((status = 200, body = ContactWhole), (status = 404, body = ErrorBody)))]
pub(crate) async fn one(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<ContactId>, PathRejection>,
) -> Result<Json<ContactWhole>, Failure> {
    let Path(contact) = path?;
    Ok(Json(
        service
            .run(move |house| house.contact(&signed_in.actor, contact))
            .await?,
    ))
}

/// Writes down a step in the work with a contact.
#[utoipa::path(post, operation_id = "contacts_step", path = "/api/contacts/{contact}/steps", tag = "contacts",
    params(("contact" = String, Path)), request_body = NewStep,
    responses((status = 204), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn step(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<ContactId>, PathRejection>,
    body: Result<Json<NewStep>, JsonRejection>,
) -> Result<StatusCode, Failure> {
    let (Path(contact), Json(new)) = (path?, body?);
    service
        .run(move |house| house.step_contact(&signed_in.actor, contact, &new))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Writes down a day's follow-up of a contact.
#[utoipa::path(post, operation_id = "contacts_follow_up", path = "/api/contacts/{contact}/follow-ups", tag = "contacts",
    params(("contact" = String, Path)), request_body = NewFollowUp,
    responses((status = 204), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn follow_up(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<ContactId>, PathRejection>,
    body: Result<Json<NewFollowUp>, JsonRejection>,
) -> Result<StatusCode, Failure> {
    let (Path(contact), Json(new)) = (path?, body?);
    service
        .run(move |house| house.follow_contact(&signed_in.actor, contact, &new))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who is likely a contact of a case, by household, quarantine site and journey, each with the rule that says so.
#[utoipa::path(get, operation_id = "contacts_proposed", path = "/api/cases/{case}/proposed-contacts", tag = "contacts",
    params(("case" = String, Path)),
    responses((status = 200, body = ProposedContacts), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn proposed(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<CaseId>, PathRejection>,
) -> Result<Json<ProposedContacts>, Failure> {
    let Path(case) = path?;
    Ok(Json(
        service
            .run(move |house| house.proposed_contacts(&signed_in.actor, case))
            .await?,
    ))
}

/// Names contacts of a case, at most 500, each taken, repeated or refused for itself.
#[utoipa::path(post, operation_id = "contacts_name", path = "/api/cases/{case}/contacts", tag = "contacts",
    params(("case" = String, Path)), request_body = Vec<NewContact>,
    responses((status = 200, body = Vec<ContactAnswer>), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub(crate) async fn name(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<CaseId>, PathRejection>,
    body: Result<Json<Vec<NewContact>>, JsonRejection>,
) -> Result<Json<Vec<ContactAnswer>>, Failure> {
    let (Path(case), Json(contacts)) = (path?, body?);
    Ok(Json(
        service
            .run(move |house| house.name_contacts(&signed_in.actor, case, &contacts))
            .await?,
    ))
}

/// Where and over which days.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichDays {
    /// Within this area.
    #[param(value_type = Option<String>)]
    area: Option<AreaCode>,
    /// The first day.
    #[param(value_type = Option<String>)]
    from: Option<Date>,
    /// The last day; today where none is named.
    #[param(value_type = Option<String>)]
    to: Option<Date>,
}

/// How well contacts are found: told in time, and known before they fell ill.
#[utoipa::path(get, operation_id = "cases_tracing_numbers", path = "/api/cases/tracing-numbers", tag = "contacts", params(WhichDays),
    responses((status = 200, body = TracingNumbers), (status = 403, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn tracing_numbers(
    State(service): State<Service>,
    signed_in: SignedIn,
    query: Result<Query<WhichDays>, QueryRejection>,
) -> Result<Json<TracingNumbers>, Failure> {
    let Query(which) = query?;
    Ok(Json(
        service
            .run(move |house| {
                house.tracing_numbers(&signed_in.actor, which.area, which.from, which.to)
            })
            .await?,
    ))
}
