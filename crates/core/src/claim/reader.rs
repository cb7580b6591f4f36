//! Strict reading of an object's keys.

use super::ClaimError;
use crate::decimal::Decimal;
use serde_json::{Map, Value};

/// An object of a claim, with the key that it stands under.
pub(super) struct Reader<'j> {
    object: &'j Map<String, Value>,
    under: &'j str,
    position: usize,
}

impl<'j> Reader<'j> {
    pub(super) fn new(json: &'j Value, under: &'j str, position: usize) -> Result<Self, ClaimError> {
        let object = json.as_object().ok_or_else(|| ClaimError {
            key: under.to_owned(),
            position,
            message: "must be an object".to_owned(),
        })?;
        Ok(Self { object, under, position })
    }

    pub(super) fn error(&self, key: &str, message: &str) -> ClaimError {
        let joint = if self.under.is_empty() || key.is_empty() { "" } else { "." };
        ClaimError { key: format!("{}{joint}{key}", self.under), position: self.position, message: message.to_owned() }
    }

    pub(super) fn allow_only(&self, keys: &[&str]) -> Result<(), ClaimError> {
        match self.object.keys().find(|key| !keys.contains(&key.as_str())) {
            Some(unknown) => Err(self.error(unknown, "is no key that is known here")),
            None => Ok(()),
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&'j Value> {
        self.object.get(key)
    }

    pub(super) fn inside(&self, key: &'j str) -> Result<Self, ClaimError> {
        Self::new(self.get(key).unwrap_or(&Value::Null), key, self.position)
    }

    pub(super) fn text(&self, key: &str) -> Result<Option<String>, ClaimError> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(self.error(key, "must be a string")),
        }
    }

    /// A string that is not empty.
    pub(super) fn id(&self, key: &str) -> Result<Option<String>, ClaimError> {
        match self.text(key)? {
            Some(text) if text.is_empty() => Err(self.error(key, "must not be empty")),
            text => Ok(text),
        }
    }

    pub(super) fn decimal(&self, key: &str) -> Result<Option<Decimal>, ClaimError> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Number(number)) => {
                Decimal::of(number).map(Some).ok_or_else(|| self.error(key, "has too large an exponent"))
            }
            Some(_) => Err(self.error(key, "must be a number")),
        }
    }

    /// A span of time, fractions of a millisecond cut off.
    pub(super) fn milliseconds(&self, key: &str) -> Result<Option<u64>, ClaimError> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        match value.as_f64() {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // it is positive, and `as` saturates
            Some(span) if span >= 0.0 => Ok(Some(span as u64)),
            _ => Err(self.error(key, "must be a number of milliseconds, not below 0")),
        }
    }
}
