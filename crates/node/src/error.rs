//! Expected failures, which cross as data; `src/errors.ts` makes errors of them.

use napi_derive::napi;
use vouchsafe_engine::EngineError;

/// Why a call failed.
#[napi(object)]
pub struct BindingError {
    /// A stable code, as `STORE_FULL`.
    pub code: String,
    /// One sentence that says what to do.
    pub message: String,
    /// The option or key that it is about.
    pub key: Option<String>,
    /// The position of the claim that it is about.
    pub position: Option<u32>,
}

impl From<EngineError> for BindingError {
    fn from(error: EngineError) -> Self {
        let EngineError { code, message, key, position } = error;
        Self { code, message, key, position: position.and_then(|position| u32::try_from(position).ok()) }
    }
}
