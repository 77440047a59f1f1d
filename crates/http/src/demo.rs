//! The logins of a demo, shown to whoever tries it.

use axum::Json;
use axum::extract::State;
use lianfang_core::access::Role;
use lianfang_core::areas::Area;
use serde::{Deserialize, Serialize};

use crate::error::{ErrorBody, Failure};
use crate::state::Service;

/// A demo's login.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DemoLogin {
    /// What it signs in with.
    pub login: String,
    /// Its password.
    pub password: String,
    /// Its role.
    pub role: Role,
    /// Its name.
    pub name: String,
    /// Its area.
    pub area: Area,
}

/// The logins of a demo.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Demo {
    logins: Vec<DemoLogin>,
}

/// The logins of a demo; not found where this is none.
#[utoipa::path(get, operation_id = "demo_demo", path = "/api/demo", tag = "access",
    responses((status = 200, body = Demo), (status = 404, body = ErrorBody)))]
pub(crate) async fn demo(State(service): State<Service>) -> Result<Json<Demo>, Failure> {
    let logins = service.options().demo.clone();
    if logins.is_empty() {
        Err(Failure::not_found())
    } else {
        Ok(Json(Demo { logins }))
    }
}
