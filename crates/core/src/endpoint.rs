//! Patterns of trusted endpoints.

use percent_encoding::percent_decode;
use url::{Host, Url};

/// A pattern that trusts URLs: `https://api.example.com`, `https://api.example.com/v1/users/{id}`,
/// `https://files.example.com/public/{rest:path}`.
///
/// Scheme, host and port (or the scheme's own) must be the pattern's. Without a path the whole host is trusted; with one,
/// what it names and what lies under it, segment by segment: `/v1` trusts `/v1` and `/v1/prices`, never `/v10`. `{id}`
/// stands for one segment that is not empty, `{rest:path}`, at the end, for everything after the slash before it. Names in
/// braces are for people. Segments are compared after percent-decoding, by case; `%2F` parts no segments. A URL whose
/// segment would step upwards once a server decoded its slashes (`..%2F`) is not trusted by a pattern with a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    scheme: String,
    host: Host<String>,
    port: u16,
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(Vec<u8>),
    One,
    Rest,
}

/// Why a text is no pattern of trusted endpoints.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// Not `http://` or `https://`, or no host after it.
    #[error("`{0}` does not begin with http:// or https:// and a host, as in https://api.example.com/v1")]
    NoOrigin(String),
    /// A user name or password before the host.
    #[error("`{0}` names a user or a password: trust is in a host, leave them out")]
    Userinfo(String),
    /// A wildcard or a placeholder in the host.
    #[error("`{0}` has a wildcard or a placeholder in its host: name each host")]
    Wildcard(String),
    /// A query or a fragment, which are never compared.
    #[error("`{0}` has a query or a fragment: end the pattern before it")]
    Query(String),
    /// A segment that is neither literal, `{{name}}` nor, at the end, `{{name:path}}`.
    #[error(
        "`{segment}` in `{pattern}` is no segment: write it literally, as {{name}}, or at the end as {{name:path}}"
    )]
    Segment {
        /// The whole pattern.
        pattern: String,
        /// The segment in question.
        segment: String,
    },
}

impl EndpointError {
    /// The error's stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoOrigin(_) => "endpoint_no_origin",
            Self::Userinfo(_) => "endpoint_userinfo",
            Self::Wildcard(_) => "endpoint_wildcard",
            Self::Query(_) => "endpoint_query",
            Self::Segment { .. } => "endpoint_segment",
        }
    }
}

impl Endpoint {
    /// Reads a pattern; white space around it is ignored.
    pub fn parse(pattern: &str) -> Result<Self, EndpointError> {
        let pattern = pattern.trim();
        let (scheme, rest) = pattern.split_once("://").ok_or_else(|| EndpointError::NoOrigin(pattern.into()))?;
        if pattern.contains(['?', '#']) {
            return Err(EndpointError::Query(pattern.into()));
        }
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        if authority.contains('@') {
            return Err(EndpointError::Userinfo(pattern.into()));
        }
        if authority.contains(['*', '{', '}']) {
            return Err(EndpointError::Wildcard(pattern.into()));
        }
        let origin = Url::parse(&format!("{scheme}://{authority}/"))
            .ok()
            .filter(|origin| matches!(origin.scheme(), "http" | "https") && origin.path() == "/")
            .ok_or_else(|| EndpointError::NoOrigin(pattern.into()))?;
        Ok(Self {
            scheme: origin.scheme().into(),
            host: origin.host().expect("an http URL has a host").to_owned(),
            port: origin.port_or_known_default().expect("an http URL has a port"),
            segments: segments(path)
                .map_err(|segment| EndpointError::Segment { pattern: pattern.into(), segment: segment.into() })?,
        })
    }

    /// Whether the pattern trusts a URL; its userinfo, query and fragment do not matter.
    #[must_use]
    pub fn matches(&self, url: &Url) -> bool {
        self.scheme == url.scheme()
            && url.host().is_some_and(|host| host.to_owned() == self.host)
            && url.port_or_known_default() == Some(self.port)
            && self.matches_path(url.path())
    }

    fn matches_path(&self, path: &str) -> bool {
        if self.segments.is_empty() {
            return true;
        }
        let mut found = path.strip_prefix('/').unwrap_or(path).split('/');
        let named = self.segments.iter().all(|segment| match (segment, found.next()) {
            (_, None) => false,
            (Segment::Literal(literal), Some(next)) => percent_decode(next.as_bytes()).eq(literal.iter().copied()),
            (Segment::One, Some(next)) => !next.is_empty(),
            (Segment::Rest, Some(_)) => true,
        });
        named && !path.split('/').any(steps_upwards)
    }
}

/// The segments of a pattern's path, without its first and last slash, or the one that is none.
fn segments(path: &str) -> Result<Vec<Segment>, &str> {
    let path = path.strip_suffix('/').unwrap_or(path);
    if path.is_empty() {
        return Ok(Vec::new());
    }
    let count = path.split('/').count();
    path.split('/').enumerate().map(|(position, text)| segment(text, position + 1 == count).ok_or(text)).collect()
}

fn segment(text: &str, last: bool) -> Option<Segment> {
    if let Some(name) = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
        return match name.strip_suffix(":path") {
            Some(name) if last && is_name(name) => Some(Segment::Rest),
            None if is_name(name) => Some(Segment::One),
            _ => None,
        };
    }
    let plain = !text.contains(['{', '}', '\\']) && !text.chars().any(char::is_whitespace);
    (plain && !steps_upwards(text)).then(|| Segment::Literal(percent_decode(text.as_bytes()).collect()))
}

fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && chars.all(|next| next.is_ascii_alphanumeric() || next == '_')
}

/// Whether a segment holds a dot segment once its slashes and backslashes are decoded.
fn steps_upwards(segment: &str) -> bool {
    let decoded: Vec<u8> = percent_decode(segment.as_bytes()).collect();
    decoded.split(|byte| matches!(byte, b'/' | b'\\')).any(|part| part == b"." || part == b"..")
}
