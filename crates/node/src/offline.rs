//! What needs no engine.

use std::path::Path;

use napi::bindgen_prelude::Either;
use napi_derive::napi;

use crate::error::BindingError;

/// Evaluates a payload with keys alone. Both arguments and the result are JSON.
#[napi]
pub async fn evaluate_offline(payload: String, options: String) -> Either<String, BindingError> {
    match vouchsafe_engine::evaluate_offline(&payload, &options) {
        Ok(verdict) => Either::A(verdict),
        Err(error) => Either::B(error.into()),
    }
}

/// Checks a bundle's text with verifier keys alone; the result is JSON.
#[napi]
pub async fn check_bundle(bundle: String, keys: Vec<String>) -> Either<String, BindingError> {
    match vouchsafe_engine::check_bundle(&bundle, &keys) {
        Ok(checked) => Either::A(checked),
        Err(error) => Either::B(error.into()),
    }
}

/// The run of a folder in this process.
#[napi]
#[must_use]
pub fn run_of(dir: String) -> String {
    vouchsafe_engine::run_of(Path::new(&dir))
}

/// The version of the package that this engine was built for.
#[napi]
#[must_use]
pub fn engine_version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}
