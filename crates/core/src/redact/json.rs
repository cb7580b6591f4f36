//! Redaction in JSON text: the values to replace are found as spans, so that every other byte stays as it is.

mod scanner;

use super::REDACTED;
use super::path::Step;
use crate::json_text::{code_points, string_end};
use memchr::memmem;
use regex::bytes::Regex;
use scanner::Scanner;
use std::fmt::Write;
use std::ops::Range;

/// Keys whose values are credentials wherever they stand; ASCII case ignored.
const KEYS: [&str; 6] = ["access_token", "refresh_token", "id_token", "client_secret", "password", "api_key"];

/// Places of one body beyond this many bytes are listed as the body itself: the row stays small, whatever a server sends.
const MAX_PLACES_BYTES: usize = 1 << 16;

/// The rules for JSON bodies.
#[derive(Debug, Clone)]
pub(super) struct JsonRules {
    paths: Vec<Vec<Step>>,
    /// Finds every spelling of the rules' names that needs no escape; `None` where a path has no name to look for.
    names: Option<Regex>,
}

/// What to replace in a text.
#[derive(Debug, Default)]
pub(super) struct Edits {
    /// The values' spans, in order and apart from each other.
    pub(super) spans: Vec<Range<usize>>,
    /// Their normalized paths.
    pub(super) places: Vec<String>,
    places_bytes: usize,
}

impl JsonRules {
    pub(super) fn new(paths: Vec<Vec<Step>>) -> Self {
        let path_names = paths.iter().map(|path| last_name(path)).collect::<Option<Vec<_>>>();
        let names = path_names.map(|names| {
            let all: Vec<_> = KEYS.into_iter().chain(names).map(regex::escape).collect();
            Regex::new(&format!("(?i-u){}", all.join("|"))).expect("escaped names")
        });
        Self { paths, names }
    }

    /// Whether a text may hold what a rule names: a quick look, for the many that do not.
    pub(super) fn may_apply(&self, text: &[u8]) -> bool {
        let Some(names) = &self.names else { return true };
        names.is_match(text) || memmem::find(text, b"\\u").is_some()
    }

    /// Whether a rule could have applied to a text that is no JSON: it names a rule's key, escaped or not, as a JSON key, or
    /// it begins as JSON does and a path has no name to look for.
    pub(super) fn could_apply(&self, text: &[u8]) -> bool {
        let begins_as_json = matches!(text.trim_ascii_start().first(), Some(b'{' | b'['));
        (self.names.is_none() && begins_as_json)
            || memchr::memchr_iter(b':', text)
                .any(|colon| key_before(text, colon).is_some_and(|key| self.names_key(&key)))
    }

    /// The values to replace in JSON text, their paths beginning with `root`; `None` where the text is no JSON.
    pub(super) fn find_edits(&self, text: &str, root: &str) -> Option<Edits> {
        Scanner::new(text, self, root).run()
    }

    fn names_key(&self, key: &str) -> bool {
        is_credential_key(key) || self.paths.iter().any(|path| last_name(path) == Some(key))
    }
}

impl Edits {
    /// Takes over the edits to the part of the text that begins at `offset`.
    pub(super) fn extend(&mut self, part: Self, offset: usize) {
        self.spans.extend(part.spans.iter().map(|span| span.start + offset..span.end + offset));
        part.places.into_iter().for_each(|place| self.list(place));
    }

    /// The text with each span replaced.
    pub(super) fn apply(&self, text: &str) -> String {
        let mut redacted = String::with_capacity(text.len());
        let mut copied = 0;
        for span in &self.spans {
            redacted.push_str(&text[copied..span.start]);
            let _ = write!(redacted, "\"{REDACTED}\"");
            copied = span.end;
        }
        redacted + &text[copied..]
    }

    fn is_listed_whole(&self) -> bool {
        self.places_bytes > MAX_PLACES_BYTES
    }

    fn list(&mut self, place: String) {
        if self.is_listed_whole() {
            return;
        }
        self.places_bytes += place.len();
        if self.is_listed_whole() {
            self.places.clear();
            self.places.push("$".into());
        } else {
            self.places.push(place);
        }
    }
}

fn is_credential_key(key: &str) -> bool {
    KEYS.iter().any(|name| name.eq_ignore_ascii_case(key))
}

/// The last name of a path, `None` if there is none that JSON could only spell plainly or with `\u`.
fn last_name(path: &[Step]) -> Option<&str> {
    let name = path.iter().rev().find_map(|step| match step {
        Step::Name(name) => Some(name.as_str()),
        Step::Index(_) => None,
    })?;
    let plain = !name.is_empty()
        && name.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\' | b'/'));
    plain.then_some(name)
}

/// The key that a colon may end, in text that need not be JSON. It stands between two quotes that are not escaped, so that
/// all looks together go over the text once.
fn key_before(text: &[u8], colon: usize) -> Option<String> {
    let close = text[..colon].trim_ascii_end().len().checked_sub(1)?;
    if text[close] != b'"' || is_escaped(text, close) {
        return None;
    }
    let open = memchr::memrchr_iter(b'"', &text[..close]).find(|quote| !is_escaped(text, *quote))?;
    let key = std::str::from_utf8(&text[open + 1..close]).ok()?;
    (string_end(text, open) == Some(close + 1)).then(|| decode(key))
}

fn is_escaped(text: &[u8], at: usize) -> bool {
    text[..at].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

/// A key as it reads, from its inside.
fn decode(inside: &str) -> String {
    code_points(inside).into_iter().map(|point| char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}
