//! What the engine counts.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

use crate::completion::{Completions, Distribution};

/// A snapshot of the counters; the façade adds `recordErrors`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stats {
    /// Exchanges accepted.
    pub recorded: u64,
    /// Rows on disk, of those accepted by this process.
    pub durable: u64,
    /// Of those, rows that the log covers.
    pub committed: u64,
    /// Exchanges dropped because the queue was full.
    pub dropped: u64,
    /// Commits.
    pub preprocess_runs: u64,
    /// Query records made for claims.
    pub query_records: u64,
    /// Calls to the backend.
    pub requests: u64,
    /// Requests that asked whether something is done; the embedded backend needs none.
    pub polls: u64,
    /// Commits that were tried again after a failure.
    pub retries: u64,
    /// The most calls to the backend that were under way at once.
    pub max_in_flight: u64,
    /// How long work took.
    pub completion: Completion,
}

/// How long each kind of work took.
#[derive(Debug, Clone, Serialize)]
pub struct Completion {
    /// Commits.
    pub preprocess: Distribution,
    /// Inclusion proofs of one query record.
    pub proof: Distribution,
    /// Checking one query record's proofs.
    pub verification: Distribution,
}

/// The counters that the engine's parts share.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub durable: AtomicU64,
    pub query_records: AtomicU64,
    pub preprocess_runs: AtomicU64,
    pub retries: AtomicU64,
    pub preprocess: Completions,
    pub proof: Completions,
    pub verification: Completions,
}

/// Adds to a counter that nothing is ordered by.
pub(crate) fn count(counter: &AtomicU64, by: u64) {
    counter.fetch_add(by, Ordering::Relaxed);
}
