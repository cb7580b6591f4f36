//! A folder's whole log: exported, proven row by row, audited.

use std::{
    cell::Cell,
    path::Path,
    time::{Duration, Instant},
};

use napi::{
    Status,
    bindgen_prelude::{Either, FnArgs},
    threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode},
};
use napi_derive::napi;
use vouchsafe_engine::{ArchiveOptions, EngineError};

use crate::error::BindingError;

type Answer = Either<String, BindingError>;
/// Weak: a listener must not keep the process alive.
type OnProgress = ThreadsafeFunction<FnArgs<(f64, f64)>, (), FnArgs<(f64, f64)>, Status, false, true>;

/// How often JavaScript hears of progress.
const EVERY: Duration = Duration::from_millis(100);

/// Writes a folder's log into another one as tlog-tiles. `options` and the result are JSON.
#[napi]
pub async fn export_log(dir: String, out: String, options: String, on_progress: Option<OnProgress>) -> Answer {
    run(options, move |options| {
        vouchsafe_engine::export_log(Path::new(&dir), Path::new(&out), options, &throttled(on_progress))
    })
    .await
}

/// The proof of one row as a `.tlog-proof` file, with its leaf. `options` and the result are JSON.
#[napi]
pub async fn proof_file(dir: String, row_id: String, options: String) -> Answer {
    run(options, move |options| vouchsafe_engine::proof_file(Path::new(&dir), &row_id, options)).await
}

/// Replays a folder's log and says what is wrong with it. `options` and the result are JSON.
#[napi]
pub async fn audit_log(dir: String, options: String, on_progress: Option<OnProgress>) -> Answer {
    run(options, move |options| vouchsafe_engine::audit_log(Path::new(&dir), options, &throttled(on_progress))).await
}

/// Works on a thread that may wait for the disk.
async fn run(
    options: String,
    work: impl FnOnce(&ArchiveOptions) -> Result<String, EngineError> + Send + 'static,
) -> Answer {
    let work = move || {
        let options = serde_json::from_str(&options);
        options
            .map_err(|error| EngineError::new("INVALID_OPTION", error.to_string()))
            .and_then(|options| work(&options))
    };
    match napi::tokio::task::spawn_blocking(work).await.expect("reading a log does not panic") {
        Ok(text) => Either::A(text),
        Err(error) => Either::B(error.into()),
    }
}

/// Passes progress on now and then, and the end always.
fn throttled(on_progress: Option<OnProgress>) -> impl Fn(u64, u64) {
    let last = Cell::new(None::<Instant>);
    move |done, total| {
        let Some(on_progress) = &on_progress else { return };
        if done < total && last.get().is_some_and(|last| last.elapsed() < EVERY) {
            return;
        }
        last.set(Some(Instant::now()));
        #[expect(clippy::cast_precision_loss, reason = "a count of leaves below 2^53")]
        let progress = (done as f64, total as f64);
        on_progress.call(progress.into(), ThreadsafeFunctionCallMode::NonBlocking);
    }
}
