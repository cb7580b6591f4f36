//! Evaluating a handoff: the proofs are checked here, whoever built it, and what is compared comes from proven rows only.
//!
//! - `asked`: which answer is a claim's
//! - `proven`, `told`: verdicts on a bundle, and on rows that a backend tells of
//! - `recall`: asking the engine's own backend for answers that a payload only names
//! - `undecided`: verdicts that rest on no evidence

mod asked;
mod proven;
mod recall;
mod told;
mod undecided;

use std::{collections::BTreeMap, time::Instant};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use vouchsafe_core::{
    claim::Claim,
    expectation::Expect,
    judge::Situation,
    verdict::{CheckpointOut, ClaimVerdict, Outcome, Verdict, VerdictError},
};
use vouchsafe_ledger::VerifierKey;

use super::trust::{Anchor, Refusal, Trusted, trust};
pub(super) use undecided::refused;

use self::asked::{Answer, Asked};
use crate::{EngineError, handoff::Handoff, options::EvaluateOptions, runtime::now_us, stats::Counters};

/// Evaluates a payload with keys alone; payload, options and the verdict are JSON.
pub fn evaluate_offline(payload: &str, options: &str) -> Result<String, EngineError> {
    let options: EvaluateOptions =
        serde_json::from_str(options).map_err(|error| EngineError::new("INVALID_OPTION", error.to_string()))?;
    let verdict = evaluate(&Handoff::from_json(payload)?, &options, None, None)?;
    Ok(serde_json::to_string(&verdict).expect("a verdict is plain data"))
}

/// What an evaluation works with.
struct Evaluation<'h> {
    handoff: &'h Handoff,
    options: &'h EvaluateOptions,
    expect: Option<Expect>,
    keys: Vec<VerifierKey>,
    /// The handoff's own checkpoint.
    trusted: Result<Trusted<'h>, Refusal>,
    counters: Option<&'h Counters>,
}

/// `own_key`: the engine's, which is trusted where the options name none.
pub(crate) fn evaluate(
    handoff: &Handoff,
    options: &EvaluateOptions,
    own_key: Option<String>,
    counters: Option<&Counters>,
) -> Result<Verdict, EngineError> {
    let began = Instant::now();
    let invalid = |key: &str, message: String| EngineError {
        key: Some(key.into()),
        ..EngineError::new("INVALID_OPTION", message)
    };
    let keys = options.verifier_keys.clone().unwrap_or_else(|| own_key.into_iter().collect());
    let keys = keys.iter().map(|key| VerifierKey::parse(key)).collect::<Result<Vec<_>, _>>();
    let keys = keys.map_err(|error| invalid("verifierKeys", error.to_string()))?;
    let expect = options.expect.as_ref().map(Expect::parse).transpose();
    let expect = expect.map_err(|error| invalid("expect", error.to_string()))?;
    let own = options.claims.as_ref().map(own_claims).transpose()?;
    let anchor = Anchor {
        note: handoff.checkpoint.as_deref(),
        seal: handoff.seal.as_ref(),
        consistency: handoff.consistency.as_ref(),
    };
    let trusted = trust(anchor, &keys, options, now_us());
    let evaluation = Evaluation { handoff, options, expect, keys, trusted, counters };
    let asked = match &own {
        Some(own) => own.iter().map(|claim| evaluation.own_claim(claim)).collect(),
        None => handoff.claims.iter().map(|claim| evaluation.claim(claim)).collect(),
    };
    let claims = evaluation.verdicts(asked);
    let mut verdict = Verdict {
        outcome: Outcome::overall(claims.iter().map(|claim| claim.outcome)),
        run_id: options.bound_run.clone().unwrap_or_else(|| handoff.run_id.clone()),
        claims,
        errors: handoff.build_errors.iter().map(|line| build_error(line)).collect(),
        checkpoint: evaluation.trusted.as_ref().ok().map(|trusted| CheckpointOut {
            origin: trusted.checkpoint.origin.clone(),
            size: trusted.checkpoint.size.to_string(),
            root: STANDARD.encode(trusted.checkpoint.root),
            note: trusted.note.to_owned(),
        }),
        counts: vouchsafe_core::verdict::Counts::default(),
        timings: vouchsafe_core::verdict::Timings::default(),
        coverage: handoff.coverage.clone(),
    };
    verdict.counts.claims = verdict.claims.len() as u64;
    verdict.counts.records = (handoff.bundles.len() + handoff.told.len()) as u64;
    verdict.timings.verify_ms = began.elapsed().as_secs_f64() * 1e3;
    verdict.timings.total_ms = verdict.timings.verify_ms;
    if verdict.claims.is_empty() {
        verdict.errors.push(VerdictError { code: "NO_CLAIMS".into(), message: "There is no claim to verify.".into() });
    }
    Ok(verdict)
}

