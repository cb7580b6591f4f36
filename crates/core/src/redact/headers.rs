//! Redaction in headers, and what the headers say of the body.

use super::{REDACTED, RedactionRules};
use crate::commitment::Field;
use std::borrow::Cow;

/// Headers whose value is a URL, which may carry credentials as any other.
const URL_HEADERS: [&str; 4] = [":path", "content-location", "location", "referer"];

/// What the headers say of the body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Content {
    /// The content codings, in the order in which they were applied.
    pub(crate) encoding: String,
    /// The media type in lower case, with its parameters.
    pub(crate) media_type: String,
}

impl Content {
    /// Reads `lower-case name: value\n` lines.
    pub(crate) fn of(headers: &str) -> Self {
        let mut content = Self::default();
        for (name, value) in headers.lines().filter_map(|line| line.split_once(": ")) {
            match name {
                "content-encoding" => content.encoding = content.encoding + value + ",",
                "content-type" => content.media_type = value.trim().to_ascii_lowercase(),
                _ => {}
            }
        }
        content
    }
}

impl RedactionRules {
    /// Redacts `lower-case name: value\n` lines.
    pub(crate) fn redact_headers(&self, headers: String, field: Field, places: &mut Vec<String>) -> String {
        let mut redacted = String::new();
        let mut copied = 0;
        let mut end = 0;
        for line in headers.split_inclusive('\n') {
            let start = end;
            end += line.len();
            let Some((name, value)) = line.split_once(": ") else { continue };
            let Some(replacement) = self.redact_header(name, value.trim_end_matches('\n')) else { continue };
            redacted.push_str(&headers[copied..start + name.len() + 2]);
            redacted.push_str(&replacement);
            copied = start + line.trim_end_matches('\n').len();
            places.push(format!("{}:{name}", field.name()));
        }
        if copied == 0 {
            return headers;
        }
        redacted + &headers[copied..]
    }

    fn redact_header(&self, name: &str, value: &str) -> Option<Cow<'static, str>> {
        if self.headers.contains(name) {
            return Some(REDACTED.into());
        }
        if !URL_HEADERS.contains(&name) {
            return None;
        }
        let mut inside = Vec::new();
        let url = self.redact_url(value, &mut inside);
        (!inside.is_empty()).then(|| url.text.into())
    }
}
