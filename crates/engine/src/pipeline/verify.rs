//! Build and evaluate in one go. Whatever goes wrong behind the fence, the caller gets a verdict that says so.

use std::{sync::Arc, time::Duration};

use vouchsafe_core::verdict::{Counts, Coverage, Outcome, Reason, Timings, Verdict, VerdictError};

use super::{
    build::{Built, read_claims, trouble},
    evaluate::{evaluate, refused},
    trace::trace,
};
use crate::{
    Engine, EngineError,
    handoff::{Handoff, HandoffClaim, Trouble},
    options::{BuildOptions, EvaluateOptions},
};

fn json(verdict: &Verdict) -> String {
    serde_json::to_string(verdict).expect("a verdict is plain data")
}

impl Engine {
    /// Evaluates a payload and keeps a trace of the verdict.
    pub fn evaluate(&self, payload: &str, options: &EvaluateOptions) -> Result<String, EngineError> {
        let handoff = Handoff::from_json(payload)?;
        let verdict = evaluate(&handoff, options, Some(&self.counters))?;
        self.trace(trace(&handoff, &verdict));
        Ok(json(&verdict))
    }

    /// Builds a handoff from a JSON list of claims and evaluates it.
    pub async fn verify(
        self: &Arc<Self>,
        claims: &str,
        building: &BuildOptions,
        options: &EvaluateOptions,
    ) -> Result<String, EngineError> {
        let claims = read_claims(claims)?;
        let given = claims.clone();
        let timeout = Duration::from_secs_f64(building.timeout_ms / 1e3);
        let built = self.build_handoff(claims, building, options.expect.as_ref());
        let failed = match tokio::time::timeout(timeout, built).await {
            Ok(Ok(built)) => return self.finish(built, options),
            Ok(Err(error)) => trouble(&error),
            Err(_) => Trouble {
                reason: Reason::Timeout,
                code: "TIMEOUT",
                message: format!("no answer within {} ms", building.timeout_ms),
            },
        };
        Ok(json(&unanswered(&given, building, &failed)))
    }

    fn finish(&self, built: Built, options: &EvaluateOptions) -> Result<String, EngineError> {
        let Built { handoff, counts, timings } = built;
        let mut verdict = evaluate(&handoff, options, Some(&self.counters))?;
        verdict.counts = counts;
        let verify_ms = verdict.timings.verify_ms;
        verdict.timings = Timings { verify_ms, total_ms: timings.total_ms + verify_ms, ..timings };
        self.trace(trace(&handoff, &verdict));
        Ok(json(&verdict))
    }
}

/// The verdict where the backend did not answer at all: ERROR, never CAUGHT.
fn unanswered(claims: &[HandoffClaim], building: &BuildOptions, trouble: &Trouble) -> Verdict {
    let message = format!("The backend could not answer: {}.", trouble.message);
    let claims: Vec<_> = claims.iter().map(|claim| refused(&claim.given, trouble.reason, message.clone())).collect();
    Verdict {
        outcome: Outcome::Error,
        run_id: building.run_id.clone().unwrap_or_default(),
        counts: Counts { claims: claims.len() as u64, ..Counts::default() },
        claims,
        errors: vec![VerdictError { code: trouble.code.into(), message: trouble.message.clone() }],
        checkpoint: None,
        timings: Timings::default(),
        coverage: Coverage { channels: building.channels.clone(), ..Coverage::default() },
    }
}
