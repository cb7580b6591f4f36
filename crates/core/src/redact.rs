//! Redaction: what must not be stored is replaced before it is stored or committed to, and its place is listed.
//!
//! A redacted value is the text `[redacted]`, in JSON the string `"[redacted]"`; every other byte stays as it was. Places:
//! `url:userinfo`, `path:<n>` (the n-th segment, from 1), `query:<name>`, `fragment:<name>`, `request_headers:<name>`,
//! `response_headers:<name>`, and `request:<path>` or `response:<path>` with the normalized path of the JSON value (of an
//! event stream `$[<n>]` is its n-th event). `request:$` or `response:$` is the body as a whole: withheld (it has no
//! commitment then), form-encoded, or redacted in too many places to list. A claim whose path begins with a listed place,
//! or with which a listed place begins, is unverifiable.

mod body;
mod event_stream;
mod headers;
mod json;
mod names;
mod pairs;
mod path;
mod url;

pub(crate) use headers::Content;
pub(crate) use url::RedactedUrl;

use crate::path::PathError;
use json::JsonRules;
use names::Names;

/// What stands for a redacted value.
pub const REDACTED: &str = "[redacted]";

/// What a user wants redacted besides the defaults.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RedactionOptions {
    /// Names of headers; `x-acme-*` is every name that begins so. Case does not matter.
    pub headers: Vec<String>,
    /// Names of query parameters and form fields, likewise.
    pub query: Vec<String>,
    /// Paths into JSON bodies, of requests and responses alike: `user.ssn`, `$.cards[0]['number']`. In an event stream
    /// they are paths into each event's data.
    pub paths: Vec<String>,
}

/// Why redaction rules were refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RedactionError {
    /// A text that is no path.
    #[error("`{path}` is no path: {source}")]
    Path {
        /// The text.
        path: String,
        /// What is wrong with it.
        source: PathError,
    },
    /// A path with a wildcard, a slice, a filter, a descendant or an index from the end.
    #[error("`{path}` does not name one value, as user.ssn and $.cards[0]['number'] do")]
    NotOneValue {
        /// The path.
        path: String,
    },
}

impl RedactionError {
    /// The error's stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Path { .. } => "redaction_path",
            Self::NotOneValue { .. } => "redaction_path_not_one_value",
        }
    }
}

/// What is redacted: the defaults and a user's additions, made ready for the hot path. Build it once.
#[derive(Debug, Clone)]
pub struct RedactionRules {
    headers: Names,
    query: Names,
    json: JsonRules,
}

impl RedactionRules {
    /// The default rules and these.
    pub fn new(options: &RedactionOptions) -> Result<Self, RedactionError> {
        let paths = options.paths.iter().map(|path| path::parse(path)).collect::<Result<_, _>>()?;
        Ok(Self {
            headers: Names::new(names::HEADERS, &options.headers),
            query: Names::new(names::QUERY, &options.query),
            json: JsonRules::new(paths),
        })
    }
}

impl Default for RedactionRules {
    fn default() -> Self {
        Self::new(&RedactionOptions::default()).expect("the defaults hold no path")
    }
}
