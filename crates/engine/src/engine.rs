//! The engine of one folder: store, ledger, worker and limiter, put together.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::sync::{oneshot, watch};
use vouchsafe_backend::{At, Backend, BackendError, Ledger, Traffic};
use vouchsafe_core::exchange::Exchange;
use vouchsafe_store::{
    StoreError,
    owner::Owner,
    sqlite::{Readers, Trace},
    writer::{Event, Writer},
};

use crate::{
    EngineError, EngineEvent, EngineOptions, Stats,
    backing::{Backing, TokenSources},
    fence::fence,
    limits::Limiter,
    stats::{Completion, Counters, count},
    worker::Worker,
};

pub(crate) type Listener = Box<dyn Fn(&EngineEvent) + Send + Sync>;

/// Whoever wants to hear, and what a new one is told first.
#[derive(Default)]
pub(crate) struct Listeners {
    all: Vec<(u64, Listener)>,
    outage: Option<EngineEvent>,
}

/// The engine of one folder in this process.
pub struct Engine {
    pub(crate) dir: PathBuf,
    pub(crate) options: EngineOptions,
    pub(crate) writer: Arc<Writer>,
    pub(crate) readers: Readers,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) backing: Backing,
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) limiter: Limiter,
    pub(crate) counters: Arc<Counters>,
    pub(crate) worker: Worker,
    pub(crate) tokens: Arc<TokenSources>,
    /// Whether the log was opened, or could not be, in the try that began with the engine.
    pub(crate) log: watch::Sender<bool>,
    pub(crate) listeners: Mutex<Listeners>,
    pub(crate) next_listener: AtomicU64,
    /// Held for its entry in the folder's owner file; dropped last.
    pub(crate) owner: Mutex<Option<Owner>>,
}

impl Engine {
    /// Rows that an earlier process left without a leaf are committed like new ones.
    pub(crate) fn resume(&self) {
        let left = self.readers.with(|reader| {
            let folder = || reader.newest_commit().map(|commit| commit.map_or(0, |commit| commit.rows_covered()));
            let covered = match reader.shipped()? {
                Some(shipped) if !self.backing.is_folder() => shipped.rows,
                _ => folder()?,
            };
            reader.has_rows_from(covered)
        });
        if let Ok(true) = left {
            self.mark_dirty(0);
        }
    }

    /// Waits until the log is open, or cannot be opened now, at most for `patience`.
    pub async fn opened(&self, patience: Duration) {
        let mut log = self.log.subscribe();
        let _ = tokio::time::timeout(patience, log.wait_for(|tried| *tried)).await;
    }

