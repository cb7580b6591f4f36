//! Comparators that need numbers.

use super::Mismatch;
use crate::claim::Tolerance;
use crate::decimal::Decimal;
use crate::message::{kind_of, shorten};
use serde_json::Value;

impl Tolerance {
    pub(super) fn admits(&self, number: &Decimal) -> bool {
        self.abs.as_ref().is_some_and(|abs| number.is_within(&self.value, abs))
            || self.rel.as_ref().is_some_and(|rel| number.is_within_ratio(&self.value, rel))
    }
}

/// Whether a number, or every member of a list that is not empty, is admitted.
pub(super) fn each(actual: &Value, comparator: &str, admits: impl Fn(&Decimal) -> bool) -> Result<(), Mismatch> {
    let one = |value: &Value, name: &str| {
        let shown = shorten(&value.to_string());
        let Value::Number(number) = value else {
            let kind = kind_of(value);
            return Err(Mismatch::new(format!("{name} is {kind} {shown}, and {comparator} needs a JSON number")));
        };
        match Decimal::of(number) {
            Some(number) if admits(&number) => Ok(()),
            Some(_) => Err(Mismatch::new(format!("{name} is {shown}"))),
            None => Err(Mismatch::new(format!("{name} is {shown}, whose exponent is too large to compare"))),
        }
    };
    match actual {
        Value::Array(list) if list.is_empty() => Err(Mismatch::new("it is an empty list".to_owned())),
        Value::Array(list) => {
            list.iter().enumerate().try_for_each(|(index, member)| one(member, &format!("member {index} of the list")))
        }
        _ => one(actual, "it"),
    }
}

/// The wire's `range_threshold`.
pub(super) fn mean(
    actual: &Value,
    min: Option<&Decimal>,
    max: Option<&Decimal>,
    claimed: Option<&Decimal>,
) -> Result<(), Mismatch> {
    let shown = || shorten(&actual.to_string());
    let values: Option<Vec<Decimal>> = match actual {
        Value::Array(list) if list.is_empty() => None,
        Value::Array(list) => list.iter().map(lenient_number).collect(),
        _ => lenient_number(actual).map(|number| vec![number]),
    };
    let Some(values) = values else {
        return Err(Mismatch::new(format!("it is {}, which is no number and no list of numbers", shown())));
    };
    let in_range = min.is_none_or(|min| min.mean_against(&values).is_ge())
        && max.is_none_or(|max| max.mean_against(&values).is_le());
    let tolerance = Decimal::parse("1e-9").unwrap_or_default();
    if in_range && claimed.is_none_or(|claimed| claimed.is_mean_within(&values, &tolerance)) {
        return Ok(());
    }
    let subject = if actual.is_array() { "it is the mean of" } else { "it is" };
    Err(Mismatch::new(format!("{subject} {}", shown())))
}

/// A number, or a text that is one.
pub(crate) fn lenient_number(value: &Value) -> Option<Decimal> {
    match value {
        Value::Number(number) => Decimal::of(number),
        Value::String(text) => Decimal::parse(text.trim()),
        _ => None,
    }
}