fn own_claims(claims: &Value) -> Result<Vec<Claim>, EngineError> {
    let list = claims.as_array().ok_or_else(|| EngineError::new("INVALID_CLAIM", "claims are no list"))?;
    Ok(list.iter().enumerate().map(|(position, claim)| Claim::parse(claim, position)).collect::<Result<_, _>>()?)
}

fn build_error(line: &str) -> VerdictError {
    let (code, message) = line.split_once(": ").unwrap_or(("BUILD", line));
    let is_code = code.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    let (code, message) = if is_code { (code, message) } else { ("BUILD", line) };
    VerdictError { code: code.into(), message: message.into() }
}

impl<'h> Evaluation<'h> {
    /// Answer by answer: each is checked and read once, however many claims look at it, and what was read of it, many
    /// times its size, is gone before the next.
    fn verdicts(&'h self, asked: Vec<Asked<'h>>) -> Vec<ClaimVerdict> {
        let mut verdicts = BTreeMap::new();
        let mut by_answer = BTreeMap::new();
        for (position, asked) in asked.into_iter().enumerate() {
            match asked {
                Ok((claim, id, answer)) => by_answer.entry(id).or_insert((answer, vec![])).1.push((position, claim)),
                Err(verdict) => drop(verdicts.insert(position, *verdict)),
            }
        }
        for (id, (answer, claims)) in by_answer {
            let judge: Box<dyn Fn(&Claim) -> ClaimVerdict> = match answer {
                Answer::Proven(bundle) => self.on_bundle(id, bundle),
                Answer::Told(told) => self.on_told(id, told),
            };
            verdicts.extend(claims.into_iter().map(|(position, claim)| (position, judge(claim))));
        }
        verdicts.into_values().collect()
    }

    /// What is known beside the rows of an answer.
    fn situation(&self, id: &str) -> Situation {
        let circumstances = self.handoff.circumstances.get(id).cloned().unwrap_or_default();
        let older = |us| format!("last seen {}, in another run", ago(now_us().saturating_sub(us)));
        Situation {
            watched: circumstances.watched,
            open: circumstances.open,
            older: circumstances.older_us.map(older),
            bound_run: self.options.bound_run.clone(),
        }
    }
}

fn ago(us: u64) -> String {
    let minutes = us / 60_000_000;
    let (count, unit) = match minutes {
        0 => return "less than a minute ago".into(),
        1..60 => (minutes, "minute"),
        60..1_440 => (minutes / 60, "hour"),
        _ => (minutes / 1_440, "day"),
    };
    format!("{count} {unit}{} ago", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use vouchsafe_core::verdict::Reason;

    use super::*;

    const PAYLOAD: &str = include_str!("../../tests/fuzz/corpus/payload/supported.json");
    const OPTIONS: &str = include_str!("../../tests/fuzz/options.json");

    fn evaluated(payload: &Value, options: &Value) -> (Vec<Reason>, u64) {
        let counters = Counters::default();
        let handoff = Handoff::from_json(&payload.to_string()).unwrap();
        let options = serde_json::from_value(options.clone()).unwrap();
        let verdict = evaluate(&handoff, &options, None, Some(&counters)).unwrap();
        let reasons = verdict.claims.iter().map(|claim| claim.reason).collect();
        (reasons, counters.verification.distribution().count)
    }

    #[test]
    fn a_bundle_is_checked_once_however_many_claims_look_at_it_and_verdicts_keep_the_claims_order() {
        let mut payload: Value = serde_json::from_str(PAYLOAD).unwrap();
        let mut options: Value = serde_json::from_str(OPTIONS).unwrap();
        let supported = payload["claims"][0].clone();
        let mut contradicted = supported.clone();
        contradicted["claim"]["equals"] = json!(43);
        let mut unasked = supported.clone();
        unasked["query_id"] = json!("another");
        payload["claims"] = [supported, unasked, contradicted].iter().cycle().take(150).cloned().collect();
        let (reasons, checks) = evaluated(&payload, &options);
        assert_eq!(reasons, [Reason::Supported, Reason::Unverifiable, Reason::Contradicted].repeat(50));
        assert_eq!(checks, 1);

        let own = payload["claims"].as_array().unwrap().iter().map(|claim| claim["claim"].clone());
        options["claims"] = own.collect();
        let (reasons, checks) = evaluated(&payload, &options);
        assert_eq!(reasons, [Reason::Supported, Reason::Supported, Reason::Contradicted].repeat(50));
        assert_eq!(checks, 1);
    }
}
