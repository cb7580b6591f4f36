//! The handoff: what a builder gives an evaluator, and its JSON form, the payload.

mod payload;

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use vouchsafe_backend::At;
use vouchsafe_core::{
    claim::Claim,
    verdict::{CheckpointOut, Coverage, Reason},
};
use vouchsafe_ledger::{Bundle, SealProof};

pub(crate) use payload::MODE;

/// Claims with the bundles that answer them, all under one checkpoint.
#[derive(Debug, Clone, Default)]
pub(crate) struct Handoff {
    pub run_id: String,
    pub agent_id: Option<String>,
    pub prompt: Option<String>,
    pub task: Option<String>,
    pub answer: Option<String>,
    pub claims: Vec<HandoffClaim>,
    /// By query id; a bundle that could not be read stands as the reason why.
    pub bundles: BTreeMap<String, Result<Bundle, String>>,
    pub circumstances: BTreeMap<String, Circumstances>,
    /// The signed note.
    pub checkpoint: Option<String>,
    pub seal: Option<SealProof>,
    pub consistency: Option<Consistency>,
    pub coverage: Coverage,
    /// What kept a query from being answered, by its id, as far as the builder itself evaluates.
    pub troubles: BTreeMap<String, Trouble>,
    pub build_errors: Vec<String>,
}

/// One claim of a handoff.
#[derive(Debug, Clone)]
pub(crate) struct HandoffClaim {
    /// The claim, or why it is none.
    pub claim: Result<Claim, String>,
    /// The claim as it was given.
    pub given: Value,
    /// Its position among those that were given: one of the wire's may make several.
    pub position: usize,
    /// The record that answers it.
    pub query_id: Option<String>,
}

/// What is known of a query beside its rows.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Circumstances {
    /// Whether a recorder watched all the while.
    pub watched: bool,
    /// Whether an exchange of this signature was still under way.
    pub open: bool,
    /// When an older match was seen, in µs since 1970; a number, so that no payload puts words into a verdict.
    pub older_us: Option<u64>,
}

/// The proof that an older checkpoint is a prefix of this one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Consistency {
    pub size: String,
    pub root: String,
    pub proof: Vec<String>,
}

/// Why a query has no answer.
#[derive(Debug, Clone)]
pub(crate) struct Trouble {
    pub reason: Reason,
    pub code: &'static str,
    pub message: String,
}

/// A state of the log in the public API's shape.
#[must_use]
pub fn checkpoint_json(at: &At) -> CheckpointOut {
    CheckpointOut {
        origin: at.checkpoint.origin.clone(),
        size: at.checkpoint.size.to_string(),
        root: STANDARD.encode(at.checkpoint.root),
        note: at.note.clone(),
    }
}
