//! The three stages that bring a bundle for each query: query, prove, fetch; each for all queries at once, within the
//! limits.

use std::{collections::BTreeMap, future::Future, sync::Arc, time::Instant};

use tokio::{sync::Semaphore, task::JoinSet};
use vouchsafe_backend::{At, BackendError, Fetched, QueryRecord};
use vouchsafe_core::verdict::Timings;
use vouchsafe_ledger::Bundle;

use super::{build::ms, group::Group};
use crate::{Engine, stats::count};

impl Engine {
    /// Puts the queries to the backend and brings back a bundle for each.
    pub(super) async fn answer(
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
                match engine.limiter.run(engine.backend.fetch(&record, proofs)).await? {
                    Fetched::Proven(bundle) => Ok(bundle),
                    Fetched::Told(_) => Err(BackendError::Unsupported("proofs")),
                }
            }
        });
        let bundles = all(room, fetches).await;
        timings.fetch_ms += ms(stage);
        bundles
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
