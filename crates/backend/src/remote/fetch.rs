//! The rows of a record whose proof is done: as a bundle where the server gives one, else on its word.

use std::sync::Arc;

use reqwest::StatusCode;
use serde_json::json;
use tokio::time::{Instant, timeout_at};
use vouchsafe_core::query::Query;
use vouchsafe_ledger::{Bundle, Checkpoint};

use super::{
    Shared,
    call::Call,
    ids::checked,
    preprocess::checkpoint,
    record::{Proof, Record},
    told::rows,
};
use crate::{Ask, At, BackendError, Fetched, Told, polling::Wait, sql};

impl Shared {
    /// The rows that answer a record made for `query`; a bundle of them has to be at or above the state `at`, if there is one.
    pub async fn fetch(
        &self,
        id: &str,
        record: &Record,
        query: &Query,
        limit: usize,
        at: Option<&At>,
        deadline: Instant,
    ) -> Result<Fetched, BackendError> {
        let proof = record.proof.as_ref().ok_or_else(|| protocol("a record without a proof"))?;
        if proof.is_bundle() {
            let bundle = self.bundle(proof, at, deadline).await?;
            // What a query over all runs is about, the bundle says: its first row.
            return if bundle.query == *query { Ok(Fetched::Proven(bundle)) } else { Err(another()) };
        }
        self.verified(id, proof, deadline).await?;
        let mut rows = rows(record.result.as_ref())?;
        if !rows.iter().all(|(row, _)| query.selects(row)) {
            return Err(another());
        }
        rows.drain(..rows.len().saturating_sub(limit));
        Ok(Fetched::Told(Told { query: query.clone(), rows }))
    }

    /// What answers a record that somebody else made; what it asks, its own SQL says.
    pub async fn recall(&self, id: &str) -> Result<Fetched, BackendError> {
        let id = &checked(Some(id))?;
        let deadline = self.client.deadline();
        let record = self.proven(id, None, deadline).await?;
        let proof = record.proof.as_ref().ok_or_else(|| protocol("a record without a proof"))?;
        let asked = sql::parse(record.sql_query.as_deref().unwrap_or_default()).map_err(BackendError::Protocol)?;
        let query = match asked {
            Ask::Query(query) => query,
            _ if proof.is_bundle() => self.bundle(proof, None, deadline).await?.query,
            ask => first_of(&record, &ask)?,
        };
        self.fetch(id, &record, &query, usize::MAX, None, deadline).await
    }

    async fn bundle(&self, proof: &Proof, at: Option<&At>, deadline: Instant) -> Result<Bundle, BackendError> {
        let refuted = |what: &str| BackendError::Refuted(proof.detail.clone().unwrap_or_else(|| what.to_owned()));
        let failed = proof.status == "Failed";
        let path = format!("/api/v1/proof_requests/{}/download", checked(Some(&proof.id))?);
        let reply = self.client.send(Call::get(path, deadline)).await?;
        // The row is gone: no other refusal says anything of it.
        if failed && reply.status == StatusCode::CONFLICT {
            return Err(refuted(&reply.description()));
        }
        let text = String::from_utf8(reply.ok()?.body).map_err(|_| protocol("a bundle that is no UTF-8"))?;
        let bundle = Bundle::parse(&text).map_err(|error| BackendError::Protocol(error.to_string()))?;
        let note = bundle.checkpoint.as_ref().ok_or_else(|| protocol("a bundle without a checkpoint"))?;
        let checkpoint = checkpoint(note)?;
        if let Some(at) = at {
            continues(&checkpoint, &at.checkpoint)?;
        }
        // By its own checkpoint and seal, whoever signed.
        let seal = bundle.seal.as_ref().ok_or_else(|| protocol("a bundle without a seal"))?;
        match (bundle.check(&checkpoint, seal).map(drop), failed) {
            // Evidence is better than a word: the evaluator sees for itself that it fails.
            (Err(error), _) if error.is_proof_invalid() => Ok(bundle),
            (Err(error), false) => Err(BackendError::Protocol(error.to_string())),
            (_, true) => Err(refuted("its proof failed")),
            (Ok(()), false) => Ok(bundle),
        }
    }

    /// Waits until the server says that it has verified a record's proof.
    async fn verified(&self, id: &str, proof: &Proof, deadline: Instant) -> Result<(), BackendError> {
        if proof.status == "Failed" {
            return Err(BackendError::Unavailable(format!("it could not make the proof of {id}")));
        }
        if let Some(known) = verdict(proof) {
            return known;
        }
        // Whoever only evaluates may have no project here, and asks as itself.
        let key = match self.integration(deadline).await {
            Err(BackendError::Unsupported(_)) => None,
            key => Some(key?),
        };
        let key = key.as_deref();
        let path = format!("{}/queries/{id}/verify", self.org);
        let started = self.client.send(Call::post(path, json!({}), deadline).with_key(key)).await?.ok()?.sent;
        let mut wait = Wait::new(Arc::clone(&self.schedules.verification), started, self.client.is_ours());
        loop {
            if timeout_at(deadline, wait.turn()).await.is_err() {
                return Err(BackendError::TimedOut(format!("the verification of {id}")));
            }
            let (record, sent, held) = self.record(id, key, deadline).await?;
            let verdict = record.proof.as_ref().and_then(verdict);
            wait.heard(verdict.is_some(), sent, held);
            if let Some(verdict) = verdict {
                return verdict;
            }
        }
    }
}

/// What the server's verification came to, if it is done.
fn verdict(proof: &Proof) -> Option<Result<(), BackendError>> {
    match proof.verification_status.as_deref() {
        Some("Verified") => Some(Ok(())),
        Some("Failed") => {
            Some(Err(BackendError::Refuted(proof.detail.clone().unwrap_or_else(|| "it does not verify".into()))))
        }
        _ => None,
    }
}

/// Whether a state can be one of the log that was committed, at that time or later: else what it proves, or fails to, says
/// nothing of what was waited for.
fn continues(shown: &Checkpoint, committed: &Checkpoint) -> Result<(), BackendError> {
    if shown.origin != committed.origin {
        return Err(protocol("a bundle of another log than the one that was committed"));
    }
    if shown.size < committed.size {
        return Err(protocol("a bundle of a state before the one that was committed"));
    }
    if shown.size == committed.size && shown.root != committed.root {
        return Err(protocol("a bundle of another state than the one that was committed"));
    }
    Ok(())
}

/// What a question over all runs means where there is no bundle that says it: its first row.
fn first_of(record: &Record, ask: &Ask) -> Result<Query, BackendError> {
    let rows = rows(record.result.as_ref())?;
    let answers = |row: &&vouchsafe_core::row::Row| match ask {
        Ask::Action(action) => row.action_name == *action,
        Ask::AgentOnly(agent) => row.agent_id == *agent,
        Ask::Query(query) => query.selects(row),
    };
    let first = rows.iter().map(|(row, _)| row).find(answers);
    Ok(Query::Row { row: first.ok_or_else(|| protocol("no row answers"))?.id.clone() })
}

fn another() -> BackendError {
    protocol("the answer to another query")
}

fn protocol(what: &str) -> BackendError {
    BackendError::Protocol(what.to_owned())
}
