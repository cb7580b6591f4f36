//! Building a handoff: fence, group, query, prove, fetch; each stage for all records at once, within the limits.

use std::{
    collections::BTreeMap,
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use tokio::{sync::Semaphore, task::JoinSet};
use vouchsafe_backend::{At, BackendError, QueryRecord, Seen};
use vouchsafe_core::{
    claim::Claim,
    query::Query,
    timestamp::iso8601,
    verdict::{Counts, Coverage, Reason, Timings},
};
use vouchsafe_ledger::Bundle;

use super::{
    coverage::watched,
    evaluate::judge_alone,
    group::{Group, group},
};
use crate::{
    Engine, EngineError,
    engine::now_us,
    handoff::{Circumstances, Consistency, Handoff, HandoffClaim, MODE, Trouble},
    options::BuildOptions,
    stats::count,
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
    let given: Vec<Value> = serde_json::from_str(claims)
        .map_err(|error| EngineError::new("INVALID_CLAIM", format!("claims are no list: {error}")))?;
    let mut claims = Vec::with_capacity(given.len());
    for (position, given) in given.into_iter().enumerate() {
        if given.get(MODE).is_some() {
            claims.extend(HandoffClaim::from_wire(&given, position));
        } else {
            claims.push(HandoffClaim { claim: Ok(Claim::parse(&given, position)?), given, query_id: None });
        }
    }
    Ok(claims)
}

pub(super) fn trouble(error: &BackendError) -> Trouble {
    let reason = if error.is_damage() { Reason::Unverifiable } else { Reason::BackendUnavailable };
    Trouble { reason, code: error.code(), message: error.to_string() }
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

impl Engine {
    /// Builds a payload from a JSON list of claims.
    pub async fn build(self: &Arc<Self>, claims: &str, options: &BuildOptions) -> Result<String, EngineError> {
        let claims = read_claims(claims)?;
        let timeout = Duration::from_secs_f64(options.timeout_ms / 1e3);
        match tokio::time::timeout(timeout, self.build_handoff(claims, options)).await {
            Ok(built) => Ok(built?.handoff.to_json()),
            Err(_) => {
                Err(EngineError::new("TIMEOUT", format!("the payload was not ready within {} ms", options.timeout_ms)))
            }
        }
    }

    pub(super) async fn build_handoff(
        self: &Arc<Self>,
        mut claims: Vec<HandoffClaim>,
        options: &BuildOptions,
    ) -> Result<Built, BackendError> {
        let began = Instant::now();
        let requests = self.limiter.calls();
        let mut timings = Timings::default();
        let at = self.fence().await?;
        timings.fence_ms = ms(began);

        let groups = group(self.queries(&claims, options, &at).await?);
        let mut handoff = self.handoff(options, &at)?;
        let room = Arc::new(Semaphore::new(options.max_concurrency));
        let mut open = vec![false; groups.len()];
        for (group, open) in groups.iter().zip(&mut open) {
            *open = group.claims.iter().any(|claim| options.open.contains(claim));
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

    /// Puts the queries to the backend and brings back a bundle for each.
    async fn answer(
        self: &Arc<Self>,
        groups: &[Group],
        limits: Vec<u32>,
        at: &Arc<At>,
        room: &Arc<Semaphore>,
        timings: &mut Timings,
    ) -> Vec<Result<Bundle, BackendError>> {
        if groups.is_empty() {
            return Vec::new();
        }
        let stage = Instant::now();
        let queries = groups.iter().zip(limits).map(|(group, limit)| {
            let (engine, query, at) = (Arc::clone(self), group.query.clone(), Arc::clone(at));
            count(&self.counters.query_records, 1);
            async move { engine.limiter.run(engine.backend.query(query, limit, at)).await }
        });
        let records = all(room, queries).await;
        timings.query_ms += ms(stage);
        let stage = Instant::now();
        let proofs = records.into_iter().map(|record| {
            let engine = Arc::clone(self);
            async move {
                let record: QueryRecord = record?;
                let began = Instant::now();
                let proofs = engine.limiter.run(engine.backend.prove(&record)).await?;
                engine.counters.proof.add(began.elapsed());
                Ok::<_, BackendError>((record, proofs))
            }
        });
        let proven = all(room, proofs).await;
        timings.prove_ms += ms(stage);
        let stage = Instant::now();
        let fetches = proven.into_iter().map(|proven| {
            let engine = Arc::clone(self);
            async move {
                let (record, proofs) = proven?;
                engine.limiter.run(engine.backend.fetch(&record, proofs)).await
            }
        });
        let bundles = all(room, fetches).await;
        timings.fetch_ms += ms(stage);
        bundles
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
            return Ok(Circumstances { watched: true, open, older: None });
        }
        let watched = self.readers().with(|reader| watched(reader, query, options)).map_err(BackendError::Store)?;
        let newest = match query {
            Query::Action { agent, action, .. } => self.backend.newest_of(agent, Some(action), at).await?,
            Query::Agent { agent, .. } => self.backend.newest_of(agent, None, at).await?,
            _ => None,
        };
        let older = newest.map(|Seen { ended_us, .. }| {
            format!("last seen {}, in another run", ago(now_us().saturating_sub(ended_us)))
        });
        Ok(Circumstances { watched, open, older })
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

/// Runs futures side by side, as far as there is room, and keeps their order; an abort ends them all.
async fn all<T: Send + 'static>(
    room: &Arc<Semaphore>,
    futures: impl IntoIterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    let mut running = JoinSet::new();
    for (place, future) in futures.into_iter().enumerate() {
        let room = Arc::clone(room);
        running.spawn(async move {
            let _place = room.acquire_owned().await.expect("the room is never closed");
            (place, future.await)
        });
    }
    let mut done: BTreeMap<usize, T> = BTreeMap::new();
    while let Some(one) = running.join_next().await {
        let (place, value) = one.expect("a stage does not panic");
        done.insert(place, value);
    }
    done.into_values().collect()
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
    matches!(group.query, Query::Action { .. } | Query::Agent { .. })
        && !bundle.rows.is_empty()
        && group
            .claims
            .iter()
            .filter_map(|claim| claims[*claim].claim.as_ref().ok())
            .any(|claim| !judge_alone(claim, bundle))
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
