//! The server's own log: JSON lines, with no secret in them.

use tracing::{Dispatch, Level, dispatcher};

use crate::LogSink;

/// A log of its own, so that servers in one process do not mix theirs with anybody's.
#[derive(Clone)]
pub struct Log(Dispatch);

impl Log {
    pub fn new(sink: LogSink) -> Self {
        let subscriber =
            tracing_subscriber::fmt().json().flatten_event(true).with_max_level(Level::INFO).with_writer(sink).finish();
        Self(Dispatch::new(subscriber))
    }

    /// Does what logs with `tracing`'s macros.
    pub fn with(&self, events: impl FnOnce()) {
        dispatcher::with_default(&self.0, events);
    }
}
