//! The pages, embedded in the binary.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

use crate::error::Failure;
use crate::state::Service;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../web/dist"]
#[allow_missing = true]
struct Dist;

/// Files whose name carries a hash of their content never change.
const FOREVER: &str = "public, max-age=31536000, immutable";
const NOT_BUILT: &str =
    "The pages are not in this binary: run `npm ci && npm run build` in web/, then build again.";

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("json" | "webmanifest") => "application/json",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// The field and citizen pages: each is a document of its own, and small. A service worker
/// (`field-worker.js`) keeps them on the phone. It is fetched anew each time, as all that has no hash in
/// its name, so that a phone learns of a newer version as soon as it has a network.
const FIELD: [&str; 6] = ["gate", "round", "declare", "me", "verify", "pass"];

/// The file for a path; none where the command centre's own page routes it.
fn file_of(path: &str) -> String {
    match FIELD
        .iter()
        .find(|page| **page == path.trim_end_matches('/'))
    {
        Some(page) => format!("{page}.html"),
        None => path.to_owned(),
    }
}

/// What stands above every page of a drill, so that nobody takes it for the city.
const DRILL: &str = "<body>\
<aside aria-label=\"演练 Drill\" data-drill style=\"padding:4px 12px;background:#6b2fa0;color:#fff;\
font:600 14px/1.4 system-ui,sans-serif;text-align:center\">\
<span lang=\"zh-Hans\" style=\"display:inline-block;margin:0 8px\">演练：人员、疫情、时钟均为虚构</span>\
<span lang=\"en\" style=\"display:inline-block;margin:0 8px\">Drill: people, outbreak and clock are made up</span></aside>";

/// A document as a drill shows it.
fn as_drill(document: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(document)
        .replacen("<body>", DRILL, 1)
        .into_bytes()
}

/// A file of the pages, or the page itself for any path that the page routes.
pub(crate) async fn page(State(service): State<Service>, uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path.starts_with("api/") {
        return Failure::not_found().into_response();
    }
    let path = file_of(path);
    let (path, file) = match Dist::get(&path) {
        Some(file) => (path.as_str(), file),
        None if FIELD.iter().any(|page| path == format!("{page}.html")) => {
            return (StatusCode::SERVICE_UNAVAILABLE, NOT_BUILT).into_response();
        }
        None if path.contains('.') => return Failure::not_found().into_response(),
        None => match Dist::get("index.html") {
            Some(file) => ("index.html", file),
            None => return (StatusCode::SERVICE_UNAVAILABLE, NOT_BUILT).into_response(),
        },
    };
    let is_document = content_type(path).starts_with("text/html");
    let mut response = if is_document && service.options().drill.is_some() {
        as_drill(&file.data).into_response()
    } else {
        file.data.into_owned().into_response()
    };
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(content_type(path)),
    );
    if path.starts_with("assets/") {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(FOREVER));
    }
    response
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn a_drills_pages_say_so_once() {
        let shown = as_drill(b"<html><body><div id=\"app\"></div></body></html>");
        let shown = String::from_utf8(shown).unwrap();
        assert_eq!(shown.matches("data-drill").count(), 1);
        assert!(shown.contains("<body><aside") && shown.contains("</aside><div id=\"app\">"));
    }

    #[test]
    fn field_pages_are_documents_of_their_own() {
        assert_eq!(file_of("gate"), "gate.html");
        assert_eq!(file_of("me/"), "me.html");
        assert_eq!(file_of("pass"), "pass.html");
        for other in [
            "",
            "gates",
            "passes",
            "morning",
            "assets/gate-1.js",
            "field-worker.js",
        ] {
            assert_eq!(file_of(other), other);
        }
    }
}
