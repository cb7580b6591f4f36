//! The tokens of RFC 8259, as spans of the text: for those who need the text itself and not its value.

use memchr::memchr2;

/// The first position from `at` that holds no white space.
pub(crate) fn skip_space(text: &[u8], mut at: usize) -> usize {
    while matches!(text.get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
        at += 1;
    }
    at
}

/// The end of the string whose opening quote is at `at`, after its closing quote; `None` if it is no JSON string. That the
/// text is UTF-8 is the caller's to know.
pub(crate) fn string_end(text: &[u8], at: usize) -> Option<usize> {
    let mut from = at + 1;
    loop {
        let rest = text.get(from..)?;
        let stop = memchr2(b'"', b'\\', rest)?;
        if rest[..stop].iter().any(|byte| *byte < 0x20) {
            return None;
        }
        if rest[stop] == b'"' {
            return Some(from + stop + 1);
        }
        from += stop + escape_length(&rest[stop..])?;
    }
}

/// The length of the escape at the text's start: `\n`, `\u00e9`.
fn escape_length(text: &[u8]) -> Option<usize> {
    match text.get(1)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(2),
        b'u' => text.get(2..6)?.iter().all(u8::is_ascii_hexdigit).then_some(6),
        _ => None,
    }
}

/// The end of the number that begins at `at`; `None` if none does.
pub(crate) fn number_end(text: &[u8], at: usize) -> Option<usize> {
    let digits = |from: usize| from + text[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut end = at + usize::from(text.get(at) == Some(&b'-'));
    end = match text.get(end)? {
        b'0' => end + 1,
        b'1'..=b'9' => digits(end),
        _ => return None,
    };
    if text.get(end) == Some(&b'.') && digits(end + 1) > end + 1 {
        end = digits(end + 1);
    }
    if matches!(text.get(end), Some(b'e' | b'E')) {
        let from = end + 1 + usize::from(matches!(text.get(end + 1), Some(b'+' | b'-')));
        if from <= text.len() && digits(from) > from {
            end = digits(from);
        }
    }
    Some(end)
}

/// The code points of a string's inside (between its quotes, already found to be well formed), lone surrogates as they
/// stand.
pub(crate) fn code_points(inside: &str) -> Vec<u32> {
    let mut points = Vec::with_capacity(inside.len());
    let mut rest = inside;
    while let Some(first) = rest.chars().next() {
        let length = if first == '\\' { escape_length(rest.as_bytes()).unwrap_or(1) } else { first.len_utf8() };
        let (token, after) = rest.split_at(length);
        let point = if first == '\\' { unescape(token) } else { u32::from(first) };
        rest = after;
        match (points.last_mut(), point) {
            (Some(high @ 0xd800..=0xdbff), 0xdc00..=0xdfff) => {
                *high = 0x10000 + ((*high - 0xd800) << 10) + point - 0xdc00;
            }
            _ => points.push(point),
        }
    }
    points
}

fn unescape(escape: &str) -> u32 {
    match escape.as_bytes()[1] {
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => 0x0a,
        b'r' => 0x0d,
        b't' => 0x09,
        b'u' => u32::from_str_radix(&escape[2..], 16).expect("four hex digits"),
        other => u32::from(other),
    }
}
