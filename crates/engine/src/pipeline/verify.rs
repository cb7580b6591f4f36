//! Build and evaluate in one go. Whatever goes wrong behind the fence, the caller gets a verdict that says so.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use vouchsafe_core::verdict::{Counts, Coverage, Outcome, Reason, Timings, Verdict, VerdictError};

use super::{
    build::{Built, ms, read_claims, trouble},
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
    /// Evaluates a payload and keeps a trace of the verdict. What the payload only names is asked of the backend, at most
    /// for as long as the options allow.
    pub async fn evaluate(self: &Arc<Self>, payload: &str, options: &EvaluateOptions) -> Result<String, EngineError> {
        let mut handoff = Handoff::from_json(payload)?;
        let (began, before) = (Instant::now(), self.traffic());
        self.recall(&mut handoff, options).await;
        let (fetch_ms, after) = (ms(began), self.traffic());
        let mut verdict = evaluate(&handoff, options, self.own_key(), Some(&self.counters))?;
        verdict.counts.requests = after.requests - before.requests;
        verdict.counts.polls = after.polls - before.polls;
        verdict.timings.fetch_ms = fetch_ms;
        verdict.timings.total_ms += fetch_ms;
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
        if let Some(error) = self.backing.no_store() {
            return Err(error);
        }
        let claims = read_claims(claims)?;
        let given = claims.clone();
        let timeout = Duration::from_secs_f64(building.timeout_ms / 1e3);
        let built = self.build_handoff(claims, building, options.expect.as_ref());
        let failed = match tokio::time::timeout(timeout, built).await {
            Ok(Ok(built)) => return self.finish(built, options),
            Ok(Err(error)) => trouble(&error),
            // A backend that is away is not slow.
            Err(_) => self.backend.trouble().as_ref().map_or_else(|| late(building.timeout_ms), trouble),
        };
        Ok(json(&unanswered(&given, building, &failed)))
    }

    fn finish(&self, built: Built, options: &EvaluateOptions) -> Result<String, EngineError> {
        let Built { mut handoff, counts, timings } = built;
        self.take_word(&mut handoff, options, false);
        let mut verdict = evaluate(&handoff, options, self.own_key(), Some(&self.counters))?;
        verdict.counts = counts;
        let verify_ms = verdict.timings.verify_ms;
        verdict.timings = Timings { verify_ms, total_ms: timings.total_ms + verify_ms, ..timings };
        self.trace(trace(&handoff, &verdict));
        Ok(json(&verdict))
    }
}

fn late(timeout_ms: f64) -> Trouble {
    let message = format!("no answer within {timeout_ms:.0} ms");
    Trouble { reason: Reason::Timeout, code: "TIMEOUT", message }
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
