//! The HTTP door: routes, sessions, the OpenAPI document and the embedded pages.
//!
//! A handler knows who is asking, calls one verb of `service`, and answers. `docs/ARCHITECTURE.md`
//! says what the paths mean; the OpenAPI document at `/api/openapi.json` says it to programs.

mod access;
mod areas;
mod audit;
mod briefs;
mod case_views;
mod cases;
mod chains;
mod contacts;
mod demo;
mod drill;
mod entry;
mod error;
mod field;
mod foresight;
mod households;
mod imports;
mod links;
mod matters;
mod pages;
mod passes;
mod people;
mod policy;
mod quarantine;
mod reports;
mod round;
mod session;
mod state;
mod visits;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use demo::DemoLogin;
pub use drill::DrillClock;
pub use state::{Options, Service};

/// Bytes that a request's body may have, other than a file's.
const BODY: usize = 256 * 1024;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Lianfang",
        description = "Sign in at /api/session, or send an API token as `Authorization: Bearer …`. \
                       Writes under a session carry the session's token in `x-csrf-token`."
    ),
    // Those that only query parameters name are not found by themselves.
    components(schemas(
        error::ErrorBody,
        lianfang_core::text::Language,
        lianfang_service::matters::MatterView
    ))
)]
struct Document;

fn api() -> OpenApiRouter<Service> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(session::sign_in, session::me, session::sign_out))
        .routes(routes!(session::change_password))
        .routes(routes!(demo::demo))
        .routes(routes!(drill::drill))
        .routes(routes!(drill::forward))
        .routes(routes!(areas::find))
        .routes(routes!(areas::area))
        .routes(routes!(briefs::brief))
        .routes(routes!(briefs::brief_text))
        .routes(routes!(briefs::brief_xlsx))
        .routes(routes!(cases::list, cases::report))
        .routes(routes!(cases::find))
        .routes(routes!(cases::csv))
        .routes(routes!(cases::xlsx))
        .routes(routes!(cases::one, cases::delete))
        .routes(routes!(cases::revise))
        .routes(routes!(cases::change))
        .routes(routes!(cases::undo))
        .routes(routes!(cases::stay))
        .routes(routes!(cases::sample))
        .routes(routes!(cases::result))
        .routes(routes!(cases::investigation))
        .routes(routes!(cases::merge))
        .routes(routes!(cases::part))
        .routes(routes!(cases::tell_apart))
        .routes(routes!(contacts::tracing_numbers))
        .routes(routes!(contacts::proposed))
        .routes(routes!(contacts::list))
        .routes(routes!(contacts::find))
        .routes(routes!(contacts::due))
        .routes(routes!(contacts::one))
        .routes(routes!(contacts::step))
        .routes(routes!(contacts::follow_up))
        .routes(routes!(links::of_case, links::state))
        .routes(routes!(links::withdraw))
        .routes(routes!(chains::of_area))
        .routes(routes!(chains::infectors, chains::adopt))
        .routes(routes!(chains::surveillance))
        .routes(routes!(foresight::forecasts))
        .routes(routes!(foresight::record))
        .routes(routes!(foresight::choices, foresight::ask))
        .routes(routes!(foresight::job, foresight::stop))
        .routes(routes!(people::look))
        .routes(routes!(reports::file))
        .routes(routes!(case_views::list, case_views::save))
        .routes(routes!(case_views::remove))
        .routes(routes!(matters::list, matters::open))
        .routes(routes!(matters::kinds))
        .routes(routes!(matters::one))
        .routes(routes!(matters::act))
        .routes(routes!(policy::in_force))
        .routes(routes!(policy::tables))
        .routes(routes!(policy::versions, policy::propose))
        .routes(routes!(policy::version))
        .routes(routes!(policy::preview))
        .routes(routes!(policy::approve))
        .routes(routes!(policy::decline))
        .routes(routes!(policy::check))
        .routes(routes!(policy::explain))
        .routes(routes!(people::pass))
        .routes(routes!(field::declare))
        .routes(routes!(entry::gates))
        .routes(routes!(entry::kit))
        .routes(routes!(entry::queue))
        .routes(routes!(entry::entrants))
        .routes(routes!(entry::find))
        .routes(routes!(entry::entrant))
        .routes(routes!(entry::alike))
        .routes(routes!(entry::handovers))
        .routes(routes!(entry::handover))
        .routes(routes!(entry::numbers))
        .routes(routes!(entry::foreseen))
        .routes(routes!(quarantine::orders))
        .routes(routes!(quarantine::find))
        .routes(routes!(quarantine::order))
        .routes(routes!(quarantine::certificate))
        .routes(routes!(quarantine::sites))
        .routes(routes!(quarantine::site))
        .routes(routes!(quarantine::numbers))
        .routes(routes!(quarantine::verify))
        .routes(routes!(quarantine::me))
        .routes(routes!(quarantine::me_entry))
        .routes(routes!(passes::ask))
        .routes(routes!(passes::mine))
        .routes(routes!(passes::report))
        .routes(routes!(passes::appeal))
        .routes(routes!(passes::certificate))
        .routes(routes!(passes::end))
        .routes(routes!(passes::keys, passes::trust_key))
        .routes(routes!(passes::rotate_key))
        .routes(routes!(passes::revoke_key))
        .routes(routes!(passes::signers, passes::trust_signer))
        .routes(routes!(passes::list))
        .routes(routes!(passes::find))
        .routes(routes!(passes::numbers))
        .routes(routes!(passes::code))
        .routes(routes!(passes::print))
        .routes(routes!(passes::waiting))
        .routes(routes!(passes::register))
        .routes(routes!(passes::confirm))
        .routes(routes!(passes::end_for))
        .routes(routes!(passes::look_up))
        .routes(routes!(passes::explain))
        .routes(routes!(passes::report_for))
        .routes(routes!(passes::scan))
        .routes(routes!(passes::load))
        .routes(routes!(households::list))
        .routes(routes!(households::find))
        .routes(routes!(households::coverage))
        .routes(routes!(households::one))
        .routes(routes!(round::today))
        .routes(routes!(imports::presets))
        .routes(routes!(imports::one))
        .routes(routes!(imports::refused))
        .routes(routes!(access::list, access::open))
        .routes(routes!(access::grant, access::withdraw))
        .routes(routes!(access::close))
        .routes(routes!(access::reset_password))
        .routes(routes!(access::tokens, access::issue_token))
        .routes(routes!(access::revoke_token))
        .routes(routes!(visits::places, visits::define))
        .routes(routes!(visits::place))
        .routes(routes!(visits::trace))
        .routes(routes!(audit::facts))
        .routes(routes!(audit::verify))
        .routes(routes!(audit::checkpoints, audit::make_checkpoint))
        .layer(DefaultBodyLimit::max(BODY))
        .merge(
            OpenApiRouter::new()
                .routes(routes!(imports::list, imports::import))
                .layer(DefaultBodyLimit::max(imports::UPLOAD)),
        )
        .merge(
            OpenApiRouter::new()
                .routes(routes!(field::take))
                .routes(routes!(contacts::name))
                .layer(DefaultBodyLimit::max(field::BATCH)),
        )
        .merge(
            OpenApiRouter::new()
                .routes(routes!(visits::check_in))
                .routes(routes!(passes::scan_batch))
                .layer(DefaultBodyLimit::max(visits::BATCH)),
        )
}

/// The OpenAPI document, as JSON.
pub fn openapi() -> String {
    let (_, document) = api().split_for_parts();
    document
        .to_pretty_json()
        .expect("the document is plain values")
}

/// What every answer says unless it says otherwise.
const HEADERS: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; \
         base-uri 'none'; form-action 'self'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::CACHE_CONTROL, "no-store"),
];

async fn with_headers(mut answer: Response) -> Response {
    for (name, value) in HEADERS {
        answer
            .headers_mut()
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    answer
}

/// The whole site over a running house.
pub fn router(service: Service) -> Router {
    let (api, document) = api().split_for_parts();
    let document = document.to_json().expect("the document is plain values");
    api.route(
        "/api/openapi.json",
        get(move || async move { ([(header::CONTENT_TYPE, "application/json")], document) }),
    )
    .route("/healthz", get(|| async { "ok" }))
    .fallback(pages::page)
    .layer(map_response(with_headers))
    .layer(CompressionLayer::new())
    .layer(CatchPanicLayer::custom(error::panicked))
    .with_state(service)
}
