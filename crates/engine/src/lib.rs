//! The engine: accepts exchanges, commits them, and turns claims into verdicts. Knows no JavaScript.
//!
//! - `engine`, `opening`, `registry`, `options`: opening and closing, one engine per folder and process
//! - `secret`: texts that are shown nowhere
//! - `runtime`: the threads of all engines, and the clock
//! - `backing`: the backend behind an engine
//! - `outbox`: the folder's rows on their way to Postgres
//! - `event`: what no call returns
//! - `pin`: a checkpoint that the log must extend
//! - `worker`: commits what is new, coalesced (the "preprocess")
//! - `fence`: waits until the log covers what was accepted
//! - `limits`, `stats`, `completion`: how many calls are under way, and what is counted
//! - `folder`: a folder looked at from outside
//! - `handoff`: the payload that travels between builder and evaluator
//! - `check`: a bundle that stands alone
//! - `archive`: a folder's whole log, exported, proven row by row, audited
//! - `pipeline`: claims → query records, proofs, rows → verdict

mod archive;
mod backing;
mod check;
mod completion;
mod engine;
mod error;
mod event;
mod fence;
pub mod folder;
mod handoff;
mod limits;
mod opening;
mod options;
mod outbox;
mod pin;
mod pipeline;
mod registry;
mod runtime;
mod secret;
mod stats;
mod worker;

pub use archive::{ArchiveOptions, audit_log, export_log, proof_file};
pub use check::check_bundle;
pub use engine::Engine;
pub use error::EngineError;
pub use event::EngineEvent;
pub use handoff::checkpoint_json;
pub use options::{BackendOptions, BuildOptions, Disclose, EngineOptions, EvaluateOptions};
pub use pipeline::evaluate::evaluate_offline;
pub use registry::{Handle, run_of};
pub use secret::Secret;
pub use stats::Stats;
pub use vouchsafe_backend::{BackendError, BoxFuture, TokenSource};
