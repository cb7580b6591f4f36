//! `name=value` pairs joined by `&`: queries, fragments and form-encoded bodies.

use super::REDACTED;
use super::names::Names;
use percent_encoding::percent_decode;

/// The longest name that is listed whole, in bytes.
const MAX_NAME_BYTES: usize = 255;

/// Writes the pairs to `out` with the values of these names redacted, and calls `found` with each such name, decoded. A
/// question mark parts pairs too, as in a URL that is a parameter of another one.
pub(super) fn redact_pairs(pairs: &[u8], names: &Names, out: &mut Vec<u8>, mut found: impl FnMut(&str)) {
    for pair in pairs.split_inclusive(|byte| matches!(byte, b'&' | b'?')) {
        let end = pair.len() - usize::from(pair.ends_with(b"&") || pair.ends_with(b"?"));
        let equals = memchr::memchr(b'=', &pair[..end]);
        let name = equals.map(|equals| decode(&pair[..equals])).filter(|name| names.contains(name));
        match (equals, name) {
            (Some(equals), Some(name)) => {
                out.extend_from_slice(&pair[..=equals]);
                out.extend_from_slice(REDACTED.as_bytes());
                out.extend_from_slice(&pair[end..]);
                found(&name[..name.floor_char_boundary(MAX_NAME_BYTES)]);
            }
            _ => out.extend_from_slice(pair),
        }
    }
}

fn decode(name: &[u8]) -> String {
    let spaced: Vec<u8> = name.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_decode(&spaced).decode_utf8_lossy().trim().to_owned()
}
