//! How we lay out in the table what we recorded, so that other SDKs read it like their own rows (PROTOCOL.md, "Rows").

use super::{Intercept, Own, reading::MARK};
use crate::body::{is_event_stream, text};
use crate::exchange::Fields;
use crate::hash::sha256;
use crate::reading::content_type_of;
use crate::response_hash::{json_dumps, response_hash, wrapped};
use crate::row::{Context, Kind, Outcome, Row};
use serde_json::{Map, Value};
use url::Url;

impl Intercept {
    /// A recorded row as the table has it; `created_us` in µs since 1970.
    ///
    /// A NUL character, which no column of Postgres can hold, becomes U+FFFD in a name or a text and stays an escape in a
    /// body. A body that was not kept is the empty text, which is no JSON; one that is no UTF-8 is decoded by its charset.
    #[must_use]
    pub fn of(row: &Row, fields: &Fields, created_us: u64) -> Self {
        let text = |text: &Option<String>| text.as_deref().map(storable);
        let url = fields.url.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
        let (raw_response, response_hash) = response(fields);
        Self {
            id: row.id.clone(),
            agent_id: storable(&row.agent_id),
            action_name: storable(&row.action_name),
            source_url: storable(&url),
            request_payload: request(row.kind, &url, fields),
            raw_response,
            response_hash,
            call_ref: row.call_ref.clone(),
            created_us,
            own: Own {
                kind: Some(row.kind.as_str().into()),
                run_id: text(&row.run_id),
                tool_call_id: text(&row.tool_call_id),
                parent: row.parent.clone(),
                method: text(&row.method),
                status: row.status.map(i32::from),
                http_version: text(&row.http_version),
                outcome: row.outcome.map(|outcome| Outcome::as_str(outcome).into()),
                error: text(&row.error),
                context: row.context.map(|context| Context::as_str(context).into()),
                truncated: Some(row.truncated),
                redacted: Some(serde_json::to_string(&row.redacted).expect("a list of strings is plain data")),
                request_headers: fields.request_headers.as_deref().map(headers),
                response_headers: fields.response_headers.as_deref().map(headers),
                started_us: Some(signed(row.started_us)),
                first_byte_us: row.first_byte_us.map(signed),
                ended_us: Some(signed(row.ended_us)),
                body_length: row.body_length.map(signed),
            },
        }
    }
}

/// `request_payload`: of a name that comes twice in the URL's query the first value counts, as in that SDK.
fn request(kind: Kind, url: &str, fields: &Fields) -> String {
    let mut members = Vec::new();
    let mut params = Map::new();
    if let Ok(url) = Url::parse(url) {
        for (name, value) in url.query_pairs() {
            params.entry(name).or_insert_with(|| Value::String(value.into_owned()));
        }
    }
    if !params.is_empty() {
        members.push(format!("\"params\": {}", Value::Object(params)));
    }
    if let Some(body) = fields.request.as_deref().filter(|body| !body.is_empty()) {
        let content_type = fields.request_headers.as_deref().and_then(content_type_of);
        let is_json = content_type.as_deref().is_some_and(|value| value.to_ascii_lowercase().contains("json"));
        let says_json = kind == Kind::Tool || is_json;
        members.push(match json(body, content_type.as_deref()) {
            Ok((text, _)) if says_json => format!("\"json\": {text}"),
            Ok((text, _)) | Err(text) => format!("\"data\": {}", Value::String(text)),
        });
    }
    format!("{{{}}}", members.join(", "))
}

/// `raw_response` and `response_hash`.
fn response(fields: &Fields) -> (String, String) {
    let Some(body) = &fields.response else { return (String::new(), response_hash(b"")) };
    let content_type = fields.response_headers.as_deref().and_then(content_type_of);
    let hash_of = |python: &str| hex::encode(sha256(&[python.as_bytes()]));
    if is_event_stream(content_type.as_deref()) {
        let stream = wrapped("stream_logged", &text::decode(body, Some("text/event-stream; charset=utf-8")));
        let hash = hash_of(&stream);
        return (format!("{MARK}{stream}"), hash);
    }
    match json(body, content_type.as_deref()) {
        Ok((text, python)) => (text.trim_start_matches(MARK).to_owned(), hash_of(&python)),
        Err(text) => {
            let text = wrapped("text", &text);
            let hash = hash_of(&text);
            (format!("{MARK}{text}"), hash)
        }
    }
}

/// A body as JSON text and as what `response_hash` is made from, or as the text that it is otherwise.
fn json(body: &[u8], content_type: Option<&str>) -> Result<(String, String), String> {
    let unmarked = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let utf8 = std::str::from_utf8(unmarked).ok().map(|text| (text, json_dumps(text)));
    if let Some((text, Some(python))) = utf8 {
        return Ok((text.to_owned(), python));
    }
    let decoded = text::decode(body, content_type);
    match json_dumps(&decoded) {
        Some(python) => Ok((decoded, python)),
        None => Err(decoded),
    }
}

fn storable(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}

/// Header bytes are latin-1, and no header holds a NUL.
fn headers(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| if *byte == 0 { '?' } else { char::from(*byte) }).collect()
}

fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
