//! Text forms with one spelling for each value: base64 with canonical padding, and decimals without leading zeros.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use vouchsafe_core::hash::Hash;

pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub(crate) fn parse_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

pub(crate) fn parse_hash(text: &str) -> Option<Hash> {
    parse_base64(text)?.try_into().ok()
}

pub(crate) fn parse_decimal(text: &str) -> Option<u64> {
    let canonical = text == "0" || text.starts_with(|first: char| matches!(first, '1'..='9'));
    text.parse().ok().filter(|_| canonical)
}
