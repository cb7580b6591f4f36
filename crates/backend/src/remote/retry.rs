//! How long to wait before a request is sent again.

use std::{
    sync::Mutex,
    time::{Duration, SystemTime},
};

use reqwest::{
    StatusCode,
    header::{HeaderMap, RETRY_AFTER},
};
use tokio::time::Instant;

const FIRST: Duration = Duration::from_millis(100);
const MOST: Duration = Duration::from_secs(5);

/// Whether an answer says: try again.
pub(super) fn is_passing(status: StatusCode) -> bool {
    matches!(status.as_u16(), 429 | 502 | 503 | 504)
}

/// Exponential, with full jitter, so that those who failed together do not come back together.
pub(super) fn backoff(attempt: u32) -> Duration {
    FIRST.saturating_mul(1 << attempt.min(10)).min(MOST).mul_f64(fastrand::f64())
}

/// What `Retry-After` asks for: seconds, or a date (RFC 9110, 10.2.3).
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(SystemTime::now()).unwrap_or_default())
}

/// No request is sent to a backend before the moment that it asked for, whichever request it asked it of.
#[derive(Debug, Default)]
pub(super) struct Gate(Mutex<Option<Instant>>);

impl Gate {
    pub fn close(&self, wait: Duration) {
        // A day is as good as never, and no moment overflows.
        let opens = Instant::now() + wait.min(Duration::from_hours(24));
        let mut gate = self.0.lock().expect("nothing panics while it holds the gate");
        *gate = (*gate).max(Some(opens));
    }

    /// When it opens, if it is closed.
    pub fn opens(&self) -> Option<Instant> {
        self.0.lock().expect("nothing panics while it holds the gate").filter(|opens| *opens > Instant::now())
    }
}
