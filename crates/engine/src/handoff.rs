//! The handoff: what a builder gives an evaluator, and its JSON form, the payload.
//!
//! - `payload`, `claim`: the JSON of all of it, and of a claim
//! - `anchor`: the checkpoint that bundles share
//! - `word`: rows on the word of a backend

mod anchor;
mod claim;
mod payload;
mod word;

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

pub(crate) use anchor::unsigned_checkpoint;
pub(crate) use claim::MODE;
pub(crate) use word::{CALL_ROWS, Word};

/// Claims with the bundles that answer them, under one checkpoint unless a bundle has its own.
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
    /// Rows on the word of the engine's own backend, by query id. They are in no payload: one's word is not another's.
    pub told: BTreeMap<String, Word>,
    pub circumstances: BTreeMap<String, Circumstances>,
    /// The signed note.
    pub checkpoint: Option<String>,
    pub seal: Option<SealProof>,
    pub consistency: Option<Consistency>,
    pub coverage: Coverage,
    /// What kept a query from being answered, by its id, as far as the builder itself evaluates.
    pub troubles: BTreeMap<String, Trouble>,
    pub build_errors: Vec<String>,
    /// Where others find the queries.
    pub office: Office,
}

/// Where a payload's queries are kept, for evaluators that ask there.
#[derive(Debug, Clone, Default)]
pub(crate) struct Office {
    pub org_id: Option<String>,
    /// What is before a query id in a query's URL.
    pub queries: Option<String>,
    /// Only where the builder was told to give it away.
    pub api_key: Option<String>,
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
    /// What its evidence says, as far as the wire's form states it.
    pub actual: Option<Value>,
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
    /// The proof for the bundle's own checkpoint, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consistency: Option<Consistency>,
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

impl Trouble {
    /// What a remote backend refutes, where its word does not count: neither of what is there nor of what is gone.
    pub fn unproven(&mut self) {
        if self.reason == Reason::ProofInvalid {
            self.reason = Reason::Unverifiable;
            self.message.push_str(", which is its word alone (`allowBackendTrust` takes it)");
        }
    }
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
