//! The snapshot that a payload's answers are read from.

use std::sync::{Mutex, MutexGuard};

use vouchsafe_core::hash::Hash;
use vouchsafe_store::sqlite;

/// A snapshot of the store at one commit. It ends, and its connection goes back to the pool, when it is dropped.
#[derive(Debug)]
pub(crate) struct Held {
    reader: Mutex<sqlite::Held>,
    /// The root of the map that the commit sealed.
    pub map_root: Hash,
}

impl Held {
    pub fn new(reader: sqlite::Held, map_root: Hash) -> Self {
        Self { reader: Mutex::new(reader), map_root }
    }

    /// The snapshot's connection, which answers one at a time.
    pub fn reader(&self) -> MutexGuard<'_, sqlite::Held> {
        self.reader.lock().expect("no reader panics")
    }
}
