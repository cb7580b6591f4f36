//! The three stages that bring an answer for each query: query, prove, fetch.
//!
//! For the embedded backend each stage runs for all queries at once, within the limits. A backend that limits its own
//! requests gets each query as a chain of the three, so that no query waits for another's slow proof.

use std::{
    collections::BTreeMap,
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{sync::Semaphore, task::JoinSet};
use vouchsafe_backend::{At, BackendError, Fetched, QueryRecord};
use vouchsafe_core::{query::Query, verdict::Timings};

use super::{build::ms, group::Group};
use crate::{Engine, stats::count};

/// What became of a query, under its record's id; where no record was made, under the one that it would have here.
pub(super) struct Answered {
    pub id: String,
    pub fetched: Result<Fetched, BackendError>,
}

impl Engine {
    /// Puts the queries to the backend and brings back an answer for each.
    pub(super) async fn answer(
        self: &Arc<Self>,
        groups: &[Group],
        limits: Vec<u32>,
        at: &Arc<At>,
        room: &Arc<Semaphore>,
        timings: &mut Timings,
    ) -> Vec<Answered> {
        if groups.is_empty() {
            return Vec::new();
        }
        count(&self.counters.query_records, groups.len() as u64);
        if self.backend.traffic().is_some() {
            self.in_chains(groups, limits, at, timings).await
        } else {
            self.in_stages(groups, limits, at, room, timings).await
        }
    }

    async fn in_stages(
        self: &Arc<Self>,
        groups: &[Group],
        limits: Vec<u32>,
        at: &Arc<At>,
        room: &Arc<Semaphore>,
        timings: &mut Timings,
    ) -> Vec<Answered> {
        let stage = Instant::now();
        let queries = groups.iter().zip(limits).map(|(group, limit)| {
            let (engine, query, at) = (Arc::clone(self), group.query.clone(), Arc::clone(at));
            async move { engine.limiter.run(engine.backend.query(query, limit, at)).await }
        });
        let records = all(room, queries).await;
        timings.query_ms += ms(stage);
        let ids: Vec<String> =
            groups.iter().zip(&records).map(|(group, record)| id_of(&group.query, record, at)).collect();
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
        let answers = all(room, fetches).await;
        timings.fetch_ms += ms(stage);
        ids.into_iter().zip(answers).map(|(id, fetched)| Answered { id, fetched }).collect()
    }

    async fn in_chains(
        self: &Arc<Self>,
        groups: &[Group],
        limits: Vec<u32>,
        at: &Arc<At>,
        timings: &mut Timings,
    ) -> Vec<Answered> {
        let chains = groups.iter().zip(limits).map(|(group, limit)| {
            let (engine, query, at) = (Arc::clone(self), group.query.clone(), Arc::clone(at));
            async move { engine.chain(query, limit, at).await }
        });
        let unlimited = Arc::new(Semaphore::new(groups.len()));
        let mut longest = [Duration::ZERO; 3];
        let mut answers = Vec::with_capacity(groups.len());
        for (answered, took) in all(&unlimited, chains).await {
            for (longest, took) in longest.iter_mut().zip(took) {
                *longest = took.max(*longest);
            }
            answers.push(answered);
        }
        let [query, prove, fetch] = longest.map(|took| took.as_secs_f64() * 1e3);
        timings.query_ms += query;
        timings.prove_ms += prove;
        timings.fetch_ms += fetch;
        answers
    }

    /// One query's three stages, and how long each took.
    async fn chain(&self, query: Query, limit: u32, at: Arc<At>) -> (Answered, [Duration; 3]) {
        let mut took = [Duration::ZERO; 3];
        let began = Instant::now();
        let record = self.backend.query(query.clone(), limit, Arc::clone(&at)).await;
        took[0] = began.elapsed();
        let id = id_of(&query, &record, &at);
        let fetched = async {
            let record = record?;
            let began = Instant::now();
            let proofs = self.backend.prove(&record).await;
            took[1] = began.elapsed();
            let began = Instant::now();
            let fetched = self.backend.fetch(&record, proofs?).await;
            took[2] = began.elapsed();
            fetched
        }
        .await;
        (Answered { id, fetched }, took)
    }
}

fn id_of(query: &Query, record: &Result<QueryRecord, BackendError>, at: &At) -> String {
    record.as_ref().map_or_else(|_| query.id(&at.checkpoint.root), |record| record.id.clone())
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
