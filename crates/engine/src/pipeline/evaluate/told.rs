//! Verdicts on rows that the engine's own backend tells of: evidence only for whoever takes its word.

use serde_json::Value;
use vouchsafe_core::{
    claim::Claim,
    judge::judge,
    verdict::{ClaimVerdict, Covers, Evidence, Outcome, ProofSummary, Reason, Trust},
};

use super::{
    Evaluation,
    asked::Answer,
    undecided::{refused, undecided},
};
use crate::{
    handoff::Word,
    pipeline::{
        candidates,
        completeness::{is_cut, is_of_latest, shortfall},
    },
    runtime::now_us,
};

/// What a backend's word does not show.
const LIMITS: &str =
    "That the exchange is as the backend tells it is the backend's word; nothing of it was proven here.";

impl<'h> Evaluation<'h> {
    /// Judges claims on what the backend tells.
    pub(super) fn on_told(&'h self, id: &'h str, told: &'h Word) -> Box<dyn Fn(&Claim) -> ClaimVerdict + 'h> {
        let rows = candidates::Told::of(&told.rows);
        Box::new(move |claim| match self.refusal(claim, id, told) {
            Some(why) => undecided(claim, Reason::Unverifiable, why.into()),
            None => self.taken_on_trust(claim, id, told, &rows),
        })
    }

    /// Why the backend's word does not count for this claim.
    fn refusal(&self, claim: &Claim, id: &str, told: &Word) -> Option<&'static str> {
        if !self.options.allow_backend_trust {
            return Some(
                "The backend has the exchange and no proof of it: name the key that it signs with in `verifierKeys`, or \
                 take its word with `allowBackendTrust`.",
            );
        }
        if !self.keys.is_empty() {
            return Some(
                "The backend has the exchange and no proof of it, and where keys are trusted nothing counts without \
                 one: leave `verifierKeys` empty to take the backend's word.",
            );
        }
        if !self.asks(claim, Answer::Told(told)) && !self.asks_of_another_run(claim, Answer::Told(told)) {
            return Some("The backend answers another query than this claim asks.");
        }
        if told.rows.iter().any(|(row, _)| !told.query.selects(row)) {
            return Some("The backend answers with an exchange that the query does not ask for.");
        }
        // Whoever chose the record would choose which exchange counts as the latest.
        if told.named && is_of_latest(&self.query(claim)) && !is_of_latest(&told.query) {
            return Some("The payload names the exchange that is to be the latest, and nothing shows that it is.");
        }
        // Of an exchange still under way the judgement says so, and nothing else.
        let is_open = self.situation(id).open && is_of_latest(&told.query);
        shortfall(&told.query, told.covers).filter(|_| !is_open)
    }

    fn taken_on_trust(&self, claim: &Claim, id: &str, told: &Word, rows: &candidates::Told) -> ClaimVerdict {
        let judgement = judge(claim, &rows.candidates(now_us()), self.expect.as_ref(), &self.situation(id));
        // As of a proof that is cut: earlier exchanges may support the claim, those in between may follow this one.
        let is_last = judgement.evidence.is_some_and(|position| position + 1 == told.rows.len());
        let stands = judgement.outcome == Outcome::Error || (judgement.outcome == Outcome::Pass && is_last);
        if is_cut(&told.query, told.covers) && !stands {
            let message = format!("Only the newest {} exchanges of this call were looked at.", told.rows.len());
            return undecided(claim, Reason::Unverifiable, message);
        }
        let decided = judgement.evidence.map(|position| &told.rows[position]);
        ClaimVerdict {
            claimed: judgement.claimed,
            actual: judgement.actual.unwrap_or(Value::Null),
            path: judgement.path,
            evidence: decided.map(|(row, fields)| Evidence::of(row, fields, judgement.candidates, Some(id.to_owned()))),
            proof: decided.map(|_| ProofSummary {
                index: String::new(),
                size: String::new(),
                root: String::new(),
                covers: Covers::Row,
                form: None,
                trust: Trust::Backend,
                limits: LIMITS.into(),
                bundle: None,
            }),
            ..refused(claim.json(), judgement.reason, judgement.message)
        }
    }
}
