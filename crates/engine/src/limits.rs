//! The shared limiter: how many calls to one backend are under way at once, over all verifications.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::Semaphore;

/// Lets at most a fixed number of calls run at once; the others wait in the order of their coming.
#[derive(Debug, Clone)]
pub(crate) struct Limiter {
    free: Arc<Semaphore>,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    now: AtomicU64,
    most: AtomicU64,
    calls: AtomicU64,
}

/// Counts a call as ended however it ends: done, failed or dropped by an abort.
struct Under<'a>(&'a Counts);

impl Drop for Under<'_> {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Limiter {
    pub fn new(most: usize) -> Self {
        Self { free: Arc::new(Semaphore::new(most)), counts: Arc::default() }
    }

    /// Runs a call when there is room for it.
    pub async fn run<T>(&self, call: impl Future<Output = T>) -> T {
        let _place = self.free.acquire().await.expect("the limiter is never closed");
        let counts = &*self.counts;
        let now = counts.now.fetch_add(1, Ordering::Relaxed) + 1;
        let _under = Under(counts);
        counts.most.fetch_max(now, Ordering::Relaxed);
        counts.calls.fetch_add(1, Ordering::Relaxed);
        call.await
    }

    /// How many calls were made.
    pub fn calls(&self) -> u64 {
        self.counts.calls.load(Ordering::Relaxed)
    }

    /// The most that were under way at once.
    pub fn most(&self) -> u64 {
        self.counts.most.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_hundred_calls_never_run_more_than_eight_at_once() {
        let limiter = Limiter::new(8);
        let done = Arc::new(AtomicU64::new(0));
        let calls = (0..100).map(|_| {
            let (limiter, done) = (limiter.clone(), Arc::clone(&done));
            tokio::spawn(async move {
                limiter.run(tokio::time::sleep(std::time::Duration::from_millis(10))).await;
                done.fetch_add(1, Ordering::Relaxed);
            })
        });
        for call in calls.collect::<Vec<_>>() {
            call.await.unwrap();
        }
        assert_eq!((limiter.most(), limiter.calls(), done.load(Ordering::Relaxed)), (8, 100, 100));
    }

    #[tokio::test(start_paused = true)]
    async fn an_aborted_call_gives_its_place_back() {
        let limiter = Limiter::new(1);
        let held = limiter.clone();
        let call = tokio::spawn(async move { held.run(std::future::pending::<()>()).await });
        tokio::task::yield_now().await;
        call.abort();
        assert!(call.await.is_err());
        limiter.run(async {}).await;
        assert_eq!(limiter.most(), 1);
    }
}
