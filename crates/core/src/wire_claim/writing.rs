//! From our claims to the wire's, as far as the wire can say it.

use super::WireClaim;
use crate::claim::{Claim, Comparator, Part};
use serde_json::{Value, json};

impl WireClaim {
    /// The wire form of a claim; ids and payloads are the caller's to fill.
    #[must_use]
    pub fn of(claim: &Claim) -> Self {
        let wire = Self {
            action_name: claim.action.clone(),
            call_ref: claim.call_ref.clone(),
            claim: Some(claim.json().clone()),
            ..Self::default()
        };
        // The wire's paths lead into bodies.
        if claim.part == Part::Body { with_comparator(wire, claim) } else { wire }
    }
}

fn with_comparator(wire: WireClaim, claim: &Claim) -> WireClaim {
    let json_path = claim.path.as_str().to_owned();
    let mode = |mode: &str| Some(mode.to_owned());
    match &claim.comparator {
        Comparator::Equals(value) | Comparator::SameText(value) => WireClaim {
            claimed_value: json!([{"path": json_path, "value": value}]),
            verification_mode: mode("field_extraction"),
            ..wire
        },
        Comparator::Between { .. } | Comparator::MeanBetween { .. } => {
            let bound = |key: &str| claim.json()["between"].get(key).cloned().unwrap_or(Value::Null);
            WireClaim {
                json_path,
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
        Comparator::Approx(_) | Comparator::Contains(_) => wire,
    }
}
