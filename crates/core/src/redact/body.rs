//! Redaction in bodies: JSON, event streams and forms.

use super::headers::Content;
use super::pairs::redact_pairs;
use super::{RedactionRules, event_stream};
use crate::commitment::Field;
use encoding_rs::Encoding;

impl RedactionRules {
    /// Redacts a request's or a response's inflated body; `None` where it is withheld, because a rule could apply to it
    /// but it does not parse.
    pub(crate) fn redact_body(
        &self,
        body: Vec<u8>,
        field: Field,
        content: &Content,
        places: &mut Vec<String>,
    ) -> Option<Vec<u8>> {
        let mut body = body;
        if content.media_type.starts_with("application/x-www-form-urlencoded") {
            body = self.redact_form(&body, field, places);
        }
        if let Some(encoding) = wide_encoding(&body, content) {
            let (text, _) = encoding.decode_with_bom_removal(&body);
            let named = self.json.may_apply(text.as_bytes()) && self.json.could_apply(text.as_bytes());
            return (!named).then_some(body).or_else(|| withhold(field, places));
        }
        if !self.json.may_apply(&body) {
            return Some(body);
        }
        self.redact_json(body, field, content, places)
    }

    fn redact_form(&self, body: &[u8], field: Field, places: &mut Vec<String>) -> Vec<u8> {
        let mut redacted = Vec::with_capacity(body.len());
        let mut found = false;
        redact_pairs(body, &self.query, &mut redacted, |_| found = true);
        if found {
            places.push(format!("{}:$", field.name()));
        }
        redacted
    }

    fn redact_json(&self, body: Vec<u8>, field: Field, content: &Content, places: &mut Vec<String>) -> Option<Vec<u8>> {
        let text = std::str::from_utf8(&body).unwrap_or_default();
        let is_stream = content.media_type.starts_with("text/event-stream");
        let edits = match self.json.find_edits(text, "$") {
            None if is_stream && !text.is_empty() => event_stream::find_edits(text, &self.json),
            None if self.json.could_apply(&body) => None,
            found => Some(found.unwrap_or_default()),
        };
        let Some(edits) = edits else { return withhold(field, places) };
        if edits.spans.is_empty() {
            return Some(body);
        }
        let redacted = edits.apply(text);
        places.extend(edits.places.iter().map(|place| format!("{}:{place}", field.name())));
        Some(redacted.into_bytes())
    }
}

/// Lists a whole body as redacted, and keeps nothing of it.
fn withhold(field: Field, places: &mut Vec<String>) -> Option<Vec<u8>> {
    places.push(format!("{}:$", field.name()));
    None
}

/// The encoding of a text whose ASCII is not ASCII bytes, in which no key would be found.
fn wide_encoding(body: &[u8], content: &Content) -> Option<&'static Encoding> {
    let by_mark = Encoding::for_bom(body).map(|(encoding, _)| encoding);
    let labelled = || {
        let (_, label) = content.media_type.split_once("charset=")?;
        Encoding::for_label(label.split(';').next()?.trim_matches(['"', ' ']).as_bytes())
    };
    by_mark.or_else(labelled).filter(|encoding| !encoding.is_ascii_compatible())
}
