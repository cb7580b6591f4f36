//! What came back.

use reqwest::{
    Response, StatusCode,
    header::{CONTENT_LENGTH, HeaderMap},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::BackendError;

/// The longest answer that is read: several times the bodies that a row can have.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// A complete answer.
#[derive(Debug)]
pub(super) struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// When the request was sent.
    pub sent: Instant,
}

/// Why there is no complete answer.
#[derive(Debug)]
pub(super) enum Broken {
    /// The connection failed; another may not.
    Connection(reqwest::Error),
    /// It would be longer than anything that is read.
    TooLong,
}

impl From<reqwest::Error> for Broken {
    fn from(error: reqwest::Error) -> Self {
        Self::Connection(error.without_url())
    }
}

impl Reply {
    pub async fn read(mut response: Response, sent: Instant) -> Result<Self, Broken> {
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let announced = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        if announced.is_some_and(|length| length > MAX_BYTES) {
            return Err(Broken::TooLong);
        }
        let mut body = Vec::with_capacity(announced.unwrap_or_default());
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > MAX_BYTES {
                return Err(Broken::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Self { status, headers, body, sent })
    }

    /// Whether the server held the answer back until there was something new, as it was asked to.
    pub fn held(&self) -> bool {
        let applied = self.headers.get("preference-applied").and_then(|value| value.to_str().ok());
        applied.is_some_and(|applied| applied.split([',', ';', '=']).any(|word| word.trim() == "wait"))
    }

    /// The answer if it is one, else the error that it means.
    pub fn ok(self) -> Result<Self, BackendError> {
        if self.status.is_success() {
            return Ok(self);
        }
        let said = format!("{} {}", self.status.as_u16(), self.description());
        Err(match self.status.as_u16() {
            401 | 403 => BackendError::Denied(said),
            429 | 500.. => BackendError::Unavailable(said),
            _ => BackendError::Protocol(said),
        })
    }

    /// What an error says of itself, as far as it can be shown.
    pub fn description(&self) -> String {
        let described = serde_json::from_slice::<Value>(&self.body).ok();
        let said = described.as_ref().and_then(|body| body.get("description")?.as_str());
        said.unwrap_or_default().chars().filter(|c| !c.is_control()).take(500).collect()
    }

    /// The JSON of an answer; an empty body and one that is no JSON read as `{}`.
    pub fn json<T: DeserializeOwned>(self) -> Result<T, BackendError> {
        let reply = self.ok()?;
        let body = serde_json::from_slice(&reply.body).unwrap_or_else(|_| json!({}));
        serde_json::from_value(body).map_err(|error| BackendError::Protocol(error.to_string()))
    }
}
