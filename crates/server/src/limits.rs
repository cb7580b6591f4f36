//! How much is answered at once, and how fast.

use std::{
    num::NonZeroU32,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use axum::http::StatusCode;
use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::refusal::{Answer, Refusal};

/// After so many requests the keys that did not ask of late are forgotten.
const FORGET_AFTER: u32 = 10_000;

/// Requests in flight, and requests per second and key.
pub struct Limits {
    in_flight: Arc<Semaphore>,
    rate: DefaultKeyedRateLimiter<Arc<str>>,
    clock: DefaultClock,
    counted: AtomicU32,
}

/// A place among the requests in flight, free again when it is dropped with its copies or given back.
#[derive(Clone)]
pub struct Place(Arc<Mutex<Option<OwnedSemaphorePermit>>>);

impl Place {
    /// Who only waits keeps nobody out.
    pub fn give_back(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl Limits {
    pub fn new(max_in_flight: usize, rate_per_second: u32) -> Self {
        let rate = NonZeroU32::new(rate_per_second).unwrap_or(NonZeroU32::MIN);
        Self {
            in_flight: Arc::new(Semaphore::new(max_in_flight.min(Semaphore::MAX_PERMITS))),
            rate: RateLimiter::keyed(Quota::per_second(rate)),
            clock: DefaultClock::default(),
            counted: AtomicU32::new(0),
        }
    }

    /// A place among the requests in flight.
    pub fn enter(&self) -> Answer<Place> {
        let permit = self.in_flight.clone().try_acquire_owned().map_err(|_| {
            Refusal::later(StatusCode::SERVICE_UNAVAILABLE, "the server has as many requests as it can answer", 1)
        })?;
        Ok(Place(Arc::new(Mutex::new(Some(permit)))))
    }

    /// Counts a request of this key. Only known keys are counted; those that do not ask any more are forgotten.
    pub fn count(&self, key: &Arc<str>) -> Answer<()> {
        if self.counted.fetch_add(1, Ordering::Relaxed) % FORGET_AFTER == FORGET_AFTER - 1 {
            self.rate.retain_recent();
            self.rate.shrink_to_fit();
        }
        self.rate.check_key(key).map_err(|early| {
            let seconds = early.wait_time_from(self.clock.now()).as_secs_f64().ceil().max(1.0);
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small whole number above 0")]
            let seconds = seconds as u64;
            Refusal::later(StatusCode::TOO_MANY_REQUESTS, "more requests per second than the key may send", seconds)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_do_not_ask_any_more_are_forgotten() {
        let limits = Limits::new(1, u32::MAX);
        let most = (0..FORGET_AFTER * 3).map(|n| {
            limits.count(&format!("key {n}").into()).unwrap();
            limits.rate.len()
        });
        assert!(most.max().unwrap() <= FORGET_AFTER as usize);
    }
}
