//! Answers that say no: a status and `{"description"}`.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use serde_json::json;
use vouchsafe_backend::BackendError;
use vouchsafe_store::StoreError;

/// An answer that says no.
#[derive(Debug)]
pub struct Refusal {
    status: StatusCode,
    description: String,
    /// After how many seconds it is worth to ask again.
    retry_after: Option<u64>,
    /// What the log says where the answer must not.
    cause: Option<String>,
}

/// What a route answers with.
pub type Answer<T> = Result<T, Refusal>;

impl Refusal {
    pub fn new(status: StatusCode, description: impl Into<String>) -> Self {
        Self { status, description: description.into(), retry_after: None, cause: None }
    }

    pub fn bad_request(description: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, description)
    }

    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("{what} not found"))
    }

    pub fn forbidden(description: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, description)
    }

    pub fn conflict(description: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, description)
    }

    pub fn description(&self) -> &str {
        &self.description
    }

    /// What the log says of it.
    pub fn cause(&self) -> &str {
        self.cause.as_deref().unwrap_or(&self.description)
    }

    /// 503 or 429: the same request may be granted after some seconds.
    pub fn later(status: StatusCode, description: impl Into<String>, seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..Self::new(status, description) }
    }
}

impl From<BackendError> for Refusal {
    fn from(error: BackendError) -> Self {
        let refusal = match error.code() {
            "STORE_UNAVAILABLE" | "STORE_LOCKED" | "STORE_REFUSED" | "BACKEND_UNAVAILABLE" | "BACKEND_TIMEOUT" => {
                Self::later(StatusCode::SERVICE_UNAVAILABLE, "a database is not available", 1)
            }
            "BACKEND_DISPLACED" => Self::conflict(error.to_string()),
            code => Self::new(StatusCode::INTERNAL_SERVER_ERROR, format!("the server failed ({code})")),
        };
        Self { cause: Some(error.to_string()), ..refusal }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        BackendError::from(error).into()
    }
}

/// What the log says of an answer.
#[derive(Clone)]
pub struct Cause(pub String);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(json!({ "description": self.description }))).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(cause) = self.cause {
            response.extensions_mut().insert(Cause(cause));
        }
        response
    }
}
