//! Commits that clients ask for: one runs, one more is queued, and whoever asks meanwhile means that one.

use std::{
    collections::HashMap,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::FutureExt;
use tokio::{
    sync::watch,
    time::{Instant, timeout_at},
};
use uuid::Uuid;

use super::Tables;
use crate::{
    clock::{Clock, dated_id},
    limits::Place,
    log::Log,
    metrics::Metrics,
    refusal::Answer,
    state::{Catalog, Newest, Run, RunStatus, Table},
};

/// The runs of all tables.
pub struct Runs {
    catalog: Catalog,
    tables: Arc<Tables>,
    metrics: Arc<Metrics>,
    log: Log,
    active: Mutex<HashMap<Uuid, Active>>,
    /// Changes whenever a run ends.
    ended: watch::Sender<u64>,
    /// Becomes true when the server ends.
    closing: watch::Receiver<bool>,
    clock: Clock,
}

/// A table's run that is under way, and the one that follows it.
struct Active {
    running: Uuid,
    queued: Option<Uuid>,
}

impl Active {
    fn newest(&self) -> Uuid {
        self.queued.unwrap_or(self.running)
    }
}

impl Runs {
    pub fn new(
        catalog: Catalog,
        tables: Arc<Tables>,
        metrics: Arc<Metrics>,
        log: Log,
        closing: watch::Receiver<bool>,
        clock: Clock,
    ) -> Self {
        Self { catalog, tables, metrics, log, active: Mutex::default(), ended: watch::Sender::new(0), closing, clock }
    }

    /// Asks for a commit of everything that is visible in the table now; returns the id of the run that does it.
    pub async fn start(self: &Arc<Self>, table: &Table) -> Answer<Uuid> {
        let id = table.database.table_id();
        let (run, begins) = {
            let mut active = self.active.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(under_way) = active.get_mut(&id) {
                (*under_way.queued.get_or_insert_with(|| dated_id(self.clock)), false)
            } else {
                let running = dated_id(self.clock);
                active.insert(id, Active { running, queued: None });
                (running, true)
            }
        };
        // The run is written before anybody hears of it: a server that is killed here does it when it is asked again.
        let kept = self.keep_begun(id, run).await;
        if begins {
            self.spawn(table.clone());
        }
        kept.map(|()| run)
    }

    /// The newest run that was asked for, once it has ended, or as it is after `wait`; whoever waits gives its place back.
    pub async fn newest(self: &Arc<Self>, table: &Table, wait: Duration, place: &Place) -> Answer<Option<Run>> {
        let mut closing = self.closing.clone();
        let until = Instant::now() + wait;
        let mut ended = self.ended.subscribe();
        loop {
            let Some(run) = self.now(table).await? else { return Ok(None) };
            if run.has_ended() {
                return Ok(Some(run));
            }
            place.give_back();
            let change = async {
                tokio::select! {
                    _ = ended.changed() => true,
                    _ = closing.wait_for(|closing| *closing) => false,
                }
            };
            if !matches!(timeout_at(until, change).await, Ok(true)) {
                return Ok(Some(run));
            }
        }
    }

    async fn now(self: &Arc<Self>, table: &Table) -> Answer<Option<Run>> {
        let id = table.database.table_id();
        let under_way = self.active.lock().unwrap_or_else(PoisonError::into_inner).get(&id).map(Active::newest);
        if let Some(run) = under_way {
            return Ok(Some(Run::begun(run)));
        }
        let Some(newest) = self.catalog.get::<Newest>(id).await? else { return Ok(None) };
        let run = self.catalog.get::<Run>(newest.run).await?;
        if let Some(run) = run.as_ref().filter(|run| !run.has_ended()) {
            self.adopt(table, run.id);
        }
        Ok(run)
    }

    /// Goes on with a run that a server left when it was killed.
    fn adopt(self: &Arc<Self>, table: &Table, run: Uuid) {
        let mut active = self.active.lock().unwrap_or_else(PoisonError::into_inner);
        let id = table.database.table_id();
        if let std::collections::hash_map::Entry::Vacant(free) = active.entry(id) {
            free.insert(Active { running: run, queued: None });
            drop(active);
            self.spawn(table.clone());
        }
    }

    async fn keep_begun(&self, table: Uuid, run: Uuid) -> Answer<()> {
        self.catalog.put(&Run::begun(run)).await?;
        Ok(self.catalog.put(&Newest { table, run }).await?)
    }

    fn spawn(self: &Arc<Self>, table: Table) {
        let runs = Arc::clone(self);
        tokio::spawn(async move {
            let id = table.database.table_id();
            let mut next =
                runs.active.lock().unwrap_or_else(PoisonError::into_inner).get(&id).map(|active| active.running);
            while let Some(run) = next {
                // Whatever happens to it, the table is free for the next one.
                let ended = AssertUnwindSafe(runs.commit(&table, run)).catch_unwind().await;
                let ended = ended.unwrap_or_else(|_| Run::failed(run, "the commit panicked"));
                if ended.status == RunStatus::Error && *runs.closing.borrow() {
                    // It ended because the server does: the next one goes on with it.
                    break;
                }
                if let Err(error) = runs.catalog.put(&ended).await {
                    runs.log.with(|| tracing::error!(table = %id, %error, "a run's end could not be kept"));
                }
                next = runs.advance(id);
                runs.ended.send_modify(|count| *count += 1);
            }
        });
    }

    /// What is queued runs next; nothing else does, and the table is free.
    fn advance(&self, table: Uuid) -> Option<Uuid> {
        let mut active = self.active.lock().unwrap_or_else(PoisonError::into_inner);
        let under_way = active.get_mut(&table)?;
        if let Some(queued) = under_way.queued.take() {
            under_way.running = queued;
            return Some(queued);
        }
        active.remove(&table);
        None
    }

    async fn commit(&self, table: &Table, run: Uuid) -> Run {
        let committed = self.tables.with(table, async |log| {
            let before = log.newest().await?;
            let at = log.commit().await?;
            if at.checkpoint.size > before.checkpoint.size {
                self.metrics.commits.inc();
                self.metrics.rows.inc_by(at.rows.saturating_sub(before.rows));
            }
            Ok(at)
        });
        match committed.await {
            Ok(at) => Run::completed(run, at.note.clone(), at.rows),
            Err(refusal) => {
                let id = table.database.table_id();
                self.log.with(|| tracing::error!(table = %id, cause = refusal.cause(), "a commit failed"));
                Run::failed(run, refusal.description())
            }
        }
    }
}
