//! The class that JavaScript holds: one share in the engine of a folder.

use std::{collections::HashMap, future::Future, path::Path, sync::Arc, sync::Mutex, time::Duration};

use napi::{
    Status,
    bindgen_prelude::{Either, Uint8Array, Uint8ArraySlice},
    threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode},
};
use napi_derive::napi;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;
use vouchsafe_core::exchange::Exchange;
use vouchsafe_engine::{EngineError, Handle};

use crate::{
    error::BindingError,
    record,
    text::Text,
    token::{OnToken, token_source},
};

type Answer = Either<String, BindingError>;
/// Weak: a listener must not keep the process alive.
type OnEvent = ThreadsafeFunction<String, (), String, Status, false, true>;

/// A share in the engine of a folder.
#[napi]
pub struct BindingEngine {
    handle: Arc<Handle>,
    calls: Mutex<HashMap<u32, CancellationToken>>,
}

/// Opens a folder; `options` is JSON, `on_event` gets events as JSON, `on_token` makes a remote backend's bearer tokens.
#[napi]
pub async fn open_engine(
    dir: String,
    options: String,
    on_event: OnEvent,
    on_token: Option<OnToken>,
) -> Either<BindingEngine, BindingError> {
    // Opening waits for the disk and for other processes.
    let open = move || open(&dir, &options, on_event, on_token);
    napi::tokio::task::spawn_blocking(open).await.expect("opening does not panic")
}

/// The same, on the calling thread, for exit handlers.
#[napi]
pub fn open_engine_sync(
    dir: String,
    options: String,
    on_event: OnEvent,
    on_token: Option<OnToken>,
) -> Either<BindingEngine, BindingError> {
    open(&dir, &options, on_event, on_token)
}

