//! From our claims to the wire's, as far as the wire can say it.

use super::WireClaim;
use crate::claim::{Claim, Comparator, Part};
use crate::comparison::python_text;
use crate::path::{Path, Step};
use serde_json::{Value, json};

impl WireClaim {
    /// The wire form of a claim; ids and payloads are the caller's to fill. `actual` is what the evidence says, where it
    /// is known: the wire states a range's value beside its bounds.
    #[must_use]
    pub fn of(claim: &Claim, actual: Option<&Value>) -> Self {
        let wire = Self {
            action_name: claim.action.clone(),
            call_ref: claim.call_ref.clone(),
            claim: Some(claim.json().clone()),
            ..Self::default()
        };
        // The wire's paths lead into bodies.
        let path = if claim.part == Part::Body { dotted(&claim.path) } else { None };
        path.map_or(wire.clone(), |path| with_comparator(wire, claim, path, actual))
    }
}

fn with_comparator(wire: WireClaim, claim: &Claim, json_path: String, actual: Option<&Value>) -> WireClaim {
    let mode = |mode: &str| Some(mode.to_owned());
    match &claim.comparator {
        // The wire compares texts, and takes none for a null.
        Comparator::Equals(value) | Comparator::SameText(value) if !value.is_null() => WireClaim {
            claimed_value: json!([{"path": json_path, "value": python_text(value)}]),
            verification_mode: mode("field_extraction"),
            ..wire
        },
        Comparator::Between { .. } | Comparator::MeanBetween { .. } => {
            let bound = |key: &str| claim.json()["between"].get(key).cloned().unwrap_or(Value::Null);
            WireClaim {
                json_path,
                claimed_value: actual.and_then(stated).unwrap_or(Value::Null),
                range_min: bound("min"),
                range_max: bound("max"),
                verification_mode: mode("range_threshold"),
                ..wire
            }
        }
        Comparator::Matches(schema) => WireClaim {
            json_path,
            expected_json_schema: schema.json().clone(),
            verification_mode: mode("schema_type"),
            ..wire
        },
        _ => wire,
    }
}

/// A path as the wire's readers walk it, which know neither quotes nor selectors of several; `None` where it cannot be
/// said so.
fn dotted(path: &Path) -> Option<String> {
    let is_plain = |name: &str| !name.is_empty() && name.trim() == name && !name.contains(['.', '[', ']']);
    let steps = path.place()?;
    let mut text = String::from("$");
    for step in &steps.0 {
        match step {
            Step::Name(name) if is_plain(name) => text.extend([".", name]),
            Step::Name(_) => return None,
            Step::Index(index) => text.extend(["[", &index.to_string(), "]"]),
        }
    }
    Some(text)
}

/// A range's value as the wire states it: a number, of a list the mean.
fn stated(actual: &Value) -> Option<Value> {
    let Some(list) = actual.as_array() else { return actual.is_number().then(|| actual.clone()) };
    let numbers: Vec<f64> = list.iter().map(Value::as_f64).collect::<Option<_>>()?;
    #[expect(clippy::cast_precision_loss, reason = "a count of values, and the wire's mean is a double")]
    let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
    serde_json::Number::from_f64(mean).map(Value::Number)
}
