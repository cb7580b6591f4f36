//! A claim of a payload, in the form that other SDKs read and write.

use serde::Deserialize;
use serde_json::Value;
use vouchsafe_core::wire_claim::WireClaim;

use super::HandoffClaim;

/// The key that tells a claim in the wire's form from one of ours.
pub(crate) const MODE: &str = "verification_mode";

/// Keys that have a text or are not there, where other SDKs read them.
const TEXTS: [&str; 2] = ["action_name", "call_ref"];

impl HandoffClaim {
    pub(super) fn to_wire(&self) -> Value {
        // A claim that came in the wire's form keeps it: its comparison is the wire's own.
        let mut wire = match &self.claim {
            Ok(claim) if self.given.get(MODE).is_none() => {
                let wire = WireClaim::of(claim, self.actual.as_ref());
                serde_json::to_value(wire).expect("a claim is plain data")
            }
            _ => self.given.clone(),
        };
        if let Value::Object(wire) = &mut wire {
            for key in TEXTS {
                if wire.get(key).is_none_or(Value::is_null) {
                    wire.insert(key.into(), "".into());
                }
            }
            // Evaluators keep their verdicts under it, each in a database of their own.
            if wire.get("trace_intercept_id").is_none_or(Value::is_null) {
                wire.insert("trace_intercept_id".into(), uuid::Uuid::now_v7().to_string().into());
            }
            match &self.query_id {
                Some(id) => drop(wire.insert("query_id".into(), id.as_str().into())),
                None => drop(wire.remove("query_id")),
            }
        }
        wire
    }

    /// The claims of one wire claim: one for each value that it states.
    pub fn from_wire(given: &Value, position: usize) -> Vec<Self> {
        let query_id = given["query_id"].as_str().map(str::to_owned);
        let one = |given: Value| {
            let wire = WireClaim::deserialize(&given).map_err(|error| error.to_string());
            let claim = wire.and_then(|wire| wire.claims(position).map_err(|error| error.message));
            let claim = claim.and_then(|claims| claims.into_iter().next().ok_or_else(|| "it claims nothing".into()));
            Self { claim, given, position, query_id: query_id.clone(), actual: None }
        };
        // Payloads are never evidence, and a copy of them for each value could fill the memory.
        let mut without_values = given.clone();
        if let Some(keys) = without_values.as_object_mut() {
            keys.retain(|key, _| !matches!(key.as_str(), "claimed_value" | "request_payload" | "response_payload"));
        }
        let with_value = |value: &Value| {
            let mut alone = without_values.clone();
            alone["claimed_value"] = Value::Array(vec![value.clone()]);
            alone
        };
        match given["claimed_value"].as_array() {
            Some(values) if values.len() > 1 && values.iter().all(|value| value.get("path").is_some()) => {
                values.iter().map(|value| one(with_value(value))).collect()
            }
            _ => vec![one(given.clone())],
        }
    }
}
