//! From the table's columns back to the bodies that they were laid out from.
//!
//! What is no JSON stands in the table as an object around its text. So that it is never taken for a body that is such an
//! object itself, ours begins with a space, and a JSON body never does; other SDKs' claims name the object's key.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

/// Before an object that we put around a text.
pub(super) const MARK: &str = " ";

/// A response body and its content type, as far as [`crate::body::decode`] needs it.
pub(crate) fn response(raw_response: &[u8]) -> (Cow<'_, [u8]>, Option<&'static str>) {
    let wrapped = raw_response.strip_prefix(MARK.as_bytes());
    let members = wrapped.and_then(|json| serde_json::from_slice::<BTreeMap<String, String>>(json).ok());
    let member = members.and_then(|members| members.into_iter().next());
    match member {
        Some((name, text)) if name == "stream_logged" => (text.into_bytes().into(), Some("text/event-stream")),
        Some((name, text)) if name == "text" => (text.into_bytes().into(), None),
        _ => (raw_response.into(), None),
    }
}

/// A request body; `None` where there was none.
pub(crate) fn request(request_payload: &[u8]) -> Option<Cow<'_, [u8]>> {
    #[derive(Deserialize)]
    struct Payload<'p> {
        #[serde(borrow)]
        json: Option<&'p RawValue>,
        #[serde(borrow)]
        data: Option<&'p RawValue>,
    }
    // Whatever else stands there was not written by an SDK.
    let Ok(payload) = serde_json::from_slice::<Payload>(request_payload) else { return Some(request_payload.into()) };
    let body = payload.json.or(payload.data)?.get();
    match serde_json::from_str::<String>(body) {
        Ok(text) if payload.json.is_none() => Some(text.into_bytes().into()),
        _ => Some(body.as_bytes().into()),
    }
}
