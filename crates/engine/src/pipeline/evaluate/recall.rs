//! Asking the engine's own backend for answers that a payload only names: other SDKs' payloads have no proofs.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use tokio::{task::JoinSet, time::Instant};
use vouchsafe_backend::BackendError;
use vouchsafe_core::verdict::Reason;
use vouchsafe_ledger::{Bundle, BundleError, Seal};

use crate::{
    Engine,
    handoff::{Handoff, Trouble, Word, unsigned_checkpoint},
    options::EvaluateOptions,
    pipeline::{build::trouble, candidates::as_told, trust::too_old},
    runtime::now_us,
};

/// The most records of one payload that are asked for.
const MOST: usize = 1_000;

impl Engine {
    /// Whether the backend's word counts: the options allow it, and no key is trusted.
    fn takes_its_word(&self, options: &EvaluateOptions) -> bool {
        let keys = options.verifier_keys.as_ref().map_or_else(|| self.own_key().is_some(), |keys| !keys.is_empty());
        options.allow_backend_trust && !keys && self.backend.traffic().is_some()
    }

    /// Puts what the backend has in the place of what the payload does not bring, as far as it could count. A payload's own
    /// proofs are left where keys are there to check them with; a backend's word is never another's, so that it is asked
    /// for again.
    pub(in crate::pipeline) async fn recall(self: &Arc<Self>, handoff: &mut Handoff, options: &EvaluateOptions) {
        let word = self.takes_its_word(options);
        let may_be_proven = options.verifier_keys.as_ref().is_some_and(|keys| !keys.is_empty());
        if self.backend.traffic().is_none() || !(word || may_be_proven) {
            return;
        }
        if word {
            handoff.bundles.clear();
            (handoff.checkpoint, handoff.seal, handoff.consistency) = (None, None, None);
        }
        let asked: BTreeSet<String> = handoff.claims.iter().filter_map(|claim| claim.query_id.clone()).collect();
        let asked = asked.into_iter().filter(|id| !matches!(handoff.bundles.get(id), Some(Ok(_))));
        let mut asked: Vec<String> = asked.collect();
        for id in asked.split_off(asked.len().min(MOST)) {
            let message = format!("the payload names more than {MOST} records");
            handoff.troubles.insert(id, Trouble { reason: Reason::Unverifiable, code: "INVALID_PAYLOAD", message });
        }
        if asked.is_empty() {
            return;
        }
        let deadline = Instant::now() + Duration::from_secs_f64(options.timeout_ms / 1e3);
        self.recall_all(asked, deadline, handoff, options).await;
        self.take_word(handoff, options, true);
        let _ = tokio::time::timeout_at(deadline, self.anchor(handoff, options.after.as_ref(), None)).await;
    }

    /// Asks for records, some at once, until the deadline.
    async fn recall_all(
        self: &Arc<Self>,
        asked: Vec<String>,
        deadline: Instant,
        handoff: &mut Handoff,
        options: &EvaluateOptions,
    ) {
        let mut waiting: BTreeSet<String> = asked.iter().cloned().collect();
        let mut next = asked.into_iter();
        let mut running = JoinSet::new();
        loop {
            for id in next.by_ref().take(self.options.max_concurrency.max(1) - running.len()) {
                let engine = Arc::clone(self);
                running.spawn(async move {
                    let fetched = engine.backend.recall(&id).await;
                    (id, fetched)
                });
            }
            let Ok(Some(done)) = tokio::time::timeout_at(deadline, running.join_next()).await else { break };
            let (id, fetched) = done.expect("recalling does not panic");
            waiting.remove(&id);
            handoff.bundles.remove(&id);
            match fetched {
                Ok(fetched) => handoff.keep_recalled(id, fetched),
                Err(error) => drop(handoff.troubles.insert(id, trouble(&error))),
            }
        }
        for id in waiting {
            let message = format!("no answer within {} ms", options.timeout_ms);
            handoff.troubles.insert(id, Trouble { reason: Reason::Timeout, code: "TIMEOUT", message });
        }
    }

    /// Where the backend's word counts, its bundles are that: rows whose proof fits together, by whomever it is signed.
    /// Where it does not, neither does its word that a row is gone. `named`: the payload named the records.
    pub(in crate::pipeline) fn take_word(&self, handoff: &mut Handoff, options: &EvaluateOptions, named: bool) {
        if !self.takes_its_word(options) {
            if self.backend.traffic().is_some() {
                handoff.troubles.values_mut().for_each(Trouble::unproven);
            }
            return;
        }
        for (id, bundle) in std::mem::take(&mut handoff.bundles) {
            let word = bundle.as_ref().map(|bundle| without_signer(bundle, handoff, named));
            match word {
                Ok(Ok((word, seal))) => match too_old(&seal, options, now_us()) {
                    Some(age) => {
                        let message = format!("its checkpoint is {age}");
                        handoff.troubles.insert(id, Trouble { reason: Reason::Stale, code: "STALE", message });
                    }
                    None => drop(handoff.told.insert(id, word)),
                },
                Ok(Err(error)) if error.is_proof_invalid() => {
                    handoff.troubles.insert(id, trouble(&BackendError::Refuted(error.to_string())));
                }
                _ => drop(handoff.bundles.insert(id, bundle)),
            }
        }
    }
}

/// What a bundle says, checked but for who signed it.
fn without_signer(bundle: &Bundle, handoff: &Handoff, named: bool) -> Result<(Word, Seal), BundleError> {
    let (note, seal) = match (&bundle.checkpoint, &handoff.checkpoint) {
        (None, Some(shared)) => (shared, &handoff.seal),
        (own, _) => (own.as_ref().ok_or(BundleError::Missing("checkpoint"))?, &bundle.seal),
    };
    let checkpoint = unsigned_checkpoint(note).ok_or(BundleError::Missing("readable checkpoint"))?;
    let proof = seal.as_ref().ok_or(BundleError::Missing("seal"))?;
    let checked = bundle.check(&checkpoint, proof)?;
    let word = Word { query: bundle.query.clone(), rows: as_told(bundle), covers: checked.covers, named };
    Ok((word, proof.check(&checkpoint)?))
}