fn open(dir: &str, options: &str, on_event: OnEvent, on_token: Option<OnToken>) -> Either<BindingEngine, BindingError> {
    let handle = parse(options).and_then(|options| {
        Handle::open(Path::new(dir), &options, token_source(on_token), move |event| {
            on_event.call(json(event), ThreadsafeFunctionCallMode::NonBlocking);
        })
    });
    match handle {
        Ok(handle) => Either::A(BindingEngine { handle: Arc::new(handle), calls: Mutex::default() }),
        Err(error) => Either::B(error.into()),
    }
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("what crosses is plain data")
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T, EngineError> {
    serde_json::from_str(text).map_err(|error| EngineError::new("INVALID_OPTION", error.to_string()))
}

fn answer<T: serde::Serialize>(result: Result<T, EngineError>) -> Answer {
    match result {
        Ok(value) => Either::A(json(&value)),
        Err(error) => Either::B(error.into()),
    }
}

#[napi]
impl BindingEngine {
    /// Hands over one finished exchange: positional, so that the call stays at a few microseconds.
    #[napi]
    #[allow(clippy::too_many_arguments, reason = "an object would cost more than the call")]
    pub fn record(
        &self,
        kind: u32,
        #[napi(ts_arg_type = "string | null")] id: Text,
        #[napi(ts_arg_type = "string | null")] run_id: Text,
        #[napi(ts_arg_type = "string")] agent_id: Text,
        #[napi(ts_arg_type = "string | null")] action_name: Text,
        #[napi(ts_arg_type = "string | null")] call_ref: Text,
        #[napi(ts_arg_type = "string | null")] tool_call_id: Text,
        #[napi(ts_arg_type = "string | null")] parent: Text,
        #[napi(ts_arg_type = "string | null")] method: Text,
        #[napi(ts_arg_type = "string | null")] url: Text,
        status: u32,
        #[napi(ts_arg_type = "string | null")] http_version: Text,
        outcome: u32,
        #[napi(ts_arg_type = "string | null")] error: Text,
        uncertain: bool,
        started_us: f64,
        first_byte_us: f64,
        ended_us: f64,
        #[napi(ts_arg_type = "string | null")] request_headers: Text,
        #[napi(ts_arg_type = "string | null")] response_headers: Text,
        request: Option<Vec<Uint8ArraySlice<'_>>>,
        request_length: f64,
        request_hash: Option<Uint8Array>,
        response: Option<Vec<Uint8ArraySlice<'_>>>,
        response_length: f64,
        response_hash: Option<Uint8Array>,
        keep_bodies: bool,
    ) {
        self.handle.engine().record(Exchange {
            id: id.0,
            run_id: run_id.0,
            agent_id: agent_id.0.unwrap_or_default(),
            action_name: action_name.0,
            call_ref: call_ref.0,
            tool_call_id: tool_call_id.0,
            parent: parent.0,
            method: method.0,
            url: url.0,
            status: u16::try_from(status).ok().filter(|status| *status != 0),
            http_version: http_version.0,
            outcome: Some(record::outcome(outcome)),
            error: error.0,
            context: Some(record::context(uncertain)),
            first_byte_us: (first_byte_us > 0.0).then(|| record::us(first_byte_us)),
            request_headers: request_headers.0,
            response_headers: response_headers.0,
            request: record::body(request, request_length, request_hash),
            response: record::body(response, response_length, response_hash),
            keep_bodies,
            ..record::begin(kind, started_us, ended_us)
        });
    }

    /// Opens a stretch of coverage for these channels.
    #[napi]
    pub async fn watch(&self, channels: Vec<String>) -> Answer {
        answer(self.handle.engine().watch(channels).await)
    }

    /// Waits until everything accepted is on disk.
    #[napi]
    pub async fn flush(&self) -> Answer {
        answer(self.handle.engine().flush().await)
    }

    /// Commits everything accepted and returns the checkpoint as JSON.
    #[napi]
    pub async fn commit(&self) -> Answer {
        answer(self.handle.engine().commit().await.map(|at| vouchsafe_engine::checkpoint_json(&at)))
    }

    /// Pins a signed checkpoint that the log must extend.
    #[napi]
    pub async fn pin(&self, note: String) -> Answer {
        answer(self.handle.engine().pin(&note))
    }

    /// Builds a payload; claims, options and the result are JSON.
    #[napi]
    pub async fn build(&self, call: u32, claims: String, options: String) -> Answer {
        let engine = self.handle.engine();
        self.abortable(call, async { engine.build(&claims, &parse(&options)?).await }).await
    }

    /// Evaluates a payload and stores the trace; payload, options and the result are JSON.
    #[napi]
    pub async fn evaluate(&self, call: u32, payload: String, options: String) -> Answer {
        let engine = self.handle.engine();
        self.abortable(call, async { engine.evaluate(&payload, &parse(&options)?).await }).await
    }

    /// Builds and evaluates in one go; claims, options and the result are JSON.
    #[napi]
    pub async fn verify(&self, call: u32, claims: String, build: String, evaluate: String) -> Answer {
        let engine = self.handle.engine();
        self.abortable(call, async { engine.verify(&claims, &parse(&build)?, &parse(&evaluate)?).await }).await
    }

    /// Ends a `build`, `evaluate` or `verify` that was started with this number.
    #[napi]
    pub fn abort(&self, call: u32) {
        if let Some(token) = self.calls.lock().expect("nothing panics while it holds the calls").remove(&call) {
            token.cancel();
        }
    }

    /// Waits until the log is open, or cannot be opened now, at most for the deadline.
    #[napi]
    pub async fn opened(&self, deadline_ms: f64) {
        self.handle.engine().opened(Duration::from_secs_f64(deadline_ms / 1e3)).await;
    }

    /// The counters as JSON.
    #[napi]
    pub fn stats(&self) -> String {
        json(&self.handle.engine().stats())
    }

    /// The key that others check this engine's proofs with.
    #[napi]
    pub fn vkey(&self) -> Answer {
        raw(self.handle.engine().vkey())
    }

    /// Gives the share back and waits until what was accepted is on disk; false where the deadline came first.
    #[napi]
    pub async fn close(&self, deadline_ms: f64) -> bool {
        let handle = Arc::clone(&self.handle);
        let close = move || handle.close(Duration::from_secs_f64(deadline_ms / 1e3));
        napi::tokio::task::spawn_blocking(close).await.unwrap_or(false)
    }

    /// Waits on the calling thread until what was accepted is on disk; false where the deadline came first.
    #[napi]
    pub fn flush_sync(&self, deadline_ms: f64) -> bool {
        self.handle.engine().wait_durable(Duration::from_secs_f64(deadline_ms / 1e3))
    }

    /// As `close`, on the calling thread, for exit handlers.
    #[napi]
    pub fn close_sync(&self, deadline_ms: f64) -> bool {
        self.handle.close(Duration::from_secs_f64(deadline_ms / 1e3))
    }
}

fn raw(result: Result<String, EngineError>) -> Answer {
    match result {
        Ok(text) => Either::A(text),
        Err(error) => Either::B(error.into()),
    }
}

impl BindingEngine {
    async fn abortable(&self, call: u32, work: impl Future<Output = Result<String, EngineError>>) -> Answer {
        let token = CancellationToken::new();
        self.calls.lock().expect("nothing panics while it holds the calls").insert(call, token.clone());
        let result = token.run_until_cancelled(work).await;
        self.calls.lock().expect("nothing panics while it holds the calls").remove(&call);
        raw(result.unwrap_or_else(|| Err(EngineError::new("ABORTED", "the call was aborted"))))
    }
}
