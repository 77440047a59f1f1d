//! Imports.

use axum::Json;
use axum::extract::multipart::MultipartRejection;
use axum::extract::rejection::PathRejection;
use axum::extract::{Multipart, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use lianfang_core::areas::AreaCode;
use lianfang_core::ids::ImportId;
use lianfang_core::text::{Language, Text};
use lianfang_intake::{Kind, Preset, Source};
use lianfang_service::Refusal;
use lianfang_service::imports::{Import, ImportRequest};
use serde::{Deserialize, Serialize};

use crate::briefs::{CSV, download};
use crate::error::{ErrorBody, Failure, too_large};
use crate::session::SignedIn;
use crate::state::Service;

/// Bytes of a file that the browser may send; larger ones go through the command line.
pub(crate) const UPLOAD: usize = 64 * 1024 * 1024;

/// A preset with the kind of file that it reads.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct PresetShown {
    id: String,
    name: Text,
    kind: Kind,
}

/// Presets.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Presets {
    presets: Vec<PresetShown>,
}

/// The presets that come with the program.
#[utoipa::path(get, operation_id = "imports_presets", path = "/api/imports/presets", tag = "imports", responses((status = 200, body = Presets)))]
pub(crate) async fn presets(_signed_in: SignedIn) -> Json<Presets> {
    let presets = Preset::names()
        .filter_map(|name| Preset::built_in(name).ok())
        .map(|preset| PresetShown {
            id: preset.name().to_owned(),
            name: preset.title().clone(),
            kind: preset.kind(),
        })
        .collect();
    Json(Presets { presets })
}

/// A file with what it is.
#[derive(Deserialize, utoipa::ToSchema)]
#[expect(
    dead_code,
    reason = "describes the multipart form in the OpenAPI document"
)]
pub(crate) struct Upload {
    /// The file, CSV or XLSX.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// What it holds.
    kind: Kind,
    /// The preset that reads a line list, arrivals or households.
    preset: Option<String>,
    /// The area of rows that name none.
    area: Option<String>,
    /// Only say what would happen.
    dry_run: Option<bool>,
    /// The language of the reasons in the file of refused rows, `zh` or `en`; `zh` unless given.
    lang: Option<String>,
}

/// A form read field by field.
#[derive(Default)]
struct Form {
    file: Option<(String, Vec<u8>)>,
    kind: Option<Kind>,
    preset: Option<String>,
    area: Option<AreaCode>,
    dry_run: bool,
    lang: Option<Language>,
}

async fn read_form(mut multipart: Multipart) -> Result<Form, Failure> {
    let broken = |error: axum::extract::multipart::MultipartError| {
        if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
            too_large()
        } else {
            Failure::malformed("body", "the upload broke off or is no form")
        }
    };
    let mut form = Form::default();
    while let Some(field) = multipart.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == "file" {
            let file = field.file_name().unwrap_or("upload").to_owned();
            form.file = Some((file, field.bytes().await.map_err(broken)?.to_vec()));
            continue;
        }
        let text = field.text().await.map_err(broken)?;
        let given = Some(text.as_str()).filter(|text| !text.is_empty());
        match name.as_str() {
            "kind" => {
                let kind = serde_json::from_value(serde_json::Value::String(text));
                form.kind = Some(kind.map_err(|_| {
                    Failure::malformed(
                        "kind",
                        "takes city_totals, linelist, areas, arrivals, households, contacts, relationships, followups, labresults or visits",
                    )
                })?);
            }
            "preset" => form.preset = given.map(str::to_owned),
            "area" => {
                let code = given.map(str::parse).transpose();
                form.area = code.map_err(|_| Failure::malformed("area", "takes an area code"))?;
            }
            "dry_run" => form.dry_run = text == "true",
            "lang" => {
                form.lang = match given {
                    None => None,
                    Some("zh") => Some(Language::Zh),
                    Some("en") => Some(Language::En),
                    Some(_) => return Err(Failure::malformed("lang", "takes zh or en")),
                };
            }
            _ => return Err(Failure::malformed("body", "an unknown field in the form")),
        }
    }
    Ok(form)
}

/// Imports a file, or with `dry_run` says what importing it would do.
#[utoipa::path(post, operation_id = "imports_import", path = "/api/imports", tag = "imports",
    request_body(content = Upload, content_type = "multipart/form-data"),
    responses((status = 200, body = Import), (status = 413, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn import(
    State(service): State<Service>,
    signed_in: SignedIn,
    multipart: Result<Multipart, MultipartRejection>,
) -> Result<Json<Import>, Failure> {
    let multipart = multipart.map_err(|_| Failure::malformed("body", "takes a multipart form"))?;
    let form = read_form(multipart).await?;
    let (Some((name, bytes)), Some(kind)) = (form.file, form.kind) else {
        return Err(Failure::malformed(
            "file",
            "the form needs `file` and `kind`",
        ));
    };
    let request = ImportRequest {
        kind,
        preset: form.preset,
        area: form.area,
        dry_run: form.dry_run,
        digest: blake3::hash(&bytes).to_hex().to_string(),
        language: form.lang.unwrap_or(Language::Zh),
    };
    let imported = service
        .run(move |house| {
            house.import(
                &signed_in.actor,
                Source::bytes(&name, bytes),
                &request,
                &mut |_| {},
            )
        })
        .await?;
    Ok(Json(imported.import))
}

/// Imports, newest first.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Imports {
    rows: Vec<Import>,
}

/// The imports made for the asker's areas.
#[utoipa::path(get, operation_id = "imports_list", path = "/api/imports", tag = "imports", responses((status = 200, body = Imports)))]
pub(crate) async fn list(
    State(service): State<Service>,
    signed_in: SignedIn,
) -> Result<Json<Imports>, Failure> {
    let rows = service
        .run(move |house| house.imports(&signed_in.actor))
        .await?;
    Ok(Json(Imports { rows }))
}

/// One import's report.
#[utoipa::path(get, operation_id = "imports_one", path = "/api/imports/{import}", tag = "imports", params(("import" = String, Path)),
    responses((status = 200, body = Import), (status = 404, body = ErrorBody)))]
pub(crate) async fn one(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<ImportId>, PathRejection>,
) -> Result<Json<Import>, Failure> {
    let Path(id) = path?;
    Ok(Json(
        service
            .run(move |house| house.import_of(&signed_in.actor, id))
            .await?
            .import,
    ))
}

/// The rows that an import refused, to mend and feed again.
#[utoipa::path(get, operation_id = "imports_refused", path = "/api/imports/{import}/refused.csv", tag = "imports", params(("import" = String, Path)),
    responses((status = 200, content_type = "text/csv", body = String), (status = 404, body = ErrorBody)))]
pub(crate) async fn refused(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<ImportId>, PathRejection>,
) -> Result<Response, Failure> {
    let Path(id) = path?;
    let imported = service
        .run(move |house| house.import_of(&signed_in.actor, id))
        .await?;
    if imported.refused.is_empty() {
        return Err(Refusal::NotFound("refused rows").into());
    }
    Ok(download(
        &format!("refused-{id}.csv"),
        CSV,
        imported.refused,
    ))
}
