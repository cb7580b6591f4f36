//! What the requests came to.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::Traffic;

#[derive(Debug, Default)]
pub(super) struct Counts {
    requests: AtomicU64,
    polls: AtomicU64,
    retries: AtomicU64,
    now: AtomicU64,
    most: AtomicU64,
}

/// A request under way, which ends when this is dropped, whether it was answered, failed or was given up.
pub(super) struct UnderWay<'a>(&'a Counts);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Counts {
    pub fn begin(&self, poll: bool, retry: bool) -> UnderWay<'_> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.polls.fetch_add(u64::from(poll), Ordering::Relaxed);
        self.retries.fetch_add(u64::from(retry), Ordering::Relaxed);
        let now = self.now.fetch_add(1, Ordering::Relaxed) + 1;
        self.most.fetch_max(now, Ordering::Relaxed);
        UnderWay(self)
    }

    pub fn traffic(&self) -> Traffic {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Traffic {
            requests: read(&self.requests),
            polls: read(&self.polls),
            retries: read(&self.retries),
            max_in_flight: read(&self.most),
        }
    }
}
