//! JSON Schema 2020-12: without remote references, and with patterns on a linear engine.

use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::Value;
use std::fmt;
use std::sync::Arc;

/// A schema that was understood, kept with its JSON.
#[derive(Clone)]
pub struct Schema {
    json: Value,
    validator: Arc<Validator>,
}

/// Why a schema was not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SchemaError(String);

impl Schema {
    /// Compiles a schema, an object or a boolean.
    pub fn compile(json: &Value) -> Result<Self, SchemaError> {
        let options = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .offline()
            .with_pattern_options(PatternOptions::regex());
        let validator = options.build(json).map_err(|error| SchemaError(error.to_string()))?;
        Ok(Self { json: json.clone(), validator: Arc::new(validator) })
    }

    /// The first reason why a value does not match, a sentence part; `Ok` where it does.
    pub fn check(&self, value: &Value) -> Result<(), String> {
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
