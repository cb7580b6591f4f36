//! Comparison of an actual value with what is claimed. The sentence parts of a [`Mismatch`] stand behind "but".

mod number;
mod python_text;

use crate::claim::Comparator;
use crate::equality::{same, same_normalized};
use crate::message::{kind_of, shorten};
pub(crate) use number::lenient_number;
pub(crate) use python_text::text as python_text;
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

/// Why an actual value does not support a claim.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Mismatch {
    /// A sentence part that says what the actual value is: `it is 41`.
    pub reason: String,
}

impl Mismatch {
    fn new(reason: String) -> Self {
        Self { reason }
    }
}

/// Whether the actual value supports what is claimed.
///
/// Numbers as exact decimals; strings code point by code point, both sides in NFC; objects without regard to the order
/// of their keys. The values must not be nested deeper than 128, as [`crate::body::parse_json`] and
/// [`crate::claim::Claim::parse`] see to.
pub fn compare(actual: &Value, comparator: &Comparator) -> Result<(), Mismatch> {
    match comparator {
        Comparator::Equals(claimed) => equals(actual, claimed),
        Comparator::Approx(tolerance) => number::each(actual, "approx", |number| tolerance.admits(number)),
        Comparator::Between { min, max } => number::each(actual, "between", |number| {
            min.as_ref().is_none_or(|min| min <= number) && max.as_ref().is_none_or(|max| number <= max)
        }),
        Comparator::Contains(claimed) => contains(actual, claimed),
        Comparator::Matches(schema) => {
            schema.check(actual).map_err(|reason| Mismatch::new(format!("it does not: {}", shorten(&reason))))
        }
        Comparator::SameText(claimed) => python_text::same(actual, claimed),
        Comparator::MeanBetween { min, max, claimed } => {
            number::mean(actual, min.as_ref(), max.as_ref(), claimed.as_ref())
        }
    }
}

fn equals(actual: &Value, claimed: &Value) -> Result<(), Mismatch> {
    if same(actual, claimed, same_normalized) {
        return Ok(());
    }
    let kinds = (kind_of(actual), kind_of(claimed));
    let reason = if kinds.0 == kinds.1 {
        format!("it is {}", shorten(&actual.to_string()))
    } else {
        format!("it is {} {}, not {}", kinds.0, shorten(&actual.to_string()), kinds.1)
    };
    Err(Mismatch::new(reason))
}

fn contains(actual: &Value, claimed: &Value) -> Result<(), Mismatch> {
    let found = match (actual, claimed) {
        (Value::String(actual), Value::String(claimed)) => {
            actual.contains(claimed.as_str()) || contains_normalized(actual, claimed)
        }
        (Value::Array(list), _) => list.iter().any(|member| same(member, claimed, same_normalized)),
        (Value::Object(actual), Value::Object(claimed)) => claimed
            .iter()
            .all(|(key, claimed)| actual.get(key).is_some_and(|actual| same(actual, claimed, same_normalized))),
        _ => {
            let (actual, claimed) = (kind_of(actual), kind_of(claimed));
            return Err(Mismatch::new(format!("it is {actual}, which cannot contain {claimed}")));
        }
    };
    if found { Ok(()) } else { Err(Mismatch::new(format!("it is {}", shorten(&actual.to_string())))) }
}

fn contains_normalized(actual: &str, claimed: &str) -> bool {
    !(actual.is_ascii() && claimed.is_ascii())
        && actual.nfc().collect::<String>().contains(&claimed.nfc().collect::<String>())
}
