//! `response_hash`: a column that the Python SDK writes and compares. The log does not rest on it.

use crate::hash::sha256;
use crate::json_text::{code_points, number_end, skip_space, string_end};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Deeper bodies are hashed as text.
const MAX_DEPTH: usize = 128;
/// Python reads no integer of more digits.
const MAX_INTEGER_DIGITS: usize = 4300;

/// Lower-case hex SHA-256 of the body's value in the form of Python's `json.dumps(value, sort_keys=True)`, made from the
/// number tokens and never from parsed doubles; of `{"text": …}` where the body is no JSON or nested deeper than 128.
#[must_use]
pub fn response_hash(body: &[u8]) -> String {
    hex::encode(sha256(&[hashed_text(body).as_bytes()]))
}

/// The text that [`response_hash`] hashes.
#[must_use]
pub fn hashed_text(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    json_dumps(&text).unwrap_or_else(|| wrapped("text", &text))
}

/// The value of a JSON text as Python writes it; `None` where that SDK takes the text for no JSON.
pub(crate) fn json_dumps(text: &str) -> Option<String> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0)?;
    (skip_space(text.as_bytes(), reader.at) == text.len()).then_some(value)
}

/// `{"<name>": "<text>"}` as Python writes it.
pub(crate) fn wrapped(name: &str, text: &str) -> String {
    let mut wrapped = format!("{{\"{name}\": ");
    write_string(&mut wrapped, text.chars().map(u32::from));
    wrapped + "}"
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    /// The next value as Python writes it.
    fn value(&mut self, depth: usize) -> Option<String> {
        match self.peek()? {
            b'{' if depth < MAX_DEPTH => self.object(depth + 1),
            b'[' if depth < MAX_DEPTH => self.array(depth + 1),
            b'{' | b'[' => None,
            b'"' => {
                let mut written = String::new();
                write_string(&mut written, self.string()?);
                Some(written)
            }
            _ => self.scalar(),
        }
    }

    fn object(&mut self, depth: usize) -> Option<String> {
        // By code point, as Python sorts; of a key that comes twice the last value stays.
        let mut members = BTreeMap::new();
        self.at += 1;
        if self.peek()? != b'}' {
            loop {
                self.peek().filter(|first| *first == b'"')?;
                let key = self.string()?;
                self.take(b':')?;
                members.insert(key, self.value(depth)?);
                if self.take(b',').is_none() {
                    break;
                }
            }
        }
        self.take(b'}')?;
        let members = members.into_iter().map(|(key, value)| {
            let mut member = String::new();
            write_string(&mut member, key);
            member + ": " + &value
        });
        Some(format!("{{{}}}", members.collect::<Vec<_>>().join(", ")))
    }

    fn array(&mut self, depth: usize) -> Option<String> {
        let mut items = Vec::new();
        self.at += 1;
        if self.peek()? != b']' {
            loop {
                items.push(self.value(depth)?);
                if self.take(b',').is_none() {
                    break;
                }
            }
        }
        self.take(b']')?;
        Some(format!("[{}]", items.join(", ")))
    }

    fn string(&mut self) -> Option<Vec<u32>> {
        let end = string_end(self.text.as_bytes(), self.at)?;
        let inside = &self.text[self.at + 1..end - 1];
        self.at = end;
        Some(code_points(inside))
    }

    fn scalar(&mut self) -> Option<String> {
        const LITERALS: [&str; 6] = ["true", "false", "null", "NaN", "Infinity", "-Infinity"];
        if let Some(literal) = LITERALS.into_iter().find(|literal| self.text[self.at..].starts_with(literal)) {
            self.at += literal.len();
            return Some(literal.into());
        }
        let end = number_end(self.text.as_bytes(), self.at)?;
        let token = &self.text[self.at..end];
        self.at = end;
        if token.contains(['.', 'e', 'E']) {
            return Some(float_repr(token.parse().expect("a JSON number is a Rust number")));
        }
        let digits = token.trim_start_matches('-').len();
        (digits <= MAX_INTEGER_DIGITS).then(|| if token == "-0" { "0".into() } else { token.into() })
    }

    fn peek(&mut self) -> Option<u8> {
        self.at = skip_space(self.text.as_bytes(), self.at);
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        self.peek().filter(|next| *next == byte)?;
        self.at += 1;
        Some(())
    }
}

/// Python's `repr(float)`: the shortest digits that round-trip, with an exponent below −4 and from 16 on.
fn float_repr(value: f64) -> String {
    if value.is_infinite() {
        return if value > 0.0 { "Infinity".into() } else { "-Infinity".into() };
    }
    let shortest = format!("{value:e}");
    let (mantissa, exponent) = shortest.split_once('e').expect("Rust writes an exponent");
    let exponent: i32 = exponent.parse().expect("Rust writes a small exponent");
    if (-4..16).contains(&exponent) {
        format!("{value:?}")
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
    }
}

/// A JSON string in ASCII: all but 0x20–0x7E escaped, beyond U+FFFF as a surrogate pair.
fn write_string(out: &mut String, points: impl IntoIterator<Item = u32>) {
    out.push('"');
    for point in points {
        match point {
            0x22 => out.push_str("\\\""),
            0x5c => out.push_str("\\\\"),
            0x0a => out.push_str("\\n"),
            0x0d => out.push_str("\\r"),
            0x09 => out.push_str("\\t"),
            0x08 => out.push_str("\\b"),
            0x0c => out.push_str("\\f"),
            0x20..=0x7e => out.push(char::from_u32(point).expect("ASCII")),
            0x10000.. => {
                let offset = point - 0x10000;
                let _ = write!(out, "\\u{:04x}\\u{:04x}", 0xd800 + (offset >> 10), 0xdc00 + (offset & 0x3ff));
            }
            _ => {
                let _ = write!(out, "\\u{point:04x}");
            }
        }
    }
    out.push('"');
}
