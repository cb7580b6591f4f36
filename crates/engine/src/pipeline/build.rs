//! Building a handoff: fence, group, query, prove, fetch; each stage for all records at once, within the limits.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use tokio::sync::Semaphore;
use vouchsafe_backend::{At, BackendError, Seen};
use vouchsafe_core::{
    claim::Claim,
    plain_json,
    query::Query,
    timestamp::iso8601,
    verdict::{Counts, Coverage, Reason, Timings},
};
use vouchsafe_ledger::Bundle;

use super::{
    candidates::judge_alone,
    completeness::is_of_latest,
    coverage::watched,
    disclose::Disclosure,
    group::{Group, group},
};
use crate::{
    Engine, EngineError,
    handoff::{Circumstances, Consistency, Handoff, HandoffClaim, MODE, Trouble},
    options::BuildOptions,
};

/// The most rows of one call that a record carries: the newest.
const CALL_ROWS: u32 = 256;
/// How many rows are looked at for an earlier one that would support a claim on the latest.
const EARLIER_ROWS: u32 = 16;

/// A handoff and what it took.
pub(super) struct Built {
    pub handoff: Handoff,
    pub counts: Counts,
    pub timings: Timings,
}

/// Reads a list of claims; a bad one of ours is an error, a bad one of the wire's costs itself only.
pub(super) fn read_claims(claims: &str) -> Result<Vec<HandoffClaim>, EngineError> {
    let given: Vec<Value> = plain_json::from_str(claims)
        .map_err(|error| EngineError::new("INVALID_CLAIM", format!("claims are no list: {error}")))?;
    let mut claims = Vec::with_capacity(given.len());
    for (position, given) in given.into_iter().enumerate() {
        if given.get(MODE).is_some() {
            claims.extend(HandoffClaim::from_wire(&given, position));
        } else {
            claims.push(HandoffClaim { claim: Ok(Claim::parse(&given, position)?), given, position, query_id: None });
        }
    }
    Ok(claims)
}

pub(super) fn trouble(error: &BackendError) -> Trouble {
    let reason = match error {
        error if error.is_damage() => Reason::Unverifiable,
        BackendError::Refuted(_) => Reason::ProofInvalid,
        BackendError::TimedOut(_) => Reason::Timeout,
        _ => Reason::BackendUnavailable,
    };
    Trouble { reason, code: error.code(), message: error.to_string() }
}

pub(super) fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

impl Engine {
    /// Builds a payload from a JSON list of claims.
    pub async fn build(self: &Arc<Self>, claims: &str, options: &BuildOptions) -> Result<String, EngineError> {
        let claims = read_claims(claims)?;
        let timeout = Duration::from_secs_f64(options.timeout_ms / 1e3);
        match tokio::time::timeout(timeout, self.build_handoff(claims, options, None)).await {
            Ok(built) => Ok(built?.handoff.to_json()),
            Err(_) => {
                Err(EngineError::new("TIMEOUT", format!("the payload was not ready within {} ms", options.timeout_ms)))
            }
        }
    }

    /// `expect`: what the evaluator expects of the evidence, where it is known.
    pub(super) async fn build_handoff(
        self: &Arc<Self>,
        mut claims: Vec<HandoffClaim>,
        options: &BuildOptions,
        expect: Option<&Value>,
    ) -> Result<Built, BackendError> {
        let began = Instant::now();
        let requests = self.limiter.calls();
        let mut timings = Timings::default();
        let at = self.backend.hold(self.fence().await?).await?;
        timings.fence_ms = ms(began);

        let groups = group(self.queries(&claims, options, &at).await?);
        let mut handoff = self.handoff(options, &at)?;
        let room = Arc::new(Semaphore::new(options.max_concurrency));
        let mut open = vec![false; groups.len()];
        for (group, open) in groups.iter().zip(&mut open) {
            *open = group.claims.iter().any(|claim| options.open.contains(&claims[*claim].position));
            let id = group.query.id(&at.checkpoint.root);
            for claim in &group.claims {
                claims[*claim].query_id = Some(id.clone());
            }
        }
        let answered = self.answer(&groups, limits_of(&groups), &at, &room, &mut timings).await;
        let mut again = Vec::new();
        for (place, (group, answer)) in groups.iter().zip(answered).enumerate() {
            let id = group.query.id(&at.checkpoint.root);
            match answer {
                Ok(bundle) => {
                    if wants_earlier(group, &bundle, &claims) {
                        again.push(place);
                    }
                    let circumstances = self.circumstances(&group.query, &bundle, options, open[place], &at).await?;
                    handoff.circumstances.insert(id.clone(), circumstances);
                    handoff.bundles.insert(id, Ok(bundle));
                }
                Err(error) => {
                    handoff.build_errors.push(format!("{}: {error}", error.code()));
                    handoff.circumstances.insert(id.clone(), Circumstances::default());
                    handoff.troubles.insert(id, trouble(&error));
                }
            }
        }
        // Only a claim that fails asks for more: a second look may find an earlier exchange that it was true of.
        let again: Vec<Group> = again.into_iter().map(|place| groups[place].clone()).collect();
        let limits = vec![EARLIER_ROWS; again.len()];
        for (group, answer) in again.iter().zip(self.answer(&again, limits, &at, &room, &mut timings).await) {
            if let Ok(bundle) = answer {
                handoff.bundles.insert(group.query.id(&at.checkpoint.root), Ok(bundle));
            }
        }
        let disclosure = Disclosure::new(options.disclose, expect);
        for (group, open) in groups.iter().zip(open) {
            if let Some(Ok(bundle)) = handoff.bundles.get_mut(&group.query.id(&at.checkpoint.root)) {
                // Nobody can prove that an exchange is still under way, so nothing is given that decides without it.
                if open && is_of_latest(&group.query) {
                    (bundle.map, bundle.scan) = (None, None);
                }
                disclosure.apply(bundle, group.claims.iter().filter_map(|claim| claims[*claim].claim.as_ref().ok()));
            }
        }
        let proving = Instant::now();
        self.add_proofs_of_the_log(&mut handoff, options, &at).await;
        timings.prove_ms += ms(proving);
        for (position, claim) in claims.iter().enumerate() {
            if let Err(error) = &claim.claim {
                handoff.build_errors.push(format!("claim {position}: {error}"));
            }
        }
        let counts = Counts {
            claims: claims.len() as u64,
            records: (groups.len() + again.len()) as u64,
            requests: self.limiter.calls() - requests,
            polls: 0,
        };
        handoff.claims = claims;
        timings.total_ms = ms(began);
        Ok(Built { handoff, counts, timings })
    }

