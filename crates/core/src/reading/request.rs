//! The request as `{ method, url, headers, body }`, null where it has none.

use super::{Hole, Reading, content_type, disclosed, headers, hole};
use crate::body::{Decoded, decode};
use crate::exchange::Fields;
use crate::intercept;
use crate::redact::REDACTED;
use crate::row::{Row, Source};
use serde_json::{Value, json};
use std::borrow::Cow;

/// What a row's list of redacted places says of URLs.
const URL_PLACES: [&str; 4] = ["url:", "path:", "query:", "fragment:"];

pub(super) fn read(row: &Row, fields: &Fields) -> Reading {
    let mut holes = hole::of_body(&row.redacted, "request", "$.body");
    holes.extend(hole::of_headers(&row.redacted, "request_headers", "$.headers"));
    if is_url_redacted(row) {
        holes.push(Hole::at("$.url"));
    }
    let mut hidden = |key: &str| {
        holes.push(Hole::at(&format!("$.{key}")));
        Value::from(REDACTED)
    };
    let url = match disclosed(row.c_url.as_ref(), fields.url.as_deref()) {
        Ok(bytes) => bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned()).into(),
        Err(_) => hidden("url"),
    };
    let headers = match disclosed(row.c_request_headers.as_ref(), fields.request_headers.as_deref()) {
        Ok(bytes) => bytes.map(headers).into(),
        Err(_) => hidden("headers"),
    };
    let is_laid_out = row.source == Source::Postgres;
    // A body is read by its content type, which how it is laid out in a table already says.
    let is_typed = is_laid_out || row.c_request_headers.is_none() || fields.request_headers.is_some();
    let bytes = disclosed(row.c_request.as_ref(), fields.request.as_deref()).map(|bytes| match bytes {
        Some(payload) if is_laid_out => intercept::reading::request(payload),
        other => other.map(Cow::Borrowed),
    });
    let body = match bytes {
        Ok(None) => Value::Null,
        Ok(Some(bytes)) if is_typed && !row.truncated => {
            let content_type = content_type(row.c_request_headers.as_ref(), fields.request_headers.as_deref());
            match decode(&bytes, content_type.as_deref().filter(|_| !is_laid_out)) {
                Decoded::Json(value) => value,
                Decoded::Text(text) => Value::String(text),
                Decoded::Events(events) => Value::Array(events),
                Decoded::Empty => Value::Null,
                Decoded::TooDeep | Decoded::ReservedKey => hidden("body"),
            }
        }
        Ok(Some(_)) | Err(_) => hidden("body"),
    };
    Reading { value: json!({"method": row.method, "url": url, "headers": headers, "body": body}), holes }
}

/// Whether part of the row's URL is redacted.
pub(crate) fn is_url_redacted(row: &Row) -> bool {
    row.redacted.iter().any(|entry| URL_PLACES.iter().any(|place| entry.starts_with(place)))
}
