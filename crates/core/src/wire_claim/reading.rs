//! From the wire's claims to ours.

use super::WireClaim;
use crate::claim::{Claim, ClaimError, Comparator};
use crate::comparison::lenient_number;
use crate::decimal::Decimal;
use crate::plain_json;
use serde_json::{Map, Value, json};

/// One statement of a wire claim.
struct Statement<'w> {
    path: &'w str,
    value: &'w Value,
    call_ref: Option<&'w str>,
}

impl WireClaim {
    /// The claims that it makes, at least one; `position` is its place in its list, for the error.
    ///
    /// Where our own `claim` is there, it counts and nothing else. Otherwise `field_extraction` (also without a mode)
    /// makes a claim of each of its values, and `trace_intercept_id`, payloads and `query_id` select nothing.
    pub fn claims(&self, position: usize) -> Result<Vec<Claim>, ClaimError> {
        if let Some(claim) = &self.claim {
            return Ok(vec![Claim::parse(claim, position)?]);
        }
        let statements =
            self.statements().ok_or_else(|| error("claimed_value", position, "must be a list of {path, value}"))?;
        let mode = self.verification_mode.as_deref().unwrap_or("field_extraction");
        let read = |statement: &Statement| match mode {
            "field_extraction" => {
                let claim = self.claim_of(statement, "equals", statement.value.clone(), position)?;
                Ok(claim.with_comparator(Comparator::SameText(statement.value.clone())))
            }
            "verbatim" => self.claim_of(statement, "equals", statement.value.clone(), position),
            "schema_type" => self.claim_of(statement, "matches", self.expected_json_schema.clone(), position),
            "range_threshold" => self.range(statement, position),
            _ => Err(error("verification_mode", position, "is not known")),
        };
        if statements.is_empty() {
            return Err(error("claimed_value", position, "claims nothing"));
        }
        statements.iter().map(read).collect()
    }

    /// `None` where a list holds something else than statements beside them.
    fn statements(&self) -> Option<Vec<Statement<'_>>> {
        let is_statement =
            |value: &Value| value.get("path").is_some_and(Value::is_string) && value.get("value").is_some();
        match &self.claimed_value {
            Value::Array(list) if list.iter().any(is_statement) || (list.is_empty() && self.json_path.is_empty()) => {
                list.iter().map(Statement::read).collect()
            }
            value => Some(vec![Statement { path: &self.json_path, value, call_ref: None }]),
        }
    }

    fn claim_of(&self, statement: &Statement, key: &str, operand: Value, position: usize) -> Result<Claim, ClaimError> {
        let mut json = Map::new();
        // An empty text selects nothing.
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        match (statement.call_ref.map(str::to_owned).or_else(|| given(&self.call_ref)), given(&self.action_name)) {
            (Some(call), _) => json.insert("callRef".to_owned(), call.into()),
            (None, Some(action)) => json.insert("action".to_owned(), action.into()),
            (None, None) => return Err(error("call_ref", position, "or action_name is needed")),
        };
        if !statement.path.is_empty() {
            json.insert("path".to_owned(), statement.path.into());
        }
        json.insert(key.to_owned(), operand);
        Claim::parse(&Value::Object(json), position)
    }

    fn range(&self, statement: &Statement, position: usize) -> Result<Claim, ClaimError> {
        let min = bound("range_min", &self.range_min, position)?;
        let max = bound("range_max", &self.range_max, position)?;
        let claimed = bound("claimed_value", statement.value, position)?;
        let mut between = Map::new();
        for (key, token) in [("min", &self.range_min), ("max", &self.range_max)] {
            if let Some(number) = number(token) {
                between.insert(key.to_owned(), number);
            }
        }
        let claim = self.claim_of(statement, "between", json!(between), position)?;
        Ok(claim.with_comparator(Comparator::MeanBetween { min, max, claimed }))
    }
}

impl<'w> Statement<'w> {
    fn read(json: &'w Value) -> Option<Self> {
        let path = json.get("path")?.as_str()?;
        let call_ref = json.get("sourcerykit_ref").and_then(Value::as_str).filter(|text| !text.is_empty());
        Some(Self { path, value: json.get("value")?, call_ref })
    }
}

fn error(key: &str, position: usize, message: &str) -> ClaimError {
    ClaimError { key: key.to_owned(), position, message: message.to_owned() }
}

fn bound(key: &str, value: &Value, position: usize) -> Result<Option<Decimal>, ClaimError> {
    match value {
        Value::Null => Ok(None),
        value => lenient_number(value).map(Some).ok_or_else(|| error(key, position, "must be a number")),
    }
}

/// A number, also where it is written as a text.
fn number(value: &Value) -> Option<Value> {
    match value {
        Value::Number(_) => Some(value.clone()),
        Value::String(text) => plain_json::from_str(text.trim()).ok().filter(Value::is_number),
        _ => None,
    }
}
