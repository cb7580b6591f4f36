//! The comparators, of which a claim has exactly one.

use super::ClaimError;
use super::reader::Reader;
use crate::body::MAX_NESTING;
use crate::decimal::Decimal;
use crate::schema::Schema;
use serde_json::{Map, Value};

/// Digits that a relative tolerance may have: it is multiplied with the claimed value.
const MAX_RATIO_DIGITS: usize = 64;

/// How a claim compares the actual value.
#[derive(Debug, Clone)]
pub enum Comparator {
    /// The same JSON value.
    Equals(Value),
    /// A number near this one, or a list of such.
    Approx(Tolerance),
    /// A number between these, inclusive, or a list of such.
    Between {
        /// The least.
        min: Option<Decimal>,
        /// The greatest.
        max: Option<Decimal>,
    },
    /// A text, list or object that contains this.
    Contains(Value),
    /// A value that this JSON Schema describes.
    Matches(Schema),
    /// The wire's `field_extraction`: the same text as Python's `str()` gives it.
    SameText(Value),
    /// The wire's `range_threshold`: a number (or a list's mean) between these, inclusive, and equal to what is claimed.
    MeanBetween {
        /// The least.
        min: Option<Decimal>,
        /// The greatest.
        max: Option<Decimal>,
        /// What is claimed.
        claimed: Option<Decimal>,
    },
}

/// How far from a value is near: within `abs`, or within `rel` times the claimed value.
#[derive(Debug, Clone)]
pub struct Tolerance {
    /// The claimed value.
    pub value: Decimal,
    /// The greatest difference.
    pub abs: Option<Decimal>,
    /// The greatest difference as a part of the claimed value.
    pub rel: Option<Decimal>,
}

impl Comparator {
    pub(super) const KEYS: [&'static str; 5] = ["equals", "approx", "between", "contains", "matches"];

    pub(super) fn read(reader: &Reader) -> Result<Self, ClaimError> {
        let given: Vec<_> = Self::KEYS.iter().filter_map(|key| reader.get(key).map(|value| (*key, value))).collect();
        let (key, value) = match given[..] {
            [one] => one,
            [] => return Err(reader.error("", "needs one of equals, approx, between, contains and matches")),
            [(first, _), (second, _), ..] => {
                return Err(reader.error(second, &format!("cannot stand beside {first}: a claim has one comparator")));
            }
        };
        if !is_shallow(value, MAX_NESTING) {
            return Err(reader.error(key, "is nested too deep"));
        }
        match key {
            "equals" => Ok(Self::Equals(with_bigints(value))),
            "contains" => Ok(Self::Contains(with_bigints(value))),
            "matches" => match Schema::compile(value) {
                Ok(schema) => Ok(Self::Matches(schema)),
                Err(error) => Err(reader.error("matches", &error.to_string())),
            },
            "approx" => read_approx(&reader.inside("approx")?),
            _ => read_between(&reader.inside("between")?),
        }
    }

    /// The claimed value as a verdict shows it.
    #[must_use]
    pub fn claimed(&self, json: &Value) -> Value {
        match self {
            Self::Equals(value) | Self::Contains(value) | Self::SameText(value) => value.clone(),
            Self::Matches(schema) => schema.json().clone(),
            Self::Approx(_) => json["approx"].clone(),
            Self::Between { .. } | Self::MeanBetween { .. } => json["between"].clone(),
        }
    }
}

fn read_approx(reader: &Reader) -> Result<Comparator, ClaimError> {
    reader.allow_only(&["value", "abs", "rel"])?;
    let value = reader.decimal("value")?.ok_or_else(|| reader.error("value", "is missing"))?;
    let (abs, rel) = (reader.decimal("abs")?, reader.decimal("rel")?);
    for (key, tolerance) in [("abs", &abs), ("rel", &rel)] {
        if tolerance.as_ref().is_some_and(Decimal::is_negative) {
            return Err(reader.error(key, "must not be below 0"));
        }
    }
    if rel.as_ref().is_some_and(|rel| rel.precision() > MAX_RATIO_DIGITS) {
        return Err(reader.error("rel", "has too many digits"));
    }
    if abs.is_none() && rel.is_none() {
        return Err(reader.error("", "needs abs or rel"));
    }
    Ok(Comparator::Approx(Tolerance { value, abs, rel }))
}

fn read_between(reader: &Reader) -> Result<Comparator, ClaimError> {
    reader.allow_only(&["min", "max"])?;
    let (min, max) = (reader.decimal("min")?, reader.decimal("max")?);
    match (&min, &max) {
        (None, None) => Err(reader.error("", "needs min or max")),
        (Some(low), Some(high)) if low > high => Err(reader.error("min", "is above max")),
        _ => Ok(Comparator::Between { min, max }),
    }
}

fn is_shallow(value: &Value, levels: usize) -> bool {
    let inside = |value: &Value| levels > 0 && is_shallow(value, levels - 1);
    match value {
        Value::Array(list) => levels > 0 && list.iter().all(inside),
        Value::Object(object) => levels > 0 && object.values().all(inside),
        _ => true,
    }
}

/// Each `{"bigint": "…"}` as the number that it writes.
fn with_bigints(value: &Value) -> Value {
    match value {
        Value::Array(list) => list.iter().map(with_bigints).collect(),
        Value::Object(object) => bigint(object).unwrap_or_else(|| {
            object.iter().map(|(key, value)| (key.clone(), with_bigints(value))).collect::<Map<_, _>>().into()
        }),
        _ => value.clone(),
    }
}

fn bigint(object: &Map<String, Value>) -> Option<Value> {
    let digits = object.get("bigint").filter(|_| object.len() == 1)?.as_str()?;
    let is_integer = digits.strip_prefix('-').unwrap_or(digits).bytes().all(|byte| byte.is_ascii_digit());
    is_integer.then(|| serde_json::from_str(digits).ok()).flatten()
}
