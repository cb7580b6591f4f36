//! An intercept: a row of the Postgres table that other SDKs read and write too.
//!
//! - `layout`: how we lay out there what we recorded
//! - `canonical`: what the log commits to of what stands there
//! - `reading`: what bodies it was laid out from

mod canonical;
mod layout;
pub(crate) mod reading;

/// A row of the table `intercepts`, column by column; what other SDKs do not know of it is in [`Own`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intercept {
    /// `id`, a lower-case UUID.
    pub id: String,
    /// `agent_id`.
    pub agent_id: String,
    /// `action_name`.
    pub action_name: String,
    /// `source_url`.
    pub source_url: String,
    /// `request_payload`: JSON text of an object with the keys present among `params`, `json` and `data`.
    pub request_payload: String,
    /// `raw_response`: JSON text of the body, of `{"text": …}` or of `{"stream_logged": …}`; empty for a body that was not kept.
    pub raw_response: String,
    /// `response_hash`, 64 lower-case hex digits.
    pub response_hash: String,
    /// `call_ref`, a lower-case UUID.
    pub call_ref: Option<String>,
    /// `created_at` read as UTC, in µs since 1970; a time before that counts as 0.
    pub created_us: u64,
    /// The columns that we add, all null where another SDK wrote the row.
    pub own: Own,
}

/// The nullable columns that we add to the table, named like the canonical row's keys, with whatever anybody put there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Own {
    /// `kind`: `http`, `model`, `tool` or `gap`; null is `http`.
    pub kind: Option<String>,
    /// `run_id`.
    pub run_id: Option<String>,
    /// `tool_call_id`.
    pub tool_call_id: Option<String>,
    /// `parent`, a lower-case UUID.
    pub parent: Option<String>,
    /// `method`.
    pub method: Option<String>,
    /// `status`.
    pub status: Option<i32>,
    /// `http_version`.
    pub http_version: Option<String>,
    /// `outcome`: `complete`, `aborted` or `error`.
    pub outcome: Option<String>,
    /// `error`.
    pub error: Option<String>,
    /// `context`: `certain` or `uncertain`.
    pub context: Option<String>,
    /// `truncated`.
    pub truncated: Option<bool>,
    /// `redacted`: JSON text of a sorted list of texts.
    pub redacted: Option<String>,
    /// `request_headers`, `lower-case name: value\n` each.
    pub request_headers: Option<String>,
    /// `response_headers`, likewise.
    pub response_headers: Option<String>,
    /// `started_us`, in µs since 1970.
    pub started_us: Option<i64>,
    /// `first_byte_us`, likewise.
    pub first_byte_us: Option<i64>,
    /// `ended_us`, likewise.
    pub ended_us: Option<i64>,
    /// `body_length`: bytes of the response body on the wire.
    pub body_length: Option<i64>,
}
