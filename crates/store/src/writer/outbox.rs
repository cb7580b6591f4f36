//! The outbox: prepared rows, and who waits for them to be on disk.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use super::group::{BYTES, Group, Ready};
use crate::{
    StoreError,
    ledger::CommitJob,
    sqlite::{Shipped, Trace},
};

/// Inflated bodies may be far larger than what was queued, so preparing stops this far ahead of the disk.
const AHEAD: u64 = 4 * BYTES;

/// How long a trace or the outbox's mark waits for rows to be written with.
const NOTES_WAIT: Duration = Duration::from_millis(50);

type Callback = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// What the writing thread is to do next.
pub(super) enum Next {
    Write(Option<Box<dyn CommitJob>>),
    Watch(Vec<String>, Callback),
    Prune,
    End,
}

#[derive(Default)]
pub(super) struct Outbox {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own; no two make a state")]
struct State {
    slices: VecDeque<Ready>,
    ready_bytes: u64,
    ready_ticket: u64,
    durable_ticket: u64,
    traces: Vec<Trace>,
    shipped: Option<Shipped>,
    /// When these are written, if no rows come that they could go with.
    notes_due: Option<Instant>,
    jobs: VecDeque<(u64, Box<dyn CommitJob>)>,
    waiters: Vec<(u64, Callback)>,
    watches: VecDeque<(Vec<String>, Callback)>,
    input_ended: bool,
    give_up_at: Option<Instant>,
    ended: bool,
    left_behind: bool,
    /// Somebody has asked since the last try began.
    urgent: bool,
    /// How many waiters and jobs there were when it began.
    asked: (usize, usize),
}

impl Outbox {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds the outbox")
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed.wait(state).expect("nothing panics while it holds the outbox")
    }

