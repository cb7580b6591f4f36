//! The wire's `field_extraction`: equal texts, where the text is what Python's `str()` gives.

use super::Mismatch;
use crate::message::shorten;
use crate::response_hash::hashed_text;
use serde_json::Value;

pub(super) fn same(actual: &Value, claimed: &Value) -> Result<(), Mismatch> {
    let actual = text(actual);
    if actual == text(claimed) { Ok(()) } else { Err(Mismatch::new(format!("it is {}", shorten(&actual)))) }
}

/// What Python's `str()` gives; of containers, their canonical JSON.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::String(text) => text.trim().to_owned(),
        Value::Number(_) | Value::Array(_) | Value::Object(_) => hashed_text(value.to_string().as_bytes()),
    }
}
