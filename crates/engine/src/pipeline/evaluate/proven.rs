//! Verdicts on a bundle: its rows are evidence as far as its proof shows.

use std::cell::OnceCell;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use vouchsafe_core::{
    claim::Claim,
    judge::judge,
    verdict::{ClaimVerdict, Covers, Evidence, Outcome, ProofSummary, Reason, Trust},
};
use vouchsafe_ledger::{Bundle, BundleError};

use super::{Evaluation, asked::Answer, undecided::undecided};
use crate::{
    pipeline::{
        candidates::Proven,
        completeness::{is_cut, is_of_latest, limits, shortfall},
        trust::{Anchor, Refusal, Trusted, trust},
    },
    runtime::now_us,
    stats::Counters,
};

impl<'h> Evaluation<'h> {
    /// Judges claims on a bundle, which is checked with the first of them.
    pub(super) fn on_bundle(&'h self, id: &'h str, bundle: &'h Bundle) -> Box<dyn Fn(&Claim) -> ClaimVerdict + 'h> {
        let trusted = self.trusted_for(id, bundle);
        let proven = OnceCell::new();
        Box::new(move |claim| match &trusted {
            Ok(trusted) => self.answered(claim, id, bundle, trusted, &proven),
            Err((reason, message)) => undecided(claim, *reason, message.clone()),
        })
    }

    /// The bundle's own checkpoint where it has one, else the handoff's.
    fn trusted_for(&'h self, id: &str, bundle: &'h Bundle) -> Result<Trusted<'h>, Refusal> {
        if bundle.checkpoint.is_none() {
            return self.trusted.clone();
        }
        let anchor = Anchor {
            note: bundle.checkpoint.as_deref(),
            seal: bundle.seal.as_ref(),
            consistency: self.handoff.circumstances.get(id).and_then(|known| known.consistency.as_ref()),
        };
        trust(anchor, &self.keys, self.options, now_us())
    }

    fn answered(
        &self,
        claim: &Claim,
        id: &str,
        bundle: &'h Bundle,
        trusted: &Trusted<'h>,
        proven: &OnceCell<Result<Proven<'h>, BundleError>>,
    ) -> ClaimVerdict {
        if !self.asks(claim, Answer::Proven(bundle)) && !self.asks_of_another_run(claim, Answer::Proven(bundle)) {
            let message = "The proof answers another query than this claim asks.";
            return undecided(claim, Reason::Unverifiable, message.into());
        }
        let proven = match proven.get_or_init(|| prove(bundle, trusted, self.counters)) {
            Ok(proven) => proven,
            Err(error) => return bad_proof(claim, error),
        };
        let Proven { checked, fields, .. } = proven;
        let situation = self.situation(id);
        // Of an exchange still under way the judgement says so, and nothing else.
        let is_open = situation.open && is_of_latest(&bundle.query);
        if let Some(why) = shortfall(&bundle.query, checked.covers).filter(|_| !is_open) {
            return undecided(claim, Reason::Unverifiable, why.into());
        }
        if self.options.store_scope && checked.covers == Some(Covers::Absence) && situation.older.is_some() {
            let message = "The proof is about one run, and there is an exchange in another.";
            return undecided(claim, Reason::Unverifiable, message.into());
        }
        let rows = &checked.rows;
        let candidates = proven.candidates(trusted.seal.time_us);
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
            bundle: self.options.bundles.then(|| standalone(bundle, trusted)),
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
}

fn prove<'b>(
    bundle: &'b Bundle,
    trusted: &Trusted<'b>,
    counters: Option<&Counters>,
) -> Result<Proven<'b>, BundleError> {
    let began = std::time::Instant::now();
    let proven = Proven::of(bundle, trusted)?;
    if let Some(counters) = counters {
        counters.verification.add(began.elapsed());
    }
    Ok(proven)
}

fn standalone(bundle: &Bundle, trusted: &Trusted) -> String {
    let mut bundle = bundle.clone();
    bundle.checkpoint = Some(trusted.note.to_owned());
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
