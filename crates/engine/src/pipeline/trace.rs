//! What is kept of a verdict: claims and outcomes, with the next transaction, outside the log.

use vouchsafe_core::verdict::{ClaimVerdict, Outcome, Verdict};
use vouchsafe_store::sqlite::{Trace, TraceClaim};

use crate::{handoff::Handoff, runtime::now_us};

fn word(value: impl serde::Serialize) -> String {
    let word = serde_json::to_value(value).expect("a word is plain data");
    word.as_str().unwrap_or_default().to_owned()
}

pub(super) fn trace(handoff: &Handoff, verdict: &Verdict) -> Trace {
    let outcome = |outcome: Outcome| word(outcome);
    let claim = |claim: &ClaimVerdict| TraceClaim {
        intercept_id: claim.evidence.as_ref().map(|evidence| evidence.row_id.clone()),
        query_id: claim.evidence.as_ref().and_then(|evidence| evidence.query_id.clone()),
        claim: claim.claim.to_string(),
        outcome: outcome(claim.outcome),
        reason: word(claim.reason),
        details: claim.message.clone(),
    };
    Trace {
        id: uuid::Uuid::now_v7().to_string(),
        run_id: Some(verdict.run_id.clone()),
        task: handoff.task.clone(),
        answer: handoff.answer.clone(),
        outcome: outcome(verdict.outcome),
        created_us: now_us(),
        claims: verdict.claims.iter().map(claim).collect(),
    }
}
