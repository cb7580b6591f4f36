//! Verdicts that rest on no evidence.

use serde_json::Value;
use vouchsafe_core::{
    claim::Claim,
    verdict::{ClaimVerdict, Reason},
};

/// A claim's verdict that rests on no evidence.
pub(super) fn undecided(claim: &Claim, reason: Reason, message: String) -> ClaimVerdict {
    let claimed = claim.comparator.claimed(claim.json());
    ClaimVerdict { claimed, path: claim.path.as_str().to_owned(), ..refused(claim.json(), reason, message) }
}

/// The verdict on what may not even be a claim.
pub(in crate::pipeline) fn refused(claim: &Value, reason: Reason, message: String) -> ClaimVerdict {
    ClaimVerdict {
        outcome: reason.outcome(),
        reason,
        message,
        claim: claim.clone(),
        claimed: Value::Null,
        actual: Value::Null,
        path: String::new(),
        evidence: None,
        proof: None,
    }
}
