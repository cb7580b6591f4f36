//! From what the recorder saw to what is stored and committed to.

use crate::commitment::{Field, RowKey};
use crate::exchange::{Body, Exchange, Fields, Prepared};
use crate::hash::{Hash, sha256};
use crate::inflate::inflate;
use crate::random::random;
use crate::redact::{Content, RedactedUrl, RedactionRules};
use crate::row::{Row, SCHEMA, Source};
use crate::tag::MAX_PART_BYTES;
use uuid::Uuid;

/// The longest agent or action name, in characters: a column of the table that is shared with other SDKs.
const MAX_NAME_CHARS: usize = 255;

/// Inflates, redacts and cuts an exchange, names what it left unnamed, and commits to each field.
///
/// A body is stored at most `max_body_bytes` long; the row is `truncated` where any was cut, or could not be inflated (then
/// nothing of it is stored). A body that a redaction rule could apply to but that does not parse is not stored either; the
/// row says so in `redacted`. Both keep the wire's commitment.
#[must_use]
pub fn prepare(mut exchange: Exchange, rules: &RedactionRules, max_body_bytes: usize) -> Prepared {
    let wire = exchange.response.as_ref().filter(|_| exchange.source == Source::Tap).and_then(wire_of);
    let mut storing =
        Storing { rules, max_body_bytes, keep_bodies: exchange.keep_bodies, places: Vec::new(), truncated: false };
    let method = exchange.method.take().map(|method| method.to_ascii_uppercase());
    let url = exchange.url.take().map(|url| rules.redact_url(&url, &mut storing.places));
    let action = exchange.action_name.take().unwrap_or_else(|| default_action(method.as_deref(), url.as_ref()));
    let request = storing.request(&mut exchange);
    let response = storing.response(&mut exchange);
    let fields = Fields {
        url: url.map(|url| url.text.into_bytes()),
        request: request.body,
        request_headers: request.headers,
        response: response.body,
        response_headers: response.headers,
    };
    storing.places.sort_unstable();
    storing.places.dedup();

    let row_key = RowKey::random();
    let committer = row_key.committer();
    let commit = |field, bytes: &Option<Vec<u8>>| bytes.as_ref().map(|bytes| committer.commit(field, bytes));
    let row = Row {
        action_name: cut(action, MAX_NAME_CHARS),
        agent_id: cut(exchange.agent_id, MAX_NAME_CHARS),
        body_length: wire.map(|(length, _)| length),
        c_request: commit(Field::Request, &fields.request),
        c_request_headers: commit(Field::RequestHeaders, &fields.request_headers),
        c_response: commit(Field::Response, &fields.response),
        c_response_headers: commit(Field::ResponseHeaders, &fields.response_headers),
        c_url: commit(Field::Url, &fields.url),
        c_wire: wire.map(|(_, hash)| committer.commit(Field::Wire, &hash)),
        call_ref: exchange.call_ref.as_deref().and_then(canonical_uuid),
        context: exchange.context,
        ended_us: exchange.ended_us,
        error: exchange.error,
        first_byte_us: exchange.first_byte_us,
        http_version: exchange.http_version,
        id: exchange.id.as_deref().and_then(canonical_uuid).unwrap_or_else(|| new_id(exchange.started_us)),
        kind: exchange.kind,
        method,
        outcome: exchange.outcome,
        parent: exchange.parent.as_deref().and_then(canonical_uuid),
        redacted: storing.places,
        run_id: exchange.run_id.map(cut_part),
        schema: SCHEMA,
        source: exchange.source,
        started_us: exchange.started_us,
        status: exchange.status,
        tool_call_id: exchange.tool_call_id.map(cut_part),
        truncated: storing.truncated,
    };
    Prepared { row_hash: row.hash(), row, row_key, fields }
}

/// Turns messages into stored bytes, and keeps account of what that changed.
struct Storing<'a> {
    rules: &'a RedactionRules,
    max_body_bytes: usize,
    keep_bodies: bool,
    places: Vec<String>,
    truncated: bool,
}

/// The stored bytes of a request or a response.
struct Stored {
    headers: Option<Vec<u8>>,
    body: Option<Vec<u8>>,
}

impl Storing<'_> {
    fn request(&mut self, exchange: &mut Exchange) -> Stored {
        let content = Content::of(exchange.request_headers.as_deref().unwrap_or_default());
        Stored {
            headers: self.headers(exchange.request_headers.take(), Field::RequestHeaders),
            body: self.body(exchange.request.take(), Field::Request, &content),
        }
    }

    fn response(&mut self, exchange: &mut Exchange) -> Stored {
        let content = Content::of(exchange.response_headers.as_deref().unwrap_or_default());
        Stored {
            headers: self.headers(exchange.response_headers.take(), Field::ResponseHeaders),
            body: self.body(exchange.response.take(), Field::Response, &content),
        }
    }

    fn headers(&mut self, headers: Option<String>, field: Field) -> Option<Vec<u8>> {
        Some(latin1(self.rules.redact_headers(headers?, field, &mut self.places)))
    }

    fn body(&mut self, body: Option<Body>, field: Field, content: &Content) -> Option<Vec<u8>> {
        let body = body.filter(|_| self.keep_bodies)?;
        let Some(inflated) = inflate(body.bytes, &content.encoding, self.max_body_bytes) else {
            self.truncated = true;
            return None;
        };
        self.truncated |= body.truncated || inflated.truncated;
        let mut bytes = self.rules.redact_body(inflated.bytes, field, content, &mut self.places)?;
        // What stands for a short value is longer than it.
        self.truncated |= bytes.len() > self.max_body_bytes;
        bytes.truncate(self.max_body_bytes);
        Some(bytes)
    }
}

/// Length and SHA-256 of the complete wire, as far as it is known.
fn wire_of(body: &Body) -> Option<(u64, Hash)> {
    match body.wire_hash {
        Some(hash) => Some((body.wire_length, hash)),
        None if body.truncated => None,
        None => Some((body.bytes.len() as u64, sha256(&[&body.bytes]))),
    }
}

/// `<METHOD> <host><path>` of the redacted URL, as far as there are such.
fn default_action(method: Option<&str>, url: Option<&RedactedUrl>) -> String {
    let place = url.map(RedactedUrl::host_and_path);
    [method, place.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn latin1(text: String) -> Vec<u8> {
    if text.is_ascii() {
        return text.into_bytes();
    }
    text.chars().map(|character| u8::try_from(character).unwrap_or(b'?')).collect()
}

fn cut(mut text: String, max_chars: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(max_chars) {
        text.truncate(end);
    }
    text
}

/// Cuts what becomes part of a tag.
fn cut_part(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(MAX_PART_BYTES));
    text
}

fn canonical_uuid(text: &str) -> Option<String> {
    Uuid::try_parse(text).ok().map(|uuid| uuid.to_string())
}

/// A `UUIDv7` of the exchange's own time, so that ids sort as their exchanges began.
fn new_id(started_us: u64) -> String {
    uuid::Builder::from_unix_timestamp_millis(started_us / 1000, &random()).into_uuid().to_string()
}
