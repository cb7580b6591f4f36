//! Building a handoff: fence, group, query, prove, fetch; each stage for all records at once, within the limits.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::sync::Semaphore;
use vouchsafe_backend::{At, BackendError, Fetched, Seen};
use vouchsafe_core::{
    claim::{Claim, Comparator},
    plain_json,
    query::Query,
    timestamp::iso8601,
    verdict::{Counts, Coverage, Outcome, Reason, Timings},
};

use super::{
    candidates::judge_alone,
    completeness::is_of_latest,
    coverage::watched,
    disclose::Disclosure,
    group::{Group, group},
    stages::Answered,
};
use crate::{
    Engine, EngineError,
    handoff::{CALL_ROWS, Circumstances, Handoff, HandoffClaim, MODE, Trouble},
    options::{BuildOptions, Disclose},
};

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
            claims.push(HandoffClaim {
                claim: Ok(Claim::parse(&given, position)?),
                given,
                position,
                query_id: None,
                actual: None,
            });
        }
    }
    Ok(claims)
}

pub(super) fn trouble(error: &BackendError) -> Trouble {
    let reason = match error {
        error if error.is_damage() => Reason::Unverifiable,
        BackendError::Refuted(_) => Reason::ProofInvalid,
        BackendError::Unsupported(_) => Reason::Unverifiable,
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
        if let Some(error) = self.backing.no_store() {
            return Err(error);
        }
        let claims = read_claims(claims)?;
        let timeout = Duration::from_secs_f64(options.timeout_ms / 1e3);
        match tokio::time::timeout(timeout, self.build_handoff(claims, options, None)).await {
            Ok(built) => Ok(built?.handoff.to_json()),
            Err(_) => Err(self.backend.trouble().map_or_else(
                || {
                    let message = format!("the payload was not ready within {:.0} ms", options.timeout_ms);
                    EngineError::new("TIMEOUT", message)
                },
                Into::into,
            )),
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
        let before = self.traffic();
        let mut timings = Timings::default();
        let at = self.backend.hold(self.fence().await?).await?;
        timings.fence_ms = ms(began);

        let groups = group(self.queries(&claims, options, &at).await?);
        let mut handoff = self.handoff(options).await?;
        let room = Arc::new(Semaphore::new(options.max_concurrency));
        let mut open = vec![false; groups.len()];
        for (group, open) in groups.iter().zip(&mut open) {
            *open = group.claims.iter().any(|claim| options.open.contains(&claims[*claim].position));
        }
        let answered = self.answer(&groups, limits_of(&groups), &at, &room, &mut timings).await;
        let ids: Vec<String> = answered.iter().map(|answered| answered.id.clone()).collect();
        let mut again = Vec::new();
        for (place, (group, Answered { id, fetched })) in groups.iter().zip(answered).enumerate() {
            for claim in &group.claims {
                claims[*claim].query_id = Some(id.clone());
            }
            match fetched {
                Ok(fetched) => {
                    let wants_earlier = state_actual(group, &fetched, options.disclose, &mut claims);
                    // A backend that answers over the wire gives all rows at once.
                    if wants_earlier && self.backend.traffic().is_none() {
                        again.push(place);
                    }
                    let found = !is_empty(&fetched);
                    let circumstances = self.circumstances(&group.query, found, options, open[place], &at).await?;
                    handoff.circumstances.insert(id.clone(), circumstances);
                    handoff.keep(id, fetched);
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
        for Answered { id, fetched } in self.answer(&again, limits, &at, &room, &mut timings).await {
            if let Ok(fetched) = fetched {
                handoff.keep(id, fetched);
            }
        }
        let disclosure = Disclosure::new(options.disclose, expect);
        for ((group, id), open) in groups.iter().zip(&ids).zip(open) {
            if let Some(Ok(bundle)) = handoff.bundles.get_mut(id) {
                // Nobody can prove that an exchange is still under way, so nothing is given that decides without it.
                if open && is_of_latest(&group.query) {
                    (bundle.map, bundle.scan) = (None, None);
                }
                disclosure.apply(bundle, group.claims.iter().filter_map(|claim| claims[*claim].claim.as_ref().ok()));
            }
        }
        let proving = Instant::now();
        self.anchor(&mut handoff, options.after.as_ref(), Some(&at)).await;
        timings.prove_ms += ms(proving);
        for (position, claim) in claims.iter().enumerate() {
            if let Err(error) = &claim.claim {
                handoff.build_errors.push(format!("claim {position}: {error}"));
            }
        }
        let after = self.traffic();
        let counts = Counts {
            claims: claims.len() as u64,
            records: (groups.len() + again.len()) as u64,
            requests: after.requests - before.requests,
            polls: after.polls - before.polls,
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

    async fn handoff(&self, options: &BuildOptions) -> Result<Handoff, BackendError> {
        let office = self.backing.office(options.include_api_key).await?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "µs since 1970, below 2^53")]
        let since = options.watching_since_us.unwrap_or_default() as u64;
        let gaps = self.readers().with(|reader| reader.gaps_since(since)).map_err(BackendError::Store)?;
        Ok(Handoff {
            run_id: options.run_id.clone().unwrap_or_default(),
            agent_id: Some(options.agent_id.clone()),
            prompt: options.prompt.clone(),
            task: options.task.clone(),
            answer: options.answer.clone(),
            office,
            coverage: Coverage { channels: options.channels.clone(), since: iso8601(since), gaps },
            ..Handoff::default()
        })
    }

    async fn circumstances(
        &self,
        query: &Query,
        found: bool,
        options: &BuildOptions,
        open: bool,
        at: &At,
    ) -> Result<Circumstances, BackendError> {
        if found {
            // Whether somebody watched is asked only where nothing was seen, so that a row taken out says nothing.
            return Ok(Circumstances { open, ..Circumstances::default() });
        }
        // What was left out on the way to the table may be what is missing.
        let is_whole = self.backing.outbox.as_ref().is_none_or(|outbox| !outbox.has_set_aside());
        let watched = self.readers().with(|reader| watched(reader, query, options)).map_err(BackendError::Store)?;
        let watched = watched && is_whole;
        let newest = match query {
            // The sentence about another run is not worth a query over the wire.
            _ if self.backend.traffic().is_some() => None,
            Query::Action { agent, action, .. } => self.backend.newest_of(agent, Some(action), at).await?,
            Query::Agent { agent, .. } => self.backend.newest_of(agent, None, at).await?,
            _ => None,
        };
        let older_us = newest.map(|Seen { ended_us, .. }| ended_us);
        Ok(Circumstances { watched, open, older_us, consistency: None })
    }
}

fn limits_of(groups: &[Group]) -> Vec<u32> {
    let limit = |group: &Group| match group.query {
        Query::Row { .. } | Query::Action { .. } | Query::Agent { .. } => 1,
        Query::Call { .. } | Query::ToolCall { .. } => CALL_ROWS,
    };
    groups.iter().map(limit).collect()
}

fn is_empty(fetched: &Fetched) -> bool {
    match fetched {
        Fetched::Proven(bundle) => bundle.rows.is_empty(),
        Fetched::Told(told) => told.rows.is_empty(),
    }
}

/// Notes what the rows say where a claim's wire form states it, and returns whether a claim on the latest exchange
/// fails, so that earlier ones are worth a look.
fn state_actual(group: &Group, fetched: &Fetched, disclose: Disclose, claims: &mut [HandoffClaim]) -> bool {
    let mut fails = false;
    for position in &group.claims {
        let Ok(claim) = &claims[*position].claim else { continue };
        let states = matches!(claim.comparator, Comparator::Between { .. }) && disclose != Disclose::None;
        if !states && !is_of_latest(&group.query) {
            continue;
        }
        let judgement = judge_alone(claim, fetched);
        fails |= judgement.outcome != Outcome::Pass;
        if states {
            claims[*position].actual = judgement.actual;
        }
    }
    fails && is_of_latest(&group.query) && !is_empty(fetched)
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
