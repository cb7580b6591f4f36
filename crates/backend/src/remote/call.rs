//! A request to be sent.

use reqwest::Method;
use serde_json::Value;
use tokio::time::Instant;

/// What is sent.
#[derive(Debug, Clone)]
pub(super) struct Call<'a> {
    pub method: Method,
    pub path: String,
    pub body: Option<Value>,
    pub key: Option<&'a str>,
    pub once: bool,
    pub poll: bool,
    pub deadline: Instant,
}

impl<'a> Call<'a> {
    pub fn get(path: String, deadline: Instant) -> Self {
        Self { method: Method::GET, path, body: None, key: None, once: false, poll: false, deadline }
    }

    pub fn post(path: String, body: Value, deadline: Instant) -> Self {
        Self { method: Method::POST, body: Some(body), ..Self::get(path, deadline) }
    }

    /// Not safe to be sent twice, so that it is sent again only where the server says that it did nothing.
    pub fn once(self) -> Self {
        Self { once: true, ..self }
    }

    /// Asks whether something is done, and to hold the answer back until then.
    pub fn poll(self) -> Self {
        Self { poll: true, ..self }
    }

    /// With this key instead of who asks otherwise.
    pub fn with_key(self, key: Option<&'a str>) -> Self {
        Self { key, ..self }
    }
}
