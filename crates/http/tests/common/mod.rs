//! The door of a testbed: requests in one line, answers as snapshots keep them.
#![allow(
    unreachable_pub,
    dead_code,
    reason = "shared between test files, each of which uses a part"
)]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "../../../service/tests/common/mod.rs"]
pub mod testbed;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use lianfang_core::access::Role;
use lianfang_http::{Options, Service};
use serde_json::{Value, json};
use tower::ServiceExt;

pub use testbed::*;

/// A site over a testbed.
pub struct Door {
    pub bed: Testbed,
    pub router: Router,
    runtime: tokio::runtime::Runtime,
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("{} {}", self.status, self.text()))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The error's word for programs.
    pub fn code(&self) -> String {
        let json = self.json();
        json["code"]
            .as_str()
            .unwrap_or_else(|| panic!("{json}"))
            .to_owned()
    }

    /// Status and body as a snapshot keeps them.
    pub fn shown(&self) -> Value {
        let body = if self.body.is_empty() {
            Value::Null
        } else {
            self.json()
        };
        json!({ "status": self.status.as_u16(), "body": tidy(body) })
    }
}

/// How a request says who asks.
#[derive(Clone, Copy)]
pub enum By<'a> {
    Nobody,
    Session(&'a User),
    SessionWithoutCsrf(&'a User),
    Token(&'a str),
}

impl Door {
    pub fn city() -> Self {
        Self::of(Testbed::city(), Options::default())
    }

    pub fn of(bed: Testbed, options: Options) -> Self {
        let router = lianfang_http::router(Service::new(Arc::clone(&bed.house), options));
        Self {
            bed,
            router,
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap(),
        }
    }

    pub fn user(&self, role: Role, code: &str) -> User {
        self.bed.user(role, code)
    }

    pub fn send(&self, request: Request<Body>) -> Answer {
        self.runtime.block_on(async {
            let response = self.router.clone().oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            Answer {
                status: parts.status,
                headers: parts.headers,
                body: body.collect().await.unwrap().to_bytes().to_vec(),
            }
        })
    }

    pub fn ask(
        &self,
        by: By<'_>,
        method: &Method,
        path: &str,
        content: &str,
        body: Vec<u8>,
    ) -> Answer {
        let mut request = Request::builder().method(method.clone()).uri(path);
        match by {
            By::Nobody => {}
            By::Session(user) | By::SessionWithoutCsrf(user) => {
                request = request.header(
                    header::COOKIE,
                    format!("a=b; lianfang_session={}", user.cookie),
                );
            }
            By::Token(token) => {
                request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
            }
        }
        if let By::Session(user) = by {
            request = request.header("x-csrf-token", &user.csrf);
        }
        if !content.is_empty() {
            request = request.header(header::CONTENT_TYPE, content);
        }
        self.send(request.body(Body::from(body)).unwrap())
    }

    pub fn get(&self, user: &User, path: &str) -> Answer {
        self.ask(By::Session(user), &Method::GET, path, "", Vec::new())
    }

    pub fn post(&self, user: &User, path: &str, body: &Value) -> Answer {
        self.json(By::Session(user), &Method::POST, path, body)
    }

    pub fn json(&self, by: By<'_>, method: &Method, path: &str, body: &Value) -> Answer {
        self.ask(
            by,
            method,
            path,
            "application/json",
            body.to_string().into_bytes(),
        )
    }

    /// The same user with the session that an answer begins.
    pub fn signed_in_again(&self, user: User, answer: &Answer) -> User {
        let cookie = answer
            .header("set-cookie")
            .split(['=', ';'])
            .nth(1)
            .unwrap();
        let mut user = User {
            cookie: cookie.to_owned(),
            ..user
        };
        let me = self.get(&user, "/api/session").json();
        user.csrf = me["csrf"].as_str().unwrap().to_owned();
        user
    }

    /// Sends a file with the fields of its form.
    pub fn upload(&self, by: By<'_>, fields: &[(&str, &str)], file: &[u8]) -> Answer {
        const LINE: &str = "----lianfang";
        let mut body = Vec::new();
        for (name, value) in fields {
            body.extend(
                format!(
                    "--{LINE}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
                )
                .into_bytes(),
            );
        }
        body.extend(
            format!("--{LINE}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"cases.csv\"\r\n\r\n").into_bytes(),
        );
        body.extend(file);
        body.extend(format!("\r\n--{LINE}--\r\n").into_bytes());
        let content = format!("multipart/form-data; boundary={LINE}");
        self.ask(by, &Method::POST, "/api/imports", &content, body)
    }

    /// Method and path of every route in the OpenAPI document.
    #[allow(clippy::unused_self, reason = "reads as the door's own")]
    pub fn routes(&self) -> Vec<(Method, String)> {
        let document: Value = serde_json::from_str(&lianfang_http::openapi()).unwrap();
        let mut routes = Vec::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for method in methods.as_object().unwrap().keys() {
                if let Ok(method) = method.to_uppercase().parse::<Method>() {
                    routes.push((method, path.clone()));
                }
            }
        }
        assert!(routes.len() > 30, "{routes:?}");
        routes
    }
}

/// Whether anybody may ask without being signed in.
pub fn is_open(method: &Method, path: &str) -> bool {
    // A citizen declares, asks for a pass, looks by a code, and anybody checks a certificate, signed in nowhere.
    const OPEN: [&str; 11] = [
        "/api/pass",
        "/api/pass/ask",
        "/api/pass/report",
        "/api/pass/appeal",
        "/api/pass/certificate",
        "/api/pass/end",
        "/api/session",
        "/api/declare",
        "/api/me",
        "/api/me/entry",
        "/api/certificates/verify",
    ];
    path == "/api/demo"
        || path == "/api/drill"
        || (*method == Method::POST && OPEN.contains(&path))
        // The rules in force are everybody's to read.
        || (*method == Method::GET && ["/api/policy", "/api/policy/tables"].contains(&path))
        // So are the keys that passes are verified against, and whether scans are taken.
        || (*method == Method::GET && ["/api/pass-keys", "/api/signers", "/api/scans/load"].contains(&path))
}

/// A path with something in each of its places.
pub fn filled(path: &str, places: &[(&str, String)]) -> String {
    // Ids of the field that no test makes: they are not there.
    const FIELD: [&str; 13] = [
        "job",
        "view",
        "kid",
        "entrant",
        "checkpoint",
        "handover",
        "order",
        "site",
        "household",
        "sample",
        "contact",
        "link",
        "edit",
    ];
    // A place's number.
    let mut path = path.replace("{place}", "100");
    for name in FIELD {
        if places.iter().all(|(given, _)| *given != name) {
            path = path.replace(&format!("{{{name}}}"), "01E0M7T0000000000000000001");
        }
    }
    for (name, value) in places {
        path = path.replace(&format!("{{{name}}}"), value);
    }
    assert!(!path.contains('{'), "{path}");
    path
}
