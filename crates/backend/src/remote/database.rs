//! The database to be registered, from its URL.

use percent_encoding::percent_decode_str;
use reqwest::Url;
use serde_json::{Value, json};

use crate::BackendError;

/// A Postgres database, as the protocol names it.
#[derive(Clone)]
pub(super) struct Database {
    pub name: String,
    /// `host[:port]`.
    pub uri: String,
    username: String,
    password: String,
}

impl Database {
    /// Reads `postgres://user:password@host[:port]/name`. The error never holds the URL, which has a password.
    pub fn parse(url: &str) -> Result<Self, BackendError> {
        let unusable = || BackendError::Protocol("the database's URL is not postgres://user@host/name".into());
        let url = Url::parse(url).map_err(|_| unusable())?;
        let scheme = url.scheme().split('+').next().unwrap_or_default();
        let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let host = url.host_str().filter(|_| matches!(scheme, "postgres" | "postgresql")).ok_or_else(unusable)?;
        Ok(Self {
            name: decode(url.path().trim_start_matches('/')),
            uri: url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")),
            username: decode(url.username()),
            password: decode(url.password().unwrap_or_default()),
        })
    }

    /// Whether an entry of a server's list is this database: host and port count where the server tells them.
    pub fn is(&self, entry: &Value) -> bool {
        let port = |uri: &str| if uri.rsplit_once(':').is_some() { uri.to_owned() } else { format!("{uri}:5432") };
        entry["name"] == self.name && entry["uri"].as_str().is_none_or(|uri| port(uri) == port(&self.uri))
    }

    pub fn registration(&self) -> Value {
        let Self { name, uri, username, password } = self;
        json!({ "name": name, "username": username, "password": password, "provider": "postgresql", "uri": uri })
    }
}
