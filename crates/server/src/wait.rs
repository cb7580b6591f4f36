//! `Prefer: wait=<s>`: an answer that comes when there is something new (RFC 7240 §4.3).

use std::time::Duration;

use axum::{
    http::{HeaderMap, HeaderValue},
    response::{IntoResponse, Response},
};

/// The longest that a request is kept waiting, whatever it prefers.
const LONGEST: Duration = Duration::from_mins(1);

/// For how long the client would wait.
pub fn preferred(headers: &HeaderMap) -> Option<Duration> {
    let preferences = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    let seconds = preferences.flat_map(|value| value.split([',', ';'])).find_map(|preference| {
        let (name, value) = preference.split_once('=')?;
        name.trim().eq_ignore_ascii_case("wait").then(|| value.trim().trim_matches('"').parse::<u64>().ok())?
    })?;
    Some(Duration::from_secs(seconds).min(LONGEST))
}

/// Says that the preference was heeded.
pub fn applied(wait: Option<Duration>, answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    if wait.is_some() {
        response.headers_mut().insert("preference-applied", HeaderValue::from_static("wait"));
    }
    response
}
