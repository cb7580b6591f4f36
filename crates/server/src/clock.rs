//! The time, which tests move.

use std::time::{Duration, SystemTime};

use uuid::{NoContext, Timestamp, Uuid};

/// Tells the time in µs since 1970.
pub type Clock = fn() -> u64;

/// The system's clock.
pub fn system() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// An id that nobody can guess and that tells when it was made.
pub fn dated_id(clock: Clock) -> Uuid {
    let now = Duration::from_micros(clock());
    Uuid::new_v7(Timestamp::from_unix(NoContext, now.as_secs(), now.subsec_nanos()))
}

/// The least id of those made since a moment that is so long ago.
pub fn first_id(clock: Clock, ago: Duration) -> Uuid {
    let since = Duration::from_micros(clock()).saturating_sub(ago);
    // The first 48 bits of a UUID 7 are milliseconds.
    Uuid::from_u128(since.as_millis() << 80)
}
