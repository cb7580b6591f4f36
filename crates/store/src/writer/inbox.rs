//! The inbox: what was accepted and not yet prepared, within limits.

use std::{
    collections::VecDeque,
    sync::{
        Condvar, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use vouchsafe_core::{
    exchange::Exchange,
    row::{Kind, Source},
};

use super::Event;

/// How much may be queued between `record` and the disk.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Exchanges; above it bodies are let go, above four times that, exchanges.
    pub exchanges: u64,
    /// Bytes; likewise.
    pub bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { exchanges: 65_536, bytes: 64 << 20 }
    }
}

/// What one exchange weighs in the queue beside its bodies.
const OVERHEAD: u64 = 512;

pub(super) struct Inbox {
    limits: Limits,
    state: Mutex<State>,
    arrived: Condvar,
    /// Exchanges and bytes that are not durable yet, wherever they are.
    exchanges: AtomicU64,
    bytes: AtomicU64,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Accepted>,
    last_ticket: u64,
    dropped: u64,
    gap: Option<Gap>,
    over: bool,
    closed: bool,
    waiting: bool,
}

/// An accepted exchange with its place in the order.
pub(super) struct Accepted {
    pub ticket: u64,
    pub weight: u64,
    pub exchange: Exchange,
}

/// A stretch whose exchanges were dropped.
struct Gap {
    count: u64,
    since_us: u64,
    until_us: u64,
}

impl Gap {
    fn into_exchange(self) -> Exchange {
        gap(self.count, self.since_us, self.until_us)
    }
}

/// What stands for exchanges that were dropped.
pub(super) fn gap(count: u64, since_us: u64, until_us: u64) -> Exchange {
    Exchange {
        action_name: Some(String::new()),
        error: Some(format!("dropped {count}")),
        ..Exchange::new(Kind::Gap, Source::Tap, since_us, until_us)
    }
}

impl Inbox {
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            state: Mutex::default(),
            arrived: Condvar::new(),
            exchanges: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds the inbox")
    }

    fn is_over(&self, factor: u64) -> bool {
        self.exchanges.load(Ordering::Relaxed) >= self.limits.exchanges * factor
            || self.bytes.load(Ordering::Relaxed) >= self.limits.bytes * factor
    }

    pub fn push(&self, mut exchange: Exchange) -> (u64, Option<Event>) {
        let mut event = None;
        let over = self.is_over(1);
        let mut state = self.lock();
        if state.closed || (over && self.is_over(4)) {
            event = state.gap.is_none().then_some(Event::Dropped);
            state.dropped += 1;
            let gap = state.gap.get_or_insert(Gap { count: 0, since_us: exchange.started_us, until_us: 0 });
            gap.count += 1;
            gap.since_us = gap.since_us.min(exchange.started_us);
            gap.until_us = gap.until_us.max(exchange.ended_us);
            return (state.last_ticket, event);
        }
        if over {
            exchange.let_bodies_go();
            event = (!state.over).then_some(Event::BodiesLetGo);
        }
        state.over = over;
        let weight = exchange.weight() + OVERHEAD;
        self.exchanges.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(weight, Ordering::Relaxed);
        state.last_ticket += 1;
        let ticket = state.last_ticket;
        state.queue.push_back(Accepted { ticket, weight, exchange });
        // Waking a thread costs microseconds of the caller's time, so only one that sleeps is woken.
        let wake = std::mem::take(&mut state.waiting);
        drop(state);
        if wake {
            self.arrived.notify_one();
        }
        (ticket, event)
    }

    /// Waits for exchanges and takes up to `most` of them; `None` once closed and empty.
    pub fn take(&self, most: usize) -> Option<Vec<Accepted>> {
        let mut state = self.lock();
        while state.queue.is_empty() && !(state.closed && state.gap.is_none()) && !self.gap_is_due(&state) {
            state.waiting = true;
            state = self.arrived.wait(state).expect("nothing panics while it holds the inbox");
        }
        let count = state.queue.len().min(most);
        let mut taken: Vec<Accepted> = state.queue.drain(..count).collect();
        if self.gap_is_due(&state) {
            self.close_gap(&mut state);
            taken.extend(state.queue.drain(..));
        }
        (!taken.is_empty()).then_some(taken)
    }

    /// A gap row is written when exchanges are accepted again and the queue before it is empty, so that one row covers
    /// the whole stretch and a disk that is stuck does not gather gap rows instead of exchanges.
    fn gap_is_due(&self, state: &State) -> bool {
        state.gap.is_some() && state.queue.is_empty() && (state.closed || !self.is_over(4))
    }

    fn close_gap(&self, state: &mut State) {
        let Some(gap) = state.gap.take() else { return };
        state.last_ticket += 1;
        self.exchanges.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(OVERHEAD, Ordering::Relaxed);
        state.queue.push_back(Accepted { ticket: state.last_ticket, weight: OVERHEAD, exchange: gap.into_exchange() });
        state.waiting = false;
        self.arrived.notify_one();
    }

    /// Counts exchanges that were lost on their way; the gap row that stands in their place is the caller's.
    pub fn count_dropped(&self, count: u64) {
        self.lock().dropped += count;
    }

    /// What was taken weighs something else now that it is inflated, redacted, and perhaps without its bodies.
    pub fn reweigh(&self, before: u64, after: u64) {
        self.bytes.fetch_add(after, Ordering::Relaxed);
        self.bytes.fetch_sub(before, Ordering::Relaxed);
    }

    pub fn release(&self, exchanges: u64, weight: u64) {
        self.exchanges.fetch_sub(exchanges, Ordering::Relaxed);
        self.bytes.fetch_sub(weight, Ordering::Relaxed);
        let mut state = self.lock();
        if self.gap_is_due(&state) {
            state.waiting = false;
            self.arrived.notify_one();
        }
    }

    /// The ticket of what was accepted last. Exchanges that were dropped before this call have their gap row by then,
    /// so that whoever waits for the ticket waits for the gap too.
    pub fn last_ticket(&self) -> u64 {
        let mut state = self.lock();
        if !state.closed {
            self.close_gap(&mut state);
        }
        state.last_ticket
    }

    pub fn dropped(&self) -> u64 {
        self.lock().dropped
    }

    pub fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_all();
    }
}
