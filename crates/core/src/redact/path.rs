//! A user's path to one value in JSON bodies.

use super::RedactionError;
use crate::path::{self, Path};

/// A step from a value down into one of its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Into the member of an object.
    Name(String),
    /// Into the element of an array.
    Index(usize),
}

/// The steps of a path that names one value.
pub(super) fn parse(text: &str) -> Result<Vec<Step>, RedactionError> {
    let path = Path::parse(text).map_err(|source| RedactionError::Path { path: text.into(), source })?;
    let place = path.place().ok_or_else(|| RedactionError::NotOneValue { path: text.into() })?;
    let own = |step: path::Step| match step {
        path::Step::Name(name) => Step::Name(name.into()),
        path::Step::Index(index) => Step::Index(index),
    };
    Ok(place.0.into_iter().map(own).collect())
}
