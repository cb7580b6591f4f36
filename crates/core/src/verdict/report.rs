//! The verdict on all claims of a call.

use super::{ClaimVerdict, Outcome};
use serde::{Deserialize, Serialize};

/// The verdict on all claims of a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// [`Outcome::overall`] of the claims.
    pub outcome: Outcome,
    /// The run that was verified.
    pub run_id: String,
    /// One verdict per claim, in the order of the claims.
    pub claims: Vec<ClaimVerdict>,
    /// What went wrong beside the claims.
    pub errors: Vec<VerdictError>,
    /// The checkpoint that the proofs rest on.
    pub checkpoint: Option<CheckpointOut>,
    /// What it took.
    pub counts: Counts,
    /// How long it took.
    pub timings: Timings,
    /// Who was watching.
    pub coverage: Coverage,
}

/// What went wrong beside the claims.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VerdictError {
    /// A stable code.
    pub code: String,
    /// A sentence.
    pub message: String,
}

/// A checkpoint as the public API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckpointOut {
    /// The log's name.
    pub origin: String,
    /// The tree's size, a decimal number.
    pub size: String,
    /// The tree's root, base64.
    pub root: String,
    /// The signed note.
    pub note: String,
}

/// What a verification took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Claims.
    pub claims: u64,
    /// Query records.
    pub records: u64,
    /// Requests to the backend.
    pub requests: u64,
    /// Of these, polls.
    pub polls: u64,
}

/// How long the stages took, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Timings {
    /// Waiting for the commit to cover what was recorded.
    pub fence_ms: f64,
    /// Making the query records.
    pub query_ms: f64,
    /// Waiting for their proofs.
    pub prove_ms: f64,
    /// Fetching records and proofs.
    pub fetch_ms: f64,
    /// Checking proofs and comparing.
    pub verify_ms: f64,
    /// All of it.
    pub total_ms: f64,
}

/// Who was watching while the exchanges could have happened.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Coverage {
    /// The active channels.
    pub channels: Vec<String>,
    /// Since when, ISO 8601 in UTC.
    pub since: String,
    /// Stretches in which rows were dropped.
    pub gaps: u64,
}
