//! The engine of one folder: store, ledger, worker and limiter, put together.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, OnceLock, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tokio::{runtime::Runtime, sync::oneshot};
use vouchsafe_backend::{At, Backend, Embedded, EmbeddedOptions, Ledger, Snapshot};
use vouchsafe_core::{
    exchange::Exchange,
    redact::{RedactionOptions, RedactionRules},
};
use vouchsafe_store::{
    StoreError,
    owner::Owner,
    sqlite::{Database, Readers, Retention, Trace},
    writer::{Event, Limits, Options as WriterOptions, Writer},
};

use crate::{
    EngineError, EngineEvent, EngineOptions, Stats,
    fence::fence,
    limits::Limiter,
    options::Redact,
    pin::pin_on_open,
    stats::{Completion, Counters, count},
    worker::{Source, Worker},
};

pub(crate) type Listener = Box<dyn Fn(&EngineEvent) + Send + Sync>;

/// The engine of one folder in this process.
pub struct Engine {
    dir: PathBuf,
    options: EngineOptions,
    writer: Arc<Writer>,
    readers: Readers,
    ledger: Arc<Ledger>,
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) limiter: Limiter,
    pub(crate) counters: Arc<Counters>,
    worker: Worker,
    listeners: Mutex<Vec<(u64, Listener)>>,
    next_listener: AtomicU64,
    /// Held for its entry in the folder's owner file; dropped last.
    owner: Mutex<Option<Owner>>,
}

/// The runtime that all engines of the process share. It is never dropped: its threads end with the process and keep
/// it from nothing.
pub(crate) fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .max_blocking_threads(16)
            .thread_name("vouchsafe")
            .enable_time()
            .build()
            .expect("the process can start two threads")
    })
}

pub(crate) fn now_us() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

impl Engine {
    pub(crate) fn open(dir: &Path, options: &EngineOptions) -> Result<Arc<Self>, EngineError> {
        let owner = Owner::enter(dir)?;
        let database = Database::in_folder(dir);
        let mut connection = database.writer()?;
        let key_file = options.key_file.as_ref().map_or_else(|| dir.join("key"), PathBuf::from);
        let embedded =
            EmbeddedOptions { key_file, origin: options.origin.clone(), pinned: options.pin.is_some(), now_us };
        let ledger = Arc::new(Ledger::open(&mut connection, &embedded)?);
        let Redact { headers, query, paths } = options.redact.clone();
        let rules = RedactionRules::new(&RedactionOptions { headers, query, paths }).map_err(|error| EngineError {
            key: Some("redact".into()),
            ..EngineError::new("INVALID_OPTION", error.to_string())
        })?;
        let readers = Readers::new(database);
        if let Some(note) = &options.pin {
            pin_on_open(&readers, &ledger, note)?;
        }
        let engine = Arc::new_cyclic(|this: &Weak<Self>| {
            let (events, hears) = (this.clone(), this.clone());
            let writer = Writer::start(
                connection,
                WriterOptions {
                    limits: Limits::default(),
                    rules,
                    max_body_bytes: options.max_body_bytes,
                    retention: Retention { days: options.retention_days, max_bytes: options.retention_bytes },
                    on_event: Box::new(move |event| {
                        if let Some(engine) = events.upgrade() {
                            engine.on_writer_event(event);
                        }
                    }),
                    now_us,
                },
            );
            let writer = Arc::new(writer.expect("the process can start two threads"));
            let backend: Arc<dyn Backend> =
                Arc::new(Embedded::new(Arc::clone(&ledger), Arc::clone(&writer), readers.clone()));
            let counters = Arc::new(Counters::default());
            let (accepted, committing) = (Arc::clone(&writer), Arc::clone(&backend));
            let source = Source {
                accepted: Box::new(move || accepted.last_ticket()),
                commit: Box::new(move |upto: Snapshot| {
                    let (backend, engine) = (Arc::clone(&committing), hears.clone());
                    Box::pin(async move {
                        let result = backend.preprocess(upto).await;
                        if let (Err(error), Some(engine)) = (&result, engine.upgrade())
                            && error.is_damage()
                        {
                            engine.tell(&EngineEvent::damaged(error));
                        }
                        result
                    })
                }),
            };
            let debounce = Duration::from_secs_f64(options.debounce_ms / 1e3);
            Self {
                dir: dir.to_owned(),
                options: options.clone(),
                worker: Worker::new(source, debounce, Arc::clone(&counters), runtime().handle().clone()),
                writer,
                readers,
                ledger,
                backend,
                limiter: Limiter::new(options.max_concurrency),
                counters,
                listeners: Mutex::default(),
                next_listener: AtomicU64::new(0),
                owner: Mutex::new(Some(owner)),
            }
        });
        engine.resume();
        Ok(engine)
    }

    /// Rows that an earlier process left without a leaf are committed like new ones.
    fn resume(&self) {
        let left = self.readers.with(|reader| {
            let covered = reader.newest_commit()?.map_or(0, |commit| commit.rows_covered());
            reader.has_rows_from(covered)
        });
        if let Ok(true) = left {
            self.worker.mark_dirty(0);
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
    pub async fn commit(&self) -> Result<Arc<At>, EngineError> {
        Ok(self.fence().await?)
    }

    pub(crate) async fn fence(&self) -> Result<Arc<At>, vouchsafe_backend::BackendError> {
        fence(&self.worker, &*self.backend, self.writer.last_ticket()).await
    }

    pub(crate) fn trace(&self, trace: Trace) {
        self.writer.trace(trace);
    }

    /// The key that others check this engine's proofs with.
    #[must_use]
    pub fn vkey(&self) -> String {
        self.ledger.vkey()
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
        Stats {
            recorded: self.writer.last_ticket(),
            durable: read(&counters.durable),
            committed: self.worker.committed_ticket(),
            dropped: self.writer.dropped(),
            preprocess_runs: read(&counters.preprocess_runs),
            query_records: read(&counters.query_records),
            requests: self.limiter.calls(),
            polls: 0,
            retries: read(&counters.retries),
            max_in_flight: self.limiter.most(),
            completion: Completion {
                preprocess: counters.preprocess.distribution(),
                proof: counters.proof.distribution(),
                verification: counters.verification.distribution(),
            },
        }
    }

    pub(crate) fn listen(&self, listener: Listener) -> u64 {
        let id = self.next_listener.fetch_add(1, Ordering::Relaxed);
        if let Some(damage) = self.ledger.damage() {
            listener(&EngineEvent::damaged(&damage));
        }
        self.listeners.lock().expect("a listener does not panic").push((id, listener));
        id
    }

    pub(crate) fn unlisten(&self, id: u64) {
        self.listeners.lock().expect("a listener does not panic").retain(|(other, _)| *other != id);
    }

    fn on_writer_event(&self, event: Event) {
        match event {
            Event::Durable { rows, ticket, dirty } => {
                count(&self.counters.durable, rows);
                if dirty {
                    self.worker.mark_dirty(ticket);
                }
            }
            Event::Failed(error) => self.tell(&EngineEvent::write_failed(&error)),
            Event::BodiesLetGo => self.tell(&EngineEvent::bodies_let_go()),
            Event::Dropped => self.tell(&EngineEvent::dropped()),
        }
    }

    pub(crate) fn tell(&self, event: &EngineEvent) {
        for (_, listener) in self.listeners.lock().expect("a listener does not panic").iter() {
            listener(event);
        }
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
