//! When two JSON values are the same.

use crate::decimal::Decimal;
use serde_json::{Number, Value};
use unicode_normalization::UnicodeNormalization;

/// How two strings are compared.
pub(crate) type SameText = fn(&str, &str) -> bool;

/// Code point by code point, both sides in NFC.
pub(crate) fn same_normalized(left: &str, right: &str) -> bool {
    left == right || (!(left.is_ascii() && right.is_ascii()) && left.nfc().eq(right.nfc()))
}

/// Code point by code point, as RFC 9535 compares inside filters.
pub(crate) fn same_exact(left: &str, right: &str) -> bool {
    left == right
}

/// By value: 1 is 1.0. A token that [`Decimal`] does not read equals only itself.
pub(crate) fn same_number(left: &Number, right: &Number) -> bool {
    left.as_str() == right.as_str() || Decimal::of(left).is_some_and(|left| Some(left) == Decimal::of(right))
}

/// Numbers as exact decimals, strings by `same_text`, objects without regard to the order of their keys.
///
/// Recurses as deep as the values are nested; the caller has bounded that.
pub(crate) fn same(left: &Value, right: &Value, same_text: SameText) -> bool {
    match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::Number(left), Value::Number(right)) => same_number(left, right),
        (Value::String(left), Value::String(right)) => same_text(left, right),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right, same_text))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(key, left)| right.get(key).is_some_and(|right| same(left, right, same_text)))
        }
        _ => false,
    }
}
