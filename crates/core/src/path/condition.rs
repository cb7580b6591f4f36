//! Evaluates the filters.

use super::TooCostly;
use super::evaluate::Evaluation;
use super::syntax::{Operand, Operator, Pattern, Query, Test};
use crate::decimal::Decimal;
use crate::equality::{same, same_exact};
use serde_json::Value;
use std::borrow::Cow;

/// What compiling an expression that the value holds counts as.
const VISITS_PER_COMPILATION: usize = 100_000;

/// Bytes of text searched that count as one visit.
const BYTES_PER_VISIT: usize = 64;

impl<'v> Evaluation<'v> {
    pub(super) fn holds(&self, test: &Test, current: &'v Value) -> Result<bool, TooCostly> {
        self.charge(1)?;
        Ok(match test {
            Test::Any(tests) => {
                for part in tests {
                    if self.holds(part, current)? {
                        return Ok(true);
                    }
                }
                false
            }
            Test::All(tests) => {
                for part in tests {
                    if !self.holds(part, current)? {
                        return Ok(false);
                    }
                }
                true
            }
            Test::Not(negated) => !self.holds(negated, current)?,
            Test::Exists(query) => !self.query(query, current)?.is_empty(),
            Test::Compare(left, operator, right) => {
                let (left, right) = (self.value(left, current)?, self.value(right, current)?);
                for side in [&left, &right] {
                    self.charge(side.as_deref().map_or(0, weight))?;
                }
                compare(left.as_deref(), *operator, right.as_deref())
            }
            Test::Matches { text, pattern } => {
                let searched = self.value(text, current)?;
                let Some(subject) = searched.as_deref().and_then(Value::as_str) else {
                    return Ok(false);
                };
                self.charge(subject.len() / BYTES_PER_VISIT)?;
                match pattern {
                    Pattern::Fixed(expression) => {
                        expression.as_ref().is_some_and(|expression| expression.is_match(subject))
                    }
                    Pattern::Computed { pattern, whole } => {
                        let pattern = self.value(pattern, current)?;
                        let Some(pattern) = pattern.as_deref().and_then(Value::as_str) else {
                            return Ok(false);
                        };
                        self.charge(pattern.len() / BYTES_PER_VISIT)?;
                        let pay = || self.charge(VISITS_PER_COMPILATION);
                        self.compiled.is_match(pattern, *whole, subject, pay)?
                    }
                }
            }
        })
    }

    fn query(&self, query: &Query, current: &'v Value) -> Result<Vec<&'v Value>, TooCostly> {
        let start = if query.from_root { self.root } else { current };
        Ok(self.select(start, &query.segments)?.into_iter().map(|node| node.value).collect())
    }

    /// The operand's value; `None` is the RFC's Nothing.
    fn value<'o>(&self, operand: &'o Operand, current: &'v Value) -> Result<Option<Cow<'o, Value>>, TooCostly>
    where
        'v: 'o,
    {
        Ok(match operand {
            Operand::Literal(literal) => Some(Cow::Borrowed(literal)),
            Operand::Query(query) | Operand::ValueOf(query) => match self.query(query, current)?[..] {
                [value] => {
                    if self.hidden.is_some() && value.as_str() == self.hidden {
                        self.read_hidden.set(true);
                    }
                    Some(Cow::Borrowed(value))
                }
                _ => None,
            },
            Operand::Count(query) => Some(Cow::Owned(self.query(query, current)?.len().into())),
            Operand::Length(operand) => {
                let length = match self.value(operand, current)?.as_deref() {
                    Some(Value::String(text)) => {
                        self.charge(text.len() / BYTES_PER_VISIT)?;
                        Some(text.chars().count())
                    }
                    Some(Value::Array(list)) => Some(list.len()),
                    Some(Value::Object(object)) => Some(object.len()),
                    _ => None,
                };
                length.map(|length| Cow::Owned(length.into()))
            }
        })
    }
}

/// How many visits reading all of a value counts as.
pub(crate) fn weight(value: &Value) -> usize {
    match value {
        Value::Array(list) => 1 + list.iter().map(weight).sum::<usize>(),
        Value::Object(object) => 1 + object.values().map(weight).sum::<usize>(),
        Value::String(text) => 1 + text.len() / BYTES_PER_VISIT,
        Value::Number(number) => 1 + number.as_str().len() / BYTES_PER_VISIT,
        Value::Null | Value::Bool(_) => 1,
    }
}

/// RFC 9535 §2.3.5.2.2, numbers as exact decimals.
fn compare(left: Option<&Value>, operator: Operator, right: Option<&Value>) -> bool {
    let equal = || match (left, right) {
        (Some(left), Some(right)) => same(left, right, same_exact),
        (left, right) => left.is_none() && right.is_none(),
    };
    match operator {
        Operator::Equal => equal(),
        Operator::NotEqual => !equal(),
        Operator::Less => is_less(left, right),
        Operator::Greater => is_less(right, left),
        Operator::LessOrEqual => is_less(left, right) || equal(),
        Operator::GreaterOrEqual => is_less(right, left) || equal(),
    }
}

fn is_less(left: Option<&Value>, right: Option<&Value>) -> bool {
    match (left, right) {
        (Some(Value::Number(left)), Some(Value::Number(right))) => {
            Decimal::of(left).zip(Decimal::of(right)).is_some_and(|(left, right)| left < right)
        }
        (Some(Value::String(left)), Some(Value::String(right))) => left < right,
        _ => false,
    }
}
