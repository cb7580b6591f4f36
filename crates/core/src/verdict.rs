//! Verdicts, in the shapes of the public API.

mod report;

use crate::exchange::Fields;
use crate::row::Row;
use crate::timestamp::iso8601;
pub use report::{CheckpointOut, Counts, Coverage, Timings, Verdict, VerdictError};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How a claim, or all of them, came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Outcome {
    /// Supported by evidence.
    Pass,
    /// It could not be decided; accuses nobody.
    Error,
    /// Not supported by evidence that should be there.
    Caught,
}

impl Outcome {
    /// The outcome of all claims: CAUGHT over ERROR over PASS; of none: ERROR.
    pub fn overall(outcomes: impl IntoIterator<Item = Self>) -> Self {
        outcomes.into_iter().max().unwrap_or(Self::Error)
    }
}

/// Why a claim came out as it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The evidence says what is claimed.
    Supported,
    /// The evidence says something else.
    Contradicted,
    /// The path leads nowhere in the evidence.
    PathMissing,
    /// Nothing was recorded, and the recorder was watching.
    NoEvidence,
    /// The exchange failed, and its answer does not support the claim.
    FailedExchange,
    /// The evidence is older than the claim or the evaluator allows.
    Stale,
    /// The evidence is not of a kind that the evaluator accepts.
    UntrustedEndpoint,
    /// The row is not what the signed log commits to, or a known key's signature fails.
    ProofInvalid,
    /// It cannot be decided: cut, redacted, unreadable, not watched, not proven, an unknown signer.
    Unverifiable,
    /// The backend did not answer.
    BackendUnavailable,
    /// It took longer than allowed.
    Timeout,
}

impl Reason {
    /// The outcome that goes with the reason.
    #[must_use]
    pub fn outcome(self) -> Outcome {
        match self {
            Self::Supported => Outcome::Pass,
            Self::Contradicted
            | Self::PathMissing
            | Self::NoEvidence
            | Self::FailedExchange
            | Self::Stale
            | Self::UntrustedEndpoint
            | Self::ProofInvalid => Outcome::Caught,
            Self::Unverifiable | Self::BackendUnavailable | Self::Timeout => Outcome::Error,
        }
    }
}

/// The verdict on one claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClaimVerdict {
    /// How it came out.
    pub outcome: Outcome,
    /// Why.
    pub reason: Reason,
    /// The same in a sentence.
    pub message: String,
    /// The claim's JSON.
    pub claim: Value,
    /// What is claimed.
    pub claimed: Value,
    /// What the evidence says; null where it says nothing.
    pub actual: Value,
    /// Where the claim looks.
    pub path: String,
    /// The exchange that decided.
    pub evidence: Option<Evidence>,
    /// What proves that exchange.
    pub proof: Option<ProofSummary>,
}

/// The exchange that decided a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// The row.
    pub row_id: String,
    /// The row's kind, as `http`.
    pub kind: String,
    /// The call that it belongs to.
    pub call_ref: Option<String>,
    /// The run that it belongs to.
    pub run_id: Option<String>,
    /// The action.
    pub action: String,
    /// The URL, where it is disclosed.
    pub url: Option<String>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// When the exchange ended, ISO 8601 in UTC.
    pub at: String,
    /// How many exchanges answered the claim's query.
    pub candidates: usize,
    /// The query record that they came with.
    pub query_id: Option<String>,
}

impl Evidence {
    /// The evidence that a row is.
    #[must_use]
    pub fn of(row: &Row, fields: &Fields, candidates: usize, query_id: Option<String>) -> Self {
        Self {
            row_id: row.id.clone(),
            kind: row.kind.as_str().to_owned(),
            call_ref: row.call_ref.clone(),
            run_id: row.run_id.clone(),
            action: row.action_name.clone(),
            url: fields.url.as_ref().map(|url| String::from_utf8_lossy(url).into_owned()),
            status: row.status,
            at: iso8601(row.ended_us),
            candidates,
            query_id,
        }
    }
}

/// What a proof covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Covers {
    /// The row is in the log.
    Row,
    /// These are all rows of the call.
    Call,
    /// No later row answers.
    Latest,
    /// No row answers.
    Absence,
}

/// How a proof shows what it covers beyond the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProofForm {
    /// By the map that the seal commits to.
    Map,
    /// By all leaves since.
    Scan,
}

/// Whose word the evidence rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Trust {
    /// A proof that was checked.
    Proof,
    /// The backend's word.
    Backend,
}

/// The proof behind a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProofSummary {
    /// The leaf's index, a decimal number; the seal's where no row answers.
    pub index: String,
    /// The tree's size, a decimal number.
    pub size: String,
    /// The tree's root, base64.
    pub root: String,
    /// What it covers.
    pub covers: Covers,
    /// How.
    pub form: Option<ProofForm>,
    /// Whose word it is.
    pub trust: Trust,
    /// What it does not show, in a sentence.
    pub limits: String,
    /// The bundle's JSON, where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bundle: Option<String>,
}
