//! The inbox: what was accepted and not yet prepared, within limits.

use std::{
    collections::VecDeque,
    sync::{
        Condvar, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
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
    /// Bytes of texts and bodies; likewise. What an exchange weighs beside them is the other limit's business.
    pub bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { exchanges: 65_536, bytes: 64 << 20 }
    }
}

/// How long the first exchange waits for others where nobody waits for it: each transaction costs an fsync and wakes two
/// threads, which a request that is under way on the same cores would feel.
const GATHER: Duration = Duration::from_millis(10);
/// A queue this long is worth a transaction at once.
const GATHERED: usize = 256;

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
    /// Whether the preparing thread sleeps, and how long a queue wakes it.
    wakes_at: Option<usize>,
    /// The highest ticket that somebody waits for.
    wanted: u64,
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

    fn lock(&self) -> MutexGuard<'_, State> {
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
        let weight = exchange.weight();
        self.exchanges.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(weight, Ordering::Relaxed);
        state.last_ticket += 1;
        let ticket = state.last_ticket;
        state.queue.push_back(Accepted { ticket, weight, exchange });
        // Waking a thread costs microseconds of the caller's time, so only one that has enough to do is woken.
        let queued = state.queue.len();
        let wake = state.wakes_at.take_if(|enough| queued >= *enough).is_some();
        drop(state);
        if wake {
            self.arrived.notify_one();
        }
        (ticket, event)
    }

    /// Waits for exchanges, gathers some more, and takes up to `most` of them; `None` once closed and empty.
    pub fn take(&self, most: usize) -> Option<Vec<Accepted>> {
        let mut state = self.lock();
        if state.queue.is_empty() {
            while state.queue.is_empty() && !(state.closed && state.gap.is_none()) && !self.gap_is_due(&state) {
                state.wakes_at = Some(1);
                state = self.arrived.wait(state).expect("nothing panics while it holds the inbox");
            }
            state = self.gather(state);
        }
        let count = state.queue.len().min(most);
        let mut taken: Vec<Accepted> = state.queue.drain(..count).collect();
        if self.gap_is_due(&state) {
            self.close_gap(&mut state);
            taken.extend(state.queue.drain(..));
        }
        (!taken.is_empty()).then_some(taken)
    }

    /// Sleeps until there is enough, somebody waits for what is there, or the time is up.
    fn gather<'a>(&'a self, mut state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        let until = Instant::now() + GATHER;
        loop {
            let is_wanted = state.queue.front().is_none_or(|first| first.ticket <= state.wanted);
            let left = until.saturating_duration_since(Instant::now());
            if state.closed || is_wanted || state.queue.len() >= GATHERED || left.is_zero() {
                state.wakes_at = None;
                return state;
            }
            state.wakes_at = Some(GATHERED);
            state = self.arrived.wait_timeout(state, left).expect("nothing panics while it holds the inbox").0;
        }
    }

    /// Somebody waits for everything up to `ticket`.
    pub fn want(&self, ticket: u64) {
        let mut state = self.lock();
        state.wanted = state.wanted.max(ticket);
        drop(state);
        self.arrived.notify_one();
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
        state.queue.push_back(Accepted { ticket: state.last_ticket, weight: 0, exchange: gap.into_exchange() });
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
        if self.gap_is_due(&self.lock()) {
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
