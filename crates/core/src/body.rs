//! Bodies: from stored bytes to the value that a claim is compared with.

mod event_stream;
mod json;
pub(crate) mod text;

pub use json::{JsonError, MAX_NESTING, parse_json};
use serde_json::Value;

/// What a body says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decoded {
    /// JSON, whatever its content type.
    Json(Value),
    /// Not JSON: text by its charset.
    Text(String),
    /// An event stream: the data field of each event, as JSON where it is JSON, else as a string.
    Events(Vec<Value>),
    /// No bytes, or only a byte order mark.
    Empty,
    /// JSON nested deeper than [`MAX_NESTING`], which nothing here reads.
    TooDeep,
    /// JSON with a key that [`crate::plain_json`] does not read.
    ReservedKey,
}

/// Reads a body; `content_type` is the header's value.
///
/// An event stream (WHATWG HTML §9.2) by its content type; else JSON if the bytes are JSON; else text by byte order
/// mark, charset (WHATWG labels) or UTF-8, malformed sequences as U+FFFD, which may turn out to be JSON as well.
#[must_use]
pub fn decode(bytes: &[u8], content_type: Option<&str>) -> Decoded {
    if is_event_stream(content_type) {
        return event_stream::decode(bytes);
    }
    let bytes_of_utf8 = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if bytes_of_utf8.is_empty() {
        return Decoded::Empty;
    }
    let invalid = match parse_json(bytes_of_utf8) {
        Ok(value) => return Decoded::Json(value),
        Err(error) => error,
    };
    let text = text::decode(bytes, content_type);
    let invalid = if text.as_bytes() == bytes_of_utf8 {
        invalid
    } else {
        match parse_json(text.as_bytes()) {
            Ok(value) => return Decoded::Json(value),
            Err(error) => error,
        }
    };
    match invalid {
        JsonError::TooDeep => Decoded::TooDeep,
        JsonError::ReservedKey => Decoded::ReservedKey,
        JsonError::Syntax if text.is_empty() => Decoded::Empty,
        JsonError::Syntax => Decoded::Text(text),
    }
}

/// Whether a content type is that of an event stream.
pub(crate) fn is_event_stream(content_type: Option<&str>) -> bool {
    let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("text/event-stream")
}
