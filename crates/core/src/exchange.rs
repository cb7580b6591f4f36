//! What the recorder hands over, and what the store keeps of it.

use crate::commitment::{Field, RowKey};
use crate::hash::Hash;
use crate::row::{Context, Kind, Outcome, Row, Source};

/// A finished exchange in wire form: neither inflated nor redacted, its sizes not to be trusted.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The row's id, a UUID; `None`: one is made (version 7).
    pub id: Option<String>,
    /// What the exchange is.
    pub kind: Kind,
    /// Who reports it.
    pub source: Source,
    /// The run it belongs to.
    pub run_id: Option<String>,
    /// The agent it belongs to; cut at 255 characters.
    pub agent_id: String,
    /// The action's name, cut at 255 characters; `None`: `<METHOD> <host><path>` of the redacted URL.
    pub action_name: Option<String>,
    /// The call it belongs to, a UUID (anything else is left out).
    pub call_ref: Option<String>,
    /// The model's tool call it belongs to.
    pub tool_call_id: Option<String>,
    /// The row it is a redirect or a retry of, a UUID (anything else is left out).
    pub parent: Option<String>,
    /// The HTTP method.
    pub method: Option<String>,
    /// The URL as it was requested.
    pub url: Option<String>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// The HTTP version, as `1.1`.
    pub http_version: Option<String>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Why it failed.
    pub error: Option<String>,
    /// Whether run, agent and call were known.
    pub context: Option<Context>,
    /// When it began, in µs since 1970.
    pub started_us: u64,
    /// When the response's first byte came, in µs since 1970.
    pub first_byte_us: Option<u64>,
    /// When it ended, in µs since 1970.
    pub ended_us: u64,
    /// The request headers, `lower-case name: value\n` each, latin-1 as characters up to U+00FF.
    pub request_headers: Option<String>,
    /// The response headers, likewise.
    pub response_headers: Option<String>,
    /// The request body.
    pub request: Option<Body>,
    /// The response body.
    pub response: Option<Body>,
    /// Whether the bodies are stored; `false` for a model's exchanges unless `modelBodies` asks for them.
    pub keep_bodies: bool,
}

/// A body as it was on the wire, whole or its beginning.
#[derive(Debug, Clone, Default)]
pub struct Body {
    /// The bytes kept.
    pub bytes: Vec<u8>,
    /// How many bytes the wire carried.
    pub wire_length: u64,
    /// SHA-256 over the complete wire where `bytes` is only its beginning; `None`: `bytes` is all, and hashed here.
    /// With `truncated` and no hash the wire is unknown, and the row says nothing of it.
    pub wire_hash: Option<Hash>,
    /// Whether bytes were left out.
    pub truncated: bool,
}

/// An exchange made ready to be stored and committed.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The canonical row.
    pub row: Row,
    /// The row's hash.
    pub row_hash: Hash,
    /// The row's secret.
    pub row_key: RowKey,
    /// The bytes that the row commits to.
    pub fields: Fields,
}

/// The stored bytes of a row's fields, inflated, redacted and cut; `None` where the row has no such commitment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields {
    /// The redacted URL, UTF-8.
    pub url: Option<Vec<u8>>,
    /// The request body.
    pub request: Option<Vec<u8>>,
    /// The request headers, `lower-case name: value\n` each, latin-1.
    pub request_headers: Option<Vec<u8>>,
    /// The response body.
    pub response: Option<Vec<u8>>,
    /// The response headers, likewise.
    pub response_headers: Option<Vec<u8>>,
}

impl Fields {
    /// A field's stored bytes; of the wire's none are.
    #[must_use]
    pub fn get(&self, field: Field) -> Option<&[u8]> {
        match field {
            Field::Url => self.url.as_deref(),
            Field::Request => self.request.as_deref(),
            Field::RequestHeaders => self.request_headers.as_deref(),
            Field::Response => self.response.as_deref(),
            Field::ResponseHeaders => self.response_headers.as_deref(),
            Field::Wire => None,
        }
    }
}

impl Exchange {
    /// An exchange of which nothing is known but what it is, who reports it and when it was, for the rest to be filled in.
    #[must_use]
    pub fn new(kind: Kind, source: Source, started_us: u64, ended_us: u64) -> Self {
        Self {
            id: None,
            kind,
            source,
            run_id: None,
            agent_id: "_default".into(),
            action_name: None,
            call_ref: None,
            tool_call_id: None,
            parent: None,
            method: None,
            url: None,
            status: None,
            http_version: None,
            outcome: None,
            error: None,
            context: None,
            started_us,
            first_byte_us: None,
            ended_us,
            request_headers: None,
            response_headers: None,
            request: None,
            response: None,
            keep_bodies: true,
        }
    }

    /// The bytes that the exchange's texts and bodies hold in memory.
    #[must_use]
    pub fn weight(&self) -> u64 {
        let body = |body: &Option<Body>| body.as_ref().map_or(0, |body| body.bytes.len());
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let texts = text(&self.url) + text(&self.request_headers) + text(&self.response_headers);
        (texts + body(&self.request) + body(&self.response)) as u64
    }

    /// Forgets the bodies, where memory is short; the row will say that they are missing.
    pub fn let_bodies_go(&mut self) {
        for body in [&mut self.request, &mut self.response].into_iter().flatten() {
            body.bytes = Vec::new();
            body.truncated = true;
        }
    }
}

/// Agent and action of the rows with which the Python SDK fills up a table; they are never worth a commit of their own.
pub const PADDING: (&str, &str) = ("__provably_preprocess_pad", "__dummy_row");

impl Prepared {
    /// Whether this is one of the rows of [`PADDING`].
    #[must_use]
    pub fn is_padding(&self) -> bool {
        (self.row.agent_id.as_str(), self.row.action_name.as_str()) == PADDING
    }
}
