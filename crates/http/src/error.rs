//! Refusals as answers.

use std::any::Any;

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use lianfang_core::text::Text;
use lianfang_service::Refusal;
use serde::Serialize;

/// Why a request was not done.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct ErrorBody {
    /// A word for programs.
    code: &'static str,
    /// The reason, for people.
    message: Text,
    /// The field that is not accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
    /// When to try again.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_seconds: Option<u64>,
}

/// A refusal on its way out.
#[derive(Debug)]
pub(crate) struct Failure {
    status: StatusCode,
    body: ErrorBody,
}

impl Failure {
    fn new(status: StatusCode, code: &'static str, message: Text) -> Self {
        Self {
            status,
            body: ErrorBody {
                code,
                message,
                field: None,
                retry_after_seconds: None,
            },
        }
    }

    pub(crate) fn internal() -> Self {
        let refusal = Refusal::Pack(String::new());
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            refusal.message(),
        )
    }

    pub(crate) fn must_change_password() -> Self {
        let message = Text::new("Change your password first.", "请先修改密码。");
        Self::new(StatusCode::FORBIDDEN, "must_change_password", message)
    }

    pub(crate) fn not_found() -> Self {
        Refusal::NotFound("page").into()
    }

    /// A request that is not of its form.
    pub(crate) fn malformed(field: &'static str, detail: &str) -> Self {
        Refusal::invalid(field, detail, format!("请求格式不正确：{detail}")).into()
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let status = match &refusal {
            Refusal::NotSignedIn | Refusal::WrongLogin => StatusCode::UNAUTHORIZED,
            Refusal::LockedOut { .. } | Refusal::TooManyRequests { .. } => {
                StatusCode::TOO_MANY_REQUESTS
            }
            Refusal::Forbidden | Refusal::Csrf | Refusal::SamePerson => StatusCode::FORBIDDEN,
            Refusal::NotFound(_) | Refusal::Forgotten => StatusCode::NOT_FOUND,
            Refusal::Invalid { .. } | Refusal::File(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Refusal::Conflict(_) => StatusCode::CONFLICT,
            Refusal::Pack(_) | Refusal::Store(_) | Refusal::Visits(_) => {
                tracing::error!(error = %refusal, "a request failed");
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        let retry_after_seconds = match &refusal {
            Refusal::LockedOut { seconds } | Refusal::TooManyRequests { seconds } => Some(*seconds),
            _ => None,
        };
        Self {
            status,
            body: ErrorBody {
                code: refusal.code(),
                message: refusal.message(),
                field: refusal.field(),
                retry_after_seconds,
            },
        }
    }
}

impl From<JsonRejection> for Failure {
    fn from(rejection: JsonRejection) -> Self {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            return too_large();
        }
        Self::malformed(
            "body",
            "the body is not the JSON that this path takes; see /api/openapi.json",
        )
    }
}

impl From<QueryRejection> for Failure {
    fn from(_: QueryRejection) -> Self {
        Self::malformed(
            "query",
            "a query parameter is not of its form; see /api/openapi.json",
        )
    }
}

impl From<PathRejection> for Failure {
    fn from(_: PathRejection) -> Self {
        Self::not_found()
    }
}

pub(crate) fn too_large() -> Failure {
    Failure::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too_large",
        Text::new(
            "Too large to send through the browser. Use `lianfang import` on the server, or split the file.",
            "文件过大，无法通过网页上传。请在服务器上使用 lianfang import，或拆分文件。",
        ),
    )
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let retry = self.body.retry_after_seconds;
        let mut response = (self.status, Json(self.body)).into_response();
        if let Some(seconds) = retry {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// A handler that panicked answers like any other failure, and says nothing of why.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the layer that catches panics hands it over"
)]
pub(crate) fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or(panic.downcast_ref::<&str>().copied());
    tracing::error!(panic = text.unwrap_or("unknown"), "a handler panicked");
    Failure::internal().into_response()
}