    /// Asks for a commit, where anybody can make one.
    fn mark_dirty(&self, ticket: u64) {
        if self.backing.no_store().is_none() {
            self.worker.mark_dirty(ticket);
        }
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(crate) fn options(&self) -> &EngineOptions {
        &self.options
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    pub(crate) fn readers(&self) -> &Readers {
        &self.readers
    }

    /// Accepts a finished exchange; never waits and never fails.
    pub fn record(&self, exchange: Exchange) {
        self.writer.record(exchange);
    }

    /// Opens a stretch of coverage: from now on a recorder watches these channels.
    pub async fn watch(&self, channels: Vec<String>) -> Result<(), EngineError> {
        let (done, result) = oneshot::channel();
        self.writer.watch(channels, |began| drop(done.send(began)));
        Ok(result.await.unwrap_or_else(|_| Err(ended()))?)
    }

    /// Waits until everything accepted so far is on disk.
    pub async fn flush(&self) -> Result<(), EngineError> {
        let (done, result) = oneshot::channel();
        self.writer.when_durable(self.writer.last_ticket(), |durable| drop(done.send(durable)));
        Ok(result.await.unwrap_or_else(|_| Err(ended()))?)
    }

    /// Waits until everything accepted so far is in the log, and returns the log's state.
    ///
    /// # Errors
    /// `STORE_NOT_SHARED` and `BACKEND_UNSUPPORTED` where the backend cannot read the rows, or signs nothing (they are
    /// committed then); the backend's own.
    pub async fn commit(&self) -> Result<Arc<At>, EngineError> {
        if let Some(error) = self.backing.no_store() {
            return Err(error);
        }
        let at = self.fence().await?;
        if at.is_signed() {
            return Ok(at);
        }
        Err(BackendError::Unsupported("signed checkpoints; the rows are committed").into())
    }

    pub(crate) async fn fence(&self) -> Result<Arc<At>, BackendError> {
        fence(&self.worker, &*self.backend, self.writer.last_ticket()).await
    }

    pub(crate) fn trace(&self, trace: Trace) {
        self.writer.trace(trace);
    }

    /// The key that others check this engine's proofs with.
    ///
    /// # Errors
    /// `BACKEND_UNSUPPORTED` where somebody else signs, `STORE_UNAVAILABLE` where the log is in a Postgres that was not
    /// reached yet.
    pub fn vkey(&self) -> Result<String, EngineError> {
        self.backing.own_key().ok_or_else(|| self.backing.no_key())
    }

    pub(crate) fn own_key(&self) -> Option<String> {
        self.backing.own_key()
    }

    /// What the calls to the backend came to.
    pub(crate) fn traffic(&self) -> Traffic {
        self.backend.traffic().unwrap_or_else(|| Traffic {
            requests: self.limiter.calls(),
            max_in_flight: self.limiter.most(),
            ..Traffic::default()
        })
    }

    /// What is wrong with the log, if anything is.
    #[must_use]
    pub fn damage(&self) -> Option<EngineError> {
        self.ledger.damage().map(Into::into)
    }

    /// The counters as they stand.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let counters = &*self.counters;
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let traffic = self.traffic();
        Stats {
            recorded: self.writer.last_ticket(),
            durable: read(&counters.durable),
            committed: self.worker.committed_ticket(),
            dropped: self.writer.dropped(),
            preprocess_runs: read(&counters.preprocess_runs),
            query_records: read(&counters.query_records),
            requests: traffic.requests,
            polls: traffic.polls,
            retries: read(&counters.retries) + traffic.retries,
            max_in_flight: traffic.max_in_flight,
            completion: self.completion(),
        }
    }

    /// As a remote backend's polls saw it, else as it was measured here.
    fn completion(&self) -> Completion {
        if let Some(seen) = self.backing.completion() {
            return Completion {
                preprocess: seen.preprocess.into(),
                proof: seen.proof.into(),
                verification: seen.verification.into(),
            };
        }
        let counters = &*self.counters;
        Completion {
            preprocess: counters.preprocess.distribution(),
            proof: counters.proof.distribution(),
            verification: counters.verification.distribution(),
        }
    }

    pub(crate) fn listen(&self, listener: Listener) -> u64 {
        let id = self.next_listener.fetch_add(1, Ordering::Relaxed);
        if let Some(damage) = self.ledger.damage() {
            listener(&EngineEvent::damaged(&damage));
        }
        let mut listeners = self.lock_listeners();
        if let Some(outage) = &listeners.outage {
            listener(outage);
        }
        listeners.all.push((id, listener));
        id
    }

    pub(crate) fn unlisten(&self, id: u64) {
        self.lock_listeners().all.retain(|(other, _)| *other != id);
    }

    pub(crate) fn on_writer_event(&self, event: Event) {
        match event {
            Event::Durable { rows, ticket, dirty } => {
                count(&self.counters.durable, rows);
                if let Some(outbox) = &self.backing.outbox {
                    outbox.wake();
                }
                if dirty {
                    self.mark_dirty(ticket);
                }
            }
            Event::Failed(error) => self.tell(&EngineEvent::write_failed(&error)),
            Event::BodiesLetGo => self.tell(&EngineEvent::bodies_let_go()),
            Event::Dropped => self.tell(&EngineEvent::dropped()),
        }
    }

    pub(crate) fn tell(&self, event: &EngineEvent) {
        for (_, listener) in &self.lock_listeners().all {
            listener(event);
        }
    }

    /// Postgres went away, or is back.
    pub(crate) fn on_outage(&self, outage: Option<EngineEvent>) {
        let mut listeners = self.lock_listeners();
        if let Some(event) = &outage {
            listeners.all.iter().for_each(|(_, listener)| listener(event));
        }
        listeners.outage = outage;
    }

    fn lock_listeners(&self) -> MutexGuard<'_, Listeners> {
        self.listeners.lock().expect("a listener does not panic")
    }

    /// Waits on this thread until everything accepted so far is on disk; false where the deadline came first.
    pub fn wait_durable(&self, deadline: Duration) -> bool {
        let (done, durable) = std::sync::mpsc::channel();
        self.writer.when_durable(self.writer.last_ticket(), move |result| {
            let _ = done.send(result.is_ok());
        });
        durable.recv_timeout(deadline).unwrap_or(false)
    }

    /// Ends worker and writer; rows that have no leaf by then get one when the folder is opened again.
    pub(crate) fn close(&self, deadline: Duration) -> bool {
        self.worker.end();
        if let Some(outbox) = &self.backing.outbox {
            outbox.end();
        }
        // The write connection closes last, so that it takes the write-ahead log with it.
        self.readers.close();
        let written = self.writer.shutdown(deadline);
        drop(self.owner.lock().expect("nothing panics while it holds the owner").take());
        written
    }
}

fn ended() -> StoreError {
    StoreError::Io("the engine was shut down".into())
}