    fn wait_until<'a>(&self, state: MutexGuard<'a, State>, until: Instant) -> MutexGuard<'a, State> {
        let left = until.saturating_duration_since(Instant::now());
        self.changed.wait_timeout(state, left).expect("nothing panics while it holds the outbox").0
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }

    /// Adds prepared rows; waits while the disk is too far behind. False where nothing is written any more.
    pub fn put(&self, ready: Ready) -> bool {
        let mut state = self.lock();
        while state.ready_bytes > AHEAD && !state.ended {
            state = self.wait(state);
        }
        if state.ended {
            return false;
        }
        state.ready_bytes += ready.rows.iter().map(|row| row.weight).sum::<u64>();
        state.ready_ticket = ready.last_ticket;
        state.slices.push_back(ready);
        drop(state);
        self.changed.notify_all();
        true
    }

    pub fn end_of_input(&self) {
        self.change(|state| state.input_ended = true);
    }

    pub fn when_durable(&self, ticket: u64, done: Callback) {
        let mut state = self.lock();
        if state.durable_ticket >= ticket {
            drop(state);
            return done(Ok(()));
        }
        if state.ended {
            drop(state);
            return done(Err(ended()));
        }
        state.waiters.push((ticket, done));
        state.urgent = true;
        drop(state);
        self.changed.notify_all();
    }

    pub fn commit(&self, ticket: u64, job: Box<dyn CommitJob>) {
        let mut state = self.lock();
        if state.ended {
            drop(state);
            return job.finish(Err(ended()));
        }
        state.jobs.push_back((ticket, job));
        state.urgent = true;
        drop(state);
        self.changed.notify_all();
    }

    pub fn trace(&self, trace: Trace) {
        self.change(|state| {
            if !state.ended {
                state.traces.push(trace);
                state.notes_due.get_or_insert_with(|| Instant::now() + NOTES_WAIT);
            }
        });
    }

    pub fn shipped(&self, shipped: Shipped) {
        self.change(|state| {
            if !state.ended {
                state.shipped = state.shipped.max(Some(shipped));
                state.notes_due.get_or_insert_with(|| Instant::now() + NOTES_WAIT);
            }
        });
    }

    pub fn watch(&self, channels: Vec<String>, done: Callback) {
        let mut state = self.lock();
        if state.ended {
            drop(state);
            return done(Err(ended()));
        }
        state.watches.push_back((channels, done));
        drop(state);
        self.changed.notify_all();
    }

    /// Waits for something to do and moves the next group into `group` unless one is there already.
    pub fn next(&self, group: &mut Group, prune_due: bool) -> Next {
        let mut state = self.lock();
        loop {
            if let Some((channels, done)) = state.watches.pop_front() {
                return Next::Watch(channels, done);
            }
            // A job waits for its own rows, so that rows and commit share one transaction and one fsync.
            let gathering = state.jobs.front().is_some_and(|(ticket, _)| *ticket > state.ready_ticket)
                && state.ready_bytes < BYTES
                && !state.input_ended;
            if !gathering {
                group.traces.append(&mut state.traces);
                group.shipped = group.shipped.max(state.shipped.take());
                state.ready_bytes -= group.fill(&mut state.slices);
                let done = group.last_ticket.max(state.durable_ticket);
                let due = state.jobs.front().is_some_and(|(ticket, _)| *ticket <= done || state.input_ended);
                let job = if due { state.jobs.pop_front().map(|(_, job)| job) } else { None };
                let notes_are_due = state.input_ended || state.notes_due.is_none_or(|due| due <= Instant::now());
                if job.is_some()
                    || !group.rows.is_empty()
                    || ((!group.traces.is_empty() || group.shipped.is_some()) && notes_are_due)
                    || group.last_ticket > state.durable_ticket
                {
                    state.notes_due = None;
                    state.asked = (state.waiters.len(), state.jobs.len());
                    state.urgent = false;
                    drop(state);
                    self.changed.notify_all();
                    return Next::Write(job);
                }
            }
            if state.input_ended && state.slices.is_empty() && state.jobs.is_empty() {
                return Next::End;
            }
            if prune_due && !gathering {
                return Next::Prune;
            }
            state = match state.notes_due {
                Some(due) if !gathering => self.wait_until(state, due),
                _ => self.wait(state),
            };
        }
    }

    /// A group is on disk: whoever waited for it is told.
    pub fn written(&self, group: &Group) {
        let mut state = self.lock();
        state.durable_ticket = state.durable_ticket.max(group.last_ticket);
        let durable = state.durable_ticket;
        let (done, waiting) =
            std::mem::take(&mut state.waiters).into_iter().partition(|(ticket, _)| *ticket <= durable);
        state.waiters = waiting;
        drop(state);
        self.changed.notify_all();
        let done: Vec<(u64, Callback)> = done;
        for (_, done) in done {
            done(Ok(()));
        }
    }

    /// A group could not be written: whoever waited when the try began is told why, and the next try comes after
    /// `pause`, or at once where somebody has asked since. False once there is no time left to try.
    pub fn failed(&self, error: &StoreError, pause: Duration) -> bool {
        let mut state = self.lock();
        let (waiters, jobs) = state.asked;
        let waiters: Vec<_> = state.waiters.drain(..waiters).collect();
        let jobs: Vec<_> = state.jobs.drain(..jobs).collect();
        drop(state);
        for (_, done) in waiters {
            done(Err(error.clone()));
        }
        for (_, job) in jobs {
            job.finish(Err(error.clone()));
        }
        let mut state = self.lock();
        let until = Instant::now() + pause;
        loop {
            let now = Instant::now();
            let end = state.give_up_at.map_or(until, |give_up| give_up.min(until));
            if state.give_up_at.is_some_and(|give_up| now >= give_up) {
                return false;
            }
            if state.urgent || now >= end {
                return true;
            }
            let (next, _) =
                self.changed.wait_timeout(state, end - now).expect("nothing panics while it holds the outbox");
            state = next;
        }
    }

    /// The writing thread ends, with or without rows left behind.
    pub fn end(&self, left_behind: bool) {
        let mut state = self.lock();
        state.ended = true;
        state.left_behind = left_behind || !state.slices.is_empty();
        let (waiters, jobs) = (std::mem::take(&mut state.waiters), std::mem::take(&mut state.jobs));
        let watches = std::mem::take(&mut state.watches);
        drop(state);
        self.changed.notify_all();
        for (_, done) in watches {
            done(Err(ended()));
        }
        for (_, done) in waiters {
            done(Err(ended()));
        }
        for (_, job) in jobs {
            job.finish(Err(ended()));
        }
    }

    /// From now on no try is made after `give_up_at`; one is made at once, however long the pause was to be.
    pub fn close_at(&self, give_up_at: Instant) {
        self.change(|state| {
            state.give_up_at = Some(state.give_up_at.map_or(give_up_at, |earlier| earlier.min(give_up_at)));
            state.urgent = true;
        });
    }

    pub fn wait_ended(&self, until: Instant) -> bool {
        let mut state = self.lock();
        while !state.ended {
            let now = Instant::now();
            if now >= until {
                return false;
            }
            state = self.changed.wait_timeout(state, until - now).expect("nothing panics while it holds the outbox").0;
        }
        true
    }

    pub fn is_empty(&self) -> bool {
        let state = self.lock();
        state.ended && !state.left_behind
    }
}

fn ended() -> StoreError {
    StoreError::Io("the engine was shut down".into())
}
