//! Where the backend is, who asks, and what ships the rows that it commits.

use std::{fmt, sync::Arc, time::Duration};

use crate::{BackendError, BoxFuture};

/// How a remote backend is reached.
#[derive(Debug, Clone)]
pub struct RemoteOptions {
    /// The base URL, `https://host[:port][/path]`.
    pub url: String,
    /// The organization, a UUID.
    pub org_id: String,
    /// Who asks.
    pub auth: Auth,
    /// The project, which the server keeps as a collection of this name.
    pub project: String,
    /// The Postgres URL under which the server reads our table; without it the organization's sandbox is meant.
    pub database: Option<String>,
    /// The most that one operation takes, with its retries and its waiting.
    pub timeout: Duration,
    /// The most that connecting takes.
    pub connect_timeout: Duration,
    /// The most requests that are under way at once.
    pub max_concurrency: usize,
}

/// What a request is authenticated with.
#[derive(Clone)]
pub enum Auth {
    /// A bearer token, asked for anew when it is refused.
    Token(Arc<dyn TokenSource>),
    /// A key, in the header `x-api-key`.
    ApiKey(String),
}

impl fmt::Debug for Auth {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Token(_) => "Token",
            Self::ApiKey(_) => "ApiKey",
        })
    }
}

/// Gives bearer tokens.
pub trait TokenSource: Send + Sync {
    /// A token; `rejected`: the one that the server has just refused, so that the same would be of no use.
    fn token(&self, rejected: Option<String>) -> BoxFuture<'_, Result<String, BackendError>>;
}

/// Ships rows to the table that the server reads.
pub trait Outbox: Send + Sync {
    /// Waits until everything up to the ticket is visible in the table.
    fn shipped(&self, ticket: u64) -> BoxFuture<'_, Result<(), BackendError>>;
    /// Whether something is there that no preprocess of ours has covered.
    fn dirty(&self) -> BoxFuture<'_, Result<bool, BackendError>>;
}
