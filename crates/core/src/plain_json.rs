//! JSON text in which every object is an object: `serde_json` hands itself numbers and raw text as objects with keys of
//! its own, and takes an object with such a key in untrusted text for what only it should have written.

use crate::json_text::{code_points, skip_space, string_end};
use memchr::{memchr, memmem};
use serde::Deserialize;
use serde::de::Error;

/// What the keys begin with.
const RESERVED: &str = "$serde_json::private::";

/// Reads JSON text that others wrote; one with a reserved key is an error.
pub fn from_str<'t, T: Deserialize<'t>>(text: &'t str) -> serde_json::Result<T> {
    if has_reserved_key(text.as_bytes()) {
        return Err(serde_json::Error::custom("a key is reserved"));
    }
    serde_json::from_str(text)
}

/// Whether an object of the text, which should be JSON, has a reserved key, however it is spelled.
pub(crate) fn has_reserved_key(text: &[u8]) -> bool {
    let is_spelled_out = memmem::find(text, RESERVED.as_bytes()).is_some();
    // An ASCII character that is escaped.
    let mut escapes = memmem::find_iter(text, br"\u00").filter(|at| matches!(text.get(at + 4), Some(b'2'..=b'7')));
    (is_spelled_out || escapes.next().is_some()) && keys(text).any(is_reserved)
}

/// The insides of the text's keys.
fn keys(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let open = at + memchr(b'"', &text[at..])?;
            at = string_end(text, open)?;
            if text.get(skip_space(text, at)) == Some(&b':') {
                return Some(&text[open + 1..at - 1]);
            }
        }
    })
}

fn is_reserved(inside: &[u8]) -> bool {
    if !inside.contains(&b'\\') {
        return inside.starts_with(RESERVED.as_bytes());
    }
    std::str::from_utf8(inside)
        .is_ok_and(|inside| code_points(inside).into_iter().take(RESERVED.len()).eq(RESERVED.chars().map(u32::from)))
}
