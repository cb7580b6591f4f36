//! JSON whose nesting is known before it is parsed.

use crate::plain_json::has_reserved_key;
use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;

/// How deep lists and objects may nest; everything here that recurses relies on it.
pub const MAX_NESTING: usize = 128;

/// Why bytes are no JSON value for us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// Not JSON.
    #[error("this is no JSON")]
    Syntax,
    /// Nested deeper than [`MAX_NESTING`].
    #[error("this JSON is nested deeper than {MAX_NESTING}")]
    TooDeep,
    /// An object has a key that [`crate::plain_json`] does not read.
    #[error("this JSON has a reserved key")]
    ReservedKey,
}

/// Parses one JSON value, numbers as their tokens; of duplicate keys the last counts, and a lone surrogate, which
/// RFC 8259 lets an escape write and no Rust string holds, is U+FFFD.
pub fn parse_json(bytes: &[u8]) -> Result<Value, JsonError> {
    match nesting(bytes) {
        0 => {}
        1..=MAX_NESTING if !has_reserved_key(bytes) => {}
        1..=MAX_NESTING => return Err(JsonError::ReservedKey),
        _ => return Err(JsonError::TooDeep),
    }
    parse(bytes).or_else(|error| match replace_lone_surrogates(bytes) {
        Cow::Borrowed(_) => Err(error),
        Cow::Owned(replaced) => parse(&replaced),
    })
}

fn parse(bytes: &[u8]) -> Result<Value, JsonError> {
    let mut parser = serde_json::Deserializer::from_slice(bytes);
    parser.disable_recursion_limit(); // `nesting` has bounded it
    let value = Value::deserialize(&mut parser).map_err(|_| JsonError::Syntax)?;
    parser.end().map_err(|_| JsonError::Syntax)?;
    Ok(value)
}

/// The deepest nesting, by one look at each byte; 0 where the text is no list or object.
fn nesting(bytes: &[u8]) -> usize {
    if !matches!(bytes.trim_ascii_start().first(), Some(b'[' | b'{')) {
        return 0;
    }
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut in_string, mut escaped) = (false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// Writes `\ufffd` for each escape that is half of a surrogate pair.
fn replace_lone_surrogates(bytes: &[u8]) -> Cow<'_, [u8]> {
    let mut replaced = Cow::Borrowed(bytes);
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\\', &bytes[at..]) {
        at += found;
        let unit = escaped_unit(&bytes[at..]);
        at += match unit {
            Some(0xD800..=0xDBFF) if matches!(escaped_unit(&bytes[at + 6..]), Some(0xDC00..=0xDFFF)) => 12,
            Some(0xD800..=0xDFFF) => {
                replaced.to_mut()[at + 2..at + 6].copy_from_slice(b"fffd");
                6
            }
            _ => 2,
        };
        if at >= bytes.len() {
            break;
        }
    }
    replaced
}

/// The UTF-16 unit of the `\uXXXX` that the bytes begin with.
fn escaped_unit(bytes: &[u8]) -> Option<u16> {
    let digits = bytes.strip_prefix(b"\\u")?.get(..4)?;
    digits.iter().all(u8::is_ascii_hexdigit).then_some(())?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}
