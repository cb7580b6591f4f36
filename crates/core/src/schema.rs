//! JSON Schema 2020-12: without remote references, and with patterns on a linear engine.

mod cost;
mod graph;
mod reader;

use cost::Cost;
use graph::Graph;
use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::Value;
use std::fmt;
use std::sync::Arc;

/// Bytes that one compiled regular expression may take.
const MAX_PATTERN_BYTES: usize = 1 << 20;

/// A schema that was understood, kept with its JSON.
#[derive(Clone)]
pub struct Schema {
    json: Value,
    validator: Arc<Validator>,
    graph: Arc<Graph>,
}

/// Why a schema was not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SchemaError(String);

impl Schema {
    /// Compiles a schema, an object or a boolean: at most 1,000 schemas within each other, 32 regular expressions, and
    /// references to places within the schema only.
    pub fn compile(json: &Value) -> Result<Self, SchemaError> {
        let graph = reader::read(json)?;
        let options = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .offline()
            .with_pattern_options(PatternOptions::regex().size_limit(MAX_PATTERN_BYTES));
        let validator = options.build(json).map_err(|error| match error.kind() {
            ValidationErrorKind::Format { format } if format == "regex" => SchemaError(format!(
                "{} is no regular expression that is understood, or too large a one",
                error.instance()
            )),
            _ => SchemaError(error.to_string()),
        })?;
        Ok(Self { json: json.clone(), validator: Arc::new(validator), graph: Arc::new(graph) })
    }

    /// Whether [`Schema::check`] of a value ends soon; where not, it must not be called.
    #[must_use]
    pub fn is_affordable(&self, value: &Value) -> bool {
        Cost::of(&self.graph, value).is_some()
    }

    /// The first reason why a value does not match, a sentence part (of a large value only that it does not); `Ok` where
    /// it does.
    pub fn check(&self, value: &Value) -> Result<(), String> {
        if self.validator.is_valid(value) {
            return Ok(());
        }
        if !Cost::of(&self.graph, value).is_some_and(|cost| cost.affords_reason(&self.graph)) {
            return Err("the value is large, and something in it does not match".to_owned());
        }
        self.validator.validate(value).map_err(|error| {
            let place = error.instance_path().as_str();
            if place.is_empty() { error.to_string() } else { format!("{error} (at {place})") }
        })
    }

    /// The schema's JSON.
    #[must_use]
    pub fn json(&self) -> &Value {
        &self.json
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        write!(formatter, "Schema({})", self.json)
    }
}