    /// The query of each claim that is one. In the store's scope an action or the latest is asked for by its row.
    async fn queries(
        &self,
        claims: &[HandoffClaim],
        options: &BuildOptions,
        at: &At,
    ) -> Result<Vec<(usize, Query)>, BackendError> {
        let mut queries = Vec::with_capacity(claims.len());
        for (position, claim) in claims.iter().enumerate() {
            let Ok(claim) = &claim.claim else { continue };
            let mut query = claim.query(&options.agent_id, options.run_id.as_deref());
            if options.store_scope {
                let newest = match &query {
                    Query::Action { agent, action, .. } => self.backend.newest_of(agent, Some(action), at).await?,
                    Query::Agent { agent, .. } => self.backend.newest_of(agent, None, at).await?,
                    _ => None,
                };
                if let Some(Seen { row, .. }) = newest {
                    query = Query::Row { row };
                }
            }
            queries.push((position, query));
        }
        Ok(queries)
    }

    fn handoff(&self, options: &BuildOptions, at: &At) -> Result<Handoff, BackendError> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "µs since 1970, below 2^53")]
        let since = options.watching_since_us.unwrap_or_default() as u64;
        let gaps = self.readers().with(|reader| reader.gaps_since(since)).map_err(BackendError::Store)?;
        Ok(Handoff {
            run_id: options.run_id.clone().unwrap_or_default(),
            agent_id: Some(options.agent_id.clone()),
            prompt: options.prompt.clone(),
            task: options.task.clone(),
            answer: options.answer.clone(),
            checkpoint: Some(at.note.clone()),
            coverage: Coverage { channels: options.channels.clone(), since: iso8601(since), gaps },
            ..Handoff::default()
        })
    }

    async fn circumstances(
        &self,
        query: &Query,
        bundle: &Bundle,
        options: &BuildOptions,
        open: bool,
        at: &At,
    ) -> Result<Circumstances, BackendError> {
        if !bundle.rows.is_empty() {
            // Whether somebody watched is asked only where nothing was seen, so that a row taken out says nothing.
            return Ok(Circumstances { open, ..Circumstances::default() });
        }
        let watched = self.readers().with(|reader| watched(reader, query, options)).map_err(BackendError::Store)?;
        let newest = match query {
            Query::Action { agent, action, .. } => self.backend.newest_of(agent, Some(action), at).await?,
            Query::Agent { agent, .. } => self.backend.newest_of(agent, None, at).await?,
            _ => None,
        };
        let older_us = newest.map(|Seen { ended_us, .. }| ended_us);
        Ok(Circumstances { watched, open, older_us })
    }

    /// The seal, and the proof that the log extends the checkpoint asked for. What fails is said in the handoff.
    async fn add_proofs_of_the_log(&self, handoff: &mut Handoff, options: &BuildOptions, at: &At) {
        match self.backend.seal(at).await {
            Ok(seal) => handoff.seal = Some(seal),
            Err(error) => handoff.build_errors.push(format!("{}: {error}", error.code())),
        }
        let Some(after) = &options.after else { return };
        let Ok(size) = after.size.parse::<u64>() else { return };
        if size == 0 || size > at.checkpoint.size {
            return;
        }
        match self.backend.consistency(size, at).await {
            Ok(proof) => {
                let proof = proof.iter().map(|hash| STANDARD.encode(hash)).collect();
                handoff.consistency = Some(Consistency { size: after.size.clone(), root: after.root.clone(), proof });
            }
            Err(error) => handoff.build_errors.push(format!("{}: {error}", error.code())),
        }
    }
}

fn limits_of(groups: &[Group]) -> Vec<u32> {
    let limit = |group: &Group| match group.query {
        Query::Row { .. } | Query::Action { .. } | Query::Agent { .. } => 1,
        Query::Call { .. } | Query::ToolCall { .. } => CALL_ROWS,
    };
    groups.iter().map(limit).collect()
}

/// Whether a claim on the latest exchange fails, so that earlier ones are worth a look.
fn wants_earlier(group: &Group, bundle: &Bundle, claims: &[HandoffClaim]) -> bool {
    is_of_latest(&group.query)
        && !bundle.rows.is_empty()
        && group
            .claims
            .iter()
            .filter_map(|claim| claims[*claim].claim.as_ref().ok())
            .any(|claim| !judge_alone(claim, bundle))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_and_payloads_cannot_pass_an_object_for_a_number() {
        let claims = r#"[{"equals": {"$serde_json::private::Number": "17"}}]"#;
        assert_eq!(read_claims(claims).unwrap_err().code, "INVALID_CLAIM");
        let payload = format!(r#"{{"claims": {claims}}}"#);
        assert_eq!(Handoff::from_json(&payload).unwrap_err().code, "INVALID_PAYLOAD");
    }
}
