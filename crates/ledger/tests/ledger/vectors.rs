//! The known answers in `tests/vectors`.

use serde::Deserialize;
use serde_json::Value;
use std::sync::LazyLock;
use vouchsafe_core::hash::Hash;

/// Trees, proofs, notes and tiles, on which three other implementations agree.
pub static TLOG: LazyLock<Value> = LazyLock::new(|| read(include_str!("../vectors/tlog-vectors.json")));

/// Canonical rows, leaves and seals.
pub static ROWS: LazyLock<Value> = LazyLock::new(|| read(include_str!("../vectors/rows.json")));

fn read(json: &str) -> Value {
    serde_json::from_str(json).expect("the vectors are JSON")
}

pub fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

pub fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

pub fn number(value: &Value) -> u64 {
    value.as_u64().or_else(|| text(value).parse().ok()).expect("a number")
}

pub fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(text(value)).expect("hex")
}

/// `None` where a case gives a hash of another length.
pub fn hash(value: &Value) -> Option<Hash> {
    bytes(value).try_into().ok()
}

pub fn hashes(value: &Value) -> Option<Vec<Hash>> {
    list(value).iter().map(hash).collect()
}

pub fn parse<T: for<'de> Deserialize<'de>>(value: &Value) -> T {
    serde_json::from_str(&value.to_string()).expect("of the type's form")
}
