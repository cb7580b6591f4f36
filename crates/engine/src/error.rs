//! The engine's errors, as they cross to the caller: a code, a sentence, and what they are about.

use serde::Serialize;
use vouchsafe_backend::BackendError;
use vouchsafe_core::claim::ClaimError;
use vouchsafe_store::StoreError;

/// Why a call failed.
#[derive(Debug, Clone, thiserror::Error, Serialize)]
#[error("{message}")]
pub struct EngineError {
    /// A stable code, as `STORE_FULL`.
    pub code: String,
    /// One sentence that says what to do.
    pub message: String,
    /// The option or key that it is about.
    pub key: Option<String>,
    /// The position of the claim that it is about.
    pub position: Option<usize>,
}

impl EngineError {
    /// An error with neither key nor position.
    #[must_use]
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), key: None, position: None }
    }
}

impl From<StoreError> for EngineError {
    fn from(error: StoreError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl From<BackendError> for EngineError {
    fn from(error: BackendError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl From<ClaimError> for EngineError {
    fn from(error: ClaimError) -> Self {
        Self {
            code: "INVALID_CLAIM".into(),
            message: error.message.clone(),
            key: Some(error.key.clone()),
            position: Some(error.position),
        }
    }
}
