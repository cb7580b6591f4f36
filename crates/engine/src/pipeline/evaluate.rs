//! Evaluating a handoff: the proofs are checked here, whoever built it, and what is compared comes from proven rows only.
//!
//! - `asked`: which bundle answers a claim
//! - `undecided`: verdicts that rest on no evidence

mod asked;
mod undecided;

use std::{cell::OnceCell, collections::BTreeMap, time::Instant};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use vouchsafe_core::{
    claim::Claim,
    expectation::Expect,
    judge::{Situation, judge},
    verdict::{
        CheckpointOut, ClaimVerdict, Covers, Evidence, Outcome, ProofSummary, Reason, Trust, Verdict, VerdictError,
    },
};
use vouchsafe_ledger::{Bundle, BundleError, VerifierKey};

use super::{
    candidates::Proven,
    completeness::{is_cut, is_of_latest, limits, shortfall},
    trust::{Trusted, trust},
};
pub(super) use undecided::refused;

use self::{asked::Asked, undecided::undecided};
use crate::{EngineError, engine::now_us, handoff::Handoff, options::EvaluateOptions, stats::Counters};

/// Evaluates a payload with keys alone; payload, options and the verdict are JSON.
pub fn evaluate_offline(payload: &str, options: &str) -> Result<String, EngineError> {
    let options: EvaluateOptions =
        serde_json::from_str(options).map_err(|error| EngineError::new("INVALID_OPTION", error.to_string()))?;
    let verdict = evaluate(&Handoff::from_json(payload)?, &options, None)?;
    Ok(serde_json::to_string(&verdict).expect("a verdict is plain data"))
}

/// What an evaluation works with.
struct Evaluation<'h> {
    handoff: &'h Handoff,
    options: &'h EvaluateOptions,
    expect: Option<Expect>,
    trusted: Result<Trusted<'h>, (Reason, String)>,
    counters: Option<&'h Counters>,
}

pub(crate) fn evaluate(
    handoff: &Handoff,
    options: &EvaluateOptions,
    counters: Option<&Counters>,
) -> Result<Verdict, EngineError> {
    let began = Instant::now();
    let invalid = |key: &str, message: String| EngineError {
        key: Some(key.into()),
        ..EngineError::new("INVALID_OPTION", message)
    };
    let keys = options.verifier_keys.iter().map(|key| VerifierKey::parse(key)).collect::<Result<Vec<_>, _>>();
    let keys = keys.map_err(|error| invalid("verifierKeys", error.to_string()))?;
    let expect = options.expect.as_ref().map(Expect::parse).transpose();
    let expect = expect.map_err(|error| invalid("expect", error.to_string()))?;
    let own = options.claims.as_ref().map(own_claims).transpose()?;
    let evaluation =
        Evaluation { handoff, options, expect, trusted: trust(handoff, &keys, options, now_us()), counters };
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
            note: handoff.checkpoint.clone().unwrap_or_default(),
        }),
        counts: vouchsafe_core::verdict::Counts::default(),
        timings: vouchsafe_core::verdict::Timings::default(),
        coverage: handoff.coverage.clone(),
    };
    verdict.counts.claims = verdict.claims.len() as u64;
    verdict.counts.records = handoff.bundles.len() as u64;
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

