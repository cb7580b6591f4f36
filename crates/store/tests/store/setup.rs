//! A writer with its events, and exchanges.

use std::{
    path::Path,
    sync::{
        Mutex,
        mpsc::{Receiver, channel},
    },
    time::Duration,
};

use vouchsafe_core::{
    exchange::{Body, Exchange},
    redact::RedactionRules,
    row::{Kind, Source},
};
use vouchsafe_store::{
    StoreError,
    sqlite::{Database, Retention, StoredRow},
    writer::{Event, Limits, Options, Writer},
};

/// So long that only a test that hangs ever waits for it.
pub const LONG: Duration = Duration::from_secs(30);

pub fn now_us() -> u64 {
    1_800_000_000_000_000
}

pub fn exchange(response: &str) -> Exchange {
    let bytes = response.as_bytes().to_vec();
    Exchange {
        action_name: Some("look".into()),
        response: Some(Body { wire_length: bytes.len() as u64, bytes, ..Body::default() }),
        ..Exchange::new(Kind::Http, Source::Tap, now_us() - 2, now_us() - 1)
    }
}

/// A running writer.
pub struct Running {
    pub writer: Writer,
    pub events: Receiver<Event>,
    /// While this is held, the writing thread stops at its next event.
    pub gate: &'static Mutex<()>,
}

/// Starts a writer on a database.
pub fn start(database: &Database, limits: Limits) -> Running {
    let gate: &'static Mutex<()> = Box::leak(Box::default());
    let (sender, events) = channel();
    let options = Options {
        limits,
        rules: RedactionRules::default(),
        max_body_bytes: 1 << 20,
        retention: Retention::default(),
        on_event: Box::new(move |event| {
            let durable = matches!(event, Event::Durable { .. });
            let _ = sender.send(event);
            if durable {
                drop(gate.lock().unwrap());
            }
        }),
        now_us,
    };
    Running { writer: Writer::start(database.writer().unwrap(), options).unwrap(), events, gate }
}

impl Running {
    /// Waits until everything recorded so far is on disk.
    pub fn flush(&self) -> Result<(), StoreError> {
        let (done, durable) = channel();
        self.writer.when_durable(self.writer.last_ticket(), move |result| done.send(result).unwrap());
        durable.recv_timeout(LONG).expect("the writer answers")
    }
}

/// The rows of a folder's store.
pub fn rows(dir: &Path) -> Vec<StoredRow> {
    let reader = Database::in_folder(dir).reader().unwrap();
    (0..).map_while(|row_seq| reader.row(row_seq).unwrap()).collect()
}

/// The responses of its rows, where they have one.
pub fn responses(dir: &Path) -> Vec<String> {
    rows(dir).into_iter().filter_map(|row| row.fields.response).map(|bytes| String::from_utf8(bytes).unwrap()).collect()
}
