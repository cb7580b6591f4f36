//! A request's JSON.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
};
use serde::de::DeserializeOwned;

use crate::refusal::{Answer, Refusal};

/// A request's JSON, whatever its content type says; an empty body is `{}`.
pub struct Sent<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Sent<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Answer<Self> {
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|_| Refusal::bad_request("the request's body broke off"))?;
        let text: &[u8] = if bytes.trim_ascii().is_empty() { b"{}" } else { &bytes };
        // What was sent is not repeated: a password may be in it.
        let place = |error: serde_json::Error| format!("line {} column {}", error.line(), error.column());
        serde_json::from_slice(text).map(Self).map_err(|error| {
            Refusal::bad_request(format!("the request's body is not the JSON that is expected here ({})", place(error)))
        })
    }
}