impl Evaluation<'_> {
    /// Bundle by bundle: each is checked and read once, however many claims look at it, and what was read of it, many
    /// times its size, is gone before the next.
    fn verdicts(&self, asked: Vec<Asked>) -> Vec<ClaimVerdict> {
        let mut verdicts = BTreeMap::new();
        let mut by_bundle = BTreeMap::new();
        for (position, asked) in asked.into_iter().enumerate() {
            match asked {
                Ok((claim, id, bundle)) => by_bundle.entry(id).or_insert((bundle, vec![])).1.push((position, claim)),
                Err(verdict) => drop(verdicts.insert(position, *verdict)),
            }
        }
        for (id, (bundle, claims)) in by_bundle {
            let proven = OnceCell::new();
            let answered = |(position, claim)| (position, self.answered(claim, id, bundle, &proven));
            verdicts.extend(claims.into_iter().map(answered));
        }
        verdicts.into_values().collect()
    }

    fn answered<'b>(
        &self,
        claim: &Claim,
        id: &str,
        bundle: &'b Bundle,
        proven: &OnceCell<Result<Proven<'b>, BundleError>>,
    ) -> ClaimVerdict {
        let trusted = match &self.trusted {
            Ok(trusted) => trusted,
            Err((reason, message)) => return undecided(claim, *reason, message.clone()),
        };
        if !self.asks(claim, bundle) && !self.asks_of_another_run(claim, bundle) {
            return undecided(
                claim,
                Reason::Unverifiable,
                "The proof answers another query than this claim asks.".into(),
            );
        }
        let proven = match proven.get_or_init(|| self.prove(bundle, trusted)) {
            Ok(proven) => proven,
            Err(error) => return Self::bad_proof(claim, error),
        };
        let Proven { checked, fields, .. } = proven;
        let circumstances = self.handoff.circumstances.get(id).cloned().unwrap_or_default();
        // Of an exchange still under way the judgement says so, and nothing else.
        let is_open = circumstances.open && is_of_latest(&bundle.query);
        if let Some(why) = shortfall(&bundle.query, checked.covers).filter(|_| !is_open) {
            return undecided(claim, Reason::Unverifiable, why.into());
        }
        if self.options.store_scope && checked.covers == Some(Covers::Absence) && circumstances.older_us.is_some() {
            let message = "The proof is about one run, and there is an exchange in another.";
            return undecided(claim, Reason::Unverifiable, message.into());
        }
        let rows = &checked.rows;
        let candidates = proven.candidates(trusted.seal.time_us);
        let situation = Situation {
            watched: circumstances.watched,
            open: circumstances.open,
            older: circumstances
                .older_us
                .map(|us| format!("last seen {}, in another run", ago(now_us().saturating_sub(us)))),
            bound_run: self.options.bound_run.clone(),
        };
        let judgement = judge(claim, &candidates, self.expect.as_ref(), &situation);
        // Earlier exchanges that were left out may support the claim; those in between may follow or retry this one.
        let is_last = judgement.evidence.is_some_and(|position| position + 1 == rows.len());
        let stands = judgement.outcome == Outcome::Error || (judgement.outcome == Outcome::Pass && is_last);
        if is_cut(&bundle.query, checked.covers) && !stands {
            let message = format!("Only the newest {} exchanges of this call were looked at.", rows.len());
            return undecided(claim, Reason::Unverifiable, message);
        }
        let decided = judgement.evidence.map(|position| (&rows[position], &fields[position]));
        let proof = |index: u64| ProofSummary {
            index: index.to_string(),
            size: trusted.checkpoint.size.to_string(),
            root: STANDARD.encode(trusted.checkpoint.root),
            covers: checked.covers.unwrap_or(Covers::Row),
            form: checked.form,
            trust: Trust::Proof,
            limits: limits(checked.form).into(),
            bundle: self.options.bundles.then(|| self.standalone(bundle, trusted)),
        };
        // In the store's scope the absence that is proven is that of one run only.
        let absence = checked.covers == Some(Covers::Absence) && !self.options.store_scope;
        ClaimVerdict {
            outcome: judgement.outcome,
            reason: judgement.reason,
            message: judgement.message,
            claim: claim.json().clone(),
            claimed: judgement.claimed,
            actual: judgement.actual.unwrap_or(Value::Null),
            path: judgement.path,
            evidence: decided
                .map(|(row, fields)| Evidence::of(row.row, fields, judgement.candidates, Some(id.to_owned()))),
            proof: match decided {
                Some((row, _)) => Some(proof(row.index)),
                None => absence.then(|| proof(trusted.seal_proof.index)),
            },
        }
    }

    fn prove<'b>(&self, bundle: &'b Bundle, trusted: &Trusted) -> Result<Proven<'b>, BundleError> {
        let began = Instant::now();
        let proven = Proven::of(bundle, trusted)?;
        if let Some(counters) = self.counters {
            counters.verification.add(began.elapsed());
        }
        Ok(proven)
    }

    fn standalone(&self, bundle: &Bundle, trusted: &Trusted) -> String {
        let mut bundle = bundle.clone();
        bundle.checkpoint.clone_from(&self.handoff.checkpoint);
        bundle.seal = Some(trusted.seal_proof.clone());
        serde_json::to_string(&bundle).expect("a bundle is plain data")
    }

    fn bad_proof(claim: &Claim, error: &BundleError) -> ClaimVerdict {
        if error.is_proof_invalid() {
            undecided(claim, Reason::ProofInvalid, format!("The evidence is not what was committed: {error}."))
        } else {
            undecided(claim, Reason::Unverifiable, format!("The proof cannot be used: {error}."))
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

    use super::*;

    const PAYLOAD: &str = include_str!("../../tests/fuzz/corpus/payload/supported.json");
    const OPTIONS: &str = include_str!("../../tests/fuzz/options.json");

    fn evaluated(payload: &Value, options: &Value) -> (Vec<Reason>, u64) {
        let counters = Counters::default();
        let handoff = Handoff::from_json(&payload.to_string()).unwrap();
        let options = serde_json::from_value(options.clone()).unwrap();
        let verdict = evaluate(&handoff, &options, Some(&counters)).unwrap();
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
