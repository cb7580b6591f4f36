//! The outbox: the folder's rows, copied into the Postgres table that others read, in order and once.
//!
//! Recording knows nothing of it. One task copies what is durable, in groups, and notes in the folder how far it is; a
//! crash in between only repeats inserts that do nothing. While Postgres is away the rows stay, and retention leaves
//! them alone. A row that is damaged is left out, so that it keeps no later one back. Several processes that share the folder may copy the same rows: they agree on every column, and whoever
//! is second changes nothing.

mod ship;

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use tokio::{
    runtime::Handle,
    sync::{Notify, oneshot, watch},
};
use tokio_util::sync::CancellationToken;
use vouchsafe_backend::{BackendError, BoxFuture};
use vouchsafe_store::{
    StoreError,
    postgres::Intercepts,
    sqlite::{Readers, Shipped},
    writer::Writer,
};

/// What the outbox has to say that no call returns.
pub(crate) enum Notice<'e> {
    /// Postgres went away.
    Away(&'e StoreError),
    /// It is back.
    Back,
    /// A row is damaged and is never copied.
    SetAside(&'e StoreError),
}

/// Hears of it, once each.
pub(crate) type OnNotice = Box<dyn Fn(Notice) + Send + Sync>;

/// The handle of the task that copies rows.
#[derive(Clone)]
pub(crate) struct Outbox(Arc<Shared>);

struct Shared {
    writer: Arc<Writer>,
    readers: Readers,
    intercepts: Intercepts,
    progress: watch::Sender<Progress>,
    /// There may be new rows.
    dirty: Notify,
    /// Somebody waits: a try is due now, however long the pause was to be.
    urgent: Notify,
    /// Rows below this number were in the table when a preprocess asked for them.
    reached: AtomicU64,
    /// Rows below this number were preprocessed.
    covered: AtomicU64,
    ended: CancellationToken,
    /// Whether damaged rows were left out, so that a row that is not in the table may still have been.
    has_set_aside: AtomicBool,
    on_notice: OnNotice,
}

#[derive(Debug, Clone, Default)]
struct Progress {
    /// Whether the table is there, for whoever reads it.
    ready: bool,
    shipped: Shipped,
    /// How many tries failed, and why the last of them did.
    failures: u64,
    error: Option<StoreError>,
}

impl Outbox {
    /// An outbox at rest. A folder that was none before keeps what its own log has; only later rows are copied.
    pub fn new(
        writer: Arc<Writer>,
        readers: Readers,
        intercepts: Intercepts,
        on_notice: OnNotice,
    ) -> Result<Self, StoreError> {
        let shipped = readers.with(|reader| {
            if let Some(shipped) = reader.shipped()? {
                return Ok::<_, StoreError>(shipped);
            }
            let rows = reader.newest_commit()?.map_or(0, |commit| commit.rows_covered());
            Ok(Shipped { rows, created_us: 0 })
        })?;
        // At once: rows that another process commits to the folder's own log later on must not count as copied.
        writer.shipped(shipped);
        let shared = Arc::new(Shared {
            writer,
            readers,
            intercepts,
            progress: watch::Sender::new(Progress { shipped, ..Progress::default() }),
            dirty: Notify::new(),
            urgent: Notify::new(),
            reached: AtomicU64::new(shipped.rows),
            covered: AtomicU64::new(0),
            ended: CancellationToken::new(),
            has_set_aside: AtomicBool::new(false),
            on_notice,
        });
        Ok(Self(shared))
    }

    /// Starts the task.
    pub fn run(&self, runtime: &Handle) {
        runtime.spawn(ship::run(Arc::clone(&self.0)));
    }

    /// There may be new rows.
    pub fn wake(&self) {
        self.0.dirty.notify_one();
    }

    /// What was in the table when a preprocess began is preprocessed now.
    pub fn cover(&self) {
        self.0.covered.fetch_max(self.0.reached.load(Ordering::Acquire), Ordering::AcqRel);
    }

    /// Whether rows are there that were not copied yet.
    pub async fn has_left(&self) -> Result<bool, StoreError> {
        let shipped = self.0.progress.borrow().shipped.rows;
        self.0.read(move |reader| reader.has_rows_from(shipped)).await
    }

    /// Waits until the table is there; false where the task ends before.
    pub async fn is_ready(&self) -> bool {
        let mut progress = self.0.progress.subscribe();
        let ready = progress.wait_for(|progress| progress.ready);
        matches!(self.0.ended.run_until_cancelled(ready).await, Some(Ok(_)))
    }

    /// Whether this process left damaged rows out.
    pub fn has_set_aside(&self) -> bool {
        self.0.has_set_aside.load(Ordering::Relaxed)
    }

    /// Ends the task; what was not copied is copied when the folder is opened again.
    pub fn end(&self) {
        self.0.ended.cancel();
    }
}

impl vouchsafe_backend::Outbox for Outbox {
    /// Waits until every row up to the ticket, and every row that is in the folder then, is in the table. Fails with the
    /// first try that does.
    fn shipped(&self, ticket: u64) -> BoxFuture<'_, Result<(), BackendError>> {
        let shared = Arc::clone(&self.0);
        Box::pin(async move {
            let (done, durable) = oneshot::channel();
            shared.writer.when_durable(ticket, |result| drop(done.send(result)));
            durable.await.unwrap_or_else(|_| Err(ended()))?;
            let target = shared.rows_end().await?;
            let mut progress = shared.progress.subscribe();
            let failures = progress.borrow_and_update().failures;
            shared.urgent.notify_one();
            loop {
                {
                    let seen = progress.borrow_and_update();
                    if seen.ready && seen.shipped.rows >= target {
                        shared.reached.fetch_max(target, Ordering::AcqRel);
                        return Ok(());
                    }
                    if let (true, Some(error)) = (seen.failures > failures, &seen.error) {
                        return Err(error.clone().into());
                    }
                }
                tokio::select! {
                    changed = progress.changed() => changed.map_err(|_| BackendError::Store(ended()))?,
                    () = shared.ended.cancelled() => return Err(ended().into()),
                }
            }
        })
    }

    /// Whether rows are in the folder that no preprocess of this process has covered.
    fn dirty(&self) -> BoxFuture<'_, Result<bool, BackendError>> {
        let shared = Arc::clone(&self.0);
        Box::pin(async move {
            let covered = shared.covered.load(Ordering::Acquire);
            Ok(shared.read(move |reader| reader.has_rows_from(covered)).await?)
        })
    }
}

fn ended() -> StoreError {
    StoreError::Io("the engine was shut down".into())
}
