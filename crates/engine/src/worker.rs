//! The preprocess worker: commits what is new, once per window, and at once where a fence waits.
//!
//! A window opens with the first dirty row and closes after the debounce; it never moves, so that steady traffic
//! cannot starve it. One commit runs at a time and covers everything accepted before it began; whatever comes while it
//! runs waits for the next one. A commit that fails leaves its rows dirty, tells the fences why, and is tried again
//! after a growing pause.

use std::{
    sync::{Arc, Mutex, MutexGuard, OnceLock},
    time::Duration,
};

use tokio::{
    runtime::Handle,
    sync::{Notify, oneshot},
    time::Instant,
};
use vouchsafe_backend::{At, BackendError, BoxFuture, Snapshot};

use crate::stats::{Counters, count};

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

type Committed = Result<Arc<At>, BackendError>;

/// What the worker commits with: the ticket accepted last, and the commit itself.
pub(crate) struct Source {
    pub accepted: Box<dyn Fn() -> u64 + Send + Sync>,
    pub commit: Box<dyn Fn(Snapshot) -> BoxFuture<'static, Committed> + Send + Sync>,
}

/// The handle of the worker's task; the task starts with the first dirty row or fence.
pub(crate) struct Worker {
    shared: Arc<Shared>,
    started: OnceLock<()>,
    runtime: Handle,
}

struct Shared {
    source: Source,
    debounce: Duration,
    counters: Arc<Counters>,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    /// When the open window closes, and the ticket of the newest dirty row.
    closes: Option<Instant>,
    dirty_ticket: u64,
    committed_ticket: u64,
    fences: Vec<(u64, oneshot::Sender<Committed>)>,
    pause: Duration,
    ended: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds the worker's state")
    }
}

impl Worker {
    pub fn new(source: Source, debounce: Duration, counters: Arc<Counters>, runtime: Handle) -> Self {
        let shared = Shared { source, debounce, counters, state: Mutex::default(), changed: Notify::new() };
        Self { shared: Arc::new(shared), started: OnceLock::new(), runtime }
    }

    /// Rows up to `ticket` are durable and want a commit.
    pub fn mark_dirty(&self, ticket: u64) {
        let mut state = self.shared.lock();
        // Ticket 0 stands for rows that an earlier process left without a leaf.
        if ticket != 0 && ticket <= state.committed_ticket {
            return;
        }
        state.dirty_ticket = state.dirty_ticket.max(ticket);
        if state.closes.is_none() {
            state.closes = Some(Instant::now() + self.shared.debounce);
        }
        drop(state);
        self.wake();
    }

    /// The ticket up to which everything is committed.
    pub fn committed_ticket(&self) -> u64 {
        self.shared.lock().committed_ticket
    }

    /// Waits for a commit that begins after this call and covers `ticket`.
    pub async fn fence(&self, ticket: u64) -> Committed {
        let (done, committed) = oneshot::channel();
        {
            let mut state = self.shared.lock();
            if state.ended {
                return Err(ended());
            }
            state.fences.push((ticket, done));
        }
        self.wake();
        committed.await.unwrap_or_else(|_| Err(ended()))
    }

    /// Ends the task; fences that still wait get an error.
    pub fn end(&self) {
        let mut state = self.shared.lock();
        state.ended = true;
        state.fences.clear();
        drop(state);
        self.shared.changed.notify_one();
    }

    fn wake(&self) {
        self.started.get_or_init(|| {
            self.runtime.spawn(run(Arc::clone(&self.shared)));
        });
        self.shared.changed.notify_one();
    }
}

fn ended() -> BackendError {
    BackendError::Store(vouchsafe_store::StoreError::Io("the engine was shut down".into()))
}

async fn run(shared: Arc<Shared>) {
    loop {
        let closes = {
            let state = shared.lock();
            if state.ended {
                return;
            }
            if state.fences.is_empty() { state.closes } else { Some(Instant::now()) }
        };
        match closes {
            None => shared.changed.notified().await,
            Some(closes) if closes > Instant::now() => {
                tokio::select! {
                    () = shared.changed.notified() => {}
                    () = tokio::time::sleep_until(closes) => {}
                }
            }
            Some(_) => commit(&shared).await,
        }
    }
}

async fn commit(shared: &Shared) {
    let (fences, ticket) = {
        let mut state = shared.lock();
        state.closes = None;
        // Read while fences cannot join: each fence taken here was accepted before this ticket.
        (std::mem::take(&mut state.fences), (shared.source.accepted)())
    };
    let began = Instant::now();
    let result = (shared.source.commit)(Snapshot { ticket }).await;
    let mut state = shared.lock();
    if result.is_ok() {
        count(&shared.counters.preprocess_runs, 1);
        shared.counters.preprocess.add(began.elapsed());
        state.committed_ticket = state.committed_ticket.max(ticket);
        state.pause = Duration::ZERO;
        if state.dirty_ticket <= ticket {
            state.closes = None;
        }
    } else {
        count(&shared.counters.retries, 1);
        state.pause = (state.pause * 2).clamp(FIRST_PAUSE, LONGEST_PAUSE);
        state.closes = Some(Instant::now() + state.pause);
    }
    drop(state);
    for (_, done) in fences {
        let _ = done.send(result.clone());
    }
}

#[cfg(test)]
mod tests;
