//! Claims as the handoff payload carries them, for and from other SDKs (payload 2.0).

mod reading;
mod writing;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// A claim of the payload: its keys in their order, all optional on reading, unknown ones kept.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct WireClaim {
    /// The trace's own id of the claim, a UUID.
    pub trace_intercept_id: Option<String>,
    /// The action.
    pub action_name: Option<String>,
    /// The call.
    pub call_ref: Option<String>,
    /// What is claimed: `[{path, value, sourcerykit_ref?}]`, or a value at `json_path`.
    pub claimed_value: Value,
    /// What was sent; never read as evidence.
    #[serde(deserialize_with = "object")]
    pub request_payload: Map<String, Value>,
    /// What was received; never read as evidence.
    pub response_payload: Value,
    /// The query record.
    pub query_id: Option<String>,
    /// `field_extraction`, `range_threshold`, `verbatim` or `schema_type`; `None` where the wire has no word for it.
    pub verification_mode: Option<String>,
    /// Where in the body; empty: all of it.
    #[serde(deserialize_with = "text")]
    pub json_path: String,
    /// For `schema_type`.
    pub expected_json_schema: Value,
    /// For `range_threshold`, inclusive.
    pub range_min: Value,
    /// For `range_threshold`, inclusive.
    pub range_max: Value,
    /// The claim whole, where this library wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim: Option<Value>,
    /// Keys that are not known here.
    #[serde(flatten)]
    pub others: Map<String, Value>,
}

/// Null is the empty text.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Null is the empty object.
fn object<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Map<String, Value>, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}
