//! A folder looked at from outside, for the command line. Every answer is JSON.

use std::path::Path;

use napi::bindgen_prelude::Either;
use napi_derive::napi;
use serde::Serialize;
use vouchsafe_engine::{EngineError, folder};

use crate::error::BindingError;

type Answer = Either<String, BindingError>;

/// Runs `work` where it may wait for the disk.
async fn answer<T: Serialize>(work: impl FnOnce() -> Result<T, EngineError> + Send + 'static) -> Answer {
    let json = move || work().map(|value| serde_json::to_string(&value).expect("what crosses is plain data"));
    match napi::tokio::task::spawn_blocking(json).await.expect("looking at a folder does not panic") {
        Ok(json) => Either::A(json),
        Err(error) => Either::B(error.into()),
    }
}

/// The newest traces, of one outcome where given.
#[napi]
pub async fn list_traces(dir: String, limit: u32, outcome: Option<String>) -> Answer {
    answer(move || folder::list_traces(Path::new(&dir), limit, outcome.as_deref())).await
}

/// The one trace whose id begins with `id`.
#[napi]
pub async fn show_trace(dir: String, id: String) -> Answer {
    answer(move || folder::show_trace(Path::new(&dir), &id)).await
}

/// Facts about a store.
#[napi]
pub async fn inspect_store(dir: String) -> Answer {
    answer(move || folder::inspect_store(Path::new(&dir))).await
}

/// Deletes bodies and row keys beyond the limits.
#[napi]
pub async fn prune_store(dir: String, days: f64, max_bytes: f64) -> Answer {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a safe integer, checked by the façade"
    )]
    answer(move || folder::prune_store(Path::new(&dir), days, max_bytes as u64)).await
}

/// What of a folder's signing key may be shown.
#[napi]
pub async fn read_key(dir: String, key_file: Option<String>) -> Answer {
    answer(move || folder::read_key(Path::new(&dir), key_file.as_deref().map(Path::new))).await
}

/// The name in a vkey.
#[napi]
pub async fn read_vkey(vkey: String) -> Answer {
    answer(move || folder::read_vkey(&vkey)).await
}
