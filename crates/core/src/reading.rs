//! Reads the part of an exchange that a claim is about, and what of it is not to be seen.

mod hole;
mod once;
mod request;

use crate::body::{Decoded, decode};
use crate::claim::Part;
use crate::exchange::Fields;
use crate::hash::Hash;
use crate::intercept;
use crate::row::{Outcome, Row, Source};
pub(crate) use hole::Hole;
pub use once::Readings;
pub(crate) use request::is_url_redacted;
use serde_json::{Map, Value};

/// A part of an exchange as a value; where something is hidden it has the string [`crate::redact::REDACTED`].
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) value: Value,
    pub(crate) holes: Vec<Hole>,
}

/// Why there is no value.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// The body is empty.
    Empty,
    /// It cannot be told; a sentence part behind a subject.
    Because(&'static str),
}

/// Reads a part; [`Part::fields`] says which fields this looks at.
pub(crate) fn read(part: Part, row: &Row, fields: &Fields) -> Result<Reading, Unreadable> {
    match part {
        Part::Body => read_body(row, fields),
        Part::Status => match row.status {
            Some(status) => Ok(Reading { value: status.into(), holes: Vec::new() }),
            None => Err(Unreadable::Because("records no status")),
        },
        Part::Headers => {
            let bytes = disclosed(row.c_response_headers.as_ref(), fields.response_headers.as_deref())?;
            let bytes = bytes.ok_or(Unreadable::Because("records no headers"))?;
            Ok(Reading { value: headers(bytes), holes: hole::of_headers(&row.redacted, "response_headers", "$") })
        }
        Part::Request => Ok(request::read(row, fields)),
    }
}

fn read_body(row: &Row, fields: &Fields) -> Result<Reading, Unreadable> {
    let holes = hole::of_body(&row.redacted, "response", "$");
    if holes.iter().any(Hole::is_everything) {
        return Err(Unreadable::Because("is redacted as a whole"));
    }
    if row.truncated {
        return Err(Unreadable::Because("was cut when it was recorded"));
    }
    let Some(bytes) = disclosed(row.c_response.as_ref(), fields.response.as_deref())? else {
        let was_dropped = row.body_length.is_some_and(|length| length > 0);
        return Err(if was_dropped { Unreadable::Because("was recorded without its body") } else { Unreadable::Empty });
    };
    let (bytes, content_type) = if row.source == Source::Postgres {
        if bytes.is_empty() && row.body_length.is_some_and(|length| length > 0) {
            return Err(Unreadable::Because("was recorded without its body"));
        }
        let (bytes, content_type) = intercept::reading::response(bytes);
        (bytes, content_type.map(str::to_owned))
    } else {
        // What is JSON by itself may be an event stream by its type, or have its letters by a charset.
        disclosed(row.c_response_headers.as_ref(), fields.response_headers.as_deref()).map_err(|_| {
            Unreadable::Because(
                "is read by its content type, which is not disclosed (withheld, or deleted by retention)",
            )
        })?;
        (bytes.into(), content_type(row.c_response_headers.as_ref(), fields.response_headers.as_deref()))
    };
    let decoded = decode(&bytes, content_type.as_deref());
    if matches!(row.outcome, Some(Outcome::Aborted | Outcome::Error)) && !is_whole(&decoded, &bytes) {
        return Err(Unreadable::Because("was not received to its end"));
    }
    let value = match decoded {
        Decoded::Json(value) => value,
        Decoded::Text(text) => Value::String(text),
        Decoded::Events(events) => Value::Array(events),
        Decoded::Empty => return Err(Unreadable::Empty),
        Decoded::TooDeep => return Err(Unreadable::Because("is nested too deep to be read")),
        Decoded::ReservedKey => {
            return Err(Unreadable::Because("has a key that is not read, `$serde_json::private::…`"));
        }
    };
    Ok(Reading { value, holes })
}

/// Whether a body that ended early still says by itself that it is whole: `12` may be the beginning of `123`.
fn is_whole(decoded: &Decoded, bytes: &[u8]) -> bool {
    match decoded {
        Decoded::Json(value) => value.is_object() || value.is_array(),
        Decoded::Events(_) => [&b"\n\n"[..], b"\r\r", b"\r\n\r\n"].iter().any(|end| bytes.ends_with(end)),
        Decoded::Text(_) | Decoded::Empty => false,
        Decoded::TooDeep | Decoded::ReservedKey => true,
    }
}

/// The bytes of a field; only what the row commits to counts.
fn disclosed<'b>(commitment: Option<&Hash>, bytes: Option<&'b [u8]>) -> Result<Option<&'b [u8]>, Unreadable> {
    match (commitment, bytes) {
        (None, _) => Ok(None),
        (Some(_), Some(bytes)) => Ok(Some(bytes)),
        (Some(_), None) => Err(Unreadable::Because("is not disclosed (withheld, or deleted by retention)")),
    }
}

/// `name: value` lines in latin-1 as an object; of a name that comes twice the values are joined by `, `.
fn headers(bytes: &[u8]) -> Value {
    let text = encoding_rs::mem::decode_latin1(bytes);
    let mut headers = Map::new();
    for (name, value) in text.lines().filter_map(|line| line.split_once(": ")) {
        match headers.get_mut(name) {
            Some(Value::String(values)) => {
                values.push_str(", ");
                values.push_str(value);
            }
            _ => {
                headers.insert(name.to_owned(), value.into());
            }
        }
    }
    Value::Object(headers)
}

fn content_type(commitment: Option<&Hash>, bytes: Option<&[u8]>) -> Option<String> {
    content_type_of(bytes.filter(|_| commitment.is_some())?)
}

/// The content type that header bytes say.
pub(crate) fn content_type_of(bytes: &[u8]) -> Option<String> {
    headers(bytes)["content-type"].as_str().map(str::to_owned)
}
