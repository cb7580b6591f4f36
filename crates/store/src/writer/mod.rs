//! The writer: a bounded queue, a thread that prepares rows and one that commits them in groups.
//!
//! `record` copies an exchange into the inbox and returns; nothing on that path waits for the disk. The preparing
//! thread inflates, redacts and commits to the bodies; the writing thread puts what is ready into one synced
//! transaction (at most 1,000 rows or 4 MiB), while the next group gathers. Where nobody waits, the first exchange is
//! given a few milliseconds for others to join it. A transaction that fails stays queued and is tried again.

mod group;
mod inbox;
mod outbox;
mod prepare;
mod write;

use std::{
    sync::{Arc, Mutex},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use inbox::Inbox;
pub use inbox::Limits;
use outbox::Outbox;
use vouchsafe_core::{exchange::Exchange, redact::RedactionRules};

use crate::{
    StoreError,
    ledger::CommitJob,
    sqlite::{Coverage, Retention, Shipped, Trace, WriteConnection},
};

/// What the writer reports while it runs, on its own threads.
#[derive(Debug, Clone)]
pub enum Event {
    /// Rows became durable; `dirty` where one of them deserves a commit.
    Durable {
        /// How many.
        rows: u64,
        /// The ticket up to which everything is durable now.
        ticket: u64,
        /// Whether a commit is due.
        dirty: bool,
    },
    /// A transaction failed and will be tried again.
    Failed(StoreError),
    /// The queue is over its limit: bodies are being let go.
    BodiesLetGo,
    /// The queue is far over its limit: exchanges are being dropped; a gap row will say how many.
    Dropped,
}

/// What a writer needs to know.
pub struct Options {
    /// The queue's limits.
    pub limits: Limits,
    /// What to redact before anything is stored.
    pub rules: RedactionRules,
    /// How many bytes of a body are stored.
    pub max_body_bytes: usize,
    /// What is deleted when.
    pub retention: Retention,
    /// Where events go.
    pub on_event: Box<dyn Fn(Event) + Send + Sync>,
    /// µs since 1970.
    pub now_us: fn() -> u64,
}

struct Shared {
    inbox: Inbox,
    outbox: Outbox,
    options: Options,
}

/// The handle of the queue and its two threads.
pub struct Writer {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the threads on a write connection.
    pub fn start(connection: WriteConnection, options: Options) -> Result<Self, StoreError> {
        let shared = Arc::new(Shared { inbox: Inbox::new(options.limits), outbox: Outbox::default(), options });
        let spawn = |name: &str, body: Box<dyn FnOnce() + Send>| {
            std::thread::Builder::new().name(name.into()).spawn(body).map_err(|error| StoreError::Io(error.to_string()))
        };
        let (preparing, writing) = (Arc::clone(&shared), Arc::clone(&shared));
        let threads = vec![
            spawn("vouchsafe-prep", Box::new(move || prepare::run(&preparing)))?,
            spawn("vouchsafe-write", Box::new(move || write::run(connection, &writing)))?,
        ];
        Ok(Self { shared, threads: Mutex::new(threads) })
    }

    /// Accepts an exchange; never waits. Returns its ticket; after shutdown the exchange is counted as dropped.
    pub fn record(&self, exchange: Exchange) -> u64 {
        let (ticket, event) = self.shared.inbox.push(exchange);
        if let Some(event) = event {
            (self.shared.options.on_event)(event);
        }
        ticket
    }

    /// The ticket of the exchange accepted last.
    #[must_use]
    pub fn last_ticket(&self) -> u64 {
        self.shared.inbox.last_ticket()
    }

    /// How many exchanges were dropped so far.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.shared.inbox.dropped()
    }

    /// Calls back when everything up to `ticket` is on disk, or when writing it failed (it stays queued).
    pub fn when_durable(&self, ticket: u64, done: impl FnOnce(Result<(), StoreError>) + Send + 'static) {
        self.shared.inbox.want(ticket);
        self.shared.outbox.when_durable(ticket, Box::new(done));
    }

    /// Runs a job in the transaction that makes everything up to `ticket` durable, or in one of its own.
    pub fn commit(&self, ticket: u64, job: Box<dyn CommitJob>) {
        self.shared.inbox.want(ticket);
        self.shared.outbox.commit(ticket, job);
    }

    /// Stores a trace with the next transaction.
    pub fn trace(&self, trace: Trace) {
        self.shared.outbox.trace(trace);
    }

    /// Says with the next transaction how far rows were copied to the table that others read.
    pub fn shipped(&self, shipped: Shipped) {
        self.shared.outbox.shipped(shipped);
    }

    /// Opens a stretch of coverage, which each transaction extends from now on; returns once it is on disk.
    pub fn watch(&self, channels: Vec<String>, done: impl FnOnce(Result<(), StoreError>) + Send + 'static) {
        self.shared.outbox.watch(channels, Box::new(done));
    }

    /// Writes what is queued and ends the threads; gives up waiting at the deadline. Idempotent.
    /// True when everything is on disk.
    pub fn shutdown(&self, deadline: Duration) -> bool {
        let until = Instant::now() + deadline;
        self.shared.inbox.close();
        self.shared.outbox.close_at(until);
        let drained = self.shared.outbox.wait_ended(until);
        if drained {
            for thread in self.threads.lock().expect("no thread panics while it holds the list").drain(..) {
                let _ = thread.join();
            }
        }
        drained && self.shared.outbox.is_empty()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.shutdown(Duration::from_secs(2));
    }
}

/// The coverage that the writer extends, once it has been opened.
type Watching = Option<Coverage>;
